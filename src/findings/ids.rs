//! Ids of sessions, as short as tells them apart.

use crate::order::sort_by;

/// Characters of a shortened id, unless more are needed.
pub const SHORT_ID: usize = 8;

/// Ids that stand together, in order and each once.
pub struct Ids(Vec<String>);

impl Ids {
    pub fn new(ids: impl Iterator<Item = String>) -> Ids {
        let mut ids: Vec<String> = ids.collect();
        sort_by(&mut ids, Ord::cmp);
        ids.dedup();
        Ids(ids)
    }

    /// How many characters tell one of them from the others.
    pub fn telling_length(&self, id: &str) -> usize {
        let at = self.0.partition_point(|other| other.as_str() < id);
        let alike = |other: &String| other.chars().zip(id.chars()).take_while(|(a, b)| a == b).count();
        let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| self.0.get(at));
        neighbours.map(|other| alike(other) + 1).fold(SHORT_ID, usize::max)
    }
}
