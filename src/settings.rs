//! Every threshold, keyword list, goal and funnel definition, in one serialised form that the screen,
//! links, files and the command line share.
//!
//! A settings file may leave out what it does not change; a name that is not known is an error, so that a
//! misspelt threshold never passes silently.

mod anomalies;
mod behaviour;
mod check;
pub mod form;
mod goal;
mod group;
pub mod mapping;
mod pages;

use serde_json::Value;

use group::group;

pub use anomalies::*;
pub use behaviour::*;
pub use goal::*;
pub use pages::*;

pub use mapping::{Mapping, Role};

/// Half an hour without an event ends a session, where the file names none: as most tools have it.
pub(crate) const INACTIVITY_US: u64 = 30 * 60 * 1_000_000;

/// All settings of an analysis. [`Settings::default`] is what the app starts with.
#[derive(Clone, Debug, PartialEq)]
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
    pub error_spike: ErrorSpikeSettings,
    pub rage_click: RageClickSettings,
    pub unanswered_click: UnansweredClickSettings,
    pub quick_back: QuickBackSettings,
    pub loops: LoopSettings,
    pub retry_loop: RetryLoopSettings,
    pub order_rules: OrderRuleSettings,
    pub element_out_of_place: ElementOutOfPlaceSettings,
    pub drivers: DriverSettings,
    /// Which two parts of the file are compared.
    pub compare: CompareSettings,
    /// Names for flows, as `/settings → /account = Log out`.
    pub flow_names: Vec<String>,
    /// Whose last pages the list of exits counts.
    pub exits: ExitsOf,
    pub quality: QualitySettings,
}

group!(Settings: mapping, sample, salvage, templates, goal, funnel, errors, cancel_words, logout_words, pages, page_error_rate, long_gap, session_duration, high_activity, unusual_navigation, error_spike, rage_click, unanswered_click, quick_back, loops, retry_loop, order_rules, element_out_of_place, drivers, compare, flow_names, exits, quality);

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
            error_spike: ErrorSpikeSettings::default(),
            rage_click: RageClickSettings::default(),
            unanswered_click: UnansweredClickSettings::default(),
            quick_back: QuickBackSettings::default(),
            loops: LoopSettings::default(),
            retry_loop: RetryLoopSettings::default(),
            order_rules: OrderRuleSettings::default(),
            element_out_of_place: ElementOutOfPlaceSettings::default(),
            drivers: DriverSettings::default(),
            compare: CompareSettings::default(),
            flow_names: Vec::new(),
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
        // Of a list, its values would be taken for the settings in their order.
        ensure_object(text)?;
        let settings: Settings = serde_json::from_str(text).map_err(|error| SettingsError(brief(&error)))?;
        settings.check()?;
        Ok(settings)
    }

    /// The same lines of a file are read in the same way: no need to read it again.
    pub fn read_alike(&self, other: &Settings) -> bool {
        self.mapping == other.mapping && self.sample == other.sample
    }

    /// The name that these settings give a flow, by its pages with arrows between them.
    pub fn flow_name(&self, pages: &str) -> Option<String> {
        // A page may hold the sign itself.
        let named = self.flow_names.iter().filter_map(|line| line.rsplit_once('='));
        let mut fitting = named.filter(|(flow, name)| flow.trim() == pages && !name.trim().is_empty());
        fitting.next().map(|(_, name)| name.trim().to_string())
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
        let value = serde_json::to_value(self).expect("settings hold nothing that JSON cannot");
        format!("{value:#}")
    }
}

/// What is wrong, in plain words and without all the names that would be right.
fn brief(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let (what, place) = said.split_at(said.rfind(" at line ").unwrap_or(said.len()));
    let what = what.split(", expected one of").next().unwrap_or(what);
    let mut what = what.replacen("unknown field", "there is no setting", 1);
    if let Some(found) = what.strip_prefix("invalid type: ") {
        what = format!("found {found}");
        for (type_, plain) in
            [("f64", "a number"), ("u64", "a whole number"), ("u32", "a whole number"), ("a boolean", "true or false")]
        {
            what = what.replace(&format!("expected {type_}"), &format!("expected {plain}"));
        }
    }
    format!("{what}{place}")
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
            let mut all = serde_json::Map::new();
            for (name, value) in other {
                if let Some(changed) = base.get(name).map_or(Some(value.clone()), |base| different(base, value)) {
                    all.insert(name.clone(), changed);
                }
            }
            Some(Value::Object(all))
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
#[derive(Clone, Debug, PartialEq)]
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

group!(TemplateSettings: fold, min_children, max_median_sessions, long_list, max_item_share, max_slug_share);

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

/// Words that make an event an error, by the field they stand in. Typed values are never searched.
/// Words match whole, letters in any case.
#[derive(Clone, Debug, PartialEq)]
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

group!(ErrorSettings: css, path, technical, validation, dead_end);

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
        assert_eq!(settings.difference(), r#"{"salvage":false,"long_gap":{"min_gap_s":60.0}}"#);
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
        assert!(error.starts_with("the settings are not valid: there is no setting `salvge` at line 1"), "{error}");
        let error = Settings::from_json(r#"{"long_gap": {"min_gap_s": "x"}}"#).unwrap_err().to_string();
        assert!(error.contains("found string \"x\", expected a number at line 1"), "{error}");
    }

    #[test]
    fn only_an_object_is_settings() {
        for text in ["[]", "null", "3", "\"salvage\""] {
            let said = Settings::from_json(text).unwrap_err().to_string();
            assert!(said.contains("they are no object in braces"), "{said}");
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
