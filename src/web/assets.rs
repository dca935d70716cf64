//! The worker's and the charts' files. Their names carry hashes, which the build writes into the page.

use crate::web::ask::Painter;
use crate::web::waiting::Waiting;
use js_sys::{Promise, WebAssembly};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlMetaElement, Response, Url, window};

/// Runs first in a worker: instantiates the module that the page compiled. The worker's own program then takes
/// over its messages. `footpathMemory` is for whoever measures, see `scripts/bench.mjs`.
const BOOTSTRAP: &str = "\nself.onmessage = (event) => { self.onmessage = null; \
    self.footpathMemory = wasm_bindgen.initSync({ module: event.data }).memory; };\n";

/// Names of files, relative to the page.
#[derive(Deserialize)]
struct Names {
    worker_js: String,
    worker_wasm: String,
    columns_js: String,
    columns_wasm: String,
    echarts: String,
}

/// What every worker starts from: one script, kept as a blob so that the page's own policy binds it, and one
/// module, compiled once.
#[derive(Clone)]
pub struct WorkerProgram {
    pub script_url: String,
    pub module: WebAssembly::Module,
    /// Workers that wait for a file.
    pub waiting: Waiting,
    /// Makes the options of charts.
    pub painter: Painter,
}

fn names() -> Result<Names, JsValue> {
    let document = window().and_then(|window| window.document()).ok_or("there is no page")?;
    let meta = document.query_selector("meta[name=footpath-assets]")?.ok_or("the page does not name its files")?;
    let json = js_sys::JSON::parse(&meta.unchecked_into::<HtmlMetaElement>().content())?;
    serde_wasm_bindgen::from_value(json).map_err(|_| JsValue::from_str("the page does not name its files"))
}

/// The address of the charts' script, relative to the page.
pub fn echarts() -> Result<String, JsValue> {
    Ok(names()?.echarts)
}

/// Fetches and compiles the worker.
pub async fn worker_program() -> Result<WorkerProgram, JsValue> {
    let names = names()?;
    program(&names.worker_js, &names.worker_wasm).await
}

/// Fetches and compiles the worker that reads files of columns too, which most visitors never need.
pub async fn columns_program() -> Result<WorkerProgram, JsValue> {
    let names = names()?;
    program(&names.columns_js, &names.columns_wasm).await
}

async fn program(script: &str, module: &str) -> Result<WorkerProgram, JsValue> {
    let module = compile(module);
    let script = JsFuture::from(fetch(script).await?.text()?).await?;
    let parts = js_sys::Array::of2(&script, &BOOTSTRAP.into());
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let script_url = Url::create_object_url_with_blob(&blob)?;
    Ok(WorkerProgram { script_url, module: module.await?, waiting: Waiting::default(), painter: Painter::default() })
}

async fn compile(name: &str) -> Result<WebAssembly::Module, JsValue> {
    // Compiling while it arrives needs the right media type, which not every static host sends.
    let response = fetch(name).await?;
    let copy = response.clone()?;
    let arriving: JsValue = response.into();
    match JsFuture::from(WebAssembly::compile_streaming(&Promise::resolve(&arriving))).await {
        Ok(module) => Ok(module.unchecked_into()),
        Err(_) => {
            let bytes = JsFuture::from(copy.array_buffer()?).await?;
            Ok(JsFuture::from(WebAssembly::compile(&bytes)).await?.unchecked_into())
        }
    }
}

async fn fetch(name: &str) -> Result<Response, JsValue> {
    let window = window().ok_or("there is no page")?;
    let response: Response = JsFuture::from(window.fetch_with_str(name)).await?.unchecked_into();
    if response.ok() {
        Ok(response)
    } else {
        Err(JsValue::from_str(&format!("{name}: the server answered {}", response.status())))
    }
}
