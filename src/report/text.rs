//! The results as plain text, for a terminal.

use crate::findings::wording::{count, interval, number, percent, seconds, shown};
use crate::ingest::layout::{self, OTHER_LAYOUT};
use crate::report::Document;
use crate::settings::Mapping;

/// What a terminal shows: the headline, the figures, the funnel and the findings.
pub fn text(document: &Document) -> String {
    let mut lines: Vec<String> = Vec::new();
    let totals = &document.totals;
    lines.push(document.headline.title.clone());
    if !document.headline.lede.is_empty() {
        lines.push(document.headline.lede.clone());
    }
    lines.extend(document.headline.part.iter().cloned());
    lines.push(String::new());
    let mut figures =
        vec![count(totals.events, "event"), count(totals.sessions, "session"), count(totals.users, "user")];
    let others = [
        (totals.salvaged, "repaired"),
        (totals.rejected, "rejected"),
        (totals.set_aside, "set aside"),
        (totals.duplicates, if totals.duplicates == 1 { "duplicate" } else { "duplicates" }),
        (totals.blank, "blank"),
    ];
    figures.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", number(*n))));
    figures.extend(totals.session_median_s.map(|median| format!("median session {}", seconds(median.0))));
    lines.push(figures.join(", "));
    if let (Some(first), Some(last)) = (&totals.first_event, &totals.last_event) {
        lines.push(format!("{} from {first} to {last}", shown(&document.source.name)));
    }
    if document.settings.mapping != Mapping::default() {
        lines.push(format!("Read as {}.", layout::name_of(&document.settings.mapping).unwrap_or(OTHER_LAYOUT)));
    }
    lines.push(String::new());
    lines.push("Funnel".into());
    let width = document.funnel.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
    for step in &document.funnel.steps {
        let share = step.from_previous.as_ref().map_or(String::new(), |rate| {
            format!("  {} [{}], {} lost", percent(rate.value.0), interval(rate), number(step.lost))
        });
        lines.push(format!("  {:width$}  {:>9}{share}", step.name, number(step.sessions)));
    }
    lines.push(format!("  {}", document.abandonment.check));
    lines.extend(document.funnel.notes.iter().map(|note| format!("  {note}")));
    lines.push(String::new());
    lines.push("Findings".into());
    for (rank, finding) in document.findings.iter().enumerate() {
        lines.push(format!(
            "{:>3}. [{}, {}] {}",
            rank + 1,
            finding.severity.word(),
            finding.strength.word(),
            finding.title
        ));
        lines.push(format!("     {}", finding.description));
        lines.push(format!("     {}", finding.next));
    }
    lines.push(String::new());
    // What a terminal would take for a command is shown as a replacement.
    let plain =
        |line: &String| line.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect::<String>();
    lines.iter().map(plain).collect::<Vec<_>>().join("\n")
}
