//! Tables of text: CSV, and its kin with tabs, semicolons or bars between the fields.

use std::borrow::Cow;
use std::collections::HashSet;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde::{Deserialize, Serialize};

use crate::ingest::dates;
use crate::ingest::event::RejectReason;
use crate::ingest::json::Record;
use crate::ingest::layout::snowplow;
use crate::ingest::paths::{Filling, Paths};
use crate::settings::Mapping;

/// How a table is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub delimiter: u8,
    pub columns: Vec<String>,
    /// The first line has the names of the columns.
    pub header: bool,
}

/// What may stand between fields, the most usual first.
pub const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Lines that are looked at.
const LINES: usize = 20;
/// Columns that a table may have.
const MAX_COLUMNS: usize = 20_000;

impl Table {
    /// The table that begins with these bytes, whose last line may be cut off; `None` if they are none.
    pub fn recognise(head: &[u8]) -> Option<Table> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').take(LINES + 1).collect();
        if lines.len() > 1 {
            lines.pop();
        }
        lines.retain(|line| !line.trim_ascii().is_empty());
        let (first, rest) = lines.split_first()?;
        let first = std::str::from_utf8(first).ok()?;
        let fitting = DELIMITERS.into_iter().filter_map(|delimiter| {
            let columns = fields_of(first, delimiter)?;
            let count = columns.len();
            let agree = rest.iter().filter(|line| {
                std::str::from_utf8(line)
                    .is_ok_and(|line| fields_of(line, delimiter).is_some_and(|all| all.len() == count))
            });
            // A quote that is open at the end of a line lets the line have fewer.
            (count > 1 && count <= MAX_COLUMNS && agree.count() * 2 >= rest.len())
                .then_some((count, delimiter, columns))
        });
        let (_, delimiter, columns) = fitting.reduce(|best, other| if other.0 > best.0 { other } else { best })?;
        Some(Table { delimiter, columns, header: true })
    }

    /// The same table, whose first line is a record like the others: its columns are called by their numbers, unless their
    /// order is a known one.
    pub fn without_header(self) -> Table {
        let numbered = || (1..=self.columns.len()).map(|number| format!("column {number}")).collect();
        let known = if self.delimiter == b'\t' { snowplow::columns(&self.columns) } else { None };
        Table { columns: known.unwrap_or_else(numbered), header: false, ..self }
    }

    /// The records of a file's first bytes, whose last line may be cut off.
    pub fn rows(&self, head: &[u8]) -> Vec<Vec<String>> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let lines = head.split(|byte| *byte == b'\n').skip(usize::from(self.header));
        lines.filter_map(|line| fields_of(std::str::from_utf8(line).ok()?, self.delimiter)).collect()
    }

    /// The first line names the columns: no name is a number, a time or there twice.
    pub fn has_header(&self) -> bool {
        let name = |name: &String| name.trim().parse::<f64>().is_err() && dates::in_any_form(name).is_none();

        let named = self.columns.iter().filter(|column| !column.trim().is_empty());
        let mut seen = HashSet::new();
        let distinct = self.columns.iter().all(|column| seen.insert(column));
        named.clone().count() + 1 >= self.columns.len() && named.clone().all(name) && distinct
    }
}

/// The fields of one whole line; `None` if a quote in it does not end.
pub fn fields_of(line: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader = LineReader::new(delimiter);
    let fields = reader.read(line.trim_end_matches('\r'))?;
    Some(fields.map(|field| field.to_string()).collect())
}

/// Reads records one after the other.
struct LineReader {
    reader: Reader,
    delimiter: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl LineReader {
    fn new(delimiter: u8) -> LineReader {
        LineReader { reader: reader(delimiter), delimiter, text: vec![0; 1024], ends: vec![0; 64] }
    }

    /// The fields of one record; `None` if a quote in it does not end.
    fn read<'r>(&'r mut self, record: &str) -> Option<impl Iterator<Item = &'r str> + use<'r>> {
        if !closed(record.as_bytes(), self.delimiter) {
            return None;
        }
        // Of one record there cannot be more text than of the line.
        self.text.resize(self.text.len().max(record.len() + 1), 0);
        let (mut input, mut written, mut count) = (record.as_bytes(), 0, 0);
        self.reader.reset();
        loop {
            let (result, read, out, ends) =
                self.reader.read_record(input, &mut self.text[written..], &mut self.ends[count..]);
            input = &input[read..];
            written += out;
            count += ends;
            match result {
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let text = std::str::from_utf8(&self.text[..written]).ok()?;
        let mut start = 0;
        Some(self.ends[..count].iter().map(move |end| {
            let field = &text[start..*end];
            start = *end;
            field
        }))
    }
}

fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// Every quote that opens a field is closed.
fn closed(record: &[u8], delimiter: u8) -> bool {
    if memchr::memchr(b'"', record).is_none() {
        return true;
    }
    let (mut at, mut open) = (0, false);
    let mut fresh = true;
    while at < record.len() {
        let byte = record[at];
        if open {
            if byte == b'"' {
                if record.get(at + 1) == Some(&b'"') {
                    at += 1;
                } else {
                    open = false;
                }
            }
        } else if byte == b'"' && fresh {
            open = true;
        }
        fresh = !open && byte == delimiter;
        at += 1;
    }
    !open
}

/// Reads the records of a table by a mapping.
pub struct TableReader {
    lines: LineReader,
    paths: Paths,
    /// Names, each with where its field goes.
    columns: Vec<(String, Option<usize>)>,
}

impl TableReader {
    pub fn new(table: &Table, mapping: &Mapping) -> TableReader {
        let paths = Paths::of(mapping);
        let columns = table.columns.iter().map(|name| (name.clone(), paths.root_at(name))).collect();
        TableReader { lines: LineReader::new(table.delimiter), paths, columns }
    }

    /// The record on this line, unless a quote in it does not end, or it has more fields than columns.
    pub fn read<'a>(&mut self, line: &'a str, unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, RejectReason> {
        let mut record = Filling::default();
        let mut columns = self.columns.iter();
        let mut take = |text: Cow<'a, str>| {
            match columns.next() {
                Some((_, Some(root))) => record.text(self.paths.at(*root), text),
                Some((name, None)) => unknown(name),
                // Some programs end each line with a delimiter.
                None => return text.trim().is_empty(),
            }
            true
        };
        let whole = if memchr::memchr(b'"', line.as_bytes()).is_none() {
            let delimiter = self.lines.delimiter as char;
            line.split(delimiter).all(|text| take(Cow::Borrowed(text)))
        } else {
            let mut fields = self.lines.read(line).ok_or(RejectReason::OpenQuote)?;
            fields.all(|text| take(Cow::Owned(text.to_string())))
        };
        if whole { Ok(record.record()) } else { Err(RejectReason::OtherColumns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Role;

    #[test]
    fn tables_are_told_by_their_first_lines() {
        let told = |head: &str| Table::recognise(head.as_bytes()).map(|table| (table.delimiter, table.columns.len()));
        assert_eq!(told("a,b,c\n1,2,3\n4,\"5,5\",6\n"), Some((b',', 3)));
        assert_eq!(told("a;b\n1,5;2\n1,7;3\n"), Some((b';', 2)));
        assert_eq!(told("a\tb\r\n1\t2\r\n"), Some((b'\t', 2)));
        assert_eq!(told("hello\nworld\n"), None);
        assert_eq!(told("Some text, with a comma.\nAnd more of it\nwithout any\n"), None);
        let table = |head: &str| Table::recognise(head.as_bytes()).unwrap();
        assert!(table("user,ts\n1,2\n").has_header());
        assert!(table(",user,ts\n0,1,2\n").has_header());
        assert!(!table("1,2014-04-07T10:51:09.277Z\n2,2014-04-07T10:51:09.277Z\n").has_header());
    }

    #[test]
    fn records_are_read_by_their_columns() {
        let mut mapping = Mapping::none();
        mapping.set(Role::User, "user");
        mapping.set(Role::Page, "props.path | page");
        let table = Table::recognise(b"user,page,props\n").unwrap();
        let mut reader = TableReader::new(&table, &mapping);
        let mut unknown = Vec::new();
        let mut read = |line: &str| {
            let record = reader.read(line, &mut |name| unknown.push(name.to_string()))?;
            Ok((record.user.text().unwrap().into_owned(), record.page.text().unwrap().into_owned()))
        };
        let pair = |user: &str, page: &str| Ok((user.to_string(), page.to_string()));
        assert_eq!(read("u,/a,"), pair("u", "/a"));
        assert_eq!(read("\"u, \"\"x\"\"\",/a,\"{\"\"path\"\": \"\"/b\"\"}\""), pair("u, \"x\"", "/b"));
        assert_eq!(read("u,\"/a"), Err(RejectReason::OpenQuote));
        assert_eq!(read("u,/a,,extra"), Err(RejectReason::OtherColumns));
        assert_eq!(read("u,/a,,"), pair("u", "/a"));
    }
}
