//! Two parts of the file side by side: before and after a time, or the sessions that did something and the others.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::compared::{Compared, compare};
use crate::analysis::context::{Context, EventMatcher};
use crate::analysis::few::Few;
use crate::analysis::flow_contents::places;
use crate::analysis::funnel::Steps;
use crate::dataset::Session;
use crate::findings::when;
use crate::ingest::time;
use crate::settings::{CompareSettings, Matcher};
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};

/// Flows that are compared.
const FLOWS: usize = 20;

/// What parts the sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Split {
    /// Those that begin at this time, in microseconds, or later, and those before.
    From(i64),
    /// Those with an event on this page, selector or text, and those without.
    Having(String),
}

impl Split {
    /// As the settings say, over a file from its first to its last event. A time goes before.
    pub fn of(settings: &CompareSettings, span_us: Option<(i64, i64)>) -> Option<Split> {
        let (from, having) = (settings.from.trim(), settings.having.trim());
        if from == CompareSettings::HALF {
            let (first, last) = span_us?;
            // In whole seconds, so that it can be said.
            return Some(Split::From((first + (last - first) / 2).div_euclid(1_000_000) * 1_000_000));
        }
        let at = || time::parse(from).map(|time| Split::From(time.us));
        let segment = || (!having.is_empty()).then(|| Split::Having(having.into()));
        at().or_else(segment)
    }

    /// What the two parts are called: the others, and those that are compared with them.
    pub fn names(&self, zoned: bool) -> [String; 2] {
        match self {
            Split::From(us) => {
                let at = when::exact(&time::format(*us, zoned));
                [format!("before {at}"), format!("since {at}")]
            }
            Split::Having(what) => [format!("without {what}"), format!("with {what}")],
        }
    }
}

/// The same, worked out for a partition.
enum Part {
    From(i64),
    Having(Vec<EventMatcher>),
}

impl Part {
    fn new(context: &Context, split: &Split) -> Part {
        match split {
            Split::From(us) => Part::From(*us),
            Split::Having(what) => {
                let what = Some(what.clone());
                let any_of = [
                    Matcher { page: what.clone(), ..Matcher::default() },
                    Matcher { css: what.clone(), ..Matcher::default() },
                    Matcher { text: what, ..Matcher::default() },
                ];
                Part::Having(any_of.iter().map(|matcher| context.matcher(matcher)).collect())
            }
        }
    }

    /// The session is of those that are compared with the others.
    fn holds(&self, context: &Context, session: &Session) -> bool {
        match self {
            Part::From(us) => session.start_us() >= *us,
            Part::Having(any_of) => session.rows().any(|row| any_of.iter().any(|event| event.matches(context, row))),
        }
    }
}

/// A share that is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Measure {
    /// Of the sessions, those that reach the goal.
    Goal,
    /// Of the sessions that took the steps before this one of the funnel (from 0), those that take it.
    Step(u32),
    /// Of the sessions, those that meet an error.
    Error,
    /// Of the sessions on the page, those that meet an error there.
    ErrorOn(String),
    /// Of the sessions, those on the page.
    Page(String),
    /// Of the sessions, those that take this one of the most frequent flows (from 0).
    Flow(u32),
}

/// By number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Goal,
    Step(u32),
    Error,
    ErrorOn(u32),
    Page(u32),
    Flow(u32),
}

/// One share: over all sessions that it is a share of, and over those of them that are compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub all: AllUsers,
    pub group: GroupUsers,
}

impl Measured {
    fn add(&mut self, user: UserCounts) {
        self.all.add(user);
        self.group.add(user);
    }

    fn add_hits(&mut self, user: UserCounts) {
        self.all.add_hits(user);
        self.group.add_hits(user);
    }

    fn merge(&mut self, other: &Measured) {
        self.all.merge(&other.all);
        self.group.merge(&other.group);
    }
}

/// Of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Sessions of each part: the others, and those that are compared with them.
    pub sessions: [u64; 2],
    /// All sessions, without hits: what shares of all sessions have in common.
    base: Measured,
    /// Shares of all sessions hold their hits only.
    measures: BTreeMap<Measure, Measured>,
}

/// What a session has to say: of which share it is, and whether it is a hit.
struct Said<'c, 'a> {
    context: &'c Context<'a>,
    steps: Steps,
    step_count: usize,
    /// The place of each of the partition's flows among those that are compared.
    flows: Vec<Option<usize>>,
}

impl<'c, 'a> Said<'c, 'a> {
    fn new(context: &'c Context<'a>, plan: &Plan) -> Said<'c, 'a> {
        let listed = &plan.named_flows[..plan.named_flows.len().min(FLOWS)];
        Said {
            context,
            steps: Steps::new(context, &plan.steps, plan.ends_in_goal),
            step_count: plan.steps.len(),
            flows: places(context, listed),
        }
    }

    fn of(&self, session: &Session, said: &mut Few<Key, bool>) {
        let context = self.context;
        said.clear();
        let goal = context.goal_at(session);
        *said.of(Key::Goal) = goal.is_some();
        let taken = self.steps.taken(context, session, goal).len();
        (0..self.step_count.min(taken + 1)).for_each(|step| *said.of(Key::Step(step as u32)) = step < taken);
        let mut any_error = false;
        for row in session.rows() {
            let error = context.error(row).is_some();
            any_error |= error;
            *said.of(Key::ErrorOn(context.page(row))) |= error;
        }
        *said.of(Key::Error) = any_error;
    }
}

/// Counts a session of a user in.
fn count(of_user: &mut Few<Key, UserCounts>, key: Key, hit: bool, compared: bool) {
    let counts = of_user.of(key);
    counts.n += 1;
    counts.hits += u64::from(hit);
    counts.group_n += u64::from(compared);
    counts.group_hits += u64::from(hit && compared);
}

impl Measure {
    /// It is a share of all sessions, of which only hits are met one by one.
    fn is_of_all(&self) -> bool {
        matches!(self, Measure::Page(_) | Measure::Flow(_))
    }
}

impl Comparison {
    pub fn of(context: &Context, plan: &Plan) -> Comparison {
        let mut found = Comparison::default();
        let Some(split) = Split::of(&plan.settings.compare, plan.span_us) else { return found };
        let part = Part::new(context, &split);
        let says = Said::new(context, plan);
        let mut measures: HashMap<Key, Measured> = HashMap::new();
        let (mut of_user, mut hits_of_user) = (Few::default(), Few::default());
        let mut said = Few::default();
        context.each_user(&mut |sessions| {
            of_user.clear();
            hits_of_user.clear();
            let mut user = UserCounts::default();
            for session in sessions.iter() {
                let compared = part.holds(context, &session);
                found.sessions[usize::from(compared)] += 1;
                user.n += 1;
                user.group_n += u64::from(compared);
                says.of(&session, &mut said);
                for (key, hit) in said.iter() {
                    count(&mut of_user, *key, *hit, compared);
                    if let Key::ErrorOn(page) = key {
                        count(&mut hits_of_user, Key::Page(*page), true, compared);
                    }
                }
                if let Some(flow) = says.flows[context.flow_number(&session)] {
                    count(&mut hits_of_user, Key::Flow(flow as u32), true, compared);
                }
            }
            found.base.add(user);
            for (key, counts) in of_user.iter() {
                measures.entry(*key).or_default().add(*counts);
            }
            for (key, counts) in hits_of_user.iter() {
                let with = UserCounts { n: user.n, group_n: user.group_n, ..*counts };
                measures.entry(*key).or_default().add_hits(with);
            }
        });
        for (key, measured) in measures {
            let page = |page: u32| context.page_name(page).to_string();
            let measure = match key {
                Key::Goal => Measure::Goal,
                Key::Step(step) => Measure::Step(step),
                Key::Error => Measure::Error,
                Key::ErrorOn(number) => Measure::ErrorOn(page(number)),
                Key::Page(number) => Measure::Page(page(number)),
                Key::Flow(flow) => Measure::Flow(flow),
            };
            found.measures.entry(measure).or_default().merge(&measured);
        }
        found
    }

    pub fn merge(&mut self, other: Comparison) {
        self.sessions[0] += other.sessions[0];
        self.sessions[1] += other.sessions[1];
        self.base.merge(&other.base);
        for (measure, measured) in other.measures {
            self.measures.entry(measure).or_default().merge(&measured);
        }
    }

    /// All shares that have at least so many sessions in both parts, and that are neither none nor all in both; the most
    /// surprising difference first. Errors where there are none at all say nothing.
    pub fn compared(&self, least: u64, by_users: bool) -> Vec<Compared<Measure>> {
        let whole: Vec<(Measure, Measured)> = self
            .measures
            .iter()
            .map(|(measure, measured)| {
                let mut measured = measured.clone();
                if measure.is_of_all() {
                    measured.merge(&self.base);
                }
                (measure.clone(), measured)
            })
            .filter(|(_, measured)| measured.all.hits > 0 && measured.all.hits < measured.all.n)
            .collect();
        let groups = whole.iter().map(|(measure, measured)| (measure.clone(), &measured.group, &measured.all));
        let mut compared = compare(groups, least, by_users);
        compared.sort_by(|a, b| a.p().total_cmp(&b.p()).then_with(|| a.what.cmp(&b.what)));
        compared
    }
}
