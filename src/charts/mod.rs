//! Answers as pictures: options for the interactive charts of the screen, and static SVG for the report.

pub mod bars;
pub mod options;
pub mod sankey;
pub mod svg;
