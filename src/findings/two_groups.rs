//! A share of two groups side by side, in words.

use crate::findings::wording::{fixed, number, percent};
use crate::stats::two_by_two::TwoByTwo;

/// `5 of 9 (56 %) after an error, 8 of 16 (50 %) without`.
pub fn compared_in_words(table: &TwoByTwo) -> [String; 2] {
    let share =
        |hits: u64, n: u64| format!("{} of {} ({})", number(hits), number(n), percent(hits as f64 / n.max(1) as f64));
    [share(table.hits, table.n), share(table.other_hits, table.other_n)]
}

/// `6 percentage points more, 95 % interval −31 to 39`.
pub fn difference_in_words(table: &TwoByTwo) -> String {
    let Some(difference) = table.difference() else { return String::new() };
    let points = |share: f64| fixed(share * 100.0, 0);
    let (value, word) = match difference.value < 0.0 {
        true => (-difference.value, "fewer"),
        false => (difference.value, "more"),
    };
    format!(
        "{} percentage points {word}, 95\u{a0}% interval {} to {}",
        points(value),
        points(difference.low),
        points(difference.high)
    )
}

/// `+6 points [−31 to 39]`.
pub fn points(table: &TwoByTwo) -> String {
    let Some(difference) = table.difference() else { return String::new() };
    let points = |share: f64| fixed(share * 100.0, 0);
    let sign = if difference.value < 0.0 { "" } else { "+" };
    format!("{sign}{} points [{} to {}]", points(difference.value), points(difference.low), points(difference.high))
}
