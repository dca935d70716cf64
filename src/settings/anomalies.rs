//! Thresholds of the classes of anomaly that judge sessions by time and behaviour.

use serde::{Deserialize, Serialize};

use super::group::group;
use crate::tagged::tagged;

/// Class 1, long pauses inside a session.
#[derive(Clone, Debug, PartialEq)]
pub struct LongGapSettings {
    /// A gap of more than this many seconds is a pause ...
    pub min_gap_s: f64,
    /// ... and one of more than this many probably parts two visits.
    pub two_visits_gap_s: f64,
    /// After a gap of more than this many seconds a session is split, and what follows is another one; 0: never.
    pub split_after_s: f64,
    /// Compare gaps with others on the same page, and pages with each other.
    pub by_page: bool,
    /// Pages with fewer gaps are not compared.
    pub min_page_gaps: u64,
    /// People stall on a page only if a gap there is longer than one elsewhere in this share of pairs: 0.5 is no
    /// difference, 0.64 a medium one (Vargha and Delaney 2000).
    pub min_longer_share: f64,
    /// The level of the Benjamini-Hochberg correction over pages.
    pub false_discovery_rate: f64,
    /// Of fewer users nothing about a page's gaps is supported, since gaps of one user are not independent.
    pub min_users: u64,
}

group!(LongGapSettings: min_gap_s, two_visits_gap_s, split_after_s, by_page, min_page_gaps, min_longer_share, false_discovery_rate, min_users);

impl Default for LongGapSettings {
    fn default() -> Self {
        LongGapSettings {
            min_gap_s: 300.0,
            two_visits_gap_s: 1800.0,
            split_after_s: 0.0,
            by_page: true,
            min_page_gaps: 20,
            min_longer_share: 0.64,
            false_discovery_rate: 0.10,
            min_users: 10,
        }
    }
}

impl LongGapSettings {
    /// The longest gap within a session, in microseconds, if sessions are split.
    pub fn split_after_us(&self) -> Option<u64> {
        (self.split_after_s > 0.0).then_some((self.split_after_s * 1e6) as u64)
    }
}

/// Class 2, sessions that are unusually short or long.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionDurationSettings {
    /// A session that touches the first or last so many minutes of the file may be cut ...
    pub edge_minutes: f64,
    /// ... which is said of files that span more than this many hours.
    pub min_span_hours: f64,
}

group!(SessionDurationSettings: edge_minutes, min_span_hours);

impl Default for SessionDurationSettings {
    fn default() -> Self {
        SessionDurationSettings { edge_minutes: 30.0, min_span_hours: 2.0 }
    }
}

/// What makes a session's activity high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum HighActivityRule {
    /// The logarithms of its events, or of its events a minute, are outliers by the median.
    MedianDeviations,
    /// More events than the mean and so many standard deviations.
    MeanDeviations { deviations: f64 },
}

tagged!(HighActivityRule, "than");

/// Class 4, sessions with unusually many events.
#[derive(Clone, Debug, PartialEq)]
pub struct HighActivitySettings {
    pub rule: HighActivityRule,
    /// Sessions with fewer events have no rate of events a minute.
    pub min_rate_events: u64,
    /// Of a gap at most this many seconds count as active time.
    pub max_active_gap_s: f64,
    /// A machine may have so many events ...
    pub machine_events: u64,
    /// ... with a median gap of less than so many seconds ...
    pub machine_gap_s: f64,
    /// ... or at least so many gaps ...
    pub machine_gaps: u64,
    /// ... whose standard deviation is below this share of their mean ...
    pub machine_variation: f64,
    /// ... or so many events within a second ...
    pub machine_burst_events: u64,
    /// ... on at least so many elements ...
    pub machine_burst_elements: u64,
    /// ... or more than so many hours ...
    pub machine_hours: f64,
    /// ... without a pause of so many minutes.
    pub machine_pause_minutes: f64,
    /// High activity looks like frustration if this share of the events is on elements used before ...
    pub frustration_repeated_share: f64,
    /// ... or with so many errors and events on elements with the words below ...
    pub frustration_failures: u64,
    /// ... on at most so many pages.
    pub frustration_max_pages: u64,
    /// Words in an element's selector or text that mean "try what failed again".
    pub retry_words: Vec<String>,
}

group!(HighActivitySettings: rule, min_rate_events, max_active_gap_s, machine_events, machine_gap_s, machine_gaps, machine_variation, machine_burst_events, machine_burst_elements, machine_hours, machine_pause_minutes, frustration_repeated_share, frustration_failures, frustration_max_pages, retry_words);

impl Default for HighActivitySettings {
    fn default() -> Self {
        HighActivitySettings {
            rule: HighActivityRule::MedianDeviations,
            min_rate_events: 5,
            max_active_gap_s: 60.0,
            machine_events: 20,
            machine_gap_s: 0.5,
            machine_gaps: 15,
            machine_variation: 0.10,
            machine_burst_events: 5,
            machine_burst_elements: 3,
            machine_hours: 4.0,
            machine_pause_minutes: 10.0,
            frustration_repeated_share: 0.5,
            frustration_failures: 2,
            frustration_max_pages: 3,
            retry_words: super::words(&["retry", "try again", "reload", "erneut", "neu laden"]),
        }
    }
}

/// Class 5, paths that others hardly take.
#[derive(Clone, Debug, PartialEq)]
pub struct UnusualNavigationSettings {
    /// With fewer sessions paths are only ranked.
    pub min_sessions: u64,
    /// Weight of the prior of each page, in transitions.
    pub prior_weight: f64,
    /// The level of the Benjamini-Hochberg correction over sessions.
    pub false_discovery_rate: f64,
    /// Where no path is supported, this share of the sessions, those with the highest scores, are leads ...
    pub lead_share: f64,
    /// ... but no more than so many.
    pub max_leads: u64,
}

group!(UnusualNavigationSettings: min_sessions, prior_weight, false_discovery_rate, lead_share, max_leads);

impl Default for UnusualNavigationSettings {
    fn default() -> Self {
        UnusualNavigationSettings {
            min_sessions: 100,
            prior_weight: 1.0,
            false_discovery_rate: 0.10,
            lead_share: 0.05,
            max_leads: 5,
        }
    }
}
