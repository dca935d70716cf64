//! Groups of observations compared with all others: what several classes test, each its own family.

use crate::stats::cluster::{AllUsers, GroupUsers};
use crate::stats::correction::benjamini_hochberg;
use crate::stats::two_by_two::TwoByTwo;

/// Those in a group against those that are not.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared<T> {
    pub what: T,
    /// The first group is the one that is compared.
    pub table: TwoByTwo,
    /// Fisher's exact test or chi-squared.
    pub exact_p: f64,
    /// The score test with users as clusters, where users have several sessions.
    pub clustered_p: Option<f64>,
    /// Of the larger p, over all that are compared.
    pub q: f64,
}

impl<T> Compared<T> {
    /// The larger decides.
    pub fn p(&self) -> f64 {
        self.exact_p.max(self.clustered_p.unwrap_or(0.0))
    }
}

/// Compares each group of at least so many, and at least one, that leaves as many, with the others of what it is part of.
pub fn compare<'g, T>(
    groups: impl Iterator<Item = (T, &'g GroupUsers, &'g AllUsers)>,
    least: u64,
    by_users: bool,
) -> Vec<Compared<T>> {
    let mut compared: Vec<Compared<T>> = Vec::new();
    for (what, users, all) in groups {
        let (other_hits, other_n) = (all.hits - users.hits, all.n - users.n);
        if users.n.min(other_n) < least.max(1) {
            continue;
        }
        let table = TwoByTwo { hits: users.hits, n: users.n, other_hits, other_n };
        let clustered_p = by_users.then(|| users.p(all).unwrap_or(1.0));
        compared.push(Compared { what, table, exact_p: table.p(), clustered_p, q: 1.0 });
    }
    let larger: Vec<f64> = compared.iter().map(Compared::p).collect();
    for (one, q) in compared.iter_mut().zip(benjamini_hochberg(&larger)) {
        one.q = q;
    }
    compared
}
