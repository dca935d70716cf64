//! Whole-number measurements as value and count: exact, and merged in any order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How often each value was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts(BTreeMap<u64, u64>);

impl Counts {
    pub fn add(&mut self, value: u64) {
        *self.0.entry(value).or_default() += 1;
    }

    /// The same value, measured so often.
    pub fn add_many(&mut self, value: u64, count: u64) {
        *self.0.entry(value).or_default() += count;
    }

    pub fn merge(&mut self, other: &Counts) {
        for (value, count) in &other.0 {
            *self.0.entry(*value).or_default() += count;
        }
    }

    /// How many measurements there are.
    pub fn n(&self) -> u64 {
        self.0.values().sum()
    }

    pub fn mean(&self) -> Option<f64> {
        let sum: u128 = self.0.iter().map(|(value, count)| u128::from(*value) * u128::from(*count)).sum();
        let n = self.n();
        (n > 0).then(|| sum as f64 / n as f64)
    }

    /// The median; the mean of the middle two where their number is even.
    pub fn median(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| (self.ranked((n - 1) / 2) as f64 + self.ranked(n / 2) as f64) / 2.0)
    }

    /// Standard deviation of a sample, from sums of whole numbers. `None` for fewer than two measurements.
    pub fn standard_deviation(&self) -> Option<f64> {
        let n = u128::from(self.n());
        let sum = |power: u32| -> u128 {
            self.0.iter().map(|(value, count)| u128::from(*value).pow(power) * u128::from(*count)).sum()
        };
        // n sum x^2 - (sum x)^2 is a whole number, and never below 0.
        let squares = n * sum(2) - sum(1) * sum(1);
        (n > 1).then(|| libm::sqrt(squares as f64 / (n * (n - 1)) as f64))
    }

    pub fn max(&self) -> Option<u64> {
        self.0.keys().next_back().copied()
    }

    pub fn min(&self) -> Option<u64> {
        self.0.keys().next().copied()
    }

    /// Values with how often each was measured, the smallest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> {
        self.0.iter().map(|(value, count)| (*value, *count))
    }

    /// The value at this place of the sorted measurements, from 0.
    fn ranked(&self, mut rank: u64) -> u64 {
        for (value, count) in &self.0 {
            if rank < *count {
                return *value;
            }
            rank -= count;
        }
        0
    }
}

/// Keeps the first 14 binary digits of a value: at most 1 in 16,384 is lost, and a distribution over any number of
/// measurements keeps a bounded number of values. Whole seconds in milliseconds stay exact up to 131 seconds.
pub fn coarse(value: u64) -> u64 {
    let lost = (u64::BITS - value.leading_zeros()).saturating_sub(14);
    value >> lost << lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_values_are_near() {
        assert_eq!([0, 9_000, 61_000, 131_000].map(coarse), [0, 9_000, 61_000, 131_000]);
        for value in [16_385, 300_001, 86_400_017, u64::MAX] {
            assert!(coarse(value) <= value && value - coarse(value) <= value / 8192, "{value}");
        }
    }

    #[test]
    fn the_deviation_of_a_sample() {
        let mut counts = Counts::default();
        assert_eq!(counts.standard_deviation(), None);
        for value in [2, 4, 4, 4, 5, 5, 7, 9] {
            counts.add(value);
        }
        assert!((counts.standard_deviation().unwrap() - (32f64 / 7.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn median_and_mean() {
        let mut counts = Counts::default();
        assert_eq!((counts.median(), counts.mean()), (None, None));
        for value in [3, 1, 10, 1] {
            counts.add(value);
        }
        assert_eq!((counts.median(), counts.mean(), counts.max(), counts.n()), (Some(2.0), Some(3.75), Some(10), 4));
        counts.add(4);
        assert_eq!(counts.median(), Some(3.0));
    }
}
