//! What was read, and from where, besides the events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::merge_counts;
use crate::ingest::RejectReason;
use crate::ingest::forms::LeftOut;
use crate::ingest::shape::{KindCounts, ShapeCounts};

/// Where the events came from: one file, or several that are one data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// In their order; events with the same time stand in this order.
    pub files: Vec<SourceFile>,
    /// Files that were opened with them and are not of the data set.
    pub left_out: Vec<LeftOut>,
    /// BLAKE3 of the bytes of all files, one after the other, hexadecimal; absent until it has been computed.
    pub blake3: Option<String>,
    /// Bytes at the end that were not read, since memory would not have sufficed.
    pub unread_bytes: u64,
    /// Then, the share of the sessions of the whole that memory would suffice for.
    pub sample_that_fits: Option<f64>,
}

/// One of the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Without folders.
    pub name: String,
    pub bytes: u64,
    /// How many lines it has; 0 until it has been read.
    pub lines: u64,
}

impl Source {
    /// What the results call the data set.
    pub fn name(&self) -> String {
        match self.files.as_slice() {
            [] => String::new(),
            [one] => one.name.clone(),
            [one, other] => format!("{} and {}", one.name, other.name),
            [one, others @ ..] => format!("{} and {} other files", one.name, others.len()),
        }
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The file that holds a line, numbered from 1 through all files, and the line's number in it. The name is
    /// left out where there is only one file.
    pub fn place(&self, line: u64) -> (Option<&str>, u64) {
        let mut line = line;
        for file in &self.files {
            if line <= file.lines {
                return ((self.files.len() > 1).then_some(file.name.as_str()), line);
            }
            line -= file.lines;
        }
        (None, line)
    }
}

/// What reading the lines of the file gave, besides events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadCounts {
    pub lines: u64,
    pub blank: u64,
    /// Lines that name the columns of a table.
    pub headers: u64,
    /// Lines that gave an event.
    pub events: u64,
    /// Whole records of sessions that are not in the sample.
    pub outside_sample: u64,
    /// Events among them whose record was damaged and repaired.
    pub salvaged: u64,
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Whole lines that tell of no action of a person, see [`RejectReason::is_set_aside`].
    pub set_aside: BTreeMap<RejectReason, u64>,
    /// The first rejected lines, numbered from 1.
    pub rejected_lines: BTreeMap<u64, RejectReason>,
    /// Events by fields that the mapping does not use.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Events whose time names its zone.
    pub zoned: u64,
    /// Events whose time is a date with day and month in the order that the settings say, by whether no other would do.
    pub certain_dates: u64,
    pub uncertain_dates: u64,
    /// The file's last line has no line end and is no record.
    pub cut_off: bool,
    /// Events that name no user and got the one of their session.
    pub users_filled_in: u64,
    /// What the events have in each mapped field.
    pub kinds: KindCounts,
    /// The forms of the records' ids.
    pub id_shapes: ShapeCounts,
}

/// Rejected lines that are named at most.
pub const NAMED_REJECTS: usize = 100;

/// Names of unknown fields that are counted at most.
const MAX_UNKNOWN_FIELDS: usize = 100;

/// Keeps the first names in the order of the alphabet. A name that is dropped has enough before it never to come
/// back, so the counts of those that stay are exact in whatever pieces the file is read.
pub(crate) fn keep_first_names(names: &mut BTreeMap<String, u64>) {
    while names.len() > MAX_UNKNOWN_FIELDS {
        names.pop_last();
    }
}

impl ReadCounts {
    /// Takes in the counts of the lines that follow.
    pub fn append(&mut self, next: &ReadCounts) {
        for (line, reason) in &next.rejected_lines {
            if self.rejected_lines.len() < NAMED_REJECTS {
                self.rejected_lines.insert(self.lines + line, *reason);
            }
        }
        self.lines += next.lines;
        self.blank += next.blank;
        self.headers += next.headers;
        self.events += next.events;
        self.outside_sample += next.outside_sample;
        self.salvaged += next.salvaged;
        merge_counts(&mut self.rejected, next.rejected.clone());
        merge_counts(&mut self.set_aside, next.set_aside.clone());
        merge_counts(&mut self.unknown_fields, next.unknown_fields.clone());
        keep_first_names(&mut self.unknown_fields);
        self.zoned += next.zoned;
        self.certain_dates += next.certain_dates;
        self.uncertain_dates += next.uncertain_dates;
        self.users_filled_in += next.users_filled_in;
        self.cut_off |= next.cut_off;
        self.kinds.merge(&next.kinds);
        self.id_shapes.merge(&next.id_shapes);
    }
}
