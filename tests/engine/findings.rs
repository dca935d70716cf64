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
    assert_eq!((finding.count, finding.n, finding.unit.as_str()), (180, 180, "page visits"));
    assert_eq!((finding.session_count, finding.sessions.len()), (60, 60));
    assert!(finding.description.ends_with(" and sessions on 177 more pages met an error."), "{}", finding.description);
}

#[test]
fn short_sessions_keep_their_milliseconds() {
    let line = |n: u32, ms: u32| {
        format!(
            r#"{{"uuid":"{n}-{ms}","user_id":"u","session_id":"s{n}","path":"/","css":"a","text":"","event_time":"2025-01-01T00:00:00.{ms:03}Z"}}"#
        )
    };
    let lines: Vec<String> = (0..5).flat_map(|n| [line(n, 0), line(n, 100 + n)]).collect();
    let file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    let document = document(file.path(), &Settings::default());
    assert_eq!(document.totals.session_median_s.unwrap().0, 0.102);
    assert_eq!(footpath::findings::wording::seconds(0.102), "0.1\u{a0}s");
    assert_eq!(footpath::findings::wording::seconds(0.012), "0.01\u{a0}s");
}

#[test]
fn what_is_personal_is_placed_in_its_file() {
    let mut files = Vec::new();
    for (name, text) in [("first", "Home"), ("second", "bob@example.org")] {
        let file = tempfile::Builder::new().prefix(name).suffix(".jsonl").tempfile().unwrap();
        std::fs::write(file.path(), lines(&[("s", 0, "/", "a", "Home"), (name, 60, "/", "a", text)])).unwrap();
        files.push(file);
    }
    let inputs: Vec<_> = files.iter().map(|file| footpath::engine::native::Input::new(file.path())).collect();
    let options = crate::support::options(&Settings::default());
    let export = footpath::engine::Export::Json;
    let (document, _) = footpath::engine::native::analyse(&inputs, &options, export, &mut |_| {}).unwrap();
    let finding = document.findings.iter().find(|finding| finding.title.contains("e-mail")).unwrap();
    let place = format!("first in line 2 of {}", inputs[1].name);
    assert!(finding.description.contains(&place), "{}", finding.description);
}

/// Four sessions: one buys, two end on the cart, one on the front page.
const SHOP: [Event; 8] = [
    ("a", 0, "/", "a.shop", "Shop"),
    ("a", 5, "/cart", "button.buy", "Buy"),
    ("b", 60, "/", "a.shop", "Shop"),
    ("b", 65, "/cart", "a.back", "Back"),
    ("c", 120, "/", "a.shop", "Shop"),
    ("c", 125, "/cart", "a.back", "Back"),
    ("d", 180, "/", "a.shop", "Shop"),
    ("d", 185, "/", "a.shop", "Shop"),
];

fn with(json: &str) -> Settings {
    Settings::from_json(json).unwrap()
}

#[test]
fn a_goal_with_the_default_name_and_another_rule_is_called_by_the_rule() {
    let goal = |json: &str| {
        let document = analysed(&SHOP, &with(&format!(r#"{{"goal": {json}}}"#)));
        assert!(document.headline.title.contains(&format!("“{}”", document.goal.name)), "{}", document.headline.title);
        document.goal.name
    };
    const DEFAULT: &str = "Place Order at /checkout";
    let event = |matcher: &str| goal(&format!(r#"{{"rule": "event", "name": "{DEFAULT}", "event": {matcher}}}"#));
    assert_eq!(event(r#"{"page": "/cart", "text": "Buy"}"#), "Buy at /cart");
    assert_eq!(event(r#"{"page": "/nowhere"}"#), "/nowhere");
    assert_eq!(event(r#"{"css": "button.buy"}"#), "button.buy");
    assert_eq!(event(r#"{"page": "/checkout", "text": "Place Order"}"#), DEFAULT);
    assert_eq!(goal(&format!(r#"{{"rule": "ends_at", "name": "{DEFAULT}", "page": "/cart"}}"#)), "the end at /cart");
    assert_eq!(goal(r#"{"rule": "ends_at", "name": "Mine", "page": "/cart"}"#), "Mine");
}

#[test]
fn where_the_goal_stands_alone_the_last_pages_are_named() {
    let settings = with(r#"{"goal": {"rule": "event", "name": "Buy", "event": {"text": "Buy"}}}"#);
    let document = analysed(&SHOP, &settings);
    assert_eq!(document.funnel.rules.len(), 1);
    assert_eq!(
        document.headline.title,
        "1 of 4 sessions reached the goal “Buy”. The others ended most often on /cart (2) and / (1)."
    );
    let others = of_class(&document, Class::Abandonment)[0];
    assert_eq!(others.next, "Look first at where they ended most often: on /cart (2) and / (1).");
    let reached = of_class(&document, Class::Conversion)[0];
    assert_eq!(document.findings.last(), Some(reached));
}

#[test]
fn a_goal_that_nobody_reached_has_no_finding_of_its_own() {
    let document = analysed(&SHOP, &Settings::default());
    assert!(of_class(&document, Class::Conversion).is_empty());
    assert_eq!(of_class(&document, Class::Abandonment)[0].count, 4);
}

#[test]
fn the_funnel_says_whom_it_leaves_out() {
    let settings = with(
        r#"{"goal": {"rule": "event", "name": "Buy", "event": {"text": "Buy"}},
            "funnel": {"steps": "listed", "list": [
                {"name": "Shop", "any_of": [{"text": "Shop"}]},
                {"name": "Cart", "any_of": [{"text": "Cart"}]},
                {"name": "Buy", "any_of": [{"text": "Buy"}]}]}}"#,
    );
    let events = [
        ("a", 0, "/", "a", "Shop"),
        ("a", 1, "/", "a", "Cart"),
        ("b", 60, "/", "a", "Cart"),
        ("c", 120, "/", "a", "Buy"),
        ("d", 180, "/", "a", "Shop"),
    ];
    let document = analysed(&events, &settings);
    assert_eq!(
        document.funnel.notes,
        [
            "1 more took “Cart” without all the steps before it; it is not in this funnel.",
            "1 reached the goal without every step."
        ]
    );
    let left = document.abandonment.groups.iter().find(|group| group.label == "left otherwise after “Cart”").unwrap();
    assert_eq!((left.sessions, document.funnel.steps[3].lost), (2, 1));
}

#[test]
fn the_event_of_the_goal_does_not_spoil_it() {
    let bought = [
        ("a", 0, "/", "a.shop", "Shop"),
        ("a", 5, "/thanks", ".alert-success", "Order placed"),
        ("b", 60, "/thanks", ".alert-success", "Order placed"),
        ("b", 65, "/thanks", ".alert", "Payment failed"),
        ("c", 120, "/", "button", "Cancel Order"),
    ];
    let reached = |event: &str| {
        let goal = format!(r#"{{"goal": {{"rule": "event", "name": "It", "event": {event}}}}}"#);
        analysed(&bought, &with(&goal)).goal.converted
    };
    assert_eq!(reached(r#"{"text": "Order placed"}"#), 1);
    assert_eq!(reached(r#"{"text": "Cancel Order"}"#), 1);
    assert_eq!(reached(r#"{"text": "Payment failed"}"#), 1);
}

#[test]
fn who_reached_the_goal_by_another_way_has_not_stopped() {
    let events: Vec<Event> = vec![
        ("a", 0, "/", "a", "Buy"),
        ("b", 60, "/", "a", "Buy"),
        ("c", 120, "/", "a", "Buy"),
        ("d", 180, "/", "a", "Shop"),
        ("e", 240, "/", "a", "Shop"),
        ("f", 300, "/", "a", "Look"),
    ];
    let settings = with(
        r#"{"goal": {"rule": "event", "name": "Buy", "event": {"text": "Buy"}},
            "funnel": {"steps": "listed", "list": [
                {"name": "Shop", "any_of": [{"text": "Shop"}]},
                {"name": "Buy", "any_of": [{"text": "Buy"}]}]}}"#,
    );
    let document = analysed(&events, &settings);
    // Four did not take “Shop”, but three of them bought.
    assert_eq!((document.funnel.steps[1].lost, document.funnel.steps[2].lost), (4, 2));
    assert_eq!(document.headline.title, "3 of 6 sessions reached the goal “Buy”. Most others stopped after “Shop”.");
    let others = of_class(&document, Class::Abandonment)[0];
    assert_eq!(
        others.next,
        "Look first at the step “Buy”: 2 of the 2 that could have taken it stopped there (100\u{a0}%)."
    );
}

#[test]
fn a_proposed_funnel_that_is_listed_stays_the_same() {
    for goal in [
        r#"{"rule": "event", "name": "Buy", "event": {"text": "Buy"}}"#,
        r#"{"rule": "ends_at", "name": "Ends at /cart", "page": "/cart"}"#,
    ] {
        let proposed = analysed(&SHOP, &with(&format!(r#"{{"goal": {goal}}}"#)));
        let list = serde_json::to_string(&proposed.funnel.rules).unwrap();
        let listed = format!(r#"{{"goal": {goal}, "funnel": {{"steps": "listed", "list": {list}}}}}"#);
        let listed = analysed(&SHOP, &with(&listed));
        assert_eq!((proposed.funnel.steps, proposed.abandonment), (listed.funnel.steps, listed.abandonment));
    }
}

#[test]
fn a_session_is_split_at_long_gaps_if_asked_to() {
    let events = [
        ("a", 0, "/", "a", "Shop"),
        ("a", 10, "/cart", "a", "Cart"),
        ("a", 4_000, "/", "a", "Shop"),
        ("a", 4_010, "/cart", "button", "Buy"),
        ("a", 9_000, "/", "a", "Shop"),
        ("b", 1_000, "/", "a", "Shop"),
    ];
    let goal = r#""goal": {"rule": "event", "name": "Buy", "event": {"text": "Buy"}}"#;
    let whole = analysed(&events, &with(&format!("{{{goal}}}")));
    assert_eq!((whole.totals.sessions, whole.goal.converted), (2, 1));
    assert!(of_class(&whole, Class::LongGap).iter().any(|finding| finding.title.contains("stopped for more than")));
    let split = analysed(&events, &with(&format!(r#"{{{goal}, "long_gap": {{"split_after_s": 1800}}}}"#)));
    assert_eq!((split.totals.sessions, split.goal.converted, split.totals.users), (4, 1, whole.totals.users));
    assert_eq!(split.totals.events, whole.totals.events);
    assert!(of_class(&split, Class::LongGap).iter().all(|finding| !finding.title.contains("stopped for more than")));
    let bought = of_class(&split, Class::Conversion)[0];
    assert_eq!(bought.sessions, ["a (visit 2)"]);
    let left = of_class(&split, Class::Abandonment)[0];
    assert_eq!(left.sessions, ["a", "b", "a (visit 3)"]);
    // The ids are those of the file, whatever the visits are called.
    assert_eq!(split.quality.id_forms, whole.quality.id_forms);
}
