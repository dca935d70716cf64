//! A share of a whole, with its interval.

use serde::{Deserialize, Serialize};

use crate::stats::number::Rounded;

/// The 97.5 % point of the standard normal distribution, for 95 % intervals.
pub const Z95: f64 = 1.959963984540054;

/// A share with its 95 % interval, all between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub value: Rounded,
    pub low: Rounded,
    pub high: Rounded,
}

/// The share `hits` of `n` with the Wilson score interval (Wilson 1927; recommended for small n by Brown, Cai
/// and DasGupta 2001). `None` if `n` is 0.
pub fn wilson(hits: u64, n: u64) -> Option<Rate> {
    if n == 0 {
        return None;
    }
    let (n, p, z2) = (n as f64, hits as f64 / n as f64, Z95 * Z95);
    let middle = p + z2 / (2.0 * n);
    let half = Z95 * libm::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n));
    let scale = 1.0 + z2 / n;
    let low = if hits == 0 { 0.0 } else { ((middle - half) / scale).max(0.0) };
    let high = if p == 1.0 { 1.0 } else { ((middle + half) / scale).min(1.0) };
    Some(Rate { value: p.into(), low: low.into(), high: high.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values computed with an independent program (statsmodels, `proportion_confint(method="wilson")`).
    #[test]
    fn wilson_agrees_with_others() {
        for (hits, n, low, high) in [
            (12, 30, 0.245906, 0.576796),
            (12, 22, 0.346598, 0.730797),
            (9, 21, 0.244700, 0.634534),
            (0, 10, 0.0, 0.277533),
            (10, 10, 0.722467, 1.0),
        ] {
            let rate = wilson(hits, n).unwrap();
            assert!((rate.low.0 - low).abs() < 1e-6 && (rate.high.0 - high).abs() < 1e-6, "{hits} of {n}: {rate:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }
}
