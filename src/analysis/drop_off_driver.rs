//! Class 18: what those who did not reach the goal had done before they took the last step to it, and the others had not.
//!
//! Only what is known when the step is taken is looked at, so that all had as long to do it.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::compared::{Compared, compare};
use crate::analysis::context::Context;
use crate::analysis::error_impact::{first_taken, step, step_matchers};
use crate::analysis::few::Few;
use crate::dataset::Session;
use crate::settings::{DriverSettings, Matcher};
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};

/// What a session may have when it takes the step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Feature {
    BeganOn(String),
    VisitedPage(String),
    UsedElement(String),
    MetError,
}

impl Feature {
    /// Whether the session has it when it takes the step at this place of its order.
    pub(super) fn is_had(&self, context: &Context, session: &Session, taken: usize) -> bool {
        // An error tells of itself only.
        let mut before = session.rows().take(taken);
        let fine = |row: usize| context.error(row).is_none();
        match self {
            Feature::BeganOn(page) => context.page_name(context.page(session.first())) == page,
            Feature::VisitedPage(page) => before.any(|row| fine(row) && context.page_name(context.page(row)) == page),
            Feature::UsedElement(css) => before
                .any(|row| fine(row) && context.css(row) == css && !context.cancels(row) && !context.logs_out(row)),
            Feature::MetError => before.any(|row| !fine(row)),
        }
    }

    /// What those with it did: `had visited /cart`.
    pub fn describe(&self) -> String {
        match self {
            Feature::BeganOn(page) => format!("began on {page}"),
            Feature::VisitedPage(page) => format!("had visited {page}"),
            Feature::UsedElement(css) => format!("had used {css}"),
            Feature::MetError => "had met an error".into(),
        }
    }
}

/// The same by number, while a partition is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    BeganOn(u32),
    Page(u32),
    Css(u32),
    Error,
}

/// Sessions that took the last step before the goal, in one partition or in several merged. Hits did not reach the goal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DropOffDrivers {
    pub users: AllUsers,
    pub features: BTreeMap<Feature, GroupUsers>,
}

impl DropOffDrivers {
    pub fn of(context: &Context, plan: &Plan) -> DropOffDrivers {
        let mut found = DropOffDrivers::default();
        let matchers = step_matchers(context, plan);
        if matchers.is_empty() {
            return found;
        }
        // Steps before it, which those who take it have nearly all taken, and what ends a session say nothing.
        let steps = step(plan).map_or(&[][..], |last| &plan.steps[..=last]);
        let is_step = |named: &dyn Fn(&Matcher) -> Option<&String>, name: &str| {
            steps.iter().flat_map(|step| &step.any_of).any(|matcher| named(matcher).is_some_and(|own| own == name))
        };
        let counts_page: Vec<bool> = (0..context.page_count() as u32)
            .map(|page| !is_step(&|matcher| matcher.page.as_ref(), context.page_name(page)))
            .collect();
        let counts_css: Vec<bool> = (0..context.partition.css.texts().len() as u32)
            .map(|css| context.css_by_number(css))
            .map(|css| !css.is_empty() && !is_step(&|matcher| matcher.css.as_ref(), css))
            .collect();
        let mut groups: HashMap<Key, GroupUsers> = HashMap::new();
        let (mut of_user, mut of_session) = (Few::<Key, UserCounts>::default(), Few::<Key, ()>::default());
        context.each_user(&mut |sessions| {
            of_user.clear();
            let mut all = UserCounts::default();
            for session in sessions.iter() {
                let Some(taken) = first_taken(context, &session, &matchers) else { continue };
                let lost = u64::from(context.goal_at(&session).is_none());
                all.n += 1;
                all.hits += lost;
                of_session.clear();
                of_session.insert(Key::BeganOn(context.page(session.first())));
                for row in session.rows().take(taken) {
                    let (page, css) = (context.page(row), context.css_number(row));
                    if context.error(row).is_some() {
                        of_session.insert(Key::Error);
                        continue;
                    }
                    let ends = context.cancels(row) || context.logs_out(row);
                    let keys = [
                        counts_page[page as usize].then_some(Key::Page(page)),
                        (counts_css[css as usize] && !ends).then_some(Key::Css(css)),
                    ];
                    for key in keys.into_iter().flatten() {
                        of_session.insert(key);
                    }
                }
                for (key, ()) in of_session.iter() {
                    let counts = of_user.of(*key);
                    counts.group_n += 1;
                    counts.group_hits += lost;
                }
            }
            if all.n == 0 {
                return;
            }
            found.users.add(all);
            for (key, counts) in of_user.iter() {
                groups.entry(*key).or_default().add(UserCounts { hits: all.hits, n: all.n, ..*counts });
            }
        });
        for (key, users) in groups {
            let feature = match key {
                Key::BeganOn(page) => Feature::BeganOn(context.page_name(page).into()),
                Key::Page(page) => Feature::VisitedPage(context.page_name(page).into()),
                Key::Css(css) => Feature::UsedElement(context.css_by_number(css).into()),
                Key::Error => Feature::MetError,
            };
            found.features.entry(feature).or_default().merge(&users);
        }
        found
    }

    pub fn merge(&mut self, other: DropOffDrivers) {
        self.users.merge(&other.users);
        for (feature, users) in other.features {
            self.features.entry(feature).or_default().merge(&users);
        }
    }

    /// All that enough sessions have and enough have not, the most surprising first.
    pub fn compared(&self, settings: &DriverSettings, by_users: bool) -> Vec<Compared<&Feature>> {
        let tested = self.features.iter().map(|(feature, users)| (feature, users, &self.users));
        let mut compared = compare(tested, settings.min_sessions, by_users);
        compared.sort_by(|a, b| a.p().total_cmp(&b.p()).then_with(|| a.what.cmp(b.what)));
        compared
    }
}
