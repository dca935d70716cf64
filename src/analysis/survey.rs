//! A first look at the sessions: what templates and steps are chosen from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::merge_counts;
use crate::analysis::personal::Shown;
use crate::dataset::dictionary::Texts;
use crate::dataset::{Partition, Sessions};

/// Sessions by selector and by raw path: what templates and candidates are chosen from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    pub sessions: u64,
    pub css: BTreeMap<String, u64>,
    pub paths: BTreeMap<String, u64>,
    /// The first and the last event, in microseconds.
    pub span_us: Option<(i64, i64)>,
}

impl Survey {
    /// `mask`: what is personal in selectors and paths is masked, as everywhere.
    pub fn of(partition: &Partition, sessions: &Sessions, mask: bool) -> Survey {
        let (all_css, all_paths) = (partition.css.texts(), partition.paths.texts());
        let (shown_css, shown_paths) = (Shown::of(all_css, mask), Shown::of(all_paths, mask));
        let mut css = vec![0u64; shown_css.numbers(all_css)];
        let mut paths = vec![0u64; shown_paths.numbers(all_paths)];
        // The session that each was last seen in, from 1.
        let (mut seen_css, mut seen_paths) = (vec![0u32; css.len()], vec![0u32; paths.len()]);
        let mut span_us = None;
        sessions.each(partition, 0..sessions.len(), &mut |session| {
            span_us = joined(span_us, Some((session.start_us(), session.end_us())));
            let mark = session.index() as u32 + 1;
            for row in session.rows() {
                let number = partition.elements[partition.events.element[row] as usize].css;
                let number = shown_css.same(all_css, number);
                if std::mem::replace(&mut seen_css[number as usize], mark) != mark {
                    css[number as usize] += 1;
                }
                let path = shown_paths.same(all_paths, partition.events.path[row]);
                if std::mem::replace(&mut seen_paths[path as usize], mark) != mark {
                    paths[path as usize] += 1;
                }
            }
        });
        let named = |shown: &Shown, texts: &Texts, counts: Vec<u64>| {
            let mut named = BTreeMap::new();
            for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                *named.entry(shown.text_of_same(texts, number as u32).to_string()).or_default() += count;
            }
            named
        };
        Survey {
            sessions: sessions.len() as u64,
            css: named(&shown_css, all_css, css),
            paths: named(&shown_paths, all_paths, paths),
            span_us,
        }
    }

    pub fn merge(&mut self, other: Survey) {
        self.sessions += other.sessions;
        merge_counts(&mut self.css, other.css);
        merge_counts(&mut self.paths, other.paths);
        self.span_us = joined(self.span_us, other.span_us);
    }
}

/// The span over both, where there are any.
fn joined(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
