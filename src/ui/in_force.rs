//! Which settings differ from the defaults: a quiet bar that every view has while any does.

use leptos::prelude::*;

use crate::findings::wording::list;
use crate::settings::Settings;
use crate::settings::form::{COMPARE, GROUPS};
use crate::ui::route::{Route, View};
use crate::ui::state::{AppState, Stage};

/// The rules of the reference program, which stand beside the page too.
pub const REFERENCE: &str = include_str!("../../public/presets/reference.json");

/// Settings that are named; the others are counted.
const NAMED: usize = 3;

/// Which preset settings are: `default`, `reference` or `own`.
pub fn preset(settings: &Settings) -> &'static str {
    match () {
        () if *settings == Settings::default() => "default",
        () if Settings::from_json(REFERENCE).is_ok_and(|reference| reference == *settings) => "reference",
        () => "own",
    }
}

/// The settings that differ from the defaults, by their names.
pub fn changed(settings: &Settings) -> Vec<String> {
    let default = Settings::default();
    let mut names = Vec::new();
    if settings.goal != default.goal {
        names.push("Goal".to_string());
    }
    if settings.funnel != default.funnel {
        names.push("Funnel".to_string());
    }
    for group in GROUPS.iter().chain([&COMPARE]) {
        for field in group.fields {
            if settings.value_at(field.pointer) != default.value_at(field.pointer) {
                names.push(format!("{}: “{}”", group.title, field.label));
            }
        }
    }
    names
}

/// `2 settings differ from the defaults: Goal and Pauses: “A pause is longer than”.`
fn sentence(settings: &Settings) -> String {
    if preset(settings) == "reference" {
        return "Preset Reference is in force.".into();
    }
    let mut names = changed(settings);
    let (n, differ) = match names.len() {
        1 => ("1 setting".to_string(), "differs"),
        n => (format!("{n} settings"), "differ"),
    };
    if names.len() > NAMED + 1 {
        let others = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{others} others"));
    }
    let names = if names.is_empty() { String::new() } else { format!(": {}", list(&names)) };
    format!("{n} {differ} from the defaults{names}.")
}

#[component]
pub fn SettingsInForce() -> impl IntoView {
    let app = expect_context::<AppState>();
    let says = Memo::new(move |_| {
        let mut settings = app.chosen_settings();
        // A sample says so itself, with more in it.
        if app.document.with(|document| document.as_ref().is_some_and(|document| !document.headline.part.is_empty())) {
            settings.sample = 1.0;
        }
        (settings != Settings::default()).then(|| sentence(&settings))
    });
    // The view of the settings has a button of its own, and needs no link to itself.
    let elsewhere =
        Memo::new(move |_| !(app.stage.get() == Stage::Ready && app.route.with(|route| route.view == View::Settings)));
    move || {
        says.get().map(|says| {
            let buttons = elsewhere.get().then(|| {
                let open = app.stage.get() == Stage::Ready;
                view! {
                    {open.then(|| view! { <a href=move || app.href(&Route::to(View::Settings))>"Settings"</a> })}
                    <button class="chip" on:click=move |_| {
                        app.replace_settings(Settings::default());
                        // The button goes.
                        crate::ui::focus("main h1");
                    }>"Reset settings"</button>
                }
            });
            view! { <p class="settings-in-force"><span>{says}</span>{buttons}</p> }
        })
    }
}
