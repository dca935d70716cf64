//! A value of a column as JSON writes it.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, TimeUnit};

use crate::ingest::time;

/// Why values of this type are not read, if they are not: its name.
pub fn not_read(kind: &DataType) -> Option<String> {
    match kind {
        DataType::Interval(_) | DataType::Union(..) | DataType::ListView(_) | DataType::LargeListView(_) => {
            Some(kind.to_string())
        }
        DataType::RunEndEncoded(_, values) => not_read(values.data_type()),
        DataType::Dictionary(_, values) => not_read(values),
        // Fields inside that are not read are left out.
        _ => None,
    }
}

/// Whether values of this type are texts to an analysis, not numbers.
pub fn is_text(kind: &DataType) -> bool {
    use DataType::*;
    match kind {
        Timestamp(..) | Date32 | Date64 | Time32(_) | Time64(_) | Utf8 | LargeUtf8 | Utf8View | Binary
        | LargeBinary | BinaryView | FixedSizeBinary(_) => true,
        Dictionary(_, values) => is_text(values),
        RunEndEncoded(_, values) => is_text(values.data_type()),
        _ => false,
    }
}

/// Whether values of this type hold others.
pub fn is_nested(kind: &DataType) -> bool {
    use DataType::*;
    match kind {
        List(_) | LargeList(_) | FixedSizeList(..) | Struct(_) | Map(..) => true,
        Dictionary(_, values) => is_nested(values),
        RunEndEncoded(_, values) => is_nested(values.data_type()),
        _ => false,
    }
}

/// Writes the value as JSON does.
pub fn write_value(array: &dyn Array, row: usize, out: &mut String) {
    if is_null(array, row) {
        out.push_str("null");
    } else if is_text(array.data_type()) {
        let mut text = String::new();
        write_plain(array, row, &mut text);
        write_text(&text, out);
    } else if is_nested(array.data_type()) {
        write_nested(array, row, out);
    } else {
        write_plain(array, row, out);
    }
}

/// Whether there is no value, nor in the dictionary that the row leads to.
pub fn is_null(array: &dyn Array, row: usize) -> bool {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return true;
    }
    match leads_to(array, row) {
        Some((values, at)) => is_null(values, at),
        None => false,
    }
}

/// What a dictionary's key or a run stands for.
fn leads_to(array: &dyn Array, row: usize) -> Option<(&dyn Array, usize)> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        return Some((dictionary.values().as_ref(), key(array, row)?));
    }
    match array.data_type() {
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => run::<Int16Type>(array, row),
            DataType::Int32 => run::<Int32Type>(array, row),
            _ => run::<Int64Type>(array, row),
        },
        _ => None,
    }
}

fn run<R: RunEndIndexType>(array: &dyn Array, row: usize) -> Option<(&dyn Array, usize)> {
    let runs = array.as_any().downcast_ref::<arrow_array::RunArray<R>>()?;
    Some((runs.values().as_ref(), runs.get_physical_index(row)))
}

/// The key of a dictionary's row.
pub fn key(array: &dyn Array, row: usize) -> Option<usize> {
    fn of<K: ArrowDictionaryKeyType>(array: &dyn Array, row: usize) -> Option<usize> {
        array.as_any().downcast_ref::<arrow_array::DictionaryArray<K>>()?.key(row)
    }
    let DataType::Dictionary(keys, _) = array.data_type() else { return None };
    match keys.as_ref() {
        DataType::Int8 => of::<Int8Type>(array, row),
        DataType::Int16 => of::<Int16Type>(array, row),
        DataType::Int32 => of::<Int32Type>(array, row),
        DataType::Int64 => of::<Int64Type>(array, row),
        DataType::UInt8 => of::<UInt8Type>(array, row),
        DataType::UInt16 => of::<UInt16Type>(array, row),
        DataType::UInt32 => of::<UInt32Type>(array, row),
        _ => of::<UInt64Type>(array, row),
    }
}

fn number<P: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> P::Native {
    array.as_primitive::<P>().value(row)
}

/// Writes a value that holds no others, without quotes. It is not null.
pub fn write_plain(array: &dyn Array, row: usize, out: &mut String) {
    use DataType::*;
    // Writing to a text never fails.
    let _ = match array.data_type() {
        Boolean => write!(out, "{}", array.as_boolean().value(row)),
        Int8 => write!(out, "{}", number::<Int8Type>(array, row)),
        Int16 => write!(out, "{}", number::<Int16Type>(array, row)),
        Int32 => write!(out, "{}", number::<Int32Type>(array, row)),
        Int64 => write!(out, "{}", number::<Int64Type>(array, row)),
        UInt8 => write!(out, "{}", number::<UInt8Type>(array, row)),
        UInt16 => write!(out, "{}", number::<UInt16Type>(array, row)),
        UInt32 => write!(out, "{}", number::<UInt32Type>(array, row)),
        UInt64 => write!(out, "{}", number::<UInt64Type>(array, row)),
        Float16 => write_float(f64::from(number::<Float16Type>(array, row).to_f32()), out),
        // By its own digits, not by those of the next number with more of them.
        Float32 => match number::<Float32Type>(array, row) {
            value if value.is_finite() => write!(out, "{value}"),
            _ => write!(out, "null"),
        },
        Float64 => write_float(number::<Float64Type>(array, row), out),
        Decimal32(..) => write!(out, "{}", array.as_primitive::<Decimal32Type>().value_as_string(row)),
        Decimal64(..) => write!(out, "{}", array.as_primitive::<Decimal64Type>().value_as_string(row)),
        Decimal128(..) => write!(out, "{}", array.as_primitive::<Decimal128Type>().value_as_string(row)),
        Decimal256(..) => write!(out, "{}", array.as_primitive::<Decimal256Type>().value_as_string(row)),
        Utf8 => out.write_str(array.as_string::<i32>().value(row)),
        LargeUtf8 => out.write_str(array.as_string::<i64>().value(row)),
        Utf8View => out.write_str(array.as_string_view().value(row)),
        Binary => write_bytes(array.as_binary::<i32>().value(row), out),
        LargeBinary => write_bytes(array.as_binary::<i64>().value(row), out),
        BinaryView => write_bytes(array.as_binary_view().value(row), out),
        FixedSizeBinary(_) => write_bytes(array.as_fixed_size_binary().value(row), out),
        Timestamp(..) => match microseconds(array, row) {
            Some(us) => out.write_str(&time::format(us, is_zoned(array.data_type()))),
            None => out.write_str("out of range"),
        },
        Date32 => write_day(i64::from(number::<Date32Type>(array, row)), out),
        Date64 => out.write_str(&time::format(number::<Date64Type>(array, row).saturating_mul(1000), false)),
        Time32(TimeUnit::Second) => write_clock(i64::from(number::<Time32SecondType>(array, row)) * 1_000_000, out),
        Time32(_) => write_clock(i64::from(number::<Time32MillisecondType>(array, row)) * 1000, out),
        Time64(TimeUnit::Microsecond) => write_clock(number::<Time64MicrosecondType>(array, row), out),
        Time64(_) => write_clock(number::<Time64NanosecondType>(array, row) / 1000, out),
        Duration(TimeUnit::Second) => write!(out, "{}", number::<DurationSecondType>(array, row)),
        Duration(TimeUnit::Millisecond) => write!(out, "{}", number::<DurationMillisecondType>(array, row)),
        Duration(TimeUnit::Microsecond) => write!(out, "{}", number::<DurationMicrosecondType>(array, row)),
        Duration(TimeUnit::Nanosecond) => write!(out, "{}", number::<DurationNanosecondType>(array, row)),
        _ => {
            if let Some((values, at)) = leads_to(array, row) {
                write_plain(values, at, out);
            }
            Ok(())
        }
    };
}

/// Whether times of this type name their zone: then they are in UTC, whatever zone they are to be shown in.
pub fn is_zoned(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(_, Some(_)))
}

/// A timestamp in microseconds; none where these do not hold it. Finer fractions are cut off, as texts of them are.
pub fn microseconds(array: &dyn Array, row: usize) -> Option<i64> {
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => number::<TimestampSecondType>(array, row).checked_mul(1_000_000),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            number::<TimestampMillisecondType>(array, row).checked_mul(1000)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(number::<TimestampMicrosecondType>(array, row)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Some(number::<TimestampNanosecondType>(array, row).div_euclid(1000))
        }
        _ => None,
    }
}

fn write_float(value: f64, out: &mut String) -> std::fmt::Result {
    if value.is_finite() { write!(out, "{value}") } else { out.write_str("null") }
}

fn write_day(days: i64, out: &mut String) -> std::fmt::Result {
    let time = time::format(days.saturating_mul(86_400_000_000), false);
    out.write_str(time.split('T').next().unwrap_or(&time))
}

fn write_clock(us: i64, out: &mut String) -> std::fmt::Result {
    let time = time::format(us, false);
    out.write_str(time.split_once('T').map_or(&time, |(_, clock)| clock))
}

/// Bytes that are text as text, others by their hexadecimal digits, a UUID in its usual form.
fn write_bytes(bytes: &[u8], out: &mut String) -> std::fmt::Result {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(|char: char| char.is_control() && !char.is_whitespace()) => out.write_str(text),
        _ => bytes.iter().enumerate().try_for_each(|(at, byte)| {
            let hyphen = if bytes.len() == 16 && matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(out, "{hyphen}{byte:02x}")
        }),
    }
}

/// Writes a text with its quotes.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            char if char < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

fn write_nested(array: &dyn Array, row: usize, out: &mut String) {
    match array.data_type() {
        DataType::List(_) => write_list(array.as_list::<i32>().value(row).as_ref(), out),
        DataType::LargeList(_) => write_list(array.as_list::<i64>().value(row).as_ref(), out),
        DataType::FixedSizeList(..) => write_list(array.as_fixed_size_list().value(row).as_ref(), out),
        DataType::Struct(fields) => {
            out.push('{');
            let columns = fields.iter().zip(array.as_struct().columns());
            for (field, column) in columns.filter(|(field, _)| not_read(field.data_type()).is_none()) {
                write_field(field.name(), column.as_ref(), row, out);
            }
            out.push('}');
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            out.push('{');
            for at in 0..entries.len() {
                let mut name = String::new();
                write_plain(keys.as_ref(), at, &mut name);
                write_field(&name, values.as_ref(), at, out);
            }
            out.push('}');
        }
        _ => match leads_to(array, row) {
            Some((values, at)) => write_nested(values, at, out),
            None => out.push_str("null"),
        },
    }
}

fn write_list(items: &dyn Array, out: &mut String) {
    out.push('[');
    for at in 0..items.len() {
        if at > 0 {
            out.push(',');
        }
        write_value(items, at, out);
    }
    out.push(']');
}

/// Writes a field of an object behind those that are there.
pub fn write_field(name: &str, array: &dyn Array, row: usize, out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_text(name, out);
    out.push(':');
    write_value(array, row, out);
}
