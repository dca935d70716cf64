//! Class 4: sessions with unusually many events, or events that come unusually fast, and what they look like.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, elements_with};
use crate::analysis::session_list::RankedList;
use crate::analysis::words::WordList;
use crate::dataset::Session;
use crate::settings::HighActivityRule;
use crate::stats::counts::{Tally, coarse, mean_and_deviation};
use crate::stats::robust::{Outliers, estimated_p, two_sided_p};
use crate::stats::{Counts, Robust};

/// How fast events come, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Events an active minute, in thousandths, of sessions with enough of them: by the number of events as
    /// [`size`] groups it, since few events vary more in their rate than many.
    pub per_minute_milli: BTreeMap<u32, Counts>,
}

/// Sessions with 4 to 7 events are of one size, those with 8 to 15, and so on.
fn size(events: u64) -> u32 {
    events.max(1).ilog2()
}

/// Microseconds in which the session was active.
fn active_us(context: &Context, session: &Session) -> u64 {
    let most = (context.settings.high_activity.max_active_gap_s * 1e6) as u64;
    context.gaps(session).map(|(_, _, us)| us.min(most)).sum()
}

fn per_minute_milli(context: &Context, session: &Session) -> Option<u64> {
    let events = session.len() as u64;
    let active = active_us(context, session);
    let enough = events >= context.settings.high_activity.min_rate_events.max(2) && active > 0;
    enough.then(|| coarse((u128::from(events) * 60_000_000_000 / u128::from(active)) as u64))
}

impl Rates {
    pub fn of(context: &Context) -> Rates {
        let mut by_size: BTreeMap<u32, Tally> = BTreeMap::new();
        context.each_session(&mut |session| {
            if let Some(rate) = per_minute_milli(context, &session) {
                by_size.entry(size(session.len() as u64)).or_default().add(rate);
            }
        });
        Rates { per_minute_milli: by_size.into_iter().map(|(size, rates)| (size, rates.into())).collect() }
    }

    pub fn merge(&mut self, other: Rates) {
        for (size, rates) in other.per_minute_milli {
            self.per_minute_milli.entry(size).or_default().merge(&rates);
        }
    }
}

/// The logarithm on which counts and rates are compared.
pub fn log(value: u64) -> f64 {
    libm::log(value.max(1) as f64)
}

/// What is usual, once the whole file is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsualActivity {
    /// Of the logarithms of events a session.
    pub events: Option<Robust>,
    /// Of the logarithms of events a minute, by the size of sessions.
    pub rates: BTreeMap<u32, Robust>,
    /// Sessions whose rates are compared.
    pub compared: u64,
    /// More events than this are many, where the settings ask for mean and deviations.
    pub event_limit: Option<f64>,
    /// The file's clock, in microseconds.
    pub resolution_us: u64,
}

impl UsualActivity {
    pub fn of(events: &Counts, rates: &Rates, resolution_us: u64, rule: HighActivityRule) -> UsualActivity {
        let mut usual = UsualActivity { resolution_us, ..UsualActivity::default() };
        match rule {
            HighActivityRule::MedianDeviations => {
                usual.events = Robust::of(events, log);
                let sizes = rates.per_minute_milli.iter();
                usual.rates = sizes.filter_map(|(size, rates)| Some((*size, Robust::upwards(rates, log)?))).collect();
                usual.compared = usual.rates.values().map(|rates| rates.n).sum();
            }
            HighActivityRule::MeanDeviations { deviations } => {
                let limit = events.mean().zip(events.standard_deviation());
                usual.event_limit = limit.map(|(mean, sd)| mean + deviations * sd);
            }
        }
        usual
    }

    /// p of a session's z.
    pub fn p(&self, case: &ActivityCase, z: f64) -> f64 {
        match self.rates.get(&size(case.events)) {
            Some(own) if !case.many => estimated_p(z, own.n),
            _ => two_sided_p(z),
        }
    }
}

/// What a session with high activity looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Too fast, too even or too long for a person.
    Machine,
    /// The same elements again and again, or retries and errors on few pages.
    Frustration,
    /// None of these.
    PowerUse,
}

/// Why a session looks like a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MachineSign {
    /// Many events with hardly a gap.
    Fast,
    /// Gaps of the same length; in thousandths, their deviation over their mean.
    Even(u64),
    /// So many events within a second.
    Burst(u64),
    /// Active for so many minutes without a stop.
    Tireless(u64),
}

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActivityCase {
    pub events: u64,
    pub per_minute_milli: Option<u64>,
    pub sign: Option<MachineSign>,
    /// Which z is beyond its critical value: of events, of the rate.
    pub many: bool,
    pub fast: bool,
}

/// Sessions with high activity of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HighActivity {
    pub kinds: BTreeMap<Kind, RankedList<ActivityCase>>,
    /// The smallest deviation over mean of the gaps of a session with gaps enough, in thousandths.
    pub most_even_milli: Option<u64>,
}

impl HighActivity {
    pub fn of(context: &Context, usual: &UsualActivity) -> HighActivity {
        let mut found = HighActivity::default();
        let mut judge = Judge {
            usual,
            events: usual.events.as_ref().and_then(Outliers::of),
            rates: usual.rates.iter().filter_map(|(size, rates)| Some((*size, Outliers::of(rates)?))).collect(),
            retries: elements_with(context.partition, &WordList::new(&context.settings.high_activity.retry_words)),
            gaps: Vec::new(),
        };
        context.each_session(&mut |session| {
            found.add(context, &mut judge, &session);
        });
        found
    }

    fn add(&mut self, context: &Context, judge: &mut Judge, session: &Session) {
        let usual = judge.usual;
        let events = session.len() as u64;
        let rate = per_minute_milli(context, session);
        let many = judge.events.and_then(|usual| usual.above(log(events)));
        let fast = rate.and_then(|rate| {
            let own = judge.rates.get(&size(events))?;
            // As many tests as sessions with a rate: Bonferroni's correction.
            own.above(log(rate)).filter(|z| estimated_p(*z, own.n()) * (usual.compared as f64) < 0.05)
        });
        let over = usual.event_limit.filter(|limit| events as f64 > *limit);
        // The other rule knows no kinds of sessions.
        let sign = usual.event_limit.is_none().then(|| self.machine_sign(context, judge, session)).flatten();
        let kind = if sign.is_some() {
            Kind::Machine
        } else if many.is_none() && fast.is_none() && over.is_none() {
            return;
        } else if looks_frustrated(context, &judge.retries, session) {
            Kind::Frustration
        } else {
            Kind::PowerUse
        };
        let score = if over.is_some() { events as f64 } else { many.unwrap_or(0.0).max(fast.unwrap_or(0.0)) };
        let case = || ActivityCase {
            events,
            per_minute_milli: rate,
            sign,
            many: many.is_some() || over.is_some(),
            fast: fast.is_some(),
        };
        self.kinds.entry(kind).or_default().add(session, score, case, context.named_sessions);
    }

    fn machine_sign(&mut self, context: &Context, judge: &mut Judge, session: &Session) -> Option<MachineSign> {
        let settings = &context.settings.high_activity;
        let gaps = &mut judge.gaps;
        gaps.clear();
        gaps.extend(context.gaps(session).map(|(_, _, us)| us));
        let events = session.len() as u64;
        let mut even = None;
        if gaps.len() as u64 >= settings.machine_gaps.max(2) {
            let variation = mean_and_deviation(gaps).filter(|(mean, _)| *mean > 0.0);
            if let Some(variation) = variation.map(|(mean, deviation)| deviation / mean) {
                let milli = libm::round(variation * 1e3) as u64;
                self.most_even_milli = Some(self.most_even_milli.map_or(milli, |least| least.min(milli)));
                even = (variation < settings.machine_variation).then_some(MachineSign::Even(milli));
            }
        }
        // Whole minutes of the longest stretch without a stop.
        let pause_us = (settings.machine_pause_minutes * 6e7) as u64;
        let longest_us = gaps.split(|gap| *gap >= pause_us).map(|part| part.iter().sum::<u64>()).max().unwrap_or(0);
        let tireless = longest_us as f64 > settings.machine_hours * 3.6e9;
        let fast = events >= settings.machine_events.max(2) && {
            let middle = gaps.len() / 2;
            let limit_us = (settings.machine_gap_s * 1e6) as u64;
            *gaps.select_nth_unstable(middle).1 < limit_us.min(2 * judge.usual.resolution_us.max(1))
        };
        let burst = burst(context, session, settings.machine_burst_events, settings.machine_burst_elements);
        if fast {
            Some(MachineSign::Fast)
        } else if even.is_some() {
            even
        } else if burst >= settings.machine_burst_events {
            Some(MachineSign::Burst(burst))
        } else {
            tireless.then_some(MachineSign::Tireless(longest_us / 60_000_000))
        }
    }

    pub fn merge(&mut self, other: HighActivity, named_sessions: usize) {
        for (kind, sessions) in other.kinds {
            self.kinds.entry(kind).or_default().merge(sessions, named_sessions);
        }
        self.most_even_milli = match (self.most_even_milli, other.most_even_milli) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// What sessions are judged by, worked out once.
struct Judge<'u> {
    usual: &'u UsualActivity,
    events: Option<Outliers>,
    rates: BTreeMap<u32, Outliers>,
    /// By element.
    retries: Vec<bool>,
    /// Of the session that is being judged.
    gaps: Vec<u64>,
}

/// Most events within one second, if they are on so many elements; 0 if they are fewer than `least`.
fn burst(context: &Context, session: &Session, least: u64, least_elements: u64) -> u64 {
    if (session.len() as u64) < least {
        return 0;
    }
    let rows: Vec<usize> = session.rows().collect();
    let events: Vec<(i64, u32)> =
        rows.iter().map(|row| (context.time_us(*row), context.partition.events.element[*row])).collect();
    burst_of(&events, least.max(1) as usize, least_elements as usize) as u64
}

/// The same of events with their times, in order, and their elements.
fn burst_of(events: &[(i64, u32)], least: usize, least_elements: usize) -> usize {
    let within = |a: usize, b: usize| events[b].0.abs_diff(events[a].0) < 1_000_000;
    // Hardly a session has so many events within a second: their elements are counted only where one has.
    if !(least - 1..events.len()).any(|last| within(last + 1 - least, last)) {
        return 0;
    }
    let mut elements: HashMap<u32, usize> = HashMap::new();
    let (mut first, mut most) = (0, 0);
    for (last, (_, element)) in events.iter().enumerate() {
        *elements.entry(*element).or_default() += 1;
        while !within(first, last) {
            let left = elements.get_mut(&events[first].1).expect("it was counted when it came in");
            *left -= 1;
            if *left == 0 {
                elements.remove(&events[first].1);
            }
            first += 1;
        }
        let events = last - first + 1;
        if events >= least && elements.len() >= least_elements {
            most = most.max(events);
        }
    }
    most
}

fn looks_frustrated(context: &Context, retries: &[bool], session: &Session) -> bool {
    let (mut elements, mut pages) = (BTreeSet::new(), BTreeSet::new());
    let (mut repeated, mut failures) = (0u64, 0u64);
    for row in session.rows() {
        let element = context.partition.events.element[row];
        repeated += u64::from(!elements.insert((context.page(row), element)));
        failures += u64::from(retries[element as usize] || context.error(row).is_some());
        pages.insert(context.page(row));
    }
    let settings = &context.settings.high_activity;
    repeated as f64 >= settings.frustration_repeated_share * session.len() as f64
        || failures >= settings.frustration_failures && pages.len() as u64 <= settings.frustration_max_pages
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against counting the elements of each window anew.
    #[test]
    fn bursts_as_by_counting_anew() {
        let mut seed = 7u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let mut time = 0;
            let events: Vec<(i64, u32)> = (0..random(40))
                .map(|_| {
                    time += random(400_000) as i64;
                    (time, random(4) as u32)
                })
                .collect();
            for least in [1, 3, 5] {
                let mut expected = 0;
                for last in 0..events.len() {
                    let first = (0..=last).find(|first| events[last].0 - events[*first].0 < 1_000_000).unwrap();
                    let elements: BTreeSet<u32> = events[first..=last].iter().map(|(_, element)| *element).collect();
                    if last - first + 1 >= least && elements.len() >= 3 {
                        expected = expected.max(last - first + 1);
                    }
                }
                assert_eq!(burst_of(&events, least, 3), expected, "{events:?}");
            }
        }
    }
}
