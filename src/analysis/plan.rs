//! What every partition must know to answer alike: chosen from the survey, then from what was collected.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::analysis::Collected;
use crate::analysis::context::{Context, Lookup};
use crate::analysis::flow_contents::{FlowContents, NAMED_FLOWS};
use crate::analysis::flow_steps::FlowSteps;
use crate::analysis::funnel::{self, FunnelCounts, Steps};
use crate::analysis::high_activity::UsualActivity;
use crate::analysis::long_gap::UsualGaps;
use crate::analysis::order_rule::{self, Item, OrderRule};
use crate::analysis::session_duration::{UsualDuration, log_seconds};
use crate::analysis::session_list::SessionRef;
use crate::analysis::survey::Survey;
use crate::analysis::templates::Templates;
use crate::analysis::timeline::TimeBins;
use crate::analysis::unusual_navigation::Transitions;
use crate::analysis::{candidates, page_error_rate, quick_back};
use crate::dataset::{Partition, Sessions};
use crate::settings::{FunnelSettings, FunnelStep, Matcher, Settings};
use crate::stats::Robust;

/// A file that is not longer than this many of its edges has no middle to compare them with.
const EDGES_IN_A_FILE: u64 = 4;

/// What every partition must know to answer alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub settings: Settings,
    pub templates: Templates,
    /// The stretches of time that events are counted in.
    pub time_bins: TimeBins,
    /// What is tried as a step of the funnel, and gives flows their names.
    pub candidates: Vec<Matcher>,
    /// What rules of order are mined of.
    pub rule_items: Vec<Item>,
    /// How many sessions each list names.
    pub named_sessions: u64,
    /// The file's times name their zone.
    pub zoned: bool,
    /// The file's first and last event, in microseconds.
    pub span_us: Option<(i64, i64)>,
    /// The funnel's steps, once they are known.
    pub steps: Vec<FunnelStep>,
    /// The last step is the goal.
    pub ends_in_goal: bool,
    /// The most frequent flows, once they are known.
    pub named_flows: Vec<Vec<String>>,
    /// The pages that each step of the flows shows by name, once they are known.
    pub named_pages: Vec<Vec<String>>,
    /// What sessions are judged by, once it is known.
    pub usual: Usual,
    /// Sessions that the report shows event by event, once they are chosen.
    pub evidence: Vec<SessionRef>,
}

/// What is usual in the whole file, by which each session is judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    pub gaps: UsualGaps,
    pub duration: UsualDuration,
    pub activity: UsualActivity,
    pub transitions: Transitions,
    /// Pages with errors that too few sessions visited to test them.
    pub untested_pages: BTreeSet<String>,
    /// Elements that another event nearly always follows.
    pub answering: BTreeSet<String>,
    /// Elements with pages on which they hardly ever are.
    pub out_of_place: BTreeMap<String, BTreeSet<String>>,
    /// The longest stay that counts as quick, in microseconds, by page.
    pub quick_us: BTreeMap<String, u64>,
    pub order_rules: Vec<OrderRule>,
    /// Hashes of session ids that several users have.
    pub shared_ids: BTreeSet<u64>,
}

impl Usual {
    fn of(collected: &Collected, rule_items: &[Item], settings: &Settings) -> Usual {
        let overview = &collected.overview;
        let uncut = overview.first_us.zip(overview.last_us).and_then(|(first, last)| {
            let edge = (settings.session_duration.edge_minutes * 6e7) as i64;
            let long_enough = last.abs_diff(first) as f64 > settings.session_duration.min_span_hours * 3.6e9;
            long_enough.then(|| (first.saturating_add(edge), last.saturating_sub(edge)))
        });
        let gaps = match settings.long_gap.by_page {
            true => collected.gaps.usual(settings.long_gap.min_page_gaps),
            false => UsualGaps::default(),
        };
        Usual {
            gaps,
            duration: UsualDuration { robust: Robust::of(&collected.durations.ms, log_seconds), uncut_us: uncut },
            activity: UsualActivity::of(
                &overview.events_per_session,
                &collected.rates,
                collected.gaps.resolution_us,
                settings.high_activity.rule,
            ),
            transitions: collected.transitions.clone(),
            untested_pages: page_error_rate::untested(&collected.pages, &settings.page_error_rate),
            answering: collected.elements.answering(settings),
            out_of_place: collected.elements.out_of_place(settings),
            quick_us: quick_back::limits(&collected.pages, &settings.quick_back),
            order_rules: collected.precedence.rules(rule_items, &settings.order_rules),
            shared_ids: collected.session_ids.shared(),
        }
    }
}

impl Plan {
    /// Chooses templates and candidates from the survey of the whole file.
    pub fn new(survey: &Survey, settings: &Settings, named_sessions: u64, zoned: bool) -> Plan {
        let templates = Templates::learn(&survey.paths, &settings.templates);
        let mut pages = BTreeMap::new();
        for (path, sessions) in &survey.paths {
            *pages.entry(templates.apply(path)).or_default() += sessions;
        }
        let min_support = settings.funnel.proposal().min_support;
        let candidates = candidates::candidates(&survey.css, &pages, survey.sessions, settings, min_support);
        Plan {
            settings: settings.clone(),
            templates,
            time_bins: survey.span_us.map_or(TimeBins::default(), |(first, last)| TimeBins::covering(first, last)),
            candidates,
            rule_items: order_rule::items(&survey.css, &pages, survey.sessions, settings),
            named_sessions,
            zoned,
            span_us: survey.span_us,
            steps: Vec::new(),
            ends_in_goal: false,
            named_flows: Vec::new(),
            named_pages: Vec::new(),
            usual: Usual::default(),
            evidence: Vec::new(),
        }
    }

    /// Settles the funnel's steps: as the settings list them, or as the file proposes them.
    fn settle_funnel(&mut self, collected: &Collected) {
        match &self.settings.funnel {
            FunnelSettings::Listed { list } => {
                self.ends_in_goal = funnel::ends_in_goal(list, &self.settings.goal);
                self.steps = list.clone();
            }
            FunnelSettings::Auto(proposal) => {
                self.steps = collected.steps.propose(&self.candidates, &self.settings.goal, proposal);
                self.ends_in_goal = true;
            }
        }
    }

    /// Settles what sessions are judged by: the funnel's steps, and what is usual.
    pub fn settle(&mut self, collected: &Collected) {
        self.settle_funnel(collected);
        let flows = collected.flows.ranked().into_iter().take(NAMED_FLOWS);
        self.named_flows = flows.map(|(pages, _)| pages.to_vec()).collect();
        self.named_pages = FlowSteps::of(&collected.flows).named();
        self.usual = Usual::of(collected, &self.rule_items, &self.settings);
    }

    /// The file's edges, where it is long enough to have a middle: a session that begins by the first time may have
    /// begun before the file, one that ends from the second on may go on after it.
    pub fn edges_us(&self) -> Option<(i64, i64)> {
        let (first, last) = self.span_us?;
        let window = (self.settings.quality.edge_minutes * 6e7) as i64;
        let long_enough = window > 0 && last.abs_diff(first) / EDGES_IN_A_FILE > window as u64;
        long_enough.then(|| (first + window, last - window))
    }

    /// How a partition's sessions go through the funnel's steps.
    pub fn funnel(&self, context: &Context) -> FunnelCounts {
        let mut all = FunnelCounts::default();
        (0..).take_while(|slice| self.add_funnel(&mut all, *slice, context)).for_each(drop);
        all
    }

    /// Takes in a slice of the sessions, see [`Context::slice`]; false if there are no more.
    pub fn add_funnel(&self, all: &mut FunnelCounts, slice: usize, context: &Context) -> bool {
        let slices = context.slices();
        if slice >= slices {
            return false;
        }
        let steps = Steps::new(context, &self.steps, self.ends_in_goal);
        let part = context.slice(slice, slices);
        let flows = FlowContents::of(&part, &self.named_flows, &self.candidates);
        let counts = FunnelCounts { flows, ..FunnelCounts::of(&part, &steps) };
        if slice == 0 {
            *all = counts
        } else {
            all.merge(counts, context.named_sessions)
        }
        true
    }

    /// What all questions under this plan, and under those that follow from it, look up.
    pub fn lookup(&self, partition: &Partition, sessions: &Sessions) -> Lookup {
        Lookup::new(partition, sessions, &self.settings, &self.templates)
    }

    /// A partition's sessions under this plan.
    pub fn context<'a>(&'a self, partition: &'a Partition, sessions: &'a Sessions, lookup: &'a Lookup) -> Context<'a> {
        Context::new(partition, sessions, &self.settings, lookup, self.named_sessions as usize)
    }
}
