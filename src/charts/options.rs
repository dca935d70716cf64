//! Options for the charts on the screen. They are plain data: no functions, so that nothing from the file can
//! run, and text is only ever shown as text.

use charming::Chart;
use charming::component::{Axis, Grid, Legend};
use charming::element::{
    AxisLabel, AxisLine, AxisPointer, AxisPointerType, AxisTick, AxisType, BorderType, Color, ItemStyle, Label,
    LabelPosition, LineStyle, LineStyleType, SplitLine, TextStyle, Tooltip, Trigger,
};
use charming::series::{Bar, Line, Sankey, SankeyLink, SankeyNode, SankeyNodeAlign};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::analysis::flow_steps::{FlowSteps, Place};
use crate::analysis::histogram::HistogramBin;
use crate::charts::svg::shortened_page;
use crate::engine::wire::as_text;
use crate::findings::when;
use crate::findings::wording::{count, number, span};
use crate::report::document::{FunnelInfo, StepInfo, TimelineInfo};
use crate::report::trend::Trend;
use crate::stats::{Rate, Rounded};

/// Colours and type of the page, which knows whether it is light or dark.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Colours {
    pub ink: String,
    pub soft: String,
    pub line: String,
    pub paper: String,
    pub path: String,
    pub path_wash: String,
    pub loss: String,
    pub loss_wash: String,
    pub sans: String,
    /// Of the chart, in pixels.
    pub width: f64,
    /// The screen is that of a telephone.
    pub narrow: bool,
}

/// What is to be drawn. A worker makes the options of it: the page has no other use for charming, which is large.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Picture {
    Funnel(FunnelInfo),
    Flows(#[serde(with = "as_text")] FlowSteps),
    Histogram(Vec<HistogramBin>),
    Timeline(TimelineInfo),
    Trend(Trend),
}

impl Picture {
    /// Options as JSON.
    pub fn options(&self, colours: &Colours) -> String {
        let drawing = match self {
            Picture::Funnel(of) => funnel(of, colours),
            Picture::Flows(of) => sankey(of, colours),
            Picture::Histogram(of) => histogram(of, colours),
            Picture::Timeline(of) => timeline(of, colours),
            Picture::Trend(of) => trend(of, colours),
        };
        let mut options = json!(drawing.chart);
        // Charming has no name for the type of a tooltip.
        let type_ = json!({ "color": colours.ink, "fontFamily": colours.sans });
        let tooltip = json!({ "backgroundColor": colours.paper, "borderColor": colours.line, "textStyle": type_ });
        lay_over(&mut options, json!({ "tooltip": tooltip }));
        lay_over(&mut options, drawing.more);
        options.to_string()
    }
}

/// A chart, and what is laid over it because charming has no name for it: plain data as well.
pub struct Drawing {
    pub chart: Chart,
    pub more: Value,
}

/// Lays options over others: objects by their keys, lists by their places, all else takes the place of what was there. An
/// object where a list is laid over it is a list of one, as for the chart library.
fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (_, Value::Null) => {}
        (Value::Object(under), Value::Object(over)) => {
            over.into_iter().for_each(|(key, value)| lay_over(under.entry(key).or_insert(Value::Null), value));
        }
        (under @ Value::Object(_), over @ Value::Array(_)) => {
            *under = Value::Array(vec![under.take()]);
            lay_over(under, over);
        }
        (Value::Array(under), Value::Array(over)) => {
            under.resize(under.len().max(over.len()), Value::Null);
            under.iter_mut().zip(over).for_each(|(under, over)| lay_over(under, over));
        }
        (under, over) => *under = over,
    }
}

impl From<Chart> for Drawing {
    fn from(chart: Chart) -> Drawing {
        Drawing { chart, more: Value::Null }
    }
}

fn colour(text: &str) -> Color {
    Color::Value(text.into())
}

impl Colours {
    /// Nothing grows into its place: while it did, it would show wrong numbers.
    fn chart(&self) -> Chart {
        Chart::new().animation(false)
    }

    /// Tells what is at a place of the axis, without a line through the chart.
    fn tooltip_of_axis(&self) -> Tooltip {
        let pointer = AxisPointer::new().type_(AxisPointerType::None);
        Tooltip::new().trigger(Trigger::Axis).axis_pointer(pointer)
    }

    fn axis_label(&self) -> AxisLabel {
        AxisLabel::new().color(colour(&self.soft)).font_size(12).font_family(&*self.sans)
    }

    fn counts_axis(&self) -> Axis {
        Axis::new()
            .type_(AxisType::Value)
            .min_interval(1)
            .axis_label(self.axis_label())
            .split_line(SplitLine::new().line_style(LineStyle::new().color(colour(&self.line))))
    }

    fn names_axis(&self, names: Vec<String>) -> Axis {
        Axis::new()
            .type_(AxisType::Category)
            .data(names)
            .axis_line(AxisLine::new().line_style((1.0, self.line.as_str())))
            .axis_tick(AxisTick::new().show(false))
            .axis_label(self.axis_label())
    }

    fn legend(&self) -> Legend {
        let style = TextStyle::new().color(colour(&self.ink)).font_family(&*self.sans);
        Legend::new().top(0).left(0).text_style(style)
    }

    fn bar(&self, name: &str, fill: &str) -> Bar {
        let style = ItemStyle::new().color(colour(fill)).border_radius(2);
        Bar::new().name(name).item_style(style)
    }
}

/// The colour and place of a label are its text's own; the name of what it is on is the text.
const NAME: &str = "{b}";

/// Room for a number beside a bar, in pixels.
const BESIDE: f64 = 34.0;

/// About how wide a bold text is, in pixels.
fn wide(text: &str) -> f64 {
    text.chars().count() as f64 * 7.6 + 12.0
}

/// The funnel as bars that lie on their side: who reached each step, and behind it who came to the one before and no further. On a small
/// screen the names of the steps stand above their bars.
pub fn funnel(funnel: &FunnelInfo, colours: &Colours) -> Drawing {
    // The axis counts from below.
    let steps = || funnel.steps.iter().rev();
    let names: Vec<String> = steps().map(|step| step.name.clone()).collect();
    let all = funnel.steps.first().map_or(1, |step| step.sessions).max(1);
    let longest = names.iter().map(|name| wide(name)).fold(0.0, f64::max);
    let names_room = if colours.narrow { 0.0 } else { longest };
    let scale = (colours.width - names_room - BESIDE).max(1.0) / all as f64;
    let beside = |step: &StepInfo| (all - step.sessions - step.lost) as f64 * scale + BESIDE;
    let in_full = |step: &StepInfo| format!("{} did not get here", number(step.lost));
    // Said of every bar or of none.
    let say =
        steps().all(|step| step.lost == 0 || (step.lost as f64 * scale).max(beside(step)) >= wide(&in_full(step)));
    let mut reached = Vec::new();
    let mut lost = Vec::new();
    for step in steps() {
        let text = number(step.sessions);
        let inside = step.sessions as f64 * scale >= wide(&text);
        // Where the lost stand beside it, a number that does not fit would write over theirs.
        let show = inside || step.lost == 0;
        let (place, ink) = if inside { ("insideLeft", &colours.paper) } else { ("right", &colours.ink) };
        reached.push(json!({
            "value": step.sessions, "name": text,
            "label": { "show": show, "position": place, "color": ink },
        }));
        // Where nobody was lost there is no bar, and no number either.
        if step.lost == 0 {
            lost.push(json!(null));
            continue;
        }
        let text = if say { in_full(step) } else { number(step.lost) };
        let place = if step.lost as f64 * scale >= wide(&text) { "insideLeft" } else { "right" };
        lost.push(json!({ "value": step.lost, "name": text, "label": { "position": place } }));
    }
    let bar = |name: &str, style: ItemStyle, text: &str| {
        let label = Label::new().show(true).formatter(NAME).color(colour(text)).font_weight("bold");
        let thick = if colours.narrow { 24 } else { 30 };
        Bar::new()
            .name(name)
            .stack("sessions")
            .bar_width(thick)
            .item_style(style.border_radius(3))
            .label(label.font_family(&*colours.sans))
    };
    let lost_style = ItemStyle::new().color(colour(&colours.loss_wash)).border_color(colour(&colours.loss));
    let name_style = AxisLabel::new().color(colour(&colours.ink)).font_size(14).font_family(&*colours.sans);
    let chart = colours
        .chart()
        .tooltip(colours.tooltip_of_axis())
        .grid(Grid::new().left(0).right(BESIDE).top(0).bottom(0).contain_label(!colours.narrow))
        .x_axis(
            Axis::new()
                .type_(AxisType::Value)
                .max(all as i64)
                .axis_label(AxisLabel::new().show(false))
                .split_line(SplitLine::new().show(false)),
        )
        .y_axis(
            Axis::new()
                .type_(AxisType::Category)
                .data(names)
                .axis_line(AxisLine::new().show(false))
                .axis_tick(AxisTick::new().show(false))
                .axis_label(name_style),
        )
        .series(bar("Sessions", ItemStyle::new().color(colour(&colours.path)), &colours.paper))
        .series(bar("Did not get here", lost_style.border_width(1), &colours.loss));
    let above =
        json!({ "inside": true, "align": "left", "verticalAlign": "bottom", "margin": 0, "padding": [0, 0, 14, 0] });
    // Said in full, since it is laid over what was drawn before the screen changed its width.
    let beside =
        json!({ "inside": false, "align": "right", "verticalAlign": "middle", "margin": 8, "padding": [0, 0, 0, 0] });
    let names = if colours.narrow { above } else { beside };
    Drawing {
        chart,
        more: json!({ "yAxis": [{ "axisLabel": names }], "series": [{ "data": reached }, { "data": lost }] }),
    }
}

/// Width of a bar of the flows, room at the right for the names of the last column, and what lies between two bars
/// of a column: enough for a line of text. In pixels.
pub const FLOW_BAR: usize = 10;
pub const FLOW_ROOM: usize = 136;
const FLOW_GAP: usize = 16;
/// A column is at least so wide; the page scrolls a chart that has less room.
pub const FLOW_COLUMN: usize = 128;
/// Between the end of a name and the bar of the next column, and about how wide a character is. In pixels.
const FLOW_BETWEEN: f64 = 12.0;
const FLOW_CHARACTER: f64 = 6.7;
/// Characters of a name with its number, at most; and of a name in a tooltip.
const FLOW_NAME: usize = 28;
const FLOW_TOOLTIP_NAME: usize = 60;

/// How many characters a name and its number may have where a chart has so many columns.
fn longest_name(columns: usize, colours: &Colours) -> usize {
    let least = (columns * FLOW_COLUMN) as f64;
    let wide = colours.width.max(least) - (FLOW_ROOM + FLOW_BAR) as f64;
    let column = (wide / columns.saturating_sub(1).max(1) as f64).min(FLOW_ROOM as f64 + FLOW_BETWEEN);
    (((column - FLOW_BAR as f64 - FLOW_BETWEEN) / FLOW_CHARACTER) as usize).min(FLOW_NAME)
}

/// The name of a place at a step, short enough to end before the next column. The same page at another step is another
/// node, and two may be shortened to the same: they are told apart by signs that have no width.
fn node_name(step: usize, index: usize, place: &Place, sessions: u64, longest: usize) -> String {
    let longest = longest.saturating_sub(number(sessions).len() + 1);
    let which: String = format!("{:b}", step * 100 + index + 1).replace('0', "\u{200b}").replace('1', "\u{200c}");
    format!("{}{which}", shortened_page(place.label(), longest))
}

/// The name of a place in a tooltip, which has more room.
fn in_tooltip(place: &Place) -> String {
    shortened_page(place.label(), FLOW_TOOLTIP_NAME)
}

/// A text of its own as a formatter that is drawn: no brace of it stands for a value or begins a style.
fn drawn(text: &str) -> String {
    text.replace('{', "{\u{200b}")
}

/// Flows step by step. Nodes and bands stand in the order of the answer.
pub fn sankey(steps: &FlowSteps, colours: &Colours) -> Drawing {
    let longest = longest_name(steps.steps.len(), colours);
    let mut nodes = Vec::new();
    // What the chart library cannot say of a node.
    let mut labels = Vec::new();
    let mut names: Vec<Vec<(&Place, String)>> = Vec::new();
    for (step, places) in steps.steps.iter().enumerate() {
        let mut column = Vec::new();
        for (index, (place, sessions)) in places.iter().enumerate() {
            let fill = match place {
                Place::Page { .. } => &colours.path,
                Place::Goal => &colours.path,
                Place::Other => &colours.soft,
                Place::DropOff => &colours.loss,
            };
            let style = ItemStyle::new().color(colour(fill)).border_width(0);
            let name = node_name(step, index, place, *sessions, longest);
            labels.push(json!({
                // The name is put in as text, and as text only.
                "label": { "formatter": format!("{{b}} {}", number(*sessions)) },
                "tooltip": { "formatter": drawn(&format!("{}: {}", in_tooltip(place), count(*sessions, "session"))) },
            }));
            nodes.push(SankeyNode::new(name.clone()).value(*sessions as f64).depth(step as f64).item_style(style));
            column.push((place, name));
        }
        names.push(column);
    }
    let name = |step: usize, place: &Place| {
        let column = names.get(step);
        let node = column.and_then(|column| column.iter().find(|(other, _)| *other == place));
        node.map_or(String::new(), |(_, name)| name.clone())
    };
    let links: Vec<SankeyLink> = steps
        .links
        .iter()
        .map(|link| {
            let step = link.step as usize;
            SankeyLink { source: name(step, &link.from), target: name(step + 1, &link.to), value: link.sessions as f64 }
        })
        .collect();
    let label = Label::new().color(colour(&colours.ink)).font_size(12).font_family(&*colours.sans);
    let chart = colours.chart().tooltip(Tooltip::new().trigger(Trigger::Item)).series(
        Sankey::new()
            .left(0)
            .right(FLOW_ROOM as i64)
            .top(8)
            .bottom(8)
            // The order of the answer: most sessions first, ends last.
            .layout_iterations(0u64)
            .node_align(SankeyNodeAlign::Left)
            .nodes(nodes)
            .links(links)
            .label(label)
            // As what they lead to: who ends without the goal is seen to.
            .line_style(LineStyle::new().color(colour("target")).opacity(0.2).curveness(0.5)),
    );
    let of_links = steps.links.iter().map(|link| {
        let (from, to) = (in_tooltip(&link.from), in_tooltip(&link.to));
        let says = format!("{from} → {to}: {}", count(link.sessions, "session"));
        json!({ "tooltip": { "formatter": drawn(&says) } })
    });
    // Names stay legible where bands cross them.
    let halo = json!({ "textBorderColor": colours.paper, "textBorderWidth": 3 });
    Drawing {
        chart,
        more: json!({
            // Drawn, not written into the page: whatever is in a name stays text.
            "tooltip": { "renderMode": "richText", "confine": true },
            "series": [{
                "nodeGap": FLOW_GAP, "nodeWidth": FLOW_BAR, "label": halo,
                "data": labels, "links": of_links.collect::<Vec<_>>(),
            }],
        }),
    }
}

/// A histogram of times.
pub fn histogram(bins: &[HistogramBin], colours: &Colours) -> Drawing {
    let names: Vec<String> = bins.iter().map(|bin| span(bin.from_ms, bin.to_ms)).collect();
    let counts: Vec<i64> = bins.iter().map(|bin| bin.count as i64).collect();
    let label = Label::new()
        .show(bins.len() <= 16)
        .position(LabelPosition::Top)
        .color(colour(&colours.ink))
        .font_family(&*colours.sans);
    colours
        .chart()
        .tooltip(colours.tooltip_of_axis())
        .grid(Grid::new().left(0).right(8).top(24).bottom(0).contain_label(true))
        .x_axis(colours.names_axis(names))
        .y_axis(colours.counts_axis())
        .series(colours.bar("Count", &colours.path).label(label).data(counts))
        .into()
}

/// Events over time, errors among them set apart.
pub fn timeline(timeline: &TimelineInfo, colours: &Colours) -> Drawing {
    let from: Vec<&str> = timeline.bins.iter().map(|bin| bin.from.as_str()).collect();
    let names = when::short(&from, timeline.width_s.0);
    // Where there is no error there is no bar, and no line either.
    let errors: Vec<Option<i64>> =
        timeline.bins.iter().map(|bin| (bin.error_events > 0).then_some(bin.error_events as i64)).collect();
    let others: Vec<i64> = timeline.bins.iter().map(|bin| (bin.events - bin.error_events) as i64).collect();
    let dashed = ItemStyle::new()
        .color(colour(&colours.loss_wash))
        .border_color(colour(&colours.loss))
        .border_width(1)
        .border_type(BorderType::Dashed);
    colours
        .chart()
        .tooltip(colours.tooltip_of_axis())
        .legend(colours.legend())
        // The first and the last name are wider than their bars.
        .grid(Grid::new().left(36).right(36).top(36).bottom(0).contain_label(true))
        .x_axis(colours.names_axis(names))
        .y_axis(colours.counts_axis())
        .series(colours.bar("Other events", &colours.path).stack("events").data(others))
        .series(Bar::new().name("Errors").stack("events").item_style(dashed).data(errors))
        .into()
}

/// Of the sessions that begin in a stretch, the share that reaches the goal, between the ends of its interval; and the share
/// that meets an error.
pub fn trend(trend: &Trend, colours: &Colours) -> Drawing {
    let from: Vec<&str> = trend.stretches.iter().map(|stretch| stretch.from.as_str()).collect();
    let points = |of: &dyn Fn(&Rate) -> Rounded, errors: bool| -> Vec<Option<f64>> {
        let rates = trend.stretches.iter().map(|stretch| match errors {
            false => stretch.converted_rate.as_ref(),
            true => stretch.error_rate.as_ref(),
        });
        rates.map(|rate| rate.map(|rate| libm::round(of(rate).0 * 1000.0) / 10.0)).collect()
    };
    let line = |name: &str, stroke: &str, kind: LineStyleType, width: f64, data: Vec<Option<f64>>| {
        let style = LineStyle::new().color(colour(stroke)).type_(kind).width(width);
        let points = ItemStyle::new().color(colour(stroke));
        Line::new().name(name).line_style(style).item_style(points).show_symbol(width > 1.0).symbol_size(6).data(data)
    };
    let (solid, dotted, dashed) = (LineStyleType::Solid, LineStyleType::Dotted, LineStyleType::Dashed);
    let percent = colours.axis_label().formatter("{value} %");
    let chart = colours
        .chart()
        .tooltip(colours.tooltip_of_axis())
        .legend(colours.legend())
        .grid(Grid::new().left(36).right(36).top(40).bottom(0).contain_label(true))
        .x_axis(colours.names_axis(when::short(&from, trend.width_s.0)))
        .y_axis(colours.counts_axis().axis_label(percent))
        .series(line("Reached the goal, %", &colours.path, solid, 2.0, points(&|rate| rate.value, false)))
        .series(line("Interval from", &colours.path, dotted, 1.0, points(&|rate| rate.low, false)))
        .series(line("to", &colours.path, dotted, 1.0, points(&|rate| rate.high, false)))
        .series(line("Met an error, %", &colours.loss, dashed, 2.0, points(&|rate| rate.value, true)));
    // The ends of the interval are told of beside the chart.
    Drawing { chart, more: json!({ "legend": [{ "data": ["Reached the goal, %", "Met an error, %"] }] }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_laid_over_others() {
        let mut options =
            json!({ "axis": { "type": "value", "max": 3 }, "series": [{ "data": [1, 2] }, { "name": "b" }] });
        lay_over(&mut options, Value::Null);
        let over = json!({ "axis": [{ "max": 4 }], "series": [{ "data": [{ "value": 1 }] }, null, { "name": "c" }], "more": true });
        lay_over(&mut options, over);
        let laid = json!({
            "axis": [{ "type": "value", "max": 4 }],
            "series": [{ "data": [{ "value": 1 }, 2] }, { "name": "b" }, { "name": "c" }],
            "more": true,
        });
        assert_eq!(options, laid);
    }

    #[test]
    fn the_flows_tooltips_are_drawn_with_whole_names_and_nothing_of_a_name_is_put_in() {
        let page = Place::Page { page: "/a/very/long/page/with/{b}<img src=x>".into() };
        let steps = FlowSteps {
            steps: vec![vec![(page.clone(), 2)], vec![(Place::DropOff, 2)]],
            links: vec![crate::analysis::flow_steps::FlowLink { step: 0, from: page, to: Place::DropOff, sessions: 2 }],
        };
        let options: Value =
            serde_json::from_str(&Picture::Flows(steps).options(&Colours { width: 900.0, ..Colours::default() }))
                .unwrap();
        assert_eq!(options["tooltip"]["renderMode"], "richText");
        let of_link = &options["series"][0]["links"][0];
        let says = of_link["tooltip"]["formatter"].as_str().unwrap();
        assert_eq!(says, "/a/very/long/page/with/{\u{200b}b}<img src=x> → Drop-off: 2 sessions");
        assert_eq!(of_link["value"], 2.0);
        assert_eq!(options["series"][0]["data"][1]["tooltip"]["formatter"], "Drop-off: 2 sessions");
    }
}
