//! What a mapping makes of a file's first records: for whoever chooses the fields, and for telling whether somebody
//! should.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::engine::wire::as_text;
use crate::ingest::event::Decoder;
use crate::ingest::form::Container;
use crate::ingest::layout::values::is_address;
use crate::ingest::layout::{self, guess};
use crate::ingest::{RejectReason, dates, time};
use crate::settings::mapping::USER_STANDS_IN;
use crate::settings::{Goal, Mapping, Role};

/// Records that are looked at.
const RECORDS: usize = 500;
/// Records of which values are shown.
const SHOWN: usize = 5;
/// Different values of a field that are shown ...
const EXAMPLES: usize = 3;
/// ... with at most so many characters.
const CHARACTERS: usize = 60;
/// Fields that are offered at most.
const FIELDS: usize = 400;
/// Of so many records a field must hold what its role asks for.
const MOST: f64 = 0.9;

/// A file's first records under a mapping.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The file's fields: of a table in their order, of others by their names.
    pub fields: Vec<FieldPreview>,
    /// How sure the field of each role is; nothing of roles without one.
    pub roles: BTreeMap<Role, Confidence>,
    /// Whole records that were looked at.
    pub records: u64,
    /// Of these, those that are events.
    pub events: u64,
    /// Why others are none, in words, the most frequent reason first.
    pub rejected: Vec<(String, u64)>,
    /// What success may be called under this mapping.
    #[serde(with = "as_text")]
    pub goal: Option<Goal>,
}

/// A field of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldPreview {
    pub name: String,
    /// Records that hold something in it.
    pub filled: u64,
    /// How many different values it has.
    pub distinct: u64,
    /// The first different values.
    pub examples: Vec<String>,
    /// What the first records hold in it.
    pub rows: Vec<String>,
}

/// How sure it is that a field plays a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Neither its name nor its values speak for it.
    Unsure,
    /// Its name or its values do.
    Likely,
    /// Both do, or the layout is a known one.
    Sure,
}

impl Preview {
    /// Looks at a file's first bytes, whose last line may be cut off.
    pub fn of(head: &[u8], container: &Container, mapping: &Mapping) -> Preview {
        let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
        if lines.len() > 1 {
            lines.pop();
        }
        if container.has_header() {
            lines.remove(0);
        }
        lines.retain(|line| !line.is_empty());
        lines.truncate(RECORDS);
        let mut preview = Preview::default();
        let mut decoder = Decoder::of(container, mapping);
        let mut reasons: BTreeMap<RejectReason, u64> = BTreeMap::new();
        for line in &lines {
            match decoder.decode(line, &mut |_| {}) {
                Ok(_) => preview.events += 1,
                Err(reason) => *reasons.entry(reason).or_default() += 1,
            }
        }
        preview.records = lines.len() as u64;
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        preview.rejected = reasons.into_iter().map(|(reason, n)| (reason.describe(mapping), n)).collect();
        let names: Vec<String> = match container {
            Container::Table(table) => table.columns.clone(),
            other => other.fields(head).into_iter().collect(),
        };
        let names: Vec<String> = names.into_iter().filter(|name| can_be_named(name)).take(FIELDS).collect();
        preview.fields = fields(&names, &lines, container);
        preview.roles = roles(mapping, &lines, container);
        preview.goal = layout::goal::guess(head, container, mapping);
        preview
    }

    /// Fields that at least half of the records hold something in.
    pub fn common_fields(&self) -> usize {
        self.fields.iter().filter(|field| field.filled * 2 >= self.records).count()
    }

    /// The mapping with a time, with a page and with a user by what the fields hold, where it has none by their names.
    pub fn completed(&self, mut mapping: Mapping) -> Mapping {
        let taken = |name: &str, mapping: &Mapping| Role::ALL.iter().any(|role| mapping.field(*role) == name);
        let is = |role: Role, value: &str| match role {
            Role::Time => value.parse::<f64>().is_err() && dates::in_any_form(value).is_some(),
            _ => is_address(value),
        };
        for role in [Role::Time, Role::Page] {
            let most = |field: &FieldPreview| {
                field.examples.iter().filter(|value| is(role, value)).count() * 2 > field.examples.len()
            };
            let found = self.fields.iter().find(|field| !taken(&field.name, &mapping) && most(field));
            if let (true, Some(field)) = (mapping.field(role).is_empty(), found) {
                mapping.set(role, &field.name);
            }
        }
        // Whoever it was is somebody with a number, and came again.
        let comes_again = |field: &&FieldPreview| {
            let has_digit = |value: &String| value.contains(|char: char| char.is_ascii_digit());
            field.filled == self.records
                && (2..self.records).contains(&field.distinct)
                && field.examples.iter().all(has_digit)
                && !taken(&field.name, &mapping)
        };
        if mapping.user.is_empty()
            && mapping.user_stands_in()
            && let Some(field) = self.fields.iter().find(comes_again)
        {
            mapping.user = field.name.clone();
        }
        mapping
    }

    /// Somebody should look at it before the file is read: a role that an analysis needs is not certain, or too few
    /// records are events.
    pub fn is_unsure(&self, mapping: &Mapping) -> bool {
        let unsure = |role: Role| self.roles.get(&role).is_none_or(|sure| *sure == Confidence::Unsure);
        let who = if mapping.user_stands_in() { Role::User } else { Role::Session };
        self.records > 0 && (unsure(Role::Time) || unsure(Role::Page) || unsure(who) || self.events * 2 < self.records)
    }
}

/// A mapping has another use for such names.
fn can_be_named(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains('|') && name != USER_STANDS_IN
}

/// Reads each field, several at a time: as if it played one of the roles.
fn fields(names: &[String], lines: &[&[u8]], container: &Container) -> Vec<FieldPreview> {
    let mut found = Vec::new();
    for names in names.chunks(Role::ALL.len()) {
        let mut mapping = Mapping::none();
        for (role, name) in Role::ALL.into_iter().zip(names) {
            mapping.set(role, name);
        }
        let mut of: Vec<FieldPreview> =
            names.iter().map(|name| FieldPreview { name: name.clone(), ..FieldPreview::default() }).collect();
        let mut seen = vec![BTreeSet::new(); names.len()];
        let mut decoder = Decoder::of(container, &mapping);
        for (at, line) in lines.iter().enumerate() {
            let Ok(mut record) = decoder.record(line, &mut |_| {}) else { continue };
            for ((role, field), seen) in Role::ALL.into_iter().zip(&mut of).zip(&mut seen) {
                let text = std::mem::take(record.field(role)).text().unwrap_or_default();
                let text = shortened(text.trim());
                if at < SHOWN {
                    field.rows.push(text.clone());
                }
                if !text.is_empty() {
                    field.filled += 1;
                    field.distinct += u64::from(seen.insert(text.clone()));
                    if field.examples.len() < EXAMPLES && !field.examples.contains(&text) {
                        field.examples.push(text);
                    }
                }
            }
        }
        found.append(&mut of);
    }
    found
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

/// How sure the fields of a mapping are, by their names and by what they hold.
fn roles(mapping: &Mapping, lines: &[&[u8]], container: &Container) -> BTreeMap<Role, Confidence> {
    let known = layout::name_of(mapping).is_some() || matches!(container, Container::AccessLog(_));
    let mut decoder = Decoder::of(container, mapping);
    let mut values: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    let mut records = 0;
    for line in lines {
        let Ok(mut record) = decoder.record(line, &mut |_| {}) else { continue };
        records += 1;
        for role in Role::ALL {
            let text = std::mem::take(record.field(role)).text().unwrap_or_default();
            if !text.trim().is_empty() {
                values.entry(role).or_default().push(text.trim().to_string());
            }
        }
    }
    let sure = |role: Role| {
        mapping.alternatives(role).next()?;
        let none = Vec::new();
        let values = values.get(&role).unwrap_or(&none);
        let fits = fits(role, values, records, mapping);
        let called = mapping.alternatives(role).any(|name| guess::is_called(role, name));
        Some(match (known, called, fits) {
            (true, ..) | (_, true, true) => Confidence::Sure,
            // Whatever it is called: no event without a time.
            (_, _, false) if role == Role::Time => Confidence::Unsure,
            (_, true, _) | (_, _, true) => Confidence::Likely,
            _ => Confidence::Unsure,
        })
    };
    Role::ALL.into_iter().filter_map(|role| Some((role, sure(role)?))).collect()
}

/// Whether these values, of so many records, are such as the role has.
fn fits(role: Role, values: &[String], records: usize, mapping: &Mapping) -> bool {
    let share = |is: &dyn Fn(&str) -> bool| {
        values.iter().filter(|value| is(value)).count() as f64 >= MOST * (records.max(1)) as f64
    };
    let distinct = || values.iter().collect::<BTreeSet<_>>().len();
    match role {
        Role::Time => share(&|value| time::parse(value).is_some() || dates::parse(value, mapping.dates).is_some()),
        // They come again, but not the same all the time; of very few records nothing can be said.
        Role::User | Role::Session => !values.is_empty() && (records < 10 || distinct() < values.len()),
        Role::Page => share(&|value| value.parse::<f64>().is_err()) && (records < 10 || distinct() < values.len()),
        Role::Id => distinct() == values.len() && !values.is_empty(),
        Role::Css | Role::Text | Role::Value | Role::Status => !values.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::form;
    use crate::settings::Settings;

    fn preview(head: &str, mapping: &Mapping) -> Preview {
        let container = Container::recognise(head.as_bytes()).unwrap();
        Preview::of(head.as_bytes(), &container, mapping)
    }

    fn recognised(head: &str) -> (Mapping, Preview) {
        let mut settings = Settings::default();
        if let Some(recognised) = form::recognise(head.as_bytes(), &settings).unwrap() {
            recognised.take_over(&mut settings);
        }
        (settings.mapping.clone(), preview(head, &settings.mapping))
    }

    /// Names that say nothing.
    const NAMELESS: &str = "a,b,c\nu1,2025-03-01 10:00:00,/home\nu1,2025-03-01 10:00:09,/cart\nu2,soon,/home\n";

    #[test]
    fn fields_are_shown_with_what_stands_in_them() {
        let mapping = Mapping { session: "a".into(), time: "b".into(), page: "c".into(), ..Mapping::none() };
        let found = preview(NAMELESS, &mapping);
        assert_eq!((found.records, found.events), (3, 2));
        assert_eq!(found.rejected, [("the field “b” holds no readable time".to_string(), 1)]);
        let names: Vec<&str> = found.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!((found.fields[0].filled, found.fields[0].examples.join(" ")), (3, "u1 u2".to_string()));
        let completed = found.completed(Mapping { session: "@user".into(), ..Mapping::none() });
        assert_eq!((&*completed.user, &*completed.time, &*completed.page), ("a", "b", "c"));
        assert_eq!(found.fields[2].rows, ["/home", "/cart", "/home"]);
    }

    #[test]
    fn names_and_values_make_roles_sure() {
        let table = "user_id,when,event_time,path\n1,x,2025-03-01 10:00:00,/a\n1,y,2025-03-01 10:00:09,/b\n";
        let (mapping, found) = recognised(table);
        assert_eq!(mapping.time, "event_time");
        assert_eq!(found.roles[&Role::Time], Confidence::Sure);
        assert!(!found.is_unsure(&mapping));
        let wrong = Mapping { time: "when".into(), ..mapping };
        let found = preview(table, &wrong);
        assert_eq!(found.roles[&Role::Time], Confidence::Unsure);
        assert!(found.is_unsure(&wrong) && found.events == 0);
    }

    #[test]
    fn known_layouts_ask_nothing() {
        let line = r#"{"session_id":"s","user_id":1,"event_time":"2025-02-06 09:00:04","path":"/","css":"a"}"#;
        let (mapping, found) = recognised(&format!("{line}\n{line}\n"));
        assert!(found.roles.values().all(|sure| *sure == Confidence::Sure) && !found.is_unsure(&mapping));
    }

    #[test]
    fn fields_inside_others_are_offered() {
        let line = r#"{"who":{"id":"u"},"ts":1700000000,"what":"x"}"#;
        let head = format!("{line}\n{line}\n");
        let mapping = Mapping {
            user: "who.id".into(),
            session: "@user".into(),
            time: "ts".into(),
            page: "what".into(),
            ..Mapping::none()
        };
        let found = preview(&head, &mapping);
        let id = found.fields.iter().find(|field| field.name == "who.id").unwrap();
        assert_eq!((id.filled, found.events), (2, 2));
    }
}
