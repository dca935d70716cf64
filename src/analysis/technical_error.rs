//! Class 3a: events that show an error, by the words in their selector, text or path.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, ErrorKind};
use crate::analysis::session_list::SessionList;
use crate::dataset::Session;

/// Errors of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TechnicalErrors {
    pub events: u64,
    /// Sessions with at least one.
    pub sessions: SessionList,
    /// Events by kind, page and message.
    pub messages: BTreeMap<(ErrorKind, String, String), u64>,
    /// Sessions with an error, by page.
    pub on_page: BTreeMap<String, SessionList>,
}

impl TechnicalErrors {
    pub fn add(&mut self, context: &Context, session: &Session) {
        let mut pages: Vec<u32> = Vec::new();
        for row in session.rows() {
            let Some(kind) = context.error(row) else { continue };
            self.events += 1;
            let page = context.page(row);
            let message = if context.text(row).is_empty() { context.css(row) } else { context.text(row) };
            let key = (kind, context.page_name(page).to_string(), message.to_string());
            *self.messages.entry(key).or_default() += 1;
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        if !pages.is_empty() {
            self.sessions.add(session, context.named_sessions);
        }
        for page in pages {
            let page = context.page_name(page).to_string();
            self.on_page.entry(page).or_default().add(session, context.named_sessions);
        }
    }

    pub fn merge(&mut self, other: TechnicalErrors, named_sessions: usize) {
        self.events += other.events;
        self.sessions.merge(other.sessions, named_sessions);
        super::merge_counts(&mut self.messages, other.messages);
        for (page, sessions) in other.on_page {
            self.on_page.entry(page).or_default().merge(sessions, named_sessions);
        }
    }

    /// Events by kind.
    pub fn by_kind(&self) -> BTreeMap<ErrorKind, u64> {
        let mut kinds = BTreeMap::new();
        for ((kind, ..), events) in &self.messages {
            *kinds.entry(*kind).or_default() += events;
        }
        kinds
    }
}
