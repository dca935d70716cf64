//! Each page: who was there, for how long, with what errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, UserSessions};
use crate::analysis::merge_counts;
use crate::dataset::Session;
use crate::stats::Counts;
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};
use crate::stats::counts::Tally;

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
    /// Sessions that met an error here and reached the goal.
    pub converted_with_error: u64,
}

impl Pages {
    /// Answers for a whole partition: the sessions of one user are needed together.
    pub fn of(context: &Context) -> Pages {
        let mut visits = Visits::new(context);
        visits.add(context);
        visits.pages(context)
    }

    pub fn merge(&mut self, other: Pages) {
        for (name, page) in other.pages {
            self.pages.entry(name).or_default().merge(page);
        }
        self.pairs.merge(&other.pairs);
        merge_counts(&mut self.products, other.products);
    }
}

/// What sessions did on each page, while one user after the other is counted.
pub struct Visits {
    by_page: Vec<Page>,
    dwell_us: Vec<Tally>,
    pairs: AllUsers,
    /// By raw path: whether it is a product, and how many sessions it has.
    is_product: Vec<bool>,
    products: Vec<u64>,
    // Of the user, and of the session, that is being counted.
    user_pairs: PageMap<UserCounts>,
    visited: PageMap<bool>,
    session_products: Vec<u32>,
}

impl Visits {
    pub fn new(context: &Context) -> Visits {
        let prefixes = &context.settings.pages.product_prefixes;
        let is_product = |path: u32| {
            let name = context.path_by_number(path);
            let starts = |prefix: &String| name.len() > prefix.len() && name.starts_with(prefix.as_str());
            prefixes.iter().any(starts) || prefixes.is_empty() && context.is_item(context.page_of_path(path))
        };
        let paths = context.partition.paths.texts().len();
        Visits {
            by_page: vec![Page::default(); context.page_count()],
            dwell_us: vec![Tally::default(); context.page_count()],
            pairs: AllUsers::default(),
            is_product: (0..paths as u32).map(is_product).collect(),
            products: vec![0; paths],
            user_pairs: PageMap::new(context),
            visited: PageMap::new(context),
            session_products: Vec::new(),
        }
    }

    /// Counts users, one slice after the other ...
    pub fn add(&mut self, context: &Context) {
        context.each_user(&mut |user| self.add_user(context, &user));
    }

    /// ... and then there are pages.
    pub fn pages(self, context: &Context) -> Pages {
        let mut pages = Pages { pairs: self.pairs, ..Pages::default() };
        for (page, (mut found, dwell_us)) in (0..).zip(self.by_page.into_iter().zip(self.dwell_us)) {
            if found.events > 0 {
                found.dwell_us = dwell_us.into();
                pages.pages.insert(context.page_name(page).to_string(), found);
            }
        }
        for (path, sessions) in (0..).zip(self.products).filter(|(_, sessions)| *sessions > 0) {
            // Paths that are masked alike are counted together, see `add_session`.
            *pages.products.entry(context.path_by_number(path).to_string()).or_default() += sessions;
        }
        pages
    }

    fn add_user(&mut self, context: &Context, sessions: &UserSessions) {
        let mut all = UserCounts::default();
        self.user_pairs.clear();
        for session in sessions.iter() {
            self.add_session(context, &session);
            for (page, error) in self.visited.iter() {
                let pair = self.user_pairs.of(*page);
                pair.group_n += 1;
                pair.group_hits += u64::from(*error);
                all.n += 1;
                all.hits += u64::from(*error);
            }
        }
        self.pairs.add(all);
        for (page, pair) in self.user_pairs.iter() {
            let counts = UserCounts { hits: all.hits, n: all.n, ..*pair };
            self.by_page[*page as usize].pairs.add(counts);
        }
    }

    /// Counts the session's events, and notes the pages it visited.
    fn add_session(&mut self, context: &Context, session: &Session) {
        self.visited.clear();
        self.session_products.clear();
        let longest_dwell = context.settings.pages.dwell_max_gap_s * 1e6;
        let mut rows = session.rows().peekable();
        while let Some(row) = rows.next() {
            let page = context.page(row);
            let error = context.error(row).is_some();
            *self.visited.of(page) |= error;
            let counts = &mut self.by_page[page as usize];
            counts.events += 1;
            counts.error_events += u64::from(error);
            if let Some(next) = rows.peek() {
                let gap = context.time_us(*next).abs_diff(context.time_us(row));
                if (gap as f64) < longest_dwell {
                    self.dwell_us[page as usize].add(gap);
                }
            }
            let path = context.partition.events.path[row];
            if self.is_product[path as usize] {
                self.session_products.push(path);
            }
        }
        // Each path once, as it is shown.
        let products = &mut self.session_products;
        if products.len() > 1 {
            products.sort_unstable_by(|a, b| context.path_by_number(*a).cmp(context.path_by_number(*b)));
            products.dedup_by(|a, b| a == b || context.path_by_number(*a) == context.path_by_number(*b));
        }
        products.iter().for_each(|path| self.products[*path as usize] += 1);
        if context.goal_at(session).is_some() {
            for (page, _) in self.visited.iter().filter(|(_, error)| *error) {
                self.by_page[*page as usize].converted_with_error += 1;
            }
        }
    }
}

/// Something for each page that a session or a user visited, in the order of the first visits. It is emptied without
/// touching the pages of the partition, of which there may be many more.
pub(crate) struct PageMap<T> {
    entries: Vec<(u32, T)>,
    /// By page: where its entry is, if that entry is its own.
    places: Vec<u32>,
}

impl<T: Default> PageMap<T> {
    pub fn new(context: &Context) -> PageMap<T> {
        PageMap { entries: Vec::new(), places: vec![0; context.page_count()] }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entry of a page, a new one if there was none.
    pub fn of(&mut self, page: u32) -> &mut T {
        let mut place = self.places[page as usize] as usize;
        if self.entries.get(place).is_none_or(|(other, _)| *other != page) {
            place = self.entries.len();
            self.places[page as usize] = place as u32;
            self.entries.push((page, T::default()));
        }
        &mut self.entries[place].1
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &(u32, T)> {
        self.entries.iter()
    }
}

impl Page {
    fn merge(&mut self, other: Page) {
        self.events += other.events;
        self.error_events += other.error_events;
        self.dwell_us.merge(&other.dwell_us);
        self.pairs.merge(&other.pairs);
        self.converted_with_error += other.converted_with_error;
    }
}
