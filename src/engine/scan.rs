//! Reading one chunk: bytes in, batches of events for each partition out.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::analysis::{NAMED_REJECTS, ReadCounts, keep_first_names};
use crate::dataset::Batch;
use crate::dataset::batch::{Batches, Row};
use crate::engine::worker::Reading;
use crate::ingest::FileProblem;
use crate::ingest::event::{Decoder, Event, RejectReason};
use crate::ingest::form::Container;
use crate::ingest::lines::{ChunkLines, Line};
use crate::ingest::shape::{FieldKind, IdShape};
use crate::ingest::sniff::SNIFF_BYTES;
use crate::settings::Role;

/// Bytes of a usual event's line, to make room for so many.
const EVENT_BYTES: u64 = 256;

/// The reader of one chunk. The caller brings the bytes.
pub struct ChunkScan<'m> {
    lines: ChunkLines,
    found: Found<'m>,
    /// The file's first bytes, until there are enough to tell what it is.
    head: Option<Vec<u8>>,
}

/// What was found in a chunk so far.
pub(super) struct Found<'m> {
    pub(super) decoder: Decoder<'m>,
    /// The next line names the columns.
    header: bool,
    pub(super) batches: Batches,
    pub(super) read: ReadCounts,
}

impl<'m> ChunkScan<'m> {
    /// A reader of the lines that begin in the bytes `start..end`.
    pub fn new(file: usize, start: u64, end: u64, reading: &'m Reading) -> ChunkScan<'m> {
        let rows = (end.saturating_sub(start) / EVENT_BYTES) as usize / reading.partitions.max(1);
        ChunkScan {
            lines: ChunkLines::new(start, end),
            found: Found::new(reading.container(file), start == 0, reading, rows),
            head: (start == 0).then(Vec::new),
        }
    }

    /// Reads a chunk of a file that is in memory, see [`ChunkScan::finish`].
    pub fn of_memory(
        file: &[u8],
        chunk: Range<u64>,
        reading: &'m Reading,
    ) -> Result<(ReadCounts, Vec<Option<Batch>>), FileProblem> {
        let mut scan = ChunkScan::new(0, chunk.start, chunk.end, reading);
        if !scan.push(&file[ChunkScan::read_from(chunk.start) as usize..])? {
            scan.end_of_file()?;
        }
        Ok(scan.finish())
    }

    /// Where in the file to begin to read, for a chunk that begins here.
    pub fn read_from(start: u64) -> u64 {
        ChunkLines::read_from(start)
    }

    /// Events found so far.
    pub fn events(&self) -> u64 {
        self.found.read.events
    }

    /// Takes the next bytes; true when the chunk needs no more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<bool, FileProblem> {
        let Some(mut head) = self.head.take() else { return Ok(self.read_lines(bytes)) };
        head.extend_from_slice(bytes);
        if head.len() < SNIFF_BYTES {
            self.head = Some(head);
            return Ok(false);
        }
        Container::recognise(&head[..SNIFF_BYTES])?;
        Ok(self.read_lines(&head))
    }

    /// Says that the file has no more bytes.
    pub fn end_of_file(&mut self) -> Result<(), FileProblem> {
        if let Some(head) = self.head.take() {
            Container::recognise(&head)?;
            self.read_lines(&head);
        }
        let found = &mut self.found;
        self.lines.end_of_file(|line| found.line(line));
        Ok(())
    }

    fn read_lines(&mut self, bytes: &[u8]) -> bool {
        let found = &mut self.found;
        self.lines.push(bytes, |line| found.line(line))
    }

    /// The counts of the chunk's lines, and for each partition its batch; `None` if it has no events.
    pub fn finish(self) -> (ReadCounts, Vec<Option<Batch>>) {
        (self.found.read, self.found.batches.finish())
    }
}

impl<'m> Found<'m> {
    /// With room for so many rows. `first` is the chunk with which a file begins.
    pub(super) fn new(container: &Container, first: bool, reading: &'m Reading, rows: usize) -> Found<'m> {
        Found {
            decoder: Decoder::of(container, &reading.mapping),
            header: first && container.has_header(),
            batches: Batches::new(reading.partitions, reading.sample, rows),
            read: ReadCounts::default(),
        }
    }

    /// A call for each line, see [`crate::dataset::Sessions::each`].
    #[inline(never)]
    fn line(&mut self, line: Line) {
        let number = self.read.lines;
        self.read.lines += 1;
        let (bytes, unended) = match line {
            Line::Whole(bytes) => (bytes, false),
            Line::Unended(bytes) => (bytes, true),
            Line::TooLong => return self.reject(number, RejectReason::TooLong),
        };
        if bytes.trim_ascii().is_empty() {
            self.read.blank += 1;
            return;
        }
        if std::mem::take(&mut self.header) {
            self.read.headers += 1;
            return;
        }
        let unknown_fields = &mut self.read.unknown_fields;
        let mut unknown = |name: &str| count_unknown(unknown_fields, name, 1);
        let decoded = self.decoder.decode(bytes, &mut unknown);
        self.take(number, unended, decoded);
    }

    /// Takes what a line, or a row, turned out to be.
    #[inline]
    pub(super) fn take(&mut self, number: u64, unended: bool, decoded: Result<Event, RejectReason>) {
        match decoded {
            Ok(event) => {
                if !self.batches.push(&Row::new(number as u32, &event)) {
                    self.read.outside_sample += 1;
                    return;
                }
                self.read.events += 1;
                self.read.salvaged += u64::from(event.salvaged.is_some());
                self.read.zoned += u64::from(event.time.zoned);
                self.read.certain_dates += u64::from(event.date_certain == Some(true));
                self.read.uncertain_dates += u64::from(event.date_certain == Some(false));
                self.read.kinds.add(&event.kinds);
                if matches!(event.kinds[Role::Id as usize], FieldKind::Text | FieldKind::Literal) {
                    self.read.id_shapes.add(IdShape::of(&event.id));
                }
            }
            Err(reason) => {
                self.read.cut_off |= unended && reason == RejectReason::CutOff;
                self.reject(number, reason);
            }
        }
    }

    /// Counts a line, by its number from 0, that is no event.
    pub(super) fn reject(&mut self, number: u64, reason: RejectReason) {
        if reason.is_set_aside() {
            *self.read.set_aside.entry(reason).or_default() += 1;
            return;
        }
        *self.read.rejected.entry(reason).or_default() += 1;
        if self.read.rejected_lines.len() < NAMED_REJECTS {
            self.read.rejected_lines.insert(number + 1, reason);
        }
    }
}

/// Counts a field that the mapping does not use, in so many records.
pub(super) fn count_unknown(fields: &mut BTreeMap<String, u64>, name: &str, records: u64) {
    if let Some(count) = fields.get_mut(name) {
        *count += records;
    } else {
        fields.insert(name.to_string(), records);
        keep_first_names(fields);
    }
}
