//! Tables of text: CSV, and its kin with tabs, semicolons or bars between the fields.

use std::borrow::Cow;
use std::collections::HashSet;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde::{Deserialize, Serialize};

use crate::ingest::bytes::position;
use crate::ingest::dates;
use crate::ingest::event::RejectReason;
use crate::ingest::json::Record;
use crate::ingest::layout::snowplow;
use crate::ingest::paths::{Filling, Paths, of_table};
use crate::settings::{Mapping, Role};

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
            let agrees = |all: Vec<String>| {
                // Some programs end each line with a delimiter, but not that of the names, or the other way round.
                let blank = |last: Option<&String>| last.is_some_and(|last| last.trim().is_empty());
                all.len() == count
                    || all.len() == count + 1 && blank(all.last())
                    || all.len() + 1 == count && blank(columns.last())
            };
            let agree = rest.iter().filter(|line| {
                std::str::from_utf8(line).is_ok_and(|line| fields_of(line, delimiter).is_some_and(agrees))
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
    columns: Vec<Column>,
    /// Every column plays one role at most, and every role is played by one at most: such records are read faster.
    plain: bool,
}

struct Column {
    name: String,
    /// Where its field goes, if anywhere, see [`Paths::at`].
    root: Option<usize>,
    role: Option<Role>,
}

impl TableReader {
    pub fn new(table: &Table, mapping: &Mapping) -> TableReader {
        let paths = Paths::of(mapping);
        let mut plain = true;
        let mut taken = Vec::new();
        let mut column = |name: &String| {
            let root = paths.root_at(name);
            let mut role = None;
            if let Some(node) = root.map(|root| paths.at(root)) {
                let roles: Vec<Role> = node.plain_roles().map_or(Vec::new(), Iterator::collect);
                match roles[..] {
                    [one] if !taken.contains(&one) => role = Some(one),
                    _ => plain = false,
                }
                taken.extend(role);
            }
            Column { name: name.clone(), root, role }
        };
        let columns = table.columns.iter().map(&mut column).collect();
        TableReader { lines: LineReader::new(table.delimiter), paths, columns, plain }
    }

    /// Reads the record on this line, unless a quote in it does not end, or it has more fields than columns, into one that
    /// has no fields yet. `unknown` is called with the name of each column that the mapping does not use.
    pub fn read_into<'a>(
        &mut self,
        line: &'a str,
        unknown: &mut dyn FnMut(&str),
        record: &mut Record<'a>,
    ) -> Result<(), RejectReason> {
        let count = match if self.plain { self.read_plain(line, record) } else { None } {
            Some(count) => count,
            None => {
                let (careful, count) = self.read_carefully(line)?;
                *record = careful;
                count
            }
        };
        let unused = self.columns.iter().take(count).filter(|column| column.root.is_none());
        unused.for_each(|column| unknown(&column.name));
        Ok(())
    }

    /// How many fields the record has. Nothing where it has too many, or a quote stands in an unusual way; the record may
    /// have some of the fields then.
    fn read_plain<'a>(&self, line: &'a str, record: &mut Record<'a>) -> Option<usize> {
        let (mut at, mut count) = (0, 0);
        loop {
            let (text, end) = field(line, at, self.lines.delimiter)?;
            match self.columns.get(count) {
                Some(Column { role: Some(role), .. }) => *record.field(*role) = of_table(text),
                Some(_) => {}
                // Some programs end each line with a delimiter.
                None if text.trim().is_empty() => {}
                None => return None,
            }
            count += 1;
            if end == line.len() {
                return Some(count);
            }
            at = end + 1;
        }
    }

    fn read_carefully<'a>(&mut self, line: &'a str) -> Result<(Record<'a>, usize), RejectReason> {
        let mut record = Filling::default();
        let mut columns = self.columns.iter();
        let mut count = 0;
        let mut take = |text: Cow<'a, str>| {
            count += 1;
            match columns.next() {
                Some(Column { root: Some(root), .. }) => record.text(self.paths.at(*root), text),
                Some(_) => {}
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
        if whole { Ok((record.record(), count)) } else { Err(RejectReason::OtherColumns) }
    }
}

/// The field that begins at `at`, and where it ends: at a delimiter, or with the line. Nothing where something stands
/// behind the quote that ends it, or it does not end.
#[inline]
fn field(line: &str, at: usize, delimiter: u8) -> Option<(Cow<'_, str>, usize)> {
    let bytes = line.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        let end = position(bytes, at, delimiter).unwrap_or(bytes.len());
        return Some((Cow::Borrowed(&line[at..end]), end));
    }
    let mut end = position(bytes, at + 1, b'"')?;
    let mut doubled = false;
    while bytes.get(end + 1) == Some(&b'"') {
        doubled = true;
        end = position(bytes, end + 2, b'"')?;
    }
    let is_end = bytes.get(end + 1).is_none_or(|next| *next == delimiter);
    let text = &line[at + 1..end];
    let text = if doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) };
    is_end.then_some((text, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tables_are_told_by_their_first_lines() {
        let told = |head: &str| Table::recognise(head.as_bytes()).map(|table| (table.delimiter, table.columns.len()));
        assert_eq!(told("a,b,c\n1,2,3\n4,\"5,5\",6\n"), Some((b',', 3)));
        assert_eq!(told("a;b\n1,5;2\n1,7;3\n"), Some((b';', 2)));
        assert_eq!(told("a\tb\r\n1\t2\r\n"), Some((b'\t', 2)));
        assert_eq!(told("a,b,c\n1,2,3,\n4,5,6,\n"), Some((b',', 3)));
        assert_eq!(told("a,b,c,\n1,2,3\n4,5,6\n"), Some((b',', 4)));
        assert_eq!(told("a,b\n1,2,3\n4,5,6\n"), None);
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
            let mut record = Record::default();
            reader.read_into(line, &mut |name| unknown.push(name.to_string()), &mut record)?;
            Ok((record.user.text().unwrap().into_owned(), record.page.text().unwrap().into_owned()))
        };
        let pair = |user: &str, page: &str| Ok((user.to_string(), page.to_string()));
        assert_eq!(read("u,/a,"), pair("u", "/a"));
        assert_eq!(read("\"u, \"\"x\"\"\",/a,\"{\"\"path\"\": \"\"/b\"\"}\""), pair("u, \"x\"", "/b"));
        assert_eq!(read("u,\"/a"), Err(RejectReason::OpenQuote));
        assert_eq!(read("u,/a,,extra"), Err(RejectReason::OtherColumns));
        assert_eq!(read("u,/a,,"), pair("u", "/a"));
    }

    /// Of lines of a table.
    const PIECES: [&str; 9] = [",", ",", "\"", "\"\"", "c", "a b", "é", "NULL", ",\""];

    proptest! {
        #[test]
        fn plain_records_are_read_as_others_are(
            lines in prop::collection::vec(prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12), 1..6),
            delimiter in prop::sample::select(vec![b',', b'c']),
        ) {
            let columns = ["user", "other", "page"].map(String::from).to_vec();
            let table = Table { delimiter, columns, header: true };
            let mapping = Mapping { user: "user".into(), page: "page".into(), ..Mapping::none() };
            let mut reader = TableReader::new(&table, &mapping);
            prop_assert!(reader.plain);
            for line in lines.iter().map(|pieces| pieces.concat()) {
                let mut record = Record::default();
                if let Some(count) = reader.read_plain(&line, &mut record) {
                    prop_assert_eq!(Ok((record, count)), reader.read_carefully(&line), "{}", line);
                }
            }
        }
    }

    #[test]
    fn quoted_fields_are_read_where_they_stand() {
        let borrowed = |line: &str| matches!(field(line, 0, b','), Some((Cow::Borrowed(_), _)));
        assert!(borrowed("a,b") && borrowed("\"a, b\",c") && borrowed("\"\"") && borrowed(""));
        assert_eq!(field("\"a \"\"b\"\"\",c", 0, b','), Some((Cow::Owned("a \"b\"".into()), 9)));
        assert_eq!([field("\"a", 0, b','), field("\"a\"b,c", 0, b',')], [None, None]);
    }
}
