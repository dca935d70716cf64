//! Archives with files in them: zip and tar. What they hold are several files of one data set.

use std::io::{BufRead, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::ingest::FileProblem;
use crate::ingest::packing::{Counted, Pieces, is_hidden};

/// Whether these are the first bytes of a tar archive: the header of its first file, by its checksum.
pub fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else { return false };
    let told = std::str::from_utf8(&header[148..156]).ok().and_then(|text| {
        let digits = text.trim_matches([' ', '\0']);
        u32::from_str_radix(digits, 8).ok()
    });
    // The sum counts its own field as blanks.
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte }))
        .sum();
    header[0] != 0 && told == Some(sum)
}

/// Files that an archive may have.
const MAX_FILES: usize = 1000;

/// Whether a file in an archive is one of events: not what systems and programs add for themselves.
fn counts(path: &str) -> bool {
    let mut folders = path.split(['/', '\\']).filter(|name| !matches!(*name, "" | "."));
    !path.ends_with('/') && folders.all(|name| !is_hidden(name))
}

pub fn unpack_zip(packed: &mut Counted<impl BufRead + Seek>, pieces: &mut Pieces) -> Result<(), FileProblem> {
    let damaged = |_| FileProblem::Damaged { what: "zip".into() };
    let used = packed.used();
    let mut archive = ZipArchive::new(packed).map_err(damaged)?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(damaged)?;
        let name = file.name().map_err(damaged)?.into_owned();
        if name == "[Content_Types].xml" {
            return Err(FileProblem::Unsupported { what: "an Office document".into() });
        }
        if !file.is_dir() && !file.is_symlink() && counts(&name) {
            if file.encrypted() {
                return Err(FileProblem::Encrypted);
            }
            files.push((name, index));
        }
    }
    if files.len() > MAX_FILES {
        return Err(FileProblem::Unsupported { what: format!("an archive of more than {MAX_FILES} files") });
    }
    files.sort();
    for (name, index) in &files {
        pieces.begin(name);
        let mut file = archive.by_index(*index).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => {
                FileProblem::Unsupported { what: "a zip archive packed in an unusual way".into() }
            }
            error => damaged(error),
        })?;
        while pieces.take(&mut file, &used)? {}
    }
    if files.is_empty() { Err(FileProblem::NoFiles) } else { Ok(()) }
}

pub fn unpack_tar(packed: &mut Counted<impl BufRead>, pieces: &mut Pieces) -> Result<(), FileProblem> {
    let damaged = |_| FileProblem::Damaged { what: "tar".into() };
    let used = packed.used();
    let mut archive = tar::Archive::new(packed);
    let mut count = 0;
    for file in archive.entries().map_err(damaged)? {
        let mut file = file.map_err(damaged)?;
        let name = String::from_utf8_lossy(&file.path_bytes()).into_owned();
        if !file.header().entry_type().is_file() || !counts(&name) {
            continue;
        }
        count += 1;
        if count > MAX_FILES {
            return Err(FileProblem::Unsupported { what: format!("an archive of more than {MAX_FILES} files") });
        }
        pieces.begin(&name);
        let (mut length, size) = (0, file.size());
        let mut counted = Measured { inner: &mut file, length: &mut length };
        while pieces.take(&mut counted, &used)? {}
        if length < size {
            return Err(FileProblem::Damaged { what: "tar".into() });
        }
    }
    if count > 0 { Ok(()) } else { Err(FileProblem::NoFiles) }
}

/// A file in an archive that ends too early just ends.
struct Measured<'r, R> {
    inner: &'r mut R,
    length: &'r mut u64,
}

impl<R: Read> Read for Measured<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        *self.length += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::packing::{Packing, Part, unpack};
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;

    fn zip(files: &[(&str, &str)], method: zip::CompressionMethod) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            let options = SimpleFileOptions::default().compression_method(method);
            if name.ends_with('/') {
                writer.add_directory(*name, options).unwrap();
                continue;
            }
            writer.start_file(*name, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            if name.ends_with('/') {
                header.set_entry_type(tar::EntryType::Directory);
            }
            header.set_cksum();
            builder.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn files(packed: &[u8]) -> Result<Vec<(String, String)>, FileProblem> {
        let mut files: Vec<(String, String)> = Vec::new();
        unpack(Packing::of(packed).unwrap(), Cursor::new(packed), &mut |part| {
            match part {
                Part::File(name) => files.push((name.into(), String::new())),
                Part::Bytes(bytes, _) => files.last_mut().unwrap().1.push_str(std::str::from_utf8(bytes).unwrap()),
            }
            Ok(())
        })?;
        Ok(files)
    }

    const FILES: [(&str, &str); 6] = [
        ("b.csv", "second"),
        ("data/", ""),
        ("data/a.csv", "third"),
        ("__MACOSX/._b.csv", "no"),
        (".hidden", "no"),
        ("a.csv", "first"),
    ];

    #[test]
    fn files_of_events_come_out_of_archives() {
        let found =
            |names: [(&str, &str); 3]| Ok(names.map(|(name, text)| (name.to_string(), text.to_string())).into());
        for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
            assert_eq!(
                files(&zip(&FILES, method)),
                found([("a.csv", "first"), ("b.csv", "second"), ("data/a.csv", "third")])
            );
        }
        assert_eq!(files(&tar(&FILES)), found([("b.csv", "second"), ("data/a.csv", "third"), ("a.csv", "first")]));
    }

    #[test]
    fn what_is_no_archive_of_files_is_told_of() {
        let said = |packed: &[u8]| files(packed).unwrap_err();
        let deflated = zip(&FILES, zip::CompressionMethod::Deflated);
        assert!(matches!(said(&deflated[..deflated.len() / 2]), FileProblem::Damaged { .. }));
        assert_eq!(said(&zip(&[(".hidden", "x")], zip::CompressionMethod::Stored)), FileProblem::NoFiles);
        let mut changed = zip(&[("a", "some text that is stored")], zip::CompressionMethod::Stored);
        changed[40] ^= 1;
        assert!(matches!(said(&changed), FileProblem::Damaged { .. }));
        // The bit that says encrypted, in both headers.
        let mut locked = zip(&[("a", "x")], zip::CompressionMethod::Stored);
        locked[6] |= 1;
        let central = memchr::memmem::find(&locked, b"PK\x01\x02").unwrap();
        locked[central + 8] |= 1;
        assert_eq!(said(&locked), FileProblem::Encrypted);
        let long = "x".repeat(9000);
        let tarred = tar(&[("a", &long)]);
        assert!(matches!(said(&tarred[..5000]), FileProblem::Damaged { .. }));
        assert_eq!(said(&tar(&[("d/", "")])), FileProblem::NoFiles);
    }

    #[test]
    fn a_bomb_in_an_archive_is_refused() {
        let bomb = zip(&[("a", &" ".repeat(200 << 20))], zip::CompressionMethod::Deflated);
        let said = unpack(Packing::Zip, Cursor::new(&bomb), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(said, FileProblem::Bomb { ratio } if ratio > 500), "{said}");
    }

    #[test]
    fn other_files_are_no_tar() {
        assert!(!is_tar(&[0; 512]));
        assert!(!is_tar("user,page,time\n".repeat(100).as_bytes()));
    }
}
