//! What success may be in a file whose layout is not the default one: an event or a page that is called so.

use std::collections::BTreeSet;

use crate::ingest::event::Decoder;
use crate::ingest::form::Container;
use crate::settings::{Goal, Mapping, Matcher};

/// What names of success hold, the surest first; without case, and with blanks for signs.
const WORDS: [&str; 20] = [
    "purchase",
    "order completed",
    "ordercompleted",
    "order complete",
    "order placed",
    "place order",
    "payment done",
    "payment success",
    "payment completed",
    "transaction",
    "checkout completed",
    "checkout complete",
    "thank you",
    "thanks",
    "confirmation",
    "subscribe",
    "submit upgrade",
    "upgrade",
    "sign up",
    "signup",
];

/// What no name of success holds.
const NOT: [&str; 7] = ["fail", "error", "cancel", "abandon", "refund", "start", "begin"];

/// The goal that the first records of a file suggest, if one of their pages, or else of their texts, is called like
/// success. `head` may end within a record.
pub fn guess(head: &[u8], container: &Container, mapping: &Mapping) -> Option<Goal> {
    let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    if container.has_header() {
        lines.remove(0);
    }
    let mut decoder = Decoder::of(container, mapping);
    let (mut pages, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for line in lines {
        if let Ok(event) = decoder.decode(line.trim_ascii_end(), &mut |_| {}) {
            // What stands in a query names no page.
            let page = event.page.split(['?', '#']).next().unwrap_or_default();
            pages.insert(page.trim().to_string());
            texts.insert(event.text.trim().to_string());
        }
    }
    let best = |names: &BTreeSet<String>| {
        let fitting = names.iter().filter_map(|name| Some((rank(name)?, name.len(), name.clone())));
        fitting.min()
    };
    let goal = |name: String, event: Matcher| Goal::Event {
        name,
        event,
        or: Vec::new(),
        unless_error_follows: true,
        unless_cancel_follows: true,
    };
    let (page, text) = (best(&pages), best(&texts));
    match (page, text) {
        (Some(page), text) if text.as_ref().is_none_or(|text| page.0 <= text.0) => {
            Some(goal(page.2.clone(), Matcher { page: Some(page.2), ..Matcher::default() }))
        }
        (_, Some(text)) => Some(goal(text.2.clone(), Matcher { text: Some(text.2), ..Matcher::default() })),
        _ => None,
    }
}

/// The place among the words of the first that the name holds.
fn rank(name: &str) -> Option<usize> {
    let plain: String =
        name.chars().map(|char| if char.is_alphanumeric() { char.to_ascii_lowercase() } else { ' ' }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if NOT.iter().any(|word| plain.contains(word)) {
        return None;
    }
    WORDS.iter().position(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::layout;

    fn guessed(head: &str) -> Option<String> {
        let container = Container::recognise(head.as_bytes()).unwrap();
        let found = layout::recognise(&container.fields(head.as_bytes())).unwrap();
        guess(head.as_bytes(), &container, &found.mapping).map(|goal| goal.name().into_owned())
    }

    #[test]
    fn events_that_are_called_like_success_are_the_goal() {
        let shop = "user_id,event,timestamp\n1,main,2024-01-01 10:00:00\n1,payment_done,2024-01-01 10:00:09\n";
        assert_eq!(guessed(shop).unwrap(), "payment_done");
        assert_eq!(guessed(&shop.replace("payment_done", "purchase_failed")), None);
        let both = "user_id,event,timestamp\n1,signup,2024-01-01 10:00:00\n1,Purchase,2024-01-01 10:00:09\n";
        assert_eq!(guessed(both).unwrap(), "Purchase");
    }
}
