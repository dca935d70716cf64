//! Results that are not of the whole file: every view says so, and what can be done.

use leptos::prelude::*;

use crate::findings::wording::percent;
use crate::settings::Settings;
use crate::ui::state::{AppState, Stage};

#[component]
pub fn PartOfFile() -> impl IntoView {
    let app = expect_context::<AppState>();
    let set = move |sample: f64| app.set_settings(Settings { sample, ..app.settings.get_untracked() });
    move || {
        let document = app.document.get().filter(|_| app.stage.get() == Stage::Ready)?;
        let part = &document.headline.part;
        if part.is_empty() {
            return None;
        }
        let (source, sample) = (&document.source, document.settings.sample);
        let smaller = source.sample_that_fits.map(|share| {
            view! {
                <button class="button" on:click=move |_| set(share)>
                    {format!("Read {} of the sessions of the whole file", percent(share))}
                </button>
            }
        });
        let all = (sample < 1.0 && source.unread_bytes == 0).then(|| {
            view! { <button class="button" on:click=move |_| set(1.0)>"Read all sessions"</button> }
        });
        let elsewhere =
            (source.unread_bytes > 0).then_some("Or analyse all of it with the command line: footpath analyze.");
        Some(view! {
            <aside class="partial" aria-label="Part of the file">
                {part.iter().map(|sentence| view! { <p>{sentence.clone()}</p> }).collect_view()}
                <p class="partial-actions">{smaller}{all}<span>{elsewhere}</span></p>
            </aside>
        })
    }
}
