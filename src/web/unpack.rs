//! Unpacks compressed files before they are read: a worker unpacks, the page puts the pieces together. The browser keeps
//! the pieces outside the page's own memory, on the disk if need be.

use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, ErrorEvent, File, MessageEvent, Worker};

use crate::engine::protocol::{Reply, Request};
use crate::ingest::packing::{HEAD_BYTES, Packing, name_of};
use crate::web::assets::WorkerProgram;
use crate::web::file_bytes::first_bytes;
use crate::web::message::{pack, unpack};

/// Ends the worker, however unpacking ends.
struct Ended(Worker);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.set_onmessage(None);
        self.0.set_onerror(None);
        self.0.terminate();
    }
}

/// How the file is compressed, if it is.
pub async fn packing(file: &File) -> Result<Option<Packing>, JsValue> {
    Ok(Packing::of(&first_bytes(file, HEAD_BYTES).await?))
}

/// The unpacked file, or the files of an archive in the order of their paths. `progress` is told how many bytes of the packed file have been used, and says whether to go on. An
/// error is a sentence for people.
pub async fn unpacked(
    program: &WorkerProgram,
    file: &File,
    packing: Packing,
    progress: impl Fn(f64) -> bool,
) -> Result<Vec<File>, String> {
    let broken = |error: JsValue| error.as_string().unwrap_or_else(|| "the browser gave no reason".into());
    let worker = Ended(program.waiting.take(program).map_err(broken)?);
    let (news, mut arriving) = mpsc::unbounded::<Result<MessageEvent, String>>();
    let news = Rc::new(news);
    let errors = news.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event| {
        let _ = news.unbounded_send(Ok(event));
    });
    let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
        let _ = errors.unbounded_send(Err(format!("Unpacking stopped unexpectedly ({}).", event.message())));
    });
    worker.0.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.0.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    for request in [Request::Open, Request::Unpack { packing }] {
        let files = std::slice::from_ref(file);
        let (message, transfer) = pack(&request, &[], files).map_err(broken)?;
        worker.0.post_message_with_transfer(&message, &transfer).map_err(broken)?;
    }
    let mut unpacked_files: Vec<(String, Array)> = Vec::new();
    if !packing.is_archive() {
        unpacked_files.push((packing.inner_name(&file.name()), Array::new()));
    }
    while let Some(event) = arriving.next().await {
        let received = unpack::<Reply>(&event?.data()).map_err(broken)?;
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
            Reply::Failed { problem } => return Err(problem.to_string()),
            _ => {}
        }
    }
    unpacked_files.sort_by(|a, b| a.0.cmp(&b.0));
    let made = |(path, parts): &(String, Array)| File::new_with_blob_sequence(parts, name_of(path)).map_err(broken);
    unpacked_files.iter().map(made).collect()
}
