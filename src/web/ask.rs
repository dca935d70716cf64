//! Asks a worker that belongs to no pool: what files are, what a packed file holds.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::lock::Mutex;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, File, MessageEvent, Worker};

use crate::charts::options::{Colours, Picture};
use crate::engine::protocol::{Reply, Request};
use crate::ingest::form::Container;
use crate::ingest::forms::Forms;
use crate::ingest::preview::Preview;
use crate::report::summary::Summary;
use crate::settings::{Mapping, Settings};
use crate::web::assets::WorkerProgram;
use crate::web::message::{JsBuffer, Received, pack, unpack};
use crate::web::task::after;

/// A worker and what it says. It is ended with the conversation, unless it is given back.
pub struct Conversation {
    worker: Option<Worker>,
    arriving: mpsc::UnboundedReceiver<Result<MessageEvent, JsValue>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Conversation {
    /// With a waiting worker, if there is one.
    pub fn start(program: &WorkerProgram) -> Result<Conversation, JsValue> {
        let worker = program.waiting.take(program)?;
        let (news, arriving) = mpsc::unbounded();
        let news = Rc::new(news);
        let errors = news.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event| {
            let _ = news.unbounded_send(Ok(event));
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            let said = format!("a worker stopped unexpectedly ({})", event.message());
            let _ = errors.unbounded_send(Err(said.into()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Conversation { worker: Some(worker), arriving, _on_message: on_message, _on_error: on_error })
    }

    pub fn ask(&self, request: &Request, files: &[File]) -> Result<(), JsValue> {
        let (message, transfer) = pack(request, &[] as &[JsBuffer], files)?;
        self.worker.as_ref().map_or(Ok(()), |worker| worker.post_message_with_transfer(&message, &transfer))
    }

    /// What the worker says next.
    pub async fn answer(&mut self) -> Result<Received<Reply>, JsValue> {
        match self.arriving.next().await {
            Some(event) => unpack::<Reply>(&event?.data()),
            None => Err("a worker stopped".into()),
        }
    }

    /// Lets the worker wait for something else.
    fn give_back(mut self, program: &WorkerProgram) {
        if let Some(worker) = self.worker.take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            program.waiting.give_back(worker);
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    }
}

/// What would come of a file under a mapping.
pub async fn preview(program: &WorkerProgram, file: &File, mapping: Mapping) -> Result<Preview, JsValue> {
    let mut conversation = Conversation::start(program)?;
    conversation.ask(&Request::Preview { mapping: Box::new(mapping) }, std::slice::from_ref(file))?;
    match conversation.answer().await?.body {
        Reply::Preview { preview } => {
            conversation.give_back(program);
            Ok(*preview)
        }
        _ => Err("a worker answered something else".into()),
    }
}

/// What a saved report says of itself; nothing if the file is none.
pub async fn summary(program: &WorkerProgram, file: &File) -> Result<Option<Summary>, JsValue> {
    let mut conversation = Conversation::start(program)?;
    conversation.ask(&Request::Summarise, std::slice::from_ref(file))?;
    match conversation.answer().await?.body {
        Reply::Summary { summary } => {
            conversation.give_back(program);
            Ok(summary.map(|summary| *summary))
        }
        _ => Err("a worker answered something else".into()),
    }
}

/// The rejected lines of a file, in pieces.
pub async fn rejected(
    program: &WorkerProgram,
    file: &File,
    container: Container,
    settings: Settings,
) -> Result<Vec<JsBuffer>, JsValue> {
    let mut conversation = Conversation::start(program)?;
    let request = Request::Rejected { container, settings: Box::new(settings) };
    conversation.ask(&request, std::slice::from_ref(file))?;
    let mut pieces = Vec::new();
    loop {
        let received = conversation.answer().await?;
        match received.body {
            Reply::Unpacked { .. } => pieces.extend(received.buffers),
            Reply::UnpackedAll => break,
            Reply::Failed { problem } => return Err(problem.to_string().into()),
            _ => return Err("a worker answered something else".into()),
        }
    }
    conversation.give_back(program);
    Ok(pieces)
}

/// What these files are, which are to be read under these settings. The page itself has no code that reads files.
pub async fn recognise(program: &WorkerProgram, files: &[File], settings: Settings) -> Result<Forms, JsValue> {
    let mut conversation = Conversation::start(program)?;
    conversation.ask(&Request::Recognise { settings: Box::new(settings) }, files)?;
    match conversation.answer().await?.body {
        Reply::Recognised { forms } => {
            conversation.give_back(program);
            Ok(*forms)
        }
        _ => Err("a worker answered something else".into()),
    }
}

/// Milliseconds for which the worker that makes charts waits for the next: while a window is made wider, charts are drawn
/// again and again.
const PAINTER_WAITS: u32 = 1000;

/// A worker that makes the options of charts, while there is something to draw.
#[derive(Clone, Default)]
pub struct Painter(Rc<Painting>);

#[derive(Default)]
struct Painting {
    worker: Mutex<Option<Conversation>>,
    /// How often it was asked, and how often it was ended.
    asked: Cell<u32>,
    ended: Cell<u32>,
}

impl Painter {
    /// The options of a chart as JSON, each to be laid over the one before.
    pub async fn options(
        &self,
        program: &WorkerProgram,
        picture: Picture,
        colours: Colours,
    ) -> Result<String, JsValue> {
        let now = self.0.asked.get() + 1;
        self.0.asked.set(now);
        let ended = self.0.ended.get();
        let mut worker = self.0.worker.lock().await;
        let mut conversation = match worker.take() {
            Some(conversation) => conversation,
            None => Conversation::start(program)?,
        };
        conversation.ask(&Request::Draw { picture: Box::new(picture), colours }, &[])?;
        let Reply::Drawn { options } = conversation.answer().await?.body else {
            return Err("a worker answered something else".into());
        };
        // Whoever closed the file meanwhile needs it no more.
        if self.0.ended.get() != ended {
            return Ok(options);
        }
        *worker = Some(conversation);
        let painting = self.0.clone();
        spawn_local(async move {
            after(PAINTER_WAITS).await;
            if painting.asked.get() == now {
                *painting.worker.lock().await = None;
            }
        });
        Ok(options)
    }

    /// Ends the worker: there is nothing to draw for now.
    pub fn end(&self) {
        self.0.ended.set(self.0.ended.get() + 1);
        if let Some(mut worker) = self.0.worker.try_lock() {
            *worker = None;
        }
    }
}
