//! Files that hold columns instead of lines: Parquet, and Arrow's file format. They are read where they are, a range of
//! rows at a time, and only the columns that the mapping names.
//!
//! The decoders are large. A page loads them only when such a file comes, as a worker program of its own (the feature
//! `columns`); the command line has them built in.

#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
mod cells;
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
mod json_text;
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
mod records;
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
mod source;
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
mod table;

use serde::{Deserialize, Serialize};

#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
pub use {
    cells::{Cell, Cells},
    json_text::{is_zoned, microseconds},
    records::RecordReader,
    source::Source,
    table::{ColumnFile, Rows, is_reading},
};

/// A format of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnFormat {
    Parquet,
    Arrow,
}

impl ColumnFormat {
    /// From a file's first bytes.
    pub fn of(head: &[u8]) -> Option<ColumnFormat> {
        // A Parquet file whose footer is encrypted begins otherwise.
        if head.starts_with(b"PAR1") || head.starts_with(b"PARE") {
            Some(ColumnFormat::Parquet)
        } else {
            head.starts_with(b"ARROW1").then_some(ColumnFormat::Arrow)
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            ColumnFormat::Parquet => "Parquet",
            ColumnFormat::Arrow => "Arrow",
        }
    }
}
