//! The sessions behind a finding: a list that opens, each with what makes it one of them, and event by event.

use leptos::prelude::*;

use crate::analysis::session_table::{SessionFilter, SessionQuery, SessionRow, describe_outcome};
use crate::findings::Finding;
use crate::findings::when;
use crate::findings::wording::{count, number};
use crate::ui::parts::short_id;
use crate::ui::route::Route;
use crate::ui::state::AppState;
use crate::ui::storyboard::Board;

/// A session of a list.
#[derive(Clone, PartialEq)]
pub struct Named {
    pub session: String,
    pub user: String,
    /// What makes it one of the list; may be empty.
    pub detail: String,
}

impl Named {
    pub fn of_finding(finding: &Finding) -> Vec<Named> {
        let detail = |session: &String, user: &String| {
            let case = finding.cases.iter().find(|case| case.session == *session && case.user == *user);
            case.map_or(String::new(), |case| case.detail.clone())
        };
        let sessions = finding.sessions.iter().zip(&finding.users);
        sessions
            .map(|(session, user)| Named {
                session: session.clone(),
                user: user.clone(),
                detail: detail(session, user),
            })
            .collect()
    }
}

/// Sessions that are shown at first.
const FIRST: usize = 6;

/// A list that opens: each session is a button that shows its events.
#[component]
pub fn SessionList(
    /// What it is the list of.
    title: String,
    /// How many sessions there are.
    total: u64,
    /// Those that are named.
    sessions: Vec<Named>,
    /// Which sessions the table shows of it, where these are not all.
    all: Option<SessionFilter>,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let open = RwSignal::new(false);
    let every = RwSignal::new(sessions.len() <= FIRST + 1);
    let named = sessions.len() as u64;
    let filter = SessionFilter::Finding {
        title: title.clone(),
        sessions: sessions.iter().map(|named| named.session.clone()).collect(),
        users: sessions.iter().map(|named| named.user.clone()).collect(),
    };
    let whole = all.is_some();
    let table = all.unwrap_or_else(|| filter.clone());
    let all = StoredValue::new(sessions);
    let list = StoredValue::new(title.clone());
    let route = StoredValue::new(Route::sessions(table));
    let toggle = move |_| {
        open.update(|open| *open = !*open);
        if open.get_untracked() {
            // What a line says of each comes from the analysis.
            app.ask_sessions(SessionQuery { filter: filter.clone(), limit: named as u32, ..SessionQuery::default() });
        }
    };
    let listed = move || {
        let n = if every.get() { usize::MAX } else { FIRST };
        all.get_value()
            .into_iter()
            .take(n)
            .map(|named| view! { <SessionButton named list=list.get_value()/> })
            .collect_view()
    };
    view! {
        <div class="sessions">
            <button class="chip" aria-expanded=move || open.get().to_string() on:click=toggle>
                {count(total, "session")}
            </button>
            <Show when=move || open.get()>
                <ul class="chips list">{listed}</ul>
                <p class="note more">
                    {move || (!every.get()).then(|| view! {
                        <button class="plain" on:click=move |_| every.set(true)>{format!("Show all {}", number(named))}</button>" · "
                    })}
                    <a href=move || app.href(&route.get_value())>
                        {if whole { format!("All {} in the table of sessions", number(total)) } else { "In the table of sessions".into() }}
                    </a>
                    {(total > named).then(|| format!(" These are the first {}.", number(named)))}
                </p>
            </Show>
        </div>
    }
}

#[component]
fn SessionButton(
    named: Named,
    /// The title of the list that it is in.
    list: String,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let Named { session, user, detail } = named;
    let is = {
        let (session, user, list) = (session.clone(), user.clone(), list.clone());
        move || {
            app.opened_in.with(|opened| *opened == list)
                && app
                    .board
                    .with(|board| board.as_ref().is_some_and(|board| board.session == session && board.user == user))
        }
    };
    let (pressed, opened) = (is.clone(), is.clone());
    let (id, key) = (session.clone(), (user.clone(), session.clone()));
    let says = move || app.known.with(|known| known.get(&key).map_or_else(|| short_id(&key.1), brief));
    let click = move |_| {
        if is() {
            app.close_session();
        } else {
            app.opened_in.set(list.clone());
            app.open_session(user.clone(), session.clone());
        }
    };
    view! {
        <li>
            <button class="chip" title=id aria-pressed=move || pressed().to_string() on:click=click>{says}</button>
            {(!detail.is_empty()).then(|| view! { <span class="detail">{detail}</span> })}
            {move || app.board.get().filter(|_| opened()).map(|board| view! { <Board board/> })}
        </li>
    }
}

/// `10:20 · 8 events · 1 error · cancelled`.
fn brief(row: &SessionRow) -> String {
    let errors = (row.errors > 0).then(|| count(row.errors, "error"));
    let ended = describe_outcome(row.ended);
    let parts =
        [Some(when::clock(&row.start).to_string()), Some(count(row.events, "event")), errors, Some(ended.into())];
    parts.into_iter().flatten().map(|part| part.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(" · ")
}
