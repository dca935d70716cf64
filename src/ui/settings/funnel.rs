//! The funnel's steps: proposed from the file, or listed.

use leptos::prelude::*;

use crate::settings::{FunnelSettings, FunnelStep, Matcher, Settings};
use crate::ui::parts::results;
use crate::ui::settings::matcher::MatcherFields;
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
        FunnelSettings::Auto { .. } => Vec::new(),
    };
    let change_list = move |edit: Edit| {
        let mut list = list();
        edit(&mut list);
        change(FunnelSettings::Listed { list });
    };
    // The step that is being given one more event. It is no setting before it says something.
    let begun = RwSignal::new(None::<usize>);
    // How many events each step names, so that typing into one makes no row anew.
    let steps = Memo::new(move |_| match funnel.get() {
        FunnelSettings::Listed { list } => {
            let begun = begun.get();
            let rows = list.iter().enumerate();
            Some(rows.map(|(index, step)| step.any_of.len() + usize::from(begun == Some(index))).collect::<Vec<_>>())
        }
        FunnelSettings::Auto { .. } => None,
    });
    // Steps that change their places leave nothing half begun.
    let change_order = move |edit: Edit| {
        begun.set(None);
        change_list(edit);
    };
    let choose = move |event: Select| {
        begun.set(None);
        change(match event.target().value().as_str() {
            "listed" => FunnelSettings::Listed { list: results.get_untracked().funnel.rules.clone() },
            _ => FunnelSettings::Auto { min_support: 0.20 },
        });
    };
    let step = move |index: usize, matchers: usize, n: usize| {
        let of = move || match funnel.get() {
            FunnelSettings::Listed { list } => list.get(index).cloned(),
            FunnelSettings::Auto { .. } => None,
        };
        let name = move || of().map_or(String::new(), |step| step.name);
        let rename = move |event: Input| {
            let name = event.target().value();
            change_list(Box::new(move |list| list[index].name = name));
        };
        let matcher = move |at: usize| {
            let now = Signal::derive(move || of().and_then(|step| step.any_of.get(at).cloned()).unwrap_or_default());
            let set = move |matcher: Matcher| {
                let is_new = at >= of().map_or(0, |step| step.any_of.len());
                change_list(Box::new(move |list| {
                    let any_of = &mut list[index].any_of;
                    match any_of.get_mut(at) {
                        Some(known) => *known = matcher,
                        None => any_of.push(matcher),
                    }
                    // One that is emptied goes, unless it is the last.
                    if any_of.len() > 1 {
                        any_of.retain(|matcher| *matcher != Matcher::default());
                    }
                }));
                // One that was refused stays, to be corrected.
                if is_new && at < of().map_or(0, |step| step.any_of.len()) {
                    begun.set(None);
                }
            };
            let remove = move |_| {
                begun.set(None);
                if at < of().map_or(0, |step| step.any_of.len()) {
                    change_list(Box::new(move |list| {
                        list[index].any_of.remove(at);
                    }));
                }
                focus_soon(format!("step-{index}-or"));
            };
            let label = format!("Remove alternative {} of step {}", at + 1, index + 1);
            view! {
                {(at > 0).then(|| view! {
                    <p class="note or">"or" <button class="plain" aria-label=label on:click=remove>"Remove"</button></p>
                })}
                <div class="parts"><MatcherFields prefix=format!("step-{index}-{at}") matcher=now change=set/></div>
            }
        };
        let begin = move |_| {
            begun.set(Some(index));
            focus_soon(format!("step-{index}-{}-page", of().map_or(0, |step| step.any_of.len())));
        };
        let id = format!("step-{index}-name");
        view! {
            <li class="step-editor">
                <div class="field">
                    <label for=id.clone()>{format!("Step {}", index + 1)}</label>
                    <input id=id type="text" autocomplete="off" prop:value=name on:change:target=rename/>
                </div>
                {(0..matchers).map(matcher).collect_view()}
                <div class="buttons">
                    <button class="button" id=format!("step-{index}-or") disabled=move || begun.get() == Some(index)
                        aria-label=format!("Add an alternative to step {}", index + 1) on:click=begin>"Add an alternative"</button>
                    <button class="button" disabled=index == 0 aria-label=format!("Move step {} up", index + 1)
                        on:click=move |_| change_order(Box::new(move |list| list.swap(index, index - 1)))>"Up"</button>
                    <button class="button" disabled=index + 1 == n aria-label=format!("Move step {} down", index + 1)
                        on:click=move |_| change_order(Box::new(move |list| list.swap(index, index + 1)))>"Down"</button>
                    <button class="button" disabled=n == 1 aria-label=format!("Remove step {}", index + 1)
                        on:click=move |_| change_order(Box::new(move |list| { list.remove(index); }))>"Remove"</button>
                </div>
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
    let reset = move || {
        begun.set(None);
        change(Settings::default().funnel);
    };
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
            {move || steps.get().map(|rows| view! {
                <ol class="step-editors">
                    {rows.iter().enumerate().map(|(index, matchers)| untrack(|| step(index, *matchers, rows.len()))).collect_view()}
                </ol>
                <button class="button" on:click=add>"Add a step"</button>
            })}
            <p class="field-problem" role="alert">{move || problem.get()}</p>
        </fieldset>
    }
}
