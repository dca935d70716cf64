//! A report that Footpath saved, dropped on the page: what it is about, and its settings to go on with.

use std::sync::Arc;

use leptos::prelude::*;

use crate::findings::wording::{number, rate, shown};
use crate::report::summary::Summary;
use crate::settings::Settings;
use crate::ui::state::AppState;

#[component]
pub fn Saved(summary: Arc<Summary>) -> impl IntoView {
    let app = expect_context::<AppState>();
    let totals = &summary.totals;
    let span = totals.span();
    let share = summary.goal.rate.as_ref().map(rate).unwrap_or_default();
    let changed = match summary.settings.difference() {
        difference if difference.is_empty() => "The default settings.".to_string(),
        difference => difference,
    };
    let settings = summary.settings.clone();
    let in_force = move || app.settings.with(|now| *now == settings);
    let in_force = Memo::new(move |_| in_force());
    let settings = summary.settings.clone();
    let figures = format!(
        "{} events, {} sessions, {} users",
        number(totals.events),
        number(totals.sessions),
        number(totals.users)
    );
    view! {
        <div class="opening">
            <h1>"This is a saved report, not an events file."</h1>
            <p class="lede">{format!("Saved by {} from {}. Open it in a browser to read it in full.", summary.program, shown(&summary.source.name))}</p>
            <dl class="words">
                <dt>"It says"</dt><dd>{summary.headline.title.clone()}" "{summary.headline.lede.clone()}</dd>
                <dt>"Goal"</dt><dd>{summary.goal.definition.clone()}" "{share}</dd>
                <dt>"Figures"</dt><dd>{figures}</dd>
                <dt>"Time"</dt><dd>{span}</dd>
                <dt>"File"</dt><dd>{shown(&summary.source.name)}", "{number(summary.source.bytes)}" bytes"</dd>
                {summary.source.blake3.clone().map(|hash| view! { <dt>"BLAKE3"</dt><dd class="mono">{hash}</dd> })}
                <dt>"Settings that differ from the defaults"</dt><dd class="mono">{changed}</dd>
            </dl>
            <p class="buttons saved">
                <button class="button main" disabled=move || in_force.get() on:click=move |_| app.replace_settings(Settings::clone(&settings))>
                    {move || if in_force.get() { "Its settings are in force" } else { "Use its settings" }}
                </button>
                {match app.document.with_untracked(Option::is_some) {
                    true => view! { <button class="button" on:click=move |_| app.back_to_results()>"Back to the results"</button> }.into_any(),
                    false => view! { <button class="button" on:click=move |_| app.close()>"Back to the opening page"</button> }.into_any(),
                }}
            </p>
            <p class="soft">"Then drop the events file anywhere on this page to get the same report again."</p>
        </div>
    }
}
