//! Runs the engine once before anybody waits for it. A browser compiles WebAssembly in haste when it is first called,
//! and again, for speed, what turns out to be used a lot; all workers share what it compiled.

use std::collections::VecDeque;

use crate::demo::Demo;
use crate::engine::conductor::{Conductor, Job, Outcome, Step};
use crate::engine::protocol::Request;
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

/// Analyses events of the demo shop, a step at a time: a worker that is ended stops between two tasks only, and then
/// the file that came needs the processor.
#[derive(Default)]
pub struct WarmUp {
    /// Rounds that have begun.
    begun: usize,
    round: Option<Round>,
    /// The results of the last round. They are of use to nobody but who wants to warm up too.
    pub document: Option<Box<Document>>,
}

impl WarmUp {
    /// Does some milliseconds' work; false when nothing is left to do.
    pub fn advance(&mut self) -> bool {
        let Some(round) = &mut self.round else {
            let next = ROUNDS.get(self.begun).and_then(|events| Round::start(*events));
            self.begun += 1;
            self.round = next;
            return self.round.is_some();
        };
        match round.advance() {
            Next::More => {}
            Next::Done(document) => {
                self.document = document;
                self.round = None;
            }
        }
        true
    }
}

/// The analysis of one file in memory, by workers that take turns.
struct Round {
    file: Vec<u8>,
    workers: Vec<Worker>,
    conductor: Conductor<Vec<u8>>,
    steps: VecDeque<Step<Vec<u8>>>,
}

enum Next {
    More,
    Done(Option<Box<Document>>),
}

impl Round {
    fn start(events: u64) -> Option<Round> {
        let mut file = Vec::new();
        Demo::new(events, 1, true).write(&mut file).ok()?;
        let bytes = file.len() as u64;
        let job = Job {
            files: vec![("warm-up".into(), bytes)],
            containers: Vec::new(),
            left_out: Vec::new(),
            settings: Settings::default(),
            named_sessions: 100,
            chunk_bytes: bytes.div_ceil(CHUNKS),
            memory: None,
            tell_early_from: None,
        };
        let (conductor, first) = Conductor::start(job, WORKERS);
        let workers = (0..WORKERS).map(|_| Worker::default()).collect();
        Some(Round { file, workers, conductor, steps: first.into() })
    }

    /// Carries one step of the conductor out.
    fn advance(&mut self) -> Next {
        let (index, answer) = match self.steps.pop_front() {
            Some(Step::Send(index, Request::Scan { chunk, start, end, .. }, _)) => {
                let reading = self.workers[index].reading();
                match ChunkScan::of_memory(&self.file, start..end, &reading) {
                    Ok(scanned) => (index, Some(self.workers[index].scanned(chunk, scanned))),
                    Err(_) => return Next::Done(None),
                }
            }
            Some(Step::Send(index, request, buffers)) => (index, self.workers[index].handle(request, &buffers)),
            Some(Step::Tell(Outcome::Done(document))) => return Next::Done(Some(document)),
            Some(Step::Tell(_)) => return Next::More,
            None => return Next::Done(None),
        };
        if let Some((reply, buffers)) = answer {
            self.steps.extend(self.conductor.on(index, reply, buffers));
        }
        Next::More
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_comes_to_results() {
        let mut warm_up = super::WarmUp::default();
        while warm_up.advance() {}
        let document = warm_up.document.unwrap();
        assert_eq!(
            document.totals.events + document.totals.duplicates + document.totals.rejected,
            super::ROUNDS[super::ROUNDS.len() - 1]
        );
    }
}
