//! Groups of settings, written and read by one piece of code: what a derive would write out again for each of them is too
//! heavy for a page that is opened in a second.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::mapping::{DateOrder, LayoutRules};
use super::{ExitsOf, FunnelSettings, Goal, HighActivityRule};

/// The settings of a group, by their names.
pub struct Group<'s> {
    pub name: &'static str,
    pub names: &'static [&'static str],
    pub values: Vec<Value<'s>>,
}

/// A type of settings whose serialised form is that of its fields, as [`group`] makes it.
pub trait Grouped: Clone + Default {
    fn group(&mut self) -> Group<'_>;
}

/// What a setting may be.
pub trait Setting {
    fn value(&mut self) -> Value<'_>;
}

impl<G: Grouped> Setting for G {
    fn value(&mut self) -> Value<'_> {
        Value::Group(self.group())
    }
}

macro_rules! kinds {
    ($($kind:ident($setting:ty)),+ $(,)?) => {
        /// A setting of a group.
        pub enum Value<'s> {
            $($kind(&'s mut $setting),)+
            Group(Group<'s>),
        }

        $(impl Setting for $setting {
            fn value(&mut self) -> Value<'_> {
                Value::$kind(self)
            }
        })+

        impl Serialize for Value<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Value::$kind(setting) => setting.serialize(to),)+
                    Value::Group(group) => group.serialize(to),
                }
            }
        }

        impl<'de> DeserializeSeed<'de> for &mut Value<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
                match self {
                    $(Value::$kind(setting) => **setting = Deserialize::deserialize(from)?,)+
                    Value::Group(group) => group.read(from)?,
                }
                Ok(())
            }
        }
    };
}

kinds! {
    Number(f64),
    Whole(u64),
    Count(u32),
    Switch(bool),
    Text(String),
    Words(Vec<String>),
    Goal(Goal),
    Funnel(FunnelSettings),
    Activity(HighActivityRule),
    Exits(ExitsOf),
    Layout(LayoutRules),
    Dates(DateOrder),
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut group = to.serialize_struct(self.name, self.names.len())?;
        for (name, value) in self.names.iter().zip(&self.values) {
            group.serialize_field(name, value)?;
        }
        group.end()
    }
}

impl Group<'_> {
    /// Reads a group into what it holds: what is left out stays, and a name that is not known is an error.
    pub fn read<'de, D: Deserializer<'de>>(&mut self, from: D) -> Result<(), D::Error> {
        let (name, names) = (self.name, self.names);
        from.deserialize_struct(name, names, self)
    }
}

impl<'de> Visitor<'de> for &mut Group<'_> {
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
            map.next_value_seed(&mut self.values[at])?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for (at, value) in self.values.iter_mut().enumerate() {
            if list.next_element_seed(value)?.is_none() {
                return Err(A::Error::invalid_length(at, &"all settings of the group"));
            }
        }
        Ok(())
    }
}

/// Serialises a group of settings by the names of all its fields.
macro_rules! group {
    ($group:ident: $($field:ident),+ $(,)?) => {
        impl $crate::settings::group::Grouped for $group {
            fn group(&mut self) -> $crate::settings::group::Group<'_> {
                let $group { $($field),+ } = self;
                $crate::settings::group::Group {
                    name: stringify!($group),
                    names: &[$(stringify!($field)),+],
                    values: vec![$($crate::settings::group::Setting::value($field)),+],
                }
            }
        }

        impl serde::Serialize for $group {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::settings::group::Grouped::group(&mut self.clone()).serialize(to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $group {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let mut group = Self::default();
                $crate::settings::group::Grouped::group(&mut group).read(from)?;
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
