//! Runs the engine once before anybody waits for it. A browser first compiles WebAssembly in haste, and again, for
//! speed, what turns out to be used a lot; all workers share what it compiled.

use crate::analysis::{Collected, Judged, Plan, Survey};
use crate::dataset::{Batch, Partition, Sessions};
use crate::demo::Demo;
use crate::engine::lead::{decode, encode};
use crate::engine::scan::ChunkScan;
use crate::settings::{Mapping, Settings};

/// Enough for the browser to compile what each event and each session needs.
const EVENTS: u64 = 40_000;
/// Each piece of the work is called so often.
const ROUNDS: u32 = 10;
/// Pieces of the file.
const CHUNKS: u64 = 4;

/// Analyses events of the demo shop and forgets them.
pub fn warm_up() {
    let mut file = Vec::new();
    if Demo::new(EVENTS, 1, true).write(&mut file).is_err() {
        return;
    }
    let (mapping, settings) = (Mapping::default(), Settings::default());
    for _ in 0..ROUNDS {
        let mut partition = Partition::default();
        let mut lines_before = vec![0];
        let bytes = file.len() as u64;
        for chunk in 0..CHUNKS {
            let (start, end) = (bytes * chunk / CHUNKS, bytes * (chunk + 1) / CHUNKS);
            let mut scan = ChunkScan::new(start, end, 2, &mapping);
            let Ok(done) = scan.push(&file[scan.read_from() as usize..]) else { return };
            if !done && scan.end_of_file().is_err() {
                return;
            }
            let (read, batches) = scan.finish();
            lines_before.push(lines_before[chunk as usize] + read.lines);
            for batch in batches.iter().filter(|batch| !batch.is_empty()) {
                partition.absorb(Some(chunk as u32), &decode::<Batch>(batch));
            }
        }
        partition.complete(&lines_before);
        let sessions = Sessions::build(&partition, true);
        let survey = Survey::of(&partition, &sessions, true);
        let mut plan = Plan::new(&survey, &settings, 1, false);
        let lookup = plan.lookup(&partition, &sessions);
        let collected = Collected::of(&plan.context(&partition, &sessions, &lookup), &plan);
        let collected = decode::<Collected>(&encode(&collected));
        plan.settle(&collected);
        let judged = Judged::of(&plan.context(&partition, &sessions, &lookup), &plan);
        std::hint::black_box(encode(&judged));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_comes_to_an_end() {
        super::warm_up();
    }
}
