//! The sessions behind a finding, where there are more than its list names: each partition finds its own again, by the
//! same rule.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::analysis::Plan;
use crate::analysis::context::Context;
use crate::analysis::data_quality::{Quality, is_too_long};
use crate::analysis::high_activity::{HighActivity, Kind};
use crate::analysis::long_gap::{GapKind, LongGaps};
use crate::analysis::session_duration::UnusualDurations;
use crate::analysis::session_list::SessionRef;
use crate::analysis::technical_error::TechnicalErrors;
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

fn among<'n, 'a>(named: impl Iterator<Item = &'n SessionRef>) -> Test<'a> {
    let named: BTreeSet<SessionRef> = named.cloned().collect();
    Box::new(move |session| named.contains(&SessionRef::of(session)))
}
