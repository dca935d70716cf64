//! The opening page: what it does, and three ways to begin.

use leptos::ev::{self, Targeted};
use leptos::html::Input;
use leptos::prelude::*;

use crate::findings::wording::shown;
use crate::ui::state::{AppState, Stage};
use crate::web::dropped::files_of;
use crate::web::pool::DEMO_NAME;

#[component]
pub fn Opening() -> impl IntoView {
    let app = expect_context::<AppState>();
    let input = NodeRef::<Input>::new();
    let link = app.link;
    let choose = move |_| {
        if let Some(input) = input.get() {
            input.click();
        }
    };
    let chosen = move |event: Targeted<ev::Event, web_sys::HtmlInputElement>| {
        app.open_files(files_of(event.target().files()));
    };
    let open_link = move |event: ev::SubmitEvent| {
        event.prevent_default();
        app.forget_sessions();
        app.open_link(link.get());
    };
    view! {
        <div class="opening">
            <h1>"See the paths people take through your product, and where they break."</h1>
            <p class="lede">"Open one file of events. It is analysed in this tab; nothing is uploaded."</p>
            <div role="alert" class="alert-place">
                {move || match app.stage.get() {
                    Stage::Failed(message) => {
                        let name = app.loading.with_untracked(|loading| loading.name.clone());
                        Some(view! {
                            {(!name.is_empty()).then(|| {
                                let were = if name.ends_with(" files") { "were" } else { "was" };
                                view! { <p class="failed">{format!("{} {were} not opened.", shown(&name))}</p> }
                            })}
                            <p class="problem">{message}</p>
                            {app.can_choose().then(|| view! {
                                <p><button class="button" on:click=move |_| app.choose_again()>"Choose which field is what"</button></p>
                            })}
                        })
                    }
                    _ => None,
                }}
            </div>
            {move || app.lost.get().map(|(view, of)| {
                let says = match of {
                    Some(file) if file == DEMO_NAME => {
                        format!("This address was for {} of the demo shop. Press its button again to return there.", view.name())
                    }
                    Some(file) => format!("This address was for {} of {file}. Drop the file again to return there.", view.name()),
                    None => format!("This address is for {}. Drop the file that it belongs to, to go there.", view.name()),
                };
                view! { <p class="said">{says}</p> }
            })}
            {move || {
                // Asked anew with each stage: what is open has changed then.
                app.stage.track();
                app.last_shown().map(|last| view! {
                    <p class="last"><button class="button" on:click=move |_| app.reopen()>{format!("Back to {}", shown(&last))}</button></p>
                })
            }}
            <button class="drop" on:click=choose>
                <svg width="64" height="64" viewBox="0 0 26 26" fill="none" stroke-width="1.6" stroke-linecap="round" aria-hidden="true">
                    <path d="M4 22c7-1 3-7 9-8s2-9 9-10" stroke-dasharray="1 4"></path>
                </svg>
                <b>"Drop an events file here"</b>
                <span>"or choose one: JSON, CSV, Parquet or logs, also compressed. Several files or a folder work too."</span>
            </button>
            <input node_ref=input type="file" multiple=true class="visually-hidden" tabindex="-1" aria-label="Events file" on:change:target=chosen/>
            <form class="link" on:submit=open_link>
                <label for="link">"Or open a link"</label>
                <input id="link" type="url" required=true spellcheck="false" autocomplete="off" bind:value=link/>
                <button class="button" type="submit">"Open link"</button>
            </form>
            <p class="demo">
                "No file at hand? "
                <button class="plain" on:click=move |_| app.open_demo()>"Try the demo shop"</button>
                ", with problems planted to be found."
            </p>
        </div>
    }
}
