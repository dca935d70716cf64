//! The settings: every threshold, word list, the goal and the funnel. A change is in force at once.

mod fields;
mod funnel;
mod goal;
mod matcher;

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use crate::settings::form::GROUPS;
use crate::settings::{Settings, SettingsError};
use crate::ui::state::AppState;
use crate::web::download;
use fields::FieldEditor;
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
        Err(error) => problem.set(Some(format!("Not used: {error}."))),
    }
}

/// The rules of the reference program, which stand beside the page too.
const REFERENCE: &str = include_str!("../../../public/presets/reference.json");

#[component]
pub fn SettingsView() -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let import = NodeRef::<leptos::html::Input>::new();
    let use_text = move |text: String, from: &str| match Settings::from_json(&text) {
        Ok(settings) => {
            problem.set(None);
            app.replace_settings(settings);
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
        "default" => app.replace_settings(Settings::default()),
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
            <button class="button" on:click=move |_| app.replace_settings(Settings::default())>"Reset"</button>
            <button class="button" on:click=move |_| if let Some(input) = import.get() { input.click() }>"Import"</button>
            <button class="button" on:click=export>"Export"</button>
            <input node_ref=import type="file" accept=".json,application/json" class="visually-hidden" tabindex="-1" aria-label="Settings file" on:change:target=chosen/>
        </div>
        <div role="alert">{move || problem.get().map(|problem| view! { <p class="problem">{problem}</p> })}</div>
        {move || {
            app.all_set.track();
            view! {
                <GoalEditor/>
                <FunnelEditor/>
                {GROUPS.iter().map(|group| view! {
                    <fieldset>
                        <legend>{group.title}</legend>
                        {group.fields.iter().map(|field| view! { <FieldEditor field/> }).collect_view()}
                    </fieldset>
                }).collect_view()}
            }
        }}
    }
}
