//! Options for the charts on the screen. They are plain data: no functions, so that nothing from the file can
//! run, and text is only ever shown as text.

use charming::Chart;
use charming::component::{Axis, Grid};
use charming::element::{
    AxisLabel, AxisLine, AxisTick, AxisType, Color, ItemStyle, Label, LabelPosition, SplitLine, Tooltip, Trigger,
};
use charming::series::Bar;

use crate::report::document::FunnelInfo;

/// Colours of the page, which knows whether it is light or dark.
#[derive(Clone, Debug, Default)]
pub struct Colours {
    pub ink: String,
    pub soft: String,
    pub path: String,
    pub loss: String,
    pub paper: String,
}

/// The funnel as bars that lie on their side: who reached each step, and behind it who was lost there.
pub fn funnel(funnel: &FunnelInfo, colours: &Colours) -> Chart {
    // The axis counts from below.
    let steps = || funnel.steps.iter().rev();
    let names: Vec<String> = steps().map(|step| step.name.clone()).collect();
    let reached: Vec<i64> = steps().map(|step| step.sessions as i64).collect();
    let lost: Vec<i64> = steps().map(|step| step.lost as i64).collect();
    let colour = |text: &String| Color::Value(text.clone());
    let bar = |name: &str, fill: &String, text: &String| {
        Bar::new()
            .name(name)
            .stack("sessions")
            .bar_width(26)
            .item_style(ItemStyle::new().color(colour(fill)))
            .label(Label::new().show(true).position(LabelPosition::Inside).color(colour(text)))
    };
    Chart::new()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .grid(Grid::new().left(8).right(16).top(4).bottom(4).contain_label(true))
        .x_axis(
            Axis::new()
                .type_(AxisType::Value)
                .max(funnel.steps.first().map_or(1, |step| step.sessions as i64))
                .axis_label(AxisLabel::new().show(false))
                .split_line(SplitLine::new().show(false)),
        )
        .y_axis(
            Axis::new()
                .type_(AxisType::Category)
                .data(names)
                .axis_line(AxisLine::new().show(false))
                .axis_tick(AxisTick::new().show(false))
                .axis_label(AxisLabel::new().color(colour(&colours.ink)).font_size(14)),
        )
        .series(bar("Reached", &colours.path, &colours.paper).data(reached))
        .series(bar("Lost here", &colours.loss, &colours.paper).data(lost))
}
