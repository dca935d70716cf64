//! Files as other tools write them open by themselves: which layout it is, what plays which role, how many sessions.

use std::io::Write;
use std::path::{Path, PathBuf};

use footpath::engine::Export;
use footpath::engine::native::{Input, analyse};
use footpath::engine::opened::Opened;
use footpath::ingest::FileProblem;
use footpath::ingest::layout::name_of;
use footpath::report::Document;
use footpath::settings::Settings;
use footpath::settings::mapping::DateOrder;

use crate::support::{document, json, options};

/// A sample; absent where the samples are not.
fn sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/layouts").join(name);
    if !path.exists() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: the sample is absent: {}", path.display());
    }
    path.exists().then_some(path)
}

/// The document of a file that is unpacked first, if need be.
fn opened(path: &Path) -> Box<Document> {
    let files = Opened::File(path.into()).unpacked(false).expect("the file can be unpacked");
    let inputs: Vec<Input> = files.iter().map(Opened::input).collect();
    let document = analyse(&inputs, &options(&Settings::default()), Export::Json, &mut |_| {});
    let document = document.expect("the file can be analysed").0;
    assert_adds_up(&document);
    document
}

/// What a file comes to: its layout, events, sessions, users, lines rejected or set aside.
fn summary(path: &Path) -> (&'static str, u64, u64, u64, u64) {
    let document = opened(path);
    let totals = &document.totals;
    let layout = name_of(&document.settings.mapping).unwrap_or("another");
    (layout, totals.events, totals.sessions, totals.users, totals.rejected + totals.set_aside)
}

fn assert_adds_up(document: &Document) {
    let totals = &document.totals;
    assert_eq!(
        totals.events + totals.duplicates + totals.rejected + totals.set_aside + totals.blank + totals.headers,
        document.source.lines,
        "{}",
        document.source.name
    );
}

#[test]
fn samples_open_by_themselves() {
    let expected = [
        ("sparkify/2018-11-15-events.json", ("a log of a music service (Sparkify)", 533, 33, 25, 0)),
        ("sparkify/2018-11-15-events.csv", ("a log of a music service (Sparkify)", 533, 33, 25, 0)),
        ("retentioneering/ecom.csv.gz", ("events by user (as in Retentioneering)", 31_106, 3605, 600, 0)),
        ("retentioneering/simple-onlineshop.csv", ("events by user (as in Retentioneering)", 32_283, 6_454, 3_751, 0)),
        ("rees46/2019-Oct-sample.csv", ("events of a shop (REES46)", 1000, 372, 330, 0)),
        ("retailrocket/session_events_fixture.csv", ("events of a shop (RetailRocket)", 5, 3, 2, 0)),
        ("retailrocket/events_head_excerpt.csv", ("events of a shop (RetailRocket)", 3, 3, 3, 0)),
        ("posthog/posthog_export_SYNTHETIC.jsonl", ("a PostHog export", 8, 2, 2, 0)),
        ("posthog/posthog_export_SYNTHETIC.csv", ("a PostHog export", 8, 2, 2, 0)),
        ("segment/example_segment_pages.csv", ("pages from a Segment warehouse", 1, 1, 1, 0)),
        ("segment/segment_events.jsonl", ("a Segment or RudderStack export", 6, 6, 6, 1)),
        ("amplitude/amplitude_export.ndjson", ("an Amplitude export", 6, 3, 3, 0)),
        ("ga4/ga4_bq_web_SYNTHETIC.ndjson", ("a Google Analytics 4 export from BigQuery", 16, 3, 2, 0)),
        ("snowplow/snowplow_fractribution_events.csv", ("Snowplow events", 98, 98, 67, 0)),
        ("heap/heap_all_events_SYNTHETIC.csv", ("a Heap export", 6, 2, 2, 0)),
        ("yoochoose/yoochoose-clicks-head.dat", ("another", 20, 7, 7, 0)),
        ("process-mining/running-example.xes", ("an event log of cases", 42, 6, 6, 0)),
        ("process-mining/roadtraffic100traces.xes", ("an event log of cases", 390, 100, 100, 0)),
        ("rrweb/rrweb-hover.json", ("a session recording of clicks", 2, 1, 1, 0)),
        ("rrweb/rrweb-input.json", ("a session recording of clicks", 4, 1, 1, 0)),
        ("process-mining/running-example.csv", ("an event log of cases", 42, 6, 6, 0)),
        ("process-mining/pm4js-running-example_unchanged.csv", ("an event log of cases with activities", 42, 6, 6, 0)),
        ("accesslog-formats/common.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/common_vhost.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/common_complete.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/ncsa_extended.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/logs_to_tests.log", ("an access log of a web server", 4, 2, 2, 1)),
        ("accesslog-formats/alb.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/elb.log", ("an access log of a web server", 1, 1, 1, 2)),
        ("accesslog-formats/s3.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/haproxy.log", ("an access log of a web server", 1, 1, 1, 0)),
        ("accesslog-formats/iis.log", ("an access log of a web server", 1, 1, 1, 4)),
        ("accesslog-formats/amazon_cloudfront_web.log", ("an access log of a web server", 1, 1, 1, 2)),
        ("accesslog-formats/caddy_json.log", ("an access log of Caddy", 3, 1, 1, 0)),
        ("accesslog-formats/nginx_json.log", ("an access log of nginx", 2, 1, 1, 0)),
        ("accesslog-formats/traefik_json.log", ("an access log of Traefik", 1, 1, 1, 0)),
    ];
    for (name, expected) in expected {
        let Some(path) = sample(name) else { continue };
        assert_eq!(summary(&path), expected, "{name}");
    }
}

#[test]
fn a_log_of_processes_says_the_same_in_xml_as_in_a_table() {
    let names = ["process-mining/running-example.xes", "process-mining/running-example.csv"];
    let [Some(xml), Some(table)] = names.map(sample) else { return };
    let (xml, table) = (opened(&xml), opened(&table));
    assert_eq!((&xml.pages, &xml.flows, &xml.goal), (&table.pages, &table.flows, &table.goal));
    assert_eq!(xml.settings, table.settings);
    assert_eq!((&xml.totals.first_event, xml.totals.users), (&table.totals.first_event, table.totals.users));
}

#[test]
fn goals_are_proposed_by_their_names() {
    let expected = [
        ("sparkify/2018-11-15-events.json", "Upgrade", 1),
        ("retentioneering/simple-onlineshop.csv", "payment_done", 706),
        ("rees46/2019-Oct-sample.csv", "purchase", 9),
        ("retailrocket/session_events_fixture.csv", "transaction", 1),
        ("ga4/ga4_bq_web_SYNTHETIC.ndjson", "purchase", 1),
        ("process-mining/running-example.csv", "Place Order at /checkout", 0),
    ];
    for (name, goal, converted) in expected {
        let Some(path) = sample(name) else { continue };
        let document = document(&path, &Settings::default());
        assert_eq!((document.goal.name.as_str(), document.goal.converted), (goal, converted), "{name}");
    }
    // One that somebody chose stays.
    let Some(path) = sample("rees46/2019-Oct-sample.csv") else { return };
    let chosen = r#"{"goal": {"rule": "ends_at", "name": "Looked", "page": "view"}}"#;
    assert_eq!(document(&path, &Settings::from_json(chosen).unwrap()).goal.name, "Looked");
}

fn file(text: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_ref()).unwrap();
    file
}

const SHOP: &str = "visitor;when;action;note\r
7;2025-03-01 10:00:00;home;\r
7;2025-03-01 10:01:00;\"cart; all\";\"said \"\"yes\"\"\"\r
7;2025-03-01 10:31:01;home;\r
8;2025-03-01 10:00:30;home;\r
\r
8;2025-03-01 10:02:00;home;;5\r
8;soon;home;\r
;2025-03-01 10:02:00;home;\r
";

#[test]
fn a_table_of_another_kind_is_read_by_the_names_of_its_columns() {
    let file = file(SHOP.replace("when", "timestamp"));
    let document = document(file.path(), &Settings::default());
    assert_adds_up(&document);
    let mapping = &document.settings.mapping;
    assert_eq!(
        (mapping.user.as_str(), mapping.time.as_str(), mapping.page.as_str()),
        ("visitor", "timestamp", "action")
    );
    let totals = &document.totals;
    assert_eq!((totals.events, totals.rejected, totals.blank, totals.headers), (4, 3, 1, 1));
    // Thirty minutes and a second apart.
    assert_eq!((totals.sessions, totals.users), (3, 2));
    let pages: Vec<&str> = document.pages.iter().map(|page| page.page.as_str()).collect();
    assert_eq!(pages, ["home", "cart; all"]);
    let reasons: Vec<&str> = document.quality.rejected_lines.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "it has more fields than the first line names",
            "the field “timestamp” holds no readable time",
            "the field “visitor” (user) is missing or empty",
        ]
    );
}

#[test]
fn workers_and_chunks_do_not_matter_to_tables() {
    let mut text = String::from("user_id,event,timestamp\n");
    for n in 0..3000u32 {
        text.push_str(&format!("u{},\"page {}\",{}\n", n * 7 % 40, n % 11, 1_700_000_000 + n * 97 % 90_000));
    }
    let file = file(&text);
    let settings = Settings::default();
    let expected = json(file.path(), &settings, 1, 1 << 20);
    for (workers, chunk) in [(1, 999), (2, 5000), (3, 1 << 14)] {
        assert!(json(file.path(), &settings, workers, chunk) == expected, "{workers} workers, chunks of {chunk}");
    }
}

#[test]
fn the_settings_of_a_file_that_has_their_fields_stay() {
    let mut settings = Settings::default();
    settings.mapping.session = "@user".into();
    settings.mapping.page = "css".into();
    settings.mapping.css = String::new();
    let file = file(concat!(
        r#"{"user_id": "u", "css": "a", "event_time": "2025-03-01 10:00:00", "path": "/"}"#,
        "\n",
        r#"{"user_id": "u", "css": "b", "event_time": "2025-03-01 10:00:09", "path": "/"}"#,
        "\n",
    ));
    let document = document(file.path(), &settings);
    assert_eq!(document.settings.mapping, settings.mapping);
    assert_eq!((document.totals.sessions, document.pages.len()), (1, 2));
}

#[test]
fn of_an_access_log_people_and_pages_are_left() {
    let line = |minute: u32, path: &str, status: u32, agent: &str| {
        format!(
            "1.2.3.4 - - [10/Feb/2012:16:{minute:02}:07 -0500] \"GET {path} HTTP/1.0\" {status} 368 \"-\" \"{agent}\"\n"
        )
    };
    let lines = [
        line(0, "/", 200, "Mozilla/5.0"),
        line(0, "/style.css", 200, "Mozilla/5.0"),
        line(1, "/a?b=1", 404, "Mozilla/5.0"),
        line(2, "/", 200, "Googlebot/2.1"),
        line(33, "/", 200, "Mozilla/5.0"),
    ];
    let file = file(lines.concat());
    let document = document(file.path(), &Settings::default());
    assert_adds_up(&document);
    let totals = &document.totals;
    assert_eq!((totals.events, totals.rejected, totals.set_aside, totals.sessions), (3, 0, 2, 2));
    assert!(document.findings.iter().any(|finding| finding.title == "2 lines were set aside: no actions of people"));
    let pages: Vec<&str> = document.pages.iter().map(|page| page.page.as_str()).collect();
    assert_eq!(pages, ["/", "/a"]);
    let failed = document.pages.iter().find(|page| page.page == "/a").unwrap();
    assert_eq!(failed.error_events, 1);
}

/// Two users; the second record of the first one goes on over three lines.
const LONG_RECORDS: &str = "user_id,event,timestamp,note\r
1,main,2025-03-01 10:00:00,\r
1,\"cart\r
page\",2025-03-01 10:01:00,\"said \"\"yes\"\",\r
and left\"\r
2,main,2025-03-01 10:02:00,\"x\"\r
";

#[test]
fn records_of_a_table_may_go_on_over_lines() {
    let file = file(LONG_RECORDS);
    let document = opened(file.path());
    let totals = &document.totals;
    assert_eq!((totals.events, totals.rejected, totals.users, totals.headers), (3, 0, 2, 1));
    let pages: Vec<&str> = document.pages.iter().map(|page| page.page.as_str()).collect();
    assert_eq!(pages, ["main", "cart page"]);
}

#[test]
fn a_record_of_several_lines_far_behind_is_told_of() {
    let mut text = String::from("user_id,event,timestamp\n");
    for n in 0..4000 {
        text.push_str(&format!("u{},main,{}\n", n % 40, 1_700_000_000 + n));
    }
    text.push_str("u1,\"a\nb\",1700000000\n");
    let document = opened(file(&text).path());
    let totals = &document.totals;
    assert_eq!((totals.events, totals.rejected), (4000, 2));
    assert!(document.quality.rejected_lines[0].reason.starts_with("a quote in it does not end; records that go on"));
}

#[test]
fn a_table_without_names_is_read_by_its_values() {
    let clicks =
        "1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09Z,214536500,0\n2,2014-04-07T13:56:37Z,7,0\n";
    let document = opened(file(clicks).path());
    assert_eq!((document.totals.events, document.totals.sessions, document.totals.headers), (3, 2, 0));
    let problem = |text: &str| {
        let file = file(text);
        analyse(&[Input::new(file.path())], &options(&Settings::default()), Export::Json, &mut |_| {}).unwrap_err()
    };
    assert_eq!(problem("1,2,3\n1,5,6\n2,7,8\n"), FileProblem::NotJson);
}

#[test]
fn enriched_events_of_snowplow_need_no_names() {
    let line = |at: usize, path: &str| {
        let mut fields = vec![String::new(); 131];
        for (place, text) in [
            (1, "web".to_string()),
            (3, format!("2025-03-01 10:00:0{at}.000")),
            (5, "page_view".into()),
            (6, format!("2dfeb9b7-5a87-4214-8a97-a8b23176856{at}")),
            (15, "visitor".into()),
            (35, path.into()),
            (52, r#"{"schema":"iglu:com.example/contexts","data":[]}"#.into()),
            (123, "96958bf6-a8bf-4be8-9c67-fd957b6bc8d2".into()),
        ] {
            fields[place] = text;
        }
        fields.join("\t")
    };
    let file = file([line(1, "/a"), line(2, "/b"), line(3, "/a")].join("\n"));
    assert_eq!(summary(file.path()), ("Snowplow events", 3, 1, 1, 0));
    let pages: Vec<String> = opened(file.path()).pages.iter().map(|page| page.page.clone()).collect();
    assert_eq!(pages, ["/a", "/b"]);
}

#[test]
fn day_and_month_are_told_apart_over_the_first_records() {
    let table = |dates: [&str; 3]| {
        let lines = dates.map(|date| format!("u,home,{date}\n"));
        file(format!("user_id,event,timestamp\n{}", lines.concat()))
    };
    let read = |dates: [&str; 3]| {
        let document = opened(table(dates).path());
        let uncertain = document.findings.iter().any(|finding| finding.title.contains("begin with the day"));
        (document.settings.mapping.dates, document.totals.first_event.clone().unwrap(), uncertain)
    };
    let day_first = ["03/04/2025 10:00", "13/04/2025 10:00", "05/04/2025 10:00"];
    assert_eq!(read(day_first), (DateOrder::DayFirst, "2025-04-03T10:00:00".into(), false));
    let month_first = ["03/04/2025 1:00 PM", "03/14/2025 10:00 AM", "03/05/2025 10:00 AM"];
    assert_eq!(read(month_first), (DateOrder::MonthFirst, "2025-03-04T13:00:00".into(), false));
    let neither = ["03/04/2025", "03/05/2025", "03/06/2025"];
    assert_eq!(read(neither), (DateOrder::MonthFirst, "2025-03-04T00:00:00".into(), true));
    let document = opened(table(day_first).path());
    assert_eq!(name_of(&document.settings.mapping), Some("events by user (as in Retentioneering)"));
}

#[test]
fn times_that_a_spreadsheet_spoiled_keep_the_order_of_the_file() {
    let coarse =
        |document: &Document| document.findings.iter().any(|finding| finding.title.ends_with("have the same time"));
    let mut text = String::from("user_id,event,timestamp\n");
    (0..60).for_each(|n| text.push_str(&format!("u{},page {n:02},1.5422{}E+12\n", n / 30, n / 15)));
    let document = opened(file(text).path());
    assert!(coarse(&document));
    assert_eq!((document.totals.events, document.quality.out_of_order), (60, 0));
    // Nobody is judged by such times, and the classes say so.
    for class in document.classes.iter().filter(|class| class.class.needs_times()) {
        assert!(
            class.found == 0 && class.closest.starts_with("Not testable: too many neighbouring events"),
            "{class:?}"
        );
        assert_eq!(document.findings_of(class.class).count(), 0);
    }
    if let Some(path) = sample("sparkify/2018-11-15-events.csv") {
        let spoiled = opened(&path);
        assert!(coarse(&spoiled));
        assert_eq!(spoiled.quality.out_of_order, 0);
    }
    if let Some(path) = sample("sparkify/2018-11-15-events.json") {
        assert!(!coarse(&opened(&path)));
    }
}
