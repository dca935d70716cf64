//! Class 11: steps that nearly everybody takes before another, mined from the file, and sessions that did not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::session_list::RankedList;
use crate::analysis::words::WordList;
use crate::dataset::Session;
use crate::settings::{OrderRuleSettings, Settings};
use crate::stats::wilson;

/// Pages, and elements, that rules are mined of at most.
const MAX_ITEMS: usize = 24;
/// From so many sessions on, the interval of a rule has to begin higher.
const LARGE: u64 = 100;

/// What a rule may speak of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Item {
    Page(String),
    Element(String),
}

impl Item {
    pub fn name(&self) -> &str {
        match self {
            Item::Page(name) | Item::Element(name) => name,
        }
    }

    fn is_alike(&self, other: &Item) -> bool {
        matches!((self, other), (Item::Page(_), Item::Page(_)) | (Item::Element(_), Item::Element(_)))
    }
}

/// The pages and elements most used, each by sessions; what says that something failed, was cancelled or is over is no
/// step.
pub fn items(
    css: &BTreeMap<String, u64>,
    pages: &BTreeMap<String, u64>,
    sessions: u64,
    settings: &Settings,
) -> Vec<Item> {
    let rules = &settings.order_rules;
    let least = (rules.min_sessions as f64).max(rules.min_support * sessions as f64);
    let unwanted = [
        &settings.errors.css,
        &settings.cancel_words,
        &settings.logout_words,
        &settings.unanswered_click.passive_words,
    ];
    let unwanted = unwanted.map(|words| WordList::new(words));
    let most_used = |counts: &BTreeMap<String, u64>| {
        let used = counts.iter().filter(|(name, n)| {
            !name.is_empty() && **n as f64 >= least && !unwanted.iter().any(|words| words.matches(name))
        });
        let mut used: Vec<(u64, String)> = used.map(|(name, n)| (*n, name.clone())).collect();
        used.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        used.truncate(MAX_ITEMS);
        used.into_iter().map(|(_, name)| name)
    };
    most_used(pages).map(Item::Page).chain(most_used(css).map(Item::Element)).collect()
}

/// Which items an event has, by number.
struct Places {
    of_page: Vec<Option<usize>>,
    of_css: Vec<Option<usize>>,
    /// The first place of each item in the session that is looked at.
    first: Vec<Option<usize>>,
    /// Its pages, and its elements, in the order of their first places.
    seen: [Vec<usize>; 2],
}

impl Places {
    fn new<'i>(context: &Context, items: impl Iterator<Item = &'i Item> + Clone) -> Places {
        let numbers: BTreeMap<&Item, usize> = items.zip(0..).collect();
        let page = |page: u32| numbers.get(&Item::Page(context.page_name(page).into())).copied();
        let css = |css: u32| numbers.get(&Item::Element(context.css_by_number(css).into())).copied();
        Places {
            of_page: (0..context.page_count() as u32).map(page).collect(),
            of_css: (0..context.partition.css.texts().len() as u32).map(css).collect(),
            first: vec![None; numbers.len()],
            seen: [Vec::new(), Vec::new()],
        }
    }

    fn look(&mut self, context: &Context, session: &Session) {
        let first = &mut self.first;
        self.seen.iter_mut().flat_map(|seen| seen.drain(..)).for_each(|item| first[item] = None);
        for (at, row) in session.rows().enumerate() {
            let items = [self.of_page[context.page(row) as usize], self.of_css[context.css_number(row) as usize]];
            for (item, seen) in items.into_iter().zip(&mut self.seen) {
                if let Some(item) = item.filter(|item| first[*item].is_none()) {
                    first[item] = Some(at);
                    seen.push(item);
                }
            }
        }
    }
}

/// How items stand to each other, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Precedence {
    /// Sessions by item, and by pair of pages or of elements: those in which the first comes first.
    sessions: Vec<u64>,
    first: Vec<u64>,
}

impl Precedence {
    pub fn of(context: &Context, items: &[Item]) -> Precedence {
        let n = items.len();
        let mut found = Precedence { sessions: vec![0; n], first: vec![0; n * n] };
        let mut places = Places::new(context, items.iter());
        context.each_session(&mut |session| {
            places.look(context, &session);
            for seen in &places.seen {
                for (at, then) in seen.iter().enumerate() {
                    found.sessions[*then] += 1;
                    seen[..at].iter().for_each(|before| found.first[before * n + then] += 1);
                }
            }
        });
        found
    }

    pub fn merge(&mut self, other: Precedence) {
        self.sessions.iter_mut().zip(other.sessions).for_each(|(mine, other)| *mine += other);
        self.first.iter_mut().zip(other.first).for_each(|(mine, other)| *mine += other);
    }

    /// Of each item the rule with what comes nearest before it, if there is one; the settings' own rules, and without
    /// those that they leave out.
    pub fn rules(&self, items: &[Item], settings: &OrderRuleSettings) -> Vec<OrderRule> {
        let n = items.len();
        let held = |before: usize, then: usize| self.first[before * n + then];
        let rule = |before: usize, then: usize| OrderRule {
            before: items[before].clone(),
            then: items[then].clone(),
            held: held(before, then),
            sessions: self.sessions[then],
        };
        let holds = |before: usize, then: usize| {
            let sessions = self.sessions[then];
            let least = (settings.min_sessions as f64).max(settings.min_support * sessions as f64);
            let low = if sessions < LARGE { settings.min_low } else { settings.min_low_large };
            items[before].is_alike(&items[then])
                && before != then
                && held(before, then) as f64 >= least
                && wilson(held(before, then), sessions)
                    .is_some_and(|share| share.value.0 >= settings.min_confidence && share.low.0 >= low)
                && !settings.leaves_out(&items[before], &items[then])
        };
        let mut rules = Vec::new();
        for then in 0..n {
            let earlier: Vec<usize> = (0..n).filter(|before| holds(*before, then)).collect();
            // The nearest is the one that most others come before.
            let others_before =
                |item: usize| earlier.iter().filter(|other| held(**other, item) > held(item, **other)).count();
            let nearest = earlier.iter().rev().max_by_key(|item| (others_before(**item), held(**item, then)));
            rules.extend(nearest.map(|before| rule(*before, then)));
            let pinned = (0..n).filter(|before| settings.pins(&items[*before], &items[then]));
            rules.extend(pinned.filter(|before| nearest != Some(before)).map(|before| rule(before, then)));
        }
        rules
    }
}

/// Between the two names of a rule, as the settings write it.
const BEFORE: &str = " before ";

impl OrderRuleSettings {
    fn leaves_out(&self, before: &Item, then: &Item) -> bool {
        self.left_out.iter().any(|rule| is_rule(rule, before, then))
    }

    fn pins(&self, before: &Item, then: &Item) -> bool {
        before.is_alike(then) && self.pinned.iter().any(|rule| is_rule(rule, before, then))
    }
}

fn is_rule(rule: &str, before: &Item, then: &Item) -> bool {
    rule.split_once(BEFORE).is_some_and(|(a, b)| a.trim() == before.name() && b.trim() == then.name())
}

/// What comes before what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderRule {
    pub before: Item,
    pub then: Item,
    /// Of so many sessions with the later one the earlier came first in so many.
    pub held: u64,
    pub sessions: u64,
}

impl OrderRule {
    /// As the settings write it: `/cart before /checkout`.
    pub fn text(&self) -> String {
        format!("{}{BEFORE}{}", self.before.name(), self.then.name())
    }

    pub fn broken(&self) -> u64 {
        self.sessions - self.held
    }
}

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderCase {
    /// The earlier step came, but only later.
    pub later: bool,
}

/// Sessions that broke each rule, in the order of the rules; of one partition or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BrokenRules(pub Vec<RankedList<OrderCase>>);

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// Of each rule, the numbers of its items.
    rules: Vec<(usize, usize)>,
    places: Places,
    found: BrokenRules,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, rules: &[OrderRule]) -> Finder<'c, 'a> {
        let mut items: Vec<&Item> = rules.iter().flat_map(|rule| [&rule.before, &rule.then]).collect();
        items.sort_unstable();
        items.dedup();
        let number = |item: &Item| items.iter().position(|other| *other == item).expect("every rule's items are there");
        Finder {
            rules: rules.iter().map(|rule| (number(&rule.before), number(&rule.then))).collect(),
            places: Places::new(context, items.iter().copied()),
            found: BrokenRules(vec![RankedList::default(); rules.len()]),
            context,
        }
    }

    fn add(&mut self, session: &Session) {
        if self.rules.is_empty() {
            return;
        }
        self.places.look(self.context, session);
        for (broken, (before, then)) in self.found.0.iter_mut().zip(&self.rules) {
            let (before, then) = (self.places.first[*before], self.places.first[*then]);
            if then.is_some() && before.is_none_or(|before| Some(before) >= then) {
                let case = || OrderCase { later: before.is_some() };
                broken.add(session, f64::from(u8::from(before.is_none())), case, self.context.named_sessions);
            }
        }
    }

    fn finish(self) -> BrokenRules {
        self.found
    }
}

impl BrokenRules {
    pub fn of(context: &Context, rules: &[OrderRule]) -> BrokenRules {
        let mut finder = Finder::new(context, rules);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    pub fn merge(&mut self, other: BrokenRules, named_sessions: usize) {
        if self.0.is_empty() {
            self.0 = other.0;
            return;
        }
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| mine.merge(other, named_sessions));
    }
}
