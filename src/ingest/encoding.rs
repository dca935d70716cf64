//! Texts that are not UTF-8: UTF-16 by its byte order mark or its many zeros, and tables and logs in Windows-1252, which holds ISO 8859-1.
//! They are written again in UTF-8, with the byte order mark, which readers of lines know.

use std::io;

use crate::ingest::form::Container;
use crate::ingest::long_records;
use crate::ingest::rewrite::Rewrite;

/// Whether a file that begins with these bytes is a text in another encoding than UTF-8.
pub fn is_other(head: &[u8]) -> bool {
    encoding(head).is_some()
}

pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    match encoding(head) {
        Some(Encoding::Utf16 { big_end_first }) => Box::new(Utf16 { big_end_first, byte: None, first_half: None }),
        Some(Encoding::Windows1252) | None => Box::new(Windows1252),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Utf16 { big_end_first: bool },
    Windows1252,
}

fn encoding(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xff, 0xfe, ..] => Some(Encoding::Utf16 { big_end_first: false }),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16 { big_end_first: true }),
        _ if is_utf_16(head, false) => Some(Encoding::Utf16 { big_end_first: false }),
        _ if is_utf_16(head, true) => Some(Encoding::Utf16 { big_end_first: true }),
        _ => is_windows_1252(head).then_some(Encoding::Windows1252),
    }
}

/// Bytes of a text in UTF-16 without a mark that are looked at.
const UNMARKED: usize = 256;

/// Without a mark: of most units one half is 0 and the other a sign, as in texts that are mostly ASCII.
fn is_utf_16(head: &[u8], big_end_first: bool) -> bool {
    let units = head[..head.len().min(UNMARKED)].chunks_exact(2);
    let (mut high, mut all) = (0, 0);
    for unit in units {
        let (upper, lower) = if big_end_first { (unit[0], unit[1]) } else { (unit[1], unit[0]) };
        let is_sign = lower.is_ascii_graphic() || lower.is_ascii_whitespace() || lower >= 0xa0;
        if upper == 0 && !is_sign {
            return false;
        }
        all += 1;
        high += usize::from(upper == 0);
    }
    all >= 8 && high * 4 >= all * 3
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
    let mut text = Vec::with_capacity(head.len() * 2);
    head.iter().for_each(|byte| write(windows_1252(*byte), &mut text));
    matches!(Container::recognise(&text), Ok(Container::Table(_) | Container::AccessLog(_)))
        || long_records::go_on(&text)
}

fn other_than_ascii(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte >= 0xc0).count()
}

fn write(sign: char, text: &mut Vec<u8>) {
    text.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The signs in which Windows-1252 differs from ISO 8859-1, from 0x80 on.
const SIGNS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => SIGNS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

struct Windows1252;

impl Rewrite for Windows1252 {
    fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> io::Result<()> {
        bytes.iter().for_each(|byte| write(windows_1252(*byte), text));
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

struct Utf16 {
    big_end_first: bool,
    /// The first byte of a unit.
    byte: Option<u8>,
    /// The first unit of a sign that takes two.
    first_half: Option<u16>,
}

impl Utf16 {
    fn unit(&mut self, unit: u16, text: &mut Vec<u8>) {
        if let Some(first) = self.first_half.take() {
            if let Some(Ok(sign)) = char::decode_utf16([first, unit]).next() {
                return write(sign, text);
            }
            write(char::REPLACEMENT_CHARACTER, text);
        }
        match unit {
            0xd800..=0xdbff => self.first_half = Some(unit),
            _ => write(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER), text),
        }
    }
}

impl Rewrite for Utf16 {
    fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> io::Result<()> {
        for byte in bytes {
            match self.byte.take() {
                None => self.byte = Some(*byte),
                Some(first) if self.big_end_first => self.unit(u16::from_be_bytes([first, *byte]), text),
                Some(first) => self.unit(u16::from_le_bytes([first, *byte]), text),
            }
        }
        Ok(())
    }

    /// What is cut off is a sign too.
    fn end(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        if self.byte.is_some() || self.first_half.is_some() {
            write(char::REPLACEMENT_CHARACTER, text);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rewrite::Rewritten;
    use crate::ingest::sniff::SNIFF_BYTES;
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;
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
            for (bytes, text) in [
                (&little, format!("\u{feff}{TABLE}😀\r\n")),
                (&big, format!("\u{feff}{TABLE}😀\r\n")),
                (&little[2..].to_vec(), format!("{TABLE}😀\r\n")),
                (&big[2..].to_vec(), format!("{TABLE}😀\r\n")),
                (&windows, TABLE.into()),
            ] {
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
        // Numbers of two bytes are no text.
        assert!(!is_other(&(1..200u16).flat_map(u16::to_le_bytes).collect::<Vec<u8>>()));
        assert!(!is_other(&b"a\0".repeat(4)));
    }
    proptest! {
        #[test]
        fn bytes_are_read_as_the_library_reads_them(bytes in prop::collection::vec(any::<u8>(), 0..40), piece in 1usize..5) {
            let read = |mut rewrite: Box<dyn Rewrite>, bytes: &[u8]| {
                let mut text = Vec::new();
                bytes.chunks(piece).for_each(|bytes| rewrite.push(bytes, &mut text).unwrap());
                rewrite.end(&mut text).unwrap();
                String::from_utf8(text).unwrap()
            };
            prop_assert_eq!(read(Box::new(Windows1252), &bytes), WINDOWS_1252.decode_without_bom_handling(&bytes).0);
            // Half a sign and half a unit at the end are two for us or one for others.
            let even = &bytes[..bytes.len() / 2 * 2];
            for (mark, library) in [([0xff, 0xfe], encoding_rs::UTF_16LE), ([0xfe, 0xff], encoding_rs::UTF_16BE)] {
                let marked = [&mark, even].concat();
                let expected = library.decode_without_bom_handling(even).0;
                prop_assert_eq!(read(rewrite(&mark), &marked), format!("\u{feff}{expected}"));
            }
        }
    }
}
