//! What the report begins and ends with.

use maud::{Markup, html};

use crate::charts::svg;
use crate::findings::part::of_part;
use crate::findings::wording::{number, percent, rate, seconds, shown};
use crate::report::document::Document;

pub fn header(document: &Document) -> Markup {
    html! {
        header.report {
            b {
                svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" { path d="M4 22c7-1 3-7 9-8s2-9 9-10" {} }
                "Footpath"
            }
            span { (shown(&document.source.name)) }
            span { (document.totals.span()) }
        }
    }
}

/// The sentence, the rate with its interval, and the figures. The screen shows the same.
pub fn headline(document: &Document) -> Markup {
    let totals = &document.totals;
    html! {
        @if !document.headline.part.is_empty() {
            div.partial { @for sentence in &document.headline.part { p { (sentence) } } }
        }
        h1 { (document.headline.title) }
        @if !document.headline.lede.is_empty() { p.lede { (document.headline.lede) } }
        @if let Some(share) = &document.goal.rate {
            div.rate {
                div.figure { (percent(share.value.0)) }
                (svg::rate_scale(share))
            }
            p.note {
                (number(document.goal.converted)) " of " (number(totals.sessions)) " sessions reached the goal: " (rate(share)) ". "
                (document.goal.definition)
            }
        }
        @let part = of_part(document.settings.sample, document.source.unread_bytes);
        dl.figures {
            (figure(&format!("events{part}"), "events", totals.events))
            (figure(&format!("sessions{part}"), "sessions", totals.sessions))
            (figure("users", "users", totals.users))
            (figure("reached the goal", "converted", document.goal.converted))
            (figure("rejected", "rejected", totals.rejected))
            (figure("repaired", "salvaged", totals.salvaged))
            @if let Some(median) = totals.session_median_s {
                div { dt { "median session" } dd { (seconds(median.0)) } }
            }
            @if let Some(median) = totals.events_per_session_median {
                div { dt { "events in the median session" } dd { (median.0) } }
            }
        }
    }
}

/// `metric` is what tests call it.
fn figure(name: &str, metric: &str, value: u64) -> Markup {
    html! { div { dt { (name) } dd data-metric=(metric) { (number(value)) } } }
}

pub fn footer(document: &Document) -> Markup {
    html! {
        footer.report {
            p {
                "Made by " (document.program) " from " (shown(&document.source.name)) ", " (number(document.source.bytes)) " bytes"
                @if let Some(hash) = &document.source.blake3 { ", BLAKE3 " span.mono { (hash) } }
                "."
            }
            p { "The same file and settings give the same report to the byte. Of what was typed only values of several sessions that do not look personal are in it." }
        }
    }
}
