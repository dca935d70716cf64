//! The sessions behind a finding, where there are more than its list names: each partition finds its own again, by the
//! same rule.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::context::{Context, ErrorKind};
use crate::analysis::data_quality::{Quality, is_too_long};
use crate::analysis::drop_off_driver::Feature;
use crate::analysis::element_out_of_place::OutOfPlace;
use crate::analysis::error_impact::{first_taken, step_matchers};
use crate::analysis::high_activity::{HighActivity, Kind};
use crate::analysis::long_gap::{GapKind, LongGaps};
use crate::analysis::loops::Loops;
use crate::analysis::order_rule::{BrokenRules, OrderRule};
use crate::analysis::quick_back::QuickBacks;
use crate::analysis::rage_click::RageClicks;
use crate::analysis::retry_loop::RetryLoops;
use crate::analysis::session_duration::UnusualDurations;
use crate::analysis::session_list::{RankedList, SessionRef};
use crate::analysis::shared_session::SharedSessions;
use crate::analysis::technical_error::TechnicalErrors;
use crate::analysis::unanswered_click::{Clicks, UnansweredClicks};
use crate::analysis::unusual_navigation::Surprise;
use crate::dataset::Session;
use crate::tagged::tagged;

/// Whose sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Behind {
    /// Met an error on a page that too few visited to test it.
    UntestedError,
    /// Has a repaired record.
    Repaired,
    /// Lasts longer than the settings allow.
    TooLong,
    /// Carries what was typed into a password field.
    Secret,
    /// Has a single event.
    OneEvent,
    Short,
    Long,
    Gap {
        kind: GapKind,
    },
    /// Has a gap on this page, of whatever length.
    AnyGap {
        page: String,
    },
    Activity {
        kind: Kind,
    },
    RageClick,
    UnansweredClick {
        /// Only on this element of this page.
        only: Option<(String, String)>,
    },
    QuickBack,
    /// Goes round in a circle, or comes back to a page again and again.
    Circle,
    Returns,
    Retry,
    /// Broke one of these rules, as the settings write them.
    OrderRule {
        rules: Vec<String>,
    },
    ElementOutOfPlace,
    SharedSession,
    /// Met an error in this stretch of time, in microseconds.
    ErrorDuring {
        from_us: i64,
        to_us: i64,
    },
    /// Took the last step before the goal, met an error after it (of this kind), and did not reach the goal.
    LostAfterError {
        kind: Option<ErrorKind>,
    },
    /// Took the last step before the goal having done this before, and did not reach the goal.
    LostWith {
        feature: Feature,
    },
    /// Took a step that no other session took.
    StepOfItsOwn,
    /// Took a flow of at least so many thousandths of a bit a step.
    UnusualFlow {
        millibits: u64,
    },
}

tagged!(Behind, "rule");

type Test<'a> = Box<dyn Fn(&Session) -> bool + 'a>;

impl Behind {
    /// Whether a session of this partition is one of them. The whole partition is looked at before the first answer.
    pub fn test<'a>(&'a self, context: &'a Context, plan: &'a Plan) -> Test<'a> {
        let all = &context.naming_all();
        let usual = &plan.usual;
        let durations = || UnusualDurations::of(all, &usual.duration);
        match self {
            Behind::UntestedError => among(TechnicalErrors::sessions_on(all, &usual.untested_pages).named()),
            Behind::Repaired => among(Quality::of(all, plan).salvaged_sessions.named()),
            Behind::Secret => among(Quality::of(all, plan).secret_sessions.named()),
            Behind::TooLong => Box::new(|session| is_too_long(session, context.settings)),
            Behind::OneEvent => Box::new(|session| session.len() < 2),
            Behind::Short => among(durations().short.named().map(|(_, named, _)| named)),
            Behind::Long => among(durations().long.named().map(|(_, named, _)| named)),
            Behind::Gap { kind } => {
                let found = LongGaps::of(all, &usual.gaps);
                among(found.into_kind(*kind).sessions.named().map(|(_, named, _)| named))
            }
            Behind::AnyGap { page } => Box::new(move |session| {
                context.gaps(session).any(|(row, _, _)| context.page_name(context.page(row)) == page)
            }),
            Behind::Activity { kind } => {
                let found = HighActivity::of(all, &usual.activity);
                among(found.kinds.get(kind).into_iter().flat_map(|list| list.named()).map(|(_, named, _)| named))
            }
            Behind::RageClick => ranked(&RageClicks::of(all, usual.activity.resolution_us).sessions),
            Behind::UnansweredClick { only: None } => ranked(&UnansweredClicks::of(all, &usual.answering).sessions),
            Behind::UnansweredClick { only: Some((page, css)) } => {
                let clicks = Clicks::new(context);
                Box::new(move |session| {
                    let is = |row: usize| context.css(row) == css && context.page_name(context.page(row)) == page;
                    clicks.of(context, session).any(|click| !click.answered && is(click.row))
                })
            }
            Behind::QuickBack => ranked(&QuickBacks::of(all, &usual.quick_us).sessions),
            Behind::Circle => ranked(&Loops::of(all).circles),
            Behind::Returns => ranked(&Loops::of(all).returns),
            Behind::Retry => ranked(&RetryLoops::of(all).sessions),
            Behind::OrderRule { rules } => {
                let rules: Vec<OrderRule> =
                    usual.order_rules.iter().filter(|rule| rules.contains(&rule.text())).cloned().collect();
                let found = BrokenRules::of(all, &rules);
                among(found.0.iter().flat_map(RankedList::named).map(|(_, named, _)| named))
            }
            Behind::ElementOutOfPlace => ranked(&OutOfPlace::of(all, &usual.out_of_place).sessions),
            Behind::SharedSession => among(SharedSessions::of(all, &usual.shared_ids).sessions.named()),
            Behind::ErrorDuring { from_us, to_us } => Box::new(move |session| {
                let during = |row: &usize| (*from_us..*to_us).contains(&context.time_us(*row));
                session.rows().filter(during).any(|row| context.error(row).is_some())
            }),
            Behind::LostAfterError { kind } => {
                let step = step_matchers(context, plan);
                Box::new(move |session| {
                    let Some(taken) = first_taken(context, session, &step) else { return false };
                    let met = |error: ErrorKind| kind.is_none_or(|kind| kind == error);
                    let mut after = session.rows().skip(taken);
                    context.goal_at(session).is_none() && after.any(|row| context.error(row).is_some_and(met))
                })
            }
            Behind::LostWith { feature } => {
                let step = step_matchers(context, plan);
                Box::new(move |session| {
                    let Some(taken) = first_taken(context, session, &step) else { return false };
                    context.goal_at(session).is_none() && feature.is_had(context, session, taken)
                })
            }
            Behind::StepOfItsOwn => {
                let surprise = Surprise::of(context, &usual.transitions);
                Box::new(move |session| surprise.takes_step_of_its_own(context, session))
            }
            Behind::UnusualFlow { millibits } => {
                let surprise = Surprise::of(context, &usual.transitions);
                Box::new(move |session| surprise.millibits(context, session) >= *millibits)
            }
        }
    }
}

fn ranked<'a, T: Ord>(list: &RankedList<T>) -> Test<'a> {
    among(list.named().map(|(_, named, _)| named))
}

fn among<'n, 'a>(named: impl Iterator<Item = &'n SessionRef>) -> Test<'a> {
    let named: BTreeSet<SessionRef> = named.cloned().collect();
    Box::new(move |session| named.contains(&SessionRef::of(session)))
}
