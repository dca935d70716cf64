//! What the page is doing, and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, File, FileList, window};

use crate::engine::{Export, Outcome, Storyboard};
use crate::report::Document;
use crate::settings::Settings;
use crate::web::assets::{self, WorkerProgram};
use crate::web::message::JsBuffer;
use crate::web::pool::{self, Analysis};
use crate::web::{download, link};

/// The public sample.
const SAMPLE: &str = "https://s3.eu-central-1.amazonaws.com/public.prod.usetandem.ai/sessions.json";

/// Events of the demo shop.
const DEMO_EVENTS: u64 = 20_000;

/// What the page shows.
#[derive(Clone)]
pub enum Stage {
    Idle,
    Loading,
    Ready(Arc<Document>),
    /// What went wrong, as a sentence.
    Failed(String),
}

/// How far loading has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loading {
    pub name: String,
    /// Downloading or reading.
    pub verb: &'static str,
    pub bytes: f64,
    /// All bytes, if that is known.
    pub of: Option<f64>,
    pub events: u64,
    /// When it began, in milliseconds of the page's clock.
    pub since: f64,
}

/// The page's state. Copies share it.
#[derive(Clone, Copy)]
pub struct AppState {
    pub stage: RwSignal<Stage>,
    pub loading: RwSignal<Loading>,
    /// The address in the link field; one that failed stays, to be corrected.
    pub link: RwSignal<String>,
    /// The session that is open, event by event.
    pub board: RwSignal<Option<Storyboard>>,
    /// What is being written, while it waits for the file's hash.
    pub exporting: RwSignal<Option<Export>>,
    /// What went wrong while the results stay.
    pub notice: RwSignal<Option<String>>,
    /// Whether anything was sent or fetched.
    pub where_from: RwSignal<&'static str>,
    /// The session that was asked for last: an answer about another comes too late.
    asked: StoredValue<Option<(String, String)>>,
    hash_known: StoredValue<bool>,
    analysis: StoredValue<Option<Analysis>, LocalStorage>,
    program: StoredValue<Option<WorkerProgram>, LocalStorage>,
    abort: StoredValue<Option<AbortController>, LocalStorage>,
    /// Goes up with everything that is opened or closed, so that news of earlier files are passed over.
    turn: StoredValue<u32>,
}

impl AppState {
    pub fn new() -> AppState {
        let app = AppState {
            stage: RwSignal::new(Stage::Idle),
            loading: RwSignal::new(Loading::default()),
            link: RwSignal::new(SAMPLE.into()),
            board: RwSignal::new(None),
            exporting: RwSignal::new(None),
            notice: RwSignal::new(None),
            where_from: RwSignal::new(""),
            asked: StoredValue::new(None),
            hash_known: StoredValue::new(false),
            analysis: StoredValue::new_local(None),
            program: StoredValue::new_local(None),
            abort: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        };
        // Fetched while the visitor reads, so that it is there when a file is dropped. A failure shows then.
        spawn_local(async move {
            let _ = app.worker_program().await;
        });
        app
    }

    /// Opens the file that the page's own address names, `?data=…`.
    pub fn open_address_of_page(self) {
        let query = window().and_then(|window| window.location().search().ok()).unwrap_or_default();
        let data = web_sys::UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("data"));
        if let Some(address) = data.filter(|address| !address.is_empty()) {
            self.open_link(address);
        }
    }

    /// Opens dropped or chosen files: several are one data set, in the order of their names.
    pub fn open_files(self, list: Option<FileList>) {
        let list = list.map_or(Vec::new(), |list| (0..list.length()).filter_map(|index| list.get(index)).collect());
        let mut files: Vec<File> = list;
        files.sort_by_key(File::name);
        let name = match files.as_slice() {
            [] => return,
            [one] => one.name(),
            several => format!("{} files", several.len()),
        };
        self.begin(name, "Reading");
        self.where_from.set("Nothing left this tab");
        set_address(None);
        let turn = self.turn.get_value();
        spawn_local(async move { self.analyse(files, turn).await });
    }

    /// Fetches a file by its address and opens it.
    pub fn open_link(self, address: String) {
        self.begin(address.clone(), "Downloading");
        self.link.set(address.clone());
        self.where_from.set("Fetched by link, analysed in this tab");
        set_address(Some(&address));
        let turn = self.turn.get_value();
        let Ok(abort) = AbortController::new() else { return };
        self.abort.set_value(Some(abort.clone()));
        spawn_local(async move {
            let progress = |so_far: link::Download| {
                if self.is_current(turn) {
                    self.loading.update(|loading| {
                        loading.bytes = so_far.bytes;
                        loading.of = so_far.of;
                    });
                }
            };
            let fetched = link::fetch(&address, &abort, progress).await;
            if !self.is_current(turn) {
                return;
            }
            match fetched {
                Ok(file) => {
                    self.loading.set(Loading {
                        name: file.name(),
                        verb: "Reading",
                        since: now(),
                        ..Loading::default()
                    });
                    self.analyse(vec![file], turn).await;
                }
                Err(message) => self.fail(message),
            }
        });
    }

    /// Opens the demo shop.
    pub fn open_demo(self) {
        self.begin("demo shop".into(), "Generating");
        self.where_from.set("Generated in this tab");
        set_address(None);
        let turn = self.turn.get_value();
        spawn_local(async move {
            let file = match self.worker_program().await {
                Ok(program) => pool::demo(&program, DEMO_EVENTS).await,
                Err(error) => Err(error),
            };
            if !self.is_current(turn) {
                return;
            }
            match file {
                Ok(file) => self.analyse(vec![file], turn).await,
                Err(error) => self.fail(describe(&error)),
            }
        });
    }

    /// Ends whatever is going on and shows the opening page.
    pub fn close(self) {
        self.end();
        set_address(None);
        self.stage.set(Stage::Idle);
    }

    /// Closes the session that is open.
    pub fn close_session(self) {
        self.asked.set_value(None);
        self.board.set(None);
    }

    /// Asks for a session's events; they arrive in [`AppState::board`].
    pub fn open_session(self, user: String, session: String) {
        self.asked.set_value(Some((user.clone(), session.clone())));
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis {
                analysis.storyboard(user, session);
            }
        });
    }

    pub fn save_report(self) {
        self.export(Export::Html);
    }

    pub fn download_json(self) {
        self.export(Export::Json);
    }

    fn begin(self, name: String, verb: &'static str) {
        self.end();
        self.loading.set(Loading { name, verb, since: now(), ..Loading::default() });
        self.stage.set(Stage::Loading);
    }

    fn end(self) {
        self.turn.update_value(|turn| *turn += 1);
        if let Some(abort) = self.abort.try_update_value(Option::take).flatten() {
            abort.abort();
        }
        // Dropping it ends its workers.
        self.analysis.set_value(None);
        self.hash_known.set_value(false);
        self.exporting.set(None);
        self.notice.set(None);
        self.board.set(None);
    }

    fn is_current(self, turn: u32) -> bool {
        self.turn.get_value() == turn
    }

    fn fail(self, message: String) {
        self.end();
        self.stage.set(Stage::Failed(message));
    }

    async fn worker_program(self) -> Result<WorkerProgram, JsValue> {
        if let Some(program) = self.program.get_value() {
            return Ok(program);
        }
        let program = assets::worker_program().await?;
        self.program.set_value(Some(program.clone()));
        Ok(program)
    }

    async fn analyse(self, files: Vec<File>, turn: u32) {
        let size = files.iter().map(|file| file.size()).sum();
        let program = self.worker_program().await;
        if !self.is_current(turn) {
            return;
        }
        self.loading.update(|loading| {
            loading.verb = "Reading";
            loading.bytes = 0.0;
            loading.of = Some(size);
        });
        let started = program.and_then(|program| {
            Analysis::start(&program, &files, Settings::default(), move |outcome| self.hear(turn, outcome))
        });
        match started {
            // An empty file has failed already.
            Ok(analysis) if self.is_current(turn) => self.analysis.set_value(Some(analysis)),
            Ok(_) => {}
            Err(error) => self.fail(describe(&error)),
        }
    }

    fn hear(self, turn: u32, outcome: Outcome<JsBuffer>) {
        if !self.is_current(turn) {
            return;
        }
        match outcome {
            Outcome::Progress(so_far) => self.loading.update(|loading| {
                loading.bytes = so_far.bytes as f64;
                loading.events = so_far.events;
            }),
            Outcome::Done(document) => self.stage.set(Stage::Ready(Arc::from(document))),
            Outcome::Hashed(_) => {
                self.hash_known.set_value(true);
                if let Some(what) = self.exporting.get_untracked() {
                    self.ask_for(what);
                }
            }
            Outcome::NotHashed(problem) => {
                self.exporting.set(None);
                self.notice.set(Some(format!(
                    "The report and the JSON cannot be saved, since the file’s hash could not be computed. {problem} Open the file again."
                )));
            }
            Outcome::Exported(what, bytes) => {
                self.exporting.set(None);
                self.save(what, &bytes);
            }
            Outcome::Storyboard(board) => {
                let asked = self.asked.with_value(|asked| {
                    asked.as_ref().is_some_and(|(user, session)| *user == board.user && *session == board.session)
                });
                if asked {
                    self.board.set(Some(board));
                }
            }
            // The failure comes from inside the analysis, which ends only when its task is over.
            Outcome::Failed(problem) => spawn_local(async move {
                if self.is_current(turn) {
                    self.fail(problem.to_string());
                }
            }),
        }
    }

    /// Exports name the file's hash, so that they wait for it.
    fn export(self, what: Export) {
        self.exporting.set(Some(what));
        if self.hash_known.get_value() {
            self.ask_for(what);
        }
    }

    fn ask_for(self, what: Export) {
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis {
                analysis.export(what);
            }
        });
    }

    fn save(self, what: Export, bytes: &JsBuffer) {
        let Stage::Ready(document) = self.stage.get_untracked() else { return };
        let name = &document.source.name;
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let (ending, media_type) = match what {
            Export::Json => ("json", "application/json"),
            Export::Html => ("html", "text/html"),
        };
        if download::save(&bytes.0, &format!("{stem}-footpath.{ending}"), media_type).is_err() {
            self.notice.set(Some("The browser did not save the file. Check whether it blocks downloads.".into()));
        }
    }
}

/// Milliseconds of the page's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// Shows in the address bar which link is open, so that a reload or a copy of the address opens it again.
fn set_address(link: Option<&str>) {
    let Some(window) = window() else { return };
    let path = window.location().pathname().unwrap_or_default();
    let address = match link {
        Some(link) => format!("{path}?data={}", String::from(js_sys::encode_uri_component(link))),
        None => path,
    };
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

fn describe(error: &JsValue) -> String {
    use wasm_bindgen::JsCast;
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    let message = message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser gave no reason".into());
    format!("Footpath could not start its workers: {message}. Reload the page.")
}
