//! What is shown while a file is read.

use leptos::prelude::*;

use crate::findings::wording::number;
use crate::ui::state::{AppState, Loading as Progress, now};

#[component]
pub fn Loading() -> impl IntoView {
    let app = expect_context::<AppState>();
    let heading = move || app.loading.with(|loading| format!("{} {}", loading.verb, loading.name));
    let share = move || app.loading.with(|loading| loading.of.filter(|of| *of > 0.0).map(|of| loading.bytes / of));
    // Screen readers hear whole tenths, not every step.
    let spoken = move || share().map_or(String::new(), |share| format!("{:.0} percent", (share * 10.0).floor() * 10.0));
    view! {
        <div class="loading">
            <h1>{heading}</h1>
            <progress max="1" prop:value=share aria-label="Progress"></progress>
            <p class="soft">{move || app.loading.with(describe)}</p>
            <p class="visually-hidden" role="status">{spoken}</p>
            <button class="button" on:click=move |_| app.close()>"Cancel"</button>
        </div>
    }
}

fn describe(loading: &Progress) -> String {
    let seconds = (now() - loading.since) / 1000.0;
    let mut parts = vec![match loading.of {
        Some(of) => format!("{} of {}", megabytes(loading.bytes), megabytes(of)),
        None => megabytes(loading.bytes),
    }];
    if loading.events > 0 {
        parts.push(format!("{} events", number(loading.events)));
    }
    if seconds > 0.3 && loading.bytes > 0.0 {
        parts.push(format!("{} a second", megabytes(loading.bytes / seconds)));
        let left = loading.of.map(|of| (of - loading.bytes) * seconds / loading.bytes);
        parts.extend(left.filter(|left| *left > 1.0).map(|left| format!("about {left:.0} s left")));
    }
    parts.join(" · ")
}

fn megabytes(bytes: f64) -> String {
    if bytes < 1e6 { format!("{:.0} KB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}
