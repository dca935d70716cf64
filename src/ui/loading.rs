//! What is shown while a file is read.

use leptos::prelude::*;

use crate::findings::wording::{number, shown};
use crate::ui::state::{AppState, Loading as Progress, now};

#[component]
pub fn Loading() -> impl IntoView {
    let app = expect_context::<AppState>();
    let heading = move || app.loading.with(|loading| format!("{} {}", loading.verb, shown(&loading.name)));
    let share = move || app.loading.with(|loading| loading.of.filter(|of| *of > 0.0).map(|of| loading.bytes / of));
    // Screen readers hear whole tenths, not every step; where the whole is not known, each ten megabytes.
    let spoken = Memo::new(move |_| match share() {
        Some(share) => format!("{:.0} percent", (share * 10.0).floor() * 10.0),
        None => match app.loading.with(|loading| (loading.bytes / 10e6).floor() * 10.0) {
            0.0 => String::new(),
            tens => format!("{tens:.0} megabytes"),
        },
    });
    view! {
        <div class="loading">
            <h1>{heading}</h1>
            <progress max="1" prop:value=share aria-label="Progress"></progress>
            <p class="soft">{move || app.loading.with(describe)}</p>
            <p class="visually-hidden" role="status">{move || spoken.get()}</p>
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
        if loading.events > 0 {
            parts.push(format!("{} events a second", number((loading.events as f64 / seconds) as u64)));
        }
        let left = loading.of.map(|of| (of - loading.bytes) * seconds / loading.bytes);
        parts.extend(left.filter(|left| *left > 1.0).map(time_left));
    }
    parts.join(" · ")
}

fn time_left(seconds: f64) -> String {
    match seconds < 90.0 {
        true => format!("about {seconds:.0} s left"),
        false => format!("about {:.0} min left", seconds / 60.0),
    }
}

fn megabytes(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e6 => format!("{:.0} KB", bytes / 1e3),
        bytes if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        bytes => format!("{:.2} GB", bytes / 1e9),
    }
}
