//! Is a share different in one group, when the observations of one user are not independent?
//!
//! The score test with users as clusters: with y whether an observation is a hit and x whether it is in the
//! group, user g contributes U_g = sum of (x - mean x)(y - mean y), and T = sum U_g / sqrt(sum U_g^2), scaled
//! for few clusters by sqrt((G - 1) / G), is compared with Student's t with G - 1 degrees of freedom
//! (Liang & Zeger 1986 for the variance; Cameron & Miller 2015 for few clusters).
//!
//! U_g needs both means, which are known only at the end. It is a quadratic form in four counts of the user, so
//! partitions keep sums of products of counts: whole numbers, which merge exactly in any order.

use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

/// What one user has: `n` observations, `hits` of them, and the same within the group.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserCounts {
    pub group_hits: u64,
    pub group_n: u64,
    pub hits: u64,
    pub n: u64,
}

/// Sums over all users, whatever the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AllUsers {
    pub users: u64,
    pub hits: u64,
    pub n: u64,
    hits_hits: u128,
    hits_n: u128,
    n_n: u128,
}

/// Sums over the users that have observations in the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupUsers {
    pub hits: u64,
    pub n: u64,
    group_hits_group_hits: u128,
    group_hits_group_n: u128,
    group_n_group_n: u128,
    group_hits_hits: u128,
    group_hits_n: u128,
    group_n_hits: u128,
    group_n_n: u128,
}

fn product(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

impl AllUsers {
    pub fn add(&mut self, user: UserCounts) {
        self.users += 1;
        self.hits += user.hits;
        self.n += user.n;
        self.hits_hits += product(user.hits, user.hits);
        self.hits_n += product(user.hits, user.n);
        self.n_n += product(user.n, user.n);
    }

    /// The hits of a user whose observations are added elsewhere, together with those of users without any.
    pub fn add_hits(&mut self, user: UserCounts) {
        self.hits += user.hits;
        self.hits_hits += product(user.hits, user.hits);
        self.hits_n += product(user.hits, user.n);
    }

    pub fn merge(&mut self, other: &AllUsers) {
        self.users += other.users;
        self.hits += other.hits;
        self.n += other.n;
        self.hits_hits += other.hits_hits;
        self.hits_n += other.hits_n;
        self.n_n += other.n_n;
    }
}

impl GroupUsers {
    pub fn add(&mut self, user: UserCounts) {
        self.hits += user.group_hits;
        self.n += user.group_n;
        self.group_hits_group_hits += product(user.group_hits, user.group_hits);
        self.group_hits_group_n += product(user.group_hits, user.group_n);
        self.group_n_group_n += product(user.group_n, user.group_n);
        self.group_hits_hits += product(user.group_hits, user.hits);
        self.group_hits_n += product(user.group_hits, user.n);
        self.group_n_hits += product(user.group_n, user.hits);
        self.group_n_n += product(user.group_n, user.n);
    }

    /// See [`AllUsers::add_hits`].
    pub fn add_hits(&mut self, user: UserCounts) {
        self.hits += user.group_hits;
        self.group_hits_group_hits += product(user.group_hits, user.group_hits);
        self.group_hits_group_n += product(user.group_hits, user.group_n);
        self.group_hits_hits += product(user.group_hits, user.hits);
        self.group_hits_n += product(user.group_hits, user.n);
        self.group_n_hits += product(user.group_n, user.hits);
    }

    pub fn merge(&mut self, other: &GroupUsers) {
        self.hits += other.hits;
        self.n += other.n;
        self.group_hits_group_hits += other.group_hits_group_hits;
        self.group_hits_group_n += other.group_hits_group_n;
        self.group_n_group_n += other.group_n_group_n;
        self.group_hits_hits += other.group_hits_hits;
        self.group_hits_n += other.group_hits_n;
        self.group_n_hits += other.group_n_hits;
        self.group_n_n += other.group_n_n;
    }

    /// Two-sided p of the score test; `None` with fewer than two users or without any variation.
    pub fn p(&self, all: &AllUsers) -> Option<f64> {
        if all.users < 2 || all.n == 0 {
            return None;
        }
        let n = all.n as f64;
        let x = self.n as f64 / n;
        let y = all.hits as f64 / n;
        // U_g = a - y b - x c + x y d, with a, b, c, d = group hits, group n, hits, n of the user.
        let u = self.hits as f64 - y * self.n as f64;
        let square = self.group_hits_group_hits as f64
            + y * y * self.group_n_group_n as f64
            + x * x * all.hits_hits as f64
            + x * x * y * y * all.n_n as f64
            + 2.0
                * (-y * self.group_hits_group_n as f64 - x * self.group_hits_hits as f64
                    + x * y * self.group_hits_n as f64
                    + x * y * self.group_n_hits as f64
                    - x * y * y * self.group_n_n as f64
                    - x * x * y * all.hits_n as f64);
        if square <= 1e-9 {
            return None;
        }
        let users = all.users as f64;
        let t2 = u * u / square * (users - 1.0) / users;
        let freedom = users - 1.0;
        Some(beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same test written down as its definition says.
    fn slow_t(users: &[UserCounts]) -> f64 {
        let sum = |of: fn(&UserCounts) -> u64| users.iter().map(of).sum::<u64>() as f64;
        let n = sum(|user| user.n);
        let (x, y) = (sum(|user| user.group_n) / n, sum(|user| user.hits) / n);
        let u = |user: &UserCounts| {
            let counts = [user.group_hits, user.group_n, user.hits, user.n].map(|count| count as f64);
            counts[0] - y * counts[1] - x * counts[2] + x * y * counts[3]
        };
        let total: f64 = users.iter().map(u).sum();
        let square: f64 = users.iter().map(|user| u(user) * u(user)).sum();
        total / square.sqrt() * ((users.len() as f64 - 1.0) / users.len() as f64).sqrt()
    }

    #[test]
    fn sums_of_products_give_the_score_test() {
        let users: Vec<UserCounts> = (0..11u64)
            .map(|user| UserCounts {
                group_hits: user % 3,
                group_n: user % 3 + user % 2,
                hits: user % 3 + user % 4 / 2,
                n: 4 + user,
            })
            .collect();
        let (mut all, mut group) = (AllUsers::default(), GroupUsers::default());
        for user in &users {
            all.add(*user);
            group.add(*user);
        }
        let t = slow_t(&users);
        // Two-sided p of Student's t with 10 degrees of freedom, by its closed form for even degrees.
        let theta = (t.abs() / 10f64.sqrt()).atan();
        let c2 = theta.cos().powi(2);
        let a = theta.sin()
            * (1.0 + c2 / 2.0 + 3.0 / 8.0 * c2 * c2 + 15.0 / 48.0 * c2.powi(3) + 105.0 / 384.0 * c2.powi(4));
        assert!((group.p(&all).unwrap() - (1.0 - a)).abs() < 1e-9, "{:?} {}", group.p(&all), 1.0 - a);
    }

    #[test]
    fn without_variation_there_is_no_test() {
        let (mut all, mut group) = (AllUsers::default(), GroupUsers::default());
        assert_eq!(group.p(&all), None);
        for _ in 0..3 {
            let user = UserCounts { group_hits: 0, group_n: 1, hits: 0, n: 2 };
            all.add(user);
            group.add(user);
        }
        assert_eq!(group.p(&all), None);
    }
}
