//! The sessions of a partition: which rows, in which order.

use std::collections::HashSet;

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
    rows: &'a [u32],
}

/// Groups of equal times up to this size are searched for duplicates pair by pair.
const SMALL_TIE: usize = 32;

impl Sessions {
    /// Builds the sessions of a partition whose lines are numbered.
    pub fn build(partition: &Partition, keep_salvaged: bool) -> Sessions {
        let events = &partition.events;
        let mut skip = vec![false; events.line.len()];
        if !keep_salvaged {
            for (row, _) in &partition.salvaged {
                skip[*row as usize] = true;
            }
        }
        // Counting sort by session.
        let mut starts = vec![0usize; partition.session_keys.len() + 1];
        for (row, session) in events.session.iter().enumerate() {
            starts[*session as usize + 1] += usize::from(!skip[row]);
        }
        for session in 1..starts.len() {
            starts[session] += starts[session - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; starts[starts.len() - 1]];
        for (row, session) in events.session.iter().enumerate() {
            if !skip[row] {
                rows[next[*session as usize]] = row as u32;
                next[*session as usize] += 1;
            }
        }
        let mut sessions = Sessions::default();
        let mut found: Vec<Vec<u32>> = Vec::new();
        for session in starts.windows(2).filter(|bounds| bounds[0] < bounds[1]) {
            let slice = &mut rows[session[0]..session[1]];
            slice.sort_unstable_by_key(|row| (events.time_us[*row as usize], events.line[*row as usize]));
            let mut kept = without_duplicates(partition, slice);
            sessions.duplicates += (slice.len() - kept.len()) as u64;
            kept.shrink_to_fit();
            sessions.count_order(partition, &kept);
            found.push(kept);
        }
        found.sort_by(|a, b| {
            let (a, b) = (Session { partition, rows: a }, Session { partition, rows: b });
            let names = |session: &Session| (session.user_id().to_string(), session.session_id().to_string());
            a.start_us().cmp(&b.start_us()).then_with(|| names(&a).cmp(&names(&b)))
        });
        for rows in found {
            sessions.rows.extend_from_slice(&rows);
            sessions.ends.push(sessions.rows.len());
        }
        sessions
    }

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
        (0..self.len()).map(move |index| {
            let start = if index == 0 { 0 } else { self.ends[index - 1] };
            Session { partition, rows: &self.rows[start..self.ends[index]] }
        })
    }
}

/// The rows of one session, in order, without natural duplicates: records with an id and everything else equal
/// to an earlier one. Such records have the same time, so they stand in one group of ties.
fn without_duplicates(partition: &Partition, rows: &[u32]) -> Vec<u32> {
    let events = &partition.events;
    let record = |row: u32| {
        let row = row as usize;
        (events.id_hash[row], events.path[row], events.element[row], events.value[row])
    };
    let mut kept: Vec<u32> = Vec::with_capacity(rows.len());
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
    kept
}

impl<'a> Session<'a> {
    /// How many events it has; at least one.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
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

    pub fn session_id(&self) -> &'a str {
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
