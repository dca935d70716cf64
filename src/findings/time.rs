//! Classes 1 and 2: pauses, and sessions that are unusually short or long.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::long_gap::{After, GapCase, GapKind, GapSessions, stalls};
use crate::analysis::session_duration::{DurationCase, log_seconds};
use crate::analysis::session_list::RankedList;
use crate::findings::wording::{count, count_were, fixed, list, number, percent, seconds, span};
use crate::findings::{Class, Draft, Strength, is_on_the_way};
use crate::stats::Rounded;
use crate::stats::robust::{estimated_p, two_sided_p};

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = pauses(results);
    drafts.extend(long_for_page(results));
    drafts.extend(stalling_pages(results));
    let unusual = &results.flagged.durations;
    drafts.extend(durations(results, &unusual.short, "short"));
    drafts.extend(durations(results, &unusual.long, "long"));
    drafts.extend(bounces(results));
    drafts
}

/// `Of 4 such gaps, 2 were followed by more events, 1 by an error and 1 by the session’s last event.`
fn what_followed(sessions: &GapSessions) -> String {
    let words = |after: &After| match after {
        After::Resumed => "more events",
        After::Error => "an error",
        After::Left => "the session’s last event",
    };
    let total: u64 = sessions.after.values().sum();
    if let Some((after, _)) = sessions.after.iter().find(|(_, n)| **n == total) {
        let what = if total == 1 { "It" } else { "Each such gap" };
        return format!("{what} was followed by {}.", words(after));
    }
    let mut parts: Vec<String> = sessions
        .after
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(after, n)| format!("{} by {}", number(*n), words(after)))
        .collect();
    if let Some((first, (_, n))) = parts.first_mut().zip(sessions.after.iter().find(|(_, n)| **n > 0)) {
        let were = if *n == 1 { " was followed by " } else { " were followed by " };
        *first = first.replacen(" by ", were, 1);
    }
    format!("Of {}, {}.", count(total, "such gap"), list(&parts))
}

fn gap_detail(case: &GapCase) -> String {
    let after = match case.after {
        After::Resumed => "then went on",
        After::Error => "then met an error",
        After::Left => "then left after one more event",
    };
    let more = if case.gaps > 1 { format!("; {} in all", number(case.gaps)) } else { String::new() };
    format!("{} on {}, {after}{more}", seconds(case.ms as f64 / 1e3), case.page)
}

fn pauses(results: &Results) -> Vec<Draft> {
    let (flagged, settings) = (&results.flagged.long_gaps, &results.plan.settings.long_gap);
    let n = results.collected.overview.sessions;
    let mut drafts = Vec::new();
    for (found, visits) in [(&flagged.pauses, false), (&flagged.two_visits, true)] {
        let limit = seconds(if visits { settings.two_visits_gap_s } else { settings.min_gap_s });
        let title = match visits {
            false => {
                let until = (settings.two_visits_gap_s > settings.min_gap_s).then_some(settings.two_visits_gap_s * 1e3);
                let how_long = span((settings.min_gap_s * 1e3) as u64, until.map(|ms| ms as u64));
                format!("{} paused for {how_long}", count(found.sessions.count, "session"))
            }
            true => format!("{} stopped for more than {limit}", count(found.sessions.count, "session")),
        };
        let kind = if visits { GapKind::TwoVisits } else { GapKind::Pause };
        let mut draft = Draft::flagged(Class::LongGap, title, &found.sessions, |_, case| gap_detail(case))
            .behind(Behind::Gap { kind });
        let Some((_, _, longest)) = found.sessions.named().next() else { continue };
        let finding = &mut draft.finding;
        finding.description = format!(
            "{} of {}; the longest gap is {} on {}. {}",
            number(found.sessions.count),
            count(n, "session"),
            seconds(longest.ms as f64 / 1e3),
            longest.page,
            what_followed(found)
        );
        finding.next = match visits {
            false => "Look at the page before the pause and at the event after it.".into(),
            true => "Each is probably two visits under one session id; check when the id is renewed, or split them in the settings.".into(),
        };
        finding.definition = match visits {
            false if settings.two_visits_gap_s > settings.min_gap_s => {
                format!("A gap between two events of more than {limit}, up to {}.", seconds(settings.two_visits_gap_s))
            }
            _ => format!("A gap between two events of more than {limit}."),
        };
        finding.n = n;
        draft.touches_goal = found.pages.iter().any(|page| is_on_the_way(results, page));
        drafts.push(draft);
    }
    drafts
}

fn long_for_page(results: &Results) -> Option<Draft> {
    let (flagged, settings) = (&results.flagged.long_gaps, &results.plan.settings.long_gap);
    let compared = results.plan.usual.gaps.compared;
    let (found, kind, supported) = match flagged.very_long_for_page.sessions.count {
        0 => (&flagged.long_for_page, GapKind::LongForPage, false),
        _ => (
            &flagged.very_long_for_page,
            GapKind::VeryLongForPage,
            results.collected.overview.users >= settings.min_users,
        ),
    };
    let (z, _, most) = found.sessions.named().next()?;
    let title = format!("{} paused for unusually long on a page", count(found.sessions.count, "session"));
    let mut draft =
        Draft::flagged(Class::LongGap, title, &found.sessions, |_, case| gap_detail(case)).behind(Behind::Gap { kind });
    let finding = &mut draft.finding;
    let median = results.plan.usual.gaps.pages.get(&most.page).map_or(0.0, |usual| libm::expm1(usual.median));
    finding.strength = if supported { Strength::Supported } else { Strength::Lead };
    finding.description = format!(
        "The furthest from its page: {} on {}, where the median is {}.",
        seconds(most.ms as f64 / 1e3),
        most.page,
        seconds(median)
    );
    finding.next = "Look at what these sessions saw on the page.".into();
    finding.definition = format!(
        "A gap of at most {} whose ln(1 + seconds) lies more than z(n) median deviations above those on its page (a lead); \
         supported if p by Student’s t, times the number of gaps compared, is below 0.05, from {} users on, since \
         gaps of one user are not independent; pages from {} gaps on. The furthest has z {}.",
        seconds(settings.min_gap_s),
        settings.min_users,
        settings.min_page_gaps,
        fixed(z, 1)
    );
    finding.n = compared;
    finding.unit = "gaps".into();
    let own = results.plan.usual.gaps.pages.get(&most.page).map_or(0, |usual| usual.n);
    finding.p = Some(estimated_p(z, own).into());
    draft.touches_goal = found.pages.iter().any(|page| is_on_the_way(results, page));
    Some(draft)
}

fn stalling_pages(results: &Results) -> Vec<Draft> {
    let settings = &results.plan.settings.long_gap;
    let users = results.collected.overview.users;
    let found = stalls(&results.collected.gaps, &results.plan.usual.gaps, &results.flagged.long_gaps);
    let family = found.len() as u64;
    let mut drafts = Vec::new();
    for stall in found {
        let supported = stall.q < settings.false_discovery_rate && users >= settings.min_users;
        let lead = stall.exact_p.max(stall.clustered_p) < 0.05;
        if stall.superiority < settings.min_longer_share || !supported && !lead {
            continue;
        }
        let title = match supported {
            true => format!("People stall on {}", stall.page),
            false => format!("People may stall on {}", stall.page),
        };
        let sessions = results.collected.gaps.sessions.get(&stall.page).copied().unwrap_or(0);
        let mut draft = Draft::fact(Class::LongGap, title, stall.gaps, &Default::default())
            .behind(Behind::AnyGap { page: stall.page.clone() });
        let finding = &mut draft.finding;
        finding.session_count = sessions;
        finding.strength = if supported { Strength::Supported } else { Strength::Lead };
        finding.description = format!(
            "The median gap on {} is {}, elsewhere {}; a gap here is longer than one elsewhere in {} of pairs.",
            stall.page,
            seconds(stall.median_ms / 1e3),
            seconds(results.collected.gaps.median_elsewhere_ms(&stall.page) / 1e3),
            percent(stall.superiority)
        );
        finding.next = "See what the page asks of people; a long read is no harm, a slow answer is.".into();
        finding.definition = format!(
            "Gaps on the page against all others, by the one-sided test of Mann and Whitney and by ranks with users as \
             clusters, over pages with at least {} gaps; the larger p decides; only where a gap here is longer in \
             at least {} of pairs; supported if q < {} with at least {} users.",
            settings.min_page_gaps,
            percent(settings.min_longer_share),
            settings.false_discovery_rate,
            settings.min_users
        );
        finding.n = stall.gaps;
        finding.unit = "gaps".into();
        finding.p = Some(Rounded(stall.exact_p));
        finding.clustered_p = Some(Rounded(stall.clustered_p));
        finding.q = Some(Rounded(stall.q));
        finding.family = Some(family);
        draft.touches_goal = is_on_the_way(results, &stall.page);
        drafts.push(draft);
    }
    drafts
}

fn durations(results: &Results, found: &RankedList<DurationCase>, what: &str) -> Option<Draft> {
    let usual = results.plan.usual.duration;
    let (robust, critical) = usual.robust.and_then(|robust| Some((robust, robust.critical()?)))?;
    let (furthest, _, most) = found.named().next()?;
    let sign = if what == "short" { -1.0 } else { 1.0 };
    let title = format!("{} unusually {what}", count_were(found.count, "session"));
    let edge = seconds(results.plan.settings.session_duration.edge_minutes * 60.0);
    let mut draft = Draft::flagged(Class::SessionDuration, title, found, |_, case| {
        let cut = if case.cut { format!("; within {edge} of the file’s start or end") } else { String::new() };
        format!("{}, {}{cut}", seconds(case.ms as f64 / 1e3), count(case.events, "event"))
    })
    .behind(if what == "short" { Behind::Short } else { Behind::Long });
    let cut = found.named().filter(|(_, _, case)| case.cut).count() as u64;
    let finding = &mut draft.finding;
    finding.strength = Strength::Supported;
    finding.description = format!(
        "The {}est took {}; the median of {} is {}.",
        what,
        seconds(most.ms as f64 / 1e3),
        count(robust.n, "session"),
        seconds(libm::expm1(robust.median))
    );
    if cut > 0 {
        finding.description.push_str(&format!(
            " {} of those named {} the first or last {edge} of the file, which may cut {}.",
            number(cut),
            if cut == 1 { "touches" } else { "touch" },
            if cut == 1 { "it" } else { "them" }
        ));
    }
    finding.next = match what {
        "short" if found.count == 1 => "See what this session did before it ended.".into(),
        "short" => "See what these sessions did before they ended.".into(),
        _ => "See where the time went, and whether one id stands for several visits.".into(),
    };
    finding.definition = format!(
        "Sessions with at least 2 events whose ln(1 + seconds) lies more than {} median deviations {} the median ({}). \
         The {what}est has z {}.",
        fixed(critical, 1),
        if what == "short" { "below" } else { "above" },
        limit(results, sign).map(seconds).unwrap_or_default(),
        fixed(sign * furthest, 1)
    );
    finding.n = robust.n;
    finding.p = Some(two_sided_p(furthest).into());
    Some(draft)
}

/// Seconds beyond which a session is unusual: below (-1) or above (1); `None` where the limit would be negative.
pub fn limit(results: &Results, sign: f64) -> Option<f64> {
    let robust = results.plan.usual.duration.robust?;
    let limit = libm::expm1(robust.median + sign * robust.critical()? * robust.scale);
    (limit > 0.0).then_some(limit)
}

/// The session nearest to being unusual, in words.
pub fn nearest_duration(results: &Results) -> Option<String> {
    let robust = results.plan.usual.duration.robust?;
    let ms = &results.collected.durations.ms;
    let (shortest, longest) = (ms.min()?, ms.max()?);
    let words = |ms: u64| {
        let z = robust.z(log_seconds(ms)).map_or(String::new(), |z| format!(" (z {})", fixed(z, 1)));
        format!("{}{z}", seconds(ms as f64 / 1e3))
    };
    Some(format!("the shortest session took {}, the longest {}", words(shortest), words(longest)))
}

fn bounces(results: &Results) -> Option<Draft> {
    let bounces = &results.collected.durations.bounces;
    if bounces.count == 0 {
        return None;
    }
    let n = results.collected.overview.sessions;
    let has = if bounces.count == 1 { "has" } else { "have" };
    let title = format!("{} {has} a single event", count(bounces.count, "session"));
    let mut draft = Draft::fact(Class::SessionDuration, title, bounces.count, bounces).behind(Behind::OneEvent);
    draft.finding.description = format!("{} of {}.", number(bounces.count), count(n, "session"));
    draft.finding.next = "See on which pages they begin; they have no duration and are not among the others.".into();
    draft.finding.definition = "The session has one event.".into();
    draft.finding.n = n;
    draft.finding.rate = crate::stats::wilson(bounces.count, n);
    Some(draft)
}
