//! Each page: who was there, for how long, with what errors.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::dataset::Session;
use crate::stats::Counts;
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};

/// All pages of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pages {
    pub pages: BTreeMap<String, Page>,
    /// Sums for the cluster-robust test of class 3b, over all (session, page) pairs.
    pub pairs: AllUsers,
    /// Sessions by product, a raw path.
    pub products: BTreeMap<String, u64>,
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub events: u64,
    pub error_events: u64,
    /// Microseconds from each event on the page to the next event of its session.
    pub dwell_us: Counts,
    /// (session, page) pairs: `n` sessions were here, `hits` of them met an error here.
    pub pairs: GroupUsers,
}

impl Pages {
    /// Answers for a whole partition: the sessions of one user are needed together.
    pub fn of(context: &Context) -> Pages {
        let mut found = Found { by_page: vec![Page::default(); context.page_count()], pages: Pages::default() };
        let mut sessions: Vec<Session> = context.sessions.iter(context.partition).collect();
        sessions.sort_by_key(Session::user);
        for user in sessions.chunk_by(|a, b| a.user() == b.user()) {
            found.add_user(context, user);
        }
        let named = found.by_page.into_iter().enumerate().filter(|(_, page)| page.events > 0);
        found.pages.pages = named.map(|(page, found)| (context.page_name(page as u32).to_string(), found)).collect();
        found.pages
    }

    pub fn merge(&mut self, other: Pages) {
        for (name, page) in other.pages {
            self.pages.entry(name).or_default().merge(page);
        }
        self.pairs.merge(&other.pairs);
        merge_counts(&mut self.products, other.products);
    }
}

struct Found {
    by_page: Vec<Page>,
    pages: Pages,
}

impl Found {
    fn add_user(&mut self, context: &Context, sessions: &[Session]) {
        let mut pairs: HashMap<u32, UserCounts> = HashMap::new();
        let mut all = UserCounts::default();
        for session in sessions {
            for (page, error) in self.add_session(context, session) {
                let pair = pairs.entry(page).or_default();
                pair.group_n += 1;
                pair.group_hits += u64::from(error);
                all.n += 1;
                all.hits += u64::from(error);
            }
        }
        self.pages.pairs.add(all);
        for (page, pair) in pairs {
            let counts = UserCounts { hits: all.hits, n: all.n, ..pair };
            self.by_page[page as usize].pairs.add(counts);
        }
    }

    /// Counts the session's events; the pages it visited, each with whether it met an error there.
    fn add_session(&mut self, context: &Context, session: &Session) -> BTreeMap<u32, bool> {
        let mut visited: BTreeMap<u32, bool> = BTreeMap::new();
        let mut products: BTreeSet<&str> = BTreeSet::new();
        let longest_dwell = context.settings.pages.dwell_max_gap_s * 1e6;
        let mut rows = session.rows().peekable();
        while let Some(row) = rows.next() {
            let page = context.page(row);
            let error = context.error(row).is_some();
            *visited.entry(page).or_default() |= error;
            let counts = &mut self.by_page[page as usize];
            counts.events += 1;
            counts.error_events += u64::from(error);
            if let Some(next) = rows.peek() {
                let gap = context.time_us(*next).abs_diff(context.time_us(row));
                if (gap as f64) < longest_dwell {
                    counts.dwell_us.add(gap);
                }
            }
            let prefixes = &context.settings.pages.product_prefixes;
            let path = context.raw_path(row);
            let starts = |prefix: &String| path.len() > prefix.len() && path.starts_with(prefix.as_str());
            if prefixes.iter().any(starts) || prefixes.is_empty() && context.is_item(page) {
                products.insert(path);
            }
        }
        for product in products {
            *self.pages.products.entry(product.to_string()).or_default() += 1;
        }
        visited
    }
}

impl Page {
    fn merge(&mut self, other: Page) {
        self.events += other.events;
        self.error_events += other.error_events;
        self.dwell_us.merge(&other.dwell_us);
        self.pairs.merge(&other.pairs);
    }
}
