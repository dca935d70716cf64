//! Files that are written again as lines before they are read, piece by piece.

use std::io::{self, BufRead, Read};

use crate::ingest::sniff::SNIFF_BYTES;

/// Takes a file's bytes in order and writes lines.
pub trait Rewrite {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()>;

    /// The file has no more bytes.
    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()>;
}

/// Reads a file as the lines that are written of it.
pub struct Rewritten<R> {
    inner: R,
    /// What rewrites a file that begins with these bytes.
    begin: fn(&[u8]) -> Box<dyn Rewrite>,
    rewrite: Option<Box<dyn Rewrite>>,
    lines: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: BufRead> Rewritten<R> {
    pub fn new(inner: R, begin: fn(&[u8]) -> Box<dyn Rewrite>) -> Rewritten<R> {
        Rewritten { inner, begin, rewrite: None, lines: Vec::new(), given: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.given = 0;
        self.lines.clear();
        if self.rewrite.is_none() {
            let mut head = Vec::new();
            (&mut self.inner).take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
            self.rewrite.insert((self.begin)(&head)).push(&head, &mut self.lines)?;
        }
        let Some(rewrite) = &mut self.rewrite else { return Ok(()) };
        while self.lines.is_empty() && !self.ended {
            let bytes = self.inner.fill_buf()?;
            rewrite.push(bytes, &mut self.lines)?;
            self.ended = bytes.is_empty();
            let read = bytes.len();
            self.inner.consume(read);
            if self.ended {
                rewrite.end(&mut self.lines)?;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Rewritten<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.lines.len() {
            self.fill()?;
        }
        let count = buffer.len().min(self.lines.len() - self.given);
        buffer[..count].copy_from_slice(&self.lines[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
