//! The report's tables: one place that decides how they are marked up.
//!
//! The first cell of a row is its header. A script lets the columns be sorted; it reads numbers from `data-value`, so
//! that no text has to be taken apart.

use maud::{Markup, html};

use crate::charts::bars;
use crate::findings::wording::{interval, number, percent, seconds};
use crate::stats::{Rate, Rounded, round9};

/// Tables with more columns may be wider than a phone, and scroll.
const NARROW: usize = 2;

/// A column's header, and whether it holds numbers.
pub struct Column(&'static str, bool);

pub const fn text(name: &'static str) -> Column {
    Column(name, false)
}

pub const fn numbers(name: &'static str) -> Column {
    Column(name, true)
}

/// One cell: what it shows, and the number it is sorted by.
pub struct Cell {
    shown: Markup,
    value: Option<String>,
}

impl Cell {
    pub fn text(text: &str) -> Cell {
        Cell::of(html! { (text) })
    }

    pub fn of(shown: Markup) -> Cell {
        Cell { shown, value: None }
    }

    /// Nothing to say.
    pub fn empty() -> Cell {
        Cell::of(html! {})
    }

    pub fn count(n: u64) -> Cell {
        Cell::text(&number(n)).sorted_by(n as f64)
    }

    /// How many, and what share of all that is, as a bar.
    pub fn share(n: u64, all: u64, longest: u64) -> Cell {
        let share = n as f64 / all.max(1) as f64;
        Cell::of(html! { (bars::bar(n, 0, longest)) span { (percent(share)) } }).sorted_by(n as f64)
    }

    pub fn seconds(s: Option<Rounded>) -> Cell {
        s.map_or(Cell::empty(), |s| Cell::text(&seconds(s.0)).sorted_by(s.0))
    }

    /// A rate with its interval.
    pub fn rate(rate: Option<&Rate>) -> Cell {
        rate.map_or(Cell::empty(), |rate| {
            Cell::text(&format!("{} [{}]", percent(rate.value.0), interval(rate))).sorted_by(rate.value.0)
        })
    }

    pub fn sorted_by(self, value: f64) -> Cell {
        Cell { value: Some(round9(value).to_string()), ..self }
    }
}

/// A table with a caption. Only what has rows is written.
pub struct Table<'a> {
    /// What it is called where its caption cannot be seen.
    pub label: &'a str,
    pub caption: Markup,
    pub columns: &'a [Column],
    pub rows: Vec<Vec<Cell>>,
}

impl Table<'_> {
    pub fn markup(&self) -> Markup {
        if self.rows.is_empty() {
            return html! {};
        }
        match self.columns.len() > NARROW {
            // What scrolls can be reached by keyboard.
            true => html! { div.table tabindex="0" role="region" aria-label=(self.label) { (self.bare()) } },
            false => {
                html! { div.table.narrow[self.columns.iter().any(|Column(_, numeric)| *numeric)] { (self.bare()) } }
            }
        }
    }

    fn bare(&self) -> Markup {
        let class = |numeric: bool| numeric.then_some("number");
        html! {
            table.sortable[self.rows.len() > 1] {
                caption { (self.caption) }
                thead { tr { @for Column(name, numeric) in self.columns { th scope="col" class=[class(*numeric)] { (name) } } } }
                tbody { @for row in &self.rows { tr {
                    @for (index, (cell, Column(_, numeric))) in row.iter().zip(self.columns).enumerate() {
                        @if cell.shown.0.is_empty() { td.empty {} }
                        @else if index == 0 { th scope="row" data-value=[&cell.value] { (cell.shown) } }
                        @else { td class=[class(*numeric)] data-value=[&cell.value] { (cell.shown) } }
                    }
                } } }
            }
        }
    }
}

/// `, the first 50 of 1,234`, if not all are listed.
pub fn first_of(listed: usize, all: u64) -> String {
    match (listed as u64) < all {
        true => format!(", the first {} of {}", number(listed as u64), number(all)),
        false => String::new(),
    }
}
