//! Options for the charts on the screen. They are plain data: no functions, so that nothing from the file can
//! run, and text is only ever shown as text.

use charming::Chart;
use charming::component::{Axis, Grid};
use charming::element::{
    AxisLabel, AxisLine, AxisTick, AxisType, Color, ItemStyle, Label, LabelPosition, SplitLine, Tooltip, Trigger,
};
use charming::series::Bar;

use crate::report::document::FunnelInfo;

/// Colours and type of the page, which knows whether it is light or dark.
#[derive(Clone, Debug, Default)]
pub struct Colours {
    pub ink: String,
    pub paper: String,
    pub path: String,
    pub loss: String,
    pub loss_wash: String,
    pub sans: String,
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
    let colour = |text: &String| Color::Value(text.clone());
    let label = |text: &String| {
        let position = LabelPosition::InsideLeft;
        Label::new().show(true).position(position).color(colour(text)).font_weight("bold").font_family(&*colours.sans)
    };
    let bar = |name: &str, style: ItemStyle, text: &String| {
        Bar::new().name(name).stack("sessions").bar_width(30).item_style(style.border_radius(3)).label(label(text))
    };
    let lost_style = ItemStyle::new().color(colour(&colours.loss_wash)).border_color(colour(&colours.loss));
    Chart::new()
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
