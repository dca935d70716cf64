//! Events on their way from the reader of a chunk to the partition that owns their user.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::dataset::dictionary::{Dictionary, Texts};
use crate::ingest::Event;
use crate::ingest::event::Salvaged;

/// Which of `partitions` owns a user: every event of a user, and so of a session, ends up in one place.
pub fn owner_of(user: &str, partitions: usize) -> usize {
    (xxh3_64(user.as_bytes()) % partitions as u64) as usize
}

/// Events in columns, with the texts they use.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    pub users: Texts,
    pub session_ids: Texts,
    pub paths: Texts,
    pub css: Texts,
    pub texts: Texts,
    pub values: Texts,
    pub columns: Columns,
    /// Rows that were repaired.
    pub salvaged: Vec<(u32, Salvaged)>,
}

/// One entry an event in each column; texts by their numbers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Columns {
    /// The line's number within its chunk, from 0.
    pub line: Vec<u32>,
    /// Microseconds, see [`crate::ingest::time::Time`].
    pub time_us: Vec<i64>,
    /// Hash of the record's id; 0 where it has none.
    pub id_hash: Vec<u64>,
    pub user: Vec<u32>,
    pub session_id: Vec<u32>,
    pub path: Vec<u32>,
    pub css: Vec<u32>,
    pub text: Vec<u32>,
    pub value: Vec<u32>,
}

/// Fills a [`Batch`].
#[derive(Default)]
pub struct BatchBuilder {
    users: Dictionary,
    session_ids: Dictionary,
    paths: Dictionary,
    css: Dictionary,
    texts: Dictionary,
    values: Dictionary,
    columns: Columns,
    salvaged: Vec<(u32, Salvaged)>,
}

impl BatchBuilder {
    /// Adds the event that stands in this line of the chunk.
    pub fn push(&mut self, line: u32, event: &Event) {
        if let Some(salvaged) = event.salvaged {
            self.salvaged.push((self.columns.line.len() as u32, salvaged));
        }
        let columns = &mut self.columns;
        columns.line.push(line);
        columns.time_us.push(event.time.us);
        columns.id_hash.push(id_hash(&event.id));
        columns.user.push(self.users.number(&event.user));
        columns.session_id.push(self.session_ids.number(&event.session));
        columns.path.push(self.paths.number(&event.page));
        columns.css.push(self.css.number(&event.css));
        columns.text.push(self.texts.number(&event.text));
        columns.value.push(self.values.number(&event.value));
    }

    pub fn is_empty(&self) -> bool {
        self.columns.line.is_empty()
    }

    pub fn finish(self) -> Batch {
        Batch {
            users: self.users.into_texts(),
            session_ids: self.session_ids.into_texts(),
            paths: self.paths.into_texts(),
            css: self.css.into_texts(),
            texts: self.texts.into_texts(),
            values: self.values.into_texts(),
            columns: self.columns,
            salvaged: self.salvaged,
        }
    }
}

fn id_hash(id: &str) -> u64 {
    if id.trim().is_empty() { 0 } else { xxh3_64(id.as_bytes()).max(1) }
}
