//! The pool of web workers, led by the conductor on the page's main thread. Each task here only passes a message
//! on.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, File, MessageEvent, Worker, window};

use crate::analysis::session_table::SessionQuery;
use crate::engine::conductor::{CHUNK_BYTES, Conductor, Job, Outcome, Step};
use crate::engine::memory::MemoryLimit;
use crate::engine::protocol::{Export, Reply, Request};
use crate::ingest::FileProblem;
use crate::ingest::form::Container;
use crate::ingest::forms::LeftOut;
use crate::settings::Settings;
use crate::web::ask::Conversation;
use crate::web::assets::WorkerProgram;
use crate::web::message::{JsBuffer, pack, unpack};
use crate::web::waiting;

/// What the demo shop's file is called.
pub const DEMO_NAME: &str = "demo-shop.jsonl";

const GIB: f64 = 1_073_741_824.0;
/// What a machine has whose browser does not say.
const UNTOLD_GIB: f64 = 4.0;
/// The rest is for the questions, which take a third of it again, for the browser, and for other programs.
const READING_SHARE: f64 = 0.25;
/// A worker's memory ends at 4 GiB, and columns double when they grow.
const EACH_GIB: f64 = 1.75;

/// With fewer, it takes no time to find what is unusual.
const EARLY_EVENTS: u64 = 200_000;

/// 10 MiB, as measured.
const WITHOUT_EVENTS: u64 = 10 << 20;

/// Files being analysed, or analysed and open to questions. Dropping it ends its workers, which frees their
/// memory.
pub struct Analysis {
    inner: Rc<Inner>,
}

struct Inner {
    workers: Vec<Handle>,
    conductor: RefCell<Conductor<JsBuffer>>,
    tell: Box<dyn Fn(Outcome<JsBuffer>)>,
}

struct Handle {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Analysis {
    /// Starts the workers and the analysis. `tell` hears what comes of it.
    pub fn start(
        program: &WorkerProgram,
        files: &[(File, Container)],
        left_out: Vec<LeftOut>,
        settings: Settings,
        tell: impl Fn(Outcome<JsBuffer>) + 'static,
    ) -> Result<Analysis, JsValue> {
        let (files, containers): (Vec<File>, Vec<Container>) = files.iter().cloned().unzip();
        // Bytes of columns hold many more events than bytes of lines.
        let columns = containers.iter().any(|container| matches!(container, Container::Columns(_)));
        let chunk_bytes = if columns { CHUNK_BYTES / 8 } else { CHUNK_BYTES };
        // Small files do not need many.
        let chunks: f64 = files.iter().map(|file| (file.size() / chunk_bytes as f64).ceil()).sum();
        let count = waiting::wanted().min((chunks as usize).max(1));
        let job = Job {
            files: files.iter().map(|file| (file.name(), file.size() as u64)).collect(),
            containers,
            left_out,
            settings,
            named_sessions: crate::analysis::session_list::NAMED_SESSIONS as u64,
            chunk_bytes,
            memory: Some(memory_limit()),
            tell_early_from: Some(EARLY_EVENTS),
        };
        let (conductor, first) = Conductor::start(job, count);
        let mut failure = None;
        let inner = Rc::new_cyclic(|inner: &Weak<Inner>| {
            let started = (0..count).map(|index| Handle::start(index, program, &files, inner.clone()));
            let workers = started.collect::<Result<Vec<_>, _>>().unwrap_or_else(|error| {
                failure = Some(error);
                Vec::new()
            });
            Inner { workers, conductor: RefCell::new(conductor), tell: Box::new(tell) }
        });
        program.waiting.end();
        match failure {
            Some(error) => Err(error),
            None => {
                inner.carry_out(first);
                Ok(Analysis { inner })
            }
        }
    }

    /// Asks for the results in some form.
    pub fn export(&self, what: Export) {
        let steps = self.inner.conductor.borrow_mut().export(what);
        self.inner.carry_out(steps);
    }

    /// Analyses the same files under other settings.
    pub fn again(&self, settings: Settings) {
        let steps = self.inner.conductor.borrow_mut().analyse_again(settings);
        self.inner.carry_out(steps);
    }

    /// Asks which sessions fit.
    pub fn sessions(&self, query: SessionQuery) {
        let steps = self.inner.conductor.borrow_mut().sessions(query);
        self.inner.carry_out(steps);
    }

    /// Goes on after [`Outcome::Counted`].
    pub fn go_on(&self) {
        let steps = self.inner.conductor.borrow_mut().go_on();
        self.inner.carry_out(steps);
    }

    /// Asks for one session, event by event.
    pub fn storyboard(&self, user: String, session: String) {
        let steps = self.inner.conductor.borrow_mut().storyboard(user, session);
        self.inner.carry_out(steps);
    }
}

/// Memory that reading may take of what the browser says that the machine has.
fn memory_limit() -> MemoryLimit {
    let navigator = window().map(|window| window.navigator());
    let told = navigator.and_then(|navigator| js_sys::Reflect::get(&navigator, &"deviceMemory".into()).ok());
    let gibibytes = told.and_then(|value| value.as_f64()).unwrap_or(UNTOLD_GIB);
    MemoryLimit {
        all: (gibibytes * READING_SHARE * GIB) as u64,
        each: (EACH_GIB * GIB) as u64,
        without_events: WITHOUT_EVENTS,
    }
}

impl Inner {
    fn carry_out(&self, steps: Vec<Step<JsBuffer>>) {
        for step in steps {
            match step {
                Step::Tell(outcome) => (self.tell)(outcome),
                Step::Send(worker, request, buffers) => {
                    let Some(handle) = self.workers.get(worker) else { continue };
                    if let Err(error) = handle.post(&request, &buffers, &[]) {
                        self.broken(&error);
                    }
                }
            }
        }
    }

    fn broken(&self, error: &JsValue) {
        let reason = error.as_string().unwrap_or_else(|| "a worker stopped".into());
        (self.tell)(Outcome::Failed(FileProblem::Unreadable(reason)));
    }
}

impl Handle {
    fn start(index: usize, program: &WorkerProgram, files: &[File], inner: Weak<Inner>) -> Result<Handle, JsValue> {
        let worker = program.waiting.take(program)?;
        let replies = inner.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(inner) = replies.upgrade() else { return };
            match unpack::<Reply>(&event.data()) {
                Ok(received) => {
                    let steps = inner.conductor.borrow_mut().on(index, received.body, received.buffers);
                    inner.carry_out(steps);
                }
                Err(error) => inner.broken(&error),
            }
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            if let Some(inner) = inner.upgrade() {
                inner.broken(&format!("the analysis stopped unexpectedly ({})", event.message()).into());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let handle = Handle { worker, _on_message: on_message, _on_error: on_error };
        handle.post(&Request::Open, &[], files)?;
        Ok(handle)
    }

    fn post(&self, request: &Request, buffers: &[JsBuffer], files: &[File]) -> Result<(), JsValue> {
        let (message, transfer) = pack(request, buffers, files)?;
        self.worker.post_message_with_transfer(&message, &transfer)
    }
}

/// Generates the demo shop's events in a worker of its own.
pub async fn demo(program: &WorkerProgram, events: u64) -> Result<File, JsValue> {
    let mut conversation = Conversation::start(program)?;
    conversation.ask(&Request::Demo { events }, &[])?;
    let received = conversation.answer().await?;
    let parts: Array = received.buffers.into_iter().map(|buffer| buffer.0).collect();
    File::new_with_buffer_source_sequence(&parts, DEMO_NAME)
}
