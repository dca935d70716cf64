//! One session, event by event, each as a sentence.

use leptos::prelude::*;

use crate::analysis::storyboard::{StoryEvent, Storyboard};
use crate::findings::naming;
use crate::findings::wording::{count, number, place, seconds, shown};
use crate::ui::parts::short_id;
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;

/// A gap of so many seconds is set apart.
const LONG_GAP_S: f64 = 60.0;

/// Events that are shown at first; a button shows the others.
const FIRST_EVENTS: usize = 500;

#[component]
pub fn Board(
    board: Storyboard,
    /// It stands on a page of its own.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let outcome = if board.converted { "reached the goal" } else { "did not reach the goal" };
    let listed = board.events.len() as u64;
    let title = format!(
        "Session {}: {} in {}, user {}, {outcome}.",
        short_id(&board.session),
        count(board.event_count, "event"),
        seconds(board.duration_s),
        short_id(&board.user)
    );
    // On a page of its own the ids stand above.
    let title =
        if alone { format!("{} in {}.", count(board.event_count, "event"), seconds(board.duration_s)) } else { title };
    let rest = (board.event_count > listed).then(
        || view! { <p class="note">{format!("The first {} of {}.", number(listed), number(board.event_count))}</p> },
    );
    let why = app.document.get_untracked().map(|document| {
        let why = naming(&document.findings, &board.session, &board.user).into_iter().map(|(_, finding, detail)| {
            let route = Route { class: Some(finding.class.slug().into()), ..Route::to(View::Anomalies) };
            let detail = format!(": {detail}");
            view! { <li><a href=move || app.href(&route)>{finding.class.name()}</a>{detail}</li> }
        });
        why.collect::<Vec<_>>()
    });
    let why = why.filter(|why| !why.is_empty()).map(|why| {
        view! { <p class="note">"Why it stands out:"</p><ul class="why">{why}</ul> }
    });
    let all = RwSignal::new(board.events.len() <= FIRST_EVENTS);
    let told = board.events.clone();
    let events =
        move |most: usize| told.iter().take(most).cloned().map(|event| view! { <Event event/> }).collect_view();
    let route = Route::session(&board.user, &board.session);
    let own_page = (!alone).then(|| {
        view! { <a href=move || app.href(&route)>"Open on a page of its own"</a> }
    });
    view! {
        <section class="board" aria-label=format!("Session {}", shown(&board.session))>
            <p class="note">{title}" "{own_page}</p>
            {why}
            <ol>{move || events(if all.get() { usize::MAX } else { FIRST_EVENTS })}</ol>
            {move || (!all.get()).then(|| view! {
                <p><button class="button" on:click=move |_| all.set(true)>{format!("Show all {}", count(listed, "event"))}</button></p>
            })}
            {rest}
        </section>
    }
}

#[component]
fn Event(event: StoryEvent) -> impl IntoView {
    let gap = if event.gap_s > 0.0 { format!("+{}", seconds(event.gap_s)) } else { String::new() };
    let what = match (event.text.is_empty(), event.css.is_empty()) {
        (false, _) => format!("“{}”", event.text),
        (true, false) => event.css.clone(),
        (true, true) => String::new(),
    };
    let on = if what.is_empty() { " " } else { " on " };
    let verb = event.verb();
    let class = match (event.error.is_some(), event.goal, event.gap_s >= LONG_GAP_S) {
        (true, _, true) => "error pause",
        (true, ..) => "error",
        (_, true, _) => "goal",
        (_, _, true) => "pause",
        _ => "",
    };
    let css = (!event.text.is_empty() && !event.css.is_empty()).then(|| view! { <code>{event.css.clone()}</code> });
    view! {
        <li class=class>
            <span class="when">{event.time.split('T').nth(1).unwrap_or(&event.time).to_string()}</span>
            <span class="gap">{gap}</span>
            <span class="what">
                {verb}" "<b>{what}</b>{on}{event.path.clone()}" "{css}
                {event.error.map(|kind| view! { <em class="badge loss">{kind.describe(1)}</em> })}
                {event.goal.then(|| view! { <em class="badge">"goal"</em> })}
                {event.cancels.then(|| view! { <em class="badge loss">"cancelled"</em> })}
                {event.salvaged.then(|| view! { <em class="badge">"repaired"</em> })}
            </span>
            <span class="line">{place(event.file.as_deref(), event.line)}</span>
        </li>
    }
}
