//! Tables with records that go on over several lines, since a field in quotes holds line ends. A reader that begins in a
//! file's middle cannot know whether it stands within quotes; so such a table is written again first, with a blank in the
//! place of each line end within quotes.

use std::io;

use memchr::memchr;

use crate::ingest::delimited::{DELIMITERS, Table};
use crate::ingest::form::Container;
use crate::ingest::rewrite::Rewrite;

/// Longest record, in bytes, that is taken for one: a quote that ends nowhere must not swallow the file.
const MAX_RECORD_BYTES: usize = 1 << 20;

/// Whether the first bytes of a file are those of a table with such records.
pub fn go_on(head: &[u8]) -> bool {
    table(head).is_some()
}

pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    let (delimiter, columns) =
        table(head).map_or((DELIMITERS[0], None), |table| (table.delimiter, Some(table.columns.len())));
    Box::new(Records::new(delimiter, columns))
}

fn table(head: &[u8]) -> Option<Table> {
    // Most tables have no quotes at all, and nothing else that has them is a table.
    memchr(b'"', head)?;
    if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[' | b'<')) {
        return None;
    }
    DELIMITERS.into_iter().find_map(|delimiter| {
        let (mut records, mut lines) = (Records::new(delimiter, None), Vec::new());
        records.take(head, &mut lines);
        if records.joined.is_empty() {
            return None;
        }
        let Ok(Container::Table(table)) = Container::recognise(&lines) else { return None };
        let whole = records.joined.iter().filter(|fields| **fields == table.columns.len()).count();
        (table.delimiter == delimiter && whole * 2 >= records.joined.len()).then_some(table)
    })
}

/// Where in a record the next byte stands.
#[derive(Clone, Copy, PartialEq)]
enum At {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: it ends them, or stands for itself if another follows.
    Quote,
}

struct Records {
    delimiter: u8,
    at: At,
    /// The lines of the record that is not complete yet.
    record: Vec<u8>,
    /// A quote ended where no field ends: what is quoted here is no field.
    odd: bool,
    /// It has a line end within quotes.
    goes_on: bool,
    at_start: bool,
    /// How many fields of the record have ended.
    fields: usize,
    /// How many a record has, once that is known.
    columns: Option<usize>,
    /// How many fields each of the first records has that were put together.
    joined: Vec<usize>,
}

/// Records that are looked at.
const LOOKED_AT: usize = 20;

impl Records {
    fn new(delimiter: u8, columns: Option<usize>) -> Records {
        Records {
            delimiter,
            at: At::FieldStart,
            record: Vec::new(),
            odd: false,
            goes_on: false,
            at_start: true,
            fields: 0,
            columns,
            joined: Vec::new(),
        }
    }

    fn take(&mut self, mut bytes: &[u8], lines: &mut Vec<u8>) {
        if self.at_start && !bytes.is_empty() {
            self.at_start = false;
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        for byte in bytes {
            self.byte(*byte, lines);
        }
    }

    fn byte(&mut self, byte: u8, lines: &mut Vec<u8>) {
        self.record.push(byte);
        self.at = match (self.at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, b'\n') => {
                self.goes_on = true;
                At::Quoted
            }
            (At::Quoted, _) => At::Quoted,
            (_, b'\n') => return if self.is_wrong() { self.give_up(lines) } else { self.finish(lines) },
            (_, byte) if byte == self.delimiter => {
                self.fields += 1;
                At::FieldStart
            }
            (At::FieldStart, b'"') | (At::Quote, b'"') => At::Quoted,
            (At::Quote, b'\r' | b' ') => At::Quote,
            (At::Quote, _) => {
                self.odd = true;
                At::Plain
            }
            (At::FieldStart | At::Plain, _) => At::Plain,
        };
        let too_many = self.columns.is_some_and(|columns| self.fields >= columns);
        let too_long = self.record.len() >= MAX_RECORD_BYTES;
        // As soon as can be, so that little is looked at anew.
        if self.goes_on && (self.odd || too_many || too_long) {
            self.give_up(lines);
        } else if too_long {
            lines.append(&mut self.record);
        }
    }

    /// What was put together is no record.
    fn is_wrong(&self) -> bool {
        self.goes_on && self.columns.is_some_and(|columns| columns != self.fields + 1)
    }

    fn finish(&mut self, lines: &mut Vec<u8>) {
        let record = std::mem::take(&mut self.record);
        let (inner, end) = record.split_at(record.len() - usize::from(record.ends_with(b"\n")));
        let mut rest = inner;
        while let Some(at) = memchr(b'\n', rest) {
            lines.extend_from_slice(rest[..at].strip_suffix(b"\r").unwrap_or(&rest[..at]));
            lines.push(b' ');
            rest = &rest[at + 1..];
        }
        lines.extend_from_slice(rest);
        if self.goes_on && self.joined.len() < LOOKED_AT {
            self.joined.push(self.fields + 1);
        }
        lines.extend_from_slice(end);
        self.begin(record);
    }

    /// The quotes are none: the first line stays as it is, and the others are looked at anew.
    fn give_up(&mut self, lines: &mut Vec<u8>) {
        let record = std::mem::take(&mut self.record);
        let first = memchr(b'\n', &record).map_or(record.len(), |at| at + 1);
        lines.extend_from_slice(&record[..first]);
        self.begin(Vec::new());
        for byte in &record[first..] {
            self.byte(*byte, lines);
        }
    }

    /// The next record begins, in the room of one before.
    fn begin(&mut self, mut room: Vec<u8>) {
        room.clear();
        self.record = room;
        (self.at, self.odd, self.goes_on, self.fields) = (At::FieldStart, false, false, 0);
    }
}

impl Rewrite for Records {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()> {
        self.take(bytes, lines);
        Ok(())
    }

    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()> {
        while self.goes_on && (self.at == At::Quoted || self.is_wrong()) {
            self.give_up(lines);
        }
        self.finish(lines);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delimited::fields_of;
    use crate::ingest::rewrite::written;
    use proptest::prelude::*;

    fn rewritten(table: &str, piece: usize) -> String {
        written(table, piece, rewrite)
    }

    #[test]
    fn records_of_several_lines_become_one_line() {
        let cases = [
            ("user,time,note\n1,2,\"a\nb\"\n2,3,c\n", "user,time,note\n1,2,\"a b\"\n2,3,c\n"),
            ("user;note\r\n1;\"a\r\n\r\nb\"\"\n;\"\r\n2;c\r\n", "user;note\r\n1;\"a  b\"\" ;\"\r\n2;c\r\n"),
            ("\u{feff}\"the\nuser\",note\n1,\"\n\"\n2,x", "\"the user\",note\n1,\" \"\n2,x"),
            ("user,note\n1,\"a\nb\" \n2,\"x\ny\"", "user,note\n1,\"a b\" \n2,\"x y\""),
        ];
        for (table, expected) in cases {
            assert!(go_on(table.as_bytes()), "{table}");
            for piece in [1, 3, 1000] {
                assert_eq!(rewritten(table, piece), expected, "by {piece}");
            }
        }
    }

    #[test]
    fn a_quote_that_is_none_costs_its_own_line() {
        let table = "user,note\n1,\"a\nb\"\n2,\"open\n3,c\n4,\"d\"\n5,\"open to the end\n6,e\n";
        assert_eq!(rewritten(table, 1000), "user,note\n1,\"a b\"\n2,\"open\n3,c\n4,\"d\"\n5,\"open to the end\n6,e\n");
        // Two quotes that are none: what stands between them would leave the record with too few fields.
        let two = "user,note,more\n1,\"a\nb\",x\n2,\"open\n3,c,\"\n4,d,e\n";
        assert_eq!(rewritten(two, 1000), two.replace("a\nb", "a b"));
        let long = format!("user,note\n1,\"a\nb\"\n2,\"open\n{}", "3,c\n".repeat(MAX_RECORD_BYTES / 3));
        assert!(rewritten(&long, 1000) == long.replace("\"a\nb\"", "\"a b\""));
    }

    #[test]
    fn other_files_are_left_as_they_are() {
        for head in [
            "user,note\n1,\"a\"\n2,\"b, c\"\n",
            "user,note\n1,2\"\n2,3\n",
            "user,note\n1,\"open\n2,3\n",
            "{\"a\": \"x\ny\"}\n",
            "Somebody said: \"a\nb\" and left\n",
            "",
        ] {
            assert!(!go_on(head.as_bytes()), "{head}");
        }
    }
    fn by_pieces(table: &[u8], columns: Option<usize>, piece: usize) -> Vec<u8> {
        let (mut records, mut lines) = (Records::new(b',', columns), Vec::new());
        table.chunks(piece).for_each(|bytes| records.push(bytes, &mut lines).unwrap());
        records.end(&mut lines).unwrap();
        lines
    }

    fn text(signs: &'static str, length: usize) -> impl Strategy<Value = String> {
        let signs: Vec<char> = signs.chars().collect();
        prop::collection::vec(prop::sample::select(signs), 0..length).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn every_record_comes_out_on_a_line(
            records in prop::collection::vec(prop::collection::vec(text("a\",\n ", 6), 3), 1..9),
            piece in 1usize..9,
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |record: &Vec<String>| record.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
            let table: String = records.iter().map(line).collect();
            let text = String::from_utf8(by_pieces(table.as_bytes(), Some(3), piece)).unwrap();
            let found: Vec<Vec<String>> = text.lines().map(|line| fields_of(line, b',').unwrap()).collect();
            let expected: Vec<Vec<String>> =
                records.iter().map(|record| record.iter().map(|field| field.replace('\n', " ")).collect()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn of_anything_nothing_is_lost(table in text("a\",\n\r", 60), columns in prop::option::of(1usize..4), piece in 1usize..9) {
            let lines = by_pieces(table.as_bytes(), columns, piece);
            prop_assert_eq!(&lines, &by_pieces(table.as_bytes(), columns, 1000));
            let signs = |text: &[u8]| text.iter().filter(|byte| !matches!(byte, b'\n' | b'\r' | b' ')).count();
            prop_assert_eq!(signs(&lines), signs(table.as_bytes()));
        }
    }
}
