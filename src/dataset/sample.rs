//! A part of the sessions that stands for all of them.

/// Which sessions are read: those whose id's hash is small enough. It does not depend on the file's order, on who reads
/// what or on the machine, and every event of a session goes the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Hashes below this are in; without it all are.
    below: Option<u64>,
}

impl Sample {
    /// All sessions.
    pub const ALL: Sample = Sample { below: None };

    /// A sample of this share of the sessions; 1 and more is all of them.
    pub fn of_share(share: f64) -> Sample {
        // Rounded to 32 bits, so that it is the same wherever it is computed.
        Sample { below: (share < 1.0).then(|| (share * 2f64.powi(32)) as u64) }
    }

    /// The session is in it.
    pub fn holds(&self, session_id: &str) -> bool {
        let Some(below) = self.below else { return true };
        let hash = blake3::hash(session_id.as_bytes());
        let [a, b, c, d, ..] = *hash.as_bytes();
        u64::from(u32::from_le_bytes([a, b, c, d])) < below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_holds_its_share_and_smaller_ones_are_parts_of_it() {
        let held = |share: f64| -> Vec<usize> {
            let sample = Sample::of_share(share);
            (0..20_000).filter(|id| sample.holds(&id.to_string())).collect()
        };
        assert_eq!(held(1.0).len(), 20_000);
        let (half, tenth) = (held(0.5), held(0.1));
        // Within four standard deviations.
        assert!(half.len().abs_diff(10_000) < 283, "{}", half.len());
        assert!(tenth.len().abs_diff(2_000) < 170, "{}", tenth.len());
        assert!(tenth.iter().all(|id| half.contains(id)));
    }
}
