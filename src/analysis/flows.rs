//! Flows: the pages of each session in order, repeats collapsed, and how many sessions share them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use crate::analysis::context::Context;

/// Variants of one partition, or of several merged: exact flows with their counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flows {
    pub variants: BTreeMap<Vec<String>, Variant>,
}

/// How many sessions took a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub sessions: u64,
    /// How many of them reached the goal.
    pub converted: u64,
}

/// Pages of a flow that the screen gets at most.
const CUT_PAGES: usize = 500;

/// A flow as the screen gets it: of a very long one the first pages, and in place of the others their number and
/// hash, so that it is still told from every other flow.
pub fn cut(pages: &mut Vec<String>) {
    if pages.len() > CUT_PAGES {
        let rest = rest(pages[CUT_PAGES..].iter().map(String::as_str));
        pages.truncate(CUT_PAGES);
        pages.push(rest);
    }
}

fn rest<'a>(pages: impl Iterator<Item = &'a str>) -> String {
    let (mut hasher, mut n) = (Xxh3Default::new(), 0);
    for page in pages {
        n += 1;
        hasher.update(page.as_bytes());
        // No text holds this byte: it is not UTF-8.
        hasher.update(&[0xff]);
    }
    format!("{n} more pages, {:016x}", hasher.digest())
}

/// Whether these pages are that flow, as it is or cut.
pub fn is_flow<'a>(pages: impl ExactSizeIterator<Item = &'a str> + Clone, flow: &[String]) -> bool {
    let is_long = pages.len() > CUT_PAGES;
    if is_long && flow.len() == CUT_PAGES + 1 && flow[CUT_PAGES] == rest(pages.clone().skip(CUT_PAGES)) {
        return pages.zip(&flow[..CUT_PAGES]).all(|(page, name)| page == name);
    }
    pages.len() == flow.len() && pages.zip(flow).all(|(page, name)| page == name)
}

impl Flows {
    pub fn of(context: &Context) -> Flows {
        let mut found = vec![Variant::default(); context.flows().len()];
        context.each_session(&mut |session| {
            let variant = &mut found[context.flow_number(&session)];
            variant.sessions += 1;
            variant.converted += u64::from(context.goal_at(&session).is_some());
        });
        let named = |pages: &[u32]| pages.iter().map(|page| context.page_name(*page).to_string()).collect();
        Flows { variants: context.flows().iter().zip(found).map(|(pages, variant)| (named(pages), variant)).collect() }
    }

    pub fn merge(&mut self, other: Flows) {
        for (pages, variant) in other.variants {
            let mine = self.variants.entry(pages).or_default();
            mine.sessions += variant.sessions;
            mine.converted += variant.converted;
        }
    }

    /// All variants, the most frequent first.
    pub fn ranked(&self) -> Vec<(&[String], Variant)> {
        let mut ranked: Vec<_> = self.variants.iter().map(|(pages, variant)| (pages.as_slice(), *variant)).collect();
        ranked.sort_by(|a, b| b.1.sessions.cmp(&a.1.sessions).then_with(|| a.0.cmp(b.0)));
        ranked
    }
}
