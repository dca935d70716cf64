//! Events in columns of numbers.

use serde::{Deserialize, Serialize};

use crate::dataset::column::Column;

/// One entry an event in each column. The texts behind the numbers are those of the batch or the partition that has
/// the events.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Events {
    /// The line's number within its chunk, from 0; once the partition is complete, its number in the file, from 1.
    pub line: Column<u32>,
    /// Microseconds, see [`crate::ingest::time::Time`].
    pub time_us: Column<i64>,
    /// Hash of the record's id; 0 where it has none.
    pub id_hash: Column<u64>,
    /// Number among the sessions.
    pub session: Column<u32>,
    /// Number of the raw path.
    pub path: Column<u32>,
    /// Number among the elements.
    pub element: Column<u32>,
    pub value: Column<u32>,
}

impl Events {
    /// Bytes of an event in all columns.
    pub const ROW_BYTES: usize = 5 * size_of::<u32>() + 2 * size_of::<u64>();

    /// So many more have room.
    pub fn unused_rows(&self) -> usize {
        self.line.capacity() - self.line.len()
    }

    /// Makes room for exactly so many more.
    pub fn make_room(&mut self, rows: usize) {
        self.line.reserve_exact(rows);
        self.time_us.reserve_exact(rows);
        self.id_hash.reserve_exact(rows);
        self.session.reserve_exact(rows);
        self.path.reserve_exact(rows);
        self.element.reserve_exact(rows);
        self.value.reserve_exact(rows);
    }
}
