//! The sessions of a partition: which rows, in which order.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::dataset::events::Events;
use crate::dataset::partition::Partition;

/// The rows of a partition by session, each session's in time order, ties in file order. Natural duplicates
/// (the same record twice) are left out, and salvaged records if asked to.
///
/// Sessions stand in the order of their first events, then of their names, so that nothing depends on who read what.
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
        Unordered::of(partition, keep_salvaged, split_after_us).in_order(partition)
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

    /// Calls `each` with each session in order. A call for each session, not a loop around its work: a browser runs a
    /// function as it was compiled in haste until the function is called again.
    #[inline(never)]
    pub fn each<'a>(&'a self, partition: &'a Partition, each: &mut dyn FnMut(Session<'a>)) {
        self.iter(partition).for_each(each);
    }

    /// The session with this place in the order.
    pub fn get<'a>(&'a self, partition: &'a Partition, index: usize) -> Session<'a> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let visit = self.visits.get(index).copied().unwrap_or(0);
        Session { partition, index: index as u32, visit, rows: &self.rows[start..self.ends[index]] }
    }
}

/// Sessions that are found, and not in their order yet.
pub struct Unordered {
    sessions: Sessions,
    /// Rows of sessions that have any, and where they stand among all that are kept: with the number of the visit.
    found: Vec<(std::ops::Range<usize>, u32)>,
    kept: Vec<u32>,
}

impl Unordered {
    /// The first half of [`Sessions::build`], for those who make a pause between the two.
    pub fn of(partition: &Partition, keep_salvaged: bool, split_after_us: Option<u64>) -> Unordered {
        let events = &partition.events;
        let mut skip = partition.salvaged.iter().map(|(row, _)| *row).filter(|_| !keep_salvaged).peekable();
        let mut sessions = Sessions::default();
        let mut found = Vec::new();
        let (mut kept, mut all) = (Vec::with_capacity(events.line.len()), Vec::new());
        let mut first = 0;
        for rows in events.session.chunk_by(|a, b| a == b) {
            let rows = first..first + rows.len() as u32;
            first = rows.end;
            all.clear();
            all.extend(rows.filter(|row| skip.next_if_eq(row).is_none()));
            let start = kept.len();
            keep_without_duplicates(partition, &all, &mut kept);
            sessions.duplicates += (all.len() - (kept.len() - start)) as u64;
            if kept.len() > start {
                sessions.count_order(partition, &kept[start..]);
                found.extend(visits(events, &kept, start..kept.len(), split_after_us));
            }
        }
        Unordered { sessions, found, kept }
    }

    /// The second half.
    pub fn in_order(self, partition: &Partition) -> Sessions {
        let Unordered { mut sessions, mut found, kept } = self;
        found.sort_by(|a, b| {
            let session = |(rows, visit): &(std::ops::Range<usize>, u32)| Session {
                partition,
                index: 0,
                visit: *visit,
                rows: &kept[rows.clone()],
            };
            let (a, b) = (session(a), session(b));
            let names = |session: &Session| (session.user_id().to_string(), session.session_id().into_owned());
            a.start_us().cmp(&b.start_us()).then_with(|| names(&a).cmp(&names(&b)))
        });
        sessions.rows.reserve_exact(kept.len());
        sessions.ends.reserve_exact(found.len());
        if found.iter().any(|(_, visit)| *visit > 0) {
            sessions.visits = found.iter().map(|(_, visit)| *visit).collect();
        }
        for (rows, _) in found {
            sessions.rows.extend_from_slice(&kept[rows]);
            sessions.ends.push(sessions.rows.len());
        }
        sessions
    }
}

/// The rows of one session by visits, each with its number.
fn visits(
    events: &Events,
    kept: &[u32],
    rows: std::ops::Range<usize>,
    split_after_us: Option<u64>,
) -> Vec<(std::ops::Range<usize>, u32)> {
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
