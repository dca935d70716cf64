//! Every class in one line, whether something was found or not: "no pause over 5 minutes; the longest was 9 s".

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::findings::behaviour::{definition, flow_definition};
use crate::findings::time::{limit, nearest_duration};
use crate::findings::wording::{count, fixed, number, percent, probability, seconds};
use crate::findings::{Class, Finding, Strength};
use crate::settings::HighActivityRule;

/// What one class looked at and found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSummary {
    pub class: Class,
    /// In plain words.
    pub name: String,
    pub definition: String,
    pub threshold: String,
    /// How many were looked at, and what they are (plural).
    pub tested: u64,
    pub unit: String,
    /// How many were found: of the unit, or what the threshold names.
    pub found: u64,
    /// What comes nearest to being found; empty where something was found.
    pub closest: String,
}

/// All classes that have been looked at, in their order.
pub fn summaries(results: &Results, findings: &[Finding], rates: &[PageErrorRate]) -> Vec<ClassSummary> {
    let summary = |class: Class| {
        let mut summary = summary(results, findings, rates, class);
        if summary.found > 0 {
            summary.closest.clear();
        }
        summary
    };
    Class::ALL.into_iter().filter(|class| !results.pending || !class.is_judged()).map(summary).collect()
}

fn summary(results: &Results, findings: &[Finding], rates: &[PageErrorRate], class: Class) -> ClassSummary {
    let (collected, settings, flagged) = (&results.collected, &results.plan.settings, &results.flagged);
    let overview = &collected.overview;
    let of_class = findings.iter().filter(|finding| finding.class == class);
    let make = |definition: String, threshold: String, tested: u64, unit: &str, found: u64, closest: String| {
        let (name, unit) = (class.name().to_string(), unit.to_string());
        ClassSummary { class, name, definition, threshold, tested, unit, found, closest }
    };
    match class {
        Class::LongGap => {
            let gaps = &settings.long_gap;
            let by_page = match gaps.by_page {
                true => format!("; or unusually long for its page, from {} gaps there on", gaps.min_page_gaps),
                false => String::new(),
            };
            let limit = seconds(gaps.min_gap_s);
            let closest = match collected.gaps.longest_ms {
                Some(ms) => format!("No pause of more than {limit}; the longest was {}.", seconds(ms as f64 / 1e3)),
                None => "No session has two events.".into(),
            };
            make(
                "Gaps between two events of a session that are long, or long for their page; pages where people stall."
                    .into(),
                format!(
                    "More than {limit} (a pause) or {} (probably two visits){by_page}.",
                    seconds(gaps.two_visits_gap_s)
                ),
                overview.sessions,
                "sessions",
                if overview.users >= gaps.min_users {
                    flagged.long_gaps.any_sessions
                } else {
                    flagged.long_gaps.long_sessions
                },
                closest,
            )
        }
        Class::SessionDuration => {
            let n = collected.durations.ms.n();
            let robust = results.plan.usual.duration.robust;
            let threshold = match robust.and_then(|robust| robust.critical()) {
                Some(critical) => {
                    let short =
                        limit(results, -1.0).map_or("no session is short".into(), |s| format!("below {}", seconds(s)));
                    let long = limit(results, 1.0).map_or(String::new(), |s| format!("above {}", seconds(s)));
                    format!("{short}, or {long} (|z| > {}).", fixed(critical, 1))
                }
                None if n < crate::stats::robust::MIN_N => "Not testable: fewer than 8 sessions.".into(),
                None => "All sessions are alike.".into(),
            };
            make(
                "Sessions of at least 2 events that are unusually short or long, by median deviations of ln(1 + seconds)."
                    .into(),
                capital(threshold),
                n,
                "sessions",
                flagged.durations.short.count + flagged.durations.long.count,
                nearest_duration(results).map_or(String::new(), |nearest| format!("None; {nearest}.")),
            )
        }
        Class::TechnicalError => make(
            "Events whose selector, text or page holds one of the error words.".into(),
            "One such event.".into(),
            overview.events,
            "events",
            collected.errors.events,
            "None of the words of the settings was found.".into(),
        ),
        Class::PageErrorRate => {
            let tested = rates.iter().filter(|rate| matches!(rate.verdict, Verdict::Tested { .. })).count() as u64;
            let highest = (rates.iter())
                .filter_map(|rate| match rate.verdict {
                    Verdict::Tested { q, .. } if rate.error_sessions > 0 => Some((rate, q)),
                    _ => None,
                })
                .max_by(|a, b| a.0.rate.value.0.total_cmp(&b.0.rate.value.0));
            let closest = match highest {
                Some((rate, q)) => format!(
                    "None; the highest rate is {} on {} (q {}).",
                    percent(rate.rate.value.0),
                    rate.page,
                    probability(q)
                ),
                None => "No page with sessions enough has an error.".into(),
            };
            make(
                "Pages on which more sessions meet an error than on all others.".into(),
                format!(
                    "From {} sessions on a page on; q < {} and {} times the others’ rate.",
                    settings.page_error_rate.min_pairs,
                    settings.page_error_rate.false_discovery_rate,
                    settings.page_error_rate.min_relative_risk
                ),
                tested,
                "pages",
                rates.iter().filter(|rate| matches!(rate.verdict, Verdict::Tested { supported: true, .. })).count()
                    as u64,
                closest,
            )
        }
        Class::HighActivity => {
            let most = overview.events_per_session.max().unwrap_or(0);
            let usual = &results.plan.usual.activity;
            let limit = match settings.high_activity.rule {
                HighActivityRule::MeanDeviations { .. } => usual.event_limit,
                HighActivityRule::MedianDeviations => {
                    usual.events.and_then(|usual| Some(libm::exp(usual.median + usual.critical()? * usual.scale)))
                }
            };
            let mut closest = match limit {
                Some(limit) => {
                    format!("None over {} events; the most active session had {}.", fixed(limit, 1), number(most))
                }
                None => format!("None; the most active session had {}.", count(most, "event")),
            };
            if let Some(milli) = flagged.activity.most_even_milli {
                closest
                    .push_str(&format!(" The most even gaps vary by {} of their mean.", fixed(milli as f64 / 1e3, 2)));
            }
            let threshold = match (settings.high_activity.rule, limit) {
                (HighActivityRule::MeanDeviations { .. }, limit) => {
                    format!("More than {} events.", fixed(limit.unwrap_or(0.0), 1))
                }
                (HighActivityRule::MedianDeviations, Some(limit)) => {
                    format!("More than {} events, unusually many a minute, or a sign of a machine.", fixed(limit, 1))
                }
                (HighActivityRule::MedianDeviations, None) => {
                    "Only a sign of a machine: too few sessions, or all alike.".into()
                }
            };
            let found = flagged.activity.kinds.values().map(|sessions| sessions.count).sum();
            make(definition(results, None), threshold, overview.sessions, "sessions", found, closest)
        }
        Class::UnusualNavigation => {
            let sure = of_class.filter(|finding| matches!(finding.strength, Strength::Fact | Strength::Supported));
            // Sessions of one finding may stand in the other too.
            let found = sure.map(|finding| finding.session_count).max().unwrap_or(0);
            let top = flagged.navigation.millibits.max().unwrap_or(0) as f64 / 1e3;
            let median = flagged.navigation.millibits.median().unwrap_or(0.0) / 1e3;
            let enough = overview.sessions >= settings.unusual_navigation.min_sessions;
            make(
                flow_definition(results),
                match enough {
                    true => format!("q < {} over all sessions.", settings.unusual_navigation.false_discovery_rate),
                    false => format!("Only ranked: fewer than {} sessions.", settings.unusual_navigation.min_sessions),
                },
                overview.sessions,
                "sessions",
                found,
                format!("The most unusual flow has {} bits a step, the median {}.", fixed(top, 1), fixed(median, 1)),
            )
        }
        Class::Duplicate => make(
            "Records equal in id, user, session, time, page, element and value to an earlier one.".into(),
            "One such record.".into(),
            results.read.lines,
            "lines",
            collected.quality.duplicates,
            "No duplicate records.".into(),
        ),
        Class::Clock => {
            let (zoned, all) = (results.read.zoned, results.read.events);
            make(
                "Times with and without a time zone in one file.".into(),
                "One of each.".into(),
                all,
                "events",
                if zoned == all { 0 } else { zoned },
                match zoned {
                    0 => "Times carry no time zone.".into(),
                    _ => "All times carry a time zone.".into(),
                },
            )
        }
        Class::DataQuality => make(
            "Lines that cannot be read, repaired records, scheduled arrivals, secrets, sessions that are too long."
                .into(),
            "One of these; each kind counts once.".into(),
            results.read.lines,
            "lines",
            of_class.count() as u64,
            format!("All {} could be read as they stand.", count(results.read.lines, "line")),
        ),
        Class::Abandonment => make(
            "Sessions that do not fulfil the rule of the goal.".into(),
            settings.goal.definition(),
            overview.sessions,
            "sessions",
            overview.sessions - overview.converted,
            "Every session reached the goal.".into(),
        ),
        Class::Conversion => make(
            "Sessions that fulfil the rule of the goal.".into(),
            settings.goal.definition(),
            overview.sessions,
            "sessions",
            overview.converted,
            format!("None of {} sessions reached the goal.", number(overview.sessions)),
        ),
    }
}

fn capital(text: String) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
