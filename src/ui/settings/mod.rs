//! The settings: every threshold, word list, the goal and the funnel. A change is in force at once.

mod alternatives;
mod fields;
mod funnel;
mod goal;
mod matcher;

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use crate::settings::form::{self, GROUPS};
use crate::settings::{Settings, SettingsError};
use crate::ui::in_force;
use crate::ui::state::AppState;
use crate::web::download;
pub use fields::FieldEditor;
use funnel::FunnelEditor;
use goal::GoalEditor;

pub type Input = Targeted<ev::Event, HtmlInputElement>;
pub type Select = Targeted<ev::Event, HtmlSelectElement>;

/// Sets settings that make sense, and says in `problem` why others are not used.
fn try_settings(app: AppState, settings: Result<Settings, SettingsError>, problem: RwSignal<Option<String>>) {
    match settings {
        Ok(settings) => {
            problem.set(None);
            app.set_settings(settings);
        }
        Err(error) => problem.set(Some(format!("Not used: {}.", form::in_words(&error)))),
    }
}

/// The name of a group's element.
fn group_id(title: &str) -> String {
    format!("group-{}", title.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-"))
}

/// Scrolls to a group, and begins there with the keyboard.
fn go_to_group(title: &str) {
    if let Some(group) = document().get_element_by_id(&group_id(title)) {
        group.scroll_into_view();
        let _ = group.set_attribute("tabindex", "-1");
        if let Ok(group) = group.dyn_into::<web_sys::HtmlElement>() {
            let _ = group.focus();
        }
    }
}

/// Stands at the name of a setting that differs from its default, with the way back to it.
#[component]
pub fn Changed(
    changed: Memo<bool>,
    /// What is reset, as a screen reader says it.
    #[prop(into)]
    name: String,
    /// Where the keyboard goes on, since the button goes.
    #[prop(into)]
    focus: String,
    reset: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        let (reset, focus) = (reset.clone(), focus.clone());
        let click = move |_| {
            reset();
            focus_soon(focus.clone());
        };
        changed.get().then(|| {
            view! {
                <span class="changed">"changed"</span>
                <button class="plain reset" aria-label=format!("Reset {name}") on:click=click>"Reset"</button>
            }
        })
    }
}

/// Moves the keyboard to an element, once the page has it.
fn focus_soon(id: String) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id);
        if let Some(Ok(element)) = element.map(|element| element.dyn_into::<web_sys::HtmlElement>()) {
            let _ = element.focus();
        }
    });
}

#[component]
pub fn SettingsView() -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let import = NodeRef::<leptos::html::Input>::new();
    let use_text = move |text: String, from: &str| {
        app.said.set(None);
        match Settings::from_json(&text) {
            Ok(settings) => {
                problem.set(None);
                app.replace_settings(settings);
                app.said.set(Some("These settings are in force now."));
            }
            Err(_) if text.trim().is_empty() => problem.set(Some(format!("{from} is empty."))),
            Err(_) if !text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with('{') => {
                problem
                    .set(Some(format!("{from} is no settings file: export the settings to see what one looks like.")));
            }
            Err(error) => problem.set(Some(format!("{from}: {}.", form::in_words(&error)))),
        }
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
        if download::save(&[&bytes], "footpath-settings.json", "application/json").is_err() {
            problem.set(Some("The browser did not save the file. Check whether it blocks downloads.".into()));
        }
    };
    let reset = move || {
        problem.set(None);
        app.replace_settings(Settings::default());
    };
    let preset = move || in_force::preset(&app.chosen_settings());
    let choose = move |event: Select| match event.target().value().as_str() {
        "default" => reset(),
        "reference" => use_text(in_force::REFERENCE.into(), "reference"),
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
                <option value="own" disabled=true>"Custom"</option>
            </select>
            <button class="button" on:click=move |_| reset()>"Reset all"</button>
            <button class="button" on:click=move |_| if let Some(input) = import.get() { input.click() }>"Import"</button>
            <button class="button" on:click=export>"Export"</button>
            <input node_ref=import type="file" accept=".json,application/json" class="visually-hidden" tabindex="-1" aria-label="Settings file" on:change:target=chosen/>
        </div>
        <div class="choices" role="group" aria-label="Groups of settings">
            {["Goal", "Funnel"].into_iter().chain(GROUPS.iter().map(|group| group.title)).map(|title| view! {
                <button class="chip" on:click=move |_| go_to_group(title)>{title}</button>
            }).collect_view()}
        </div>
        <div role="alert">{move || problem.get().map(|problem| view! { <p class="problem">{problem}</p> })}</div>
        {move || {
            app.all_set.track();
            view! {
                <GoalEditor/>
                <FunnelEditor/>
                {GROUPS.iter().map(|group| view! {
                    <fieldset id=group_id(group.title)>
                        <legend>{group.title}</legend>
                        {group.fields.iter().map(|field| view! { <FieldEditor field group=group.title/> }).collect_view()}
                    </fieldset>
                }).collect_view()}
            }
        }}
    }
}
