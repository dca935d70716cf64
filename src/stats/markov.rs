//! A chain of first order over numbered states: how surprising a path is, and how often chance gives one as surprising.

use std::collections::BTreeMap;

use crate::stats::Counts;

/// The state before a path begins and after it ends.
pub const OUTSIDE: usize = 0;

/// Width of a bin of surprisal in the distribution of scores, in bits.
const BIN: f64 = 0.125;
/// Bins of a whole path; the last holds everything beyond, which makes p larger, never smaller.
const BINS: usize = 2048;
/// Longest path whose distribution is computed; longer ones are taken for this long, which also makes p larger, since
/// the mean of more transitions varies less.
const MAX_LENGTH: usize = 24;
/// Steps of computation that the distribution may take; paths are cut shorter for a chain of many transitions.
const BUDGET: usize = 400_000_000;

/// Counts of transitions.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// By state: the next state and how often it came next.
    next: Vec<BTreeMap<usize, u64>>,
    /// How often each state was left.
    left: Vec<u64>,
    /// How often each state came next.
    entered: Vec<u64>,
    transitions: u64,
    /// Weight of the prior of each row.
    prior: f64,
}

impl Chain {
    pub fn new(states: usize, prior: f64, transitions: impl Iterator<Item = (usize, usize, u64)>) -> Chain {
        let mut chain = Chain {
            next: vec![BTreeMap::new(); states],
            left: vec![0; states],
            entered: vec![0; states],
            transitions: 0,
            prior,
        };
        for (from, to, count) in transitions {
            *chain.next[from].entry(to).or_default() += count;
            chain.left[from] += count;
            chain.entered[to] += count;
            chain.transitions += count;
        }
        chain
    }

    fn count(&self, from: usize, to: usize) -> u64 {
        self.next[from].get(&to).copied().unwrap_or(0)
    }

    /// Bits of surprisal of a transition, given how often the path itself has it, leaves its first state, enters its
    /// second, and how many transitions the path has: all of these are left out of the counts. The prior of a row has
    /// the shape of the distribution of all next states, to which one transition to each of them alike is added.
    fn surprisal(&self, (from, to): (usize, usize), own: (u64, u64, u64, u64)) -> f64 {
        let (pair, left, entered, all) = own;
        let states = self.next.len() as f64;
        let shape = ((self.entered[to] - entered) as f64 + 1.0 / states) / ((self.transitions - all) as f64 + 1.0);
        let share = ((self.count(from, to) - pair) as f64 + self.prior * shape)
            / ((self.left[from] - left) as f64 + self.prior);
        -libm::log2(share)
    }

    /// What is to be said of a path whose transitions are among the counts.
    pub fn judge(&self, path: &[usize]) -> Judged {
        let steps: Vec<(usize, usize)> = std::iter::once(OUTSIDE)
            .chain(path.iter().copied())
            .zip(path.iter().copied().chain(std::iter::once(OUTSIDE)))
            .collect();
        let (mut pairs, mut left, mut entered) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (from, to) in &steps {
            *pairs.entry((*from, *to)).or_insert(0u64) += 1;
            *left.entry(*from).or_insert(0u64) += 1;
            *entered.entry(*to).or_insert(0u64) += 1;
        }
        let own = |step: &(usize, usize)| (pairs[step], left[&step.0], entered[&step.1], steps.len() as u64);
        let bits: f64 = steps.iter().map(|step| self.surprisal(*step, own(step))).sum();
        let only_here = |(step, own): (&(usize, usize), &u64)| {
            step.0 != OUTSIDE && step.1 != OUTSIDE && self.count(step.0, step.1) == *own
        };
        Judged {
            bits_per_step: bits / steps.len() as f64,
            steps: steps.len() as u64,
            only_here: pairs.iter().filter(|(step, own)| only_here((step, own))).map(|(step, _)| *step).collect(),
        }
    }

    /// The distribution of scores of paths that follow the chain.
    pub fn scores(&self) -> Scores {
        let rows: Vec<Vec<(usize, f64, usize)>> = (0..self.next.len())
            .map(|from| {
                let leaving = self.left[from] as f64;
                // A path is left out of its own counts, so that the rarest transitions, which one path alone has,
                // are as surprising here as in that path.
                let bin = |to| ((self.surprisal((from, to), (1, 1, 1, 1)) / BIN) as usize).min(BINS);
                self.next[from].iter().map(|(to, count)| (*to, *count as f64 / leaving, bin(*to))).collect()
            })
            .collect();
        let transitions: usize = rows.iter().map(Vec::len).sum();
        let longest = (BUDGET / (BINS * transitions.max(1))).clamp(2, MAX_LENGTH);
        let mut now = vec![Vec::new(); rows.len()];
        now[OUTSIDE] = vec![1.0];
        let mut tails = vec![None];
        for length in 1..=longest {
            let mut then: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
            for (from, masses) in now.iter().enumerate().filter(|(_, masses)| !masses.is_empty()) {
                for (to, share, bits) in &rows[from] {
                    let target = &mut then[*to];
                    let needed = (masses.len() + bits).min(BINS);
                    if target.len() < needed {
                        target.resize(needed, 0.0);
                    }
                    for (bin, mass) in masses.iter().enumerate() {
                        target[(bin + bits).min(BINS - 1)] += mass * share;
                    }
                }
            }
            // What is outside again has ended, with this many transitions.
            tails.push(tail(std::mem::take(&mut then[OUTSIDE])));
            now = then;
            debug_assert!(length < tails.len());
        }
        Scores { tails }
    }
}

/// For each bin the share of the mass in it or beyond; nothing if there is no mass.
fn tail(mut masses: Vec<f64>) -> Option<Vec<f64>> {
    let mut beyond = 0.0;
    for mass in masses.iter_mut().rev() {
        beyond += *mass;
        *mass = beyond;
    }
    (beyond > 0.0).then(|| masses.iter().map(|mass| mass / beyond).collect())
}

/// A path against all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Mean surprisal of its transitions, its begin and its end among them.
    pub bits_per_step: f64,
    pub steps: u64,
    /// Transitions between two states that no other path has.
    pub only_here: Vec<(usize, usize)>,
}

/// How scores of paths are distributed, by the number of transitions.
pub struct Scores {
    tails: Vec<Option<Vec<f64>>>,
}

impl Scores {
    /// The probability of so high a score, over paths whose numbers of transitions are distributed like this.
    pub fn p(&self, bits_per_step: f64, lengths: &Counts) -> f64 {
        let mut sum = 0.0;
        for (length, count) in lengths.iter() {
            let length = (length as usize).min(self.tails.len() - 1);
            // Bins are rounded down, each transition at most by one: so is the score.
            let from = (bits_per_step / BIN * length as f64) as usize;
            let from = from.saturating_sub(length).min(BINS - 1);
            let beyond = match &self.tails[length] {
                Some(tail) => tail.get(from).copied().unwrap_or(0.0),
                // The chain has no such path: nothing can be said.
                None => 1.0,
            };
            sum += beyond * count as f64;
        }
        (sum / lengths.n().max(1) as f64).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(paths: &[&[usize]], states: usize) -> Chain {
        let steps = paths.iter().flat_map(|path| {
            let from = std::iter::once(OUTSIDE).chain(path.iter().copied());
            from.zip(path.iter().copied().chain([OUTSIDE])).map(|(from, to)| (from, to, 1)).collect::<Vec<_>>()
        });
        Chain::new(states, 1.0, steps)
    }

    /// Leaving a path out is the same as never having seen it.
    #[test]
    fn a_path_is_judged_by_the_others() {
        let paths: [&[usize]; 5] = [&[1, 2, 3], &[1, 2], &[1, 2, 1, 2], &[2, 3], &[3, 1]];
        let all = chain(&paths, 4);
        for (left_out, path) in paths.iter().enumerate() {
            let rest: Vec<&[usize]> = (0..5).filter(|other| *other != left_out).map(|other| paths[other]).collect();
            let rest = chain(&rest, 4);
            let from = std::iter::once(OUTSIDE).chain(path.iter().copied());
            let steps: Vec<_> = from.zip(path.iter().copied().chain([OUTSIDE])).collect();
            let bits: f64 = steps.iter().map(|step| rest.surprisal(*step, (0, 0, 0, 0))).sum();
            let judged = all.judge(path);
            assert!((judged.bits_per_step - bits / steps.len() as f64).abs() < 1e-12);
        }
        assert_eq!(all.judge(&[3, 1]).only_here, [(3, 1)]);
        assert_eq!(all.judge(&[1, 2, 1, 2]).only_here, [(2, 1)]);
    }

    /// Against drawing many paths.
    #[test]
    fn the_distribution_of_scores_as_by_drawing() {
        let paths: Vec<&[usize]> =
            (0..40).map(|n| [&[1, 2, 3][..], &[1, 2], &[1, 3], &[2, 3, 2, 3]][n % 7 % 4]).collect();
        let chain = chain(&paths, 4);
        let mut seed = 1u64;
        let mut below = |n: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((u128::from(seed >> 11) * u128::from(n)) >> 53) as u64
        };
        let (mut lengths, mut scores) = (Counts::default(), Vec::new());
        for _ in 0..20_000 {
            let (mut state, mut bits, mut length) = (OUTSIDE, 0.0, 0u64);
            loop {
                let mut draw = below(chain.left[state]);
                let (to, _) = chain.next[state]
                    .iter()
                    .find(|(_, count)| {
                        let found = draw < **count;
                        draw = draw.saturating_sub(**count);
                        found
                    })
                    .unwrap();
                bits += chain.surprisal((state, *to), (1, 1, 1, 1));
                length += 1;
                state = *to;
                if state == OUTSIDE {
                    break;
                }
            }
            lengths.add(length);
            scores.push(bits / length as f64);
        }
        let distribution = chain.scores();
        for score in [0.5, 1.0, 1.3, 1.6, 2.0] {
            // p is never too small, and not larger than that of a score one bin lower.
            let drawn = |from: f64| scores.iter().filter(|other| **other >= from).count() as f64 / 20_000.0;
            let p = distribution.p(score, &lengths);
            assert!(p > drawn(score) - 0.01 && p < drawn(score - 2.0 * BIN) + 0.01, "{score}: {p} {}", drawn(score));
        }
    }
}
