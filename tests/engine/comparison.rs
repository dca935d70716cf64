//! Two parts of the file side by side.

use std::io::Write;

use footpath::demo::Demo;
use footpath::findings::Strength;
use footpath::report::comparison::{Change, ComparisonInfo};
use footpath::settings::Settings;

use crate::known::{ALLOWED_PERCENT, Simulation};
use crate::support::{document, json, reference};

/// Page, selector and text of an event.
type Event = (&'static str, &'static str, &'static str);

/// Sessions of users of their own, each with its begin in minutes and its events.
fn log(sessions: &[(i64, &[Event])]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    for (id, (minute, events)) in sessions.iter().enumerate() {
        for (at, (page, css, text)) in events.iter().enumerate() {
            let us = (1_740_960_000 + minute * 60 + at as i64 * 5) * 1_000_000;
            let time = footpath::ingest::time::format(us, false);
            let event = serde_json::json!({"user_id": format!("u{id}"), "session_id": format!("s{id}"), "path": page,
                "css": css, "text": text, "event_time": time});
            writeln!(file, "{event}").unwrap();
        }
    }
    file
}

fn compared(path: &std::path::Path, settings: &str) -> Option<ComparisonInfo> {
    document(path, &Settings::from_json(settings).unwrap()).comparison
}

fn change<'i>(found: &'i ComparisonInfo, what: &str) -> &'i Change {
    let at = found.changes.iter().find(|change| change.what == what);
    at.unwrap_or_else(|| panic!("{what}: {:?}", found.changes.iter().map(|change| &change.what).collect::<Vec<_>>()))
}

#[test]
fn before_and_after() {
    const BOUGHT: &[Event] = &[("/", "a", "Home"), ("/checkout", "button", "Place Order")];
    const LEFT: &[Event] = &[("/", "a", "Home"), ("/help", "a", "Help")];
    let mut sessions = Vec::new();
    // Of 40 before, 30 buy; of 40 after, 10.
    sessions.extend((0..40).map(|n| (n, if n % 4 == 0 { LEFT } else { BOUGHT })));
    sessions.extend((0..40).map(|n| (100 + n, if n % 4 == 0 { BOUGHT } else { LEFT })));
    let file = log(&sessions);
    assert_eq!(compared(file.path(), "{}"), None);
    let found = compared(file.path(), r#"{"compare": {"from": "half"}}"#).unwrap();
    assert_eq!(found.sessions, [40, 40]);
    let goal = change(&found, "reached the goal");
    assert_eq!((goal.hits, goal.n, goal.strength), ([30, 10], [40, 40], Some(Strength::Supported)));
    assert_eq!(goal.shares[0].replace('\u{a0}', " "), "30 of 40 (75 %)");
    let said = goal.change.replace('\u{a0}', " ");
    assert_eq!(said, "−50 points [−65 to −29]");
    let help = change(&found, "were on /help");
    assert_eq!((help.hits, help.n), ([10, 30], [40, 40]));
    // All were on the first page: there is nothing to compare.
    assert!(found.changes.iter().all(|change| change.what != "were on /"));
    // The same by a time, and by what sessions have.
    let by_time = compared(file.path(), r#"{"compare": {"from": "2025-03-03 01:30"}}"#).unwrap();
    assert_eq!((by_time.sessions, &by_time.changes), (found.sessions, &found.changes));
    let names = by_time.names.map(|name| name.replace('\u{a0}', " "));
    assert_eq!(names, ["before 3 Mar 2025, 01:30", "since 3 Mar 2025, 01:30"]);
    let with_help = compared(file.path(), r#"{"compare": {"having": "Help"}}"#).unwrap();
    assert_eq!(with_help.sessions, [40, 40]);
    assert_eq!(change(&with_help, "reached the goal").hits, [40, 0]);
    // What is no time is refused, or compares nothing.
    assert!(Settings::from_json(r#"{"compare": {"from": "yesterday"}}"#).is_err());
    assert_eq!(compared(file.path(), r#"{"compare": {"from": "2025-99"}}"#), None);
}

/// Counted by a script that shares nothing with the engine: of the sessions with an error 3 of 13 reached the goal.
#[test]
fn sessions_with_an_error_in_the_reference_file() {
    let Some(path) = reference() else { return };
    let found = compared(&path, r#"{"compare": {"having": "div.error-message"}}"#).unwrap();
    assert_eq!(found.sessions, [17, 13]);
    let goal = change(&found, "reached the goal");
    assert_eq!((goal.hits, goal.n), ([8, 4], [17, 13]));
}

#[test]
fn partitions_and_slices_do_not_matter() {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    Demo::new(5_000, 11, true).write(&mut file).unwrap();
    let settings = Settings::from_json(r#"{"compare": {"having": "/help"}}"#).unwrap();
    let whole = json(file.path(), &settings, 1, 1 << 30);
    assert!(whole.contains("\"comparison\""));
    for (workers, chunk) in [(2, 1 << 16), (3, 5_000)] {
        assert!(json(file.path(), &settings, workers, chunk) == whole, "{workers} workers");
    }
}

/// The two halves of a healthy file seldom differ.
#[test]
fn healthy_halves_are_alike() {
    let settings = Settings::from_json(r#"{"compare": {"from": "half"}}"#).unwrap();
    for (sessions, files) in [(30, 100), (300, 100)] {
        let differ = |seed: &u64| {
            let file = Simulation::new(5_000 + seed).file(sessions);
            let found = document(file.path(), &settings).comparison.unwrap();
            found.changes.iter().any(|change| change.strength == Some(Strength::Supported))
        };
        let alarms = (0..files).filter(differ).count();
        eprintln!("{sessions}: {alarms} of {files}");
        assert!(alarms * 100 <= ALLOWED_PERCENT * files as usize, "{sessions} sessions: {alarms} of {files}");
    }
}
