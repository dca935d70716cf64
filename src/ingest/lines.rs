//! Splits a chunk of a file into lines, so that every line of the file belongs to exactly one chunk.
//!
//! A line belongs to the chunk in which its first byte stands. A reader of the bytes `start..end` therefore
//! begins one byte early (to see whether a line begins at `start`), passes over the line that began before,
//! and reads on past `end` until its own last line is complete.

use memchr::memchr;

/// Longest line that is decoded, in bytes. A longer one is counted and rejected, and never held in memory.
pub const MAX_LINE_BYTES: usize = 8 << 20;

/// What the splitter hands out.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A whole line without its line end.
    Whole(&'a [u8]),
    /// The file's last line, which has no line end.
    Unended(&'a [u8]),
    /// A line of more than [`MAX_LINE_BYTES`].
    TooLong,
}

/// The splitter of one chunk. Push the file's bytes from [`ChunkLines::read_from`] on until
/// [`ChunkLines::push`] says that it has enough.
pub struct ChunkLines {
    /// Bytes of the chunk proper that are still to come, the one looked at early included.
    remaining: u64,
    /// The line that began before this chunk is still being passed over.
    skipping: bool,
    /// What has been read of a line that is not complete yet.
    partial: Vec<u8>,
    too_long: bool,
    max_line: usize,
    at_start: bool,
    done: bool,
}

impl ChunkLines {
    /// A splitter for the lines that begin in `start..end` (byte offsets in the file).
    pub fn new(start: u64, end: u64) -> ChunkLines {
        ChunkLines::with_max_line(start, end, MAX_LINE_BYTES)
    }

    fn with_max_line(start: u64, end: u64, max_line: usize) -> ChunkLines {
        ChunkLines {
            remaining: end.saturating_sub(Self::read_from(start)),
            skipping: start > 0,
            partial: Vec::new(),
            too_long: false,
            max_line,
            at_start: start == 0,
            done: end <= start,
        }
    }

    /// The offset in the file of the first byte to push, for the lines that begin at `start` or later.
    pub fn read_from(start: u64) -> u64 {
        start.saturating_sub(1)
    }

    /// True once every line of the chunk was handed out.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Takes the next bytes of the file and hands out the lines they complete. Returns true when the chunk
    /// needs no more bytes.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Line)) -> bool {
        if self.at_start && !bytes.is_empty() {
            self.at_start = false;
            if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
                self.remaining = self.remaining.saturating_sub(3);
                bytes = rest;
            }
        }
        while !self.done && !bytes.is_empty() {
            let Some(length) = memchr(b'\n', bytes) else {
                self.keep(bytes);
                self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
                // The line passed over began before the chunk: nothing of it begins here.
                self.done = self.skipping && self.remaining == 0;
                break;
            };
            let (line, rest) = (&bytes[..length], &bytes[length + 1..]);
            if self.skipping {
                self.skipping = false;
            } else if self.too_long || self.partial.len() + line.len() > self.max_line {
                each(Line::TooLong);
            } else if self.partial.is_empty() {
                each(Line::Whole(without_return(line)));
            } else {
                self.partial.extend_from_slice(line);
                each(Line::Whole(without_return(&self.partial)));
            }
            self.partial.clear();
            self.too_long = false;
            self.remaining = self.remaining.saturating_sub(length as u64 + 1);
            self.done = self.remaining == 0;
            bytes = rest;
        }
        self.done
    }

    /// Says that the file has no more bytes: hands out its last line if that has no line end.
    pub fn end_of_file(&mut self, mut each: impl FnMut(Line)) {
        if !self.done && !self.skipping {
            if self.too_long {
                each(Line::TooLong);
            } else if !self.partial.is_empty() {
                each(Line::Unended(without_return(&self.partial)));
            }
        }
        self.partial = Vec::new();
        self.done = true;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.skipping || self.too_long {
            return;
        }
        if self.partial.len() + bytes.len() > self.max_line {
            self.too_long = true;
            self.partial = Vec::new();
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that chunks of `chunk` bytes give when the file is pushed `piece` bytes at a time.
    fn split(file: &[u8], chunk: usize, piece: usize, max_line: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut start = 0;
        while start < file.len() {
            let end = (start + chunk).min(file.len());
            let mut splitter = ChunkLines::with_max_line(start as u64, end as u64, max_line);
            let mut each = |line: Line| {
                lines.push(match line {
                    Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                    Line::Unended(line) => format!("{}$", String::from_utf8_lossy(line)),
                    Line::TooLong => "<long>".into(),
                })
            };
            let mut at = ChunkLines::read_from(start as u64) as usize;
            while !splitter.is_done() {
                if at == file.len() {
                    splitter.end_of_file(&mut each);
                    break;
                }
                let to = (at + piece).min(file.len());
                splitter.push(&file[at..to], &mut each);
                at = to;
            }
            start = end;
        }
        lines
    }

    #[test]
    fn every_line_belongs_to_one_chunk_whatever_the_chunks() {
        let file = b"a\nbb\r\n\nccc dddd\n\n\nlast";
        for chunk in 1..=file.len() {
            for piece in 1..=file.len() {
                assert_eq!(
                    split(file, chunk, piece, 100),
                    ["a", "bb", "", "ccc dddd", "", "", "last$"],
                    "{chunk} {piece}"
                );
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(split(b"\xef\xbb\xbfa\nb\n", 4, 100, 100), ["a", "b"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_counted_once() {
        let file = b"ok\nxxxxxxxxxxxxxxxxxxxx\nok\nyyyyyyyyyy";
        for chunk in 1..=file.len() {
            for piece in 1..=file.len() {
                assert_eq!(split(file, chunk, piece, 8), ["ok", "<long>", "ok", "<long>"], "{chunk} {piece}");
            }
        }
    }
}
