//! Class 3c: stretches of time with more errors than the others.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::error_spike::{ErrorSpikes, Spike, error_spikes};
use crate::analysis::session_list::SessionList;
use crate::findings::when;
use crate::findings::wording::{count, fixed, list, number, percent, seconds};
use crate::findings::{Class, Draft, Strength};
use crate::ingest::time;
use crate::stats::wilson;

/// Stretches that a sentence names at most.
const NAMED: usize = 3;

/// All stretches, tested.
pub fn spikes(results: &Results) -> ErrorSpikes {
    error_spikes(&results.collected.timeline, &results.plan.settings.error_spike)
}

/// When a stretch begins and ends, in microseconds.
fn times(results: &Results, spike: &Spike) -> (i64, i64) {
    let bins = &results.plan.time_bins;
    let from = bins.start_us + bins.width_us * spike.bin as i64;
    (from, from + bins.width_us)
}

/// When a stretch is, as people write it.
fn span(results: &Results, spike: &Spike) -> String {
    let (from, to) = times(results, spike);
    let zoned = results.read.zoned > 0;
    when::span(&time::format(from, zoned), &time::format(to, zoned))
}

pub fn findings(results: &Results) -> Option<Draft> {
    let found = spikes(results);
    let settings = &results.plan.settings.error_spike;
    let supported: Vec<&Spike> = found.spikes.iter().filter(|spike| spike.is_supported(settings)).collect();
    let first = *supported.first()?;
    let title = match supported.len() {
        1 => format!("Errors cluster from {}", span(results, first)),
        n => format!("Errors cluster in {} stretches of time, most from {}", number(n as u64), span(results, first)),
    };
    let (from_us, to_us) = times(results, first);
    let mut draft = Draft::fact(Class::ErrorSpike, title, first.errors, &SessionList::default())
        .behind(Behind::ErrorDuring { from_us, to_us });
    let finding = &mut draft.finding;
    finding.session_count = first.sessions;
    finding.strength = Strength::Supported;
    let rate = first.errors as f64 / first.events as f64;
    let elsewhere = first.errors_elsewhere as f64 / first.events_elsewhere as f64;
    finding.description = format!(
        "{} of {} there ({}); {} of all others, so {} times as many.",
        count(first.errors, "error"),
        count(first.events, "event"),
        percent(rate),
        percent(elsewhere),
        fixed(first.relative_risk(), 1)
    );
    let others: Vec<String> = supported.iter().skip(1).take(NAMED).map(|spike| span(results, spike)).collect();
    if !others.is_empty() {
        let more = if supported.len() > 1 + NAMED { ", and more" } else { "" };
        finding.description.push_str(&format!(" Also from {}{more}.", list(&others)));
    }
    finding.next = "See what was changed or was down at that time.".into();
    finding.definition = definition(results, &found);
    finding.n = first.events;
    finding.unit = "events".into();
    finding.rate = wilson(first.errors, first.events);
    finding.p = Some(first.p.into());
    finding.q = Some(first.q.into());
    finding.family = Some(found.tested);
    Some(draft)
}

/// The rule of class 3c as a sentence.
pub fn definition(results: &Results, found: &ErrorSpikes) -> String {
    let settings = &results.plan.settings.error_spike;
    let bunches = match found.dispersion > 1.5 {
        true => format!(
            " Errors come in bunches here (their variance is {} times that of independent ones), which the test allows for.",
            fixed(found.dispersion, 1)
        ),
        false => String::new(),
    };
    format!(
        "The errors of each stretch of {}, given its events and the rate of all others, one-sided, binomial or beta-binomial; \
         from {} errors on; supported if q < {} and the rate is {} times that of the others.{bunches}",
        seconds(results.plan.time_bins.width_us as f64 / 1e6),
        settings.min_errors,
        settings.false_discovery_rate,
        settings.min_relative_risk
    )
}
