//! Messages as a browser passes them: `{body, buffers, files}`. The body is a request or a reply as bytes
//! ([`crate::engine::wire`]): a browser passes them on in a fraction of the time that it needs for as many values of
//! JavaScript. The buffers are handed over without copying.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::engine::conductor::Buffer;
use crate::engine::wire::{self, WireError};

/// Bytes that this side only passes on.
pub struct JsBuffer(pub ArrayBuffer);

impl Buffer for JsBuffer {
    fn duplicate(&self) -> Self {
        JsBuffer(self.0.slice(0))
    }
    fn is_empty(&self) -> bool {
        self.0.byte_length() == 0
    }
}

impl JsBuffer {
    /// Copies bytes out of this side's memory.
    pub fn from_bytes(bytes: &[u8]) -> JsBuffer {
        JsBuffer(Uint8Array::from(bytes).buffer())
    }

    /// Copies the bytes into this side's memory.
    pub fn to_bytes(&self) -> Vec<u8> {
        Uint8Array::new(&self.0).to_vec()
    }
}

/// What arrived.
pub struct Received<T> {
    pub body: T,
    pub buffers: Vec<JsBuffer>,
    pub files: Vec<File>,
}

/// A message to post, and the list of what to hand over with it.
pub fn pack(body: &impl Serialize, buffers: &[JsBuffer], files: &[File]) -> Result<(JsValue, Array), JsValue> {
    let message = Object::new();
    let list: Array = buffers.iter().map(|buffer| buffer.0.clone()).collect();
    let body = JsBuffer::from_bytes(&wire::to_bytes(body).map_err(broken)?).0;
    Reflect::set(&message, &"body".into(), &body)?;
    Reflect::set(&message, &"buffers".into(), &list)?;
    if !files.is_empty() {
        Reflect::set(&message, &"files".into(), &files.iter().collect::<Array>())?;
    }
    Ok((message.into(), list))
}

/// Reads a message.
pub fn unpack<T: DeserializeOwned>(message: &JsValue) -> Result<Received<T>, JsValue> {
    let body = JsBuffer(Reflect::get(message, &"body".into())?.unchecked_into());
    let body = wire::from_bytes(&body.to_bytes()).map_err(broken)?;
    let list: Array = Reflect::get(message, &"buffers".into())?.unchecked_into();
    let buffers = list.iter().map(|buffer| JsBuffer(buffer.unchecked_into())).collect();
    let files = Reflect::get(message, &"files".into())?.dyn_into::<Array>().unwrap_or_default();
    Ok(Received { body, buffers, files: files.iter().map(JsCast::unchecked_into).collect() })
}

fn broken(error: WireError) -> JsValue {
    JsValue::from_str(&error.to_string())
}
