//! The events that one engine owns.

use hashbrown::HashMap;

use crate::dataset::batch::Batch;
use crate::dataset::dictionary::Dictionary;
use crate::dataset::events::Events;
use crate::ingest::event::Salvaged;

type Numbers<K> = HashMap<K, u32>;

/// An element: what was acted on, as numbers of its selector and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Element {
    pub css: u32,
    pub text: u32,
}

/// Events in columns, with the texts they use. Sessions are numbered in the order of arrival, which depends on who
/// read what; [`crate::dataset::Sessions`] gives them an order that does not.
#[derive(Default)]
pub struct Partition {
    pub users: Dictionary,
    pub session_ids: Dictionary,
    pub paths: Dictionary,
    pub css: Dictionary,
    pub texts: Dictionary,
    pub values: Dictionary,
    pub elements: Vec<Element>,
    element_numbers: Numbers<Element>,
    /// The (user, session id) of each session, as numbers.
    pub session_keys: Vec<(u32, u32)>,
    session_numbers: Numbers<(u32, u32)>,
    pub events: Events,
    /// Rows that were repaired.
    pub salvaged: Vec<(u32, Salvaged)>,
    /// As much is expected as so many full chunks bring.
    expected: usize,
    /// So many have.
    taken: usize,
    /// For each batch taken in: its chunk, unless its lines have their numbers in the file, and its first row.
    chunks: Vec<(Option<u32>, usize)>,
}

/// Room is made for so many events more at most: a file may be too large to be read to its end.
const MOST_ROOM: usize = 1 << 23;

impl Partition {
    /// A partition for what so many full chunks bring.
    pub fn of_chunks(chunks: usize) -> Partition {
        Partition { expected: chunks, ..Partition::default() }
    }

    /// Bytes of the room that was made for events that have not come yet. Where memory is only taken when it is written
    /// to, they cost nothing.
    pub fn unused_bytes(&self) -> usize {
        self.events.unused_rows() * Events::ROW_BYTES
    }

    /// Makes room for so many rows, and for those that are expected after them. Columns that double when they are full
    /// would take twice the memory, since what they leave is too small for the next ones, and copying them takes time.
    fn make_room(&mut self, rows: usize) {
        let there = self.events.line.len();
        self.taken += 1;
        if self.events.unused_rows() >= rows {
            return;
        }
        // As those before, and a little more.
        let left = self.expected.saturating_sub(self.taken);
        let expected = (there + rows) / self.taken * left;
        let more = (expected + expected / 16).clamp(there / 8, MOST_ROOM.max(there / 8));
        self.events.make_room(rows + more);
    }

    /// Takes in the events that the reader of `chunk` found for this partition; without a chunk, lines have their
    /// numbers in the file.
    pub fn absorb(&mut self, chunk: Option<u32>, batch: &Batch) {
        self.chunks.push((chunk, self.events.line.len()));
        self.make_room(batch.events.line.len());
        let users = self.users.merge(&batch.users);
        let session_ids = self.session_ids.merge(&batch.session_ids);
        let paths = self.paths.merge(&batch.paths);
        let css = self.css.merge(&batch.css);
        let texts = self.texts.merge(&batch.texts);
        let values = self.values.merge(&batch.values);
        let theirs = &batch.events;
        let first_row = self.events.line.len() as u32;
        self.salvaged.extend(batch.salvaged.iter().map(|(row, how)| (row + first_row, *how)));
        let events = &mut self.events;
        events.line.extend_from_slice(&theirs.line);
        events.time_us.extend_from_slice(&theirs.time_us);
        events.id_hash.extend_from_slice(&theirs.id_hash);
        events.path.extend(theirs.path.iter().map(|path| paths[*path as usize]));
        events.value.extend(theirs.value.iter().map(|value| values[*value as usize]));
        let keys = batch.sessions.iter().map(|(user, id)| (users[user as usize], session_ids[id as usize]));
        let sessions: Vec<u32> =
            keys.map(|key| numbered(key, &mut self.session_numbers, &mut self.session_keys)).collect();
        events.session.extend(theirs.session.iter().map(|session| sessions[*session as usize]));
        let pairs =
            batch.elements.iter().map(|(of, text)| Element { css: css[of as usize], text: texts[text as usize] });
        let elements: Vec<u32> =
            pairs.map(|element| numbered(element, &mut self.element_numbers, &mut self.elements)).collect();
        events.element.extend(theirs.element.iter().map(|element| elements[*element as usize]));
    }

    /// Says that all batches are in: lines get their numbers in the file, and rows are put in order by user, session,
    /// time and line, so that whatever goes through sessions or users goes through memory from front to back.
    /// `lines_before[c]` is how many lines of the file stand before chunk `c`.
    pub fn complete(&mut self, lines_before: &[u64]) {
        if let Some(mut order) = self.number_lines(lines_before) {
            while self.advance(&mut order) {}
        }
    }

    /// Begins what [`Partition::complete`] does, for those who make pauses: [`Partition::advance`] goes on with it. Nothing
    /// if nothing has come since it was completed.
    pub fn number_lines(&mut self, lines_before: &[u64]) -> Option<RowOrder> {
        if self.chunks.is_empty() {
            return None;
        }
        let mut chunks = std::mem::take(&mut self.chunks).into_iter().peekable();
        while let Some((chunk, first)) = chunks.next() {
            let end = chunks.peek().map_or(self.events.line.len(), |(_, next)| *next);
            let Some(chunk) = chunk else { continue };
            for line in &mut self.events.line[first..end] {
                let absolute = lines_before[chunk as usize] + u64::from(*line) + 1;
                *line = u32::try_from(absolute).expect("fewer than 2^32 lines");
            }
        }
        Some(RowOrder::default())
    }

    /// A step of putting rows in order: groups them by user and session, sorts some sessions, or moves a column. False if there is
    /// none left.
    pub fn advance(&mut self, order: &mut RowOrder) -> bool {
        if order.rows.is_empty() {
            *order = RowOrder::by_session(&self.events.session, &self.session_keys);
        } else if order.sorted < self.session_keys.len() {
            order.sort_some(&self.events);
        } else if order.moved < COLUMNS {
            if order.moved == 0 {
                self.keep_salvaged(&order.rows);
            }
            self.move_column(order.moved, &order.rows);
            order.moved += 1;
        }
        order.moved < COLUMNS && !order.rows.is_empty()
    }

    /// Gives a session another user; no session may have this key yet.
    pub(super) fn rename(&mut self, session: u32, user: &str) {
        let (old, id) = self.session_keys[session as usize];
        let key = (self.users.number(user), id);
        self.session_keys[session as usize] = key;
        self.session_numbers.remove(&(old, id));
        self.session_numbers.insert(key, session);
    }

    /// The memory that the events' columns and the dictionaries take, for who measures it.
    pub fn memory_by_column(&self) -> [(&'static str, usize); 15] {
        fn bytes<T>(column: &Vec<T>) -> usize {
            column.capacity() * size_of::<T>()
        }
        let events = &self.events;
        [
            ("session", bytes(&events.session)),
            ("time", bytes(&events.time_us)),
            ("line", bytes(&events.line)),
            ("hash of the id", bytes(&events.id_hash)),
            ("path", bytes(&events.path)),
            ("element", bytes(&events.element)),
            ("value", bytes(&events.value)),
            ("users' names", self.users.memory_bytes()),
            ("sessions' names", self.session_ids.memory_bytes()),
            ("paths", self.paths.memory_bytes()),
            ("selectors", self.css.memory_bytes()),
            ("texts", self.texts.memory_bytes()),
            ("values", self.values.memory_bytes()),
            ("elements", bytes(&self.elements) + self.element_numbers.allocation_size()),
            ("sessions", bytes(&self.session_keys) + self.session_numbers.allocation_size()),
        ]
    }

    /// Keeps these rows, in this order.
    pub(super) fn keep(&mut self, order: &[u32]) {
        self.keep_salvaged(order);
        (0..COLUMNS).for_each(|column| self.move_column(column, order));
    }

    fn keep_salvaged(&mut self, order: &[u32]) {
        if self.salvaged.is_empty() {
            return;
        }
        let mut places = vec![None; self.events.line.len()];
        order.iter().enumerate().for_each(|(new, old)| places[*old as usize] = Some(new as u32));
        let kept = self.salvaged.iter().filter_map(|(row, how)| Some((places[*row as usize]?, *how)));
        self.salvaged = kept.collect();
        self.salvaged.sort_unstable_by_key(|(row, _)| *row);
    }

    /// The widest first: each that follows fits into what the one before has left.
    fn move_column(&mut self, column: usize, order: &[u32]) {
        let events = &mut self.events;
        match column {
            0 => reorder(&mut events.time_us, order),
            1 => reorder(&mut events.id_hash, order),
            2 => reorder(&mut events.session, order),
            3 => reorder(&mut events.line, order),
            4 => reorder(&mut events.path, order),
            5 => reorder(&mut events.element, order),
            _ => reorder(&mut events.value, order),
        }
    }
}

/// The columns of [`Events`].
const COLUMNS: usize = 7;
/// Sessions that are sorted in one step.
const SORTED_SESSIONS: usize = 200_000;

/// Rows that are being put in order.
#[derive(Default)]
pub struct RowOrder {
    rows: Vec<u32>,
    /// Where each session ends among them.
    ends: Vec<u32>,
    /// Sessions whose rows are in order, and columns that have been moved.
    sorted: usize,
    moved: usize,
}

impl RowOrder {
    /// Counting sort by session, the sessions of each user side by side.
    fn by_session(session_of: &[u32], keys: &[(u32, u32)]) -> RowOrder {
        let users = keys.iter().map(|(user, _)| *user as usize + 1).max().unwrap_or(0);
        let (places, _) = grouped(keys.iter().map(|(user, _)| *user), users);
        let (places, ends) = grouped(session_of.iter().map(|session| places[*session as usize]), keys.len());
        let mut rows = vec![0u32; session_of.len()];
        for (row, place) in (0..).zip(places) {
            rows[place as usize] = row;
        }
        RowOrder { rows, ends, ..RowOrder::default() }
    }

    fn sort_some(&mut self, events: &Events) {
        let mut start = self.sorted.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let until = (self.sorted + SORTED_SESSIONS).min(self.ends.len() - 1);
        for end in &self.ends[self.sorted..until] {
            let key = |row: &u32| (events.time_us[*row as usize], events.line[*row as usize]);
            let rows = &mut self.rows[start..*end as usize];
            if !rows.is_sorted_by_key(key) {
                rows.sort_unstable_by_key(key);
            }
            start = *end as usize;
        }
        self.sorted = until;
    }
}

/// Puts things side by side that are of the same group, without changing their order else: the place of each, and where
/// each group ends, and behind all of them once more where the last does.
fn grouped(group_of: impl Iterator<Item = u32> + Clone, groups: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0u32; groups + 1];
    group_of.clone().for_each(|group| next[group as usize + 1] += 1);
    for group in 1..next.len() {
        next[group] += next[group - 1];
    }
    let places = group_of.map(|group| {
        let place = &mut next[group as usize];
        *place += 1;
        *place - 1
    });
    let places = places.collect();
    // Each group now ends where the next one begins.
    (places, next)
}

fn reorder<T: Copy>(column: &mut Vec<T>, order: &[u32]) {
    *column = order.iter().map(|row| column[*row as usize]).collect();
}

fn numbered<K: Copy + Eq + std::hash::Hash>(key: K, numbers: &mut Numbers<K>, keys: &mut Vec<K>) -> u32 {
    *numbers.entry(key).or_insert_with(|| {
        keys.push(key);
        (keys.len() - 1) as u32
    })
}
