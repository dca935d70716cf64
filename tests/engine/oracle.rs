//! What the reader of lines has to find: what it finds in each line alone, and what serde_json finds.

use std::collections::BTreeMap;

use footpath::ingest::json::{Field, Reader, Record, role_of};
use footpath::settings::{Mapping, Role};
use serde_json::Value;
use serde_json::value::RawValue;

/// A record's fields by role, without whether they are borrowed.
fn fields(mut record: Record) -> [Field<'static>; Role::ALL.len()] {
    Role::ALL.map(|role| match std::mem::take(record.field(role)) {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Nested => Field::Nested,
        Field::Text(text) => Field::Text(text.into_owned().into()),
        Field::Literal(text) => Field::Literal(text.into_owned().into()),
    })
}

/// What serde_json finds in a line, and the names of the fields that the mapping does not use. Its error is what it
/// says, `None` where it refuses what the reader takes on purpose.
fn by_serde_json(
    line: &[u8],
    mapping: &Mapping,
) -> Result<([Field<'static>; Role::ALL.len()], Vec<String>), Option<String>> {
    const TAKEN: [&str; 4] = ["surrogate", "hex escape", "number out of range", "recursion limit"];
    let values: BTreeMap<String, Value> = serde_json::from_slice(line).map_err(|error| {
        let text = error.to_string();
        (!TAKEN.iter().any(|taken| text.contains(taken))).then_some(text)
    })?;
    let raw: BTreeMap<String, &RawValue> = serde_json::from_slice(line).expect("what is JSON is raw JSON");
    let mut found: [Field; Role::ALL.len()] = Default::default();
    let mut unknown = Vec::new();
    for (name, value) in values {
        let field = match value {
            Value::Null => Field::Null,
            Value::String(text) => Field::Text(text.into()),
            Value::Bool(_) | Value::Number(_) => Field::Literal(raw[&name].get().to_string().into()),
            Value::Array(_) | Value::Object(_) => Field::Nested,
        };
        match role_of(&name, mapping) {
            Some(role) => found[role as usize] = field,
            None => unknown.push(name),
        }
    }
    Ok((found, unknown))
}

/// A reader that has learnt the layouts of the lines before finds what one finds that begins with the line, and what
/// serde_json finds.
pub fn assert_read_as_alone(bytes: &[u8]) {
    let mapping = Mapping::default();
    let mut reader = Reader::new(&mapping);
    for line in bytes.split(|byte| *byte == b'\n') {
        let shown = || String::from_utf8_lossy(line);
        let (mut names, mut names_alone) = (Vec::new(), Vec::new());
        let read = reader.read(line, &mut |name| names.push(name.to_string()));
        let alone = Reader::new(&mapping).read(line, &mut |name| names_alone.push(name.to_string()));
        assert_eq!(read, alone, "{}", shown());
        assert_eq!(names, names_alone, "{}", shown());
        match (by_serde_json(line, &mapping), alone) {
            (Ok((expected, unknown)), Ok(record)) => {
                assert_eq!(fields(record), expected, "{}", shown());
                names.sort();
                names.dedup();
                assert_eq!(names, unknown, "{}", shown());
            }
            (Ok(_), Err(problem)) => panic!("{problem:?}: {}", shown()),
            (Err(Some(fault)), Ok(_)) => panic!("{fault}: {}", shown()),
            (Err(_), _) => {}
        }
    }
}
