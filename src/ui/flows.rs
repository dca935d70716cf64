//! Flows: where sessions go from page to page, which flows are frequent, where they begin and end.

use std::sync::Arc;

use leptos::prelude::*;

use crate::analysis::flow_steps::{FlowLink, MAX_STEPS, Place};
use crate::analysis::session_table::SessionFilter;
use crate::charts::options::{self, Picture};
use crate::findings::wording::{count, interval, number, percent, seconds};
use crate::report::Document;
use crate::report::document::{FlowInfo, PageInfo};
use crate::report::typed::{TypedRow, TypedWhat};
use crate::settings::ExitsOf;
use crate::stats::Rounded;
use crate::ui::chart::ChartView;
use crate::ui::parts::{PageTable, Rows, Sessions, results, table};
use crate::ui::route::Route;
use crate::ui::state::AppState;

#[component]
pub fn Flows() -> impl IntoView {
    let results = results();
    move || {
        let document = results.get();
        let exits = match document.exits_of {
            ExitsOf::AllSessions => "Last pages of all sessions",
            ExitsOf::AbandonedSessions => "Last pages of sessions that did not reach the goal",
        };
        let lengths = &document.list_lengths;
        let most = document.flows.first().filter(|flow| flow.sessions > 1).map_or(String::new(), |flow| {
            let share = percent(flow.sessions as f64 / document.totals.sessions.max(1) as f64);
            format!(
                " The most frequent: {} ({}), taken by {} ({share}).",
                flow.name,
                flow.title,
                count(flow.sessions, "session")
            )
        });
        view! {
            <h1>"Flows"</h1>
            <p class="lede">{format!("{} took {}.", count(document.totals.sessions, "session"), if document.flow_count == 1 { "one flow".into() } else { format!("{} different flows", number(document.flow_count)) })}{most}</p>
            <h2>"Step by step"</h2>
            <StepByStep document=document.clone()/>
            <h2>"The most frequent flows"</h2>
            <div class="stacked">{table("Flows, repeated pages collapsed", vec![("Flow", false), ("Sessions", true), ("Reached the goal", true)], view! {
                <Rows rows=document.flows.clone() total=document.flow_count columns=3 row=|flow: FlowInfo| view! {
                    <tr>
                        <td class="name"><b>{flow.name}</b><span class="flow-pages">{flow.title}</span></td>
                        <td class="number" data-head="Sessions: "><Sessions filter=SessionFilter::Flow { pages: flow.pages.clone(), converted: false } n=flow.sessions/></td>
                        <td class="number" data-head="Reached the goal: "><Sessions filter=SessionFilter::Flow { pages: flow.pages, converted: true } n=flow.converted/></td>
                    </tr>
                }/>
            })}</div>
            <h2>"Where sessions begin and end"</h2>
            <div class="columns">
                <PageTable caption="First pages" name="Page" total=lengths.entries pages=document.entries.clone() filter=|page| SessionFilter::Entry { page }/>
                <PageTable caption=exits name="Page" total=lengths.exits pages=document.exits.clone() filter=|page| SessionFilter::Exit { page }/>
            </div>
            <h2>"Pages"</h2>
            <Pages document=document.clone()/>
            {(!document.typed.is_empty()).then(|| view! { <Typed rows=document.typed.clone()/> })}
            {(!document.products.is_empty()).then(|| view! {
                <h2>"Products"</h2>
                <p class="note">{format!("{} of {}; a session that sees one again counts once.", count(document.product_views, "view"), count(lengths.products, "product"))}</p>
                <div class="small-table"><PageTable caption="Products by sessions" name="Product" total=lengths.products pages=document.products.clone() filter=|path| SessionFilter::Path { path }/></div>
            })}
        }
    }
}

/// What was typed, by element, and what came of it.
#[component]
fn Typed(rows: Vec<TypedRow>) -> impl IntoView {
    let heads = vec![
        ("Typed", false),
        ("Times", true),
        ("Nothing found", true),
        ("Last event", true),
        ("Sessions", true),
        ("Reached the goal", true),
    ];
    view! {
        <h2>"What was typed"</h2>
        {table("By element; values of several sessions that do not look personal.", heads, view! {
            <Rows rows=rows columns=6 row=|row: TypedRow| view! {
                <tr class:part={row.what != TypedWhat::All}>
                    <td class="name">{row.describe()}</td>
                    <td class="number">{number(row.times)}</td>
                    <td class="number">{number(row.no_result)}</td>
                    <td class="number">{number(row.last)}</td>
                    <td class="number">{number(row.sessions)}</td>
                    <td class="number">{number(row.converted)}</td>
                </tr>
            }/>
        })}
    }
}

#[component]
fn StepByStep(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let steps = document.flow_steps.clone();
    let nodes: Vec<(u32, Place)> = steps
        .steps
        .iter()
        .enumerate()
        .flat_map(|(step, places)| places.iter().map(move |(place, _)| (step as u32, place.clone())))
        .collect();
    let links = steps.links.clone();
    let tallest = steps.steps.iter().map(Vec::len).max().unwrap_or(1);
    let width = options::FLOW_COLUMN * steps.steps.len();
    let n = steps.steps.len();
    // Each name above its column, which the chart spreads over its width but for the room at its right.
    let heads = move || {
        let at = move |step: usize| {
            let share = step as f64 / (n - 1).max(1) as f64;
            format!("left: calc((100% - {}px) * {share})", options::FLOW_ROOM + options::FLOW_BAR)
        };
        let head = move |step: usize| view! { <span style=at(step)>{format!("Step {}", step + 1)}</span> };
        view! { <div class="flow-heads" style=format!("min-width: {width}px")>{(0..n).map(head).collect_view()}</div> }
    };
    let cut = (n == MAX_STEPS).then(|| format!(" Steps after the first {MAX_STEPS} are not drawn."));
    let (drawn, clicked) = (steps.clone(), links.clone());
    view! {
        <ChartView id="flows-chart" height=(58 * tallest).clamp(240, 560) min_width=width heading=heads
            picture=Picture::Flows(drawn)
            on_click=move |click| {
                let filter = if click.is_link {
                    clicked.get(click.index).map(of_link)
                } else {
                    nodes.get(click.index).map(|(step, place)| at_place(*step, place.clone()))
                };
                if let Some(filter) = filter {
                    app.go(&Route::sessions(filter));
                }
            }/>
        <p class="note">"Each column is a step of the flow; a click on a page or a band opens its sessions. A session that ends is drawn once more in the next column, as “Goal reached” or “Drop-off”, and then no longer."{cut}</p>
        <details class="as-table"><summary>"As a table"</summary>
            {table("From page to page, step by step", vec![("Step", true), ("From", false), ("To", false), ("Sessions", true)], view! {
                <Rows rows=links columns=4 row=|link: FlowLink| view! {
                    <tr>
                        <td class="number">{number(u64::from(link.step) + 1)}</td>
                        <td class="name">{link.from.label().to_string()}</td>
                        <td class="name">{link.to.label().to_string()}</td>
                        <td class="number"><Sessions filter=of_link(&link) n=link.sessions/></td>
                    </tr>
                }/>
            })}
        </details>
    }
}

fn of_link(link: &FlowLink) -> SessionFilter {
    SessionFilter::FlowStep { step: link.step, from: link.from.clone(), to: Some(link.to.clone()) }
}

fn at_place(step: u32, place: Place) -> SessionFilter {
    SessionFilter::FlowStep { step, from: place, to: None }
}

#[component]
fn Pages(document: Arc<Document>) -> impl IntoView {
    let dwell = |s: Option<Rounded>| s.map_or("–".to_string(), |s| seconds(s.0));
    let heads = vec![
        ("Page", false),
        ("Sessions", true),
        ("Events", true),
        ("Median dwell", true),
        ("Mean dwell", true),
        ("With an error", true),
        ("Share [95 % interval]", true),
    ];
    let mean = document.mean_dwell_s.map(|s| format!("The pages’ mean dwells are {} on average.", seconds(s.0)));
    view! {
        {table("Dwell is the time from an event on the page to the next event of the session.", heads, view! {
            <Rows rows=document.pages.clone() total=document.list_lengths.pages columns=7 row=move |page: PageInfo| {
                let rate = page.error_rate.as_ref().filter(|_| page.error_sessions > 0);
                let share = rate.map(|rate| format!("{} [{}]", percent(rate.value.0), interval(rate)));
                let of_page = SessionFilter::Page { page: page.page.clone() };
                let with_error = SessionFilter::Error { page: Some(page.page.clone()) };
                view! {
                    <tr>
                        <td class="name">{page.page}</td>
                        <td class="number"><Sessions filter=of_page n=page.sessions/></td>
                        <td class="number">{number(page.events)}</td>
                        <td class="number">{dwell(page.dwell_median_s)}</td>
                        <td class="number">{dwell(page.dwell_mean_s)}</td>
                        <td class="number"><Sessions filter=with_error n=page.error_sessions/></td>
                        <td class="number">{share}</td>
                    </tr>
                }
            }/>
        })}
        {mean.map(|mean| view! { <p class="note">{mean}</p> })}
    }
}
