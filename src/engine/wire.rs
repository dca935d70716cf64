//! Messages as bytes: postcard's form, which needs no names of fields, so that a page needs little code to read it.
//!
//! Two things that postcard's own writer cannot do are done here. A field that is left out because it is empty is written
//! as one byte, 0, which is read as an empty list, none, false or 0. And what carries a tag, which this form cannot hold,
//! travels as JSON within it, see [`as_text`].

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::ser::{self, Serialize};

/// The message as bytes.
pub fn to_bytes(message: &impl Serialize) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer(Vec::new());
    message.serialize(&mut writer)?;
    Ok(writer.0)
}

/// Reads a message.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    postcard::from_bytes(bytes).map_err(|error| WireError(error.to_string()))
}

/// A message that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("a message could not be passed on: {0}")]
pub struct WireError(String);

impl ser::Error for WireError {
    fn custom<T: Display>(said: T) -> Self {
        WireError(said.to_string())
    }
}

/// For fields whose type carries tags: JSON within these bytes, and unchanged within JSON.
pub mod as_text {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            value.serialize(serializer)
        } else {
            serializer.serialize_str(&serde_json::to_value(value).map_err(S::Error::custom)?.to_string())
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
        if deserializer.is_human_readable() {
            T::deserialize(deserializer)
        } else {
            let text = String::deserialize(deserializer)?;
            // One that was left out, see above.
            serde_json::from_str(if text.is_empty() { "null" } else { &text }).map_err(D::Error::custom)
        }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u128) {
        while number > 127 {
            self.0.push(number as u8 | 128);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Small numbers of either sign in few bytes.
    fn signed(&mut self, number: i128) {
        self.number(((number << 1) ^ (number >> 127)) as u128);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u128);
        self.0.extend_from_slice(bytes);
    }
}

type Written = Result<(), WireError>;

macro_rules! numbers {
    ($($name:ident: $kind:ty => $way:ident),*) => {
        $(fn $name(self, value: $kind) -> Written {
            self.$way(value.into());
            Ok(())
        })*
    };
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = WireError;
    type SerializeSeq = List<'w>;
    type SerializeTuple = List<'w>;
    type SerializeTupleStruct = List<'w>;
    type SerializeTupleVariant = List<'w>;
    type SerializeMap = List<'w>;
    type SerializeStruct = List<'w>;
    type SerializeStructVariant = List<'w>;

    fn is_human_readable(&self) -> bool {
        false
    }

    numbers!(serialize_u16: u16 => number, serialize_u32: u32 => number, serialize_u64: u64 => number, serialize_u128: u128 => number,
        serialize_i16: i16 => signed, serialize_i32: i32 => signed, serialize_i64: i64 => signed, serialize_i128: i128 => signed);

    fn serialize_bool(self, value: bool) -> Written {
        self.serialize_u8(value.into())
    }
    fn serialize_u8(self, value: u8) -> Written {
        self.0.push(value);
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_u8(value as u8)
    }
    fn serialize_f32(self, value: f32) -> Written {
        self.0.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }
    fn serialize_f64(self, value: f64) -> Written {
        self.0.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }
    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Written {
        self.serialize_bytes(value.as_bytes())
    }
    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.bytes(value);
        Ok(())
    }
    fn serialize_none(self) -> Written {
        self.serialize_u8(0)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.0.push(1);
        value.serialize(self)
    }
    fn serialize_unit(self) -> Written {
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(())
    }
    fn serialize_unit_variant(self, _: &'static str, variant: u32, _: &'static str) -> Written {
        self.serialize_u32(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        self.number(variant.into());
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<List<'w>, WireError> {
        self.number(length.ok_or_else(|| ser::Error::custom("a list of unknown length"))? as u128);
        Ok(List(self))
    }
    fn serialize_map(self, length: Option<usize>) -> Result<List<'w>, WireError> {
        self.serialize_seq(length)
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'w>, WireError> {
        Ok(List(self))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'w>, WireError> {
        Ok(List(self))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<List<'w>, WireError> {
        Ok(List(self))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        _: usize,
    ) -> Result<List<'w>, WireError> {
        self.number(variant.into());
        Ok(List(self))
    }
    fn serialize_struct_variant(
        self,
        name: &'static str,
        variant: u32,
        variant_name: &'static str,
        length: usize,
    ) -> Result<List<'w>, WireError> {
        self.serialize_tuple_variant(name, variant, variant_name, length)
    }
}

/// What consists of several values: they stand one behind the other.
struct List<'w>(&'w mut Writer);

macro_rules! lists {
    ($($kind:ident: $one:ident),*) => {
        $(impl ser::$kind for List<'_> {
            type Ok = ();
            type Error = WireError;
            fn $one<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(&mut *self.0)
            }
            fn end(self) -> Written {
                Ok(())
            }
        })*
    };
}

lists!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

impl ser::SerializeMap for List<'_> {
    type Ok = ();
    type Error = WireError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut *self.0)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.0)
    }
    fn end(self) -> Written {
        Ok(())
    }
}

macro_rules! structs {
    ($($kind:ident),*) => {
        $(impl ser::$kind for List<'_> {
            type Ok = ();
            type Error = WireError;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
                value.serialize(&mut *self.0)
            }
            /// Whatever the field's type, it is empty.
            fn skip_field(&mut self, _: &'static str) -> Written {
                self.0.0.push(0);
                Ok(())
            }
            fn end(self) -> Written {
                Ok(())
            }
        })*
    };
}

structs!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::{Reply, Request};
    use crate::engine::warm_up::WarmUp;
    use crate::settings::Settings;

    /// The message as it arrives.
    fn passed_on<T: Serialize + DeserializeOwned>(message: &T) -> T {
        from_bytes(&to_bytes(message).unwrap()).unwrap()
    }

    #[test]
    fn results_arrive_as_they_were() {
        let mut warm_up = WarmUp::default();
        while warm_up.advance() {}
        let document = warm_up.document.unwrap();
        let before = serde_json::to_string(&document).unwrap();
        let Reply::Done { document } = passed_on(&Reply::Done { document }) else { panic!("another reply") };
        assert_eq!(serde_json::to_string(&document).unwrap(), before);
    }

    #[test]
    fn what_is_left_out_arrives_empty() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Sparse {
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            list: Vec<u32>,
            #[serde(skip_serializing_if = "Option::is_none")]
            none: Option<f64>,
            signed: (i64, i32, u64),
            #[serde(with = "as_text")]
            settings: Settings,
        }
        let sparse =
            |list| Sparse { list, none: None, signed: (i64::MIN, -3, u64::MAX), settings: Settings::default() };
        for list in [vec![], vec![1, 300]] {
            assert_eq!(passed_on(&sparse(list.clone())), sparse(list));
        }
    }

    #[test]
    fn requests_arrive() {
        let settings = Box::new(Settings::default());
        let before = format!("{settings:?}");
        let Request::Survey { lines_before, settings } =
            passed_on(&Request::Survey { lines_before: vec![0, 7], settings })
        else {
            panic!("another request")
        };
        assert_eq!((lines_before, format!("{settings:?}")), (vec![0, 7], before));
    }
}
