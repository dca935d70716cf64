//! Texts that are not UTF-8: UTF-16 by its byte order mark, and tables and logs in Windows-1252, which holds ISO 8859-1.
//! They are written again in UTF-8.

use std::io;

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::ingest::form::Container;
use crate::ingest::long_records;
use crate::ingest::rewrite::Rewrite;

/// Whether a file that begins with these bytes is a text in another encoding than UTF-8.
pub fn is_other(head: &[u8]) -> bool {
    encoding(head).is_some()
}

pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    let encoding = encoding(head).unwrap_or(WINDOWS_1252);
    Box::new(Decoding { decoder: encoding.new_decoder_with_bom_removal() })
}

fn encoding(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => is_windows_1252(head).then_some(WINDOWS_1252),
    }
}

/// Bytes that are no sign in Windows-1252.
const NO_SIGNS: [u8; 6] = [0, 0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// A table or a log that has more signs that are wrong in UTF-8 than signs that are right in it. One bad line among
/// others is a bad line.
fn is_windows_1252(head: &[u8]) -> bool {
    let (mut right, mut wrong, mut rest) = (0, 0, head);
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, behind) = rest.split_at(error.valid_up_to());
        right += other_than_ascii(valid);
        // The head may end in the middle of a sign.
        let Some(length) = error.error_len() else { break };
        wrong += 1;
        rest = &behind[length..];
    }
    right += other_than_ascii(rest);
    if wrong == 0 || right >= wrong || head.iter().any(|byte| NO_SIGNS.contains(byte)) {
        return false;
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(head);
    matches!(Container::recognise(text.as_bytes()), Ok(Container::Table(_) | Container::AccessLog(_)))
        || long_records::go_on(text.as_bytes())
}

fn other_than_ascii(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte >= 0xc0).count()
}

struct Decoding {
    decoder: Decoder,
}

impl Decoding {
    fn decode(&mut self, bytes: &[u8], last: bool, text: &mut Vec<u8>) -> io::Result<()> {
        let too_long = || io::Error::other("a piece is too long");
        let start = text.len();
        let room = self.decoder.max_utf8_buffer_length(bytes.len()).ok_or_else(too_long)?;
        text.resize(start + room, 0);
        let (_, _, written, _) = self.decoder.decode_to_utf8(bytes, &mut text[start..], last);
        text.truncate(start + written);
        Ok(())
    }
}

impl Rewrite for Decoding {
    fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> io::Result<()> {
        self.decode(bytes, false, text)
    }

    fn end(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        self.decode(&[], true, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rewrite::Rewritten;
    use crate::ingest::sniff::SNIFF_BYTES;
    use std::io::Read;

    const TABLE: &str = "user,page,time\nJürgen,/größe,2025-03-01 10:00:00\nZoë,/café €5,2025-03-01 10:00:01\n";

    fn rewritten(bytes: &[u8], piece: usize) -> String {
        let mut text = String::new();
        Rewritten::new(io::BufReader::with_capacity(piece, bytes), rewrite).read_to_string(&mut text).unwrap();
        text
    }

    fn windows_1252(text: &str) -> Vec<u8> {
        WINDOWS_1252.encode(text).0.into_owned()
    }

    #[test]
    fn texts_in_other_encodings_become_utf_8() {
        let units = || "\u{feff}".encode_utf16().chain(TABLE.encode_utf16()).chain("😀\r\n".encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let windows = windows_1252(TABLE);
        for piece in [1, 2, 3, 7, 1000] {
            for (bytes, text) in
                [(&little, format!("{TABLE}😀\r\n")), (&big, format!("{TABLE}😀\r\n")), (&windows, TABLE.into())]
            {
                assert!(is_other(bytes));
                assert_eq!(rewritten(bytes, piece), text, "by {piece}");
            }
        }
    }

    #[test]
    fn what_is_utf_8_stays() {
        assert!(!is_other(TABLE.as_bytes()));
        assert!(!is_other(b"user,page,time\na,b,c\n"));
        // A head that ends in the middle of a sign.
        let long = TABLE.repeat(2000);
        for length in SNIFF_BYTES - 60..SNIFF_BYTES {
            assert!(!is_other(&long.as_bytes()[..length]), "{length}");
        }
        // One bad line among others.
        let one_bad = [TABLE.as_bytes(), b"J\xfcrgen,/,2025-03-01 10:00:00\n"].concat();
        assert!(!is_other(&one_bad));
        // Neither a table nor a log.
        assert!(!is_other(b"{\"a\": \"J\xfcrgen\"}\n"));
        assert!(!is_other(b"\xfc\xe9\xe8"));
    }
}
