//! What the questions ask of an event, worked out once for each text instead of once for each event.

use std::collections::BTreeMap;
use std::ops::Range;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::personal::Shown;
use crate::analysis::templates::Templates;
use crate::analysis::words::WordList;
use crate::dataset::dictionary::Texts;
use crate::dataset::partition::Element;
use crate::dataset::{Dictionary, Partition, Session, Sessions};
use crate::settings::{Goal, Matcher, Settings};

/// What kind of error an event shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Something broke.
    Technical,
    /// The user's input or order was refused.
    Validation,
    /// Nothing was found.
    DeadEnd,
    /// An error by its selector or path, with no known words in its text.
    Other,
}

impl ErrorKind {
    /// All of them, in their order.
    pub const ALL: [ErrorKind; 4] = [ErrorKind::Technical, ErrorKind::Validation, ErrorKind::DeadEnd, ErrorKind::Other];

    /// The kind in words, behind a number.
    pub fn describe(self, count: u64) -> &'static str {
        match (self, count) {
            (ErrorKind::Technical, 1) => "technical failure",
            (ErrorKind::Technical, _) => "technical failures",
            (ErrorKind::Validation, 1) => "refused input or order",
            (ErrorKind::Validation, _) => "refused inputs or orders",
            (ErrorKind::DeadEnd, 1) => "dead end",
            (ErrorKind::DeadEnd, _) => "dead ends",
            (ErrorKind::Other, 1) => "other error",
            (ErrorKind::Other, _) => "other errors",
        }
    }
}

/// What is worked out of a partition's texts and sessions under one set of settings and templates, so that no
/// question does it again.
pub struct Lookup {
    /// Paths, selectors and texts with what is personal masked.
    shown_paths: Shown,
    shown_css: Shown,
    shown_texts: Shown,
    pages: Dictionary,
    page_of_path: Vec<u32>,
    page_is_item: Vec<bool>,
    page_is_error: Vec<bool>,
    element_error: Vec<Option<ErrorKind>>,
    element_cancels: Vec<bool>,
    element_logs_out: Vec<bool>,
    /// By session, see [`Context::goal_at`].
    goals: Vec<Option<u32>>,
    /// The flow of each session, among `flows`.
    flow_of: Vec<u32>,
    /// Different flows: pages in order, repeats collapsed.
    flows: Vec<Box<[u32]>>,
    /// Where each user's sessions end.
    user_ends: Vec<u32>,
    /// About how many events a slice has, see [`Context::slice`].
    pub slice_events: usize,
}

/// Of so many events hardly any question takes longer than a tenth of a second.
const SLICE_EVENTS: usize = 500_000;

/// A partition's sessions, and how to ask for what they did.
pub struct Context<'a> {
    pub partition: &'a Partition,
    pub sessions: &'a Sessions,
    pub settings: &'a Settings,
    /// How many sessions each list names.
    pub named_sessions: usize,
    lookup: &'a Lookup,
    /// Which of how many slices it is.
    slice: (usize, usize),
}

enum GoalRule {
    Event { any_of: Vec<EventMatcher>, unless_error: bool, unless_cancel: bool },
    EndsAt(EventMatcher),
}

impl GoalRule {
    fn at(&self, context: &Context, session: &Session) -> Option<usize> {
        match self {
            GoalRule::EndsAt(page) => page.matches(context, session.last()).then(|| session.len() - 1),
            GoalRule::Event { any_of, unless_error, unless_cancel } => {
                let at = session.rows().rposition(|row| any_of.iter().any(|event| event.matches(context, row)))?;
                let spoilt = session
                    .rows()
                    .skip(at + 1)
                    .any(|row| *unless_error && context.error(row).is_some() || *unless_cancel && context.cancels(row));
                (!spoilt).then_some(at)
            }
        }
    }
}

/// A [`Matcher`] worked out for the texts of a partition.
pub struct EventMatcher {
    paths: Option<Vec<bool>>,
    elements: Option<Vec<bool>>,
}

impl Lookup {
    pub fn new(partition: &Partition, sessions: &Sessions, settings: &Settings, templates: &Templates) -> Lookup {
        let shown = |dictionary: &Dictionary| Shown::of(dictionary.texts(), settings.quality.mask_personal);
        let (shown_paths, shown_css, shown_texts) =
            (shown(&partition.paths), shown(&partition.css), shown(&partition.texts));
        let mut pages = Dictionary::default();
        let page_of_path: Vec<u32> =
            shown_paths.iter(partition.paths.texts()).map(|path| pages.number(&templates.apply(path))).collect();
        let page_is_item = pages.texts().iter().map(|page| templates.is_item(page)).collect();
        let error_paths = WordList::new(&settings.errors.path);
        // The page, not the raw path: an id such as 404 is no error.
        let page_is_error: Vec<bool> = pages.texts().iter().map(|page| error_paths.matches(page)).collect();
        let (cancels, logs_out) = (WordList::new(&settings.cancel_words), WordList::new(&settings.logout_words));
        let mut lookup = Lookup {
            shown_paths,
            shown_css,
            shown_texts,
            page_of_path,
            page_is_item,
            page_is_error,
            element_error: element_errors(partition, settings),
            element_cancels: elements_with(partition, &cancels),
            element_logs_out: elements_with(partition, &logs_out),
            goals: Vec::new(),
            flow_of: Vec::new(),
            flows: Vec::new(),
            user_ends: Vec::new(),
            slice_events: SLICE_EVENTS,
            pages,
        };
        let context = Context::new(partition, sessions, settings, &lookup, 0);
        let goals = context.find_goals();
        let (flow_of, flows) = context.find_flows();
        lookup = Lookup { goals, flow_of, flows, user_ends: user_ends(partition, sessions), ..lookup };
        lookup
    }
}

/// Whether each element has one of the words in its selector or its text.
pub fn elements_with(partition: &Partition, words: &WordList) -> Vec<bool> {
    let css: Vec<bool> = partition.css.texts().iter().map(|css| words.matches(css)).collect();
    let texts: Vec<bool> = partition.texts.texts().iter().map(|text| words.matches(text)).collect();
    partition.elements.iter().map(|element| css[element.css as usize] || texts[element.text as usize]).collect()
}

/// All sessions of one user, in the order of their first events.
pub struct UserSessions<'a> {
    partition: &'a Partition,
    sessions: &'a Sessions,
    /// Their places among the partition's.
    of_user: Range<usize>,
}

impl<'a> UserSessions<'a> {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Session<'a>> + use<'a> {
        let (partition, sessions) = (self.partition, self.sessions);
        self.of_user.clone().map(move |index| sessions.get(partition, index))
    }
}

/// Where each user's sessions end, which stand side by side.
fn user_ends(partition: &Partition, sessions: &Sessions) -> Vec<u32> {
    let mut ends = Vec::new();
    let mut last = None;
    for session in sessions.iter(partition) {
        if last.replace(session.user()).is_some_and(|last| last != session.user()) {
            ends.push(session.index() as u32);
        }
    }
    ends.extend(last.map(|_| sessions.len() as u32));
    ends
}

impl<'a> Context<'a> {
    pub fn new(
        partition: &'a Partition,
        sessions: &'a Sessions,
        settings: &'a Settings,
        lookup: &'a Lookup,
        named_sessions: usize,
    ) -> Context<'a> {
        Context { partition, sessions, settings, named_sessions, lookup, slice: (0, 1) }
    }

    /// In how many slices long questions are to be answered: a browser ends a worker between two tasks only, so that a
    /// task must not last.
    pub fn slices(&self) -> usize {
        1 + self.sessions.event_count() as usize / self.lookup.slice_events
    }

    /// One of so many slices of the sessions, and of the users: [`Context::each_session`] and [`Context::each_user`] go
    /// through its own only. The sessions of its users are those of the whole partition.
    pub fn slice(&self, which: usize, of: usize) -> Context<'a> {
        Context { slice: (which, of), ..*self }
    }

    /// It is the whole, or the slice with which the whole begins.
    pub fn is_first_slice(&self) -> bool {
        self.slice.0 == 0
    }

    /// Its own part of so many.
    fn own(&self, all: usize) -> Range<usize> {
        let (which, of) = self.slice;
        all * which / of..all * (which + 1) / of
    }

    /// The same, but its lists name all their sessions.
    pub fn naming_all(&self) -> Context<'a> {
        Context::new(self.partition, self.sessions, self.settings, self.lookup, usize::MAX)
    }

    /// Calls `each` with each session in order, see [`Sessions::each`].
    pub fn each_session(&self, each: &mut dyn FnMut(Session<'a>)) {
        self.sessions.each(self.partition, self.own(self.sessions.len()), each);
    }

    /// Calls `each` with the sessions of each user, one user after the other.
    #[inline(never)]
    pub fn each_user(&self, each: &mut dyn FnMut(UserSessions<'a>)) {
        let users = self.own(self.user_count());
        let ends = &self.lookup.user_ends;
        let mut start = users.start.checked_sub(1).map_or(0, |before| ends[before] as usize);
        for end in &ends[users] {
            let end = *end as usize;
            each(UserSessions { partition: self.partition, sessions: self.sessions, of_user: start..end });
            start = end;
        }
    }

    /// How many users have sessions.
    pub fn user_count(&self) -> usize {
        self.lookup.user_ends.len()
    }

    /// The session's pages in order, repeats collapsed.
    pub fn flow(&self, session: &Session) -> &'a [u32] {
        &self.lookup.flows[self.flow_number(session)]
    }

    /// Sessions with the same flow have the same number.
    pub fn flow_number(&self, session: &Session) -> usize {
        self.lookup.flow_of[session.index()] as usize
    }

    /// All different flows by number.
    pub fn flows(&self) -> &'a [Box<[u32]>] {
        &self.lookup.flows
    }

    fn find_flows(&self) -> (Vec<u32>, Vec<Box<[u32]>>) {
        let mut numbers: HashMap<Box<[u32]>, u32> = HashMap::new();
        let mut flow_of = Vec::with_capacity(self.sessions.len());
        let mut flow: Vec<u32> = Vec::new();
        self.each_session(&mut |session| {
            flow.clear();
            flow.extend(session.rows().map(|row| self.page(row)));
            flow.dedup();
            let new = numbers.len() as u32;
            let number = numbers.get(flow.as_slice()).copied().unwrap_or_else(|| {
                numbers.insert(flow.as_slice().into(), new);
                new
            });
            flow_of.push(number);
        });
        let mut flows = vec![Box::default(); numbers.len()];
        numbers.into_iter().for_each(|(flow, number)| flows[number as usize] = flow);
        (flow_of, flows)
    }

    fn find_goals(&self) -> Vec<Option<u32>> {
        let goal = &self.settings.goal;
        let any_of = goal.any_of();
        let mut any_of = any_of.iter().map(|matcher| self.matcher(matcher));
        let goal = match goal {
            Goal::Event { unless_error_follows, unless_cancel_follows, .. } => GoalRule::Event {
                any_of: any_of.collect(),
                unless_error: *unless_error_follows,
                unless_cancel: *unless_cancel_follows,
            },
            Goal::EndsAt { .. } => GoalRule::EndsAt(any_of.next().expect("one page")),
        };
        let mut goals = Vec::with_capacity(self.sessions.len());
        self.each_session(&mut |session| goals.push(goal.at(self, &session).map(|at| at as u32)));
        goals
    }

    /// Number of the page an event is on.
    pub fn page(&self, row: usize) -> u32 {
        self.lookup.page_of_path[self.partition.events.path[row] as usize]
    }

    pub fn page_name(&self, page: u32) -> &str {
        self.lookup.pages.texts().get(page)
    }

    pub fn page_count(&self) -> usize {
        self.lookup.pages.texts().len()
    }

    /// Counts by the number of a page as counts by its name; pages without any are left out.
    pub fn by_page(&self, counts: Vec<u64>) -> BTreeMap<String, u64> {
        let named = (0..).zip(counts).filter(|(_, count)| *count > 0);
        named.map(|(page, count)| (self.page_name(page).to_string(), count)).collect()
    }

    /// The page stands for the items of a list.
    pub fn is_item(&self, page: u32) -> bool {
        self.lookup.page_is_item[page as usize]
    }

    /// A page's number by the number of its raw path.
    pub fn page_of_path(&self, path: u32) -> u32 {
        self.lookup.page_of_path[path as usize]
    }

    /// The shown path, selector or text with this number of the partition's.
    pub fn path_by_number(&self, path: u32) -> &str {
        self.lookup.shown_paths.get(self.partition.paths.texts(), path)
    }

    pub fn css_by_number(&self, css: u32) -> &str {
        self.lookup.shown_css.get(self.partition.css.texts(), css)
    }

    pub fn text_by_number(&self, text: u32) -> &str {
        self.lookup.shown_texts.get(self.partition.texts.texts(), text)
    }

    /// The path as it may be shown, like all texts here.
    pub fn raw_path(&self, row: usize) -> &str {
        self.path_by_number(self.partition.events.path[row])
    }

    pub fn css(&self, row: usize) -> &str {
        self.css_by_number(self.css_number(row))
    }

    pub fn css_number(&self, row: usize) -> u32 {
        self.element(row).css
    }

    /// The selector and text of an event, by number.
    pub fn element(&self, row: usize) -> Element {
        self.partition.elements[self.partition.events.element[row] as usize]
    }

    pub fn text(&self, row: usize) -> &str {
        self.text_by_number(self.element(row).text)
    }

    pub fn time_us(&self, row: usize) -> i64 {
        self.partition.events.time_us[row]
    }

    /// The gaps of a session: the row before, the row after, microseconds between them.
    pub fn gaps(&self, session: &Session) -> impl Iterator<Item = (usize, usize, u64)> {
        let rows = session.rows();
        rows.clone().zip(rows.skip(1)).map(|(row, next)| (row, next, self.time_us(next).abs_diff(self.time_us(row))))
    }

    /// Class 3a: whether the event shows an error, and of what kind.
    pub fn error(&self, row: usize) -> Option<ErrorKind> {
        self.lookup.element_error[self.partition.events.element[row] as usize]
            .or_else(|| self.lookup.page_is_error[self.page(row) as usize].then_some(ErrorKind::Other))
    }

    pub fn cancels(&self, row: usize) -> bool {
        self.lookup.element_cancels[self.partition.events.element[row] as usize]
    }

    pub fn logs_out(&self, row: usize) -> bool {
        self.lookup.element_logs_out[self.partition.events.element[row] as usize]
    }

    /// The place (in the session's order) of the event by which the session reached the goal.
    pub fn goal_at(&self, session: &Session) -> Option<usize> {
        self.lookup.goals[session.index()].map(|at| at as usize)
    }

    /// Works a matcher out for this partition.
    pub fn matcher(&self, matcher: &Matcher) -> EventMatcher {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let (page, css, text) = (lower(&matcher.page), lower(&matcher.css), lower(&matcher.text));
        let paths = page.map(|page| {
            let raw = self.partition.paths.texts();
            let fits = |(path, number): (&str, &u32)| {
                path.to_lowercase() == page || self.page_name(*number).to_lowercase() == page
            };
            raw.iter().zip(&self.lookup.page_of_path).map(fits).collect()
        });
        let elements = (css.is_some() || text.is_some()).then(|| {
            // By the text itself, or as it is shown: proposed steps know only that.
            let fits = |wanted: &Option<String>, texts: &Texts, shown: &Shown| -> Vec<bool> {
                let is = |wanted: &String, text: &str| text.to_lowercase() == *wanted;
                let fits = |(text, shown)| wanted.as_ref().is_none_or(|wanted| is(wanted, text) || is(wanted, shown));
                texts.iter().zip(shown.iter(texts)).map(fits).collect()
            };
            let css = fits(&css, self.partition.css.texts(), &self.lookup.shown_css);
            let texts = fits(&text, self.partition.texts.texts(), &self.lookup.shown_texts);
            let elements = self.partition.elements.iter();
            elements.map(|element| css[element.css as usize] && texts[element.text as usize]).collect()
        });
        EventMatcher { paths, elements }
    }
}

impl EventMatcher {
    pub fn matches(&self, context: &Context, row: usize) -> bool {
        let events = &context.partition.events;
        self.fits_path(events.path[row] as usize) && self.fits_element(events.element[row] as usize)
    }

    /// Whether events on this path may match.
    pub fn fits_path(&self, path: usize) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths[path])
    }

    /// Whether events on this element may match.
    pub fn fits_element(&self, element: usize) -> bool {
        self.elements.as_ref().is_none_or(|elements| elements[element])
    }
}

fn element_errors(partition: &Partition, settings: &Settings) -> Vec<Option<ErrorKind>> {
    let errors = &settings.errors;
    let css_words = WordList::new(&errors.css);
    let kinds = [
        (ErrorKind::DeadEnd, WordList::new(&errors.dead_end)),
        (ErrorKind::Validation, WordList::new(&errors.validation)),
        (ErrorKind::Technical, WordList::new(&errors.technical)),
    ];
    let (css, texts) = (partition.css.texts(), partition.texts.texts());
    let css_is_error: Vec<bool> = css.iter().map(|css| css_words.matches(css)).collect();
    let kind_of_text: Vec<Option<ErrorKind>> =
        texts.iter().map(|text| kinds.iter().find(|(_, words)| words.matches(text)).map(|(kind, _)| *kind)).collect();
    let error = |css: u32, text: u32| {
        kind_of_text[text as usize].or_else(|| css_is_error[css as usize].then_some(ErrorKind::Other))
    };
    partition.elements.iter().map(|element| error(element.css, element.text)).collect()
}
