//! The engine's three kinds of work on one thread, over events of the demo shop: `cargo bench`.
//!
//! Bytes a second are those of the file, so that the three can be compared and added up.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use bytes::Bytes;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use footpath::analysis::{Collected, Flagged, Plan, Survey};
use footpath::dataset::{Batch, Partition, Sessions};
use footpath::demo::Demo;
use footpath::engine::column_scan::ColumnScan;
use footpath::engine::lead;
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Reading;
use footpath::ingest::FileProblem;
use footpath::ingest::columns::Source;
use footpath::ingest::form::Container;
use footpath::ingest::sniff::SNIFF_BYTES;
use footpath::settings::Settings;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

const EVENTS: u64 = 200_000;

fn main() {
    divan::main();
}

fn file() -> Vec<u8> {
    let mut bytes = Vec::new();
    Demo::new(EVENTS, 1, true).write(&mut bytes).expect("memory can be written");
    bytes
}

fn decoded(file: &[u8]) -> Vec<u8> {
    let reading = Reading::new(1, &Settings::default(), Vec::new());
    let (_, batches) = ChunkScan::of_memory(file, 0..file.len() as u64, &reading).expect("the demo is JSON Lines");
    lead::encode_batches(batches).remove(0)
}

fn built(batch: &[u8]) -> (Partition, Sessions) {
    let mut partition = Partition::default();
    partition.absorb(Some(0), &lead::decode::<Batch>(batch));
    partition.complete(&[0]);
    let sessions = Sessions::build(&partition, true, None);
    (partition, sessions)
}

/// Bytes to a batch of columns.
#[divan::bench(sample_count = 10)]
fn decode(bencher: Bencher) {
    let file = file();
    let bytes = BytesCount::new(file.len());
    bencher.counter(bytes).counter(ItemsCount::new(EVENTS)).bench(|| decoded(black_box(&file)));
}

/// The file's records by the names of their fields, in the order of the first.
fn records(file: &[u8]) -> (Vec<String>, Vec<Value>) {
    let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let records: Vec<Value> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let names = records[0].as_object().expect("its records are objects").keys().cloned().collect();
    (names, records)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The same events as a table.
fn table(file: &[u8]) -> Vec<u8> {
    let (names, records) = records(file);
    let mut table = names.join(",");
    for record in &records {
        let fields = names.iter().map(|name| match text(&record[name]).unwrap_or_default() {
            text if text.contains([',', '"']) => format!("\"{}\"", text.replace('"', "\"\"")),
            text => text,
        });
        table.push('\n');
        table.push_str(&fields.collect::<Vec<_>>().join(","));
    }
    table.into_bytes()
}

/// The same events as columns, compressed by Snappy.
fn columns(file: &[u8]) -> Vec<u8> {
    let (names, records) = records(file);
    let column = |name: &String| -> ArrayRef {
        Arc::new(records.iter().map(|record| text(&record[name])).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter(names.iter().map(|name| (name, column(name)))).expect("columns are alike");
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("text can be written");
    writer.write(&batch).expect("memory can be written");
    writer.into_inner().expect("memory can be written")
}

/// As [`decode`], of a table: bytes a second are those of the table.
#[divan::bench(sample_count = 10)]
fn decode_table(bencher: Bencher) {
    let table = table(&file());
    let container = Container::recognise(&table[..SNIFF_BYTES]).expect("it is a table");
    let reading = Reading::new(1, &Settings::default(), vec![container]);
    let bytes = BytesCount::new(table.len());
    bencher.counter(bytes).counter(ItemsCount::new(EVENTS)).bench(|| {
        let all = 0..table.len() as u64;
        let (_, batches) = ChunkScan::of_memory(black_box(&table), all, &reading).expect("it is a table");
        lead::encode_batches(batches)
    });
}

/// As [`decode`], of a Parquet file.
#[divan::bench(sample_count = 10)]
fn decode_parquet(bencher: Bencher) {
    let columns = Bytes::from(columns(&file()));
    let container = Container::recognise(&columns).expect("it is a Parquet file");
    let reading = Reading::new(1, &Settings::default(), vec![container]);
    let bytes = BytesCount::new(columns.len());
    bencher.counter(bytes).counter(ItemsCount::new(EVENTS)).bench(|| {
        let source = || -> Result<Box<dyn Source>, FileProblem> { Ok(Box::new(columns.clone())) };
        let scan = ColumnScan::new(0, (0, columns.len() as u64), &reading, source).expect("it can be read");
        let mut scan = scan.expect("it holds columns");
        while scan.advance().expect("it can be read") {}
        lead::encode_batches(scan.finish().1)
    });
}

/// A batch to a partition's sessions.
#[divan::bench(sample_count = 10)]
fn build(bencher: Bencher) {
    let file = file();
    let batch = decoded(&file);
    let bytes = BytesCount::new(file.len());
    bencher.counter(bytes).counter(ItemsCount::new(EVENTS)).bench(|| built(black_box(&batch)));
}

/// Sessions to all answers, in the four rounds.
#[divan::bench(sample_count = 10)]
fn analyse(bencher: Bencher) {
    let file = file();
    let (partition, sessions) = built(&decoded(&file));
    let bytes = BytesCount::new(file.len());
    bencher.counter(bytes).counter(ItemsCount::new(EVENTS)).bench(|| {
        let survey = Survey::of(&partition, &sessions, true);
        let mut plan = Plan::new(&survey, &Settings::default(), 100, false);
        let lookup = plan.lookup(&partition, &sessions);
        let collected = Collected::of(&plan.context(&partition, &sessions, &lookup), &plan);
        plan.settle(&collected);
        let context = plan.context(&partition, &sessions, &lookup);
        (plan.funnel(&context), Flagged::of(&context, &plan), collected)
    });
}
