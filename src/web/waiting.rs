//! Workers that are started before there is a file, so that nobody waits for them.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, window};

use crate::engine::protocol::{Reply, Request};
use crate::report::Document;
use crate::web::assets::WorkerProgram;
use crate::web::message::{pack, unpack};

/// More workers than this gain nothing and cost memory.
const MAX_WORKERS: usize = 8;

/// How many workers suit this machine.
pub fn wanted() -> usize {
    let processors = window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    (processors as usize).clamp(1, MAX_WORKERS)
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

/// Started workers, and one that warms the program up for all of them.
#[derive(Clone, Default)]
pub struct Waiting(Rc<RefCell<Workers>>);

#[derive(Default)]
struct Workers {
    idle: Vec<Worker>,
    warming: Option<(Worker, OnMessage)>,
}

impl Waiting {
    /// Starts them. The results of warming up are given to `then`: who will show results can warm up with them.
    pub fn prepare(&self, program: &WorkerProgram, then: impl Fn(Document) + 'static) -> Result<(), JsValue> {
        let idle = (0..wanted()).map(|_| start(program)).collect::<Result<_, _>>()?;
        let warming = start(program)?;
        let waiting = self.clone();
        let done = OnMessage::new(move |event: MessageEvent| {
            waiting.stop_warming();
            // Results are read here as soon as there are any: this page has done it once then.
            if let Ok(received) = unpack::<Reply>(&event.data())
                && let Reply::Warm { document: Some(document) } = received.body
            {
                then(*document);
            }
        });
        warming.set_onmessage(Some(done.as_ref().unchecked_ref()));
        let (message, transfer) = pack(&Request::WarmUp, &[], &[])?;
        warming.post_message_with_transfer(&message, &transfer)?;
        *self.0.borrow_mut() = Workers { idle, warming: Some((warming, done)) };
        Ok(())
    }

    /// A worker that is started, a waiting one if there is any.
    pub fn take(&self, program: &WorkerProgram) -> Result<Worker, JsValue> {
        // The processors are needed for the file now.
        self.stop_warming();
        let waiting = self.0.borrow_mut().idle.pop();
        waiting.map_or_else(|| start(program), Ok)
    }

    /// Takes one back that was asked something and has answered.
    pub fn give_back(&self, worker: Worker) {
        self.0.borrow_mut().idle.push(worker);
    }

    /// Ends those that still wait: an analysis has all that it needs.
    pub fn end(&self) {
        self.0.borrow_mut().idle.drain(..).for_each(|worker| worker.terminate());
    }

    fn stop_warming(&self) {
        let warming = self.0.borrow_mut().warming.take();
        if let Some((worker, done)) = warming {
            worker.set_onmessage(None);
            worker.terminate();
            // This may be called by the closure itself, which must outlive the call.
            wasm_bindgen_futures::spawn_local(async move { drop(done) });
        }
    }
}

/// Starts a worker. The module comes first; what follows waits until the worker's program listens.
fn start(program: &WorkerProgram) -> Result<Worker, JsValue> {
    let worker = Worker::new(&program.script_url)?;
    worker.post_message(&program.module)?;
    Ok(worker)
}
