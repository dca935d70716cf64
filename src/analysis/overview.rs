//! How much there is, who reached the goal, where sessions begin and end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::settings::ExitsOf;
use crate::stats::Counts;
use crate::stats::counts::Tally;

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
    /// Sessions that did not reach the goal, by last page.
    pub others_exits: BTreeMap<String, u64>,
    /// All sessions by the (selector, text) of the last element.
    pub last_elements: BTreeMap<(String, String), u64>,
    /// Milliseconds from first to last event, of long sessions in whole seconds, see [`duration_ms`].
    pub durations_ms: Counts,
    pub events_per_session: Counts,
}

impl Overview {
    pub fn of(context: &Context) -> Overview {
        let mut overview = Overview { users: context.user_count() as u64, ..Overview::default() };
        let mut entries = vec![0; context.page_count()];
        let mut exits = vec![0; context.page_count()];
        let mut others_exits = vec![0; context.page_count()];
        let mut last_elements = vec![0; context.partition.elements.len()];
        let (mut durations_ms, mut events_per_session) = (Tally::default(), Tally::default());
        context.each_session(&mut |session| {
            overview.events += session.len() as u64;
            overview.sessions += 1;
            let converted = context.goal_at(&session).is_some();
            overview.converted += u64::from(converted);
            overview.first_us = earliest(overview.first_us, Some(session.start_us()));
            overview.last_us = overview.last_us.max(Some(session.end_us()));
            entries[context.page(session.first()) as usize] += 1;
            if !converted || context.settings.exits == ExitsOf::AllSessions {
                exits[context.page(session.last()) as usize] += 1;
            }
            others_exits[context.page(session.last()) as usize] += u64::from(!converted);
            last_elements[context.partition.events.element[session.last()] as usize] += 1;
            durations_ms.add(duration_ms(session.end_us().abs_diff(session.start_us())));
            events_per_session.add(session.len() as u64);
        });
        overview.entries = context.by_page(entries);
        overview.exits = context.by_page(exits);
        overview.others_exits = context.by_page(others_exits);
        for (element, sessions) in context.partition.elements.iter().zip(last_elements).filter(|(_, n)| *n > 0) {
            let shown = (context.css_by_number(element.css).into(), context.text_by_number(element.text).into());
            *overview.last_elements.entry(shown).or_default() += sessions;
        }
        overview.durations_ms = durations_ms.into();
        overview.events_per_session = events_per_session.into();
        overview
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
        merge_counts(&mut self.others_exits, other.others_exits);
        merge_counts(&mut self.last_elements, other.last_elements);
        self.durations_ms.merge(&other.durations_ms);
        self.events_per_session.merge(&other.events_per_session);
    }
}

/// Durations from here on are kept in whole seconds.
const WHOLE_SECONDS_FROM_MS: u64 = 10_000;

/// A duration in milliseconds, rounded down; a long one to whole seconds, so that any number of sessions has a bounded
/// number of durations, and each stays on its side of an edge of whole seconds.
fn duration_ms(us: u64) -> u64 {
    let ms = us / 1000;
    if ms < WHOLE_SECONDS_FROM_MS { ms } else { ms / 1000 * 1000 }
}

/// The earlier of two times, where there are any.
fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
