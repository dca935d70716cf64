//! Class 3b: pages where more sessions meet an error than elsewhere.
//!
//! The unit is the (session, page) pair, since the events of one visit are not independent. A page is tested
//! against all other pairs. Where users have more than one session each, a second test takes the user as the
//! cluster; each test is corrected for the number of pages, and the larger q decides.

use std::collections::BTreeSet;

use crate::analysis::pages::Pages;
use crate::settings::PageErrorRateSettings;
use crate::stats::correction::benjamini_hochberg;
use crate::stats::two_by_two::TwoByTwo;
use crate::stats::{Rate, wilson};

/// The error rate of one page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageErrorRate {
    pub page: String,
    /// Sessions that met an error here, of those that were here.
    pub error_sessions: u64,
    /// Of these, the sessions that reached the goal.
    pub converted_with_error: u64,
    pub sessions: u64,
    pub error_events: u64,
    pub events: u64,
    pub rate: Rate,
    /// The same of all other pages.
    pub elsewhere: (u64, u64),
    pub verdict: Verdict,
}

/// What the tests say of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Too few pairs.
    NotTestable,
    /// There is no other page to compare with.
    Alone,
    Tested {
        /// Fisher's exact or chi-squared.
        exact_p: f64,
        /// The cluster-robust score test, where users have several sessions.
        clustered_p: Option<f64>,
        /// The larger of the corrected values.
        q: f64,
        /// How many pages were tested.
        family: usize,
        /// q is small enough, the rate high enough, and there are enough users.
        supported: bool,
        /// The larger p is below 0.05 and the rate is higher here.
        lead: bool,
    },
}

/// Pages with errors that too few sessions visited to test them, see [`Verdict::NotTestable`].
pub fn untested(pages: &Pages, settings: &PageErrorRateSettings) -> BTreeSet<String> {
    let untested = pages.pages.iter().filter(|(_, page)| page.pairs.n < settings.min_pairs && page.pairs.hits > 0);
    untested.map(|(name, _)| name.clone()).collect()
}

/// All pages, in order of their names.
pub fn page_error_rates(pages: &Pages, sessions_per_user: f64, settings: &PageErrorRateSettings) -> Vec<PageErrorRate> {
    let all = &pages.pairs;
    let table = |name: &str| {
        let pairs = &pages.pages[name].pairs;
        TwoByTwo { hits: pairs.hits, n: pairs.n, other_hits: all.hits - pairs.hits, other_n: all.n - pairs.n }
    };
    // A page cannot be compared with others if there are no others.
    let tested: Vec<&String> = pages
        .pages
        .iter()
        .filter(|(_, page)| page.pairs.n >= settings.min_pairs && page.pairs.n < all.n)
        .map(|(name, _)| name)
        .collect();
    let exact: Vec<f64> = tested.iter().map(|name| table(name).p()).collect();
    let exact_q = benjamini_hochberg(&exact);
    let clustered: Option<Vec<f64>> = (sessions_per_user > settings.max_independent_sessions)
        .then(|| tested.iter().map(|name| pages.pages[*name].pairs.p(all).unwrap_or(1.0)).collect());
    let clustered_q = clustered.as_ref().map(|p| benjamini_hochberg(p));

    let mut rates: Vec<PageErrorRate> = Vec::new();
    // Both in order of the names.
    let mut indices = tested.iter().enumerate().peekable();
    for (name, page) in &pages.pages {
        let Some(rate) = wilson(page.pairs.hits, page.pairs.n) else { continue };
        let table = table(name);
        let verdict = match indices.next_if(|(_, tested)| **tested == name) {
            None if page.pairs.n >= settings.min_pairs => Verdict::Alone,
            None => Verdict::NotTestable,
            Some((index, _)) => {
                let clustered_p = clustered.as_ref().map(|p| p[index]);
                let q = clustered_q.as_ref().map_or(exact_q[index], |q| q[index].max(exact_q[index]));
                let higher = table.relative_risk() > 1.0;
                let enough_users = clustered.is_none() || all.users >= settings.min_users;
                Verdict::Tested {
                    exact_p: exact[index],
                    clustered_p,
                    q,
                    family: tested.len(),
                    supported: q < settings.false_discovery_rate
                        && table.relative_risk() >= settings.min_relative_risk
                        && enough_users,
                    lead: higher && exact[index].max(clustered_p.unwrap_or(0.0)) < 0.05,
                }
            }
        };
        rates.push(PageErrorRate {
            page: name.clone(),
            error_sessions: page.pairs.hits,
            converted_with_error: page.converted_with_error,
            sessions: page.pairs.n,
            error_events: page.error_events,
            events: page.events,
            rate,
            elsewhere: (table.other_hits, table.other_n),
            verdict,
        });
    }
    rates
}
