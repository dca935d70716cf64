//! The sessions behind a number: all counted, the first ones named.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::dataset::Session;

/// How many sessions a list names, unless all are asked for.
pub const NAMED_SESSIONS: usize = 100;

/// A session by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionRef {
    pub user: String,
    pub session: String,
}

/// Sessions in the order of their first events, then of their names. Every session is counted; the first are named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionList {
    pub count: u64,
    /// By the start of the first event.
    named: BTreeSet<(i64, SessionRef)>,
}

impl SessionList {
    /// Adds a session once; `most` is how many to name.
    pub fn add(&mut self, session: &Session, most: usize) {
        self.count += 1;
        // Sessions of a partition come in order: when the list is full, none that comes is earlier.
        if self.named.len() < most {
            let named = SessionRef { session: session.session_id().into(), user: session.user_id().into() };
            self.named.insert((session.start_us(), named));
        }
    }

    /// Takes in another partition's list.
    pub fn merge(&mut self, other: SessionList, most: usize) {
        self.count += other.count;
        self.named.extend(other.named);
        while self.named.len() > most {
            self.named.pop_last();
        }
    }

    pub fn named(&self) -> impl Iterator<Item = &SessionRef> {
        self.named.iter().map(|(_, named)| named)
    }
}
