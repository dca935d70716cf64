//! What was dropped on the page: files, and the files in folders.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

use crate::ingest::packing::is_hidden;
use crate::order::sort_by;

/// What was dropped. It must be taken while the event is handled: afterwards the browser tells nothing of it.
pub struct Dropped {
    pub files: Vec<File>,
    /// Where there is a folder among them.
    entries: Vec<FileSystemEntry>,
}

impl Dropped {
    pub fn of(transfer: &DataTransfer) -> Dropped {
        let items = transfer.items();
        let entries = (0..items.length()).filter_map(|index| items.get(index)?.webkit_get_as_entry().ok().flatten());
        let entries: Vec<FileSystemEntry> = entries.collect();
        let files = files_of(transfer.files());
        let has_folder = entries.iter().any(FileSystemEntry::is_directory);
        Dropped { files, entries: if has_folder { entries } else { Vec::new() } }
    }

    /// It has to be looked through first.
    pub fn has_folder(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The files, those in folders too, in the order of their paths. Hidden ones are left out.
    pub async fn into_files(self) -> Vec<File> {
        if self.entries.is_empty() {
            return self.files;
        }
        let (mut waiting, mut found) = (self.entries, Vec::new());
        while let Some(entry) = waiting.pop() {
            if is_hidden(&entry.name()) {
                continue;
            }
            if let Some(folder) = entry.dyn_ref::<FileSystemDirectoryEntry>() {
                waiting.extend(entries_of(folder).await);
            } else if let Some(file) = entry.dyn_ref::<FileSystemFileEntry>()
                && let Some(file) = file_of(file).await
            {
                found.push((entry.full_path(), file));
            }
        }
        sort_by(&mut found, |a, b| a.0.cmp(&b.0));
        found.into_iter().map(|(_, file)| file).collect()
    }
}

/// The files of a list of the browser.
pub fn files_of(list: Option<FileList>) -> Vec<File> {
    list.iter().flat_map(|list| (0..list.length()).filter_map(|index| list.get(index))).collect()
}

async fn entries_of(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut all = Vec::new();
    // The browser tells some at a time, and none at the end.
    loop {
        let some = Promise::new(&mut |done, failed| {
            if reader.read_entries_with_callback_and_callback(&done, &failed).is_err() {
                let _ = failed.call0(&JsValue::NULL);
            }
        });
        let Ok(some) = JsFuture::from(some).await else { return all };
        let some: Array = some.unchecked_into();
        if some.length() == 0 {
            return all;
        }
        all.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Option<File> {
    let file = Promise::new(&mut |done, failed| entry.file_with_callback_and_callback(&done, &failed));
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}
