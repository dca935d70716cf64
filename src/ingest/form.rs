//! What a file is, by its first bytes: lines of JSON or a table, and which field plays which role.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ingest::delimited::Table;
use crate::ingest::event::unturned;
use crate::ingest::layout;
use crate::ingest::sniff::{FileProblem, sniff};
use crate::settings::Mapping;

/// How records stand in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// One JSON object a line.
    #[default]
    JsonLines,
    Table(Table),
}

impl Container {
    /// Looks at a file's first bytes ([`crate::ingest::sniff::SNIFF_BYTES`] of them, or all).
    pub fn recognise(head: &[u8]) -> Result<Container, FileProblem> {
        match sniff(head) {
            Err(FileProblem::NotJson) => match Table::recognise(head).filter(Table::has_header) {
                Some(table) => Ok(Container::Table(table)),
                None => Err(FileProblem::NotJson),
            },
            other => other.map(|()| Container::JsonLines),
        }
    }

    /// The names of the fields that the first records have.
    pub fn fields(&self, head: &[u8]) -> BTreeSet<String> {
        match self {
            Container::JsonLines => layout::json_fields(head),
            Container::Table(table) => table.columns.iter().cloned().collect(),
        }
    }
}

/// The mapping by which a file is read that begins with these bytes: the one of the settings if the file has its fields,
/// otherwise what its own fields are recognised as, if they are. The second says whether it is that. Lines of JSON that are
/// not recognised are left to be read, since others may stand behind them; the columns of a table stay what they are.
pub fn recognise(head: &[u8], mapping: &Mapping) -> Result<(Mapping, bool), FileProblem> {
    // What is no events file will be told when it is read.
    let Ok(container) = Container::recognise(head) else { return Ok((mapping.clone(), false)) };
    let fields = container.fields(head);
    let found = layout::recognise(&fields);
    match (&container, found) {
        (_, found) if layout::suits(&fields, mapping) => {
            let is_it = found.is_some_and(|found| found.mapping == *mapping);
            Ok((mapping.clone(), is_it))
        }
        (_, Some(found)) => Ok((found.mapping, true)),
        (Container::Table(table), None) => Err(FileProblem::UnknownColumns { columns: named(&table.columns) }),
        (Container::JsonLines, None) => Ok((mapping.clone(), false)),
    }
}

/// Columns that are named at most.
const NAMED: usize = 12;

fn named(columns: &[String]) -> String {
    let first: Vec<String> = columns.iter().take(NAMED).map(|column| format!("“{}”", unturned(column))).collect();
    let more = columns.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}
