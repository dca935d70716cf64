//! Histograms of durations and gaps, in bins with edges that people know: seconds, minutes, hours.

use serde::{Deserialize, Serialize};

use crate::stats::Counts;
use crate::stats::counts::coarse;

/// Edges, in milliseconds.
const EDGES_MS: [u64; 23] = [
    0,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    20_000,
    30_000,
    45_000,
    60_000,
    120_000,
    180_000,
    300_000,
    600_000,
    1_200_000,
    1_800_000,
    3_600_000,
    7_200_000,
    14_400_000,
    28_800_000,
    86_400_000,
    259_200_000,
    604_800_000,
];

/// One bar: values of at least `from_ms` and below `to_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramBin {
    pub from_ms: u64,
    /// Absent: without end.
    pub to_ms: Option<u64>,
    pub count: u64,
}

/// All bins from the first to the last that holds something.
pub fn histogram(values_ms: &Counts) -> Vec<HistogramBin> {
    let mut bins: Vec<HistogramBin> = (0..EDGES_MS.len())
        .map(|index| HistogramBin { from_ms: EDGES_MS[index], to_ms: EDGES_MS.get(index + 1).copied(), count: 0 })
        .collect();
    for (value, count) in values_ms.iter() {
        // Values may be coarse: one that stands on an edge is still not below it.
        bins[EDGES_MS.partition_point(|edge| coarse(*edge) <= value) - 1].count += count;
    }
    let first = bins.iter().position(|bin| bin.count > 0).unwrap_or(bins.len());
    let last = bins.iter().rposition(|bin| bin.count > 0).map_or(first, |last| last + 1);
    bins[first..last].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_its_bin() {
        let mut counts = Counts::default();
        [0, 999, 1_000, 4_999, 604_800_000, u64::MAX].into_iter().for_each(|value| counts.add(value));
        let bins = histogram(&counts);
        assert_eq!((bins[0].from_ms, bins[0].count, bins[1].count, bins[2].count), (0, 2, 1, 1));
        assert_eq!(bins[bins.len() - 1], HistogramBin { from_ms: 604_800_000, to_ms: None, count: 2 });
        assert!(histogram(&Counts::default()).is_empty());
    }

    #[test]
    fn coarse_values_on_an_edge_are_not_below_it() {
        for (edge, second) in EDGES_MS.into_iter().map(|edge| (edge, edge.saturating_sub(1_000))) {
            let mut counts = Counts::default();
            counts.add(coarse(edge));
            counts.add(coarse(second));
            let bins = histogram(&counts);
            let last = &bins[bins.len() - 1];
            assert_eq!(
                (last.from_ms, last.count),
                (edge, if edge == 0 || edge > 20_000_000 { 2 } else { 1 }),
                "{edge}"
            );
        }
    }
}
