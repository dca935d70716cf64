//! The findings: what to read first, and the evidence for it.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use crate::findings::wording::{count, interval, number, percent, probability, seconds};
use crate::findings::{Finding, Strength};
use crate::report::Document;
use crate::stats::Rate;
use crate::ui::funnel::Funnel;
use crate::ui::sessions::SessionList;
use crate::ui::tables::{Ends, Flows, Pages, Quality};

#[component]
pub fn Findings(document: Arc<Document>) -> impl IntoView {
    let totals = &document.totals;
    let median = totals.session_median_s.map(|median| {
        view! {
            <div><dt>"median session"</dt><dd>{seconds(median.0)}</dd></div>
        }
    });
    let lede =
        (!document.headline.lede.is_empty()).then(|| view! { <p class="lede">{document.headline.lede.clone()}</p> });
    // What lies below follows in a task of its own, so that the first figures are painted before.
    let rest = RwSignal::new(false);
    set_timeout(
        move || {
            // The view may be gone by then.
            let _ = rest.try_set(true);
        },
        Duration::ZERO,
    );
    let below = document.clone();
    view! {
        <h1>{document.headline.title.clone()}</h1>
        {lede}
        {document.goal.rate.map(|rate| view! { <RateScale rate/> })}
        <dl class="figures">
            <Figure name="events" value=totals.events/>
            <Figure name="sessions" value=totals.sessions/>
            <Figure name="users" value=totals.users/>
            <Figure name="converted" value=document.goal.converted/>
            <Figure name="rejected" value=totals.rejected/>
            <Figure name="salvaged" value=totals.salvaged/>
            {median}
        </dl>
        <h2>"Where they stop"</h2>
        <Funnel document=document.clone()/>
        <h2>"What deserves a look"</h2>
        {document.findings.iter().map(|finding| view! { <Article finding=finding.clone()/> }).collect_view()}
        <Show when=move || rest.get()>
            <h2>"Flows"</h2>
            <Flows document=below.clone()/>
            <h2>"Where sessions begin and end"</h2>
            <Ends document=below.clone()/>
            <h2>"Pages"</h2>
            <Pages document=below.clone()/>
            <h2>"The file itself"</h2>
            <Quality document=below.clone()/>
        </Show>
    }
}

#[component]
fn Figure(name: &'static str, value: u64) -> impl IntoView {
    view! { <div><dt>{name}</dt><dd data-metric=name>{number(value)}</dd></div> }
}

/// The share of sessions that reached the goal, with its interval on a scale.
#[component]
fn RateScale(rate: Rate) -> impl IntoView {
    // The same picture as in the report: generated, with every text escaped.
    let scale = crate::charts::svg::rate_scale(&rate).into_string();
    view! {
        <div class="rate">
            <div class="figure">{percent(rate.value.0)}</div>
            <div inner_html=scale></div>
        </div>
    }
}

#[component]
fn Article(finding: Finding) -> impl IntoView {
    let strength = if finding.strength == Strength::Supported { "strength supported" } else { "strength" };
    let severity = finding.severity.word();
    let evidence = evidence(&finding).into_iter().map(|line| view! { <div>{line}</div> }).collect_view();
    let figure = match &finding.rate {
        Some(rate) => percent(rate.value.0),
        None => number(finding.count),
    };
    let sessions = (!finding.sessions.is_empty()).then(|| {
        view! {
            <SessionList total=finding.session_count sessions=finding.sessions.clone() users=finding.users.clone()/>
        }
    });
    view! {
        <article class="finding" data-class=format!("{:?}", finding.class)>
            <div class=format!("severity {}", severity.to_lowercase()) role="img" aria-label=format!("{severity} severity")></div>
            <div>
                <h3>{finding.title}</h3>
                <p>{finding.description}</p>
                <p class="next">{finding.next}</p>
                {sessions}
                <details><summary>"How this is counted"</summary><p class="note">{finding.definition}</p></details>
            </div>
            <div class="evidence">
                <span class=strength>{finding.strength.word()}</span>
                <b>{figure}</b>
                {evidence}
            </div>
        </article>
    }
}

/// What the figure rests on, a line each.
fn evidence(finding: &Finding) -> Vec<String> {
    let mut lines = match &finding.rate {
        Some(rate) => vec![format!("[{}] of {}", interval(rate), number(finding.n))],
        None => vec![format!("of {} looked at", number(finding.n))],
    };
    if let (Some(q), Some(family)) = (finding.q, finding.family) {
        lines.push(format!("q {} of {} tested", probability(q.0), count(family, "page")));
    }
    lines.extend(finding.p.map(|p| format!("exact p {}", probability(p.0))));
    lines.extend(finding.clustered_p.map(|p| format!("p by users {}", probability(p.0))));
    lines
}
