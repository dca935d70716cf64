//! Class 16 on small files: what each rule says, and what it must not say.

use std::io::Write;

use crate::support::{document, json, reference};
use footpath::analysis::personal::PersonalKind;
use footpath::findings::Class;
use footpath::ingest::shape::IdShape;
use footpath::report::Document;
use footpath::settings::{Role, Settings};

fn file(lines: &[String]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    file.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    file
}

fn analysed(lines: &[String]) -> Box<Document> {
    document(file(lines).path(), &Settings::default())
}

/// An event of its own session and user; `fields` replace those with the same name, since the last one counts.
fn event(n: usize, fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { "," };
    format!(
        r#"{{"uuid":"id-{n}","user_id":"u-{n}","session_id":"s-{n}","path":"/","css":"a","text":"A","value":"","event_time":"2025-01-01 {:02}:{:02}:00"{comma}{fields}}}"#,
        n / 60 % 24,
        n % 60
    )
}

fn titles(document: &Document) -> Vec<&str> {
    let quality = document.findings.iter().filter(|finding| finding.class == Class::DataQuality);
    quality.map(|finding| finding.title.as_str()).collect()
}

fn about<'a>(document: &'a Document, title: &str) -> &'a footpath::findings::Finding {
    let found = document.findings.iter().find(|finding| finding.title == title);
    found.unwrap_or_else(|| panic!("{title} is not among {:?}", titles(document)))
}

/// A file with every trait this class looks for, for the tests that need them all.
fn everything() -> Vec<String> {
    let mut lines: Vec<String> = (0..600).map(|n| event(n, "")).collect();
    let odd = [
        r#""user_id":null"#,
        r#""user_id":" ""#,
        r#""user_id":"Anonymous""#,
        r#""user_id":"3c7a9e10-2b4c-4d3f-9f2b-abcdefabcdef""#,
        r#""uuid":"undefined""#,
        r#""uuid":"""#,
        r#""value":7"#,
        r#""value":"bob@x.com""#,
        r#""value":"4111 1111 1111 1111""#,
        r#""text":"Call 030 1234567""#,
        r#""path":"/u/bob@x.com""#,
        r#""path":"/u/al%40x.com""#,
        r#""path":"/u/•••""#,
        r##""css":"#mail-bob@x.com""##,
    ];
    lines.extend(odd.iter().enumerate().map(|(n, fields)| event(600 + n, fields)));
    lines
}

#[test]
fn a_plain_file_has_nothing_to_report() {
    let document = analysed(&(0..20).map(|n| event(n * n, "")).collect::<Vec<_>>());
    assert!(document.quality.personal.is_empty());
    let values: Vec<Role> = document.quality.noteworthy_fields().iter().map(|field| field.role).collect();
    assert_eq!(values, [Role::Value], "blank values are counted, and no finding");
    assert_eq!(titles(&document), ["7 sessions may be cut off by the file’s ends"]);
}

#[test]
fn empty_fields_are_counted_by_what_they_hold() {
    let document = analysed(&[
        event(0, r#""user_id":null,"css":["a"],"value":true"#),
        event(1, r#""user_id":" ","text":"\t""#),
        r#"{"session_id":"s","path":"/","event_time":"2025-01-01"}"#.into(),
        event(3, ""),
    ]);
    let field = |role| document.quality.fields.iter().find(|field| field.role == role).unwrap();
    assert_eq!(field(Role::User).counts(), [1, 1, 1, 1, 0, 0, 0]);
    assert_eq!(field(Role::Css).counts(), [1, 0, 0, 2, 0, 1, 0]);
    assert_eq!(field(Role::Text).counts(), [1, 0, 1, 2, 0, 0, 0]);
    assert_eq!(field(Role::Value).counts(), [1, 0, 2, 0, 1, 0, 0]);
    let users = about(&document, "3 events have no user; the session stands in");
    assert_eq!((users.count, users.n), (3, 4));
    assert_eq!(about(&document, "1 event has no record id").count, 1);
    assert_eq!(document.totals.users, 4);
}

#[test]
fn a_file_without_users_says_so() {
    let nobody = analysed(&[r#"{"session_id":"s","path":"/","event_time":"2025-01-01"}"#.into()]);
    about(&nobody, "No event has a user; the session stands in");
    let mut settings = Settings::default();
    settings.mapping.user = String::new();
    let file = file(&[event(0, ""), event(1, "")]);
    let unmapped = document(file.path(), &settings);
    assert!(titles(&unmapped).is_empty(), "a field that is not mapped is not missed: {:?}", titles(&unmapped));
    assert!(unmapped.quality.fields.iter().all(|field| field.role != Role::User));
}

#[test]
fn placeholders_are_found_in_any_case() {
    let document = analysed(&[
        event(0, r#""user_id":"NULL","text":"None""#),
        event(1, r#""user_id":"anonymous","uuid":"Undefined""#),
        event(2, r#""session_id":"00000000-0000-0000-0000-000000000000""#),
        event(3, r#""css":"[object Object]","value":"test""#),
        event(4, r#""user_id":"nullable""#),
    ]);
    let found = about(&document, "5 field values are placeholders");
    assert_eq!(
        found.description,
        "1 event in “uuid”, 2 events in “user_id”, 1 event in “session_id” and 1 event in “css”."
    );
    let field = |role| document.quality.fields.iter().find(|field| field.role == role).unwrap().placeholder;
    assert_eq!([Role::Text, Role::Value].map(field), [1, 1], "counted, but “None” and “test” may be meant");
}

#[test]
fn types_that_change_are_named() {
    let document = analysed(&[
        event(0, r#""user_id":7"#),
        event(1, ""),
        event(2, r#""value":null"#),
        event(3, r#""value":12"#),
        event(4, r#""text":{"de":"A"}"#),
    ]);
    let found = about(&document, "The types of 2 fields change");
    assert_eq!(
        found.description,
        "“user_id” is text in 4 events and number or true/false in 1 event; \
         “text” is text in 4 events and list or object in 1 event."
    );
    assert_eq!((found.count, found.n), (2, 5));
}

#[test]
fn stray_ids_are_told_from_a_second_kind() {
    let uuid = |n: usize| format!(r#""user_id":"3c7a9e10-2b4c-4d3f-9f2b-{n:012x}""#);
    let users = |strays: usize, of: usize| -> Vec<String> {
        let id = |n| if n < strays { format!(r#""user_id":"{n}""#) } else { uuid(n) };
        (0..of).map(|n| event(n, &id(n))).collect()
    };
    let few = analysed(&users(2, 100));
    let found = about(&few, "2 user ids have another form than the rest");
    assert!(
        found.description.contains("most of 100 user ids are UUIDs; 2 of them (2\u{a0}%) cannot be: 2 of digits only")
    );
    assert_eq!(few.quality.id_forms[&Role::User], [(IdShape::Uuid, 98), (IdShape::Digits, 2)].into());
    let many = analysed(&users(5, 100));
    assert!(!titles(&many).iter().any(|title| title.contains("another form")), "5 % are a second kind");
    // Sessions that stand in for their users are no user ids.
    let mut blank: Vec<String> = (0..99).map(|n| event(n, &uuid(n))).collect();
    blank.push(event(99, r#""user_id":"""#));
    assert!(!titles(&analysed(&blank)).iter().any(|title| title.contains("another form")));
}

#[test]
fn what_is_personal_is_counted_and_never_shown() {
    let lines = everything();
    let file = file(&lines);
    let settings = Settings::default();
    let document = document(file.path(), &settings);
    let found: Vec<(PersonalKind, Role, u64, u64)> = document
        .quality
        .personal
        .iter()
        .map(|found| (found.kind, found.role, found.events, found.first_line))
        .collect();
    use PersonalKind::{CardNumber, Email, LongNumber};
    assert_eq!(
        found,
        [
            (Email, Role::Page, 2, 611),
            (Email, Role::Css, 1, 614),
            (Email, Role::Value, 1, 608),
            (CardNumber, Role::Value, 1, 609),
            (LongNumber, Role::Text, 1, 610),
        ]
    );
    let emails = about(&document, "4 field values hold what look like e-mail addresses");
    assert!(emails.description.starts_with("2 events in “path”, first in line 611;"), "{}", emails.description);
    let page = document.pages.iter().find(|page| page.page == "/u/•••").unwrap();
    assert_eq!((page.sessions, page.events), (3, 3), "pages that differ only in the address are one");
    assert!(document.abandonment.last_elements.iter().any(|element| element.css == "#•••"));
    let text = json(file.path(), &settings, 2, 1 << 20);
    for secret in ["bob@", "al%40", "4111"] {
        assert!(!text.contains(secret), "{secret} is in the document");
    }
    let open = Settings {
        quality: footpath::settings::QualitySettings { mask_personal: false, ..settings.quality },
        ..Settings::default()
    };
    assert!(json(file.path(), &open, 2, 1 << 20).contains("/u/bob@x.com"));
}

#[test]
fn sessions_at_the_ends_may_be_cut_off() {
    // One session a minute, over three hours.
    let document = analysed(&(0..180).map(|n| event(n, "")).collect::<Vec<_>>());
    let edges = document.quality.edges.clone().unwrap();
    assert_eq!((edges.at_start, edges.at_end, edges.sessions), (31, 31, 62));
    let found = about(&document, "62 sessions may be cut off by the file’s ends");
    assert_eq!((found.count, found.n, found.session_count), (62, 180, 0));
    // Two hours are four windows, and no longer.
    let short = analysed(&(0..121).map(|n| event(n, "")).collect::<Vec<_>>());
    assert_eq!(short.quality.edges, None);
    assert!(!titles(&short).iter().any(|title| title.contains("cut off")));
}

#[test]
fn partitions_and_chunks_do_not_matter() {
    let file = file(&everything());
    let settings = Settings::default();
    let expected = json(file.path(), &settings, 1, 1 << 30);
    for (workers, chunk) in [(1, 300), (2, 1_000), (3, 777), (8, 5_000), (8, 1 << 30)] {
        assert!(json(file.path(), &settings, workers, chunk) == expected, "{workers} workers, chunks of {chunk} bytes");
    }
}

#[test]
fn the_reference_file() {
    let Some(path) = reference() else { return };
    let document = document(&path, &Settings::default());
    assert_eq!(
        titles(&document),
        [
            "1 event carries what was typed into a password field",
            "1 record was damaged and repaired",
            "13 sessions may be cut off by the file’s ends",
            "Sessions start every 5\u{a0}min, like clockwork",
        ]
    );
}
