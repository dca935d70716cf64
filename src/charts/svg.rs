//! Static charts for the report: the same bytes from a browser and from the command line. Colours are the
//! report's own CSS variables, so that light and dark and print work; every text is escaped by the template.

use maud::{Markup, html};

use crate::findings::wording::{number, percent};
use crate::report::document::FunnelInfo;
use crate::stats::Rate;

const WIDTH: f64 = 860.0;
const ROW: f64 = 44.0;
const NAMES: f64 = 210.0;
const NOTES: f64 = 180.0;
const LONGEST_NAME: usize = 28;
/// Ends of an interval that lie closer together would write over each other.
const NARROW: f64 = 0.08;

/// The funnel: for each step a bar as long as the share of all sessions that reached it, then who was lost.
pub fn funnel(funnel: &FunnelInfo) -> Markup {
    let all = funnel.steps.first().map_or(0, |step| step.sessions).max(1) as f64;
    let height = ROW * funnel.steps.len() as f64;
    let bars = WIDTH - NAMES - NOTES;
    let long = |sessions: u64| sessions as f64 / all * bars;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label="Funnel: sessions that reached each step" class="chart funnel" {
            @for (index, step) in funnel.steps.iter().enumerate() {
                @let top = ROW * index as f64;
                @let middle = px(top + ROW / 2.0 + 5.0);
                text x="0" y=(middle) class="name" { (shortened(&step.name)) }
                rect x=(px(NAMES)) y=(px(top + 7.0)) width=(px(long(step.sessions))) height="30" rx="3" class="reached" {}
                @if step.lost > 0 {
                    rect x=(px(NAMES + long(step.sessions))) y=(px(top + 7.0)) width=(px(long(step.lost))) height="30" rx="3" class="lost" {}
                }
                @let inside = long(step.sessions) > 40.0;
                @let at = if inside { NAMES + 10.0 } else { NAMES + long(step.sessions + step.lost) + 8.0 };
                text x=(px(at)) y=(middle) class=(if inside { "inside" } else { "name" }) { (number(step.sessions)) }
                @if let Some(rate) = &step.from_previous {
                    text x=(px(WIDTH)) y=(middle) text-anchor="end" class="note" {
                        (number(step.lost)) " lost · " (percent(rate.value.0)) " went on"
                    }
                }
            }
        }
    }
}

/// A rate with its interval on a scale from 0 to 100 %.
pub fn rate_scale(rate: &Rate) -> Markup {
    let at = |share: f64| px(10.0 + share * 480.0);
    let label =
        format!("{} percent, 95 percent interval {} to {}", whole(rate.value.0), whole(rate.low.0), whole(rate.high.0));
    html! {
        svg viewBox="0 0 500 44" role="img" aria-label=(label) class="chart scale" {
            rect x="10" y="12" width="480" height="10" rx="5" class="track" {}
            rect x=(at(rate.low.0)) y="12" width=(px((rate.high.0 - rate.low.0) * 480.0)) height="10" rx="5" class="interval" {}
            circle cx=(at(rate.value.0)) cy="17" r="7" class="reached" {}
            @let narrow = rate.high.0 - rate.low.0 < NARROW;
            text x=(at(rate.low.0)) y="38" text-anchor=(if narrow { "end" } else { "middle" }) class="note" { (whole(rate.low.0)) }
            text x=(at(rate.high.0 + if narrow { 0.01 } else { 0.0 })) y="38" text-anchor=(if narrow { "start" } else { "middle" }) class="note" { (whole(rate.high.0)) }
            @if rate.high.0 < 0.9 { text x="490" y="38" text-anchor="end" class="note" { "100\u{a0}%" } }
        }
    }
}

fn whole(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

/// A length with at most two digits behind the point.
fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_string();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}
