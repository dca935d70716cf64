//! Is a share in one group different from that in another? Tests of a two-by-two table.

use statrs::function::factorial::ln_binomial;

/// Two groups, each with its hits.
#[derive(Clone, Copy, Debug)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
