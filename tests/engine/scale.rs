//! Files that are large in one respect only must not take time by its square. The limits are many times what each
//! takes, so that they hold on a slow machine; by the square each takes minutes.

use std::fmt::Write;
use std::time::{Duration, Instant};

use footpath::findings::Class;
use footpath::report::Document;
use footpath::settings::Settings;

use crate::support::document;

const LIMIT: Duration = Duration::from_secs(60);

fn analysed(lines: &str) -> Box<Document> {
    let file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    std::fs::write(file.path(), lines).unwrap();
    let started = Instant::now();
    let document = document(file.path(), &Settings::default());
    assert!(started.elapsed() < LIMIT, "took {:?}", started.elapsed());
    document
}

#[test]
fn a_session_of_very_many_events_in_one_second() {
    let mut lines = String::new();
    for n in 0..200_000 {
        let element = n % 5;
        writeln!(
            lines,
            r#"{{"uuid":"{n}","user_id":"u","session_id":"s","path":"/","css":"b{element}","text":"","value":"","event_time":"2025-01-01 00:00:00"}}"#
        )
        .unwrap();
    }
    let document = analysed(&lines);
    let machine = document.findings.iter().find(|finding| finding.class == Class::HighActivity).unwrap();
    assert!(machine.cases[0].detail.contains("200,000 events"), "{}", machine.cases[0].detail);
}

#[test]
fn very_many_pages_with_errors() {
    // Each page is visited by five sessions, and one of them meets an error there: each is tested.
    let mut lines = String::new();
    for page in 0..30_000 {
        for visit in 0..5 {
            let (id, css) = (page * 5 + visit, if visit == 0 { "div.error" } else { "a.link" });
            writeln!(
                lines,
                r#"{{"uuid":"{id}","user_id":"u{id}","session_id":"s{id}","path":"/page-{page}x","css":"{css}","text":"Oops","value":"","event_time":"2025-01-01 00:00:00"}}"#
            )
            .unwrap();
        }
    }
    let document = analysed(&lines);
    assert_eq!(document.list_lengths.pages, 30_000);
    assert_eq!(document.classes.iter().find(|class| class.class == Class::PageErrorRate).unwrap().tested, 30_000);
}

#[test]
fn a_session_on_very_many_pages() {
    let mut lines = String::new();
    for page in 0..100_000 {
        writeln!(
            lines,
            r#"{{"uuid":"{page}","user_id":"u","session_id":"s","path":"/page-{page}x","css":"div.error","text":"Oops","value":"","event_time":"2025-01-01 00:00:00"}}"#
        )
        .unwrap();
    }
    assert_eq!(analysed(&lines).totals.sessions, 1);
}
