//! Which ways sessions take, where they begin and end, and the pages and products on the way.

use maud::{Markup, html};

use super::LISTED_ROWS;
use super::table::{Cell, Column, Table, first_of, numbers, text};
use crate::analysis::flow_steps::MAX_STEPS;
use crate::charts::sankey::sankey;
use crate::findings::wording::{count, number};
use crate::report::document::{Document, FlowInfo, PageInfo, PageSessions};
use crate::report::typed::{TypedRow, TypedWhat};
use crate::settings::ExitsOf;
use crate::stats::wilson;

/// Flows that the report lists at most.
const LISTED_FLOWS: usize = 50;

pub fn flows(document: &Document) -> Markup {
    let listed = document.flows.len().min(LISTED_FLOWS);
    let longest = document.flows.iter().map(|flow| flow.sessions).max().unwrap_or(0);
    let row = |flow: &FlowInfo| {
        vec![
            Cell::of(html! { b { (flow.name) } br; (flow.title) }),
            Cell::count(flow.sessions),
            Cell::share(flow.sessions, document.totals.sessions, longest),
            Cell::count(flow.converted),
            Cell::rate(wilson(flow.converted, flow.sessions).as_ref()),
        ]
    };
    html! {
        (steps(document))
        div.variants { (Table {
            label: "Variants",
            caption: html! {
                "Exact flows, repeated pages collapsed: the " (number(listed as u64)) " most frequent of " (count(document.flow_count, "flow"))
            },
            columns: &[text("Flow"), numbers("Sessions"), numbers("Share"), numbers("Reached the goal"), numbers("Rate [95\u{a0}%]")],
            rows: document.flows[..listed].iter().map(row).collect(),
        }.markup()) }
        (typed(document))
    }
}

/// What was typed, by element, and what came of it.
fn typed(document: &Document) -> Markup {
    let row = |row: &TypedRow| {
        let counts = [row.times, row.no_result, row.last, row.sessions, row.converted].map(Cell::count);
        let what = if row.what == TypedWhat::All { "all".into() } else { row.describe() };
        [Cell::of(html! { code { (row.css) } }), Cell::text(&what)].into_iter().chain(counts).collect()
    };
    Table {
        label: "What was typed",
        caption: html! { "What was typed, by element: values of several sessions that do not look personal" },
        columns: &[
            text("Element"),
            text("Typed"),
            numbers("Times"),
            numbers("Nothing found"),
            numbers("Last event"),
            numbers("Sessions"),
            numbers("Reached the goal"),
        ],
        rows: document.typed.iter().map(row).collect(),
    }
    .markup()
}

/// The diagram, and the same numbers as a table.
fn steps(document: &Document) -> Markup {
    let flow = &document.flow_steps;
    if flow.steps.is_empty() {
        return html! {};
    }
    let rows = flow.links.iter().map(|link| {
        vec![
            Cell::text(link.from.label()),
            Cell::text(link.to.label()),
            Cell::count(u64::from(link.step) + 1),
            Cell::count(link.sessions),
        ]
    });
    let table = Table {
        label: "Flows step by step",
        caption: html! { "From each place of a step to those of the next" },
        columns: &[text("From"), text("To"), numbers("Step"), numbers("Sessions")],
        rows: rows.collect(),
    };
    html! {
        figure {
            div.table tabindex="0" role="region" aria-label="Flow diagram" { (sankey(flow)) }
            figcaption.note {
                "Each column is one step of a flow; a session that ends is shown once more, in the column behind its last page, as "
                "“Goal reached” or “Drop-off”. The columns add up."
                @if flow.steps.len() == MAX_STEPS { " Steps after the first " (number(MAX_STEPS as u64)) " are not drawn." }
            }
        }
        @if !table.rows.is_empty() { details { summary { "The same as a table" } (table.markup()) } }
    }
}

pub fn ends(document: &Document) -> Markup {
    let exits = match document.exits_of {
        ExitsOf::AllSessions => "Last pages of all sessions",
        ExitsOf::AbandonedSessions => "Last pages of sessions that did not reach the goal",
    };
    let elements = &document.abandonment.last_elements;
    let listed = elements.len().min(LISTED_ROWS);
    let rows = elements[..listed].iter().map(|element| {
        vec![
            Cell::of(html! { @if element.css.is_empty() { span.soft { "none" } } @else { code { (element.css) } } }),
            Cell::text(&element.text),
            Cell::count(element.sessions),
        ]
    });
    html! {
        div.columns {
            (page_sessions("First pages", &[text("Page"), numbers("Sessions")], &document.entries, document.list_lengths.entries))
            (page_sessions(exits, &[text("Page"), numbers("Sessions")], &document.exits, document.list_lengths.exits))
        }
        (Table {
            label: "Last elements",
            caption: html! { "Last elements of all sessions" },
            columns: &[text("Element"), text("Text"), numbers("Sessions")],
            rows: rows.collect(),
        }.markup())
    }
}

fn page_sessions(label: &str, columns: &[Column], pages: &[PageSessions], all: u64) -> Markup {
    let listed = pages.len().min(LISTED_ROWS);
    Table {
        label,
        caption: html! { (label) (first_of(listed, all)) },
        columns,
        rows: pages[..listed].iter().map(|page| vec![Cell::text(&page.page), Cell::count(page.sessions)]).collect(),
    }
    .markup()
}

pub fn pages(document: &Document) -> Markup {
    let listed = document.pages.len().min(LISTED_ROWS);
    let row = |page: &PageInfo| {
        vec![
            Cell::text(&page.page),
            Cell::count(page.sessions),
            Cell::count(page.events),
            Cell::seconds(page.dwell_median_s),
            Cell::seconds(page.dwell_mean_s),
            Cell::count(page.error_sessions),
            Cell::rate(page.error_rate.as_ref()),
        ]
    };
    Table {
        label: "Pages by sessions",
        caption: html! {
            "Pages by sessions" (first_of(listed, document.list_lengths.pages))
            ". Dwell is the time from an event on the page to the next event of the session."
        },
        columns: &[
            text("Page"),
            numbers("Sessions"),
            numbers("Events"),
            numbers("Median dwell"),
            numbers("Mean dwell"),
            numbers("With an error"),
            numbers("Rate [95\u{a0}%]"),
        ],
        rows: document.pages[..listed].iter().map(row).collect(),
    }
    .markup()
}

pub fn products(document: &Document) -> Markup {
    let columns = &[text("Product"), numbers("Sessions")];
    page_sessions("Products by sessions", columns, &document.products, document.list_lengths.products)
}
