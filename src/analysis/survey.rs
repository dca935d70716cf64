//! A first look at the sessions: what templates and steps are chosen from.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::analysis::merge_counts;
use crate::dataset::dictionary::Texts;
use crate::dataset::{Partition, Sessions};

/// Sessions by selector and by raw path: what templates and candidates are chosen from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    pub sessions: u64,
    /// Times of the first and the last event, in microseconds.
    pub span_us: Option<(i64, i64)>,
    pub css: BTreeMap<String, u64>,
    pub paths: BTreeMap<String, u64>,
}

impl Survey {
    pub fn of(partition: &Partition, sessions: &Sessions) -> Survey {
        let mut css = vec![0u64; partition.css.texts().len()];
        let mut paths = vec![0u64; partition.paths.texts().len()];
        let (mut seen_css, mut seen_paths) = (HashSet::new(), HashSet::new());
        let mut span_us = None;
        for session in sessions.iter(partition) {
            span_us = wider(span_us, Some((session.start_us(), session.end_us())));
            seen_css.clear();
            seen_paths.clear();
            for row in session.rows() {
                let number = partition.elements[partition.events.element[row] as usize].css;
                if seen_css.insert(number) {
                    css[number as usize] += 1;
                }
                let path = partition.events.path[row];
                if seen_paths.insert(path) {
                    paths[path as usize] += 1;
                }
            }
        }
        let named = |texts: &Texts, counts: Vec<u64>| {
            texts.iter().map(String::from).zip(counts).filter(|(_, count)| *count > 0).collect()
        };
        Survey {
            sessions: sessions.len() as u64,
            span_us,
            css: named(partition.css.texts(), css),
            paths: named(partition.paths.texts(), paths),
        }
    }

    pub fn merge(&mut self, other: Survey) {
        self.sessions += other.sessions;
        self.span_us = wider(self.span_us, other.span_us);
        merge_counts(&mut self.css, other.css);
        merge_counts(&mut self.paths, other.paths);
    }
}

/// The span that holds both, where there are any.
fn wider(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
