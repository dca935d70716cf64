//! The lead merges what the partitions found, and decides what is asked next.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analysis::storyboard::Storyboard;
use crate::analysis::{Collected, Flagged, FunnelCounts, Plan, ReadCounts, Results, Source, Survey};
use crate::dataset::Batch;
use crate::engine::protocol::{Export, Reply, Round};
use crate::findings::evidence;
use crate::report::{self, Document};
use crate::settings::Settings;

/// Bytes of a partial, for another worker.
pub fn encode(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("partials hold nothing that cannot be encoded")
}

/// A partial from its bytes. They come from this program, so that a fault in them is a fault of it.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> T {
    postcard::from_bytes(bytes).expect("partials of the same version can be decoded")
}

/// Bytes of each partition's batch: none if there are no events for it.
pub fn encode_batches(batches: Vec<Option<Batch>>) -> Vec<Vec<u8>> {
    batches.into_iter().map(|batch| batch.map_or(Vec::new(), |batch| encode_batch(&batch))).collect()
}

fn encode_batch(batch: &Batch) -> Vec<u8> {
    let room = Vec::with_capacity(batch.memory_bytes());
    postcard::to_extend(batch, room).expect("batches hold nothing that cannot be encoded")
}

/// Bytes of a plan: JSON, since settings name what they leave out, which the form of partials cannot.
pub fn encode_plan(plan: &Plan) -> Vec<u8> {
    serde_json::to_vec(plan).expect("plans hold nothing that JSON cannot")
}

/// A plan from its bytes.
pub fn decode_plan(bytes: &[u8]) -> Plan {
    serde_json::from_slice(bytes).expect("plans of the same version can be decoded")
}

/// The merging side of an analysis.
pub struct Lead {
    source: Source,
    read: ReadCounts,
    settings: Settings,
    named_sessions: u64,
    raw_paths: BTreeMap<String, u64>,
    plan: Option<Plan>,
    collected: Option<Collected>,
    results: Option<Results>,
}

impl Lead {
    pub fn new(source: Source, read: ReadCounts, settings: Settings, named_sessions: u64) -> Lead {
        Lead {
            source,
            read,
            settings,
            named_sessions,
            raw_paths: BTreeMap::new(),
            plan: None,
            collected: None,
            results: None,
        }
    }

    /// Merges the partials of a round, one for each partition in their order. With `tell`, what has been counted is told
    /// before it is known what is unusual.
    pub fn merge(&mut self, round: Round, tell: bool, parts: &[Vec<u8>]) -> Option<(Reply, Vec<Vec<u8>>)> {
        let named = self.named_sessions as usize;
        match round {
            Round::Survey => {
                let survey = merged(parts, Survey::merge);
                let plan = Plan::new(&survey, &self.settings, self.named_sessions, self.read.zoned > 0);
                self.raw_paths = survey.paths;
                Some(self.next(Round::Collect, plan))
            }
            Round::Collect => {
                let collected = merged(parts, |mine: &mut Collected, other| mine.merge(other, named));
                let mut plan = self.plan.take().expect("the plan was made in the round before");
                plan.settle(&collected);
                self.collected = Some(collected);
                Some(self.next(Round::Funnel, plan))
            }
            Round::Funnel => {
                let results = Results {
                    source: self.source.clone(),
                    read: self.read.clone(),
                    plan: self.plan.take().expect("the plan was made in the round before"),
                    collected: self.collected.take().expect("the answers were collected in the round before"),
                    funnel: merged(parts, |mine: &mut FunnelCounts, other| mine.merge(other, named)),
                    flagged: Flagged::default(),
                    pending: true,
                    raw_paths: std::mem::take(&mut self.raw_paths),
                    boards: Vec::new(),
                };
                let document = tell.then(|| Box::new(Document::new(&results).for_screen()));
                self.results = Some(results);
                Some((Reply::Counted { document: document? }, Vec::new()))
            }
            Round::Flag => {
                let results = self.results.as_mut().expect("the funnel was merged in the round before");
                results.flagged = merged(parts, |mine: &mut Flagged, other| mine.merge(other, named));
                results.pending = false;
                let document = Document::new(results).for_screen();
                Some((Reply::Done { document: Box::new(document) }, Vec::new()))
            }
            Round::Evidence => {
                let boards = merged(parts, |mine: &mut Vec<Storyboard>, other: Vec<Storyboard>| mine.extend(other));
                if let Some(results) = &mut self.results {
                    results.show(boards);
                }
                Some((Reply::EvidenceReady, Vec::new()))
            }
        }
    }

    fn next(&mut self, round: Round, plan: Plan) -> (Reply, Vec<Vec<u8>>) {
        let bytes = encode_plan(&plan);
        self.plan = Some(plan);
        (Reply::Next { round }, vec![bytes])
    }

    /// Chooses the sessions that the report shows event by event.
    pub fn choose_evidence(&mut self) -> Option<(Reply, Vec<Vec<u8>>)> {
        let results = self.results.as_mut()?;
        results.plan.evidence = evidence(results);
        Some((Reply::Next { round: Round::Evidence }, vec![encode_plan(&results.plan)]))
    }

    /// Sets the hash of the file, once it is known.
    pub fn hashed(&mut self, blake3: String) {
        if let Some(results) = &mut self.results {
            results.source.blake3 = Some(blake3.clone());
        }
        self.source.blake3 = Some(blake3);
    }

    /// The results in the form asked for; nothing if there are none yet.
    pub fn export(&self, what: Export) -> Vec<u8> {
        let Some(results) = &self.results else { return Vec::new() };
        let document = Document::new(results);
        match what {
            Export::Json => report::json(&document).into_bytes(),
            Export::Html => report::html(&document, &results.boards).into_bytes(),
        }
    }
}

fn merged<T: DeserializeOwned>(parts: &[Vec<u8>], merge: impl Fn(&mut T, T)) -> T {
    let mut parts = parts.iter().map(|part| decode::<T>(part));
    let mut all = parts.next().expect("there is at least one partition");
    parts.for_each(|part| merge(&mut all, part));
    all
}
