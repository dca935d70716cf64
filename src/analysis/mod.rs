//! One file a question. Each is answered on every partition alone, and the answers of partitions merge.
//!
//! An analysis goes in rounds, since some choices need the whole file before others can be made:
//! [`Survey`] of all partitions -> [`Plan`] (page templates, candidates for steps) -> [`Collected`] ->
//! the funnel's steps and what is usual join the plan -> [`FunnelCounts`], then [`Flagged`] -> [`Results`].

pub mod behind;
pub mod candidates;
pub mod compared;
pub mod comparison;
pub mod contents;
pub mod context;
pub mod data_quality;
pub mod drop_off_driver;
pub mod element_out_of_place;
pub mod element_use;
pub mod error_impact;
pub mod error_spike;
mod few;
pub mod flow_contents;
pub mod flow_steps;
pub mod flows;
pub mod funnel;
pub mod high_activity;
pub mod histogram;
pub mod inactivity;
pub mod long_gap;
pub mod loops;
pub mod order_rule;
pub mod overview;
pub mod page_error_rate;
pub mod pages;
pub mod personal;
mod plan;
pub mod quick_back;
pub mod rage_click;
mod read;
pub mod retry_loop;
pub mod returning;
pub mod session_duration;
pub mod session_list;
pub mod session_table;
pub mod shared_session;
pub mod storyboard;
pub mod survey;
pub mod technical_error;
pub mod templates;
pub mod timeline;
pub mod typed;
pub mod unanswered_click;
pub mod unusual_navigation;
pub mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ingest::RejectReason;
use candidates::StepStatistics;
use comparison::Comparison;
use contents::Looks;
use context::Context;
use data_quality::Quality;
use drop_off_driver::DropOffDrivers;
use element_out_of_place::OutOfPlace;
use element_use::ElementUse;
use error_impact::ErrorImpact;
use flows::Flows;
pub use funnel::{EndKind, FunnelCounts};
use high_activity::{HighActivity, Rates};
use inactivity::UserGaps;
use long_gap::{Gaps, LongGaps};
use loops::Loops;
use order_rule::{BrokenRules, Precedence};
use overview::Overview;
use pages::{Pages, Visits};
pub use plan::{Plan, Usual};
use quick_back::QuickBacks;
use rage_click::RageClicks;
pub(crate) use read::keep_first_names;
pub use read::{NAMED_REJECTS, ReadCounts, Source, SourceFile};
use retry_loop::RetryLoops;
use returning::Returning;
use session_duration::{Durations, UnusualDurations};
use session_list::SessionList;
use shared_session::{SessionIds, SharedSessions};
use storyboard::Storyboard;
pub use survey::Survey;
use technical_error::TechnicalErrors;
use timeline::Timeline;
use typed::Typed;
use unanswered_click::UnansweredClicks;
use unusual_navigation::{Transitions, UnusualNavigation};

/// What a slice of a question leaves to the next.
#[derive(Default)]
pub struct Begun {
    visits: Option<Visits>,
    looks: Option<Looks>,
}

/// All answers that need no others, of one partition or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    pub overview: Overview,
    pub pages: Pages,
    pub flows: Flows,
    pub errors: TechnicalErrors,
    pub quality: Quality,
    pub steps: StepStatistics,
    pub gaps: Gaps,
    pub durations: Durations,
    pub rates: Rates,
    pub transitions: Transitions,
    pub timeline: Timeline,
    pub user_gaps: UserGaps,
    pub elements: ElementUse,
    pub precedence: Precedence,
    pub session_ids: SessionIds,
    pub returning: Returning,
    pub typed: Typed,
}

impl Collected {
    pub fn of(context: &Context, plan: &Plan) -> Collected {
        let (mut all, mut begun) = (Collected::default(), Begun::default());
        (0..).take_while(|part| all.add_part(*part, &mut begun, context, plan)).for_each(drop);
        all
    }

    /// Answers a slice of a question, see [`Context::slice`], each of these under a number; false if there is none. Questions
    /// that do not take long are answered with the first slice.
    pub fn add_part(&mut self, part: usize, begun: &mut Begun, context: &Context, plan: &Plan) -> bool {
        let slices = context.slices();
        let (question, which) = (part / slices, part % slices);
        let (first, last) = (which == 0, which + 1 == slices);
        let slice = &context.slice(which, slices);
        match question {
            0 => {
                begun.visits.get_or_insert_with(|| Visits::new(context)).add(slice);
                if last {
                    self.pages = begun.visits.take().map(|visits| visits.pages(context)).unwrap_or_default();
                }
            }
            1 => {
                let looks = begun.looks.get_or_insert_with(|| Looks::of(context));
                self.quality.merge(Quality::with(looks, slice, plan), context.named_sessions);
            }
            2 => {
                let steps = StepStatistics::of(slice, &plan.candidates);
                if first { self.steps = steps } else { self.steps.merge(steps) }
            }
            3 => self.gaps.merge(Gaps::of(slice)),
            4 => self.elements.merge(ElementUse::of(slice)),
            5 => {
                let precedence = Precedence::of(slice, &plan.rule_items);
                if first { self.precedence = precedence } else { self.precedence.merge(precedence) }
            }
            6 => self.returning.merge(Returning::of(slice)),
            7 => self.typed.merge(Typed::of(slice)),
            8.. if !first => {}
            8 => self.overview = Overview::of(context),
            9 => self.flows = Flows::of(context),
            10 => self.errors = TechnicalErrors::of(context),
            11 => self.durations = Durations::of(context),
            12 => self.rates = Rates::of(context),
            13 => self.transitions = Transitions::of(context),
            14 => self.timeline = Timeline::of(context, &plan.time_bins),
            15 => self.user_gaps = UserGaps::of(context),
            16 => self.session_ids = SessionIds::of(context),
            _ => return false,
        }
        true
    }

    pub fn merge(&mut self, other: Collected, named_sessions: usize) {
        self.overview.merge(other.overview);
        self.pages.merge(other.pages);
        self.flows.merge(other.flows);
        self.errors.merge(other.errors, named_sessions);
        self.quality.merge(other.quality, named_sessions);
        self.steps.merge(other.steps);
        self.gaps.merge(other.gaps);
        self.durations.merge(other.durations, named_sessions);
        self.rates.merge(other.rates);
        self.transitions.merge(other.transitions);
        self.timeline.merge(other.timeline);
        self.user_gaps.merge(other.user_gaps);
        self.elements.merge(other.elements);
        self.precedence.merge(other.precedence);
        self.session_ids.merge(other.session_ids);
        self.returning.merge(other.returning);
        self.typed.merge(other.typed);
    }
}

/// Sessions that are unusual in the whole file, by class; of one partition or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flagged {
    pub long_gaps: LongGaps,
    pub durations: UnusualDurations,
    pub activity: HighActivity,
    pub navigation: UnusualNavigation,
    /// Sessions with an error on a page that too few visited to test it.
    pub untested_errors: SessionList,
    pub rage_clicks: RageClicks,
    pub unanswered: UnansweredClicks,
    pub quick_backs: QuickBacks,
    pub loops: Loops,
    pub retries: RetryLoops,
    pub broken_rules: BrokenRules,
    pub out_of_place: OutOfPlace,
    pub shared: SharedSessions,
    pub error_impact: ErrorImpact,
    pub drivers: DropOffDrivers,
    pub comparison: Comparison,
}

impl Flagged {
    pub fn of(context: &Context, plan: &Plan) -> Flagged {
        let mut all = Flagged::default();
        (0..).take_while(|part| all.add_part(*part, context, plan)).for_each(drop);
        all
    }

    /// Looks through a slice for a class, see [`Collected::add_part`]; false if there is none.
    pub fn add_part(&mut self, part: usize, context: &Context, plan: &Plan) -> bool {
        let usual = &plan.usual;
        let slices = context.slices();
        let (class, which) = (part / slices, part % slices);
        let slice = &context.slice(which, slices);
        let named = context.named_sessions;
        match class {
            0 => self.long_gaps.merge(LongGaps::of(slice, &usual.gaps), named),
            1 => self.rage_clicks.merge(RageClicks::of(slice, usual.activity.resolution_us), named),
            2 => self.loops.merge(Loops::of(slice), named),
            3 => self.retries.merge(RetryLoops::of(slice), named),
            4 => self.broken_rules.merge(BrokenRules::of(slice, &usual.order_rules), named),
            5 => self.out_of_place.merge(OutOfPlace::of(slice, &usual.out_of_place), named),
            6 => self.shared.merge(SharedSessions::of(slice, &usual.shared_ids), named),
            7 => self.error_impact.merge(ErrorImpact::of(slice, plan)),
            8 => self.drivers.merge(DropOffDrivers::of(slice, plan)),
            9 => self.comparison.merge(Comparison::of(slice, plan)),
            10 => self.unanswered.merge(UnansweredClicks::of(slice, &usual.answering), named),
            11.. if which > 0 => {}
            11 => self.durations = UnusualDurations::of(context, &usual.duration),
            12 => self.activity = HighActivity::of(context, &usual.activity),
            13 => self.navigation = UnusualNavigation::of(context, &usual.transitions),
            14 => self.untested_errors = TechnicalErrors::sessions_on(context, &usual.untested_pages),
            15 => self.quick_backs = QuickBacks::of(context, &usual.quick_us),
            _ => return false,
        }
        true
    }

    pub fn merge(&mut self, other: Flagged, named_sessions: usize) {
        self.long_gaps.merge(other.long_gaps, named_sessions);
        self.durations.merge(other.durations, named_sessions);
        self.activity.merge(other.activity, named_sessions);
        self.navigation.merge(other.navigation, named_sessions);
        self.untested_errors.merge(other.untested_errors, named_sessions);
        self.rage_clicks.merge(other.rage_clicks, named_sessions);
        self.unanswered.merge(other.unanswered, named_sessions);
        self.quick_backs.merge(other.quick_backs, named_sessions);
        self.loops.merge(other.loops, named_sessions);
        self.retries.merge(other.retries, named_sessions);
        self.broken_rules.merge(other.broken_rules, named_sessions);
        self.out_of_place.merge(other.out_of_place, named_sessions);
        self.shared.merge(other.shared, named_sessions);
        self.error_impact.merge(other.error_impact);
        self.drivers.merge(other.drivers);
        self.comparison.merge(other.comparison);
    }
}

/// Everything there is to say about a file.
#[derive(Clone, Debug)]
pub struct Results {
    pub source: Source,
    pub read: ReadCounts,
    pub plan: Plan,
    pub collected: Collected,
    pub funnel: FunnelCounts,
    /// Empty as long as it is pending.
    pub flagged: Flagged,
    /// Sessions that are unusual are still being looked for.
    pub pending: bool,
    /// Sessions by raw path.
    pub raw_paths: BTreeMap<String, u64>,
    /// Sessions that the report shows event by event, once they have been told.
    pub boards: Vec<Storyboard>,
}

impl Results {
    /// Keeps the sessions that the report shows, in the order in which they were chosen, lines numbered in their
    /// files.
    pub fn show(&mut self, boards: Vec<Storyboard>) {
        let place = |board: &Storyboard| {
            self.plan.evidence.iter().position(|named| named.user == board.user && named.session == board.session)
        };
        let mut boards = boards;
        boards.sort_by_key(place);
        boards.iter_mut().for_each(|board| board.place(&self.source));
        self.boards = boards;
    }

    /// Users have so many sessions that those of one are not independent: tests go by users too.
    pub fn by_users(&self) -> bool {
        self.sessions_per_user() > self.plan.settings.page_error_rate.max_independent_sessions
    }

    pub fn sessions_per_user(&self) -> f64 {
        let overview = &self.collected.overview;
        overview.sessions as f64 / overview.users.max(1) as f64
    }

    /// All rejected lines by reason, and the first of them; with salvaging off, damaged records are among them.
    pub fn rejects(&self) -> (BTreeMap<RejectReason, u64>, BTreeMap<u64, RejectReason>) {
        let quality = &self.collected.quality;
        let (mut reasons, mut lines) = (self.read.rejected.clone(), self.read.rejected_lines.clone());
        if quality.left_out > 0 {
            *reasons.entry(RejectReason::Damaged).or_default() += quality.left_out;
            lines.extend(quality.left_out_lines.iter().map(|line| (u64::from(*line), RejectReason::Damaged)));
        }
        while lines.len() > NAMED_REJECTS {
            lines.pop_last();
        }
        (reasons, lines)
    }
}

/// Adds the counts of another partition.
pub(crate) fn merge_counts<K: Ord>(mine: &mut BTreeMap<K, u64>, others: BTreeMap<K, u64>) {
    for (key, count) in others {
        *mine.entry(key).or_default() += count;
    }
}
