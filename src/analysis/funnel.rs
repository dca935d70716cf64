//! The funnel: proposing its steps from the file, and counting who reached them.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, EventMatcher};
use crate::analysis::flow_contents::FlowContents;
use crate::analysis::session_list::SessionList;
use crate::analysis::words::WordList;
use crate::dataset::Session;
use crate::settings::{FunnelStep, Goal, Matcher, ProposalSettings, Settings};
use crate::stats::counts::{Tally, coarse};
use crate::stats::{Counts, wilson};

/// Most elements that are tried as steps.
const MAX_CANDIDATES: usize = 24;
/// Elements with more different texts than this have no name of their own.
const MAX_TEXTS: usize = 50;

/// The elements (or, in a file without elements, the pages) worth trying as steps.
pub fn candidates(
    css: &BTreeMap<String, u64>,
    pages: &BTreeMap<String, u64>,
    sessions: u64,
    settings: &Settings,
    min_support: f64,
) -> Vec<Matcher> {
    let unwanted =
        [&settings.errors.css, &settings.cancel_words, &settings.logout_words].map(|words| WordList::new(words));
    let wanted = |name: &str| !name.is_empty() && !unwanted.iter().any(|words| words.matches(name));
    let most_used = |counts: &BTreeMap<String, u64>| {
        let used = counts.iter().filter(|(name, n)| wanted(name) && **n as f64 >= min_support * sessions as f64);
        let mut used: Vec<(u64, String)> = used.map(|(name, n)| (*n, name.clone())).collect();
        used.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        used.truncate(MAX_CANDIDATES);
        used
    };
    let elements = most_used(css);
    if elements.is_empty() {
        let page = |(_, page)| Matcher { page: Some(page), ..Default::default() };
        most_used(pages).into_iter().map(page).collect()
    } else {
        elements.into_iter().map(|(_, css)| Matcher { css: Some(css), ..Default::default() }).collect()
    }
}

/// How the candidates stand to each other and to the goal, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepStatistics {
    /// Sessions that reached the goal.
    converted: u64,
    candidates: Vec<Candidate>,
    /// For each ordered pair: sessions with both, and those in which the first came first.
    pairs: Vec<Pair>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Candidate {
    sessions: u64,
    /// Sessions that reached the goal after it.
    before_goal: u64,
    /// Events by text; `None` if there are more than [`MAX_TEXTS`].
    texts: Option<BTreeMap<String, u64>>,
    events: u64,
    /// Events by the item page that the next event is on, where that is another page.
    opens: BTreeMap<String, u64>,
    /// Some event of it is the goal.
    is_goal: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair {
    both: u64,
    first: u64,
}

impl StepStatistics {
    pub fn of(context: &Context, candidates: &[Matcher]) -> StepStatistics {
        let n = candidates.len();
        let masks = Masks::new(context, candidates);
        let mut found: Vec<CandidateCounts> = vec![CandidateCounts::default(); n];
        let mut stats = StepStatistics { converted: 0, candidates: Vec::new(), pairs: vec![Pair::default(); n * n] };
        // Candidates that the session has, each with the place where it first has it.
        let mut first: Vec<(usize, usize)> = Vec::new();
        context.each_session(&mut |session| {
            let goal = context.goal_at(&session);
            stats.converted += u64::from(goal.is_some());
            first.clear();
            let mut rows = session.rows().enumerate().peekable();
            let mut seen = 0u32;
            while let Some((at, row)) = rows.next() {
                let mut mask = masks.of(context, row);
                while mask != 0 {
                    let index = mask.trailing_zeros() as usize;
                    mask &= mask - 1;
                    if seen & 1 << index == 0 {
                        seen |= 1 << index;
                        first.push((index, at));
                    }
                    found[index].add(context, row, rows.peek().map(|(_, next)| *next), goal == Some(at));
                }
            }
            for (a, at) in &first {
                found[*a].sessions += 1;
                found[*a].before_goal += u64::from(goal.is_some_and(|goal| *at < goal));
                for (b, other) in &first {
                    let pair = &mut stats.pairs[a * n + b];
                    pair.both += 1;
                    pair.first += u64::from(at < other);
                }
            }
        });
        stats.candidates = found.into_iter().map(|counts| counts.named(context)).collect();
        stats
    }

    pub fn merge(&mut self, other: StepStatistics) {
        self.converted += other.converted;
        for (mine, other) in self.candidates.iter_mut().zip(other.candidates) {
            mine.merge(other);
        }
        for (mine, other) in self.pairs.iter_mut().zip(other.pairs) {
            mine.both += other.both;
            mine.first += other.first;
        }
    }

    /// The longest chain of steps that nearly everybody takes, in this order, before the goal.
    pub fn propose(&self, candidates: &[Matcher], goal: &Goal, settings: &ProposalSettings) -> Vec<FunnelStep> {
        let n = candidates.len();
        let needed = |index: &usize| {
            let candidate = &self.candidates[*index];
            let share = wilson(candidate.before_goal, self.converted);
            let (least, low) = (settings.min_before_goal, settings.min_before_goal_low);
            !candidate.is_goal && share.is_some_and(|share| share.value.0 >= least && share.low.0 >= low)
        };
        let before = |a: usize, b: usize| {
            let pair = self.pairs[a * n + b];
            pair.both > 0 && pair.first as f64 >= settings.min_in_order * pair.both as f64
        };
        let mut steps: Vec<usize> = (0..n).filter(needed).collect();
        // Those that come before the most others come first.
        let rank = |step: usize| steps.iter().filter(|other| before(step, **other)).count();
        let ranks: Vec<usize> = (0..n).map(rank).collect();
        steps.sort_by_key(|step| (std::cmp::Reverse(ranks[*step]), *step));
        let mut chains: Vec<Vec<usize>> = Vec::new();
        for step in steps {
            let follows = |chain: &&Vec<usize>| chain.iter().all(|earlier| before(*earlier, step));
            let mut chain = chains.iter().filter(follows).max_by_key(|chain| chain.len()).cloned().unwrap_or_default();
            chain.push(step);
            chains.push(chain);
        }
        // `max_by_key` gives the last of equals; the first is the one with the more used elements.
        let longest = chains.into_iter().rev().max_by_key(Vec::len).unwrap_or_default();
        let mut steps: Vec<FunnelStep> =
            longest.iter().map(|step| self.step(*step, &candidates[*step], settings.min_opens)).collect();
        steps.push(goal_step(goal));
        // A name made from a selector stands only where no other step has it.
        for (at, step) in longest.iter().enumerate() {
            if steps.iter().enumerate().any(|(other, others)| other != at && others.name == steps[at].name)
                && let Some(css) = &candidates[*step].css
            {
                steps[at].name = css.clone();
            }
        }
        steps
    }

    /// What a candidate is called, in how many sessions it is, and whether it is the goal.
    pub fn named(&self, index: usize, matcher: &Matcher, min_opens: f64) -> (String, u64, bool) {
        let candidate = &self.candidates[index];
        (self.step(index, matcher, min_opens).name, candidate.sessions, candidate.is_goal)
    }

    fn step(&self, index: usize, matcher: &Matcher, min_opens: f64) -> FunnelStep {
        let candidate = &self.candidates[index];
        let most = |counts: &BTreeMap<String, u64>, share: f64| {
            let (name, n) = counts.iter().max_by_key(|(_, n)| **n)?;
            (*n as f64 >= share * candidate.events as f64 && !name.is_empty()).then(|| name.clone())
        };
        let mut any_of = vec![matcher.clone()];
        let own_name = candidate.texts.as_ref().and_then(|texts| most(texts, 0.5));
        let opened = most(&candidate.opens, min_opens);
        let name = match (own_name, opened) {
            (_, Some(page)) => {
                let name = item_name(&page);
                any_of.push(Matcher { page: Some(page), ..Default::default() });
                name
            }
            (Some(text), None) => text,
            (None, None) => match (&matcher.page, &matcher.css) {
                (Some(page), _) => page.clone(),
                (None, Some(css)) => readable(css),
                (None, None) => String::new(),
            },
        };
        FunnelStep { name, any_of }
    }
}

/// The same while they are counted in a partition, by number.
#[derive(Clone, Default)]
struct CandidateCounts {
    sessions: u64,
    before_goal: u64,
    events: u64,
    /// By element.
    elements: HashMap<u32, u64>,
    /// By page.
    opens: HashMap<u32, u64>,
    is_goal: bool,
}

impl CandidateCounts {
    fn add(&mut self, context: &Context, row: usize, next: Option<usize>, is_goal: bool) {
        self.events += 1;
        self.is_goal |= is_goal;
        *self.elements.entry(context.partition.events.element[row]).or_default() += 1;
        let opened = next.map(|next| context.page(next)).filter(|page| *page != context.page(row));
        if let Some(page) = opened.filter(|page| context.is_item(*page)) {
            *self.opens.entry(page).or_default() += 1;
        }
    }

    fn named(self, context: &Context) -> Candidate {
        let mut texts: HashMap<&str, u64> = HashMap::new();
        for (element, events) in &self.elements {
            let text = context.partition.elements[*element as usize].text;
            *texts.entry(context.text_by_number(text)).or_default() += events;
        }
        let texts = texts.into_iter().map(|(text, events)| (text.to_string(), events)).collect();
        let opens = self.opens.into_iter().map(|(page, events)| (context.page_name(page).to_string(), events));
        let mut candidate = Candidate {
            sessions: self.sessions,
            before_goal: self.before_goal,
            texts: Some(texts),
            events: self.events,
            opens: opens.collect(),
            is_goal: self.is_goal,
        };
        candidate.forget_many_texts();
        candidate
    }
}

/// For each path and each element the candidates that it fits, as bits: an event fits those in both.
pub(super) struct Masks {
    paths: Vec<u32>,
    elements: Vec<u32>,
}

const _: () = assert!(MAX_CANDIDATES <= 32);

impl Masks {
    pub(super) fn new(context: &Context, candidates: &[Matcher]) -> Masks {
        let mut masks = Masks {
            paths: vec![0; context.partition.paths.texts().len()],
            elements: vec![0; context.partition.elements.len()],
        };
        for (index, candidate) in candidates.iter().enumerate() {
            let matcher = context.matcher(candidate);
            let mark = |masks: &mut [u32], fits: &dyn Fn(usize) -> bool| {
                (0..masks.len()).filter(|number| fits(*number)).for_each(|number| masks[number] |= 1 << index);
            };
            mark(&mut masks.paths, &|path| matcher.fits_path(path));
            mark(&mut masks.elements, &|element| matcher.fits_element(element));
        }
        masks
    }

    pub(super) fn of(&self, context: &Context, row: usize) -> u32 {
        let events = &context.partition.events;
        self.paths[events.path[row] as usize] & self.elements[events.element[row] as usize]
    }
}

impl Candidate {
    fn merge(&mut self, other: Candidate) {
        self.sessions += other.sessions;
        self.before_goal += other.before_goal;
        self.events += other.events;
        self.is_goal |= other.is_goal;
        super::merge_counts(&mut self.opens, other.opens);
        self.texts = match (self.texts.take(), other.texts) {
            (Some(mut mine), Some(others)) => {
                super::merge_counts(&mut mine, others);
                Some(mine)
            }
            _ => None,
        };
        self.forget_many_texts();
    }

    fn forget_many_texts(&mut self) {
        if self.texts.as_ref().is_some_and(|texts| texts.len() > MAX_TEXTS) {
            self.texts = None;
        }
    }
}

/// The step at which a session reaches the goal.
pub fn goal_step(goal: &Goal) -> FunnelStep {
    let any_of = goal.any_of();
    let name = match (goal, any_of.as_slice()) {
        (Goal::Event { .. }, [Matcher { text: Some(text), .. }]) => text.clone(),
        _ => goal.name().into(),
    };
    FunnelStep { name, any_of }
}

/// `/help/contact-us` is "Contact us", `/` is "Home", `/products/:slug` is a "Product"; what is no path stays.
pub fn page_title(page: &str) -> String {
    match page.strip_prefix('/') {
        Some("") => "Home".into(),
        Some(path) if path.rsplit('/').next().is_some_and(|last| last.starts_with(':')) => item_name(page),
        Some(path) => title(path.rsplit('/').next().unwrap_or(path)),
        None => page.into(),
    }
}

/// `/products/:slug` is a "Product".
fn item_name(page: &str) -> String {
    let parent = page.rsplit('/').find(|part| !part.starts_with(':') && !part.is_empty()).unwrap_or("item");
    title(parent.strip_suffix('s').unwrap_or(parent))
}

/// `.product-card` is a "Product card", `#search-bar` a "Search bar": the id or the last class of what is selected. A
/// selector with neither stays as it is.
fn readable(css: &str) -> String {
    let last = css.rsplit([' ', '>', '+', '~']).find(|part| !part.is_empty()).unwrap_or_default();
    let last = last.split(['[', ':']).next().unwrap_or_default();
    let id = last.split_once('#').map(|(_, id)| id.split('.').next().unwrap_or_default());
    match id.or_else(|| last.rsplit_once('.').map(|(_, class)| class)) {
        Some(name) if name.chars().any(char::is_alphabetic) => title(name),
        _ => css.to_string(),
    }
}

/// `product-card` as words: `Product card`.
fn title(name: &str) -> String {
    let words: Vec<&str> = name.split(['-', '_', ' ']).filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// How a session that did not reach the goal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// It cancelled what it had begun: a cancel after a step of the funnel, with no step after it.
    Cancelled,
    /// Its last event is an error.
    AfterError,
    /// Its last event is a logout.
    LoggedOut,
    /// It left: none of the others holds.
    Silently,
}

impl EndKind {
    pub const ALL: [EndKind; 4] = [EndKind::Cancelled, EndKind::AfterError, EndKind::Silently, EndKind::LoggedOut];

    /// The last thing that was done: `cancelled`.
    pub fn describe(self) -> &'static str {
        match self {
            EndKind::Cancelled => "cancelled",
            EndKind::AfterError => "left after an error",
            EndKind::LoggedOut => "logged out",
            EndKind::Silently => "left",
        }
    }
}

/// Who reached each step, and how the others ended; of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunnelCounts {
    pub sessions: u64,
    /// Sessions that took the steps up to and including each, in order.
    pub reached: Vec<u64>,
    /// Milliseconds from the step before (of the first step: from the session's begin) to each.
    pub times_ms: Vec<Counts>,
    /// Sessions that reached the step before each, but not it.
    pub lost: Vec<SessionList>,
    /// How many of them did not reach the goal by another way either.
    pub stopped: Vec<u64>,
    pub converted: SessionList,
    /// Sessions that did not reach the goal: whether they took the last step before it (in any order), and how
    /// they ended.
    pub abandoned: BTreeMap<(bool, EndKind), SessionList>,
    /// Sessions that reached the goal without taking all steps in order.
    pub converted_otherwise: u64,
    /// Sessions that did not reach the goal and took the last step before it, but not all steps before that.
    pub out_of_order: u64,
    /// What the sessions of the most frequent flows did.
    pub flows: FlowContents,
}

impl FunnelCounts {
    /// Counts over a partition.
    pub fn of(context: &Context, steps: &Steps) -> FunnelCounts {
        let n = steps.matchers.len();
        let mut counts = FunnelCounts {
            reached: vec![0; n],
            lost: vec![SessionList::default(); n],
            stopped: vec![0; n],
            ..FunnelCounts::default()
        };
        let mut times_ms = vec![Tally::default(); n];
        context.each_session(&mut |session| {
            counts.sessions += 1;
            let goal = context.goal_at(&session);
            let taken = steps.taken(context, &session, goal);
            let reached = taken.len();
            let mut before = session.start_us();
            for (step, row) in taken.into_iter().enumerate() {
                counts.reached[step] += 1;
                times_ms[step].add(coarse(context.time_us(row).abs_diff(before) / 1000));
                before = context.time_us(row);
            }
            if let Some(lost) = counts.lost.get_mut(reached) {
                lost.add(&session, context.named_sessions);
                counts.stopped[reached] += u64::from(goal.is_none());
            }
            if goal.is_some() {
                counts.converted.add(&session, context.named_sessions);
                counts.converted_otherwise += u64::from(reached < n);
            } else {
                let key = steps.end(context, &session);
                let in_order = before_goal(n, steps.ends_in_goal).is_some_and(|last| reached > last);
                counts.out_of_order += u64::from(key.0 && !in_order);
                counts.abandoned.entry(key).or_default().add(&session, context.named_sessions);
            }
        });
        counts.times_ms = times_ms.into_iter().map(Counts::from).collect();
        counts
    }

    pub fn merge(&mut self, other: FunnelCounts, named_sessions: usize) {
        self.sessions += other.sessions;
        self.flows.merge(other.flows);
        for (mine, other) in self.reached.iter_mut().zip(other.reached) {
            *mine += other;
        }
        for (mine, other) in self.stopped.iter_mut().zip(other.stopped) {
            *mine += other;
        }
        for (mine, other) in self.times_ms.iter_mut().zip(&other.times_ms) {
            mine.merge(other);
        }
        for (mine, other) in self.lost.iter_mut().zip(other.lost) {
            mine.merge(other, named_sessions);
        }
        self.converted.merge(other.converted, named_sessions);
        for (kind, sessions) in other.abandoned {
            self.abandoned.entry(kind).or_default().merge(sessions, named_sessions);
        }
        self.converted_otherwise += other.converted_otherwise;
        self.out_of_order += other.out_of_order;
    }

    /// Sessions that did not reach the goal and fit: (took the last step before it, how they ended).
    pub fn abandoned_where(&self, fits: impl Fn(bool, EndKind) -> bool) -> u64 {
        self.abandoned.iter().filter(|((began, kind), _)| fits(*began, *kind)).map(|(_, list)| list.count).sum()
    }
}

/// Which of so many steps is the last before the goal; none if the goal stands alone.
pub fn before_goal(steps: usize, ends_in_goal: bool) -> Option<usize> {
    steps.checked_sub(1 + usize::from(ends_in_goal))
}

/// Whether listed steps end in the goal: then the last of them is taken by the goal's whole rule.
pub fn ends_in_goal(steps: &[FunnelStep], goal: &Goal) -> bool {
    steps.last().is_some_and(|last| last.any_of == goal_step(goal).any_of)
}

/// The funnel's steps worked out for a partition.
pub struct Steps {
    matchers: Vec<Vec<EventMatcher>>,
    /// The last step is the goal, with all of the goal's rule.
    ends_in_goal: bool,
}

impl Steps {
    pub fn new(context: &Context, steps: &[FunnelStep], ends_in_goal: bool) -> Steps {
        let matchers =
            steps.iter().map(|step| step.any_of.iter().map(|matcher| context.matcher(matcher)).collect()).collect();
        Steps { matchers, ends_in_goal }
    }

    fn is(&self, context: &Context, step: usize, row: usize) -> bool {
        self.matchers[step].iter().any(|matcher| matcher.matches(context, row))
    }

    /// The rows at which a session took the steps in order: each at the earliest event after the step before it,
    /// which gives the longest attempt where nothing limits its time. `goal`: see [`Context::goal_at`].
    pub fn taken(&self, context: &Context, session: &Session, goal: Option<usize>) -> Vec<usize> {
        let n = self.matchers.len();
        let mut taken = Vec::new();
        for (at, row) in session.rows().enumerate() {
            let step = taken.len();
            if step == n {
                break;
            }
            let is_last = self.ends_in_goal && step + 1 == n;
            if if is_last { goal == Some(at) } else { self.is(context, step, row) } {
                taken.push(row);
            }
        }
        taken
    }

    /// Of a session that did not reach the goal: whether it took the last step before the goal (in any order),
    /// and how it ended.
    pub fn end(&self, context: &Context, session: &Session) -> (bool, EndKind) {
        let n = self.matchers.len();
        let last = before_goal(n, self.ends_in_goal);
        let began = last.is_some_and(|last| session.rows().any(|row| self.is(context, last, row)));
        let on_the_way = |row| (0..n).any(|step| self.is(context, step, row));
        (began, end_kind(context, session, last.is_none(), on_the_way))
    }
}

/// `begun`: the session counts as on its way to the goal before it took a step.
fn end_kind(context: &Context, session: &Session, begun: bool, on_the_way: impl Fn(usize) -> bool) -> EndKind {
    if is_cancelled(session.rows(), begun, on_the_way, |row| context.cancels(row)) {
        EndKind::Cancelled
    } else if context.error(session.last()).is_some() {
        EndKind::AfterError
    } else if context.logs_out(session.last()) {
        EndKind::LoggedOut
    } else {
        EndKind::Silently
    }
}

/// A cancel comes once the way to the goal was begun, and no step is taken after it. Who dismisses something
/// beforehand, or goes on afterwards, has not cancelled.
fn is_cancelled(
    rows: impl Iterator<Item = usize>,
    mut begun: bool,
    on_the_way: impl Fn(usize) -> bool,
    cancels: impl Fn(usize) -> bool,
) -> bool {
    let mut cancelled = false;
    for row in rows {
        if cancels(row) {
            // The event itself may be on the page of a step.
            begun |= on_the_way(row);
            cancelled |= begun;
        } else if on_the_way(row) {
            begun = true;
            cancelled = false;
        }
    }
    cancelled
}

#[cfg(test)]
mod tests {
    use super::{is_cancelled, readable};

    /// Whether a session is cancelled, told by a letter an event: s(tep), c(ancel), b(oth), anything else.
    fn cancelled(events: &str) -> bool {
        let is = |row: usize, letters: &str| letters.contains(&events[row..=row]);
        is_cancelled(0..events.len(), false, |row| is(row, "sb"), |row| is(row, "cb"))
    }

    #[test]
    fn selectors_become_readable() {
        let selectors = [
            (".product-card", "Product card"),
            ("#search-bar", "Search bar"),
            ("main > button.primary.add_to_cart:hover", "Add to cart"),
            ("button", "button"),
            ("a[href='/x.y']", "a[href='/x.y']"),
            ("div.-1", "div.-1"),
        ];
        for (css, name) in selectors {
            assert_eq!(readable(css), name);
        }
    }

    #[test]
    fn only_a_cancel_on_the_way_cancels() {
        for events in ["sc", "sscx", "sb", "b", "scsc", "xsxcx"] {
            assert!(cancelled(events), "{events}");
        }
        for events in ["", "x", "c", "cs", "scs", "csx", "bs"] {
            assert!(!cancelled(events), "{events}");
        }
    }

    #[test]
    fn without_steps_any_cancel_cancels() {
        assert!(is_cancelled(0..2, true, |_| false, |row| row == 0));
    }
}
