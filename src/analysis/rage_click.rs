//! Class 6: the same element clicked again and again.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, elements_with};
use crate::analysis::session_list::RankedList;
use crate::analysis::words::WordList;
use crate::dataset::Session;
use crate::settings::RageClickSettings;

/// So many clicks within a second are called rapid.
const RAPID_CLICKS: usize = 3;

/// One session, in its finding: its longest row of clicks on one element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RageCase {
    pub clicks: u64,
    pub page: String,
    pub css: String,
    pub text: String,
    /// Three within one second, where the file's clock is fine enough to tell.
    pub rapid: bool,
}

/// Rage clicks of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RageClicks {
    pub sessions: RankedList<RageCase>,
    /// Sessions by page, selector and text.
    pub elements: BTreeMap<(String, String, String), u64>,
    /// The longest row of clicks on one element, however slow, and 0 if no element has a name.
    pub longest: u64,
}

/// How long after a click the next one may come, in microseconds: two ticks of the file's clock, if that is longer than the
/// settings say. Of gaps that are alike by chance the clock seems slow, so that a tick counts a second at most.
pub fn max_gap_us(settings: &RageClickSettings, resolution_us: u64) -> u64 {
    ((settings.max_gap_s * 1e6) as u64).max(2 * resolution_us.min(1_000_000))
}

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// By element: it is clicked, and not meant to be clicked again and again.
    counts: Vec<bool>,
    max_gap_us: u64,
    measures_seconds: bool,
    by_element: HashMap<(u32, u32), u64>,
    found: RageClicks,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>, resolution_us: u64) -> Finder<'c, 'a> {
        let settings = &context.settings.rage_click;
        let repeatable = elements_with(context.partition, &WordList::new(&settings.repeatable_words));
        let counts = context.partition.elements.iter().zip(repeatable).map(|(element, repeatable)| {
            let css = context.css_by_number(element.css);
            let text = context.text_by_number(element.text);
            // A sign such as + or › is for steps.
            let is_sign = !text.is_empty() && !text.chars().any(char::is_alphanumeric);
            !css.is_empty() && !repeatable && !is_sign
        });
        Finder {
            counts: counts.collect(),
            max_gap_us: max_gap_us(settings, resolution_us),
            measures_seconds: resolution_us <= 500_000,
            context,
            by_element: HashMap::new(),
            found: RageClicks::default(),
        }
    }

    fn add(&mut self, session: &Session) {
        let context = self.context;
        let events = &context.partition.events;
        let same = |a: usize, b: usize| events.element[a] == events.element[b] && events.path[a] == events.path[b];
        let mut longest: Option<(usize, usize, bool)> = None;
        let (mut first, mut slow_first) = (0, 0);
        let rows: Vec<usize> = session.rows().collect();
        for at in 0..rows.len() {
            let row = rows[at];
            if at > 0 && !same(rows[at - 1], row) {
                (first, slow_first) = (at, at);
            } else if at > 0 && context.time_us(row).abs_diff(context.time_us(rows[at - 1])) > self.max_gap_us {
                first = at;
            }
            if !self.counts[events.element[row] as usize] || context.error(row).is_some() {
                continue;
            }
            self.found.longest = self.found.longest.max((at - slow_first + 1) as u64);
            let clicks = at - first + 1;
            let since = |back: usize| context.time_us(row).abs_diff(context.time_us(rows[at - back]));
            let rapid = self.measures_seconds && clicks >= RAPID_CLICKS && since(RAPID_CLICKS - 1) <= 1_000_000;
            if longest.is_none_or(|(most, _, was_rapid)| (clicks, rapid) > (most, was_rapid)) {
                longest = Some((clicks, row, rapid));
            }
        }
        let Some((clicks, row, rapid)) =
            longest.filter(|longest| longest.0 as u64 >= context.settings.rage_click.min_clicks)
        else {
            return;
        };
        *self.by_element.entry((context.page(row), events.element[row])).or_default() += 1;
        let case = || RageCase {
            clicks: clicks as u64,
            page: context.page_name(context.page(row)).into(),
            css: context.css(row).into(),
            text: context.text(row).into(),
            rapid,
        };
        self.found.sessions.add(session, clicks as f64, case, context.named_sessions);
    }

    fn finish(mut self) -> RageClicks {
        for ((page, element), sessions) in self.by_element {
            let element = self.context.partition.elements[element as usize];
            let (css, text) = (self.context.css_by_number(element.css), self.context.text_by_number(element.text));
            let key = (self.context.page_name(page).to_string(), css.to_string(), text.to_string());
            *self.found.elements.entry(key).or_default() += sessions;
        }
        self.found
    }
}

impl RageClicks {
    /// `resolution_us` is that of the file's clock.
    pub fn of(context: &Context, resolution_us: u64) -> RageClicks {
        let mut finder = Finder::new(context, resolution_us);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    pub fn merge(&mut self, other: RageClicks, named_sessions: usize) {
        self.sessions.merge(other.sessions, named_sessions);
        super::merge_counts(&mut self.elements, other.elements);
        self.longest = self.longest.max(other.longest);
    }
}
