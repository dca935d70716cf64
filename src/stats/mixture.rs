//! Two kinds of gaps in one heap: within a visit, and between two visits. A mixture of two log-normal distributions,
//! as Halfaker et al. (2015, "User session identification based on strong regularities in inter-activity time") fit it.

use serde::{Deserialize, Serialize};

use crate::stats::Counts;

/// Of fewer gaps nothing is said.
const LEAST: u64 = 100;
/// A kind that is rarer is none.
const LEAST_SHARE: f64 = 0.01;
/// Ashman's D: two kinds that are closer to each other cannot be told apart.
const LEAST_DISTANCE: f64 = 2.0;
const STEPS: usize = 500;
/// Gaps of one length have no width; a file's clock has one.
const LEAST_DEVIATION: f64 = 0.05;

/// One of the two kinds, on the natural logarithm of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogNormal {
    /// Of all gaps.
    pub share: f64,
    pub mean: f64,
    pub deviation: f64,
}

impl LogNormal {
    /// Half of its gaps are longer, in seconds.
    pub fn median_s(&self) -> f64 {
        libm::exp(self.mean)
    }

    /// The logarithm of its density times its share, but for what both kinds have in common.
    fn log_weight(&self, log_s: f64) -> f64 {
        let z = (log_s - self.mean) / self.deviation;
        libm::log(self.share) - libm::log(self.deviation) - z * z / 2.0
    }
}

/// Gaps of two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoKinds {
    pub within: LogNormal,
    pub between: LogNormal,
    /// A gap of so many seconds is as likely of the one kind as of the other.
    pub cut_s: f64,
}

impl TwoKinds {
    /// Tells the two kinds apart in gaps of so many milliseconds; those of none are left out. `None` where there are too
    /// few, or the gaps are of one kind: if the second kind is rare, close to the first, or explains no more than a
    /// single distribution does (by the Bayesian information criterion).
    pub fn of(gaps_ms: &Counts) -> Option<TwoKinds> {
        let logs: Vec<(f64, f64)> = gaps_ms
            .iter()
            .filter(|(ms, _)| *ms > 0)
            .map(|(ms, count)| (libm::log(ms as f64 / 1e3), count as f64))
            .collect();
        let n: f64 = logs.iter().map(|(_, count)| count).sum();
        if n < LEAST as f64 {
            return None;
        }
        let one = moments(&logs, |_| 1.0, n);
        // The longest tenth against the others: visits are rarer than clicks.
        let mut below = 0.0;
        let split = logs.iter().find(|(_, count)| {
            below += count;
            below >= 0.9 * n
        })?;
        let mut kinds =
            [moments(&logs, |log| f64::from(log <= split.0), n), moments(&logs, |log| f64::from(log > split.0), n)];
        let mut last = f64::NEG_INFINITY;
        for _ in 0..STEPS {
            if kinds.iter().any(|kind| kind.share <= 0.0 || !kind.mean.is_finite()) {
                return None;
            }
            let [within, between] = kinds;
            let of_second = |log: f64| 1.0 / (1.0 + libm::exp(within.log_weight(log) - between.log_weight(log)));
            kinds = [moments(&logs, |log| 1.0 - of_second(log), n), moments(&logs, of_second, n)];
            let likelihood = log_likelihood(&logs, &kinds);
            if likelihood - last < 1e-9 * n {
                break;
            }
            last = likelihood;
        }
        let [within, between] = kinds;
        let distance = libm::fabs(between.mean - within.mean)
            / libm::sqrt((within.deviation * within.deviation + between.deviation * between.deviation) / 2.0);
        // Three parameters more.
        let better = 2.0 * (log_likelihood(&logs, &kinds) - log_likelihood(&logs, &[one])) > 3.0 * libm::log(n);
        let two = within.mean < between.mean
            && within.share.min(between.share) >= LEAST_SHARE
            && distance > LEAST_DISTANCE
            && better;
        two.then(|| TwoKinds { within, between, cut_s: libm::exp(cut(&within, &between)) })
    }
}

/// Share, mean and deviation of the values that `weight` gives to a kind, of all `n`.
fn moments(logs: &[(f64, f64)], weight: impl Fn(f64) -> f64, n: f64) -> LogNormal {
    let weighted = || logs.iter().map(|(log, count)| (*log, count * weight(*log)));
    let sum: f64 = weighted().map(|(_, weight)| weight).sum();
    let mean = weighted().map(|(log, weight)| log * weight).sum::<f64>() / sum;
    let variance = weighted().map(|(log, weight)| weight * (log - mean) * (log - mean)).sum::<f64>() / sum;
    LogNormal { share: sum / n, mean, deviation: libm::sqrt(variance).max(LEAST_DEVIATION) }
}

fn log_likelihood(logs: &[(f64, f64)], kinds: &[LogNormal]) -> f64 {
    let of = |log: f64| {
        let weights = kinds.iter().map(|kind| kind.log_weight(log));
        let most = weights.clone().fold(f64::NEG_INFINITY, f64::max);
        most + libm::log(weights.map(|weight| libm::exp(weight - most)).sum::<f64>())
    };
    logs.iter().map(|(log, count)| count * of(*log)).sum()
}

/// Between the two means, where both kinds are as likely: by halving.
fn cut(within: &LogNormal, between: &LogNormal) -> f64 {
    let (mut low, mut high) = (within.mean, between.mean);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match within.log_weight(middle) > between.log_weight(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    /// The quantiles of a log-normal distribution, `n` of them.
    fn gaps(counts: &mut Counts, n: u64, median_s: f64, deviation: f64) {
        let normal = Normal::new(libm::log(median_s), deviation).unwrap();
        for rank in 0..n {
            let log_s = normal.inverse_cdf((rank as f64 + 0.5) / n as f64);
            counts.add(libm::round(libm::exp(log_s) * 1e3) as u64);
        }
    }

    #[test]
    fn clicks_and_visits_are_told_apart() {
        let mut counts = Counts::default();
        gaps(&mut counts, 9000, 12.0, 1.2);
        gaps(&mut counts, 1000, 86_400.0, 1.0);
        let found = TwoKinds::of(&counts).unwrap();
        assert!((found.within.median_s() / 12.0 - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.between.median_s() / 86_400.0 - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.within.share - 0.9).abs() < 0.005, "{found:?}");
        // By hand: 0.9/1.2 exp(-((x - ln 12)/1.2)^2/2) = 0.1/1.0 exp(-((x - ln 86400))^2/2) at x = 7.6033.
        assert!((libm::log(found.cut_s) - 7.6033).abs() < 0.05, "{}", found.cut_s);
    }

    #[test]
    fn gaps_of_one_kind_are_not_parted() {
        for deviation in [0.3, 0.9, 2.0] {
            let mut counts = Counts::default();
            gaps(&mut counts, 5000, 20.0, deviation);
            assert_eq!(TwoKinds::of(&counts), None, "{deviation}");
        }
        let mut few = Counts::default();
        gaps(&mut few, 50, 10.0, 1.0);
        gaps(&mut few, 40, 90_000.0, 1.0);
        assert_eq!(TwoKinds::of(&few), None);
        let mut same = Counts::default();
        same.add_many(5000, 1000);
        assert_eq!(TwoKinds::of(&same), None);
        assert_eq!(TwoKinds::of(&Counts::default()), None);
    }
}
