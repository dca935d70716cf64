//! The address bar and the browser's history: what they say is shown, and what is shown they say.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::window;

use super::{AppState, Stage, now};
use crate::analysis::session_table::SessionSort;
use crate::settings::{Settings, form};
use crate::ui::browser;
use crate::ui::route::{self, Route, View};

impl AppState {
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
        self.back_to_results();
        self.back_to_last();
        match route::entry() {
            Some(entry) => {
                self.entry.set_value(entry);
                self.return_to.set_value(self.scrolls.with_value(|scrolls| scrolls.get(&entry.to_bits()).copied()));
                self.show(Route::read(&route::hash()).route);
                self.write_address();
            }
            None => {
                self.entry.set_value(new_entry());
                self.return_to.set_value(self.left_table(&Route::read(&route::hash()).route));
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
        let table = self
            .route
            .with_untracked(|left| (left.view == View::Sessions && left.open.is_none()).then(|| left.clone()));
        if let Some(table) = table {
            self.table_left.set_value(Some((table, browser::scrolled())));
        }
    }

    /// How far the table of sessions was scrolled when one of its sessions was opened, for whoever comes back to it by
    /// the session's link.
    fn left_table(self, to: &Route) -> Option<f64> {
        let from_its_session =
            self.route.with_untracked(|from| from.open.is_some() && Route { open: None, ..from.clone() } == *to);
        let left = self.table_left.with_value(|left| left.as_ref().filter(|(table, _)| table == to).map(|(_, y)| *y));
        left.filter(|_| from_its_session)
    }

    fn show(self, route: Route) {
        // It was about what is left now.
        self.notice.set(None);
        if self.route.with_untracked(|now| *now != route) {
            self.said.set(None);
            self.route.set(route);
        }
    }

    fn read_address(self) {
        let read = Route::read(&route::hash());
        let difference = read.settings.unwrap_or_default();
        let mut refused = read.problem;
        if difference != self.settings.with_untracked(Settings::difference) {
            let settings =
                if difference.is_empty() { Ok(Settings::default()) } else { Settings::from_json(&difference) };
            match settings {
                Ok(settings) => self.analyse_under(settings),
                Err(error) => {
                    refused = Some(format!(
                        "The address could not be used: the settings are not valid: {}.",
                        form::in_words(&error)
                    ))
                }
            }
        }
        self.show(read.route);
        if refused.is_some() {
            self.said.set(None);
            self.notice.set(refused);
        }
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

    /// Sorts the table of sessions.
    pub fn sort_by(self, sort: (SessionSort, bool)) {
        self.route.update(|route| route.sort = sort);
        self.write_address();
    }

    /// Orders the classes of anomaly.
    pub fn order(self, most_first: bool) {
        self.route.update(|route| route.most_first = most_first);
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

    pub(super) fn write_address(self) {
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
    pub(super) fn enter(self) {
        if !route::hash().is_empty() {
            return self.write_address();
        }
        self.enter_anew();
    }

    /// The page goes on to another entry.
    pub(super) fn new_entry(self) {
        self.leave_entry();
        self.entry.set_value(new_entry());
    }

    /// What is shown now is an entry of its own.
    pub(super) fn enter_anew(self) {
        self.new_entry();
        let entry = self.entry.get_value();
        self.open_link.with_value(|link| route::push(link.as_deref(), &self.hash(), entry));
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
}

/// A number that no entry of the browser's history has, even after the page is loaded anew.
pub(super) fn new_entry() -> f64 {
    now() + js_sys::Math::random()
}
