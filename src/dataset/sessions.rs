//! The sessions of a partition: which rows, in which order.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::dataset::events::Events;
use crate::dataset::partition::Partition;

/// The rows of a partition by session, each session's in time order, ties in file order. Natural duplicates
/// (the same record twice) are left out, and salvaged records if asked to.
///
/// Sessions of a user stand side by side, in the order of their first events and then of their names; users in the order of
/// theirs. So nothing depends on who read what.
#[derive(Default)]
pub struct Sessions {
    rows: Vec<u32>,
    /// Where each session ends in `rows`.
    ends: Vec<usize>,
    /// Which visit of its id each is, from 0; empty if none is split.
    visits: Vec<u32>,
    /// Records left out because an equal one stands before them.
    pub duplicates: u64,
    /// Events that stand later in the file than one of the same session that happened after them.
    pub out_of_order: u64,
    /// Neighbours in a session with the same time.
    pub ties: u64,
}

/// One session of a partition.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    partition: &'a Partition,
    index: u32,
    visit: u32,
    rows: &'a [u32],
}

/// Groups of equal times up to this size are searched for duplicates pair by pair.
const SMALL_TIE: usize = 32;

impl Sessions {
    /// The memory that it takes.
    pub fn memory_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<u32>()
            + self.ends.capacity() * size_of::<usize>()
            + self.visits.capacity() * size_of::<u32>()
    }

    /// Builds the sessions of a partition that is complete. After a gap of more microseconds than `split_after_us` what
    /// follows under the same id is another session.
    pub fn build(partition: &Partition, keep_salvaged: bool, split_after_us: Option<u64>) -> Sessions {
        let mut building = Building::new(partition, keep_salvaged, split_after_us);
        loop {
            if let Some(sessions) = building.advance(partition) {
                return sessions;
            }
        }
    }

    #[inline(never)]
    fn count_order(&mut self, partition: &Partition, rows: &[u32]) {
        let events = &partition.events;
        let mut last_line = 0;
        for (index, row) in rows.iter().enumerate() {
            let row = *row as usize;
            self.out_of_order += u64::from(events.line[row] < last_line);
            last_line = last_line.max(events.line[row]);
            self.ties += u64::from(index > 0 && events.time_us[rows[index - 1] as usize] == events.time_us[row]);
        }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All events of all sessions.
    pub fn event_count(&self) -> u64 {
        self.rows.len() as u64
    }

    pub fn iter<'a>(&'a self, partition: &'a Partition) -> impl Iterator<Item = Session<'a>> {
        (0..self.len()).map(move |index| self.get(partition, index))
    }

    /// Calls `each` with each session in a range, in order. A call for each session, not a loop around its work: a browser runs a
    /// function as it was compiled in haste until the function is called again.
    #[inline(never)]
    pub fn each<'a>(&'a self, partition: &'a Partition, range: Range<usize>, each: &mut dyn FnMut(Session<'a>)) {
        range.map(|index| self.get(partition, index)).for_each(each);
    }

    /// The session with this place in the order.
    pub fn get<'a>(&'a self, partition: &'a Partition, index: usize) -> Session<'a> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let visit = self.visits.get(index).copied().unwrap_or(0);
        Session { partition, index: index as u32, visit, rows: &self.rows[start..self.ends[index]] }
    }
}

/// Rows that are looked at in one step.
const STEP_ROWS: usize = 1_000_000;

/// Sessions that are being built.
pub struct Building {
    keep_salvaged: bool,
    split_after_us: Option<u64>,
    sessions: Sessions,
    /// Sessions that have any rows.
    found: Vec<Found>,
    kept: Vec<u32>,
    /// Rows of the partition, and repaired ones among them, that have been looked at.
    row: usize,
    salvaged: usize,
    in_order: bool,
}

/// A session that is found.
struct Found {
    start_us: i64,
    user: u32,
    /// Where its rows stand among all that are kept.
    rows: Range<usize>,
    /// Which visit of its id.
    visit: u32,
}

impl Building {
    /// Begins what [`Sessions::build`] does, for those who make pauses.
    pub fn new(partition: &Partition, keep_salvaged: bool, split_after_us: Option<u64>) -> Building {
        Building {
            keep_salvaged,
            split_after_us,
            sessions: Sessions::default(),
            found: Vec::new(),
            kept: Vec::with_capacity(partition.events.line.len()),
            row: 0,
            salvaged: 0,
            in_order: false,
        }
    }

    /// A step of it; the sessions with the last.
    pub fn advance(&mut self, partition: &Partition) -> Option<Sessions> {
        if self.row < partition.events.line.len() {
            self.find_some(partition);
            return None;
        }
        if !self.in_order {
            self.put_in_order(partition);
            return None;
        }
        let (mut sessions, found) = (std::mem::take(&mut self.sessions), std::mem::take(&mut self.found));
        sessions.rows.reserve_exact(self.kept.len());
        sessions.ends.reserve_exact(found.len());
        if found.iter().any(|found| found.visit > 0) {
            sessions.visits = found.iter().map(|found| found.visit).collect();
        }
        for Found { rows, .. } in found {
            sessions.rows.extend_from_slice(&self.kept[rows]);
            sessions.ends.push(sessions.rows.len());
        }
        Some(sessions)
    }

    fn find_some(&mut self, partition: &Partition) {
        let events = &partition.events;
        let (first, until) = (self.row, self.row + STEP_ROWS);
        let left_out = partition.salvaged[self.salvaged..].iter().map(|(row, _)| *row);
        let mut left_out = left_out.filter(|_| !self.keep_salvaged).peekable();
        let mut all = Vec::new();
        for rows in events.session[first..].chunk_by(|a, b| a == b) {
            if self.row >= until {
                break;
            }
            let rows = self.row as u32..(self.row + rows.len()) as u32;
            self.row = rows.end as usize;
            all.clear();
            all.extend(rows.filter(|row| left_out.next_if_eq(row).is_none()));
            let start = self.kept.len();
            keep_without_duplicates(partition, &all, &mut self.kept);
            self.sessions.duplicates += (all.len() - (self.kept.len() - start)) as u64;
            if self.kept.len() > start {
                self.sessions.count_order(partition, &self.kept[start..]);
                let visits = visits(events, &self.kept, start..self.kept.len(), self.split_after_us);
                self.found.extend(visits.into_iter().map(|(rows, visit)| {
                    let start_us = events.time_us[self.kept[rows.start] as usize];
                    let user = partition.session_keys[events.session[self.kept[rows.start] as usize] as usize].0;
                    Found { start_us, user, rows, visit }
                }));
            }
        }
        self.salvaged = partition.salvaged.partition_point(|(row, _)| (*row as usize) < self.row);
    }

    fn put_in_order(&mut self, partition: &Partition) {
        let kept = &self.kept;
        let id = |found: &Found| {
            let session = Session { partition, index: 0, visit: found.visit, rows: &kept[found.rows.clone()] };
            session.session_id().into_owned()
        };
        let mut begin = vec![i64::MAX; partition.users.texts().len()];
        for found in &self.found {
            let begin = &mut begin[found.user as usize];
            *begin = found.start_us.min(*begin);
        }
        let name = |user: u32| partition.users.texts().get(user);
        self.found.sort_by(|a, b| match a.user == b.user {
            true => a.start_us.cmp(&b.start_us).then_with(|| id(a).cmp(&id(b))),
            false => {
                let (begin_a, begin_b) = (begin[a.user as usize], begin[b.user as usize]);
                begin_a.cmp(&begin_b).then_with(|| name(a.user).cmp(name(b.user)))
            }
        });
        self.in_order = true;
    }
}

/// The rows of one session by visits, each with its number.
fn visits(events: &Events, kept: &[u32], rows: Range<usize>, split_after_us: Option<u64>) -> Vec<(Range<usize>, u32)> {
    let Some(longest) = split_after_us else { return vec![(rows, 0)] };
    let time = |row: u32| events.time_us[row as usize];
    let mut start = rows.start;
    let of_visits = kept[rows].chunk_by(|a, b| time(*b).abs_diff(time(*a)) <= longest);
    let ranges = of_visits.map(|visit| {
        let range = start..start + visit.len();
        start = range.end;
        range
    });
    ranges.zip(0..).collect()
}

/// Keeps the rows of one session, in order, without natural duplicates: records with an id and everything else equal
/// to an earlier one. Such records have the same time, so they stand in one group of ties.
#[inline(never)]
fn keep_without_duplicates(partition: &Partition, rows: &[u32], kept: &mut Vec<u32>) {
    let events = &partition.events;
    let record = |row: u32| {
        let row = row as usize;
        (events.id_hash[row], events.path[row], events.element[row], events.value[row])
    };
    for ties in rows.chunk_by(|a, b| events.time_us[*a as usize] == events.time_us[*b as usize]) {
        let group = kept.len();
        if ties.len() <= SMALL_TIE {
            for row in ties {
                let (id, ..) = record(*row);
                if id == 0 || !kept[group..].iter().any(|earlier| record(*earlier) == record(*row)) {
                    kept.push(*row);
                }
            }
        } else {
            let mut seen = HashSet::new();
            kept.extend(ties.iter().filter(|row| events.id_hash[**row as usize] == 0 || seen.insert(record(**row))));
        }
    }
}

impl<'a> Session<'a> {
    /// How many events it has; at least one.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its place among the partition's sessions.
    pub fn index(&self) -> usize {
        self.index as usize
    }

    /// Its rows in the partition's columns, in order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + Clone + 'a {
        self.rows.iter().map(|row| *row as usize)
    }

    pub fn first(&self) -> usize {
        self.rows[0] as usize
    }

    pub fn last(&self) -> usize {
        self.rows[self.rows.len() - 1] as usize
    }

    /// Its number among the partition's [`Partition::session_keys`].
    pub fn number(&self) -> u32 {
        self.partition.events.session[self.first()]
    }

    /// Number of its user.
    pub fn user(&self) -> u32 {
        self.partition.session_keys[self.number() as usize].0
    }

    pub fn user_id(&self) -> &'a str {
        self.partition.users.texts().get(self.user())
    }

    /// Its id, which names the visit where a session was split: `s1 (visit 2)`.
    pub fn session_id(&self) -> Cow<'a, str> {
        match self.visit {
            0 => Cow::Borrowed(self.id_in_file()),
            visit => Cow::Owned(format!("{} (visit {})", self.id_in_file(), visit + 1)),
        }
    }

    /// It is not a further visit under an id that another session has already.
    pub fn is_first_visit(&self) -> bool {
        self.visit == 0
    }

    /// The id as it stands in the file.
    pub fn id_in_file(&self) -> &'a str {
        self.partition.session_ids.texts().get(self.partition.session_keys[self.number() as usize].1)
    }

    /// Time of the first event.
    pub fn start_us(&self) -> i64 {
        self.partition.events.time_us[self.first()]
    }

    pub fn end_us(&self) -> i64 {
        self.partition.events.time_us[self.last()]
    }
}
