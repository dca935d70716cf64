//! The method: what every figure and class means, with the thresholds in force.

use leptos::prelude::*;

use crate::findings::Strength;
use crate::findings::wording::{number, of_unit};
use crate::ui::parts::{results, table};
use crate::ui::route::{Route, View};
use crate::ui::state::AppState;

#[component]
pub fn Method() -> impl IntoView {
    let app = expect_context::<AppState>();
    let results = results();
    let strengths = [Strength::Fact, Strength::Supported, Strength::Lead, Strength::NotTestable];
    view! {
        <h1>"Method"</h1>
        <p class="lede">"What each figure means, and from where on something is called a finding. "
            <a href=move || app.href(&Route::to(View::Settings))>"Every threshold can be changed."</a></p>
        <h2>"Words"</h2>
        <dl class="words">
            <dt>"Session"</dt><dd>"The events of one user and session id, in order of time, ties in order of the file."</dd>
            <dt>"Page"</dt><dd>"A path without query, with ids and names folded: /products/laptop-pro is /products/:slug."</dd>
            <dt>"Flow"</dt><dd>"The pages of a session in order, repeats collapsed."</dd>
            <dt>"Goal"</dt><dd>{move || results.get().goal.definition.clone()}</dd>
            <dt>"Interval"</dt><dd>"Behind a share stands its Wilson 95 % interval: if the file is a sample, the true share lies in it 19 times of 20."</dd>
        </dl>
        <h2>"How far a finding can be trusted"</h2>
        <dl class="words">
            {strengths.map(|strength| view! { <dt>{strength.word()}</dt><dd>{strength.meaning()}</dd> }).collect_view()}
        </dl>
        <h2>"Tests"</h2>
        <p class="measure">"Pages are compared by Fisher’s exact test, or chi-squared where every expected count is at least 5; where users have more than 1.2 sessions on average also by a score test with users as clusters, and the larger value decides. Within a family of tests, q is corrected by Benjamini and Hochberg. Sessions are compared on the logarithm, by the median and the median absolute deviation, against limits that grow with the number of sessions."</p>
        <p class="measure">"By chance: files were simulated in which nothing is wrong, of about as many sessions as this one, and it was counted in how many of them a class had a supported finding all the same. Classes without inference only count."</p>
        <h2>"Classes"</h2>
        {move || {
            let document = results.get();
            let classes = document.classes.clone();
            let found = |class| document.findings_of(class).count() as u64;
            view! {
                <div class="stacked">{table("What is looked for", vec![("Class", false), ("Definition", false), ("Threshold", false), ("Looked at", true), ("Findings", true), ("By chance", false)], view! {
                    {classes.into_iter().map(|class| {
                        let by_chance = class.by_chance();
                        view! {
                        <tr>
                            <td class="name">{class.name}</td>
                            <td class="text">{class.definition}</td>
                            <td class="text" data-head="Threshold: ">{class.threshold}</td>
                            <td class="number" data-head="Looked at: ">{of_unit(class.tested, &class.unit)}</td>
                            <td class="number" data-head="Findings: ">{number(found(class.class))}</td>
                            <td data-head="By chance: ">{by_chance}</td>
                        </tr>
                    }}).collect_view()}
                })}</div>
            }
        }}
    }
}
