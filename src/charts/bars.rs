//! Bars for the report: one in a table's cell, and events over time.

use maud::{Markup, html};

use crate::charts::svg::px;
use crate::findings::when;
use crate::findings::wording::{count, number, seconds};
use crate::report::document::{TimelineBin, TimelineInfo};

const WIDTH: f64 = 940.0;
const UP: f64 = 120.0;
const DOWN: f64 = 40.0;
/// Above the highest bar, for its number; and at the right of the bars, for what they are.
const HEAD: f64 = 22.0;
const SIDE: f64 = 64.0;
/// Times that are written below the bars at most.
const TIMES: usize = 6;

/// A bar as long as `n` of `all`, with what is `missing` behind it. It stands beside its number, and says nothing more.
pub fn bar(n: u64, missing: u64, all: u64) -> Markup {
    let long = |n: u64| 100.0 * n as f64 / all.max(1) as f64;
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            @if n > 0 { rect width=(px(long(n).max(0.4))) height="10" class="reached" {} }
            @if missing > 0 { rect x=(px(long(n))) width=(px(long(missing))) height="10" class="lost" {} }
        }
    }
}

/// Events over time upwards, and those of them that are errors downwards.
pub fn timeline(timeline: &TimelineInfo) -> Markup {
    let bins = &timeline.bins;
    let highest = |of: fn(&TimelineBin) -> u64| {
        // The first of the highest.
        let index = (0..bins.len()).rev().max_by_key(|index| of(&bins[*index]));
        index.map_or((0, 0), |index| (index, of(&bins[index])))
    };
    let ((most_at, most), (worst_at, worst)) = (highest(|bin| bin.events), highest(|bin| bin.error_events));
    let wide = (WIDTH - SIDE) / bins.len().max(1) as f64;
    let thick = px((wide - 2.0).clamp(1.0, 60.0));
    let (base, down) = (HEAD + UP, if worst > 0 { DOWN } else { 0.0 });
    let high = |n: u64, of: u64, room: f64| (n as f64 / of.max(1) as f64 * room).max(1.0);
    // Errors have a scale of their own where they would not be seen; their number stands beside them.
    let low = |n: u64| high(n, worst, DOWN - 16.0);
    let below = base + down + 18.0;
    let every = bins.len().div_ceil(TIMES).max(1);
    let times = when::short(&bins.iter().map(|bin| bin.from.as_str()).collect::<Vec<_>>(), timeline.width_s.0);
    let label = format!(
        "Events in stretches of {}: at most {}, and at most {}. The table below has the same numbers.",
        seconds(timeline.width_s.0),
        count(most, "event"),
        count(worst, "error")
    );
    let shown = |index: usize| index.is_multiple_of(every) && (index == 0 || index + every / 2 < bins.len());
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", px(below + 6.0))) role="img" aria-label=(label) class="chart timeline" {
            @for (index, bin) in bins.iter().enumerate() {
                @let x = px(wide * index as f64);
                @if bin.events > 0 {
                    @let tall = high(bin.events, most, UP);
                    rect x=(x) y=(px(base - tall)) width=(thick) height=(px(tall)) class="reached" {
                        title { (when::exact(&bin.from)) ": " (count(bin.events, "event")) }
                    }
                }
                @if bin.error_events > 0 {
                    rect x=(x) y=(px(base + 3.0)) width=(thick) height=(px(low(bin.error_events))) class="error" {
                        title { (when::exact(&bin.from)) ": " (count(bin.error_events, "error")) }
                    }
                }
                @if shown(index) { text x=(x) y=(px(below)) class="note" { (times[index]) } }
            }
            line x1="0" x2=(px(WIDTH - SIDE)) y1=(px(base + 1.5)) y2=(px(base + 1.5)) class="axis" {}
            @let anchor = |at: usize| if wide * at as f64 > WIDTH - 2.0 * SIDE { "end" } else { "start" };
            @let place = |at: usize| px(wide * at as f64 + if anchor(at) == "end" { wide - 2.0 } else { 0.0 });
            text x=(place(most_at)) y=(px(HEAD - 7.0)) text-anchor=(anchor(most_at)) class="name" { (number(most)) }
            text x=(px(WIDTH)) y=(px(base - 6.0)) text-anchor="end" class="note" { "events" }
            @if worst > 0 {
                text x=(place(worst_at)) y=(px(base + DOWN - 1.0)) text-anchor=(anchor(worst_at)) class="name" { (number(worst)) }
                text x=(px(WIDTH)) y=(px(base + 18.0)) text-anchor="end" class="note" { "errors" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Rounded;

    fn bin(from: &str, events: u64, error_events: u64) -> TimelineBin {
        TimelineBin {
            from: from.into(),
            from_us: 0,
            to_us: 300_000_000,
            events,
            error_events,
            sessions: 0,
            converted: 0,
        }
    }

    #[test]
    fn the_highest_bars_have_their_numbers() {
        let bins = vec![bin("2025-02-06T09:00:00", 5, 0), bin("2025-02-06T09:05:00", 1234, 7)];
        let svg = timeline(&TimelineInfo { width_s: Rounded(300.0), bins }).into_string();
        for part in [">1,234<", ">7<", ">09:00<", ">09:05<", "6\u{a0}Feb\u{a0}2025,\u{a0}09:05: 1,234 events"] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert!(!timeline(&TimelineInfo { width_s: Rounded(0.0), bins: Vec::new() }).into_string().contains("NaN"));
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let svg = bar(1, 3, 8).into_string();
        assert!(svg.contains(r#"width="12.5""#) && svg.contains(r#"width="37.5""#), "{svg}");
        assert!(!bar(0, 0, 0).into_string().contains("rect"));
    }
}
