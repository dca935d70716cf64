//! The browser's side of the engine: messages between page and workers, reading files, links, downloads.
//! Compiled for wasm only; everything that decides or computes is in [`crate::engine`].

pub mod ask;
pub mod assets;
pub mod download;
pub mod dropped;
pub mod file_bytes;
pub mod link;
pub mod message;
pub mod pool;
mod ranges;
pub mod task;
pub mod unpack;
pub mod waiting;
pub mod worker;
