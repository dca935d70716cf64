//! The sessions: a table to search and sort, and one session event by event.

use leptos::ev;
use leptos::prelude::*;

use crate::analysis::EndKind;
use crate::analysis::session_table::{SessionFilter, SessionQuery, SessionRow, SessionSort};
use crate::findings::wording::{count, number, seconds, span};
use crate::ui::parts::results;
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;
use crate::ui::storyboard::Board;

/// Rows that are shown at first, and added when more are asked for.
const PAGE: u32 = 50;
/// More are not shown: the search narrows better than scrolling.
const MOST: u32 = 1000;

#[component]
pub fn Sessions() -> impl IntoView {
    let app = expect_context::<AppState>();
    let open = Memo::new(move |_| app.route.with(|route| route.open.clone()));
    move || match open.get() {
        Some((user, session)) => view! { <OneSession user session/> }.into_any(),
        None => view! { <SessionTable/> }.into_any(),
    }
}

#[component]
fn OneSession(user: String, session: String) -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let (wanted_user, wanted) = (user.clone(), session.clone());
    Effect::new(move |_| {
        // Asked again when the results change.
        results.track();
        app.open_session(wanted_user.clone(), wanted.clone());
    });
    on_cleanup(move || app.close_session());
    let id = session.clone();
    let back = Route::sessions(app.route.with_untracked(|route| route.filter.clone()));
    let board = move || {
        let board = app.board.get().filter(|board| board.session == session && board.user == user);
        match board {
            Some(board) => view! { <Board board alone=true/> }.into_any(),
            None => {
                view! { <p class="soft">"This session is not in the file, or is still being looked up."</p> }.into_any()
            }
        }
    };
    view! {
        <p class="back"><a href=move || app.href(&back)>"Back to the table"</a></p>
        <h1 class="mono-title">{id}</h1>
        {board}
    }
}

#[component]
fn SessionTable() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let search = RwSignal::new(String::new());
    let sort = RwSignal::new((SessionSort::Start, false));
    let limit = RwSignal::new(PAGE);
    let filter = Memo::new(move |_| app.route.with(|route| route.filter.clone()));
    Effect::new(move |_| {
        results.track();
        let (sort, descending) = sort.get();
        app.ask_sessions(SessionQuery {
            filter: filter.get(),
            search: search.get(),
            sort,
            descending,
            limit: limit.get(),
        });
    });
    let typed = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        limit.set(PAGE);
        search.set(event.target().value());
    };
    let in_force = move || {
        let filter = filter.get();
        (filter != SessionFilter::All).then(|| {
            view! {
                <p class="in-force">
                    {describe(&filter, &results.get())}" "
                    <a class="chip" href=move || app.href(&Route::to(View::Sessions))>"Show all sessions"</a>
                </p>
            }
        })
    };
    let heard = move || {
        app.rows.with(|rows| {
            rows.as_ref().map_or(String::new(), |rows| {
                format!("{} {}.", count(rows.total, "session"), if rows.total == 1 { "fits" } else { "fit" })
            })
        })
    };
    let rows = move || {
        app.rows.with(|rows| {
            let rows = rows.as_ref()?;
            Some(rows.rows.iter().map(|row| view! { <Row row=row.clone()/> }).collect_view())
        })
    };
    let more = move || {
        let (total, shown) =
            app.rows.with(|rows| rows.as_ref().map_or((0, 0), |rows| (rows.total, rows.rows.len() as u64)));
        if total <= shown {
            return None;
        }
        Some(if limit.get() < MOST {
            view! {
                <p><button class="button" on:click=move |_| limit.update(|limit| *limit = (*limit * 4).min(MOST))>
                    {format!("Show more of the {}", number(total))}
                </button></p>
            }
            .into_any()
        } else {
            view! { <p class="note">{format!("The first {} of {}. Search to narrow them down.", number(shown), number(total))}</p> }
                .into_any()
        })
    };
    view! {
        <h1>"Sessions"</h1>
        {in_force}
        <div class="search">
            <label for="search">"Search"</label>
            <input id="search" type="search" placeholder="id, user, path, element or text" autocomplete="off" spellcheck="false" on:input:target=typed/>
            <p class="soft" role="status">{heard}</p>
        </div>
        <div class="table" tabindex="0" role="region" aria-label="Sessions"><table class="session-table">
            <caption>"A session’s id opens it, event by event."</caption>
            <thead><tr>
                <th scope="col">"Session"</th>
                <Sortable name="Start" of=SessionSort::Start sort number=false/>
                <Sortable name="Duration" of=SessionSort::Duration sort number=true/>
                <Sortable name="Events" of=SessionSort::Events sort number=true/>
                <Sortable name="Errors" of=SessionSort::Errors sort number=true/>
                <th scope="col">"From, to"</th>
                <th scope="col">"Outcome"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {more}
    }
}

/// A head by which the table can be sorted.
#[component]
fn Sortable(name: &'static str, of: SessionSort, sort: RwSignal<(SessionSort, bool)>, number: bool) -> impl IntoView {
    let order = move || match sort.get() {
        (now, descending) if now == of => Some(if descending { "descending" } else { "ascending" }),
        _ => None,
    };
    let arrow = move || match order() {
        Some("descending") => " ↓",
        Some(_) => " ↑",
        None => "",
    };
    // Whoever sorts by a number wants the largest first.
    let click = move |_| {
        sort.update(|sort| *sort = if sort.0 == of { (of, !sort.1) } else { (of, of != SessionSort::Start) });
    };
    view! {
        <th scope="col" class:number=number aria-sort=order>
            <button class="sort" on:click=click>{name}<span aria-hidden="true">{arrow}</span></button>
        </th>
    }
}

#[component]
fn Row(row: SessionRow) -> impl IntoView {
    let app = expect_context::<AppState>();
    // The filter goes along, for the way back.
    let filter = app.route.with_untracked(|route| route.filter.clone());
    let route = Route { filter, ..Route::session(&row.user, &row.session) };
    let outcome = match row.ended {
        None => view! { <em class="badge">"goal"</em> }.into_any(),
        Some(EndKind::Cancelled) => view! { "called off" }.into_any(),
        Some(EndKind::AfterError) => view! { <em class="badge loss">"ended with an error"</em> }.into_any(),
        Some(EndKind::LoggedOut) => view! { "logged out" }.into_any(),
        Some(EndKind::Silently) => view! { "just ended" }.into_any(),
    };
    view! {
        <tr>
            <td class="id"><a class="mono" href=move || app.href(&route)>{row.session.clone()}</a><span class="soft">{row.user.clone()}</span></td>
            <td class="when">{row.start.split('T').map(|part| view! { <span>{part.to_string()}</span>" " }).collect_view()}</td>
            <td class="number">{seconds(row.duration_ms as f64 / 1e3)}</td>
            <td class="number">{number(row.events)}</td>
            <td class="number">{number(row.errors)}</td>
            <td class="name">{row.entry.clone()}" → "{row.exit.clone()}</td>
            <td>{outcome}</td>
        </tr>
    }
}

/// The filter as words behind "Sessions that …".
fn describe(filter: &SessionFilter, document: &crate::report::Document) -> String {
    let step = |step: u32| document.funnel.steps.get(step as usize + 1).map_or(String::new(), |step| step.name.clone());
    let what = match filter {
        SessionFilter::All => "are in the file".into(),
        SessionFilter::Converted => "reached the goal".into(),
        SessionFilter::Abandoned { ended, .. } => match ended {
            None => "did not reach the goal".into(),
            Some(EndKind::Cancelled) => "did not reach the goal and called it off".into(),
            Some(EndKind::AfterError) => "did not reach the goal and ended with an error".into(),
            Some(EndKind::LoggedOut) => "did not reach the goal and logged out".into(),
            Some(EndKind::Silently) => "did not reach the goal and just ended".into(),
        },
        SessionFilter::Reached { step: at } => format!("reached the step “{}”", step(*at)),
        SessionFilter::Lost { step: at } => format!("came to the step before “{}”, but not to it", step(*at)),
        SessionFilter::Flow { pages } => format!("took the path {}", pages.join(" → ")),
        SessionFilter::FlowStep { step, from, to: None } => format!("are at “{}” at step {}", from.label(), step + 1),
        SessionFilter::FlowStep { step, from, to: Some(to) } => {
            format!("went from “{}” to “{}” at step {}", from.label(), to.label(), step + 1)
        }
        SessionFilter::Entry { page } => format!("begin on {page}"),
        SessionFilter::Exit { page } => format!("end on {page}"),
        SessionFilter::Page { page } | SessionFilter::Path { path: page } => format!("were on {page}"),
        SessionFilter::Error { page: Some(page) } => format!("met an error on {page}"),
        SessionFilter::Error { page: None } => "met an error".into(),
        SessionFilter::Duration { from_s, to_s } => format!("last {}", span(from_s * 1000, to_s.map(|s| s * 1000))),
        SessionFilter::Gap { from_ms, to_ms } => format!("have a gap of {}", span(*from_ms, *to_ms)),
        SessionFilter::Started { .. } => "begin in this stretch of time".into(),
        SessionFilter::LastElement { css, text } if text.is_empty() => format!("end with {css}"),
        SessionFilter::LastElement { text, .. } => format!("end with “{text}”"),
        SessionFilter::Finding { title, .. } => format!("stand behind “{title}”"),
    };
    format!("Sessions that {what}.")
}
