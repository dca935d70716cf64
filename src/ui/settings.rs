//! The settings: every threshold, word list, the goal and the funnel. A change is in force at once.

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use crate::settings::form::{Field, GROUPS, Kind};
use crate::settings::{FunnelSettings, FunnelStep, Goal, Matcher, Settings};
use crate::ui::parts::results;
use crate::ui::state::AppState;
use crate::web::download;

type Input = Targeted<ev::Event, HtmlInputElement>;
/// What is done to the list of steps.
type Edit = Box<dyn FnOnce(&mut Vec<FunnelStep>)>;
type Select = Targeted<ev::Event, HtmlSelectElement>;

/// The rules of the reference program, which stand beside the page too.
const REFERENCE: &str = include_str!("../../public/presets/reference.json");

#[component]
pub fn SettingsView() -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let import = NodeRef::<leptos::html::Input>::new();
    let use_text = move |text: String, from: &str| match Settings::from_json(&text) {
        Ok(settings) => {
            problem.set(None);
            app.set_settings(settings);
        }
        Err(error) => problem.set(Some(format!("{from}: {error}."))),
    };
    let chosen = move |event: Input| {
        let Some(file) = event.target().files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again.
        event.target().set_value("");
        spawn_local(async move {
            if let Ok(text) = JsFuture::from(file.text()).await {
                use_text(text.as_string().unwrap_or_default(), &file.name());
            }
        });
    };
    let export = move |_| {
        let text = app.settings.with_untracked(Settings::to_json);
        let bytes = js_sys::Uint8Array::from(text.as_bytes()).buffer();
        if download::save(&bytes, "footpath-settings.json", "application/json").is_err() {
            problem.set(Some("The browser did not save the file. Check whether it blocks downloads.".into()));
        }
    };
    let preset = move || {
        app.settings.with(|settings| match () {
            () if *settings == Settings::default() => "default",
            () if Settings::from_json(REFERENCE).is_ok_and(|reference| reference == *settings) => "reference",
            () => "own",
        })
    };
    let choose = move |event: Select| match event.target().value().as_str() {
        "default" => app.set_settings(Settings::default()),
        "reference" => use_text(REFERENCE.into(), "reference"),
        _ => {}
    };
    view! {
        <h1>"Settings"</h1>
        <p class="lede">"A change is in force at once, in every view and in what you save. The address bar carries it."</p>
        <div class="presets">
            <label for="preset">"Preset"</label>
            <select id="preset" prop:value=preset on:change:target=choose>
                <option value="default">"Default"</option>
                <option value="reference">"Reference: the reference program’s rules"</option>
                <option value="own" disabled=true>"Own"</option>
            </select>
            <button class="button" on:click=move |_| app.set_settings(Settings::default())>"Reset"</button>
            <button class="button" on:click=move |_| if let Some(input) = import.get() { input.click() }>"Import"</button>
            <button class="button" on:click=export>"Export"</button>
            <input node_ref=import type="file" accept=".json,application/json" class="visually-hidden" tabindex="-1" aria-label="Settings file" on:change:target=chosen/>
        </div>
        <div role="alert">{move || problem.get().map(|problem| view! { <p class="problem">{problem}</p> })}</div>
        <GoalEditor/>
        <FunnelEditor/>
        {GROUPS.iter().map(|group| view! {
            <fieldset>
                <legend>{group.title}</legend>
                {group.fields.iter().map(|field| view! { <FieldEditor field/> }).collect_view()}
            </fieldset>
        }).collect_view()}
    }
}

/// The name of a field's element.
fn element_id(field: &Field) -> String {
    field.pointer.trim_start_matches('/').replace('/', "-")
}

#[component]
fn FieldEditor(field: &'static Field) -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let id = element_id(field);
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let value = Memo::new(move |_| app.settings.with(|settings| settings.value_at(field.pointer)));
    let change = move |value: Value| match app
        .settings
        .with_untracked(|settings| settings.with_value_at(field.pointer, value))
    {
        Ok(settings) => {
            problem.set(None);
            app.set_settings(settings);
        }
        Err(error) => problem.set(Some(format!("Not used: {error}."))),
    };
    let described = format!("{help_id} {problem_id}");
    let invalid = move || problem.with(Option::is_some).then_some("true");
    let number = move |event: Input| match event.target().value().trim().parse::<f64>() {
        Ok(number) if field.kind_is_whole() && number >= 0.0 && number.fract() == 0.0 => change(json!(number as u64)),
        Ok(_) if field.kind_is_whole() => {
            problem.set(Some("Not used: it must be a whole number of at least 0.".into()))
        }
        Ok(number) => change(json!(number)),
        Err(_) => problem.set(Some("Not used: it must be a number.".into())),
    };
    let text = move || value.get().as_str().unwrap_or_default().to_string();
    let input = match field.kind {
        Kind::Number(unit) | Kind::Whole(unit) => {
            let shown = move || value.get().to_string().trim_end_matches(".0").to_string();
            view! {
                <span class="with-unit">
                    <input id=id.clone() type="text" inputmode="decimal" autocomplete="off" aria-describedby=described
                        aria-invalid=invalid prop:value=shown on:change:target=number/>
                    <span class="soft">{unit}</span>
                </span>
            }
            .into_any()
        }
        Kind::Switch => {
            let checked = move || value.get() == json!(true);
            let switch = move |event: Input| change(json!(event.target().checked()));
            view! { <input id=id.clone() type="checkbox" aria-describedby=described prop:checked=checked on:change:target=switch/> }
                .into_any()
        }
        Kind::Text => {
            let typed = move |event: Input| change(json!(event.target().value()));
            view! {
                <input id=id.clone() type="text" autocomplete="off" spellcheck="false" aria-describedby=described
                    aria-invalid=invalid prop:value=text on:change:target=typed/>
            }
            .into_any()
        }
        Kind::Words => {
            let lines = move || {
                let words = value.get();
                let words = words.as_array().map(|words| words.iter().filter_map(Value::as_str).collect::<Vec<_>>());
                words.unwrap_or_default().join("\n")
            };
            let typed = move |event: Targeted<ev::Event, HtmlTextAreaElement>| {
                let text = event.target().value();
                let words: Vec<&str> = text.lines().map(str::trim).filter(|word| !word.is_empty()).collect();
                change(json!(words));
            };
            view! {
                <textarea id=id.clone() rows="4" spellcheck="false" aria-describedby=described aria-invalid=invalid
                    prop:value=lines on:change:target=typed></textarea>
            }
            .into_any()
        }
        Kind::Choice(choices) => {
            let options = choices.iter().map(|(value, label)| view! { <option value=*value>{*label}</option> });
            let choose = move |event: Select| change(json!(event.target().value()));
            view! {
                <select id=id.clone() aria-describedby=described prop:value=text on:change:target=choose>{options.collect_view()}</select>
            }
            .into_any()
        }
        Kind::ActivityRule => {
            let is_mean = Memo::new(move |_| value.get()["than"] == "mean_deviations");
            let rule = move || value.get()["than"].as_str().unwrap_or_default().to_string();
            let choose = move |event: Select| {
                change(match event.target().value().as_str() {
                    "mean_deviations" => json!({ "than": "mean_deviations", "deviations": 2.0 }),
                    other => json!({ "than": other }),
                });
            };
            let deviations = move || value.get()["deviations"].to_string();
            let typed = move |event: Input| {
                if let Ok(deviations) = event.target().value().trim().parse::<f64>() {
                    change(json!({ "than": "mean_deviations", "deviations": deviations }));
                }
            };
            let how_many = move || {
                let shown = is_mean.get();
                shown.then(|| view! {
                    <input type="text" inputmode="decimal" aria-label="Standard deviations" prop:value=deviations on:change:target=typed/>
                })
            };
            view! {
                <span class="with-unit">
                    <select id=id.clone() aria-describedby=described prop:value=rule on:change:target=choose>
                        <option value="median_deviations">"usual, by the median deviation"</option>
                        <option value="mean_deviations">"the mean and some standard deviations"</option>
                    </select>
                    {how_many}
                </span>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id>{field.label}</label>
            {input}
            <p class="note" id=help_id>{field.help}</p>
            <p class="field-problem" id=problem_id role="alert">{move || problem.get()}</p>
        </div>
    }
}

/// Page, selector and text of a matcher, each of which may be left open.
#[component]
fn MatcherFields(
    #[prop(into)] prefix: String,
    matcher: Signal<Matcher>,
    change: impl Fn(Matcher) + Clone + Send + Sync + 'static,
) -> impl IntoView {
    type Part = (&'static str, &'static str, fn(&mut Matcher) -> &mut Option<String>);
    let parts: [Part; 3] = [
        ("page", "Page", |matcher| &mut matcher.page),
        ("css", "Selector", |matcher| &mut matcher.css),
        ("text", "Text", |matcher| &mut matcher.text),
    ];
    parts
        .into_iter()
        .map(|(name, label, part)| {
            let id = format!("{prefix}-{name}");
            let change = change.clone();
            let now = move || part(&mut matcher.get()).clone().unwrap_or_default();
            let typed = move |event: Input| {
                let mut matcher = matcher.get_untracked();
                let text = event.target().value().trim().to_string();
                *part(&mut matcher) = (!text.is_empty()).then_some(text);
                change(matcher);
            };
            view! {
                <div class="part">
                    <label for=id.clone()>{label}</label>
                    <input id=id type="text" autocomplete="off" spellcheck="false" placeholder="any" prop:value=now on:change:target=typed/>
                </div>
            }
        })
        .collect_view()
}

#[component]
fn GoalEditor() -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let goal = Memo::new(move |_| app.settings.with(|settings| settings.goal.clone()));
    let change = move |goal: Goal| {
        let settings = Settings { goal, ..app.settings.get_untracked() };
        match settings.check() {
            Ok(()) => {
                problem.set(None);
                app.set_settings(settings);
            }
            Err(error) => problem.set(Some(format!("Not used: {error}."))),
        }
    };
    let rule = move || match goal.get() {
        Goal::Event { .. } => "event",
        Goal::EndsAt { .. } => "ends_at",
    };
    let choose = move |event: Select| {
        let page = match goal.get_untracked() {
            Goal::Event { event, .. } => event.page.unwrap_or("/checkout".into()),
            Goal::EndsAt { page, .. } => page,
        };
        change(match event.target().value().as_str() {
            "ends_at" => Goal::EndsAt { name: format!("Ends at {page}"), page },
            _ => Goal::Event {
                name: format!("Visit of {page}"),
                event: Matcher { page: Some(page), ..Matcher::default() },
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
            let matcher = Signal::derive(move || match goal.get() {
                Goal::Event { event, .. } => event,
                Goal::EndsAt { .. } => Matcher::default(),
            });
            let set = move |matcher: Matcher| {
                let mut goal = goal.get_untracked();
                if let Goal::Event { event, .. } = &mut goal {
                    *event = matcher;
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
                <div class="parts"><MatcherFields prefix="goal" matcher change=set/></div>
                {switch(|goal| match goal { Goal::Event { unless_error_follows, .. } => Some(unless_error_follows), _ => None }, " unless an error follows")}
                {switch(|goal| match goal { Goal::Event { unless_cancel_follows, .. } => Some(unless_cancel_follows), _ => None }, " unless it is called off afterwards")}
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
                change(Goal::EndsAt { name: format!("Ends at {page}"), page });
            };
            view! {
                <div class="part"><label for="goal-page">"Page"</label>
                    <input id="goal-page" type="text" autocomplete="off" spellcheck="false" prop:value=page on:change:target=typed/></div>
            }
            .into_any()
        }
    };
    let rule = Memo::new(move |_| rule());
    view! {
        <fieldset>
            <legend>"Goal"</legend>
            <div class="field">
                <label for="goal-rule">"A session reaches the goal if"</label>
                <select id="goal-rule" prop:value=move || rule.get() on:change:target=choose>
                    <option value="event">"it has an event"</option>
                    <option value="ends_at">"it ends on a page"</option>
                </select>
            </div>
            <div class="field">
                <label for="goal-name">"Name of the goal"</label>
                <input id="goal-name" type="text" autocomplete="off" prop:value=move || goal.get().name().to_string() on:change:target=rename/>
            </div>
            {move || { rule.track(); untrack(details) }}
            <p class="note">{move || goal.get().definition()}</p>
            <p class="field-problem" role="alert">{move || problem.get()}</p>
        </fieldset>
    }
}

#[component]
fn FunnelEditor() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let problem = RwSignal::new(None::<String>);
    let funnel = Memo::new(move |_| app.settings.with(|settings| settings.funnel.clone()));
    let change = move |funnel: FunnelSettings| {
        let settings = Settings { funnel, ..app.settings.get_untracked() };
        match settings.check() {
            Ok(()) => {
                problem.set(None);
                app.set_settings(settings);
            }
            Err(error) => problem.set(Some(format!("Not used: {error}."))),
        }
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
    let steps = Memo::new(move |_| match funnel.get() {
        FunnelSettings::Listed { list } => Some(list.len()),
        FunnelSettings::Auto { .. } => None,
    });
    let choose = move |event: Select| {
        change(match event.target().value().as_str() {
            "listed" => FunnelSettings::Listed { list: results.get_untracked().funnel.rules.clone() },
            _ => FunnelSettings::Auto { min_support: 0.20 },
        });
    };
    let step = move |index: usize, n: usize| {
        let of = move || match funnel.get() {
            FunnelSettings::Listed { list } => list.get(index).cloned(),
            FunnelSettings::Auto { .. } => None,
        };
        let name = move || of().map_or(String::new(), |step| step.name);
        let rename = move |event: Input| {
            let name = event.target().value();
            change_list(Box::new(move |list| list[index].name = name));
        };
        let matchers = of().map_or(0, |step| step.any_of.len());
        let matcher = move |at: usize| {
            let now = Signal::derive(move || of().and_then(|step| step.any_of.get(at).cloned()).unwrap_or_default());
            let set = move |matcher: Matcher| {
                change_list(Box::new(move |list| {
                    list[index].any_of[at] = matcher;
                    // A matcher that is emptied goes, unless it is the last.
                    if list[index].any_of.len() > 1 {
                        list[index].any_of.retain(|matcher| *matcher != Matcher::default());
                    }
                }));
            };
            view! {
                {(at > 0).then(|| view! { <p class="note">"or"</p> })}
                <div class="parts"><MatcherFields prefix=format!("step-{index}-{at}") matcher=now change=set/></div>
            }
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
                    <button class="button" disabled=index == 0 aria-label=format!("Move step {} up", index + 1)
                        on:click=move |_| change_list(Box::new(move |list| list.swap(index, index - 1)))>"Up"</button>
                    <button class="button" disabled=index + 1 == n aria-label=format!("Move step {} down", index + 1)
                        on:click=move |_| change_list(Box::new(move |list| list.swap(index, index + 1)))>"Down"</button>
                    <button class="button" disabled=n == 1 aria-label=format!("Remove step {}", index + 1)
                        on:click=move |_| change_list(Box::new(move |list| { list.remove(index); }))>"Remove"</button>
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
    view! {
        <fieldset>
            <legend>"Funnel"</legend>
            <div class="field">
                <label for="funnel-steps">"Steps"</label>
                <select id="funnel-steps" prop:value=move || if steps.get().is_some() { "listed" } else { "auto" } on:change:target=choose>
                    <option value="auto">"proposed from the file"</option>
                    <option value="listed">"as listed here"</option>
                </select>
                <p class="note">"Proposed: the longest chain of elements that nearly everybody who reached the goal used before it. Listing begins with the steps of now."</p>
            </div>
            {move || steps.get().map(|n| view! {
                <ol class="step-editors">{(0..n).map(|index| untrack(|| step(index, n))).collect_view()}</ol>
                <button class="button" on:click=add>"Add a step"</button>
            })}
            <p class="field-problem" role="alert">{move || problem.get()}</p>
        </fieldset>
    }
}
