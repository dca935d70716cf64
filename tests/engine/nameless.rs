//! Events that name no user get the one of their session.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use crate::support::{document, json};
use footpath::demo::Demo;
use footpath::settings::Settings;
use proptest::prelude::*;

fn file(lines: &[(Option<String>, String, u32)]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    for (number, (user, session, second)) in lines.iter().enumerate() {
        let page = ["/", "/cart", "/checkout"][*second as usize % 3];
        let record = serde_json::json!({
            "uuid": format!("id{}", number % 7), "user_id": user, "session_id": session, "path": page,
            "event_time": format!("2025-01-01 00:{:02}:{:02}", second / 60, second % 60),
        });
        writeln!(file, "{record}").unwrap();
    }
    file
}

/// Everything but what tells the file as it came from the file as it was filled in.
fn answers(text: &str) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
    value["source"] = serde_json::Value::Null;
    // The number of tests, for the correction, stays the same; a finding tells of the missing users.
    value["findings"].as_array_mut().unwrap().retain(|finding| finding["class"] != "data_quality");
    for class in value["classes"].as_array_mut().unwrap() {
        if class["class"] == "data_quality" {
            *class = serde_json::Value::Null;
        }
    }
    value["quality"] = serde_json::Value::Null;
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The same as if somebody had filled the users in beforehand.
    #[test]
    fn as_if_filled_in_beforehand(
        lines in prop::collection::vec((prop::option::of(0u8..3), 0u8..5, 0u32..300), 1..40),
        workers in 1usize..9,
        chunk in 60u64..4000,
    ) {
        // Some sessions have the name of a user.
        let names = ["s0", "anna", "s1"];
        let lines: Vec<(Option<String>, String, u32)> = lines
            .into_iter()
            .map(|(user, session, second)| (user.map(|user| names[user as usize].into()), format!("s{session}"), second))
            .collect();
        let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (user, session, _) in &lines {
            users.entry(session).or_default().extend(user.as_deref());
        }
        let filled: Vec<(Option<String>, String, u32)> = lines
            .iter()
            .map(|(user, session, second)| {
                let known = &users[session.as_str()];
                let one = if known.len() == 1 { known.first().copied() } else { None };
                let user = user.as_deref().or(one).unwrap_or(session);
                (Some(user.to_string()), session.clone(), *second)
            })
            .collect();
        let (given, filled) = (file(&lines), file(&filled));
        let settings = Settings::default();
        let given = json(given.path(), &settings, workers, chunk);
        prop_assert_eq!(answers(&given), answers(&json(filled.path(), &settings, 1, 1 << 30)));
    }
}

#[test]
fn logging_in_does_not_split_a_session() {
    let line = |user: Option<&str>, session: &str, second| (user.map(String::from), session.to_string(), second);
    let lines = [
        line(None, "s", 1),
        line(Some("anna"), "s", 2),
        line(None, "s", 3),
        line(None, "other", 4),
        line(Some("a"), "shared", 5),
        line(Some("b"), "shared", 6),
        line(None, "shared", 7),
    ];
    let document = document(file(&lines).path(), &Settings::default());
    assert_eq!((document.totals.events, document.totals.sessions, document.totals.users), (7, 5, 5));
    let finding = document.findings.iter().find(|finding| finding.title.contains("no user")).unwrap();
    assert_eq!(finding.title, "4 events have no user; their sessions name one, or stand in");
    assert_eq!(
        finding.description,
        "Of 7 events, 4 have nothing in “user_id”. For 2 of them other events of the session name a user, who is taken \
         to be theirs too. Each session of the other 2 counts as a user of its own."
    );
}

/// A repaired record stays one, and its line keeps its number, when it goes to its user.
#[test]
fn repaired_records_go_along() {
    let mut demo = Vec::new();
    Demo::new(5_000, 7, true).write(&mut demo).unwrap();
    let demo = String::from_utf8(demo).unwrap();
    let mut every_third = tempfile::NamedTempFile::new().unwrap();
    for (number, line) in demo.lines().enumerate() {
        let mut record: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(line) {
            Ok(record) => record,
            Err(_) => {
                writeln!(every_third, "{line}").unwrap();
                continue;
            }
        };
        if number % 3 != 0 {
            record.insert("user_id".into(), serde_json::Value::Null);
        }
        writeln!(every_third, "{}", serde_json::Value::Object(record)).unwrap();
    }
    let settings = Settings::default();
    let whole = json(every_third.path(), &settings, 1, 1 << 30);
    assert!(document(every_third.path(), &settings).totals.salvaged > 0);
    for (workers, chunk) in [(2, 50_000), (3, 77_777), (8, 1 << 30)] {
        assert!(json(every_third.path(), &settings, workers, chunk) == whole, "{workers} workers");
    }
}
