//! The standalone report: complete, and harmless whatever the file holds.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use footpath::demo::Demo;
use footpath::engine::Export;
use footpath::engine::native::{Input, analyse};
use footpath::report::html::{SCRIPT, SCRIPT_HASH};
use footpath::report::{self, Document, Summary, read_summary};
use footpath::settings::Settings;

use crate::support::{document, miniature, options, reference};

fn report_of(path: &Path, settings: &Settings) -> String {
    let (_, bytes) = analyse(&[Input::new(path)], &options(settings), Export::Html, &mut |_| {}).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn report(path: &Path) -> String {
    report_of(path, &Settings::default())
}

/// A generated file with planted anomalies: its report has every part.
fn planted() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    Demo::new(6_000, 7, true).write(&mut file).unwrap();
    file.flush().unwrap();
    file
}

/// What stands behind each occurrence of `mark`, up to `end`.
fn all<'a>(html: &'a str, mark: &str, end: &str) -> Vec<&'a str> {
    html.split(mark).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// Text without tags, as a reader sees it.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut outside = true;
    for char in html.chars() {
        match char {
            '<' => outside = false,
            '>' if !outside => outside = true,
            char if outside => text.push(char),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The rows of the table with this caption: of each cell the number it is sorted by, or its text.
fn table(html: &str, caption: &str) -> Vec<Vec<String>> {
    let tables = all(html, "<table", "</table>");
    let found = tables.iter().find(|table| plain(all(table, "<caption>", "</caption>")[0]).starts_with(caption));
    let body = all(found.unwrap_or_else(|| panic!("a table “{caption}”")), "<tbody>", "</tbody>")[0];
    let cell = |cell: &str| {
        let (tag, shown) = cell.split_once('>').unwrap();
        match tag.split_once("data-value=\"") {
            Some((_, value)) => value.trim_end_matches('"').to_string(),
            None => plain(&shown[..shown.rfind("</t").unwrap()]),
        }
    };
    let cells = |row: &str| row.replace("<th", "<td").split("<td").skip(1).map(cell).collect();
    all(body, "<tr>", "</tr>").into_iter().map(cells).collect()
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
fn everything_in_the_report_has_its_place() {
    let file = planted();
    let html = report(file.path());
    let ids: Vec<&str> = all(&html, " id=\"", "\"");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    for part in [
        "funnel",
        "findings",
        "not-found",
        "flows",
        "ends",
        "pages",
        "products",
        "time",
        "anomalies",
        "sessions",
        "quality",
        "method",
    ] {
        assert!(html.contains(&format!("<a href=\"#{part}\">")), "a link to {part}");
    }
    let links = all(&html, "href=\"#", "\"");
    assert!(
        links.iter().any(|link| link.starts_with("session-")) && links.iter().any(|link| link.starts_with("finding-"))
    );
    links.iter().for_each(|link| assert!(ids.contains(link), "#{link} leads nowhere"));
    for landmark in ["<main", "<h1", "<header", "<footer", "<nav"] {
        assert_eq!(html.matches(landmark).count(), 1, "{landmark}");
    }
    let main = &html[html.find("<main").unwrap()..];
    let levels: Vec<u8> =
        main.match_indices("<h").filter_map(|(at, _)| main.as_bytes()[at + 2].checked_sub(b'0')).collect();
    let levels: Vec<u8> = levels.into_iter().filter(|level| *level < 7).collect();
    assert_eq!(levels[0], 1);
    levels.windows(2).for_each(|pair| assert!(pair[1] <= pair[0] + 1, "headings skip a level: {levels:?}"));
    for table in all(&html, "<table", "</table>") {
        assert_eq!(table.matches("<caption>").count(), 1);
        assert_eq!(
            table.matches("<th").count(),
            table.matches("<th scope=").count() + 1,
            "thead begins with th as well"
        );
    }
    for part in [
        "Looked for and not found",
        "Times carry no time zone.",
        "Drop-off",
        "<em class=\"badge\">goal</em>",
        "error: ",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn the_numbers_of_the_tables_are_those_of_the_document() {
    let file = planted();
    let (html, document) = (report(file.path()), document(file.path(), &Settings::default()));
    let text = |n: u64| n.to_string();
    let pages: Vec<_> =
        document.pages.iter().map(|page| vec![page.page.clone(), text(page.sessions), text(page.events)]).collect();
    let shown: Vec<_> = table(&html, "Pages by sessions").into_iter().map(|row| row[..3].to_vec()).collect();
    assert_eq!(shown, pages);
    let errors: Vec<_> = document.pages.iter().map(|page| text(page.error_sessions)).collect();
    assert_eq!(table(&html, "Pages by sessions").iter().map(|row| row[5].clone()).collect::<Vec<_>>(), errors);

    let flows = document
        .flows
        .iter()
        .take(50)
        .map(|flow| (format!("{}{}", flow.name, flow.title), text(flow.sessions), text(flow.converted)));
    let shown = table(&html, "Exact flows").into_iter().map(|row| (row[0].clone(), row[1].clone(), row[3].clone()));
    assert_eq!(shown.collect::<Vec<_>>(), flows.collect::<Vec<_>>());
    let links: Vec<_> = document
        .flow_steps
        .links
        .iter()
        .map(|link| {
            vec![
                link.from.label().to_string(),
                link.to.label().to_string(),
                text(u64::from(link.step) + 1),
                text(link.sessions),
            ]
        })
        .collect();
    assert_eq!(table(&html, "From each place"), links);

    let lists = [("First pages", &document.entries), ("Last pages", &document.exits), ("Products", &document.products)];
    for (caption, list) in lists {
        let listed: Vec<_> = list.iter().take(50).map(|page| vec![page.page.clone(), text(page.sessions)]).collect();
        assert_eq!(table(&html, caption), listed, "{caption}");
    }
    let sum =
        |rows: &[Vec<String>], column: usize| rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(sum(&table(&html, "How the "), 1), document.goal.abandoned);
    let times = table(&html, "In stretches of");
    assert_eq!(times.len(), document.timeline.bins.len());
    assert_eq!(
        (sum(&times, 1), sum(&times, 3), sum(&times, 4)),
        (document.totals.events, document.totals.sessions, document.goal.converted)
    );
    assert_eq!(sum(&table(&html, "Sessions by the time"), 1), document.totals.sessions);
    let gaps: u64 = document.gaps.iter().map(|bin| bin.count).sum();
    assert_eq!(sum(&table(&html, "Gaps between"), 1), gaps);
    assert_eq!(sum(&table(&html, "Why lines were rejected"), 1), document.totals.rejected);
    let steps = &document.funnel.steps;
    let shown: Vec<String> = all(&html, "<div class=\"reach\">", "</div>").into_iter().map(plain).collect();
    assert_eq!(shown, steps.iter().map(|step| footpath::findings::wording::number(step.sessions)).collect::<Vec<_>>());
    assert_eq!(html.matches("<article class=\"finding\"").count(), document.findings.len());
}

#[test]
fn the_report_needs_nothing_from_elsewhere() {
    let html = report(&miniature());
    for part in ["http://", "https://", "src=", "@import", "url(", " onclick", "innerHTML", "eval("] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn no_script_runs_but_the_one_that_the_policy_names() {
    let hash = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(SCRIPT)));
    assert_eq!(SCRIPT_HASH, hash, "report.js has changed: write its hash into src/report/html/mod.rs");
    let html = report(&miniature());
    let policy = all(&html, "Content-Security-Policy\" content=\"", "\"")[0].replace("&#39;", "'");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src '{hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
        )
    );
    assert_eq!(html.matches("<script").count(), 2);
    assert!(html.contains(&format!("<script>{SCRIPT}</script>")));
    assert!(html.contains(r#"<script type="application/json" id="footpath-report">{"#));
    assert!(!SCRIPT.contains("</"));
}

#[test]
fn a_saved_report_says_what_it_is_about() {
    let settings = Settings { salvage: false, ..Settings::default() };
    let mut document: Box<Document> = document(&miniature(), &settings);
    // What is read has the digits that are written.
    let written = |document: &Document| -> Summary {
        serde_json::from_str(&serde_json::to_string(&Summary::of(document)).unwrap()).unwrap()
    };
    let html = report::html(&document, &[]);
    assert_eq!(read_summary(&html), Some(written(&document)));
    assert_eq!(read_summary(&report_of(&miniature(), &settings)).unwrap().totals, written(&document).totals);

    document.source.name =
        r#"</script><script type="application/json" id="footpath-report">{}</script></html> & <!--.jsonl"#.into();
    document.headline.title = "\u{2028}<![CDATA[ \\u003c".into();
    let hostile = report::html(&document, &[]);
    assert_eq!(read_summary(&hostile), Some(written(&document)));
    assert_eq!(hostile.matches("<script").count(), 2);
    assert!(!hostile.contains("<!--") && !hostile.contains("<![CDATA["));

    for cut in [0, 1, 100, html.len() / 2, html.find("\"settings\":{").unwrap() + 40, html.len() - 1] {
        let cut = (0..=cut).rev().find(|at| html.is_char_boundary(*at)).unwrap();
        assert_eq!(read_summary(&html[..cut]), None, "cut off at {cut}");
    }
    for other in [
        "",
        "<!DOCTYPE html><html></html>",
        "{}",
        "<script type=\"application/json\" id=\"footpath-report\">{}</script></html>",
    ] {
        assert_eq!(read_summary(other), None);
    }
    let newer = html.replace("id=\"footpath-report\">{\"schema\":1", "id=\"footpath-report\">{\"schema\":2");
    assert_eq!(read_summary(&newer), None);
}

#[test]
fn a_saved_report_is_no_events_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(report(&miniature()).as_bytes()).unwrap();
    let settings = Settings::default();
    let problem = analyse(&[Input::new(file.path())], &options(&settings), Export::Json, &mut |_| {}).unwrap_err();
    assert!(problem.to_string().starts_with("This is a report that Footpath saved"), "{problem}");
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
    for part in ["<img", "<svg onload", "<title><b>", "alert(2)>"] {
        assert!(!html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<script").count(), 2);
}

#[test]
fn typed_values_and_users_are_left_out() {
    let file = planted();
    let shown = report(file.path());
    for finding in &document(file.path(), &Settings::default()).findings {
        finding.users.iter().for_each(|user| assert!(!shown.contains(user.as_str()), "{user} is in the report"));
    }
    let html = report(&miniature());
    assert!(!html.contains("******") && !html.contains(">fox<"), "a typed value is in the report");
}
