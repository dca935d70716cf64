//! What success may be in a file whose layout is not the default one: an event or a page that is called so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ingest::event::Decoder;
use crate::ingest::form::Container;
use crate::ingest::sniff::SNIFF_BYTES;
use crate::settings::{Goal, INACTIVITY_US, Mapping, Matcher};

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

/// With fewer sessions in the first records it may be chance that all have a name.
const FEW_SESSIONS: usize = 5;

type Sessions = BTreeMap<String, BTreeSet<String>>;

/// The goal that the first records of a file suggest, if one of their pages, or else of their texts, is called like
/// success. `head` may end within a record.
pub fn guess(head: &[u8], container: &Container, mapping: &Mapping) -> Option<Goal> {
    let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    if container.has_header() {
        lines.remove(0);
    }
    let mut decoder = Decoder::of(container, mapping);
    // The sessions with each name, and all.
    let (mut pages, mut texts, mut sessions) = (Sessions::new(), Sessions::new(), BTreeSet::new());
    let (mut last, mut visits) = (None, HashMap::new());
    for line in lines {
        if let Ok(event) = decoder.decode(line.trim_ascii_end(), &mut |_| {}) {
            let mut whose = event.session.to_string();
            if mapping.user_stands_in() {
                // Each visit of the user by itself.
                let (before, visit) = visits.entry(whose.clone()).or_insert((event.time.us, 0));
                *visit += u32::from(event.time.us - *before > INACTIVITY_US as i64);
                *before = event.time.us;
                whose = format!("{visit} {whose}");
            }
            sessions.insert(whose.clone());
            last = Some(whose.clone());
            // What stands in a query names no page.
            let page = event.page.split(['?', '#']).next().unwrap_or_default();
            pages.entry(page.trim().to_string()).or_default().insert(whose.clone());
            texts.entry(event.text.trim().to_string()).or_default().insert(whose.clone());
        }
    }
    // What the last session does may stand behind these bytes.
    let cut_off = last.as_ref().filter(|_| head.len() >= SNIFF_BYTES);
    let best = |names: &Sessions| {
        // What everybody does tells nobody apart.
        let all = |of: &BTreeSet<String>| of.len() + usize::from(cut_off.is_some_and(|last| !of.contains(last)));
        let few = sessions.len() < FEW_SESSIONS;
        let tells = names.iter().filter(|(_, of)| few || all(of) < sessions.len());
        let fitting = tells.filter_map(|(name, _)| Some((rank(name)?, name.len(), name.clone())));
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

    #[test]
    fn what_everybody_does_is_no_goal() {
        let mut log = "user_id,event,timestamp\n".to_string();
        for user in 0..6 {
            log.push_str(&format!("{user},purchase order created,2024-01-01 10:00:00\n"));
            if user > 2 {
                log.push_str(&format!("{user},payment done,2024-01-01 10:00:09\n"));
            }
        }
        assert_eq!(guessed(&log).unwrap(), "payment done");
    }
}
