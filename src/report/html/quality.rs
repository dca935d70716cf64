//! The file itself: what was read, rejected, repaired, and how paths became pages.

use maud::{Markup, html};

use super::LISTED_ROWS;
use super::table::{Cell, Table, first_of, numbers, text};
use crate::findings::wording::{count, place};
use crate::ingest::RejectReason;
use crate::report::document::{Document, TemplateInfo};
use crate::report::quality::{FieldInfo, PersonalInfo};

pub fn quality(document: &Document) -> Markup {
    let quality = &document.quality;
    html! {
        p { (document.accounting()) }
        @if quality.cut_off { p { "The file ends in the middle of a record: part of it may be missing." } }
        ul.plain {
            @if quality.ties > 0 { li { (count(quality.ties, "pair")) " of neighbouring events with the same time, in the order of the file" } }
            @if quality.out_of_order > 0 { li { (count(quality.out_of_order, "event")) " later in the file than in time" } }
            @if quality.secret_values > 0 { li { (count(quality.secret_values, "value")) " typed into a password field or the like" } }
            li {
                @if quality.zoned == 0 { "Times carry no time zone and are shown as they stand" }
                @else { "Times with a zone are shown in UTC" }
            }
        }
        (files(document))
        (rejected(document))
        (repaired(document))
        (fields(document))
        (unknown(document))
        (personal(document))
        @if let Some(edges) = quality.edges_note() { p.note { (edges) } }
        (templates(document))
    }
}

fn files(document: &Document) -> Markup {
    let rows = document
        .source
        .files
        .iter()
        .map(|file| vec![Cell::text(&file.name), Cell::count(file.bytes), Cell::count(file.lines)]);
    let left_out = document.source.left_out.iter().map(|file| vec![Cell::text(&file.name), Cell::text(&file.reason)]);
    let left_out = Table {
        label: "Files that were left out",
        caption: html! { "Files that were opened with them and left out" },
        columns: &[text("File"), text("Why")],
        rows: left_out.collect(),
    };
    let files = Table {
        label: "Files",
        caption: html! { "The files, which are one data set in this order" },
        columns: &[text("File"), numbers("Bytes"), numbers("Lines")],
        rows: rows.collect(),
    };
    html! { (files.markup()) (left_out.markup()) }
}

fn rejected(document: &Document) -> Markup {
    let quality = &document.quality;
    let row = |(reason, lines): (&RejectReason, &u64)| {
        vec![Cell::text(&reason.describe(&document.settings.mapping)), Cell::count(*lines)]
    };
    let (reasons, aside) = (quality.rejected.iter().map(row), quality.set_aside.iter().map(row));
    let listed = quality.rejected_lines.len().min(LISTED_ROWS);
    let lines = quality.rejected_lines[..listed].iter().map(|line| {
        vec![Cell::text(&place(line.file.as_deref(), line.line)).sorted_by(line.line as f64), Cell::text(&line.reason)]
    });
    html! {
        (Table {
            label: "Rejected lines by reason",
            caption: html! { "Why lines were rejected" },
            columns: &[text("Reason"), numbers("Lines")],
            rows: reasons.collect(),
        }.markup())
        (Table {
            label: "Lines that were set aside",
            caption: html! { "Lines that were set aside: they tell of no action of a person" },
            columns: &[text("What they are"), numbers("Lines")],
            rows: aside.collect(),
        }.markup())
        (Table {
            label: "Rejected lines",
            caption: html! { "Rejected lines" (first_of(listed, document.totals.rejected)) },
            columns: &[text("Where"), text("Reason")],
            rows: lines.collect(),
        }.markup())
    }
}

fn repaired(document: &Document) -> Markup {
    let records = &document.quality.salvaged;
    let listed = records.len().min(LISTED_ROWS);
    let rows = records[..listed].iter().map(|record| {
        vec![
            Cell::text(&place(record.file.as_deref(), record.line)).sorted_by(record.line as f64),
            Cell::text(record.rule.describe()),
            Cell::text(&record.text),
        ]
    });
    Table {
        label: "Repaired records",
        caption: html! { "Repaired records" (first_of(listed, document.totals.salvaged)) },
        columns: &[text("Where"), text("What was done"), text("Now reads")],
        rows: rows.collect(),
    }
    .markup()
}

fn fields(document: &Document) -> Markup {
    let row = |field: &FieldInfo| {
        let counts = field.counts().into_iter().map(Cell::count);
        std::iter::once(Cell::text(&field.field)).chain(counts).collect()
    };
    Table {
        label: "Fields",
        caption: html! { "Events by what they have in a field, where it is not simply filled" },
        columns: &[
            text("Field"),
            numbers("Missing"),
            numbers("Null"),
            numbers("Blank"),
            numbers("Text"),
            numbers("Number, true, false"),
            numbers("List, object"),
            numbers("Placeholder"),
        ],
        rows: document.quality.noteworthy_fields().into_iter().map(row).collect(),
    }
    .markup()
}

fn personal(document: &Document) -> Markup {
    let row = |found: &PersonalInfo| {
        vec![
            Cell::text(&found.field),
            Cell::text(found.describe()),
            Cell::count(found.events),
            Cell::text(&place(found.file.as_deref(), found.first_line)).sorted_by(found.first_line as f64),
        ]
    };
    Table {
        label: "Personal data",
        caption: html! { "What looks personal; the values themselves are shown nowhere" },
        columns: &[text("Field"), text("Looks like"), numbers("Events"), text("First")],
        rows: document.quality.personal.iter().map(row).collect(),
    }
    .markup()
}

fn unknown(document: &Document) -> Markup {
    let fields = &document.quality.unknown_fields;
    let listed = fields.len().min(LISTED_ROWS);
    let rows = fields.iter().take(listed).map(|(field, events)| vec![Cell::text(field), Cell::count(*events)]);
    Table {
        label: "Unused fields",
        caption: html! { "Fields that were not used" (first_of(listed, fields.len() as u64)) },
        columns: &[text("Field"), numbers("Events")],
        rows: rows.collect(),
    }
    .markup()
}

fn templates(document: &Document) -> Markup {
    let listed = document.templates.len().min(LISTED_ROWS);
    let row = |template: &TemplateInfo| {
        vec![
            Cell::text(&template.page),
            Cell::count(template.paths),
            Cell::of(
                html! { @for (index, path) in template.examples.iter().enumerate() { @if index > 0 { ", " } (path) } },
            ),
        ]
    };
    Table {
        label: "Page templates",
        caption: html! {
            (count(document.list_lengths.raw_paths, "path")) " became " (count(document.list_lengths.pages, "page"))
            "; pages that stand for others than their own path" (first_of(listed, document.templates.len() as u64))
        },
        columns: &[text("Page"), numbers("Paths"), text("The most visited of them")],
        rows: document.templates[..listed].iter().map(row).collect(),
    }
    .markup()
}
