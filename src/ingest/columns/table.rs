//! Opens files of columns, and reads ranges of their rows.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, FileReaderBuilder};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use super::ColumnFormat;
use super::json_text::{not_read, write_field};
use super::source::{Seeking, Source, Windows};
use crate::ingest::FileProblem;
use crate::ingest::sniff::SNIFF_BYTES;

/// Rows that are decoded at a time: a step of a worker's work.
const BATCH_ROWS: usize = 8192;
/// Rows by which a file is recognised.
const SAMPLE_ROWS: usize = 200;

/// An open file of columns.
pub struct ColumnFile {
    format: ColumnFormat,
    windows: Windows,
    schema: SchemaRef,
    /// Of a Parquet file: where its columns are.
    parquet: Option<ArrowReaderMetadata>,
}

impl ColumnFile {
    /// Opens a file: reads what it says of itself.
    pub fn open(format: ColumnFormat, source: Box<dyn Source>) -> Result<ColumnFile, FileProblem> {
        let windows = Windows::new(source);
        guarded(format, || match format {
            ColumnFormat::Parquet => {
                let metadata = ArrowReaderMetadata::load(&windows, ArrowReaderOptions::new());
                let metadata = metadata.map_err(parquet_problem)?;
                Ok(ColumnFile {
                    format,
                    windows: windows.clone(),
                    schema: metadata.schema().clone(),
                    parquet: Some(metadata),
                })
            }
            ColumnFormat::Arrow => {
                let schema = arrow_reader(&windows, None)?.schema();
                Ok(ColumnFile { format, windows: windows.clone(), schema, parquet: None })
            }
        })
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The first rows as lines of JSON, by which the file is recognised; as much as [`SNIFF_BYTES`].
    pub fn sample(&self) -> Result<Vec<u8>, FileProblem> {
        let columns: Vec<usize> = self.readable().collect();
        let mut rows = self.rows_within(Part::First(SAMPLE_ROWS), &columns, &[])?;
        let mut lines = String::new();
        while let Some(batch) = rows.next()? {
            for row in 0..batch.num_rows() {
                let mut line = String::from("{");
                let schema = batch.schema();
                for (field, column) in schema.fields().iter().zip(batch.columns()) {
                    write_field(field.name(), column.as_ref(), row, &mut line);
                }
                line.push_str("}\n");
                if lines.len() + line.len() > SNIFF_BYTES {
                    return Ok(lines.into_bytes());
                }
                lines.push_str(&line);
            }
        }
        Ok(lines.into_bytes())
    }

    /// The rows that belong to these bytes of the file, with the columns of these numbers. Rows are shared out by the size
    /// of the file, so that each row belongs to one range, however it is divided; of an Arrow file whole batches are.
    /// Those of `repeated` have few different texts: of a Parquet file, these are read as the numbers that it keeps for them.
    pub fn rows(&self, start: u64, end: u64, columns: &[usize], repeated: &[usize]) -> Result<Rows, FileProblem> {
        self.rows_within(Part::Bytes(start, end), columns, repeated)
    }

    fn rows_within(&self, part: Part, columns: &[usize], repeated: &[usize]) -> Result<Rows, FileProblem> {
        if let Some(problem) = columns.iter().find_map(|at| self.not_read(*at)) {
            return Err(problem);
        }
        guarded(self.format, || match &self.parquet {
            Some(metadata) => self.parquet_rows(metadata, part, columns, repeated),
            None => {
                let reader = arrow_reader(&self.windows, Some(columns.to_vec()))?;
                let range = part.of(reader.num_batches(), self.windows.size());
                let left = if let Part::First(rows) = part { rows } else { usize::MAX };
                Ok(Rows { of: Of::Arrow { reader: Box::new(reader), at: range.0, to: range.1, left } })
            }
        })
    }

    fn parquet_rows(
        &self,
        metadata: &ArrowReaderMetadata,
        part: Part,
        columns: &[usize],
        repeated: &[usize],
    ) -> Result<Rows, FileProblem> {
        let options = ArrowReaderOptions::new().with_schema(with_dictionaries(metadata.schema(), repeated));
        let as_numbers = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options);
        let metadata = as_numbers.as_ref().unwrap_or(metadata);
        let groups = metadata.metadata().row_groups();
        let rows_of = |group: usize| usize::try_from(groups[group].num_rows()).unwrap_or(0);
        let all: usize = (0..groups.len()).map(rows_of).sum();
        let (from, to) = part.of(all, self.windows.size());
        let (mut wanted, mut skipped, mut before) = (Vec::new(), 0, 0);
        for group in 0..groups.len() {
            let (begins, ends) = (before, before + rows_of(group));
            before = ends;
            if begins < to && ends > from {
                if wanted.is_empty() {
                    skipped = from.saturating_sub(begins);
                }
                wanted.push(group);
            }
        }
        let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.windows.clone(), metadata.clone())
            .with_batch_size(BATCH_ROWS)
            .with_row_groups(wanted)
            .with_projection(mask)
            .with_offset(skipped)
            .with_limit(to - from)
            .build()
            .map_err(parquet_problem)?;
        Ok(Rows { of: Of::Parquet(Box::new(reader)) })
    }

    /// Why a column is not read, if it is not.
    fn not_read(&self, column: usize) -> Option<FileProblem> {
        let field = self.schema.field(column);
        let kind = not_read(field.data_type())?;
        Some(FileProblem::UnreadColumn { column: field.name().clone(), format: self.format.name().into(), kind })
    }

    /// The numbers of the columns that Footpath can read.
    pub fn readable(&self) -> impl Iterator<Item = usize> {
        (0..self.schema.fields().len()).filter(|at| not_read(self.schema.field(*at).data_type()).is_none())
    }
}

/// Which rows, or which batches, are wanted.
#[derive(Clone, Copy)]
enum Part {
    First(usize),
    Bytes(u64, u64),
}

impl Part {
    /// Of so many in a file of so many bytes.
    fn of(self, all: usize, size: u64) -> (usize, usize) {
        match self {
            Part::First(count) => (0, count.min(all)),
            Part::Bytes(start, end) => {
                let share = |at: u64| (all as u128 * u128::from(at.min(size)) / u128::from(size.max(1))) as usize;
                (share(start), share(end))
            }
        }
    }
}

/// Rows of a file, some at a time.
pub struct Rows {
    of: Of,
}

enum Of {
    Parquet(Box<ParquetRecordBatchReader>),
    Arrow { reader: Box<FileReader<Seeking>>, at: usize, to: usize, left: usize },
}

impl Rows {
    /// The next ones.
    #[expect(clippy::should_implement_trait, reason = "an iterator of results is more to write for who reads them")]
    pub fn next(&mut self) -> Result<Option<RecordBatch>, FileProblem> {
        let format = if matches!(self.of, Of::Parquet(_)) { ColumnFormat::Parquet } else { ColumnFormat::Arrow };
        guarded(format, || match &mut self.of {
            Of::Parquet(reader) => reader.next().transpose().map_err(|error| match error {
                ArrowError::ParquetError(said) => parquet_said(&said),
                other => arrow_problem(&other),
            }),
            Of::Arrow { reader, at, to, left } => {
                if *at >= *to || *left == 0 {
                    return Ok(None);
                }
                reader.set_index(*at).map_err(|error| arrow_problem(&error))?;
                *at += 1;
                let batch = reader.next().transpose().map_err(|error| arrow_problem(&error))?;
                let batch = batch.map(|batch| batch.slice(0, batch.num_rows().min(*left)));
                *left -= batch.as_ref().map_or(0, RecordBatch::num_rows);
                Ok(batch)
            }
        })
    }
}

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// A library is reading a file on this thread: a panic is the file's fault, and is told of as such.
pub fn is_reading() -> bool {
    READING.get()
}

/// The libraries take some damaged bytes at their word and panic later. In a browser the worker ends then, which is told of as
/// well.
fn guarded<T>(format: ColumnFormat, read: impl FnOnce() -> Result<T, FileProblem>) -> Result<T, FileProblem> {
    let before = READING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    READING.set(before);
    done.unwrap_or_else(|_| Err(damaged(format)))
}

/// The schema with these columns as dictionaries, where they hold texts.
fn with_dictionaries(schema: &Schema, repeated: &[usize]) -> SchemaRef {
    let field = |(at, field): (usize, &Arc<Field>)| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if repeated.contains(&at) => {
            let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(kind))
        }
        _ => field.clone(),
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().enumerate().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn arrow_reader(windows: &Windows, columns: Option<Vec<usize>>) -> Result<FileReader<Seeking>, FileProblem> {
    let mut builder = FileReaderBuilder::new();
    if let Some(columns) = columns {
        builder = builder.with_projection(columns);
    }
    let seeking = Seeking { windows: windows.clone(), at: 0 };
    builder.build(seeking).map_err(|error| arrow_problem(&error))
}

fn parquet_problem(error: ParquetError) -> FileProblem {
    match error {
        ParquetError::External(error) if error.is::<std::io::Error>() => damaged(ColumnFormat::Parquet),
        other => parquet_said(&other.to_string()),
    }
}

/// What the library says in words alone.
fn parquet_said(said: &str) -> FileProblem {
    let said = said.to_lowercase();
    if said.contains("encrypt") {
        FileProblem::Unsupported { what: "an encrypted Parquet file".into() }
    } else if said.contains("disabled feature") || said.contains("not supported") || said.contains("nyi") {
        FileProblem::Unsupported { what: "a Parquet file of an unusual kind or compression".into() }
    } else {
        damaged(ColumnFormat::Parquet)
    }
}

fn arrow_problem(error: &ArrowError) -> FileProblem {
    match error {
        ArrowError::NotYetImplemented(_) => {
            FileProblem::Unsupported { what: "an Arrow file with columns of an unusual kind".into() }
        }
        _ => damaged(ColumnFormat::Arrow),
    }
}

fn damaged(format: ColumnFormat) -> FileProblem {
    FileProblem::Damaged { what: format.name().into() }
}
