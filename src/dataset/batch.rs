//! Events on their way from the reader of a chunk to the partition that owns their user.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::dataset::column::Column;
use crate::dataset::dictionary::{Dictionary, Texts, hash};
use crate::dataset::events::Events;
use crate::dataset::sample::Sample;
use crate::ingest::Event;
use crate::ingest::bytes::same;
use crate::ingest::event::Salvaged;
use crate::settings::Role;

/// Which of `partitions` owns a session: every event of a user ends up in one place. Where no user is named, the
/// session stands in.
pub fn owner_of(user: &str, session: &str, partitions: usize) -> usize {
    let name = if user.is_empty() { session } else { user };
    // Not the bits that hash tables look at first.
    ((hash(name.as_bytes()) >> 16) % partitions as u64) as usize
}

/// One event on its way into a batch.
pub struct Row<'a> {
    /// The line's number within its chunk, from 0.
    pub line: u32,
    /// Microseconds, see [`crate::ingest::time::Time`].
    pub time_us: i64,
    /// Hash of the record's id; 0 where it has none.
    pub id_hash: u64,
    /// Empty where the record names none.
    pub user: &'a str,
    pub session: &'a str,
    pub path: &'a str,
    pub css: &'a str,
    pub text: &'a str,
    pub value: &'a str,
    pub salvaged: Option<Salvaged>,
}

impl<'a> Row<'a> {
    /// The event that stands in this line of the chunk.
    pub fn new(line: u32, event: &'a Event) -> Row<'a> {
        Row {
            line,
            time_us: event.time.us,
            id_hash: id_hash(&event.id),
            user: &event.user,
            session: &event.session,
            path: &event.page,
            css: &event.css,
            text: &event.text,
            value: &event.value,
            salvaged: event.salvaged,
        }
    }
}

/// One event whose texts have their numbers already, see [`Batches::number`].
pub struct NumberedRow {
    pub line: u32,
    pub time_us: i64,
    pub id_hash: u64,
    pub user: u32,
    pub session: u32,
    pub path: u32,
    pub css: u32,
    pub text: u32,
    pub value: u32,
}

/// Events in columns, with the texts they use.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    pub users: Texts,
    pub session_ids: Texts,
    pub paths: Texts,
    pub css: Texts,
    pub texts: Texts,
    pub values: Texts,
    /// Numbers of user and session id of each session.
    pub sessions: Pairs,
    /// Numbers of selector and text of each element.
    pub elements: Pairs,
    pub events: Events,
    /// Rows that were repaired.
    pub salvaged: Vec<(u32, Salvaged)>,
}

impl Batch {
    /// About as many bytes as it takes.
    pub fn memory_bytes(&self) -> usize {
        let texts = [&self.users, &self.session_ids, &self.paths, &self.css, &self.texts, &self.values];
        let texts: usize = texts.into_iter().map(Texts::memory_bytes).sum();
        let pairs = self.sessions.first.len() + self.elements.first.len();
        texts + 8 * pairs + Events::ROW_BYTES * self.events.line.len() + 1024
    }
}

/// Pairs of numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pairs {
    pub first: Column<u32>,
    pub second: Column<u32>,
}

impl Pairs {
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.first.iter().copied().zip(self.second.iter().copied())
    }

    fn push(&mut self, (first, second): (u32, u32)) {
        self.first.push(first);
        self.second.push(second);
    }
}

/// Gathers the events of a chunk for all partitions.
pub struct Batches {
    users: Dictionary,
    session_ids: Dictionary,
    paths: Dictionary,
    css: Dictionary,
    texts: Dictionary,
    values: Dictionary,
    sessions: PairNumbers,
    elements: PairNumbers,
    /// The partition of each session; [`OUTSIDE`] for those that are not in the sample.
    owners: Vec<u32>,
    sample: Sample,
    /// What each partition gets.
    parts: Vec<Part>,
}

/// No partition: the session is not read.
const OUTSIDE: u32 = u32::MAX;

#[derive(Default)]
struct Part {
    events: Events,
    salvaged: Vec<(u32, Salvaged)>,
}

impl Batches {
    /// Batches for so many partitions, each with room for so many events.
    pub fn new(partitions: usize, sample: Sample, rows: usize) -> Batches {
        Batches {
            users: Dictionary::default(),
            session_ids: Dictionary::default(),
            paths: Dictionary::default(),
            css: Dictionary::default(),
            texts: Dictionary::default(),
            values: Dictionary::default(),
            sessions: PairNumbers::default(),
            elements: PairNumbers::default(),
            owners: Vec::new(),
            sample,
            parts: (0..partitions)
                .map(|_| {
                    let mut part = Part::default();
                    part.events.make_room(rows);
                    part
                })
                .collect(),
        }
    }

    /// Adds an event; false if its session is not in the sample.
    pub fn push(&mut self, row: &Row) -> bool {
        let session = self.session(row.user, row.session);
        let owner = self.owners[session as usize];
        if owner == OUTSIDE {
            return false;
        }
        let element = self.element(row.css, row.text);
        let part = &mut self.parts[owner as usize];
        let events = &mut part.events;
        if let Some(salvaged) = row.salvaged {
            part.salvaged.push((events.line.len() as u32, salvaged));
        }
        events.line.push(row.line);
        events.time_us.push(row.time_us);
        events.id_hash.push(row.id_hash);
        events.session.push(session);
        events.path.push(self.paths.number(row.path));
        events.element.push(element);
        events.value.push(self.values.number(row.value));
        true
    }

    /// The number of a text in the column of this role.
    pub fn number(&mut self, role: Role, text: &str) -> u32 {
        match role {
            Role::User => self.users.number(text),
            Role::Session => self.session_ids.number(text),
            Role::Page => self.paths.number(text),
            Role::Css => self.css.number(text),
            Role::Text => self.texts.number(text),
            // A status has no texts of its own.
            Role::Status => 0,
            Role::Value | Role::Id | Role::Time => self.values.number(text),
        }
    }

    /// The text with this number in the column of users or sessions.
    pub fn text(&self, role: Role, number: u32) -> &str {
        let column = if role == Role::User { &self.users } else { &self.session_ids };
        column.texts().get(number)
    }

    /// Adds an event whose texts have their numbers already, see [`Batches::push`].
    pub fn push_numbered(&mut self, row: &NumberedRow) -> bool {
        let session = match self.sessions.latest(row.session) {
            Some((session, user)) if user == row.user => session,
            _ => self.sessions.number(row.session, row.user),
        };
        if session as usize == self.owners.len() {
            let name = self.session_ids.texts().get(row.session);
            let user = self.users.texts().get(row.user);
            let held = self.sample.holds(name);
            self.owners.push(if held { owner_of(user, name, self.parts.len()) as u32 } else { OUTSIDE });
        }
        let owner = self.owners[session as usize];
        if owner == OUTSIDE {
            return false;
        }
        let element = match self.elements.latest(row.text) {
            Some((element, css)) if css == row.css => element,
            _ => self.elements.number(row.text, row.css),
        };
        let events = &mut self.parts[owner as usize].events;
        events.line.push(row.line);
        events.time_us.push(row.time_us);
        events.id_hash.push(row.id_hash);
        events.session.push(session);
        events.path.push(row.path);
        events.element.push(element);
        events.value.push(row.value);
        true
    }

    fn session(&mut self, user: &str, session_id: &str) -> u32 {
        let name = session_id;
        let session_id = self.session_ids.number(name);
        // Nearly always the session's user is the one it had before.
        if let Some((session, known)) = self.sessions.latest(session_id)
            && same(self.users.texts().bytes(known), user.as_bytes())
        {
            return session;
        }
        let session = self.sessions.number(session_id, self.users.number(user));
        if session as usize == self.owners.len() {
            let held = self.sample.holds(name);
            self.owners.push(if held { owner_of(user, name, self.parts.len()) as u32 } else { OUTSIDE });
        }
        session
    }

    fn element(&mut self, css: &str, text: &str) -> u32 {
        let text = self.texts.number(text);
        if let Some((element, known)) = self.elements.latest(text)
            && same(self.css.texts().bytes(known), css.as_bytes())
        {
            return element;
        }
        self.elements.number(text, self.css.number(css))
    }

    /// The batch of each partition; `None` if there are no events for it.
    pub fn finish(self) -> Vec<Option<Batch>> {
        let Batches { users, session_ids, paths, css, texts, values, sessions, elements, parts, .. } = self;
        let batch = |part: Part| {
            let mut events = part.events;
            let mut used = Used::new(sessions.keys.len());
            events.session.iter_mut().for_each(|session| *session = used.number(*session));
            let sessions = used.pairs(&sessions);
            let mut used = Used::new(elements.keys.len());
            events.element.iter_mut().for_each(|element| *element = used.number(*element));
            let elements = used.pairs(&elements);
            let (second, session_ids) = renumbered(sessions.first, session_ids.texts());
            let (first, users) = renumbered(sessions.second, users.texts());
            let sessions = Pairs { first, second };
            let (second, texts) = renumbered(elements.first, texts.texts());
            let (first, css) = renumbered(elements.second, css.texts());
            let elements = Pairs { first, second };
            let (path, paths) = renumbered(events.path, paths.texts());
            let (value, values) = renumbered(events.value, values.texts());
            let events = Events { path, value, ..events };
            Batch { users, session_ids, paths, css, texts, values, sessions, elements, events, salvaged: part.salvaged }
        };
        parts.into_iter().map(|part| (!part.events.line.is_empty()).then(|| batch(part))).collect()
    }
}

const NO_PAIR: u32 = u32::MAX;

/// Pairs, numbered in the order in which they came. Most first numbers occur with one second number only, or
/// with the same one many times in a row.
#[derive(Default)]
struct PairNumbers {
    keys: Vec<(u32, u32)>,
    /// The pair that each first number was in last; [`NO_PAIR`] for one that was in none.
    latest: Vec<u32>,
    numbers: HashMap<(u32, u32), u32>,
}

impl PairNumbers {
    /// The pair that `first` was in last, with its second number.
    fn latest(&self, first: u32) -> Option<(u32, u32)> {
        let pair = *self.latest.get(first as usize).filter(|pair| **pair != NO_PAIR)?;
        Some((pair, self.keys[pair as usize].1))
    }

    fn number(&mut self, first: u32, second: u32) -> u32 {
        let new = self.keys.len() as u32;
        let pair = *self.numbers.entry((first, second)).or_insert(new);
        if pair == new {
            self.keys.push((first, second));
        }
        let first = first as usize;
        if self.latest.len() <= first {
            self.latest.resize(first + 1, NO_PAIR);
        }
        self.latest[first] = pair;
        pair
    }
}

/// Numbers in use, numbered again without those that are not.
struct Used {
    new: Vec<u32>,
    old: Vec<u32>,
}

impl Used {
    fn new(len: usize) -> Used {
        Used { new: vec![u32::MAX; len], old: Vec::new() }
    }

    fn number(&mut self, old: u32) -> u32 {
        let new = &mut self.new[old as usize];
        if *new == u32::MAX {
            *new = self.old.len() as u32;
            self.old.push(old);
        }
        *new
    }

    fn pairs(&self, all: &PairNumbers) -> Pairs {
        let mut pairs = Pairs::default();
        self.old.iter().for_each(|old| pairs.push(all.keys[*old as usize]));
        pairs
    }
}

/// The column with new numbers, and the texts it uses in the order of these.
fn renumbered(mut column: Column<u32>, texts: &Texts) -> (Column<u32>, Texts) {
    let mut used = Used::new(texts.len());
    column.iter_mut().for_each(|number| *number = used.number(*number));
    let mut kept = Texts::default();
    used.old.iter().for_each(|old| kept.push(texts.get(*old)));
    (column, kept)
}

/// The hash by which records' ids are compared; 0 for a blank one.
pub fn id_hash(id: &str) -> u64 {
    let blank = !id.as_bytes().first().is_some_and(u8::is_ascii_graphic) && id.trim().is_empty();
    if blank { 0 } else { hash(id.as_bytes()).max(1) }
}
