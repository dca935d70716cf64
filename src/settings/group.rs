//! Groups of settings that are numbers, switches and words, written and read by one piece of code: what a derive would write
//! out again for each of them is too heavy for a page that is opened in a second.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserializer, Serializer};

/// A setting of a group.
pub enum Value<'v> {
    Number(&'v mut f64),
    Whole(&'v mut u64),
    Switch(&'v mut bool),
    Words(&'v mut Vec<String>),
}

/// What a setting of a group may be.
pub trait Setting {
    fn value(&mut self) -> Value<'_>;
}

impl Setting for f64 {
    fn value(&mut self) -> Value<'_> {
        Value::Number(self)
    }
}

impl Setting for u64 {
    fn value(&mut self) -> Value<'_> {
        Value::Whole(self)
    }
}

impl Setting for bool {
    fn value(&mut self) -> Value<'_> {
        Value::Switch(self)
    }
}

impl Setting for Vec<String> {
    fn value(&mut self) -> Value<'_> {
        Value::Words(self)
    }
}

/// Writes a group as a struct.
pub fn serialize<S: Serializer>(
    to: S,
    name: &'static str,
    names: &'static [&'static str],
    values: &mut [Value],
) -> Result<S::Ok, S::Error> {
    let mut group = to.serialize_struct(name, names.len())?;
    for (name, value) in names.iter().zip(values) {
        match value {
            Value::Number(number) => group.serialize_field(name, &**number)?,
            Value::Whole(number) => group.serialize_field(name, &**number)?,
            Value::Switch(switch) => group.serialize_field(name, &**switch)?,
            Value::Words(words) => group.serialize_field(name, &**words)?,
        }
    }
    group.end()
}

/// Reads a group into its defaults: what is left out stays, and a name that is not known is an error.
pub fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
    name: &'static str,
    names: &'static [&'static str],
    values: &mut [Value],
) -> Result<(), D::Error> {
    from.deserialize_struct(name, names, Group { names, values })
}

struct Group<'g, 'v> {
    names: &'static [&'static str],
    values: &'g mut [Value<'v>],
}

impl<'de> Visitor<'de> for Group<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("an object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = vec![false; self.names.len()];
        while let Some(key) = map.next_key::<Cow<str>>()? {
            let Some(at) = self.names.iter().position(|name| *name == key) else {
                return Err(A::Error::unknown_field(&key, self.names));
            };
            if std::mem::replace(&mut seen[at], true) {
                return Err(A::Error::duplicate_field(self.names[at]));
            }
            match &mut self.values[at] {
                Value::Number(number) => **number = map.next_value()?,
                Value::Whole(number) => **number = map.next_value()?,
                Value::Switch(switch) => **switch = map.next_value()?,
                Value::Words(words) => **words = map.next_value()?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for (at, value) in self.values.iter_mut().enumerate() {
            let short = || A::Error::invalid_length(at, &"all settings of the group");
            match value {
                Value::Number(number) => **number = list.next_element()?.ok_or_else(short)?,
                Value::Whole(number) => **number = list.next_element()?.ok_or_else(short)?,
                Value::Switch(switch) => **switch = list.next_element()?.ok_or_else(short)?,
                Value::Words(words) => **words = list.next_element()?.ok_or_else(short)?,
            }
        }
        Ok(())
    }
}

/// Serialises a group of settings by the names of all its fields.
macro_rules! group {
    ($group:ident: $($field:ident),+ $(,)?) => {
        impl $group {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn values(&mut self) -> Vec<$crate::settings::group::Value<'_>> {
                let $group { $($field),+ } = self;
                vec![$($crate::settings::group::Setting::value($field)),+]
            }
        }

        impl serde::Serialize for $group {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::settings::group::serialize(to, stringify!($group), Self::NAMES, &mut self.clone().values())
            }
        }

        impl<'de> serde::Deserialize<'de> for $group {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let mut group = Self::default();
                $crate::settings::group::deserialize(from, stringify!($group), Self::NAMES, &mut group.values())?;
                Ok(group)
            }
        }
    };
}

pub(super) use group;

#[cfg(test)]
mod tests {
    use crate::settings::{QualitySettings, RageClickSettings};

    #[test]
    fn a_group_survives_both_forms() {
        let group = RageClickSettings { min_clicks: 7, repeatable_words: vec!["a".into()], ..Default::default() };
        let json = serde_json::to_string(&group).unwrap();
        assert_eq!(json, r#"{"min_clicks":7,"max_gap_s":1.0,"repeatable_words":["a"]}"#);
        assert_eq!(serde_json::from_str::<RageClickSettings>(&json).unwrap(), group);
        let bytes = postcard::to_stdvec(&group).unwrap();
        assert_eq!(postcard::from_bytes::<RageClickSettings>(&bytes).unwrap(), group);
        let quality = QualitySettings { mask_personal: false, ..Default::default() };
        let bytes = postcard::to_stdvec(&quality).unwrap();
        assert_eq!(postcard::from_bytes::<QualitySettings>(&bytes).unwrap(), quality);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |json: &str| serde_json::from_str::<RageClickSettings>(json).unwrap_err().to_string();
        let unknown = error(r#"{"min_click": 3}"#);
        assert!(unknown.starts_with("unknown field `min_click`, expected one of `min_clicks`"), "{unknown}");
        assert!(error(r#"{"min_clicks": 3, "min_clicks": 3}"#).starts_with("duplicate field `min_clicks`"));
        assert!(error(r#"{"min_clicks": "3"}"#).starts_with("invalid type: string \"3\""));
        // What is left out keeps its default.
        assert_eq!(serde_json::from_str::<RageClickSettings>("{}").unwrap(), RageClickSettings::default());
    }
}
