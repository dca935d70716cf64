//! What mapped fields look like: the kind of each value, the form of ids. Counted while reading.

use serde::{Deserialize, Serialize};

use crate::settings::Role;

/// The kind of a field's value in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldKind {
    Absent,
    Null,
    /// Text without a letter, digit or sign.
    Blank,
    Text,
    /// A number, true or false.
    Literal,
    /// A list or an object.
    Nested,
}

const KINDS: usize = 6;
const ROLES: usize = Role::ALL.len();

/// How many events have each kind of value in each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KindCounts([[u64; KINDS]; ROLES]);

impl KindCounts {
    /// Counts an event; its kinds stand in the order of the roles.
    pub fn add(&mut self, kinds: &[FieldKind; ROLES]) {
        for (counts, kind) in self.0.iter_mut().zip(kinds) {
            counts[*kind as usize] += 1;
        }
    }

    pub fn merge(&mut self, other: &KindCounts) {
        for (mine, other) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            *mine += other;
        }
    }

    pub fn of(&self, role: Role, kind: FieldKind) -> u64 {
        self.0[role as usize][kind as usize]
    }

    /// Events in which the field is missing, null, blank, or a list or object, which cannot stand for a text.
    pub fn empty(&self, role: Role) -> u64 {
        use FieldKind::{Absent, Blank, Nested, Null};
        [Absent, Null, Blank, Nested].iter().map(|kind| self.of(role, *kind)).sum()
    }

    /// Whether the field has values of several kinds: text, literals, lists or objects.
    pub fn is_mixed(&self, role: Role) -> bool {
        use FieldKind::{Literal, Nested, Text};
        [Text, Literal, Nested].iter().filter(|kind| self.of(role, **kind) > 0).count() > 1
    }
}

/// The form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdShape {
    Uuid,
    Digits,
    /// At least 8 hexadecimal digits, a letter among them.
    Hex,
    Email,
    Other,
}

const DIGIT: u8 = 1;
const HEX: u8 = 2;
const HYPHEN: u8 = 4;
const AT: u8 = 8;
const OTHER: u8 = 16;

/// What each byte of an id is. A table, since every record's id goes through it.
const SIGNS: [u8; 256] = {
    let mut signs = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'-' => HYPHEN,
            b'@' => AT,
            _ => OTHER,
        };
        byte += 1;
    }
    signs
};

const SHAPES: [IdShape; 5] = [IdShape::Uuid, IdShape::Digits, IdShape::Hex, IdShape::Email, IdShape::Other];

impl IdShape {
    pub fn of(id: &str) -> IdShape {
        let bytes = id.trim_ascii().as_bytes();
        let seen = bytes.iter().fold(0, |seen, byte| seen | SIGNS[*byte as usize]);
        let hyphens = || [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-');
        match seen {
            DIGIT => IdShape::Digits,
            _ if seen & !(DIGIT | HEX) == 0 && bytes.len() >= 8 => IdShape::Hex,
            _ if bytes.len() == 36 && seen & !(DIGIT | HEX | HYPHEN) == 0 && hyphens() => IdShape::Uuid,
            _ if seen & AT != 0 && bytes[0] != b'@' && id.matches('@').count() == 1 => IdShape::Email,
            _ => IdShape::Other,
        }
    }

    /// The form in words, behind a number of ids.
    pub fn describe(self, count: u64) -> &'static str {
        match (self, count) {
            (IdShape::Uuid, 1) => "UUID",
            (IdShape::Uuid, _) => "UUIDs",
            (IdShape::Digits, _) => "of digits only",
            (IdShape::Hex, _) => "of hexadecimal digits",
            (IdShape::Email, 1) => "e-mail address",
            (IdShape::Email, _) => "e-mail addresses",
            (IdShape::Other, _) => "of another form",
        }
    }

    /// An id of the form `other` may as well be one of this: digits are hexadecimal digits too.
    fn takes_in(self, other: IdShape) -> bool {
        match self {
            IdShape::Hex => matches!(other, IdShape::Hex | IdShape::Digits),
            IdShape::Other => !matches!(other, IdShape::Uuid | IdShape::Email),
            _ => self == other,
        }
    }
}

/// How many ids have each form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShapeCounts([u64; SHAPES.len()]);

impl ShapeCounts {
    pub fn add(&mut self, shape: IdShape) {
        self.0[shape as usize] += 1;
    }

    pub fn merge(&mut self, other: &ShapeCounts) {
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            *mine += other;
        }
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The forms that occur, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (IdShape, u64)> {
        SHAPES.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// The most frequent form, the first of equals.
    pub fn main(&self) -> Option<IdShape> {
        self.iter().max_by_key(|(shape, count)| (*count, std::cmp::Reverse(*shape))).map(|(shape, _)| shape)
    }

    /// Ids that cannot be of the most frequent form, by theirs.
    pub fn strays(&self) -> Vec<(IdShape, u64)> {
        let Some(main) = self.main() else { return Vec::new() };
        self.iter().filter(|(shape, _)| !main.takes_in(*shape)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_forms() {
        let forms = [
            ("3c7a9e10-2b4c-4d3f-9f2b-abcdefabcdef", IdShape::Uuid),
            ("00000000-0000-0000-0000-000000000000", IdShape::Uuid),
            ("12345", IdShape::Digits),
            ("deadbeef", IdShape::Hex),
            ("12345678", IdShape::Digits),
            ("cafe", IdShape::Other),
            ("bob@example.org", IdShape::Email),
            ("@bob", IdShape::Other),
            ("a@b@c", IdShape::Other),
            ("s-ana-1", IdShape::Other),
            ("3c7a9e10-2b4c-4d3f-9f2b-abcdefabcde", IdShape::Other),
            ("", IdShape::Other),
        ];
        for (id, form) in forms {
            assert_eq!(IdShape::of(id), form, "{id}");
        }
    }

    #[test]
    fn strays_cannot_be_of_the_main_form() {
        let counts = |ids: &[(&str, u64)]| {
            let mut counts = ShapeCounts::default();
            ids.iter().for_each(|(id, n)| (0..*n).for_each(|_| counts.add(IdShape::of(id))));
            counts
        };
        // One in fifty random hexadecimal ids of 8 signs has no letter.
        assert_eq!(counts(&[("deadbeef", 49), ("12345678", 1)]).strays(), []);
        assert_eq!(counts(&[("12345678", 49), ("deadbeef", 1)]).strays(), [(IdShape::Hex, 1)]);
        let uuid = "3c7a9e10-2b4c-4d3f-9f2b-abcdefabcdef";
        assert_eq!(counts(&[(uuid, 9), ("17", 2), ("x", 1)]).strays(), [(IdShape::Digits, 2), (IdShape::Other, 1)]);
        assert_eq!(counts(&[("u_1", 9), (uuid, 2), ("17", 1)]).strays(), [(IdShape::Uuid, 2)]);
        assert_eq!((ShapeCounts::default().main(), ShapeCounts::default().strays()), (None, vec![]));
    }

    #[test]
    fn kinds_are_mixed_only_by_values() {
        use FieldKind::{Absent, Blank, Literal, Null, Text};
        let mut counts = KindCounts::default();
        counts.add(&[Text, Literal, Text, Text, Text, Null, Absent, Blank, Absent]);
        counts.add(&[Text, Text, Text, Text, Text, Text, Text, Literal, Absent]);
        let mixed: Vec<Role> = Role::ALL.into_iter().filter(|role| counts.is_mixed(*role)).collect();
        assert_eq!(mixed, [Role::User]);
        let empty = [Role::Id, Role::Css, Role::Text, Role::Value].map(|role| counts.empty(role));
        assert_eq!(empty, [0, 1, 1, 1]);
    }
}
