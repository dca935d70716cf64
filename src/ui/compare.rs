//! Two parts of the file side by side, what changed most first.

use leptos::prelude::*;

use crate::findings::wording::{count, number, probability};
use crate::report::comparison::{Change, ComparisonInfo};
use crate::settings::form::COMPARE;
use crate::ui::parts::{Rows, results, scroller};
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
            None => view! { <p class="empty">"Nothing is compared yet: give a time, or a page, element or text."</p> }.into_any(),
            Some(found) => view! { <Changes found/> }.into_any(),
        }}
    }
}

#[component]
fn Changes(found: ComparisonInfo) -> impl IntoView {
    let [without, with] = found.names.clone();
    let [fewer, more] = found.sessions.map(|n| count(n, "session"));
    let row = |change: Change| {
        let strength = change.strength.map(|strength| view! { <em class="badge">{strength.word()}</em> });
        let [without, with] = change.shares;
        view! {
            <tr>
                <td class="name">{change.what}" "{strength}</td>
                <td class="number">{without}</td>
                <td class="number">{with}</td>
                <td>{change.change}</td>
                <td class="number">{probability(change.q.0)}</td>
            </tr>
        }
    };
    view! {
        <h2>"What changed"</h2>
        <p>{format!("{fewer} {without}, {more} {with}.")}</p>
        <p class="note">{format!("{} shares were compared; q is corrected for all of them. The most surprising first.", number(found.tested))}</p>
        {scroller("What changed", view! { <table>
            <caption><span>"Of the sessions, those that …"</span></caption>
            <thead><tr>
                <th scope="col">"Sessions that"</th>
                <th scope="col" class="number">{without}</th>
                <th scope="col" class="number">{with}</th>
                <th scope="col">"Difference"</th>
                <th scope="col" class="number">"q"</th>
            </tr></thead>
            <tbody><Rows rows=found.changes columns=5 row/></tbody>
        </table> })}
    }
}
