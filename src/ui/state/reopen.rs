//! What was open before something else was opened over it: where that cannot be read, or is not what was meant, the
//! results from before are a click away.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::{AppState, Stage};
use crate::ingest::form::Recognised;
use crate::settings::Settings;
use crate::ui::route::{self, Route};

/// Files whose results were shown, and how. Files are read again: results take memory that the next ones need.
#[derive(Clone)]
pub(super) struct LastShown {
    name: String,
    files: Vec<File>,
    where_from: &'static str,
    link: Option<String>,
    settings: Settings,
    recognised: Option<Recognised>,
    route: Route,
}

impl AppState {
    /// Remembers that the results of the open files are shown.
    pub(super) fn keep_shown(self) {
        let link = self.open_link.get_value();
        self.last_shown.set_value(Some(LastShown {
            name: self.loading.with_untracked(|loading| loading.name.clone()),
            // What was fetched is fetched again.
            files: if link.is_some() { Vec::new() } else { self.files.get_value() },
            where_from: self.where_from.get_untracked(),
            link,
            settings: self.settings.get_untracked(),
            recognised: self.recognised.get_untracked(),
            route: Route::default(),
        }));
    }

    /// Something else begins: what is shown until then would be shown again in this view.
    pub(super) fn leave_shown(self) {
        if self.document.with_untracked(Option::is_some) {
            let route = self.route.get_untracked();
            self.last_shown.update_value(|last| last.iter_mut().for_each(|last| last.route = route.clone()));
        }
    }

    /// The name of what was open before, if nothing is open now.
    pub fn last_shown(self) -> Option<String> {
        match self.document.with_untracked(Option::is_some) {
            true => None,
            false => self.last_shown.with_value(|last| last.as_ref().map(|last| last.name.clone())),
        }
    }

    /// Opens again what was open before, in the view in which it was left.
    pub fn reopen(self) {
        let Some(last) = self.last_shown.get_value() else { return };
        self.begin(last.name, "Reading");
        self.where_from.set(last.where_from);
        self.recognised.set(last.recognised);
        self.settings.set(last.settings);
        self.all_set.update(|n| *n += 1);
        self.route.set(last.route);
        if let Some(address) = last.link {
            return self.open_link(address);
        }
        self.open_link.set_value(None);
        self.write_address();
        let turn = self.turn.get_value();
        spawn_local(async move { self.analyse_as(last.files, turn, false).await });
    }

    /// Going back from what could not be opened, or from the opening page, leads to what was open before, in the view that the address names.
    pub(super) fn back_to_last(self) {
        if matches!(self.stage.get_untracked(), Stage::Choosing | Stage::Failed(_) | Stage::Idle)
            && self.last_shown().is_some()
        {
            let route = Route::read(&route::hash()).route;
            self.last_shown.update_value(|last| last.iter_mut().for_each(|last| last.route = route.clone()));
            self.reopen();
        }
    }
}
