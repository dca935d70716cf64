//! Numbers and lists in sentences.

use std::collections::BTreeMap;

use crate::ingest::RejectReason;
use crate::ingest::event::unturned;
use crate::order::sort_by;
use crate::settings::Mapping;
use crate::stats::Rate;

/// A whole number with its thousands set apart: `1,234,567`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 session`, `12 sessions`. The plural is the singular with an s.
pub fn count(n: u64, singular: &str) -> String {
    format!("{} {singular}{}", number(n), if n == 1 { "" } else { "s" })
}

/// So many of what a plural names: `1 session` of `sessions`, `2 stretches of time`.
pub fn of_unit(n: u64, unit: &str) -> String {
    let singular = match unit {
        "stretches of time" => "stretch of time",
        _ => unit.strip_suffix('s').unwrap_or(unit),
    };
    format!("{} {}", number(n), if n == 1 { singular } else { unit })
}

/// A name from outside, such as a session's id or a file's name, as it stands between other words. The name itself is
/// kept as it is wherever it tells one from another.
pub fn shown(name: &str) -> String {
    unturned(name)
}

/// `Line 1,234`, or `Line 1,234 of b.jsonl` where there are several files.
pub fn place(file: Option<&str>, line: u64) -> String {
    let file = file.map_or(String::new(), |file| format!(" of {}", shown(file)));
    format!("Line {}{file}", number(line))
}

/// `1 session was`, `12 sessions were`.
pub fn count_were(n: u64, singular: &str) -> String {
    format!("{} {}", count(n, singular), if n == 1 { "was" } else { "were" })
}

/// A share of 1 in whole percent, with one digit more below ten, and with two below a tenth.
pub fn percent(share: f64) -> String {
    format!("{}\u{a0}%", percent_number(share * 100.0))
}

fn percent_number(percent: f64) -> String {
    if percent > 0.0 && percent < 0.005 {
        return "< 0.01".into();
    }
    match percent {
        0.095..9.95 => fixed(percent, 1),
        0.0..0.095 => fixed(percent, 2),
        _ => fixed(percent, 0),
    }
}

/// So many digits after the point, without zeros at the end.
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    match text.strip_prefix('-') {
        Some("0") => "0".into(),
        Some(positive) => format!("\u{2212}{positive}"),
        None => text.into(),
    }
}

/// `40 % (95 % interval 25 to 58)`.
pub fn rate(rate: &Rate) -> String {
    format!("{} (95\u{a0}% interval {})", percent(rate.value.0), interval(rate))
}

/// `25 to 58`, in percent; of a small rate with as many digits as the rate has.
pub fn interval(rate: &Rate) -> String {
    let small = rate.value.0 < 0.0995;
    let bound = |share: f64| if small { percent_number(share * 100.0) } else { fixed(share * 100.0, 0) };
    // In one piece where it stands in a narrow column.
    format!("{}\u{a0}to\u{a0}{}", bound(rate.low.0), bound(rate.high.0))
}

/// A p or q value: two significant digits, never 0.
pub fn probability(p: f64) -> String {
    if p < 0.0001 {
        "< 0.0001".into()
    } else if p < 0.1 {
        let digits = (1.0 - libm::floor(libm::log10(p))) as usize;
        format!("{p:.digits$}")
    } else {
        format!("{p:.2}")
    }
}

/// A span of time: `9 s`, `3 min 20 s`, `2 h 5 min`.
pub fn seconds(s: f64) -> String {
    let whole = libm::round(s) as u64;
    match whole {
        0 if s > 0.0 && s < 0.05 => format!("{}\u{a0}s", if s < 0.005 { "< 0.01".into() } else { fixed(s, 2) }),
        0..60 if s < 10.0 && libm::fabs(s - libm::round(s)) > 0.05 => format!("{s:.1}\u{a0}s"),
        0..60 => format!("{whole}\u{a0}s"),
        60..3600 => join_nonzero(whole / 60, "min", whole % 60, "s"),
        3600..86400 => join_nonzero(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => join_nonzero(whole / 86400, "d", whole % 86400 / 3600, "h"),
    }
}

/// A stretch between two times, in milliseconds: `below 1 s`, `2 to 5 s`, `45 s to 1 min`, `1 min and more`.
pub fn span(from_ms: u64, to_ms: Option<u64>) -> String {
    let text = |ms: u64| seconds(ms as f64 / 1e3);
    let from = text(from_ms);
    match to_ms.map(text) {
        None => format!("{from} and more"),
        Some(to) if from_ms == 0 => format!("below {to}"),
        // One unit is enough where both have the same.
        Some(to) => match (from.split_once('\u{a0}'), to.split_once('\u{a0}')) {
            (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {to}"),
            _ => format!("{from} to {to}"),
        },
    }
}

fn join_nonzero(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}\u{a0}{large_unit}")
    } else {
        format!("{large}\u{a0}{large_unit} {small}\u{a0}{small_unit}")
    }
}

/// `a, b and c`.
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Reasons with their counts, the most frequent first: `12: not valid JSON; 3: a remark`.
pub fn reasons_in_words(reasons: &BTreeMap<RejectReason, u64>, mapping: &Mapping) -> String {
    let mut sorted: Vec<_> = reasons.iter().collect();
    sort_by(&mut sorted, |a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let words: Vec<String> =
        sorted.iter().map(|(reason, n)| format!("{}: {}", number(**n), reason.describe(mapping))).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1234567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((count(1, "session"), count(2, "session")), ("1 session".into(), "2 sessions".into()));
        assert_eq!(
            [0.4, 0.043, 0.05, 0.0, 1.0, 0.001, 0.0003, 0.00001].map(|share| percent(share).replace('\u{a0}', " ")),
            ["40 %", "4.3 %", "5 %", "0 %", "100 %", "0.1 %", "0.03 %", "< 0.01 %"]
        );
        assert_eq!([61.0, 17.04, -2.5, -0.01].map(|value| fixed(value, 1)), ["61", "17", "−2.5", "0"]);
        let between = |hits, n| interval(&crate::stats::wilson(hits, n).unwrap());
        assert_eq!((between(12, 30), between(1, 1_000)), ("25\u{a0}to\u{a0}58".into(), "0.02\u{a0}to\u{a0}0.6".into()));
        assert_eq!([0.00001, 0.0012, 0.047, 0.24].map(probability), ["< 0.0001", "0.0012", "0.047", "0.24"]);
        let spans = [4.9, 35.0, 61.0, 3600.0, 3660.0, 90000.0].map(|s| seconds(s).replace('\u{a0}', " "));
        assert_eq!(spans, ["4.9 s", "35 s", "1 min 1 s", "1 h", "1 h 1 min", "1 d 1 h"]);
        let spans = [(0, Some(1_000)), (2_000, Some(5_000)), (45_000, Some(60_000)), (3_600_000, None)];
        let spans = spans.map(|(from, to)| span(from, to).replace('\u{a0}', " "));
        assert_eq!(spans, ["below 1 s", "2 to 5 s", "45 s to 1 min", "1 h and more"]);
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
