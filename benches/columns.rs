//! How much memory the engine's columns and dictionaries take, in bytes an event: `cargo bench --bench columns -- FILE
//! [PARTITIONS]`. Prints one JSON object.
//!
//! On a 64-bit machine each different text takes 4 bytes more than in a browser.

use std::collections::BTreeMap;

use footpath::dataset::{Partition, Sessions};
use footpath::engine::conductor::CHUNK_BYTES;
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Reading;
use footpath::settings::Settings;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(file) = arguments.next() else { return Ok(()) };
    let count = arguments.next().map_or(Ok(2), |count| count.parse())?;
    let bytes = std::fs::read(file)?;
    let size = bytes.len() as u64;
    let mut partitions: Vec<Partition> =
        (0..count).map(|_| Partition::of_chunks(size.div_ceil(CHUNK_BYTES) as usize)).collect();
    let reading = Reading::new(count, &Settings::default(), Vec::new());
    let mut lines_before = Vec::new();
    let mut lines = 0;
    for (chunk, start) in (0..size).step_by(CHUNK_BYTES as usize).enumerate() {
        let end = (start + CHUNK_BYTES).min(size);
        let (read, batches) = ChunkScan::of_memory(&bytes, start..end, &reading)?;
        lines_before.push(lines);
        lines += read.lines;
        for (partition, batch) in partitions.iter_mut().zip(batches) {
            if let Some(batch) = batch {
                partition.absorb(Some(chunk as u32), &batch);
            }
        }
    }
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    let mut events = 0;
    for partition in &mut partitions {
        partition.complete(&lines_before);
        events += partition.events.line.len();
        let sessions = Sessions::build(partition, true, None);
        *total.entry("order of sessions").or_default() += sessions.memory_bytes();
        for (column, bytes) in partition.memory_by_column() {
            *total.entry(column).or_default() += bytes;
        }
    }
    let mut per_event: BTreeMap<&str, f64> = total
        .iter()
        .map(|(column, bytes)| (*column, (*bytes as f64 / events as f64 * 100.0).round() / 100.0))
        .collect();
    per_event.insert("all", (total.values().sum::<usize>() as f64 / events as f64 * 100.0).round() / 100.0);
    println!("{}", serde_json::to_string(&per_event)?);
    Ok(())
}
