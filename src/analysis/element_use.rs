//! Where each element is used, and whether something follows: what classes 7 and 12 know of the whole file.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::analysis::words::WordList;
use crate::settings::Settings;

/// Elements by selector, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ElementUse(pub BTreeMap<String, Uses>);

/// The events on one element.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uses {
    /// By page.
    pub pages: BTreeMap<String, u64>,
    /// After so many of them the session went on with another element or page.
    pub answered: u64,
}

impl Uses {
    pub fn events(&self) -> u64 {
        self.pages.values().sum()
    }

    /// The page with the most events on it, of equals the first, and how many those are.
    pub fn home(&self) -> Option<(&String, u64)> {
        let most = self.pages.iter().rev().max_by_key(|(_, events)| **events)?;
        Some((most.0, *most.1))
    }
}

impl ElementUse {
    pub fn of(context: &Context) -> ElementUse {
        let mut events: HashMap<(u32, u32), u64> = HashMap::new();
        let mut answered = vec![0u64; context.partition.css.texts().len()];
        context.each_session(&mut |session| {
            let mut rows = session.rows().peekable();
            while let Some(row) = rows.next() {
                let css = context.css_number(row);
                *events.entry((css, context.page(row))).or_default() += 1;
                if let Some(next) = rows.peek() {
                    answered[css as usize] += u64::from(is_answer(context, row, *next));
                }
            }
        });
        let mut elements = ElementUse::default();
        for ((css, page), events) in events {
            let name = context.css_by_number(css);
            if !name.is_empty() {
                let uses = elements.0.entry(name.to_string()).or_default();
                *uses.pages.entry(context.page_name(page).to_string()).or_default() += events;
            }
        }
        // Selectors that are masked alike are counted together.
        for (css, answered) in (0..).zip(answered).filter(|(_, answered)| *answered > 0) {
            if let Some(uses) = elements.0.get_mut(context.css_by_number(css)) {
                uses.answered += answered;
            }
        }
        elements
    }

    pub fn merge(&mut self, other: ElementUse) {
        for (css, uses) in other.0 {
            let mine = self.0.entry(css).or_default();
            merge_counts(&mut mine.pages, uses.pages);
            mine.answered += uses.answered;
        }
    }

    /// Elements that another event nearly always follows.
    pub fn answering(&self, settings: &Settings) -> BTreeSet<String> {
        let of = &settings.unanswered_click;
        let passive = passive_words(settings);
        let answers = |(css, uses): &(&String, &Uses)| {
            let events = uses.events();
            events >= of.min_clicks
                && uses.answered as f64 >= of.min_answered * events as f64
                && !passive.iter().any(|words| words.matches(css))
        };
        self.0.iter().filter(answers).map(|(css, _)| css.clone()).collect()
    }

    /// Elements with pages on which they hardly ever are.
    pub fn out_of_place(&self, settings: &Settings) -> BTreeMap<String, BTreeSet<String>> {
        let of = &settings.element_out_of_place;
        let strange = |uses: &Uses| -> BTreeSet<String> {
            let events = uses.events() as f64;
            let at_home = uses.home().is_some_and(|(_, home)| home as f64 >= of.min_home * events);
            let seldom = |(_, here): &(&String, &u64)| at_home && (**here as f64) < of.max_share * events;
            uses.pages.iter().filter(seldom).map(|(page, _)| page.clone()).collect()
        };
        let enough = self.0.iter().filter(|(_, uses)| uses.events() >= of.min_events);
        let found = enough.map(|(css, uses)| (css.clone(), strange(uses)));
        found.filter(|(_, pages)| !pages.is_empty()).collect()
    }
}

/// The words of selectors that are not clicked for an answer.
pub fn passive_words(settings: &Settings) -> [WordList; 3] {
    [&settings.unanswered_click.passive_words, &settings.errors.css, &settings.logout_words]
        .map(|words| WordList::new(words))
}

/// Whether the next event of the session is on another element or page.
pub fn is_answer(context: &Context, row: usize, next: usize) -> bool {
    context.partition.events.element[row] != context.partition.events.element[next]
        || context.page(row) != context.page(next)
}
