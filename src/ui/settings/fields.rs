//! One field of the settings, edited by its kind.

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use serde_json::{Value, json};
use web_sys::HtmlTextAreaElement;

use crate::settings::Settings;
use crate::settings::form::{Field, Kind};
use crate::ui::settings::{Changed, Input, Select, try_settings};
use crate::ui::state::AppState;

/// The name of a field's element.
fn element_id(field: &Field) -> String {
    field.pointer.trim_start_matches('/').replace('/', "-")
}

/// Why a text is no number.
fn no_number(text: &str) -> &'static str {
    match text.contains(',') {
        true => "Not used: write the number with a point and without a comma, such as 0.5 or 1800.",
        false => "Not used: it must be a number.",
    }
}

#[component]
pub fn FieldEditor(
    field: &'static Field,
    /// The title of its group: some groups have fields of the same name.
    group: &'static str,
) -> impl IntoView {
    let app = expect_context::<AppState>();
    let problem = RwSignal::new(None::<String>);
    let id = element_id(field);
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let value = Memo::new(move |_| app.settings.with(|settings| settings.value_at(field.pointer)));
    let change = move |value: Value| {
        let settings = app.settings.with_untracked(|settings| settings.with_value_at(field.pointer, value));
        try_settings(app, settings, problem);
    };
    let described = format!("{help_id} {problem_id}");
    let invalid = move || problem.with(Option::is_some).then_some("true");
    let number = move |event: Input| match event.target().value().trim().parse::<f64>() {
        Ok(number) if !number.is_finite() => problem.set(Some("Not used: it must be a number.".into())),
        Ok(number) if field.kind_is_whole() && number >= 0.0 && number.fract() == 0.0 => change(json!(number as u64)),
        Ok(_) if field.kind_is_whole() => {
            problem.set(Some("Not used: it must be a whole number of at least 0.".into()))
        }
        Ok(number) => change(json!(number)),
        Err(_) => problem.set(Some(no_number(&event.target().value()).into())),
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
            let typed = move |event: Input| match event.target().value().trim().parse::<f64>() {
                Ok(deviations) if deviations.is_finite() => {
                    change(json!({ "than": "mean_deviations", "deviations": deviations }))
                }
                _ => problem.set(Some(no_number(&event.target().value()).into())),
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
    let changed = Memo::new(move |_| value.get() != Settings::default().value_at(field.pointer));
    let reset = move || change(Settings::default().value_at(field.pointer));
    view! {
        <div class="field">
            <div class="label">
                <label for=id.clone()>{field.label}</label>
                <Changed changed name=format!("“{}” of {group}", field.label) focus=id reset/>
            </div>
            {input}
            <p class="note" id=help_id>{field.help}</p>
            <p class="field-problem" id=problem_id role="alert">{move || problem.get()}</p>
        </div>
    }
}
