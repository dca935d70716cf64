//! What a file is, by its first bytes: lines of JSON or a table, and which field plays which role.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::wire::as_text;
use crate::ingest::access_log;
use crate::ingest::columns::ColumnFormat;
use crate::ingest::delimited::Table;
use crate::ingest::event::unturned;
use crate::ingest::layout;
use crate::ingest::packing::Packing;
use crate::ingest::sniff::{FileProblem, sniff};
use crate::settings::{Goal, Mapping, Settings};

/// How records stand in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// One JSON object a line.
    #[default]
    JsonLines,
    Table(Table),
    /// See [`access_log`].
    AccessLog,
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
            Err(FileProblem::NotJson) if access_log::is_log(head) => Ok(Container::AccessLog),
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
            // These bytes tell nothing of them.
            Container::Columns(_) => BTreeSet::new(),
            Container::Table(table) => table.columns.iter().cloned().collect(),
            Container::AccessLog => access_log::FIELDS.map(String::from).into(),
        }
    }
}

/// What files that are opened together are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forms {
    /// How each is packed, if it is: it has to be unpacked before the rest holds.
    pub packings: Vec<Option<Packing>>,
    /// How records stand in each.
    pub containers: Vec<Container>,
    /// What the first was recognised as, see [`recognise`].
    pub recognised: Result<Option<Recognised>, FileProblem>,
}

impl Forms {
    /// Looks at the first bytes of each. What no file is will be told when it is read.
    pub fn of(heads: &[Vec<u8>], settings: &Settings) -> Forms {
        Forms {
            packings: heads.iter().map(|head| Packing::of(head)).collect(),
            containers: heads.iter().map(|head| Container::recognise(head).unwrap_or_default()).collect(),
            recognised: heads.first().map_or(Ok(None), |head| recognise(head, settings)),
        }
    }
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
    let mapping = match (layout::recognise(&fields), &container) {
        (Some(found), _) if !suits || found.mapping == settings.mapping => found.mapping,
        (_, _) if suits => return Ok(None),
        (_, Container::Table(table)) => {
            return Err(FileProblem::UnknownColumns { columns: named(&table.columns) });
        }
        (_, Container::JsonLines | Container::AccessLog | Container::Columns(_)) => return Ok(None),
    };
    // The default goal is made for files of the default layout.
    let goal = if mapping == Mapping::default() { None } else { layout::goal::guess(head, &container, &mapping) };
    Ok(Some(Recognised { mapping, goal }))
}

/// As [`Forms::of`], of files of which some hold columns: these are recognised by their first rows.
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
impl Forms {
    pub fn with_columns(
        heads: &[Vec<u8>],
        settings: &Settings,
        mut source: impl FnMut(usize) -> Result<Box<dyn crate::ingest::columns::Source>, FileProblem>,
    ) -> Forms {
        let mut forms = Forms::of(heads, settings);
        if let Some(Container::Columns(format)) = forms.containers.first() {
            let recognised = source(0).and_then(|source| {
                let sample = crate::ingest::columns::ColumnFile::open(*format, source)?.sample()?;
                recognise(&sample, settings)
            });
            forms.recognised = recognised;
        }
        forms
    }
}

/// Columns that are named at most.
const NAMED: usize = 12;

fn named(columns: &[String]) -> String {
    let first: Vec<String> = columns.iter().take(NAMED).map(|column| format!("“{}”", unturned(column))).collect();
    let more = columns.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}
