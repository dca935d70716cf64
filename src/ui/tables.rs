//! Tables of the findings view: flows, pages, first and last pages, the file's quality.

use std::sync::Arc;

use leptos::prelude::*;

use crate::findings::wording::{count, interval, number, place, seconds};
use crate::report::Document;
use crate::report::document::PageSessions;
use crate::settings::ExitsOf;
use crate::stats::Rounded;

/// Rows that a table lists at most; the report and the JSON hold more.
const ROWS: usize = 20;

#[component]
pub fn Flows(document: Arc<Document>) -> impl IntoView {
    let listed = document.flows.len().min(ROWS);
    let rows = document.flows[..listed].iter().map(|flow| {
        view! {
            <tr>
                <td class="name">{flow.title.clone()}</td>
                <td class="number">{number(flow.sessions)}</td>
                <td class="number">{number(flow.converted)}</td>
            </tr>
        }
    });
    view! {
        <div class="table" tabindex="0" role="region" aria-label="Flows"><table>
            <caption>{format!("The {listed} most frequent of {}; repeated pages are collapsed.", count(document.flow_count, "different flow"))}</caption>
            <thead><tr><th>"Flow"</th><th class="number">"Sessions"</th><th class="number">"Reached the goal"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
}

#[component]
pub fn Ends(document: Arc<Document>) -> impl IntoView {
    let exits = match document.exits_of {
        ExitsOf::AllSessions => "Last pages of all sessions",
        ExitsOf::AbandonedSessions => "Last pages of sessions that did not reach the goal",
    };
    let elements = document.abandonment.last_elements.iter().take(ROWS).map(|element| {
        view! {
            <tr>
                <td class="name"><code>{element.css.clone()}</code></td>
                <td>{element.text.clone()}</td>
                <td class="number">{number(element.sessions)}</td>
            </tr>
        }
    });
    view! {
        <div class="columns">
            <PageTable caption="First pages" name="Page" total=document.list_lengths.entries pages=document.entries.clone()/>
            <PageTable caption=exits name="Page" total=document.list_lengths.exits pages=document.exits.clone()/>
        </div>
        <div class="table" tabindex="0" role="region" aria-label="Last elements"><table>
            <caption>"Last elements of all sessions"</caption>
            <thead><tr><th>"Element"</th><th>"Text"</th><th class="number">"Sessions"</th></tr></thead>
            <tbody>{elements.collect_view()}</tbody>
        </table></div>
    }
}

#[component]
fn PageTable(caption: &'static str, name: &'static str, total: u64, pages: Vec<PageSessions>) -> impl IntoView {
    let rest = total.saturating_sub(ROWS as u64);
    let rows = pages.into_iter().take(ROWS).map(|page| {
        view! {
            <tr><td class="name">{page.page}</td><td class="number">{number(page.sessions)}</td></tr>
        }
    });
    view! {
        <div class="table" tabindex="0" role="region" aria-label=caption><table>
            <caption>{caption}{(rest > 0).then(|| format!(", {} more in the JSON", number(rest)))}</caption>
            <thead><tr><th>{name}</th><th class="number">"Sessions"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
}

#[component]
pub fn Pages(document: Arc<Document>) -> impl IntoView {
    let dwell = |s: Option<Rounded>| s.map_or("–".to_string(), |s| seconds(s.0));
    let rows = document.pages.iter().take(ROWS).map(|page| {
        let rate = page.error_rate.as_ref().filter(|_| page.error_sessions > 0);
        view! {
            <tr>
                <td class="name">{page.page.clone()}</td>
                <td class="number">{number(page.sessions)}</td>
                <td class="number">{number(page.events)}</td>
                <td class="number">{dwell(page.dwell_median_s)}</td>
                <td class="number">{dwell(page.dwell_mean_s)}</td>
                <td class="number">{number(page.error_sessions)}</td>
                <td class="number">{rate.map(|rate| format!("{} %", interval(rate)))}</td>
            </tr>
        }
    });
    view! {
        <div class="table" tabindex="0" role="region" aria-label="Pages"><table>
            <caption>"Dwell is the time from an event on the page to the next event of the session."</caption>
            <thead><tr>
                <th>"Page"</th><th class="number">"Sessions"</th><th class="number">"Events"</th>
                <th class="number">"Median dwell"</th><th class="number">"Mean dwell"</th>
                <th class="number">"With an error"</th><th class="number">"95 % interval"</th>
            </tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
        {(!document.products.is_empty()).then(|| view! {
            <PageTable caption="Products by sessions" name="Product" total=document.list_lengths.products pages=document.products.clone()/>
        })}
    }
}

#[component]
pub fn Quality(document: Arc<Document>) -> impl IntoView {
    let (totals, quality) = (&document.totals, &document.quality);
    let lines = format!(
        "{} lines = {} events + {} rejected + {} duplicates + {} blank; {} of the events were repaired.",
        number(document.source.lines),
        number(totals.events),
        number(totals.rejected),
        number(totals.duplicates),
        number(totals.blank),
        number(totals.salvaged)
    );
    let rejected = quality.rejected_lines.iter().map(|line| {
        view! {
            <tr><td>{place(line.file.as_deref(), line.line)}</td><td>{line.reason.clone()}</td></tr>
        }
    });
    let salvaged = quality.salvaged.iter().map(|record| view! {
        <tr><td>{place(record.file.as_deref(), record.line)}</td><td>{record.rule.describe()}</td><td>{record.text.clone()}</td></tr>
    });
    let noteworthy = quality.noteworthy_fields();
    let any_fields = !noteworthy.is_empty();
    let fields = noteworthy.into_iter().map(|field| {
        let counts = field.counts().into_iter().map(|n| view! { <td class="number">{number(n)}</td> });
        view! { <tr><td class="name">{field.field.clone()}</td>{counts.collect_view()}</tr> }
    });
    let personal = quality.personal.iter().map(|found| {
        view! {
            <tr>
                <td class="name">{found.field.clone()}</td>
                <td>{found.describe()}</td>
                <td class="number">{number(found.events)}</td>
                <td class="number">{number(found.first_line)}</td>
            </tr>
        }
    });
    view! {
        <p>{lines}</p>
        {(!quality.rejected_lines.is_empty()).then(|| view! {
            <div class="table" tabindex="0" role="region" aria-label="Rejected lines"><table>
                <caption>{format!("Rejected lines, {} of {}", quality.rejected_lines.len(), number(totals.rejected))}</caption>
                <thead><tr><th>"Where"</th><th>"Reason"</th></tr></thead>
                <tbody>{rejected.collect_view()}</tbody>
            </table></div>
        })}
        {(!quality.salvaged.is_empty()).then(|| view! {
            <div class="table" tabindex="0" role="region" aria-label="Repaired records"><table>
                <caption>"Repaired records"</caption>
                <thead><tr><th>"Where"</th><th>"What was done"</th><th>"Now reads"</th></tr></thead>
                <tbody>{salvaged.collect_view()}</tbody>
            </table></div>
        })}
        {any_fields.then(|| view! {
            <div class="table" tabindex="0" role="region" aria-label="Fields"><table>
                <caption>"Events by what they have in a field, where it is not simply filled"</caption>
                <thead><tr>
                    <th>"Field"</th><th class="number">"Missing"</th><th class="number">"Null"</th>
                    <th class="number">"Blank"</th><th class="number">"Text"</th>
                    <th class="number">"Number, true, false"</th><th class="number">"List, object"</th>
                    <th class="number">"Placeholder"</th>
                </tr></thead>
                <tbody>{fields.collect_view()}</tbody>
            </table></div>
        })}
        {(!quality.personal.is_empty()).then(|| view! {
            <div class="table" tabindex="0" role="region" aria-label="Personal data"><table>
                <caption>"What looks personal"</caption>
                <thead><tr>
                    <th>"Field"</th><th>"Looks like"</th>
                    <th class="number">"Events"</th><th class="number">"First line"</th>
                </tr></thead>
                <tbody>{personal.collect_view()}</tbody>
            </table></div>
        })}
        {quality.edges_note().map(|note| view! { <p class="note">{note}</p> })}
    }
}
