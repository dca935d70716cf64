//! Events over time: how many events, errors, sessions and conversions fall into each stretch of time.

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;

/// Widths to choose from, in seconds.
const WIDTHS_S: [i64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172_800, 604_800,
    2_592_000, 31_536_000,
];
/// Stretches at most.
const MAX_BINS: i64 = 60;

/// Stretches of equal width, so that all partitions count into the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeBins {
    pub start_us: i64,
    pub width_us: i64,
    pub count: u32,
}

impl TimeBins {
    /// Few enough stretches of a usual width that hold all of the times from the first to the last.
    pub fn covering(first_us: i64, last_us: i64) -> TimeBins {
        let fits = |width_us: i64| {
            let start_us = first_us.div_euclid(width_us) * width_us;
            let count = (last_us - start_us).div_euclid(width_us) + 1;
            (count <= MAX_BINS).then_some(TimeBins { start_us, width_us, count: count as u32 })
        };
        let widest = WIDTHS_S[WIDTHS_S.len() - 1];
        let wider = (1..).map(|times| widest.saturating_mul(1 << times.min(20)));
        let mut widths = WIDTHS_S.into_iter().chain(wider).map(|s| s.saturating_mul(1_000_000));
        widths.find_map(fits).unwrap_or_default()
    }

    /// The stretch that holds a time.
    pub fn of(&self, us: i64) -> usize {
        if self.count == 0 {
            return 0;
        }
        (us - self.start_us).div_euclid(self.width_us).clamp(0, i64::from(self.count) - 1) as usize
    }
}

/// What falls into one stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    pub events: u64,
    pub error_events: u64,
    /// Sessions that meet an error here.
    pub error_sessions: u64,
    /// Sessions that begin here.
    pub sessions: u64,
    /// Of these, those that reach the goal.
    pub converted: u64,
    /// Of these, those that meet an error, now or later.
    pub sessions_with_errors: u64,
}

/// One partition's events over time, or those of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline(pub Vec<Bin>);

impl Timeline {
    pub fn of(context: &Context, bins: &TimeBins) -> Timeline {
        let mut found = vec![Bin::default(); bins.count as usize];
        context.each_session(&mut |session| {
            let began = bins.of(session.start_us());
            let Some(bin) = found.get_mut(began) else { return };
            bin.sessions += 1;
            bin.converted += u64::from(context.goal_at(&session).is_some());
            // In order of time: a stretch that is left does not come again.
            let mut last_with_error = None;
            for row in session.rows() {
                let at = bins.of(context.time_us(row));
                let bin = &mut found[at];
                bin.events += 1;
                if context.error(row).is_some() {
                    bin.error_events += 1;
                    bin.error_sessions += u64::from(last_with_error.replace(at) != Some(at));
                }
            }
            found[began].sessions_with_errors += u64::from(last_with_error.is_some());
        });
        Timeline(found)
    }

    pub fn merge(&mut self, other: Timeline) {
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            mine.events += other.events;
            mine.error_events += other.error_events;
            mine.error_sessions += other.error_sessions;
            mine.sessions += other.sessions;
            mine.converted += other.converted;
            mine.sessions_with_errors += other.sessions_with_errors;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_cover_every_span() {
        for (first, last) in
            [(0, 0), (-5_000_000, 59_000_000), (0, 3_600_000_000), (0, 86_400_000_000 * 400), (0, i64::MAX / 2)]
        {
            let bins = TimeBins::covering(first, last);
            assert!((1..=60).contains(&bins.count), "{bins:?}");
            assert!(
                bins.start_us <= first
                    && bins.start_us as i128 + bins.width_us as i128 * bins.count as i128 > last as i128
            );
            assert_eq!((bins.of(first), bins.of(last)), (0, bins.count as usize - 1));
        }
        assert_eq!(TimeBins::covering(0, 3_599_000_000).width_us, 60_000_000);
    }
}
