//! Class 8: people who come back from a page at once, having done nothing there.
//!
//! Counted, and not tested: pages differ in how often people come back from them in any healthy file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::pages::{Page, Pages};
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;
use crate::settings::QuickBackSettings;

/// One session, in its finding: its first quick way back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BackCase {
    pub times: u64,
    /// Where it came from and went back to, and where it was between.
    pub from: String,
    pub page: String,
    pub ms: u64,
}

/// Quick ways back of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuickBacks {
    pub sessions: RankedList<BackCase>,
    /// By page: quick ways back, and stays between two other pages.
    pub pages: BTreeMap<String, (u64, u64)>,
    /// The shortest stay on a page between two visits of another, in milliseconds, with nothing else done there.
    pub shortest_ms: Option<u64>,
}

/// The longest stay that counts as quick, in microseconds, by page.
pub fn limits(pages: &Pages, settings: &QuickBackSettings) -> BTreeMap<String, u64> {
    let most = (settings.max_dwell_s * 1e6) as u64;
    let limit = |page: &Page| Some(page.dwell_us.quantile(settings.dwell_quantile)?.min(most));
    pages.pages.iter().filter_map(|(name, page)| Some((name.clone(), limit(page)?))).collect()
}

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// By page, in microseconds; 0: no stay is quick.
    limits: Vec<u64>,
    pages: Vec<(u64, u64)>,
    /// Of one session: page, first row and number of events of each stay.
    visits: Vec<(u32, usize, usize)>,
    found: QuickBacks,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, limits: &BTreeMap<String, u64>) -> Finder<'c, 'a> {
        let of_page = |page: u32| limits.get(context.page_name(page)).copied().unwrap_or(0);
        Finder {
            context,
            limits: (0..context.page_count() as u32).map(of_page).collect(),
            pages: vec![(0, 0); context.page_count()],
            visits: Vec::new(),
            found: QuickBacks::default(),
        }
    }

    fn add(&mut self, session: &Session) {
        let context = self.context;
        self.visits.clear();
        for row in session.rows() {
            let page = context.page(row);
            match self.visits.last_mut() {
                Some((last, _, events)) if *last == page => *events += 1,
                _ => self.visits.push((page, row, 1)),
            }
        }
        let (mut times, mut first) = (0, None);
        for around in self.visits.windows(3) {
            let [(from, ..), (page, row, events), (to, next, _)] = around else { continue };
            let us = context.time_us(*next).abs_diff(context.time_us(*row));
            // Whoever uses an element there did not come for nothing.
            let comes_back = from == to && *events == 1 && context.css(*row).is_empty();
            let quick = comes_back && us <= self.limits[*page as usize];
            if comes_back {
                self.found.shortest_ms = Some(self.found.shortest_ms.map_or(us / 1000, |least| least.min(us / 1000)));
            }
            let counts = &mut self.pages[*page as usize];
            counts.0 += u64::from(quick);
            counts.1 += 1;
            if quick {
                times += 1;
                first.get_or_insert((*from, *page, us));
            }
        }
        if let Some((from, page, us)) = first {
            let name = |page: u32| context.page_name(page).to_string();
            let case = || BackCase { times, from: name(from), page: name(page), ms: us / 1000 };
            self.found.sessions.add(session, times as f64, case, context.named_sessions);
        }
    }

    fn finish(mut self) -> QuickBacks {
        for (page, (backs, stays)) in (0..).zip(self.pages).filter(|(_, (_, stays))| *stays > 0) {
            self.found.pages.insert(self.context.page_name(page).to_string(), (backs, stays));
        }
        self.found
    }
}

impl QuickBacks {
    pub fn of(context: &Context, limits: &BTreeMap<String, u64>) -> QuickBacks {
        let mut finder = Finder::new(context, limits);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    pub fn merge(&mut self, other: QuickBacks, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        for (page, (backs, stays)) in other.pages {
            let mine = self.pages.entry(page).or_default();
            mine.0 += backs;
            mine.1 += stays;
        }
        self.shortest_ms = match (self.shortest_ms, other.shortest_ms) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }
}
