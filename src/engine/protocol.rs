//! The messages between the conductor and its workers. Bulk (batches, partials, exports) travels beside the
//! message in buffers, which a browser hands over without copying.

use serde::{Deserialize, Serialize};

use crate::analysis::session_table::{SessionQuery, SessionRows};
use crate::analysis::storyboard::Storyboard;
use crate::analysis::{ReadCounts, Source};
use crate::charts::options::{Colours, Picture};
use crate::engine::wire::as_text;
use crate::ingest::FileProblem;
use crate::ingest::form::Container;
use crate::ingest::forms::Forms;
use crate::ingest::packing::Packing;
use crate::ingest::preview::Preview;
use crate::report::Document;
use crate::report::summary::Summary;
use crate::settings::{Mapping, Settings};

/// To a worker. The comment names the buffers beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Make the browser compile for speed what an analysis needs. No buffers.
    WarmUp,
    /// Tell by their first bytes what these files are (beside the message, in a browser), which are to be read under these
    /// settings. No buffers.
    Recognise {
        #[serde(with = "as_text")]
        settings: Box<Settings>,
    },
    /// Tell what would come of this one file (beside the message, in a browser) under a mapping. No buffers.
    Preview { mapping: Box<Mapping> },
    /// Tell what this one file (beside the message, in a browser) says of itself, if it is a saved report. No buffers.
    Summarise,
    /// Hand out the rejected lines of this one file (beside the message, in a browser), as if it were unpacked. No buffers.
    Rejected {
        container: Container,
        #[serde(with = "as_text")]
        settings: Box<Settings>,
    },
    /// Unpack this one file (beside the message, in a browser). No buffers.
    Unpack { packing: Packing },
    /// These are the files (beside the message, in a browser). No buffers.
    Open,
    /// Forget everything and be this one of so many partitions; as much will come as fills so many of
    /// the largest chunks. No buffers.
    Begin {
        partition: u32,
        partitions: u32,
        chunks: u32,
        /// How records stand in each file.
        containers: Vec<Container>,
        #[serde(with = "as_text")]
        settings: Box<Settings>,
    },
    /// Read the lines that begin in these bytes of the file with this number. No buffers.
    Scan { chunk: u32, file: u32, start: u64, end: u64 },
    /// Take in events of your users; without a chunk, lines have their numbers in the file. One buffer: the batch.
    Absorb { chunk: Option<u32> },
    /// All chunks are there: which of your sessions name no user. No buffers.
    Nameless { lines_before: Vec<u64> },
    /// Which users do these sessions have. One buffer for each partition: its sessions that name no user.
    Claim,
    /// Give your sessions that name no user the one that others know them by. One buffer for each partition: its
    /// claims.
    FillIn,
    /// All events are there; begin an analysis under these settings. No buffers.
    Survey {
        lines_before: Vec<u64>,
        #[serde(with = "as_text")]
        settings: Box<Settings>,
    },
    /// To the lead: what this analysis is of. No buffers.
    Lead {
        source: Source,
        read: Box<ReadCounts>,
        #[serde(with = "as_text")]
        settings: Box<Settings>,
        named_sessions: u64,
    },
    /// To the lead: merge what the partitions found in this round, and tell the results so far, if there will be more
    /// and that is wanted. One buffer for each partition.
    Merge { round: Round, tell: bool },
    /// Answer this round's questions. One buffer: the plan; none if it is the one of the round before.
    Answer { round: Round },
    /// Compute the hash of all files, one after the other. No buffers.
    Hash,
    /// To the lead: the hash is known. No buffers.
    Hashed { blake3: String },
    /// To the lead: write the results. No buffers.
    Export { what: Export },
    /// To the lead: choose the sessions whose events the report shows. No buffers.
    Evidence,
    /// Which sessions fit. No buffers.
    Sessions { ticket: u32, query: Box<SessionQuery> },
    /// Tell everything of one session. No buffers.
    Storyboard { user: String, session: String },
    /// Make the options of a chart. No buffers.
    Draw { picture: Box<Picture>, colours: Colours },
    /// Generate so many events of the demo shop. No buffers.
    Demo { events: u64 },
}

/// The rounds of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Round {
    Survey,
    Collect,
    Funnel,
    /// Sessions that are unusual.
    Flag,
    /// Storyboards for the report, once the results are there.
    Evidence,
}

/// A form in which results leave the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    Json,
    /// The standalone report.
    Html,
}

/// From a worker. The comment names the buffers beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Warmed up; the results are for the page to warm up with. No buffers.
    Warm { document: Option<Box<Document>> },
    /// What the files are. No buffers.
    Recognised { forms: Box<Forms> },
    /// Nothing if the file is no saved report. No buffers.
    Summary { summary: Option<Box<Summary>> },
    /// What would come of the file. No buffers.
    Preview { preview: Box<Preview> },
    /// The next piece of the unpacked file, and how many packed bytes all pieces so far took. One buffer.
    Unpacked { used: u64 },
    /// The pieces from here on belong to the file of an archive with this path. No buffers.
    UnpackedFile { path: String },
    /// The file is unpacked. No buffers.
    UnpackedAll,
    /// Since the last such message, within a scan. No buffers.
    Progress(Progress),
    /// A chunk has been read. One buffer for each partition: its batch, empty if there are no events for it, or if it is
    /// the reader's own, which has taken it in.
    Scanned { chunk: u32, read: Box<ReadCounts> },
    /// One buffer: the partition's sessions that name no user.
    Nameless,
    /// One buffer: the sessions among those asked for that the partition knows a user of.
    Claimed,
    /// So many events got a user. One buffer for each partition: a batch of events that are its own now.
    FilledIn { events: u64 },
    /// What a partition found in this round. One buffer: the partial.
    Part { round: Round },
    /// The lead's plan for the next round. One buffer: the plan.
    Next { round: Round },
    /// The lead's results as far as they need not tell what is usual and what is not. No buffers.
    Counted { document: Box<Document> },
    /// The lead's results, as the screen needs them. No buffers.
    Done { document: Box<Document> },
    /// The lead has all storyboards of the report. No buffers.
    EvidenceReady,
    /// A partition's sessions that fit. No buffers.
    Sessions { ticket: u32, rows: SessionRows },
    /// The hash of the files. No buffers.
    Hashed { blake3: String },
    /// The hash could not be computed; the results stand. No buffers.
    NotHashed { problem: FileProblem },
    /// One buffer: the results in the form asked for.
    Exported { what: Export },
    /// One session; nothing if this partition does not have it. No buffers.
    Storyboard { board: Option<Storyboard> },
    /// A chart's options as JSON. No buffers.
    Drawn { options: String },
    /// One buffer: a file of the demo shop's events.
    Demo,
    /// The file cannot be analysed. No buffers.
    Failed { problem: FileProblem },
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub bytes: u64,
    pub events: u64,
    /// Bytes of the worker's memory without those set aside for what is still to come, where memory has a limit;
    /// otherwise 0.
    pub memory: u64,
}
