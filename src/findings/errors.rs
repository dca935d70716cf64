//! Classes 3a and 3b: errors, and pages where they are more frequent than elsewhere.

use crate::analysis::Results;
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::analysis::session_list::{NAMED_SESSIONS, SessionList};
use crate::findings::wording::{count, list, number, percent};
use crate::findings::{Class, Draft, Strength, is_on_the_way};
use crate::stats::Rounded;

/// Messages and pages that a sentence names at most.
const NAMED: usize = 3;

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
    draft.finding.next = format!("Look first at: {}.", top_messages(results, None));
    draft.finding.definition =
        "An event whose selector, text or path holds one of the error words of the settings; typed values are never searched."
            .into();
    draft.finding.n = results.collected.overview.events;
    draft.touches_goal = errors.on_page.keys().any(|page| is_on_the_way(results, page));
    Some(draft)
}

/// The most frequent messages, of one page or of all.
fn top_messages(results: &Results, page: Option<&str>) -> String {
    let mut messages = std::collections::BTreeMap::<&str, u64>::new();
    for ((_, on, message), events) in &results.collected.errors.messages {
        if page.is_none_or(|page| page == on) {
            *messages.entry(message).or_default() += events;
        }
    }
    let mut messages: Vec<_> = messages.into_iter().collect();
    messages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> =
        messages.iter().take(NAMED).map(|(text, n)| format!("“{text}” ({})", number(*n))).collect();
    list(&named)
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
    finding.strength = if supported { Strength::Supported } else { Strength::Lead };
    finding.description = format!(
        "{} of the {} that visited {} met an error there ({}); elsewhere {} of {} did.",
        number(rate.error_sessions),
        count(rate.sessions, "session"),
        rate.page,
        percent(rate.rate.value.0),
        number(rate.elsewhere.0),
        count(rate.elsewhere.1, "page visit"),
    );
    finding.next = format!("Look first at: {}.", top_messages(results, Some(&rate.page)));
    let settings = &results.plan.settings.page_error_rate;
    finding.definition = format!(
        "Share of the sessions on a page that met an error there, against the visits to all other pages; tested from {} \
         sessions on, supported if q < {} and the share is at least {} times as high.",
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
    if pages.is_empty() {
        return None;
    }
    pages.sort_by(|a, b| b.error_sessions.cmp(&a.error_sessions).then_with(|| a.page.cmp(&b.page)));
    let mut sessions = SessionList::default();
    for page in &pages {
        if let Some(list) = results.collected.errors.on_page.get(&page.page) {
            sessions.merge(list.clone(), results.plan.named_sessions as usize);
        }
    }
    let title = match pages.as_slice() {
        [one] => format!("{} has errors, but too few visits to say more", one.page),
        _ => format!("{} have errors, but too few visits to say more", count(pages.len() as u64, "page")),
    };
    let total = pages.iter().map(|page| page.error_sessions).sum();
    let mut draft = Draft::fact(Class::PageErrorRate, title, total, &sessions);
    // A session behind several pages counts once. Where there are too many to tell, it counts with each page.
    draft.finding.session_count = if sessions.count <= NAMED_SESSIONS as u64 {
        sessions.named().count() as u64
    } else {
        sessions.count.min(results.collected.overview.sessions)
    };
    let named: Vec<String> = pages
        .iter()
        .take(NAMED)
        .map(|page| format!("{} of {} on {}", number(page.error_sessions), count(page.sessions, "session"), page.page))
        .collect();
    let least = results.plan.settings.page_error_rate.min_pairs;
    draft.finding.description = format!("An error met {}.", list(&named));
    draft.finding.next = format!("A page is tested from {least} sessions on.");
    draft.finding.strength = Strength::NotTestable;
    draft.finding.definition = format!("Pages with fewer than {least} sessions are not tested.");
    draft.finding.n = pages.iter().map(|page| page.sessions).sum();
    Some(draft)
}
