//! Class 17: whether those who met an error after a step gave up more often than those who met none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::compared::{Compared, compare};
use crate::analysis::context::{Context, ErrorKind, EventMatcher};
use crate::analysis::funnel::before_goal;
use crate::dataset::Session;
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};

/// Sessions that took the last step before the goal, in one partition or in several merged. Hits did not reach the goal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorImpact {
    pub users: AllUsers,
    /// Those that met an error between the step and the goal, or their end: of any kind, and of each.
    pub any: GroupUsers,
    pub kinds: BTreeMap<ErrorKind, GroupUsers>,
}

/// The last step before the goal, if the funnel has one.
pub fn step(plan: &Plan) -> Option<usize> {
    before_goal(plan.steps.len(), plan.ends_in_goal)
}

/// The events that are the last step before the goal.
pub(super) fn step_matchers(context: &Context, plan: &Plan) -> Vec<EventMatcher> {
    let any_of = step(plan).map(|step| &plan.steps[step].any_of);
    any_of.into_iter().flatten().map(|matcher| context.matcher(matcher)).collect()
}

/// The place in the session where it first takes the step.
pub(super) fn first_taken(context: &Context, session: &Session, step: &[EventMatcher]) -> Option<usize> {
    session.rows().position(|row| step.iter().any(|event| event.matches(context, row)))
}

impl ErrorImpact {
    pub fn of(context: &Context, plan: &Plan) -> ErrorImpact {
        let mut found = ErrorImpact::default();
        let step = step_matchers(context, plan);
        if step.is_empty() {
            return found;
        }
        context.each_user(&mut |sessions| {
            let mut all = UserCounts::default();
            let mut groups = [UserCounts::default(); 1 + ErrorKind::ALL.len()];
            for session in sessions.iter() {
                let Some(taken) = first_taken(context, &session, &step) else { continue };
                let goal = context.goal_at(&session);
                let lost = u64::from(goal.is_none());
                all.n += 1;
                all.hits += lost;
                let mut met = [false; 1 + ErrorKind::ALL.len()];
                for row in session.rows().take(goal.unwrap_or(usize::MAX)).skip(taken) {
                    if let Some(kind) = context.error(row) {
                        met[0] = true;
                        met[1 + kind as usize] = true;
                    }
                }
                for (group, _) in groups.iter_mut().zip(met).filter(|(_, met)| *met) {
                    group.group_n += 1;
                    group.group_hits += lost;
                }
            }
            if all.n == 0 {
                return;
            }
            found.users.add(all);
            let with = |group: &UserCounts| UserCounts { hits: all.hits, n: all.n, ..*group };
            found.any.add(with(&groups[0]));
            for (kind, group) in ErrorKind::ALL.into_iter().zip(&groups[1..]).filter(|(_, group)| group.group_n > 0) {
                found.kinds.entry(kind).or_default().add(with(group));
            }
        });
        found
    }

    pub fn merge(&mut self, other: ErrorImpact) {
        self.users.merge(&other.users);
        self.any.merge(&other.any);
        for (kind, users) in other.kinds {
            self.kinds.entry(kind).or_default().merge(&users);
        }
    }

    /// Errors of any kind first, then each kind that some sessions met and some did not, if there are several.
    pub fn compared(&self, by_users: bool) -> Vec<Compared<Option<ErrorKind>>> {
        let kinds =
            self.kinds.iter().filter(|_| self.kinds.len() > 1).map(|(kind, users)| (Some(*kind), users, &self.users));
        compare(std::iter::once((None, &self.any, &self.users)).chain(kinds), 1, by_users)
    }
}
