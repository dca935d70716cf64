//! The documentation names what there is, with the values that it has.

use footpath::demo::Demo;
use footpath::settings::Settings;
use serde_json::Value;

use crate::reconcile::Analysis;

/// Objects whose keys come from the file.
const FROM_THE_FILE: [&str; 3] = ["rejected", "unknown_fields", "id_forms"];

fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        Value::Object(map) => {
            for (key, value) in map {
                found.push(key.clone());
                // Settings have a document of their own.
                if key != "settings" && !(value.is_object() && FROM_THE_FILE.contains(&key.as_str())) {
                    keys(value, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_of_the_document_is_described() {
    let mut bytes = Vec::new();
    Demo::new(3_000, 1, true).write(&mut bytes).unwrap();
    let json = Analysis::finished(&bytes, &Settings::default(), 2).json();
    let mut found = Vec::new();
    keys(&serde_json::from_slice(&json).unwrap(), &mut found);
    found.sort();
    found.dedup();
    let text = include_str!("../../docs/json.md");
    let (_, described) = text.split_once("## Field by field").unwrap();
    let is_described = |key: &String| {
        let starts = ["`", "."].into_iter().map(|before| format!("{before}{key}"));
        starts.into_iter().any(|name| ["`", "[", "."].iter().any(|after| described.contains(&format!("{name}{after}"))))
    };
    let missing: Vec<&String> = found.iter().filter(|key| !is_described(key)).collect();
    assert!(missing.is_empty(), "docs/json.md does not describe {missing:?}");
}

/// Each setting with its default, as the tables write it.
fn leaves(name: &str, value: &Value, found: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(map)
            if !["rule", "steps", "than"].iter().any(|kind| map.get(*kind).is_some_and(Value::is_string)) =>
        {
            for (key, value) in map {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                leaves(&name, value, found);
            }
        }
        Value::Array(words) if words.is_empty() => found.push((name.into(), vec!["`[]`".into()])),
        Value::Array(words) => {
            found.push((name.into(), words.iter().map(|word| word.as_str().unwrap().into()).collect()));
        }
        // Described in sections of their own.
        Value::Object(_) if name == "goal" || name == "funnel" => {}
        Value::Object(_) => found.push((name.into(), vec![format!("`{}`", value).replace(':', ": ")])),
        _ => found.push((name.into(), vec![format!("`{}`", value.to_string().trim_end_matches(".0"))])),
    }
}

#[test]
fn every_setting_is_described_with_its_default() {
    let mut found = Vec::new();
    leaves("", &serde_json::to_value(Settings::default()).unwrap(), &mut found);
    assert!(found.len() > 40);
    let text = include_str!("../../docs/settings.md");
    for (name, default) in found {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/settings.md does not name {name}"));
        for part in default {
            assert!(row.contains(&part), "docs/settings.md: the default of {name} is {part}: {row}");
        }
    }
}
