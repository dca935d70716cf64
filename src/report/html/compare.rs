//! Two parts of the file side by side.

use maud::{Markup, html};

use super::table::{Cell, Table, numbers, text};
use crate::findings::wording::{count, number, probability};
use crate::report::comparison::Change;
use crate::report::document::Document;

pub fn compare(document: &Document) -> Markup {
    let Some(found) = &document.comparison else { return html! {} };
    let [without, with] = &found.names;
    let [fewer, more] = found.sessions.map(|n| count(n, "session"));
    let row = |change: &Change| {
        vec![
            Cell::of(
                html! { (change.what) @if let Some(strength) = change.strength { " " em.badge { (strength.word()) } } },
            ),
            Cell::text(&change.shares[0]).sorted_by(change.hits[0] as f64 / change.n[0].max(1) as f64),
            Cell::text(&change.shares[1]).sorted_by(change.hits[1] as f64 / change.n[1].max(1) as f64),
            Cell::text(&change.change).sorted_by(change.difference[0].0),
            Cell::text(&probability(change.q.0)).sorted_by(change.q.0),
        ]
    };
    html! {
        p { (fewer) " " (without) ", the others; " (more) " " (with) ", compared with them." }
        p.note { (number(found.tested)) " shares were compared; q is corrected for all of them. The most surprising first." }
        (Table {
            label: "What changed",
            caption: html! { "Of the sessions, those that …" },
            columns: &[text("Sessions that"), numbers("Others"), numbers("Compared"), text("Difference"), numbers("q")],
            rows: found.changes.iter().map(row).collect(),
        }.markup())
    }
}
