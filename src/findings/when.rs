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

/// `6 Feb 2025, 09:00`, with its seconds where they are not 0.
pub fn exact(iso: &str) -> String {
    let clock = iso.get(11..19).unwrap_or(iso);
    format!("{},\u{a0}{}", day(iso), clock.strip_suffix(":00").unwrap_or(clock))
}

/// When stretches of so many seconds begin, in as few words as tell them apart: `09:00`, `6 Feb, 09:00`, `6 Feb`.
pub fn short(from: &[&str], width_s: f64) -> Vec<String> {
    let (first, last) = (from.first().copied().unwrap_or_default(), from.last().copied().unwrap_or_default());
    let short = |iso: &&str| match width_s {
        _ if same_day(first, last) && width_s < 60.0 => iso.get(11..19).unwrap_or(iso).to_string(),
        _ if same_day(first, last) => clock(iso).to_string(),
        0.0..86_400.0 => moment_of_year(iso),
        _ if same_year(first, last) => parts(iso).map_or_else(|| iso.to_string(), |(day, _)| day),
        _ => day(iso),
    };
    from.iter().map(short).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_short_as_they_can_be() {
        let plain = |text: String| text.replace('\u{a0}', " ");
        assert_eq!(plain(exact("2025-02-06T09:00:00")), "6 Feb 2025, 09:00");
        assert_eq!(plain(exact("2025-02-06T09:00:13.250Z")), "6 Feb 2025, 09:00:13");
        let short = |from: &[&str], width_s| plain(short(from, width_s).join(" | "));
        assert_eq!(short(&["2025-02-06T09:00:00", "2025-02-06T09:05:00"], 300.0), "09:00 | 09:05");
        assert_eq!(short(&["2025-02-06T09:00:00", "2025-02-06T09:00:05"], 5.0), "09:00:00 | 09:00:05");
        assert_eq!(short(&["2025-02-06T21:00:00", "2025-02-07T00:00:00"], 10_800.0), "6 Feb, 21:00 | 7 Feb, 00:00");
        assert_eq!(short(&["2025-02-06T00:00:00", "2025-02-07T00:00:00"], 86_400.0), "6 Feb | 7 Feb");
        assert_eq!(short(&["2024-12-31T00:00:00", "2025-01-01T00:00:00"], 86_400.0), "31 Dec 2024 | 1 Jan 2025");
        assert!(short(&[], 1.0).is_empty());
    }
}
