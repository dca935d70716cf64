//! What may be a step of the funnel: elements or pages that many use, how they stand to each other and to the goal, and the
//! steps that are proposed of them.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::funnel::goal_step;
use crate::analysis::words::WordList;
use crate::settings::{FunnelStep, Goal, Matcher, ProposalSettings, Settings};
use crate::stats::wilson;

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

/// What the candidates ask of one text, without regard to case. They are bits.
struct Wanted {
    by_text: HashMap<String, u32>,
    /// Those that ask nothing of it.
    any: u32,
}

impl Wanted {
    fn new<'m>(asked: impl Iterator<Item = &'m Option<String>>) -> Wanted {
        let mut wanted = Wanted { by_text: HashMap::new(), any: 0 };
        for (index, text) in asked.enumerate() {
            match text {
                Some(text) => *wanted.by_text.entry(text.to_lowercase()).or_default() |= 1 << index,
                None => wanted.any |= 1 << index,
            }
        }
        wanted
    }

    /// The candidates that are content with a text, or with what is shown of it.
    fn of(&self, text: &str, shown: &str) -> u32 {
        if self.by_text.is_empty() {
            return self.any;
        }
        let of = |text: &str| self.by_text.get(text.to_lowercase().as_str()).copied().unwrap_or(0);
        self.any | of(text) | if shown == text { 0 } else { of(shown) }
    }
}

impl Masks {
    /// As [`Context::matcher`] does for each candidate, but going through the texts once for all of them.
    pub(super) fn new(context: &Context, candidates: &[Matcher]) -> Masks {
        let partition = context.partition;
        let (pages, css, texts) = (
            Wanted::new(candidates.iter().map(|matcher| &matcher.page)),
            Wanted::new(candidates.iter().map(|matcher| &matcher.css)),
            Wanted::new(candidates.iter().map(|matcher| &matcher.text)),
        );
        let paths = (0..).zip(partition.paths.texts().iter());
        let paths = paths.map(|(number, path)| pages.of(path, context.page_name(context.page_of_path(number))));
        let css =
            (0..).zip(partition.css.texts().iter()).map(|(number, text)| css.of(text, context.css_by_number(number)));
        let texts = (0..)
            .zip(partition.texts.texts().iter())
            .map(|(number, text)| texts.of(text, context.text_by_number(number)));
        let (css, texts): (Vec<u32>, Vec<u32>) = (css.collect(), texts.collect());
        let elements = partition.elements.iter();
        Masks {
            paths: paths.collect(),
            elements: elements.map(|element| css[element.css as usize] & texts[element.text as usize]).collect(),
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::{Plan, Survey};
    use crate::dataset::{Partition, Sessions};
    use crate::engine::scan::ChunkScan;
    use crate::engine::worker::Reading;

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
    fn candidates_fit_together_as_they_do_alone() {
        let events =
            [("/A", ".x", "Buy"), ("/a", ".X", "BUY"), ("/b/1", "#y", ""), ("/", "", "Ärger"), ("/b/2", ".x", "é")];
        let line = |(path, css, text): &(&str, &str, &str)| {
            let time = "2025-02-06 09:00:00";
            json!({ "user_id": "u", "session_id": "s", "event_time": time, "path": path, "css": css, "text": text })
        };
        let file = events.iter().map(|event| format!("{}\n", line(event))).collect::<String>().into_bytes();
        let settings = Settings::default();
        let reading = Reading::new(1, &settings, Vec::new());
        let (_, batches) = ChunkScan::of_memory(&file, 0..file.len() as u64, &reading).unwrap();
        let mut partition = Partition::default();
        batches.into_iter().flatten().for_each(|batch| partition.absorb(Some(0), &batch));
        partition.complete(&[0]);
        let sessions = Sessions::build(&partition, true, None);
        let plan = Plan::new(&Survey::of(&partition, &sessions, true), &settings, 1, false);
        let lookup = plan.lookup(&partition, &sessions);
        let context = plan.context(&partition, &sessions, &lookup);

        let some = |text: &str| (text != "-").then(|| text.to_string());
        let parts = ["-", "/a", "/b/1", ".x", "#Y", "buy", "ärger", ""];
        let n = parts.len();
        let all = (0..n * n * n).map(|which| [which / n / n, which / n % n, which % n].map(|part| parts[part]));
        let all: Vec<Matcher> =
            all.map(|[page, css, text]| Matcher { page: some(page), css: some(css), text: some(text) }).collect();
        let mut fits = 0;
        for candidates in all.chunks(MAX_CANDIDATES) {
            let masks = Masks::new(&context, candidates);
            for (row, event) in events.iter().enumerate() {
                let together = masks.of(&context, row);
                for (index, candidate) in candidates.iter().enumerate() {
                    let alone = context.matcher(candidate).matches(&context, row);
                    assert_eq!(together >> index & 1 == 1, alone, "{candidate:?} on {event:?}");
                    fits += u32::from(alone);
                }
            }
        }
        assert!(fits > events.len() as u32, "{fits}");
    }
}
