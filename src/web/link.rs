//! Opening an events file by its address.

use std::cell::Cell;

use gloo_net::http::Request;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, File, RequestMode, Url, window};

use crate::web::ranges::Ranges;

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Download {
    pub bytes: f64,
    /// As the server announced it; unknown for compressed answers.
    pub of: Option<f64>,
}

/// Fetches a file. An error is a sentence for the reader.
pub async fn fetch(address: &str, abort: &AbortController, progress: impl Fn(Download)) -> Result<File, String> {
    let url = absolute(address)?;
    let host = url.host();
    let unreachable = |_| format!("{host} could not be reached. Check the address and your connection.");
    let request = Request::get(&url.href()).abort_signal(Some(&abort.signal()));
    let response = match request.send().await {
        Ok(response) => response,
        Err(_) if abort.signal().aborted() => return Err(String::new()),
        Err(_) => {
            // A refusal by the host's policy looks the same as no host at all, but for a request that does not
            // ask to read the answer.
            let blind = Request::get(&url.href()).mode(RequestMode::NoCors).abort_signal(Some(&abort.signal()));
            blind.send().await.map_err(unreachable)?;
            return Err(format!(
                "{host} answers, but does not allow other sites to read this file, or does not have it (no CORS permission). Check the address, or download the file and drop it here."
            ));
        }
    };
    if !response.ok() {
        let meaning = match response.status() {
            404 | 410 => " (not found)",
            401 | 403 => " (access refused)",
            500.. => " (an error of the server)",
            _ => "",
        };
        return Err(format!("{host} answered {}{meaning}. Check the address.", response.status()));
    }
    let length = response.headers().get("content-length").and_then(|text| text.parse::<f64>().ok());
    let of = length.filter(|_| response.headers().get("content-encoding").is_none());
    let broken = |_: JsValue| {
        if abort.signal().aborted() {
            String::new()
        } else {
            format!("The connection to {host} broke off before the file was complete. Try again.")
        }
    };
    let so_far = Cell::new(0.0);
    let came = |part: u32| {
        so_far.set(so_far.get() + f64::from(part));
        // A compressed download is longer than announced, and not every host says that it is compressed.
        progress(Download { bytes: so_far.get(), of: of.filter(|of| so_far.get() <= *of) });
    };
    let address = url.href();
    let ranges = Ranges::new(&address, &response, of, abort, &came).map_err(broken)?;
    let parts = ranges.read(&response).await.map_err(broken)?;
    let path = url.pathname();
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("events").to_string();
    File::new_with_blob_sequence(&parts, &name).map_err(broken)
}

/// An address as typed, relative to the page.
fn absolute(address: &str) -> Result<Url, String> {
    let page = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let url = Url::new_with_base(address.trim(), &page);
    let url = url.map_err(|_| format!("“{address}” is no web address."))?;
    if matches!(url.protocol().as_str(), "http:" | "https:" | "blob:") {
        Ok(url)
    } else {
        Err(format!("“{address}” is no web address: it must begin with https:// or http://."))
    }
}
