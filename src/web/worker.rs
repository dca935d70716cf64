//! A web worker: takes requests, reads the file, posts replies.

use std::cell::RefCell;
use std::io::BufReader;
use std::rc::Rc;

use futures_util::lock::Mutex;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::dataset::Batch;
#[cfg(feature = "columns")]
use crate::engine::column_scan::ColumnScan;
use crate::engine::protocol::{Progress, Reply, Request};
use crate::engine::rejected::rejected_lines;
use crate::engine::scan::ChunkScan;
use crate::engine::warm_up::WarmUp;
use crate::engine::worker::{Answer, Next, Work, Worker};
use crate::ingest::FileProblem;
#[cfg(feature = "columns")]
use crate::ingest::columns::Source;
use crate::ingest::form::Container;
#[cfg(feature = "columns")]
use crate::ingest::forms;
use crate::ingest::forms::Forms;
use crate::ingest::packing::{self, Packing, Part};
use crate::ingest::preview::Preview;
use crate::report::summary::read_summary;
use crate::settings::Settings;
use crate::web::file_bytes::{BlockingBytes, FileBytes, head, unreadable};
use crate::web::message::{JsBuffer, pack, unpack};
use crate::web::task::Pauses;

/// Bytes between two messages of progress.
const PROGRESS_BYTES: u64 = 4 << 20;

/// Bytes of rejected lines that are posted at a time.
const REJECTED_BYTES: usize = 4 << 20;

#[derive(Default)]
struct State {
    worker: RefCell<Worker>,
    files: RefCell<Vec<File>>,
    /// Whose chunk is read.
    turn: Mutex<()>,
}

/// Takes over the worker's messages.
pub fn start() {
    console_error_panic_hook::set_once();
    let state = Rc::new(State::default());
    let on_message =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match unpack::<Request>(&event.data()) {
            Ok(received) => {
                if !received.files.is_empty() {
                    state.files.replace(received.files);
                }
                state.clone().take(received.body, received.buffers);
            }
            Err(error) => fail(&error),
        });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

impl State {
    fn take(self: Rc<Self>, request: Request, buffers: Vec<JsBuffer>) {
        match request {
            Request::Scan { chunk, file, start, end } => spawn_local(async move {
                match self.scan(file as usize, start, end).await {
                    Ok(scan) => {
                        let (reply, batches) = self.worker.borrow_mut().scanned(chunk, scan);
                        post(&reply, batches);
                    }
                    Err(problem) => post(&Reply::Failed { problem }, Vec::new()),
                }
            }),
            Request::Recognise { settings } => spawn_local(async move {
                let files = self.files.borrow().clone();
                let mut heads = Vec::new();
                for file in &files {
                    // One that cannot be read is told of when it is read.
                    heads.push(head(file).await.unwrap_or_default());
                }
                #[cfg(not(feature = "columns"))]
                let forms = Forms::of(&heads, &settings);
                #[cfg(feature = "columns")]
                let forms = Forms::with_columns(&heads, &settings, |at| source(&files[at]));
                post(&Reply::Recognised { forms: Box::new(forms) }, Vec::new());
            }),
            Request::Preview { mapping } => spawn_local(async move {
                let file = self.files.borrow().first().cloned();
                let head = match &file {
                    Some(file) => head(file).await.unwrap_or_default(),
                    None => Vec::new(),
                };
                #[cfg(feature = "columns")]
                let head = match (forms::sample(&head, || source(file.as_ref().expect("it has a head"))), head) {
                    (Some(Ok(sample)), _) => sample,
                    (_, head) => head,
                };
                let container = Container::recognise(&head).unwrap_or_default();
                let preview = Box::new(Preview::of(&head, &container, &mapping));
                post(&Reply::Preview { preview }, Vec::new());
            }),
            Request::Summarise => spawn_local(async move {
                let file = self.files.borrow().first().cloned();
                let text = match file {
                    Some(file) => JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()),
                    None => None,
                };
                let summary = text.and_then(|text| read_summary(&text)).map(Box::new);
                post(&Reply::Summary { summary }, Vec::new());
            }),
            Request::Rejected { container, settings } => {
                let file = self.files.borrow().first().cloned();
                match file.ok_or_else(|| FileProblem::Unreadable("no file was given".into())) {
                    Ok(file) => post_rejected(file, &container, &settings),
                    Err(problem) => post(&Reply::Failed { problem }, Vec::new()),
                }
            }
            Request::Draw { picture, colours } => {
                post(&Reply::Drawn { options: picture.options(&colours) }, Vec::new());
            }
            Request::Unpack { packing } => {
                let file = self.files.borrow().first().cloned();
                match file.ok_or_else(|| FileProblem::Unreadable("no file was given".into())) {
                    Ok(file) => unpack_file(packing, file),
                    Err(problem) => post(&Reply::Failed { problem }, Vec::new()),
                }
            }
            Request::Hash => spawn_local(async move {
                match self.hash().await {
                    Ok(blake3) => post(&Reply::Hashed { blake3 }, Vec::new()),
                    Err(problem) => post(&Reply::NotHashed { problem }, Vec::new()),
                }
            }),
            Request::WarmUp => spawn_local(async {
                let mut warm_up = WarmUp::default();
                let mut pauses = Pauses::new().unwrap_or_else(|error| fail(&error));
                while warm_up.advance() {
                    pauses.pause().await;
                }
                post(&Reply::Warm { document: warm_up.document }, Vec::new());
            }),
            other => {
                let bytes: Vec<Vec<u8>> = buffers.iter().map(JsBuffer::to_bytes).collect();
                drop(buffers);
                let next = self.worker.borrow_mut().begin(other, &bytes);
                match next {
                    Next::Done(answer) => post_answer(answer),
                    Next::More(work) => spawn_local(async move { self.go_on(work).await }),
                }
            }
        }
    }

    async fn go_on(&self, mut work: Work) {
        let mut pauses = Pauses::new().unwrap_or_else(|error| fail(&error));
        loop {
            pauses.pause().await;
            let next = self.worker.borrow_mut().go_on(work);
            match next {
                Next::Done(answer) => return post_answer(answer),
                Next::More(more) => work = more,
            }
        }
    }

    async fn scan(
        &self,
        file: usize,
        start: u64,
        end: u64,
    ) -> Result<(crate::analysis::ReadCounts, Vec<Option<Batch>>), FileProblem> {
        let number = file;
        let file = self.files.borrow().get(file).cloned();
        let file = file.ok_or_else(|| FileProblem::Unreadable("no file was given".into()))?;
        let reading = self.worker.borrow().reading();
        #[cfg(feature = "columns")]
        if let Some(scan) = ColumnScan::new(number, (start, end), &reading, || source(&file))? {
            return self.scan_columns(scan, start, end).await;
        }
        let mut at = ChunkScan::read_from(start);
        let mut file = FileBytes::open(&file, at, file.size() as u64)?;
        // One at a time; meanwhile the browser fetches the next one's first bytes.
        let _turn = self.turn.lock().await;
        let mut scan = ChunkScan::new(number, start, end, &reading);
        let (mut told, mut events) = (start, 0);
        let mut pauses = Pauses::new().map_err(unreadable)?;
        let mut bytes = Vec::new();
        loop {
            pauses.pause().await;
            let more = file.next(&mut bytes).await?;
            let done = if more {
                at += bytes.len() as u64;
                scan.push(&bytes)?
            } else {
                scan.end_of_file()?;
                true
            };
            let read = at.clamp(start, end);
            if done || read >= told + PROGRESS_BYTES {
                let bytes = if done { end } else { read } - told;
                let memory = memory_bytes().saturating_sub(self.worker.borrow().unused_bytes() as u64);
                let progress = Progress { bytes, events: scan.events() - events, memory };
                (told, events) = (read, scan.events());
                post(&Reply::Progress(progress), Vec::new());
            }
            if done {
                break;
            }
        }
        Ok(scan.finish())
    }

    #[cfg(feature = "columns")]
    async fn scan_columns(
        &self,
        mut scan: ColumnScan<'_>,
        start: u64,
        end: u64,
    ) -> Result<(crate::analysis::ReadCounts, Vec<Option<Batch>>), FileProblem> {
        let _turn = self.turn.lock().await;
        let mut pauses = Pauses::new().map_err(unreadable)?;
        while scan.advance()? {
            pauses.pause().await;
        }
        let memory = memory_bytes().saturating_sub(self.worker.borrow().unused_bytes() as u64);
        post(&Reply::Progress(Progress { bytes: end - start, events: scan.events(), memory }), Vec::new());
        Ok(scan.finish())
    }

    async fn hash(&self) -> Result<String, FileProblem> {
        let mut hasher = blake3::Hasher::new();
        let mut pauses = Pauses::new().map_err(unreadable)?;
        let mut bytes = Vec::new();
        let files = self.files.borrow().clone();
        for file in files {
            let mut file = FileBytes::open(&file, 0, file.size() as u64)?;
            while file.next(&mut bytes).await? {
                hasher.update(&bytes);
                pauses.pause().await;
            }
        }
        Ok(hasher.finalize().to_hex().to_string())
    }
}

/// A file's bytes, from any place of it.
#[cfg(feature = "columns")]
fn source(file: &File) -> Result<Box<dyn Source>, FileProblem> {
    Ok(Box::new(BlockingBytes::new(file.clone()).map_err(unreadable)?.anywhere()))
}

/// Posts the rejected lines of a file, piece by piece.
fn post_rejected(file: File, container: &Container, settings: &Settings) {
    let bytes = match BlockingBytes::new(file) {
        Ok(bytes) => BufReader::with_capacity(1 << 20, bytes),
        Err(error) => return post(&Reply::Failed { problem: unreadable(error) }, Vec::new()),
    };
    let mut piece = Vec::new();
    let read = rejected_lines(bytes, container, settings, &mut |line| {
        piece.extend_from_slice(line);
        if piece.len() > REJECTED_BYTES {
            post(&Reply::Unpacked { used: 0 }, vec![std::mem::take(&mut piece)]);
        }
        Ok(())
    });
    match read {
        Ok(()) => {
            post(&Reply::Unpacked { used: 0 }, vec![piece]);
            post(&Reply::UnpackedAll, Vec::new());
        }
        Err(error) => post(&Reply::Failed { problem: FileProblem::Unreadable(error.to_string()) }, Vec::new()),
    }
}

/// Unpacks a file and posts it piece by piece.
fn unpack_file(packing: Packing, file: File) {
    let packed = match BlockingBytes::new(file) {
        Ok(bytes) => BufReader::with_capacity(1 << 20, bytes),
        Err(error) => return post(&Reply::Failed { problem: unreadable(error) }, Vec::new()),
    };
    let unpacked = packing::unpack(packing, packed, &mut |part| {
        match part {
            Part::File(path) => post(&Reply::UnpackedFile { path: path.into() }, Vec::new()),
            Part::Bytes(piece, used) => post(&Reply::Unpacked { used }, vec![piece.to_vec()]),
        }
        Ok(())
    });
    match unpacked {
        Ok(()) => post(&Reply::UnpackedAll, Vec::new()),
        Err(problem) => post(&Reply::Failed { problem }, Vec::new()),
    }
}

/// Bytes of this worker's memory. It never shrinks.
fn memory_bytes() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    u64::from(buffer.byte_length())
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post_answer(answer: Answer) {
    if let Some((reply, buffers)) = answer {
        post(&reply, buffers);
    }
}

fn post(reply: &Reply, buffers: Vec<Vec<u8>>) {
    let buffers: Vec<JsBuffer> = buffers.iter().map(|bytes| JsBuffer::from_bytes(bytes)).collect();
    let posted = pack(reply, &buffers, &[])
        .and_then(|(message, transfer)| scope().post_message_with_transfer(&message, &transfer));
    if let Err(error) = posted {
        fail(&error);
    }
}

/// What cannot be told by a reply: the page hears of it as the worker's error.
fn fail(error: &JsValue) -> ! {
    wasm_bindgen::throw_val(error.clone())
}
