//! Class 12: an element used on a page where it hardly ever is.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;

/// One session, in its finding: its first such event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceCase {
    pub events: u64,
    pub css: String,
    pub page: String,
}

/// Elements out of place in one partition, or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutOfPlace {
    pub sessions: RankedList<PlaceCase>,
}

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// Selector and page, by number; and whether a selector has any.
    strange: HashSet<(u32, u32)>,
    has_any: Vec<bool>,
    found: OutOfPlace,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, out_of_place: &BTreeMap<String, BTreeSet<String>>) -> Finder<'c, 'a> {
        let mut strange = HashSet::new();
        let mut has_any = vec![false; context.partition.css.texts().len()];
        let pages: BTreeMap<&str, Vec<u32>> = {
            let mut pages = BTreeMap::new();
            let numbers = 0..context.page_count() as u32;
            numbers.for_each(|page| pages.entry(context.page_name(page)).or_insert_with(Vec::new).push(page));
            pages
        };
        for css in 0..has_any.len() as u32 {
            let Some(of_css) = out_of_place.get(context.css_by_number(css)) else { continue };
            has_any[css as usize] = true;
            let numbers = of_css.iter().filter_map(|page| pages.get(page.as_str())).flatten();
            strange.extend(numbers.map(|page| (css, *page)));
        }
        Finder { context, strange, has_any, found: OutOfPlace::default() }
    }

    fn add(&mut self, session: &Session) {
        if self.strange.is_empty() {
            return;
        }
        let context = self.context;
        let (mut events, mut first) = (0, None);
        for row in session.rows() {
            let css = context.css_number(row);
            if self.has_any[css as usize] && self.strange.contains(&(css, context.page(row))) {
                events += 1;
                first.get_or_insert(row);
            }
        }
        if let Some(row) = first {
            let case = || PlaceCase {
                events,
                css: context.css(row).into(),
                page: context.page_name(context.page(row)).into(),
            };
            self.found.sessions.add(session, events as f64, case, context.named_sessions);
        }
    }

    fn finish(self) -> OutOfPlace {
        self.found
    }
}

impl OutOfPlace {
    pub fn of(context: &Context, out_of_place: &BTreeMap<String, BTreeSet<String>>) -> OutOfPlace {
        let mut finder = Finder::new(context, out_of_place);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    pub fn merge(&mut self, other: OutOfPlace, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
    }
}
