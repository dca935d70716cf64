//! What the browser offers and the bindings leave out.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Element, window};

use crate::settings::{Mapping, Settings};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = sessionStorage, js_name = getItem, catch)]
    fn get_item(key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(js_namespace = sessionStorage, js_name = setItem, catch)]
    fn set_item(key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = sessionStorage, js_name = removeItem, catch)]
    fn remove_item(key: &str) -> Result<(), JsValue>;

    type ResizeObserver;
    #[wasm_bindgen(constructor)]
    fn new(changed: &JsValue) -> ResizeObserver;
    #[wasm_bindgen(method)]
    fn observe(this: &ResizeObserver, element: &Element);
    #[wasm_bindgen(method)]
    fn disconnect(this: &ResizeObserver);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = localStorage, js_name = getItem, catch)]
    fn get_kept(key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(js_namespace = localStorage, js_name = setItem, catch)]
    fn set_kept(key: &str, value: &str) -> Result<(), JsValue>;
}

/// Under which name the roles of files with these fields are kept.
fn kept_under(fields: &[&str]) -> String {
    format!("footpath-fields {}", fields.join("\u{1f}"))
}

/// The roles that were chosen for a file with these fields. The names of fields are all that is kept.
pub fn remembered_mapping(fields: &[&str]) -> Option<Mapping> {
    let settings = Settings::from_json(&get_kept(&kept_under(fields)).ok().flatten()?).ok()?;
    Some(settings.mapping)
}

pub fn remember_mapping(fields: &[&str], mapping: &Mapping) {
    let settings = Settings { mapping: mapping.clone(), ..Settings::default() };
    // Where the browser keeps nothing, somebody chooses again.
    let _ = set_kept(&kept_under(fields), &settings.difference());
}

const FILE: &str = "footpath-file";

/// The name of the file that was open in this tab before the page was loaded anew. The name alone is kept, and only
/// as long as the tab.
pub fn last_file() -> Option<String> {
    get_item(FILE).ok().flatten()
}

pub fn keep_last_file(name: Option<&str>) {
    // Where the browser keeps nothing, the page does without.
    let _ = match name {
        Some(name) => set_item(FILE, name),
        None => remove_item(FILE),
    };
}

/// The id of the element that has the keyboard.
pub fn focused_id() -> Option<String> {
    let id = window()?.document()?.active_element()?.id();
    (!id.is_empty()).then_some(id)
}

/// Gives the keyboard to the element with this id, if there is one.
pub fn focus_id(id: &str) {
    let element = window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// How far the page is scrolled.
pub fn scrolled() -> f64 {
    window().and_then(|window| window.scroll_y().ok()).unwrap_or(0.0)
}

pub fn scroll_to(y: f64) {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, y);
    }
}

/// Tells when elements change their size, and once at first, until it is dropped.
pub struct Sizes {
    observer: ResizeObserver,
    _changed: Closure<dyn FnMut()>,
}

impl Sizes {
    pub fn of(elements: &[Element], changed: Rc<dyn Fn()>) -> Sizes {
        let changed = Closure::<dyn FnMut()>::new(move || changed());
        let observer = ResizeObserver::new(changed.as_ref());
        elements.iter().for_each(|element| observer.observe(element));
        Sizes { observer, _changed: changed }
    }
}

impl Drop for Sizes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
