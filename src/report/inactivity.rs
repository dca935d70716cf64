//! The part of the document about sessions that the file does not name.

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::histogram::{HistogramBin, histogram};
use crate::findings::wording::{percent, seconds};
use crate::stats::Rounded;
use crate::stats::mixture::TwoKinds;

/// What ends a session, and what the gaps between the events of one user say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inactivity {
    /// So many seconds without an event end a session.
    pub after_s: Rounded,
    /// Gaps between an event of a user and the next, by length, across sessions.
    pub gaps: Vec<HistogramBin>,
    /// What the gaps suggest, if they are of two kinds.
    pub suggestion: Option<Suggestion>,
}

/// Two kinds of gaps, see [`TwoKinds`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// In seconds: whole minutes, where it is at least one.
    pub after_s: Rounded,
    pub within_median_s: Rounded,
    pub between_median_s: Rounded,
    /// Share of the longer kind.
    pub between_share: Rounded,
}

/// A suggestion that differs less from what is in force is the same.
const ALIKE: f64 = 1.1;

impl Inactivity {
    pub fn of(results: &Results) -> Option<Inactivity> {
        let settings = &results.plan.settings;
        let after_us = settings.split_after_us().filter(|_| settings.mapping.user_stands_in())?;
        let ms = &results.collected.user_gaps.ms;
        let suggestion = TwoKinds::of(ms).map(|kinds| {
            let unit = if kinds.cut_s < 60.0 { 1.0 } else { 60.0 };
            Suggestion {
                after_s: Rounded((libm::round(kinds.cut_s / unit) * unit).max(1.0)),
                within_median_s: kinds.within.median_s().into(),
                between_median_s: kinds.between.median_s().into(),
                between_share: kinds.between.share.into(),
            }
        });
        Some(Inactivity { after_s: (after_us as f64 / 1e6).into(), gaps: histogram(ms), suggestion })
    }

    /// The suggestion, if it is another than what is in force.
    pub fn other(&self) -> Option<Suggestion> {
        let differs = |suggestion: &Suggestion| {
            let ratio = suggestion.after_s.0 / self.after_s.0;
            !(1.0 / ALIKE..=ALIKE).contains(&ratio)
        };
        self.suggestion.filter(differs)
    }

    /// All of it in a few sentences.
    pub fn describe(&self) -> String {
        let ends = format!(
            "The file names no sessions: after {} without an event of the same user another one begins.",
            seconds(self.after_s.0)
        );
        let says = match &self.suggestion {
            None => "The gaps do not part into two kinds, and suggest nothing else.".to_string(),
            Some(found) => format!(
                "The gaps are of two kinds, within a visit (median {}) and between two ({}, {} of all); a gap of {} is as \
                 likely of the one as of the other.",
                seconds(found.within_median_s.0),
                seconds(found.between_median_s.0),
                percent(found.between_share.0),
                seconds(found.after_s.0)
            ),
        };
        format!("{ends} {says}")
    }
}
