//! Class 3a: events that show an error, by the words in their selector, text or path.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, ErrorKind};
use crate::analysis::pages::PageMap;
use crate::analysis::session_list::SessionList;

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
    pub fn of(context: &Context) -> TechnicalErrors {
        let mut errors = TechnicalErrors::default();
        // By kind, page and element.
        let mut messages: HashMap<(ErrorKind, u32, u32), u64> = HashMap::new();
        let mut on_page = vec![SessionList::default(); context.page_count()];
        let mut pages: PageMap<()> = PageMap::new(context);
        context.each_session(&mut |session| {
            pages.clear();
            for row in session.rows() {
                let Some(kind) = context.error(row) else { continue };
                errors.events += 1;
                let page = context.page(row);
                *messages.entry((kind, page, context.partition.events.element[row])).or_default() += 1;
                pages.of(page);
            }
            if !pages.is_empty() {
                errors.sessions.add(&session, context.named_sessions);
            }
            for (page, ()) in pages.iter() {
                on_page[*page as usize].add(&session, context.named_sessions);
            }
        });
        for ((kind, page, element), events) in messages {
            let element = context.partition.elements[element as usize];
            let (css, text) = (context.css_by_number(element.css), context.text_by_number(element.text));
            let message = if text.is_empty() { css } else { text };
            let key = (kind, context.page_name(page).to_string(), message.to_string());
            *errors.messages.entry(key).or_default() += events;
        }
        let named = (0..).zip(on_page).filter(|(_, sessions)| sessions.count > 0);
        errors.on_page = named.map(|(page, sessions)| (context.page_name(page).to_string(), sessions)).collect();
        errors
    }

    pub fn merge(&mut self, other: TechnicalErrors, named_sessions: usize) {
        self.events += other.events;
        self.sessions.merge(other.sessions, named_sessions);
        super::merge_counts(&mut self.messages, other.messages);
        for (page, sessions) in other.on_page {
            self.on_page.entry(page).or_default().merge(sessions, named_sessions);
        }
    }

    /// Sessions with an error on any of these pages.
    pub fn sessions_on(context: &Context, pages: &BTreeSet<String>) -> SessionList {
        let mut sessions = SessionList::default();
        if pages.is_empty() {
            return sessions;
        }
        let wanted: Vec<bool> =
            (0..context.page_count() as u32).map(|page| pages.contains(context.page_name(page))).collect();
        for session in context.sessions.iter(context.partition) {
            if session.rows().any(|row| wanted[context.page(row) as usize] && context.error(row).is_some()) {
                sessions.add(&session, context.named_sessions);
            }
        }
        sessions
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
