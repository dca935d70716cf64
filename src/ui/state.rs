//! What the page is doing, and what can be done with it.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, File, FileList, window};

use crate::analysis::session_table::{SessionQuery, SessionRow, SessionRows};
use crate::engine::{Export, Outcome, Storyboard};
use crate::report::Document;
use crate::report::summary::{Summary, read_summary};
use crate::settings::Settings;
use crate::ui::browser;
use crate::ui::route::{self, Route, View};
use crate::web::assets::{self, WorkerProgram};
use crate::web::message::JsBuffer;
use crate::web::pool::{self, Analysis};
use crate::web::{download, link, unpack};

/// The public sample.
const SAMPLE: &str = "https://s3.eu-central-1.amazonaws.com/public.prod.usetandem.ai/sessions.json";

/// Events of the demo shop.
const DEMO_EVENTS: u64 = 20_000;

/// Bytes of a saved report at most.
const LARGEST_REPORT: f64 = 64e6;

/// What the page shows.
#[derive(Clone, PartialEq)]
pub enum Stage {
    Idle,
    Loading,
    Ready,
    /// What was opened is a report that Footpath saved.
    Saved(Arc<Summary>),
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
    /// The results, once there are any.
    pub document: RwSignal<Option<Arc<Document>>>,
    /// What the analysis goes by.
    pub settings: RwSignal<Settings>,
    /// An analysis under other settings is under way.
    pub recomputing: RwSignal<bool>,
    /// Which view is shown, and of what.
    pub route: RwSignal<Route>,
    /// The sessions that were asked for last.
    pub rows: RwSignal<Option<SessionRows>>,
    pub loading: RwSignal<Loading>,
    /// The address in the link field; one that failed stays, to be corrected.
    pub link: RwSignal<String>,
    /// The session that is open, event by event.
    pub board: RwSignal<Option<Storyboard>>,
    /// What is being written, while it waits for the file's hash.
    pub exporting: RwSignal<Option<Export>>,
    /// Goes up when all settings are set at once, so that fields show what is in force.
    pub all_set: RwSignal<u32>,
    /// What went wrong while the results stay.
    pub notice: RwSignal<Option<String>>,
    /// What is worth saying, though nothing is wrong.
    pub said: RwSignal<Option<&'static str>>,
    /// The address names a view, but its data are not here: which, and of which file if that is known.
    pub lost: RwSignal<Option<(View, Option<String>)>>,
    /// Sessions that were asked for, by user and id, with what a line says of them.
    pub known: RwSignal<HashMap<(String, String), SessionRow>>,
    /// The address was copied a moment ago.
    pub copied: RwSignal<bool>,
    /// Whether anything was sent or fetched.
    pub where_from: RwSignal<&'static str>,
    /// The session that was asked for last: an answer about another comes too late.
    asked: StoredValue<Option<(String, String)>>,
    /// The open files, to be read again under another mapping.
    files: StoredValue<Vec<File>, LocalStorage>,
    /// The link that is open, if one is.
    open_link: StoredValue<Option<String>>,
    /// The number of the entry in the browser's history at which the page is.
    entry: StoredValue<f64>,
    /// How far each entry was scrolled when it was left, by its number's bits.
    scrolls: StoredValue<HashMap<u64, f64>>,
    /// How far the entry that is shown again was scrolled.
    return_to: StoredValue<Option<f64>>,
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
            document: RwSignal::new(None),
            settings: RwSignal::new(Settings::default()),
            recomputing: RwSignal::new(false),
            route: RwSignal::new(Route::default()),
            rows: RwSignal::new(None),
            loading: RwSignal::new(Loading::default()),
            link: RwSignal::new(SAMPLE.into()),
            board: RwSignal::new(None),
            exporting: RwSignal::new(None),
            all_set: RwSignal::new(0),
            notice: RwSignal::new(None),
            said: RwSignal::new(None),
            lost: RwSignal::new(None),
            known: RwSignal::new(HashMap::new()),
            copied: RwSignal::new(false),
            where_from: RwSignal::new(""),
            asked: StoredValue::new(None),
            files: StoredValue::new_local(Vec::new()),
            open_link: StoredValue::new(None),
            entry: StoredValue::new(new_entry()),
            scrolls: StoredValue::new(HashMap::new()),
            return_to: StoredValue::new(None),
            analysis: StoredValue::new_local(None),
            program: StoredValue::new_local(None),
            abort: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        };
        // Fetched while the visitor reads, so that it is there when a file is dropped. A failure shows then.
        spawn_local(async move {
            // Where that fails, whoever opens a file hears of it.
            if let Ok(program) = app.worker_program().await
                && app.stage.with_untracked(|stage| *stage == Stage::Idle)
            {
                let _ = program.waiting.prepare(&program);
            }
        });
        app
    }

    /// Takes the view and the settings from the page's address, now and whenever it changes.
    pub fn follow_address(self) {
        route::keep_scroll();
        self.read_address();
        route::number_entry(self.entry.get_value());
        let changed = window_event_listener(leptos::ev::popstate, move |_| self.arrive());
        on_cleanup(move || changed.remove());
    }

    /// Another entry of the browser's history is shown. One that was here before was left under other settings than
    /// those that are in force now, perhaps: going back to a view does not undo what was set since. A new one, such
    /// as a pasted link, brings its own.
    fn arrive(self) {
        self.leave_entry();
        match route::entry() {
            Some(entry) => {
                self.entry.set_value(entry);
                self.return_to.set_value(self.scrolls.with_value(|scrolls| scrolls.get(&entry.to_bits()).copied()));
                let (route, _) = Route::read(&route::hash());
                self.show(route);
                self.write_address();
            }
            None => {
                self.entry.set_value(new_entry());
                self.return_to.set_value(None);
                route::number_entry(self.entry.get_value());
                self.read_address();
            }
        }
    }

    /// Remembers how far the entry that is left was scrolled.
    fn leave_entry(self) {
        let entry = self.entry.get_value().to_bits();
        self.scrolls.update_value(|scrolls| {
            scrolls.insert(entry, browser::scrolled());
        });
    }

    fn show(self, route: Route) {
        if self.route.with_untracked(|now| *now != route) {
            // It was about what is left now.
            self.said.set(None);
            self.route.set(route);
        }
    }

    fn read_address(self) {
        let (route, difference) = Route::read(&route::hash());
        let difference = difference.unwrap_or_default();
        if difference != self.settings.with_untracked(Settings::difference) {
            let settings =
                if difference.is_empty() { Ok(Settings::default()) } else { Settings::from_json(&difference) };
            match settings {
                Ok(settings) => self.analyse_under(settings),
                Err(error) => self.notice.set(Some(format!("The address could not be used: {error}."))),
            }
        }
        self.show(route);
    }

    /// Where the page was scrolled when the visitor left what is shown again now.
    pub fn take_return(self) -> Option<f64> {
        self.return_to.try_update_value(Option::take).flatten()
    }

    /// What the sessions of the table have to hold. The address says it, so that going back keeps it.
    pub fn search(self, text: String) {
        self.route.update(|route| route.search = text);
        self.write_address();
    }

    /// The address of a view, for links.
    pub fn href(self, route: &Route) -> String {
        self.settings.with(|settings| route.write(settings))
    }

    /// Goes to a view, as a click on its link does.
    pub fn go(self, route: &Route) {
        route::go(&self.settings.with_untracked(|settings| route.write(settings)));
    }

    /// Sets the settings: results are computed again at once, and the address carries them.
    pub fn set_settings(self, settings: Settings) {
        if self.settings.with_untracked(|now| *now == settings) {
            return;
        }
        self.analyse_under(settings);
        self.write_address();
    }

    /// Sets all settings at once: a preset, an import, a reset.
    pub fn replace_settings(self, settings: Settings) {
        self.set_settings(settings);
        self.all_set.update(|n| *n += 1);
    }

    fn write_address(self) {
        let entry = self.entry.get_value();
        self.open_link.with_value(|link| route::replace(link.as_deref(), &self.hash(), entry));
    }

    /// The part of the address behind `#`. At the very beginning there is none.
    fn hash(self) -> String {
        let at_first = self.route.with_untracked(|route| *route == Route::default())
            && self.settings.with_untracked(|now| *now == Settings::default());
        if at_first && self.stage.get_untracked() != Stage::Ready && route::hash().is_empty() {
            return String::new();
        }
        self.settings.with_untracked(|now| self.route.with_untracked(|route| route.write(now)))
    }

    /// Results are there: their address is an entry of its own, so that going back does not leave the page with them.
    fn enter(self) {
        if !route::hash().is_empty() {
            return self.write_address();
        }
        self.leave_entry();
        self.entry.set_value(new_entry());
        let entry = self.entry.get_value();
        self.open_link.with_value(|link| route::push(link.as_deref(), &self.hash(), entry));
    }

    fn analyse_under(self, settings: Settings) {
        let same_mapping = self.settings.with_untracked(|now| now.mapping == settings.mapping);
        self.settings.set(settings.clone());
        let ready = match self.stage.get_untracked() {
            Stage::Ready => true,
            // What is still being fetched will be analysed under these settings anyway.
            Stage::Loading if self.analysis.with_value(Option::is_some) => false,
            _ => return,
        };
        self.board.set(None);
        if same_mapping {
            self.recomputing.set(ready);
            self.analysis.with_value(|analysis| {
                if let Some(analysis) = analysis {
                    analysis.again(settings);
                }
            });
        } else {
            let files = self.files.get_value();
            let (name, from) =
                (self.loading.with_untracked(|loading| loading.name.clone()), self.where_from.get_untracked());
            self.begin(name, "Reading");
            self.where_from.set(from);
            let turn = self.turn.get_value();
            spawn_local(async move { self.analyse(files, turn).await });
        }
    }

    /// Asks which sessions fit; they arrive in [`AppState::rows`].
    pub fn ask_sessions(self, query: SessionQuery) {
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis {
                analysis.sessions(query);
            }
        });
    }

    /// Opens the file that the page's own address names, `?data=…`.
    pub fn open_address_of_page(self) {
        let query = window().and_then(|window| window.location().search().ok()).unwrap_or_default();
        let data = web_sys::UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("data"));
        let hash = route::hash();
        if let Some(address) = data.filter(|address| !address.is_empty()) {
            if hash.is_empty() {
                let hash = self.settings.with_untracked(|now| Route::default().write(now));
                route::replace(Some(&address), &hash, self.entry.get_value());
            }
            self.open_link(address);
        } else if !hash.is_empty() {
            self.lost.set(Some((self.route.with_untracked(|route| route.view), browser::last_file())));
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
        // The file that the address was for, and the first one of a link from somebody else, show what it says.
        let awaited = self
            .lost
            .with_untracked(|lost| lost.as_ref().is_some_and(|(_, of)| of.as_ref().is_none_or(|of| *of == name)));
        if !awaited {
            self.forget_sessions();
        }
        self.begin(name, "Reading");
        self.where_from.set("Nothing was uploaded");
        self.open_link.set_value(None);
        self.write_address();
        let turn = self.turn.get_value();
        spawn_local(async move {
            match saved_report(&files).await {
                Some(summary) if self.is_current(turn) => self.stage.set(Stage::Saved(Arc::new(summary))),
                Some(_) => {}
                None => self.analyse(files, turn).await,
            }
        });
    }

    /// Fetches a file by its address and opens it.
    pub fn open_link(self, address: String) {
        self.begin(address.clone(), "Downloading");
        self.link.set(address.clone());
        self.where_from.set("Fetched by link, analysed in this tab");
        self.open_link.set_value(Some(address.clone()));
        self.write_address();
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

    /// Another file has other sessions: neither filter nor open session goes with it.
    pub fn forget_sessions(self) {
        self.route.update(|route| *route = Route::to(route.view));
    }

    /// Opens the demo shop.
    pub fn open_demo(self) {
        self.forget_sessions();
        self.begin("demo shop".into(), "Generating");
        self.where_from.set("Generated in this tab");
        self.open_link.set_value(None);
        self.write_address();
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
        self.open_link.set_value(None);
        self.route.set(Route::default());
        browser::keep_last_file(None);
        let default = self.settings.with_untracked(|now| *now == Settings::default());
        let hash =
            if default { String::new() } else { self.settings.with_untracked(|now| Route::default().write(now)) };
        route::replace(None, &hash, self.entry.get_value());
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

    /// Copies the page's address, which holds the view, the settings and the link of the file.
    pub fn copy_link(self) {
        let Some(window) = window() else { return };
        let address = window.location().href().unwrap_or_default();
        spawn_local(async move {
            let copied =
                wasm_bindgen_futures::JsFuture::from(window.navigator().clipboard().write_text(&address)).await;
            let done = copied.is_ok();
            let by_link = self.open_link.with_value(Option::is_some);
            self.notice.set(match done {
                false => Some("The browser did not allow copying. Copy the address from the address bar.".into()),
                true => None,
            });
            self.said.set((done && !by_link).then_some(
                "Link copied. It holds the view and the settings, not the file: the other person opens the same file.",
            ));
            self.copied.set(done);
            set_timeout(
                move || {
                    let _ = self.copied.try_set(false);
                },
                std::time::Duration::from_secs(2),
            );
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
        self.document.set(None);
        self.recomputing.set(false);
        self.rows.set(None);
        self.exporting.set(None);
        self.notice.set(None);
        self.said.set(None);
        self.lost.set(None);
        self.known.set(HashMap::new());
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
        // Somebody else may have been quicker.
        self.program.update_value(|known| {
            known.get_or_insert(program);
        });
        self.program.get_value().ok_or_else(|| JsValue::from_str("there is no program"))
    }

    /// The files, with those that are compressed unpacked. An error is a sentence for people.
    async fn unpack(self, program: &WorkerProgram, files: Vec<File>, turn: u32) -> Result<Vec<File>, String> {
        let several = files.len() > 1;
        let mut unpacked = Vec::new();
        for file in files {
            // A file that cannot be read is told of when it is read.
            let Ok(Some(compression)) = unpack::compression(&file).await else {
                unpacked.push(file);
                continue;
            };
            if !self.is_current(turn) {
                return Err(String::new());
            }
            self.loading.update(|loading| {
                loading.verb = "Unpacking";
                loading.since = now();
                loading.bytes = 0.0;
                loading.of = Some(file.size());
            });
            let progress = |bytes| {
                let current = self.is_current(turn);
                if current {
                    self.loading.update(|loading| loading.bytes = bytes);
                }
                current
            };
            let result = unpack::unpacked(program, &file, compression, progress).await;
            unpacked.push(result.map_err(|problem| match several {
                true => format!("{}: {problem}", file.name()),
                false => problem,
            })?);
        }
        Ok(unpacked)
    }

    async fn analyse(self, files: Vec<File>, turn: u32) {
        let program = self.worker_program().await;
        let files = match &program {
            Ok(program) => self.unpack(program, files, turn).await,
            Err(_) => Ok(files),
        };
        if !self.is_current(turn) {
            return;
        }
        let files = match files {
            Ok(files) => files,
            Err(problem) => return self.fail(problem),
        };
        self.files.set_value(files.clone());
        let size = files.iter().map(|file| file.size()).sum();
        self.loading.update(|loading| {
            loading.verb = "Reading";
            loading.since = now();
            loading.bytes = 0.0;
            loading.of = Some(size);
        });
        let started = program.and_then(|program| {
            Analysis::start(&program, &files, self.settings.get_untracked(), move |outcome| self.hear(turn, outcome))
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
            Outcome::Done(document) => {
                // Results of settings that were changed meanwhile are passed over.
                if self.settings.with_untracked(|settings| *settings == document.settings) {
                    self.recomputing.set(false);
                    self.rows.set(None);
                    self.known.set(HashMap::new());
                    browser::keep_last_file(Some(&document.source.name));
                    self.document.set(Some(Arc::from(document)));
                    if self.stage.get_untracked() != Stage::Ready {
                        self.stage.set(Stage::Ready);
                        self.enter();
                    }
                }
            }
            Outcome::Hashed(_) => {}
            Outcome::Sessions(rows) => {
                self.known.update(|known| {
                    let named = rows.rows.iter().map(|row| ((row.user.clone(), row.session.clone()), row.clone()));
                    known.extend(named);
                });
                self.rows.set(Some(rows));
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

    /// Exports wait for the file's hash and for the evidence that they show.
    fn export(self, what: Export) {
        self.exporting.set(Some(what));
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis {
                analysis.export(what);
            }
        });
    }

    fn save(self, what: Export, bytes: &JsBuffer) {
        let Some(document) = self.document.get_untracked() else { return };
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

/// A number that no entry of the browser's history has, even after the page is loaded anew.
fn new_entry() -> f64 {
    now() + js_sys::Math::random()
}

/// The summary of a saved report, if that is what was opened.
async fn saved_report(files: &[File]) -> Option<Summary> {
    let [file] = files else { return None };
    if !file.name().to_lowercase().ends_with(".html") || file.size() > LARGEST_REPORT {
        return None;
    }
    let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?;
    read_summary(&text.as_string()?)
}

/// Milliseconds of the page's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

fn describe(error: &JsValue) -> String {
    use wasm_bindgen::JsCast;
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    let message = message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser gave no reason".into());
    format!("Footpath could not start its workers: {message}. Reload the page.")
}
