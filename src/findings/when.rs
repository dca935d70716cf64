//! Times as people write them, from the document's ISO 8601.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `6 Feb`, and whatever follows the year.
fn parts(iso: &str) -> Option<(String, &str)> {
    let (year, rest) = (iso.get(..4)?, iso.get(5..)?);
    let month: usize = rest.get(..2)?.parse().ok()?;
    let day: u32 = rest.get(3..5)?.parse().ok()?;
    Some((format!("{day}\u{a0}{}", MONTHS.get(month.checked_sub(1)?)?), year))
}

/// `6 Feb 2025`.
pub fn day(iso: &str) -> String {
    parts(iso).map_or_else(|| iso.to_string(), |(day, year)| format!("{day}\u{a0}{year}"))
}

/// `09:00`.
pub fn clock(iso: &str) -> &str {
    iso.get(11..16).unwrap_or(iso)
}

/// `6 Feb 2025, 09:00`.
pub fn moment(iso: &str) -> String {
    format!("{},\u{a0}{}", day(iso), clock(iso))
}

/// `6 Feb, 09:00`.
pub fn moment_of_year(iso: &str) -> String {
    parts(iso).map_or_else(|| iso.to_string(), |(day, _)| format!("{day},\u{a0}{}", clock(iso)))
}

fn same(from: &str, to: &str, characters: usize) -> bool {
    from.get(..characters).is_some_and(|start| to.get(..characters) == Some(start))
}

pub fn same_day(from: &str, to: &str) -> bool {
    same(from, to, 10)
}

pub fn same_year(from: &str, to: &str) -> bool {
    same(from, to, 4)
}

/// `6 Feb 2025, 09:00 to 11:25`; the day once if there is only one.
pub fn span(from: &str, to: &str) -> String {
    if from.is_empty() && to.is_empty() {
        return String::new();
    }
    if same_day(from, to) {
        format!("{} to\u{a0}{}", moment(from), clock(to))
    } else {
        format!("{} to {}", moment(from), moment(to))
    }
}
