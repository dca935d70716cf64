//! Kinds with fields as JSON shows them, `{"of": "reached", "step": 1}`, from the form that serde gives them by itself,
//! `{"reached": {"step": 1}}`. Serde's own way to the same form looks ahead for the tag with code of its own for each kind
//! and field, which for a page that has to be fetched weighs a lot. In messages they are JSON in a text, so that each is
//! read and written in one way only.
//!
//! A type derives both with `#[serde(remote = "Self")]`, and says its tag by [`tagged`].

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer, de, ser};
use serde_json::{Map, Value};

/// Serializes and deserializes a type with this tag in JSON, and elsewhere as a text of what it derives with
/// `remote = "Self"`.
macro_rules! tagged {
    ($kind:ty, $tag:literal) => {
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match serializer.is_human_readable() {
                    true => {
                        $crate::tagged::write(<$kind>::serialize(self, serde_json::value::Serializer), $tag, serializer)
                    }
                    false => {
                        $crate::tagged::write_text(<$kind>::serialize(self, serde_json::value::Serializer), serializer)
                    }
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$kind, D::Error> {
                match deserializer.is_human_readable() {
                    true => $crate::tagged::read($tag, deserializer, |value| <$kind>::deserialize(value)),
                    false => $crate::tagged::read_text(deserializer, |value| <$kind>::deserialize(value)),
                }
            }
        }
    };
}
pub(crate) use tagged;

/// Writes a text.
pub fn write_text<S: Serializer>(value: Result<Value, serde_json::Error>, serializer: S) -> Result<S::Ok, S::Error> {
    use ser::Error as _;
    serializer.serialize_str(&value.map_err(S::Error::custom)?.to_string())
}

/// Reads that text.
pub fn read_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl Fn(Value) -> Result<T, serde_json::Error>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).and_then(read).map_err(D::Error::custom)
}

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
    let (name, fields) = untagged(tag, deserializer.deserialize_map(Once)?).map_err(D::Error::custom)?;
    let kind = name.clone();
    // One without fields is its name.
    let alone = fields.is_empty().then(|| Value::String(name.clone()));
    let mut nested = Map::new();
    nested.insert(name, Value::Object(fields));
    let nested = Value::Object(nested);
    match (read(nested), alone) {
        (Err(problem), Some(name)) => read(name).map_err(|_| D::Error::custom(problem)),
        // A kind that is its name alone.
        (Err(problem), None) if problem.to_string().contains("expected unit") => {
            Err(D::Error::custom(format!("“{kind}” has no other fields")))
        }
        (found, _) => found.map_err(D::Error::custom),
    }
}

fn untagged(
    tag: &'static str,
    mut fields: Map<String, Value>,
) -> Result<(String, Map<String, Value>), serde_json::Error> {
    match fields.remove(tag) {
        Some(Value::String(name)) => Ok((name, fields)),
        Some(_) => Err(de::Error::custom(format!("the field `{tag}` must be a text"))),
        None => Err(de::Error::missing_field(tag)),
    }
}

/// Fields of which none stands there twice.
struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Map<String, Value>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("fields in braces")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Map<String, Value>, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = all.next_entry::<String, Value>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{Goal, HighActivityRule};

    #[test]
    fn what_is_wrong_with_a_kind_is_said() {
        let said = |json: &str| serde_json::from_str::<Goal>(json).unwrap_err().to_string();
        assert!(said(r#"{"rule":"ends_at","name":"x","name":"y","page":"/"}"#).starts_with("duplicate field `name`"));
        assert!(said(r#"{"name":"x"}"#).starts_with("missing field `rule`"));
        assert!(said(r#"{"rule":5}"#).starts_with("the field `rule` must be a text"));
        assert!(said("[]").contains("expected fields in braces"));
        let said = |json: &str| serde_json::from_str::<HighActivityRule>(json).unwrap_err().to_string();
        let more = said(r#"{"than":"median_deviations","deviations":2}"#);
        assert!(more.starts_with("“median_deviations” has no other fields"), "{more}");
        assert_eq!(
            serde_json::from_str::<Goal>(r#"{"name":"x","page":"/","rule":"ends_at"}"#).unwrap(),
            Goal::EndsAt { name: "x".into(), page: "/".into() }
        );
    }
}
