//! Class 10: trying again after an error, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, elements_with};
use crate::analysis::session_list::RankedList;
use crate::analysis::words::WordList;
use crate::dataset::Session;

/// What came of trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// The session went on, or reached the goal by it.
    Recovered,
    /// The next event is an error, or another try.
    FailedAgain,
    Cancelled,
    /// Nothing followed, or only a log-out.
    Left,
}

impl Outcome {
    /// In words, behind a number.
    pub fn describe(self) -> &'static str {
        match self {
            Outcome::Recovered => "went on",
            Outcome::FailedAgain => "failed again",
            Outcome::Cancelled => "cancelled",
            Outcome::Left => "left",
        }
    }
}

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RetryCase {
    pub tries: u64,
    /// Of the last.
    pub outcome: Outcome,
    pub page: String,
}

/// Retries of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RetryLoops {
    pub sessions: RankedList<RetryCase>,
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Retries by page.
    pub pages: BTreeMap<String, u64>,
    /// Errors after which something could have been tried again.
    pub errors: u64,
}

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// By element: its words mean "try again".
    is_retry: Vec<bool>,
    pages: Vec<u64>,
    found: RetryLoops,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>) -> Finder<'c, 'a> {
        let words = WordList::new(&context.settings.high_activity.retry_words);
        Finder {
            context,
            is_retry: elements_with(context.partition, &words),
            pages: vec![0; context.page_count()],
            found: RetryLoops::default(),
        }
    }

    fn add(&mut self, session: &Session) {
        let context = self.context;
        let events = &context.partition.events;
        let longest = (context.settings.retry_loop.max_gap_s * 1e6) as u64;
        let goal = context.goal_at(session);
        // Of the last error: when it was, and the event before it; that is forgotten once something else is done.
        let mut error: Option<(i64, Option<usize>)> = None;
        let mut before = None;
        let (mut tries, mut last) = (0, None);
        let mut rows = session.rows().enumerate().peekable();
        while let Some((at, row)) = rows.next() {
            if context.error(row).is_some() {
                self.found.errors += 1;
                error = Some((context.time_us(row), error.and_then(|(_, submit)| submit).or(before)));
                continue;
            }
            let Some((when, submit)) = error else {
                before = Some(row);
                continue;
            };
            let same = |submit: usize| {
                !context.css(row).is_empty()
                    && events.element[submit] == events.element[row]
                    && events.path[submit] == events.path[row]
            };
            let again = self.is_retry[events.element[row] as usize] || submit.is_some_and(same);
            before = Some(row);
            if !again || context.time_us(row).abs_diff(when) > longest {
                error = (context.time_us(row).abs_diff(when) <= longest).then_some((when, None));
                continue;
            }
            let outcome = match rows.peek() {
                _ if goal == Some(at) => Outcome::Recovered,
                None => Outcome::Left,
                Some((_, next)) if context.error(*next).is_some() => Outcome::FailedAgain,
                Some((_, next)) if self.is_retry[events.element[*next] as usize] => Outcome::FailedAgain,
                Some((_, next)) if context.cancels(*next) => Outcome::Cancelled,
                Some((_, next)) if context.logs_out(*next) => Outcome::Left,
                Some(_) => Outcome::Recovered,
            };
            tries += 1;
            last = Some((row, outcome));
            *self.found.outcomes.entry(outcome).or_default() += 1;
            self.pages[context.page(row) as usize] += 1;
            if outcome != Outcome::FailedAgain {
                error = None;
            }
        }
        if let Some((row, outcome)) = last {
            let case = || RetryCase { tries, outcome, page: context.page_name(context.page(row)).into() };
            self.found.sessions.add(session, tries as f64, case, context.named_sessions);
        }
    }

    fn finish(mut self) -> RetryLoops {
        self.found.pages = self.context.by_page(self.pages);
        self.found
    }
}

impl RetryLoops {
    pub fn of(context: &Context) -> RetryLoops {
        let mut finder = Finder::new(context);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    /// How often something was tried again.
    pub fn tries(&self) -> u64 {
        self.outcomes.values().sum()
    }

    pub fn merge(&mut self, other: RetryLoops, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        super::merge_counts(&mut self.outcomes, other.outcomes);
        super::merge_counts(&mut self.pages, other.pages);
        self.errors += other.errors;
    }
}
