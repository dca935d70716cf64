//! Flows step by step: on which page sessions are at their first, second, third … page, and where they go from
//! there. The columns add up: whoever is not on one of the most visited pages is under "other", and whoever has
//! ended is shown once, in the column behind its last page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::flows::Flows;
use crate::tagged::tagged;

/// Columns at most.
pub const MAX_STEPS: usize = 7;
/// Pages of a column that are shown by name.
pub const MAX_PAGES: usize = 7;

/// Where sessions are at one step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Place {
    Page {
        page: String,
    },
    /// On a page that is not shown by name.
    Other,
    /// Ended before this step, having reached the goal.
    Goal,
    /// Ended before this step without reaching the goal.
    DropOff,
}

tagged!(Place, "kind");

impl Place {
    pub fn label(&self) -> &str {
        match self {
            Place::Page { page } => page,
            Place::Other => "Other pages",
            Place::Goal => "Goal reached",
            Place::DropOff => "Drop-off",
        }
    }
}

/// Sessions that go from a place at step `step` to a place at the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowLink {
    /// From 0.
    pub step: u32,
    pub from: Place,
    pub to: Place,
    pub sessions: u64,
}

/// The places of each step with their sessions, and what joins them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSteps {
    /// The most sessions first; other, goal and drop-off last.
    pub steps: Vec<Vec<(Place, u64)>>,
    pub links: Vec<FlowLink>,
}

/// The places a flow passes, at most `steps` of them; `named` says which pages of a step are shown by name.
pub fn places<'a>(pages: impl ExactSizeIterator<Item = &'a str>, converted: bool, named: &[Vec<String>]) -> Vec<Place> {
    let n = pages.len();
    let mut places: Vec<Place> = pages
        .zip(named)
        .map(|(page, named)| match named.iter().any(|name| name == page) {
            true => Place::Page { page: page.into() },
            false => Place::Other,
        })
        .collect();
    if n < named.len() {
        places.push(if converted { Place::Goal } else { Place::DropOff });
    }
    places
}

impl FlowSteps {
    pub fn of(flows: &Flows) -> FlowSteps {
        let named = named_pages(flows);
        let mut steps: Vec<BTreeMap<Place, u64>> = vec![BTreeMap::new(); named.len()];
        let mut links: BTreeMap<(usize, Place, Place), u64> = BTreeMap::new();
        for (pages, variant) in &flows.variants {
            for (converted, sessions) in [(true, variant.converted), (false, variant.sessions - variant.converted)] {
                if sessions == 0 {
                    continue;
                }
                let places = places(pages.iter().map(String::as_str), converted, &named);
                for (step, place) in places.iter().enumerate() {
                    *steps[step].entry(place.clone()).or_default() += sessions;
                }
                for (step, pair) in places.windows(2).enumerate() {
                    *links.entry((step, pair[0].clone(), pair[1].clone())).or_default() += sessions;
                }
            }
        }
        let in_order = |places: BTreeMap<Place, u64>| {
            let mut places: Vec<(Place, u64)> = places.into_iter().collect();
            // Pages come before the other kinds; `sort_by_key` keeps their order among equals.
            places.sort_by_key(|(place, sessions)| match place {
                Place::Page { .. } => (0, std::cmp::Reverse(*sessions)),
                Place::Other => (1, std::cmp::Reverse(0)),
                Place::Goal => (2, std::cmp::Reverse(0)),
                Place::DropOff => (3, std::cmp::Reverse(0)),
            });
            places
        };
        let link = |((step, from, to), sessions)| FlowLink { step: step as u32, from, to, sessions };
        FlowSteps { steps: steps.into_iter().map(in_order).collect(), links: links.into_iter().map(link).collect() }
    }

    /// Which pages of each step are shown by name.
    pub fn named(&self) -> Vec<Vec<String>> {
        let page = |(place, _): &(Place, u64)| match place {
            Place::Page { page } => Some(page.clone()),
            _ => None,
        };
        self.steps.iter().map(|places| places.iter().filter_map(page).collect()).collect()
    }
}

/// The most visited pages of each step; as many steps as the longest flow has, one more for its end, and not too
/// many.
fn named_pages(flows: &Flows) -> Vec<Vec<String>> {
    let longest = flows.variants.keys().map(Vec::len).max().unwrap_or(0);
    let mut counts: Vec<BTreeMap<&str, u64>> = vec![BTreeMap::new(); (longest + 1).min(MAX_STEPS)];
    for (pages, variant) in &flows.variants {
        for (page, counts) in pages.iter().zip(&mut counts) {
            *counts.entry(page).or_default() += variant.sessions;
        }
    }
    let most_visited = |counts: BTreeMap<&str, u64>| {
        let mut pages: Vec<(&str, u64)> = counts.into_iter().collect();
        pages.sort_by_key(|(_, sessions)| std::cmp::Reverse(*sessions));
        pages.into_iter().take(MAX_PAGES).map(|(page, _)| page.to_string()).collect()
    };
    counts.into_iter().map(most_visited).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::flows::Variant;

    #[test]
    fn columns_add_up() {
        let flow = |pages: &str| pages.chars().map(String::from).collect::<Vec<_>>();
        let variant = |sessions, converted| Variant { sessions, converted };
        let variants = [("ab", variant(5, 2)), ("a", variant(3, 0)), ("bac", variant(2, 2))];
        let flows = Flows { variants: variants.into_iter().map(|(pages, variant)| (flow(pages), variant)).collect() };
        let steps = FlowSteps::of(&flows);
        let page = |page: &str| Place::Page { page: page.into() };
        assert_eq!(steps.steps[0], [(page("a"), 8), (page("b"), 2)]);
        assert_eq!(steps.steps[1], [(page("b"), 5), (page("a"), 2), (Place::DropOff, 3)]);
        assert_eq!(steps.steps[2], [(page("c"), 2), (Place::Goal, 2), (Place::DropOff, 3)]);
        assert_eq!(steps.steps[3], [(Place::Goal, 2)]);
        for (index, places) in steps.steps.iter().enumerate().skip(1) {
            let goes_on = |(place, _): &&(Place, u64)| matches!(place, Place::Page { .. } | Place::Other);
            let before: u64 = steps.steps[index - 1].iter().filter(goes_on).map(|(_, n)| n).sum();
            assert_eq!(places.iter().map(|(_, n)| n).sum::<u64>(), before);
            let arrive: u64 =
                steps.links.iter().filter(|link| link.step as usize + 1 == index).map(|link| link.sessions).sum();
            assert_eq!(arrive, before);
        }
    }
}
