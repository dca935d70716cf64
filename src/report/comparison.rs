//! Two parts of the file side by side, what changed most first.

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::compared::Compared;
use crate::analysis::comparison::{Measure, Split};
use crate::findings::Strength;
use crate::findings::two_groups::{compared_in_words, points};
use crate::stats::Rounded;
use crate::stats::two_by_two::Interval;

/// Shares that are listed at most.
const LISTED: usize = 60;
/// Below this p a difference is worth a look.
const LEAD: f64 = 0.05;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonInfo {
    /// What the two parts are called: the others, and those that are compared with them.
    pub names: [String; 2],
    pub sessions: [u64; 2],
    /// How many shares were compared: the family of the q-values.
    pub tested: u64,
    /// The most surprising first.
    pub changes: Vec<Change>,
}

/// A share in both parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is compared, in words.
    pub what: String,
    /// Hits and sessions of the others, and of those that are compared with them.
    pub hits: [u64; 2],
    pub n: [u64; 2],
    /// `8 of 16 (50 %)` of both.
    pub shares: [String; 2],
    /// The difference of the shares with Newcombe's 95 % interval, and in words.
    pub difference: [Rounded; 3],
    pub change: String,
    pub p: Rounded,
    pub q: Rounded,
    /// Supported, a lead, or none: not even that.
    pub strength: Option<Strength>,
}

impl ComparisonInfo {
    /// What the settings ask for; none if they ask for nothing, or for a time that cannot be read.
    pub fn of(results: &Results) -> Option<ComparisonInfo> {
        let settings = &results.plan.settings;
        let split = Split::of(&settings.compare, results.plan.span_us)?;
        let found = &results.flagged.comparison;
        let compared = found.compared(settings.page_error_rate.min_pairs, results.by_users());
        // Of fewer users nothing is supported where the test goes by them.
        let enough_users = !results.by_users() || results.collected.overview.users >= settings.drivers.min_users;
        let change = |one: &Compared<Measure>| {
            let supported = one.q < settings.drivers.false_discovery_rate && enough_users;
            let strength = match (supported, one.p() < LEAD) {
                (true, _) => Some(Strength::Supported),
                (false, true) => Some(Strength::Lead),
                (false, false) => None,
            };
            let table = &one.table;
            let [with, without] = compared_in_words(table);
            let difference = table.difference();
            let number = |of: fn(&Interval) -> f64| Rounded(difference.as_ref().map_or(0.0, of));
            Change {
                what: describe(results, &one.what),
                hits: [table.other_hits, table.hits],
                n: [table.other_n, table.n],
                shares: [without, with],
                difference: [number(|d| d.value), number(|d| d.low), number(|d| d.high)],
                change: points(table),
                p: Rounded(one.p()),
                q: Rounded(one.q),
                strength,
            }
        };
        Some(ComparisonInfo {
            names: split.names(results.read.zoned > 0),
            sessions: found.sessions,
            tested: compared.len() as u64,
            changes: compared.iter().take(LISTED).map(change).collect(),
        })
    }
}

fn describe(results: &Results, measure: &Measure) -> String {
    let step = |step: u32| results.plan.steps.get(step as usize).map_or(String::new(), |step| step.name.clone());
    match measure {
        Measure::Goal => "reached the goal".into(),
        Measure::Step(0) => format!("took “{}”", step(0)),
        Measure::Step(at) => format!("took “{}” after “{}”", step(*at), step(at - 1)),
        Measure::Error => "met an error".into(),
        Measure::ErrorOn(page) => format!("met an error on {page}, of those there"),
        Measure::Page(page) => format!("were on {page}"),
        Measure::Flow(at) => {
            let pages = results.plan.named_flows.get(*at as usize).map_or(String::new(), |pages| pages.join(" → "));
            format!("took the flow {pages}")
        }
    }
}
