//! Where sessions go, page by page, as a static picture: a column for each step, a bar for each place as high as
//! the number of its sessions, bands between them. Every bar has its name and number beside it.
//!
//! Coordinates are sums, products and quotients of whole numbers, written with two digits, so that the picture has
//! the same bytes wherever it is made.

use maud::{Markup, html};

use crate::analysis::flow_steps::{FlowLink, FlowSteps, Place};
use crate::charts::svg::{px, shortened_page};
use crate::findings::wording::{count, number};

const WIDTH: f64 = 980.0;
const BAR: f64 = 9.0;
/// Above the columns, for their names.
const HEAD: f64 = 26.0;
/// What all sessions together are high: more with every bar of a column, within bounds.
const HIGH_PER_BAR: usize = 70;
const LOW: usize = 140;
const HIGH: usize = 300;
/// Room for a name and a number, however low the bar.
const SLOT: f64 = 32.0;
const GAP: f64 = 6.0;
const LONGEST_NAME: usize = 16;
/// Fewer columns do not lie farther apart.
const COLUMNS: usize = 4;

/// A bar: where it begins, and how much of it is joined already on either side.
struct Node<'a> {
    place: &'a Place,
    sessions: u64,
    x: f64,
    top: f64,
    left: f64,
    right: f64,
}

/// A band between two bars.
struct Band {
    path: String,
    class: &'static str,
    title: String,
}

/// The picture of flows step by step.
pub fn sankey(flow: &FlowSteps) -> Markup {
    let all: u64 = flow.steps.first().map_or(0, |places| places.iter().map(|(_, sessions)| sessions).sum());
    let bars = flow.steps.iter().map(Vec::len).max().unwrap_or(0);
    let scale = (HIGH_PER_BAR * bars).clamp(LOW, HIGH) as f64 / all.max(1) as f64;
    let (mut columns, height) = layout(flow, scale);
    let bands = bands(flow, &mut columns, scale);
    let label = format!(
        "Flow diagram: where {} are at each of the first {} of their flow. The table below has the same numbers.",
        count(all, "session"),
        count(columns.len() as u64, "step")
    );
    html! {
        svg viewBox=(format!("0 0 {} {}", px(WIDTH), px(height))) role="img" aria-label=(label) class="chart flow" {
            @for (index, column) in columns.iter().enumerate() {
                @if let Some(first) = column.first() { text x=(px(first.x)) y="12" class="note" { "Step " (index + 1) } }
            }
            @for band in &bands { path d=(band.path) class=(band.class) { title { (band.title) } } }
            @for node in columns.iter().flatten() {
                rect x=(px(node.x)) y=(px(node.top)) width=(px(BAR)) height=(px(high(node.sessions, scale))) class=(class(node.place)) {
                    title { (node.place.label()) ": " (count(node.sessions, "session")) }
                }
                text x=(px(node.x + BAR + 6.0)) y=(px(node.top + 11.0)) class="name" { (shortened_page(node.place.label(), LONGEST_NAME)) }
                text x=(px(node.x + BAR + 6.0)) y=(px(node.top + 26.0)) class="note" { (number(node.sessions)) }
            }
        }
    }
}

/// A bar is never too low to be seen.
fn high(sessions: u64, scale: f64) -> f64 {
    (sessions as f64 * scale).max(1.0)
}

fn class(place: &Place) -> &'static str {
    match place {
        Place::Page { .. } => "page",
        Place::Other => "other",
        Place::Goal => "goal",
        Place::DropOff => "drop",
    }
}

/// Columns of bars, each from the top down, and how high the picture is.
fn layout(flow: &FlowSteps, scale: f64) -> (Vec<Vec<Node<'_>>>, f64) {
    let apart = WIDTH / flow.steps.len().max(COLUMNS) as f64;
    let mut height = HEAD;
    let mut columns = Vec::new();
    for (index, places) in flow.steps.iter().enumerate() {
        let (x, mut top) = (apart * index as f64, HEAD);
        let mut column = Vec::new();
        for (place, sessions) in places {
            column.push(Node { place, sessions: *sessions, x, top, left: top, right: top });
            top += (*sessions as f64 * scale).max(SLOT) + GAP;
        }
        height = height.max(top);
        columns.push(column);
    }
    (columns, height)
}

/// The bands, each below the one before at either end, in the order of the bars there.
fn bands(flow: &FlowSteps, columns: &mut [Vec<Node>], scale: f64) -> Vec<Band> {
    let position = |column: &[Node], place: &Place| column.iter().position(|node| node.place == place);
    let mut links: Vec<(usize, usize, usize, &FlowLink)> = Vec::new();
    for link in &flow.links {
        let step = link.step as usize;
        let (Some(here), Some(next)) = (columns.get(step), columns.get(step + 1)) else { continue };
        if let (Some(from), Some(to)) = (position(here, &link.from), position(next, &link.to)) {
            links.push((step, from, to, link));
        }
    }
    links.sort_by_key(|(step, from, to, _)| (*step, *from, *to));
    let band = |(step, from, to, link): (usize, usize, usize, &FlowLink)| {
        let thick = link.sessions as f64 * scale;
        let source = &mut columns[step][from];
        let (x0, y0) = (source.x + BAR, source.right);
        source.right += thick;
        let target = &mut columns[step + 1][to];
        let (x1, y1) = (target.x, target.left);
        target.left += thick;
        let middle = px((x0 + x1) / 2.0);
        let (x0, x1, y0, y1, low0, low1) = (px(x0), px(x1), px(y0), px(y1), px(y0 + thick), px(y1 + thick));
        Band {
            path: format!(
                "M{x0} {y0}C{middle} {y0} {middle} {y1} {x1} {y1}V{low1}C{middle} {low1} {middle} {low0} {x0} {low0}Z"
            ),
            class: if link.to == Place::DropOff { "band drop" } else { "band" },
            title: format!("{} → {}: {}", link.from.label(), link.to.label(), count(link.sessions, "session")),
        }
    };
    links.into_iter().map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: &str) -> Place {
        Place::Page { page: page.into() }
    }

    fn link(step: u32, from: Place, to: Place, sessions: u64) -> FlowLink {
        FlowLink { step, from, to, sessions }
    }

    #[test]
    fn bars_hold_their_bands_and_names_do_not_meet() {
        let flow = FlowSteps {
            steps: vec![
                vec![(page("/a"), 90), (page("/b"), 10)],
                vec![(page("/b"), 60), (Place::Goal, 1), (Place::DropOff, 39)],
            ],
            links: vec![
                link(0, page("/a"), page("/b"), 60),
                link(0, page("/a"), Place::DropOff, 30),
                link(0, page("/b"), Place::Goal, 1),
                link(0, page("/b"), Place::DropOff, 9),
            ],
        };
        let scale = 3.0;
        let (mut columns, height) = layout(&flow, scale);
        assert_eq!(bands(&flow, &mut columns, scale).len(), 4);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for node in &columns[0] {
            assert!(close(node.right, node.top + node.sessions as f64 * scale));
        }
        for column in &columns {
            for pair in column.windows(2) {
                assert!(pair[1].top - pair[0].top >= SLOT);
            }
        }
        for node in &columns[1] {
            assert!(close(node.left, node.top + node.sessions as f64 * scale));
            assert!(node.top + SLOT <= height);
        }
    }

    #[test]
    fn names_are_escaped() {
        let flow = FlowSteps { steps: vec![vec![(page("/<b>&"), 1)]], links: Vec::new() };
        let svg = sankey(&flow).into_string();
        assert!(svg.contains("/&lt;b&gt;&amp;") && !svg.contains("<b>"), "{svg}");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(!sankey(&FlowSteps::default()).into_string().contains("NaN"));
    }
}
