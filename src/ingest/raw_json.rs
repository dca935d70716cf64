//! The careful reader of one line of JSON, for what the fast one in [`super::json`] cannot hold exactly: numbers
//! keep the digits they are written with, since long ids would otherwise run together, and half of a surrogate
//! pair is shown as a replacement instead of costing the whole line.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::ingest::json::Field;

/// Reads a line's fields in order. `each` is called with each field's name and value.
pub fn read<'a>(text: &'a str, each: &mut dyn FnMut(&str, Field<'a>)) -> Result<(), serde_json::Error> {
    read_raw(text, &mut |name, value| each(name, field(value)))
}

/// Reads an object's fields in order. `each` is called with each field's name and its value as it is written.
pub fn read_raw<'a>(text: &'a str, each: &mut dyn FnMut(&str, &'a str)) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Fields { each })?;
    json.end()
}

struct Fields<'f, 'a> {
    each: &'f mut dyn FnMut(&str, &'a str),
}

impl<'de> Visitor<'de> for Fields<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            (self.each)(&unquoted(name.get()), value.get());
        }
        Ok(())
    }
}

/// The field that a value is, as it is written.
pub fn field(raw: &str) -> Field<'_> {
    match raw.as_bytes()[0] {
        b'"' => Field::Text(unquoted(raw)),
        b'{' | b'[' => Field::Nested,
        b'n' => Field::Null,
        _ => Field::Literal(Cow::Borrowed(raw)),
    }
}

/// The text that a JSON string stands for.
fn unquoted(raw: &str) -> Cow<'_, str> {
    let inside = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw);
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let escaped = rest.bytes().next().unwrap_or(b'\\');
        rest = rest.get(1..).unwrap_or_default();
        text.push(match escaped {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => character(&mut rest),
            other => char::from(other),
        });
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character behind `\u`, from one unit or from a pair.
fn character(rest: &mut &str) -> char {
    let Some(first) = unit(rest) else { return char::REPLACEMENT_CHARACTER };
    *rest = &rest[4..];
    if let Ok(lone) = char::try_from(u32::from(first)) {
        return lone;
    }
    let second = rest.strip_prefix("\\u").and_then(unit);
    match second.map(|second| char::decode_utf16([first, second]).next()) {
        Some(Some(Ok(pair))) => {
            *rest = &rest[6..];
            pair
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn unit(digits: &str) -> Option<u16> {
    u16::from_str_radix(digits.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_pair_is_replaced() {
        let read = |raw| unquoted(raw).into_owned();
        assert_eq!(read(r#""a\ud83db""#), "a\u{fffd}b");
        assert_eq!(read(r#""\ude00""#), "\u{fffd}");
        assert_eq!(read(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
        assert_eq!(read(r#""\ud83d\n""#), "\u{fffd}\n");
        assert_eq!(read(r#""\\ud83d \"\/\u00e9""#), "\\ud83d \"/é");
    }

    proptest! {
        #[test]
        fn strings_are_read_as_serde_json_reads_them(chars in prop::collection::vec(any::<char>(), 0..40), ascii in any::<bool>()) {
            let mut raw = serde_json::to_string(&String::from_iter(chars)).unwrap();
            if ascii {
                let units = |char: char| char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect();
                raw = raw.chars().map(|char| if char.is_ascii() { char.to_string() } else { units(char) }).collect();
            }
            prop_assert_eq!(unquoted(&raw), serde_json::from_str::<String>(&raw).unwrap());
        }
    }
}
