//! Draws results once before there are any, where nobody sees it: a browser compiles WebAssembly when it is first
//! called, and then whoever waits for results does not wait for that.

use std::sync::Arc;

use leptos::prelude::*;

use crate::report::Document;
use crate::ui::findings::Findings;
use crate::ui::state::AppState;

/// Draws these results in an element that is not part of the page, and throws it away.
pub fn draw_unseen(results: Document) {
    let Ok(place) = document().create_element("div") else { return };
    let place: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(place);
    let drawn = leptos::mount::mount_to(place, move || {
        let app = AppState::blank();
        app.document.set(Some(Arc::new(results)));
        provide_context(app);
        view! { <Findings/> }
    });
    drop(drawn);
}
