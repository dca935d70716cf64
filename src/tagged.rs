//! Kinds with fields as JSON shows them, `{"of": "reached", "step": 1}`, from the form that serde gives them by itself,
//! `{"reached": {"step": 1}}`. Serde's own way to the same form looks ahead for the tag with code of its own for each kind
//! and field, which for a page that has to be fetched weighs a lot.
//!
//! A type derives both with `#[serde(remote = "Self")]`, and says its tag by [`tagged`].

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer, de, ser};
use serde_json::{Map, Value};

/// Serializes and deserializes a type with this tag in JSON, and by what it derives with `remote = "Self"` elsewhere.
macro_rules! tagged {
    ($kind:ty, $tag:literal) => {
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match serializer.is_human_readable() {
                    true => {
                        $crate::tagged::write(<$kind>::serialize(self, serde_json::value::Serializer), $tag, serializer)
                    }
                    false => <$kind>::serialize(self, serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$kind, D::Error> {
                match deserializer.is_human_readable() {
                    true => $crate::tagged::read($tag, deserializer, |value| <$kind>::deserialize(value)),
                    false => <$kind>::deserialize(deserializer),
                }
            }
        }
    };
}
pub(crate) use tagged;

/// Writes the tag first, then the fields.
pub fn write<S: Serializer>(
    value: Result<Value, serde_json::Error>,
    tag: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use ser::Error as _;
    use ser::SerializeMap;
    let (name, fields) = parted(value.map_err(S::Error::custom)?);
    let mut map = serializer.serialize_map(Some(1 + fields.len()))?;
    map.serialize_entry(tag, &name)?;
    for (name, value) in &fields {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// The kind and its fields.
fn parted(value: Value) -> (Value, Map<String, Value>) {
    match value {
        Value::Object(kind) => match kind.into_iter().next() {
            Some((name, Value::Object(fields))) => (name.into(), fields),
            Some((name, _)) => (name.into(), Map::new()),
            None => (Value::Null, Map::new()),
        },
        name => (name, Map::new()),
    }
}

/// Reads the tag, wherever it stands among the fields.
pub fn read<'de, D: Deserializer<'de>, T>(
    tag: &'static str,
    deserializer: D,
    read: impl Fn(Value) -> Result<T, serde_json::Error>,
) -> Result<T, D::Error> {
    let (name, fields) = untagged(tag, Value::deserialize(deserializer)?).map_err(D::Error::custom)?;
    // One without fields is its name.
    let alone = fields.is_empty().then(|| Value::String(name.clone()));
    let mut nested = Map::new();
    nested.insert(name, Value::Object(fields));
    let nested = Value::Object(nested);
    let found = read(nested);
    match (found, alone) {
        (Err(problem), Some(name)) => read(name).map_err(|_| D::Error::custom(problem)),
        (found, _) => found.map_err(D::Error::custom),
    }
}

fn untagged(tag: &'static str, value: Value) -> Result<(String, Map<String, Value>), serde_json::Error> {
    let Value::Object(mut fields) = value else {
        return Err(de::Error::custom("it is no object"));
    };
    match fields.remove(tag) {
        Some(Value::String(name)) => Ok((name, fields)),
        _ => Err(de::Error::missing_field(tag)),
    }
}
