//! Results as they leave the program: the JSON document and the standalone report.

mod assemble;
pub mod comparison;
pub mod document;
pub mod html;
pub mod inactivity;
pub mod quality;
pub mod summary;
pub mod text;
pub mod trend;
pub mod typed;

pub use document::Document;
pub use html::html;
pub use summary::{Summary, read_summary};
pub use text::text;

/// The document as indented JSON with a line end. Keys stand in a fixed order, numbers have 9 significant digits.
pub fn json(document: &Document) -> String {
    let mut json = serde_json::to_string_pretty(document).expect("the document holds nothing that JSON cannot");
    json.push('\n');
    json
}
