//! Bytes to events: what kind of file it is, lines, decoding by a mapping, rejects and salvage.
//!
//! [`packing`] unpacks what cannot be read from its middle, [`form`] tells by the first bytes how records stand in a file
//! ([`form::Container`]: lines of JSON, a table, an access log) and by [`layout`] which field plays which role; of several
//! files, [`forms`] tells which belong together.
//!
//! A file is read in chunks (byte ranges), by any number of readers in any order: [`lines::ChunkLines`]
//! gives each line to exactly one of them. [`json`] finds the mapped fields of a line, [`event`] makes an
//! event of them or says why not, [`salvage`] repairs what can be repaired. Knows no browser.

mod access_log;
mod archive;
pub mod bytes;
pub mod columns;
pub mod dates;
pub mod delimited;
mod encoding;
pub mod event;
mod flat_json;
pub mod form;
pub mod forms;
pub mod json;
mod json_list;
pub mod layout;
pub mod lines;
mod long_records;
pub mod packing;
mod paths;
pub mod preview;
mod raw_json;
mod rewrite;
mod rrweb;
pub mod salvage;
pub mod shape;
pub mod sniff;
mod status;
pub mod time;
mod xes;

pub use event::{Event, RejectReason};
pub use sniff::{FileProblem, sniff};
