//! Saving a file from the page.

use std::time::Duration;

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url, window};

/// Offers bytes as a download, in pieces.
pub fn save(pieces: &[&ArrayBuffer], name: &str, media_type: &str) -> Result<(), JsValue> {
    let document = window().and_then(|window| window.document()).ok_or("there is no page")?;
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_buffer_source_sequence_and_options(&pieces.iter().copied().collect::<Array>(), &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // Some browsers begin to read it only later.
    leptos::prelude::set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        Duration::from_secs(60),
    );
    Ok(())
}
