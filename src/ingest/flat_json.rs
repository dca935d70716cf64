//! The fast reader of one line of JSON. In most files line after line has the same fields in the same order, so
//! it remembers how lines are laid out and looks only for the ends of their values. Whatever it does not know for
//! certain it leaves to [`super::json`], whose results are the same.

use std::borrow::Cow;

use crate::ingest::bytes::{WIDE, begins_with, position_by, same};
use crate::ingest::json::{Field, Record, role_of};
use crate::settings::{Mapping, Role};

/// Layouts that are remembered at most.
const LAYOUTS: usize = 8;

/// Knows the layouts of the lines before.
#[derive(Default)]
pub struct FlatReader {
    /// The one that fitted last comes first.
    layouts: Vec<Layout>,
}

/// What stands between the values of a line.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    places: Vec<Place>,
    /// What stands behind the last value.
    tail: Vec<u8>,
}

/// Where a value stands.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// What stands before it, from the end of the last value on: the field's name above all.
    before: Vec<u8>,
    name: String,
    role: Option<Role>,
}

impl FlatReader {
    /// Reads a line of a known layout into a record that has no fields yet; whether it could. `unknown` is called with the
    /// name of each field that the mapping does not use.
    pub fn read<'a>(&mut self, line: &'a str, unknown: &mut dyn FnMut(&str), record: &mut Record<'a>) -> bool {
        for known in 0..self.layouts.len() {
            if !self.layouts[known].read(line, record) {
                *record = Record::default();
                continue;
            }
            self.layouts[..=known].rotate_right(1);
            let unused = self.layouts[0].places.iter().filter(|place| place.role.is_none());
            unused.for_each(|place| unknown(&place.name));
            return true;
        }
        false
    }

    /// Remembers how a line is laid out that holds a record, if it is flat.
    pub fn learn(&mut self, line: &str, mapping: &Mapping) {
        if let Some(layout) = Layout::of(line, mapping) {
            self.layouts.truncate(LAYOUTS - 1);
            self.layouts.insert(0, layout);
        }
    }
}

impl Layout {
    fn of(line: &str, mapping: &Mapping) -> Option<Layout> {
        let bytes = line.as_bytes();
        let blank = |at: usize| at + bytes[at..].iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        let sign = |at: usize, sign: u8| (bytes.get(at) == Some(&sign)).then(|| blank(at + 1));
        let mut places = Vec::new();
        let mut from = 0;
        let mut at = sign(blank(0), b'{')?;
        loop {
            let (Field::Text(Cow::Borrowed(name)), end) = value(line, at)? else { return None };
            at = sign(blank(end), b':')?;
            places.push(Place { before: bytes[from..at].into(), name: name.into(), role: role_of(name, mapping) });
            from = value(line, at)?.1;
            let end = blank(from);
            match sign(end, b',') {
                Some(next) => at = next,
                None => {
                    let is_all = sign(end, b'}')? == bytes.len();
                    return is_all.then(|| Layout { places, tail: bytes[from..].into() });
                }
            }
        }
    }

    /// Whether the line has this layout; if not, the record may have some of its fields.
    fn read<'a>(&self, line: &'a str, record: &mut Record<'a>) -> bool {
        let bytes = line.as_bytes();
        let mut at = 0;
        for place in &self.places {
            if !begins_with(&bytes[at..], &place.before) {
                return false;
            }
            let Some((field, end)) = value(line, at + place.before.len()) else { return false };
            if let Some(role) = place.role {
                *record.field(role) = field;
            }
            at = end;
        }
        same(&bytes[at..], &self.tail)
    }
}

/// The value that begins at `at`, and where it ends; `None` for lists, objects, fractions and whatever needs care.
#[inline]
fn value(line: &str, at: usize) -> Option<(Field<'_>, usize)> {
    let bytes = line.as_bytes();
    match *bytes.get(at)? {
        b'"' => {
            let end = sign(bytes, at + 1)?;
            match bytes[end] {
                b'"' => Some((Field::Text(Cow::Borrowed(&line[at + 1..end])), end + 1)),
                _ => escaped(line, at, end),
            }
        }
        b'n' => word(bytes, at, b"null").map(|end| (Field::Null, end)),
        b't' => word(bytes, at, b"true").map(|end| (Field::Literal(Cow::Borrowed("true")), end)),
        b'f' => word(bytes, at, b"false").map(|end| (Field::Literal(Cow::Borrowed("false")), end)),
        b'-' | b'0'..=b'9' => {
            let first = at + usize::from(bytes[at] == b'-');
            let end = first + bytes[first..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let leading_zero = bytes[first..end].starts_with(b"0") && end > first + 1;
            (end > first && !leading_zero).then(|| (Field::Literal(Cow::Borrowed(&line[at..end])), end))
        }
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    begins_with(&bytes[at..], word).then_some(at + word.len())
}

/// The text that begins at `at` and has its first escape, or a forbidden sign, at `found`.
#[cold]
fn escaped(line: &str, at: usize, mut found: usize) -> Option<(Field<'_>, usize)> {
    let bytes = line.as_bytes();
    while bytes[found] == b'\\' {
        found = sign(bytes, found + 2)?;
    }
    let text: String = serde_json::from_str(line.get(at..=found)?).ok()?;
    Some((Field::Text(Cow::Owned(text)), found + 1))
}

/// The first quote, backslash or control character from `at` on.
#[inline]
fn sign(bytes: &[u8], at: usize) -> Option<usize> {
    position_by(bytes, at, sign_in, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

/// The first sign of these bytes. Builds for browsers have `simd128` (scripts/lib.sh).
#[cfg(target_arch = "wasm32")]
#[inline]
fn sign_in(word: &[u8; WIDE]) -> Option<usize> {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128_or};
    let number = u128::from_le_bytes(*word);
    let word = u64x2(number as u64, (number >> 64) as u64);
    let quote = u8x16_eq(word, u8x16_splat(b'"'));
    let backslash = u8x16_eq(word, u8x16_splat(b'\\'));
    let control = u8x16_lt(word, u8x16_splat(0x20));
    let found = u8x16_bitmask(v128_or(v128_or(quote, backslash), control));
    (found != 0).then(|| found.trailing_zeros() as usize)
}

/// The first sign of these bytes.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
fn sign_in(word: &[u8; WIDE]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let word = u64::from_le_bytes(*word);
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    // The lowest high bit is right in each of the three; higher ones may be set by a borrow.
    let found = (quote.wrapping_sub(ONES) & !quote
        | backslash.wrapping_sub(ONES) & !backslash
        | word.wrapping_sub(ONES * 0x20) & !word)
        & HIGHS;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::{self, Reader};
    use proptest::prelude::*;

    /// Reads lines both ways; how many the fast way could read.
    fn compare(lines: &[String]) -> usize {
        let mapping = Mapping::default();
        let mut reader = FlatReader::default();
        let mut whole = Reader::new(&mapping);
        let mut fast = 0;
        for line in lines {
            let mut names = Vec::new();
            let slow = json::read_carefully(line, &mapping, &mut |name| names.push(name.to_string()));
            let mut fast_names = Vec::new();
            let mut record = Record::default();
            if reader.read(line, &mut |name| fast_names.push(name.to_string()), &mut record) {
                assert_eq!(Ok(record), slow, "{line}");
                assert_eq!(fast_names, names, "{line}");
                fast += 1;
            } else {
                assert!(fast_names.is_empty());
                if slow.is_ok() {
                    reader.learn(line, &mapping);
                }
            }
            assert_eq!(whole.read(line.as_bytes(), &mut |_| {}), slow, "{line}");
        }
        fast
    }

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| line.to_string()).collect()
    }

    #[test]
    fn lines_like_the_last_are_read_fast() {
        let twice = |line: &str| compare(&lines(&[line, line]));
        assert_eq!(twice(r#"{"user_id": "u", "path": "/\u00e9\"", "n": -12, "css": null, "x": true}"#), 1);
        assert_eq!(twice("{\"path\":\"\u{e9}\" , \"value\" : 0 }  "), 1);
        // Left to the careful reader.
        for line in [r#"{"n": 1.5}"#, r#"{"n": [1]}"#, r#"{"n": "\ud800"}"#, r#"{"n": 01}"#, r#"{"n": "\x"}"#, "{}"] {
            assert_eq!(twice(line), 0, "{line}");
        }
        let others =
            [r#"{"a": 1}"#, r#"{"b": 1}"#, r#"{"a": "x"}"#, r#"{"b": null}"#, r#"{"b": nul}"#, r#"{"b": 1} x"#];
        assert_eq!(compare(&lines(&others)), 2);
    }

    #[test]
    fn signs_are_found_wherever_they_stand() {
        for length in 0..40 {
            for at in 0..length {
                for other in [b'a', b'!', b' ', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                    let mut bytes = vec![other; length];
                    assert_eq!(sign(&bytes, 0), None);
                    for found in [b'"', b'\\', 0, 0x1f, b'\n'] {
                        bytes[at] = found;
                        assert_eq!(sign(&bytes, 0), Some(at), "{found} at {at} of {length} among {other}");
                        assert_eq!(sign(&bytes, at + 1), None);
                    }
                }
            }
        }
    }

    /// Pieces of JSON, whole and broken.
    fn pieces() -> impl Strategy<Value = String> {
        let pieces = [
            "\"",
            "\\",
            "\\\"",
            "\\n",
            "\\u00e9",
            "\\ud83d",
            "\\ude00",
            "\\u12",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            "\t",
            "null",
            "true",
            "false",
            "0",
            "-0",
            "12",
            "-7",
            "1.5",
            "1e9",
            "01",
            "18446744073709551616",
            "a",
            "é",
            "😀",
            "\u{1}",
            "\u{7f}",
            "\"path\"",
            "\"user_id\"",
            "\"text\": \"x\"",
            "\"css\":",
            "\"other\": 1",
        ];
        prop::sample::select(pieces.to_vec()).prop_map(String::from)
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
            prop::collection::vec(pieces(), 0..4).prop_map(|pieces| pieces.concat()),
            Just(String::new())
        ]
    }

    fn values() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => texts().prop_map(|text| serde_json::to_string(&text).unwrap()),
            1 => texts().prop_map(|text| format!("\"{text}\"")),
            1 => any::<i64>().prop_map(|n| n.to_string()),
            1 => pieces(),
            1 => any::<f64>().prop_map(|n| n.to_string()),
            1 => Just("{\"a\": [1, \"}\"]}".to_string()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Lines of a few layouts with all kinds of values, and some with a piece put in or taken out.
        #[test]
        fn the_fast_reader_reads_as_the_careful_one(
            layouts in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["user_id", "path", "text", "css", "other", "a b"]), 1..5),
                1..3,
            ),
            gap in prop::sample::select(vec!["", " "]),
            lines in prop::collection::vec(
                (any::<prop::sample::Index>(), prop::collection::vec(values(), 5), prop::option::of((any::<prop::sample::Index>(), pieces()))),
                1..12,
            ),
        ) {
            let lines: Vec<String> = lines
                .into_iter()
                .map(|(layout, values, harm)| {
                    let names = &layouts[layout.index(layouts.len())];
                    let fields: Vec<String> =
                        names.iter().zip(values).map(|(name, value)| format!("\"{name}\":{gap}{value}")).collect();
                    let mut line = format!("{{{}}}", fields.join(&format!(",{gap}")));
                    if let Some((at, piece)) = harm {
                        let mut at = at.index(line.len() + 1);
                        while !line.is_char_boundary(at) {
                            at -= 1;
                        }
                        line.insert_str(at, &piece);
                    }
                    line
                })
                .collect();
            compare(&lines);
        }
    }
}
