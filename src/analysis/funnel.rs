//! The funnel: who reached its steps, and how the others ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, EventMatcher};
use crate::analysis::flow_contents::FlowContents;
use crate::analysis::session_list::SessionList;
use crate::dataset::Session;
use crate::settings::{FunnelStep, Goal, Matcher};
use crate::stats::Counts;
use crate::stats::counts::{Tally, coarse};

/// How a session that did not reach the goal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// It cancelled what it had begun: a cancel after a step of the funnel, with no step after it.
    Cancelled,
    /// Its last event is an error.
    AfterError,
    /// Its last event is a logout.
    LoggedOut,
    /// It left: none of the others holds.
    Silently,
}

impl EndKind {
    pub const ALL: [EndKind; 4] = [EndKind::Cancelled, EndKind::AfterError, EndKind::Silently, EndKind::LoggedOut];

    /// The last thing that was done: `cancelled`.
    pub fn describe(self) -> &'static str {
        match self {
            EndKind::Cancelled => "cancelled",
            EndKind::AfterError => "left after an error",
            EndKind::LoggedOut => "logged out",
            EndKind::Silently => "left",
        }
    }
}

/// Who reached each step, and how the others ended; of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunnelCounts {
    pub sessions: u64,
    /// Sessions that took the steps up to and including each, in order.
    pub reached: Vec<u64>,
    /// Milliseconds from the step before (of the first step: from the session's begin) to each.
    pub times_ms: Vec<Counts>,
    /// Sessions that reached the step before each, but not it.
    pub lost: Vec<SessionList>,
    /// How many of them did not reach the goal by another way either.
    pub stopped: Vec<u64>,
    pub converted: SessionList,
    /// Sessions that did not reach the goal: whether they took the last step before it (in any order), and how
    /// they ended.
    pub abandoned: BTreeMap<(bool, EndKind), SessionList>,
    /// Sessions that reached the goal without taking all steps in order.
    pub converted_otherwise: u64,
    /// Sessions that did not reach the goal and took the last step before it, but not all steps before that.
    pub out_of_order: u64,
    /// What the sessions of the most frequent flows did.
    pub flows: FlowContents,
}

impl FunnelCounts {
    /// Counts over a partition.
    pub fn of(context: &Context, steps: &Steps) -> FunnelCounts {
        let n = steps.matchers.len();
        let mut counts = FunnelCounts {
            reached: vec![0; n],
            lost: vec![SessionList::default(); n],
            stopped: vec![0; n],
            ..FunnelCounts::default()
        };
        let mut times_ms = vec![Tally::default(); n];
        context.each_session(&mut |session| {
            counts.sessions += 1;
            let goal = context.goal_at(&session);
            let taken = steps.taken(context, &session, goal);
            let reached = taken.len();
            let mut before = session.start_us();
            for (step, row) in taken.into_iter().enumerate() {
                counts.reached[step] += 1;
                times_ms[step].add(coarse(context.time_us(row).abs_diff(before) / 1000));
                before = context.time_us(row);
            }
            if let Some(lost) = counts.lost.get_mut(reached) {
                lost.add(&session, context.named_sessions);
                counts.stopped[reached] += u64::from(goal.is_none());
            }
            if goal.is_some() {
                counts.converted.add(&session, context.named_sessions);
                counts.converted_otherwise += u64::from(reached < n);
            } else {
                let key = steps.end(context, &session);
                let in_order = before_goal(n, steps.ends_in_goal).is_some_and(|last| reached > last);
                counts.out_of_order += u64::from(key.0 && !in_order);
                counts.abandoned.entry(key).or_default().add(&session, context.named_sessions);
            }
        });
        counts.times_ms = times_ms.into_iter().map(Counts::from).collect();
        counts
    }

    pub fn merge(&mut self, other: FunnelCounts, named_sessions: usize) {
        self.sessions += other.sessions;
        self.flows.merge(other.flows);
        for (mine, other) in self.reached.iter_mut().zip(other.reached) {
            *mine += other;
        }
        for (mine, other) in self.stopped.iter_mut().zip(other.stopped) {
            *mine += other;
        }
        for (mine, other) in self.times_ms.iter_mut().zip(&other.times_ms) {
            mine.merge(other);
        }
        for (mine, other) in self.lost.iter_mut().zip(other.lost) {
            mine.merge(other, named_sessions);
        }
        self.converted.merge(other.converted, named_sessions);
        for (kind, sessions) in other.abandoned {
            self.abandoned.entry(kind).or_default().merge(sessions, named_sessions);
        }
        self.converted_otherwise += other.converted_otherwise;
        self.out_of_order += other.out_of_order;
    }

    /// Sessions that did not reach the goal and fit: (took the last step before it, how they ended).
    pub fn abandoned_where(&self, fits: impl Fn(bool, EndKind) -> bool) -> u64 {
        self.abandoned.iter().filter(|((began, kind), _)| fits(*began, *kind)).map(|(_, list)| list.count).sum()
    }
}

/// Which of so many steps is the last before the goal; none if the goal stands alone.
pub fn before_goal(steps: usize, ends_in_goal: bool) -> Option<usize> {
    steps.checked_sub(1 + usize::from(ends_in_goal))
}

/// Whether listed steps end in the goal: then the last of them is taken by the goal's whole rule.
pub fn ends_in_goal(steps: &[FunnelStep], goal: &Goal) -> bool {
    steps.last().is_some_and(|last| last.any_of == goal_step(goal).any_of)
}

/// The funnel's steps worked out for a partition.
pub struct Steps {
    matchers: Vec<Vec<EventMatcher>>,
    /// The last step is the goal, with all of the goal's rule.
    ends_in_goal: bool,
}

impl Steps {
    pub fn new(context: &Context, steps: &[FunnelStep], ends_in_goal: bool) -> Steps {
        let matchers =
            steps.iter().map(|step| step.any_of.iter().map(|matcher| context.matcher(matcher)).collect()).collect();
        Steps { matchers, ends_in_goal }
    }

    fn is(&self, context: &Context, step: usize, row: usize) -> bool {
        self.matchers[step].iter().any(|matcher| matcher.matches(context, row))
    }

    /// The rows at which a session took the steps in order: each at the earliest event after the step before it,
    /// which gives the longest attempt where nothing limits its time. `goal`: see [`Context::goal_at`].
    pub fn taken(&self, context: &Context, session: &Session, goal: Option<usize>) -> Vec<usize> {
        let n = self.matchers.len();
        let mut taken = Vec::new();
        for (at, row) in session.rows().enumerate() {
            let step = taken.len();
            if step == n {
                break;
            }
            let is_last = self.ends_in_goal && step + 1 == n;
            if if is_last { goal == Some(at) } else { self.is(context, step, row) } {
                taken.push(row);
            }
        }
        taken
    }

    /// Of a session that did not reach the goal: whether it took the last step before the goal (in any order),
    /// and how it ended.
    pub fn end(&self, context: &Context, session: &Session) -> (bool, EndKind) {
        let n = self.matchers.len();
        let last = before_goal(n, self.ends_in_goal);
        let began = last.is_some_and(|last| session.rows().any(|row| self.is(context, last, row)));
        let on_the_way = |row| (0..n).any(|step| self.is(context, step, row));
        (began, end_kind(context, session, last.is_none(), on_the_way))
    }
}

/// `begun`: the session counts as on its way to the goal before it took a step.
fn end_kind(context: &Context, session: &Session, begun: bool, on_the_way: impl Fn(usize) -> bool) -> EndKind {
    if is_cancelled(session.rows(), begun, on_the_way, |row| context.cancels(row)) {
        EndKind::Cancelled
    } else if context.error(session.last()).is_some() {
        EndKind::AfterError
    } else if context.logs_out(session.last()) {
        EndKind::LoggedOut
    } else {
        EndKind::Silently
    }
}

/// A cancel comes once the way to the goal was begun, and no step is taken after it. Who dismisses something
/// beforehand, or goes on afterwards, has not cancelled.
fn is_cancelled(
    rows: impl Iterator<Item = usize>,
    mut begun: bool,
    on_the_way: impl Fn(usize) -> bool,
    cancels: impl Fn(usize) -> bool,
) -> bool {
    let mut cancelled = false;
    for row in rows {
        if cancels(row) {
            // The event itself may be on the page of a step.
            begun |= on_the_way(row);
            cancelled |= begun;
        } else if on_the_way(row) {
            begun = true;
            cancelled = false;
        }
    }
    cancelled
}

/// The step at which a session reaches the goal.
pub fn goal_step(goal: &Goal) -> FunnelStep {
    let any_of = goal.any_of();
    let name = match (goal, any_of.as_slice()) {
        (Goal::Event { .. }, [Matcher { text: Some(text), .. }]) => text.clone(),
        _ => goal.name().into(),
    };
    FunnelStep { name, any_of }
}

#[cfg(test)]
mod tests {
    use super::is_cancelled;

    /// Whether a session is cancelled, told by a letter an event: s(tep), c(ancel), b(oth), anything else.
    fn cancelled(events: &str) -> bool {
        let is = |row: usize, letters: &str| letters.contains(&events[row..=row]);
        is_cancelled(0..events.len(), false, |row| is(row, "sb"), |row| is(row, "cb"))
    }

    #[test]
    fn only_a_cancel_on_the_way_cancels() {
        for events in ["sc", "sscx", "sb", "b", "scsc", "xsxcx"] {
            assert!(cancelled(events), "{events}");
        }
        for events in ["", "x", "c", "cs", "scs", "csx", "bs"] {
            assert!(!cancelled(events), "{events}");
        }
    }

    #[test]
    fn without_steps_any_cancel_cancels() {
        assert!(is_cancelled(0..2, true, |_| false, |row| row == 0));
    }
}
