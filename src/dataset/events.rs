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
