//! Everything found, as one document: what the screen shows, the JSON holds and the report prints.
//!
//! `docs/json.md` describes it field by field; [`SCHEMA`] goes up when a field changes its meaning or goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::flow_steps::FlowSteps;
use crate::analysis::flows::cut;
use crate::analysis::histogram::{HistogramBin, histogram};
use crate::analysis::page_error_rate::{PageErrorRate, Verdict};
use crate::analysis::session_list::SessionList;
use crate::analysis::{EndKind, Results, SourceFile, timeline};
use crate::engine::wire::as_text;
use crate::findings::headline::{EndGroup, Headline, end_groups, funnel_notes, headline, last_step_before_goal};
use crate::findings::part::part;
use crate::findings::summary::{ClassSummary, summaries};
use crate::findings::wording::{count, number};
use crate::findings::{Class, Finding, error_rates, find};
use crate::ingest::time;
use crate::report::inactivity::Inactivity;
pub use crate::report::quality::QualityInfo;
use crate::settings::{ExitsOf, FunnelSettings, FunnelStep, Settings};
use crate::stats::{Rate, Rounded, wilson};

/// Version of the document's form.
pub const SCHEMA: u32 = 1;

/// Flows that are listed at most.
const LISTED_FLOWS: usize = 100;
/// Raw paths that a template names at most.
const EXAMPLES: usize = 5;
/// Rows of a list that the screen gets at most.
const SCREEN_ROWS: usize = 500;
/// Pages that a flow's title names at most.
const TITLE_PAGES: usize = 12;
/// Elements that are listed at most.
const LISTED_ELEMENTS: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub schema: u32,
    /// Name and version of the program.
    pub program: String,
    pub source: SourceInfo,
    pub totals: Totals,
    pub headline: Headline,
    pub goal: GoalInfo,
    pub abandonment: Abandonment,
    /// How many first pages there are, and so on: the lists of the screen are shortened, see
    /// [`Document::for_screen`].
    pub list_lengths: ListLengths,
    pub entries: Vec<PageSessions>,
    pub exits_of: ExitsOf,
    pub exits: Vec<PageSessions>,
    pub pages: Vec<PageInfo>,
    /// Mean over all pages of their mean dwell, in seconds.
    #[serde(default)]
    pub mean_dwell_s: Option<Rounded>,
    pub products: Vec<PageSessions>,
    /// Pairs of a session and a product that it saw.
    #[serde(default)]
    pub product_views: u64,
    /// How many different flows there are; `flows` lists the most frequent.
    pub flow_count: u64,
    pub flows: Vec<FlowInfo>,
    /// Where sessions are at each step of their flow; the columns add up.
    #[serde(with = "as_text")]
    pub flow_steps: FlowSteps,
    pub funnel: FunnelInfo,
    /// Sessions by the time from first to last event.
    pub durations: Vec<HistogramBin>,
    /// Gaps between the events of a session.
    pub gaps: Vec<HistogramBin>,
    /// Where the file names no sessions: what ends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactivity: Option<Inactivity>,
    pub timeline: TimelineInfo,
    /// Page templates that stand for other raw paths than their own.
    pub templates: Vec<TemplateInfo>,
    pub findings: Vec<Finding>,
    /// Every class of findings, with what it looked at, whether it found something or not.
    pub classes: Vec<ClassSummary>,
    /// Classes that are still being looked for: neither among the findings nor among the classes. On the screen only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Class>,
    pub quality: QualityInfo,
    #[serde(with = "as_text")]
    pub settings: Settings,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    pub name: String,
    pub bytes: u64,
    pub lines: u64,
    pub blake3: Option<String>,
    /// Bytes at the end that were not read, since memory would not have sufficed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread_bytes: u64,
    /// Then, the share of the sessions of the whole that memory would suffice for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_that_fits: Option<f64>,
    /// Each file, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SourceFile>,
    /// Files that were opened with them and are not of the data set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutInfo>,
}

/// A file that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOutInfo {
    /// Without folders.
    pub name: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// Events + rejected + set_aside + duplicates + blank + headers + outside_sample = lines; salvaged records are among the events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub events: u64,
    pub sessions: u64,
    pub users: u64,
    pub rejected: u64,
    /// Whole lines that tell of no action of a person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub set_aside: u64,
    pub salvaged: u64,
    pub duplicates: u64,
    pub blank: u64,
    /// Lines that name the columns of a table.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub headers: u64,
    /// Records of sessions that are not in the sample.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside_sample: u64,
    pub first_event: Option<String>,
    pub last_event: Option<String>,
    /// Seconds from first to last event.
    pub session_median_s: Option<Rounded>,
    pub events_per_session_median: Option<Rounded>,
}

/// How long the lists are in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListLengths {
    pub entries: u64,
    pub exits: u64,
    pub pages: u64,
    pub products: u64,
    pub raw_paths: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalInfo {
    pub name: String,
    pub definition: String,
    pub converted: u64,
    pub abandoned: u64,
    pub rate: Option<Rate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Abandonment {
    /// Groups that add up, with the converted sessions, to all sessions.
    pub groups: Vec<EndGroup>,
    pub check: String,
    /// The name of the last step before the goal.
    pub last_step: Option<String>,
    pub ends: Vec<EndInfo>,
    /// All sessions by their last element.
    pub last_elements: Vec<ElementSessions>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndInfo {
    /// The session took the last step before the goal, in any order.
    pub took_last_step: bool,
    pub ended: EndKind,
    pub session_count: u64,
    pub sessions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElementSessions {
    pub css: String,
    pub text: String,
    pub sessions: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageSessions {
    pub page: String,
    pub sessions: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageInfo {
    pub page: String,
    pub sessions: u64,
    pub events: u64,
    pub dwell_median_s: Option<Rounded>,
    pub dwell_mean_s: Option<Rounded>,
    pub error_sessions: u64,
    pub error_events: u64,
    /// Of the sessions on the page, those that met an error there.
    pub error_rate: Option<Rate>,
    /// Against all other pages, corrected; absent where there are too few sessions.
    pub error_q: Option<Rounded>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowInfo {
    pub title: String,
    pub description: String,
    pub pages: Vec<String>,
    pub sessions: u64,
    pub converted: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelInfo {
    /// The steps were proposed from the file.
    pub proposed: bool,
    /// The steps as rules; the goal is the last where they were proposed.
    pub rules: Vec<FunnelStep>,
    /// The first step is every session.
    pub steps: Vec<StepInfo>,
    /// Sessions that reached the goal without taking all steps in order.
    pub converted_otherwise: u64,
    /// Where the steps count other sessions than the ends do, in sentences.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepInfo {
    pub name: String,
    pub sessions: u64,
    /// Of the sessions that reached the step before, the share that reached this one.
    pub from_previous: Option<Rate>,
    /// Median of the seconds from the step before, or from the session's begin.
    pub seconds_median: Option<Rounded>,
    /// Sessions that reached the step before, but not this one.
    pub lost: u64,
    pub lost_sessions: Vec<String>,
    pub lost_users: Vec<String>,
}

/// Events over time, in stretches of equal width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineInfo {
    pub width_s: Rounded,
    pub bins: Vec<TimelineBin>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineBin {
    /// Where it begins.
    pub from: String,
    /// The same and its end, in microseconds since 1970.
    pub from_us: i64,
    pub to_us: i64,
    pub events: u64,
    pub error_events: u64,
    /// Sessions that begin here, and how many of them reach the goal.
    pub sessions: u64,
    pub converted: u64,
}

/// A page and the raw paths it stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateInfo {
    pub page: String,
    /// How many raw paths.
    pub paths: u64,
    /// The most visited of them.
    pub examples: Vec<String>,
}

impl Document {
    /// Events, sessions, users and sessions that reached the goal.
    pub fn figures(&self) -> [u64; 4] {
        [self.totals.events, self.totals.sessions, self.totals.users, self.goal.converted]
    }

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
            durations: histogram(&overview.durations_ms),
            gaps: histogram(&results.collected.gaps.all()),
            inactivity: Inactivity::of(results),
            timeline: timeline(results),
            templates: templates(results),
            classes: summaries(results, &findings, &rates),
            findings,
            pending: Class::ALL.into_iter().filter(|class| results.pending && class.is_judged()).collect(),
            quality: QualityInfo::new(results),
            settings: settings.clone(),
        }
    }

    /// The document as the screen gets it: long lists are cut, so that a page's main thread never works on what
    /// it does not show. Exports hold all.
    pub fn for_screen(mut self) -> Document {
        for list in [&mut self.entries, &mut self.exits, &mut self.products] {
            list.truncate(SCREEN_ROWS);
        }
        self.pages.truncate(SCREEN_ROWS);
        self.templates.truncate(SCREEN_ROWS);
        for flow in &mut self.flows {
            cut(&mut flow.pages);
        }
        self
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
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
    let flows = ranked.into_iter().take(LISTED_FLOWS).map(|(pages, variant)| {
        let share = crate::findings::wording::percent(variant.sessions as f64 / sessions as f64);
        FlowInfo {
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
