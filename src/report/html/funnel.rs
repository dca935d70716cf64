//! How far sessions get, and how those end that do not reach the goal.

use maud::{Markup, html};

use super::sessions::Boards;
use super::table::{Cell, Table, numbers, text};
use crate::analysis::EndKind;
use crate::charts::bars;
use crate::findings::when;
use crate::findings::wording::{count, number, rate, seconds};
use crate::report::document::{Document, StepInfo};
use crate::report::trend::Stretch;

pub fn funnel(document: &Document, boards: &Boards) -> Markup {
    let funnel = &document.funnel;
    let all = funnel.steps.first().map_or(0, |step| step.sessions);
    html! {
        ol.funnel {
            @for (index, now) in funnel.steps.iter().enumerate() {
                (step(now, index.checked_sub(1).map(|before| &funnel.steps[before]), all, boards))
            }
        }
        p.note { (document.abandonment.check) "." }
        @for note in &funnel.notes { p.note { (note) } }
        p.note { (document.steps_from()) }
        (ends(document))
        (over_time(document))
    }
}

/// Shares over time, where there are sessions enough.
fn over_time(document: &Document) -> Markup {
    let row = |stretch: &Stretch| {
        vec![
            Cell::text(&when::exact(&stretch.from)).sorted_by(stretch.from_us as f64 / 1e6),
            Cell::count(stretch.sessions),
            Cell::count(stretch.converted),
            Cell::rate(stretch.converted_rate.as_ref()),
            Cell::rate(stretch.error_rate.as_ref()),
        ]
    };
    let columns =
        [text("From"), numbers("Sessions"), numbers("Reached the goal"), numbers("Share"), numbers("Met an error")];
    Table {
        label: "Over time",
        caption: html! { "Over time, in stretches of " (seconds(document.trend.width_s.0)) "; a session counts where it begins" },
        columns: &columns,
        rows: document.trend.stretches.iter().map(row).collect(),
    }
    .markup()
}

/// One step: its name, its bar, and in words who went on.
fn step(step: &StepInfo, before: Option<&StepInfo>, all: u64, boards: &Boards) -> Markup {
    html! {
        li {
            b.name { (step.name) }
            div.reach { (bars::bar(step.sessions, step.lost, all)) span { (number(step.sessions)) } }
            div.note {
                @match (before, &step.from_previous) {
                    (Some(before), Some(share)) => {
                        p {
                            (number(step.sessions)) " of " (number(before.sessions)) " went on"
                            @if let Some(median) = step.seconds_median { ", in the median after " (seconds(median.0)) }
                        }
                        p { (rate(share)) }
                        @if step.lost == 0 { p { "All got here" } }
                        @else {
                            (boards.list(html! { em { (number(step.lost)) " did not get here" } }, &step.lost_sessions, &step.lost_users, step.lost))
                        }
                    }
                    (Some(_), None) => { p { "Nobody was left" } }
                    (None, _) => { p { (count(step.sessions, "session")) } }
                }
            }
        }
    }
}

/// The last thing that sessions without the goal did, by whether they took the last step before it.
fn ends(document: &Document) -> Markup {
    let ends = &document.abandonment.ends;
    let sessions = |kind: EndKind, took: bool| -> u64 {
        let these = ends.iter().filter(|end| end.ended == kind && end.took_last_step == took);
        these.map(|end| end.session_count).sum()
    };
    let last = document.abandonment.last_step.as_deref();
    let row = |kind: EndKind| {
        let (took, not) = (sessions(kind, true), sessions(kind, false));
        let mut cells = vec![Cell::text(kind.describe()), Cell::count(took + not)];
        cells.extend(last.is_some().then(|| [Cell::count(took), Cell::count(not)]).into_iter().flatten());
        (took + not > 0).then_some(cells)
    };
    let columns = [text("How they ended"), numbers("Sessions"), numbers("Took that step"), numbers("Did not")];
    Table {
        label: "How sessions without the goal ended",
        caption: html! {
            "How the " (count(document.goal.abandoned, "session")) " without the goal ended"
            @if let Some(last) = last { ", by whether they had taken the last step before it, “" (last) "”" }
        },
        columns: if last.is_some() { &columns } else { &columns[..2] },
        rows: EndKind::ALL.into_iter().filter_map(row).collect(),
    }
    .markup()
}
