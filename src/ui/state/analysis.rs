//! The analysis: starting it, what is asked of it, and what it answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::files::{Prepared, describe};
use super::{AppState, Stage, now};
use crate::analysis::session_table::SessionQuery;
use crate::charts::options::{Colours, Picture};
use crate::engine::{Export, Outcome};
use crate::ingest::FileProblem;
use crate::ingest::form::Recognised;
use crate::report::Document;
use crate::settings::{Goal, Mapping, Settings};
use crate::ui::{PAINTED, browser};
use crate::web::file_bytes::unreadable;
use crate::web::message::JsBuffer;
use crate::web::pool::Analysis;
use crate::web::{ask, download};

/// Milliseconds between two times that progress is shown.
const PROGRESS_MS: f64 = 125.0;

impl AppState {
    /// Sets the settings: results are computed again at once, and the address carries them.
    pub fn set_settings(self, settings: Settings) {
        if self.settings.with_untracked(|now| *now == settings) {
            return;
        }
        self.analyse_under(settings);
        self.write_address();
    }

    /// Counts repaired records, or leaves them out.
    pub fn count_repaired(self, count: bool) {
        self.before_switch.set(self.document.with_untracked(|document| document.as_deref().map(Document::figures)));
        self.keep_focus();
        let mut settings = self.settings.get_untracked();
        settings.salvage = count;
        self.set_settings(settings);
    }

    /// Sets all settings at once: a preset, an import, a reset.
    pub fn replace_settings(self, settings: Settings) {
        self.set_settings(settings);
        self.other_goal.set_value(None);
        self.all_set.update(|n| *n += 1);
    }

    /// What the last file was recognised as does not hold for the next.
    pub(super) fn forget_recognised(self) {
        if let Some(last) = self.recognised.get_untracked() {
            self.settings.update(|settings| last.without(settings));
            self.recognised.set(None);
        }
    }

    pub(super) fn analyse_under(self, mut settings: Settings) {
        // Settings that say nothing of the file's fields and goal leave them as they were recognised.
        if let Some(recognised) = self.recognised.get_untracked() {
            recognised.complete(&mut settings);
        }
        let read_already = self.settings.with_untracked(|now| now.read_alike(&settings));
        // Without a mapping of their own files are what they are.
        let anew = !read_already && settings.mapping == Mapping::default();
        self.settings.set(settings.clone());
        let ready = match self.stage.get_untracked() {
            Stage::Ready => true,
            // Results are open behind it, and are shown again.
            Stage::Saved(_) if self.analysis.with_value(Option::is_some) => true,
            // What is still being fetched will be analysed under these settings anyway.
            Stage::Loading if self.analysis.with_value(Option::is_some) => false,
            Stage::Failed(_) if self.files.with_value(|files| !files.is_empty()) => false,
            _ => return,
        };
        let failed = matches!(self.stage.get_untracked(), Stage::Failed(_));
        self.board.set(None);
        if read_already && !failed {
            self.recomputing.set(ready);
            self.analysis.with_value(|analysis| {
                if let Some(analysis) = analysis {
                    analysis.again(settings);
                }
            });
        } else {
            let (focused, scrolled) = (browser::focused_id(), browser::scrolled());
            self.read_again(anew);
            self.return_focus.set_value(focused);
            self.return_to.set_value(Some(scrolled));
        }
    }

    /// Reads the open files again, as the settings say or as what they are recognised as.
    pub(super) fn read_again(self, recognise: bool) {
        let files = self.files.get_value();
        let (name, from) =
            (self.loading.with_untracked(|loading| loading.name.clone()), self.where_from.get_untracked());
        self.begin(name, "Reading");
        self.where_from.set(from);
        let turn = self.turn.get_value();
        spawn_local(async move { self.analyse_as(files, turn, recognise).await });
    }

    /// Analyses files that have just been opened: as which layout, their fields tell.
    pub(super) async fn analyse(self, files: Vec<File>, turn: u32) {
        self.analyse_as(files, turn, true).await;
    }

    /// Analyses files as the settings say, or first recognises what they are.
    pub(super) async fn analyse_as(self, files: Vec<File>, turn: u32, recognise: bool) {
        let program = self.worker_program().await;
        if recognise && self.is_current(turn) {
            self.forget_recognised();
        }
        let prepared = match &program {
            Ok(program) => self.prepare(program, files, turn).await,
            Err(error) => Err(describe(error)),
        };
        if !self.is_current(turn) {
            // Who was asked what the files are would wait for an analysis that does not come.
            let programs = program.iter().chain(prepared.iter().map(|prepared| &prepared.program));
            programs.for_each(|program| program.waiting.end());
            return;
        }
        let mut prepared = match prepared {
            Ok(prepared) => prepared,
            Err(problem) => return self.fail(problem),
        };
        if recognise && let Some(proposal) = prepared.forms.proposal.take() {
            let goal = proposal.preview.goal.clone();
            let Some(mapping) = self.choose(&prepared, proposal).await else { return };
            if !self.is_current(turn) {
                return;
            }
            prepared.forms.recognised = Ok(Some(Recognised { mapping, goal }));
        }
        let Prepared { program, files, forms } = prepared;
        // One that was removed since has no size either, and only reading it tells.
        for file in files.iter().filter(|file| file.size() == 0.0) {
            if let Err(error) = JsFuture::from(file.array_buffer()).await {
                return self.fail(unreadable(error).to_string());
            }
        }
        if !self.is_current(turn) {
            return;
        }
        if recognise {
            match forms.recognised.clone() {
                Ok(Some(recognised)) => {
                    // A goal that came with fields that this file does not have was for another file.
                    let other = self.settings.with_untracked(|now| {
                        now.mapping != Mapping::default() && !now.mapping.is_alike(&recognised.mapping)
                    });
                    if other {
                        self.settings.update(|settings| settings.goal = Goal::default());
                    }
                    self.take_over(recognised);
                }
                Ok(None) => self.recognised.set(None),
                Err(problem) => return self.fail(problem.to_string()),
            }
        }
        self.files.set_value(files.clone());
        let settings = self.settings.get_untracked();
        let (files, left_out) = match forms.part(files, File::name, &settings.mapping) {
            Ok(parted) => parted,
            Err(problem) => return self.fail(problem.to_string()),
        };
        let size = files.iter().map(|(file, _)| file.size()).sum();
        self.loading.update(|loading| {
            loading.verb = "Reading";
            loading.since = now();
            loading.bytes = 0.0;
            loading.of = Some(size);
        });
        let tell = move |outcome| self.hear(turn, outcome);
        let started = Analysis::start(&program, &files, left_out, settings, tell);
        match started {
            // An empty file has failed already.
            Ok(analysis) if self.is_current(turn) => self.analysis.set_value(Some(analysis)),
            Ok(_) => {}
            Err(error) => self.fail(describe(&error)),
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

    /// Asks for a session's events; they arrive in [`AppState::board`].
    pub fn open_session(self, user: String, session: String) {
        self.asked.set_value(Some((user.clone(), session.clone())));
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis {
                analysis.storyboard(user, session);
            }
        });
    }

    /// The options of a chart, made by a worker.
    pub async fn draw(self, picture: Picture, colours: Colours) -> Result<String, JsValue> {
        let program = self.worker_program().await?;
        program.painter.options(&program, picture, colours).await
    }

    /// Closes the session that is open.
    pub fn close_session(self) {
        self.asked.set_value(None);
        self.board.set(None);
    }

    /// Shows results.
    fn show_results(self, document: Box<Document>) {
        // Results of settings that were changed meanwhile are passed over.
        if self.settings.with_untracked(|settings| *settings != document.settings) {
            return;
        }
        self.recomputing.set(false);
        self.rows.set(None);
        self.listed.set(None);
        self.known.set(HashMap::new());
        browser::keep_last_file(Some(&document.source.name));
        self.document.set(Some(Arc::from(document)));
        self.keep_shown();
        if self.stage.get_untracked() != Stage::Ready {
            self.stage.set(Stage::Ready);
            self.enter();
        }
        if self.will_focus() {
            // Once they have been painted.
            let back = move || {
                if let Some(id) = self.return_focus.try_update_value(Option::take).flatten() {
                    browser::focus_id(&id);
                }
            };
            set_timeout(back, PAINTED);
        }
    }

    fn hear(self, turn: u32, outcome: Outcome<JsBuffer>) {
        if !self.is_current(turn) {
            return;
        }
        match outcome {
            Outcome::Progress(so_far) => {
                // Each time that it is shown takes processor time from reading.
                let bytes = so_far.bytes as f64;
                let due = self.loading.with_untracked(|loading| {
                    now() - loading.shown >= PROGRESS_MS || loading.events == 0 || loading.of == Some(bytes)
                });
                if due {
                    self.loading.update(|loading| {
                        (loading.bytes, loading.events, loading.shown) = (bytes, so_far.events, now());
                    });
                }
            }
            // In a task of its own: reading the message has kept the page busy already.
            Outcome::Counted(document) | Outcome::Done(document) => {
                let show = move || {
                    if self.is_current(turn) {
                        let pending = !document.pending.is_empty();
                        self.show_results(document);
                        if pending {
                            set_timeout(move || self.go_on(turn), PAINTED);
                        }
                    }
                };
                set_timeout(show, Duration::ZERO);
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
                    // Other settings may give results.
                    let files = self.files.get_value();
                    let choosable = matches!(problem, FileProblem::NoEvents { .. } | FileProblem::OnlySetAside { .. });
                    self.fail_with(problem.to_string(), files, choosable);
                }
            }),
        }
    }

    /// Has what is pending computed.
    fn go_on(self, turn: u32) {
        self.analysis.with_value(|analysis| {
            if let Some(analysis) = analysis.as_ref().filter(|_| self.is_current(turn)) {
                analysis.go_on();
            }
        });
    }

    pub fn save_report(self) {
        self.export(Export::Html);
    }

    pub fn download_json(self) {
        self.export(Export::Json);
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

    /// Saves the rejected lines as they stand in the files.
    pub fn save_rejected(self) {
        let Some(document) = self.document.get_untracked() else { return };
        let (files, turn, settings) = (self.files.get_value(), self.turn.get_value(), self.settings.get_untracked());
        spawn_local(async move {
            let read = async {
                let program = self.worker_program().await.map_err(|error| describe(&error))?;
                let prepared = self.prepare(&program, files, turn).await?;
                let mut pieces = Vec::new();
                let parted = prepared.forms.part(prepared.files, File::name, &settings.mapping);
                let (files, _) = parted.map_err(|problem| problem.to_string())?;
                for (file, container) in files {
                    let found = ask::rejected(&prepared.program, &file, container, settings.clone()).await;
                    pieces.extend(found.map_err(|error| error.as_string().unwrap_or_default())?);
                }
                let name = &document.source.name;
                let (stem, ending) = name.rsplit_once('.').unwrap_or((name.as_str(), "txt"));
                let pieces: Vec<&js_sys::ArrayBuffer> = pieces.iter().map(|piece| &piece.0).collect();
                download::save(&pieces, &format!("{stem}-rejected.{ending}"), "text/plain")
                    .map_err(|_| "The browser did not save the file. Check whether it blocks downloads.".to_string())
            };
            match read.await {
                _ if !self.is_current(turn) => {}
                Ok(()) => self.said.set(Some("The rejected lines are in your browser’s downloads.")),
                Err(problem) => self.notice.set(Some(problem)),
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
        match download::save(&[&bytes.0], &format!("{stem}-footpath.{ending}"), media_type) {
            Ok(()) => self.said.set(Some(match what {
                Export::Json => "The JSON is in your browser’s downloads.",
                Export::Html => "The report is in your browser’s downloads. It opens in any browser, without Footpath.",
            })),
            Err(_) => {
                self.notice.set(Some("The browser did not save the file. Check whether it blocks downloads.".into()));
            }
        }
    }
}
