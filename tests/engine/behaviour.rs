//! The classes that look at what people did again, in vain, or out of order, on logs made for them.

use std::io::Write;

use footpath::findings::{Class, Finding, Strength};
use footpath::report::Document;
use footpath::settings::Settings;

use crate::support::document;

/// An event: seconds after the session began, page, selector, text.
type Event<'e> = (u32, &'e str, &'e str, &'e str);

const GOAL: Event = (90, "/checkout", "button.order", "Place Order");

/// The results of sessions, each by its user and id.
fn analysed(sessions: &[(String, String, Vec<Event>)]) -> Document {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    for (index, (user, session, events)) in sessions.iter().enumerate() {
        for (second, page, css, text) in events {
            let s = index as i64 * 700 + i64::from(*second);
            let time = footpath::ingest::time::format((1_740_960_000 + s) * 1_000_000, false);
            let event = serde_json::json!({"user_id": user, "session_id": session, "path": page, "css": css,
                "text": text, "event_time": time});
            writeln!(file, "{event}").unwrap();
        }
    }
    *document(file.path(), &Settings::default())
}

/// So many sessions, each of a user of its own.
fn alike<'e>(name: &str, n: usize, events: &[Event<'e>]) -> Vec<(String, String, Vec<Event<'e>>)> {
    (0..n).map(|i| (format!("u-{name}-{i}"), format!("{name}-{i}"), events.to_vec())).collect()
}

fn of(document: &Document, class: Class) -> Vec<&Finding> {
    document.findings_of(class).collect()
}

fn found(document: &Document, class: Class) -> u64 {
    document.classes.iter().find(|summary| summary.class == class).unwrap().found
}

#[test]
fn rage_clicks_are_fast_and_on_one_element() {
    let click = |second| (second, "/cart", "button.pay", "Pay");
    let rage = [(0, "/", "a", "Home"), click(5), click(6), click(6), click(7)];
    // Slower, on another page between, on a stepper, and on a sign.
    let slow = [click(5), click(9), click(13), click(17)];
    let stepper = |second| (second, "/cart", "button.quantity", "One more");
    let sign = |second| (second, "/cart", "button.b", "+");
    let steps = [stepper(1), stepper(2), stepper(3), sign(4), sign(5), sign(6)];
    let sessions = [alike("rage", 2, &rage), alike("slow", 3, &slow), alike("steps", 3, &steps)].concat();
    let document = analysed(&sessions);
    let rage = of(&document, Class::RageClick);
    assert_eq!((rage.len(), rage[0].session_count, rage[0].strength), (1, 2, Strength::Fact));
    // A clock of whole seconds cannot tell that some were within one.
    assert_eq!(rage[0].cases[0].detail, "4 clicks on “Pay” on /cart");
    // Without such sessions the closest is named.
    let document = analysed(&alike("slow", 3, &slow));
    let closest = &document.classes.iter().find(|summary| summary.class == Class::RageClick).unwrap().closest;
    assert_eq!(closest, "None; the longest row on one element, however slow, has 4 clicks.");
}

#[test]
fn an_element_that_does_not_answer_is_told_from_the_others_of_its_page() {
    // On one page of many people the second of two buttons ends every third session.
    let fine = [(0, "/list", "a.one", "One"), (5, "/list", "a.two", "Two"), (9, "/item", "a.next", "On"), GOAL];
    let broken = [(0, "/list", "a.one", "One"), (5, "/list", "a.two", "Two")];
    let document = analysed(&[alike("fine", 170, &fine), alike("broken", 40, &broken)].concat());
    let findings = of(&document, Class::UnansweredClick);
    assert_eq!((findings.len(), findings[0].strength, findings[0].session_count), (1, Strength::Supported, 40));
    assert!(findings[0].title.contains("a.two on /list"), "{}", findings[0].title);
    assert!(findings[0].q.unwrap().0 < 0.001);
}

#[test]
fn a_quick_way_back_uses_nothing() {
    let view = |second, page| (second, page, "", "");
    let long = [view(0, "/a"), view(5, "/b"), view(65, "/a"), view(70, "/c")];
    let quick = [view(0, "/a"), view(5, "/b"), view(7, "/a"), view(30, "/c")];
    let used = [view(0, "/a"), (5, "/b", "button", "Buy"), view(7, "/a"), view(30, "/c")];
    let sessions = [alike("long", 9, &long), alike("quick", 2, &quick), alike("used", 1, &used)].concat();
    let document = analysed(&sessions);
    let backs = of(&document, Class::QuickBack);
    assert_eq!((backs.len(), backs[0].session_count, backs[0].strength), (1, 2, Strength::Fact));
    assert_eq!(backs[0].cases[0].detail, "/a → /b → /a, 2\u{a0}s there");
    assert!(backs[0].description.contains("2 of 12 stays on /b"), "{}", backs[0].description);
}

#[test]
fn what_came_of_trying_again() {
    let error = |second| (second, "/checkout", "div.error-message", "Payment declined");
    let retry = |second| (second, "/checkout", "button.again", "Try again");
    let submit = |second| (second, "/checkout", "button.pay", "Pay");
    let sessions = [
        alike("worked", 1, &[submit(0), error(5), retry(10), (20, "/thanks", "a", "Done")]),
        alike("same", 1, &[submit(0), error(5), submit(10), error(12), submit(15)]),
        alike("late", 1, &[submit(0), error(5), retry(100)]),
        alike("cancelled", 1, &[error(5), retry(9), (12, "/checkout", "button.cancel", "Cancel")]),
        alike("other", 1, &[submit(0), error(5), (8, "/help", "a", "Help"), submit(12)]),
    ];
    let document = analysed(&sessions.concat());
    let tries = of(&document, Class::RetryLoop);
    assert_eq!((tries.len(), tries[0].count, tries[0].session_count), (1, 4, 3));
    assert_eq!(tries[0].title, "1 of 4 tries after an error worked");
    assert!(tries[0].description.contains("1 failed again, 1 cancelled and 1 left"), "{}", tries[0].description);
}

#[test]
fn rules_are_mined_and_their_breaks_named() {
    let usual = [(0, "/", "a.home", "Home"), (5, "/cart", "a.cart", "Cart"), (9, "/pay", "button.pay", "Pay")];
    let without = [(0, "/", "a.home", "Home"), (9, "/pay", "button.pay", "Pay")];
    let after = [(0, "/", "a.home", "Home"), (5, "/pay", "button.pay", "Pay"), (9, "/cart", "a.cart", "Cart")];
    let sessions = [alike("usual", 38, &usual), alike("without", 1, &without), alike("after", 1, &after)].concat();
    let document = analysed(&sessions);
    let rules = of(&document, Class::OrderRule);
    let pay = rules.iter().find(|finding| finding.title == "2 sessions got to /pay without /cart before it").unwrap();
    assert_eq!((pay.n, pay.session_count), (40, 2));
    let details: Vec<&str> = pay.cases.iter().map(|case| case.detail.as_str()).collect();
    assert_eq!(details, ["/pay without /cart", "/pay before /cart"]);
    // No rule of a habit: in two of ten sessions the other comes first.
    let document = analysed(&[alike("usual", 8, &usual), alike("without", 2, &without)].concat());
    assert!(of(&document, Class::OrderRule).iter().all(|finding| !finding.title.contains("without /cart")));
}

#[test]
fn an_element_is_out_of_place_where_it_hardly_ever_is() {
    let at = |page| (0, page, "button.add", "Add");
    let sessions = [alike("item", 19, &[at("/item")]), alike("cart", 1, &[at("/cart")])].concat();
    let document = analysed(&sessions);
    let strange = of(&document, Class::ElementOutOfPlace);
    assert_eq!((strange.len(), strange[0].session_count), (1, 1));
    assert_eq!(strange[0].title, "1 session used button.add on /cart");
    assert_eq!(strange[0].description, "1 of 20 events on button.add on /cart.");
}

#[test]
fn an_id_of_two_users_is_shared_whoever_owns_them() {
    let visit = [(0, "/", "a", "Home"), (30, "/item", "b", "Item")];
    let mut sessions = alike("own", 20, &visit);
    // Many users, so that some are of different partitions.
    for user in 0..6 {
        sessions.push((format!("sharing-{user}"), "shared".into(), visit.to_vec()));
    }
    let document = analysed(&sessions);
    let shared = of(&document, Class::SharedSession);
    assert_eq!((shared.len(), shared[0].count, shared[0].session_count), (1, 1, 6));
    assert_eq!(shared[0].title, "1 session id has several users");
    assert_eq!(found(&analysed(&alike("own", 20, &visit)), Class::SharedSession), 0);
}

#[test]
fn an_hour_of_errors_is_a_spike() {
    let fine = [(0, "/", "a", "Home"), (30, "/item", "b", "Item"), (60, "/item", "c", "More")];
    let error = [(0, "/", "a", "Home"), (30, "/item", "div.error", "Service unavailable"), (60, "/item", "c", "More")];
    let sessions =
        [alike("before", 100, &fine), alike("bad", 12, &error), alike("after", 100, &fine), alike("rare", 8, &error)];
    let mut sessions = sessions.concat();
    // The rare ones are spread over the file.
    for place in 0..8 {
        let last = sessions.pop().unwrap();
        sessions.insert(place * 25, last);
    }
    let document = analysed(&sessions);
    let spikes = of(&document, Class::ErrorSpike);
    assert_eq!((spikes.len(), spikes[0].strength), (1, Strength::Supported), "{spikes:?}");
    assert!(spikes[0].filter.is_some() && spikes[0].session_count >= 5);
}

#[test]
fn an_error_that_makes_people_give_up_is_supported_and_one_that_does_not_is_not() {
    let cart = (10, "/cart", "button.checkout", "Checkout");
    let error = (20, "/checkout", "div.error", "Payment declined");
    let home = (0, "/", "a.home", "Home");
    let bought = [home, cart, (30, "/checkout", "button.order", "Place Order")];
    let despite = [home, cart, error, (30, "/checkout", "button.order", "Place Order")];
    let lost_after = [home, cart, error];
    let lost = [home, cart, (20, "/help", "a.help", "Help")];
    let shares = |despite_n: usize, after_n: usize| {
        let groups = [
            alike("bought", 80, &bought),
            alike("despite", despite_n, &despite),
            alike("after", after_n, &lost_after),
            alike("lost", 20, &lost),
        ];
        analysed(&groups.concat())
    };
    let harmful = shares(10, 40);
    let impact = of(&harmful, Class::ErrorImpact);
    assert_eq!((impact.len(), impact[0].strength, impact[0].session_count), (1, Strength::Supported, 40));
    assert!(impact[0].description.contains("40 of 50 (80\u{a0}%)"), "{}", impact[0].description);
    let harmless = shares(40, 10);
    assert!(of(&harmless, Class::ErrorImpact).is_empty());
}
