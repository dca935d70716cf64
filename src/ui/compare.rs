//! Two parts of the file side by side, what changed most first.

use leptos::prelude::*;

use crate::findings::wording::{count, number, probability};
use crate::report::comparison::{Change, ComparisonInfo};
use crate::settings::form::COMPARE;
use crate::ui::parts::{Rows, results, table};
use crate::ui::settings::FieldEditor;

#[component]
pub fn Compare() -> impl IntoView {
    let results = results();
    view! {
        <h1>"Compare"</h1>
        <p class="lede">"Before and after a time, or the sessions that did something and the others: every share side by side."</p>
        <fieldset>
            <legend>{COMPARE.title}</legend>
            {COMPARE.fields.iter().map(|field| view! { <FieldEditor field group=COMPARE.title/> }).collect_view()}
        </fieldset>
        {move || match results.get().comparison.clone() {
            None => view! { <p class="empty">"Nothing is compared yet: give a time that can be read, such as 2025-03-15, or a page, element or text."</p> }.into_any(),
            Some(found) => view! { <Changes found/> }.into_any(),
        }}
    }
}

#[component]
fn Changes(found: ComparisonInfo) -> impl IntoView {
    let [without, with] = &found.names;
    let [fewer, more] = found.sessions.map(|n| count(n, "session"));
    let said = format!("{fewer} {without}, {more} {with}.");
    let parts = if without.starts_with("before") { ("Before", "Since") } else { ("Without", "With") };
    let heads = vec![("Sessions that", false), (parts.0, true), (parts.1, true), ("Difference", true), ("q", true)];
    let row = move |change: Change| {
        let strength = change.strength.map(|strength| view! { " "<em class="badge">{strength.word()}</em> });
        let [without, with] = change.shares;
        view! {
            <tr>
                <td class="name">{change.what}{strength}</td>
                <td class="number" data-head=format!("{}: ", parts.0)>{without}</td>
                <td class="number" data-head=format!("{}: ", parts.1)>{with}</td>
                <td class="number" data-head="Difference: ">{change.change}</td>
                <td class="number" data-head="q: ">{probability(change.q.0)}</td>
            </tr>
        }
    };
    view! {
        <h2>"What changed"</h2>
        <p>{said}</p>
        <p class="note">{format!("{} shares were compared; q is corrected for all of them. The most surprising first.", number(found.tested))}</p>
        <div class="stacked">{table("Shares of the sessions of each part; in brackets the difference’s 95 % interval.", heads, view! {
            <Rows rows=found.changes columns=5 row/>
        })}</div>
    }
}
