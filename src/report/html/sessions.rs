//! The sessions behind the findings, event by event, and links to them. Users are not named.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::analysis::context::ErrorKind;
use crate::analysis::storyboard::{StoryEvent, Storyboard};
use crate::findings::wording::{count, number, place, seconds};

/// Sessions of a list that are named at most.
const NAMED: usize = 25;

/// The sessions that the report shows, and where.
pub struct Boards<'a> {
    boards: &'a [Storyboard],
    places: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Boards<'a> {
    pub fn new(boards: &'a [Storyboard]) -> Boards<'a> {
        let places = boards.iter().enumerate();
        let places = places.map(|(index, board)| ((board.session.as_str(), board.user.as_str()), index)).collect();
        Boards { boards, places }
    }

    /// A session's id, as a link where the report shows its events.
    pub fn link(&self, session: &str, user: &str) -> Markup {
        match self.places.get(&(session, user)) {
            Some(index) => html! { a.mono href={ "#session-" (index + 1) } { (session) } },
            None => html! { span.mono { (session) } },
        }
    }

    /// A list of sessions that opens, with how many there are in all.
    pub fn list(&self, summary: Markup, sessions: &[String], users: &[String], all: u64) -> Markup {
        let named = sessions.len().min(NAMED);
        html! {
            @if named > 0 {
                details {
                    summary { (summary) }
                    ul.plain { @for (session, user) in sessions.iter().zip(users).take(NAMED) { li { (self.link(session, user)) } } }
                    @if all > named as u64 { p.note { "The first " (number(named as u64)) " of " (number(all)) " are named here." } }
                }
            }
        }
    }
}

/// All sessions that the report shows.
pub fn sessions(boards: &Boards) -> Markup {
    if boards.boards.is_empty() {
        return html! {};
    }
    html! {
        p.note { "The " (count(boards.boards.len() as u64, "session")) " that the findings name first. What was typed is left out." }
        @for (index, board) in boards.boards.iter().enumerate() { (self::board(index, board)) }
    }
}

fn board(index: usize, board: &Storyboard) -> Markup {
    let outcome = if board.converted { "reached the goal" } else { "did not reach the goal" };
    let shown = board.events.len() as u64;
    // The link leads inside, since browsers then open what is around it.
    html! {
        details.session {
            summary { span.mono { (board.session) } " " span.soft { (count(board.event_count, "event")) " in " (seconds(board.duration_s)) ", " (outcome) } }
            div.board id={ "session-" (index + 1) } {
                @if let Some(first) = board.events.first() { p.note { "From " (first.time.replace('T', " ")) } }
                ol { @for event in &board.events { (self::event(event)) } }
                @if board.event_count > shown { p.note { "The first " (number(shown)) " of " (count(board.event_count, "event")) "." } }
            }
        }
    }
}

/// One event as a sentence: when, how long after the one before, what was acted on and where.
fn event(event: &StoryEvent) -> Markup {
    let clock = event.time.split_once('T').map_or(event.time.as_str(), |(_, clock)| clock);
    html! {
        li {
            span.when { (clock) }
            span.gap { @if event.gap_s > 0.0 { "+" (seconds(event.gap_s)) } }
            span.what {
                @match (event.text.is_empty(), event.css.is_empty()) {
                    (true, true) => "An event",
                    (true, false) => code { (event.css) },
                    (false, true) => b { "“" (event.text) "”" },
                    (false, false) => { b { "“" (event.text) "”" } " " code { (event.css) } },
                }
                " on " (event.path)
                @if let Some(kind) = event.error { " " em.badge.loss { (error(kind)) } }
                @if event.goal { " " em.badge { "goal" } }
                @if event.cancels { " " em.badge.loss { "cancel" } }
                @if event.salvaged { " " em.badge { "repaired" } }
            }
            span.line { (place(event.file.as_deref(), event.line)) }
        }
    }
}

fn error(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Technical => "error: technical failure",
        ErrorKind::Validation => "error: refused",
        ErrorKind::DeadEnd => "error: dead end",
        ErrorKind::Other => "error",
    }
}
