//! Everything found, as one document: what the screen shows, the JSON holds and the report prints.
//!
//! `docs/json.md` describes it field by field; [`SCHEMA`] goes up when a field changes its meaning or goes.

use serde::{Deserialize, Serialize};

use crate::analysis::flow_steps::FlowSteps;
use crate::analysis::flows::cut;
use crate::analysis::histogram::HistogramBin;
use crate::analysis::{EndKind, SourceFile};
use crate::engine::wire::as_text;
use crate::findings::headline::{EndGroup, Headline};
use crate::findings::summary::ClassSummary;
use crate::findings::{Class, Finding, when};
use crate::report::comparison::ComparisonInfo;
use crate::report::inactivity::Inactivity;
pub use crate::report::quality::QualityInfo;
use crate::report::trend::Trend;
use crate::report::typed::TypedRow;
use crate::settings::{ExitsOf, FunnelStep, Settings};
use crate::stats::{Rate, Rounded};

/// Version of the document's form.
pub const SCHEMA: u32 = 1;

/// Rows of a list that the screen gets at most.
const SCREEN_ROWS: usize = 500;

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
    pub users: UsersInfo,
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
    /// What was typed, by element.
    pub typed: Vec<TypedRow>,
    /// Sessions by the time from first to last event.
    pub durations: Vec<HistogramBin>,
    /// Gaps between the events of a session.
    pub gaps: Vec<HistogramBin>,
    /// Where the file names no sessions: what ends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactivity: Option<Inactivity>,
    pub timeline: TimelineInfo,
    /// Shares over time.
    pub trend: Trend,
    /// Page templates that stand for other raw paths than their own.
    pub templates: Vec<TemplateInfo>,
    /// Two parts of the file side by side, if the settings ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<ComparisonInfo>,
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

impl Totals {
    /// From the first event to the last, as people write it; nothing where there is no event.
    pub fn span(&self) -> String {
        when::span(self.first_event.as_deref().unwrap_or_default(), self.last_event.as_deref().unwrap_or_default())
    }
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
    /// What most of its sessions do, or as the settings call it.
    pub name: String,
    /// Its pages in one line.
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

/// Users across their sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsersInfo {
    /// Users with more than one session.
    pub returning: u64,
    /// Users who reached the goal in one session at least, and their share of all users.
    pub converted: u64,
    pub rate: Option<Rate>,
    /// Users who did not reach the goal in their first session, those of them who came again, and those who reached it
    /// then.
    pub tried: u64,
    pub tried_again: u64,
    pub recovered: u64,
    /// Median of the seconds from the end of that first session to the begin of the one in which they did.
    pub wait_median_s: Option<Rounded>,
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
    /// Where the funnel's steps come from, in a sentence.
    pub fn steps_from(&self) -> &'static str {
        match (self.funnel.proposed, self.goal.converted) {
            (false, _) => "The steps are those of the settings.",
            (true, 0) => "No steps could be proposed: nobody reached the goal, and so nobody shows the way to it.",
            (true, _) => {
                "The steps were proposed from the file: the longest chain of elements that nearly everybody who reached the \
                 goal used before it, in this order."
            }
        }
    }

    /// What was found of one class.
    pub fn findings_of(&self, class: Class) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.class == class)
    }

    /// Events, sessions, users and sessions that reached the goal.
    pub fn figures(&self) -> [u64; 4] {
        [self.totals.events, self.totals.sessions, self.totals.users, self.goal.converted]
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
