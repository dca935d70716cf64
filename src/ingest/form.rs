//! What a file is, by its first bytes: lines of JSON or a table, and which field plays which role.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::wire::as_text;
use crate::ingest::access_log::{self, LogForm};
use crate::ingest::columns::ColumnFormat;
use crate::ingest::delimited::Table;
use crate::ingest::event::{Decoder, unturned};
use crate::ingest::layout::{self, Layout};
use crate::ingest::packing::Packing;
use crate::ingest::preview::Preview;
use crate::ingest::sniff::{FileProblem, sniff};
use crate::settings::mapping::DateOrder;
use crate::settings::{Goal, Mapping, Role, Settings};

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

/// What files that are opened together are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forms {
    /// How each is packed, if it is: it has to be unpacked before the rest holds.
    pub packings: Vec<Option<Packing>>,
    /// How records stand in each.
    pub containers: Vec<Container>,
    /// What the first was recognised as, see [`recognise`].
    pub recognised: Result<Option<Recognised>, FileProblem>,
    /// Where somebody should look at it first: what its fields may be.
    pub proposal: Option<Proposal>,
}

/// Which field may play which role, and what would come of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub mapping: Mapping,
    pub preview: Preview,
}

impl Forms {
    /// Looks at the first bytes of each. What no file is will be told when it is read.
    pub fn of(heads: &[Vec<u8>], settings: &Settings) -> Forms {
        Forms {
            packings: heads.iter().map(|head| Packing::of(head)).collect(),
            containers: heads.iter().map(|head| Container::recognise(head).unwrap_or_default()).collect(),
            recognised: Ok(None),
            proposal: None,
        }
        .of_first(heads.iter().find(|head| !head.is_empty()), settings)
    }

    /// With what the first file is by its head.
    fn of_first(mut self, head: Option<&Vec<u8>>, settings: &Settings) -> Forms {
        if let Some(head) = head {
            self.recognised = recognise(head, settings);
            self.proposal = propose(head, settings, &self.recognised);
        }
        self
    }
}

/// A table needs as many columns to tell who did what when.
const NEEDED_FIELDS: usize = 3;

/// What the fields of a file may be that begins with these bytes, where it is not certain.
fn propose(head: &[u8], settings: &Settings, recognised: &Result<Option<Recognised>, FileProblem>) -> Option<Proposal> {
    let container = Container::recognise(head).ok()?;
    let fields = container.fields(head);
    if fields.len() < NEEDED_FIELDS || layout::suits(&fields, &settings.mapping) {
        return None;
    }
    if let Ok(Some(recognised)) = recognised {
        let preview = Preview::of(head, &container, &recognised.mapping);
        let unsure = layout::name_of(&recognised.mapping).is_none() && preview.is_unsure(&recognised.mapping);
        return unsure.then(|| Proposal { mapping: recognised.mapping.clone(), preview });
    }
    let mapping = layout::guess::best(&fields);
    let first = Preview::of(head, &container, &mapping);
    // Records that have next to nothing in common are no events, whatever is chosen.
    if first.common_fields() < NEEDED_FIELDS {
        return None;
    }
    let mapping = in_order_of_dates(first.completed(mapping), head, &container);
    let preview = Preview::of(head, &container, &mapping);
    Some(Proposal { mapping, preview })
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

/// The first rows of a file of columns as lines; `None` if it is none.
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
pub fn sample(
    head: &[u8],
    source: impl FnOnce() -> Result<Box<dyn crate::ingest::columns::Source>, FileProblem>,
) -> Option<Result<Vec<u8>, FileProblem>> {
    let format = ColumnFormat::of(head)?;
    Some(source().and_then(|source| crate::ingest::columns::ColumnFile::open(format, source)?.sample()))
}

/// What somebody says of a file's fields, whatever they are called.
#[derive(Clone, Debug, Default)]
pub struct SaidFields {
    pub layout: Option<&'static Layout>,
    /// Over the layout's, or over those that the file was recognised by.
    pub roles: Vec<(Role, String)>,
}

impl SaidFields {
    /// How the first file is read: `None` if nothing was said. What is missing is an error, as it is without them.
    pub fn recognise(&self, forms: &Forms, settings: &Settings) -> Result<Option<Recognised>, FileProblem> {
        if self.layout.is_none() && self.roles.is_empty() {
            return forms.recognised.clone();
        }
        let found = forms.recognised.as_ref().ok().and_then(Option::as_ref);
        let proposed = || forms.proposal.as_ref().map(|proposal| &proposal.mapping);
        let mut mapping = match (self.layout, found) {
            (Some(layout), _) => layout.mapping(),
            (None, Some(found)) => found.mapping.clone(),
            (None, None) => proposed().unwrap_or(&settings.mapping).clone(),
        };
        for (role, field) in &self.roles {
            // A field has one role: it is not any more what it was taken for.
            let others = Role::ALL.into_iter().filter(|other| other != role && mapping.field(*other) == field);
            others.collect::<Vec<_>>().into_iter().for_each(|other| mapping.set(other, ""));
            mapping.set(*role, field);
        }
        let is_missing = |role: &Role| mapping.field(*role).is_empty();
        if [Role::Session, Role::Time, Role::Page].iter().any(is_missing) {
            forms.recognised.clone()?;
        }
        let goal = found.and_then(|found| found.goal.clone());
        Ok(Some(Recognised { mapping, goal }))
    }
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
        match heads.first().and_then(|head| sample(head, || source(0))) {
            Some(Ok(sample)) => forms = forms.of_first(Some(&sample), settings),
            Some(Err(problem)) => forms.recognised = Err(problem),
            None => {}
        }
        forms
    }
}

/// The mapping with the order of day and month by which more of the first records have a time; where both do, its own.
fn in_order_of_dates(mapping: Mapping, head: &[u8], container: &Container) -> Mapping {
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
