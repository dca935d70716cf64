//! Options for the charts on the screen. They are plain data: no functions, so that nothing from the file can
//! run, and text is only ever shown as text.

use charming::Chart;
use charming::component::{Axis, Grid, Legend};
use charming::element::{
    AxisLabel, AxisLine, AxisTick, AxisType, BorderType, Color, ItemStyle, Label, LabelPosition, LineStyle, SplitLine,
    TextStyle, Tooltip, Trigger,
};
use charming::series::{Bar, Sankey, SankeyLink, SankeyNode, SankeyNodeAlign};

use crate::analysis::flow_steps::{FlowSteps, Place};
use crate::analysis::histogram::HistogramBin;
use crate::findings::wording::span;
use crate::report::document::{FunnelInfo, TimelineBin, TimelineInfo};

/// Colours and type of the page, which knows whether it is light or dark.
#[derive(Clone, Debug, Default)]
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
    /// Nothing is to move.
    pub still: bool,
}

fn colour(text: &str) -> Color {
    Color::Value(text.into())
}

impl Colours {
    fn chart(&self) -> Chart {
        Chart::new().animation(!self.still)
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

    fn bar(&self, name: &str, fill: &str) -> Bar {
        let style = ItemStyle::new().color(colour(fill)).border_radius(2);
        Bar::new().name(name).item_style(style)
    }
}

/// The funnel as bars that lie on their side: who reached each step, and behind it who was lost there.
pub fn funnel(funnel: &FunnelInfo, colours: &Colours) -> Chart {
    // The axis counts from below.
    let steps = || funnel.steps.iter().rev();
    let names: Vec<String> = steps().map(|step| step.name.clone()).collect();
    let reached: Vec<i64> = steps().map(|step| step.sessions as i64).collect();
    // Where nobody was lost there is no bar, and no number either.
    let lost: Vec<Option<i64>> = steps().map(|step| (step.lost > 0).then_some(step.lost as i64)).collect();
    let all = funnel.steps.first().map_or(1, |step| step.sessions as i64);
    let label = |text: &str| {
        let position = LabelPosition::InsideLeft;
        Label::new().show(true).position(position).color(colour(text)).font_weight("bold").font_family(&*colours.sans)
    };
    let bar = |name: &str, style: ItemStyle, text: &str| {
        Bar::new().name(name).stack("sessions").bar_width(30).item_style(style.border_radius(3)).label(label(text))
    };
    let lost_style = ItemStyle::new().color(colour(&colours.loss_wash)).border_color(colour(&colours.loss));
    colours
        .chart()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .grid(Grid::new().left(0).right(2).top(0).bottom(0).contain_label(true))
        .x_axis(
            Axis::new()
                .type_(AxisType::Value)
                .max(all)
                .axis_label(AxisLabel::new().show(false))
                .split_line(SplitLine::new().show(false)),
        )
        .y_axis(
            Axis::new()
                .type_(AxisType::Category)
                .data(names)
                .axis_line(AxisLine::new().show(false))
                .axis_tick(AxisTick::new().show(false))
                .axis_label(AxisLabel::new().color(colour(&colours.ink)).font_size(14).font_family(&*colours.sans)),
        )
        .series(bar("Reached", ItemStyle::new().color(colour(&colours.path)), &colours.paper).data(reached))
        .series(bar("Lost here", lost_style.border_width(1), &colours.loss).data(lost))
}

/// The name of a place at a step: the same page at another step is another node, told apart by blanks that have
/// no width.
fn node_name(step: usize, place: &Place) -> String {
    format!("{}{}", place.label(), "\u{200b}".repeat(step))
}

/// Flows step by step. Nodes and bands stand in the order of the answer.
pub fn sankey(steps: &FlowSteps, colours: &Colours) -> Chart {
    let mut nodes = Vec::new();
    for (step, places) in steps.steps.iter().enumerate() {
        for (place, sessions) in places {
            let fill = match place {
                Place::Page { .. } => &colours.path,
                Place::Goal => &colours.ink,
                Place::Other => &colours.soft,
                Place::DropOff => &colours.loss,
            };
            let style = ItemStyle::new().color(colour(fill)).border_width(0);
            nodes.push(
                SankeyNode::new(node_name(step, place)).value(*sessions as f64).depth(step as f64).item_style(style),
            );
        }
    }
    let links: Vec<SankeyLink> = steps
        .links
        .iter()
        .map(|link| {
            let step = link.step as usize;
            SankeyLink {
                source: node_name(step, &link.from),
                target: node_name(step + 1, &link.to),
                value: link.sessions as f64,
            }
        })
        .collect();
    let label = Label::new().color(colour(&colours.ink)).font_size(12).font_family(&*colours.sans);
    colours.chart().tooltip(Tooltip::new().trigger(Trigger::Item)).series(
        Sankey::new()
            .left(0)
            .right(110)
            .top(8)
            .bottom(8)
            // The order of the answer: most sessions first, ends last.
            .layout_iterations(0u64)
            .node_align(SankeyNodeAlign::Left)
            .nodes(nodes)
            .links(links)
            .label(label)
            .line_style(LineStyle::new().color(colour(&colours.path)).opacity(0.18).curveness(0.5)),
    )
}

/// A histogram of times.
pub fn histogram(bins: &[HistogramBin], colours: &Colours) -> Chart {
    let names: Vec<String> = bins.iter().map(|bin| span(bin.from_ms, bin.to_ms)).collect();
    let counts: Vec<i64> = bins.iter().map(|bin| bin.count as i64).collect();
    let label = Label::new()
        .show(bins.len() <= 16)
        .position(LabelPosition::Top)
        .color(colour(&colours.ink))
        .font_family(&*colours.sans);
    colours
        .chart()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .grid(Grid::new().left(0).right(8).top(24).bottom(0).contain_label(true))
        .x_axis(colours.names_axis(names))
        .y_axis(colours.counts_axis())
        .series(colours.bar("Count", &colours.path).label(label).data(counts))
}

/// When bins begin, in as few words as tell them apart.
fn short_times(bins: &[TimelineBin], width_s: f64) -> Vec<String> {
    let date = |bin: &TimelineBin| bin.from.split('T').next().unwrap_or_default().to_string();
    let one_day = bins.first().map(date) == bins.last().map(date);
    let short = |bin: &TimelineBin| {
        let (day, time) = bin.from.split_once('T').unwrap_or((&bin.from, ""));
        let time = if width_s < 60.0 { time } else { time.get(..5).unwrap_or(time) };
        match (one_day, width_s < 86_400.0) {
            (true, _) => time.to_string(),
            (false, true) => format!("{} {time}", day.get(5..).unwrap_or(day)),
            (false, false) => day.to_string(),
        }
    };
    bins.iter().map(short).collect()
}

/// Events over time, errors among them set apart.
pub fn timeline(timeline: &TimelineInfo, colours: &Colours) -> Chart {
    let names = short_times(&timeline.bins, timeline.width_s.0);
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
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .legend(
            Legend::new()
                .top(0)
                .left(0)
                .text_style(TextStyle::new().color(colour(&colours.ink)).font_family(&*colours.sans)),
        )
        // The first and the last name are wider than their bars.
        .grid(Grid::new().left(36).right(36).top(36).bottom(0).contain_label(true))
        .x_axis(colours.names_axis(names))
        .y_axis(colours.counts_axis())
        .series(colours.bar("Events", &colours.path).stack("events").data(others))
        .series(Bar::new().name("Errors").stack("events").item_style(dashed).data(errors))
}
