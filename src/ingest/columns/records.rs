//! Rows to records: the mapped fields of each row, also those inside others.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use super::cells::{Cell, Cells};
use crate::ingest::json::Record;
use crate::ingest::paths::{Filling, Paths};
use crate::settings::{Mapping, Role};

/// Finds the fields of a mapping in a file's columns.
pub struct RecordReader {
    paths: Paths,
    /// The columns that the mapping uses, in the file's order, with their places among the paths.
    used: Vec<(usize, usize)>,
    /// The names of the others.
    unused: Vec<String>,
}

impl RecordReader {
    pub fn new(schema: &Schema, mapping: &Mapping) -> RecordReader {
        let paths = Paths::of(mapping);
        let (mut used, mut unused) = (Vec::new(), Vec::new());
        for (at, field) in schema.fields().iter().enumerate() {
            match paths.root_at(field.name()) {
                Some(root) => used.push((at, root)),
                None => unused.push(field.name().clone()),
            }
        }
        RecordReader { paths, used, unused }
    }

    /// The numbers of the columns that are needed.
    pub fn columns(&self) -> Vec<usize> {
        self.used.iter().map(|(column, _)| *column).collect()
    }

    /// The names of the columns that are not.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The column of each role, by its place among the needed ones, if each role has one at most, whose values hold no
    /// others: such rows need not become records first.
    pub fn plain(&self) -> Option<[Option<usize>; Role::ALL.len()]> {
        let mut columns = [None; Role::ALL.len()];
        for (at, (_, root)) in self.used.iter().enumerate() {
            for role in self.paths.at(*root).plain_roles()? {
                if columns[role as usize].replace(at).is_some() {
                    return None;
                }
            }
        }
        Some(columns)
    }

    /// The records of some rows, which have the needed columns alone.
    pub fn records<'b>(&'b self, batch: &'b RecordBatch) -> Records<'b> {
        let roots = self.used.iter().map(|(_, root)| *root);
        let columns = roots.zip(batch.columns()).map(|(root, column)| (root, Cells::of(column))).collect();
        Records { paths: &self.paths, columns }
    }
}

/// The records of some rows.
pub struct Records<'b> {
    paths: &'b Paths,
    columns: Vec<(usize, Cells<'b>)>,
}

impl Records<'_> {
    /// The record of this row.
    pub fn get(&self, row: usize) -> Record<'_> {
        let mut record = Filling::default();
        for (root, cells) in &self.columns {
            let node = self.paths.at(*root);
            match cells.field(row) {
                Cell::Value(field) => record.field(node, field),
                Cell::Json(raw) => record.value(node, raw),
            }
        }
        record.record()
    }
}
