//! Tasks, of a page and of a worker: while one runs, its thread does nothing else.

use js_sys::{Date, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(call: &Function) -> JsValue;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout_after(call: &Function, milliseconds: u32) -> JsValue;
}

/// Waits.
pub async fn after(milliseconds: u32) {
    let then = Promise::new(&mut |resolve, _| {
        set_timeout_after(&resolve, milliseconds);
    });
    let _ = JsFuture::from(then).await;
}

/// Lets the page paint and answer before what follows.
pub async fn next_task() {
    let next = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve);
    });
    let _ = JsFuture::from(next).await;
}

/// Milliseconds after which a worker makes way.
const LONG: f64 = 20.0;

/// Cuts a worker's long work into tasks. A promise that is kept already, as those of a stream that has read ahead,
/// goes on within the same task; and a browser ends a worker between two tasks only, or after seconds.
pub struct Pauses {
    channel: MessageChannel,
    since: f64,
}

impl Pauses {
    pub fn new() -> Result<Pauses, JsValue> {
        Ok(Pauses { channel: MessageChannel::new()?, since: Date::now() })
    }

    /// Goes on in a new task if this one has lasted long.
    pub async fn pause(&mut self) {
        if Date::now() - self.since < LONG {
            return;
        }
        // Timers that follow each other have to wait for some milliseconds, messages do not.
        let next = Promise::new(&mut |resolve, _| {
            self.channel.port1().set_onmessage(Some(&resolve));
            let _ = self.channel.port2().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(next).await;
        self.since = Date::now();
    }
}

impl Drop for Pauses {
    fn drop(&mut self) {
        self.channel.port1().close();
    }
}
