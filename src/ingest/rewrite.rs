//! Files that are written again as lines before they are read, piece by piece.

use std::io::{self, BufRead, Read};

use crate::ingest::sniff::SNIFF_BYTES;

/// Takes a file's bytes in order and writes lines.
pub trait Rewrite {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()>;

    /// The file has no more bytes.
    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()>;
}

/// Lines that were written and are handed out piece by piece.
#[derive(Default)]
pub struct Lines {
    pub written: Vec<u8>,
    given: usize,
}

impl Lines {
    /// Nothing is left to hand out.
    pub fn are_given(&self) -> bool {
        self.given == self.written.len()
    }

    /// Makes room for the next.
    pub fn clear(&mut self) {
        self.given = 0;
        self.written.clear();
    }

    /// Hands out as much as there is room for; the number of bytes.
    pub fn give(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.written.len() - self.given);
        buffer[..count].copy_from_slice(&self.written[self.given..self.given + count]);
        self.given += count;
        count
    }
}

/// Reads a file as the lines that are written of it.
pub struct Rewritten<R> {
    inner: R,
    /// What rewrites a file that begins with these bytes.
    begin: fn(&[u8]) -> Box<dyn Rewrite>,
    rewrite: Option<Box<dyn Rewrite>>,
    lines: Lines,
    ended: bool,
}

impl<R: BufRead> Rewritten<R> {
    pub fn new(inner: R, begin: fn(&[u8]) -> Box<dyn Rewrite>) -> Rewritten<R> {
        Rewritten { inner, begin, rewrite: None, lines: Lines::default(), ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.lines.clear();
        if self.rewrite.is_none() {
            let mut head = Vec::new();
            (&mut self.inner).take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
            self.rewrite.insert((self.begin)(&head)).push(&head, &mut self.lines.written)?;
        }
        let Some(rewrite) = &mut self.rewrite else { return Ok(()) };
        while self.lines.written.is_empty() && !self.ended {
            let bytes = self.inner.fill_buf()?;
            rewrite.push(bytes, &mut self.lines.written)?;
            self.ended = bytes.is_empty();
            let read = bytes.len();
            self.inner.consume(read);
            if self.ended {
                rewrite.end(&mut self.lines.written)?;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Rewritten<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.lines.are_given() {
            self.fill()?;
        }
        Ok(self.lines.give(buffer))
    }
}

/// What is written of a text that comes in pieces of so many bytes.
#[cfg(test)]
pub fn written(text: &str, piece: usize, begin: fn(&[u8]) -> Box<dyn Rewrite>) -> String {
    let mut lines = String::new();
    let pieces = io::BufReader::with_capacity(piece, text.as_bytes());
    Rewritten::new(pieces, begin).read_to_string(&mut lines).unwrap();
    lines
}
