//! Class 3c: stretches of time with more errors than the others, given how many events each has.

use serde::{Deserialize, Serialize};
use statrs::function::beta::ln_beta;

use crate::analysis::timeline::Timeline;
use crate::settings::ErrorSpikeSettings;
use crate::stats::correction::benjamini_hochberg;

/// Above this variance, in that of independent errors, errors come in bunches.
const OVERDISPERSED: f64 = 1.5;

/// The stretches, tested.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorSpikes {
    pub errors: u64,
    /// Stretches with events.
    pub tested: u64,
    /// Chi-squared over its degrees of freedom, without the stretch with the highest share: 1 if errors are independent.
    pub dispersion: f64,
    /// Those with more errors than the others, the most surprising first; all have q below 1.
    pub spikes: Vec<Spike>,
}

/// A stretch against all others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spike {
    /// Which stretch of the timeline.
    pub bin: usize,
    pub events: u64,
    pub errors: u64,
    /// Sessions that met one here.
    pub sessions: u64,
    /// Of the others.
    pub events_elsewhere: u64,
    pub errors_elsewhere: u64,
    /// One-sided.
    pub p: f64,
    pub q: f64,
}

impl Spike {
    pub fn relative_risk(&self) -> f64 {
        (self.errors as f64 / self.events as f64) / (self.errors_elsewhere as f64 / self.events_elsewhere as f64)
    }

    pub fn is_supported(&self, settings: &ErrorSpikeSettings) -> bool {
        self.q < settings.false_discovery_rate && self.relative_risk() >= settings.min_relative_risk
    }
}

/// Tests every stretch; none where there are fewer errors than the settings ask for.
pub fn error_spikes(timeline: &Timeline, settings: &ErrorSpikeSettings) -> ErrorSpikes {
    let bins = || timeline.0.iter().enumerate().filter(|(_, bin)| bin.events > 0);
    let (events, errors) =
        bins().fold((0, 0), |(events, errors), (_, bin)| (events + bin.events, errors + bin.error_events));
    let mut found = ErrorSpikes { errors, tested: bins().count() as u64, dispersion: 1.0, spikes: Vec::new() };
    if errors < settings.min_errors || found.tested < 2 {
        return found;
    }
    let counts: Vec<(u64, u64)> = bins().map(|(_, bin)| (bin.events, bin.error_events)).collect();
    found.dispersion = dispersion(&counts);
    let mut spikes: Vec<Spike> = bins()
        .map(|(index, bin)| {
            let (events_elsewhere, errors_elsewhere) = (events - bin.events, errors - bin.error_events);
            let p = upper_tail(bin.error_events, bin.events, errors_elsewhere, events_elsewhere, found.dispersion);
            let (events, errors, sessions) = (bin.events, bin.error_events, bin.error_sessions);
            Spike { bin: index, events, errors, sessions, events_elsewhere, errors_elsewhere, p, q: 1.0 }
        })
        .collect();
    let p: Vec<f64> = spikes.iter().map(|spike| spike.p).collect();
    for (spike, q) in spikes.iter_mut().zip(benjamini_hochberg(&p)) {
        spike.q = q;
    }
    spikes.retain(|spike| spike.q < 1.0 && spike.relative_risk() > 1.0);
    spikes.sort_by(|a, b| a.p.total_cmp(&b.p).then(a.bin.cmp(&b.bin)));
    found.spikes = spikes;
    found
}

/// Pearson's chi-squared of errors by stretch over its degrees of freedom, at least 1; the stretch that adds most is left
/// out, or a spike would hide itself.
fn dispersion(bins: &[(u64, u64)]) -> f64 {
    let chi = |without: Option<usize>| {
        let kept = || bins.iter().enumerate().filter(|(index, _)| Some(*index) != without).map(|(_, bin)| bin);
        let (events, errors) = kept().fold((0, 0), |(events, errors), bin| (events + bin.0, errors + bin.1));
        let share = errors as f64 / events.max(1) as f64;
        let part = |bin: &(u64, u64)| {
            let variance = bin.0 as f64 * share * (1.0 - share);
            let off = bin.1 as f64 - bin.0 as f64 * share;
            if variance > 0.0 { off * off / variance } else { 0.0 }
        };
        let parts: Vec<f64> = kept().map(part).collect();
        let most = (0..parts.len()).max_by(|a, b| parts[*a].total_cmp(&parts[*b]));
        (parts.iter().sum::<f64>(), parts.len(), most)
    };
    let (_, _, most) = chi(None);
    let (sum, n, _) = chi(most);
    if n < 3 { 1.0 } else { (sum / (n - 1) as f64).max(1.0) }
}

/// How likely a stretch of so many events has at least so many errors, if its rate is that of the others: binomial, or
/// beta-binomial where errors come in bunches.
fn upper_tail(errors: u64, events: u64, errors_elsewhere: u64, events_elsewhere: u64, dispersion: f64) -> f64 {
    if errors == 0 || events_elsewhere == 0 {
        return 1.0;
    }
    // Half an error more, so that none elsewhere is no certainty.
    let share = (errors_elsewhere as f64 + 0.5) / (events_elsewhere as f64 + 1.0);
    if events < 2 || dispersion <= OVERDISPERSED {
        return statrs::function::beta::beta_reg(errors as f64, (events - errors) as f64 + 1.0, share);
    }
    // The correlation within a stretch that gives this variance: 1 + (n - 1) r.
    let correlation = ((dispersion - 1.0) / (events as f64 - 1.0)).min(0.99);
    let weight = 1.0 / correlation - 1.0;
    let (a, b) = (share * weight, (1.0 - share) * weight);
    let n = events as f64;
    let ln_choose = |k: f64| -libm::log(n + 1.0) - ln_beta(n - k + 1.0, k + 1.0);
    let mut term =
        libm::exp(ln_choose(errors as f64) + ln_beta(errors as f64 + a, n - errors as f64 + b) - ln_beta(a, b));
    let (mut sum, mut k) = (0.0, errors as f64);
    while k <= n {
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
        // The ratio of neighbours.
        term *= (n - k) / (k + 1.0) * (k + a) / (n - k - 1.0 + b);
        k += 1.0;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::timeline::Bin;

    fn timeline(bins: &[(u64, u64)]) -> Timeline {
        Timeline(
            bins.iter()
                .map(|(events, error_events)| Bin { events: *events, error_events: *error_events, ..Bin::default() })
                .collect(),
        )
    }

    #[test]
    fn one_hour_with_many_errors_is_found_and_even_ones_are_not() {
        let mut bins = vec![(200, 4); 24];
        let even = error_spikes(&timeline(&bins), &ErrorSpikeSettings::default());
        assert!(even.spikes.iter().all(|spike| !spike.is_supported(&ErrorSpikeSettings::default())), "{even:?}");
        bins[7] = (200, 30);
        let found = error_spikes(&timeline(&bins), &ErrorSpikeSettings::default());
        let first = found.spikes[0];
        assert!(first.bin == 7 && first.is_supported(&ErrorSpikeSettings::default()) && first.q < 1e-9, "{found:?}");
        assert_eq!((found.errors, found.tested), (23 * 4 + 30, 24));
        // Nothing is tested of a few errors.
        assert_eq!(error_spikes(&timeline(&[(50, 0), (50, 13)]), &ErrorSpikeSettings::default()).spikes, []);
    }

    /// Values computed with an independent program (scipy, `binom.sf(k - 1, n, p)` and `betabinom.sf(k - 1, n, a, b)`).
    #[test]
    fn tails_agree_with_others() {
        let binomial = upper_tail(12, 200, 100, 5_000, 1.0);
        assert!((binomial / BINOMIAL - 1.0).abs() < 1e-9, "{binomial}");
        let bunched = upper_tail(12, 200, 100, 5_000, 3.0);
        assert!((bunched / BUNCHED - 1.0).abs() < 1e-6, "{bunched}");
    }

    const BINOMIAL: f64 = 0.0008190143638963073;
    const BUNCHED: f64 = 0.037861490701569966;
}
