//! Classes 4 and 5: sessions with high activity, and flows that others hardly take.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::high_activity::{ActivityCase, Kind, MachineSign};
use crate::analysis::unusual_navigation::{PathCase, TestedScore};
use crate::findings::wording::{count, count_were, fixed, list, number, percent, seconds};
use crate::findings::{Class, Draft, Strength};
use crate::settings::{HighActivityRule, HighActivitySettings};
use crate::stats::wilson;

/// Pages of a flow that a title names at most.
const TITLE_PAGES: usize = 5;

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts: Vec<Draft> =
        [Kind::Machine, Kind::Frustration, Kind::PowerUse].iter().filter_map(|kind| activity(results, *kind)).collect();
    drafts.extend(flows(results));
    drafts
}

fn activity_detail(settings: &HighActivitySettings, case: &ActivityCase) -> String {
    let mut parts = vec![count(case.events, "event")];
    parts.extend(case.per_minute_milli.map(|milli| format!("{} a minute", fixed(milli as f64 / 1e3, 1))));
    parts.extend(match case.sign {
        Some(MachineSign::Fast) => Some(format!("half of the gaps below {}", seconds(settings.machine_gap_s))),
        Some(MachineSign::Even(0)) => Some("all gaps alike".into()),
        Some(MachineSign::Even(milli)) => Some(format!("gaps vary by {} of their mean", fixed(milli as f64 / 1e3, 3))),
        Some(MachineSign::Burst(events)) => Some(format!("{} within one second", count(events, "event"))),
        Some(MachineSign::Tireless(minutes)) => {
            Some(format!("active for {} without a stop", seconds(minutes as f64 * 60.0)))
        }
        None => None,
    });
    parts.join(", ")
}

fn activity(results: &Results, kind: Kind) -> Option<Draft> {
    let found = results.flagged.activity.kinds.get(&kind)?;
    let settings = &results.plan.settings.high_activity;
    let by_mean = matches!(settings.rule, HighActivityRule::MeanDeviations { .. });
    let title = match kind {
        Kind::Machine if found.count == 1 => "1 session looks like a machine’s".into(),
        Kind::Machine => format!("{} look like a machine’s", count(found.count, "session")),
        Kind::Frustration => {
            format!("{} unusually active, with repeats or errors", count_were(found.count, "session"))
        }
        Kind::PowerUse => format!("{} unusually active", count_were(found.count, "session")),
    };
    let mut draft = Draft::flagged(Class::HighActivity, title, found, |_, case| activity_detail(settings, case))
        .behind(Behind::Activity { kind });
    let (top, _, most) = found.named().next()?;
    let n = results.collected.overview.sessions;
    let median = results.collected.overview.events_per_session.median().unwrap_or(0.0);
    let finding = &mut draft.finding;
    finding.strength = if kind == Kind::Machine || by_mean { Strength::Fact } else { Strength::Supported };
    finding.p = (finding.strength == Strength::Supported).then(|| results.plan.usual.activity.p(most, top).into());
    finding.description = format!(
        "{} of {}. {}: {}; the median session has {} events.",
        number(found.count),
        count(n, "session"),
        if found.count == 1 { "It has" } else { "The most active" },
        activity_detail(settings, most),
        if median.fract() == 0.0 { number(median as u64) } else { median.to_string() }
    );
    finding.next = match kind {
        Kind::Machine if found.count == 1 => {
            "See whether it is a test, a monitor or a crawler; leave it out of the rates if so.".into()
        }
        Kind::Machine => {
            "See whether they are tests, monitors or crawlers; leave those that are out of the rates.".into()
        }
        Kind::Frustration => "See on which element they repeat, and which errors they meet.".into(),
        Kind::PowerUse => "See what they do that others do not.".into(),
    };
    finding.definition = definition(results, Some(kind));
    if finding.strength == Strength::Supported {
        finding.definition.push_str(&format!(" The most active has z {}.", fixed(top, 1)));
    }
    finding.n = n;
    Some(draft)
}

/// The rule of class 4 as a sentence; of one kind or of all.
pub fn definition(results: &Results, kind: Option<Kind>) -> String {
    let settings = &results.plan.settings.high_activity;
    if let HighActivityRule::MeanDeviations { deviations } = settings.rule {
        let limit = results.plan.usual.activity.event_limit.unwrap_or(0.0);
        let mean = results.collected.overview.events_per_session.mean().unwrap_or(0.0);
        return format!(
            "More events than the mean ({}) and {deviations} standard deviations: more than {}.",
            fixed(mean, 1),
            fixed(limit, 1)
        );
    }
    let machine = format!(
        "at least {} events with a median gap below {} and two ticks of the file’s clock; or at least {} gaps \
         whose standard deviation is below {} of their mean; or at least {} events within one second on {} elements; or \
         more than {} hours without a stop of {}",
        settings.machine_events,
        seconds(settings.machine_gap_s),
        settings.machine_gaps,
        settings.machine_variation,
        settings.machine_burst_events,
        settings.machine_burst_elements,
        settings.machine_hours,
        seconds(settings.machine_pause_minutes * 60.0)
    );
    let critical = results.plan.usual.activity.events.and_then(|usual| usual.critical());
    let events = critical.map_or("too few sessions, or all alike".into(), |z| format!("more than {}", fixed(z, 1)));
    let high = format!(
        "ln(events) by median deviations above the median ({events}), or ln(events an active minute) against sessions of \
         about as many events (at least {}), with p by Student’s t, times the number of sessions compared, below 0.05; of a \
         gap at most {} is active",
        settings.min_rate_events,
        seconds(settings.max_active_gap_s)
    );
    match kind {
        Some(Kind::Machine) => format!("Any of: {machine}."),
        Some(Kind::Frustration) => format!(
            "{high}; and at least {} of the events on elements used before, or {} retries or errors on at most {}.",
            percent(settings.frustration_repeated_share),
            settings.frustration_failures,
            count(settings.frustration_max_pages, "page")
        ),
        Some(Kind::PowerUse) => format!("{high}; and neither like a machine nor with repeats or errors."),
        None => format!("{high}. Like a machine: {machine}."),
    }
}

/// `/settings → /blog → /random`; of a long flow so many pages.
fn flow_title(case: &PathCase, most: usize) -> String {
    let named = case.pages.len().min(most);
    let mut flow = case.pages[..named].join(" → ");
    let more = case.page_count - named as u64;
    if more > 0 {
        flow.push_str(&format!(" → … {} more", number(more)));
    }
    flow
}

/// `/settings to /blog, /blog to /random`.
fn only_here_steps(case: &PathCase) -> String {
    let mut steps: Vec<String> = case.only_here_steps.iter().map(|(from, to)| format!("{from} to {to}")).collect();
    let more = case.only_here - steps.len() as u64;
    if more > 0 {
        steps.push(format!("{} more", number(more)));
    }
    steps.join(", ")
}

fn flow_detail(case: &PathCase) -> String {
    let only_here = match case.only_here {
        0 => String::new(),
        _ => format!("; nobody else went from {}", only_here_steps(case)),
    };
    format!("{}, odds of a step {}{only_here}", flow_title(case, case.pages.len()), odds(case.millibits as f64))
}

/// Thousandths of bits as odds in whole numbers: `1 in 39`.
fn odds(millibits: f64) -> String {
    let odds = libm::exp2(millibits / 1e3);
    match odds < 10.0 {
        true => format!("1 in {}", fixed(odds, 1)),
        false => format!("1 in {}", number(odds.round() as u64)),
    }
}

/// Flows that the chain of all others makes unlikely; and sessions with a step that nobody else took.
fn flows(results: &Results) -> Vec<Draft> {
    let n = results.collected.overview.sessions;
    // Of two sessions every step is one that nobody else took.
    if n < 3 {
        return Vec::new();
    }
    unusual(results).into_iter().chain(only_here(results)).collect()
}

fn only_here(results: &Results) -> Option<Draft> {
    let found = &results.flagged.navigation.only_here;
    let n = results.collected.overview.sessions;
    let (_, _, first) = found.named().next()?;
    let title = match found.count {
        1 => format!("1 session took a flow of its own: {}", flow_title(first, TITLE_PAGES)),
        _ => format!(
            "{} took a step that nobody else took, strangest {}",
            count(found.count, "session"),
            flow_title(first, TITLE_PAGES)
        ),
    };
    let mut draft = Draft::flagged(Class::UnusualNavigation, title, found, |_, case| flow_detail(case))
        .behind(Behind::StepOfItsOwn);
    let finding = &mut draft.finding;
    let odds = how_odd(results, first);
    let steps = only_here_steps(first);
    finding.description = match found.count {
        1 => format!("Nobody else went from {steps}; {odds}."),
        sessions => format!(
            "{} of {}. The strangest: nobody else went from {steps}; {odds}.",
            number(sessions),
            count(n, "session")
        ),
    };
    finding.next = match found.count {
        1 => "See how this session got from one page to the other.".into(),
        _ => "See how these sessions got from one page to the other.".into(),
    };
    finding.definition = format!(
        "A page followed by another as in no other session; repeats of a page are one visit. The strangest flow comes \
         first: {}. {}",
        bits(results, first),
        flow_definition(results)
    );
    finding.n = n;
    finding.rate = wilson(found.count, n);
    Some(draft)
}

/// `going by all other sessions the odds of a step of it are 1 in 39, in the median session 1 in 4.9`.
fn how_odd(results: &Results, case: &PathCase) -> String {
    let median = results.flagged.navigation.millibits.median().unwrap_or(0.0);
    format!(
        "going by all other sessions the odds of a step of it are {}, in the median session {}",
        odds(case.millibits as f64),
        odds(median)
    )
}

/// `1 bit`, `5.2 bits`.
pub fn in_bits(bits: f64) -> String {
    let bits = fixed(bits, 1);
    format!("{bits} {}", if bits == "1" { "bit" } else { "bits" })
}

/// `5.2 bits a step, in the median session 2.3`.
fn bits(results: &Results, case: &PathCase) -> String {
    let median = results.flagged.navigation.millibits.median().unwrap_or(0.0) / 1e3;
    format!("{} a step, in the median session {}", in_bits(case.millibits as f64 / 1e3), fixed(median, 1))
}

/// The prior and the score, in a sentence.
pub fn flow_definition(results: &Results) -> String {
    let settings = &results.plan.settings.unusual_navigation;
    format!(
        "Mean surprisal, in bits, of a session’s steps from page to page, begin and end among them, by the next pages in \
         all other sessions (a chain of first order; prior of total weight {} for each page, shaped like the next pages \
         of the whole file); p from the distribution of scores under the chain, supported if q < {} over all sessions, \
         from {} sessions on; below that flows are only ranked.",
        settings.prior_weight, settings.false_discovery_rate, settings.min_sessions
    )
}

fn unusual(results: &Results) -> Option<Draft> {
    let (navigation, settings) = (&results.flagged.navigation, &results.plan.settings.unusual_navigation);
    let n = results.collected.overview.sessions;
    let tested: Vec<TestedScore> = match n >= settings.min_sessions {
        true => navigation.tested(&results.collected.transitions, settings.prior_weight),
        false => Vec::new(),
    };
    let last = tested.iter().rev().find(|score| score.q < settings.false_discovery_rate);
    let leads = (libm::ceil(n as f64 * settings.lead_share) as u64).min(settings.max_leads);
    let sessions = last.map_or(leads, |score| score.sessions);
    let (_, _, first) = navigation.sessions.named().next()?;
    let strangest = flow_title(first, TITLE_PAGES);
    let title = match (last, sessions) {
        (Some(_), 1) => format!("1 session took an unusual flow: {strangest}"),
        (Some(_), _) => format!("{} took an unusual flow, strangest {strangest}", count(sessions, "session")),
        (None, 1) => format!("The most unusual flow: {strangest}"),
        (None, _) => {
            let named = navigation.sessions.named().take(2).map(|(_, _, case)| flow_title(case, TITLE_PAGES));
            let more = if sessions > 2 { ", first" } else { ":" };
            format!("The {} most unusual flows{more} {}", number(sessions), list(&named.collect::<Vec<_>>()))
        }
    };
    let named = sessions.min(results.plan.named_sessions) as usize;
    let mut draft = Draft::flagged(Class::UnusualNavigation, title, &navigation.sessions, |_, case| flow_detail(case));
    draft = draft.first(named);
    if let Some(last) = last {
        draft = draft.behind(Behind::UnusualFlow { millibits: last.millibits });
    }
    let finding = &mut draft.finding;
    (finding.count, finding.session_count) = (sessions, sessions);
    finding.strength = if last.is_some() { Strength::Supported } else { Strength::Lead };
    let how_odd = format!("{} of {}. The first: {}", number(sessions), count(n, "session"), how_odd(results, first));
    finding.description = match first.only_here {
        0 if first.page_count < 2 => format!("{how_odd}; it has one page."),
        0 => format!("{how_odd}; others went from each of its pages to the next as well, but seldom."),
        _ => format!("{how_odd}; nobody else went from {}.", only_here_steps(first)),
    };
    finding.next = "See whether they were lost, or found a way that others miss.".into();
    finding.definition = format!("{} The first has {}.", flow_definition(results), bits(results, first));
    finding.n = n;
    if let Some(score) = tested.first() {
        finding.p = Some(score.p.into());
        finding.q = Some(score.q.into());
        finding.family = Some(n);
    }
    Some(draft)
}
