//! Tables with records that go on over several lines, since a field in quotes holds line ends. A reader that begins in a
//! file's middle cannot know whether it stands within quotes; so such a table is written again first, with a blank in the
//! place of each line end within quotes.

use std::io;

use memchr::memchr;

use crate::ingest::delimited::{DELIMITERS, fields_of};
use crate::ingest::form::Container;
use crate::ingest::rewrite::Rewrite;

/// Longest record, in bytes, that is taken for one: a quote that ends nowhere must not swallow the file.
const MAX_RECORD_BYTES: usize = 1 << 20;

/// Whether the first bytes of a file are those of a table with such records.
pub fn go_on(head: &[u8]) -> bool {
    delimiter(head).is_some()
}

pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    Box::new(Records::new(delimiter(head).unwrap_or(DELIMITERS[0])))
}

fn delimiter(head: &[u8]) -> Option<u8> {
    // Most tables have no quotes at all, and nothing else that has them is a table.
    memchr(b'"', head)?;
    if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[' | b'<')) {
        return None;
    }
    DELIMITERS.into_iter().find(|delimiter| {
        let (mut records, mut lines) = (Records::new(*delimiter), Vec::new());
        records.take(head, &mut lines);
        if records.joined.is_empty() {
            return false;
        }
        let Ok(Container::Table(table)) = Container::recognise(&lines) else { return false };
        let whole = |record: &Vec<u8>| {
            let fields = std::str::from_utf8(record).ok().and_then(|record| fields_of(record, *delimiter));
            fields.is_some_and(|fields| fields.len() == table.columns.len())
        };
        table.delimiter == *delimiter
            && records.joined.iter().filter(|record| whole(record)).count() * 2 >= records.joined.len()
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
    at_start: bool,
    /// The first records that were put together.
    joined: Vec<Vec<u8>>,
}

/// Records that are kept to be looked at.
const LOOKED_AT: usize = 20;

impl Records {
    fn new(delimiter: u8) -> Records {
        Records { delimiter, at: At::FieldStart, record: Vec::new(), odd: false, at_start: true, joined: Vec::new() }
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
            (At::Quoted, _) if self.record.len() < MAX_RECORD_BYTES => At::Quoted,
            (At::Quoted, _) => return self.give_up(lines),
            (_, b'\n') if self.odd && self.goes_on() => return self.give_up(lines),
            (_, b'\n') => return self.finish(lines),
            (_, byte) if byte == self.delimiter => At::FieldStart,
            (At::FieldStart, b'"') => At::Quoted,
            (At::Quote, b'"') => At::Quoted,
            (At::Quote, b'\r' | b' ') => At::Quote,
            (At::Quote, _) => {
                self.odd = true;
                At::Plain
            }
            (At::FieldStart | At::Plain, _) => At::Plain,
        };
    }

    /// The record has a line end that is not its last byte.
    fn goes_on(&self) -> bool {
        memchr(b'\n', &self.record).is_some_and(|at| at + 1 < self.record.len())
    }

    fn finish(&mut self, lines: &mut Vec<u8>) {
        let record = std::mem::take(&mut self.record);
        let start = lines.len();
        let (inner, end) = record.split_at(record.len() - usize::from(record.ends_with(b"\n")));
        let mut rest = inner;
        while let Some(at) = memchr(b'\n', rest) {
            lines.extend_from_slice(rest[..at].strip_suffix(b"\r").unwrap_or(&rest[..at]));
            lines.push(b' ');
            rest = &rest[at + 1..];
        }
        lines.extend_from_slice(rest);
        if rest.len() < inner.len() && self.joined.len() < LOOKED_AT {
            self.joined.push(lines[start..].to_vec());
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
        (self.at, self.odd) = (At::FieldStart, false);
    }
}

impl Rewrite for Records {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()> {
        self.take(bytes, lines);
        Ok(())
    }

    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()> {
        while self.at == At::Quoted && self.goes_on() {
            self.give_up(lines);
        }
        self.finish(lines);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rewrite::Rewritten;
    use std::io::Read;

    fn rewritten(table: &str, piece: usize) -> String {
        let mut text = String::new();
        let pieces = io::BufReader::with_capacity(piece, table.as_bytes());
        Rewritten::new(pieces, rewrite).read_to_string(&mut text).unwrap();
        text
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
}
