//! Layouts of files that people have: how each is told by its fields, and which field plays which role. One row each in
//! [`table`]; what none of them fits is guessed by the names of its fields.

pub mod goal;
pub mod guess;
pub mod snowplow;
pub mod table;
pub mod values;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::settings::mapping::LayoutRules;
use crate::settings::{Mapping, Role};
pub use table::LAYOUTS;

/// One layout.
#[derive(Debug)]
pub struct Layout {
    /// Its name in the settings, if it has rules besides the fields' names.
    pub rules: LayoutRules,
    /// Its name on the command line.
    pub slug: &'static str,
    /// Its name in words: "a PostHog export".
    pub name: &'static str,
    /// It is this layout if all fields of one of these lists are there.
    pub signs: &'static [&'static [&'static str]],
    /// The fields by role, see [`Mapping`].
    pub roles: &'static [(Role, &'static str)],
    /// Values that mean that there is none.
    pub nothing: &'static [(Role, &'static str)],
    /// Records whose text is one of these are no actions of a user.
    pub not_actions: &'static [&'static str],
}

impl Layout {
    /// The layout that has these rules.
    pub fn with(rules: LayoutRules) -> Option<&'static Layout> {
        LAYOUTS.iter().find(|layout| layout.rules == rules && rules != LayoutRules::None)
    }

    /// Its fields by role.
    pub fn mapping(&self) -> Mapping {
        let mut mapping = Mapping::none();
        self.roles.iter().for_each(|(role, field)| mapping.set(*role, field));
        mapping.layout = self.rules;
        mapping
    }

    fn fits(&self, fields: &BTreeSet<String>) -> bool {
        self.signs.iter().any(|signs| signs.iter().all(|sign| fields.contains(*sign)))
    }
}

/// What a file of none of these is called.
pub const OTHER_LAYOUT: &str = "a file with fields of its own";

/// What a file's fields are taken for.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// In words; nothing where it was guessed by the fields' names.
    pub layout: Option<&'static str>,
    pub mapping: Mapping,
}

/// The mapping for a file with these fields; `None` where nothing fits.
pub fn recognise(fields: &BTreeSet<String>) -> Option<Recognised> {
    if let Some(layout) = LAYOUTS.iter().find(|layout| layout.fits(fields)) {
        return Some(Recognised { layout: Some(layout.name), mapping: layout.mapping() });
    }
    guess::mapping(fields).map(|mapping| Recognised { layout: None, mapping })
}

/// The layout that has this mapping, in words.
pub fn name_of(mapping: &Mapping) -> Option<&'static str> {
    LAYOUTS.iter().find(|layout| layout.mapping().is_alike(mapping)).map(|layout| layout.name)
}

/// Whether a file with these fields has what this mapping needs.
pub fn suits(fields: &BTreeSet<String>, mapping: &Mapping) -> bool {
    let there = |role: Role| {
        mapping
            .alternatives(role)
            .any(|path| fields.contains(path) || path.split_once('.').is_some_and(|(outer, _)| fields.contains(outer)))
    };
    let whose = there(Role::Session) || mapping.user_stands_in() && there(Role::User);
    whose && there(Role::Time) && there(Role::Page)
}

/// Records of the head that are looked at.
const RECORDS: usize = 2000;
/// How deep objects are looked into.
const DEPTH: usize = 3;

/// The names of the fields that the records in these first bytes of a file of JSON Lines have, those inside others with
/// dots.
pub fn json_fields(head: &[u8]) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.starts_with(b"{"));
    for line in lines.take(RECORDS) {
        if let Ok(value) = serde_json::from_slice::<Value>(line) {
            collect(&value, "", DEPTH, &mut fields);
        }
    }
    fields
}

fn collect(value: &Value, prefix: &str, depth: usize, fields: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    let mut found = |name: &str, value: &Value| {
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        collect(value, &path, depth - 1, fields);
        fields.insert(path);
    };
    match value {
        Value::Object(inner) => inner.iter().for_each(|(name, value)| found(name, value)),
        Value::Array(items) => {
            let keys = items.iter().filter_map(|item| item.get("key")?.as_str());
            keys.for_each(|key| found(key, &Value::Null));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(line: &str) -> Option<Recognised> {
        recognise(&json_fields(line.as_bytes()))
    }

    #[test]
    fn layouts_are_told_by_their_fields() {
        let name = |line: &str| recognised(line).and_then(|found| found.layout);
        assert_eq!(
            name(r#"{"css": "a", "event_time": "2025-02-06 09:00:04", "path": "/", "user_id": 1}"#),
            Some("a session recording of clicks")
        );
        assert_eq!(
            name(r#"{"event": "$pageview", "distinct_id": "u", "properties": {"$session_id": "s"}}"#),
            Some("a PostHog export")
        );
        assert_eq!(
            name(r#"{"event_name": "scroll", "event_params": [{"key": "ga_session_id", "value": {}}]}"#),
            Some("a Google Analytics 4 export from BigQuery")
        );
    }

    #[test]
    fn the_first_layout_is_the_default_mapping() {
        assert_eq!(LAYOUTS[0].mapping(), Mapping::default());
    }

    #[test]
    fn layouts_have_names_of_their_own_and_what_a_mapping_needs() {
        for (at, layout) in LAYOUTS.iter().enumerate() {
            let same_rules = |other: &&Layout| other.rules == layout.rules && layout.rules != LayoutRules::None;
            let same_name = |other: &&Layout| other.name == layout.name || other.slug == layout.slug;
            assert!(!LAYOUTS[..at].iter().any(|other| same_rules(&other) || same_name(&other)));
            let has_rules = !layout.nothing.is_empty() || !layout.not_actions.is_empty();
            assert_eq!(has_rules, layout.rules != LayoutRules::None, "{}", layout.name);
            let settings = crate::settings::Settings { mapping: layout.mapping(), ..Default::default() };
            let settings = crate::settings::Settings::from_json(&settings.to_json());
            settings.unwrap_or_else(|error| panic!("{}: {error}", layout.name));
        }
    }

    #[test]
    fn other_files_are_guessed_by_the_names_of_their_fields() {
        let found = recognised(r#"{"Customer ID": 1, "Time stamp": "2025-02-06", "Action": "x", "other": 1}"#).unwrap();
        assert_eq!(found.layout, None);
        assert_eq!(
            (found.mapping.user.as_str(), found.mapping.time.as_str(), found.mapping.page.as_str()),
            ("Customer ID", "Time stamp", "Action")
        );
        assert!(found.mapping.user_stands_in());
        assert_eq!(recognised(r#"{"a": 1, "b": 2}"#), None);
    }
}
