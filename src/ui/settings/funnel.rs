//! The funnel's steps: proposed from the file, or listed.

use leptos::prelude::*;

use crate::settings::form::PROPOSAL;
use crate::settings::{FunnelSettings, FunnelStep, Matcher, Settings};
use crate::ui::parts::results;
use crate::ui::settings::alternatives::Alternatives;
use crate::ui::settings::fields::FieldEditor;
use crate::ui::settings::{Changed, Input, Select, focus_soon, try_settings};
use crate::ui::state::AppState;

/// What is done to the list of steps.
type Edit = Box<dyn FnOnce(&mut Vec<FunnelStep>)>;

#[component]
pub fn FunnelEditor() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let problem = RwSignal::new(None::<String>);
    let funnel = Memo::new(move |_| app.settings.with(|settings| settings.funnel.clone()));
    let change = move |funnel: FunnelSettings| {
        let settings = Settings { funnel, ..app.settings.get_untracked() };
        try_settings(app, settings.check().map(|()| settings), problem);
    };
    let list = move || match funnel.get_untracked() {
        FunnelSettings::Listed { list } => list,
        FunnelSettings::Auto(_) => Vec::new(),
    };
    let change_list = move |edit: Edit| {
        let mut list = list();
        edit(&mut list);
        change(FunnelSettings::Listed { list });
    };
    let steps = Memo::new(move |_| match funnel.get() {
        FunnelSettings::Listed { list } => Some(list.len()),
        FunnelSettings::Auto(_) => None,
    });
    let choose = move |event: Select| {
        change(match event.target().value().as_str() {
            "listed" => FunnelSettings::Listed { list: results.get_untracked().funnel.rules.clone() },
            _ => FunnelSettings::default(),
        });
    };
    let step = move |index: usize, n: usize| {
        let of = move || match funnel.get() {
            FunnelSettings::Listed { list } => list.get(index).cloned(),
            FunnelSettings::Auto(_) => None,
        };
        let name = move || of().map_or(String::new(), |step| step.name);
        let rename = move |event: Input| {
            let name = event.target().value();
            change_list(Box::new(move |list| list[index].name = name));
        };
        let any_of = Signal::derive(move || of().map_or(Vec::new(), |step| step.any_of));
        let set = move |any_of| change_list(Box::new(move |list| list[index].any_of = any_of));
        // The keyboard goes with the step that is moved.
        let move_to = move |to: usize, by: &'static str, back: &'static str| {
            change_list(Box::new(move |list| list.swap(index, to)));
            let can_go_on = if by == "up" { to > 0 } else { to + 1 < n };
            focus_soon(format!("step-{to}-{}", if can_go_on { by } else { back }));
        };
        let remove = move |_| {
            change_list(Box::new(move |list| {
                list.remove(index);
            }));
            focus_soon(format!("step-{}-name", index.min(n.saturating_sub(2))));
        };
        let id = format!("step-{index}-name");
        let buttons = view! {
            <button class="button" id=format!("step-{index}-up") disabled=index == 0 aria-label=format!("Move step {} up", index + 1)
                on:click=move |_| move_to(index - 1, "up", "down")>"Up"</button>
            <button class="button" id=format!("step-{index}-down") disabled=index + 1 == n
                aria-label=format!("Move step {} down", index + 1) on:click=move |_| move_to(index + 1, "down", "up")>"Down"</button>
            <button class="button" disabled=n == 1 aria-label=format!("Remove step {}", index + 1) on:click=remove>"Remove"</button>
        };
        view! {
            <li class="step-editor">
                <div class="field">
                    <label for=id.clone()>{format!("Step {}", index + 1)}</label>
                    <input id=id type="text" autocomplete="off" prop:value=name on:change:target=rename/>
                </div>
                <Alternatives prefix=format!("step-{index}") of=format!("step {}", index + 1) any_of change=set beside=buttons.into_any()/>
            </li>
        }
    };
    let add = move |_| {
        change_list(Box::new(|list| {
            let matcher = Matcher { page: Some("/".into()), ..Matcher::default() };
            list.push(FunnelStep { name: "New step".into(), any_of: vec![matcher] });
        }));
    };
    let changed = Memo::new(move |_| funnel.get() != Settings::default().funnel);
    let reset = move || change(Settings::default().funnel);
    view! {
        <fieldset id="group-funnel">
            <legend>"Funnel"<Changed changed name="the funnel" focus="funnel-steps" reset/></legend>
            <div class="field">
                <label for="funnel-steps">"Steps"</label>
                <select id="funnel-steps" prop:value=move || if steps.get().is_some() { "listed" } else { "auto" } on:change:target=choose>
                    <option value="auto">"proposed from the file"</option>
                    <option value="listed">"as listed here"</option>
                </select>
                <p class="note">"Proposed: the longest chain of elements that nearly everybody who reached the goal used before it. Listing begins with the steps of now."</p>
            </div>
            {move || steps.get().is_none().then(|| view! {
                {PROPOSAL.fields.iter().map(|field| view! { <FieldEditor field group=PROPOSAL.title/> }).collect_view()}
            })}
            {move || steps.get().map(|n| view! {
                <ol class="step-editors">
                    {(0..n).map(|index| untrack(|| step(index, n))).collect_view()}
                </ol>
                <button class="button" on:click=add>"Add a step"</button>
            })}
            <p class="field-problem" role="alert">{move || problem.get()}</p>
        </fieldset>
    }
}
