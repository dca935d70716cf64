//! Class 16: what the mapped fields hold. Placeholders, personal data, ids of mixed forms.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::merge_counts;
use crate::analysis::personal::{self, Look, PersonalKind};
use crate::dataset::batch::id_hash;
use crate::dataset::dictionary::Texts;
use crate::ingest::shape::{IdShape, ShapeCounts};
use crate::settings::Role;

/// Contents of one partition's fields, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// Events whose field holds a placeholder.
    pub placeholders: BTreeMap<Role, u64>,
    personal: BTreeMap<(PersonalKind, Role), Personal>,
    /// Events with a number that is as long as a card's but is none.
    no_cards: BTreeMap<Role, u64>,
    /// The forms of user ids, and of each session's id; without placeholders and without sessions that stand in
    /// for their user.
    pub user_shapes: ShapeCounts,
    pub session_shapes: ShapeCounts,
}

/// Events with something personal in one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    pub events: u64,
    /// The first line.
    pub line: u32,
}

// What a text is, worked out once for each and then counted by event.
const PLACEHOLDER: u8 = 1;
const EMAIL: u8 = 2;
const CARD: u8 = 4;
const LONG: u8 = 8;
const NO_CARD: u8 = 16;

/// What each text of a partition is.
pub struct Looks {
    placeholders: Placeholders,
    users: Vec<u8>,
    session_ids: Vec<u8>,
    pages: Vec<u8>,
    css: Vec<u8>,
    texts: Vec<u8>,
    values: Vec<u8>,
    /// Nothing is anything, and no event needs to be looked at.
    clean: bool,
}

impl Looks {
    pub fn of(context: &Context) -> Looks {
        let partition = context.partition;
        let placeholders = Placeholders::new(&context.settings.quality.placeholders);
        let flags = |texts: &Texts, role: Role| -> Vec<u8> {
            texts.iter().map(|text| placeholders.flag(text) | personal_flags(text, role)).collect()
        };
        let users = flags(partition.users.texts(), Role::User);
        let session_ids = flags(partition.session_ids.texts(), Role::Session);
        let pages = flags(partition.paths.texts(), Role::Page);
        let css = flags(partition.css.texts(), Role::Css);
        let texts = flags(partition.texts.texts(), Role::Text);
        let values = flags(partition.values.texts(), Role::Value);
        let clean = [&users, &session_ids, &pages, &css, &texts, &values].iter().all(|flags| flags.iter().all(is_none))
            && !partition.events.id_hash.iter().any(|hash| placeholders.is_id(*hash));
        Looks { placeholders, users, session_ids, pages, css, texts, values, clean }
    }
}

impl Contents {
    pub fn of(looks: &Looks, context: &Context) -> Contents {
        let Looks { placeholders, users, session_ids, pages, css, texts, values, clean } = looks;
        let partition = context.partition;
        let mut contents = Contents::default();
        let events = &partition.events;
        context.each_user(&mut |sessions| {
            let names_user = sessions.iter().find(|session| session.user_id() != session.id_in_file());
            if let Some(session) = names_user.filter(|session| users[session.user() as usize] & PLACEHOLDER == 0) {
                contents.user_shapes.add(IdShape::of(session.user_id()));
            }
        });
        context.each_session(&mut |session| {
            let (user, id) = partition.session_keys[session.number() as usize];
            let stands_in = session.user_id() == session.id_in_file();
            if session.is_first_visit() && session_ids[id as usize] & PLACEHOLDER == 0 {
                contents.session_shapes.add(IdShape::of(session.id_in_file()));
            }
            if *clean {
                return;
            }
            let of_user = if stands_in { 0 } else { users[user as usize] };
            let of_session = session_ids[id as usize];
            for row in session.rows() {
                let element = partition.elements[events.element[row] as usize];
                let of_page = pages[events.path[row] as usize];
                let (of_css, of_text) = (css[element.css as usize], texts[element.text as usize]);
                let of_value = values[events.value[row] as usize];
                let of_id = if placeholders.is_id(events.id_hash[row]) { PLACEHOLDER } else { 0 };
                if of_user | of_session | of_page | of_css | of_text | of_value | of_id == 0 {
                    continue;
                }
                let line = events.line[row];
                contents.add(Role::Id, of_id, line);
                contents.add(Role::User, of_user, line);
                contents.add(Role::Session, of_session, line);
                contents.add(Role::Page, of_page, line);
                contents.add(Role::Css, of_css, line);
                contents.add(Role::Text, of_text, line);
                contents.add(Role::Value, of_value, line);
            }
        });
        contents
    }

    fn add(&mut self, role: Role, flags: u8, line: u32) {
        if flags & PLACEHOLDER != 0 {
            *self.placeholders.entry(role).or_default() += 1;
        }
        if flags & NO_CARD != 0 {
            *self.no_cards.entry(role).or_default() += 1;
        }
        let kinds = [(EMAIL, PersonalKind::Email), (CARD, PersonalKind::CardNumber), (LONG, PersonalKind::LongNumber)];
        for (_, kind) in kinds.iter().filter(|(flag, _)| flags & flag != 0) {
            let found = self.personal.entry((*kind, role)).or_insert(Personal { events: 0, line });
            found.events += 1;
            found.line = found.line.min(line);
        }
    }

    pub fn merge(&mut self, other: Contents) {
        merge_counts(&mut self.placeholders, other.placeholders);
        merge_counts(&mut self.no_cards, other.no_cards);
        for (key, found) in other.personal {
            let mine = self.personal.entry(key).or_insert(Personal { events: 0, ..found });
            mine.events += found.events;
            mine.line = mine.line.min(found.line);
        }
        self.user_shapes.merge(&other.user_shapes);
        self.session_shapes.merge(&other.session_shapes);
    }

    /// What looks personal, by kind and field. One in ten numbers is right by Luhn's rule: numbers that are mostly
    /// wrong by it are ids, not cards.
    pub fn personal(&self) -> impl Iterator<Item = (PersonalKind, Role, Personal)> {
        let are_cards = |role: &Role, found: &Personal| found.events >= self.no_cards.get(role).copied().unwrap_or(0);
        self.personal
            .iter()
            .filter(move |((kind, role), found)| *kind != PersonalKind::CardNumber || are_cards(role, found))
            .map(|((kind, role), found)| (*kind, *role, *found))
    }
}

fn is_none(flags: &u8) -> bool {
    *flags == 0
}

/// What is looked for depends on the field: ids are often long numbers, and numbers in paths and selectors often ids.
fn personal_flags(text: &str, role: Role) -> u8 {
    if matches!(role, Role::User | Role::Session) && !personal::has_at(text) {
        return 0;
    }
    let mut flags = 0;
    for (_, look) in personal::find(text) {
        flags |= match look {
            Look::Personal(PersonalKind::Email) => EMAIL,
            Look::Personal(PersonalKind::CardNumber) => CARD,
            Look::Personal(PersonalKind::LongNumber) => LONG,
            Look::NoCard if matches!(role, Role::Text | Role::Value) => NO_CARD | LONG,
            Look::NoCard => NO_CARD,
        };
    }
    match role {
        Role::Text | Role::Value => flags,
        Role::Page | Role::Css => flags & !LONG,
        _ => flags & EMAIL,
    }
}

/// The words that stand for nothing known.
struct Placeholders {
    lower: HashSet<String>,
    longest: usize,
    /// Hashes of the usual spellings, sorted: of records' ids only hashes are kept.
    hashes: Vec<u64>,
    /// A bit for the last 12 bits of each hash. Nearly every id is settled by it.
    bits: [u64; 64],
}

impl Placeholders {
    fn new(words: &[String]) -> Placeholders {
        let lower: HashSet<String> = words.iter().map(|word| word.trim().to_lowercase()).collect();
        let zeros = ["00000000-0000-0000-0000-000000000000".to_string()];
        let spellings = lower.iter().chain(words).chain(&zeros).flat_map(|word| {
            let mut first = word.chars();
            let capital = first.next().map(|char| char.to_uppercase().chain(first).collect::<String>());
            [Some(word.clone()), Some(word.to_uppercase()), capital].into_iter().flatten()
        });
        let mut hashes: Vec<u64> = spellings.map(|word| id_hash(&word)).filter(|hash| *hash > 0).collect();
        hashes.extend([id_hash("NaN"), id_hash("[object Object]")].into_iter().filter(|_| !lower.is_empty()));
        hashes.sort_unstable();
        hashes.dedup();
        let mut bits = [0; 64];
        for hash in &hashes {
            bits[(hash >> 6 & 63) as usize] |= 1 << (hash & 63);
        }
        Placeholders { longest: lower.iter().map(String::len).max().unwrap_or(0), lower, hashes, bits }
    }

    fn flag(&self, text: &str) -> u8 {
        let text = text.trim();
        let zeros = text.len() == 36 && text.bytes().all(|byte| matches!(byte, b'0' | b'-'));
        let word = text.len() <= self.longest && self.lower.contains(&text.to_lowercase());
        if zeros || word { PLACEHOLDER } else { 0 }
    }

    fn is_id(&self, hash: u64) -> bool {
        self.bits[(hash >> 6 & 63) as usize] >> (hash & 63) & 1 == 1 && self.hashes.binary_search(&hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn placeholders_are_whole_and_in_any_case() {
        let placeholders = Placeholders::new(&Settings::default().quality.placeholders);
        for text in ["null", "NULL", " undefined ", "N/A", "[object Object]", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(placeholders.flag(text), PLACEHOLDER, "{text}");
        }
        for text in ["", "nullable", "test user", "0", "00000000-0000-0000-0000-000000000001"] {
            assert_eq!(placeholders.flag(text), 0, "{text}");
        }
        for id in ["null", "NULL", "Null", "NaN", "[object Object]", "00000000-0000-0000-0000-000000000000"] {
            assert!(placeholders.is_id(id_hash(id)), "{id}");
        }
        assert!(!placeholders.is_id(0));
    }

    #[test]
    fn long_numbers_are_looked_for_in_texts_and_values_only() {
        assert_eq!(personal_flags("030 1234567", Role::Text), LONG);
        assert_eq!(personal_flags("/orders/0301234567", Role::Page), 0);
        assert_eq!(personal_flags("4111111111111111", Role::Page), CARD);
        assert_eq!(personal_flags("4111111111111111", Role::User), 0);
        assert_eq!(personal_flags("4111111111111112", Role::Value), NO_CARD | LONG);
    }

    #[test]
    fn numbers_that_are_mostly_no_cards_are_none() {
        let mut contents = Contents::default();
        contents.add(Role::Page, CARD, 7);
        contents.add(Role::Page, CARD, 3);
        let card = (PersonalKind::CardNumber, Role::Page, Personal { events: 2, line: 3 });
        assert_eq!(contents.personal().collect::<Vec<_>>(), [card]);
        for line in 0..3 {
            contents.add(Role::Page, NO_CARD, line);
        }
        assert_eq!(contents.personal().count(), 0);
    }
}
