//! Files that cannot be read from their middle: those that are compressed as a whole, and those that are not one record a
//! line, and archives of several files. They are recognised by their first bytes, never by their names, and unpacked piece by piece before they are read.

use std::cell::Cell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use serde::{Deserialize, Serialize};

use crate::ingest::rewrite::Rewritten;
use crate::ingest::sniff::SNIFF_BYTES;
use crate::ingest::xes::XesReader;
use crate::ingest::{FileProblem, archive, encoding, json_list, long_records, rrweb, xes};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    Gzip,
    Zstandard,
    /// See [`archive`].
    Zip,
    Tar,
    /// JSON that is not one object a line, see [`json_list`].
    JsonList,
    /// A recording, see [`rrweb`].
    Rrweb,
    /// A log of processes, see [`xes`].
    Xes,
    /// A text that is not UTF-8, see [`encoding`].
    Encoded,
    /// A table with records of several lines, see [`long_records`].
    LongRecords,
}

/// First bytes that [`Packing::of`] wants to see.
pub const HEAD_BYTES: usize = SNIFF_BYTES;

/// Unpacked bytes that are handed on at a time.
const PIECE_BYTES: usize = 4 << 20;
/// Up to so many unpacked bytes nothing is suspected.
const HARMLESS_BYTES: u64 = 64 << 20;
/// Logs are compressed to a tenth or a fiftieth. What was made to fill memories is beyond this.
const MAX_RATIO: u64 = 500;

impl Packing {
    /// From a file's first bytes; `None` if its lines can be read as they are.
    pub fn of(head: &[u8]) -> Option<Packing> {
        match head {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            // A frame, or one to be skipped before the first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstandard),
            // A file, or the end of an archive without files.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Packing::Zip),
            _ if archive::is_tar(head) => Some(Packing::Tar),
            _ if encoding::is_other(head) => Some(Packing::Encoded),
            _ if rrweb::is_recording(head) => Some(Packing::Rrweb),
            _ if xes::is_log(head) => Some(Packing::Xes),
            _ if json_list::is_list(head) => Some(Packing::JsonList),
            _ if long_records::go_on(head) => Some(Packing::LongRecords),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstandard => "Zstandard",
            Packing::Zip => "zip",
            Packing::Tar => "tar",
            Packing::JsonList | Packing::Rrweb => "JSON",
            Packing::Xes => "XML",
            Packing::Encoded => "text",
            Packing::LongRecords => "CSV",
        }
    }

    /// What comes out are files with names of their own.
    pub fn is_archive(self) -> bool {
        matches!(self, Packing::Zip | Packing::Tar)
    }

    /// What the unpacked file is called: its name without the ending that tells of compression.
    pub fn inner_name(self, name: &str) -> String {
        let endings: &[&str] = match self {
            Packing::Gzip => &[".gz", ".gzip"],
            Packing::Zstandard => &[".zst", ".zstd"],
            _ => &[],
        };
        let cut = |ending: &&str| {
            let at = name.len().checked_sub(ending.len())?;
            (at > 0 && name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(ending)).then(|| name[..at].into())
        };
        endings.iter().find_map(cut).unwrap_or_else(|| name.to_string())
    }
}

/// The name of a file without its folders.
pub fn name_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Files and folders that programs keep for themselves, as the name says: `.DS_Store`, `__MACOSX`, `_SUCCESS`.
pub fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

/// How often a file is unpacked at most: JSON in a compressed file is.
pub const MAX_LAYERS: usize = 4;

/// What comes out of a file.
pub enum Part<'p> {
    /// Of an archive: what follows belongs to the file with this path.
    File(&'p str),
    /// The next bytes, and how many packed bytes have been used for all so far.
    Bytes(&'p [u8], u64),
}

/// Unpacks a file. `each` takes what comes out, in order.
pub fn unpack(
    packing: Packing,
    packed: impl BufRead + Seek,
    each: &mut dyn FnMut(Part) -> io::Result<()>,
) -> Result<(), FileProblem> {
    let mut packed = Counted { inner: packed, used: Rc::default() };
    let mut pieces = Pieces { packing, unpacked: 0, piece: vec![0; PIECE_BYTES], file: None, each };
    let used = packed.used();
    match packing {
        Packing::Gzip => pieces.take_all(MultiGzDecoder::new(&mut packed), &used),
        Packing::Zstandard => unpack_frames(&mut packed, &mut pieces),
        Packing::Zip => archive::unpack_zip(&mut packed, &mut pieces),
        Packing::Tar => archive::unpack_tar(&mut packed, &mut pieces),
        Packing::Xes => pieces.take_all(XesReader::new(&mut packed), &used),
        Packing::Rrweb => pieces.take_all(Rewritten::new(&mut packed, rrweb::rewrite), &used),
        Packing::JsonList => pieces.take_all(Rewritten::new(&mut packed, json_list::rewrite), &used),
        Packing::Encoded => pieces.take_all(Rewritten::new(&mut packed, encoding::rewrite), &used),
        Packing::LongRecords => pieces.take_all(Rewritten::new(&mut packed, long_records::rewrite), &used),
    }
}

fn unpack_frames(packed: &mut Counted<impl BufRead>, pieces: &mut Pieces) -> Result<(), FileProblem> {
    let damaged = || FileProblem::Damaged { what: Packing::Zstandard.name().into() };
    let used = packed.used();
    while !packed.fill_buf().map_err(unreadable)?.is_empty() {
        let mut frame = match StreamingDecoder::<_, FrameDecoder>::new(&mut *packed) {
            Ok(frame) => frame,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut packed.by_ref().take(length), &mut io::sink()).map_err(unreadable)?;
                if skipped < length {
                    return Err(damaged());
                }
                continue;
            }
            Err(_) => return Err(damaged()),
        };
        while pieces.take(&mut frame, &used)? {}
        let (said, found) = (frame.decoder.get_checksum_from_data(), frame.decoder.get_calculated_checksum());
        if said.is_some() && said != found {
            return Err(damaged());
        }
    }
    Ok(())
}

/// Collects what is unpacked into pieces, and stops where there is too much of it.
pub struct Pieces<'e> {
    packing: Packing,
    unpacked: u64,
    piece: Vec<u8>,
    /// The file that begins with the next bytes.
    file: Option<String>,
    each: &'e mut dyn FnMut(Part) -> io::Result<()>,
}

impl Pieces<'_> {
    /// What is taken from here on belongs to this file; one without bytes is passed over.
    pub fn begin(&mut self, file: &str) {
        self.file = Some(file.into());
    }

    fn take_all(&mut self, mut reader: impl Read, used: &Cell<u64>) -> Result<(), FileProblem> {
        while self.take(&mut reader, used)? {}
        Ok(())
    }

    /// Hands on one piece; false at the end.
    pub fn take(&mut self, reader: &mut impl Read, used: &Cell<u64>) -> Result<bool, FileProblem> {
        let mut length = 0;
        while length < self.piece.len() {
            match reader.read(&mut self.piece[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(FileProblem::Damaged { what: self.packing.name().into() }),
            }
        }
        self.unpacked += length as u64;
        let used = used.get();
        if self.unpacked > HARMLESS_BYTES && self.unpacked / MAX_RATIO > used {
            return Err(FileProblem::Bomb { ratio: self.unpacked / used.max(1) });
        }
        if length > 0 {
            if let Some(file) = self.file.take() {
                (self.each)(Part::File(&file)).map_err(unreadable)?;
            }
            (self.each)(Part::Bytes(&self.piece[..length], used)).map_err(unreadable)?;
        }
        Ok(length == self.piece.len())
    }
}

fn unreadable(error: io::Error) -> FileProblem {
    FileProblem::Unreadable(error.to_string())
}

/// Counts the bytes that are used.
pub struct Counted<R> {
    inner: R,
    used: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    /// The count, to be asked while something else reads.
    pub fn used(&self) -> Rc<Cell<u64>> {
        self.used.clone()
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.used.update(|used| used + read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }
    fn consume(&mut self, length: usize) {
        self.used.update(|used| used + length as u64);
        self.inner.consume(length);
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstandard(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn unpacked(packed: &[u8]) -> Result<Vec<u8>, FileProblem> {
        let mut bytes = Vec::new();
        let mut last = 0;
        unpack(Packing::of(packed).unwrap(), io::Cursor::new(packed), &mut |part| {
            let Part::Bytes(piece, used) = part else { panic!("it is no archive") };
            assert!(used >= last && used <= packed.len() as u64);
            last = used;
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    fn text(lines: u64) -> Vec<u8> {
        (0..lines).flat_map(|line| format!("{{\"n\": {}}}\n", line * 7919 % 1_000_003).into_bytes()).collect()
    }

    #[test]
    fn what_was_packed_comes_out() {
        for lines in [0, 1, 1000, 400_000] {
            let text = text(lines);
            assert!(unpacked(&gzip(&text)).unwrap() == text, "gzip, {lines}");
            assert!(unpacked(&zstandard(&text)).unwrap() == text, "zstandard, {lines}");
        }
    }

    #[test]
    fn several_members_are_one_file() {
        let (a, b) = (text(10), text(2000));
        let both = [a.clone(), b.clone()].concat();
        assert_eq!(unpacked(&[gzip(&a), gzip(&b)].concat()).unwrap(), both);
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        assert_eq!(unpacked(&[skipped, zstandard(&a), zstandard(&b)].concat()).unwrap(), both);
    }

    #[test]
    fn cut_or_changed_files_are_damaged() {
        for packed in [gzip(&text(5000)), zstandard(&text(5000))] {
            for cut in [5, packed.len() / 2, packed.len() - 1] {
                let said = unpacked(&packed[..cut]).map(|bytes| bytes.len()).unwrap_err();
                assert!(matches!(said, FileProblem::Damaged { .. }), "{cut}: {said}");
            }
            let mut changed = packed.clone();
            let at = changed.len() - 6;
            changed[at] ^= 0x55;
            assert!(unpacked(&changed).is_err());
        }
    }

    #[test]
    fn a_bomb_is_refused_with_its_ratio() {
        let packed = gzip(&vec![b' '; 200 << 20]);
        let said = unpacked(&packed).map(|bytes| bytes.len()).unwrap_err();
        assert!(matches!(said, FileProblem::Bomb { ratio } if ratio > 500), "{said}");
    }

    #[test]
    fn names_lose_their_ending() {
        let inner = [
            (Packing::Gzip, "a.jsonl.gz", "a.jsonl"),
            (Packing::Gzip, "A.GZ", "A"),
            (Packing::Gzip, ".gz", ".gz"),
            (Packing::Gzip, "a.zst", "a.zst"),
            (Packing::Zstandard, "b.json.zst", "b.json"),
        ];
        for (packing, name, expected) in inner {
            assert_eq!(packing.inner_name(name), expected);
        }
        assert_eq!(Packing::of(b"{}"), None);
    }
}
