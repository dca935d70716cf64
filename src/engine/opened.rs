//! Files as they are opened natively: what is packed is unpacked into temporary files, which are removed afterwards.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::engine::native::{Input, head};
use crate::ingest::FileProblem;
use crate::ingest::packing::{self, MAX_LAYERS, Packing, Part};

/// A file that can be read by ranges.
pub enum Opened {
    File(PathBuf),
    /// What was a stream or came out of another file, kept for as long as this.
    Kept {
        name: String,
        file: TempPath,
    },
}

impl Opened {
    /// What comes out of this file: itself, or what is packed in it and in that.
    pub fn unpacked(self) -> Result<Vec<Opened>, FileProblem> {
        self.unpacked_within(MAX_LAYERS)
    }

    fn unpacked_within(self, layers: usize) -> Result<Vec<Opened>, FileProblem> {
        match Packing::of(&head(self.path()).map_err(unreadable)?) {
            Some(packing) if layers > 0 => {
                let (files, mut unpacked) = (self.unpack(packing)?, Vec::new());
                let several = files.len() > 1;
                for file in files {
                    let name = file.name();
                    let found = file.unpacked_within(layers - 1).map_err(|problem| match several {
                        true => FileProblem::In { name, problem: Box::new(problem) },
                        false => problem,
                    });
                    unpacked.extend(found?);
                }
                Ok(unpacked)
            }
            _ => Ok(vec![self]),
        }
    }

    /// The files of an archive, in the order of their paths, or the one that is packed.
    fn unpack(&self, packing: Packing) -> Result<Vec<Opened>, FileProblem> {
        let packed = BufReader::with_capacity(1 << 20, File::open(self.path()).map_err(unreadable)?);
        let mut files = Vec::new();
        // Only the last one is kept open: an archive may have more files than a system lets be open.
        let mut open: Option<File> = None;
        let mut begin = |path: String| {
            let (file, kept) = NamedTempFile::new()?.into_parts();
            files.push((path, kept));
            Ok(file)
        };
        if !packing.is_archive() {
            open = Some(begin(packing.inner_name(&self.name())).map_err(unreadable)?);
        }
        packing::unpack(packing, packed, &mut |part| {
            match (part, &mut open) {
                (Part::File(path), open) => *open = Some(begin(path.into())?),
                (Part::Bytes(bytes, _), Some(file)) => file.write_all(bytes)?,
                (Part::Bytes(..), None) => {}
            }
            Ok(())
        })?;
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files.into_iter().map(|(path, file)| Opened::Kept { name: packing::name_of(&path).into(), file }).collect())
    }

    /// What the results call the file: its name without folders.
    pub fn name(&self) -> String {
        match self {
            Opened::File(path) => Input::new(path).name,
            Opened::Kept { name, .. } => name.clone(),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Opened::File(path) => path,
            Opened::Kept { file, .. } => file,
        }
    }

    /// The file for an analysis.
    pub fn input(&self) -> Input {
        Input { name: self.name(), path: self.path().into() }
    }
}

fn unreadable(error: io::Error) -> FileProblem {
    FileProblem::Unreadable(error.to_string())
}
