//! The table of sessions: those that fit a filter, sorted, as many as a page shows.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::analysis::behind::Behind;
use crate::analysis::context::Context;
use crate::analysis::data_quality::at_edges;
use crate::analysis::flow_steps::{Place, places};
use crate::analysis::flows::is_flow;
use crate::analysis::funnel::Steps;
use crate::analysis::{EndKind, Plan};
use crate::dataset::Session;
use crate::engine::wire::as_text;
use crate::ingest::time;
use crate::order::sort_by;
use crate::settings::ExitsOf;
use crate::stats::counts::coarse;
use crate::tagged::tagged;

/// Which sessions. Every number on the screen that stands for sessions is one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum SessionFilter {
    #[default]
    All,
    Converted,
    /// Did not reach the goal; ended so, if that is given.
    Abandoned {
        ended: Option<EndKind>,
        took_last_step: Option<bool>,
    },
    /// Took all steps of the funnel up to this one (from 0).
    Reached {
        step: u32,
    },
    /// Took the steps before this one (from 0), but not it.
    Lost {
        step: u32,
    },
    /// Took exactly this flow; of a very long one, see [`crate::analysis::flows::cut`].
    Flow {
        pages: Vec<String>,
        /// Only those that reached the goal.
        #[serde(default, skip_serializing_if = "is_false")]
        converted: bool,
    },
    /// Is here at this step (from 0) of its flow; and at that place at the next, if it is given.
    FlowStep {
        step: u32,
        from: Place,
        to: Option<Place>,
    },
    Entry {
        page: String,
    },
    /// Ends on the page; is one of the sessions whose exits the settings count.
    Exit {
        page: String,
    },
    /// Was on the page.
    Page {
        page: String,
    },
    /// Was on this raw path.
    Path {
        path: String,
    },
    /// Met an error on this page, or on any.
    Error {
        page: Option<String>,
    },
    /// Lasts at least so many whole seconds, and less than so many.
    Duration {
        from_s: u64,
        to_s: Option<u64>,
    },
    /// Has a gap of at least so many milliseconds, and of less than so many.
    Gap {
        from_ms: u64,
        to_ms: Option<u64>,
    },
    /// Begins in this stretch of time, in microseconds.
    Started {
        from_us: i64,
        to_us: i64,
        /// Only those that reached the goal.
        #[serde(default, skip_serializing_if = "is_false")]
        converted: bool,
    },
    /// Has an event in this stretch of time, in microseconds.
    During {
        from_us: i64,
        to_us: i64,
    },
    /// Ends with this element.
    LastElement {
        css: String,
        text: String,
    },
    /// May be cut off by the file's ends, see [`Plan::edges_us`].
    Edges,
    /// All that stand behind the finding with this title, also those that its list does not name.
    Behind {
        title: String,
        behind: Behind,
    },
    /// Those listed in a finding.
    Finding {
        title: String,
        sessions: Vec<String>,
        users: Vec<String>,
    },
}

tagged!(SessionFilter, "of");

fn is_false(value: &bool) -> bool {
    !value
}

/// By what a table is sorted; ties by begin, then by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSort {
    #[default]
    Start,
    Duration,
    Events,
    Errors,
}

/// What a page of the table asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionQuery {
    #[serde(with = "as_text")]
    pub filter: SessionFilter,
    /// Part of a session's or user's id, of a page or a path, of an element's text or selector, or of the words for how
    /// the session ended; letters in any case.
    pub search: String,
    pub sort: SessionSort,
    pub descending: bool,
    /// How many rows are wanted.
    pub limit: u32,
}

/// Rows of the table, of one partition or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionRows {
    /// How many sessions fit.
    pub total: u64,
    /// The first of them.
    pub rows: Vec<SessionRow>,
}

/// One session in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    pub user: String,
    pub session: String,
    pub start_us: i64,
    /// As ISO 8601.
    pub start: String,
    pub duration_ms: u64,
    pub events: u64,
    pub errors: u64,
    pub converted: bool,
    /// How it ended, if it did not reach the goal.
    pub ended: Option<EndKind>,
    pub entry: String,
    pub exit: String,
}

impl SessionQuery {
    /// The order of two rows.
    fn compare(&self, a: &SessionRow, b: &SessionRow) -> Ordering {
        let by_key = match self.sort {
            SessionSort::Start => a.start_us.cmp(&b.start_us),
            SessionSort::Duration => a.duration_ms.cmp(&b.duration_ms),
            SessionSort::Events => a.events.cmp(&b.events),
            SessionSort::Errors => a.errors.cmp(&b.errors),
        };
        let by_key = if self.descending { by_key.reverse() } else { by_key };
        by_key
            .then(a.start_us.cmp(&b.start_us))
            .then_with(|| a.user.cmp(&b.user))
            .then_with(|| a.session.cmp(&b.session))
    }

    /// The sessions of a partition that fit.
    pub fn answer(&self, context: &Context, plan: &Plan) -> SessionRows {
        let steps = Steps::new(context, &plan.steps, plan.ends_in_goal);
        let is_behind = match &self.filter {
            SessionFilter::Behind { behind, .. } => Some(behind.test(context, plan)),
            _ => None,
        };
        let fits = |session: &Session| match &is_behind {
            Some(is_behind) => is_behind(session),
            None => fits(&self.filter, context, &steps, session, plan),
        };
        let search = self.search.trim().to_lowercase();
        let finder = Finder::new(context, &search);
        let mut found = SessionRows::default();
        context.each_session(&mut |session| {
            if fits(&session) && finder.finds(context, &steps, &session) {
                found.total += 1;
                found.rows.push(row(context, &steps, &session, plan.zoned));
                // Sorted now and then, so that the memory stays small.
                if found.rows.len() >= 4 * self.limit.max(250) as usize {
                    self.shorten(&mut found.rows);
                }
            }
        });
        self.shorten(&mut found.rows);
        found
    }

    fn shorten(&self, rows: &mut Vec<SessionRow>) {
        rows.sort_by(|a, b| self.compare(a, b));
        rows.truncate(self.limit as usize);
    }

    /// Takes in another partition's rows.
    pub fn merge(&self, mine: &mut SessionRows, other: SessionRows) {
        mine.total += other.total;
        mine.rows.extend(other.rows);
        sort_by(&mut mine.rows, |a, b| self.compare(a, b));
        mine.rows.truncate(self.limit as usize);
    }
}

/// A search worked out for the texts of a partition.
struct Finder<'q> {
    search: &'q str,
    paths: Vec<bool>,
    elements: Vec<bool>,
    outcomes: Vec<Option<EndKind>>,
}

impl Finder<'_> {
    fn new<'q>(context: &Context, search: &'q str) -> Finder<'q> {
        if search.is_empty() {
            return Finder { search, paths: Vec::new(), elements: Vec::new(), outcomes: Vec::new() };
        }
        let partition = context.partition;
        let has = |text: &str| text.to_lowercase().contains(search);
        let css: Vec<bool> = partition.css.texts().iter().map(has).collect();
        let texts: Vec<bool> = partition.texts.texts().iter().map(has).collect();
        let element =
            |element: &crate::dataset::partition::Element| css[element.css as usize] || texts[element.text as usize];
        Finder {
            search,
            paths: (0..)
                .zip(partition.paths.texts().iter())
                .map(|(number, path)| has(path) || has(context.page_name(context.page_of_path(number))))
                .collect(),
            outcomes: outcomes().filter(|(_, words)| has(words)).map(|(outcome, _)| outcome).collect(),
            elements: partition.elements.iter().map(element).collect(),
        }
    }

    fn finds(&self, context: &Context, steps: &Steps, session: &Session) -> bool {
        let has = |text: &str| text.to_lowercase().contains(self.search);
        let events = &context.partition.events;
        self.search.is_empty()
            || has(&session.session_id())
            || has(session.user_id())
            || session
                .rows()
                .any(|row| self.paths[events.path[row] as usize] || self.elements[events.element[row] as usize])
            || !self.outcomes.is_empty() && self.outcomes.contains(&outcome(context, steps, session))
    }
}

fn fits(filter: &SessionFilter, context: &Context, steps: &Steps, session: &Session, plan: &Plan) -> bool {
    let goal = || context.goal_at(session);
    let taken = || steps.taken(context, session, goal()).len();
    let page = |row| context.page_name(context.page(row));
    let flow = || context.flow(session);
    match filter {
        // A partition is asked as a whole for those behind a finding.
        SessionFilter::All | SessionFilter::Behind { .. } => true,
        SessionFilter::Converted => goal().is_some(),
        SessionFilter::Abandoned { ended, took_last_step } => {
            goal().is_none() && {
                let (took, kind) = steps.end(context, session);
                ended.is_none_or(|ended| ended == kind) && took_last_step.is_none_or(|wanted| wanted == took)
            }
        }
        SessionFilter::Reached { step } => taken() > *step as usize,
        SessionFilter::Lost { step } => taken() == *step as usize,
        SessionFilter::Flow { pages, converted } => {
            is_flow(flow().iter().map(|page| context.page_name(*page)), pages) && (!converted || goal().is_some())
        }
        SessionFilter::FlowStep { step, from, to } => {
            let flow = flow();
            let places = places(flow.iter().map(|page| context.page_name(*page)), goal().is_some(), &plan.named_pages);
            places.get(*step as usize) == Some(from)
                && to.as_ref().is_none_or(|to| places.get(*step as usize + 1) == Some(to))
        }
        SessionFilter::Entry { page: wanted } => page(session.first()) == wanted,
        SessionFilter::Exit { page: wanted } => {
            page(session.last()) == wanted && (context.settings.exits == ExitsOf::AllSessions || goal().is_none())
        }
        SessionFilter::Page { page: wanted } => session.rows().any(|row| page(row) == wanted),
        SessionFilter::Path { path } => session.rows().any(|row| context.raw_path(row) == path),
        SessionFilter::Error { page: wanted } => session
            .rows()
            .any(|row| context.error(row).is_some() && wanted.as_ref().is_none_or(|wanted| page(row) == wanted)),
        SessionFilter::Duration { from_s, to_s } => {
            let s = session.end_us().abs_diff(session.start_us()) / 1_000_000;
            s >= *from_s && to_s.is_none_or(|to_s| s < to_s)
        }
        SessionFilter::Gap { from_ms, to_ms } => context.gaps(session).any(|(_, _, us)| {
            let ms = coarse(us / 1000);
            ms >= *from_ms && to_ms.is_none_or(|to_ms| ms < to_ms)
        }),
        SessionFilter::Started { from_us, to_us, converted } => {
            (*from_us..*to_us).contains(&session.start_us()) && (!converted || goal().is_some())
        }
        SessionFilter::During { from_us, to_us } => {
            session.rows().any(|row| (*from_us..*to_us).contains(&context.time_us(row)))
        }
        SessionFilter::LastElement { css, text } => {
            context.css(session.last()) == css && context.text(session.last()) == text
        }
        SessionFilter::Edges => plan.edges_us().is_some_and(|edges_us| {
            let (at_start, at_end) = at_edges(session, edges_us);
            at_start || at_end
        }),
        SessionFilter::Finding { sessions, users, .. } => {
            sessions.iter().zip(users).any(|(id, user)| session.session_id() == *id && session.user_id() == user)
        }
    }
}

/// How a session ended; none if it reached the goal.
fn outcome(context: &Context, steps: &Steps, session: &Session) -> Option<EndKind> {
    context.goal_at(session).is_none().then(|| steps.end(context, session).1)
}

/// How sessions end, in the words of the table.
fn outcomes() -> impl Iterator<Item = (Option<EndKind>, &'static str)> {
    std::iter::once(None).chain(EndKind::ALL.map(Some)).map(|end| (end, describe_outcome(end)))
}

/// How a session ended, in words; none: it reached the goal.
pub fn describe_outcome(ended: Option<EndKind>) -> &'static str {
    ended.map_or("reached the goal", EndKind::describe)
}

fn row(context: &Context, steps: &Steps, session: &Session, zoned: bool) -> SessionRow {
    let converted = context.goal_at(session).is_some();
    SessionRow {
        user: session.user_id().into(),
        session: session.session_id().into(),
        start_us: session.start_us(),
        start: time::format(session.start_us(), zoned),
        duration_ms: session.end_us().abs_diff(session.start_us()) / 1000,
        events: session.len() as u64,
        errors: session.rows().filter(|row| context.error(*row).is_some()).count() as u64,
        converted,
        ended: outcome(context, steps, session),
        entry: context.page_name(context.page(session.first())).into(),
        exit: context.page_name(context.page(session.last())).into(),
    }
}
