//! What the page is doing, and what can be done with it: one file for opening and closing files, one for the
//! address bar and the browser's history, one for the analysis and its answers.

mod address;
mod analysis;
mod choosing;
mod files;
mod reopen;

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{AbortController, File};

use crate::analysis::session_table::{SessionFilter, SessionRow, SessionRows};
use crate::engine::{Export, Storyboard};
use crate::ingest::form::Recognised;
use crate::ingest::forms::Proposal;
use crate::report::Document;
use crate::report::summary::Summary;
use crate::settings::{Goal, Role, Settings};
use crate::ui::route::{Route, View};
use crate::ui::{browser, warm_up};
use crate::web::assets::WorkerProgram;
use crate::web::pool::Analysis;

/// The public sample.
const SAMPLE: &str = "https://s3.eu-central-1.amazonaws.com/public.prod.usetandem.ai/sessions.json";

/// What the page shows.
#[derive(Clone, PartialEq)]
pub enum Stage {
    Idle,
    Loading,
    /// Somebody chooses which field plays which role.
    Choosing,
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
    /// When events were last shown.
    pub shown: f64,
}

/// What a table of sessions listed.
#[derive(Clone, PartialEq)]
pub struct Listed {
    pub filter: SessionFilter,
    pub search: String,
    /// How many sessions fit; the table may show fewer.
    pub total: u64,
    /// User and id of each.
    pub sessions: Vec<(String, String)>,
}

impl Listed {
    pub fn of(filter: &SessionFilter, search: &str, rows: &SessionRows) -> Listed {
        Listed {
            filter: filter.clone(),
            search: search.to_string(),
            total: rows.total,
            sessions: rows.rows.iter().map(|row| (row.user.clone(), row.session.clone())).collect(),
        }
    }

    /// It is the table of this filter and search.
    pub fn is_of(&self, filter: &SessionFilter, search: &str) -> bool {
        self.filter == *filter && self.search == search
    }
}

/// The page's state. Copies share it.
#[derive(Clone, Copy)]
pub struct AppState {
    pub stage: RwSignal<Stage>,
    /// The results, once there are any.
    pub document: RwSignal<Option<Arc<Document>>>,
    /// What the analysis goes by.
    pub settings: RwSignal<Settings>,
    /// What the open file was recognised as, if it was.
    pub recognised: RwSignal<Option<Recognised>>,
    /// Which field plays which role, while somebody chooses.
    pub choosing: RwSignal<Option<Proposal>>,
    /// The role that lost its field to another one, while somebody chooses.
    pub emptied: RwSignal<Option<Role>>,
    /// The figures before repaired records were left out or taken in again.
    pub before_switch: RwSignal<Option<[u64; 4]>>,
    /// An analysis under other settings is under way.
    pub recomputing: RwSignal<bool>,
    /// Which view is shown, and of what.
    pub route: RwSignal<Route>,
    /// The sessions that were asked for last.
    pub rows: RwSignal<Option<SessionRows>>,
    /// The sessions that the table showed last, in its order.
    pub listed: RwSignal<Option<Listed>>,
    pub loading: RwSignal<Loading>,
    /// The address in the link field; one that failed stays, to be corrected.
    pub link: RwSignal<String>,
    /// The session that is open, event by event.
    pub board: RwSignal<Option<Storyboard>>,
    /// The title of the list in which it was opened: other lists may have it too.
    pub opened_in: RwSignal<String>,
    /// What is being written, while it waits for the file's hash.
    pub exporting: RwSignal<Option<Export>>,
    /// The goal of the kind that is not chosen, as it was last.
    pub other_goal: StoredValue<Option<Goal>>,
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
    /// The file that could not be read has records, whose fields somebody may choose.
    choosable: StoredValue<bool>,
    /// What was shown last, to be opened again.
    last_shown: StoredValue<Option<reopen::LastShown>, LocalStorage>,
    /// The link that is open, if one is.
    open_link: StoredValue<Option<String>>,
    /// The number of the entry in the browser's history at which the page is.
    entry: StoredValue<f64>,
    /// How far each entry was scrolled when it was left, by its number's bits.
    scrolls: StoredValue<HashMap<u64, f64>>,
    /// The table of sessions that was left last, and how far it was scrolled.
    table_left: StoredValue<Option<(Route, f64)>>,
    /// The id of the element that has the keyboard again once the results are there.
    return_focus: StoredValue<Option<String>>,
    /// Of which table of sessions more rows were asked for, by filter and search, and how many.
    more_rows: StoredValue<Option<(SessionFilter, String, u32)>>,
    /// How far the entry that is shown again was scrolled.
    return_to: StoredValue<Option<f64>>,
    analysis: StoredValue<Option<Analysis>, LocalStorage>,
    program: StoredValue<Option<WorkerProgram>, LocalStorage>,
    /// The one that reads files of columns, once such a file has come.
    columns_program: StoredValue<Option<WorkerProgram>, LocalStorage>,
    /// The file that somebody chooses fields of, and whose workers read it.
    reader: StoredValue<Option<(WorkerProgram, File)>, LocalStorage>,
    abort: StoredValue<Option<AbortController>, LocalStorage>,
    /// Goes up with everything that is opened or closed, so that news of earlier files are passed over.
    turn: StoredValue<u32>,
}

impl AppState {
    /// Nothing is open, and nothing goes on.
    pub fn blank() -> AppState {
        AppState {
            stage: RwSignal::new(Stage::Idle),
            document: RwSignal::new(None),
            settings: RwSignal::new(Settings::default()),
            recognised: RwSignal::new(None),
            choosing: RwSignal::new(None),
            emptied: RwSignal::new(None),
            before_switch: RwSignal::new(None),
            recomputing: RwSignal::new(false),
            route: RwSignal::new(Route::default()),
            rows: RwSignal::new(None),
            listed: RwSignal::new(None),
            loading: RwSignal::new(Loading::default()),
            link: RwSignal::new(SAMPLE.into()),
            board: RwSignal::new(None),
            opened_in: RwSignal::new(String::new()),
            exporting: RwSignal::new(None),
            other_goal: StoredValue::new(None),
            all_set: RwSignal::new(0),
            notice: RwSignal::new(None),
            said: RwSignal::new(None),
            lost: RwSignal::new(None),
            known: RwSignal::new(HashMap::new()),
            copied: RwSignal::new(false),
            where_from: RwSignal::new(""),
            asked: StoredValue::new(None),
            files: StoredValue::new_local(Vec::new()),
            choosable: StoredValue::new(false),
            last_shown: StoredValue::new_local(None),
            open_link: StoredValue::new(None),
            entry: StoredValue::new(address::new_entry()),
            scrolls: StoredValue::new(HashMap::new()),
            table_left: StoredValue::new(None),
            return_focus: StoredValue::new(None),
            more_rows: StoredValue::new(None),
            return_to: StoredValue::new(None),
            analysis: StoredValue::new_local(None),
            program: StoredValue::new_local(None),
            columns_program: StoredValue::new_local(None),
            reader: StoredValue::new_local(None),
            abort: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        }
    }

    /// The settings without what the open file was recognised as: what somebody chose.
    pub fn chosen_settings(self) -> Settings {
        let mut settings = self.settings.get();
        if let Some(recognised) = self.recognised.get() {
            recognised.without(&mut settings);
        }
        settings
    }

    /// The keyboard stays where it is, though what shows the results is drawn again with the next ones.
    pub fn keep_focus(self) {
        self.return_focus.set_value(browser::focused_id());
    }

    /// The keyboard goes back to an element once the results are there.
    pub fn will_focus(self) -> bool {
        self.return_focus.with_value(Option::is_some)
    }

    /// Remembers how many rows a table of sessions shows, for whoever comes back to it.
    pub fn keep_more_rows(self, filter: SessionFilter, search: String, rows: u32) {
        self.more_rows.set_value(Some((filter, search, rows)));
    }

    /// How many rows this table of sessions showed, if more than at first.
    pub fn more_rows(self, filter: &SessionFilter, search: &str) -> Option<u32> {
        let of_table =
            |(of, sought, rows): &(SessionFilter, String, u32)| (of == filter && sought == search).then_some(*rows);
        self.more_rows.with_value(|more| more.as_ref().and_then(of_table))
    }

    pub fn new() -> AppState {
        let app = AppState::blank();
        // Fetched while the visitor reads, so that it is there when a file is dropped. A failure shows then.
        spawn_local(async move {
            // Where that fails, whoever opens a file hears of it.
            if let Ok(program) = app.worker_program().await
                && app.stage.with_untracked(|stage| *stage == Stage::Idle)
            {
                let _ = program.waiting.prepare(&program, warm_up::draw_unseen);
            }
        });
        app
    }
}

/// Milliseconds of the page's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}
