//! The bytes of a file, from any place of it.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Where a file's bytes come from.
pub trait Source: Send + Sync {
    /// Bytes of the whole file.
    fn size(&self) -> u64;
    /// Fills the buffer with what begins at `at`.
    fn fill(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl Source for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn fill(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = at.saturating_add(buffer.len() as u64).min(self.size());
        let part = self.get(at as usize..end as usize).unwrap_or_default();
        if part.len() < buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.copy_from_slice(part);
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Source for std::fs::File {
    fn size(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }
    fn fill(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = self;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(buffer)
    }
}

/// Bytes that are read at least: a page is read in two steps, its head first, and each step costs a browser a third of a
/// millisecond. Not more, since of a page that is passed over only the head is wanted.
const WINDOW_BYTES: usize = 64 << 10;
/// Bytes of a page's head at most, as good as always.
const HEAD_BYTES: u64 = 16 << 10;
/// Windows that are kept: columns are read side by side.
const WINDOWS: usize = 24;

/// A source with what was read of it last.
#[derive(Clone)]
pub struct Windows(Arc<Inner>);

struct Inner {
    source: Box<dyn Source>,
    size: u64,
    kept: Mutex<Vec<(u64, Bytes)>>,
}

impl Windows {
    pub fn new(source: Box<dyn Source>) -> Windows {
        let size = source.size();
        Windows(Arc::new(Inner { source, size, kept: Mutex::default() }))
    }

    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// So many bytes from there.
    pub fn bytes(&self, at: u64, length: usize) -> io::Result<Bytes> {
        let end = at.checked_add(length as u64).filter(|end| *end <= self.0.size);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|(start, window)| *start <= at && end <= start + window.len() as u64);
        if let Some((start, window)) = known {
            let from = (at - start) as usize;
            return Ok(window.slice(from..from + length));
        }
        let wanted = (length.max(WINDOW_BYTES) as u64).min(self.0.size - at) as usize;
        let mut window = vec![0; wanted];
        self.0.source.fill(at, &mut window)?;
        let window = Bytes::from(window);
        if kept.len() == WINDOWS {
            kept.remove(0);
        }
        kept.push((at, window.clone()));
        Ok(window.slice(..length))
    }
}

impl Length for Windows {
    fn len(&self) -> u64 {
        self.size()
    }
}

impl ChunkReader for Windows {
    type T = bytes::buf::Reader<Bytes>;

    /// What is read from here is the head of a page, which is small.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let length = self.size().saturating_sub(start).min(HEAD_BYTES);
        Ok(self.get_bytes(start, length as usize)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.bytes(start, length).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// Reads from front to back or from anywhere.
pub struct Seeking {
    pub windows: Windows,
    pub at: u64,
}

impl Read for Seeking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = (self.windows.size().saturating_sub(self.at)).min(buffer.len() as u64) as usize;
        buffer[..length].copy_from_slice(&self.windows.bytes(self.at, length)?);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Seeking {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.windows.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
