//! Thresholds of the classes that look at what people did again, in vain, or out of order.

use super::group::group;

/// Class 6, the same element clicked again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct RageClickSettings {
    /// So many clicks in a row ...
    pub min_clicks: u64,
    /// ... each at most this many seconds after the one before, or two ticks of the file's clock if that is longer.
    pub max_gap_s: f64,
    /// Words in an element's selector or text that say it is meant to be used again and again.
    pub repeatable_words: Vec<String>,
}

group!(RageClickSettings: min_clicks, max_gap_s, repeatable_words);

impl Default for RageClickSettings {
    fn default() -> Self {
        RageClickSettings {
            min_clicks: 3,
            max_gap_s: 1.0,
            repeatable_words: super::words(&[
                "input",
                "textarea",
                "select",
                "search",
                "field",
                "plus",
                "minus",
                "stepper",
                "quantity",
                "next",
                "prev",
                "previous",
                "arrow",
                "pagination",
                "page",
                "carousel",
                "slider",
                "scroll",
                "more",
                "weiter",
                "zurück",
            ]),
        }
    }
}

/// Class 7, clicks that nothing follows on elements that something nearly always follows.
#[derive(Clone, Debug, PartialEq)]
pub struct UnansweredClickSettings {
    /// Elements with fewer clicks are not testable.
    pub min_clicks: u64,
    /// Another element or page follows at least this share of the clicks on the element.
    pub min_answered: f64,
    /// The level of the Benjamini-Hochberg correction over elements.
    pub false_discovery_rate: f64,
    /// An element with less than so many times the share of the others is not reported, however sure it is.
    pub min_relative_risk: f64,
    /// Words in a selector that say the element only tells something: it is not clicked.
    pub passive_words: Vec<String>,
}

group!(UnansweredClickSettings: min_clicks, min_answered, false_discovery_rate, min_relative_risk, passive_words);

impl Default for UnansweredClickSettings {
    fn default() -> Self {
        UnansweredClickSettings {
            min_clicks: 10,
            min_answered: 0.8,
            false_discovery_rate: 0.10,
            min_relative_risk: 1.5,
            passive_words: super::words(&[
                "spinner",
                "loading",
                "loader",
                "message",
                "toast",
                "notification",
                "banner",
            ]),
        }
    }
}

/// Class 8, people who come back from a page at once.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickBackSettings {
    /// They stay at most so many seconds ...
    pub max_dwell_s: f64,
    /// ... and no longer than this share of all stays on the page.
    pub dwell_quantile: f64,
}

group!(QuickBackSettings: max_dwell_s, dwell_quantile);

impl Default for QuickBackSettings {
    fn default() -> Self {
        QuickBackSettings { max_dwell_s: 10.0, dwell_quantile: 0.25 }
    }
}

/// Class 9, going round in circles.
#[derive(Clone, Debug, PartialEq)]
pub struct LoopSettings {
    /// The same pages in the same order so many times in a row ...
    pub min_rounds: u64,
    /// ... or the same page so often in one session, other pages between.
    pub min_visits: u64,
}

group!(LoopSettings: min_rounds, min_visits);

impl Default for LoopSettings {
    fn default() -> Self {
        LoopSettings { min_rounds: 2, min_visits: 3 }
    }
}

/// Class 10, trying again after an error.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryLoopSettings {
    /// What comes later than so many seconds after an error does not try again.
    pub max_gap_s: f64,
}

group!(RetryLoopSettings: max_gap_s);

impl Default for RetryLoopSettings {
    fn default() -> Self {
        RetryLoopSettings { max_gap_s: 60.0 }
    }
}

/// Class 11, steps that nearly everybody takes before another.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRuleSettings {
    /// A rule rests on at least so many sessions ...
    pub min_sessions: u64,
    /// ... and on this share of those that have the later of the two.
    pub min_support: f64,
    /// The earlier comes first in at least this share of them ...
    pub min_confidence: f64,
    /// ... whose 95 % interval begins no lower than this ...
    pub min_low: f64,
    /// ... or than this where at least a hundred sessions have the later of the two.
    pub min_low_large: f64,
    /// Rules that hold whatever the file says, as `/cart before /checkout` ...
    pub pinned: Vec<String>,
    /// ... and some that are none.
    pub left_out: Vec<String>,
}

group!(OrderRuleSettings: min_sessions, min_support, min_confidence, min_low, min_low_large, pinned, left_out);

impl Default for OrderRuleSettings {
    fn default() -> Self {
        OrderRuleSettings {
            min_sessions: 5,
            min_support: 0.05,
            min_confidence: 0.90,
            min_low: 0.70,
            min_low_large: 0.90,
            pinned: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// Class 12, an element on a page where it hardly ever is.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementOutOfPlaceSettings {
    /// Elements with fewer events are not looked at.
    pub min_events: u64,
    /// One page has at least this share of the element's events ...
    pub min_home: f64,
    /// ... and the other less than this.
    pub max_share: f64,
}

group!(ElementOutOfPlaceSettings: min_events, min_home, max_share);

impl Default for ElementOutOfPlaceSettings {
    fn default() -> Self {
        ElementOutOfPlaceSettings { min_events: 10, min_home: 0.7, max_share: 0.1 }
    }
}

/// Class 3c, stretches of time with more errors than others.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorSpikeSettings {
    /// Of fewer errors only the timeline is shown.
    pub min_errors: u64,
    /// The level of the Benjamini-Hochberg correction over stretches.
    pub false_discovery_rate: f64,
    /// A stretch with less than so many times the error rate of the others is not reported, however sure it is.
    pub min_relative_risk: f64,
}

group!(ErrorSpikeSettings: min_errors, false_discovery_rate, min_relative_risk);

impl Default for ErrorSpikeSettings {
    fn default() -> Self {
        ErrorSpikeSettings { min_errors: 20, false_discovery_rate: 0.10, min_relative_risk: 1.5 }
    }
}

/// Classes 17 and 18, what goes with stopping at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverSettings {
    /// What fewer sessions have, or all but so many, is not tested.
    pub min_sessions: u64,
    /// The level of the Benjamini-Hochberg correction over what is tested.
    pub false_discovery_rate: f64,
    /// The interval of the odds ratio must leave out everything from 1 over this to this.
    pub min_odds_ratio: f64,
    /// Of fewer users nothing is supported.
    pub min_users: u64,
}

group!(DriverSettings: min_sessions, false_discovery_rate, min_odds_ratio, min_users);

impl Default for DriverSettings {
    fn default() -> Self {
        DriverSettings { min_sessions: 3, false_discovery_rate: 0.10, min_odds_ratio: 1.25, min_users: 10 }
    }
}

/// Two parts of the file side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompareSettings {
    /// Sessions that begin at this time or later are compared with those before; or `half`. Empty: not.
    pub from: String,
    /// Where no time is given: sessions with an event on this page, selector or text are compared with the others. Empty:
    /// not.
    pub having: String,
}

group!(CompareSettings: from, having);

impl CompareSettings {
    /// The middle of the file's time.
    pub const HALF: &str = "half";
}
