//! JSON that is not one object a line: a list, objects in a list under one key, objects one behind the other, or spread
//! over lines. What it holds is written again as JSON Lines, which can be read from anywhere.

use std::io;

use serde_json::Value;

use crate::ingest::rewrite::Rewrite;

/// Where a document has its records.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// One behind the other.
    Top,
    /// In a list.
    List,
    /// In the list under this key of an object.
    Under(String),
}

/// Keys under which documents have their records.
const KEYS: [&str; 12] =
    ["events", "data", "batch", "records", "results", "items", "rows", "logs", "hits", "value", "entries", "actions"];

/// Whether these first bytes of a file begin such a document, and not lines of objects.
pub fn is_list(head: &[u8]) -> bool {
    place(head).is_some()
}

fn place(head: &[u8]) -> Option<Place> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match start.first()? {
        b'[' => list(start),
        b'{' => object(start),
        _ => None,
    }
}

/// A list whose first item is an object, or an empty one.
fn list(start: &[u8]) -> Option<Place> {
    let inside = start[1..].trim_ascii_start();
    let is_line = start.split(|byte| *byte == b'\n').next().is_some_and(|line| line.trim_ascii_end().ends_with(b"]"));
    // One bad line before lines of objects is no list of them.
    let goes_on =
        start.split(|byte| *byte == b'\n').nth(1).is_some_and(|line| line.trim_ascii_start().starts_with(b"{"));
    let opens = inside.is_empty() || matches!(inside[0], b'{' | b']');
    (opens && !(is_line && goes_on)).then_some(Place::List)
}

fn object(start: &[u8]) -> Option<Place> {
    let mut values = serde_json::Deserializer::from_slice(start).into_iter::<Value>();
    match values.next()? {
        Ok(Value::Object(fields)) => {
            let (object, behind) = start.split_at(values.byte_offset());
            let list = KEYS.iter().find(|key| {
                let items = fields.get(**key).and_then(Value::as_array);
                items.is_some_and(|items| items.first().is_some_and(Value::is_object))
            });
            let alone = behind.trim_ascii().is_empty();
            match list {
                Some(key) if alone => Some(Place::Under(key.to_string())),
                _ if object.contains(&b'\n') => Some(Place::Top),
                // Another on the same line.
                _ => behind.trim_ascii_start().starts_with(b"{").then(|| {
                    let blanks = &behind[..behind.len() - behind.trim_ascii_start().len()];
                    (!blanks.contains(&b'\n')).then_some(Place::Top)
                })?,
            }
        }
        // It goes on behind the head.
        Err(error) if error.is_eof() => {
            let under = KEYS.iter().find(|key| opens_list(start, key));
            under.map(|key| Place::Under(key.to_string())).or_else(|| start.contains(&b'\n').then_some(Place::Top))
        }
        _ => None,
    }
}

/// A list of objects begins under this key.
fn opens_list(start: &[u8], key: &str) -> bool {
    let name = format!("\"{key}\"");
    memchr::memmem::find_iter(start, name.as_bytes()).any(|at| {
        let mut rest = start[at + name.len()..].trim_ascii_start();
        for sign in [b':', b'['] {
            match rest.strip_prefix(&[sign]) {
                Some(behind) => rest = behind.trim_ascii_start(),
                None => return false,
            }
        }
        rest.starts_with(b"{")
    })
}

/// Writes the document that begins with these bytes as JSON Lines.
pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    Box::new(Splitter::new(place(head).unwrap_or(Place::Top)))
}

/// Finds records by brackets and quotes; whether they are JSON is seen when they are read.
struct Splitter {
    place: Place,
    depth: usize,
    /// How many brackets are open around a record.
    around: usize,
    in_text: bool,
    escaped: bool,
    /// The list that is open has the records.
    open: bool,
    in_record: bool,
    /// The text that was read last, while one bracket is open: a key.
    key: Vec<u8>,
}

/// A longer key is none of those that are looked for.
const KEY_BYTES: usize = 64;

impl Splitter {
    fn new(place: Place) -> Splitter {
        let around = match place {
            Place::Top => 0,
            Place::List => 1,
            Place::Under(_) => 2,
        };
        let open = place == Place::Top;
        Splitter { place, depth: 0, around, in_text: false, escaped: false, open, in_record: false, key: Vec::new() }
    }

    fn byte(&mut self, byte: u8, lines: &mut Vec<u8>) {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = byte == b'\\' && !self.escaped;
            if !self.in_record && self.depth == 1 && self.in_text && self.key.len() < KEY_BYTES {
                self.key.push(byte);
            }
            return self.write(byte, lines);
        }
        match byte {
            b'"' => {
                self.in_text = true;
                self.key.clear();
                self.begin();
            }
            b'{' | b'[' => {
                let opens = self.depth + 1 == self.around && byte == b'[' && !self.in_record;
                if opens {
                    self.open = match &self.place {
                        Place::Under(key) => self.key == key.as_bytes(),
                        _ => true,
                    };
                } else {
                    self.begin();
                }
                self.depth += 1;
            }
            b'}' | b']' => {
                if self.in_record && self.depth == self.around {
                    // A number or a word, the last of its list.
                    self.finish(lines);
                }
                self.depth = self.depth.saturating_sub(1);
                if self.depth < self.around {
                    self.open = self.place == Place::Top;
                } else if self.depth == self.around && self.in_record {
                    self.write(byte, lines);
                    return self.finish(lines);
                }
            }
            b',' if self.depth == self.around => return self.finish(lines),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            0xef | 0xbb | 0xbf if self.depth == 0 && !self.in_record => return,
            _ => self.begin(),
        }
        self.write(byte, lines);
    }

    /// A record begins, unless one has.
    fn begin(&mut self) {
        self.in_record |= self.open && self.depth == self.around;
    }

    fn write(&mut self, byte: u8, lines: &mut Vec<u8>) {
        if self.in_record {
            lines.push(if byte < b' ' { b' ' } else { byte });
        }
    }

    fn finish(&mut self, lines: &mut Vec<u8>) {
        if std::mem::take(&mut self.in_record) {
            lines.push(b'\n');
        }
    }
}

impl Rewrite for Splitter {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()> {
        bytes.iter().for_each(|byte| self.byte(*byte, lines));
        Ok(())
    }

    /// What is cut off is a line too.
    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()> {
        self.finish(lines);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rewrite::written;
    use proptest::prelude::*;

    fn lines_by(document: &str, piece: usize) -> String {
        written(document, piece, rewrite)
    }

    #[test]
    fn records_are_found_wherever_they_stand() {
        let cases = [
            ("[{\"a\": 1}, {\"b\": \"]},\\\"\"}]", "{\"a\": 1}\n{\"b\": \"]},\\\"\"}\n"),
            ("[\n  {\n    \"a\": [1, {}]\n  },\n  {}\n]\n", "{     \"a\": [1, {}]   }\n{}\n"),
            ("{\"n\": [{\"x\": 1}], \"events\": [{\"a\": 1},{\"b\": 2}], \"m\": 1}", "{\"a\": 1}\n{\"b\": 2}\n"),
            ("{\"a\": 1}{\"b\": 2} {\"c\": 3}\n{\"d\": 4}", "{\"a\": 1}\n{\"b\": 2}\n{\"c\": 3}\n{\"d\": 4}\n"),
            ("{\n\"a\": 1\n}\n{\n\"b\": 2}", "{ \"a\": 1 }\n{ \"b\": 2}\n"),
            ("[{\"a\": 1}, 7, \"x\", null]", "{\"a\": 1}\n7\n\"x\"\nnull\n"),
            ("[{\"a\": 1}, {\"b\": ", "{\"a\": 1}\n{\"b\": \n"),
            ("[]", ""),
        ];
        for (document, lines) in cases {
            assert!(is_list(document.as_bytes()), "{document}");
            for piece in [1, 3, 1000] {
                assert_eq!(lines_by(document, piece), lines, "{document} by {piece}");
            }
        }
    }

    #[test]
    fn lines_of_objects_are_no_list() {
        for head in [
            "{\"a\": 1}\n{\"b\": 2}\n",
            "{\"a\": [{\"x\": 1}]}\n",
            "{\"data\": [{\"x\": 1}]}\n{\"data\": [{\"x\": 1}]}\n",
            "{\"a\": 1}",
            "{\"a\": ",
            "[1, 2]\n{\"a\": 1}\n",
            "a,b\n",
            "",
        ] {
            assert!(!is_list(head.as_bytes()), "{head}");
        }
    }

    fn text(length: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(any::<char>(), 0..=length).prop_map(String::from_iter)
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), text(6).prop_map(Value::from)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(text(3), inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_record_comes_out_as_it_was(
            records in prop::collection::vec(prop::collection::btree_map(text(3), value(), 0..4), 1..6),
            pretty: bool,
            piece in 1usize..40,
        ) {
            let records: Vec<Value> = records.into_iter().map(|map| Value::Object(map.into_iter().collect())).collect();
            let list = Value::from(records.clone());
            let document = if pretty { serde_json::to_string_pretty(&list) } else { serde_json::to_string(&list) }.unwrap();
            let found: Vec<Value> =
                lines_by(&document, piece).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(found, records);
        }
    }
}
