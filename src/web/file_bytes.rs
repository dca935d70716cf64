//! Reads files, front to back, piece by piece.

use std::io;

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileReaderSync, ReadableStreamByobReader, ReadableStreamGetReaderOptions, ReadableStreamReadResult,
    ReadableStreamReaderMode,
};

use crate::ingest::FileProblem;
use crate::ingest::sniff::SNIFF_BYTES;

/// Bytes that a stream delivers at most at a time: they stay in the processor's cache until they are read.
const STREAM_BYTES: u32 = 256 << 10;
/// Bytes of a slice, where there are no such streams.
const SLICE_BYTES: f64 = (4 << 20) as f64;

/// A file's first bytes, by which it is told what it is.
pub async fn head(file: &File) -> Result<Vec<u8>, JsValue> {
    let head = file.slice_with_f64_and_f64(0.0, SNIFF_BYTES as f64)?;
    let head = JsFuture::from(head.array_buffer()).await?;
    Ok(Uint8Array::new(&head).to_vec())
}

/// A reader of some bytes of a file.
pub struct FileBytes {
    way: Way,
    /// Bytes that are still to come.
    left: f64,
}

enum Way {
    /// The browser fills one buffer again and again, and reads ahead meanwhile. `asked` are the next bytes, already
    /// while the reader is opened.
    Stream { reader: ReadableStreamByobReader, asked: Option<Promise> },
    /// Each slice is new memory, which takes as long again as reading it.
    Slices { part: Blob, at: f64 },
}

impl FileBytes {
    /// A reader of the bytes `from..to`, which ends with the file at the latest.
    pub fn open(file: &File, from: u64, to: u64) -> Result<FileBytes, FileProblem> {
        let slices = FileBytes::open_slices(file, from, to)?;
        let Way::Slices { part, .. } = &slices.way else { return Ok(slices) };
        Ok(match byte_stream(part) {
            Some(reader) => {
                let asked = Some(ask(&reader, &ArrayBuffer::new(STREAM_BYTES)));
                FileBytes { way: Way::Stream { reader, asked }, left: slices.left }
            }
            None => slices,
        })
    }

    /// The same without streams.
    pub fn open_slices(file: &File, from: u64, to: u64) -> Result<FileBytes, FileProblem> {
        let part = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(unreadable)?;
        Ok(FileBytes { left: part.size(), way: Way::Slices { part, at: 0.0 } })
    }

    /// The next bytes; false at the end.
    pub async fn next(&mut self, bytes: &mut Vec<u8>) -> Result<bool, FileProblem> {
        let read: Option<Uint8Array> = match &mut self.way {
            Way::Stream { asked, .. } => match asked.take() {
                Some(asked) => {
                    let read = ReadableStreamReadResult::from(JsFuture::from(asked).await.map_err(unreadable)?);
                    read.get_value().dyn_into::<Uint8Array>().ok().filter(|array| array.length() > 0)
                }
                None => None,
            },
            Way::Slices { part, at } if *at < part.size() => {
                let slice = part.slice_with_f64_and_f64(*at, *at + SLICE_BYTES).map_err(unreadable)?;
                let buffer = JsFuture::from(slice.array_buffer()).await.map_err(unreadable)?;
                *at += SLICE_BYTES;
                Some(Uint8Array::new(&buffer))
            }
            Way::Slices { .. } => None,
        };
        let Some(array) = read else {
            return match self.left > 0.0 {
                true => Err(FileProblem::Unreadable("it became shorter while it was read".into())),
                false => Ok(false),
            };
        };
        self.left -= f64::from(array.length());
        bytes.resize(array.length() as usize, 0);
        array.copy_to(bytes);
        if let Way::Stream { reader, asked } = &mut self.way {
            // The buffer came back with the bytes in it. While these are used, the next ones come.
            *asked = Some(ask(reader, &array.buffer()));
        }
        Ok(true)
    }
}

impl Drop for FileBytes {
    fn drop(&mut self) {
        if let Way::Stream { reader, .. } = &self.way {
            // What it has read ahead is not needed.
            let _ = reader.cancel();
        }
    }
}

/// A reader of a whole file that does not wait for the browser to call back: only workers have it.
pub struct BlockingBytes {
    file: File,
    reader: FileReaderSync,
    at: f64,
}

impl BlockingBytes {
    pub fn new(file: File) -> Result<BlockingBytes, JsValue> {
        Ok(BlockingBytes { file, reader: FileReaderSync::new()?, at: 0.0 })
    }
}

impl io::Read for BlockingBytes {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let broken = |error: JsValue| io::Error::other(unreadable(error).to_string());
        let to = (self.at + bytes.len() as f64).min(self.file.size());
        if to <= self.at {
            return Ok(0);
        }
        let slice = self.file.slice_with_f64_and_f64(self.at, to).map_err(broken)?;
        let buffer = self.reader.read_as_array_buffer(&slice).map_err(broken)?;
        let array = Uint8Array::new(&buffer);
        let length = array.length() as usize;
        array.copy_to(&mut bytes[..length]);
        self.at += length as f64;
        Ok(length)
    }
}

impl io::Seek for BlockingBytes {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => at as f64,
            io::SeekFrom::Current(by) => self.at + by as f64,
            io::SeekFrom::End(by) => self.file.size() + by as f64,
        };
        if at < 0.0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.at = at;
        Ok(at as u64)
    }
}

/// The same from any place of the file. A worker has one thread, on which all of this stays.
#[cfg(feature = "columns")]
pub struct AnyBytes(send_wrapper::SendWrapper<BlockingBytes>);

#[cfg(feature = "columns")]
impl BlockingBytes {
    pub fn anywhere(self) -> AnyBytes {
        AnyBytes(send_wrapper::SendWrapper::new(self))
    }
}

#[cfg(feature = "columns")]
impl crate::ingest::columns::Source for AnyBytes {
    fn size(&self) -> u64 {
        self.0.file.size() as u64
    }
    fn fill(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut bytes = BlockingBytes { file: self.0.file.clone(), reader: self.0.reader.clone(), at: at as f64 };
        io::Read::read_exact(&mut bytes, buffer)
    }
}

fn ask(reader: &ReadableStreamByobReader, buffer: &ArrayBuffer) -> Promise {
    reader.read_with_array_buffer_view(&Uint8Array::new(buffer))
}

/// A stream into buffers of ours; not every browser has them for files.
fn byte_stream(part: &Blob) -> Option<ReadableStreamByobReader> {
    if !js_sys::Reflect::has(part, &"stream".into()).unwrap_or(false) {
        return None;
    }
    let options = ReadableStreamGetReaderOptions::new();
    options.set_mode(ReadableStreamReaderMode::Byob);
    // Throws where the stream is none of bytes.
    let stream = part.stream();
    let get_reader: js_sys::Function = js_sys::Reflect::get(&stream, &"getReader".into()).ok()?.dyn_into().ok()?;
    get_reader.call1(&stream, &options).ok()?.dyn_into().ok()
}

/// What the browser says about a file that cannot be read.
pub fn unreadable(error: JsValue) -> FileProblem {
    let text = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    FileProblem::Unreadable(text.unwrap_or_else(|| "the browser gave no reason".into()))
}
