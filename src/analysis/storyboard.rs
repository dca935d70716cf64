//! One session, event by event.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::analysis::Source;
use crate::analysis::context::{Context, ErrorKind};
use crate::dataset::Session;
use crate::ingest::time;

/// A session with its events in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Storyboard {
    pub user: String,
    pub session: String,
    pub converted: bool,
    /// How many events it has; `events` holds the first ones of a long session.
    pub event_count: u64,
    pub duration_s: f64,
    pub events: Vec<StoryEvent>,
}

impl Storyboard {
    /// Numbers each line in its own file.
    pub fn place(&mut self, source: &Source) {
        for event in &mut self.events {
            let (file, line) = source.place(event.line);
            (event.file, event.line) = (file.map(String::from), line);
        }
    }

    /// A session's story, of at most so many events.
    pub fn of(context: &Context, session: &Session, zoned: bool, events: usize) -> Storyboard {
        let partition = context.partition;
        let goal = context.goal_at(session);
        let salvaged: HashSet<u32> = partition.salvaged.iter().map(|(row, _)| *row).collect();
        let mut before = session.start_us();
        let mut shown = Vec::new();
        for (at, row) in session.rows().take(events).enumerate() {
            let now = context.time_us(row);
            shown.push(StoryEvent {
                line: u64::from(partition.events.line[row]),
                file: None,
                time: time::format(now, zoned),
                gap_s: (now - before) as f64 / 1e6,
                page: context.page_name(context.page(row)).into(),
                path: context.raw_path(row).into(),
                css: context.css(row).into(),
                text: context.text(row).into(),
                error: context.error(row),
                cancels: context.cancels(row),
                salvaged: salvaged.contains(&(row as u32)),
                goal: goal == Some(at),
            });
            before = now;
        }
        Storyboard {
            user: session.user_id().into(),
            session: session.session_id().into(),
            converted: goal.is_some(),
            event_count: session.len() as u64,
            duration_s: session.end_us().abs_diff(session.start_us()) as f64 / 1e6,
            events: shown,
        }
    }
}

/// One event of a session. What was typed is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryEvent {
    /// The line, from 1, through all files until the conductor has passed it on, then in its own.
    pub line: u64,
    /// The line's file, where there are several.
    pub file: Option<String>,
    /// As ISO 8601.
    pub time: String,
    /// Seconds since the event before.
    pub gap_s: f64,
    pub page: String,
    pub path: String,
    pub css: String,
    pub text: String,
    pub error: Option<ErrorKind>,
    pub cancels: bool,
    pub salvaged: bool,
    /// It is the event by which the session reached the goal.
    pub goal: bool,
}

impl StoryEvent {
    /// What the visitor did, in front of what and where.
    pub fn verb(&self) -> &'static str {
        match (self.error.is_some(), self.text.is_empty() && self.css.is_empty()) {
            (true, _) => "Met",
            (false, true) => "Visited",
            (false, false) => "Used",
        }
    }
}
