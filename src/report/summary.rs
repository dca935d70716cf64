//! What a saved report tells a program that opens it again: which file it is about, the figures and the settings.
//!
//! It stands in the report as a block of JSON, which a browser neither runs nor shows.

use maud::{Markup, PreEscaped};
use serde::{Deserialize, Serialize};

use crate::engine::wire::as_text;
use crate::findings::headline::Headline;
use crate::ingest::sniff::REPORT_MARK;
use crate::report::document::{Document, GoalInfo, SourceInfo, Totals};
use crate::settings::Settings;

/// Version of the summary's form.
const SCHEMA: u32 = 1;
const START: &str = r#"<script type="application/json" id="footpath-report">"#;
const END: &str = "</script>";

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub schema: u32,
    /// Name and version of the program.
    pub program: String,
    pub source: SourceInfo,
    pub totals: Totals,
    pub headline: Headline,
    pub goal: GoalInfo,
    #[serde(with = "as_text")]
    pub settings: Settings,
}

impl Summary {
    pub fn of(document: &Document) -> Summary {
        Summary {
            schema: SCHEMA,
            program: document.program.clone(),
            source: document.source.clone(),
            totals: document.totals.clone(),
            headline: document.headline.clone(),
            goal: document.goal.clone(),
            settings: document.settings.clone(),
        }
    }
}

/// The summary as a block that stands in the report.
pub(super) fn block(document: &Document) -> Markup {
    let json = serde_json::to_string(&Summary::of(document)).expect("a summary holds nothing that JSON cannot");
    // A `<` stands in texts only, where JSON may write it otherwise: nothing inside ends the block.
    PreEscaped(format!("{START}{}{END}", json.replace('<', "\\u003c")))
}

/// Reads the summary of a saved report. `None` if the text is no report, is cut off, or is of a form that this
/// version does not know.
pub fn read_summary(html: &str) -> Option<Summary> {
    if !html.trim_end().ends_with("</html>") {
        return None;
    }
    // The report escapes every `<` of a text, so that neither mark can come from the file it is about.
    let (head, rest) = html.split_once(START)?;
    if !head.contains(REPORT_MARK) {
        return None;
    }
    let (json, _) = rest.split_once(END)?;
    serde_json::from_str::<Summary>(json).ok().filter(|summary| summary.schema == SCHEMA)
}
