//! Pages, their error rates and last pages, and the quality of the file.

use serde::{Deserialize, Serialize};

use super::group::group;
use super::words;

/// Page statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct PageSettings {
    /// A gap of this many seconds or more is an absence, not dwell.
    pub dwell_max_gap_s: f64,
    /// Raw paths that start so are products. Empty: those that folding found to be items of a list.
    pub product_prefixes: Vec<String>,
}

group!(PageSettings: dwell_max_gap_s, product_prefixes);

impl Default for PageSettings {
    fn default() -> Self {
        PageSettings { dwell_max_gap_s: 1800.0, product_prefixes: Vec::new() }
    }
}

/// Class 3b, the error rate of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageErrorRateSettings {
    /// Pages with fewer (session, page) pairs are not tested.
    pub min_pairs: u64,
    /// The level of the Benjamini-Hochberg correction.
    pub false_discovery_rate: f64,
    /// A page counts only if its rate is this many times that of the other pages.
    pub min_relative_risk: f64,
    /// With more sessions a user than this, sessions of one user are not taken as independent ...
    pub max_independent_sessions: f64,
    /// ... and of fewer users no page is supported.
    pub min_users: u64,
}

group!(PageErrorRateSettings: min_pairs, false_discovery_rate, min_relative_risk, max_independent_sessions, min_users);

impl Default for PageErrorRateSettings {
    fn default() -> Self {
        PageErrorRateSettings {
            min_pairs: 5,
            false_discovery_rate: 0.10,
            min_relative_risk: 1.5,
            max_independent_sessions: 1.2,
            min_users: 10,
        }
    }
}

/// Whose last pages the list of exits counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitsOf {
    AllSessions,
    /// Only sessions that did not reach the goal.
    AbandonedSessions,
}

/// Class 16, data quality.
#[derive(Clone, Debug, PartialEq)]
pub struct QualitySettings {
    /// Session starts whose gaps vary less than this (standard deviation over mean) look scheduled.
    /// Random arrivals give 1.
    pub min_arrival_variation: f64,
    /// Sessions longer than this many hours are listed.
    pub max_session_hours: f64,
    /// Times are reported as coarse if more than this share of the neighbours in a session have the same time.
    pub max_equal_times: f64,
    /// What a field holds, letters in any case, where nothing was known. UUIDs of zeros count too.
    pub placeholders: Vec<String>,
    /// Ids of another form than most are reported if their share is below this: stray ids, not a second kind.
    pub max_stray_ids: f64,
    /// E-mail addresses and card numbers in paths, selectors and texts are shown as dots, and counted as one.
    pub mask_personal: bool,
    /// Sessions within this many minutes of the file's first or last event may be cut off by it.
    pub edge_minutes: f64,
    /// Such sessions are reported if they are at least this share of all.
    pub min_edge_share: f64,
    /// Words in the selector of an input element whose values are secret.
    pub secret_words: Vec<String>,
    /// Words in the selector of an input element whose values are personal, and not shown.
    pub personal_words: Vec<String>,
    /// A typed value is shown if at least so many sessions have it.
    pub min_typed_sessions: u64,
}

group!(QualitySettings: min_arrival_variation, max_session_hours, max_equal_times, placeholders, max_stray_ids, mask_personal, edge_minutes, min_edge_share, secret_words, personal_words, min_typed_sessions);

impl Default for QualitySettings {
    fn default() -> Self {
        QualitySettings {
            min_arrival_variation: 0.1,
            max_session_hours: 24.0,
            max_equal_times: 0.5,
            placeholders: words(&[
                "null",
                "(null)",
                "<null>",
                "nil",
                "none",
                "undefined",
                "nan",
                "n/a",
                "#n/a",
                "na",
                "-",
                "--",
                "?",
                "unknown",
                "(not set)",
                "not set",
                "anonymous",
                "guest",
                "test",
                "dummy",
                "todo",
                "[object object]",
                "unbekannt",
                "anonym",
            ]),
            max_stray_ids: 0.05,
            mask_personal: true,
            edge_minutes: 30.0,
            min_edge_share: 0.01,
            secret_words: words(&["password", "passwd", "passwort", "pin", "cvv", "cvc"]),
            personal_words: words(&[
                "name",
                "firstname",
                "lastname",
                "surname",
                "fullname",
                "username",
                "user",
                "login",
                "email",
                "mail",
                "phone",
                "tel",
                "telephone",
                "mobile",
                "fax",
                "address",
                "street",
                "city",
                "town",
                "zip",
                "postcode",
                "postal",
                "birth",
                "birthday",
                "birthdate",
                "dob",
                "iban",
                "bic",
                "account",
                "card",
                "ssn",
                "tax",
                "passport",
                "vorname",
                "nachname",
                "benutzer",
                "telefon",
                "handy",
                "adresse",
                "strasse",
                "straße",
                "plz",
                "ort",
                "stadt",
                "geburtsdatum",
                "konto",
                "kontonummer",
            ]),
            min_typed_sessions: 2,
        }
    }
}
