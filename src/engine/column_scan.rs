//! Reading the rows of a file of columns that belong to one chunk: batches of events for each partition out, as from
//! [`super::scan`].
//!
//! Such a file keeps most texts once and their numbers by row. Where the mapping is simple, each text is looked at once,
//! and rows are put together from numbers; whatever is unusual about a row goes the way of records.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use std::sync::Arc;

use crate::analysis::ReadCounts;
use crate::dataset::Batch;
use crate::dataset::batch::{NumberedRow, id_hash};
use crate::engine::scan::{Found, count_unknown};
use crate::engine::worker::Reading;
use crate::ingest::columns::{Cell, Cells, ColumnFile, RecordReader, Rows, Source, is_zoned, microseconds};
use crate::ingest::event::RejectReason;
use crate::ingest::form::Container;
use crate::ingest::json::Field;
use crate::ingest::shape::{FieldKind, IdShape};
use crate::ingest::{FileProblem, time};
use crate::settings::Role;

const ROLES: usize = Role::ALL.len();
/// Roles whose texts have numbers.
const NUMBERED: [Role; 7] = [Role::User, Role::Session, Role::Page, Role::Css, Role::Text, Role::Value, Role::Status];

/// The reader of one chunk's rows.
pub struct ColumnScan<'m> {
    records: RecordReader,
    rows: Rows,
    found: Found<'m>,
    /// The column of each role, if rows need not become records.
    plain: Option<[Option<usize>; ROLES]>,
    /// What is known of the texts of each role.
    known: [Dictionary; ROLES],
}

/// The texts of a column that keeps them once, and what is known of each.
#[derive(Default)]
struct Dictionary {
    texts: Option<ArrayRef>,
    known: Vec<Option<Known>>,
}

/// What is known of a field of a row.
#[derive(Clone, Copy)]
struct Known {
    number: u32,
    kind: FieldKind,
    not_an_action: bool,
    failed: bool,
}

impl<'m> ColumnScan<'m> {
    /// A reader of the rows that belong to the bytes `start..end` of a file; none if the file holds lines.
    pub fn new(
        file: usize,
        (start, end): (u64, u64),
        reading: &'m Reading,
        source: impl FnOnce() -> Result<Box<dyn Source>, FileProblem>,
    ) -> Result<Option<ColumnScan<'m>>, FileProblem> {
        let container = reading.container(file);
        let Container::Columns(format) = container else { return Ok(None) };
        let columns = ColumnFile::open(*format, source()?)?;
        let records = RecordReader::new(columns.schema(), &reading.mapping);
        let plain = records.plain();
        let needed = records.columns();
        // Each record has an id and a time of its own.
        let repeated: Vec<usize> = plain.map_or(Vec::new(), |plain| {
            NUMBERED.iter().filter_map(|role| plain[*role as usize]).map(|at| needed[at]).collect()
        });
        let rows = columns.rows(start, end, &needed, &repeated)?;
        let found = Found::new(container, start == 0, reading, 0);
        Ok(Some(ColumnScan { records, rows, found, plain, known: Default::default() }))
    }

    /// Events found so far.
    pub fn events(&self) -> u64 {
        self.found.read.events
    }

    /// Reads some rows; false when there are no more.
    pub fn advance(&mut self) -> Result<bool, FileProblem> {
        let Some(batch) = self.rows.next()? else { return Ok(false) };
        match self.plain {
            Some(plain) => self.read_plain(&batch, plain),
            None => {
                let records = self.records.records(&batch);
                for row in 0..batch.num_rows() {
                    let number = self.found.read.lines;
                    self.found.read.lines += 1;
                    let event = self.found.decoder.event(records.get(row));
                    self.found.take(number, false, event);
                }
            }
        }
        for name in self.records.unused() {
            count_unknown(&mut self.found.read.unknown_fields, name, batch.num_rows() as u64);
        }
        Ok(true)
    }

    /// As [`super::scan::ChunkScan::finish`].
    pub fn finish(self) -> (ReadCounts, Vec<Option<Batch>>) {
        (self.found.read, self.found.batches.finish())
    }

    fn read_plain(&mut self, batch: &RecordBatch, plain: [Option<usize>; ROLES]) {
        let column = |role: Role| plain[role as usize].map(|at| batch.column(at));
        let found = &mut self.found;
        let [users, sessions, pages, css, texts, values, statuses] = NUMBERED
            .map(|role| known_rows(role, column(role), batch.num_rows(), found, &mut self.known[role as usize]));
        let ids = column(Role::Id).map(Cells::of);
        let times = Times::of(column(Role::Time));
        let stands_in = found.decoder.user_stands_in();
        let mut records = None;
        for row in 0..batch.num_rows() {
            let number = found.read.lines;
            found.read.lines += 1;
            let (user, session, page) = (users[row], sessions[row], pages[row]);
            if texts[row].not_an_action {
                found.reject(number, RejectReason::NotAnAction);
                continue;
            }
            let time = times.at(row).filter(|_| is_filled(page.kind) && !statuses[row].failed);
            let session_number = match session.kind {
                kind if is_filled(kind) => Some(session.number),
                _ if stands_in && is_filled(user.kind) => {
                    let name = found.batches.text(Role::User, user.number).to_string();
                    Some(found.batches.number(Role::Session, &name))
                }
                _ => None,
            };
            let (Some((time_kind, time)), Some(session_number)) = (time, session_number) else {
                // Something is missing or failed: the one place that says what, or repairs it, takes records.
                let records = records.get_or_insert_with(|| self.records.records(batch));
                let event = found.decoder.event(records.get(row));
                found.take(number, false, event);
                continue;
            };
            let id = ids.as_ref().map_or(Field::Absent, |ids| value(ids, row));
            let id = found.decoder.value(Role::Id, id);
            let taken = found.batches.push_numbered(&NumberedRow {
                line: number as u32,
                time_us: time.us,
                id_hash: id_hash(&id.text),
                user: user.number,
                session: session_number,
                path: page.number,
                css: css[row].number,
                text: texts[row].number,
                value: values[row].number,
            });
            let read = &mut found.read;
            if !taken {
                read.outside_sample += 1;
                continue;
            }
            read.events += 1;
            read.zoned += u64::from(time.zoned);
            let [css, text, value, status] =
                [&css[row], &texts[row], &values[row], &statuses[row]].map(|known| known.kind);
            read.kinds.add(&[id.kind, user.kind, session.kind, time_kind, page.kind, css, text, value, status]);
            if is_filled(id.kind) {
                read.id_shapes.add(IdShape::of(&id.text));
            }
        }
    }
}

fn is_filled(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Text | FieldKind::Literal)
}

fn value<'c>(cells: &'c Cells, row: usize) -> Field<'c> {
    match cells.field(row) {
        Cell::Value(field) => field,
        Cell::Json(_) => Field::Nested,
    }
}

/// What is known of the field of each row.
fn known_rows(
    role: Role,
    column: Option<&ArrayRef>,
    rows: usize,
    found: &mut Found,
    dictionary: &mut Dictionary,
) -> Vec<Known> {
    let Some(column) = column else {
        let known = known(role, Field::Absent, found);
        return vec![known; rows];
    };
    let cells = Cells::of(column);
    let Cells::Dictionary { keys, values } = &cells else {
        return (0..rows).map(|row| known(role, value(&cells, row), found)).collect();
    };
    let texts = column.as_any_dictionary().values();
    // A file keeps one list of texts for many rows.
    if !dictionary.texts.as_ref().is_some_and(|before| Arc::ptr_eq(before, texts)) {
        dictionary.texts = Some(texts.clone());
        dictionary.known.clear();
        dictionary.known.resize(texts.len(), None);
    }
    let null = known(role, Field::Null, found);
    let known_keys = keys.iter().map(|key| match dictionary.known.get_mut(*key as usize) {
        Some(Some(known)) => *known,
        Some(place) => *place.insert(known(role, value(values, *key as usize), found)),
        None => null,
    });
    known_keys.collect()
}

fn known(role: Role, field: Field, found: &mut Found) -> Known {
    let value = found.decoder.value(role, field);
    let number = found.batches.number(role, &value.text);
    Known { number, kind: value.kind, not_an_action: value.not_an_action, failed: value.failed }
}

/// The times of some rows.
enum Times<'b> {
    None,
    /// As a file of columns keeps them, in microseconds.
    Kept(Vec<Option<i64>>, bool),
    Written(Cells<'b>),
}

impl<'b> Times<'b> {
    fn of(column: Option<&'b ArrayRef>) -> Times<'b> {
        match column {
            None => Times::None,
            Some(column) if matches!(column.data_type(), arrow_schema::DataType::Timestamp(..)) => {
                let at = |row| if column.is_null(row) { None } else { microseconds(column, row) };
                Times::Kept((0..column.len()).map(at).collect(), is_zoned(column.data_type()))
            }
            Some(column) => Times::Written(Cells::of(column)),
        }
    }

    /// The time of a row, and what its field holds; nothing if it has none that can be read.
    fn at(&self, row: usize) -> Option<(FieldKind, time::Time)> {
        match self {
            Times::None => None,
            Times::Kept(times, zoned) => Some((FieldKind::Text, time::Time { us: times[row]?, zoned: *zoned })),
            Times::Written(cells) => {
                let field = value(cells, row);
                let kind = field.kind();
                if !is_filled(kind) {
                    return None;
                }
                Some((kind, time::parse(&field.text()?)?))
            }
        }
    }
}
