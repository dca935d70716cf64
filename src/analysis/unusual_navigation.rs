//! Class 5: flows that others hardly take. Pages are a chain of first order with begin and end; a session's score is
//! the mean surprisal of its transitions, in bits, under the chain of all other sessions.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;
use crate::stats::Counts;
use crate::stats::counts::Tally;
use crate::stats::markov::{Chain, Judged, OUTSIDE};

/// Stands for begin and end; no page has an empty name.
const BEGIN_OR_END: &str = "";
/// Pages of a path that are kept to show it.
const SHOWN_PAGES: usize = 12;
/// Of the transitions that no other session has, so many.
const SHOWN_STEPS: usize = 3;

/// Transitions of one partition, or of several merged; repeats of a page are one visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transitions {
    /// By page, and the page after it.
    counts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Sessions by their number of transitions, begin and end among them.
    pub lengths: Counts,
}

impl Transitions {
    pub fn of(context: &Context) -> Transitions {
        let mut sessions = vec![0; context.flows().len()];
        context.sessions.iter(context.partition).for_each(|session| sessions[context.flow_number(&session)] += 1);
        let mut found: HashMap<(Option<u32>, Option<u32>), u64> = HashMap::new();
        let mut transitions = Transitions::default();
        for (flow, sessions) in context.flows().iter().zip(sessions) {
            transitions.lengths.add_many(flow.len() as u64 + 1, sessions);
            let mut before = None;
            for page in flow.iter().copied().map(Some).chain([None]) {
                *found.entry((before, page)).or_default() += sessions;
                before = page;
            }
        }
        let name = |page: Option<u32>| page.map_or(BEGIN_OR_END, |page| context.page_name(page)).to_string();
        for ((from, to), count) in found {
            *transitions.counts.entry(name(from)).or_default().entry(name(to)).or_default() += count;
        }
        transitions
    }

    pub fn merge(&mut self, other: Transitions) {
        for (from, next) in other.counts {
            merge_counts(self.counts.entry(from).or_default(), next);
        }
        self.lengths.merge(&other.lengths);
    }

    /// The chain, and the number of each page in it.
    pub fn chain(&self, prior: f64) -> (Chain, BTreeMap<&str, usize>) {
        // Every page is left, at least by the end.
        let names = self.counts.keys().map(String::as_str).filter(|name| *name != BEGIN_OR_END);
        let mut numbers: BTreeMap<&str, usize> = names.enumerate().map(|(index, name)| (name, index + 1)).collect();
        numbers.insert(BEGIN_OR_END, OUTSIDE);
        let steps = self.counts.iter().flat_map(|(from, next)| {
            next.iter().map(|(to, count)| (numbers[from.as_str()], numbers[to.as_str()], *count)).collect::<Vec<_>>()
        });
        (Chain::new(numbers.len(), prior, steps), numbers)
    }
}

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PathCase {
    /// The first pages of its path, and how many there are.
    pub pages: Vec<String>,
    pub page_count: u64,
    /// Transitions that no other session has, and the first of them, each from a page to a page.
    pub only_here: u64,
    pub only_here_steps: Vec<(String, String)>,
    /// Mean surprisal in thousandths of a bit.
    pub millibits: u64,
}

/// How surprising the flows of a partition are.
pub struct Surprise<'t> {
    /// By flow: sessions with the same one have the same score.
    judged: Vec<Judged>,
    /// By page, its number in the chain.
    number: Vec<usize>,
    /// By number in the chain, the page.
    names: Vec<&'t str>,
}

impl<'t> Surprise<'t> {
    pub fn of(context: &Context, transitions: &'t Transitions) -> Surprise<'t> {
        let (chain, numbers) = transitions.chain(context.settings.unusual_navigation.prior_weight);
        let number: Vec<usize> = (0..context.page_count() as u32)
            .map(|page| numbers.get(context.page_name(page)).copied().unwrap_or(OUTSIDE))
            .collect();
        let mut names = vec![BEGIN_OR_END; numbers.len()];
        numbers.iter().for_each(|(name, number)| names[*number] = name);
        let judge = |flow: &[u32]| chain.judge(&flow.iter().map(|page| number[*page as usize]).collect::<Vec<_>>());
        let judged = context.flows().iter().map(|flow| judge(flow)).collect();
        Surprise { judged, number, names }
    }

    fn judged(&self, context: &Context, session: &Session) -> &Judged {
        &self.judged[context.flow_number(session)]
    }

    /// The session's mean surprisal in thousandths of a bit.
    pub fn millibits(&self, context: &Context, session: &Session) -> u64 {
        libm::round(self.judged(context, session).bits_per_step * 1e3).max(0.0) as u64
    }

    /// It has a transition that no other session has.
    pub fn takes_step_of_its_own(&self, context: &Context, session: &Session) -> bool {
        !self.judged(context, session).only_here.is_empty()
    }
}

/// How surprising the paths of one partition are, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnusualNavigation {
    /// All sessions by their score.
    pub sessions: RankedList<PathCase>,
    /// Those with a transition that no other session has.
    pub only_here: RankedList<PathCase>,
    /// All scores, in thousandths of a bit.
    pub millibits: Counts,
}

impl UnusualNavigation {
    pub fn of(context: &Context, transitions: &Transitions) -> UnusualNavigation {
        let mut found = UnusualNavigation::default();
        let surprise = Surprise::of(context, transitions);
        let name = |number: usize| surprise.names[number].to_string();
        let mut all = Tally::default();
        context.each_session(&mut |session| {
            let (flow, judged) = (context.flow(&session), surprise.judged(context, &session));
            let millibits = surprise.millibits(context, &session);
            let case = || PathCase {
                pages: flow.iter().take(SHOWN_PAGES).map(|page| context.page_name(*page).to_string()).collect(),
                page_count: flow.len() as u64,
                only_here: judged.only_here.len() as u64,
                only_here_steps: steps_in_order(flow, &surprise.number, &judged.only_here)
                    .map(|(a, b)| (name(a), name(b)))
                    .collect(),
                millibits,
            };
            all.add(millibits);
            let (score, most) = (millibits as f64, context.named_sessions);
            if !judged.only_here.is_empty() {
                found.only_here.add(&session, score, case, most);
            }
            found.sessions.add(&session, score, case, most);
        });
        found.millibits = all.into();
        found
    }

    pub fn merge(&mut self, other: UnusualNavigation, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        self.only_here.merge(other.only_here, named_sessions);
        self.millibits.merge(&other.millibits);
    }

    /// Tests all sessions: p of each score from the distribution of scores under the chain, q over all sessions.
    /// By score, the highest first: thousandths of a bit, p, q, sessions with this score or a higher one.
    pub fn tested(&self, transitions: &Transitions, prior: f64) -> Vec<TestedScore> {
        let scores = transitions.chain(prior).0.scores();
        let n = self.millibits.n() as f64;
        let mut above = 0;
        let mut tested: Vec<TestedScore> = (self.millibits.iter().rev())
            .map(|(millibits, count)| {
                above += count;
                let p = scores.p(millibits as f64 / 1e3, &transitions.lengths);
                TestedScore { millibits, p, q: (p * n / above as f64).min(1.0), sessions: above }
            })
            .collect();
        // Benjamini and Hochberg: p falls as the score rises, so ranks are the numbers of sessions above.
        let mut least = 1.0f64;
        for score in tested.iter_mut().rev() {
            least = least.min(score.q);
            score.q = least;
        }
        tested
    }
}

/// The first of these steps, in the order in which the flow takes them.
fn steps_in_order<'a>(
    flow: &'a [u32],
    number: &'a [usize],
    steps: &'a [(usize, usize)],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let taken = flow.windows(2).map(|pair| (number[pair[0] as usize], number[pair[1] as usize]));
    let mut seen: Vec<(usize, usize)> = Vec::new();
    let mut new = move |step: &(usize, usize)| {
        let new = !seen.contains(step);
        seen.extend(new.then_some(*step));
        new
    };
    taken.filter(|step| steps.contains(step)).filter(move |step| new(step)).take(SHOWN_STEPS)
}

/// All sessions with one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestedScore {
    pub millibits: u64,
    pub p: f64,
    pub q: f64,
    /// Sessions with this score or a higher one.
    pub sessions: u64,
}
