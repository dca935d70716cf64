//! Footpath: the paths people take through a product, and where they break, from one events file.
//!
//! The modules follow the data:
//!
//! bytes -> [`ingest`] -> events -> [`dataset`] -> sessions -> [`analysis`] -> answers -> [`findings`]
//! -> [`report`] and `ui`.
//!
//! [`engine`] runs that flow over partitions, natively in threads and in a browser in web workers.
//! Everything but `web` and `ui` compiles natively and knows no browser.
#![deny(unsafe_code)]

pub mod analysis;
pub mod charts;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod dataset;
pub mod demo;
pub mod engine;
pub mod findings;
pub mod ingest;
mod order;
pub mod report;
pub mod settings;
pub mod stats;
mod tagged;

#[cfg(target_arch = "wasm32")]
pub mod ui;
#[cfg(target_arch = "wasm32")]
pub mod web;
