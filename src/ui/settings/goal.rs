//! The goal: the rule that makes a session a conversion.

use leptos::prelude::*;

use crate::analysis::funnel::{ends_in_goal, goal_step};
use crate::settings::{FunnelSettings, Goal, Matcher, Settings};
use crate::ui::settings::alternatives::Alternatives;
use crate::ui::settings::{Changed, Input, Select, try_settings};
use crate::ui::state::AppState;

#[component]
pub fn GoalEditor() -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let goal = Memo::new(move |_| app.settings.with(|settings| settings.goal.clone()));
    let change = move |goal: Goal| {
        let mut settings = app.settings.get_untracked();
        // A listed funnel that ended in the goal goes on ending in it.
        if let FunnelSettings::Listed { list } = &mut settings.funnel
            && ends_in_goal(list, &settings.goal)
            && let Some(last) = list.last_mut()
        {
            *last = goal_step(&goal);
        }
        settings.goal = goal;
        try_settings(app, settings.check().map(|()| settings), problem);
    };
    let rule = move || match goal.get() {
        Goal::Event { .. } => "event",
        Goal::EndsAt { .. } => "ends_at",
    };
    let choose = move |event: Select| {
        // Whoever tries the other kind and comes back finds the goal as it was.
        let now = goal.get_untracked();
        if let Some(before) = app.other_goal.try_update_value(|other| other.replace(now.clone())).flatten() {
            return change(before);
        }
        let page = match now {
            Goal::Event { event, .. } => event.page.unwrap_or("/checkout".into()),
            Goal::EndsAt { page, .. } => page,
        };
        change(match event.target().value().as_str() {
            "ends_at" => Goal::EndsAt { name: format!("Ends at {page}"), page },
            _ => Goal::Event {
                name: format!("Visit of {page}"),
                event: Matcher { page: Some(page), ..Matcher::default() },
                or: Vec::new(),
                unless_error_follows: true,
                unless_cancel_follows: true,
            },
        });
    };
    let rename = move |event: Input| {
        let new = event.target().value();
        let mut goal = goal.get_untracked();
        match &mut goal {
            Goal::Event { name, .. } | Goal::EndsAt { name, .. } => *name = new,
        }
        change(goal);
    };
    let details = move || match rule() {
        "event" => {
            let any_of = Signal::derive(move || goal.get().any_of());
            let set = move |any_of: Vec<Matcher>| {
                let mut goal = goal.get_untracked();
                let mut any_of = any_of.into_iter();
                if let (Goal::Event { event, or, .. }, Some(first)) = (&mut goal, any_of.next()) {
                    (*event, *or) = (first, any_of.collect());
                }
                change(goal);
            };
            let switch = move |of: fn(&mut Goal) -> Option<&mut bool>, label: &'static str| {
                let checked = move || of(&mut goal.get()).is_some_and(|on| *on);
                let typed = move |event: Input| {
                    let mut goal = goal.get_untracked();
                    if let Some(on) = of(&mut goal) {
                        *on = event.target().checked();
                    }
                    change(goal);
                };
                view! { <label class="inline"><input type="checkbox" prop:checked=checked on:change:target=typed/>{label}</label> }
            };
            view! {
                <Alternatives prefix="goal" of="the goal" any_of change=set/>
                {switch(|goal| match goal { Goal::Event { unless_error_follows, .. } => Some(unless_error_follows), _ => None }, " unless an error follows")}
                {switch(|goal| match goal { Goal::Event { unless_cancel_follows, .. } => Some(unless_cancel_follows), _ => None }, " unless it is cancelled afterwards")}
            }
            .into_any()
        }
        _ => {
            let page = move || match goal.get() {
                Goal::EndsAt { page, .. } => page,
                Goal::Event { .. } => String::new(),
            };
            let typed = move |event: Input| {
                let page = event.target().value().trim().to_string();
                let by_page = |page: &str| format!("Ends at {page}");
                // A name that somebody gave stays.
                let name = match goal.get_untracked() {
                    Goal::EndsAt { name, page: before } if name != by_page(&before) => name,
                    _ => by_page(&page),
                };
                change(Goal::EndsAt { name, page });
            };
            view! {
                <div class="field"><label for="goal-page">"Page"</label>
                    <input id="goal-page" type="text" autocomplete="off" spellcheck="false" prop:value=page on:change:target=typed/></div>
            }
            .into_any()
        }
    };
    let about_name = |problem: &String| problem.contains("name of the goal");
    let nameless = move || problem.with(|problem| problem.as_ref().is_some_and(about_name)).then_some("true");
    let rule = Memo::new(move |_| rule());
    let changed = Memo::new(move |_| goal.get() != Settings::default().goal);
    view! {
        <fieldset id="group-goal" class="goal">
            <legend>"Goal"<Changed changed name="the goal" focus="goal-rule" reset=move || {
                app.other_goal.set_value(None);
                change(Goal::default());
            }/></legend>
            <div class="field">
                <label for="goal-rule">"A session reaches the goal if"</label>
                <select id="goal-rule" prop:value=move || rule.get() on:change:target=choose>
                    <option value="event">"it has an event"</option>
                    <option value="ends_at">"it ends on a page"</option>
                </select>
            </div>
            <div class="field">
                <label for="goal-name">"Name of the goal"</label>
                <input id="goal-name" type="text" autocomplete="off" aria-describedby="goal-problem" aria-invalid=nameless prop:value=move || goal.get().name().to_string() on:change:target=rename/>
            </div>
            {move || { rule.track(); untrack(details) }}
            <p class="note">{move || goal.get().definition()}</p>
            <p class="field-problem" id="goal-problem" role="alert">{move || problem.get()}</p>
        </fieldset>
    }
}
