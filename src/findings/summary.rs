//! Every class in one line, whether something was found or not: "no pause over 5 minutes; the longest was 9 s".

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::findings::behaviour::{definition, flow_definition, in_bits};
use crate::findings::time::{limit, nearest_duration};
use crate::findings::wording::{count, fixed, number, percent, probability, seconds};
use crate::findings::{Class, Finding, Strength, again, drivers, false_alarms, order, quality, spikes};
use crate::settings::HighActivityRule;
use crate::stats::Rounded;

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
    /// Of simulated healthy files of about as many sessions, the share with a supported finding: see [`false_alarms`].
    pub healthy_share: Option<Rounded>,
}

impl ClassSummary {
    /// How far chance alone leads to a finding, in words.
    pub fn by_chance(&self) -> String {
        match self.healthy_share {
            Some(share) => format!("in {} of healthy files", percent(share.0)),
            None => "no inference".into(),
        }
    }
}

/// All classes that have been looked at, in their order.
pub fn summaries(results: &Results, findings: &[Finding], rates: &[PageErrorRate]) -> Vec<ClassSummary> {
    let summary = |class: Class| {
        let mut summary = summary(results, findings, rates, class);
        if class.needs_times() && quality::times_say_little(results) {
            summary.found = 0;
            summary.closest = "Not testable: too many neighbouring events of a session have the same time.".into();
        }
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
        let healthy_share = false_alarms::share(class, overview.sessions).map(Rounded);
        ClassSummary { class, name, definition, threshold, tested, unit, found, closest, healthy_share }
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
                None => "No page that enough sessions visited has an error.".into(),
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
                format!("The most unusual flow has a surprisal of {} a step, the median {}.", in_bits(top), in_bits(median)),
            )
        }
        Class::ErrorSpike => {
            let found = spikes::spikes(results);
            let supported =
                found.spikes.iter().filter(|spike| spike.is_supported(&settings.error_spike)).count() as u64;
            let closest = if found.errors < settings.error_spike.min_errors {
                format!("Not testable: {}, from {} on.", count(found.errors, "error"), settings.error_spike.min_errors)
            } else {
                let nearest = found.spikes.first().map(|spike| {
                    format!(
                        "None; the closest has {} times the error rate of the others (q {}).",
                        fixed(spike.relative_risk(), 1),
                        probability(spike.q)
                    )
                });
                nearest.unwrap_or("No stretch has more errors than the others.".into())
            };
            make(
                spikes::definition(results, &found),
                format!("From {} errors on.", settings.error_spike.min_errors),
                found.tested,
                "stretches of time",
                supported,
                closest,
            )
        }
        Class::RageClick => {
            let found = &flagged.rage_clicks;
            make(
                again::rage_definition(results),
                count(settings.rage_click.min_clicks, "click") + ".",
                overview.sessions,
                "sessions",
                found.sessions.count,
                match found.longest {
                    0 => "No element that is clicked has a name.".into(),
                    1 => "None; nobody clicked an element twice in a row.".into(),
                    n => format!("None; the longest row on one element, however slow, has {} clicks.", number(n)),
                },
            )
        }
        Class::UnansweredClick => {
            let elements = flagged.unanswered.compared(results.by_users());
            let nearest = elements.iter().min_by(|a, b| a.q.total_cmp(&b.q).then_with(|| a.what.cmp(b.what)));
            make(
                again::unanswered_definition(results),
                format!("From {} on.", count(settings.unanswered_click.min_clicks, "click")),
                elements.len() as u64,
                "elements",
                of_class.map(|finding| finding.session_count).sum(),
                match nearest {
                    None => format!(
                        "Not testable: no page has two elements, one of them with {} that are nearly always answered.",
                        count(settings.unanswered_click.min_clicks, "click")
                    ),
                    Some(nearest) => format!(
                        "None stands out; the closest is {} on {}, in {} of {} (q {}).",
                        nearest.what.1,
                        nearest.what.0,
                        number(nearest.table.hits),
                        count(nearest.table.n, "session"),
                        probability(nearest.q)
                    ),
                },
            )
        }
        Class::QuickBack => {
            let closest = match flagged.quick_backs.shortest_ms {
                None => "None; nobody went from one page to another and back without using an element there.".into(),
                Some(ms) => format!("None; the quickest way back took {}.", seconds(ms as f64 / 1e3)),
            };
            make(
                again::back_definition(results),
                format!("At most {}.", seconds(settings.quick_back.max_dwell_s)),
                overview.sessions,
                "sessions",
                flagged.quick_backs.sessions.count,
                closest,
            )
        }
        Class::Loop => make(
            again::loop_definition(results),
            format!("{} rounds, or {} visits.", settings.loops.min_rounds.max(2), settings.loops.min_visits),
            overview.sessions,
            "sessions",
            flagged.loops.circles.count + flagged.loops.returns.count,
            match flagged.loops.most_visits {
                0 | 1 => "None; nobody visited a page twice.".into(),
                n => format!("None; the most visits of one page in a session are {}.", number(n)),
            },
        ),
        Class::RetryLoop => make(
            again::retry_definition(results),
            "One such try.".into(),
            flagged.retries.errors,
            "errors",
            flagged.retries.tries(),
            match flagged.retries.errors {
                0 => "There was no error after which anything could be tried again.".into(),
                n => format!("None after {}.", count(n, "error")),
            },
        ),
        Class::OrderRule => make(
            order::rule_definition(results),
            "One such session.".into(),
            results.plan.usual.order_rules.len() as u64,
            "rules",
            order::broken_count(results),
            match results.plan.usual.order_rules.len() {
                0 => "No page or element comes before another often enough to be a rule.".into(),
                n => format!("None; {} in the file, and no session breaks one.", count(n as u64, "rule")),
            },
        ),
        Class::ElementOutOfPlace => {
            let least = settings.element_out_of_place.min_events;
            let enough = collected.elements.0.values().filter(|uses| uses.events() >= least).count() as u64;
            make(
                order::place_definition(results),
                "One such event.".into(),
                enough,
                "elements",
                flagged.out_of_place.sessions.count,
                match enough {
                    0 => format!("Not testable: no element has {}.", count(least, "event")),
                    _ => "None; every element is on one page, or often on several.".into(),
                },
            )
        }
        Class::SharedSession => make(
            order::SHARED.into(),
            "One such id.".into(),
            overview.sessions,
            "sessions",
            flagged.shared.ids.len() as u64,
            "None; every session id has one user.".into(),
        ),
        Class::ErrorImpact => make(
            drivers::definition(results, drivers::AFTER_ERROR),
            format!("q < {}.", settings.drivers.false_discovery_rate),
            flagged.error_impact.users.n,
            "sessions",
            of_class.count() as u64,
            drivers::nearest_impact(results),
        ),
        Class::DropOffDriver => make(
            drivers::definition(results, drivers::BEFORE),
            format!("q < {}.", settings.drivers.false_discovery_rate),
            drivers::tested(results).len() as u64,
            "differences",
            of_class.count() as u64,
            drivers::nearest_driver(results),
        ),
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
            "Lines that cannot be read, repaired records, scheduled arrivals, secrets, sessions that are too long or cut off."
                .into(),
            "One of these; each kind counts once.".into(),
            results.read.lines,
            "lines",
            of_class.count() as u64,
            match results.read.lines {
                1 => "The line could be read as it stands.".into(),
                n => format!("All {} could be read as they stand.", count(n, "line")),
            },
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
