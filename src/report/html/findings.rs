//! What was found, what was not, and the evidence by class.

use maud::{Markup, html};

use super::sessions::Boards;
use super::table::{Cell, Table, first_of, text};
use crate::findings::summary::ClassSummary;
use crate::findings::wording::{count, interval, number, of_unit, percent, probability};
use crate::findings::{Case, Class, Finding, Strength};
use crate::report::document::Document;

/// Cases that a finding shows at once ...
const FIRST_CASES: usize = 3;
/// ... and that a class lists.
const CASES: usize = 20;

/// The ranked findings, each with what it rests on.
pub fn findings(document: &Document, boards: &Boards) -> Markup {
    html! {
        @if document.findings.is_empty() { p { "Nothing was found that would deserve a look." } }
        @for (index, finding) in document.findings.iter().enumerate() { (article(index, finding, boards)) }
    }
}

fn article(index: usize, finding: &Finding, boards: &Boards) -> Markup {
    let strength = if finding.strength == Strength::Supported { "strength supported" } else { "strength" };
    let severity = finding.severity.word();
    html! {
        article.finding id={ "finding-" (index + 1) } {
            div class={ "severity " (severity.to_lowercase()) } role="img" aria-label={ (severity) " severity" } {}
            div {
                h3 { (finding.title) }
                p { (finding.description) }
                p.next { (finding.next) }
                @if !finding.cases.is_empty() {
                    ul.cases { @for case in finding.cases.iter().take(FIRST_CASES) { li { (boards.link(&case.session, &case.user)) " " (case.detail) } } }
                }
                @if finding.session_count > finding.cases.len().min(FIRST_CASES) as u64 {
                    (boards.list(html! { (count(finding.session_count, "session")) }, &finding.sessions, &finding.users, finding.session_count))
                }
                details.print { summary { "How this is counted" } p.note { (finding.definition) @let aid = finding.reading_aid(); @if !aid.is_empty() { " " (aid) } } }
            }
            div.evidence { span class=(strength) { (finding.strength.word()) } (evidence(finding)) }
        }
    }
}

fn evidence(finding: &Finding) -> Markup {
    html! {
        @match &finding.rate {
            Some(rate) => { b { (percent(rate.value.0)) } "[" (interval(rate)) "] of " (finding.of()) }
            None => { b { (number(finding.count)) } "of " (finding.of()) }
        }
        @if let (Some(q), Some(family)) = (finding.q, finding.family) {
            br; "q " (probability(q.0)) ", " (count(family, finding.tested())) " tested"
        }
        @if let Some(p) = finding.p { br; "p " (probability(p.0)) }
        @if let Some(p) = finding.clustered_p { br; "p by users " (probability(p.0)) }
    }
}

/// What was looked for in vain, with what came nearest.
pub fn not_found(document: &Document) -> Markup {
    let none: Vec<&ClassSummary> = document.classes.iter().filter(|class| class.found == 0).collect();
    html! {
        @if none.is_empty() { p.note { "Every class of findings found something." } }
        @else {
            dl.rows { @for class in none { div {
                dt { (class.name) }
                dd { (class.closest) " " span.soft { "Looked at: " (looked_at(class)) "." } }
            } } }
        }
    }
}

/// `1 session`, `244 lines`.
pub fn looked_at(class: &ClassSummary) -> String {
    of_unit(class.tested, &class.unit)
}

/// Each class that found something: by which rule, in which findings, and the sessions that stand out.
pub fn anomalies(document: &Document, boards: &Boards) -> Markup {
    let shown = document
        .classes
        .iter()
        .filter(|class| class.found > 0 && !matches!(class.class, Class::Conversion | Class::Abandonment));
    let of = |class: &ClassSummary| -> Vec<(usize, &Finding)> {
        document.findings.iter().enumerate().filter(|(_, finding)| finding.class == class.class).collect()
    };
    html! {
        @for class in shown {
            h3 { (class.name) }
            p.note { (count(of(class).len() as u64, "finding")) "; looked at: " (looked_at(class)) "." }
            details.print { summary { "How this is counted" } p.note { (class.definition) " " (class.threshold) } }
            @let (listed, named): (Vec<_>, Vec<_>) = of(class).into_iter().partition(|(_, finding)| finding.cases.is_empty());
            @if !listed.is_empty() { ul.plain { @for (index, finding) in listed { li { (link(index, finding)) } } } }
            @for (index, finding) in named { (cases(index, finding, boards)) }
        }
    }
}

fn link(index: usize, finding: &Finding) -> Markup {
    html! { a href={ "#finding-" (index + 1) } { (finding.title) } }
}

fn cases(index: usize, finding: &Finding, boards: &Boards) -> Markup {
    let listed = finding.cases.len().min(CASES);
    let row = |case: &Case| vec![Cell::of(boards.link(&case.session, &case.user)), Cell::text(&case.detail)];
    Table {
        label: "Sessions that stand out",
        caption: html! { (link(index, finding)) (first_of(listed, finding.session_count)) },
        columns: &[text("Session"), text("What stands out")],
        rows: finding.cases[..listed].iter().map(row).collect(),
    }
    .markup()
}
