//! Class 16, and what is found on the way to it: what is odd about the file itself.

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::session_list::SessionList;
use crate::analysis::session_table::SessionFilter;
use crate::findings::wording::{
    count, count_were, fixed, list, number, percent, place, reasons_in_words, seconds, shown,
};
use crate::findings::{Class, Draft};
use crate::settings::mapping::DateOrder;

/// Lines that a sentence names at most.
const NAMED: usize = 5;

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(left_out_files(results));
    drafts.extend(rejected(results));
    drafts.extend(set_aside(results));
    drafts.extend(salvaged(results));
    drafts.extend(duplicates(results));
    drafts.extend(clock(results));
    drafts.extend(order_of_dates(results));
    drafts.extend(coarse_times(results));
    drafts.extend(arrivals(results));
    drafts.extend(secrets(results));
    drafts.extend(long_sessions(results));
    drafts.extend(edges(results));
    drafts
}

/// A fact about the file alone: no sessions stand behind it.
pub fn about_file(class: Class, title: String, n: u64, of: u64, unit: &str) -> Draft {
    let mut draft = Draft::fact(class, title, n, &SessionList::default());
    draft.finding.n = of;
    draft.finding.unit = unit.into();
    draft
}

fn left_out_files(results: &Results) -> Option<Draft> {
    let left_out = &results.source.left_out;
    let n = left_out.len() as u64;
    let all = n + results.source.files.len() as u64;
    let title = format!("{} left out", count_were(n, "file"));
    let mut draft = about_file(Class::DataQuality, title, n, all, "files");
    let mut names: Vec<String> = left_out.iter().take(NAMED).map(|file| shown(&file.name)).collect();
    if n > NAMED as u64 {
        names.push("others".into());
    }
    let first = left_out.first()?;
    let of = count(all, "file");
    draft.finding.description = match n {
        1 => format!("Of {of}, {}: {}", shown(&first.name), first.problem),
        _ => format!("Of {of}, {}. {}: {}", list(&names), shown(&first.name), first.problem),
    };
    draft.finding.next = "Check that no events are in them; open what belongs to another data set by itself.".into();
    draft.finding.definition =
        "A file that was opened with others, and holds no events or records with other fields.".into();
    Some(draft)
}

fn rejected(results: &Results) -> Option<Draft> {
    let (reasons, lines) = results.rejects();
    let total: u64 = reasons.values().sum();
    if total == 0 {
        return None;
    }
    let mapping = &results.plan.settings.mapping;
    let title = format!("{} could not be read", count(total, "line"));
    let mut draft = about_file(Class::DataQuality, title, total, results.read.lines, "lines");
    let why = reasons_in_words(&reasons, mapping);
    draft.finding.description = format!("Of {}, {why}.", count(results.read.lines, "line"));
    let place = |line: &u64| {
        let (file, line) = results.source.place(*line);
        file.map_or(number(line), |file| format!("{} of {file}", number(line)))
    };
    let mut named: Vec<String> = lines.keys().take(NAMED).map(place).collect();
    if total > NAMED as u64 {
        named.push("others".into());
    }
    draft.finding.next = format!("Look at {} {}.", if total == 1 { "line" } else { "lines" }, list(&named));
    draft.finding.definition =
        "A line that is no record with a session, a time and a page; it is left out of every figure.".into();
    Some(draft)
}

/// Lines of logs and of tools that are whole, but tell of nobody who did anything.
fn set_aside(results: &Results) -> Option<Draft> {
    let reasons = &results.read.set_aside;
    let total: u64 = reasons.values().sum();
    if total == 0 {
        return None;
    }
    let title = format!("{} set aside: no actions of people", count_were(total, "line"));
    let mut draft = about_file(Class::DataQuality, title, total, results.read.lines, "lines");
    let why = reasons_in_words(reasons, &results.plan.settings.mapping);
    draft.finding.description = format!("Of {}, {why}.", count(results.read.lines, "line"));
    draft.finding.next = "Check that nothing you want to count is among them.".into();
    draft.finding.definition = "A whole line that tells of no action of a person: a static file, a program that reads pages by itself, a tool’s own note. It is left out of every figure.".into();
    Some(draft)
}

fn salvaged(results: &Results) -> Option<Draft> {
    let quality = &results.collected.quality;
    let (line, record) = quality.salvaged_records.first_key_value()?;
    let title = format!(
        "{} damaged and repaired",
        match quality.salvaged {
            1 => "1 record was".into(),
            n => format!("{} records were", number(n)),
        }
    );
    let mut draft =
        Draft::fact(Class::DataQuality, title, quality.salvaged, &quality.salvaged_sessions).behind(Behind::Repaired);
    let text = if record.text.is_empty() { String::new() } else { format!("; it now reads “{}”", record.text) };
    let (file, line) = results.source.place(u64::from(*line));
    draft.finding.description = format!("{}: {}{text}.", place(file, line), record.how.rule.describe());
    draft.finding.next =
        "Check the export that wrote the file; repaired records count like others unless salvaging is switched off."
            .into();
    draft.finding.definition = "A record without a time, whose time stands inside another of its fields.".into();
    draft.finding.n = results.read.lines;
    draft.finding.unit = "lines".into();
    Some(draft)
}

fn duplicates(results: &Results) -> Option<Draft> {
    let duplicates = results.collected.quality.duplicates;
    if duplicates == 0 {
        return None;
    }
    let mut draft = about_file(
        Class::Duplicate,
        format!("{} left out", count(duplicates, "duplicate record")),
        duplicates,
        results.read.lines,
        "lines",
    );
    draft.finding.description = format!(
        "{} of {} {} the same, id and all, as an earlier one.",
        number(duplicates),
        count(results.read.lines, "line"),
        if duplicates == 1 { "is" } else { "are" }
    );
    draft.finding.next = "Check whether the export was run or joined twice.".into();
    draft.finding.definition = "Equal in id, user, session, time, page, element and value; the first is kept.".into();
    Some(draft)
}

fn clock(results: &Results) -> Option<Draft> {
    let zoned = results.read.zoned;
    if zoned == 0 || zoned == results.read.events {
        return None;
    }
    let title = "Some times carry a time zone and some do not".to_string();
    let mut draft = about_file(Class::Clock, title, zoned, results.read.events, "events");
    draft.finding.description =
        format!("{} of {} carry one; the others are taken as UTC.", number(zoned), count(results.read.events, "event"));
    draft.finding.next = "Find out in which zone the others were written.".into();
    draft.finding.definition = "A time with a Z or an offset carries its zone.".into();
    Some(draft)
}

fn order_of_dates(results: &Results) -> Option<Draft> {
    let (certain, uncertain) = (results.read.certain_dates, results.read.uncertain_dates);
    if uncertain == 0 || certain > 0 {
        return None;
    }
    let (said, other) = match results.plan.settings.mapping.dates {
        DateOrder::MonthFirst => ("month", "day"),
        DateOrder::DayFirst => ("day", "month"),
    };
    let title = "The file does not tell whether its dates begin with the day or with the month".to_string();
    let mut draft = about_file(Class::Clock, title, uncertain, results.read.events, "events");
    draft.finding.description =
        format!("No part of a date is beyond 12, so that the {said} is taken to stand first, as the settings say.");
    draft.finding.next = format!("If the {other} stands first, say so in the settings (mapping.dates).");
    draft.finding.definition = "Dates of numbers with the year last, such as 03/04/2025.".into();
    Some(draft)
}

/// Neighbouring events of a session, and how many of them have the same time.
fn equal_times(results: &Results) -> (u64, u64) {
    let overview = &results.collected.overview;
    (overview.events - overview.sessions, results.collected.quality.ties)
}

/// A program rounded the times, so that they say little of order and duration.
pub(super) fn times_say_little(results: &Results) -> bool {
    let (pairs, ties) = equal_times(results);
    pairs >= MIN_PAIRS && ties as f64 > results.plan.settings.quality.max_equal_times * pairs as f64
}

fn coarse_times(results: &Results) -> Option<Draft> {
    if !times_say_little(results) {
        return None;
    }
    let (pairs, ties) = equal_times(results);
    let most = results.plan.settings.quality.max_equal_times;
    let title =
        format!("{} of the neighbouring events of a session have the same time", percent(ties as f64 / pairs as f64));
    let mut draft = about_file(Class::DataQuality, title, ties, pairs, "pairs");
    draft.finding.description =
        "They stand in the order of the file. Durations and gaps say little, and no session is judged by them.".into();
    draft.finding.next =
        "Export the times anew: a spreadsheet may have cut them, as in 1.54224E+12, or only whole days were kept."
            .into();
    draft.finding.definition = format!(
        "More than {} of the neighbours in a session with equal times, of at least {MIN_PAIRS}.",
        percent(most)
    );
    Some(draft)
}

/// Neighbours from which on equal times mean something.
const MIN_PAIRS: u64 = 20;

fn arrivals(results: &Results) -> Option<Draft> {
    let arrivals = results.collected.quality.arrivals()?;
    let least = results.plan.settings.quality.min_arrival_variation;
    if arrivals.variation >= least || arrivals.n < 10 {
        return None;
    }
    let title = format!("Sessions start every {}, like clockwork", seconds(arrivals.mean_gap_s));
    let mut draft = about_file(Class::DataQuality, title, arrivals.n + 1, arrivals.n + 1, "sessions");
    draft.finding.filter = Some(SessionFilter::All);
    draft.finding.description = format!(
        "{} start {} apart, give or take {}.",
        count(arrivals.n + 1, "session"),
        seconds(arrivals.mean_gap_s),
        seconds(arrivals.variation * arrivals.mean_gap_s)
    );
    draft.finding.next =
        "Ask whether the file was generated, scheduled or resampled before relying on its rates.".into();
    draft.finding.definition = format!(
        "Standard deviation over mean of the gaps between session starts below {least}; here it is {}, and random \
             arrivals give about 1.",
        fixed(arrivals.variation, 3)
    );
    Some(draft)
}

fn secrets(results: &Results) -> Option<Draft> {
    let secrets = results.collected.quality.secret_values;
    if secrets == 0 {
        return None;
    }
    let title = match secrets {
        1 => "1 event carries what was typed into a password field".into(),
        n => format!("{} events carry what was typed into password fields", number(n)),
    };
    let with_secrets = &results.collected.quality.secret_sessions;
    let mut draft = Draft::fact(Class::DataQuality, title, secrets, with_secrets).behind(Behind::Secret);
    (draft.finding.n, draft.finding.unit) = (results.collected.overview.events, "events".into());
    draft.finding.description = "These values are not shown here or in the report, whatever they hold.".into();
    draft.finding.next = "Make sure that the recording masks them before they leave the visitor’s browser.".into();
    draft.finding.definition =
        "An event with a value on an element whose selector says password, PIN or card code.".into();
    Some(draft)
}

fn long_sessions(results: &Results) -> Option<Draft> {
    let sessions = &results.collected.quality.long_sessions;
    if sessions.count == 0 {
        return None;
    }
    let hours = results.plan.settings.quality.max_session_hours;
    let title = format!(
        "{} longer than {}",
        match sessions.count {
            1 => "1 session is".into(),
            n => format!("{} sessions are", number(n)),
        },
        seconds(hours * 3600.0)
    );
    let mut draft = Draft::fact(Class::DataQuality, title, sessions.count, sessions).behind(Behind::TooLong);
    draft.finding.description =
        format!("{} of {}.", number(sessions.count), count(results.collected.overview.sessions, "session"));
    draft.finding.next = "Check how session ids are given out: one id may stand for several visits.".into();
    draft.finding.definition = format!("First to last event more than {hours} hours.");
    draft.finding.n = results.collected.overview.sessions;
    Some(draft)
}

/// Sessions that the file's ends may cut off; not named, since it is no fault of theirs.
fn edges(results: &Results) -> Option<Draft> {
    let edges = results.collected.quality.edges;
    let (sessions, settings) = (results.collected.overview.sessions, &results.plan.settings.quality);
    results.plan.edges_us()?;
    if edges.sessions == 0 || (edges.sessions as f64) < settings.min_edge_share * sessions as f64 {
        return None;
    }
    let title = format!("{} may be cut off by the file’s ends", count(edges.sessions, "session"));
    let mut draft = about_file(Class::DataQuality, title, edges.sessions, sessions, "sessions");
    draft.finding.filter = Some(SessionFilter::Edges);
    let window = seconds(settings.edge_minutes * 60.0);
    draft.finding.description = format!(
        "Of {}, {} began within {window} of the file’s first event, and {} ended within {window} of its last: what came \
         before or after may be missing.",
        count(sessions, "session"),
        number(edges.at_start),
        number(edges.at_end)
    );
    draft.finding.next =
        "Export from a quiet hour to a quiet hour, or read entries, exits and durations with this in mind.".into();
    draft.finding.definition = format!(
        "First event at most {window} after the file’s first, or last event at most {window} before its last; only \
         where the file is longer than four times that, and from {} of the sessions on.",
        percent(settings.min_edge_share)
    );
    Some(draft)
}
