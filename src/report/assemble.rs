//! The document made of the results of an analysis.

use std::collections::BTreeMap;

use crate::analysis::flow_contents::{self, NAMED_FLOWS};
use crate::analysis::flow_steps::FlowSteps;
use crate::analysis::histogram::histogram;
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::analysis::session_list::SessionList;
use crate::analysis::{Results, timeline};
use crate::findings::headline::{Headline, end_groups, funnel_notes, headline, last_step_before_goal};
use crate::findings::part::part;
use crate::findings::summary::summaries;
use crate::findings::wording::{count, number};
use crate::findings::{Class, error_rates, find};
use crate::ingest::time;
use crate::report::comparison::ComparisonInfo;
use crate::report::document::{
    Abandonment, Document, ElementSessions, EndInfo, FlowInfo, FunnelInfo, GoalInfo, LeftOutInfo, ListLengths,
    PageInfo, PageSessions, SCHEMA, SourceInfo, StepInfo, TemplateInfo, TimelineBin, TimelineInfo, Totals, UsersInfo,
};
use crate::report::inactivity::Inactivity;
use crate::report::quality::QualityInfo;
use crate::report::trend::Trend;
use crate::report::typed::typed;
use crate::settings::FunnelSettings;
use crate::stats::{Rounded, wilson};

/// Raw paths that a template names at most.
const EXAMPLES: usize = 5;
/// Pages that a flow's title names at most.
const TITLE_PAGES: usize = 12;
/// Elements that are listed at most.
const LISTED_ELEMENTS: usize = 100;

impl Document {
    pub fn new(results: &Results) -> Document {
        let (overview, quality) = (&results.collected.overview, &results.collected.quality);
        let settings = &results.plan.settings;
        let zoned = results.read.zoned > 0;
        let (rejected, _) = results.rejects();
        let left_out = results.source.left_out.iter();
        let left_out = left_out.map(|file| LeftOutInfo { name: file.name.clone(), reason: file.problem.to_string() });
        let abandoned = overview.sessions - overview.converted;
        let length = |list: &BTreeMap<String, u64>| list.len() as u64;
        let rates = error_rates(results);
        let findings = find(results, &rates);
        let pages = pages(results, &rates);
        let dwells: Vec<f64> = pages.iter().filter_map(|page| Some(page.dwell_mean_s?.0)).collect();
        Document {
            schema: SCHEMA,
            program: format!("footpath {}", env!("CARGO_PKG_VERSION")),
            source: SourceInfo {
                name: results.source.name(),
                bytes: results.source.bytes(),
                lines: results.read.lines,
                blake3: results.source.blake3.clone(),
                unread_bytes: results.source.unread_bytes,
                sample_that_fits: results.source.sample_that_fits,
                left_out: left_out.collect(),
                files: if results.source.files.len() > 1 { results.source.files.clone() } else { Vec::new() },
            },
            totals: Totals {
                events: overview.events,
                sessions: overview.sessions,
                users: overview.users,
                rejected: rejected.values().sum(),
                set_aside: results.read.set_aside.values().sum(),
                salvaged: quality.salvaged,
                duplicates: quality.duplicates,
                blank: results.read.blank,
                headers: results.read.headers,
                outside_sample: results.read.outside_sample,
                first_event: overview.first_us.map(|us| time::format(us, zoned)),
                last_event: overview.last_us.map(|us| time::format(us, zoned)),
                session_median_s: overview.durations_ms.median().map(|ms| Rounded(ms / 1e3)),
                events_per_session_median: overview.events_per_session.median().map(Rounded),
            },
            headline: Headline { part: part(results), ..headline(results) },
            goal: GoalInfo {
                name: settings.goal.name().into(),
                definition: settings.goal.definition(),
                converted: overview.converted,
                abandoned,
                rate: wilson(overview.converted, overview.sessions),
            },
            abandonment: abandonment(results),
            users: users(results),
            list_lengths: ListLengths {
                entries: length(&overview.entries),
                exits: length(&overview.exits),
                pages: results.collected.pages.pages.len() as u64,
                products: length(&results.collected.pages.products),
                raw_paths: results.raw_paths.len() as u64,
            },
            entries: by_sessions(&overview.entries),
            exits_of: settings.exits,
            exits: by_sessions(&overview.exits),
            mean_dwell_s: (!dwells.is_empty()).then(|| Rounded(dwells.iter().sum::<f64>() / dwells.len() as f64)),
            pages,
            products: by_sessions(&results.collected.pages.products),
            product_views: results.collected.pages.products.values().sum(),
            flow_count: results.collected.flows.variants.len() as u64,
            flows: flows(results),
            flow_steps: FlowSteps::of(&results.collected.flows),
            funnel: funnel(results),
            typed: typed(results),
            durations: histogram(&overview.durations_ms),
            gaps: histogram(&results.collected.gaps.all()),
            inactivity: Inactivity::of(results),
            timeline: timeline(results),
            trend: Trend::of(results),
            templates: templates(results),
            comparison: ComparisonInfo::of(results).filter(|_| !results.pending),
            classes: summaries(results, &findings, &rates),
            findings,
            pending: Class::ALL.into_iter().filter(|class| results.pending && class.is_judged()).collect(),
            quality: QualityInfo::new(results),
            settings: settings.clone(),
        }
    }
}

fn users(results: &Results) -> UsersInfo {
    let found = &results.collected.returning;
    UsersInfo {
        returning: found.returning,
        converted: found.converted,
        rate: wilson(found.converted, found.users),
        tried: found.tried,
        tried_again: found.tried_again,
        recovered: found.recovered,
        wait_median_s: found.waits_ms.median().map(|ms| Rounded(ms / 1e3)),
    }
}

fn timeline(results: &Results) -> TimelineInfo {
    let bins = &results.plan.time_bins;
    let bin = |(index, bin): (usize, &timeline::Bin)| {
        let from_us = bins.start_us + index as i64 * bins.width_us;
        TimelineBin {
            from: time::format(from_us, results.read.zoned > 0),
            from_us,
            to_us: from_us + bins.width_us,
            events: bin.events,
            error_events: bin.error_events,
            sessions: bin.sessions,
            converted: bin.converted,
        }
    };
    TimelineInfo {
        width_s: Rounded(bins.width_us as f64 / 1e6),
        bins: results.collected.timeline.0.iter().enumerate().map(bin).collect(),
    }
}

fn templates(results: &Results) -> Vec<TemplateInfo> {
    let mut pages: BTreeMap<String, Vec<(&str, u64)>> = BTreeMap::new();
    for (path, sessions) in &results.raw_paths {
        pages.entry(results.plan.templates.apply(path)).or_default().push((path, *sessions));
    }
    let info = |(page, mut paths): (String, Vec<(&str, u64)>)| {
        let itself = paths.len() == 1 && paths[0].0 == page;
        paths.sort_by_key(|(_, sessions)| std::cmp::Reverse(*sessions));
        let examples = paths.iter().take(EXAMPLES).map(|(path, _)| path.to_string()).collect();
        (!itself).then_some(TemplateInfo { page, paths: paths.len() as u64, examples })
    };
    let mut infos: Vec<TemplateInfo> = pages.into_iter().filter_map(info).collect();
    infos.sort_by_key(|info| std::cmp::Reverse(info.paths));
    infos
}

fn by_sessions(counts: &BTreeMap<String, u64>) -> Vec<PageSessions> {
    let mut sorted: Vec<PageSessions> =
        counts.iter().map(|(page, sessions)| PageSessions { page: page.clone(), sessions: *sessions }).collect();
    sorted.sort_by_key(|page| std::cmp::Reverse(page.sessions));
    sorted
}

fn ids(sessions: &SessionList) -> (Vec<String>, Vec<String>) {
    sessions.named().map(|named| (named.session.clone(), named.user.clone())).unzip()
}

fn abandonment(results: &Results) -> Abandonment {
    let overview = &results.collected.overview;
    let groups = end_groups(results);
    let mut check = format!("{} = {} reached the goal", number(overview.sessions), number(overview.converted));
    for group in &groups {
        check.push_str(&format!(" + {} {}", number(group.sessions), group.label));
    }
    let mut last_elements: Vec<ElementSessions> = overview
        .last_elements
        .iter()
        .map(|((css, text), sessions)| ElementSessions { css: css.clone(), text: text.clone(), sessions: *sessions })
        .collect();
    last_elements.sort_by_key(|element| std::cmp::Reverse(element.sessions));
    last_elements.truncate(LISTED_ELEMENTS);
    let ends = results.funnel.abandoned.iter().map(|((took_last_step, ended), sessions)| EndInfo {
        took_last_step: *took_last_step,
        ended: *ended,
        session_count: sessions.count,
        sessions: ids(sessions).0,
    });
    Abandonment {
        groups,
        check,
        last_step: last_step_before_goal(results).map(String::from),
        ends: ends.collect(),
        last_elements,
    }
}

fn pages(results: &Results, rates: &[PageErrorRate]) -> Vec<PageInfo> {
    let seconds = |us: Option<f64>| us.map(|us| Rounded(us / 1e6));
    let mut pages: Vec<PageInfo> = rates
        .iter()
        .map(|rate| {
            let dwell = &results.collected.pages.pages[&rate.page].dwell_us;
            PageInfo {
                sessions: rate.sessions,
                events: rate.events,
                dwell_median_s: seconds(dwell.median()),
                dwell_mean_s: seconds(dwell.mean()),
                error_sessions: rate.error_sessions,
                error_events: rate.error_events,
                error_rate: Some(rate.rate),
                error_q: match rate.verdict {
                    Verdict::Tested { q, .. } => Some(q.into()),
                    Verdict::NotTestable | Verdict::Alone => None,
                },
                page: rate.page.clone(),
            }
        })
        .collect();
    pages.sort_by_key(|page| std::cmp::Reverse(page.sessions));
    pages
}

fn flows(results: &Results) -> Vec<FlowInfo> {
    let sessions = results.collected.overview.sessions;
    let ranked = results.collected.flows.ranked();
    let plan = &results.plan;
    let names = flow_contents::named(&results.collected.steps, plan);
    let flows = ranked.into_iter().take(NAMED_FLOWS).enumerate().map(|(at, (pages, variant))| {
        let given = plan.settings.flow_name(&pages.join(" → "));
        let share = crate::findings::wording::percent(variant.sessions as f64 / sessions as f64);
        FlowInfo {
            name: given.unwrap_or_else(|| results.funnel.flows.name(at, pages, variant.sessions, &names)),
            title: title(pages),
            description: format!(
                "{} of {} ({share}), {} of them reached the goal",
                number(variant.sessions),
                count(sessions, "session"),
                number(variant.converted)
            ),
            pages: pages.to_vec(),
            sessions: variant.sessions,
            converted: variant.converted,
        }
    });
    flows.collect()
}

/// The pages of a flow in one line; of a long flow its beginning and its end.
fn title(pages: &[String]) -> String {
    if pages.len() <= TITLE_PAGES {
        return pages.join(" → ");
    }
    let (first, rest) = pages.split_at(TITLE_PAGES - 2);
    let last = &rest[rest.len() - 1];
    format!("{} → … {} more … → {last}", first.join(" → "), number(rest.len() as u64 - 1))
}

fn funnel(results: &Results) -> FunnelInfo {
    let counts = &results.funnel;
    let first = StepInfo {
        name: "All sessions".into(),
        sessions: counts.sessions,
        from_previous: None,
        seconds_median: None,
        lost: 0,
        lost_sessions: Vec::new(),
        lost_users: Vec::new(),
    };
    let mut steps = vec![first];
    let found = counts.reached.iter().zip(&counts.times_ms).zip(&counts.lost);
    for (step, ((reached, times), lost)) in results.plan.steps.iter().zip(found) {
        let before = steps[steps.len() - 1].sessions;
        let (lost_sessions, lost_users) = ids(lost);
        steps.push(StepInfo {
            name: step.name.clone(),
            sessions: *reached,
            from_previous: wilson(*reached, before),
            seconds_median: times.median().map(|ms| Rounded(ms / 1e3)),
            lost: lost.count,
            lost_sessions,
            lost_users,
        });
    }
    FunnelInfo {
        proposed: matches!(results.plan.settings.funnel, FunnelSettings::Auto(_)),
        rules: results.plan.steps.clone(),
        steps,
        converted_otherwise: counts.converted_otherwise,
        notes: funnel_notes(results),
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_long_flow_has_a_short_title() {
        let pages: Vec<String> = (0..100).map(|page| format!("/{page}")).collect();
        assert_eq!(title(&pages[..3]), "/0 → /1 → /2");
        assert_eq!(title(&pages), "/0 → /1 → /2 → /3 → /4 → /5 → /6 → /7 → /8 → /9 → … 89 more … → /99");
    }
}
