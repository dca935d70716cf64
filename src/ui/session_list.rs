//! The sessions behind a finding: a list that opens, each with what makes it one of them, and event by event.

use leptos::prelude::*;

use crate::findings::Finding;
use crate::findings::wording::{count, number};
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

/// A list that opens: each session is a button that shows its events.
#[component]
pub fn SessionList(
    /// How many sessions there are.
    total: u64,
    /// Those that are named.
    sessions: Vec<Named>,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let open = RwSignal::new(false);
    let named = sessions.len() as u64;
    let detailed = sessions.iter().any(|session| !session.detail.is_empty());
    let all = StoredValue::new(sessions);
    let shown = move || {
        let board = app.board.get()?;
        let is_mine = |named: &Named| named.session == board.session && named.user == board.user;
        all.with_value(|all| all.iter().any(is_mine)).then(|| view! { <Board board/> })
    };
    view! {
        <div class="sessions">
            <button class="chip" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                {count(total, "session")}
            </button>
            <Show when=move || open.get()>
                <ul class="chips list" class:detailed=detailed>
                    {all.get_value().into_iter().map(|named| view! { <SessionButton named/> }).collect_view()}
                </ul>
                {(total > named).then(|| view! {
                    <p class="note">{format!("The first {} of {}. The command line names all with --all-sessions.", number(named), number(total))}</p>
                })}
                {shown}
            </Show>
        </div>
    }
}

#[component]
fn SessionButton(named: Named) -> impl IntoView {
    let app = expect_context::<AppState>();
    let Named { session, user, detail } = named;
    let is = {
        let (session, user) = (session.clone(), user.clone());
        move || {
            app.board.with(|board| board.as_ref().is_some_and(|board| board.session == session && board.user == user))
        }
    };
    let pressed = is.clone();
    let id = session.clone();
    let click = move |_| {
        if is() {
            app.close_session();
        } else {
            app.open_session(user.clone(), session.clone());
        }
    };
    view! {
        <li>
            <button class="chip mono" aria-pressed=move || pressed().to_string() on:click=click>{id}</button>
            {(!detail.is_empty()).then(|| view! { <span class="detail">{detail}</span> })}
        </li>
    }
}
