//! The screen: one file a view. What it shows comes as one document from the engine; what it does is in
//! [`state`].

mod findings;
mod funnel;
mod loading;
mod opening;
mod sessions;
mod state;
mod tables;

use leptos::ev;
use leptos::prelude::*;

use state::{AppState, Stage};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let app = AppState::new();
    provide_context(app);
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
        app.open_files(event.data_transfer().and_then(|transfer| transfer.files()));
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });

    let state = move || match app.stage.get() {
        Stage::Idle => "idle",
        Stage::Loading => "loading",
        Stage::Ready(_) => "ready",
        Stage::Failed(_) => "error",
    };
    view! {
        <div class="app" data-state=state>
            <header class="bar">
                <Mark/>
                <FileInfo/>
                <div class="grow"></div>
                <Actions/>
            </header>
            <div role="alert" class="alert-place">
                {move || app.notice.get().map(|notice| view! { <p class="problem">{notice}</p> })}
            </div>
            <main>
                {move || match app.stage.get() {
                    Stage::Idle | Stage::Failed(_) => view! { <opening::Opening/> }.into_any(),
                    Stage::Loading => view! { <loading::Loading/> }.into_any(),
                    Stage::Ready(document) => view! { <findings::Findings document/> }.into_any(),
                }}
            </main>
            <Show when=move || dragging.get()>
                <div class="veil" aria-hidden="true"><p>"Drop the file to open it"</p></div>
            </Show>
        </div>
    }
}

#[component]
fn Mark() -> impl IntoView {
    let app = expect_context::<AppState>();
    view! {
        <button class="mark" title="Back to the opening page" on:click=move |_| app.close()>
            <svg width="26" height="26" viewBox="0 0 26 26" fill="none" stroke-width="2.4" stroke-linecap="round" aria-hidden="true">
                <path d="M4 22c7-1 3-7 9-8s2-9 9-10" stroke-dasharray="1 5"></path>
            </svg>
            "Footpath"
        </button>
    }
}

/// The open file's name and span of time.
#[component]
fn FileInfo() -> impl IntoView {
    let app = expect_context::<AppState>();
    move || {
        let Stage::Ready(document) = app.stage.get() else { return ().into_any() };
        let time = |time: &Option<String>| time.clone().unwrap_or_default().replace('T', " ");
        let span = format!("{} to {}", time(&document.totals.first_event), time(&document.totals.last_event));
        view! {
            <div class="file"><b>{document.source.name.clone()}</b>" · "{span}</div>
        }
        .into_any()
    }
}

#[component]
fn Actions() -> impl IntoView {
    let app = expect_context::<AppState>();
    let saving = move || app.exporting.get().is_some();
    view! {
        <Show when=move || matches!(app.stage.get(), Stage::Ready(_))>
            <span class="file private">{move || app.where_from.get()}</span>
            <button class="button" disabled=saving on:click=move |_| app.download_json()>"Download JSON"</button>
            <button class="button main" disabled=saving on:click=move |_| app.save_report()>"Save report"</button>
        </Show>
    }
}
