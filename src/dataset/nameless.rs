//! Events that name no user. If others of their session name one, it is theirs too: somebody has logged in, or the
//! recording left the field out now and then. Otherwise the session stands in for the user.
//!
//! Such a session belongs to the partition that the hash of its own id says, its user's events to another. So
//! partitions exchange what they know, once all events are there: their nameless sessions, then the users that
//! others know of them, then the events.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};

use crate::dataset::batch::{Batch, Batches, Row};
use crate::dataset::partition::Partition;
use crate::dataset::sample::Sample;
use crate::ingest::event::Salvaged;

/// A session and a user of it.
pub type Claim = (String, String);

/// What became of a partition's nameless sessions.
pub struct FilledIn {
    /// Events that got a user from their session.
    pub events: u64,
    /// Events for each partition; their lines have their numbers in the file.
    pub batches: Vec<Option<Batch>>,
}

impl Partition {
    /// Ids of the sessions here that name no user.
    pub fn nameless(&self) -> Vec<String> {
        self.nameless_keys().map(|(_, id)| id.to_string()).collect()
    }

    /// Number and id of the sessions here that name no user.
    fn nameless_keys(&self) -> impl Iterator<Item = (u32, &str)> {
        let keys = self.session_keys.iter().enumerate();
        let nameless = keys.filter(|(_, (user, _))| self.users.texts().get(*user).is_empty());
        nameless.map(|(session, (_, id))| (session as u32, self.session_ids.texts().get(*id)))
    }

    /// The sessions among those `asked` for that a user is known of here, with each of their users.
    pub fn claims<'a>(&self, asked: impl Iterator<Item = &'a String>) -> Vec<Claim> {
        let asked: HashSet<&str> = asked.map(String::as_str).collect();
        let names = self.session_keys.iter().map(|(user, id)| {
            let session = self.session_ids.texts().get(*id);
            (session, self.users.texts().get(*user))
        });
        let known = names.filter(|(session, user)| !user.is_empty() && asked.contains(session));
        known.map(|(session, user)| (session.to_string(), user.to_string())).collect()
    }

    /// Gives the nameless sessions of a complete partition the user that is claimed for them, and hands their
    /// events out. Where none is, or several are, the session stands in.
    pub fn fill_in(&mut self, claims: impl Iterator<Item = Claim>, partitions: usize) -> FilledIn {
        let mut users_of: HashMap<String, BTreeSet<String>> = HashMap::new();
        claims.for_each(|(session, user)| {
            users_of.entry(session).or_default().insert(user);
        });
        let nameless: Vec<(u32, String)> =
            self.nameless_keys().map(|(session, id)| (session, id.to_string())).collect();
        // Events of these go, to be joined with the other events of the session; and whether they get a user thereby.
        let mut go: HashMap<u32, (String, bool)> = HashMap::new();
        for (session, id) in nameless {
            match users_of.remove(&id) {
                None => self.rename(session, &id),
                Some(mut users) if users.len() == 1 => {
                    go.extend(users.pop_first().map(|user| (session, (user, true))));
                }
                // The session itself may be among its users.
                Some(_) => {
                    go.insert(session, (id, false));
                }
            }
        }
        let salvaged: HashMap<u32, Salvaged> = self.salvaged.iter().copied().collect();
        let mut batches = Batches::new(partitions, Sample::ALL, 0);
        let mut stay = Vec::new();
        let mut events = 0;
        for row in 0..self.events.line.len() as u32 {
            let session = self.events.session[row as usize];
            let Some((user, is_filled_in)) = go.get(&session) else {
                stay.push(row);
                continue;
            };
            events += u64::from(*is_filled_in);
            batches.push(&Row { user, salvaged: salvaged.get(&row).copied(), ..self.row(row as usize) });
        }
        if stay.len() < self.events.line.len() {
            self.keep(&stay);
        }
        FilledIn { events, batches: batches.finish() }
    }

    fn row(&self, row: usize) -> Row<'_> {
        let events = &self.events;
        let (user, session) = self.session_keys[events.session[row] as usize];
        let element = self.elements[events.element[row] as usize];
        Row {
            line: events.line[row],
            time_us: events.time_us[row],
            id_hash: events.id_hash[row],
            user: self.users.texts().get(user),
            session: self.session_ids.texts().get(session),
            path: self.paths.texts().get(events.path[row]),
            css: self.css.texts().get(element.css),
            text: self.texts.texts().get(element.text),
            value: self.values.texts().get(events.value[row]),
            salvaged: None,
        }
    }
}
