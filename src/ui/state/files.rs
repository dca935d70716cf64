//! Opening and closing: dropped files, links, the demo shop, saved reports.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, File, window};

use super::{AppState, Loading, Stage, now};
use crate::findings::wording::shown;
use crate::ingest::form::Container;
use crate::ingest::forms::Forms;
use crate::ingest::packing::{MAX_LAYERS, Packing};
use crate::ingest::sniff::FileProblem;
use crate::order::sort_by_key;
use crate::report::summary::Summary;
use crate::settings::Settings;
use crate::ui::browser;
use crate::ui::route::{self, Route};
use crate::web::assets::{self, WorkerProgram};
use crate::web::dropped::Dropped;
use crate::web::{ask, link, pool, unpack};

/// Events of the demo shop.
const DEMO_EVENTS: u64 = 20_000;

/// Bytes of a saved report at most.
const LARGEST_REPORT: f64 = 64e6;

impl AppState {
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
            // What is wrong with the rest of the address stays to be read.
            let notice = self.notice.get_untracked();
            self.open_link(address);
            self.notice.set(notice);
        } else if !hash.is_empty() {
            self.lost.set(Some((self.route.with_untracked(|route| route.view), browser::last_file())));
        }
    }

    /// Opens dropped or chosen files: several are one data set, in the order of their names.
    pub fn open_files(self, mut files: Vec<File>) {
        sort_by_key(&mut files, File::name);
        self.open_in_order(files);
    }

    /// Opens what was dropped: the files in a folder are one data set, in the order of their paths.
    pub fn open_dropped(self, dropped: Dropped) {
        if !dropped.has_folder() {
            return self.open_files(dropped.files);
        }
        let turn = self.turn.get_value();
        spawn_local(async move {
            let files = dropped.into_files().await;
            match files.is_empty() {
                _ if !self.is_current(turn) => {}
                true => self
                    .notice
                    .set(Some("The folder holds no files. Drop the folder that the events files are in.".into())),
                false => self.open_in_order(files),
            }
        });
    }

    fn open_in_order(self, files: Vec<File>) {
        let name = match files.as_slice() {
            [] => return,
            [one] => one.name(),
            several => format!("{} files", several.len()),
        };
        // A report leaves what is open as it is: it is looked at, and left again.
        if let [file] = files.as_slice()
            && may_be_report(file)
        {
            let turn = self.turn.get_value();
            spawn_local(async move {
                let summary = match self.worker_program().await {
                    Ok(program) => ask::summary(&program, &files[0]).await.ok().flatten(),
                    Err(_) => None,
                };
                match summary {
                    Some(summary) if self.is_current(turn) => self.show_report(summary),
                    None if self.is_current(turn) => self.read_files(files, name),
                    _ => {}
                }
            });
        } else {
            self.read_files(files, name);
        }
    }

    fn read_files(self, files: Vec<File>, name: String) {
        // The file that the address was for, and the first one of a link from somebody else, show what it says.
        let awaited = self
            .lost
            .with_untracked(|lost| lost.as_ref().is_some_and(|(_, of)| of.as_ref().is_none_or(|of| *of == name)));
        self.begin_another(name, "Reading");
        if !awaited {
            self.forget_sessions();
        }
        self.where_from.set("Nothing was uploaded");
        self.open_link.set_value(None);
        self.write_address();
        let turn = self.turn.get_value();
        spawn_local(async move { self.analyse(files, turn).await });
    }

    /// Shows what a saved report says. Results that are open stay behind it: going back shows them again.
    fn show_report(self, summary: Summary) {
        let open = self.stage.get_untracked() == Stage::Ready;
        if !open {
            self.end();
        }
        self.stage.set(Stage::Saved(Arc::new(summary)));
        if open {
            self.enter_anew();
        }
    }

    /// Shows the results again that are behind a saved report, or a choice of fields.
    pub fn back_to_results(self) {
        if matches!(self.stage.get_untracked(), Stage::Saved(_) | Stage::Choosing)
            && self.document.with_untracked(Option::is_some)
        {
            self.stage.set(Stage::Ready);
        }
    }

    /// Fetches a file by its address and opens it.
    pub fn open_link(self, address: String) {
        self.begin_another(address.clone(), "Downloading");
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
        self.begin_another("demo shop".into(), "Generating");
        self.forget_sessions();
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
        let open = self.document.with_untracked(Option::is_some);
        self.leave_shown();
        self.end();
        self.forget_recognised();
        self.open_link.set_value(None);
        self.route.set(Route::default());
        browser::keep_last_file(None);
        let default = self.settings.with_untracked(|now| *now == Settings::default());
        let hash =
            if default { String::new() } else { self.settings.with_untracked(|now| Route::default().write(now)) };
        // Going back opens it again.
        if open {
            self.new_entry();
            route::push(None, &hash, self.entry.get_value());
        } else {
            route::replace(None, &hash, self.entry.get_value());
        }
        self.stage.set(Stage::Idle);
    }

    /// Something else is opened: over results it is an entry of its own, so that going back leads to them.
    fn begin_another(self, name: String, verb: &'static str) {
        let open = self.document.with_untracked(Option::is_some);
        self.begin(name, verb);
        if open {
            self.enter_anew();
        }
    }

    pub(super) fn begin(self, name: String, verb: &'static str) {
        self.leave_shown();
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
        for program in [self.program, self.columns_program] {
            program.with_value(|program| program.iter().for_each(|program| program.painter.end()));
        }
        self.files.set_value(Vec::new());
        self.choosable.set_value(false);
        self.reader.set_value(None);
        self.choosing.set(None);
        self.emptied.set(None);
        self.before_switch.set(None);
        self.return_focus.set_value(None);
        self.document.set(None);
        self.recomputing.set(false);
        self.rows.set(None);
        self.listed.set(None);
        self.exporting.set(None);
        self.notice.set(None);
        self.said.set(None);
        self.lost.set(None);
        self.known.set(HashMap::new());
        self.board.set(None);
    }

    pub(super) fn is_current(self, turn: u32) -> bool {
        self.turn.get_value() == turn
    }

    pub(super) fn fail(self, message: String) {
        self.fail_with(message, Vec::new(), false);
    }

    /// As [`AppState::fail`]; the files may be read under other settings, or by other fields.
    pub(super) fn fail_with(self, message: String, files: Vec<File>, choosable: bool) {
        self.end();
        self.files.set_value(files);
        self.choosable.set_value(choosable);
        self.stage.set(Stage::Failed(message));
    }

    pub(super) async fn worker_program(self) -> Result<WorkerProgram, JsValue> {
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

    async fn columns_program(self) -> Result<WorkerProgram, JsValue> {
        if let Some(program) = self.columns_program.get_value() {
            return Ok(program);
        }
        let program = assets::columns_program().await?;
        self.columns_program.set_value(Some(program.clone()));
        Ok(program)
    }

    /// The files, with those that are packed unpacked, and what they are. An error is a sentence for people.
    pub(super) async fn prepare(
        self,
        program: &WorkerProgram,
        files: Vec<File>,
        turn: u32,
    ) -> Result<Prepared, String> {
        let mut files = files;
        // Those that cannot be unpacked, by their places.
        let mut damaged: BTreeMap<usize, FileProblem> = BTreeMap::new();
        let mut layers = 0;
        loop {
            let settings = self.settings.get_untracked();
            let broken = |error: JsValue| describe(&error);
            let leave_out = |mut forms: Forms| {
                damaged.iter().for_each(|(file, problem)| forms.set_problem(*file, problem.clone()));
                forms
            };
            let forms = leave_out(ask::recognise(program, &files, settings.clone()).await.map_err(broken)?);
            if forms.packings.iter().all(Option::is_none)
                && forms.containers.iter().any(|container| matches!(container, Container::Columns(_)))
            {
                program.waiting.end();
                let program = self.columns_program().await.map_err(broken)?;
                let forms = ask::recognise(&program, &files, settings).await.map_err(|error| {
                    // The libraries stop at some damaged bytes, and their worker with them.
                    let stopped = error.as_string().is_some_and(|said| said.contains("stopped"));
                    if stopped {
                        FileProblem::Damaged { what: "Parquet or Arrow".into() }.to_string()
                    } else {
                        broken(error)
                    }
                })?;
                return Ok(Prepared { program, files, forms: leave_out(forms) });
            }
            layers += 1;
            if layers > MAX_LAYERS || forms.packings.iter().all(Option::is_none) {
                return Ok(Prepared { program: program.clone(), files, forms });
            }
            let several = files.len() > 1;
            let (mut unpacked, mut still_damaged) = (Vec::new(), BTreeMap::new());
            for (at, (file, packing)) in files.into_iter().zip(forms.packings).enumerate() {
                let Some(packing) = packing else {
                    still_damaged.extend(damaged.remove(&at).map(|problem| (unpacked.len(), problem)));
                    unpacked.push(file);
                    continue;
                };
                match self.unpack(program, &file, packing, several, turn).await? {
                    Ok(files) => unpacked.extend(files),
                    Err(problem) if several => {
                        still_damaged.insert(unpacked.len(), problem);
                        unpacked.push(file);
                    }
                    Err(problem) => return Err(problem.to_string()),
                }
            }
            (files, damaged) = (unpacked, still_damaged);
        }
    }

    async fn unpack(
        self,
        program: &WorkerProgram,
        file: &File,
        packing: Packing,
        several: bool,
        turn: u32,
    ) -> Result<Result<Vec<File>, FileProblem>, String> {
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
        let result = unpack::unpacked(program, file, packing, progress).await;
        result.map_err(|problem| match several {
            true => format!("{}: {problem}", shown(&file.name())),
            false => problem,
        })
    }
}

/// Files that can be analysed.
pub(super) struct Prepared {
    /// Whose workers read them.
    pub program: WorkerProgram,
    pub files: Vec<File>,
    pub forms: Forms,
}

impl Prepared {
    /// The file by which all are read.
    pub fn leading(&self) -> Option<&File> {
        self.files.get(self.forms.leading)
    }
}

fn may_be_report(file: &File) -> bool {
    let name = file.name().to_lowercase();
    (name.ends_with(".html") || name.ends_with(".htm")) && file.size() <= LARGEST_REPORT
}

pub(super) fn describe(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    let message = message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser gave no reason".into());
    format!("Footpath could not start its workers: {message}. Reload the page.")
}
