//! The settings as a form: each field with its words, so that the screen, a report and a test go through all of
//! them. Goal and funnel have editors of their own.

mod behaviour;
mod groups;

use serde_json::Value;

use crate::order::sort_by_key;
use crate::settings::{Settings, SettingsError};
pub use behaviour::COMPARE;
pub use groups::{GROUPS, PROPOSAL};

/// Fields that belong together.
#[derive(Clone, Copy)]
pub struct Group {
    pub title: &'static str,
    pub fields: &'static [Field],
}

/// One field.
pub struct Field {
    /// Where it stands in the settings' JSON, as a JSON pointer.
    pub pointer: &'static str,
    pub label: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    pub kind: Kind,
}

/// How a field is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number with a unit behind it.
    Number(&'static str),
    /// A whole number with a unit behind it.
    Whole(&'static str),
    Switch,
    Text,
    /// Words or phrases, one a line.
    Words,
    /// One of these values, each with its label.
    Choice(&'static [(&'static str, &'static str)]),
    /// How high activity is told.
    ActivityRule,
}

impl Field {
    pub fn kind_is_whole(&self) -> bool {
        matches!(self.kind, Kind::Whole(_))
    }
}

/// A refusal as the screen says it: by the labels of the fields, where the settings' file has keys.
pub fn in_words(error: &SettingsError) -> String {
    // An example shows how the file is written.
    let (said, example) = error.0.split_at(error.0.find('{').unwrap_or(error.0.len()));
    let mut words = said.to_string();
    let mut fields: Vec<&Field> = GROUPS.iter().chain([&PROPOSAL, &COMPARE]).flat_map(|group| group.fields).collect();
    // A key may be the beginning of another.
    sort_by_key(&mut fields, |field| std::cmp::Reverse(field.pointer.len()));
    for field in fields {
        let key = field.pointer.trim_start_matches('/').replace('/', ".");
        words = words.replace(&key, &format!("“{}”", field.label));
    }
    for (key, name) in
        [("goal.name", "the name of the goal"), ("goal.event", "the goal"), ("goal.page", "the goal’s page")]
    {
        words = words.replace(key, name);
    }
    words = numbered(words, "goal.or[", "]", |n| format!("alternative {} of the goal", n + 1));
    words = numbered(words, "funnel.list[", "].name", |n| format!("the name of step {n}"));
    words = numbered(words, "funnel.list[", "].any_of", |n| format!("step {n}"));
    words.replace(".page is empty", ": the page is empty").replace("css", "selector") + example
}

/// Puts words in the place of each `{before}{number}{after}`, a number that counts from 0 given as one from 1.
fn numbered(text: String, before: &str, after: &str, words: impl Fn(usize) -> String) -> String {
    let Some((head, tail)) = text.split_once(before) else { return text };
    let Some((digits, rest)) = tail.split_once(after) else { return text };
    match digits.parse::<usize>() {
        // The number of an alternative is of no help beside the field.
        Ok(n) => format!(
            "{head}{}{}",
            words(n + 1),
            rest.split_once(']').filter(|_| rest.starts_with('[')).map_or(rest, |(_, rest)| rest)
        ),
        Err(_) => text,
    }
}

impl Settings {
    /// The value at a field's pointer.
    pub fn value_at(&self, pointer: &str) -> Value {
        let all = serde_json::to_value(self).expect("settings hold nothing that JSON cannot");
        all.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// These settings with another value at a field's pointer.
    pub fn with_value_at(&self, pointer: &str, value: Value) -> Result<Settings, SettingsError> {
        let mut all = serde_json::to_value(self).expect("settings hold nothing that JSON cannot");
        if let Some(place) = all.pointer_mut(pointer) {
            *place = value;
        }
        Settings::from_json(&all.to_string()).map_err(|error| {
            // The parser names the kind of number, not the setting.
            let too_large = error.0.contains("expected u32") || error.0.contains("expected u64");
            let key = pointer.trim_start_matches('/').replace('/', ".");
            if too_large { SettingsError(format!("{key} must be a whole number of a sensible size")) } else { error }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_labels_for_keys_but_an_example_stays() {
        let said = |text: &str| in_words(&Settings::from_json(text).unwrap_err());
        assert_eq!(said("[]"), r#"they are no object in braces, such as {"salvage": false}"#);
        let said = said(r#"{"long_gap": {"min_gap_s": -1}}"#);
        assert!(said.starts_with("“A pause is longer than” must be"), "{said}");
    }

    fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) if !["/goal", "/high_activity/rule"].contains(&pointer) => {
                fields.iter().for_each(|(name, value)| leaves(value, &format!("{pointer}/{name}"), found));
            }
            _ => found.push(pointer.to_string()),
        }
    }

    #[test]
    fn refusals_speak_of_labels() {
        let in_words = |json: &str| super::in_words(&Settings::from_json(json).unwrap_err());
        let listed = |step: &str| in_words(&format!(r#"{{"funnel": {{"steps": "listed", "list": [{step}]}}}}"#));
        assert_eq!(
            in_words(r#"{"long_gap": {"min_gap_s": -1}}"#),
            "“A pause is longer than” must be a number of at least 0, not -1"
        );
        assert_eq!(listed(r#"{"name": " ", "any_of": [{"css": "a"}]}"#), "the name of step 1 is empty");
        assert_eq!(
            listed(r#"{"name": "x", "any_of": [{"css": "a"}, {}]}"#),
            "step 1 names no page, selector or text, and so would match every event"
        );
        assert_eq!(
            in_words(r#"{"goal": {"rule": "event", "name": "x", "event": {"css": "a"}, "or": [{"page": " "}]}}"#),
            "alternative 2 of the goal: the page is empty, but every event has a page"
        );
    }

    #[test]
    fn every_setting_is_in_the_form() {
        let all = serde_json::to_value(Settings::default()).unwrap();
        let mut expected = Vec::new();
        leaves(&all, "", &mut expected);
        let mut fields: Vec<String> = GROUPS
            .iter()
            .chain([&PROPOSAL, &COMPARE])
            .flat_map(|group| group.fields)
            .map(|field| field.pointer.to_string())
            .collect();
        fields.extend(["/goal".into(), "/funnel/steps".into()]);
        fields.sort();
        expected.sort();
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_field_is_changed_or_refused() {
        let settings = Settings::default();
        let changed = settings.with_value_at("/long_gap/min_gap_s", 60.into()).unwrap();
        assert_eq!((changed.long_gap.min_gap_s, changed.value_at("/long_gap/min_gap_s")), (60.0, 60.0.into()));
        assert!(settings.with_value_at("/long_gap/min_gap_s", (-1).into()).is_err());
        assert!(settings.with_value_at("/salvage", "yes".into()).is_err());
    }
}
