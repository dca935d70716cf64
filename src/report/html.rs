//! The standalone report: one HTML file that needs no network and no scripts.
//!
//! The template escapes every text. The policy in its head forbids everything but its own style, so that a file
//! made from hostile data can neither load nor run anything.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::analysis::storyboard::Storyboard;
use crate::charts::svg;
use crate::findings::wording::{count, interval, number, percent, place, probability, seconds};
use crate::findings::{Finding, Strength};
use crate::report::document::{Document, PageInfo, PageSessions};
use crate::report::quality::QualityInfo;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'none'";
const STYLE: &str = concat!(
    include_str!("../../style/tokens.css"),
    include_str!("../../style/document.css"),
    include_str!("../../style/report.css")
);

/// Flows that the report lists at most.
const LISTED_FLOWS: usize = 20;
/// Pages, products and the like that a table lists at most.
const LISTED_ROWS: usize = 50;

/// The report as HTML.
pub fn html(document: &Document, boards: &[Storyboard]) -> String {
    let _ = boards;
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(document.program);
                title { (document.source.name) " · Footpath" }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                (head(document))
                (headline(document))
                section aria-labelledby="funnel" { h2 id="funnel" { "Where they stop" } (funnel(document)) }
                section aria-labelledby="findings" {
                    h2 id="findings" { "What deserves a look" }
                    @for finding in &document.findings { (self::finding(finding)) }
                }
                section aria-labelledby="flows" { h2 id="flows" { "Flows" } (flows(document)) }
                section aria-labelledby="ends" { h2 id="ends" { "Where sessions begin and end" } (ends(document)) }
                section aria-labelledby="pages" { h2 id="pages" { "Pages" } (pages(&document.pages)) (products(document)) }
                section aria-labelledby="quality" { h2 id="quality" { "The file itself" } (quality(document)) }
                section aria-labelledby="method" { h2 id="method" { "Method and settings" } (method(document)) }
                (foot(document))
            } }
        }
    };
    body.into_string()
}

fn head(document: &Document) -> Markup {
    html! {
        header.report {
            b { "Footpath" }
            span { (document.source.name) }
            @if let (Some(first), Some(last)) = (&document.totals.first_event, &document.totals.last_event) {
                span { (first.replace('T', " ")) " to " (last.replace('T', " ")) }
            }
        }
    }
}

/// The sentence, the rate with its interval, and the figures. The screen shows the same.
fn headline(document: &Document) -> Markup {
    let totals = &document.totals;
    html! {
        h1 { (document.headline.title) }
        @if !document.headline.lede.is_empty() { p.lede { (document.headline.lede) } }
        @if let Some(rate) = &document.goal.rate {
            div.rate {
                div.figure { (percent(rate.value.0)) }
                (svg::rate_scale(rate))
            }
        }
        dl.figures {
            (figure("events", totals.events))
            (figure("sessions", totals.sessions))
            (figure("users", totals.users))
            (figure("converted", document.goal.converted))
            (figure("rejected", totals.rejected))
            (figure("salvaged", totals.salvaged))
            @if let Some(median) = totals.session_median_s {
                div { dt { "median session" } dd { (seconds(median.0)) } }
            }
        }
    }
}

fn figure(name: &str, value: u64) -> Markup {
    html! { div { dt { (name) } dd data-metric=(name) { (number(value)) } } }
}

fn funnel(document: &Document) -> Markup {
    html! {
        div.table tabindex="0" role="region" aria-label="Funnel" { (svg::funnel(&document.funnel)) }
        p.note { (document.abandonment.check) "." }
        @if document.funnel.proposed {
            p.note { "The steps were proposed from the file: the longest chain of elements that nearly everybody who reached the goal used before it, in this order." }
        }
    }
}

fn finding(finding: &Finding) -> Markup {
    let strength = if finding.strength == Strength::Supported { "strength supported" } else { "strength" };
    let severity = finding.severity.word();
    html! {
        article.finding {
            div class={ "severity " (severity.to_lowercase()) } role="img" aria-label={ (severity) " severity" } {}
            div {
                h3 { (finding.title) }
                p { (finding.description) }
                p.next { (finding.next) }
                @if !finding.sessions.is_empty() {
                    details {
                        summary { (count(finding.session_count, "session")) }
                        ul { @for session in &finding.sessions { li.mono { (session) } } }
                        @if finding.session_count > finding.sessions.len() as u64 {
                            p.note { "The first " (number(finding.sessions.len() as u64)) " are named here." }
                        }
                    }
                }
                details { summary { "How this is counted" } p.note { (finding.definition) } }
            }
            div.evidence { span class=(strength) { (finding.strength.word()) } (evidence(finding)) }
        }
    }
}

fn evidence(finding: &Finding) -> Markup {
    html! {
        @match &finding.rate {
            Some(rate) => { b { (percent(rate.value.0)) } "[" (interval(rate)) "] of " (number(finding.n)) }
            None => { b { (number(finding.count)) } "of " (number(finding.n)) " looked at" }
        }
        @if let (Some(q), Some(family)) = (finding.q, finding.family) {
            br; "q " (probability(q.0)) " of " (count(family, "page")) " tested"
        }
        @if let Some(p) = finding.p { br; "exact p " (probability(p.0)) }
        @if let Some(p) = finding.clustered_p { br; "p by users " (probability(p.0)) }
    }
}

fn flows(document: &Document) -> Markup {
    let listed = document.flows.len().min(LISTED_FLOWS);
    html! {
        div.table tabindex="0" role="region" aria-label="Flows" { table {
            caption { "The " (number(listed as u64)) " most frequent of " (count(document.flow_count, "different flow")) "; repeated pages are collapsed." }
            thead { tr { th { "Flow" } th.number { "Sessions" } th.number { "Reached the goal" } } }
            tbody { @for flow in &document.flows[..listed] {
                tr { td.name { (flow.title) } td.number { (number(flow.sessions)) } td.number { (number(flow.converted)) } }
            } }
        } }
    }
}

fn ends(document: &Document) -> Markup {
    let exits = match document.exits_of {
        crate::settings::ExitsOf::AllSessions => "Last pages of all sessions",
        crate::settings::ExitsOf::AbandonedSessions => "Last pages of sessions that did not reach the goal",
    };
    html! {
        div.columns {
            (page_sessions("First pages", "Page", &document.entries))
            (page_sessions(exits, "Page", &document.exits))
        }
        div.table tabindex="0" role="region" aria-label="Last elements" { table {
            caption { "Last elements of all sessions" }
            thead { tr { th { "Element" } th { "Text" } th.number { "Sessions" } } }
            tbody { @for element in document.abandonment.last_elements.iter().take(LISTED_ROWS) {
                tr { td.name { code { (element.css) } } td { (element.text) } td.number { (number(element.sessions)) } }
            } }
        } }
    }
}

fn page_sessions(caption: &str, name: &str, pages: &[PageSessions]) -> Markup {
    html! {
        div.table tabindex="0" role="region" aria-label=(caption) { table {
            caption { (caption) @if pages.len() > LISTED_ROWS { ", the " (LISTED_ROWS) " most frequent of " (number(pages.len() as u64)) } }
            thead { tr { th { (name) } th.number { "Sessions" } } }
            tbody { @for page in pages.iter().take(LISTED_ROWS) {
                tr { td.name { (page.page) } td.number { (number(page.sessions)) } }
            } }
        } }
    }
}

fn pages(pages: &[PageInfo]) -> Markup {
    let dwell = |s: Option<crate::stats::Rounded>| s.map_or("–".to_string(), |s| seconds(s.0));
    html! {
        div.table tabindex="0" role="region" aria-label="Pages" { table {
            caption { "Dwell is the time from an event on the page to the next event of the session." }
            thead { tr {
                th { "Page" } th.number { "Sessions" } th.number { "Events" } th.number { "Median dwell" } th.number { "Mean dwell" }
                th.number { "With an error" } th.number { "95\u{a0}% interval" }
            } }
            tbody { @for page in pages.iter().take(LISTED_ROWS) {
                tr {
                    td.name { (page.page) }
                    td.number { (number(page.sessions)) }
                    td.number { (number(page.events)) }
                    td.number { (dwell(page.dwell_median_s)) }
                    td.number { (dwell(page.dwell_mean_s)) }
                    td.number { (number(page.error_sessions)) }
                    td.number { @if let Some(rate) = page.error_rate.as_ref().filter(|_| page.error_sessions > 0) { (interval(rate)) " %" } }
                }
            } }
        } }
    }
}

fn products(document: &Document) -> Markup {
    html! { @if !document.products.is_empty() { h2 { "Products" } (page_sessions("Products by sessions", "Product", &document.products)) } }
}

fn quality(document: &Document) -> Markup {
    let (totals, quality) = (&document.totals, &document.quality);
    html! {
        p { (number(document.source.lines)) " lines = " (number(totals.events)) " events + " (number(totals.rejected)) " rejected + "
            (number(totals.duplicates)) " duplicates + " (number(totals.blank)) " blank; "
            (number(totals.salvaged)) " of the events were repaired." }
        @if !document.source.files.is_empty() {
            div.table tabindex="0" role="region" aria-label="Files" { table {
                caption { "The files, which are one data set in this order" }
                thead { tr { th { "File" } th.number { "Bytes" } th.number { "Lines" } } }
                tbody { @for file in &document.source.files { tr { td.name { (file.name) } td.number { (number(file.bytes)) } td.number { (number(file.lines)) } } } }
            } }
        }
        @if !quality.rejected_lines.is_empty() {
            div.table tabindex="0" role="region" aria-label="Rejected lines" { table {
                caption { "Rejected lines" @if totals.rejected > quality.rejected_lines.len() as u64 { ", the first " (quality.rejected_lines.len()) } }
                thead { tr { th { "Where" } th { "Reason" } } }
                tbody { @for line in &quality.rejected_lines { tr { td { (place(line.file.as_deref(), line.line)) } td { (line.reason) } } } }
            } }
        }
        @if !quality.salvaged.is_empty() {
            div.table tabindex="0" role="region" aria-label="Repaired records" { table {
                caption { "Repaired records" }
                thead { tr { th { "Where" } th { "What was done" } th { "Now reads" } } }
                tbody { @for record in &quality.salvaged { tr { td { (place(record.file.as_deref(), record.line)) } td { (record.rule.describe()) } td { (record.text) } } } }
            } }
        }
        (fields(quality))
        p.note {
            (count(quality.ties, "pair")) " of neighbouring events with the same time, in the order of the file; "
            (count(quality.out_of_order, "event")) " later in the file than in time. "
            @if quality.zoned == 0 { "The times name no time zone and are shown as they stand." }
            @else { "Times with a zone are shown in UTC." }
            @if let Some(edges) = quality.edges_note() { " " (edges) }
        }
    }
}

fn fields(quality: &QualityInfo) -> Markup {
    let noteworthy = quality.noteworthy_fields();
    html! {
        @if !noteworthy.is_empty() {
            div.table tabindex="0" role="region" aria-label="Fields" { table {
                caption { "Events by what they have in a field, where it is not simply filled" }
                thead { tr {
                    th { "Field" } th.number { "Missing" } th.number { "Null" } th.number { "Blank" } th.number { "Text" }
                    th.number { "Number, true, false" } th.number { "List, object" } th.number { "Placeholder" }
                } }
                tbody { @for field in noteworthy { tr {
                    td.name { (field.field) }
                    @for n in field.counts() { td.number { (number(n)) } }
                } } }
            } }
        }
        @if !quality.personal.is_empty() {
            div.table tabindex="0" role="region" aria-label="Personal data" { table {
                caption { "What looks personal" }
                thead { tr { th { "Field" } th { "Looks like" } th.number { "Events" } th.number { "First line" } } }
                tbody { @for found in &quality.personal { tr {
                    td.name { (found.field) } td { (found.describe()) }
                    td.number { (number(found.events)) } td.number { (number(found.first_line)) }
                } } }
            } }
        }
    }
}

fn method(document: &Document) -> Markup {
    html! {
        p.note { "Goal: " (document.goal.definition) }
        p.note { "A session is the events of one user and session id, in order of time, ties in order of the file. Shares carry "
            "Wilson 95\u{a0}% intervals. Pages are compared by Fisher’s exact test, or chi-squared where every expected count is at least 5; "
            "where users have more than 1.2 sessions on average also by a score test with users as clusters. Both are corrected "
            "for the number of pages by Benjamini and Hochberg, and the larger q decides." }
        p.note { "Fact: counted, no inference. Supported: q below "
            (document.settings.page_error_rate.false_discovery_rate) ". Lead: p below 0.05 only. Not testable: too few observations." }
        details { summary { "All settings" } pre.mono { (document.settings.to_json()) } }
    }
}

fn foot(document: &Document) -> Markup {
    html! {
        footer {
            (document.program) " · " (document.source.name) ", " (number(document.source.bytes)) " bytes"
            @if let Some(hash) = &document.source.blake3 { ", BLAKE3 " span.mono { (hash) } }
            " · The same file and settings give the same report to the byte. Typed values are left out."
        }
    }
}
