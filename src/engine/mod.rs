//! Runs the analysis over partitions: the same messages and the same order of work natively and in a browser.
//!
//! A pool of workers shares nothing. Each [`Worker`] reads chunks of the file and passes their events on to the
//! partition that owns the user; then the [`Conductor`] leads all of them through the rounds of the analysis.
//! The first worker is also the lead: it merges what the partitions found. The conductor itself only passes
//! messages on, so that it can run on a page's main thread.

#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
pub mod column_scan;
pub mod conductor;
pub mod lead;
pub mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub mod opened;
pub mod protocol;
pub mod rejected;
pub mod scan;
pub mod warm_up;
pub mod wire;
pub mod worker;

pub use crate::analysis::storyboard::Storyboard;
pub use conductor::{Conductor, Outcome, Step};
pub use protocol::{Export, Progress, Reply, Request};
pub use worker::Worker;
