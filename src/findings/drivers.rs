//! Classes 17 and 18: what errors cost after the last step before the goal, and what goes with giving up there.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::compared::Compared;
use crate::analysis::context::ErrorKind;
use crate::analysis::drop_off_driver::Feature;
use crate::analysis::error_impact::step;
use crate::analysis::session_list::SessionList;
use crate::findings::again::enough_users;
use crate::findings::two_groups::{compared_in_words, difference_in_words};
use crate::findings::wording::{count, fixed, number};
use crate::findings::{Class, Draft, Strength};
use crate::stats::two_by_two::{TwoByTwo, needed};

/// Differences that are named at most.
const LEADS: usize = 3;
/// The difference that a file is said to be too small for.
const SHOWN_DIFFERENCE: f64 = 0.2;

pub(super) fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = impact(results);
    drafts.extend(drivers(results));
    drafts
}

/// The name of the last step before the goal.
fn step_name(results: &Results) -> Option<&str> {
    step(&results.plan).map(|step| results.plan.steps[step].name.as_str())
}

/// Errors of any kind first, then each kind.
pub fn impacts(results: &Results) -> Vec<Compared<Option<ErrorKind>>> {
    results.flagged.error_impact.compared(results.by_users())
}

fn kind_name(kind: Option<ErrorKind>) -> String {
    kind.map_or("an error".into(), |kind| format!("an error ({})", kind.describe(1)))
}

/// Whether the odds ratio's interval leaves out what is hardly a difference.
fn is_clear(results: &Results, table: &TwoByTwo) -> bool {
    let least = results.plan.settings.drivers.min_odds_ratio;
    let odds = table.odds_ratio();
    odds.low > least || odds.high < 1.0 / least
}

/// It passes its test, and the difference is more than hardly one.
fn passes<T>(results: &Results, one: &Compared<T>) -> bool {
    let settings = &results.plan.settings.drivers;
    one.q < settings.false_discovery_rate && is_clear(results, &one.table) && enough_users(results)
}

fn strength<T>(results: &Results, one: &Compared<T>) -> Option<Strength> {
    match passes(results, one) {
        true => Some(Strength::Supported),
        false => (one.p() < 0.05).then_some(Strength::Lead),
    }
}

fn fill<T>(results: &Results, draft: &mut Draft, one: &Compared<T>, strength: Strength, family: usize) {
    let finding = &mut draft.finding;
    finding.strength = strength;
    finding.session_count = one.table.hits;
    finding.test(one, family);
    let who = if finding.class == Class::ErrorImpact { AFTER_ERROR } else { BEFORE };
    finding.definition = definition(results, who);
    draft.touches_goal = true;
}

fn impact(results: &Results) -> Vec<Draft> {
    let Some(step) = step_name(results) else { return Vec::new() };
    let all = impacts(results);
    let mut drafts = Vec::new();
    for one in &all {
        let table = &one.table;
        let Some(strength) = strength(results, one).filter(|_| table.hits > 0) else { continue };
        let error = kind_name(one.what);
        let more = table.difference().is_some_and(|difference| difference.value > 0.0);
        let title = match (strength, more) {
            (Strength::Supported, true) => {
                format!("After {error} more give up: {} of {}", number(table.hits), number(table.n))
            }
            (Strength::Supported, false) => {
                format!("After {error} fewer give up: {} of {}", number(table.hits), number(table.n))
            }
            (_, true) => format!("After {error} more may give up"),
            (_, false) => format!("After {error} fewer may give up"),
        };
        let mut draft = Draft::fact(Class::ErrorImpact, title, table.hits, &SessionList::default())
            .behind(Behind::LostAfterError { kind: one.what });
        let [with, without] = compared_in_words(table);
        draft.finding.description = format!(
            "Of those who took “{step}”, {with} that met {error} after it did not reach the goal, {without} of the others: {}.",
            difference_in_words(table)
        );
        if strength == Strength::Supported
            && more
            && let Some(difference) = table.difference()
        {
            let people = |share: f64| number(libm::round(share.max(0.0) * table.n as f64) as u64);
            draft.finding.description.push_str(&format!(
                " That is {} sessions more than without, 95\u{a0}% interval {} to {}, if nothing else parts the two.",
                people(difference.value),
                people(difference.low),
                people(difference.high)
            ));
        }
        draft.finding.next = "Mend the most frequent of these errors first, and compare again.".into();
        fill(results, &mut draft, one, strength, all.len());
        drafts.push(draft);
    }
    drafts
}

/// What comes closest where no kind of error shows a difference.
pub fn nearest_impact(results: &Results) -> String {
    let Some(step) = step_name(results) else { return "The funnel has no step before the goal.".into() };
    let all = impacts(results);
    let Some(any) = all.iter().find(|one| one.what.is_none()) else {
        return format!("Nobody met an error after “{step}”, or everybody did.");
    };
    let [with, without] = compared_in_words(&any.table);
    let share = (any.table.hits + any.table.other_hits) as f64 / (any.table.n + any.table.other_n) as f64;
    format!(
        "No evidence: of those who took “{step}”, {with} gave up after an error and {without} without one ({}). To show a difference \
         of 20 points it takes about {} in each group.",
        difference_in_words(&any.table),
        count(needed(share, SHOWN_DIFFERENCE), "session")
    )
}

/// All that is tested, the most surprising first.
pub fn tested(results: &Results) -> Vec<Compared<&Feature>> {
    let settings = &results.plan.settings.drivers;
    results.flagged.drivers.compared(settings, results.by_users())
}

fn drivers(results: &Results) -> Vec<Draft> {
    let Some(step) = step_name(results) else { return Vec::new() };
    let all = tested(results);
    let any_passes = all.iter().any(|one| passes(results, one));
    let mut drafts = Vec::new();
    for one in all.iter().filter(|one| passes(results, one) || !any_passes && one.p() < 0.05).take(LEADS) {
        let table = &one.table;
        let more = table.difference().is_some_and(|difference| difference.value > 0.0);
        let (what, word) = (one.what.describe(), if more { "More" } else { "Fewer" });
        let title = format!("{word} of those who {what} may give up after “{step}”");
        let mut draft = Draft::fact(Class::DropOffDriver, title, table.hits, &SessionList::default())
            .behind(Behind::LostWith { feature: one.what.clone() });
        let [with, without] = compared_in_words(table);
        let odds = table.odds_ratio();
        draft.finding.description = format!(
            "{with} that {what} did not reach the goal, {without} of the others: {}; odds ratio {}, 95\u{a0}% interval {} to {}.",
            difference_in_words(table),
            fixed(odds.value, 1),
            fixed(odds.low, 1),
            fixed(odds.high, 1)
        );
        draft.finding.next = "Compare their sessions with the others’. What goes together need not be a cause.".into();
        // Who has done more by then is also who stays: healthy files of 3,000 sessions showed such a difference in one of
        // five, so that no test can support it.
        fill(results, &mut draft, one, Strength::Lead, all.len());
        drafts.push(draft);
    }
    drafts
}

/// What comes closest where nothing stands out.
pub fn nearest_driver(results: &Results) -> String {
    let Some(step) = step_name(results) else { return "The funnel has no step before the goal.".into() };
    let all = tested(results);
    match all.first() {
        None => {
            format!("Nothing that some had done before “{step}” and others had not is frequent enough to be tested.")
        }
        Some(first) => format!(
            "Nothing stands out: of {} the closest is that they {} (p {}, q {}).",
            count(all.len() as u64, "difference"),
            first.what.describe(),
            fixed(first.p(), 2),
            fixed(first.q, 2)
        ),
    }
}

/// Whom class 17 compares, and whom class 18.
pub const AFTER_ERROR: &str = "met an error of a kind between that step and their outcome";
pub const BEFORE: &str = "had done something before that step (a first page, a page, an element, an error)";

/// The rule of classes 17 and 18 as a sentence.
pub fn definition(results: &Results, who: &str) -> String {
    let settings = &results.plan.settings.drivers;
    format!(
        "Among the sessions that took the last step before the goal: the share that did not reach the goal, of those that {who} \
         and of the others, by Fisher’s exact test or chi-squared, where users have several sessions also with users as clusters; supported \
         if q < {} and the odds ratio’s interval leaves out {} to {}; Newcombe’s interval for the difference. From {} in \
         either group on.",
        settings.false_discovery_rate,
        fixed(1.0 / settings.min_odds_ratio, 2),
        settings.min_odds_ratio,
        count(settings.min_sessions, "session")
    )
}
