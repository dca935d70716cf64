//! Runs the engine once before anybody waits for it. A browser compiles WebAssembly in haste when it is first called,
//! and again, for speed, what turns out to be used a lot; all workers share what it compiled.

use std::collections::VecDeque;

use crate::demo::Demo;
use crate::engine::conductor::{Conductor, Job, Outcome, Step};
use crate::engine::protocol::{Reply, Request};
use crate::engine::scan::ChunkScan;
use crate::engine::worker::Worker;
use crate::report::Document;
use crate::settings::Settings;

/// Events of each round. Small ones first: a file may come soon, and by then everything should have been called once.
/// The later ones are enough for the browser to compile what each event and each session needs.
const ROUNDS: [u64; 12] = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 32_000, 32_000, 32_000, 32_000, 32_000];
/// Pieces of the file.
const CHUNKS: u64 = 4;
/// Partitions, so that there is something to merge.
const WORKERS: usize = 2;

/// Analyses events of the demo shop. The results are of use to nobody but who wants to warm up too.
pub fn warm_up() -> Option<Box<Document>> {
    let mut document = None;
    for events in ROUNDS {
        let mut file = Vec::new();
        Demo::new(events, 1, true).write(&mut file).ok()?;
        document = analysed(&file);
    }
    document
}

/// The results of a file in memory, by workers that take turns.
fn analysed(file: &[u8]) -> Option<Box<Document>> {
    let bytes = file.len() as u64;
    let job = Job {
        files: vec![("warm-up".into(), bytes)],
        settings: Settings::default(),
        named_sessions: 100,
        chunk_bytes: bytes.div_ceil(CHUNKS),
    };
    let mut workers: Vec<Worker> = (0..WORKERS).map(|_| Worker::default()).collect();
    let (mut conductor, first) = Conductor::start(job, WORKERS);
    let mut steps: VecDeque<Step<Vec<u8>>> = first.into();
    while let Some(step) = steps.pop_front() {
        let (index, answer) = match step {
            Step::Send(index, Request::Scan { chunk, start, end, .. }, _) => {
                let (partitions, mapping) = workers[index].reading();
                let (read, batches) = ChunkScan::of_memory(file, start..end, partitions, &mapping).ok()?;
                (index, Some((Reply::Scanned { chunk, read: Box::new(read) }, batches)))
            }
            Step::Send(index, request, buffers) => (index, workers[index].handle(request, &buffers)),
            Step::Tell(Outcome::Done(document)) => return Some(document),
            Step::Tell(_) => continue,
        };
        if let Some((reply, buffers)) = answer {
            steps.extend(conductor.on(index, reply, buffers));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_comes_to_results() {
        let document = super::warm_up().unwrap();
        assert_eq!(
            document.totals.events + document.totals.duplicates + document.totals.rejected,
            super::ROUNDS[super::ROUNDS.len() - 1]
        );
    }
}
