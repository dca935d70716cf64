//! Columns of numbers that travel between workers as their bytes, not number by number.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers one behind the other. All workers are the same program on the same machine, so that their bytes mean
/// the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column<T>(pub Vec<T>);

impl<T> Default for Column<T> {
    fn default() -> Column<T> {
        Column(Vec::new())
    }
}

impl<T> Deref for Column<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Column<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T: Pod> Serialize for Column<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytemuck::cast_slice(&self.0))
    }
}

impl<'de, T: Pod> Deserialize<'de> for Column<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Column<T>, D::Error> {
        deserializer.deserialize_bytes(Bytes(PhantomData))
    }
}

struct Bytes<T>(PhantomData<T>);

impl<T: Pod> Visitor<'_> for Bytes<T> {
    type Value = Column<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the bytes of numbers")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Column<T>, E> {
        if !bytes.len().is_multiple_of(size_of::<T>()) {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        let mut numbers = vec![T::zeroed(); bytes.len() / size_of::<T>()];
        bytemuck::cast_slice_mut(&mut numbers).copy_from_slice(bytes);
        Ok(Column(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_survive_the_way() {
        // The text before the numbers moves them off their alignment.
        let sent = ("x".to_string(), Column(vec![1u64, u64::MAX, 3]), Column(vec![-1i64]), Column::<u32>::default());
        let bytes = postcard::to_stdvec(&sent).unwrap();
        assert_eq!(postcard::from_bytes::<(String, Column<u64>, Column<i64>, Column<u32>)>(&bytes).unwrap(), sent);
        assert!(postcard::from_bytes::<Column<u64>>(&[3, 1, 2, 3]).is_err());
    }
}
