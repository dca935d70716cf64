//! The standalone report: complete, and harmless whatever the file holds.

use std::io::Write;

use footpath::engine::Export;
use footpath::engine::native::{Input, analyse};
use footpath::settings::Settings;

use crate::support::{miniature, options, reference};

fn report(path: &std::path::Path) -> String {
    let settings = Settings::default();
    let (_, bytes) = analyse(&[Input::new(path)], &options(&settings), Export::Html, &mut |_| {}).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_report_tells_what_was_found_and_of_which_file() {
    let html = report(&miniature());
    for part in
        ["1 of 4 sessions reached the goal", "Where they stop", "miniature.jsonl", "Method and settings", "BLAKE3"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains(r#"<dd data-metric="events">10</dd>"#));
    let hash = blake3::hash(&std::fs::read(miniature()).unwrap()).to_hex().to_string();
    assert!(html.contains(&hash));
}

#[test]
fn the_report_needs_nothing_from_elsewhere() {
    let html = report(&miniature());
    assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
    for part in ["<script", "http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn the_report_of_the_reference_file_is_small() {
    let Some(path) = reference() else { return };
    let size = report(&path).len();
    assert!(size < 300 << 10, "{size} bytes");
}

#[test]
fn text_from_the_file_is_always_escaped() {
    let evil = r#"<img src=x onerror=alert(1)>\"'</script><svg onload=alert(2)>"#;
    let line = |field: &str, second: u32| {
        let value = |name: &str| if name == field { evil } else { "x" };
        format!(
            r#"{{"uuid":"{second}","user_id":"{}","session_id":"{}","path":"{}","css":"{} error","text":"{}","value":"{}","event_time":"2025-01-01 00:00:{second:02}"}}"#,
            value("user"),
            value("session"),
            value("path"),
            value("css"),
            value("text"),
            value("value")
        )
    };
    let fields = ["user", "session", "path", "css", "text", "value"];
    let lines: Vec<String> = fields.iter().zip(10..).map(|(field, second)| line(field, second)).collect();
    let mut file = tempfile::Builder::new().prefix("<b>").suffix("&.jsonl").tempfile().unwrap();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    let html = report(file.path());
    assert!(html.contains("&lt;img src=x"));
    for part in ["<img", "<script", "<svg onload", "<title><b>"] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn typed_values_are_left_out() {
    let html = report(&miniature());
    assert!(!html.contains("******") && !html.contains(">fox<"), "a typed value is in the report");
}
