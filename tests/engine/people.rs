//! Users across their sessions, shares over time, what was typed, and what flows are called.

use std::io::Write;

use footpath::demo::Demo;
use footpath::report::Document;
use footpath::report::typed::{TypedRow, TypedWhat};
use footpath::settings::Settings;

use crate::support::{document, reference};

fn demo(events: u64) -> Box<Document> {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    Demo::new(events, 5, true).write(&mut file).unwrap();
    document(file.path(), &Settings::default())
}

/// Events as user, session, second, page, selector, text and value.
fn analysed(events: &[(&str, &str, i64, &str, &str, &str, &str)], settings: &Settings) -> Box<Document> {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    for (user, session, second, page, css, text, value) in events {
        let time = footpath::ingest::time::format((1_740_960_000 + second) * 1_000_000, false);
        let event = serde_json::json!({"user_id": user, "session_id": session, "path": page, "css": css, "text": text,
            "value": value, "event_time": time});
        writeln!(file, "{event}").unwrap();
    }
    document(file.path(), settings)
}

/// The values were counted by a script that shares nothing with the engine.
#[test]
fn users_of_the_reference_file() {
    let Some(path) = reference() else { return };
    let document = document(&path, &Settings::default());
    let users = &document.users;
    assert_eq!((document.totals.users, users.returning, users.converted), (11, 9, 7));
    assert_eq!((users.tried, users.tried_again, users.recovered), (7, 5, 3));
    // Of long times the first 14 binary digits are kept.
    assert!((users.wait_median_s.unwrap().0 - 5_670.0).abs() < 1.0);
    let said = document.funnel.notes.last().unwrap().replace('\u{a0}', " ");
    assert_eq!(
        said,
        "Counted by user, 7 of 11 reached the goal, 64 % (95 % interval 35 to 85). Of the 7 whose first session did not, 5 came again and 3 reached it then, in the median 1 h 34 min later."
    );
}

#[test]
fn what_was_typed_in_the_reference_file() {
    let Some(path) = reference() else { return };
    let document = document(&path, &Settings::default());
    let row = |row: &TypedRow| {
        let what = if row.what == TypedWhat::All { "all".into() } else { row.describe() };
        (row.css.clone(), what, [row.times, row.no_result, row.last, row.sessions, row.converted])
    };
    let of = |css: &str| -> Vec<_> { document.typed.iter().filter(|row| row.css == css).map(row).collect() };
    let css = "#search-bar".to_string();
    assert_eq!(
        of(&css),
        [
            (css.clone(), "all".to_string(), [27, 1, 0, 26, 12]),
            (css.clone(), "“printer”".into(), [3, 0, 0, 3, 2]),
            (css.clone(), "“router”".into(), [3, 0, 0, 3, 2]),
            (css.clone(), "“laptop”".into(), [2, 0, 0, 2, 1]),
            (css.clone(), "19 other values".into(), [19, 1, 0, 19, 7]),
        ]
    );
    // What may tell who it was is counted and not shown.
    for css in ["input.password", "input.username", "#shipping-address"] {
        let rows = of(css);
        assert_eq!((rows.len(), rows[1].1.as_str()), (2, "looks personal, not shown"), "{css}");
    }
    assert!(!footpath::report::json(&document).contains("Fake St"));
}

#[test]
fn values_that_look_personal_are_hidden_wherever_they_are_typed() {
    let search = |user, value| (user, user, 0, "/", "#search", "Search", value);
    let events = [
        search("a", "bob@example.com"),
        search("b", "bob@example.com"),
        search("c", "4111 1111 1111 1111"),
        search("d", "4111 1111 1111 1111"),
        search("e", "+49 170 1234567890"),
        search("f", "********"),
        search("g", "tent"),
        search("h", " tent "),
    ];
    let typed = |settings: &Settings| -> Vec<(String, u64)> {
        analysed(&events, settings).typed.iter().map(|row| (row.describe(), row.times)).collect()
    };
    let wanted =
        |rows: &[(&str, u64)]| -> Vec<(String, u64)> { rows.iter().map(|(what, n)| (what.to_string(), *n)).collect() };
    assert_eq!(typed(&Settings::default()), wanted(&[("#search", 8), ("“tent”", 2), ("looks personal, not shown", 6)]));
    // An element that is called personal by the settings.
    let settings = Settings::from_json(r#"{"quality": {"personal_words": ["search"]}}"#).unwrap();
    assert_eq!(typed(&settings), wanted(&[("#search", 8), ("looks personal, not shown", 8)]));
}

#[test]
fn a_search_without_result_is_counted() {
    let nothing = |user, second| (user, user, second, "/", "div.error", "No results", "");
    let search = |user, second, value| (user, user, second, "/", "#search", "Search", value);
    let events = [
        search("a", 0, "tnet"),
        nothing("a", 3),
        search("b", 0, "tnet"),
        nothing("b", 2),
        search("b", 9, "tnet"),
        search("c", 0, "tent"),
        search("d", 0, "tent"),
        ("d", "d", 9, "/checkout", "button", "Place Order", ""),
    ];
    let document = analysed(&events, &Settings::default());
    let rows: Vec<_> = document
        .typed
        .iter()
        .map(|row| (row.describe(), [row.times, row.no_result, row.last, row.sessions, row.converted]))
        .collect();
    let wanted = [("#search", [5, 2, 2, 4, 1]), ("“tent”", [2, 0, 1, 2, 1]), ("“tnet”", [3, 2, 1, 2, 0])];
    assert_eq!(rows, wanted.map(|(what, counts)| (what.to_string(), counts)));
}

#[test]
fn shares_over_time_add_up() {
    let document = demo(20_000);
    let stretches = &document.trend.stretches;
    assert!((3..=60).contains(&stretches.len()), "{}", stretches.len());
    let sum = |of: fn(&footpath::report::trend::Stretch) -> u64| stretches.iter().map(of).sum::<u64>();
    assert_eq!(sum(|stretch| stretch.sessions), document.totals.sessions);
    assert_eq!(sum(|stretch| stretch.converted), document.goal.converted);
    let with_errors: u64 = document.pages.iter().map(|page| page.error_sessions).sum();
    let sessions = sum(|stretch| stretch.with_errors);
    assert!(sessions <= with_errors && sessions > 0, "{sessions} {with_errors}");
    assert!(stretches.windows(2).all(|pair| pair[0].to_us == pair[1].from_us));
    for stretch in stretches {
        assert_eq!(stretch.converted_rate, footpath::stats::wilson(stretch.converted, stretch.sessions));
    }
}

#[test]
fn flows_have_names() {
    let Some(path) = reference() else { return };
    let names = |settings: &Settings| -> Vec<(String, String)> {
        let document = document(&path, settings);
        document.flows.iter().map(|flow| (flow.name.clone(), flow.title.clone())).collect()
    };
    let found = names(&Settings::default());
    assert_eq!(found[0].1, "/ → /products → /products/:slug → /cart → /checkout");
    assert_eq!(found[0].0, "Product, add to cart, proceed to checkout, place order");
    // Nobody has to like it.
    let named = r#"{"flow_names": ["/ → /products → /products/:slug → /cart → /checkout = Straight to the order"]}"#;
    assert_eq!(names(&Settings::from_json(named).unwrap())[0].0, "Straight to the order");
}
