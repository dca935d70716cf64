//! Static charts for the report: the same bytes from a browser and from the command line. Colours are the
//! report's own CSS variables, so that light and dark and print work; every text is escaped by the template.

use maud::{Markup, html};

use crate::stats::Rate;

/// Ends of an interval that lie closer together would write over each other.
const NARROW: f64 = 0.08;

/// A rate with its interval on a scale from 0 to 100 %.
pub fn rate_scale(rate: &Rate) -> Markup {
    let at = |share: f64| px(SCALE_EDGE + share * SCALE_WIDTH);
    let label =
        format!("{} percent, 95 percent interval {} to {}", whole(rate.value.0), whole(rate.low.0), whole(rate.high.0));
    html! {
        svg viewBox="0 0 500 44" role="img" aria-label=(label) class="chart scale" {
            rect x="0" y="12" width="500" height="10" rx="5" class="track" {}
            rect x=(at(rate.low.0)) y="12" width=(px((rate.high.0 - rate.low.0) * SCALE_WIDTH)) height="10" rx="5" class="interval" {}
            circle cx=(at(rate.value.0)) cy="17" r="7" class="reached" {}
            @let narrow = rate.high.0 - rate.low.0 < NARROW;
            text x=(at(rate.low.0)) y="38" text-anchor=(if narrow { "end" } else { "middle" }) class="note" { (whole(rate.low.0)) }
            text x=(at(rate.high.0 + if narrow { 0.01 } else { 0.0 })) y="38" text-anchor=(if narrow { "start" } else { "middle" }) class="note" { (whole(rate.high.0)) }
            @if rate.high.0 < 0.9 { text x="500" y="38" text-anchor="end" class="note" { "100\u{a0}%" } }
        }
    }
}

fn whole(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

/// Room for half of the point at the ends of a scale, and what is left for the scale.
const SCALE_EDGE: f64 = 7.0;
const SCALE_WIDTH: f64 = 500.0 - 2.0 * SCALE_EDGE;

/// A length with at most two digits behind the point.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A name of at most so many characters.
pub(crate) fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_string();
    }
    name.chars().take(longest - 1).chain(['…']).collect()
}

/// A page of at most so many characters: `/products/:slug` and `/products` stay apart, as `/pro…/:slug` and `/products`.
pub(crate) fn shortened_page(page: &str, longest: usize) -> String {
    let last = page.rfind('/').filter(|at| *at > 0).map_or("", |at| &page[at..]);
    let (all, tail) = (page.chars().count(), last.chars().count());
    if all <= longest || tail == 0 || tail + 3 > longest {
        return shortened(page, longest);
    }
    page.chars().take(longest - 1 - tail).chain(['…']).chain(last.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_the_page_below_it_stay_apart() {
        assert_eq!(shortened_page("/products/:slug", 12), "/prod…/:slug");
        assert_eq!(shortened_page("/products/:slug", 15), "/products/:slug");
        assert_eq!(shortened_page("/a-very-long-page", 8), "/a-very…");
        assert_eq!(shortened_page("/shop/a-very-long-page", 8), "/shop/a…");
    }
}
