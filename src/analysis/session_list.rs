//! The sessions behind a number: all counted, the first ones named.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::dataset::Session;

/// How many sessions a list names, unless all are asked for.
pub const NAMED_SESSIONS: usize = 100;

/// A session by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionRef {
    pub user: String,
    pub session: String,
}

impl SessionRef {
    pub fn of(session: &Session) -> SessionRef {
        SessionRef { session: session.session_id().into(), user: session.user_id().into() }
    }
}

/// Sessions in the order of their first events, then of their names. Every session is counted; the first are named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionList {
    pub count: u64,
    /// By the start of the first event.
    named: BTreeSet<(i64, SessionRef)>,
}

impl SessionList {
    /// Adds a session once; `most` is how many to name.
    pub fn add(&mut self, session: &Session, most: usize) {
        self.count += 1;
        let start_us = session.start_us();
        if self.named.len() >= most && self.named.last().is_none_or(|(last_us, _)| *last_us < start_us) {
            return;
        }
        self.named.insert((start_us, SessionRef::of(session)));
        self.keep(most);
    }

    /// Takes in another partition's list.
    pub fn merge(&mut self, other: SessionList, most: usize) {
        self.count += other.count;
        self.named.extend(other.named);
        self.keep(most);
    }

    fn keep(&mut self, most: usize) {
        while self.named.len() > most {
            self.named.pop_last();
        }
    }

    pub fn named(&self) -> impl Iterator<Item = &SessionRef> {
        self.named.iter().map(|(_, named)| named)
    }
}

/// Sessions with a score and what it rests on. Every session is counted; those with the highest scores are named,
/// equals in the order of their first events, then of their names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedList<T: Ord> {
    pub count: u64,
    named: BTreeSet<(Reverse<i64>, i64, SessionRef, T)>,
}

impl<T: Ord> Default for RankedList<T> {
    fn default() -> Self {
        RankedList { count: 0, named: BTreeSet::new() }
    }
}

impl<T: Ord> RankedList<T> {
    /// Adds a session once; `most` is how many to name. The case is made only for a session that is named. Scores are compared to the millionth, as whole numbers.
    pub fn add(&mut self, session: &Session, score: f64, case: impl FnOnce() -> T, most: usize) {
        self.count += 1;
        let score = Reverse(libm::round(score * 1e6) as i64);
        if self.named.len() >= most && self.named.last().is_none_or(|last| last.0 < score) {
            return;
        }
        self.named.insert((score, session.start_us(), SessionRef::of(session), case()));
        self.keep(most);
    }

    /// Takes in another partition's list.
    pub fn merge(&mut self, other: RankedList<T>, most: usize) {
        self.count += other.count;
        self.named.extend(other.named);
        self.keep(most);
    }

    fn keep(&mut self, most: usize) {
        while self.named.len() > most {
            self.named.pop_last();
        }
    }

    /// The named sessions with their scores, the highest first.
    pub fn named(&self) -> impl Iterator<Item = (f64, &SessionRef, &T)> {
        self.named.iter().map(|(score, _, named, case)| (score.0 as f64 / 1e6, named, case))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three lists of one session each, merged in every order, keep the same two.
    #[test]
    fn the_highest_scores_stay_whatever_the_order() {
        let list = |score: i64, start: i64, name: &str| RankedList::<u64> {
            count: 1,
            named: BTreeSet::from([(Reverse(score), start, SessionRef { user: "u".into(), session: name.into() }, 0)]),
        };
        let lists = [list(1, 0, "low"), list(5, 9, "late"), list(5, 3, "early")];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            let mut all = RankedList::default();
            order.iter().for_each(|index| all.merge(lists[*index].clone(), 2));
            let names: Vec<&str> = all.named().map(|(_, named, _)| named.session.as_str()).collect();
            assert_eq!((all.count, names), (3, vec!["early", "late"]));
        }
    }
}
