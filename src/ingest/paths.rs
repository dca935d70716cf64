//! Fields that are not simply there by one name: inside objects and lists, or by several names that are tried in their
//! order, see [`Mapping`].

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::ingest::json::{Field, Record};
use crate::ingest::raw_json;
use crate::ingest::shape::FieldKind;
use crate::settings::{Mapping, Role};

/// The fields of a mapping as a tree of names.
#[derive(Debug, Default)]
pub struct Paths {
    roots: Vec<Node>,
}

/// A field: which roles it may play, and which of the fields inside it may.
#[derive(Debug, Default)]
pub struct Node {
    name: String,
    /// Each with its place among the names that are tried.
    targets: Vec<(Role, u8)>,
    inner: Vec<Node>,
}

impl Paths {
    pub fn of(mapping: &Mapping) -> Paths {
        let mut roots = Vec::new();
        for role in Role::ALL {
            for (rank, path) in mapping.alternatives(role).take(usize::from(NONE)).enumerate() {
                add(&mut roots, path, (role, rank as u8));
            }
        }
        Paths { roots }
    }

    /// Where the field with this name is, for [`Paths::at`].
    pub fn root_at(&self, name: &str) -> Option<usize> {
        self.roots.iter().position(|node| node.name == name)
    }

    pub fn at(&self, root: usize) -> &Node {
        &self.roots[root]
    }

    /// The field with this name on the record itself.
    pub fn root(&self, name: &str) -> Option<&Node> {
        self.roots.iter().find(|node| node.name == name)
    }
}

impl Node {
    /// The roles that the field plays, if no field inside it plays any.
    pub fn plain_roles(&self) -> Option<impl Iterator<Item = Role>> {
        self.inner.is_empty().then(|| self.targets.iter().map(|(role, _)| *role))
    }
}

/// A name with dots may be a name of its own, or lead inside.
fn add(nodes: &mut Vec<Node>, path: &str, target: (Role, u8)) {
    node(nodes, path).targets.push(target);
    if let Some((outer, inner)) = path.split_once('.') {
        add(&mut node(nodes, outer).inner, inner, target);
    }
}

fn node<'n>(nodes: &'n mut Vec<Node>, name: &str) -> &'n mut Node {
    let at = nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        nodes.push(Node { name: name.into(), ..Node::default() });
        nodes.len() - 1
    });
    &mut nodes[at]
}

/// No name has been found.
const NONE: u8 = u8::MAX;

/// A record while its fields are found.
pub struct Filling<'a> {
    record: Record<'a>,
    /// By role: the place of the name that was found, among those that are tried.
    ranks: [u8; Role::ALL.len()],
}

impl Default for Filling<'_> {
    fn default() -> Self {
        Filling { record: Record::default(), ranks: [NONE; Role::ALL.len()] }
    }
}

/// What a field of a table holds.
pub fn of_table(text: Cow<str>) -> Field {
    // What programs write for nothing.
    match text.as_ref() {
        "NULL" | "null" | "\\N" | "NaN" | "nan" => Field::Null,
        _ => Field::Text(text),
    }
}

impl<'a> Filling<'a> {
    pub fn record(self) -> Record<'a> {
        self.record
    }

    /// Takes the text of a field, as CSV has it; fields inside it are looked for if it holds JSON.
    pub fn text(&mut self, node: &Node, text: Cow<'a, str>) {
        let field = of_table(text);
        if !node.inner.is_empty()
            && let Field::Text(text) = &field
        {
            self.inside(node, text);
        }
        self.put(node, field);
    }

    /// Takes the value of a field, as JSON writes it.
    pub fn value(&mut self, node: &Node, raw: &'a str) {
        let field = raw_json::field(raw);
        if !node.inner.is_empty() && field == Field::Nested {
            self.fields(node, raw);
        }
        self.field(node, field);
    }

    /// Takes the value of a field; fields inside it are looked for if it is a text that holds JSON.
    pub fn field(&mut self, node: &Node, field: Field<'a>) {
        if !node.inner.is_empty()
            && let Field::Text(text) = &field
        {
            self.inside(node, text);
        }
        self.put(node, field);
    }

    /// Looks into JSON that is written as a text.
    fn inside(&mut self, node: &Node, text: &str) {
        if !text.trim_start().starts_with(['{', '[']) {
            return;
        }
        let mut inner = Filling::default();
        inner.fields(node, text.trim());
        for role in Role::ALL {
            let rank = inner.ranks[role as usize];
            if rank != NONE {
                let field = std::mem::take(inner.record.field(role));
                self.put_one(role, rank, owned(field));
            }
        }
    }

    /// Looks into an object, or into a list of pairs of a key and a value.
    fn fields(&mut self, node: &Node, raw: &'a str) {
        let inner = |name: &str| node.inner.iter().find(|node| node.name == name);
        if raw.starts_with('{') {
            let _ = raw_json::read_raw(raw, &mut |name, value| {
                if let Some(node) = inner(name) {
                    self.value(node, value);
                }
            });
            return;
        }
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw) else { return };
        for item in items {
            let (mut key, mut value) = (None, None);
            let _ = raw_json::read_raw(item.get(), &mut |name, found| match name {
                "key" => key = raw_json::field(found).text(),
                "value" => value = Some(found),
                _ => {}
            });
            if let (Some(node), Some(value)) = (key.and_then(|key| inner(&key)), value) {
                self.value(node, one_of(value));
            }
        }
    }

    fn put(&mut self, node: &Node, field: Field<'a>) {
        let Some(((role, rank), others)) = node.targets.split_last() else { return };
        others.iter().for_each(|(role, rank)| self.put_one(*role, *rank, field.clone()));
        self.put_one(*role, *rank, field);
    }

    /// Of the names that are tried the first with a value counts; of a field that occurs twice the last.
    fn put_one(&mut self, role: Role, rank: u8, field: Field<'a>) {
        let has_value = matches!(field.kind(), FieldKind::Text | FieldKind::Literal);
        let best = &mut self.ranks[role as usize];
        let place = self.record.field(role);
        if has_value && rank <= *best {
            *best = rank;
            *place = field;
        } else if *best == NONE && *place == Field::Absent {
            *place = field;
        }
    }
}

/// What stands in an object of which one field has a value, as BigQuery writes values of several types; otherwise the
/// value itself.
fn one_of(raw: &str) -> &str {
    let mut found = None;
    if raw.starts_with('{') {
        let _ = raw_json::read_raw(raw, &mut |_, value| {
            if found.is_none() && value != "null" {
                found = Some(value);
            }
        });
    }
    found.unwrap_or(raw)
}

fn owned(field: Field<'_>) -> Field<'static> {
    match field {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Nested => Field::Nested,
        Field::Text(text) => Field::Text(Cow::Owned(text.into_owned())),
        Field::Literal(text) => Field::Literal(Cow::Owned(text.into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::Reader;

    fn found(mapping: &[(Role, &str)], line: &str) -> Vec<String> {
        let mut all = Mapping::none();
        mapping.iter().for_each(|(role, field)| all.set(*role, field));
        let mut record = Reader::new(&all).read(line.as_bytes(), &mut |_| {}).unwrap();
        let text = |role: &Role| std::mem::take(record.field(*role)).text().unwrap_or_default().into_owned();
        mapping.iter().map(|(role, _)| role).map(text).collect()
    }

    #[test]
    fn fields_inside_objects_and_lists_are_found() {
        let line = r#"{"a.b": "exact", "p": {"$s": "s1", "q": {"path": "/x"}},
            "params": [{"key": "id", "value": {"string_value": null, "int_value": "7"}}, {"key": "v", "value": 3}],
            "text": "{\"inner\": \"deep\"}"}"#;
        let mapping = [
            (Role::Id, "a.b"),
            (Role::Session, "p.$s"),
            (Role::Page, "p.q.path"),
            (Role::User, "params.id"),
            (Role::Value, "params.v"),
            (Role::Text, "text.inner"),
        ];
        assert_eq!(found(&mapping, line), ["exact", "s1", "/x", "7", "3", "deep"]);
    }

    #[test]
    fn the_first_name_with_a_value_counts() {
        let mapping = [(Role::User, "user | device|x"), (Role::Page, "device")];
        assert_eq!(found(&mapping, r#"{"x": "3", "device": "2", "user": "1"}"#), ["1", "2"]);
        assert_eq!(found(&mapping, r#"{"user": null, "x": "3", "device": "2"}"#), ["2", "2"]);
        assert_eq!(found(&mapping, r#"{"user": " ", "x": "3"}"#), ["3", ""]);
        // As in simple mappings, of a field that occurs twice the last value.
        assert_eq!(found(&mapping, r#"{"user": "1", "user": "4"}"#), ["4", ""]);
    }
}
