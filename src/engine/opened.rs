//! Files as they are opened natively: what is packed is unpacked into temporary files, which are removed afterwards.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::engine::native::{Input, head};
use crate::ingest::FileProblem;
use crate::ingest::packing::{self, MAX_LAYERS, Packing, Part};

/// A file that can be read by ranges, unless it is damaged.
pub enum Opened {
    File(PathBuf),
    /// What was a stream or came out of another file, kept for as long as this.
    Kept {
        name: String,
        file: TempPath,
    },
    /// What cannot be unpacked.
    Damaged {
        packed: Box<Opened>,
        problem: FileProblem,
    },
}

impl Opened {
    /// What comes out of this file: itself, or what is packed in it and in that. One of `several` that is damaged does not
    /// spoil the others.
    pub fn unpacked(self, several: bool) -> Result<Vec<Opened>, FileProblem> {
        self.unpacked_within(MAX_LAYERS, several)
    }

    fn unpacked_within(self, layers: usize, several: bool) -> Result<Vec<Opened>, FileProblem> {
        let packing = Packing::of(&head(self.path()).map_err(unreadable)?).filter(|_| layers > 0);
        let Some(packing) = packing else { return Ok(vec![self]) };
        let files = match self.unpack(packing) {
            Ok(files) => files,
            Err(problem) if several => return Ok(vec![Opened::Damaged { packed: Box::new(self), problem }]),
            Err(problem) => return Err(problem),
        };
        let several = several || files.len() > 1;
        let mut unpacked = Vec::new();
        for file in files {
            unpacked.extend(file.unpacked_within(layers - 1, several)?);
        }
        Ok(unpacked)
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
            Opened::Damaged { packed, .. } => packed.name(),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Opened::File(path) => path,
            Opened::Kept { file, .. } => file,
            Opened::Damaged { packed, .. } => packed.path(),
        }
    }

    /// The file for an analysis.
    pub fn input(&self) -> Input {
        let problem = match self {
            Opened::Damaged { problem, .. } => Some(problem.clone()),
            _ => None,
        };
        Input { name: self.name(), path: self.path().into(), problem }
    }
}

fn unreadable(error: io::Error) -> FileProblem {
    FileProblem::Unreadable(error.to_string())
}
