//! Whoever reads what in which order, the results are the same to the byte, and every line is accounted for.

use std::io::Write;

use crate::support::{json, miniature};
use footpath::demo::Demo;
use footpath::settings::Settings;
use proptest::prelude::*;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The results without the file's own name, hash and size, which differ between files with the same events.
fn answers(json: &str) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(json).unwrap();
    value["source"] = serde_json::Value::Null;
    value
}

#[test]
fn workers_and_chunks_do_not_matter() {
    let mut planted = Vec::new();
    Demo::new(3_000, 7, true).write(&mut planted).unwrap();
    let planted = file(&planted);
    for path in [miniature().as_path(), planted.path()] {
        let settings = Settings::default();
        let expected = json(path, &settings, 1, 1 << 30);
        for field in ["\"classes\"", "unusual_navigation"] {
            assert!(expected.contains(field), "{field}");
        }
        for (workers, chunk) in [(1, 100), (2, 1_000), (3, 777), (8, 5_000), (8, 1 << 30)] {
            assert!(json(path, &settings, workers, chunk) == expected, "{workers} workers, chunks of {chunk} bytes");
        }
    }
}

/// The lists that are cut at so many sessions, and the classes with thresholds from the whole file.
#[test]
fn planted_findings_do_not_depend_on_partitions() {
    let mut planted = Vec::new();
    Demo::new(6_000, 7, true).write(&mut planted).unwrap();
    let planted = file(&planted);
    let mut settings = Settings::default();
    settings.long_gap.min_gap_s = 20.0;
    let expected = json(planted.path(), &settings, 1, 1 << 30);
    for class in ["long_gap", "session_duration", "high_activity", "unusual_navigation"] {
        assert!(expected.contains(&format!("\"class\": \"{class}\",\n      \"title\"")), "{class}");
    }
    assert!(expected.contains("\"cases\""));
    for (workers, chunk) in [(2, 9_000), (5, 100_000), (8, 1 << 30)] {
        assert!(json(planted.path(), &settings, workers, chunk) == expected, "{workers} workers, {chunk} bytes");
    }
}

#[test]
fn the_demo_has_exactly_the_lines_asked_for_and_always_the_same() {
    for (events, plant) in [(1, false), (50, true), (1_000, false), (5_000, true)] {
        let bytes = |seed| {
            let mut bytes = Vec::new();
            Demo::new(events, seed, plant).write(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes(1).iter().filter(|byte| **byte == b'\n').count() as u64, events);
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }
}

/// Lines of several sessions: events, and now and then something else.
pub fn lines() -> impl Strategy<Value = Vec<(u8, String)>> {
    let event = (0u8..6, 0usize..5, 0usize..4, 0u32..300, any::<bool>()).prop_map(|(session, page, element, second, id)| {
        let page = ["/", "/cart", "/checkout", "/items/1", "/items/22"][page];
        let (css, text) = [("a", "A"), ("button.place-order", "Place Order"), ("div.error-message", "Oops"), ("b.cancel", "Cancel")][element];
        let id = if id { format!("{session}-{second}") } else { String::new() };
        let time = format!("2025-01-01 00:{:02}:{:02}", second / 60, second % 60);
        let line = format!(
            r#"{{"uuid":"{id}","user_id":"u{}","session_id":"s{session}","path":"{page}","css":"{css}","text":"{text}","value":"","event_time":"{time}"}}"#,
            session / 2
        );
        (session, line)
    });
    let other = prop_oneof![Just(""), Just("{"), Just("nonsense"), Just(r#"{"path":"/"}"#)];
    let line = prop_oneof![9 => event, 1 => other.prop_map(|line| (99, line.to_string()))];
    // The first line is a record, so that the file is taken for JSON Lines.
    prop::collection::vec(line, 1..60).prop_filter("begins with a record", |lines| lines[0].0 != 99)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_chunking_gives_the_same(lines in lines(), workers in 1usize..9, chunk in 1u64..4000) {
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        let file = file(text.join("\n").as_bytes());
        let settings = Settings::default();
        prop_assert_eq!(json(file.path(), &settings, 1, 1 << 30), json(file.path(), &settings, workers, chunk));
    }

    #[test]
    fn every_line_is_accounted_for(lines in lines()) {
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        let file = file((text.join("\n") + "\n").as_bytes());
        let document = crate::support::document(file.path(), &Settings::default());
        let totals = &document.totals;
        prop_assert_eq!(totals.events + totals.duplicates + totals.rejected + totals.blank, lines.len() as u64);
        let groups: u64 = document.abandonment.groups.iter().map(|group| group.sessions).sum();
        prop_assert_eq!(document.goal.converted + groups, totals.sessions);
        let flows: u64 = document.flows.iter().map(|flow| flow.sessions).sum();
        prop_assert_eq!(flows, totals.sessions);
        prop_assert_eq!(document.entries.iter().map(|page| page.sessions).sum::<u64>(), totals.sessions);
    }

    /// Sessions may be interleaved in any way that keeps each session's own lines in order.
    #[test]
    fn any_interleaving_gives_the_same(lines in lines(), picks in prop::collection::vec(any::<u8>(), 60)) {
        let mut queues: Vec<std::collections::VecDeque<&str>> = vec![Default::default(); 6];
        for (session, line) in lines.iter().filter(|(session, _)| *session != 99) {
            queues[*session as usize].push_back(line);
        }
        let in_order: Vec<&str> = queues.iter().flatten().copied().collect();
        let mut mixed = Vec::new();
        let mut picks = picks.into_iter().cycle();
        while queues.iter().any(|queue| !queue.is_empty()) {
            let open: Vec<usize> = (0..6).filter(|session| !queues[*session].is_empty()).collect();
            let session = open[picks.next().unwrap() as usize % open.len()];
            mixed.extend(queues[session].pop_front());
        }
        let settings = Settings::default();
        let results = |lines: &[&str]| {
            let file = file(lines.join("\n").as_bytes());
            let mut answers = answers(&json(file.path(), &settings, 2, 500));
            // Sessions that start together are listed in the order of the file.
            sort_lists(&mut answers);
            answers
        };
        prop_assert_eq!(results(&in_order), results(&mixed));
    }
}

fn sort_lists(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(list) => {
            list.iter_mut().for_each(sort_lists);
            list.sort_by_key(|item| item.to_string());
        }
        serde_json::Value::Object(map) => map.values_mut().for_each(sort_lists),
        _ => {}
    }
}
