//! Class 7: clicks that nothing follows, on elements that something nearly always follows.
//!
//! Sessions end on some pages more often than on others, in any healthy file: an element is compared with the other
//! elements of its page, not with all of the file.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::compared::{Compared, compare};
use crate::analysis::context::{Context, UserSessions};
use crate::analysis::element_use::{is_answer, passive_words};
use crate::analysis::few::Few;
use crate::analysis::pages::PageMap;
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnansweredCase {
    pub clicks: u64,
    /// The first of them.
    pub page: String,
    pub css: String,
    /// It is the last event of the session.
    pub last: bool,
}

/// Unanswered clicks of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnansweredClicks {
    pub sessions: RankedList<UnansweredCase>,
    /// Of (session, page, element) triples, by user: all of a page, and those of each element on it, by page and
    /// selector. Hits have a click that was not answered.
    pub pages: BTreeMap<String, AllUsers>,
    pub elements: BTreeMap<(String, String), GroupUsers>,
}

/// A click in a session.
pub struct Click {
    pub row: usize,
    /// Another element or page follows, or the goal was reached.
    pub answered: bool,
    /// It is the session's last event.
    pub last: bool,
}

/// Which elements are clicked, by selector.
pub struct Clicks(Vec<bool>);

impl Clicks {
    pub fn new(context: &Context) -> Clicks {
        let passive = passive_words(context.settings);
        let css = (0..context.partition.css.texts().len() as u32).map(|css| context.css_by_number(css));
        Clicks(css.map(|css| !css.is_empty() && !passive.iter().any(|words| words.matches(css))).collect())
    }

    /// The clicks of a session.
    pub fn of<'s>(&'s self, context: &'s Context, session: &Session<'s>) -> impl Iterator<Item = Click> + 's {
        // With the goal reached nothing more needs to follow.
        let goal = context.goal_at(session);
        let rows = session.rows();
        let next = rows.clone().skip(1).map(Some).chain([None]);
        rows.zip(next).enumerate().filter_map(move |(at, (row, next))| {
            let is_click = self.0[context.css_number(row) as usize] && context.error(row).is_none();
            let answered = next.map_or(goal.is_some(), |next| is_answer(context, row, next)) || goal == Some(at);
            is_click.then_some(Click { row, answered, last: next.is_none() })
        })
    }
}

/// Looks for them in one user's sessions after the other's.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    clicks: Clicks,
    /// By selector: it is nearly always answered.
    answering: Vec<bool>,
    /// By page and selector of what a session clicked: a click was not answered.
    of_session: Few<(u32, u32), bool>,
    of_pages: PageMap<UserCounts>,
    of_elements: Few<(u32, u32), UserCounts>,
    pages: Vec<AllUsers>,
    elements: HashMap<(u32, u32), GroupUsers>,
    sessions: RankedList<UnansweredCase>,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, answering: &BTreeSet<String>) -> Finder<'c, 'a> {
        let css = (0..context.partition.css.texts().len() as u32).map(|css| context.css_by_number(css));
        Finder {
            context,
            clicks: Clicks::new(context),
            answering: css.map(|css| answering.contains(css)).collect(),
            of_session: Few::default(),
            of_pages: PageMap::new(context),
            of_elements: Few::default(),
            pages: vec![AllUsers::default(); context.page_count()],
            elements: HashMap::new(),
            sessions: RankedList::default(),
        }
    }

    /// What a session clicked, each element of a page once.
    fn look_at(&mut self, session: &Session) {
        let context = self.context;
        let (mut clicks, mut first) = (0, None);
        self.of_session.clear();
        let of_session = &mut self.of_session;
        for Click { row, answered, last } in self.clicks.of(context, session) {
            let (page, css) = (context.page(row), context.css_number(row));
            if !answered && self.answering[css as usize] {
                clicks += 1;
                first.get_or_insert((row, last));
            }
            *of_session.of((page, css)) |= !answered;
        }
        if let Some((row, last)) = first {
            let case = || UnansweredCase {
                clicks,
                page: context.page_name(context.page(row)).into(),
                css: context.css(row).into(),
                last,
            };
            self.sessions.add(session, clicks as f64, case, context.named_sessions);
        }
    }

    fn add(&mut self, sessions: &UserSessions) {
        self.of_pages.clear();
        self.of_elements.clear();
        for session in sessions.iter() {
            self.look_at(&session);
            for ((page, css), missed) in self.of_session.iter() {
                let of_page = self.of_pages.of(*page);
                of_page.n += 1;
                of_page.hits += u64::from(*missed);
                if !self.answering[*css as usize] {
                    continue;
                }
                let of_element = self.of_elements.of((*page, *css));
                of_element.group_n += 1;
                of_element.group_hits += u64::from(*missed);
            }
        }
        for (page, counts) in self.of_pages.iter() {
            self.pages[*page as usize].add(*counts);
        }
        for ((page, css), counts) in self.of_elements.iter() {
            let UserCounts { hits, n, .. } = *self.of_pages.of(*page);
            self.elements.entry((*page, *css)).or_default().add(UserCounts { hits, n, ..*counts });
        }
    }

    fn finish(self) -> UnansweredClicks {
        let context = self.context;
        let name = |page: u32| context.page_name(page).to_string();
        let named = (0..).zip(self.pages).filter(|(_, users)| users.n > 0);
        let mut found = UnansweredClicks {
            sessions: self.sessions,
            pages: named.map(|(page, users)| (name(page), users)).collect(),
            elements: BTreeMap::new(),
        };
        for ((page, css), users) in self.elements {
            let key = (name(page), context.css_by_number(css).to_string());
            found.elements.entry(key).or_default().merge(&users);
        }
        found
    }
}

impl UnansweredClicks {
    pub fn of(context: &Context, answering: &BTreeSet<String>) -> UnansweredClicks {
        let mut finder = Finder::new(context, answering);
        context.each_user(&mut |sessions| finder.add(&sessions));
        finder.finish()
    }

    /// Each element, by page and selector, against all others of its page.
    pub fn compared(&self, by_users: bool) -> Vec<Compared<&(String, String)>> {
        let tested = self.elements.iter().map(|(key, users)| (key, users, &self.pages[&key.0]));
        compare(tested, 1, by_users)
    }

    pub fn merge(&mut self, other: UnansweredClicks, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        for (page, users) in other.pages {
            self.pages.entry(page).or_default().merge(&users);
        }
        for (key, users) in other.elements {
            self.elements.entry(key).or_default().merge(&users);
        }
    }
}
