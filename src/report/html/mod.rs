//! The standalone report: one HTML file that needs no network, and no scripts but for comfort.
//!
//! The template escapes every text. The policy in its head forbids everything but its own style and its one script,
//! by that script's hash, so that a file made from hostile data can neither load nor run anything.

mod compare;
mod findings;
mod flows;
mod funnel;
mod head;
mod method;
mod quality;
mod sessions;
mod table;
mod time;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::analysis::storyboard::Storyboard;
use crate::findings::wording::shown;
use crate::report::document::Document;
use crate::report::summary;
use sessions::Boards;

/// Sorts tables and opens what a link leads to.
pub const SCRIPT: &str = include_str!("../report.js");
/// The script's hash, by which the policy lets it run. A test says what it has to be.
pub const SCRIPT_HASH: &str = "sha256-DwqWy6H2TI0M3HoJGRdIDLYVF6xamETuWZBGUAr01VM=";
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("../../../style/document.css"),
    include_str!("../../../style/report.css")
);

/// Pages, products and the like that a table lists at most.
const LISTED_ROWS: usize = 50;

/// What stands under one heading.
struct Section {
    /// What a link calls it.
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// The report as HTML; `boards` are the sessions that it shows event by event.
pub fn html(document: &Document, boards: &[Storyboard]) -> String {
    let policy = format!(
        "default-src 'none'; script-src '{SCRIPT_HASH}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    );
    let boards = Boards::new(boards);
    let sections = sections(document, &boards);
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(document.program);
                title { (shown(&document.source.name)) " · Footpath" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head::header(document))
                (contents(&sections))
                main {
                    (head::headline(document))
                    @for Section { id, title, body } in &sections {
                        section aria-labelledby=(id) { h2 id=(id) { (title) } (body) }
                    }
                }
                (head::footer(document))
                (summary::block(document))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    body.into_string()
}

fn sections(document: &Document, boards: &Boards) -> Vec<Section> {
    let section = |id, title, body| Section { id, title, body };
    let mut sections = vec![
        section("funnel", "Where they stop", funnel::funnel(document, boards)),
        section("findings", "What deserves a look", findings::findings(document, boards)),
        section("not-found", "Looked for and not found", findings::not_found(document)),
        section("flows", "Flows", flows::flows(document)),
        section("ends", "Where sessions begin and end", flows::ends(document)),
        section("pages", "Pages", flows::pages(document)),
        section("products", "Products", flows::products(document)),
        section("time", "When, and for how long", time::time(document)),
        section("anomalies", "Anomalies by class", findings::anomalies(document, boards)),
        section("compare", "Two parts side by side", compare::compare(document)),
        section("sessions", "Sessions, event by event", sessions::sessions(document, boards)),
        section("quality", "The file itself", quality::quality(document)),
        section("method", "Method and settings", method::method(document)),
    ];
    sections.retain(|section| !section.body.0.is_empty());
    sections
}

fn contents(sections: &[Section]) -> Markup {
    html! {
        nav.contents aria-label="Contents" {
            ul { @for section in sections { li { a href={ "#" (section.id) } { (section.title) } } } }
        }
    }
}
