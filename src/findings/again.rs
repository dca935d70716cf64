//! Classes 6 to 10: what people do again and again, in vain, or take back at once.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::loops::LoopCase;
use crate::analysis::quick_back::BackCase;
use crate::analysis::rage_click::{RageCase, max_gap_us};
use crate::analysis::retry_loop::{Outcome, RetryCase};
use crate::analysis::session_list::SessionList;
use crate::analysis::unanswered_click::UnansweredCase;
use crate::findings::wording::{count, list, number, percent, rate, seconds};
use crate::findings::{Class, Draft, Strength, is_on_the_way};
use crate::stats::wilson;

/// Elements and pages that a sentence names at most.
const NAMED: usize = 3;
/// Fewer sessions with an unanswered click on an element are no finding about it.
const MIN_UNANSWERED: u64 = 3;

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(rage_clicks(results));
    drafts.extend(unanswered(results));
    drafts.extend(quick_backs(results));
    drafts.extend(circles(results));
    drafts.extend(returns(results));
    drafts.extend(retries(results));
    drafts
}

/// Pages or elements with their numbers, the most frequent first, as many as a sentence names.
fn most(counts: impl Iterator<Item = (String, u64)>, what: &str) -> String {
    let mut sorted: Vec<(String, u64)> = counts.collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut parts: Vec<String> =
        sorted.iter().take(NAMED).map(|(name, n)| format!("{name} ({})", number(*n))).collect();
    if sorted.len() > NAMED {
        parts.push(count((sorted.len() - NAMED) as u64, what));
    }
    list(&parts)
}

/// `“Proceed to Checkout”`, or the selector where there is no text.
fn element_name(css: &str, text: &str) -> String {
    if text.is_empty() { css.to_string() } else { format!("“{text}”") }
}

fn rage_detail(case: &RageCase) -> String {
    let rapid = if case.rapid { ", three of them within a second" } else { "" };
    format!("{} on {} on {}{rapid}", count(case.clicks, "click"), element_name(&case.css, &case.text), case.page)
}

fn rage_clicks(results: &Results) -> Option<Draft> {
    let found = &results.flagged.rage_clicks;
    let (_, _, first) = found.sessions.named().next()?;
    let title = match found.elements.len() {
        1 => format!(
            "{} clicked {} again and again",
            count(found.sessions.count, "session"),
            element_name(&first.css, &first.text)
        ),
        _ => format!("{} clicked the same element again and again", count(found.sessions.count, "session")),
    };
    let mut draft =
        Draft::flagged(Class::RageClick, title, &found.sessions, |_, case| rage_detail(case)).behind(Behind::RageClick);
    let elements =
        found.elements.iter().map(|((page, css, text), n)| (format!("{} on {page}", element_name(css, text)), *n));
    draft.touches_goal = found.elements.keys().any(|(page, ..)| is_on_the_way(results, page));
    let n = results.collected.overview.sessions;
    let finding = &mut draft.finding;
    finding.description = format!(
        "{} of {}: {}. The longest row has {}.",
        number(found.sessions.count),
        count(n, "session"),
        most(elements, "more element"),
        count(first.clicks, "click")
    );
    finding.next = "See whether the element answers, and how soon.".into();
    finding.definition = rage_definition(results);
    finding.n = n;
    finding.rate = wilson(found.sessions.count, n);
    Some(draft)
}

/// The rule of class 6 as a sentence.
pub fn rage_definition(results: &Results) -> String {
    let settings = &results.plan.settings.rage_click;
    let gap = max_gap_us(settings, results.plan.usual.activity.resolution_us) as f64 / 1e6;
    format!(
        "At least {} in a row on the same element of the same page, each at most {} after the one before; not on fields, \
         steppers and lists of pages, by their words.",
        count(settings.min_clicks, "click"),
        seconds(gap)
    )
}

fn unanswered_detail(case: &UnansweredCase) -> String {
    let last = if case.last { ", the end of the session" } else { "" };
    let more = if case.clicks > 1 { format!(", and {} more", number(case.clicks - 1)) } else { String::new() };
    format!("{} on {}{last}{more}", case.css, case.page)
}

/// Elements with more unanswered clicks than others; in a small file also all sessions with any, as a fact.
fn unanswered(results: &Results) -> Vec<Draft> {
    let found = &results.flagged.unanswered;
    let settings = &results.plan.settings.unanswered_click;
    let mut drafts = Vec::new();
    let n = results.collected.overview.sessions;
    let elements = found.compared(results.by_users());
    for element in &elements {
        let ((page, css), table) = (element.what, &element.table);
        let supported = element.q < settings.false_discovery_rate && enough_users(results);
        let higher = table.relative_risk() >= settings.min_relative_risk;
        if !higher || table.hits < MIN_UNANSWERED || !(supported || element.p() < 0.05) {
            continue;
        }
        let share = percent(table.hits as f64 / table.n as f64);
        let title = match supported {
            true => format!("In {share} of the sessions that click {css} on {page} a click has no answer"),
            false => format!("{css} on {page} may often not answer"),
        };
        let behind = Behind::UnansweredClick { only: Some(element.what.clone()) };
        let mut draft = Draft::fact(Class::UnansweredClick, title, table.hits, &SessionList::default()).behind(behind);
        let finding = &mut draft.finding;
        finding.session_count = table.hits;
        finding.strength = if supported { Strength::Supported } else { Strength::Lead };
        finding.description = format!(
            "In {} of {} nothing followed, or the same click again; on the other elements of the page in {} of {}.",
            number(table.hits),
            count(table.n, "session"),
            number(table.other_hits),
            number(table.other_n)
        );
        finding.next = "Try the element, on the pages and devices of these sessions.".into();
        finding.definition = unanswered_definition(results);
        finding.test(element, elements.len());
        drafts.push(draft);
    }
    // Every session ends somewhere: in a large file the end alone says little.
    if n < results.plan.settings.unusual_navigation.min_sessions && drafts.is_empty() && found.sessions.count > 0 {
        let title = format!("In {} a click got no answer", count(found.sessions.count, "session"));
        let mut draft =
            Draft::flagged(Class::UnansweredClick, title, &found.sessions, |_, case| unanswered_detail(case))
                .behind(Behind::UnansweredClick { only: None });
        let finding = &mut draft.finding;
        let by_element = found.elements.iter().filter(|(_, users)| users.hits > 0);
        let by_element = by_element.map(|((page, css), users)| (format!("{css} on {page}"), users.hits));
        finding.description = format!(
            "{} of {}: {}.",
            number(found.sessions.count),
            count(n, "session"),
            most(by_element, "more element")
        );
        finding.next = "Try these elements; a session may also simply have ended there.".into();
        finding.definition = unanswered_definition(results);
        finding.n = n;
        finding.rate = wilson(found.sessions.count, n);
        drafts.push(draft);
    }
    drafts
}

/// Where tests go by users, as many users as anything needs to be supported.
pub(super) fn enough_users(results: &Results) -> bool {
    !results.by_users() || results.collected.overview.users >= results.plan.settings.drivers.min_users
}

/// The rule of class 7 as a sentence.
pub fn unanswered_definition(results: &Results) -> String {
    let settings = &results.plan.settings.unanswered_click;
    format!(
        "A click that nothing follows, or only the same element again, on an element with at least {} of which another element \
         or page follows at least {}; the goal needs no answer. An element is compared with the others of its page, by sessions, by Fisher’s exact test or \
         chi-squared, where users have several sessions also with users as clusters; supported if q < {} and the share is {} \
         times as high.",
        count(settings.min_clicks, "click"),
        percent(settings.min_answered),
        settings.false_discovery_rate,
        settings.min_relative_risk
    )
}

fn back_detail(case: &BackCase) -> String {
    let more = if case.times > 1 { format!(", and {} more", number(case.times - 1)) } else { String::new() };
    format!("{} → {} → {}, {} there{more}", case.from, case.page, case.from, seconds(case.ms as f64 / 1e3))
}

fn quick_backs(results: &Results) -> Option<Draft> {
    let found = &results.flagged.quick_backs;
    if found.sessions.count == 0 {
        return None;
    }
    let title = format!("{} came straight back from a page", count(found.sessions.count, "session"));
    let mut draft =
        Draft::flagged(Class::QuickBack, title, &found.sessions, |_, case| back_detail(case)).behind(Behind::QuickBack);
    let mut pages: Vec<(&String, u64, u64)> = found
        .pages
        .iter()
        .filter(|(_, (backs, _))| *backs > 0)
        .map(|(page, (backs, stays))| (page, *backs, *stays))
        .collect();
    pages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named = pages.iter().take(NAMED).map(|(page, backs, stays)| {
        let share = wilson(*backs, *stays).map_or(String::new(), |share| format!(", {}", rate(&share)));
        format!("{} of {} on {page}{share}", number(*backs), count(*stays, "stay"))
    });
    let mut named: Vec<String> = named.collect();
    if pages.len() > NAMED {
        named.push(count((pages.len() - NAMED) as u64, "more page"));
    }
    let n = results.collected.overview.sessions;
    let finding = &mut draft.finding;
    finding.description = format!("{} of {}: {}.", number(found.sessions.count), count(n, "session"), list(&named));
    finding.next = "See whether these pages show what their links promise.".into();
    finding.definition = back_definition(results);
    finding.n = n;
    finding.rate = wilson(found.sessions.count, n);
    Some(draft)
}

/// The rule of class 8 as a sentence.
pub fn back_definition(results: &Results) -> String {
    let settings = &results.plan.settings.quick_back;
    format!(
        "From one page to another and back, having used no element there, and a stay of at most {} and no longer than {} of all \
         stays on that page. Pages are not compared: people come back from some more often than from others in any file.",
        seconds(settings.max_dwell_s),
        percent(settings.dwell_quantile)
    )
}

fn loop_detail(case: &LoopCase) -> String {
    match case {
        LoopCase::Circle { pages, rounds } => format!("{}, {} times in a row", pages.join(" → "), number(*rounds)),
        LoopCase::Returns { page, visits } => format!("{} visits of {page}", number(*visits)),
    }
}

fn circles(results: &Results) -> Option<Draft> {
    let found = &results.flagged.loops.circles;
    let (_, _, first) = found.named().next()?;
    let title = match found.count {
        1 => format!("1 session went in a circle: {}", loop_detail(first)),
        _ => format!("{} went in circles, one {}", count(found.count, "session"), loop_detail(first)),
    };
    let mut draft = Draft::flagged(Class::Loop, title, found, |_, case| loop_detail(case)).behind(Behind::Circle);
    let n = results.collected.overview.sessions;
    let finding = &mut draft.finding;
    finding.description = format!(
        "{} of {} took the same pages in the same order at least {} times in a row.",
        number(found.count),
        count(n, "session"),
        results.plan.settings.loops.min_rounds.max(2)
    );
    finding.next = "See what they looked for: comparing is normal, not finding is not.".into();
    finding.definition = loop_definition(results);
    finding.n = n;
    finding.rate = wilson(found.count, n);
    Some(draft)
}

fn returns(results: &Results) -> Option<Draft> {
    let found = &results.flagged.loops.returns;
    let (_, _, first) = found.named().next()?;
    let visits = results.plan.settings.loops.min_visits;
    let title = format!("{} came back to a page {visits} times or more", count(found.count, "session"));
    let mut draft = Draft::flagged(Class::Loop, title, found, |_, case| loop_detail(case)).behind(Behind::Returns);
    let n = results.collected.overview.sessions;
    let finding = &mut draft.finding;
    finding.description = format!("{} of {}; one {}.", number(found.count), count(n, "session"), loop_detail(first));
    finding.next = "See whether the page is a place to start from, or the end of a way that failed.".into();
    finding.definition = loop_definition(results);
    finding.n = n;
    finding.rate = wilson(found.count, n);
    Some(draft)
}

/// The rule of class 9 as a sentence.
pub fn loop_definition(results: &Results) -> String {
    let settings = &results.plan.settings.loops;
    format!(
        "The same 2 to 6 pages in the same order at least {} times in a row, repeats of a page being one visit; or one page at \
         least {} times with others between.",
        settings.min_rounds.max(2),
        settings.min_visits
    )
}

fn retry_detail(case: &RetryCase) -> String {
    let tries =
        if case.tries == 1 { "tried again".into() } else { format!("tried again {} times", number(case.tries)) };
    format!("{tries} on {}, then {}", case.page, case.outcome.describe())
}

fn retries(results: &Results) -> Option<Draft> {
    let found = &results.flagged.retries;
    if found.sessions.count == 0 {
        return None;
    }
    let tries = found.tries();
    let recovered = found.outcomes.get(&Outcome::Recovered).copied().unwrap_or(0);
    let title = format!(
        "{} of {} after an error worked",
        number(recovered),
        if tries == 1 { "1 try".into() } else { format!("{} tries", number(tries)) }
    );
    let mut draft =
        Draft::flagged(Class::RetryLoop, title, &found.sessions, |_, case| retry_detail(case)).behind(Behind::Retry);
    let others = found.outcomes.iter().filter(|(outcome, _)| **outcome != Outcome::Recovered);
    let others: Vec<String> = others.map(|(outcome, n)| format!("{} {}", number(*n), outcome.describe())).collect();
    let others = if others.is_empty() { String::new() } else { format!("; of the others {}", list(&others)) };
    let pages = found.pages.iter().map(|(page, n)| (page.clone(), *n));
    draft.touches_goal = found.pages.keys().any(|page| is_on_the_way(results, page));
    let finding = &mut draft.finding;
    finding.description = format!(
        "{} tried again after an error: {}{others}.",
        count(found.sessions.count, "session"),
        most(pages, "more page")
    );
    finding.next = "See which errors a second try does not help against.".into();
    finding.definition = retry_definition(results);
    finding.count = tries;
    finding.n = tries;
    finding.unit = "tries".into();
    finding.rate = wilson(recovered, tries);
    Some(draft)
}

/// The rule of class 10 as a sentence.
pub fn retry_definition(results: &Results) -> String {
    format!(
        "Within {} after an error, an element whose words mean “try again”, or at once the one used before the error. It worked if what \
         follows is no error, no further try, no cancel and no log-out, or if the goal was reached by it.",
        seconds(results.plan.settings.retry_loop.max_gap_s)
    )
}
