//! The engine's three kinds of work on one thread, over events of the demo shop: `cargo bench`.
//!
//! Bytes a second are those of the file, so that the three can be compared and added up.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use footpath::analysis::{Collected, Flagged, Plan, Survey};
use footpath::dataset::{Batch, Partition, Sessions};
use footpath::demo::Demo;
use footpath::engine::lead;
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Reading;
use footpath::settings::Settings;

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
