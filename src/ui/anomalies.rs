//! Anomalies by class: what was found, with its sessions; where nothing was found, what came closest.

use std::sync::Arc;

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use web_sys::HtmlSelectElement;

use crate::analysis::session_table::SessionFilter;
use crate::charts::options::Picture;
use crate::findings::summary::ClassSummary;
use crate::findings::wording::{count, number, of_unit, seconds, span};
use crate::findings::{Class, Finding};
use crate::order::sort_by_key;
use crate::report::Document;
use crate::ui::chart::ChartView;
use crate::ui::parts::{Article, Sessions, pending, results, table};
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;

#[component]
pub fn Anomalies() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let by_sessions = Memo::new(move |_| app.route.with(|route| route.most_first));
    let class = Memo::new(move |_| app.route.with(|route| route.class.clone()));
    let classes = move || {
        let document = results.get();
        let all = document.classes.iter().filter(|summary| summary.class.is_anomaly());
        all.cloned().collect::<Vec<ClassSummary>>()
    };
    let choices = move || {
        let link = |slug: Option<&'static str>, name: String, found: Option<u64>| {
            let route = move || Route {
                class: slug.map(String::from),
                most_first: by_sessions.get(),
                ..Route::to(View::Anomalies)
            };
            let current = move || (class.get().as_deref() == slug).then_some("true");
            view! {
                <a class="chip" href=move || app.href(&route()) aria-current=current>
                    {name}{found.map(|found| view! { <span>{number(found)}<i class="visually-hidden">" found"</i></span> })}
                </a>
            }
        };
        // What a class counts differs from class to class; a chip counts the findings that it leads to.
        let document = results.get();
        let found = |summary: &ClassSummary| document.findings_of(summary.class).count() as u64;
        let mut chips = vec![link(None, "All classes".into(), None)];
        chips.extend(classes().into_iter().map(|class| {
            let found = found(&class);
            link(Some(class.class.slug()), class.name, Some(found))
        }));
        chips
    };
    let order = move || if by_sessions.get() { "sessions" } else { "classes" };
    let choose = move |event: Targeted<ev::Event, HtmlSelectElement>| app.order(event.target().value() == "sessions");
    view! {
        <h1>"Anomalies"</h1>
        <p class="lede">{move || lede(&classes(), &results.get().findings)}</p>
        {move || pending(&results.get())}
        <div class="choices" role="group" aria-label="Classes">{choices}</div>
        <p class="order">
            <label for="order">"Order"</label>
            <select id="order" prop:value=order on:change:target=choose>
                <option value="classes">"found first"</option>
                <option value="sessions">"most sessions first"</option>
            </select>
        </p>
        {move || {
            let document = results.get();
            let mut shown = classes();
            shown.retain(|summary| class.get().is_none_or(|class| class == summary.class.slug()));
            sort_by_key(&mut shown, |summary| document.findings_of(summary.class).next().is_none());
            if by_sessions.get() {
                let most = |summary: &ClassSummary| {
                    document.findings_of(summary.class).map(Finding::found_by_filter).max()
                };
                sort_by_key(&mut shown, |summary| std::cmp::Reverse(most(summary)));
            }
            shown.into_iter().map(|summary| view! { <ClassSection summary document=document.clone()/> }).collect_view()
        }}
    }
}

fn lede(classes: &[ClassSummary], findings: &[Finding]) -> String {
    let found: Vec<Class> = findings.iter().map(|finding| finding.class).filter(|class| class.is_anomaly()).collect();
    let with_any = classes.iter().filter(|class| found.contains(&class.class)).count();
    format!(
        "{} in {with_any} of {} classes. A class without findings says what came closest.",
        count(found.len() as u64, "finding"),
        classes.len()
    )
}

#[component]
fn ClassSection(summary: ClassSummary, document: Arc<Document>) -> impl IntoView {
    let findings: Vec<Finding> = document.findings_of(summary.class).cloned().collect();
    let closest = (!summary.closest.is_empty()).then(|| view! { <p class="closest">{summary.closest.clone()}</p> });
    let chart = match summary.class {
        Class::LongGap => Some(view! { <Gaps document=document.clone()/> }.into_any()),
        Class::SessionDuration => Some(view! { <Durations document=document.clone()/> }.into_any()),
        _ => None,
    };
    view! {
        <section class="class" data-class=summary.class.slug()>
            <h2>{summary.name}</h2>
            {closest}
            {findings.into_iter().map(|finding| view! { <Article finding/> }).collect_view()}
            {(summary.class == Class::LongGap).then(|| view! { <Split document=document.clone()/> })}
            {chart}
            <details><summary>"What this class looks for"</summary>
                <p class="note">{summary.definition}" "{summary.threshold}" "{format!("Looked at: {}.", of_unit(summary.tested, &summary.unit))}</p>
            </details>
        </section>
    }
}

/// The button that splits sessions, or puts them together again.
const SPLIT: &str = "split";

/// Sessions with gaps that probably part two visits can be split there, and put together again.
#[component]
fn Split(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let gaps = &document.settings.long_gap;
    let after_s = gaps.two_visits_gap_s;
    let split = move |after_s: f64| {
        let mut settings = app.settings.get_untracked();
        settings.long_gap.split_after_s = after_s;
        app.keep_focus();
        app.replace_settings(settings);
    };
    if gaps.split_after_s > 0.0 {
        let says = format!("Sessions are split at gaps over {}. ", seconds(gaps.split_after_s));
        return Some(view! { <p class="note">{says}<button id=SPLIT class="chip" on:click=move |_| split(0.0)>"Put them together again"</button></p> }.into_any());
    }
    let long = document.gaps.iter().any(|bin| bin.count > 0 && bin.to_ms.is_none_or(|to| to as f64 > after_s * 1e3));
    long.then(|| {
        view! { <p><button id=SPLIT class="chip" on:click=move |_| split(after_s)>{format!("Split sessions at gaps over {}", seconds(after_s))}</button></p> }.into_any()
    })
}

#[component]
fn Gaps(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let bins = document.gaps.clone();
    let of =
        |bin: &crate::analysis::histogram::HistogramBin| SessionFilter::Gap { from_ms: bin.from_ms, to_ms: bin.to_ms };
    let (drawn, clicked) = (bins.clone(), bins.clone());
    (!bins.is_empty()).then(|| view! {
        <h3 class="figure-title">"Gaps between two events of a session"</h3>
        <ChartView id="gaps-chart" height=200 picture=Picture::Histogram(drawn)
            on_click=move |click| if let Some(bin) = clicked.get(click.index) { app.go(&Route::sessions(of(bin))) }/>
        <details class="as-table"><summary>"As a table"</summary>
            {table("Gaps by length", vec![("Length", false), ("Gaps", true), ("Sessions", false)], view! {
                {bins.iter().filter(|bin| bin.count > 0).map(|bin| view! {
                    <tr>
                        <td class="name">{span(bin.from_ms, bin.to_ms)}</td>
                        <td class="number">{number(bin.count)}</td>
                        <td>{link(app, of(bin), "Show them")}</td>
                    </tr>
                }).collect_view()}
            })}
        </details>
    })
}

fn link(app: AppState, filter: SessionFilter, text: &'static str) -> impl IntoView {
    let route = Route::sessions(filter);
    view! { <a href=move || app.href(&route)>{text}</a> }
}

#[component]
fn Durations(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let bins = document.durations.clone();
    let of = |bin: &crate::analysis::histogram::HistogramBin| SessionFilter::Duration {
        from_s: bin.from_ms / 1000,
        to_s: bin.to_ms.map(|ms| ms / 1000),
    };
    let (drawn, clicked) = (bins.clone(), bins.clone());
    (!bins.is_empty()).then(|| view! {
        <h3 class="figure-title">"Sessions by duration"</h3>
        <ChartView id="durations-chart" height=200 picture=Picture::Histogram(drawn)
            on_click=move |click| if let Some(bin) = clicked.get(click.index) { app.go(&Route::sessions(of(bin))) }/>
        <details class="as-table"><summary>"As a table"</summary>
            {table("Sessions by duration", vec![("Duration", false), ("Sessions", true)], view! {
                {bins.iter().filter(|bin| bin.count > 0).map(|bin| view! {
                    <tr><td class="name">{span(bin.from_ms, bin.to_ms)}</td><td class="number"><Sessions filter=of(bin) n=bin.count/></td></tr>
                }).collect_view()}
            })}
        </details>
    })
}
