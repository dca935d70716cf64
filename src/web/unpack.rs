//! Unpacks compressed files before they are read: a worker unpacks, the page puts the pieces together. The browser keeps
//! the pieces outside the page's own memory, on the disk if need be.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use crate::engine::protocol::{Reply, Request};
use crate::ingest::packing::Packing;
use crate::web::ask::Conversation;
use crate::web::assets::WorkerProgram;

/// The unpacked file. `progress` is told how many bytes of the packed file have been used, and says whether to go on. An
/// error is a sentence for people.
pub async fn unpacked(
    program: &WorkerProgram,
    file: &File,
    packing: Packing,
    progress: impl Fn(f64) -> bool,
) -> Result<File, String> {
    let broken = |error: JsValue| error.as_string().unwrap_or_else(|| "the browser gave no reason".into());
    let mut worker = Conversation::start(program).map_err(broken)?;
    worker.ask(&Request::Unpack { packing }, std::slice::from_ref(file)).map_err(broken)?;
    let parts = Array::new();
    loop {
        let received = worker.answer().await.map_err(|error| format!("Unpacking stopped: {}.", broken(error)))?;
        match received.body {
            Reply::Unpacked { used } => {
                if !progress(used as f64) {
                    return Err(String::new());
                }
                let buffers: Array = received.buffers.iter().map(|buffer| buffer.0.clone()).collect();
                let part = Blob::new_with_buffer_source_sequence(&buffers).map_err(broken)?;
                parts.push(&part);
            }
            Reply::UnpackedAll => break,
            Reply::Failed { problem } => return Err(problem.to_string()),
            _ => {}
        }
    }
    File::new_with_blob_sequence(&parts, &packing.inner_name(&file.name())).map_err(broken)
}
