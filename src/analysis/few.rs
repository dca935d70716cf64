//! Something for each of the keys that one session or one user has, of which there are mostly few.

use std::hash::Hash;

use hashbrown::HashMap;

/// So many keys are looked through; more are found by their hashes.
const FEW: usize = 24;

/// Entries by key, in the order in which they came. It is emptied and filled again for one session after the other.
pub struct Few<K, V> {
    entries: Vec<(K, V)>,
    /// The places of all, once there are more than [`FEW`].
    places: HashMap<K, usize>,
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Few { entries: Vec::new(), places: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash, V: Default> Few<K, V> {
    pub fn clear(&mut self) {
        self.entries.clear();
        self.places.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// The entry of a key, a new one if there was none.
    pub fn of(&mut self, key: K) -> &mut V {
        let place = self.place(&key).unwrap_or_else(|| self.push(key));
        &mut self.entries[place].1
    }

    /// Adds a key; false if it was there.
    pub fn insert(&mut self, key: K) -> bool {
        let is_new = self.place(&key).is_none();
        if is_new {
            self.push(key);
        }
        is_new
    }

    fn place(&self, key: &K) -> Option<usize> {
        match self.entries.len() <= FEW {
            true => self.entries.iter().position(|(other, _)| other == key),
            false => self.places.get(key).copied(),
        }
    }

    fn push(&mut self, key: K) -> usize {
        let place = self.entries.len();
        self.entries.push((key, V::default()));
        match place {
            0..FEW => {}
            FEW => self.places.extend(self.entries.iter().zip(0..).map(|((key, _), place)| (*key, place))),
            _ => _ = self.places.insert(key, place),
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whether_they_are_few_or_many() {
        let mut few: Few<u32, u32> = Few::default();
        for round in 1..=2 {
            for n in [1, FEW as u32, FEW as u32 + 1, 500] {
                (0..n).chain(0..n).for_each(|key| *few.of(key * 7) += key);
                assert!(
                    few.iter().map(|(key, sum)| (*key, *sum)).eq((0..n).map(|key| (key * 7, 2 * key))),
                    "{round} {n}"
                );
                assert!(!few.insert(0) && few.insert(1) && !few.insert(1));
                few.clear();
            }
        }
    }
}
