//! Two parts of the file side by side.

use maud::{Markup, html};

use super::table::{Cell, Column, Table, numbers, text};
use crate::findings::wording::{count, number, probability};
use crate::report::comparison::Change;
use crate::report::document::Document;

const BY_TIME: &[Column] =
    &[text("Sessions that"), numbers("Before"), numbers("Since"), numbers("Difference"), numbers("q")];
const BY_EVENT: &[Column] =
    &[text("Sessions that"), numbers("Without"), numbers("With"), numbers("Difference"), numbers("q")];

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
        p { (fewer) " " (without) "; " (more) " " (with) "." }
        p.note { (number(found.tested)) " shares were compared; q is corrected for all of them. The most surprising first." }
        (Table {
            label: "What changed",
            caption: html! { "Shares of the sessions of each part; in brackets the difference’s 95\u{a0}% interval" },
            columns: if without.starts_with("before") { BY_TIME } else { BY_EVENT },
            rows: found.changes.iter().map(row).collect(),
        }.markup())
    }
}
