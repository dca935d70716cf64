//! Downloads a large file in several requests at once: many hosts give each connection only so much.
//!
//! The first request asks for the whole file, as if there were no others, and is read from the front. Meanwhile others
//! ask for pieces from the back. Where they meet, the first is given up. A host that does not know ranges, or that
//! has put another file in the place of this one, only costs the requests from the back: the first goes on then.

use std::cell::{Cell, RefCell};

use futures_util::future::{join, join_all};
use gloo_net::http::{Request, Response};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader, ReadableStreamReadResult, RequestCache};

/// Bytes of a piece.
const PIECE_BYTES: u32 = 4 << 20;
/// Files of fewer pieces come in one request.
const MIN_PIECES: usize = 8;
/// Requests besides the first: browsers have six connections to a host, and may need one for something else.
const FROM_THE_BACK: usize = 3;

/// One download.
pub struct Ranges<'a> {
    address: &'a str,
    /// As the first answer gives it: pieces must be of the same version of the file.
    last_modified: Option<String>,
    pieces: RefCell<Vec<Piece>>,
    /// Ends the requests from the back; it follows that of the whole download.
    abort: AbortController,
    whole: &'a AbortController,
    _follow: Closure<dyn FnMut()>,
    /// Some request from the back did not get its piece.
    failed: Cell<bool>,
    /// Told of each part that has come: its bytes.
    came: &'a dyn Fn(u32),
}

impl Drop for Ranges<'_> {
    fn drop(&mut self) {
        self.whole.signal().set_onabort(None);
    }
}

#[derive(Clone)]
enum Piece {
    Free,
    /// Somebody reads it.
    Taken,
    Here(Blob),
}

impl<'a> Ranges<'a> {
    /// A download of a file of about `size` bytes from `address`, whose answer as a whole is `first`.
    pub fn new(
        address: &'a str,
        first: &Response,
        size: Option<f64>,
        whole: &'a AbortController,
        came: &'a dyn Fn(u32),
    ) -> Result<Ranges<'a>, JsValue> {
        let pieces = size.map_or(1, |size| (size / f64::from(PIECE_BYTES)).ceil() as usize);
        let pieces = if pieces < MIN_PIECES { 1 } else { pieces };
        let abort = AbortController::new()?;
        let ended = abort.clone();
        let follow = Closure::<dyn FnMut()>::new(move || ended.abort());
        whole.signal().set_onabort(Some(follow.as_ref().unchecked_ref()));
        Ok(Ranges {
            address,
            last_modified: first.headers().get("last-modified"),
            pieces: RefCell::new(vec![Piece::Free; pieces]),
            abort,
            whole,
            _follow: follow,
            failed: Cell::new(false),
            came,
        })
    }

    /// The parts of the file in their order, read from its answer as a whole and from the back.
    pub async fn read(&self, first: &Response) -> Result<Array, JsValue> {
        let Some(body) = first.body() else { return Ok(Array::new()) };
        let mut front = Front { body: Body::new(&body), piece: 0, over: false };
        let count = self.pieces.borrow().len();
        let others = if count >= MIN_PIECES { FROM_THE_BACK } else { 0 };
        let from_the_front = async {
            let read = self.read_front(&mut front, false).await;
            if read.is_err() || front.over {
                self.abort.abort();
            }
            read
        };
        let (read, _) = join(from_the_front, join_all((0..others).map(|_| self.read_back()))).await;
        read?;
        if !front.over {
            let here = |piece: &Piece| matches!(piece, Piece::Here(_));
            if !self.pieces.borrow()[front.piece..].iter().all(here) {
                self.read_front(&mut front, true).await?;
            }
        }
        front.body.cancel();
        let pieces = self.pieces.borrow();
        let end = if front.over { front.piece } else { count };
        Ok(pieces[..end]
            .iter()
            .filter_map(|piece| if let Piece::Here(blob) = piece { Some(blob) } else { None })
            .collect())
    }

    /// Reads piece by piece, up to one that somebody else has, or to the end.
    async fn read_front(&self, front: &mut Front, all: bool) -> Result<(), JsValue> {
        loop {
            let last = front.piece + 1 == self.pieces.borrow().len();
            {
                let piece = &mut self.pieces.borrow_mut()[front.piece];
                if !all && !matches!(piece, Piece::Free) {
                    return Ok(());
                }
                *piece = Piece::Taken;
            }
            // The last piece is what is left, however much.
            let (blob, over) =
                front.body.take(if last { f64::INFINITY } else { f64::from(PIECE_BYTES) }, self.came).await?;
            self.pieces.borrow_mut()[front.piece] = Piece::Here(blob);
            front.piece += 1;
            front.over = over;
            if over {
                return Ok(());
            }
        }
    }

    /// Reads pieces from the back, as long as there are free ones and the host plays along.
    async fn read_back(&self) {
        loop {
            let free = self.pieces.borrow().iter().rposition(|piece| matches!(piece, Piece::Free));
            let Some(index) = free.filter(|index| *index > 0 && !self.failed.get()) else { return };
            self.pieces.borrow_mut()[index] = Piece::Taken;
            match self.piece(index).await {
                Ok(Some(blob)) => self.pieces.borrow_mut()[index] = Piece::Here(blob),
                Ok(None) | Err(_) => return self.failed.set(true),
            }
        }
    }

    /// Fetches one piece; nothing if the host answered with something else.
    async fn piece(&self, index: usize) -> Result<Option<Blob>, JsValue> {
        let broken = |error: gloo_net::Error| JsValue::from_str(&error.to_string());
        let last = index + 1 == self.pieces.borrow().len();
        let start = index as u64 * u64::from(PIECE_BYTES);
        // The last one shows by its length if the file is longer than announced, as compressed answers are.
        let range = match last {
            true => format!("bytes={start}-"),
            false => format!("bytes={start}-{}", start + u64::from(PIECE_BYTES) - 1),
        };
        // Not from the cache, where requests for the same address wait for each other.
        let request = Request::get(self.address).header("Range", &range).cache(RequestCache::NoStore);
        let response = request.abort_signal(Some(&self.abort.signal())).send().await.map_err(broken)?;
        let same_version = response.headers().get("last-modified") == self.last_modified;
        let Some(body) = response.body().filter(|_| response.status() == 206 && same_version) else {
            // What it sends instead is the whole file, perhaps: nobody reads it.
            if let Some(body) = response.body() {
                Body::new(&body).cancel();
            }
            return Ok(None);
        };
        let (blob, _) = Body::new(&body).take(f64::INFINITY, self.came).await?;
        let whole = last && blob.size() > 0.0 || blob.size() == f64::from(PIECE_BYTES);
        Ok(whole.then_some(blob))
    }
}

/// How far the first request has been read.
struct Front {
    body: Body,
    /// The piece to read next.
    piece: usize,
    /// The answer has no more.
    over: bool,
}

/// The body of an answer.
struct Body {
    reader: ReadableStreamDefaultReader,
    /// What was read and not taken yet.
    rest: Option<Uint8Array>,
}

impl Body {
    fn new(body: &web_sys::ReadableStream) -> Body {
        Body { reader: body.get_reader().unchecked_into(), rest: None }
    }

    /// The next bytes, so many or up to the end; and whether this was the end.
    async fn take(&mut self, bytes: f64, came: &dyn Fn(u32)) -> Result<(Blob, bool), JsValue> {
        let parts = Array::new();
        let mut left = bytes;
        let mut over = false;
        while left > 0.0 {
            let part = match self.rest.take() {
                Some(rest) => rest,
                None => {
                    let read = JsFuture::from(self.reader.read()).await?;
                    let read: ReadableStreamReadResult = read.unchecked_into();
                    if read.get_done().unwrap_or(true) {
                        over = true;
                        break;
                    }
                    let part: Uint8Array = read.get_value().unchecked_into();
                    came(part.length());
                    part
                }
            };
            let length = part.length();
            let taken = f64::from(length).min(left) as u32;
            parts.push(&part.subarray(0, taken));
            if taken < length {
                self.rest = Some(part.subarray(taken, length));
            }
            left -= f64::from(taken);
        }
        // Outside the page's own memory.
        Ok((Blob::new_with_buffer_source_sequence(&parts)?, over))
    }

    /// Says that nobody will read what is left.
    fn cancel(&self) {
        let cancelled = self.reader.cancel();
        // A body that has failed already says so again.
        wasm_bindgen_futures::spawn_local(async move {
            let _ = JsFuture::from(cancelled).await;
        });
    }
}
