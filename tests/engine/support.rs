//! What the native tests share: analysing files and the reference file's place.

use std::io::Write;
use std::path::{Path, PathBuf};

use footpath::engine::Export;
use footpath::engine::native::{Input, Options, analyse};
use footpath::report::Document;
use footpath::settings::Settings;

/// The committed file with the traits of the reference file.
pub fn miniature() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/miniature.jsonl")
}

/// The reference file, from `FOOTPATH_REFERENCE_FILE` or its default place. Where it is absent the test is
/// skipped visibly, but fails under `CI=true`.
pub fn reference() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tandem/sessions.json");
    let path = std::env::var_os("FOOTPATH_REFERENCE_FILE").map_or(default, PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the reference file is absent: {}", path.display());
    // Past the test's own standard error, which nobody sees of a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: the reference file is absent: {}", path.display());
    None
}

pub fn options(settings: &Settings) -> Options {
    Options { workers: 2, ..Options::new(settings.clone()) }
}

/// The document of a file.
pub fn document(path: &Path, settings: &Settings) -> Box<Document> {
    analyse(&[Input::new(path)], &options(settings), Export::Json, &mut |_| {}).expect("the file can be analysed").0
}

/// The document as JSON text, by so many workers with chunks of so many bytes.
pub fn json(path: &Path, settings: &Settings, workers: usize, chunk_bytes: u64) -> String {
    let options = Options { workers, chunk_bytes, ..options(settings) };
    let (_, bytes) =
        analyse(&[Input::new(path)], &options, Export::Json, &mut |_| {}).expect("the file can be analysed");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// How many cases a property is tried on: `PROPTEST_CASES`, or so many. Without `std` proptest does not read it.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
