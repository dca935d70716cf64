//! The sessions behind the findings, event by event, and links to them. Users are not named.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::analysis::context::ErrorKind;
use crate::analysis::storyboard::{StoryEvent, Storyboard};
use crate::findings::ids::Ids;
use crate::findings::when;
use crate::findings::wording::{count, number, place, seconds, shown};
use crate::findings::{Finding, naming};
use crate::report::document::Document;

/// Sessions of a list that are named at most.
const NAMED: usize = 25;

/// Lists of so many sessions are printed open.
const PRINTED: usize = 5;

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
            Some(index) => html! { a.mono href={ "#session-" (index + 1) } { (shown(session)) } },
            None => html! { span.mono { (shown(session)) } },
        }
    }

    /// When it was, how long, and how it ended, where the report shows its events.
    fn brief(&self, session: &str, user: &str) -> String {
        let Some(board) = self.places.get(&(session, user)).map(|index| &self.boards[*index]) else {
            return String::new();
        };
        let begin = board.events.first().map_or(String::new(), |event| when::exact(&event.time));
        let goal = if board.converted { ", reached the goal" } else { "" };
        format!("{begin}, {}{goal}", count(board.event_count, "event"))
    }

    /// A list of sessions that opens, with how many there are in all.
    pub fn list(&self, summary: Markup, sessions: &[String], users: &[String], all: u64) -> Markup {
        let named = sessions.len().min(NAMED);
        html! {
            @if named > 0 {
                details.number.print[named <= PRINTED] {
                    summary { (summary) }
                    ul.plain { @for (session, user) in sessions.iter().zip(users).take(NAMED) {
                        li { (self.link(session, user)) " " span.soft { (self.brief(session, user)) } }
                    } }
                    @if all > named as u64 { p.note { "The first " (number(named as u64)) " of " (number(all)) " are named here." } }
                }
            }
        }
    }
}

/// All sessions that the report shows, each with the findings that name it.
pub fn sessions(document: &Document, boards: &Boards) -> Markup {
    if boards.boards.is_empty() {
        return html! {};
    }
    let ids = Ids::new(boards.boards.iter().map(|board| board.session.clone()));
    html! {
        p.note { "The " (count(boards.boards.len() as u64, "session")) " that the findings name first. What was typed is left out." }
        @for (index, board) in boards.boards.iter().enumerate() {
            @let why = naming(&document.findings, &board.session, &board.user);
            @let name = short(&board.session, ids.telling_length(&board.session));
            (self::board(index, board, &name, &why))
        }
    }
}

/// The first characters of an id, if it is much longer.
fn short(id: &str, length: usize) -> String {
    match id.chars().count() > length + 4 {
        true => shown(id).chars().take(length).chain(['…']).collect(),
        false => shown(id),
    }
}

fn board(index: usize, board: &Storyboard, name: &str, why: &[(usize, &Finding, &str)]) -> Markup {
    let mut classes: Vec<&str> = why.iter().map(|(_, finding, _)| finding.class.name()).collect();
    classes.dedup();
    let outcome = if board.converted { "reached the goal" } else { "did not reach the goal" };
    let listed = board.events.len() as u64;
    // The link leads inside, since browsers then open what is around it.
    html! {
        details.session {
            summary {
                span.mono { (name) } " " (outcome) " "
                span.soft { (count(board.event_count, "event")) " in " (seconds(board.duration_s)) @if !classes.is_empty() { "; " (classes.join(", ")) } }
            }
            div.board id={ "session-" (index + 1) } {
                p.note {
                    "Session " span.mono { (shown(&board.session)) }
                    @if let Some(first) = board.events.first() { ", from " (when::exact(&first.time)) }
                    "."
                    @if !why.is_empty() { " Why it stands out:" }
                }
                @if !why.is_empty() {
                    ul.why { @for (index, finding, detail) in why { li {
                        a href={ "#finding-" (index + 1) } { (finding.class.name()) } ": " (detail)
                    } } }
                }
                ol { @for event in &board.events { (self::event(event)) } }
                @if board.event_count > listed { p.note { "The first " (number(listed)) " of " (count(board.event_count, "event")) "." } }
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
                (event.verb()) " "
                @match (event.text.is_empty(), event.css.is_empty()) {
                    (true, true) => {},
                    (true, false) => { code { (event.css) } " on " },
                    (false, _) => { b { "“" (event.text) "”" } " on " },
                }
                (event.path)
                @if !event.text.is_empty() && !event.css.is_empty() { " " code { (event.css) } }
                @if let Some(kind) = event.error { " " em.badge.loss { (error(kind)) } }
                @if event.goal { " " em.badge { "goal" } }
                @if event.cancels { " " em.badge.loss { "cancelled" } }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_told_apart() {
        let ids = ["abcdef12-3456-7890-0000", "abcdef12-3456-7891-1111", "77", "e4d1a10c-0000-1111"];
        let all = Ids::new(ids.iter().map(|id| id.to_string()));
        let short = ids.map(|id| short(id, all.telling_length(id)));
        assert_eq!(short, ["abcdef12-3456-7890…", "abcdef12-3456-7891…", "77", "e4d1a10c…"]);
    }
}
