//! Classes 3a and 3b: errors, and pages where they are more frequent than elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::context::ErrorKind;
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::analysis::session_list::SessionList;
use crate::analysis::session_table::SessionFilter;
use crate::findings::wording::{count, list, number, percent};
use crate::findings::{Class, Draft, Strength, is_on_the_way};
use crate::stats::Rounded;

/// Messages and pages that a sentence names at most.
const NAMED: usize = 3;
/// The messages of so many errors are all named.
const FEW_ERRORS: u64 = 10;
/// Words of so many letters may say what most messages have in common ...
const LONG_WORD: usize = 5;
/// ... but not these.
const EMPTY_WORDS: [&str; 14] = [
    "about", "after", "again", "because", "cannot", "could", "error", "errors", "message", "please", "there", "these",
    "while", "would",
];

pub fn findings(results: &Results, rates: &[PageErrorRate]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(all_errors(results, rates));
    drafts.extend(rates.iter().filter_map(|rate| page(results, rate)));
    drafts.extend(not_testable(results, rates));
    drafts
}

fn all_errors(results: &Results, rates: &[PageErrorRate]) -> Option<Draft> {
    let errors = &results.collected.errors;
    if errors.events == 0 {
        return None;
    }
    let title = format!("{} in {}", count(errors.events, "error"), count(errors.sessions.count, "session"));
    let mut draft = Draft::fact(Class::TechnicalError, title, errors.events, &errors.sessions);
    draft.finding.filter = Some(SessionFilter::Error { page: None });
    let mut kinds: Vec<_> = errors.by_kind().into_iter().collect();
    kinds.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let kinds: Vec<String> =
        kinds.iter().map(|(kind, events)| format!("{} {}", number(*events), kind.describe(*events))).collect();
    let mut pages: Vec<&PageErrorRate> = rates.iter().filter(|rate| rate.error_events > 0).collect();
    pages.sort_by(|a, b| b.error_events.cmp(&a.error_events).then_with(|| a.page.cmp(&b.page)));
    let elsewhere: u64 = pages.iter().skip(NAMED).map(|rate| rate.error_events).sum();
    let mut pages: Vec<String> =
        pages.iter().take(NAMED).map(|rate| format!("{} on {}", number(rate.error_events), rate.page)).collect();
    if elsewhere > 0 {
        pages.push(format!("{} elsewhere", number(elsewhere)));
    }
    draft.finding.description = format!("{}; {}.", list(&kinds), list(&pages));
    draft.finding.next = look_at(&messages(results, None));
    draft.finding.definition =
        "An event whose selector, text or path holds one of the error words of the settings; typed values are never searched."
            .into();
    draft.finding.n = results.collected.overview.events;
    draft.finding.unit = "events".into();
    // A page with a finding of its own stands there.
    let own: BTreeSet<&String> = rates.iter().filter(|rate| is_supported(rate)).map(|rate| &rate.page).collect();
    draft.touches_goal = errors.on_page.keys().any(|page| !own.contains(page) && is_on_the_way(results, page));
    Some(draft)
}

/// Messages with their numbers of events, of one page or of all; the most frequent first.
fn messages<'r>(results: &'r Results, page: Option<&str>) -> Vec<(&'r str, u64)> {
    let mut messages = BTreeMap::<&'r str, u64>::new();
    let all = &results.collected.errors.messages;
    let mut add = |(key, events): (&'r (ErrorKind, String, String), &u64)| {
        *messages.entry(&key.2).or_default() += events;
    };
    match page {
        None => all.iter().for_each(add),
        // The messages of a page stand together: there may be very many pages.
        Some(page) => ErrorKind::ALL.iter().for_each(|kind| {
            let of_page = all.range((*kind, page.to_string(), String::new())..);
            of_page.take_while(|((of, on, _), _)| of == kind && on == page).for_each(&mut add);
        }),
    }
    let mut messages: Vec<_> = messages.into_iter().collect();
    messages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    messages
}

/// What to read first: all messages of a few errors, otherwise the most frequent, led by a word that most mention.
fn look_at(messages: &[(&str, u64)]) -> String {
    let events: u64 = messages.iter().map(|(_, n)| n).sum();
    let quoted = |(text, _): &(&str, u64)| format!("“{text}”");
    let named = if events <= FEW_ERRORS {
        let same: Vec<String> = messages
            .chunk_by(|a, b| a.1 == b.1)
            .map(|same| {
                let each = if same.len() > 1 { " each" } else { "" };
                format!("{} ({}{each})", list(&same.iter().map(quoted).collect::<Vec<_>>()), number(same[0].1))
            })
            .collect();
        same.join("; ")
    } else {
        // Of messages that are equally frequent either all are named or none, unless no other is.
        let last = messages.get(NAMED).map_or(0, |(_, n)| *n);
        let above = messages.iter().take(NAMED).filter(|(_, n)| *n > last).count();
        let shown = if above == 0 { NAMED.min(messages.len()) } else { above };
        let mut named: Vec<String> =
            messages[..shown].iter().map(|message| format!("{} ({})", quoted(message), number(message.1))).collect();
        if messages.len() > shown {
            named.push(count((messages.len() - shown) as u64, "more message"));
        }
        list(&named)
    };
    let lead = match common_word(messages, events) {
        Some((word, n)) => format!("{} of {} mention “{word}”. ", number(n), number(events)),
        None => String::new(),
    };
    match (events <= FEW_ERRORS, messages.len()) {
        (true, 1) => format!("The message: {named}."),
        (true, _) => format!("{lead}The messages: {named}."),
        (false, _) => format!("{lead}Look first at {named}."),
    }
}

/// The word of at least [`LONG_WORD`] letters that more than half of the events mention, of several the one that most
/// do; and how many. Nothing if all have one message, which says it itself.
fn common_word(messages: &[(&str, u64)], events: u64) -> Option<(String, u64)> {
    if messages.len() < 2 {
        return None;
    }
    let mut words = BTreeMap::<String, u64>::new();
    for (message, n) in messages {
        let message = message.to_lowercase();
        let mut of_message: Vec<&str> = message
            .split(|char: char| !char.is_alphabetic())
            .filter(|word| word.chars().count() >= LONG_WORD && !EMPTY_WORDS.contains(word))
            .collect();
        of_message.sort_unstable();
        of_message.dedup();
        of_message.into_iter().for_each(|word| *words.entry(word.into()).or_default() += n);
    }
    words.into_iter().filter(|(_, n)| 2 * n > events).max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
}

fn is_supported(rate: &PageErrorRate) -> bool {
    matches!(rate.verdict, Verdict::Tested { supported: true, .. })
}

fn page(results: &Results, rate: &PageErrorRate) -> Option<Draft> {
    let Verdict::Tested { exact_p, clustered_p, q, family, supported, lead } = rate.verdict else { return None };
    if !supported && !lead {
        return None;
    }
    let none = SessionList::default();
    let sessions = results.collected.errors.on_page.get(&rate.page).unwrap_or(&none);
    let title = if supported {
        format!("Errors cluster on {}", rate.page)
    } else {
        format!("{} may have more errors than other pages", rate.page)
    };
    let mut draft = Draft::fact(Class::PageErrorRate, title, rate.error_sessions, sessions);
    let finding = &mut draft.finding;
    finding.filter = Some(SessionFilter::Error { page: Some(rate.page.clone()) });
    finding.strength = if supported { Strength::Supported } else { Strength::Lead };
    finding.description = format!(
        "{} of the {} that visited {} met an error there ({}); of {} to other pages {} met one.",
        number(rate.error_sessions),
        count(rate.sessions, "session"),
        rate.page,
        percent(rate.rate.value.0),
        count(rate.elsewhere.1, "visit"),
        number(rate.elsewhere.0),
    );
    if results.collected.overview.converted > 0 {
        finding.description.push_str(&match rate.converted_with_error {
            0 => " None of them reached the goal.".into(),
            n => format!(" {} of the {} reached the goal all the same.", number(n), number(rate.error_sessions)),
        });
    }
    finding.next = look_at(&messages(results, Some(&rate.page)));
    let settings = &results.plan.settings.page_error_rate;
    finding.definition = format!(
        "Share of the sessions on a page that met an error there, against the visits to all other pages, by Fisher’s \
         exact test, or chi-squared where every expected count is at least 5; where users have several sessions also \
         with users as clusters, and the larger q decides. Tested from {} sessions on, supported if q < {} and the share is at least {} times as high.",
        settings.min_pairs, settings.false_discovery_rate, settings.min_relative_risk
    );
    finding.n = rate.sessions;
    finding.rate = Some(rate.rate);
    finding.p = Some(exact_p.into());
    finding.clustered_p = clustered_p.map(Rounded);
    finding.q = Some(q.into());
    finding.family = Some(family as u64);
    draft.touches_goal = is_on_the_way(results, &rate.page);
    Some(draft)
}

/// One finding for all pages that have errors but too few visits.
fn not_testable(results: &Results, rates: &[PageErrorRate]) -> Option<Draft> {
    let mut pages: Vec<&PageErrorRate> =
        rates.iter().filter(|rate| rate.verdict == Verdict::NotTestable && rate.error_sessions > 0).collect();
    if pages.is_empty() || results.pending {
        return None;
    }
    pages.sort_by(|a, b| b.error_sessions.cmp(&a.error_sessions).then_with(|| a.page.cmp(&b.page)));
    let sessions = &results.flagged.untested_errors;
    let title = match pages.as_slice() {
        [one] => format!("{} has errors, but too few visits to say more", one.page),
        _ => format!("{} have errors, but too few visits to say more", count(pages.len() as u64, "page")),
    };
    // A visit is a session on a page; a session on several of them counts once among the sessions.
    let visits = pages.iter().map(|page| page.error_sessions).sum();
    let mut draft = Draft::fact(Class::PageErrorRate, title, visits, sessions).behind(Behind::UntestedError);
    let mut named: Vec<String> = pages
        .iter()
        .take(NAMED)
        .map(|page| format!("{} of {} on {}", number(page.error_sessions), count(page.sessions, "session"), page.page))
        .collect();
    if pages.len() > NAMED {
        named.push(format!("sessions on {}", count((pages.len() - NAMED) as u64, "more page")));
    }
    let least = results.plan.settings.page_error_rate.min_pairs;
    draft.finding.description = format!("{} met an error.", list(&named));
    draft.finding.next = format!("A page is tested from {least} sessions on.");
    draft.finding.strength = Strength::NotTestable;
    draft.finding.definition = format!("Pages with fewer than {least} sessions are not tested.");
    draft.finding.n = pages.iter().map(|page| page.sessions).sum();
    draft.finding.unit = "page visits".into();
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_messages_are_all_named() {
        let messages = [("Payment declined", 2), ("No stock", 1), ("Payment gateway timeout", 1)];
        assert_eq!(
            look_at(&messages),
            "3 of 4 mention “payment”. The messages: “Payment declined” (2); “No stock” and “Payment gateway timeout” (1 each)."
        );
        assert_eq!(look_at(&[("Payment declined", 1)]), "The message: “Payment declined” (1).");
        // Half is not most, and an error says no more than that it is one.
        assert_eq!(
            look_at(&[("Error: a", 1), ("Error: wrong b", 1)]),
            "The messages: “Error: a” and “Error: wrong b” (1 each)."
        );
    }

    #[test]
    fn of_many_messages_the_first_are_named() {
        let messages = [("a", 9), ("b", 4), ("c", 2), ("d", 1), ("e", 1)];
        assert_eq!(look_at(&messages), "Look first at “a” (9), “b” (4), “c” (2) and 2 more messages.");
        let ties = [("a", 9), ("b", 2), ("c", 2), ("d", 2)];
        assert_eq!(look_at(&ties), "Look first at “a” (9) and 3 more messages.");
        let alike = [("a", 3), ("b", 3), ("c", 3), ("d", 3)];
        assert_eq!(look_at(&alike), "Look first at “a” (3), “b” (3), “c” (3) and 1 more message.");
    }
}
