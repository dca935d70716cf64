//! Shares over time: of the sessions that begin in a stretch, those that reach the goal, and those that meet an error.

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::timeline::{Bin, TimeBins};
use crate::ingest::time;
use crate::stats::{Rate, Rounded, wilson};

/// A stretch holds so many sessions on average, so that its shares say something ...
const SESSIONS: u64 = 10;
/// ... and with fewer stretches there is no trend.
const LEAST: usize = 3;

/// Empty where there are too few sessions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    pub width_s: Rounded,
    pub stretches: Vec<Stretch>,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Where it begins.
    pub from: String,
    /// The same and its end, in microseconds since 1970.
    pub from_us: i64,
    pub to_us: i64,
    /// Sessions that begin here.
    pub sessions: u64,
    pub converted: u64,
    pub with_errors: u64,
    /// With Wilson's interval; none where no session begins.
    pub converted_rate: Option<Rate>,
    pub error_rate: Option<Rate>,
}

impl Trend {
    pub fn of(results: &Results) -> Trend {
        let (bins, timeline) = (&results.plan.time_bins, &results.collected.timeline);
        let zoned = results.read.zoned > 0;
        let together = together(&timeline.0);
        let stretch = |(index, bins_of): (usize, &[Bin])| {
            let from_us = bins.start_us + (index * together) as i64 * bins.width_us;
            stretch(from_us, bins_of, bins, zoned)
        };
        let stretches: Vec<Stretch> = timeline.0.chunks(together).enumerate().map(stretch).collect();
        match stretches.len() < LEAST {
            true => Trend::default(),
            false => Trend { width_s: Rounded((bins.width_us * together as i64) as f64 / 1e6), stretches },
        }
    }
}

/// How many bins make a stretch.
fn together(bins: &[Bin]) -> usize {
    let sessions: u64 = bins.iter().map(|bin| bin.sessions).sum();
    let stretches = (sessions / SESSIONS).max(1);
    bins.len().max(1).div_ceil(stretches as usize)
}

fn stretch(from_us: i64, of: &[Bin], bins: &TimeBins, zoned: bool) -> Stretch {
    let sum = |count: fn(&Bin) -> u64| of.iter().map(count).sum();
    let (sessions, converted) = (sum(|bin| bin.sessions), sum(|bin| bin.converted));
    let with_errors = sum(|bin| bin.sessions_with_errors);
    Stretch {
        from: time::format(from_us, zoned),
        from_us,
        to_us: from_us + of.len() as i64 * bins.width_us,
        sessions,
        converted,
        with_errors,
        converted_rate: wilson(converted, sessions),
        error_rate: wilson(with_errors, sessions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_hold_sessions_enough() {
        let bins = |n: usize, sessions: u64| vec![Bin { sessions, ..Bin::default() }; n];
        assert_eq!(together(&bins(30, 1)), 10);
        assert_eq!(together(&bins(60, 10)), 1);
        assert_eq!(together(&bins(60, 3)), 4);
        assert_eq!((together(&bins(4, 0)), together(&[])), (4, 1));
    }
}
