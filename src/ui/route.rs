//! The address bar: which view, which sessions, which settings. It survives reload, back and forward, and a copy
//! of it opens the same.

use wasm_bindgen::JsValue;
use web_sys::{UrlSearchParams, window};

use crate::analysis::session_table::{SessionFilter, SessionSort};
use crate::findings::Class;
use crate::settings::Settings;

/// The views, by the words the navigation has for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Findings,
    Flows,
    Funnel,
    Anomalies,
    Sessions,
    Compare,
    Data,
    Settings,
    Method,
}

impl View {
    pub const ALL: [View; 9] = [
        View::Findings,
        View::Flows,
        View::Funnel,
        View::Anomalies,
        View::Sessions,
        View::Compare,
        View::Data,
        View::Settings,
        View::Method,
    ];

    pub fn name(self) -> &'static str {
        match self {
            View::Findings => "Findings",
            View::Flows => "Flows",
            View::Funnel => "Funnel",
            View::Anomalies => "Anomalies",
            View::Sessions => "Sessions",
            View::Compare => "Compare",
            View::Data => "Data",
            View::Settings => "Settings",
            View::Method => "Method",
        }
    }

    fn slug(self) -> String {
        self.name().to_lowercase()
    }
}

/// What the part of the address behind `#` says, but for the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    pub view: View,
    /// Which sessions the table shows.
    pub filter: SessionFilter,
    /// User and id of the session that is open.
    pub open: Option<(String, String)>,
    /// The class of anomaly that is shown alone, by its slug.
    pub class: Option<String>,
    /// What the sessions of the table have to hold; may be empty.
    pub search: String,
    /// By what the table is sorted, and whether the other way round.
    pub sort: (SessionSort, bool),
    /// The classes of anomaly with the most sessions come first.
    pub most_first: bool,
}

/// Orders of the table of sessions, as the address calls them.
const SORTS: [(SessionSort, &str); 4] = [
    (SessionSort::Start, "start"),
    (SessionSort::Duration, "duration"),
    (SessionSort::Events, "events"),
    (SessionSort::Errors, "errors"),
];

/// What an address says.
pub struct Read {
    pub route: Route,
    /// What differs from the default settings, as JSON.
    pub settings: Option<String>,
    /// What of it has no meaning, and what is shown instead.
    pub problem: Option<String>,
}

impl Route {
    pub fn to(view: View) -> Route {
        Route { view, ..Route::default() }
    }

    /// The table of the sessions that fit.
    pub fn sessions(filter: SessionFilter) -> Route {
        Route { view: View::Sessions, filter, ..Route::default() }
    }

    /// One session.
    pub fn session(user: &str, session: &str) -> Route {
        Route { view: View::Sessions, open: Some((user.into(), session.into())), ..Route::default() }
    }

    /// Reads the part of the address behind `#`.
    pub fn read(hash: &str) -> Read {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (slug, query) = hash.split_once('?').unwrap_or((hash, ""));
        let query = UrlSearchParams::new_with_str(query).ok();
        let get = |name: &str| query.as_ref().and_then(|query| query.get(name));
        let mut problem = None;
        let mut not_known = |what: &str, instead: &str| {
            problem = Some(format!("The address names {what} that Footpath does not know. {instead}"));
        };
        let view = View::ALL.into_iter().find(|view| view.slug() == slug);
        if view.is_none() && !slug.is_empty() {
            not_known("a view", "These are the findings.");
        }
        let filter = get("filter").map(|json| serde_json::from_str(&json));
        if matches!(filter, Some(Err(_))) {
            not_known("a choice of sessions", "These are all sessions.");
        }
        let is_class = |slug: &String| Class::ALL.iter().any(|class| class.is_anomaly() && class.slug() == slug);
        let class = get("class");
        if class.as_ref().is_some_and(|slug| !is_class(slug)) {
            not_known("a class of anomaly", "These are all classes.");
        }
        let sort = get("sort").unwrap_or_default();
        let by = sort.trim_start_matches('-');
        if !by.is_empty() && !SORTS.iter().any(|(_, name)| *name == by) {
            not_known("an order of sessions", "They stand in the order in which they begin.");
        }
        let sort = SORTS.iter().find(|(_, name)| *name == by).map(|(by, _)| (*by, sort.starts_with('-')));
        if get("order").is_some_and(|order| order != "sessions") {
            not_known("an order of classes", "Classes in which something was found come first.");
        }
        if get("user").is_some() != get("session").is_some() {
            not_known("half of a session", "These are all sessions.");
        }
        let route = Route {
            view: view.unwrap_or_default(),
            filter: filter.and_then(Result::ok).unwrap_or_default(),
            open: get("user").zip(get("session")),
            class: class.filter(is_class),
            search: get("search").unwrap_or_default(),
            sort: sort.unwrap_or_default(),
            most_first: get("order").as_deref() == Some("sessions"),
        };
        Read { route, settings: get("settings"), problem }
    }

    /// The part of the address behind `#`, with it.
    pub fn write(&self, settings: &Settings) -> String {
        let mut parts: Vec<(&str, String)> = Vec::new();
        if self.filter != SessionFilter::All {
            parts.push(("filter", serde_json::to_string(&self.filter).unwrap_or_default()));
        }
        if let Some((user, session)) = &self.open {
            parts.push(("user", user.clone()));
            parts.push(("session", session.clone()));
        }
        parts.extend(self.class.clone().map(|class| ("class", class)));
        if !self.search.is_empty() {
            parts.push(("search", self.search.clone()));
        }
        if self.sort != Default::default() {
            let (by, descending) = self.sort;
            let name = SORTS.iter().find(|(sort, _)| *sort == by).map_or("", |(_, name)| name);
            parts.push(("sort", format!("{}{name}", if descending { "-" } else { "" })));
        }
        if self.most_first {
            parts.push(("order", "sessions".into()));
        }
        let difference = settings.difference();
        if !difference.is_empty() {
            parts.push(("settings", difference));
        }
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        format!("#{}{query}", self.view.slug())
    }
}

/// The part of the page's address behind `#`, with it.
pub fn hash() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The page's address with this link and this part behind `#`. `link`: the open link, if one is.
fn address(link: Option<&str>, hash: &str) -> String {
    let path = window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    let query =
        link.map_or(String::new(), |link| format!("?data={}", String::from(js_sys::encode_uri_component(link))));
    format!("{path}{query}{hash}")
}

/// Changes the page's address without a new entry in the browser's history. `entry`: the number of the entry.
pub fn replace(link: Option<&str>, hash: &str, entry: f64) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::from_f64(entry), "", Some(&address(link, hash)));
    }
}

/// Changes the page's address as a new entry of this number.
pub fn push(link: Option<&str>, hash: &str, entry: f64) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::from_f64(entry), "", Some(&address(link, hash)));
    }
}

/// Numbers the entry in the browser's history at which the page is.
pub fn number_entry(entry: f64) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::from_f64(entry), "", None);
    }
}

/// The number of the entry at which the page is: none if it is a new one.
pub fn entry() -> Option<f64> {
    window()?.history().ok()?.state().ok()?.as_f64()
}

/// The page itself goes back to where an entry was scrolled, since it fills only after the browser would.
pub fn keep_scroll() {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = js_sys::Reflect::set(&history, &"scrollRestoration".into(), &"manual".into());
    }
}

/// Goes to an address, as a click on a link does.
pub fn go(hash: &str) {
    if let Some(window) = window() {
        let _ = window.location().set_hash(hash);
    }
}
