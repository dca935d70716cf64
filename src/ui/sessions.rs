//! The sessions behind a number, and one of them event by event.

use leptos::prelude::*;

use crate::engine::Storyboard;
use crate::findings::wording::{count, number, seconds};
use crate::ui::state::AppState;

/// A list that opens: each session is a button that shows its events.
#[component]
pub fn SessionList(
    /// How many sessions there are.
    total: u64,
    /// Ids of those that are named.
    sessions: Vec<String>,
    /// The user of each.
    users: Vec<String>,
    /// Begins open.
    #[prop(optional)]
    opened: bool,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let open = RwSignal::new(opened);
    let named = sessions.len() as u64;
    let all = StoredValue::new(sessions.into_iter().zip(users).collect::<Vec<_>>());
    view! {
        <div class="sessions">
            <button class="chip" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                {count(total, "session")}
            </button>
            <Show when=move || open.get()>
                <ul class="chips list">
                    {all.get_value().into_iter().map(|(session, user)| view! { <SessionButton session user/> }).collect_view()}
                </ul>
                {(total > named).then(|| view! {
                    <p class="note">{format!("The first {} of {}. The command line names all with --all-sessions.", number(named), number(total))}</p>
                })}
                {move || app.board.get()
                    .filter(|board| all.with_value(|all| all.iter().any(|(session, user)| *session == board.session && *user == board.user)))
                    .map(|board| view! { <Board board/> })}
            </Show>
        </div>
    }
}

#[component]
fn SessionButton(session: String, user: String) -> impl IntoView {
    let app = expect_context::<AppState>();
    let is = {
        let (session, user) = (session.clone(), user.clone());
        move || {
            app.board.with(|board| board.as_ref().is_some_and(|board| board.session == session && board.user == user))
        }
    };
    let pressed = is.clone();
    let name = session.clone();
    view! {
        <li>
            <button class="chip mono" aria-pressed=move || pressed().to_string()
                on:click=move |_| if is() { app.close_session() } else { app.open_session(user.clone(), session.clone()) }>{name}</button>
        </li>
    }
}

/// One session: each event a line.
#[component]
fn Board(board: Storyboard) -> impl IntoView {
    let outcome = if board.converted { "reached the goal" } else { "did not reach the goal" };
    let title = format!("{} of user {}, {outcome}", count(board.event_count, "event"), board.user);
    let shown = board.events.len() as u64;
    let rest = (board.event_count > shown).then(|| {
        view! {
            <p class="note">{format!("The first {} are shown.", number(shown))}</p>
        }
    });
    let lines = board.events.into_iter().map(|event| {
        let gap = if event.gap_s > 0.0 { format!("+{}", seconds(event.gap_s)) } else { String::new() };
        let what = if event.text.is_empty() { event.css.clone() } else { format!("“{}”", event.text) };
        let class = if event.error.is_some() {
            "error"
        } else if event.goal {
            "goal"
        } else {
            ""
        };
        view! {
            <li class=class>
                <span class="when">{event.time.split('T').nth(1).unwrap_or(&event.time).to_string()}</span>
                <span class="gap">{gap}</span>
                <span class="what">
                    <b>{what}</b>" on "{event.path.clone()}
                    {event.error.is_some().then(|| view! { <em class="badge loss">"error"</em> })}
                    {event.goal.then(|| view! { <em class="badge">"goal"</em> })}
                    {event.salvaged.then(|| view! { <em class="badge">"repaired"</em> })}
                </span>
                <span class="line">{crate::findings::wording::place(event.file.as_deref(), event.line)}</span>
            </li>
        }
    });
    view! {
        <section class="board" aria-label="Session">
            <p class="note">{title}</p>
            <ol>{lines.collect_view()}</ol>
            {rest}
        </section>
    }
}
