//! Whole-number measurements as value and count: exact, and merged in any order.

use std::collections::BTreeMap;

use hashbrown::HashMap;
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

    /// The smallest value that at least this share of the measurements do not exceed.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let n = self.n();
        let rank = libm::ceil(share * n as f64) as u64;
        (n > 0).then(|| self.ranked(rank.clamp(1, n) - 1))
    }

    /// Standard deviation of a sample, from sums of whole numbers. `None` for fewer than two measurements.
    pub fn standard_deviation(&self) -> Option<f64> {
        deviation(self.n(), self.iter())
    }

    pub fn max(&self) -> Option<u64> {
        self.0.keys().next_back().copied()
    }

    pub fn min(&self) -> Option<u64> {
        self.0.keys().next().copied()
    }

    /// Values with how often each was measured, the smallest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + Clone {
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

/// Standard deviation of a sample of `n` measurements, given as values with how often each was measured.
fn deviation(n: u64, values: impl Iterator<Item = (u64, u64)> + Clone) -> Option<f64> {
    if n < 2 {
        return None;
    }
    // n sum x^2 - (sum x)^2 is a whole number, and never below 0.
    let whole = || {
        let (mut sum, mut squares) = (0u128, 0u128);
        for (value, count) in values.clone() {
            let part = u128::from(value).checked_mul(u128::from(count))?;
            sum = sum.checked_add(part)?;
            squares = squares.checked_add(part.checked_mul(u128::from(value))?)?;
        }
        u128::from(n).checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)
    };
    let freedom = (n - 1) as f64;
    Some(match whole() {
        Some(whole) => libm::sqrt(whole as f64 / (n as f64 * freedom)),
        // Too large for that, as microseconds between far-off dates may be.
        None => {
            let n = n as f64;
            let mean = values.clone().map(|(value, count)| value as f64 * count as f64).sum::<f64>() / n;
            let off = |value: u64| (value as f64 - mean) * (value as f64 - mean);
            libm::sqrt(values.map(|(value, count)| off(value) * count as f64).sum::<f64>() / freedom)
        }
    })
}

/// Mean and standard deviation of a sample. `None` for fewer than two values.
pub fn mean_and_deviation(values: &[u64]) -> Option<(f64, f64)> {
    let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
    let deviation = deviation(values.len() as u64, values.iter().map(|value| (*value, 1)))?;
    Some((sum as f64 / values.len() as f64, deviation))
}

/// Counts while they are taken: quicker to add to, in no order.
#[derive(Clone, Default)]
pub struct Tally {
    /// Of the smallest values, by value.
    small: Vec<u64>,
    others: HashMap<u64, u64>,
}

/// Values below this are counted in a table.
const SMALL_VALUES: u64 = 256;

impl Tally {
    pub fn add(&mut self, value: u64) {
        self.add_many(value, 1);
    }

    /// The same value, measured so often.
    pub fn add_many(&mut self, value: u64, count: u64) {
        if value < SMALL_VALUES {
            if self.small.len() <= value as usize {
                self.small.resize(value as usize + 1, 0);
            }
            self.small[value as usize] += count;
        } else {
            *self.others.entry(value).or_default() += count;
        }
    }
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Counts {
        let small = (0..).zip(tally.small).filter(|(_, count)| *count > 0);
        Counts(small.chain(tally.others).collect())
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
    fn a_tally_counts_the_same() {
        let (mut tally, mut counts) = (Tally::default(), Counts::default());
        for value in [3, 0, 3, 255, 256, 1 << 40, 256, 7] {
            tally.add(value);
            counts.add(value);
        }
        assert_eq!(Counts::from(tally), counts);
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
    fn deviations_of_values_too_large_to_square() {
        let values = [0, u64::MAX, 0, u64::MAX];
        let expected = u64::MAX as f64 / 3f64.sqrt();
        let mut counts = Counts::default();
        values.into_iter().for_each(|value| counts.add(value));
        let (mean, deviation) = mean_and_deviation(&values).unwrap();
        assert!((mean / (u64::MAX as f64 / 2.0) - 1.0).abs() < 1e-12);
        assert!((deviation / expected - 1.0).abs() < 1e-12, "{deviation}");
        assert!((counts.standard_deviation().unwrap() / expected - 1.0).abs() < 1e-12);
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
