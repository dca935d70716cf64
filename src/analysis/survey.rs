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
    pub css: BTreeMap<String, u64>,
    pub paths: BTreeMap<String, u64>,
}

impl Survey {
    pub fn of(partition: &Partition, sessions: &Sessions) -> Survey {
        let mut css = vec![0u64; partition.css.texts().len()];
        let mut paths = vec![0u64; partition.paths.texts().len()];
        let (mut seen_css, mut seen_paths) = (HashSet::new(), HashSet::new());
        for session in sessions.iter(partition) {
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
            css: named(partition.css.texts(), css),
            paths: named(partition.paths.texts(), paths),
        }
    }

    pub fn merge(&mut self, other: Survey) {
        self.sessions += other.sessions;
        merge_counts(&mut self.css, other.css);
        merge_counts(&mut self.paths, other.paths);
    }
}
