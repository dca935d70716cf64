//! How much memory an analysis may take, and what fits into that.

/// How much memory reading may take, in bytes. What comes after needs some more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryLimit {
    /// All workers together.
    pub all: u64,
    /// One of them.
    pub each: u64,
    /// What a worker takes for its program and for the chunk that it reads, before it keeps any events.
    pub without_events: u64,
}

impl MemoryLimit {
    /// The workers, each with this much memory, have too much.
    pub fn is_reached(&self, memory: &[u64]) -> bool {
        memory.iter().sum::<u64>() > self.all || memory.iter().any(|memory| *memory > self.each)
    }

    /// The share of the sessions that would fit, if reading ended with this share of the events and this much memory
    /// of each worker; in whole hundredths, or in thousandths if it is small, of which there is at least one. Where
    /// much was on its way when the limit was reached, the memory is far over it.
    pub fn sample_that_fits(&self, read: f64, memory: &[u64]) -> f64 {
        let within = |memory: u64, limit: u64, workers: usize| {
            let without = (self.without_events * workers as u64) as f64;
            (limit as f64 - without) / (memory as f64 - without).max(1.0)
        };
        let all = within(memory.iter().sum(), self.all, memory.len());
        let each = memory.iter().map(|memory| within(*memory, self.each, 1)).fold(1.0, f64::min);
        // A tenth to spare: a sample's dictionaries are not smaller by as much as its columns.
        let share = 0.9 * read * all.min(each).max(0.0);
        let parts = if share < 0.1 { 1000.0 } else { 100.0 };
        (share * parts).floor().max(1.0) / parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_that_is_offered_fits() {
        let limit = MemoryLimit { all: 1000, each: 600, without_events: 0 };
        assert_eq!(limit.sample_that_fits(0.5, &[500, 500]), 0.45);
        assert_eq!(limit.sample_that_fits(0.05, &[500, 500]), 0.045);
        assert_eq!(limit.sample_that_fits(0.5, &[1000, 1000]), 0.22);
        assert_eq!(limit.sample_that_fits(0.5, &[800, 100]), 0.33);
        assert_eq!(limit.sample_that_fits(1e-6, &[500, 500]), 0.001);
        // Of the memory, only what events take becomes less with them.
        let limit = MemoryLimit { without_events: 300, ..limit };
        assert_eq!(limit.sample_that_fits(0.5, &[500, 600]), 0.36);
        assert_eq!(MemoryLimit { all: 500, ..limit }.sample_that_fits(0.5, &[500, 600]), 0.001);
    }
}
