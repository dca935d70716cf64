//! The first sentences of the findings and of the report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::funnel::before_goal;
use crate::analysis::{EndKind, Results};
use crate::findings::wording::{count, list, number, rate, seconds};
use crate::settings::{Goal, Mapping};
use crate::stats::wilson;

/// What to read first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    pub title: String,
    pub lede: String,
    /// Of what part of the file everything is, in sentences; empty if it is of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<String>,
}

/// How the sessions that did not reach the goal ended, in groups that add up with the converted ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndGroup {
    /// To stand behind the number.
    pub label: String,
    pub sessions: u64,
}

/// The groups: cancelled, left after the last step before the goal, never got that far.
pub fn end_groups(results: &Results) -> Vec<EndGroup> {
    let funnel = &results.funnel;
    let group = |label: String, sessions| EndGroup { label, sessions };
    let cancelled = funnel.abandoned_where(|_, kind| kind == EndKind::Cancelled);
    let left = funnel.abandoned_where(|began, kind| began && kind != EndKind::Cancelled);
    let never = funnel.abandoned_where(|began, kind| !began && kind != EndKind::Cancelled);
    match last_step_before_goal(results) {
        Some(step) => vec![
            group("cancelled".into(), cancelled),
            group(format!("left otherwise after “{step}”"), left),
            group(format!("never got to “{step}”"), never),
        ],
        None => vec![group("cancelled".into(), cancelled), group("left otherwise".into(), left + never)],
    }
}

/// The name of the last step before the goal, if the funnel has one.
pub fn last_step_before_goal(results: &Results) -> Option<&str> {
    let plan = &results.plan;
    before_goal(plan.steps.len(), plan.ends_in_goal).map(|step| plan.steps[step].name.as_str())
}

/// Where most stopped on their way to the goal: index of the step not reached, how many stopped before it without
/// reaching the goal by another way, and of how many.
pub fn largest_loss(results: &Results) -> Option<(usize, u64, u64)> {
    let funnel = &results.funnel;
    let before = |index: usize| if index == 0 { funnel.sessions } else { funnel.reached[index - 1] };
    let losses = funnel.stopped.iter().enumerate().map(|(index, stopped)| (index, *stopped, before(index)));
    losses
        .filter(|(_, stopped, _)| *stopped > 0)
        .max_by_key(|(index, stopped, _)| (*stopped, std::cmp::Reverse(*index)))
}

/// Where the sessions' ends and the funnel's steps count differently, in sentences.
pub fn funnel_notes(results: &Results) -> Vec<String> {
    let funnel = &results.funnel;
    let mut notes = Vec::new();
    if let Some(step) = last_step_before_goal(results).filter(|_| funnel.out_of_order > 0) {
        let n = funnel.out_of_order;
        let are = if n == 1 { "it is" } else { "they are" };
        notes.push(format!(
            "{} more took “{step}” without all the steps before it; {are} not in this funnel.",
            number(n)
        ));
    }
    if funnel.converted_otherwise > 0 {
        notes.push(skipped(funnel.converted_otherwise));
    }
    notes.extend(across_sessions(results));
    notes
}

/// How many users reached the goal, and how many of them not in their first session; nothing where nobody came twice.
fn across_sessions(results: &Results) -> Option<String> {
    let found = &results.collected.returning;
    let share = wilson(found.converted, found.users).filter(|_| found.returning > 0 && found.converted > 0)?;
    let mut said = format!(
        "Counted by user, {} of {} reached the goal, {}.",
        number(found.converted),
        number(found.users),
        rate(&share)
    );
    if found.tried > 0 {
        let again = match found.tried_again {
            0 => "none came again".into(),
            again => format!("{} came again and {} reached it then", number(again), number(found.recovered)),
        };
        let wait = match found.waits_ms.median() {
            Some(ms) => format!(", in the median {} later", seconds(ms / 1e3)),
            None => String::new(),
        };
        said.push_str(&format!(" Of the {} whose first session did not, {again}{wait}.", number(found.tried)));
    }
    Some(said)
}

/// `7 reached the goal without every step.`
pub fn skipped(sessions: u64) -> String {
    format!("{} reached the goal without every step.", number(sessions))
}

/// The goal stands alone: that most did not reach it says nothing of where they stopped.
pub fn goal_alone(results: &Results) -> bool {
    results.plan.ends_in_goal && results.plan.steps.len() == 1
}

/// The goal is the default one, which is a shop's of the default layout, and the file is another's that never reaches it.
pub fn nobody_chose(results: &Results) -> bool {
    let settings = &results.plan.settings;
    results.collected.overview.converted == 0
        && settings.goal == Goal::default()
        && !settings.mapping.is_alike(&Mapping::default())
}

/// Says who reached the goal, and where most others stopped.
pub fn headline(results: &Results) -> Headline {
    let overview = &results.collected.overview;
    let (converted, sessions) = (overview.converted, overview.sessions);
    let goal = results.plan.settings.goal.name();
    let abandoned = sessions - converted;
    let mut title = format!("{} of {} reached the goal “{goal}”.", number(converted), count(sessions, "session"));
    if abandoned == 0 {
        return Headline { title, ..Headline::default() };
    }
    if nobody_chose(results) {
        return Headline {
            title: format!("{} of {}.", count(sessions, "session"), count(overview.users, "user")),
            lede: format!(
                "No goal has been chosen, and nothing in the file that only some reach is called like success: choose a goal, and the findings say who reaches it and where the others stop. {}",
                they_ended(results)
            ),
            ..Headline::default()
        };
    }
    if converted == 0 {
        let lede = format!(
            "If “{goal}” is not what success means in this product, choose another goal. {}",
            they_ended(results)
        );
        return Headline { title, lede, ..Headline::default() };
    }
    if goal_alone(results) {
        title.push_str(&format!(" The others ended most often {}.", last_pages_of_others(results)));
    } else if let Some((index, stopped, _)) = largest_loss(results) {
        let (most, often, how_many) = match 2 * stopped > abandoned {
            true => ("Most others", "", String::new()),
            false => ("Others", " most often", format!(" ({} of {})", number(stopped), number(abandoned))),
        };
        title.push_str(&match index {
            0 => format!(" {most}{often} never got to “{}”{how_many}.", results.plan.steps[0].name),
            _ => format!(" {most} stopped{often} after “{}”{how_many}.", results.plan.steps[index - 1].name),
        });
    }
    let lede = format!("Of the {} that did not, {}.", number(abandoned), ends_of_others(results));
    Headline { title, lede, ..Headline::default() }
}

/// How far those came that did not reach the goal, by whatever way, and how they ended: `13 had got to “Cart” (8 cancelled,
/// 3 left and 2 logged out) and 5 never got to it`.
pub fn ends_of_others(results: &Results) -> String {
    let kinds = |of: &dyn Fn(bool) -> bool| -> Vec<(u64, EndKind)> {
        let sessions = |ended| results.funnel.abandoned_where(|began, kind| of(began) && kind == ended);
        EndKind::ALL.map(|ended| (sessions(ended), ended)).into_iter().filter(|(n, _)| *n > 0).collect()
    };
    let named = |kinds: &[(u64, EndKind)]| {
        list(&kinds.iter().map(|(n, kind)| format!("{} {}", number(*n), kind.describe())).collect::<Vec<_>>())
    };
    let all = |kinds: &[(u64, EndKind)]| kinds.iter().map(|(n, _)| n).sum::<u64>();
    let Some(step) = last_step_before_goal(results) else { return named(&kinds(&|_| true)) };
    let (after, before) = (kinds(&|began| began), kinds(&|began| !began));
    let mut parts = Vec::new();
    match after.as_slice() {
        [] => {}
        [(n, kind)] => parts.push(format!("{} {} after “{step}”", number(*n), kind.describe())),
        several => {
            // The funnel counts those only who took its steps in order.
            let order = if results.funnel.out_of_order > 0 { ", in whatever order" } else { "" };
            parts.push(format!("{} had got to “{step}”{order} ({})", number(all(several)), named(several)));
        }
    }
    if !before.is_empty() {
        let to = if after.is_empty() { format!("“{step}”") } else { "it".into() };
        let cancelled: Vec<_> = before.iter().filter(|(_, kind)| *kind == EndKind::Cancelled).copied().collect();
        let how = if cancelled.is_empty() { String::new() } else { format!(" ({})", named(&cancelled)) };
        parts.push(format!("{} never got to {to}{how}", number(all(&before))));
    }
    list(&parts)
}

/// The pages on which those ended most often that did not reach the goal: `on /checkout (21) and /account (5)`.
pub fn last_pages_of_others(results: &Results) -> String {
    most_frequent(&results.collected.overview.others_exits)
}

/// `Sessions ended most often on /cart (12) and /products (3).`
fn they_ended(results: &Results) -> String {
    let overview = &results.collected.overview;
    match (overview.sessions, overview.others_exits.keys().next()) {
        (1, Some(page)) => format!("The session ended on {page}."),
        _ => format!("Sessions ended most often {}.", last_pages_of_others(results)),
    }
}

fn most_frequent(exits: &BTreeMap<String, u64>) -> String {
    let mut exits: Vec<(&String, &u64)> = exits.iter().collect();
    exits.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let named: Vec<String> = exits.iter().take(3).map(|(page, n)| format!("{page} ({})", number(**n))).collect();
    format!("on {}", list(&named))
}
