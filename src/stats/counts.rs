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

    pub fn max(&self) -> Option<u64> {
        self.0.keys().next_back().copied()
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

#[cfg(test)]
mod tests {
    use super::*;

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
