//! Classes 19 and 20: who reached the goal, and how the others ended.

use crate::analysis::Results;
use crate::analysis::session_list::SessionList;
use crate::analysis::session_table::SessionFilter;
use crate::findings::headline::{
    ends_of_others, goal_alone, largest_loss, last_pages_of_others, nobody_chose, skipped,
};
use crate::findings::wording::{count, number, percent, rate};
use crate::findings::{Class, Draft};
use crate::stats::wilson;

pub fn findings(results: &Results) -> Vec<Draft> {
    let (funnel, overview) = (&results.funnel, &results.collected.overview);
    let goal = &results.plan.settings.goal;
    let mut drafts = Vec::new();
    if let (Some(share), true) = (wilson(overview.converted, overview.sessions), overview.converted > 0) {
        let title = format!("{} reached the goal “{}”", count(overview.converted, "session"), goal.name());
        let mut draft = Draft::fact(Class::Conversion, title, overview.converted, &funnel.converted);
        draft.finding.filter = Some(SessionFilter::Converted);
        draft.finding.description =
            format!("{} of {}: {}.", number(overview.converted), count(overview.sessions, "session"), rate(&share));
        if funnel.converted_otherwise > 0 {
            draft.finding.description.push_str(&format!(" {}", skipped(funnel.converted_otherwise)));
        }
        draft.finding.next = "See which flows they took, and whether others could be led the same way.".into();
        draft.finding.definition = goal.definition();
        draft.finding.n = overview.sessions;
        draft.finding.rate = Some(share);
        drafts.push(draft);
    }
    let abandoned = overview.sessions - overview.converted;
    if let (Some(share), true) = (wilson(abandoned, overview.sessions), abandoned > 0 && !nobody_chose(results)) {
        let mut sessions = SessionList::default();
        for list in funnel.abandoned.values() {
            sessions.merge(list.clone(), results.plan.named_sessions as usize);
        }
        let title = format!("{} did not reach the goal", count(abandoned, "session"));
        let mut draft = Draft::fact(Class::Abandonment, title, abandoned, &sessions);
        draft.finding.filter = Some(SessionFilter::Abandoned { ended: None, took_last_step: None });
        draft.finding.description =
            format!("{} of {}: {}.", number(abandoned), count(overview.sessions, "session"), ends_of_others(results));
        if goal_alone(results) {
            draft.finding.next =
                format!("Look first at where they ended most often: {}.", last_pages_of_others(results));
        } else if let Some((index, stopped, of)) = largest_loss(results) {
            let step = &results.plan.steps[index].name;
            draft.finding.next = format!(
                "Look first at the step “{step}”: {} of the {} that could have taken it stopped there ({}).",
                number(stopped),
                number(of),
                percent(stopped as f64 / of as f64)
            );
        }
        draft.finding.definition = "The session does not fulfil the rule of the goal.".into();
        draft.finding.n = overview.sessions;
        draft.finding.rate = Some(share);
        draft.touches_goal = true;
        drafts.push(draft);
    }
    drafts
}
