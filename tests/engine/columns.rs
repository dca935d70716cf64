//! Files of columns, Parquet and Arrow: the same results as of the same records in lines of JSON, whatever they are
//! packed with; values of all types; what cannot be read is told in one sentence.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    Decimal128Builder, Int64Builder, ListBuilder, StringBuilder, StringDictionaryBuilder, StructBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Fields};
use bytes::Bytes;
use footpath::demo::Demo;
use footpath::engine::Export;
use footpath::engine::native::{Input, analyse};
use footpath::ingest::columns::{ColumnFile, ColumnFormat};
use footpath::settings::Settings;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{cases, document, json, options};

/// The demo shop's events, and its fields.
fn demo(events: u64) -> (Vec<Value>, Vec<String>) {
    let mut lines = Vec::new();
    Demo::new(events, 1, true).write(&mut lines).unwrap();
    let lines = lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let records: Vec<Value> = lines.filter(Value::is_object).collect();
    let fields = records[0].as_object().unwrap().keys().cloned().collect();
    (records, fields)
}

/// The records as columns of text.
fn columns(records: &[Value], fields: &[String], column: fn(Vec<Option<String>>) -> ArrayRef) -> RecordBatch {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let of = |field: &String| column(records.iter().map(|record| text(&record[field])).collect());
    RecordBatch::try_from_iter_with_nullable(fields.iter().map(|field| (field, of(field), true))).unwrap()
}

fn plain(texts: Vec<Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from(texts))
}

fn dictionary(texts: Vec<Option<String>>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    texts.iter().for_each(|text| builder.append_option(text.as_deref()));
    Arc::new(builder.finish())
}

fn parquet(batch: &RecordBatch, compression: Compression, group_rows: usize) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(700)
        .set_write_batch_size(100)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn arrow(batch: &RecordBatch, batch_rows: usize) -> Vec<u8> {
    let mut writer = arrow_ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    let starts = (0..batch.num_rows()).step_by(batch_rows);
    starts.for_each(|at| writer.write(&batch.slice(at, batch_rows.min(batch.num_rows() - at))).unwrap());
    writer.into_inner().unwrap()
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The results without what names the file.
fn results(path: &Path, workers: usize, chunk_bytes: u64) -> Value {
    let mut document: Value = serde_json::from_str(&json(path, &Settings::default(), workers, chunk_bytes)).unwrap();
    document["source"] = document["source"]["lines"].take();
    document
}

#[test]
fn the_same_records_have_the_same_results() {
    let folder = TempDir::new().unwrap();
    let (records, fields) = demo(6_000);
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let expected = results(&write(&folder, "demo.jsonl", lines.as_bytes()), 2, 1 << 20);
    let (plain, dictionary) = (columns(&records, &fields, plain), columns(&records, &fields, dictionary));
    let packed = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for (at, compression) in packed.into_iter().enumerate() {
        let path = write(&folder, &format!("{at}.parquet"), &parquet(&plain, compression, 2_500));
        assert_eq!(results(&path, 2, 40_000), expected, "{compression}");
    }
    let path = write(&folder, "numbers.parquet", &parquet(&dictionary, Compression::SNAPPY, 100_000));
    for (workers, chunk_bytes) in [(1, 1 << 24), (3, 10_000)] {
        assert_eq!(results(&path, workers, chunk_bytes), expected);
    }
    for (name, batch) in [("plain", &plain), ("numbers", &dictionary)] {
        let path = write(&folder, &format!("{name}.arrow"), &arrow(batch, 900));
        assert_eq!(results(&path, 2, 50_000), expected, "Arrow, {name}");
    }
}

#[test]
fn what_a_parquet_file_becomes_is_named_when_it_is_damaged() {
    let folder = TempDir::new().unwrap();
    let (records, fields) = demo(500);
    let batch = columns(&records, &fields, plain);
    let said = |name: &str, bytes: &[u8]| {
        let path = write(&folder, name, bytes);
        analyse(&[Input::new(&path)], &options(&Settings::default()), Export::Json, &mut |_| {})
            .unwrap_err()
            .to_string()
    };
    for (name, whole) in [("Parquet", parquet(&batch, Compression::SNAPPY, 1000)), ("Arrow", arrow(&batch, 100))] {
        for cut in [6, 100, whole.len() / 2, whole.len() - 1] {
            let expected = format!("The {name} file is damaged or ends too early. Download or copy it again.");
            assert_eq!(said("cut", &whole[..cut]), expected, "{cut}");
        }
    }
    let encrypted = [b"PARE".as_slice(), &[0; 200], &[9, 0, 0, 0], b"PARE"].concat();
    assert!(said("secret", &encrypted).starts_with("This is an encrypted Parquet file"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(60)))]

    /// Whatever stands in the file: it is read, or refused in a sentence.
    #[test]
    fn damaged_bytes_stop_nothing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        in_footer in any::<bool>(),
        arrow_file in any::<bool>(),
    ) {
        let (records, fields) = demo(120);
        let batch = columns(&records, &fields, plain);
        let whole = if arrow_file { arrow(&batch, 50) } else { parquet(&batch, Compression::SNAPPY, 60) };
        let mut bytes = whole.clone();
        for (at, byte) in &changes {
            // The last bytes say where everything stands.
            let at = if in_footer { whole.len() - 1 - at.index(whole.len().min(1500)) } else { at.index(whole.len()) };
            bytes[at] = *byte;
        }
        let folder = TempDir::new().unwrap();
        let path = write(&folder, "changed", &bytes);
        let said = analyse(&[Input::new(&path)], &options(&Settings::default()), Export::Json, &mut |_| {});
        if let Err(problem) = said {
            prop_assert!(!problem.to_string().is_empty());
        }
    }
}

/// The rows of a file as lines of JSON.
fn lines(columns: Vec<(&str, ArrayRef)>) -> Vec<String> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let read = |format, bytes: Vec<u8>| {
        let file = ColumnFile::open(format, Box::new(Bytes::from(bytes))).unwrap();
        String::from_utf8(file.sample().unwrap()).unwrap()
    };
    let from_parquet = read(ColumnFormat::Parquet, parquet(&batch, Compression::SNAPPY, 1000));
    assert_eq!(from_parquet, read(ColumnFormat::Arrow, arrow(&batch, 1000)));
    from_parquet.lines().map(str::to_string).collect()
}

#[test]
fn values_of_all_types_are_read() {
    let us = 1_738_832_404_250_001;
    let zoned = TimestampMicrosecondArray::from(vec![us]).with_timezone("Europe/Berlin");
    let mut decimal = Decimal128Builder::new().with_precision_and_scale(20, 2).unwrap();
    decimal.append_value(-1_250);
    let person = StructArray::from(vec![(
        Arc::new(Field::new("name", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec!["a \"b\"\\\n"])) as ArrayRef,
    )]);
    let rows = lines(vec![
        ("s", Arc::new(TimestampSecondArray::from(vec![us / 1_000_000]))),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![us / 1000]))),
        ("us", Arc::new(zoned)),
        ("ns", Arc::new(TimestampNanosecondArray::from(vec![us * 1000 + 999]))),
        ("day", Arc::new(Date32Array::from(vec![-1]))),
        ("large", Arc::new(Int64Array::from(vec![9_007_199_254_740_993]))),
        ("larger", Arc::new(UInt64Array::from(vec![u64::MAX]))),
        ("float", Arc::new(Float64Array::from(vec![7.0]))),
        ("nan", Arc::new(Float64Array::from(vec![f64::NAN]))),
        ("decimal", Arc::new(decimal.finish())),
        ("true", Arc::new(BooleanArray::from(vec![true]))),
        ("none", Arc::new(StringArray::from(vec![None::<&str>]))),
        ("person", Arc::new(person)),
    ]);
    let expected = r#"{"s":"2025-02-06T09:00:04","ms":"2025-02-06T09:00:04.25","us":"2025-02-06T09:00:04.250001Z","ns":"2025-02-06T09:00:04.250001","day":"1969-12-31","large":9007199254740993,"larger":18446744073709551615,"float":7,"nan":null,"decimal":-12.50,"true":true,"none":null,"person":{"name":"a \"b\"\\\n"}}"#;
    assert_eq!(rows, [expected]);
}

/// A key, and its value as a text or as a number.
type Param<'a> = (&'a str, Option<&'a str>, Option<i64>);

/// `event_params` as BigQuery exports them: a list of keys with values of one of several types.
fn params(rows: &[&[Param]]) -> ArrayRef {
    let value = Fields::from(vec![
        Field::new("string_value", DataType::Utf8, true),
        Field::new("int_value", DataType::Int64, true),
    ]);
    let pair = Fields::from(vec![
        Field::new("key", DataType::Utf8, true),
        Field::new("value", DataType::Struct(value.clone()), true),
    ]);
    let values = StructBuilder::new(value, vec![Box::new(StringBuilder::new()), Box::new(Int64Builder::new())]);
    let pairs = StructBuilder::new(pair, vec![Box::new(StringBuilder::new()), Box::new(values)]);
    let mut list = ListBuilder::new(pairs);
    for row in rows {
        for (key, text, number) in *row {
            let pair = list.values();
            pair.field_builder::<StringBuilder>(0).unwrap().append_value(key);
            let value = pair.field_builder::<StructBuilder>(1).unwrap();
            value.field_builder::<StringBuilder>(0).unwrap().append_option(*text);
            value.field_builder::<Int64Builder>(1).unwrap().append_option(*number);
            value.append(true);
            pair.append(true);
        }
        list.append(true);
    }
    Arc::new(list.finish())
}

#[test]
fn fields_inside_lists_and_structs_are_found() {
    let folder = TempDir::new().unwrap();
    let batch = RecordBatch::try_from_iter([
        ("event_timestamp", Arc::new(Int64Array::from(vec![1_738_832_404_000_000, 1_738_832_405_000_000])) as ArrayRef),
        ("event_name", Arc::new(StringArray::from(vec!["page_view", "purchase"])) as ArrayRef),
        ("user_pseudo_id", Arc::new(StringArray::from(vec!["u", "u"])) as ArrayRef),
        (
            "event_params",
            params(&[
                &[("ga_session_id", None, Some(17)), ("page_location", Some("https://example.org/a?b"), None)],
                &[("page_location", Some("https://example.org/thanks"), None), ("ga_session_id", None, Some(17))],
            ]),
        ),
    ])
    .unwrap();
    let path = write(&folder, "ga4.parquet", &parquet(&batch, Compression::SNAPPY, 1000));
    let document = document(&path, &Settings::default());
    assert_eq!((document.totals.events, document.totals.sessions, document.totals.users), (2, 1, 1));
    assert_eq!(document.flows[0].pages, ["/a", "/thanks"]);
    assert_eq!(document.goal.name, "purchase");
}

#[test]
fn a_log_of_cases_opens_by_itself() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/layouts/process-mining/receipt.parquet");
    if !path.exists() {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "SKIPPED: the sample is absent: {}", path.display());
        return;
    }
    let document = document(&path, &Settings::default());
    // As pyarrow counts rows, different cases, and different activities.
    assert_eq!((document.source.lines, document.totals.events + document.totals.duplicates), (8577, 8577));
    assert_eq!(document.totals.sessions, 1434);
    assert_eq!(document.list_lengths.pages, 27);
    assert_eq!(document.totals.first_event.as_deref(), Some("2010-10-02T09:20:39.266"));
}
