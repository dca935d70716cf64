//! The sessions: a table to search and sort, and one session event by event.

use leptos::ev;
use leptos::prelude::*;

use crate::analysis::EndKind;
use crate::analysis::behind::Behind;
use crate::analysis::session_table::{SessionFilter, SessionQuery, SessionRow, SessionSort, describe_outcome};
use crate::findings::ids::Ids;
use crate::findings::when;
use crate::findings::wording::{count, number, seconds, shown, span};
use crate::ui::parts::{help, id_of_length, results, scroller, short_id};
use crate::ui::route::{Route, View};
use crate::ui::state::{AppState, Listed};
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
    app.rows.set(None);
    // Whether the session is there, once known.
    let is_there = RwSignal::new(None::<bool>);
    Effect::new(move |_| {
        // Asked again when the results change.
        results.track();
        is_there.set(None);
        app.open_session(wanted_user.clone(), wanted.clone());
        // Events come only of a session that is there; this says whether it is.
        let (sessions, users) = (vec![wanted.clone()], vec![wanted_user.clone()]);
        let filter = SessionFilter::Finding { title: String::new(), sessions, users };
        app.ask_sessions(SessionQuery { filter, limit: 1, ..SessionQuery::default() });
    });
    let (filter, search, sort) =
        app.route.with_untracked(|route| (route.filter.clone(), route.search.clone(), route.sort));
    Effect::new(move |_| {
        app.rows.with(|rows| {
            let Some(rows) = rows else { return };
            if is_there.get_untracked().is_none() {
                is_there.set(Some(rows.total > 0));
                // After a reload, or from a link, the table that it stands in was never shown.
                if app.listed.with_untracked(|listed| !listed.as_ref().is_some_and(|l| l.is_of(&filter, &search))) {
                    let (sort, descending) = sort;
                    let (filter, search) = (filter.clone(), search.clone());
                    app.ask_sessions(SessionQuery { filter, search, sort, descending, limit: MOST });
                }
            } else {
                app.listed.set(Some(Listed::of(&filter, &search, rows)));
            }
        });
    });
    on_cleanup(move || app.close_session());
    let (of_user, id) = (shown(&user), shown(&session));
    let neighbours = view! { <Neighbours open=(user.clone(), session.clone())/> };
    let back = app.route.with_untracked(|route| Route { open: None, ..route.clone() });
    let known = {
        let key = (user.clone(), session.clone());
        Memo::new(move |_| app.known.with(|known| known.get(&key).cloned()))
    };
    let missing = move || is_there.get() == Some(false);
    let heading = {
        let short = format!("Session {}", short_id(&session));
        move || match known.get() {
            Some(row) => {
                let from = format!("Session on {}: {} to {}", when::moment(&row.start), row.entry, row.exit);
                format!("{from}, {}", if row.ended.is_none() { "reached the goal" } else { "did not reach the goal" })
            }
            None if missing() => format!("This session is not in {}", shown(&results.get().source.name)),
            None => short.clone(),
        }
    };
    let board = move || {
        let board = app.board.get().filter(|board| board.session == session && board.user == user);
        match board {
            Some(board) => view! { <Board board alone=true/> }.into_any(),
            None if missing() => {
                view! { <p class="soft">"The address names a session of another file, or the settings have changed what a session is."</p> }.into_any()
            }
            None => view! { <p class="soft">"Looking it up …"</p> }.into_any(),
        }
    };
    view! {
        <p class="back"><a href=move || app.href(&back)>"Back to the table"</a></p>
        <h1>{heading}</h1>
        <p class="ids">"Session "<span class="mono">{id}</span>", user "<span class="mono">{of_user}</span></p>
        {neighbours}
        {board}
    }
}

/// The sessions before and after this one in the table that it was opened from.
#[component]
fn Neighbours(open: (String, String)) -> impl IntoView {
    let app = expect_context::<AppState>();
    let table = app.route.get_untracked();
    move || {
        let listed = app.listed.get().filter(|listed| listed.is_of(&table.filter, &table.search))?;
        let at = listed.sessions.iter().position(|session| *session == open)?;
        let link = |to: Option<usize>, rel: &'static str, name: &'static str| {
            let (user, session) = to.and_then(|to| listed.sessions.get(to))?;
            let route = Route { open: Some((user.clone(), session.clone())), ..table.clone() };
            Some(view! { <a rel=rel href=move || app.href(&route)>{name}</a> })
        };
        Some(view! {
            <nav class="neighbours" aria-label="Sessions of the table">
                {link(at.checked_sub(1), "prev", "Previous session")}
                <span class="soft">
                    {format!("{} of {}", number(at as u64 + 1), number(listed.total))}
                    <span class="of-what">" in the table"</span>
                </span>
                {link(Some(at + 1), "next", "Next session")}
            </nav>
        })
    }
}

#[component]
fn SessionTable() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let search = Memo::new(move |_| app.route.with(|route| route.search.clone()));
    let sort = Memo::new(move |_| app.route.with(|route| route.sort));
    let filter = Memo::new(move |_| app.route.with(|route| route.filter.clone()));
    let shown_before = app.more_rows(&filter.get_untracked(), &search.get_untracked());
    let limit = RwSignal::new(shown_before.unwrap_or(PAGE));
    // What was asked for elsewhere is not what is asked for here.
    app.rows.set(None);
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
    Effect::new(move |_| {
        let listed = app.rows.with(|rows| {
            let rows = rows.as_ref()?;
            Some(Listed::of(&filter.get_untracked(), &search.get_untracked(), rows))
        });
        if listed.is_some() {
            app.listed.set(listed);
        }
    });
    let typed = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        limit.set(PAGE);
        app.search(event.target().value());
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
        let all = results.get().totals.sessions;
        app.rows.with(|rows| match rows {
            None => String::new(),
            Some(rows) if rows.total == all => count(all, "session"),
            Some(rows) if filter.get() != SessionFilter::All && !search.get().is_empty() => {
                format!("{} of these sessions", number(rows.total))
            }
            Some(rows) => format!("{} of {}", number(rows.total), count(all, "session")),
        })
    };
    let one_day = move || {
        let totals = &results.get().totals;
        let (first, last) =
            (totals.first_event.clone().unwrap_or_default(), totals.last_event.clone().unwrap_or_default());
        (when::same_day(&first, &last), when::same_year(&first, &last))
    };
    let rows = move || {
        let days = one_day();
        app.rows.with(|rows| {
            let rows = &rows.as_ref()?.rows;
            let ids = Ids::new(rows.iter().map(|row| row.session.clone()));
            let row = |row: &SessionRow| view! { <Row row=row.clone() days length=ids.telling_length(&row.session)/> };
            Some(rows.iter().map(row).collect_view())
        })
    };
    let day = move || {
        let first = results.get().totals.first_event.clone().unwrap_or_default();
        one_day().0.then(|| format!(" All began on {}.", when::day(&first)))
    };
    let none = move || {
        let searched = search.get();
        let nothing = !searched.is_empty() && app.rows.with(|rows| rows.as_ref().is_some_and(|rows| rows.total == 0));
        nothing.then(|| {
            view! {
                <p class="empty">{format!("{} holds “{searched}”. ", if filter.get() == SessionFilter::All { "No session" } else { "None of these sessions" })}
                    <button class="plain" on:click=move |_| {
                        app.search(String::new());
                        crate::ui::focus("main input[type=search]");
                    }>"Clear search"</button>
                </p>
            }
        })
    };
    let show_more = move |_| {
        limit.update(|limit| *limit = (*limit * 4).min(MOST));
        app.keep_more_rows(filter.get_untracked(), search.get_untracked(), limit.get_untracked());
    };
    let more = move || {
        let (total, shown) =
            app.rows.with(|rows| rows.as_ref().map_or((0, 0), |rows| (rows.total, rows.rows.len() as u64)));
        if total <= shown {
            return None;
        }
        Some(if limit.get() < MOST {
            view! {
                <p><button class="button" on:click=show_more>
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
            <input id="search" type="search" placeholder="id, user, path, element or text" autocomplete="off" spellcheck="false" prop:value=search on:input:target=typed/>
            <p class="soft" role="status">{heard}</p>
        </div>
        {scroller("Sessions", view! { <table class="session-table">
            <caption><span>"A session’s id opens it, event by event."{day}</span></caption>
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
        </table> })}
        {none}
        {more}
        {help("What the columns mean", &COLUMNS)}
    }
}

/// What the table says of a session.
const COLUMNS: [(&str, &str); 5] = [
    ("Duration", "From the first to the last event; a session of one event has none."),
    ("Events", "Its records, duplicates left out."),
    ("Errors", "Its events whose element or page holds one of the words for errors, see Settings."),
    ("From, to", "Its first and its last page."),
    ("Outcome", "Whether it reached the goal; if not, whether it cancelled, left after an error, left, or logged out."),
];

/// A head by which the table can be sorted.
#[component]
fn Sortable(name: &'static str, of: SessionSort, sort: Memo<(SessionSort, bool)>, number: bool) -> impl IntoView {
    let app = expect_context::<AppState>();
    let order = move || match sort.get() {
        (now, descending) if now == of => Some(if descending { "descending" } else { "ascending" }),
        _ => None,
    };
    // Each head keeps room for it, so that columns stay where they are.
    let arrow = move || match order() {
        Some("descending") => "↓",
        Some(_) => "↑",
        None => "↕",
    };
    // Whoever sorts by a number wants the largest first.
    let click = move |_| {
        let (by, descending) = sort.get_untracked();
        app.sort_by(if by == of { (of, !descending) } else { (of, of != SessionSort::Start) });
    };
    view! {
        <th scope="col" class:number=number aria-sort=order>
            <button class="sort" on:click=click><span class="by">{name}</span><span class="arrow" aria-hidden="true">{arrow}</span></button>
        </th>
    }
}

#[component]
fn Row(
    row: SessionRow,
    /// All sessions of the file are of one day, and of one year.
    days: (bool, bool),
    /// Signs of its id that are shown, see [`Ids`].
    length: usize,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    // The filter goes along, for the way back.
    let route = Route { open: Some((row.user.clone(), row.session.clone())), ..app.route.get_untracked() };
    let start = match days {
        (true, _) => row.start.get(11..19).unwrap_or(&row.start).to_string(),
        (false, true) => when::moment_of_year(&row.start),
        (false, false) => when::moment(&row.start),
    };
    let unit = |n: u64, one: &str| format!("\u{a0}{one}{}", if n == 1 { "" } else { "s" });
    let outcome = match row.ended {
        None => view! { <em class="badge">{describe_outcome(None)}</em> }.into_any(),
        Some(EndKind::AfterError) => view! { <em class="badge loss">{describe_outcome(row.ended)}</em> }.into_any(),
        ended => describe_outcome(ended).into_any(),
    };
    view! {
        <tr>
            <td class="id">
                <a class="mono" title=row.session.clone() href=move || app.href(&route)>{id_of_length(&row.session, length)}</a>
                <span class="soft" title=row.user.clone()>"user "{short_id(&row.user)}</span>
            </td>
            <td class="when" title=row.start.replace('T', " ")>{start}</td>
            <td class="number">{seconds(row.duration_ms as f64 / 1e3)}</td>
            <td class="number" data-unit=unit(row.events, "event")>{number(row.events)}</td>
            <td class="number" data-unit=unit(row.errors, "error")>{number(row.errors)}</td>
            <td class="name">{row.entry.clone()}" → "{row.exit.clone()}</td>
            <td class="outcome">{outcome}</td>
        </tr>
    }
}

fn with_goal(converted: bool) -> &'static str {
    if converted { " and reached the goal" } else { "" }
}

/// The filter as words behind "Sessions that …".
fn describe(filter: &SessionFilter, document: &crate::report::Document) -> String {
    let step = |step: u32| match document.funnel.steps.get(step as usize + 1) {
        Some(step) => format!("“{}”", step.name),
        None => format!("{}, which this funnel does not have", u64::from(step) + 1),
    };
    let time = |us: &i64| when::exact(&crate::ingest::time::format(*us, false));
    let what = match filter {
        SessionFilter::All => "are in the file".into(),
        SessionFilter::Converted => "reached the goal".into(),
        SessionFilter::Abandoned { ended, .. } => match ended {
            None => "did not reach the goal".into(),
            Some(ended) => format!("did not reach the goal and {}", ended.describe()),
        },
        SessionFilter::Reached { step: at } => format!("reached the step {}", step(*at)),
        SessionFilter::Lost { step: at } => format!("came to the step before {}, but not to it", step(*at)),
        SessionFilter::Flow { pages, converted } => {
            format!("took the flow {}{}", pages.join(" → "), with_goal(*converted))
        }
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
        SessionFilter::Started { from_us, to_us, converted } => {
            format!("begin from {} to {}{}", time(from_us), time(to_us), with_goal(*converted))
        }
        SessionFilter::During { from_us, to_us } => format!("have events from {} to {}", time(from_us), time(to_us)),
        SessionFilter::LastElement { css, text } if text.is_empty() => format!("end with {css}"),
        SessionFilter::LastElement { text, .. } => format!("end with “{text}”"),
        SessionFilter::Edges => "may be cut off by the file’s ends".into(),
        SessionFilter::Behind { behind: Behind::ErrorDuring { from_us, to_us }, title } if title.is_empty() => {
            format!("met an error from {} to {}", time(from_us), time(to_us))
        }
        SessionFilter::Finding { title, .. } | SessionFilter::Behind { title, .. } => format!("stand behind “{title}”"),
    };
    format!("Sessions that {what}.")
}
