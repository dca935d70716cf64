//! What sessions of the most frequent flows did, and a name for each flow made of it: "Search, add to cart, place order".

use std::cmp::Reverse;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::candidates::{Masks, StepStatistics, page_title};
use crate::analysis::context::Context;
use crate::settings::Matcher;

/// Flows that are named.
pub const NAMED_FLOWS: usize = 100;
/// Parts of a name.
const PARTS: usize = 4;

/// How often the sessions of a flow use a candidate for a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Use {
    pub sessions: u64,
    /// Sum of the places, from 0, at which the sessions first have it.
    pub places: u64,
}

/// By flow, in the order in which they are named, and by candidate; of one partition or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowContents(pub Vec<Vec<Use>>);

impl FlowContents {
    pub fn of(context: &Context, flows: &[Vec<String>], candidates: &[Matcher]) -> FlowContents {
        let mut found = vec![vec![Use::default(); candidates.len()]; flows.len()];
        let masks = Masks::new(context, candidates);
        let place = places(context, flows);
        context.each_session(&mut |session| {
            let Some(flow) = place[context.flow_number(&session)] else { return };
            let mut seen = 0u32;
            for (at, row) in session.rows().enumerate() {
                let mut new = masks.of(context, row) & !seen;
                seen |= new;
                while new != 0 {
                    let used = &mut found[flow][new.trailing_zeros() as usize];
                    new &= new - 1;
                    used.sessions += 1;
                    used.places += at as u64;
                }
            }
        });
        FlowContents(found)
    }

    pub fn merge(&mut self, other: FlowContents) {
        for (mine, other) in self.0.iter_mut().flatten().zip(other.0.into_iter().flatten()) {
            mine.sessions += other.sessions;
            mine.places += other.places;
        }
    }

    /// A name for a flow of so many sessions: what at least half of them do, in its order; of much the last steps of the
    /// funnel, and then what is rarest in the whole file. Where they do nothing that has a name, the pages.
    pub fn name(&self, at: usize, pages: &[String], sessions: u64, names: &[Named]) -> String {
        let uses = self.0.get(at).map_or(&[][..], Vec::as_slice);
        let mut done: Vec<(&Use, &Named)> =
            uses.iter().zip(names).filter(|(used, _)| used.sessions > 0 && used.sessions * 2 >= sessions).collect();
        // Among equals the order of the candidates.
        done.sort_by_key(|(_, named)| (Reverse(named.step), named.sessions));
        done.truncate(PARTS);
        let mean = |used: &Use| used.places as f64 / used.sessions as f64;
        done.sort_by(|(a, _), (b, _)| mean(a).total_cmp(&mean(b)));
        let mut parts: Vec<String> = done.into_iter().map(|(_, named)| named.name.clone()).collect();
        if parts.is_empty() {
            let mut titles: Vec<String> = Vec::new();
            for title in pages.iter().map(|page| page_title(page)) {
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
            let more = titles.len() > PARTS;
            titles.truncate(PARTS);
            parts = titles;
            if more {
                parts.push("…".into());
            }
        }
        parts.dedup();
        sentence(&parts)
    }
}

/// By the partition's number of a flow its place among those listed, where it is one of them.
pub fn places(context: &Context, listed: &[Vec<String>]) -> Vec<Option<usize>> {
    let numbers: HashMap<&[String], usize> =
        listed.iter().enumerate().map(|(at, flow)| (flow.as_slice(), at)).collect();
    let longest = listed.iter().map(Vec::len).max().unwrap_or(0);
    let name =
        |pages: &[u32]| -> Vec<String> { pages.iter().map(|page| context.page_name(*page).to_string()).collect() };
    let place = |pages: &[u32]| numbers.get(name(pages).as_slice()).copied();
    context.flows().iter().map(|pages| (pages.len() <= longest).then(|| place(pages)).flatten()).collect()
}

/// A candidate for a step.
pub struct Named {
    pub name: String,
    /// Sessions of the file that have it.
    pub sessions: u64,
    /// Which step of the funnel it is; the goal is behind the last.
    pub step: Option<usize>,
}

/// The candidates of a plan.
pub fn named(statistics: &StepStatistics, plan: &Plan) -> Vec<Named> {
    let min_opens = plan.settings.funnel.proposal().min_opens;
    let named = |(index, matcher): (usize, &Matcher)| {
        let (name, sessions, is_goal) = statistics.named(index, matcher, min_opens);
        let step = plan.steps.iter().position(|step| step.any_of.contains(matcher));
        Named { name, sessions, step: if is_goal { Some(plan.steps.len()) } else { step } }
    };
    plan.candidates.iter().enumerate().map(named).collect()
}

/// `Search, add to cart`: all but the first begin small, unless they are no words but, say, `FAQ` or `iPhone`.
fn sentence(parts: &[String]) -> String {
    let small = |part: &String| {
        let mut chars = part.chars();
        let first = chars.next().map_or(String::new(), |first| first.to_lowercase().collect());
        let rest = chars.as_str();
        // `Add to Cart` is written as `add to cart`.
        let is_title = part.split(' ').all(|word| word.chars().skip(1).all(|char| !char.is_uppercase()));
        if is_title { format!("{first}{}", rest.to_lowercase()) } else { part.clone() }
    };
    let parts = parts.iter().enumerate().map(|(at, part)| if at == 0 { part.clone() } else { small(part) });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_called_by_what_most_of_its_sessions_do() {
        let used = |sessions, places| Use { sessions, places };
        let named = |name: &str, sessions, step| Named { name: name.into(), sessions, step };
        let names = [
            named("Search", 26, None),
            named("Home", 20, None),
            named("Add to Cart", 22, Some(1)),
            named("Product", 24, Some(0)),
            named("FAQ", 3, None),
            named("Place Order", 12, Some(2)),
        ];
        let uses = [used(5, 5), used(5, 0), used(4, 8), used(5, 5), used(1, 3), used(3, 12)];
        let contents = FlowContents(vec![uses.to_vec()]);
        // The steps, and the rarer of the others.
        assert_eq!(contents.name(0, &[], 5, &names), "Home, product, add to cart, place order");
        let pages = ["/settings", "/blog", "/settings", "/products/:slug"].map(String::from);
        assert_eq!(FlowContents::default().name(0, &pages, 5, &names), "Settings, blog, product");
        let contents = FlowContents(vec![vec![used(5, 5), used(0, 0), used(0, 0), used(0, 0), used(5, 0)]]);
        assert_eq!(contents.name(0, &[], 5, &names), "FAQ, search");
    }
}
