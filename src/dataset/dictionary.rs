//! Texts kept once, each known by a small number.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use crate::dataset::column::Column;
use crate::ingest::bytes::same;

/// A text's hash: the same for all workers of one program, not between programs.
pub fn hash(text: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// Distinct texts, numbered in the order in which they came.
#[derive(Default)]
pub struct Dictionary {
    texts: Texts,
    numbers: HashTable<Entry>,
}

/// A text's number with a part of its hash, which settles nearly every comparison.
#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    number: u32,
}

impl Entry {
    /// The hash as the table wants it: it looks at the first bits and at the last.
    fn spread(hash: u32) -> u64 {
        u64::from(hash) << 32 | u64::from(hash)
    }
}

/// Texts of so many bytes grow by a quarter when they are full, not to the double: what they leave is too small for
/// their next place, and lies idle.
const LARGE: usize = 1 << 20;

/// The texts alone, as they are sent to another partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// All texts, one behind the other.
    joined: String,
    /// Where each text ends in `joined`.
    ends: Column<usize>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn range(&self, number: u32) -> std::ops::Range<usize> {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        start..self.ends[number]
    }

    /// The text with this number.
    pub fn get(&self, number: u32) -> &str {
        &self.joined[self.range(number)]
    }

    /// Its bytes, which cost less to get at.
    pub fn bytes(&self, number: u32) -> &[u8] {
        &self.joined.as_bytes()[self.range(number)]
    }

    /// All texts in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number as u32))
    }

    /// About as many bytes as they take.
    pub fn memory_bytes(&self) -> usize {
        self.joined.len() + self.ends.len() * size_of::<usize>()
    }

    /// Adds a text, whether it is there or not.
    pub fn push(&mut self, text: &str) {
        let (len, room) = (self.joined.len(), self.joined.capacity());
        if room - len < text.len() && len >= LARGE {
            self.joined.reserve_exact(text.len() + len / 4);
        }
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
    }
}

impl Dictionary {
    /// The number of `text`, a new one if it was not known.
    pub fn number(&mut self, text: &str) -> u32 {
        let hash = hash(text.as_bytes()) as u32;
        let texts = &self.texts;
        let is_it = |entry: &Entry| entry.hash == hash && same(texts.bytes(entry.number), text.as_bytes());
        if let Some(entry) = self.numbers.find(Entry::spread(hash), is_it) {
            return entry.number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 different texts");
        self.texts.push(text);
        self.numbers.insert_unique(Entry::spread(hash), Entry { hash, number }, |entry| Entry::spread(entry.hash));
        number
    }

    /// Takes in another's texts; the result maps its numbers to this dictionary's.
    pub fn merge(&mut self, others: &Texts) -> Vec<u32> {
        others.iter().map(|text| self.number(text)).collect()
    }

    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The memory that it takes.
    pub fn memory_bytes(&self) -> usize {
        self.texts.joined.capacity() + self.texts.ends.capacity() * size_of::<usize>() + self.numbers.allocation_size()
    }

    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_kept_once() {
        let mut dictionary = Dictionary::default();
        assert_eq!(["a", "", "b", "a", ""].map(|text| dictionary.number(text)), [0, 1, 2, 0, 1]);
        assert_eq!(dictionary.texts().iter().collect::<Vec<_>>(), ["a", "", "b"]);
        let mut other = Dictionary::default();
        other.number("b");
        assert_eq!(other.merge(dictionary.texts()), [1, 2, 0]);
    }
}
