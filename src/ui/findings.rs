//! The findings: what to read first, and the evidence for it.

use leptos::prelude::*;

use crate::findings::Class;
use crate::findings::part::of_part;
use crate::findings::wording::{interval, list, percent, seconds};
use crate::stats::Rate;
use crate::ui::parts::{Article, Figure, help, pending, results};
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;

/// The headline figures, each with what it counts.
const FIGURES: [(&str, &str); 8] = [
    ("Events", "Records that were read, repaired ones included, duplicates left out."),
    ("Sessions", "A session is the events of one user and session id."),
    (
        "Users",
        "Different user ids. Where an event has none, the rest of its session tells it; if none does, the session stands in.",
    ),
    ("Reached the goal", "Sessions that reached the goal, which stands below."),
    ("Rejected", "Lines that are no events; the Data view says why."),
    ("Repaired", "Damaged records that were repaired and count as events."),
    ("Median session", "Half of the sessions last longer, from first to last event."),
    (
        "95 % interval",
        "If these sessions are a sample of many like them, the share of all lies in the interval 19 times of 20 (Wilson).",
    ),
];

#[component]
pub fn Findings() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    move || {
        let document = results.get();
        let totals = &document.totals;
        let median = totals.session_median_s.map(|median| {
            view! { <div><dt>"median session"</dt><dd>{seconds(median.0)}</dd></div> }
        });
        let lede = (!document.headline.lede.is_empty())
            .then(|| view! { <p class="lede">{document.headline.lede.clone()}</p> });
        let part = of_part(document.settings.sample, document.source.unread_bytes);
        let not_found: Vec<String> = document
            .classes
            .iter()
            .filter(|class| class.found == 0 && class.class.is_anomaly())
            .filter(|class| !document.findings.iter().any(|finding| finding.class == class.class))
            .map(|class| class.name.to_lowercase())
            .collect();
        let not_found = (!not_found.is_empty()).then(|| {
            view! {
                <p class="none"><b>"Looked for and not found: "</b>{list(&not_found)}". "
                    <a href=move || app.href(&Route::to(View::Anomalies))>"What came closest"</a>"."</p>
            }
        });
        let pending = pending(&document);
        let proposed = app.recognised.with(|recognised| {
            let goal = recognised.as_ref().and_then(|recognised| recognised.goal.as_ref());
            (goal == Some(&document.settings.goal)).then_some("It was proposed by its name. ")
        });
        // What to know of the file before its figures are used stands far below what people did.
        let about_file: Vec<String> = document
            .findings
            .iter()
            .filter(|finding| matches!(finding.class, Class::DataQuality | Class::Clock))
            .map(|finding| finding.title.clone())
            .collect();
        let about_file = (!about_file.is_empty()).then(|| {
            view! {
                <p class="note">
                    "About the file: "{about_file.join(" · ")}". "
                    <a href=move || app.href(&Route::to(View::Data))>"Data"</a>
                </p>
            }
        });
        view! {
            <h1>{document.headline.title.clone()}</h1>
            {lede}
            {document.goal.rate.map(|rate| view! { <RateScale rate/> })}
            <dl class="figures">
                <Figure name="events" value=totals.events part/>
                <Figure name="sessions" value=totals.sessions part/>
                <Figure name="users" value=totals.users/>
                <Figure name="converted" value=document.goal.converted/>
                <Figure name="rejected" value=totals.rejected/>
                <Figure name="salvaged" value=totals.salvaged/>
                {median}
            </dl>
            {help("What these figures count", &FIGURES)}
            <p class="note">
                "Goal: "{document.goal.definition.clone()}" "{proposed}
                <a href=move || app.href(&Route::to(View::Settings))>"Choose another"</a>
            </p>
            {about_file}
            <h2>"Where they stop"</h2>
            <crate::ui::funnel::Steps document=document.clone()/>
            <p class="note">{document.abandonment.check.clone()}"."</p>
            {crate::ui::funnel::notes(&document)}
            <h2>"What deserves a look"</h2>
            {document.findings.iter().map(|finding| view! { <Article finding=finding.clone()/> }).collect_view()}
            {pending}
            {not_found}
        }
    }
}

/// The share of sessions that reached the goal, with its interval on a scale.
#[component]
fn RateScale(rate: Rate) -> impl IntoView {
    // The same picture as in the report: generated, with every text escaped.
    let scale = crate::charts::svg::rate_scale(&rate).into_string();
    view! {
        <div class="rate">
            <div class="figure">{percent(rate.value.0)}</div>
            <div>
                <div inner_html=scale></div>
                <p class="note">
                    {format!("reached the goal; 95\u{a0}% interval {}", interval(&rate))}
                </p>
            </div>
        </div>
    }
}
