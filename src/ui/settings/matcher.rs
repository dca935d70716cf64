//! What an event is told by: page, selector, text.

use leptos::prelude::*;

use crate::settings::Matcher;
use crate::ui::settings::Input;

/// Page, selector and text of a matcher, each of which may be left open.
#[component]
pub fn MatcherFields(
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
