//! Class 13: one session id with several users.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::session_list::SessionList;
use crate::dataset::Session;
use crate::dataset::batch::id_hash;

/// Ids that are looked at one by one at most.
const LOOKED_AT: usize = 10_000;
/// Users of an id that are named at most.
const NAMED_USERS: usize = 5;

/// Hashes of the sessions' ids, each once for each user: in one partition, or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionIds(Vec<u64>);

impl SessionIds {
    pub fn of(context: &Context) -> SessionIds {
        // Of a file without sessions the ids are made from its users.
        if context.settings.mapping.user_stands_in() {
            return SessionIds::default();
        }
        let mut hashes = Vec::with_capacity(context.sessions.len());
        context.each_session(&mut |session| {
            if counts(&session) {
                hashes.push(id_hash(session.id_in_file()));
            }
        });
        hashes.sort_unstable();
        SessionIds(hashes)
    }

    pub fn merge(&mut self, other: SessionIds) {
        self.0.extend(other.0);
        // Runs that are in order are quickly merged.
        self.0.sort();
    }

    /// Those that more than one user has.
    pub fn shared(&self) -> BTreeSet<u64> {
        self.0.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).take(LOOKED_AT).collect()
    }
}

/// The first visit under an id, of a user that has a name.
fn counts(session: &Session) -> bool {
    session.is_first_visit() && session.user_id() != session.id_in_file()
}

/// One user's session under a shared id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OfUser {
    pub start_us: i64,
    pub end_us: i64,
    pub user: String,
}

/// A shared id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SharedId {
    pub id: String,
    pub users: BTreeSet<OfUser>,
}

impl SharedId {
    /// Two users have events under it at the same time.
    pub fn overlaps(&self) -> bool {
        let mut latest: Option<i64> = None;
        self.users.iter().any(|of| {
            let overlaps = latest.is_some_and(|end| of.start_us <= end);
            latest = latest.max(Some(of.end_us));
            overlaps
        })
    }

    /// `u1, u2 and 3 more`, as many as are named.
    pub fn named_users(&self) -> (Vec<String>, u64) {
        let names: BTreeSet<&String> = self.users.iter().map(|of| &of.user).collect();
        let named: Vec<String> = names.iter().take(NAMED_USERS).map(|name| (*name).clone()).collect();
        let more = (names.len() - named.len()) as u64;
        (named, more)
    }
}

/// Shared ids of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SharedSessions {
    pub sessions: SessionList,
    pub ids: BTreeMap<u64, SharedId>,
}

impl SharedSessions {
    pub fn of(context: &Context, shared: &BTreeSet<u64>) -> SharedSessions {
        let mut found = SharedSessions::default();
        if shared.is_empty() {
            return found;
        }
        context.each_session(&mut |session| {
            let hash = id_hash(session.id_in_file());
            if !shared.contains(&hash) || session.user_id() == session.id_in_file() {
                return;
            }
            found.sessions.add(&session, context.named_sessions);
            let of = OfUser { start_us: session.start_us(), end_us: session.end_us(), user: session.user_id().into() };
            let id = found.ids.entry(hash).or_default();
            id.id = session.id_in_file().into();
            id.users.insert(of);
        });
        found
    }

    pub fn merge(&mut self, other: SharedSessions, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        for (hash, id) in other.ids {
            let mine = self.ids.entry(hash).or_default();
            mine.id = id.id;
            mine.users.extend(id.users);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_at_the_same_time_overlap() {
        let id = |times: &[(i64, i64)]| SharedId {
            id: "s".into(),
            users: times
                .iter()
                .map(|(start_us, end_us)| OfUser { start_us: *start_us, end_us: *end_us, user: start_us.to_string() })
                .collect(),
        };
        assert!(id(&[(0, 10), (5, 6)]).overlaps());
        assert!(id(&[(0, 10), (1, 2), (9, 20)]).overlaps());
        assert!(!id(&[(0, 10), (11, 20)]).overlaps());
    }
}
