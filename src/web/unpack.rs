//! Unpacks compressed files before they are read: a worker unpacks, the page puts the pieces together. The browser keeps
//! the pieces outside the page's own memory, on the disk if need be.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File};

use crate::engine::protocol::{Reply, Request};
use crate::ingest::FileProblem;
use crate::ingest::packing::{Packing, name_of};
use crate::order::sort_by;
use crate::web::ask::Conversation;
use crate::web::assets::WorkerProgram;

/// The unpacked file, or the files of an archive in the order of their paths; or what is wrong with it. `progress` is told
/// how many bytes of the packed file have been used, and says whether to go on. Any other error is a sentence for people.
pub async fn unpacked(
    program: &WorkerProgram,
    file: &File,
    packing: Packing,
    progress: impl Fn(f64) -> bool,
) -> Result<Result<Vec<File>, FileProblem>, String> {
    let broken = |error: JsValue| error.as_string().unwrap_or_else(|| "the browser gave no reason".into());
    let mut worker = Conversation::start(program).map_err(broken)?;
    worker.ask(&Request::Unpack { packing }, std::slice::from_ref(file)).map_err(broken)?;
    let mut unpacked_files: Vec<(String, Array)> = Vec::new();
    if !packing.is_archive() {
        unpacked_files.push((packing.inner_name(&file.name()), Array::new()));
    }
    loop {
        let received = worker.answer().await.map_err(|error| format!("Unpacking stopped: {}.", broken(error)))?;
        match received.body {
            Reply::Unpacked { used } => {
                if !progress(used as f64) {
                    return Err(String::new());
                }
                let buffers: Array = received.buffers.iter().map(|buffer| buffer.0.clone()).collect();
                let part = Blob::new_with_buffer_source_sequence(&buffers).map_err(broken)?;
                if let Some((_, parts)) = unpacked_files.last() {
                    parts.push(&part);
                }
            }
            Reply::UnpackedFile { path } => unpacked_files.push((path, Array::new())),
            Reply::UnpackedAll => break,
            Reply::Failed { problem } => return Ok(Err(problem)),
            _ => {}
        }
    }
    sort_by(&mut unpacked_files, |a, b| a.0.cmp(&b.0));
    let made = |(path, parts): &(String, Array)| File::new_with_blob_sequence(parts, name_of(path)).map_err(broken);
    unpacked_files.iter().map(made).collect::<Result<_, _>>().map(Ok)
}
