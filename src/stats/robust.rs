//! Outliers by the median and the median absolute deviation, which a few outliers cannot move.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::beta_reg;

use crate::stats::Counts;

/// Below this many measurements no z is an outlier: they can only be ranked.
pub const MIN_N: u64 = 8;

/// |z| that 95 % of samples of n clean normal values nowhere exceed, measured by simulation.
const CRITICAL: [(f64, f64); 9] = [
    (8.0, 4.9),
    (10.0, 4.6),
    (15.0, 4.2),
    (20.0, 4.1),
    (30.0, 3.8),
    (100.0, 3.8),
    (300.0, 3.9),
    (1_000.0, 4.1),
    (3_000.0, 4.3),
];
/// The table's last row; beyond it the median and the deviation are as good as known.
const LAST: (f64, f64) = (10_000.0, 4.6);

/// |z| beyond which one of `n` values is an outlier: the table, interpolated over ln n, and beyond it the point of
/// the normal distribution that `n` values together exceed in 5 % of samples.
pub fn critical_z(n: u64) -> f64 {
    let n = n as f64;
    let normal = |n: f64| -standard_normal().inverse_cdf(0.05 / (2.0 * n));
    if n > LAST.0 {
        return normal(n).max(LAST.1);
    }
    let mut below = CRITICAL[0];
    for above in CRITICAL.iter().copied().chain([LAST]) {
        if n <= above.0 {
            let share = if above.0 > below.0 { libm::log(n / below.0) / libm::log(above.0 / below.0) } else { 1.0 };
            return below.1 + (above.1 - below.1) * share.max(0.0);
        }
        below = above;
    }
    LAST.1
}

/// Two-sided p of one z under the normal distribution.
pub fn two_sided_p(z: f64) -> f64 {
    libm::erfc(libm::fabs(z) / core::f64::consts::SQRT_2)
}

/// Two-sided p of one z whose centre and scale come from `n` values: under Student's t with n / 2.5 degrees of freedom,
/// since the median deviation of few values is uncertain. (A median deviation is as precise as a standard deviation
/// of 0.37 times as many values.)
pub fn estimated_p(z: f64, n: u64) -> f64 {
    let freedom = n as f64 / 2.5;
    beta_reg(freedom / 2.0, 0.5, freedom / (freedom + z * z))
}

fn standard_normal() -> Normal {
    Normal::standard()
}

/// Centre and scale of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Robust {
    pub n: u64,
    pub median: f64,
    /// The standard deviation that a normal distribution with this spread would have; 0 if all are alike.
    pub scale: f64,
}

impl Robust {
    /// Of values mapped by an increasing function. The scale is the median absolute deviation over 0.6745; where
    /// that is 0 the interquartile range over 1.349. `None` without values.
    pub fn of(counts: &Counts, map: impl Fn(u64) -> f64) -> Option<Robust> {
        let values: Vec<(f64, u64)> = counts.iter().map(|(value, count)| (map(value), count)).collect();
        let n = counts.n();
        if n == 0 {
            return None;
        }
        let median = quantile(&values, n, 0.5);
        let mut deviations: Vec<(f64, u64)> =
            values.iter().map(|(value, count)| (libm::fabs(value - median), *count)).collect();
        deviations.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut scale = quantile(&deviations, n, 0.5) / 0.6745;
        if scale <= 0.0 {
            scale = (quantile(&values, n, 0.75) - quantile(&values, n, 0.25)) / 1.349;
        }
        Some(Robust { n, median, scale })
    }

    /// For values that are unusual only by being large: where the upper half of the values is wider than the median
    /// deviation says, its width is the scale.
    pub fn upwards(counts: &Counts, map: impl Fn(u64) -> f64) -> Option<Robust> {
        let values: Vec<(f64, u64)> = counts.iter().map(|(value, count)| (map(value), count)).collect();
        let robust = Robust::of(counts, map)?;
        let upper = (quantile(&values, robust.n, 0.75) - robust.median) / 0.6745;
        Some(Robust { scale: robust.scale.max(upper), ..robust })
    }

    /// How many deviations a value stands above the median; `None` if all are alike.
    pub fn z(&self, value: f64) -> Option<f64> {
        (self.scale > 0.0).then(|| (value - self.median) / self.scale)
    }

    /// |z| beyond which a value is an outlier; `None` where there are too few values, or all are alike.
    pub fn critical(&self) -> Option<f64> {
        (self.n >= MIN_N && self.scale > 0.0).then(|| critical_z(self.n))
    }
}

/// What is usual, with the z from which on a value is an outlier worked out once for many values.
#[derive(Clone, Copy, Debug)]
pub struct Outliers {
    robust: Robust,
    critical: f64,
}

impl Outliers {
    /// `None` where there are too few values, or all are alike.
    pub fn of(robust: &Robust) -> Option<Outliers> {
        Some(Outliers { robust: *robust, critical: robust.critical()? })
    }

    /// The value's z, if it is an outlier above the others.
    pub fn above(&self, value: f64) -> Option<f64> {
        self.robust.z(value).filter(|z| *z > self.critical)
    }

    /// The value's z, if it is an outlier.
    pub fn beyond(&self, value: f64) -> Option<f64> {
        self.robust.z(value).filter(|z| libm::fabs(*z) > self.critical)
    }

    /// The value from which on values are outliers above the others.
    pub fn from(&self) -> f64 {
        self.robust.median + self.critical * self.robust.scale
    }

    /// How many values it rests on.
    pub fn n(&self) -> u64 {
        self.robust.n
    }
}

/// A quantile of sorted values with counts, between two neighbours in proportion (Hyndman and Fan's type 7).
fn quantile(sorted: &[(f64, u64)], n: u64, share: f64) -> f64 {
    let place = share * (n - 1) as f64;
    let (low, rest) = (libm::floor(place) as u64, place - libm::floor(place));
    let at = |mut rank: u64| {
        for (value, count) in sorted {
            if rank < *count {
                return *value;
            }
            rank -= count;
        }
        sorted[sorted.len() - 1].0
    };
    let (a, b) = (at(low), at((low + 1).min(n - 1)));
    if rest == 0.0 { a } else { a + (b - a) * rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_follow_the_table_and_then_the_normal_distribution() {
        let near = |n: u64, z: f64| assert!((critical_z(n) - z).abs() < 0.005, "{n}: {}", critical_z(n));
        for (n, z) in [(8, 4.9), (20, 4.1), (30, 3.8), (50, 3.8), (100, 3.8), (1_000, 4.1), (10_000, 4.6)] {
            near(n, z);
        }
        near(173, 3.85);
        near(100_000, 5.03);
        near(1_000_000, 5.45);
        assert!((10_000..40_000).step_by(1_000).all(|n| critical_z(n) <= critical_z(n + 1_000)));
    }

    /// Against sorting all values.
    #[test]
    fn deviations_as_by_sorting() {
        let middle = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
        };
        for n in [1u64, 2, 9, 30, 31] {
            let mut counts = Counts::default();
            let raw: Vec<u64> = (0..n).map(|i| i * i * 7919 % 41).collect();
            raw.iter().for_each(|value| counts.add(*value));
            let map = |value: u64| libm::log1p(value as f64);
            let mut values: Vec<f64> = raw.iter().map(|value| map(*value)).collect();
            let median = middle(&mut values);
            let mut deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
            let robust = Robust::of(&counts, map).unwrap();
            assert!((robust.median - median).abs() < 1e-12);
            let mad = middle(&mut deviations);
            assert!(mad == 0.0 || (robust.scale - mad / 0.6745).abs() < 1e-12, "{n}");
        }
    }

    #[test]
    fn where_most_values_are_alike() {
        let counts = |values: &[(u64, u64)]| {
            let mut counts = Counts::default();
            values.iter().for_each(|(value, n)| (0..*n).for_each(|_| counts.add(*value)));
            counts
        };
        assert_eq!(Robust::of(&counts(&[]), |value| value as f64), None);
        let alike = Robust::of(&counts(&[(5, 20)]), |value| value as f64).unwrap();
        assert_eq!((alike.scale, alike.z(9.0), alike.critical()), (0.0, None, None));
        // More than half alike, a third above: the deviation is 0, the quartiles differ.
        let quartiles = Robust::of(&counts(&[(5, 6), (9, 4)]), |value| value as f64).unwrap();
        assert!((quartiles.scale - 4.0 / 1.349).abs() < 1e-12);
        assert_eq!(Robust::of(&counts(&[(1, 3), (4, 4)]), |value| value as f64).unwrap().critical(), None);
    }
}
