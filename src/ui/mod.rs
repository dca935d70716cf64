//! The screen: one file a view. What it shows comes as one document from the engine; what it does is in
//! [`state`].

mod anomalies;
mod browser;
mod chart;
mod choosing;
mod compare;
mod data;
mod findings;
mod flows;
mod funnel;
mod in_force;
mod loading;
mod method;
mod opening;
mod part;
mod parts;
mod route;
mod saved;
mod session_list;
mod sessions;
mod settings;
mod state;
mod storyboard;
mod warm_up;

use leptos::ev;
use leptos::prelude::*;

use crate::charts::svg::shortened;
use crate::findings::wording::shown;
use crate::web::dropped::Dropped;
use route::{Route, View};
use state::{AppState, Stage};

/// After so long a new view has been painted.
const PAINTED: std::time::Duration = std::time::Duration::from_millis(50);

/// Characters of the file's name that the bar shows.
const LONGEST_NAME: usize = 40;

/// How often, and after how long, the page tries to scroll to where it was.
const RETURNS: u32 = 8;
const FILLING: std::time::Duration = std::time::Duration::from_millis(150);

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let app = AppState::new();
    provide_context(app);
    app.follow_address();
    app.open_address_of_page();
    let dragging = RwSignal::new(false);

    // Dropping works anywhere, at any time.
    let over = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        dragging.set(true);
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        // Leaving one element for another is not leaving the page.
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        dragging.set(false);
        if let Some(transfer) = event.data_transfer() {
            app.open_dropped(Dropped::of(&transfer));
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });

    let state = move || match app.stage.get() {
        Stage::Idle | Stage::Saved(_) => "idle",
        Stage::Loading => "loading",
        Stage::Choosing => "choosing",
        Stage::Ready => "ready",
        Stage::Failed(_) => "error",
    };
    let stage = Memo::new(move |_| app.stage.get());
    let pending = Memo::new(move |_| app.document.with(|all| all.as_ref().is_some_and(|all| !all.pending.is_empty())));
    let view = Memo::new(move |_| app.route.with(|route| route.view));
    let place = Memo::new(move |_| app.route.with(|route| (route.view, route.open.clone())));
    name_the_page(app);
    begin_at_the_heading(app, stage, place);
    view! {
        <div class="app" class:open=move || stage.get() == Stage::Ready data-state=state
            data-pending=move || pending.get().then_some("")>
            <a class="skip" href="#main" on:click=|event: ev::MouseEvent| {
                event.prevent_default();
                focus("main h1");
            }>"Skip to the content"</a>
            <header class="bar">
                <Mark/>
                <FileInfo/>
                <div class="grow"></div>
                <Actions/>
            </header>
            <Show when=move || stage.get() == Stage::Ready><Navigation/></Show>
            <main id="main">
                <div role="alert" class="alert-place">
                    {move || app.notice.get().map(|notice| view! { <p class="problem">{notice}</p> })}
                </div>
                <div role="status">{move || app.said.get().map(|said| view! { <p class="said">{said}</p> })}</div>
                <part::PartOfFile/>
                <in_force::SettingsInForce/>
                {move || match stage.get() {
                    Stage::Idle | Stage::Failed(_) => view! { <opening::Opening/> }.into_any(),
                    Stage::Saved(summary) => view! { <saved::Saved summary/> }.into_any(),
                    Stage::Choosing => view! { <choosing::Choosing/> }.into_any(),
                    Stage::Loading => view! { <loading::Loading/> }.into_any(),
                    Stage::Ready => match view.get() {
                        View::Findings => view! { <findings::Findings/> }.into_any(),
                        View::Flows => view! { <flows::Flows/> }.into_any(),
                        View::Funnel => view! { <funnel::Funnel/> }.into_any(),
                        View::Anomalies => view! { <anomalies::Anomalies/> }.into_any(),
                        View::Sessions => view! { <sessions::Sessions/> }.into_any(),
                        View::Compare => view! { <compare::Compare/> }.into_any(),
                        View::Data => view! { <data::Data/> }.into_any(),
                        View::Settings => view! { <settings::SettingsView/> }.into_any(),
                        View::Method => view! { <method::Method/> }.into_any(),
                    },
                }}
            </main>
            <p class="visually-hidden" role="status">
                {move || if app.recomputing.get() { "Computing the results again" } else { "" }}
            </p>
            <Show when=move || dragging.get()>
                <div class="veil" aria-hidden="true"><p>"Drop the file to open it"</p></div>
            </Show>
        </div>
    }
}

/// The browser's tab names the view and the file.
fn name_the_page(app: AppState) {
    Effect::new(move |_| {
        let title = app.document.with(|document| match document {
            Some(document) => {
                let of = app.route.with(|route| match &route.open {
                    Some((_, session)) => format!("Session {}", shown(session)),
                    None => route.view.name().into(),
                });
                format!("{of} · {} · Footpath", shown(&document.source.name))
            }
            None => "Footpath".into(),
        });
        document().set_title(&title);
    });
}

/// Whoever comes to another view begins at its heading, at the top; whoever goes back, where they left.
fn begin_at_the_heading(app: AppState, stage: Memo<Stage>, place: Memo<(View, Option<(String, String)>)>) {
    Effect::new(move |before: Option<_>| {
        let now = (stage.get(), place.get());
        // Not if the page has just been opened, or the same view is shown again; nor while a file is read, since
        // taking the focused heading away again forces a layout.
        if before.is_some_and(|before| before != now) && now.0 != Stage::Loading {
            browser::scroll_to(0.0);
            let back = app.take_return().filter(|y| *y > 0.0);
            let (focused, keeps) = (document().active_element(), app.will_focus());
            // Once the view has been painted.
            set_timeout(
                move || {
                    // Whoever has already gone elsewhere by keyboard stays there.
                    let now = document().active_element();
                    if !keeps && (now == focused || now == document().body().map(Into::into)) {
                        focus("main h1");
                    }
                    if let Some(y) = back {
                        return_to(y, RETURNS);
                    }
                },
                PAINTED,
            );
        }
        now
    });
}

/// Scrolls as far as before, again as long as the page is still filling.
fn return_to(y: f64, times: u32) {
    browser::scroll_to(y);
    if times > 0 && browser::scrolled() + 1.0 < y {
        set_timeout(move || return_to(y, times - 1), FILLING);
    }
}

/// Moves the keyboard to an element that is not reached by tabbing.
fn focus(selector: &str) {
    use wasm_bindgen::JsCast;
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.set_attribute("tabindex", "-1");
        let _ = element.focus();
    }
}

/// Brings the current view into sight in their row.
fn show_current_view() {
    use wasm_bindgen::JsCast;
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    if let (Some(row), Some(current)) = (find("nav.views"), find("nav.views [aria-current]"))
        && let Ok(current) = current.dyn_into::<web_sys::HtmlElement>()
    {
        row.set_scroll_left(current.offset_left() - row.client_width() / 3);
    }
}

/// The views.
#[component]
fn Navigation() -> impl IntoView {
    let app = expect_context::<AppState>();
    let count = move |view: View| {
        app.document.with(|document| {
            let document = document.as_ref()?;
            // As many as the view has of what it is named after, and what a screen reader says behind the number.
            let (count, of) = match view {
                View::Findings => (document.findings.len() as u64, ""),
                View::Flows => (document.flow_count, " different"),
                View::Anomalies => {
                    let anomalies = document.findings.iter().filter(|finding| finding.class.is_anomaly());
                    (anomalies.count() as u64, " found")
                }
                View::Sessions => (document.totals.sessions, ""),
                _ => return None,
            };
            Some((crate::findings::wording::number(count), of))
        })
    };
    let link = move |view: View| {
        let current = move || app.route.with(|route| (route.view == view).then_some("page"));
        view! {
            <a href=move || app.href(&Route::to(view)) aria-current=current>
                {view.name()}
                {move || count(view).map(|(count, of)| view! { <span>{count}<i class="visually-hidden">{of}</i></span> })}
            </a>
        }
    };
    // Where the views are one row that scrolls, the current one is in sight.
    let view = Memo::new(move |_| app.route.with(|route| route.view));
    Effect::new(move |_| {
        // Read, and not only tracked: a memo that nobody reads never changes.
        view.get();
        set_timeout(show_current_view, PAINTED);
    });
    view! {
        <nav class="views" aria-label="Views">{View::ALL.into_iter().map(link).collect_view()}</nav>
    }
}

/// The name: with a file open it leads to the findings, otherwise to the opening page.
#[component]
fn Mark() -> impl IntoView {
    let app = expect_context::<AppState>();
    let picture = || {
        view! {
            <svg width="26" height="26" viewBox="0 0 26 26" fill="none" stroke-width="2.4" stroke-linecap="round" aria-hidden="true">
                <path d="M4 22c7-1 3-7 9-8s2-9 9-10" stroke-dasharray="1 5"></path>
            </svg>
            "Footpath"
        }
    };
    let open = Memo::new(move |_| app.stage.get() == Stage::Ready);
    move || {
        match open.get() {
        true => view! { <a class="mark" title="To the findings" href=move || app.href(&Route::to(View::Findings))>{picture()}</a> }
            .into_any(),
        false => view! { <button class="mark" title="To the opening page" on:click=move |_| app.close()>{picture()}</button> }
            .into_any(),
    }
    }
}

/// The open file's name and span of time.
#[component]
fn FileInfo() -> impl IntoView {
    let app = expect_context::<AppState>();
    move || {
        let open = app.document.get().filter(|_| matches!(app.stage.get(), Stage::Ready | Stage::Loading));
        let Some(document) = open else { return ().into_any() };
        let span = document.totals.span();
        view! {
            <div class="file" title=shown(&document.source.name)>
                <b>{shortened(&shown(&document.source.name), LONGEST_NAME)}</b>" · "{span}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Actions() -> impl IntoView {
    let app = expect_context::<AppState>();
    let saving = move || app.exporting.get().is_some();
    view! {
        <Show when=move || app.stage.get() == Stage::Ready>
            <span class="file private">{move || if app.recomputing.get() { "Computing again…" } else { app.where_from.get() }}</span>
            <button class="button another" on:click=move |_| app.close()>"Open another file"</button>
            <button class="button" on:click=move |_| app.copy_link()>{move || if app.copied.get() { "Copied" } else { "Copy link" }}</button>
            <button class="button" disabled=saving on:click=move |_| app.download_json()>"Download JSON"</button>
            <button class="button main" disabled=saving on:click=move |_| app.save_report()>"Save report"</button>
        </Show>
    }
}
