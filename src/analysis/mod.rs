//! One file a question. Each is answered on every partition alone, and the answers of partitions merge.
//!
//! An analysis goes in rounds, since some choices need the whole file before others can be made:
//! [`Survey`] of all partitions -> [`Plan`] (page templates, candidates for steps) -> [`Collected`] ->
//! the funnel's steps and what is usual join the plan -> [`FunnelCounts`], then [`Flagged`] -> [`Results`].

pub mod behind;
pub mod contents;
pub mod context;
pub mod data_quality;
pub mod flow_steps;
pub mod flows;
pub mod funnel;
pub mod high_activity;
pub mod histogram;
pub mod inactivity;
pub mod long_gap;
pub mod overview;
pub mod page_error_rate;
pub mod pages;
pub mod personal;
pub mod session_duration;
pub mod session_list;
pub mod session_table;
pub mod storyboard;
pub mod survey;
pub mod technical_error;
pub mod templates;
pub mod timeline;
pub mod unusual_navigation;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::dataset::{Partition, Sessions};
use crate::ingest::RejectReason;
use crate::ingest::forms::LeftOut;
use crate::ingest::shape::{KindCounts, ShapeCounts};
use crate::settings::{FunnelSettings, FunnelStep, Matcher, ProposalSettings, Settings};
use crate::stats::Robust;
use contents::Looks;
use context::{Context, Lookup};
use data_quality::Quality;
use flow_steps::FlowSteps;
use flows::Flows;
pub use funnel::{EndKind, FunnelCounts};
use funnel::{StepStatistics, Steps};
use high_activity::{HighActivity, Rates, UsualActivity};
use inactivity::UserGaps;
use long_gap::{Gaps, LongGaps, UsualGaps};
use overview::Overview;
use pages::{Pages, Visits};
use session_duration::{Durations, UnusualDurations, UsualDuration, log_seconds};
use session_list::{SessionList, SessionRef};
use storyboard::Storyboard;
pub use survey::Survey;
use technical_error::TechnicalErrors;
use templates::Templates;
use timeline::{TimeBins, Timeline};
use unusual_navigation::{Transitions, UnusualNavigation};

/// A file that is not longer than this many of its edges has no middle to compare them with.
const EDGES_IN_A_FILE: u64 = 4;

/// What every partition must know to answer alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub settings: Settings,
    pub templates: Templates,
    /// The stretches of time that events are counted in.
    pub time_bins: TimeBins,
    /// What is tried as a step of the funnel.
    pub candidates: Vec<Matcher>,
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
}

impl Usual {
    fn of(collected: &Collected, settings: &Settings) -> Usual {
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
        }
    }
}

impl Plan {
    /// Chooses templates and candidates from the survey of the whole file.
    pub fn new(survey: &Survey, settings: &Settings, named_sessions: u64, zoned: bool) -> Plan {
        let templates = Templates::learn(&survey.paths, &settings.templates);
        let candidates = match settings.funnel {
            FunnelSettings::Listed { .. } => Vec::new(),
            FunnelSettings::Auto(ProposalSettings { min_support, .. }) => {
                let mut pages = BTreeMap::new();
                for (path, sessions) in &survey.paths {
                    *pages.entry(templates.apply(path)).or_default() += sessions;
                }
                funnel::candidates(&survey.css, &pages, survey.sessions, settings, min_support)
            }
        };
        Plan {
            settings: settings.clone(),
            templates,
            time_bins: survey.span_us.map_or(TimeBins::default(), |(first, last)| TimeBins::covering(first, last)),
            candidates,
            named_sessions,
            zoned,
            span_us: survey.span_us,
            steps: Vec::new(),
            ends_in_goal: false,
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
        self.named_pages = FlowSteps::of(&collected.flows).named();
        self.usual = Usual::of(collected, &self.settings);
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
        let counts = FunnelCounts::of(&context.slice(slice, slices), &steps);
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
            0 => begun.visits.get_or_insert_with(|| Visits::new(context)).add_sessions(slice),
            1 => begun.visits.iter_mut().for_each(|visits| visits.add_users(slice)),
            2 => {
                let looks = begun.looks.get_or_insert_with(|| Looks::of(context));
                self.quality.merge(Quality::with(looks, slice, plan), context.named_sessions);
            }
            3 => {
                let steps = StepStatistics::of(slice, &plan.candidates);
                if first { self.steps = steps } else { self.steps.merge(steps) }
            }
            4 => self.gaps.merge(Gaps::of(slice)),
            5.. if !first => {}
            5 => self.overview = Overview::of(context),
            6 => self.flows = Flows::of(context),
            7 => self.errors = TechnicalErrors::of(context),
            8 => self.durations = Durations::of(context),
            9 => self.rates = Rates::of(context),
            10 => self.transitions = Transitions::of(context),
            11 => self.timeline = Timeline::of(context, &plan.time_bins),
            12 => self.user_gaps = UserGaps::of(context),
            _ => return false,
        }
        if question == 1 && last {
            self.pages = begun.visits.take().map(|visits| visits.pages(context)).unwrap_or_default();
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
        match class {
            0 => self.long_gaps.merge(LongGaps::of_sessions(slice, &usual.gaps), context.named_sessions),
            1 => self.long_gaps.add_users(slice, &usual.gaps),
            2.. if which > 0 => {}
            2 => self.durations = UnusualDurations::of(context, &usual.duration),
            3 => self.activity = HighActivity::of(context, &usual.activity),
            4 => self.navigation = UnusualNavigation::of(context, &usual.transitions),
            5 => self.untested_errors = TechnicalErrors::sessions_on(context, &usual.untested_pages),
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
    }
}

/// Where the events came from: one file, or several that are one data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// In their order; events with the same time stand in this order.
    pub files: Vec<SourceFile>,
    /// Files that were opened with them and are not of the data set.
    pub left_out: Vec<LeftOut>,
    /// BLAKE3 of the bytes of all files, one after the other, hexadecimal; absent until it has been computed.
    pub blake3: Option<String>,
    /// Bytes at the end that were not read, since memory would not have sufficed.
    pub unread_bytes: u64,
    /// Then, the share of the sessions of the whole that memory would suffice for.
    pub sample_that_fits: Option<f64>,
}

/// One of the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Without folders.
    pub name: String,
    pub bytes: u64,
    /// How many lines it has; 0 until it has been read.
    pub lines: u64,
}

impl Source {
    /// What the results call the data set.
    pub fn name(&self) -> String {
        match self.files.as_slice() {
            [] => String::new(),
            [one] => one.name.clone(),
            [one, other] => format!("{} and {}", one.name, other.name),
            [one, others @ ..] => format!("{} and {} other files", one.name, others.len()),
        }
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The file that holds a line, numbered from 1 through all files, and the line's number in it. The name is
    /// left out where there is only one file.
    pub fn place(&self, line: u64) -> (Option<&str>, u64) {
        let mut line = line;
        for file in &self.files {
            if line <= file.lines {
                return ((self.files.len() > 1).then_some(file.name.as_str()), line);
            }
            line -= file.lines;
        }
        (None, line)
    }
}

/// What reading the lines of the file gave, besides events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadCounts {
    pub lines: u64,
    pub blank: u64,
    /// Lines that name the columns of a table.
    pub headers: u64,
    /// Lines that gave an event.
    pub events: u64,
    /// Whole records of sessions that are not in the sample.
    pub outside_sample: u64,
    /// Events among them whose record was damaged and repaired.
    pub salvaged: u64,
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Whole lines that tell of no action of a person, see [`RejectReason::is_set_aside`].
    pub set_aside: BTreeMap<RejectReason, u64>,
    /// The first rejected lines, numbered from 1.
    pub rejected_lines: BTreeMap<u64, RejectReason>,
    /// Events by fields that the mapping does not use.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Events whose time names its zone.
    pub zoned: u64,
    /// Events whose time is a date with day and month in the order that the settings say, by whether no other would do.
    pub certain_dates: u64,
    pub uncertain_dates: u64,
    /// The file's last line has no line end and is no record.
    pub cut_off: bool,
    /// Events that name no user and got the one of their session.
    pub users_filled_in: u64,
    /// What the events have in each mapped field.
    pub kinds: KindCounts,
    /// The forms of the records' ids.
    pub id_shapes: ShapeCounts,
}

/// Rejected lines that are named at most.
pub const NAMED_REJECTS: usize = 100;

/// Names of unknown fields that are counted at most.
const MAX_UNKNOWN_FIELDS: usize = 100;

/// Keeps the first names in the order of the alphabet. A name that is dropped has enough before it never to come
/// back, so the counts of those that stay are exact in whatever pieces the file is read.
pub(crate) fn keep_first_names(names: &mut BTreeMap<String, u64>) {
    while names.len() > MAX_UNKNOWN_FIELDS {
        names.pop_last();
    }
}

impl ReadCounts {
    /// Takes in the counts of the lines that follow.
    pub fn append(&mut self, next: &ReadCounts) {
        for (line, reason) in &next.rejected_lines {
            if self.rejected_lines.len() < NAMED_REJECTS {
                self.rejected_lines.insert(self.lines + line, *reason);
            }
        }
        self.lines += next.lines;
        self.blank += next.blank;
        self.headers += next.headers;
        self.events += next.events;
        self.outside_sample += next.outside_sample;
        self.salvaged += next.salvaged;
        merge_counts(&mut self.rejected, next.rejected.clone());
        merge_counts(&mut self.set_aside, next.set_aside.clone());
        merge_counts(&mut self.unknown_fields, next.unknown_fields.clone());
        keep_first_names(&mut self.unknown_fields);
        self.zoned += next.zoned;
        self.certain_dates += next.certain_dates;
        self.uncertain_dates += next.uncertain_dates;
        self.users_filled_in += next.users_filled_in;
        self.cut_off |= next.cut_off;
        self.kinds.merge(&next.kinds);
        self.id_shapes.merge(&next.id_shapes);
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
