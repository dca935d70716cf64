//! Is a share in one group different from that in another? Tests of a two-by-two table.

use statrs::function::factorial::ln_binomial;

use crate::stats::proportion::{Z95, wilson};

/// Two groups, each with its hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoByTwo {
    pub hits: u64,
    pub n: u64,
    pub other_hits: u64,
    pub other_n: u64,
}

impl TwoByTwo {
    /// Two-sided p: chi-squared where every expected count is at least 5, otherwise Fisher's exact test.
    pub fn p(&self) -> f64 {
        if self.smallest_expected() >= 5.0 { self.chi_squared_p() } else { self.fisher_p() }
    }

    /// The smallest count to expect if both groups were alike.
    pub fn smallest_expected(&self) -> f64 {
        let all = (self.n + self.other_n) as f64;
        let hits = (self.hits + self.other_hits) as f64;
        let smaller_group = self.n.min(self.other_n) as f64;
        if all == 0.0 { 0.0 } else { smaller_group * hits.min(all - hits) / all }
    }

    /// Pearson's chi-squared test, 1 degree of freedom, without continuity correction.
    pub fn chi_squared_p(&self) -> f64 {
        let all = (self.n + self.other_n) as f64;
        let share = (self.hits + self.other_hits) as f64 / all;
        let difference = self.hits as f64 - self.n as f64 * share;
        let variance = self.n as f64 * self.other_n as f64 / all * share * (1.0 - share);
        if variance > 0.0 { libm::erfc(libm::fabs(difference) / libm::sqrt(2.0 * variance)) } else { 1.0 }
    }

    /// Fisher's exact test, two-sided: the probability of all tables with the same margins that are no more
    /// likely than this one.
    pub fn fisher_p(&self) -> f64 {
        let all = self.n + self.other_n;
        let hits = self.hits + self.other_hits;
        let lowest = hits.saturating_sub(self.other_n);
        let highest = hits.min(self.n);
        let ln_all = ln_binomial(all, hits);
        let probability = |k: u64| libm::exp(ln_binomial(self.n, k) + ln_binomial(self.other_n, hits - k) - ln_all);
        // Tables that are as likely but for rounding count as no more likely.
        let observed = probability(self.hits) * (1.0 + 1e-7);
        let p: f64 = (lowest..=highest).map(probability).filter(|p| *p <= observed).sum();
        p.min(1.0)
    }

    /// How many times as high the share is in the first group. Infinite if the other has no hits.
    pub fn relative_risk(&self) -> f64 {
        (self.hits as f64 / self.n as f64) / (self.other_hits as f64 / self.other_n as f64)
    }
}

impl TwoByTwo {
    /// The difference of the shares with Newcombe's 95 % interval (method 10 of Newcombe 1998, from the two Wilson
    /// intervals): first minus other. `None` if either group is empty.
    pub fn difference(&self) -> Option<Interval> {
        let (first, other) = (wilson(self.hits, self.n)?, wilson(self.other_hits, self.other_n)?);
        let [a, b] = [first, other].map(|rate| (rate.value.0, rate.low.0, rate.high.0));
        let value = self.hits as f64 / self.n as f64 - self.other_hits as f64 / self.other_n as f64;
        let (below, above) = (libm::hypot(a.0 - a.1, b.2 - b.0), libm::hypot(a.2 - a.0, b.0 - b.1));
        Some(Interval { value, low: value - below, high: value + above })
    }

    /// The odds ratio with its 95 % interval on the logarithm, half a count added to each cell (Haldane 1956).
    pub fn odds_ratio(&self) -> Interval {
        let cells = [self.hits, self.n - self.hits, self.other_hits, self.other_n - self.other_hits];
        let [a, b, c, d] = cells.map(|cell| cell as f64 + 0.5);
        let ln = libm::log(a * d / (b * c));
        let half = Z95 * libm::sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d);
        Interval { value: libm::exp(ln), low: libm::exp(ln - half), high: libm::exp(ln + half) }
    }
}

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Sessions that each of two groups needs to show a difference of this size between shares near `share`: 16 p (1 - p) / d²
/// (Lehr 1992: 80 % power at the level of 5 %).
pub fn needed(share: f64, difference: f64) -> u64 {
    libm::ceil(16.0 * share * (1.0 - share) / (difference * difference)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values computed with an independent program (statsmodels, `confint_proportions_2indep(5, 9, 8, 16,
    /// method="newcomb")`, the same of 56, 70, 48, 80, and `Table2x2` of counts with half of one added).
    #[test]
    fn differences_and_odds_agree_with_others() {
        for (table, low, high) in
            [(table(5, 9, 8, 16), -0.307580222, 0.392849173), (table(56, 70, 48, 80), 0.052431472, 0.333872654)]
        {
            let difference = table.difference().unwrap();
            assert!((difference.low - low).abs() < 1e-6 && (difference.high - high).abs() < 1e-6, "{difference:?}");
        }
        let odds = table(5, 9, 8, 16).odds_ratio();
        let expected = [1.222222222, 0.255001696, 5.858106773];
        for (a, b) in [odds.value, odds.low, odds.high].iter().zip(expected) {
            assert!((a / b - 1.0).abs() < 1e-6, "{odds:?}");
        }
        assert_eq!(needed(0.5, 0.2), 100);
    }

    fn table(hits: u64, n: u64, other_hits: u64, other_n: u64) -> TwoByTwo {
        TwoByTwo { hits, n, other_hits, other_n }
    }

    /// Values computed with an independent program (scipy, `fisher_exact` and `chi2_contingency`).
    #[test]
    fn p_values_agree_with_others() {
        for (table, p) in [
            (table(9, 21, 4, 134), 1.3723216e-6),
            (table(2, 2, 11, 153), 0.0065354001),
            (table(1, 7, 12, 148), 0.46525474),
            (table(0, 24, 13, 131), 0.22168949),
        ] {
            assert!((table.fisher_p() / p - 1.0).abs() < 1e-6, "{table:?}: {}", table.fisher_p());
            assert_eq!(table.p(), table.fisher_p());
        }
        let large = table(30, 100, 15, 100);
        assert!((large.chi_squared_p() / 0.011085166 - 1.0).abs() < 1e-6, "{}", large.chi_squared_p());
        assert_eq!(large.p(), large.chi_squared_p());
        assert_eq!(table(0, 10, 0, 10).p(), 1.0);
    }
}
