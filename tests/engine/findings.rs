//! What findings say of small files made for one question each.

use footpath::findings::{Class, Finding};
use footpath::report::Document;
use footpath::settings::Settings;

use crate::support::document;

/// An event: session, second of the day, path, selector and text.
type Event<'a> = (&'a str, u32, &'a str, &'a str, &'a str);

fn lines(events: &[Event]) -> String {
    let line = |(n, (session, second, path, css, text)): (usize, &Event)| {
        let time = format!("2025-01-01 {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        serde_json::json!({
            "uuid": format!("id-{n}"), "user_id": format!("user-of-{session}"), "session_id": session, "path": path,
            "css": css, "text": text, "value": "", "event_time": time,
        })
        .to_string()
            + "\n"
    };
    events.iter().enumerate().map(line).collect()
}

fn analysed(events: &[Event], settings: &Settings) -> Box<Document> {
    let file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    std::fs::write(file.path(), lines(events)).unwrap();
    document(file.path(), settings)
}

fn of_class(document: &Document, class: Class) -> Vec<&Finding> {
    document.findings.iter().filter(|finding| finding.class == class).collect()
}

#[test]
fn a_session_with_errors_on_several_rare_pages_counts_once() {
    let names: Vec<(String, [String; 3])> =
        (0..60).map(|n| (format!("s{n}"), ["x", "y", "z"].map(|part| format!("/{part}-{n}w")))).collect();
    let mut events: Vec<Event> = Vec::new();
    for (at, (session, pages)) in (0..).zip(&names) {
        for (second, page) in (0..).zip(pages) {
            events.push((session, at * 60 + second, page, "div.error", "Oops"));
        }
    }
    let document = analysed(&events, &Settings::default());
    let finding = of_class(&document, Class::PageErrorRate)[0];
    assert_eq!(finding.title, "180 pages have errors, but too few visits to say more");
    assert_eq!((finding.count, finding.session_count, finding.sessions.len()), (60, 60, 60));
    assert!(finding.description.ends_with(" and others on 177 more pages."), "{}", finding.description);
}
