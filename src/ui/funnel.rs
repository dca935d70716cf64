//! The funnel: who reached each step, how fast, who was lost, and how those who were lost ended.

use std::sync::Arc;

use leptos::prelude::*;

use crate::analysis::EndKind;
use crate::analysis::session_table::SessionFilter;
use crate::charts::options::Picture;
use crate::findings::when;
use crate::findings::wording::{interval, number, percent, seconds};
use crate::report::Document;
use crate::report::document::{EndInfo, StepInfo};
use crate::report::trend::Stretch;
use crate::stats::Rate;
use crate::ui::chart::ChartView;
use crate::ui::parts::{Sessions, help, results, table};
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;

/// Height of a step in the chart, in pixels.
const STEP_HEIGHT: usize = 44;
/// On a telephone, where its name stands above it.
const NARROW_STEP_HEIGHT: usize = 56;

#[component]
pub fn Funnel() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    move || {
        let document = results.get();
        let ends = document.abandonment.ends.clone();
        let before_goal = document.abandonment.last_step.clone();
        let notes = notes(&document);
        view! {
            <h1>"Funnel"</h1>
            <p class="lede">{document.headline.title.clone()}</p>
            <Steps document=document.clone()/>
            <p class="note">
                {document.steps_from()}" "
                <a href=move || app.href(&Route::to(View::Settings))>"Change goal and steps"</a>
            </p>
            {notes}
            <h2>"How the others ended"</h2>
            <p>{document.abandonment.check.clone()}"."</p>
            <Ends ends before_goal/>
            {(!document.trend.stretches.is_empty()).then(|| view! { <OverTime document=document.clone()/> })}
            <h2>"Last elements"</h2>
            {table("Last elements of all sessions", vec![("Element", false), ("Text", false), ("Sessions", true)], view! {
                <crate::ui::parts::Rows rows=document.abandonment.last_elements.clone() columns=3 row=|element: crate::report::document::ElementSessions| view! {
                    <tr>
                        <td class="name"><code>{element.css.clone()}</code></td>
                        <td>{element.text.clone()}</td>
                        <td class="number"><Sessions filter=SessionFilter::LastElement { css: element.css, text: element.text } n=element.sessions/></td>
                    </tr>
                }/>
            })}
        }
    }
}

/// Why its numbers are not those of the headline, a sentence each.
pub fn notes(document: &Document) -> impl IntoView + use<> {
    document.funnel.notes.iter().map(|note| view! { <p class="note">{note.clone()}</p> }).collect_view()
}

/// Shares over time.
#[component]
fn OverTime(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let trend = document.trend.clone();
    let started = |stretch: &Stretch, converted| SessionFilter::Started {
        from_us: stretch.from_us,
        to_us: stretch.to_us,
        converted,
    };
    let share =
        |rate: &Option<Rate>| rate.as_ref().map(|rate| format!("{} [{}]", percent(rate.value.0), interval(rate)));
    let (drawn, clicked) = (trend.clone(), trend.stretches.clone());
    view! {
        <h2>"Over time"</h2>
        <ChartView id="trend-chart" height=260 picture=Picture::Trend(drawn)
            on_click=move |click| if let Some(stretch) = clicked.get(click.index) { app.go(&Route::sessions(started(stretch, false))) }/>
        <p class="note">{format!("Each point is the sessions that begin within {}, the dotted lines the 95 % interval of those that reached the goal; a click opens them.", seconds(trend.width_s.0))}</p>
        <details class="as-table"><summary>"As a table"</summary>
            {table("Shares over time", vec![("From", false), ("Sessions", true), ("Reached the goal", true), ("Share", true), ("Met an error", true)], view! {
                {trend.stretches.iter().map(|stretch| view! {
                    <tr>
                        <td class="name">{when::exact(&stretch.from)}</td>
                        <td class="number"><Sessions filter=started(stretch, false) n=stretch.sessions/></td>
                        <td class="number"><Sessions filter=started(stretch, true) n=stretch.converted/></td>
                        <td class="number">{share(&stretch.converted_rate)}</td>
                        <td class="number">{share(&stretch.error_rate)}</td>
                    </tr>
                }).collect_view()}
            })}
        </details>
    }
}

/// The chart and the table of the steps.
#[component]
pub fn Steps(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let funnel = document.funnel.clone();
    let (drawn, n) = (funnel.clone(), funnel.steps.len());
    let rows = funnel.steps.into_iter().enumerate().map(|(index, step)| view! { <Step step index/> });
    view! {
        <ChartView id="funnel-chart" height=STEP_HEIGHT * n narrow_height=NARROW_STEP_HEIGHT * n picture=Picture::Funnel(drawn)
            on_click=move |click| {
                // The chart counts from below; its first step is all sessions.
                if let Some(index) = n.checked_sub(1 + click.index) {
                    // The first series is who reached the step, the second who came to the one before but not to it.
                    app.go(&Route::sessions(if click.series == 0 { reached(index) } else { lost(index) }));
                }
            }/>
        <div class="stacked">{table("The steps in order; in red, who did not get here. Each number, and a click on a bar, opens the sessions.", vec![("Step", false), ("Sessions", true), ("Did not get here", true), ("Came on from the step before", true), ("Median time", true)], view! {
            {rows.collect_view()}
        })}</div>
        {help("How to read the steps", &WORDS)}
    }
}

/// What the table says of a step.
const WORDS: [(&str, &str); 4] = [
    ("Sessions", "Took this step after all steps before it, in this order; other events may lie between."),
    ("Did not get here", "Took the step before, and not this one after it."),
    (
        "Came on from the step before",
        "Of the sessions that took the step before, the share that took this one, with its 95 % interval (Wilson).",
    ),
    ("Median time", "From the step before, or from the session’s first event; half of those who came on took longer."),
];

/// The sessions lost before a step; the first is all sessions.
fn lost(index: usize) -> SessionFilter {
    index.checked_sub(1).map_or(SessionFilter::All, |step| SessionFilter::Lost { step: step as u32 })
}

fn reached(index: usize) -> SessionFilter {
    index.checked_sub(1).map_or(SessionFilter::All, |step| SessionFilter::Reached { step: step as u32 })
}

/// What stands before a value where a row is a paragraph; nothing where there is none.
fn head(name: &'static str, there: bool) -> Option<&'static str> {
    there.then_some(name)
}

#[component]
fn Step(step: StepInfo, index: usize) -> impl IntoView {
    let went_on = step.from_previous.as_ref().map(|rate| format!("{} [{}]", percent(rate.value.0), interval(rate)));
    let went_on_head = head("Came on from the step before: ", went_on.is_some());
    let label = format!("{} did not get to {}, show the sessions", number(step.lost), step.name);
    view! {
        <tr>
            <td class="name">{step.name}</td>
            <td class="number" data-head="Sessions: "><Sessions filter=reached(index) n=step.sessions/></td>
            <td class="number" data-head=head("Did not get here: ", index > 0)>{(index > 0).then(|| view! { <Sessions filter=lost(index) n=step.lost label/> })}</td>
            <td class="number" data-head=went_on_head>{went_on}</td>
            <td class="number" data-head=head("Median time: ", step.seconds_median.is_some())>{step.seconds_median.map(|s| seconds(s.0))}</td>
        </tr>
    }
}

/// How the sessions ended that did not reach the goal, by whether they had taken the last step before it.
#[component]
fn Ends(ends: Vec<EndInfo>, before_goal: Option<String>) -> impl IntoView {
    let split = before_goal.is_some();
    let caption = match before_goal {
        Some(step) => format!("Sessions that did not reach the goal, by whether they had taken “{step}”"),
        None => "Sessions that did not reach the goal".into(),
    };
    let mut heads = vec![("How they ended", false), ("Sessions", true)];
    heads.extend([("Took that step", true), ("Did not", true)].into_iter().filter(|_| split));
    let row = move |ended: EndKind| {
        let n = |took: Option<bool>| -> u64 {
            let these =
                ends.iter().filter(|end| end.ended == ended && took.is_none_or(|took| took == end.took_last_step));
            these.map(|end| end.session_count).sum()
        };
        let cell = |took: Option<bool>| {
            let filter = SessionFilter::Abandoned { ended: Some(ended), took_last_step: took };
            view! { <td class="number"><Sessions filter n=n(took)/></td> }
        };
        let all = n(None) > 0;
        all.then(|| view! { <tr><td class="name">{ended.describe()}</td>{cell(None)}{split.then(|| [cell(Some(true)), cell(Some(false))])}</tr> })
    };
    table(caption, heads, view! { {EndKind::ALL.into_iter().filter_map(row).collect_view()} })
}
