//! Classes 4 and 5: sessions with high activity, and paths that others hardly take.

use crate::analysis::Results;
use crate::analysis::high_activity::{ActivityCase, Kind, MachineSign};
use crate::analysis::unusual_navigation::{PathCase, TestedScore};
use crate::findings::wording::{count, count_were, number, seconds};
use crate::findings::{Class, Draft, Strength};
use crate::settings::HighActivityRule;
use crate::stats::wilson;

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts: Vec<Draft> =
        [Kind::Machine, Kind::Frustration, Kind::PowerUse].iter().filter_map(|kind| activity(results, *kind)).collect();
    drafts.extend(only_here(results));
    drafts.extend(paths(results));
    drafts
}

fn activity_detail(case: &ActivityCase, z: Option<f64>) -> String {
    let mut parts = vec![count(case.events, "event")];
    parts.extend(case.per_minute_milli.map(|milli| format!("{:.1} a minute", milli as f64 / 1e3)));
    parts.extend(match case.sign {
        Some(MachineSign::Fast) => Some("half of the gaps below half a second".into()),
        Some(MachineSign::Even(milli)) => Some(format!("gaps vary by {:.3} of their mean", milli as f64 / 1e3)),
        Some(MachineSign::Burst(events)) => Some(format!("{} within one second", count(events, "event"))),
        Some(MachineSign::Tireless(minutes)) => {
            Some(format!("active for {} without a stop", seconds(minutes as f64 * 60.0)))
        }
        None => None,
    });
    parts.extend(z.filter(|z| *z > 0.0).map(|z| format!("z {z:.1}")));
    parts.join(", ")
}

fn activity(results: &Results, kind: Kind) -> Option<Draft> {
    let found = results.flagged.activity.kinds.get(&kind)?;
    let by_mean = matches!(results.plan.settings.high_activity.rule, HighActivityRule::MeanDeviations { .. });
    let title = match kind {
        Kind::Machine if found.count == 1 => "1 session looks like a machine’s".into(),
        Kind::Machine => format!("{} look like a machine’s", count(found.count, "session")),
        Kind::Frustration => {
            format!("{} unusually active, with repeats or errors", count_were(found.count, "session"))
        }
        Kind::PowerUse => format!("{} unusually active", count_were(found.count, "session")),
    };
    let mut draft =
        Draft::flagged(Class::HighActivity, title, found, |z, case| activity_detail(case, (!by_mean).then_some(z)));
    let (top, _, most) = found.named().next()?;
    let n = results.collected.overview.sessions;
    let median = results.collected.overview.events_per_session.median().unwrap_or(0.0);
    let finding = &mut draft.finding;
    finding.strength = if kind == Kind::Machine || by_mean { Strength::Fact } else { Strength::Supported };
    finding.p = (finding.strength == Strength::Supported).then(|| results.plan.usual.activity.p(most, top).into());
    finding.description = format!(
        "{} of {}. The first: {}; the median session has {median} events.",
        number(found.count),
        count(n, "session"),
        activity_detail(most, None)
    );
    finding.next = match kind {
        Kind::Machine => "See whether it is a test, a monitor or a crawler; leave it out of the rates if so.".into(),
        Kind::Frustration => "See on which element they repeat, and which errors they meet.".into(),
        Kind::PowerUse => "See what they do; frequent users show what the others do not find.".into(),
    };
    finding.definition = definition(results, Some(kind));
    finding.n = n;
    Some(draft)
}

/// The rule of class 4 as a sentence; of one kind or of all.
pub fn definition(results: &Results, kind: Option<Kind>) -> String {
    let settings = &results.plan.settings.high_activity;
    if let HighActivityRule::MeanDeviations { deviations } = settings.rule {
        let limit = results.plan.usual.activity.event_limit.unwrap_or(0.0);
        return format!("More events than the mean and {deviations} standard deviations ({limit:.1}).");
    }
    let machine = format!(
        "at least {} events with a median gap below half a second and two ticks of the file’s clock; or at least {} gaps \
         whose standard deviation is below {} of their mean; or at least {} events within one second on 3 elements; or \
         more than {} hours without a stop of 10 minutes",
        settings.machine_events,
        settings.machine_gaps,
        settings.machine_variation,
        settings.machine_burst_events,
        settings.machine_hours
    );
    let critical = results.plan.usual.activity.events.and_then(|usual| usual.critical());
    let events = critical.map_or("too few sessions, or all alike".into(), |z| format!("more than {z:.1}"));
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
            "{high}; and half of the events on elements used before, or 2 retries or errors on at most 3 pages."
        ),
        Some(Kind::PowerUse) => format!("{high}; and neither like a machine nor with repeats or errors."),
        None => format!("{high}. Like a machine: {machine}."),
    }
}

fn path_detail(case: &PathCase) -> String {
    let mut path = case.pages.join(" > ");
    let more = case.page_count - case.pages.len() as u64;
    if more > 0 {
        path.push_str(&format!(" > … {} more", number(more)));
    }
    let only_here = match case.only_here {
        0 => String::new(),
        n => format!("{} nobody else took; ", count(n, "step")),
    };
    format!("{path}: {only_here}{:.1} bits a step", case.millibits as f64 / 1e3)
}

fn only_here(results: &Results) -> Option<Draft> {
    let found = &results.flagged.navigation.only_here;
    let n = results.collected.overview.sessions;
    // Of two sessions every step is one that nobody else took.
    if found.count == 0 || n < 3 {
        return None;
    }
    let title = format!("{} took a step between pages that nobody else took", count(found.count, "session"));
    let mut draft = Draft::flagged(Class::UnusualNavigation, title, found, |_, case| path_detail(case));
    let finding = &mut draft.finding;
    finding.description = format!("{} of {}.", number(found.count), count(n, "session"));
    finding.next = "See how these sessions got from one page to the other.".into();
    finding.definition = "A page followed by another as in no other session; repeats of a page are one visit.".into();
    finding.n = n;
    finding.rate = wilson(found.count, n);
    Some(draft)
}

/// The prior and the score, in a sentence.
pub fn path_definition(results: &Results) -> String {
    let settings = &results.plan.settings.unusual_navigation;
    format!(
        "Mean surprisal, in bits, of a session’s steps from page to page, begin and end among them, by the next pages in \
         all other sessions (a chain of first order; prior of total weight {} for each page, shaped like the next pages \
         of the whole file); p from the distribution of scores under the chain, supported if q < {} over all sessions, \
         from {} sessions on; below that paths are only ranked.",
        settings.prior_weight, settings.false_discovery_rate, settings.min_sessions
    )
}

fn paths(results: &Results) -> Option<Draft> {
    let (navigation, settings) = (&results.flagged.navigation, &results.plan.settings.unusual_navigation);
    let n = results.collected.overview.sessions;
    if n < 3 {
        return None;
    }
    let tested: Vec<TestedScore> = match n >= settings.min_sessions {
        true => navigation.tested(&results.collected.transitions, settings.prior_weight),
        false => Vec::new(),
    };
    let last = tested.iter().rev().find(|score| score.q < settings.false_discovery_rate);
    let leads = (libm::ceil(n as f64 * settings.lead_share) as u64).min(settings.max_leads);
    let sessions = last.map_or(leads, |score| score.sessions);
    let title = match last {
        Some(_) => format!("{} took an unusual path", count(sessions, "session")),
        None if sessions == 1 => "The session with the most unusual path".into(),
        None => format!("The {} sessions with the most unusual paths", number(sessions)),
    };
    let named = sessions.min(results.plan.named_sessions) as usize;
    let mut draft = Draft::flagged(Class::UnusualNavigation, title, &navigation.sessions, |_, case| path_detail(case));
    draft = draft.first(named);
    let finding = &mut draft.finding;
    let top = finding.cases.first()?.detail.clone();
    (finding.count, finding.session_count) = (sessions, sessions);
    finding.strength = if last.is_some() { Strength::Supported } else { Strength::Lead };
    let median = navigation.millibits.median().unwrap_or(0.0) / 1e3;
    finding.description = format!("The first: {top}; the median session has {median:.1}.");
    finding.next = "See whether they were lost, or found a way that others miss.".into();
    finding.definition = path_definition(results);
    finding.n = n;
    if let Some(score) = tested.first() {
        finding.p = Some(score.p.into());
        finding.q = Some(score.q.into());
        finding.family = Some(n);
    }
    Some(draft)
}
