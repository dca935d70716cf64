//! Classes 11 to 13: steps out of order, elements out of place, session ids with several users.

use std::cmp::Reverse;

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::element_out_of_place::PlaceCase;
use crate::analysis::order_rule::{Item, OrderCase, OrderRule};
use crate::analysis::session_list::{RankedList, SessionList};
use crate::findings::wording::{count, list, number, percent, shown};
use crate::findings::{Class, Draft, is_on_the_way};
use crate::settings::Matcher;
use crate::stats::wilson;

/// Rules and ids that a sentence names at most.
const NAMED: usize = 3;
/// Rules that have a finding of their own at most.
const FINDINGS: usize = 5;

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = broken_rules(results);
    drafts.extend(out_of_place(results));
    drafts.extend(shared(results));
    drafts
}

fn rule_detail(rule: &OrderRule, case: &OrderCase) -> String {
    let (before, then) = (rule.before.name(), rule.then.name());
    if case.later { format!("{then} before {before}") } else { format!("{then} without {before}") }
}

/// The rules that some sessions broke, with those sessions.
fn broken(results: &Results) -> impl Iterator<Item = (&OrderRule, &RankedList<OrderCase>)> {
    let lists = &results.flagged.broken_rules.0;
    results.plan.usual.order_rules.iter().zip(lists).filter(|(_, sessions)| sessions.count > 0)
}

/// How many rules there are, and how many sessions broke them at most.
pub fn broken_count(results: &Results) -> u64 {
    broken(results).map(|(_, sessions)| sessions.count).sum()
}

fn is_on_way(results: &Results, item: &Item) -> bool {
    match item {
        Item::Page(page) => is_on_the_way(results, page),
        Item::Element(css) => {
            let names = |matcher: &Matcher| matcher.css.as_ref() == Some(css);
            results.plan.steps.iter().flat_map(|step| &step.any_of).any(names)
        }
    }
}

/// One finding for each rule that several sessions broke, those on the way to the goal first, as many as are read; and one
/// for all that a single session broke.
fn broken_rules(results: &Results) -> Vec<Draft> {
    let (mut several, single): (Vec<_>, Vec<_>) = broken(results).partition(|(_, sessions)| sessions.count > 1);
    several.sort_by_key(|(rule, sessions)| (!is_on_way(results, &rule.then), Reverse(sessions.count)));
    let mut drafts: Vec<Draft> =
        several.into_iter().take(FINDINGS).map(|(rule, sessions)| broken_rule(results, rule, sessions)).collect();
    if let [(rule, sessions)] = single.as_slice() {
        drafts.push(broken_rule(results, rule, sessions));
    } else if !single.is_empty() {
        drafts.push(single_breaks(results, &single));
    }
    drafts
}

fn broken_rule(results: &Results, rule: &OrderRule, sessions: &RankedList<OrderCase>) -> Draft {
    let (before, then) = (rule.before.name(), rule.then.name());
    let title = format!("{} got to {then} without {before} before it", count(sessions.count, "session"));
    let mut draft = Draft::flagged(Class::OrderRule, title, sessions, |_, case| rule_detail(rule, case))
        .behind(Behind::OrderRule { rules: vec![rule.text()] });
    draft.touches_goal = is_on_way(results, &rule.then);
    let finding = &mut draft.finding;
    finding.description = format!(
        "Of the {} with {then}, {} had {before} before it ({}).",
        count(rule.sessions, "session"),
        number(rule.held),
        percent(rule.held as f64 / rule.sessions as f64)
    );
    finding.next = "See how they got there, and what they met.".into();
    finding.definition = rule_definition(results);
    finding.n = rule.sessions;
    finding.rate = wilson(sessions.count, rule.sessions);
    draft
}

fn single_breaks(results: &Results, rules: &[(&OrderRule, &RankedList<OrderCase>)]) -> Draft {
    let title = format!("{} out of the usual order", count(rules.len() as u64, "step"));
    let mut draft = Draft::fact(Class::OrderRule, title, rules.len() as u64, &SessionList::default());
    for (rule, sessions) in rules {
        for (_, named, case) in sessions.named() {
            draft.finding.name(named, rule_detail(rule, case));
        }
    }
    draft.finding.session_count = draft.finding.sessions.len() as u64;
    draft = draft.behind(Behind::OrderRule { rules: rules.iter().map(|(rule, _)| rule.text()).collect() });
    let finding = &mut draft.finding;
    let mut named: Vec<String> = finding.cases.iter().take(NAMED).map(|case| case.detail.clone()).collect();
    if finding.cases.len() > NAMED {
        named.push(count((finding.cases.len() - NAMED) as u64, "more session"));
    }
    finding.description = format!("One session each: {}.", list(&named));
    finding.next = "See how they got there; a link from elsewhere may lead into the middle.".into();
    finding.definition = rule_definition(results);
    finding.n = results.collected.overview.sessions;
    draft
}

/// The rule of class 11 as a sentence.
pub fn rule_definition(results: &Results) -> String {
    let settings = &results.plan.settings.order_rules;
    format!(
        "A page or element comes before another in at least {} of the sessions with the other, the 95 % interval beginning at {} \
         or more ({} from 100 sessions on), and in at least {}; of several the one nearest before it is the rule. It is broken \
         where the other comes first.",
        percent(settings.min_confidence),
        percent(settings.min_low),
        percent(settings.min_low_large),
        count(settings.min_sessions, "session")
    )
}

fn place_detail(case: &PlaceCase) -> String {
    let more = if case.events > 1 { format!(", and {} more", count(case.events - 1, "event")) } else { String::new() };
    format!("{} on {}{more}", case.css, case.page)
}

fn out_of_place(results: &Results) -> Option<Draft> {
    let found = &results.flagged.out_of_place.sessions;
    if found.count == 0 {
        return None;
    }
    let elements = &results.collected.elements.0;
    let mut pairs: Vec<(&String, &String, u64, u64)> = Vec::new();
    for (css, pages) in &results.plan.usual.out_of_place {
        let uses = &elements[css];
        pairs.extend(pages.iter().map(|page| (css, page, uses.pages[page], uses.events())));
    }
    pairs.sort_by(|a, b| b.2.cmp(&a.2).then(a.cmp(b)));
    let title = match pairs.as_slice() {
        [(css, page, ..)] => format!("{} used {css} on {page}", count(found.count, "session")),
        _ => format!("{} used an element where it hardly ever is", count(found.count, "session")),
    };
    let mut draft = Draft::flagged(Class::ElementOutOfPlace, title, found, |_, case| place_detail(case))
        .behind(Behind::ElementOutOfPlace);
    let mut named: Vec<String> = pairs
        .iter()
        .take(NAMED)
        .map(|(css, page, here, all)| format!("{} of {} on {css} on {page}", number(*here), count(*all, "event")))
        .collect();
    if pairs.len() > NAMED {
        named.push(count((pairs.len() - NAMED) as u64, "more pair"));
    }
    let finding = &mut draft.finding;
    finding.description = format!("{}.", list(&named));
    finding.next = "See whether the page shows the element, or a script calls it there.".into();
    finding.definition = place_definition(results);
    finding.n = results.collected.overview.sessions;
    finding.rate = wilson(found.count, finding.n);
    Some(draft)
}

/// The rule of class 12 as a sentence.
pub fn place_definition(results: &Results) -> String {
    let settings = &results.plan.settings.element_out_of_place;
    format!(
        "Of an element with at least {} one page has at least {} of them, and this page less than {}.",
        count(settings.min_events, "event"),
        percent(settings.min_home),
        percent(settings.max_share)
    )
}

fn shared(results: &Results) -> Option<Draft> {
    let found = &results.flagged.shared;
    if found.ids.is_empty() {
        return None;
    }
    let ids = found.ids.len() as u64;
    let at_once = found.ids.values().filter(|id| id.overlaps()).count() as u64;
    let title = match (ids, at_once) {
        (1, 1) => "1 session id has several users at the same time".into(),
        (1, _) => "1 session id has several users".into(),
        (_, 0) => format!("{} session ids have several users", number(ids)),
        _ => format!("{} session ids have several users, {} of them at the same time", number(ids), number(at_once)),
    };
    let mut draft = Draft::fact(Class::SharedSession, title, ids, &found.sessions).behind(Behind::SharedSession);
    let named: Vec<String> = found
        .ids
        .values()
        .take(NAMED)
        .map(|id| {
            let (mut users, more) = id.named_users();
            users.iter_mut().for_each(|user| *user = shown(user));
            users.extend((more > 0).then(|| format!("{} more", number(more))));
            format!("{} by {}", shown(&id.id), list(&users))
        })
        .collect();
    let finding = &mut draft.finding;
    finding.description = format!("{}. Each user’s events count as a session of their own.", named.join("; "));
    finding.next = match at_once {
        0 => "People may have signed in in between; see whether the first user is a stand-in for nobody.".into(),
        _ => "See whether the ids are given out twice, or a device is shared.".into(),
    };
    finding.definition = SHARED.into();
    finding.n = results.collected.overview.sessions;
    Some(draft)
}

/// The rule of class 13.
pub const SHARED: &str = "One session id with events of at least two users; at the same time if the events of one begin before \
                          those of another end.";
