//! The address bar: which view, which sessions, which settings. It survives reload, back and forward, and a copy
//! of it opens the same.

use wasm_bindgen::JsValue;
use web_sys::{UrlSearchParams, window};

use crate::analysis::session_table::SessionFilter;
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
    Data,
    Settings,
    Method,
}

impl View {
    pub const ALL: [View; 8] = [
        View::Findings,
        View::Flows,
        View::Funnel,
        View::Anomalies,
        View::Sessions,
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

    /// Reads the part of the address behind `#`; the second value is what it says of the settings.
    pub fn read(hash: &str) -> (Route, Option<String>) {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (slug, query) = hash.split_once('?').unwrap_or((hash, ""));
        let query = UrlSearchParams::new_with_str(query).ok();
        let get = |name: &str| query.as_ref().and_then(|query| query.get(name));
        let route = Route {
            view: View::ALL.into_iter().find(|view| view.slug() == slug).unwrap_or_default(),
            filter: get("filter").and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default(),
            open: get("user").zip(get("session")),
            class: get("class"),
        };
        (route, get("settings"))
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

/// Changes the page's address without a new entry in the browser's history. `link`: the open link, if one is.
pub fn replace(link: Option<&str>, hash: &str) {
    let Some(window) = window() else { return };
    let path = window.location().pathname().unwrap_or_default();
    let query =
        link.map_or(String::new(), |link| format!("?data={}", String::from(js_sys::encode_uri_component(link))));
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query}{hash}")));
    }
}

/// Goes to an address, as a click on a link does.
pub fn go(hash: &str) {
    if let Some(window) = window() {
        let _ = window.location().set_hash(hash);
    }
}
