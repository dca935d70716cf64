//! Are the values of one group larger than the others'? By ranks, so that no distribution is assumed.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::stats::Counts;

/// One-sided p of the Mann-Whitney test that `group`, a part of `all`, is larger than the rest: normal approximation
/// with the correction for ties and for continuity. 1 where there is nothing to compare.
pub fn mann_whitney_p(group: &Counts, all: &Counts) -> f64 {
    let in_group: BTreeMap<u64, u64> = group.iter().collect();
    // Twice U: pairs in which the group's value is larger count two, ties one.
    let (mut doubled, mut others_below, mut ties) = (0u128, 0u128, 0f64);
    for (value, count) in all.iter() {
        let mine = u128::from(in_group.get(&value).copied().unwrap_or(0));
        let others = u128::from(count) - mine;
        doubled += mine * (2 * others_below + others);
        others_below += others;
        let count = count as f64;
        ties += count * (count * count - 1.0);
    }
    let (n, m) = (group.n() as f64, others_below as f64);
    let total = n + m;
    if n == 0.0 || m == 0.0 {
        return 1.0;
    }
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let above = doubled as f64 / 2.0 - n * m / 2.0 - 0.5;
    0.5 * libm::erfc(above / libm::sqrt(2.0 * variance))
}

/// For each value its mean rank as a share of all measurements, in millionths: whole numbers, with which users can
/// be compared as clusters ([`crate::stats::cluster`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranks(BTreeMap<u64, u64>);

impl Ranks {
    pub fn of(all: &Counts) -> Ranks {
        let n = u128::from(all.n());
        let mut below = 0u128;
        let rank = |(value, count): (u64, u64)| {
            let doubled = 2 * below + u128::from(count);
            below += u128::from(count);
            (value, (doubled * 500_000 / n) as u64)
        };
        Ranks(all.iter().map(rank).collect())
    }

    /// The same for many questions.
    pub fn table(&self) -> RankTable {
        RankTable(self.0.iter().map(|(value, rank)| (*value, *rank)).collect())
    }

    /// The rank of a value that was measured.
    pub fn rank(&self, value: u64) -> u64 {
        self.0.get(&value).copied().unwrap_or(0)
    }
}

/// [`Ranks`], quicker to look up.
pub struct RankTable(HashMap<u64, u64>);

impl RankTable {
    /// The rank of a value that was measured.
    pub fn rank(&self, value: u64) -> u64 {
        self.0.get(&value).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(values: &[u64]) -> Counts {
        let mut counts = Counts::default();
        values.iter().for_each(|value| counts.add(*value));
        counts
    }

    /// Against all pairs, and a p from scipy (`mannwhitneyu(alternative="greater", method="asymptotic")`).
    #[test]
    fn as_by_pairs() {
        let (group, rest) = ([3u64, 5, 5, 9, 12, 7], [1u64, 2, 5, 4, 3, 6, 7, 2, 2]);
        let all: Vec<u64> = group.iter().chain(&rest).copied().collect();
        let pairs = group.iter().flat_map(|a| rest.iter().map(move |b| (a, b)));
        let u: f64 = pairs.map(|(a, b)| if a > b { 1.0 } else { f64::from(u8::from(a == b)) / 2.0 }).sum();
        let (n, m) = (group.len() as f64, rest.len() as f64);
        let tied = |value: u64| all.iter().filter(|other| **other == value).count() as f64;
        // Each of the t members of a tie contributes t^2 - 1, together t^3 - t.
        let ties: f64 = all.iter().map(|value| tied(*value) * tied(*value) - 1.0).sum();
        let variance = n * m / 12.0 * (n + m + 1.0 - ties / ((n + m) * (n + m - 1.0)));
        let expected = 0.5 * libm::erfc((u - n * m / 2.0 - 0.5) / (2.0 * variance).sqrt());
        let p = mann_whitney_p(&counts(&group), &counts(&all));
        assert!((p - expected).abs() < 1e-12, "{p} {expected}");
        assert!((p - 0.024872995).abs() < 1e-6, "{p}");
        assert_eq!(mann_whitney_p(&counts(&[]), &counts(&all)), 1.0);
        assert_eq!(mann_whitney_p(&counts(&[4, 4]), &counts(&[4, 4, 4, 4])), 1.0);
    }

    #[test]
    fn ranks_are_shares() {
        let ranks = Ranks::of(&counts(&[10, 20, 20, 30]));
        assert_eq!([10, 20, 30].map(|value| ranks.rank(value)), [125_000, 500_000, 875_000]);
    }
}
