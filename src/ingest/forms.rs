//! What files that are opened together are: by which of them all are read, and which do not belong to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
use crate::ingest::columns::{ColumnFile, ColumnFormat, Source};
use crate::ingest::form::{Container, Recognised, in_order_of_dates, recognise};
use crate::ingest::layout::{self, Layout};
use crate::ingest::packing::Packing;
use crate::ingest::preview::Preview;
use crate::ingest::sniff::FileProblem;
use crate::settings::{Mapping, Role, Settings};

/// What files that are opened together are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forms {
    /// How each is packed, if it is: it has to be unpacked before the rest holds.
    pub packings: Vec<Option<Packing>>,
    /// How records stand in each. What no file is will be told when it is read.
    pub containers: Vec<Container>,
    /// The names of the fields of each, as far as its first bytes tell, or why it holds no events.
    pub fields: Vec<Result<BTreeSet<String>, FileProblem>>,
    /// The file by which all are read: the first whose fields are known, or else the first that may hold events.
    pub leading: usize,
    /// What it was recognised as, see [`recognise`].
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

/// A file that was opened with others and is not of one data set with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    pub name: String,
    pub problem: FileProblem,
}

/// Files of one data set, each with how its records stand; and those left out.
type Parted<F> = (Vec<(F, Container)>, Vec<LeftOut>);

impl Forms {
    /// Looks at the first bytes of each.
    pub fn of(heads: &[Vec<u8>], settings: &Settings) -> Forms {
        let found: Vec<_> = heads.iter().map(|head| Container::recognise(head)).collect();
        let fields: Vec<_> = found
            .iter()
            .zip(heads)
            .map(|(found, head)| match found {
                Ok(container) => Ok(container.fields(head)),
                // There is nothing in it, but nothing is wrong with it either.
                Err(FileProblem::Empty) => Ok(BTreeSet::new()),
                Err(problem) => Err(problem.clone()),
            })
            .collect();
        let holds = |at: &usize| !heads[*at].is_empty();
        let files = || (0..heads.len()).filter(holds);
        let has_records = |at: usize| {
            let header = found[at].as_ref().is_ok_and(Container::has_header);
            let lines = heads[at].split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            fields[at].is_ok() && lines.take(2).count() > usize::from(header)
        };
        let leading = match heads.len() {
            1 => 0,
            _ => files()
                .max_by_key(|at| (has_records(*at), likeness(&fields[*at], settings), std::cmp::Reverse(*at)))
                .unwrap_or(0),
        };
        let mut forms = Forms {
            packings: heads.iter().map(|head| Packing::of(head)).collect(),
            containers: found.into_iter().map(Result::unwrap_or_default).collect(),
            fields,
            leading,
            recognised: Ok(None),
            proposal: None,
        };
        if let Some(head) = heads.get(leading).filter(|head| !head.is_empty()) {
            forms.recognised = recognise(head, settings);
            if let Ok(Some(recognised)) = &mut forms.recognised
                && recognised.goal.is_none()
                && !recognised.mapping.is_alike(&Mapping::default())
            {
                let belongs = |at: &usize| {
                    forms.fields[*at].as_ref().is_ok_and(|fields| layout::suits(fields, &recognised.mapping))
                };
                let mut others = files().filter(|at| *at != leading).filter(belongs);
                recognised.goal =
                    others.find_map(|at| layout::goal::guess(&heads[at], &forms.containers[at], &recognised.mapping));
            }
            forms.proposal = propose(head, settings, &forms.recognised);
        }
        forms
    }

    /// Says why a file could not even be unpacked.
    pub fn set_problem(&mut self, file: usize, problem: FileProblem) {
        self.packings[file] = None;
        self.fields[file] = Err(problem);
    }

    /// The files that are one data set, read by this mapping, each with how its records stand; and those left out. Of
    /// several files none of which can hold events, the first says why.
    pub fn part<F>(
        &self,
        files: Vec<F>,
        name: impl Fn(&F) -> String,
        mapping: &Mapping,
    ) -> Result<Parted<F>, FileProblem> {
        if let ([_, _, ..], Some(Err(problem))) = (&files[..], self.fields.get(self.leading)) {
            let name = name(&files[self.leading]);
            return Err(FileProblem::In { name, problem: Box::new(problem.clone()) });
        }
        let (mut belonging, mut left_out) = (Vec::new(), Vec::new());
        for ((file, container), why) in files.into_iter().zip(&self.containers).zip(self.left_out(mapping)) {
            match why {
                Some(problem) => left_out.push(LeftOut { name: name(&file), problem }),
                None => belonging.push((file, container.clone())),
            }
        }
        Ok((belonging, left_out))
    }

    /// Why each file is left out that is not of one data set with the leading one, which is read by this mapping: it holds
    /// no events, or its records have other fields. A file that is alone is read, and told of then.
    fn left_out(&self, mapping: &Mapping) -> Vec<Option<FileProblem>> {
        let why = |(at, fields): (usize, &Result<BTreeSet<String>, FileProblem>)| match fields {
            _ if at == self.leading => None,
            Err(problem) => Some(problem.clone()),
            Ok(fields) if fields.is_empty() || layout::suits(fields, mapping) => None,
            Ok(_) => Some(FileProblem::OtherFields),
        };
        self.fields.iter().enumerate().map(why).collect()
    }
}

/// How much a file with these fields looks like one of events, from not at all on.
fn likeness(fields: &Result<BTreeSet<String>, FileProblem>, settings: &Settings) -> u8 {
    let Ok(fields) = fields else { return 0 };
    match layout::recognise(fields) {
        _ if layout::suits(fields, &settings.mapping) => 3,
        Some(found) if found.layout.is_some() => 3,
        Some(_) => 2,
        None => 1,
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

/// As [`Forms::of`], of files of which some hold columns: these are recognised by their first rows.
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
impl Forms {
    pub fn with_columns(
        heads: &[Vec<u8>],
        settings: &Settings,
        mut source: impl FnMut(usize) -> Result<Box<dyn Source>, FileProblem>,
    ) -> Forms {
        let sampled: Vec<_> = heads.iter().enumerate().map(|(at, head)| sample(head, || source(at))).collect();
        let rows = |(head, sampled): (&Vec<u8>, &Option<Result<Vec<u8>, FileProblem>>)| match sampled {
            Some(Ok(rows)) => rows.clone(),
            Some(Err(_)) => Vec::new(),
            None => head.clone(),
        };
        let lines: Vec<Vec<u8>> = heads.iter().zip(&sampled).map(rows).collect();
        let mut forms = Forms::of(&lines, settings);
        for (at, (head, sampled)) in heads.iter().zip(sampled).enumerate() {
            forms.packings[at] = Packing::of(head);
            if let Some(format) = ColumnFormat::of(head) {
                forms.containers[at] = Container::Columns(format);
            }
            if let Some(Err(problem)) = sampled {
                if heads.len() == 1 {
                    forms.recognised = Err(problem.clone());
                }
                forms.fields[at] = Err(problem);
            }
        }
        forms
    }
}

/// The first rows of a file of columns as lines; `None` if it is none.
#[cfg(any(not(target_arch = "wasm32"), feature = "columns"))]
pub fn sample(
    head: &[u8],
    source: impl FnOnce() -> Result<Box<dyn Source>, FileProblem>,
) -> Option<Result<Vec<u8>, FileProblem>> {
    let format = ColumnFormat::of(head)?;
    Some(source().and_then(|source| ColumnFile::open(format, source)?.sample()))
}

/// What somebody says of a file's fields, whatever they are called.
#[derive(Clone, Debug, Default)]
pub struct SaidFields {
    pub layout: Option<&'static Layout>,
    /// Over the layout's, or over those that the file was recognised by.
    pub roles: Vec<(Role, String)>,
}

impl SaidFields {
    /// How the leading file is read: `None` if nothing was said. What is missing is an error, as it is without them.
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
