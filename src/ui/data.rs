//! The file itself: whether every line is accounted for, what was rejected, repaired or looks odd, how paths were
//! folded to pages, and how events spread over time.

use std::sync::Arc;

use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::analysis::behind::Behind;
use crate::analysis::session_table::SessionFilter;
use crate::charts::options::Picture;
use crate::findings::Class;
use crate::findings::when;
use crate::findings::wording::{count, list, number, place, seconds, shown, span};
use crate::ingest::RejectReason;
use crate::ingest::layout::{self, OTHER_LAYOUT};
use crate::report::Document;
use crate::report::document::{TemplateInfo, TimelineBin};
use crate::report::inactivity::Inactivity;
use crate::ui::chart::ChartView;
use crate::ui::parts::{Article, Rows, Sessions, results, table};
use crate::ui::route::Route;
use crate::ui::state::AppState;

#[component]
pub fn Data() -> impl IntoView {
    let results = results();
    move || {
        let document = results.get();
        let is_about_file = |class| matches!(class, Class::DataQuality | Class::Duplicate | Class::Clock);
        let findings: Vec<_> =
            document.findings.iter().filter(|finding| is_about_file(finding.class)).cloned().collect();
        let lines = document.accounting();
        let zone = match document.quality.zoned {
            0 => "The times name no time zone and are shown as they stand.",
            _ => "Times with a zone are shown in UTC.",
        };
        let mut order = String::new();
        let (ties, late) = (document.quality.ties, document.quality.out_of_order);
        if ties > 0 {
            order += &format!(
                "{} of neighbouring events with the same time, in the order of the file. ",
                count(ties, "pair")
            );
        }
        if late > 0 {
            order += &format!("{} later in the file than in time. ", count(late, "event"));
        }
        view! {
            <h1>"Data"</h1>
            <p class="lede">{lines}</p>
            <p class="note">{order}{zone}</p>
            {(!findings.is_empty()).then(|| view! { <h2>"What stands out"</h2> })}
            {findings.into_iter().map(|finding| view! { <Article finding/> }).collect_view()}
            <h2>"Events over time"</h2>
            <OverTime document=document.clone()/>
            {document.inactivity.clone().map(|inactivity| view! { <SessionEnds inactivity/> })}
            <h2>"From paths to pages"</h2>
            <Templates document=document.clone()/>
            <h2>"Line by line"</h2>
            <Lines document=document.clone()/>
            <Fields document=document.clone()/>
            <Source document=document.clone()/>
        }
    }
}

#[component]
fn OverTime(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let timeline = document.timeline.clone();
    let started =
        |bin: &TimelineBin, converted| SessionFilter::Started { from_us: bin.from_us, to_us: bin.to_us, converted };
    let (drawn, clicked) = (timeline.clone(), timeline.bins.clone());
    view! {
        <ChartView id="timeline-chart" height=240 picture=Picture::Timeline(drawn)
            on_click=move |click| if let Some(bin) = clicked.get(click.index) {
                let (from_us, to_us) = (bin.from_us, bin.to_us);
                app.go(&Route::sessions(match click.series {
                    0 => SessionFilter::During { from_us, to_us },
                    // The errors among them.
                    _ => SessionFilter::Behind { title: String::new(), behind: Behind::ErrorDuring { from_us, to_us } },
                }));
            }/>
        <p class="note">{format!("Each bar is {}; a click opens the sessions with events in it.", seconds(timeline.width_s.0))}</p>
        <details class="as-table"><summary>"As a table"</summary>
            {table("Events over time", vec![("From", false), ("Events", true), ("Errors", true), ("Sessions that begin", true), ("Reach the goal", true)], view! {
                {timeline.bins.iter().map(|bin| view! {
                    <tr>
                        <td class="name">{when::exact(&bin.from)}</td>
                        <td class="number">{number(bin.events)}</td>
                        <td class="number">{number(bin.error_events)}</td>
                        <td class="number"><Sessions filter=started(bin, false) n=bin.sessions/></td>
                        <td class="number"><Sessions filter=started(bin, true) n=bin.converted/></td>
                    </tr>
                }).collect_view()}
            })}
        </details>
    }
}

/// The button that sets what ends a session.
const SESSION_END: &str = "session-end";

/// What ends a session where the file names none, and what its gaps suggest.
#[component]
fn SessionEnds(inactivity: Inactivity) -> impl IntoView {
    let app = expect_context::<AppState>();
    let set = move |after_s: f64| {
        let mut settings = app.settings.get_untracked();
        settings.long_gap.split_after_s = after_s;
        app.keep_focus();
        app.replace_settings(settings);
    };
    let chosen = app.settings.with_untracked(|settings| settings.long_gap.split_after_s > 0.0);
    let button = |says: String, after_s: f64| {
        view! { <p><button id=SESSION_END class="chip" on:click=move |_| set(after_s)>{says}</button></p> }
    };
    let change = match inactivity.other() {
        Some(other) => Some(button(format!("End sessions after {}", seconds(other.after_s.0)), other.after_s.0)),
        None if chosen => Some(button("End sessions as usual".into(), 0.0)),
        None => None,
    };
    let (bins, drawn) = (inactivity.gaps.clone(), inactivity.gaps.clone());
    view! {
        <h2>"Where sessions end"</h2>
        <p>{inactivity.describe()}</p>
        {change}
        <ChartView id="user-gaps-chart" height=200 picture=Picture::Histogram(drawn) on_click=|_| ()/>
        <details class="as-table"><summary>"As a table"</summary>
            {table("Gaps between events of a user, across sessions", vec![("Length", false), ("Gaps", true)], view! {
                {bins.iter().filter(|bin| bin.count > 0).map(|bin| view! {
                    <tr><td class="name">{span(bin.from_ms, bin.to_ms)}</td><td class="number">{number(bin.count)}</td></tr>
                }).collect_view()}
            })}
        </details>
    }
}

#[component]
fn Templates(document: Arc<Document>) -> impl IntoView {
    let lengths = &document.list_lengths;
    let folded = document.templates.clone();
    if folded.is_empty() {
        let alone = match lengths.raw_paths {
            1 => "There is 1 path, which is a page.".to_string(),
            n => format!("Each of the {} is a page of its own.", count(n, "path")),
        };
        return view! { <p>{alone}</p> }.into_any();
    }
    view! {
        <p>{format!("{} are {}: paths that differ only by an id or a name are one page.", count(lengths.raw_paths, "different path"), count(lengths.pages, "page"))}</p>
        {table("Pages that stand for other paths", vec![("Page", false), ("Paths", true), ("For example", false)], view! {
            <Rows rows=folded columns=3 row=|template: TemplateInfo| view! {
                <tr>
                    <td class="name">{template.page}</td>
                    <td class="number">{number(template.paths)}</td>
                    <td class="paths">{template.examples.join(", ")}</td>
                </tr>
            }/>
        })}
    }
    .into_any()
}

#[component]
fn Lines(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let (totals, quality) = (&document.totals, &document.quality);
    let none = quality.rejected_lines.is_empty() && quality.set_aside.is_empty() && quality.salvaged.is_empty();
    let named = quality.rejected_lines.len() as u64;
    let first = if totals.rejected > named {
        format!(", the first {} of {}", number(named), number(totals.rejected))
    } else {
        String::new()
    };
    view! {
        <p>
            {format!("Read as {}. ", layout::name_of(&document.settings.mapping).unwrap_or(OTHER_LAYOUT))}
            <button class="plain" on:click=move |_| app.choose_again()>"Choose other fields"</button>"."
        </p>
        {none.then(|| view! { <p>"Every line that is not blank is a whole record."</p> })}
        {(!quality.set_aside.is_empty()).then(|| view! {
            {table("Set aside: no actions of people", vec![("What they are", false), ("Lines", true)], view! {
                {quality.set_aside.iter().map(|(reason, lines)| view! {
                    <tr><td>{reason.describe(&document.settings.mapping)}</td><td class="number">{number(*lines)}</td></tr>
                }).collect_view()}
            })}
        })}
        {(named > 0).then(|| view! {
            {table(format!("Rejected lines{first}"), vec![("Where", false), ("Reason", false)], view! {
                {quality.rejected_lines.iter().map(|line| view! {
                    <tr><td class="where">{place(line.file.as_deref(), line.line)}</td><td>{line.reason.clone()}</td></tr>
                }).collect_view()}
            })}
            <p><button class="button" on:click=move |_| app.save_rejected()>"Download the rejected lines"</button></p>
        })}
        {(!quality.salvaged.is_empty()).then(|| view! {
            {table("Repaired records", vec![("Where", false), ("What was done", false), ("Now reads", false)], view! {
                {quality.salvaged.iter().map(|record| view! {
                    <tr><td class="where">{place(record.file.as_deref(), record.line)}</td><td>{record.rule.describe()}</td><td>{record.text.clone()}</td></tr>
                }).collect_view()}
            })}
        })}
        <Repaired document=document.clone()/>
    }
}

/// The switch that leaves out repaired records, and what it does to the figures.
#[component]
fn Repaired(document: Arc<Document>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let counted = document.settings.salvage;
    let left_out = document.quality.rejected.contains_key(&RejectReason::Damaged);
    let switch = move |event: Targeted<Event, HtmlInputElement>| app.count_repaired(event.target().checked());
    let now = document.figures();
    let effect = move || {
        let before = app.before_switch.get()?;
        let said = |at: usize| match at {
            0 => count(now[at], "event"),
            1 => count(now[at], "session"),
            2 => count(now[at], "user"),
            _ => format!("{} reaching the goal", number(now[at])),
        };
        let changed = (0..now.len()).filter(|at| before[*at] != now[*at]);
        let words: Vec<String> = changed.map(|at| format!("{} instead of {}", said(at), number(before[at]))).collect();
        Some(match words.is_empty() {
            true => "No headline figure has changed.".to_string(),
            false => format!("Now {}.", list(&words)),
        })
    };
    (!document.quality.salvaged.is_empty() || left_out).then(|| view! {
        <p>
            <label class="inline"><input id="count-repaired" type="checkbox" prop:checked=counted on:change:target=switch/>"Count repaired records"</label>
            <span role="status">" "{effect}</span>
        </p>
    })
}

#[component]
fn Fields(document: Arc<Document>) -> impl IntoView {
    let quality = &document.quality;
    let noteworthy = quality.noteworthy_fields();
    let heads = vec![
        ("Field", false),
        ("Missing", true),
        ("Null", true),
        ("Blank", true),
        ("Text", true),
        ("Number, true, false", true),
        ("List, object", true),
        ("Placeholder", true),
    ];
    let unknown = quality.unknown_fields.iter();
    view! {
        {(!noteworthy.is_empty()).then(|| view! {
            {table("Records by what they have in a field, duplicates among them, where it is not simply filled", heads, view! {
                {noteworthy.iter().map(|field| {
                    let counts = field.counts().into_iter().map(|n| view! { <td class="number">{number(n)}</td> });
                    view! { <tr><td class="name">{field.field.clone()}</td>{counts.collect_view()}</tr> }
                }).collect_view()}
            })}
        })}
        {(!quality.unknown_fields.is_empty()).then(|| view! {
            {table("Fields that are not used", vec![("Field", false), ("Events", true)], view! {
                {unknown.map(|(name, n)| view! { <tr><td class="name">{name.clone()}</td><td class="number">{number(*n)}</td></tr> }).collect_view()}
            })}
        })}
        {(!quality.personal.is_empty()).then(|| view! {
            {table("What looks personal; the values themselves are shown nowhere", vec![("Field", false), ("Looks like", false), ("Events", true), ("First", false)], view! {
                {quality.personal.iter().map(|found| view! {
                    <tr>
                        <td class="name">{found.field.clone()}</td>
                        <td>{found.describe()}</td>
                        <td class="number">{number(found.events)}</td>
                        <td class="where">{place(found.file.as_deref(), found.first_line)}</td>
                    </tr>
                }).collect_view()}
            })}
        })}
        {quality.edges_note().map(|note| view! { <p class="note">{note}</p> })}
    }
}

#[component]
fn Source(document: Arc<Document>) -> impl IntoView {
    let source = &document.source;
    let left_out = (!source.left_out.is_empty()).then(|| {
        view! {
            {table("Files that were left out", vec![("File", false), ("Why", false)], view! {
                {source.left_out.iter().map(|file| view! {
                    <tr><td class="where">{shown(&file.name)}</td><td>{file.reason.clone()}</td></tr>
                }).collect_view()}
            })}
        }
    });
    let files = (!source.files.is_empty()).then(|| view! {
        {table("The files are one data set, in this order", vec![("File", false), ("Bytes", true), ("Lines", true)], view! {
            {source.files.iter().map(|file| view! {
                <tr><td class="name">{file.name.clone()}</td><td class="number">{number(file.bytes)}</td><td class="number">{number(file.lines)}</td></tr>
            }).collect_view()}
        })}
    });
    (files.is_some() || left_out.is_some()).then(|| view! { <h2>"Files"</h2>{files}{left_out} })
}
