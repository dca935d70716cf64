//! Every threshold, keyword list, goal and funnel definition, in one serialised form that the screen,
//! links, files and the command line share.
//!
//! A settings file may leave out what it does not change; a name that is not known is an error, so that a
//! misspelt threshold never passes silently.

mod anomalies;
mod check;
pub mod form;
pub mod mapping;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use anomalies::*;

pub use mapping::{Mapping, Role};

/// Half an hour without an event ends a session, where the file names none: as most tools have it.
const INACTIVITY_US: u64 = 30 * 60 * 1_000_000;

/// All settings of an analysis. [`Settings::default`] is what the app starts with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Which field of the file plays which role.
    pub mapping: Mapping,
    /// The share of the sessions that is read, see [`crate::dataset::Sample`]; 1 is all.
    pub sample: f64,
    /// Repair records whose time slipped into another field (marked); otherwise they are rejected.
    pub salvage: bool,
    pub templates: TemplateSettings,
    /// The rule that makes a session a conversion.
    pub goal: Goal,
    pub funnel: FunnelSettings,
    pub errors: ErrorSettings,
    /// Words in an element's selector or text that mean "the user cancelled".
    pub cancel_words: Vec<String>,
    /// Words in an element's selector or text that mean "the user logged out".
    pub logout_words: Vec<String>,
    pub pages: PageSettings,
    pub page_error_rate: PageErrorRateSettings,
    pub long_gap: LongGapSettings,
    pub session_duration: SessionDurationSettings,
    pub high_activity: HighActivitySettings,
    pub unusual_navigation: UnusualNavigationSettings,
    /// Whose last pages the list of exits counts.
    pub exits: ExitsOf,
    pub quality: QualitySettings,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            mapping: Mapping::default(),
            sample: 1.0,
            salvage: true,
            templates: TemplateSettings::default(),
            goal: Goal::default(),
            funnel: FunnelSettings::default(),
            errors: ErrorSettings::default(),
            cancel_words: words(&["cancel", "abort", "abbrechen", "stornieren"]),
            logout_words: words(&["logout", "log out", "sign out", "abmelden"]),
            pages: PageSettings::default(),
            page_error_rate: PageErrorRateSettings::default(),
            long_gap: LongGapSettings::default(),
            session_duration: SessionDurationSettings::default(),
            high_activity: HighActivitySettings::default(),
            unusual_navigation: UnusualNavigationSettings::default(),
            exits: ExitsOf::AllSessions,
            quality: QualitySettings::default(),
        }
    }
}

/// Why a settings file could not be used.
#[derive(Debug, thiserror::Error)]
#[error("the settings are not valid: {0}")]
pub struct SettingsError(String);

impl Settings {
    /// Reads settings from JSON; what is left out keeps its default. What could not give a sensible analysis is
    /// refused, see [`Settings::check`].
    pub fn from_json(text: &str) -> Result<Settings, SettingsError> {
        // As some editors write it.
        let text = text.trim_start_matches('\u{feff}');
        let settings: Settings = serde_json::from_str(text).map_err(|error| SettingsError(error.to_string()))?;
        // Of a list, its values would be taken for the settings in their order.
        ensure_object(text)?;
        settings.check()?;
        Ok(settings)
    }

    /// The same lines of a file are read in the same way: no need to read it again.
    pub fn read_alike(&self, other: &Settings) -> bool {
        self.mapping == other.mapping && self.sample == other.sample
    }

    /// After so many microseconds without an event what follows is another session: as the settings say, or where the
    /// file names no sessions.
    pub fn split_after_us(&self) -> Option<u64> {
        let without_sessions = self.mapping.user_stands_in().then_some(INACTIVITY_US);
        self.long_gap.split_after_us().or(without_sessions)
    }

    /// What differs from the defaults, as JSON in one line: the form that an address carries. Empty if nothing does.
    pub fn difference(&self) -> String {
        let value =
            |settings: &Settings| serde_json::to_value(settings).expect("settings hold nothing that JSON cannot");
        match different(&value(&Settings::default()), &value(self)) {
            Some(difference) => difference.to_string(),
            None => String::new(),
        }
    }

    /// The settings as indented JSON, every value spelled out.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("settings hold nothing that JSON cannot")
    }
}

fn ensure_object(text: &str) -> Result<(), SettingsError> {
    match text.trim_start().starts_with('{') {
        true => Ok(()),
        false => Err(SettingsError("they are no object in braces, such as {\"salvage\": false}".into())),
    }
}

/// What of `other` differs from `base`. Values with a kind are kept whole, since what is left out of them has no
/// default.
fn different(base: &Value, other: &Value) -> Option<Value> {
    if base == other {
        return None;
    }
    match (base, other) {
        (Value::Object(base), Value::Object(other))
            if !KINDS.iter().any(|kind| other.get(*kind).is_some_and(Value::is_string)) =>
        {
            let changed = other.iter().filter_map(|(name, value)| {
                let changed = base.get(name).map_or(Some(value.clone()), |base| different(base, value))?;
                Some((name.clone(), changed))
            });
            Some(Value::Object(changed.collect()))
        }
        _ => Some(other.clone()),
    }
}

/// Names under which values say of what kind they are.
const KINDS: [&str; 3] = ["rule", "steps", "than"];

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| word.to_string()).collect()
}

/// How raw paths are folded to page templates such as `/products/:slug`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateSettings {
    /// Off: every raw path is a page of its own.
    pub fold: bool,
    /// A parent with at least this many children, each seldom visited, is folded.
    pub min_children: u32,
    /// "Seldom": the median number of sessions per child is at most this.
    pub max_median_sessions: u32,
    /// With so many children, it is enough that the median child has a small share of their sessions, since in a large
    /// file every product has many: ...
    pub long_list: u32,
    /// ... at most this.
    pub max_item_share: f64,
    /// A slug (several words with hyphens) is an id if it has less than this share of its parent's sessions.
    pub max_slug_share: f64,
}

impl Default for TemplateSettings {
    fn default() -> Self {
        TemplateSettings {
            fold: true,
            min_children: 5,
            max_median_sessions: 2,
            long_list: 20,
            max_item_share: 0.05,
            max_slug_share: 0.10,
        }
    }
}

/// Matches an event: each part that is given must match, letters in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// A page template or a raw path, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// An element's selector, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub css: Option<String>,
    /// An element's text, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Matcher {
    /// `Place Order at /checkout`, `button.buy`, `/thanks`.
    fn looks_for(&self) -> String {
        match (self.text.as_ref().or(self.css.as_ref()), &self.page) {
            (Some(element), Some(page)) => format!("{element} at {page}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }

    /// `an element “Place Order” and the page /checkout`.
    fn definition(&self) -> String {
        let mut what = Vec::new();
        what.extend(self.text.as_ref().map(|text| format!("an element “{text}”")));
        what.extend(self.css.as_ref().map(|css| format!("an element {css}")));
        what.extend(self.page.as_ref().map(|page| format!("the page {page}")));
        what.join(" and ")
    }
}

/// The rule that makes a session a conversion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Goal {
    /// The session has an event that matches, and no error or cancel (as switched on) after the last such event.
    Event {
        name: String,
        event: Matcher,
        /// Other events that are the goal as well.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        or: Vec<Matcher>,
        #[serde(default = "yes")]
        unless_error_follows: bool,
        #[serde(default = "yes")]
        unless_cancel_follows: bool,
    },
    /// The session's last event is on this page.
    EndsAt { name: String, page: String },
}

fn yes() -> bool {
    true
}

impl Goal {
    /// The name as the settings have it.
    pub fn given_name(&self) -> &str {
        match self {
            Goal::Event { name, .. } | Goal::EndsAt { name, .. } => name,
        }
    }

    /// The events, any of which is the goal or the page that it ends on.
    pub fn any_of(&self) -> Vec<Matcher> {
        match self {
            Goal::Event { event, or, .. } => std::iter::once(event).chain(or).cloned().collect(),
            Goal::EndsAt { page, .. } => vec![Matcher { page: Some(page.clone()), ..Matcher::default() }],
        }
    }

    /// What the goal is called on the screen and in the report: its name, or what its rule looks for if the name is
    /// still that of the default goal and the rule is not.
    pub fn name(&self) -> Cow<'_, str> {
        let default = Goal::default();
        if self.given_name() != default.given_name() || self.looks_for() == default.looks_for() {
            return Cow::Borrowed(self.given_name());
        }
        Cow::Owned(self.looks_for())
    }

    /// `Place Order at /checkout`, `button.buy`, `/thanks`, `the end at /thanks`.
    fn looks_for(&self) -> String {
        match self {
            Goal::Event { .. } => self.any_of().iter().map(Matcher::looks_for).collect::<Vec<_>>().join(" or "),
            Goal::EndsAt { page, .. } => format!("the end at {page}"),
        }
    }

    /// The rule as a sentence.
    pub fn definition(&self) -> String {
        match self {
            Goal::Event { unless_error_follows, unless_cancel_follows, .. } => {
                let what: Vec<String> = self.any_of().iter().map(Matcher::definition).collect();
                let tail = match (unless_error_follows, unless_cancel_follows) {
                    (true, true) => ", with no error or cancel after it",
                    (true, false) => ", with no error after it",
                    (false, true) => ", with no cancel after it",
                    (false, false) => "",
                };
                format!("The session has an event with {}{tail}.", what.join(", or with "))
            }
            Goal::EndsAt { page, .. } => format!("The session’s last event is on {page}."),
        }
    }
}

impl Default for Goal {
    fn default() -> Self {
        Goal::Event {
            name: "Place Order at /checkout".into(),
            event: Matcher { page: Some("/checkout".into()), text: Some("Place Order".into()), css: None },
            or: Vec::new(),
            unless_error_follows: true,
            unless_cancel_follows: true,
        }
    }
}

/// One step of a funnel: an event that matches any of the matchers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    pub name: String,
    pub any_of: Vec<Matcher>,
}

/// Where the funnel's steps come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "steps", rename_all = "snake_case", deny_unknown_fields)]
pub enum FunnelSettings {
    /// Proposed from the file, ending in the goal.
    Auto(ProposalSettings),
    /// As listed.
    Listed { list: Vec<FunnelStep> },
}

impl Default for FunnelSettings {
    fn default() -> Self {
        FunnelSettings::Auto(ProposalSettings::default())
    }
}

/// How a funnel's steps are proposed. Shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProposalSettings {
    /// A step is an element that at least this share of the sessions used.
    pub min_support: f64,
    /// It comes before the goal in this share of the sessions that reached it ...
    pub min_before_goal: f64,
    /// ... and that share does not rest on too few sessions: the lower end of its interval is at least this.
    pub min_before_goal_low: f64,
    /// It stands before another if it came first in this share of the sessions with both.
    pub min_in_order: f64,
    /// It is called by the page that it opens if the next event is there in this share of cases.
    pub min_opens: f64,
}

impl Default for ProposalSettings {
    fn default() -> Self {
        ProposalSettings {
            min_support: 0.20,
            min_before_goal: 0.95,
            min_before_goal_low: 0.70,
            min_in_order: 0.90,
            min_opens: 0.80,
        }
    }
}

/// Words that make an event an error, by the field they stand in. Typed values are never searched.
/// Words match whole, letters in any case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ErrorSettings {
    /// In an element's selector.
    pub css: Vec<String>,
    /// In a page (a template: ids are no errors).
    pub path: Vec<String>,
    /// In an element's text: something broke.
    pub technical: Vec<String>,
    /// In an element's text: the user's input or order was refused.
    pub validation: Vec<String>,
    /// In an element's text: nothing was found.
    pub dead_end: Vec<String>,
}

impl Default for ErrorSettings {
    fn default() -> Self {
        ErrorSettings {
            css: words(&["error", "errors", "alert", "danger", "fail", "failed", "failure", "exception", "fehler"]),
            path: words(&["404", "500", "error", "errors", "fehler"]),
            technical: words(&[
                "error",
                "exception",
                "timeout",
                "timed out",
                "unavailable",
                "service error",
                "unable to",
                "failed",
                "502",
                "503",
                "504",
                "fehler",
                "nicht verfügbar",
                "zeitüberschreitung",
            ]),
            validation: words(&[
                "declined",
                "unrecognised",
                "unrecognized",
                "invalid",
                "is required",
                "out of stock",
                "is empty",
                "no items",
                "abgelehnt",
                "ungültig",
                "nicht vorrätig",
            ]),
            dead_end: words(&[
                "no results",
                "no result",
                "no answer",
                "not found",
                "keine ergebnisse",
                "nicht gefunden",
            ]),
        }
    }
}

/// Page statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// A gap of this many seconds or more is an absence, not dwell.
    pub dwell_max_gap_s: f64,
    /// Raw paths that start so are products. Empty: those that folding found to be items of a list.
    pub product_prefixes: Vec<String>,
}

impl Default for PageSettings {
    fn default() -> Self {
        PageSettings { dwell_max_gap_s: 1800.0, product_prefixes: Vec::new() }
    }
}

/// Class 3b, the error rate of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageErrorRateSettings {
    /// Pages with fewer (session, page) pairs are not tested.
    pub min_pairs: u64,
    /// The level of the Benjamini-Hochberg correction.
    pub false_discovery_rate: f64,
    /// A page counts only if its rate is this many times that of the other pages.
    pub min_relative_risk: f64,
    /// With more sessions a user than this, sessions of one user are not taken as independent ...
    pub max_independent_sessions: f64,
    /// ... and of fewer users no page is supported.
    pub min_users: u64,
}

impl Default for PageErrorRateSettings {
    fn default() -> Self {
        PageErrorRateSettings {
            min_pairs: 5,
            false_discovery_rate: 0.10,
            min_relative_risk: 1.5,
            max_independent_sessions: 1.2,
            min_users: 10,
        }
    }
}

/// Whose last pages the list of exits counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitsOf {
    AllSessions,
    /// Only sessions that did not reach the goal.
    AbandonedSessions,
}

/// Class 16, data quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QualitySettings {
    /// Session starts whose gaps vary less than this (standard deviation over mean) look scheduled.
    /// Random arrivals give 1.
    pub min_arrival_variation: f64,
    /// Sessions longer than this many hours are listed.
    pub max_session_hours: f64,
    /// Times are reported as coarse if more than this share of the neighbours in a session have the same time.
    pub max_equal_times: f64,
    /// What a field holds, letters in any case, where nothing was known. UUIDs of zeros count too.
    pub placeholders: Vec<String>,
    /// Ids of another form than most are reported if their share is below this: stray ids, not a second kind.
    pub max_stray_ids: f64,
    /// E-mail addresses and card numbers in paths, selectors and texts are shown as dots, and counted as one.
    pub mask_personal: bool,
    /// Sessions within this many minutes of the file's first or last event may be cut off by it.
    pub edge_minutes: f64,
    /// Such sessions are reported if they are at least this share of all.
    pub min_edge_share: f64,
    /// Words in the selector of an input element whose values are secret.
    pub secret_words: Vec<String>,
}

impl Default for QualitySettings {
    fn default() -> Self {
        QualitySettings {
            min_arrival_variation: 0.1,
            max_session_hours: 24.0,
            max_equal_times: 0.5,
            placeholders: words(&[
                "null",
                "(null)",
                "<null>",
                "nil",
                "none",
                "undefined",
                "nan",
                "n/a",
                "#n/a",
                "na",
                "-",
                "--",
                "?",
                "unknown",
                "(not set)",
                "not set",
                "anonymous",
                "guest",
                "test",
                "dummy",
                "todo",
                "[object object]",
                "unbekannt",
                "anonym",
            ]),
            max_stray_ids: 0.05,
            mask_personal: true,
            edge_minutes: 30.0,
            min_edge_share: 0.01,
            secret_words: words(&["password", "passwd", "passwort", "pin", "cvv", "cvc"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_json() {
        let settings = Settings::default();
        assert_eq!(Settings::from_json(&settings.to_json()).unwrap(), settings);
    }

    #[test]
    fn the_difference_is_enough() {
        assert_eq!(Settings::default().difference(), "");
        let mut settings = Settings { salvage: false, ..Settings::default() };
        settings.long_gap.min_gap_s = 60.0;
        assert_eq!(settings.difference(), r#"{"long_gap":{"min_gap_s":60.0},"salvage":false}"#);
        let preset = Settings::from_json(include_str!("../public/presets/reference.json")).unwrap();
        for settings in [settings, preset] {
            assert_eq!(Settings::from_json(&settings.difference()).unwrap(), settings);
        }
    }

    #[test]
    fn what_is_left_out_keeps_its_default() {
        let settings = Settings::from_json(r#"{"salvage": false, "templates": {"fold": false}}"#).unwrap();
        assert!(!settings.salvage && !settings.templates.fold);
        assert_eq!(settings.templates.min_children, 5);
        assert_eq!(settings.goal, Goal::default());
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let error = Settings::from_json(r#"{"salvge": false}"#).unwrap_err().to_string();
        assert!(error.starts_with("the settings are not valid: unknown field `salvge`"), "{error}");
    }

    #[test]
    fn only_an_object_is_settings() {
        for text in ["[]", "null", "3", "\"salvage\""] {
            assert!(Settings::from_json(text).is_err(), "{text}");
        }
        assert_eq!(Settings::from_json("\u{feff} {}").unwrap(), Settings::default());
    }

    #[test]
    fn of_a_group_only_what_differs_is_in_the_address() {
        let mut settings = Settings::default();
        settings.high_activity.machine_hours = 5.0;
        assert_eq!(settings.difference(), r#"{"high_activity":{"machine_hours":5.0}}"#);
        settings.high_activity.rule = HighActivityRule::MeanDeviations { deviations: 2.0 };
        assert_eq!(Settings::from_json(&settings.difference()).unwrap(), settings);
    }

    #[test]
    fn the_goal_is_a_sentence() {
        assert_eq!(
            Goal::default().definition(),
            "The session has an event with an element “Place Order” and the page /checkout, with no error or cancel after it."
        );
    }
}
