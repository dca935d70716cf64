//! The values of a column as fields of records.

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

use super::json_text::{is_nested, is_null, is_text, key, write_plain, write_value};
use crate::ingest::json::Field;

/// The values of one column, of some rows.
pub enum Cells<'b> {
    Small(&'b StringArray),
    Large(&'b LargeStringArray),
    View(&'b StringViewArray),
    /// The key of each row, [`NO_KEY`] where there is none.
    Dictionary {
        keys: Vec<u32>,
        values: Box<Cells<'b>>,
    },
    /// What had to be written first.
    Written {
        joined: String,
        /// Where each value ends; one that has no bytes is null.
        ends: Vec<usize>,
        kind: Kind,
    },
}

pub const NO_KEY: u32 = u32::MAX;

/// What values are that had to be written.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Literal,
    /// JSON.
    Nested,
}

impl<'b> Cells<'b> {
    pub fn of(array: &'b ArrayRef) -> Cells<'b> {
        match array.data_type() {
            DataType::Utf8 => Cells::Small(array.as_string()),
            DataType::LargeUtf8 => Cells::Large(array.as_string()),
            DataType::Utf8View => Cells::View(array.as_string_view()),
            DataType::Dictionary(..) => {
                let keys = keys(array);
                let values = Cells::of(array.as_any_dictionary().values());
                Cells::Dictionary { keys, values: Box::new(values) }
            }
            kind => Cells::written(array, kind),
        }
    }

    fn written(array: &ArrayRef, kind: &DataType) -> Cells<'b> {
        let kind = match kind {
            kind if is_text(kind) => Kind::Text,
            kind if is_nested(kind) => Kind::Nested,
            _ => Kind::Literal,
        };
        let (mut joined, mut ends) = (String::new(), Vec::with_capacity(array.len()));
        for row in 0..array.len() {
            if !is_null(array, row) {
                match kind {
                    Kind::Nested => write_value(array, row, &mut joined),
                    Kind::Text | Kind::Literal => write_plain(array, row, &mut joined),
                }
            }
            ends.push(joined.len());
        }
        Cells::Written { joined, ends, kind }
    }

    /// The value in this row.
    pub fn field(&self, row: usize) -> Cell<'_> {
        let text = |null: bool, text: fn(&Self, usize) -> &str| match null {
            true => Cell::Value(Field::Null),
            false => Cell::Value(Field::Text(text(self, row).into())),
        };
        match self {
            Cells::Small(array) => text(array.is_null(row), Cells::plain),
            Cells::Large(array) => text(array.is_null(row), Cells::plain),
            Cells::View(array) => text(array.is_null(row), Cells::plain),
            Cells::Dictionary { keys, values } => match keys[row] {
                NO_KEY => Cell::Value(Field::Null),
                key => values.field(key as usize),
            },
            Cells::Written { joined, ends, kind } => {
                let text = &joined[row.checked_sub(1).map_or(0, |before| ends[before])..ends[row]];
                match kind {
                    _ if text.is_empty() || text == "null" => Cell::Value(Field::Null),
                    Kind::Text => Cell::Value(Field::Text(text.into())),
                    Kind::Literal => Cell::Value(Field::Literal(text.into())),
                    Kind::Nested => Cell::Json(text),
                }
            }
        }
    }

    fn plain(&self, row: usize) -> &str {
        match self {
            Cells::Small(array) => array.value(row),
            Cells::Large(array) => array.value(row),
            Cells::View(array) => array.value(row),
            _ => "",
        }
    }
}

/// The key of each row, [`NO_KEY`] where there is none.
fn keys(array: &ArrayRef) -> Vec<u32> {
    // As Parquet files are read.
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
        let keys = dictionary.keys();
        return match keys.nulls() {
            None => keys.values().iter().map(|key| *key as u32).collect(),
            Some(_) => keys.iter().map(|key| key.map_or(NO_KEY, |key| key as u32)).collect(),
        };
    }
    (0..array.len()).map(|row| key(array, row).map_or(NO_KEY, |key| key as u32)).collect()
}

/// A value.
pub enum Cell<'c> {
    Value(Field<'c>),
    /// A value that holds others.
    Json(&'c str),
}
