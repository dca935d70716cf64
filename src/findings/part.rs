//! Of what part of the file the results are, where they are not of all of it.

use crate::analysis::Results;
use crate::findings::wording::{count, number, percent, shown};

/// The standard normal distribution has 95 % of itself within so many standard deviations.
const Z95: f64 = 1.959_964;

/// Says of what part of the file the results are, in sentences; nothing if they are of all.
pub fn part(results: &Results) -> Vec<String> {
    let mut sentences = Vec::new();
    let (source, sessions) = (&results.source, results.collected.overview.sessions);
    if source.unread_bytes > 0 {
        let read = source.bytes() - source.unread_bytes;
        sentences.push(format!(
            "Only the first {} of {} were read: the memory that this tab may use ends there. Every figure is of this part, and sessions may be cut off by its end.",
            percent(read as f64 / source.bytes() as f64),
            shown(&source.name()),
        ));
    }
    let share = results.plan.settings.sample;
    if share < 1.0 {
        // Sessions are in the sample independently of each other, each with this probability.
        let all = sessions as f64 / share;
        let deviation = (sessions as f64 * (1.0 - share)).sqrt() / share;
        let bound = |deviations: f64| number((all + deviations * deviation).max(sessions as f64).round() as u64);
        let of = if source.unread_bytes > 0 { "what was read" } else { "the file" };
        sentences.push(format!(
            "This is a sample of {} of the sessions, chosen by their ids: {} of about {} ({} to {}) in {of}. Numbers are of the sample, and intervals are as wide as it makes them.",
            percent(share),
            number(sessions),
            count(all.round() as u64, "session"),
            bound(-Z95),
            bound(Z95),
        ));
    }
    sentences
}

/// What to call the sessions and events that are counted, where they are not all.
pub fn of_part(sample: f64, unread_bytes: u64) -> &'static str {
    match (sample < 1.0, unread_bytes > 0) {
        (true, _) => " in the sample",
        (false, true) => " in what was read",
        (false, false) => "",
    }
}
