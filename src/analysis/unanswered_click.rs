//! Class 7: clicks that nothing follows, on elements that something nearly always follows.
//!
//! Sessions end on some pages more often than on others, in any healthy file: an element is compared with the other
//! elements of its page, not with all of the file.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::compared::{Compared, compare};
use crate::analysis::context::Context;
use crate::analysis::element_use::{is_answer, passive_words};
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

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    clicks: Clicks,
    /// By selector: it is nearly always answered.
    answering: Vec<bool>,
    /// Of all sessions in their order: page and selector of what each clicked, with whether a click was not answered; and
    /// where those of each session end.
    used: Vec<(u32, u32, bool)>,
    used_ends: Vec<usize>,
    of_session: Vec<(u32, u32, bool)>,
    found: UnansweredClicks,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, answering: &BTreeSet<String>) -> Finder<'c, 'a> {
        let css = (0..context.partition.css.texts().len() as u32).map(|css| context.css_by_number(css));
        Finder {
            context,
            clicks: Clicks::new(context),
            answering: css.map(|css| answering.contains(css)).collect(),
            used: Vec::new(),
            used_ends: Vec::new(),
            of_session: Vec::new(),
            found: UnansweredClicks::default(),
        }
    }

    fn add(&mut self, session: &Session) {
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
            match of_session.iter_mut().find(|(on, of, _)| (*on, *of) == (page, css)) {
                Some((.., missed)) => *missed |= !answered,
                None => of_session.push((page, css, !answered)),
            }
        }
        self.used.extend_from_slice(&self.of_session);
        self.used_ends.push(self.used.len());
        if let Some((row, last)) = first {
            let case = || UnansweredCase {
                clicks,
                page: context.page_name(context.page(row)).into(),
                css: context.css(row).into(),
                last,
            };
            self.found.sessions.add(session, clicks as f64, case, context.named_sessions);
        }
    }

    /// The sums by user, once all sessions are in.
    fn finish(self) -> UnansweredClicks {
        let Finder { context, answering, mut found, used, used_ends, .. } = self;
        let mut of_pages: PageMap<UserCounts> = PageMap::new(context);
        let mut of_elements: Vec<((u32, u32), UserCounts)> = Vec::new();
        let mut pages = vec![AllUsers::default(); context.page_count()];
        let mut elements: HashMap<(u32, u32), GroupUsers> = HashMap::new();
        context.each_user(&mut |sessions| {
            of_pages.clear();
            of_elements.clear();
            for index in sessions.indices() {
                let start = if index == 0 { 0 } else { used_ends[index - 1] };
                for (page, css, missed) in &used[start..used_ends[index]] {
                    let of_page = of_pages.of(*page);
                    of_page.n += 1;
                    of_page.hits += u64::from(*missed);
                    if !answering[*css as usize] {
                        continue;
                    }
                    let key = (*page, *css);
                    let at = of_elements.iter().position(|(other, _)| *other == key).unwrap_or_else(|| {
                        of_elements.push((key, UserCounts::default()));
                        of_elements.len() - 1
                    });
                    of_elements[at].1.group_n += 1;
                    of_elements[at].1.group_hits += u64::from(*missed);
                }
            }
            for (page, counts) in of_pages.iter() {
                pages[*page as usize].add(*counts);
            }
            for ((page, css), counts) in &of_elements {
                let UserCounts { hits, n, .. } = *of_pages.of(*page);
                elements.entry((*page, *css)).or_default().add(UserCounts { hits, n, ..*counts });
            }
        });
        let name = |page: u32| context.page_name(page).to_string();
        let named = (0..).zip(pages).filter(|(_, users)| users.n > 0);
        found.pages = named.map(|(page, users)| (name(page), users)).collect();
        for ((page, css), users) in elements {
            let key = (name(page), context.css_by_number(css).to_string());
            found.elements.entry(key).or_default().merge(&users);
        }
        found
    }
}

impl UnansweredClicks {
    pub fn of(context: &Context, answering: &BTreeSet<String>) -> UnansweredClicks {
        let mut finder = Finder::new(context, answering);
        context.each_session(&mut |session| finder.add(&session));
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
