//! The part of the document about the file itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::personal::PersonalKind;
use crate::findings::wording::{count, count_were, number};
use crate::ingest::RejectReason;
use crate::ingest::event::SalvagedRole;
use crate::ingest::salvage::Rule;
use crate::ingest::shape::{FieldKind, IdShape};
use crate::report::Document;
use crate::settings::Role;
use crate::stats::Rounded;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityInfo {
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Lines that tell of no action of a person, by what they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<RejectReason, u64>,
    pub rejected_lines: Vec<RejectedLine>,
    pub salvaged: Vec<SalvagedInfo>,
    /// Events by fields that the mapping does not use.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Events whose time names its zone; the others are taken as they stand.
    pub zoned: u64,
    pub out_of_order: u64,
    /// Neighbours in a session with the same time; the file's order decides between them.
    pub ties: u64,
    /// Standard deviation over mean of the gaps between session starts: 1 for random arrivals.
    pub arrival_variation: Option<Rounded>,
    pub arrival_mean_gap_s: Option<Rounded>,
    pub secret_values: u64,
    pub sessions_over_limit: u64,
    /// The file ends in the middle of a record.
    pub cut_off: bool,
    /// What the events have in each field that the mapping names.
    pub fields: Vec<FieldInfo>,
    pub personal: Vec<PersonalInfo>,
    /// Forms of ids, by role.
    pub id_forms: BTreeMap<Role, BTreeMap<IdShape, u64>>,
    /// Absent where the file is too short to tell its ends from its middle.
    pub edges: Option<EdgesInfo>,
}

/// Events by what they have in a field. The kinds add up to all events read, duplicates included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldInfo {
    pub role: Role,
    pub field: String,
    pub missing: u64,
    pub null: u64,
    pub blank: u64,
    pub text: u64,
    /// Numbers, true and false.
    pub literal: u64,
    /// Lists and objects.
    pub nested: u64,
    /// Events that hold a placeholder, duplicates left out.
    pub placeholder: u64,
}

/// What looks personal in a field; never the value itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonalInfo {
    pub kind: PersonalKind,
    pub role: Role,
    pub field: String,
    pub events: u64,
    pub first_line: u64,
    /// That line's file, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Sessions that the file's ends may cut off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgesInfo {
    pub at_start: u64,
    pub at_end: u64,
    /// At either end, each session once.
    pub sessions: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedLine {
    /// The line's file, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub line: u64,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SalvagedInfo {
    /// The line's file, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub line: u64,
    pub field: SalvagedRole,
    pub rule: Rule,
    /// The field as it now reads; empty for typed values.
    pub text: String,
}

impl QualityInfo {
    pub fn new(results: &Results) -> QualityInfo {
        let (quality, read) = (&results.collected.quality, &results.read);
        let mapping = &results.plan.settings.mapping;
        let (rejected, rejected_lines) = results.rejects();
        let arrivals = quality.arrivals();
        let place = |line: u64| {
            let (file, line) = results.source.place(line);
            (file.map(String::from), line)
        };
        let salvaged = quality.salvaged_records.values().map(|record| {
            let (file, line) = place(u64::from(record.line));
            let (field, rule) = (record.how.role, record.how.rule);
            SalvagedInfo { file, line, field, rule, text: record.text.clone() }
        });
        let personal = quality.contents.personal().map(|(kind, role, found)| {
            let (file, first_line) = place(u64::from(found.line));
            PersonalInfo { kind, role, field: mapping.field(role).into(), events: found.events, first_line, file }
        });
        let id_forms = [
            (Role::Id, &read.id_shapes),
            (Role::User, &quality.contents.user_shapes),
            (Role::Session, &quality.contents.session_shapes),
        ];
        let edges = &quality.edges;
        QualityInfo {
            rejected,
            set_aside: read.set_aside.clone(),
            rejected_lines: rejected_lines
                .iter()
                .map(|(line, reason)| {
                    let (file, line) = place(*line);
                    RejectedLine { file, line, reason: reason.describe(mapping) }
                })
                .collect(),
            salvaged: salvaged.collect(),
            unknown_fields: read.unknown_fields.clone(),
            zoned: read.zoned,
            out_of_order: quality.out_of_order,
            ties: quality.ties,
            arrival_variation: arrivals.map(|arrivals| arrivals.variation.into()),
            arrival_mean_gap_s: arrivals.map(|arrivals| arrivals.mean_gap_s.into()),
            secret_values: quality.secret_values,
            sessions_over_limit: quality.long_sessions.count,
            cut_off: read.cut_off,
            fields: fields(results),
            personal: personal.collect(),
            id_forms: id_forms.into_iter().map(|(role, shapes)| (role, shapes.iter().collect())).collect(),
            edges: results.plan.edges_us().map(|_| EdgesInfo {
                at_start: edges.at_start,
                at_end: edges.at_end,
                sessions: edges.sessions,
            }),
        }
    }
}

fn fields(results: &Results) -> Vec<FieldInfo> {
    let mapped = Role::ALL.into_iter().filter(|role| !results.plan.settings.mapping.field(*role).is_empty());
    let fields = mapped.map(|role| {
        let of = |kind| results.read.kinds.of(role, kind);
        FieldInfo {
            role,
            field: results.plan.settings.mapping.field(role).into(),
            missing: of(FieldKind::Absent),
            null: of(FieldKind::Null),
            blank: of(FieldKind::Blank),
            text: of(FieldKind::Text),
            literal: of(FieldKind::Literal),
            nested: of(FieldKind::Nested),
            placeholder: results.collected.quality.contents.placeholders.get(&role).copied().unwrap_or(0),
        }
    });
    fields.collect()
}

impl FieldInfo {
    /// What a table of fields shows, in the order of its columns.
    pub fn counts(&self) -> [u64; 7] {
        [self.missing, self.null, self.blank, self.text, self.literal, self.nested, self.placeholder]
    }

    /// There is something to say: the field is not simply filled.
    pub fn is_noteworthy(&self) -> bool {
        let kinds = [self.text, self.literal, self.nested].iter().filter(|n| **n > 0).count();
        self.missing + self.null + self.blank + self.placeholder > 0 || kinds > 1
    }
}

impl PersonalInfo {
    /// The kind in words.
    pub fn describe(&self) -> &'static str {
        match self.kind {
            PersonalKind::Email => "e-mail address",
            PersonalKind::CardNumber => "card number",
            PersonalKind::LongNumber => "long number",
        }
    }
}

impl QualityInfo {
    /// The fields that are not simply filled.
    pub fn noteworthy_fields(&self) -> Vec<&FieldInfo> {
        self.fields.iter().filter(|field| field.is_noteworthy()).collect()
    }

    /// The edges of the file as a sentence.
    pub fn edges_note(&self) -> Option<String> {
        let edges = self.edges.as_ref()?;
        Some(format!(
            "{} may be cut off by the file’s ends: {} near the first event, {} near the last.",
            count(edges.sessions, "session"),
            number(edges.at_start),
            number(edges.at_end)
        ))
    }
}

impl Document {
    /// Where every line went: `244 lines = 241 events + 2 rejected + 1 duplicate. 1 event was repaired.`
    pub fn accounting(&self) -> String {
        let totals = &self.totals;
        let mut parts = vec![count(totals.events, "event")];
        if totals.rejected > 0 {
            parts.push(format!("{} rejected", number(totals.rejected)));
        }
        if totals.set_aside > 0 {
            parts.push(format!("{} set aside", number(totals.set_aside)));
        }
        if totals.duplicates > 0 {
            parts.push(count(totals.duplicates, "duplicate"));
        }
        if totals.blank > 0 {
            parts.push(format!("{} blank", number(totals.blank)));
        }
        if totals.headers > 0 {
            parts.push(format!("{} of column names", count(totals.headers, "line")));
        }
        if totals.outside_sample > 0 {
            parts.push(format!("{} of sessions outside the sample", number(totals.outside_sample)));
        }
        let mut line = format!("{} = {}.", count(self.source.lines, "line"), parts.join(" + "));
        if totals.salvaged > 0 {
            line.push_str(&format!(" {} repaired.", count_were(totals.salvaged, "event")));
        }
        line
    }
}
