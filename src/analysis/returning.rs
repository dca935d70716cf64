//! Users across their sessions: who comes back, and who reaches the goal in a later session than the first.

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::stats::Counts;
use crate::stats::counts::{Tally, coarse};

/// Users of one partition, or of several merged. All sessions of a user are in one partition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Returning {
    /// Users with sessions.
    pub users: u64,
    /// Of these, those with more than one.
    pub returning: u64,
    /// Users who reached the goal in one session at least.
    pub converted: u64,
    /// Users who did not reach it in their first session ...
    pub tried: u64,
    /// ... and came again ...
    pub tried_again: u64,
    /// ... and reached it then.
    pub recovered: u64,
    /// Milliseconds from the end of the first session to the begin of the one in which they did.
    pub waits_ms: Counts,
}

impl Returning {
    pub fn of(context: &Context) -> Returning {
        let mut found = Returning::default();
        let mut waits = Tally::default();
        context.each_user(&mut |sessions| {
            let Some(first) = sessions.iter().next() else { return };
            let again = sessions.iter().len() > 1;
            let goal = sessions.iter().find(|session| context.goal_at(session).is_some());
            found.users += 1;
            found.returning += u64::from(again);
            found.converted += u64::from(goal.is_some());
            if goal.is_some_and(|goal| goal.index() == first.index()) {
                return;
            }
            found.tried += 1;
            found.tried_again += u64::from(again);
            if let Some(later) = goal {
                found.recovered += 1;
                // Sessions of one user may overlap.
                waits.add(coarse((later.start_us() - first.end_us()).max(0) as u64 / 1000));
            }
        });
        found.waits_ms = waits.into();
        found
    }

    pub fn merge(&mut self, other: Returning) {
        self.users += other.users;
        self.returning += other.returning;
        self.converted += other.converted;
        self.tried += other.tried;
        self.tried_again += other.tried_again;
        self.recovered += other.recovered;
        self.waits_ms.merge(&other.waits_ms);
    }
}
