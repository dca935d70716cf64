//! How everything was counted, and by which settings.

use maud::{Markup, html};

use super::findings::looked_at;
use super::table::{Cell, Table, text};
use crate::findings::wording::{list, number};
use crate::report::document::Document;
use crate::settings::{FunnelStep, Matcher};

pub fn method(document: &Document) -> Markup {
    let settings = &document.settings;
    let difference = settings.difference();
    html! {
        p.note { "Goal: " (document.goal.definition) }
        p.note { "A session is the events of one user and session id, in order of time, ties in order of the file. Shares carry "
            "Wilson 95\u{a0}% intervals. Pages are compared by Fisher’s exact test, or chi-squared where every expected count is at least 5; "
            "where users have more than 1.2 sessions on average also by a score test with users as clusters. Both are corrected "
            "for the number of pages by Benjamini and Hochberg, and the larger q decides." }
        p.note { "By chance: of simulated files of about as many sessions in which nothing is wrong, the share with a supported "
            "finding of the class all the same. Classes without inference only count." }
        p.note { "Fact: counted, no inference. Supported: a test says that chance alone would hardly give it, corrected for all tests of "
            "its family. Lead: worth a look, but chance could give it. Not testable: too few observations." }
        (classes(document))
        (steps(document))
        h3 { "Settings" }
        @if difference.is_empty() { p.note { "All settings are the defaults." } }
        @else { p.note { "What differs from the defaults:" } pre.mono { (difference) } }
        details { summary { "All settings" } pre.mono { (settings.to_json()) } }
    }
}

fn classes(document: &Document) -> Markup {
    html! {
        h3 { "What was looked for" }
        dl.rows { @for class in &document.classes { div {
            dt { (class.name) }
            dd {
                p { (class.definition) }
                p { "What counts: " (class.threshold) }
                p.soft { "Looked at: " (looked_at(class)) ". Findings: " (number(document.findings_of(class.class).count() as u64)) ". By chance: " (class.by_chance()) "." }
            }
        } } }
    }
}

fn steps(document: &Document) -> Markup {
    let row = |step: &FunnelStep| {
        let any: Vec<String> = step.any_of.iter().map(rule).collect();
        vec![Cell::text(&step.name), Cell::text(&any.join(", or "))]
    };
    Table {
        label: "Steps of the funnel",
        caption: html! { "The steps of the funnel, in this order" },
        columns: &[text("Step"), text("An event with")],
        rows: document.funnel.rules.iter().map(row).collect(),
    }
    .markup()
}

fn rule(matcher: &Matcher) -> String {
    let mut parts = Vec::new();
    parts.extend(matcher.text.as_ref().map(|text| format!("the text “{text}”")));
    parts.extend(matcher.css.as_ref().map(|css| format!("the element {css}")));
    parts.extend(matcher.page.as_ref().map(|page| format!("the page {page}")));
    list(&parts)
}
