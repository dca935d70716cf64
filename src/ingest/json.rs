//! Finds the mapped fields in one line of JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::ingest::flat_json::FlatReader;
use crate::ingest::paths::{Filling, Paths};
use crate::ingest::raw_json;
use crate::ingest::shape::FieldKind;
use crate::settings::{Mapping, Role};

/// A field's value as far as an analysis needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<'a> {
    /// The line has no such field.
    #[default]
    Absent,
    Null,
    Text(Cow<'a, str>),
    /// A number, true or false, as JSON writes it.
    Literal(Cow<'a, str>),
    /// A list or an object.
    Nested,
}

impl<'a> Field<'a> {
    pub fn kind(&self) -> FieldKind {
        match self {
            Field::Absent => FieldKind::Absent,
            Field::Null => FieldKind::Null,
            Field::Text(text) => {
                // Nearly every text begins with a letter, digit or sign.
                let visible = text.as_bytes().first().is_some_and(u8::is_ascii_graphic);
                if visible || !text.trim().is_empty() { FieldKind::Text } else { FieldKind::Blank }
            }
            Field::Literal(_) => FieldKind::Literal,
            Field::Nested => FieldKind::Nested,
        }
    }

    /// The value as text; `None` where there is nothing to show.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Field::Text(text) | Field::Literal(text) => Some(text),
            Field::Absent | Field::Null | Field::Nested => None,
        }
    }
}

/// The mapped fields of one record.
#[derive(Debug, Default, PartialEq)]
pub struct Record<'a> {
    pub id: Field<'a>,
    pub user: Field<'a>,
    pub session: Field<'a>,
    pub time: Field<'a>,
    pub page: Field<'a>,
    pub css: Field<'a>,
    pub text: Field<'a>,
    pub value: Field<'a>,
    pub status: Field<'a>,
}

impl Record<'_> {
    /// The kinds of the fields, in the order of [`crate::settings::Role`].
    pub fn kinds(&self) -> [FieldKind; Role::ALL.len()] {
        [
            self.id.kind(),
            self.user.kind(),
            self.session.kind(),
            self.time.kind(),
            self.page.kind(),
            self.css.kind(),
            self.text.kind(),
            self.value.kind(),
            self.status.kind(),
        ]
    }
}

/// Why a line holds no record.
#[derive(Debug, PartialEq, Eq)]
pub enum JsonProblem {
    /// Not JSON at all.
    Syntax,
    /// JSON that ends too early.
    CutOff,
    /// JSON, but not an object.
    NotAnObject,
    /// Bytes that are not UTF-8.
    Encoding,
}

/// Reads lines one after the other. Of a field that occurs twice the last value counts, as in most JSON readers.
pub struct Reader<'m> {
    mapping: &'m Mapping,
    flat: FlatReader,
    /// Where a record's fields are, unless each simply has its name.
    paths: Option<Paths>,
}

impl<'m> Reader<'m> {
    pub fn new(mapping: &'m Mapping) -> Reader<'m> {
        let paths = (!mapping.is_simple()).then(|| Paths::of(mapping));
        Reader { mapping, flat: FlatReader::default(), paths }
    }

    /// Reads one line. `unknown` is called with the name of each field that the mapping does not use.
    pub fn read<'a>(&mut self, line: &'a [u8], unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, JsonProblem> {
        let mut record = Record::default();
        self.read_into(line, unknown, &mut record)?;
        Ok(record)
    }

    /// As [`Reader::read`], into a record that has no fields yet: a record is large, and passing it on takes time.
    pub fn read_into<'a>(
        &mut self,
        line: &'a [u8],
        unknown: &mut dyn FnMut(&str),
        record: &mut Record<'a>,
    ) -> Result<(), JsonProblem> {
        let text = simdutf8::basic::from_utf8(line).map_err(|_| JsonProblem::Encoding)?;
        if let Some(paths) = &self.paths {
            *record = read_inside(text, paths, unknown)?;
        } else if !self.flat.read(text, unknown, record) {
            *record = read_carefully(text, self.mapping, unknown)?;
            self.flat.learn(text, self.mapping);
        }
        Ok(())
    }
}

/// Reads a line without regard to others: first with a reader that is fast, then with one that keeps all digits.
pub(crate) fn read_carefully<'a>(
    text: &'a str,
    mapping: &Mapping,
    unknown: &mut dyn FnMut(&str),
) -> Result<Record<'a>, JsonProblem> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut unknown_read = 0;
    let mut count = |name: &str| {
        unknown_read += 1;
        unknown(name);
    };
    let seed = RecordSeed { mapping, unknown: &mut count };
    if let Ok(record) = seed.deserialize(&mut json).and_then(|record| json.end().map(|()| record)) {
        return Ok(record);
    }
    // Something that only the careful reader can hold, or a fault.
    let mut record = Record::default();
    let read = raw_json::read(text, &mut |name, field| match record.slot(name, mapping) {
        Some(slot) => *slot = field,
        None if unknown_read > 0 => unknown_read -= 1,
        None => unknown(name),
    });
    read.map(|()| record).map_err(|error| problem(&error))
}

/// Reads a line whose fields may stand inside others.
fn read_inside<'a>(text: &'a str, paths: &Paths, unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, JsonProblem> {
    let mut record = Filling::default();
    let read = raw_json::read_raw(text, &mut |name, value| match paths.root(name) {
        Some(node) => record.value(node, value),
        None => unknown(name),
    });
    read.map(|()| record.record()).map_err(|error| problem(&error))
}

fn problem(error: &serde_json::Error) -> JsonProblem {
    match error.classify() {
        serde_json::error::Category::Eof => JsonProblem::CutOff,
        serde_json::error::Category::Data => JsonProblem::NotAnObject,
        _ => JsonProblem::Syntax,
    }
}

impl<'a> Record<'a> {
    pub fn field(&mut self, role: Role) -> &mut Field<'a> {
        match role {
            Role::Id => &mut self.id,
            Role::User => &mut self.user,
            Role::Session => &mut self.session,
            Role::Time => &mut self.time,
            Role::Page => &mut self.page,
            Role::Css => &mut self.css,
            Role::Text => &mut self.text,
            Role::Value => &mut self.value,
            Role::Status => &mut self.status,
        }
    }

    /// Where the value of the field with this name goes; nowhere if the mapping does not use it.
    fn slot(&mut self, name: &str, mapping: &Mapping) -> Option<&mut Field<'a>> {
        role_of(name, mapping).map(|role| self.field(role))
    }
}

/// The role of the field with this name; none if the mapping does not use it.
pub fn role_of(name: &str, mapping: &Mapping) -> Option<Role> {
    // A role without a field has no name, which a field may have.
    Role::ALL.into_iter().find(|role| mapping.field(*role) == name && !name.is_empty())
}

struct RecordSeed<'m, 'u> {
    mapping: &'m Mapping,
    unknown: &'u mut dyn FnMut(&str),
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_, '_> {
    type Value = Record<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Record<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_, '_> {
    type Value = Record<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<'de>, A::Error> {
        let mut record = Record::default();
        while let Some(Name(name)) = map.next_key::<Name>()? {
            let Some(slot) = record.slot(&name, self.mapping) else {
                (self.unknown)(&name);
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *slot = map.next_value_seed(FieldSeed)?;
        }
        Ok(record)
    }
}

/// A field's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(FieldSeed)? {
            Field::Text(text) => Ok(Name(text)),
            _ => Err(D::Error::custom("a field's name is text")),
        }
    }
}

struct FieldSeed;

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Field<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Field<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed {
    type Value = Field<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Field<'de>, E> {
        Ok(Field::Literal(Cow::Borrowed(if value { "true" } else { "false" })))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Field<'de>, E> {
        Ok(Field::Literal(Cow::Owned(value.to_string())))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Field<'de>, E> {
        Ok(Field::Literal(Cow::Owned(value.to_string())))
    }
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Field<'de>, E> {
        Err(E::custom("a number that would lose digits"))
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Field<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Nested)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> JsonProblem {
        Reader::new(&Mapping::default()).read(line.as_bytes(), &mut |_| {}).unwrap_err()
    }

    #[test]
    fn mapped_fields_are_found_and_others_named() {
        let mapping = Mapping::default();
        let line =
            r#"{"user_id": 7, "path": "/a\u0062", "more": {"x": [1]}, "text": null, "css": ["a"], "path": "/c"}"#;
        let mut unknown = Vec::new();
        let record = Reader::new(&mapping).read(line.as_bytes(), &mut |name| unknown.push(name.to_string())).unwrap();
        assert_eq!(record.user, Field::Literal("7".into()));
        assert_eq!(record.page, Field::Text("/c".into()));
        assert_eq!((record.text, record.css, record.session), (Field::Null, Field::Nested, Field::Absent));
        assert_eq!(unknown, ["more"]);
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let mapping = Mapping::default();
        let record = Reader::new(&mapping).read(br#"{"path": "/a", "text": "\n"}"#, &mut |_| {}).unwrap();
        assert!(matches!(record.page, Field::Text(Cow::Borrowed("/a"))));
        assert!(matches!(record.text, Field::Text(Cow::Owned(_))));
    }

    #[test]
    fn numbers_keep_their_digits() {
        let mapping = Mapping::default();
        for number in
            ["18446744073709551617", "18446744073709551618", "-9223372036854775809", "1.50", "1e999", "-0", "7"]
        {
            let line = format!(r#"{{"other": 1, "user_id": {number}, "more": 2.5}}"#);
            let mut unknown = Vec::new();
            let record =
                Reader::new(&mapping).read(line.as_bytes(), &mut |name| unknown.push(name.to_string())).unwrap();
            assert_eq!(record.user, Field::Literal(number.into()));
            assert_eq!(unknown, ["other", "more"]);
        }
    }

    #[test]
    fn half_a_surrogate_pair_does_not_cost_the_line() {
        let mapping = Mapping::default();
        let record =
            Reader::new(&mapping).read(br#"{"\ud800": 1, "text": "a\ud83d", "path": "/"}"#, &mut |_| {}).unwrap();
        assert_eq!((record.text, record.page), (Field::Text("a\u{fffd}".into()), Field::Text("/".into())));
    }

    #[test]
    fn each_problem_has_its_name() {
        assert_eq!(problem("hello"), JsonProblem::Syntax);
        assert_eq!(problem(r#"{"a": 1} x"#), JsonProblem::Syntax);
        assert_eq!(problem(r#"{"a": "b"#), JsonProblem::CutOff);
        assert_eq!(problem("[1]"), JsonProblem::NotAnObject);
        assert_eq!(problem("12"), JsonProblem::NotAnObject);
        assert_eq!(
            Reader::new(&Mapping::default()).read(b"{\"a\": \"\xff\"}", &mut |_| {}),
            Err(JsonProblem::Encoding)
        );
    }
}
