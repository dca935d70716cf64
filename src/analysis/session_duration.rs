//! Class 2: sessions that are unusually short or long, on the logarithm of their seconds.

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::session_list::{RankedList, SessionList};
use crate::dataset::Session;
use crate::stats::counts::{Tally, coarse};
use crate::stats::robust::Outliers;
use crate::stats::{Counts, Robust};

/// How long sessions are, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// Milliseconds from first to last event, of sessions with at least two.
    pub ms: Counts,
    /// Sessions with one event have no duration.
    pub bounces: SessionList,
}

/// From milliseconds to the scale on which durations are compared: ln(1 + seconds).
pub fn log_seconds(ms: u64) -> f64 {
    libm::log1p(ms as f64 / 1e3)
}

fn duration_ms(session: &Session) -> u64 {
    session.end_us().abs_diff(session.start_us()) / 1000
}

impl Durations {
    pub fn of(context: &Context) -> Durations {
        let mut durations = Durations::default();
        let mut ms = Tally::default();
        context.each_session(&mut |session| {
            if session.len() < 2 {
                durations.bounces.add(&session, context.named_sessions);
            } else {
                ms.add(coarse(duration_ms(&session)));
            }
        });
        durations.ms = ms.into();
        durations
    }

    pub fn merge(&mut self, other: Durations, named_sessions: usize) {
        self.ms.merge(&other.ms);
        self.bounces.merge(other.bounces, named_sessions);
    }
}

/// What is usual, once the whole file is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsualDuration {
    pub robust: Option<Robust>,
    /// Sessions that begin before the first of these times, or end after the second, may be cut by the file's ends.
    pub uncut_us: Option<(i64, i64)>,
}

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DurationCase {
    pub ms: u64,
    pub events: u64,
    /// It touches an end of the file.
    pub cut: bool,
}

/// The outliers of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnusualDurations {
    pub short: RankedList<DurationCase>,
    pub long: RankedList<DurationCase>,
    /// How many of all of them touch an end of the file.
    pub cut: u64,
}

impl UnusualDurations {
    pub fn of(context: &Context, usual: &UsualDuration) -> UnusualDurations {
        let mut found = UnusualDurations::default();
        let Some(outliers) = usual.robust.as_ref().and_then(Outliers::of) else { return found };
        context.each_session(&mut |session| {
            if session.len() < 2 {
                return;
            }
            let ms = duration_ms(&session);
            let Some(z) = outliers.beyond(log_seconds(coarse(ms))) else { return };
            let cut = usual.uncut_us.is_some_and(|(from, to)| session.start_us() < from || session.end_us() > to);
            found.cut += u64::from(cut);
            let list = if z < 0.0 { &mut found.short } else { &mut found.long };
            let case = || DurationCase { ms, events: session.len() as u64, cut };
            list.add(&session, libm::fabs(z), case, context.named_sessions);
        });
        found
    }

    pub fn merge(&mut self, other: UnusualDurations, named_sessions: usize) {
        self.short.merge(other.short, named_sessions);
        self.long.merge(other.long, named_sessions);
        self.cut += other.cut;
    }
}
