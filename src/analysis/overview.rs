//! How much there is, who reached the goal, where sessions begin and end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::dataset::Session;
use crate::settings::ExitsOf;
use crate::stats::Counts;

/// Totals of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub events: u64,
    pub sessions: u64,
    pub users: u64,
    pub converted: u64,
    pub first_us: Option<i64>,
    pub last_us: Option<i64>,
    /// Sessions by first page.
    pub entries: BTreeMap<String, u64>,
    /// Sessions by last page, as the settings ask: of all sessions, or of those that did not reach the goal.
    pub exits: BTreeMap<String, u64>,
    /// All sessions by the (selector, text) of the last element.
    pub last_elements: BTreeMap<(String, String), u64>,
    /// Seconds from first to last event.
    pub durations_s: Counts,
    pub events_per_session: Counts,
}

impl Overview {
    pub fn add(&mut self, context: &Context, session: &Session) {
        self.events += session.len() as u64;
        self.sessions += 1;
        let converted = context.goal_at(session).is_some();
        self.converted += u64::from(converted);
        self.first_us = earliest(self.first_us, Some(session.start_us()));
        self.last_us = self.last_us.max(Some(session.end_us()));
        count(&mut self.entries, context.page_name(context.page(session.first())));
        if !converted || context.settings.exits == ExitsOf::AllSessions {
            count(&mut self.exits, context.page_name(context.page(session.last())));
        }
        let last = (context.css(session.last()).to_string(), context.text(session.last()).to_string());
        *self.last_elements.entry(last).or_default() += 1;
        self.durations_s.add(session.end_us().abs_diff(session.start_us()) / 1_000_000);
        self.events_per_session.add(session.len() as u64);
    }

    pub fn merge(&mut self, other: Overview) {
        self.events += other.events;
        self.sessions += other.sessions;
        self.users += other.users;
        self.converted += other.converted;
        self.first_us = earliest(self.first_us, other.first_us);
        self.last_us = self.last_us.max(other.last_us);
        merge_counts(&mut self.entries, other.entries);
        merge_counts(&mut self.exits, other.exits);
        merge_counts(&mut self.last_elements, other.last_elements);
        self.durations_s.merge(&other.durations_s);
        self.events_per_session.merge(&other.events_per_session);
    }
}

/// The earlier of two times, where there are any.
fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn count(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_string(), 1);
        }
    }
}
