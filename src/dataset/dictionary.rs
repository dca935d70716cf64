//! Texts kept once, each known by a small number.

use hashbrown::HashTable;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// Distinct texts, numbered in the order in which they came.
#[derive(Default)]
pub struct Dictionary {
    texts: Texts,
    numbers: HashTable<u32>,
}

/// The texts alone, as they are sent to another partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// All texts, one behind the other.
    joined: String,
    /// Where each text ends in `joined`.
    ends: Vec<usize>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text with this number.
    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.joined[start..self.ends[number]]
    }

    /// All texts in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number as u32))
    }
}

impl Dictionary {
    /// The number of `text`, a new one if it was not known.
    pub fn number(&mut self, text: &str) -> u32 {
        let hash = xxh3_64(text.as_bytes());
        let texts = &self.texts;
        if let Some(number) = self.numbers.find(hash, |number| texts.get(*number) == text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 different texts");
        self.texts.joined.push_str(text);
        self.texts.ends.push(self.texts.joined.len());
        let texts = &self.texts;
        self.numbers.insert_unique(hash, number, |number| xxh3_64(texts.get(*number).as_bytes()));
        number
    }

    /// Takes in another's texts; the result maps its numbers to this dictionary's.
    pub fn merge(&mut self, others: &Texts) -> Vec<u32> {
        others.iter().map(|text| self.number(text)).collect()
    }

    pub fn texts(&self) -> &Texts {
        &self.texts
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
