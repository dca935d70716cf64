//! Class 16: what is odd about the file itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::contents::{Contents, Looks};
use crate::analysis::context::Context;
use crate::analysis::session_list::SessionList;
use crate::analysis::words::WordList;
use crate::dataset::Session;
use crate::ingest::event::{Salvaged, SalvagedRole};
use crate::settings::Settings;

/// Damaged records that are shown at most.
const SHOWN_RECORDS: usize = 100;

/// Quality of one partition's events, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub salvaged: u64,
    /// The sessions with repaired records.
    pub salvaged_sessions: SessionList,
    /// The first repaired records, by line.
    pub salvaged_records: BTreeMap<u32, SalvagedRecord>,
    /// Damaged records that are left out because salvaging is off, and the first of their lines.
    pub left_out: u64,
    pub left_out_lines: BTreeSet<u32>,
    pub duplicates: u64,
    pub out_of_order: u64,
    pub ties: u64,
    /// Starts of all sessions, in microseconds.
    starts_us: Vec<i64>,
    /// Sessions longer than the settings allow.
    pub long_sessions: SessionList,
    /// Events on password fields and the like that carry a value.
    pub secret_values: u64,
    /// The sessions with them.
    pub secret_sessions: SessionList,
    /// What the fields hold.
    pub contents: Contents,
    /// Sessions that the file may cut off, see [`Plan::edges_us`].
    pub edges: Edges,
}

/// Sessions in progress near the file's first and last event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edges {
    pub at_start: u64,
    pub at_end: u64,
    /// At either edge, each session once.
    pub sessions: u64,
}

/// One repaired record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SalvagedRecord {
    pub line: u32,
    pub how: Salvaged,
    /// The repaired field, as it now reads.
    pub text: String,
}

impl Quality {
    pub fn of(context: &Context, plan: &Plan) -> Quality {
        Quality::with(&Looks::of(context), context, plan)
    }

    /// The same, where it is known what the texts are.
    pub fn with(looks: &Looks, context: &Context, plan: &Plan) -> Quality {
        let (partition, sessions) = (context.partition, context.sessions);
        let mut quality = Quality { contents: Contents::of(looks, context), ..Quality::default() };
        // Of the whole partition.
        if context.is_first_slice() {
            quality.duplicates = sessions.duplicates;
            quality.out_of_order = sessions.out_of_order;
            quality.ties = sessions.ties;
        }
        let secret = WordList::new(&context.settings.quality.secret_words);
        let is_secret: Vec<bool> = partition.css.texts().iter().map(|css| secret.matches(css)).collect();
        let has_value: Vec<bool> = partition.values.texts().iter().map(|value| !value.is_empty()).collect();
        if !context.settings.salvage && context.is_first_slice() {
            quality.left_out = partition.salvaged.len() as u64;
            let lines = partition.salvaged.iter().map(|(row, _)| partition.events.line[*row as usize]);
            quality.left_out_lines = lines.collect();
            keep_first(&mut quality.left_out_lines);
        }
        let salvaged: HashMap<u32, &Salvaged> = partition.salvaged.iter().map(|(row, how)| (*row, how)).collect();
        let edges_us = plan.edges_us();
        context.each_session(&mut |session| {
            quality.starts_us.push(session.start_us());
            if let Some(edges_us) = edges_us {
                quality.edges.add(&session, edges_us);
            }
            if is_too_long(&session, context.settings) {
                quality.long_sessions.add(&session, context.named_sessions);
            }
            let (salvaged_before, secrets_before) = (quality.salvaged, quality.secret_values);
            for row in session.rows() {
                let secret = is_secret[context.css_number(row) as usize];
                quality.secret_values += u64::from(secret && has_value[partition.events.value[row] as usize]);
                if !salvaged.is_empty()
                    && let Some(how) = salvaged.get(&(row as u32))
                {
                    quality.add_salvaged(context, row, **how);
                }
            }
            if quality.salvaged > salvaged_before {
                quality.salvaged_sessions.add(&session, context.named_sessions);
            }
            if quality.secret_values > secrets_before {
                quality.secret_sessions.add(&session, context.named_sessions);
            }
        });
        quality
    }

    fn add_salvaged(&mut self, context: &Context, row: usize, how: Salvaged) {
        self.salvaged += 1;
        let line = context.partition.events.line[row];
        let text = match how.role {
            SalvagedRole::Text => context.text(row),
            SalvagedRole::Css => context.css(row),
            SalvagedRole::Page => context.raw_path(row),
            // A typed value may be personal, and is not shown.
            SalvagedRole::Value => "",
        };
        self.salvaged_records.insert(line, SalvagedRecord { line, how, text: text.to_string() });
        if self.salvaged_records.len() > SHOWN_RECORDS {
            self.salvaged_records.pop_last();
        }
    }

    pub fn merge(&mut self, other: Quality, named_sessions: usize) {
        self.salvaged += other.salvaged;
        self.salvaged_sessions.merge(other.salvaged_sessions, named_sessions);
        self.salvaged_records.extend(other.salvaged_records);
        while self.salvaged_records.len() > SHOWN_RECORDS {
            self.salvaged_records.pop_last();
        }
        self.left_out += other.left_out;
        self.left_out_lines.extend(other.left_out_lines);
        keep_first(&mut self.left_out_lines);
        self.duplicates += other.duplicates;
        self.out_of_order += other.out_of_order;
        self.ties += other.ties;
        self.starts_us.extend(other.starts_us);
        self.long_sessions.merge(other.long_sessions, named_sessions);
        self.secret_values += other.secret_values;
        self.secret_sessions.merge(other.secret_sessions, named_sessions);
        self.contents.merge(other.contents);
        self.edges.at_start += other.edges.at_start;
        self.edges.at_end += other.edges.at_end;
        self.edges.sessions += other.edges.sessions;
    }

    /// How regularly sessions start.
    pub fn arrivals(&self) -> Option<Arrivals> {
        let mut starts = self.starts_us.clone();
        starts.sort_unstable();
        let gaps: Vec<f64> = starts.windows(2).map(|pair| pair[1].abs_diff(pair[0]) as f64 / 1e6).collect();
        if gaps.len() < 2 {
            return None;
        }
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / (n - 1.0);
        (mean > 0.0).then(|| Arrivals {
            n: gaps.len() as u64,
            mean_gap_s: mean,
            variation: libm::sqrt(variance) / mean,
        })
    }
}

impl Edges {
    /// Takes in a session from its first to its last event.
    fn add(&mut self, session: &Session, edges_us: (i64, i64)) {
        let (at_start, at_end) = at_edges(session, edges_us);
        self.at_start += u64::from(at_start);
        self.at_end += u64::from(at_end);
        self.sessions += u64::from(at_start || at_end);
    }
}

/// Whether the session lasts longer than the settings allow.
pub fn is_too_long(session: &Session, settings: &Settings) -> bool {
    session.end_us().abs_diff(session.start_us()) as f64 > settings.quality.max_session_hours * 3.6e9
}

/// Whether the session may be cut off by the file's start, and by its end, see [`Plan::edges_us`].
pub fn at_edges(session: &Session, edges_us: (i64, i64)) -> (bool, bool) {
    (session.start_us() <= edges_us.0, session.end_us() >= edges_us.1)
}

fn keep_first(lines: &mut BTreeSet<u32>) {
    while lines.len() > SHOWN_RECORDS {
        lines.pop_last();
    }
}

/// The gaps between the starts of sessions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrivals {
    /// How many gaps.
    pub n: u64,
    pub mean_gap_s: f64,
    /// Standard deviation over mean: 1 for random arrivals, near 0 for scheduled ones.
    pub variation: f64,
}
