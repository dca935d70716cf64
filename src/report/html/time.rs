//! Events over time, and how long sessions and the gaps in them are.

use maud::{Markup, html};

use super::table::{Cell, Column, Table, numbers, text};
use crate::analysis::histogram::HistogramBin;
use crate::charts::bars;
use crate::findings::when;
use crate::findings::wording::{number, seconds, span};
use crate::report::document::{Document, TimelineBin};

pub fn time(document: &Document) -> Markup {
    if document.timeline.bins.is_empty() {
        return html! {};
    }
    html! {
        h3 { "Events over time" }
        (timeline(document))
        div.columns {
            div {
                h3 { "From first to last event" }
                (histogram("Durations", "Sessions by the time from their first to their last event", DURATIONS, &document.durations))
            }
            div {
                h3 { "From one event to the next" }
                (histogram("Gaps", "Gaps between neighbouring events of a session", GAPS, &document.gaps))
            }
        }
        @if let Some(inactivity) = &document.inactivity {
            h3 { "Where sessions end" }
            p { (inactivity.describe()) }
            (histogram("Gaps of users", "Gaps between neighbouring events of a user, across sessions", GAPS, &inactivity.gaps))
        }
    }
}

const DURATIONS: &[Column] = &[text("Time"), numbers("Sessions"), numbers("Share")];
const GAPS: &[Column] = &[text("Time"), numbers("Gaps"), numbers("Share")];

fn timeline(document: &Document) -> Markup {
    let row = |bin: &TimelineBin| {
        vec![
            Cell::text(&when::exact(&bin.from)).sorted_by(bin.from_us as f64 / 1e6),
            Cell::count(bin.events),
            Cell::count(bin.error_events),
            Cell::count(bin.sessions),
            Cell::count(bin.converted),
        ]
    };
    let width = seconds(document.timeline.width_s.0);
    html! {
        figure {
            div.table tabindex="0" role="region" aria-label="Events over time" { (bars::timeline(&document.timeline)) }
            figcaption.note {
                "A bar is " (width) "; the highest has its number."
                @if document.timeline.bins.iter().any(|bin| bin.error_events > 0) { " Errors hang below the line, on a scale of their own." }
            }
        }
        details {
            summary { "The same as a table" }
            (Table {
                label: "Events over time, as a table",
                caption: html! { "In stretches of " (width) "; a session counts where it begins" },
                columns: &[text("From"), numbers("Events"), numbers("Errors"), numbers("Sessions"), numbers("Reached the goal")],
                rows: document.timeline.bins.iter().map(row).collect(),
            }.markup())
        }
    }
}

fn histogram(label: &str, caption: &str, columns: &[Column], bins: &[HistogramBin]) -> Markup {
    let all: u64 = bins.iter().map(|bin| bin.count).sum();
    let longest = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    let row = |bin: &HistogramBin| {
        let name = Cell::text(&span(bin.from_ms, bin.to_ms)).sorted_by(bin.from_ms as f64);
        vec![name, Cell::count(bin.count), Cell::share(bin.count, all, longest)]
    };
    html! {
        @if bins.is_empty() { p.note { "There are none." } }
        (Table { label, caption: html! { (caption) ", " (number(all)) }, columns, rows: bins.iter().map(row).collect() }.markup())
    }
}
