//! Where a file names no sessions: the gaps between events of one user, which say when one visit ends and another begins.

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::stats::Counts;
use crate::stats::counts::{Tally, coarse};

/// Gaps of users, in one partition or in several merged. Empty where the file names its sessions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserGaps {
    /// Milliseconds between an event of a user and the next, whatever sessions they are in.
    pub ms: Counts,
}

impl UserGaps {
    pub fn of(context: &Context) -> UserGaps {
        if !context.settings.mapping.user_stands_in() {
            return UserGaps::default();
        }
        let mut ms = Tally::default();
        context.each_session(&mut |session| context.gaps(&session).for_each(|(_, _, us)| ms.add(coarse(us / 1000))));
        context.each_user(&mut |sessions| {
            let mut last = None;
            for session in sessions.iter() {
                // Sessions that are named may overlap.
                if let Some(before) = last.filter(|before| *before <= session.start_us()) {
                    ms.add(coarse(session.start_us().abs_diff(before) / 1000));
                }
                last = last.max(Some(session.end_us()));
            }
        });
        UserGaps { ms: ms.into() }
    }

    pub fn merge(&mut self, other: UserGaps) {
        self.ms.merge(&other.ms);
    }
}
