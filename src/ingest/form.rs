//! What a file is, by its first bytes: lines of JSON or a table, and which field plays which role.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::wire::as_text;
use crate::ingest::access_log::{self, LogForm};
use crate::ingest::columns::ColumnFormat;
use crate::ingest::delimited::Table;
use crate::ingest::event::{Decoder, unturned};
use crate::ingest::layout;
use crate::ingest::sniff::{FileProblem, sniff};
use crate::settings::mapping::DateOrder;
use crate::settings::{Goal, Mapping, Settings};

/// How records stand in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// One JSON object a line.
    #[default]
    JsonLines,
    Table(Table),
    AccessLog(LogForm),
    /// No lines at all, see [`columns`](crate::ingest::columns).
    Columns(ColumnFormat),
}

impl Container {
    /// Looks at a file's first bytes ([`crate::ingest::sniff::SNIFF_BYTES`] of them, or all).
    pub fn recognise(head: &[u8]) -> Result<Container, FileProblem> {
        if let Some(format) = ColumnFormat::of(head) {
            return Ok(Container::Columns(format));
        }
        match sniff(head) {
            Err(FileProblem::NotJson) => {
                let log = || LogForm::recognise(head).map(Container::AccessLog);
                log().or_else(|| table(head).map(Container::Table)).ok_or(FileProblem::NotJson)
            }
            other => other.map(|()| Container::JsonLines),
        }
    }

    /// The first line is no record, but names the columns.
    pub fn has_header(&self) -> bool {
        matches!(self, Container::Table(table) if table.header)
    }

    /// The names of the fields that the first records have.
    pub fn fields(&self, head: &[u8]) -> BTreeSet<String> {
        match self {
            Container::JsonLines => layout::json_fields(head),
            // These bytes tell nothing of them.
            Container::Columns(_) => BTreeSet::new(),
            Container::Table(table) => table.columns.iter().cloned().collect(),
            Container::AccessLog(_) => access_log::FIELDS.map(String::from).into(),
        }
    }
}

/// A table whose first line names its columns, or else one whose values tell their roles.
fn table(head: &[u8]) -> Option<Table> {
    let table = Table::recognise(head)?;
    if table.has_header() {
        return Some(table);
    }
    let table = table.without_header();
    (layout::recognise(&table.columns.iter().cloned().collect()).is_some() || by_values(&table, head).is_some())
        .then_some(table)
}

fn by_values(table: &Table, head: &[u8]) -> Option<Mapping> {
    if table.header { None } else { layout::values::mapping(&table.columns, &table.rows(head)) }
}

/// What a file was recognised as by its own fields, and what is taken over where nobody has chosen otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recognised {
    pub mapping: Mapping,
    /// A goal by the names of its events.
    #[serde(with = "as_text")]
    pub goal: Option<Goal>,
}

impl Recognised {
    /// The file is read by what it was recognised as.
    pub fn take_over(&self, settings: &mut Settings) {
        settings.mapping = self.mapping.clone();
        self.complete(settings);
    }

    /// Settings that say nothing of the fields or of the goal take them from here.
    pub fn complete(&self, settings: &mut Settings) {
        if settings.mapping == Mapping::default() {
            settings.mapping = self.mapping.clone();
        }
        if settings.goal == Goal::default()
            && let Some(goal) = &self.goal
        {
            settings.goal = goal.clone();
        }
    }

    /// The settings without what comes from here: what somebody chose.
    pub fn without(&self, settings: &mut Settings) {
        if settings.mapping == self.mapping {
            settings.mapping = Mapping::default();
        }
        if self.goal.as_ref() == Some(&settings.goal) {
            settings.goal = Goal::default();
        }
    }
}

/// Settles by which mapping a file is read that begins with these bytes: by that of the settings if the file has its
/// fields, otherwise by what its own fields are recognised as, if they are; and its goal, if nobody has chosen one. The
/// result is what was recognised and is to be taken over. Lines of JSON that are not recognised are left to be read, since others
/// may stand behind them; the columns of a table stay what they are.
pub fn recognise(head: &[u8], settings: &Settings) -> Result<Option<Recognised>, FileProblem> {
    // What is no events file will be told when it is read.
    let Ok(container) = Container::recognise(head) else { return Ok(None) };
    let fields = container.fields(head);
    let suits = layout::suits(&fields, &settings.mapping);
    let by_names = layout::recognise(&fields).map(|found| found.mapping);
    let found = match &container {
        Container::Table(table) => by_names.or_else(|| by_values(table, head)),
        Container::JsonLines | Container::AccessLog(_) | Container::Columns(_) => by_names,
    };
    let mapping = match (found, &container) {
        (Some(found), _) if !suits || found.is_alike(&settings.mapping) => {
            Mapping { dates: settings.mapping.dates, ..found }
        }
        (_, _) if suits => {
            let mapping = in_order_of_dates(settings.mapping.clone(), head, &container);
            return Ok((mapping != settings.mapping).then_some(Recognised { mapping, goal: None }));
        }
        (_, Container::Table(table)) => {
            return Err(FileProblem::UnknownColumns { columns: named(&table.columns) });
        }
        (_, Container::JsonLines | Container::AccessLog(_) | Container::Columns(_)) => return Ok(None),
    };
    let mapping = in_order_of_dates(mapping, head, &container);
    // The default goal is made for files of the default layout.
    let goal =
        if mapping.is_alike(&Mapping::default()) { None } else { layout::goal::guess(head, &container, &mapping) };
    Ok(Some(Recognised { mapping, goal }))
}

/// The mapping with the order of day and month by which more of the first records have a time; where both do, its own.
pub(super) fn in_order_of_dates(mapping: Mapping, head: &[u8], container: &Container) -> Mapping {
    let dated = |dates: DateOrder| {
        let mapping = Mapping { dates, ..mapping.clone() };
        let mut decoder = Decoder::of(container, &mapping);
        let lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        lines.filter(|line| decoder.decode(line, &mut |_| {}).is_ok_and(|event| event.date_certain.is_some())).count()
    };
    let dates = match dated(DateOrder::MonthFirst).cmp(&dated(DateOrder::DayFirst)) {
        Ordering::Greater => DateOrder::MonthFirst,
        Ordering::Less => DateOrder::DayFirst,
        Ordering::Equal => mapping.dates,
    };
    Mapping { dates, ..mapping }
}

/// Columns that are named at most.
const NAMED: usize = 12;

fn named(columns: &[String]) -> String {
    let first: Vec<String> = columns.iter().take(NAMED).map(|column| format!("“{}”", unturned(column))).collect();
    let more = columns.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}
