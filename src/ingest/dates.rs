//! Dates of numbers with the year last, whose day and month stand in an order that the reader has to know:
//! `03/04/2025 10:00`.

use crate::ingest::time;
use crate::settings::mapping::DateOrder;

/// A time that was read so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// As in [`time::Time`], in the file's own unnamed zone.
    pub us: i64,
    /// No other order would do: a part is beyond 12, the parts have dots between them, or the year stands first.
    pub certain: bool,
}

/// Reads such a time, with or without a time of day, which may be one of 12 hours.
pub fn parse(text: &str, order: DateOrder) -> Option<Dated> {
    let text = text.trim();
    let length = text.find(|char: char| char.is_whitespace() || matches!(char, ',' | 'T')).unwrap_or(text.len());
    let (date, rest) = text.split_at(length);
    let separator = date.chars().find(|char| !char.is_ascii_digit()).filter(|char| matches!(char, '/' | '-' | '.'))?;
    let parts: Vec<&str> = date.split(separator).collect();
    let &[first, second, third] = parts.as_slice() else { return None };
    let number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten();
    let small = |part: &str| number(part).filter(|_| part.len() <= 2);
    let (year, month, day, certain) = if first.len() == 4 {
        (number(first)?, small(second)?, small(third)?, true)
    } else {
        let (a, b) = (small(first)?, small(second)?);
        let dots = separator == '.';
        let (month, day) = if dots || order == DateOrder::DayFirst { (b, a) } else { (a, b) };
        (number(third).filter(|_| third.len() == 4)?, month, day, dots || a > 12 || b > 12)
    };
    let clock = clock(rest.trim_start_matches([',', 'T']).trim())?;
    let time = time::parse(&format!("{year:04}-{month:02}-{day:02} {clock}"))?;
    Some(Dated { us: time.us, certain })
}

/// The microseconds of a text that is a time, in whatever form and order.
pub fn in_any_form(text: &str) -> Option<i64> {
    let by_order = |order| parse(text, order).map(|date| date.us);
    let time = time::parse(text).map(|time| time.us);
    time.or_else(|| by_order(DateOrder::MonthFirst)).or_else(|| by_order(DateOrder::DayFirst))
}

/// A time of day in the form of 24 hours with seconds.
fn clock(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("00:00:00".into());
    }
    let lower = text.to_ascii_lowercase().replace('.', "\u{0}");
    let half = ["am", "pm", "a\u{0}m\u{0}", "p\u{0}m\u{0}"].iter().position(|half| lower.ends_with(half));
    let text = half.map_or(text, |half| text[..text.len() - [2, 2, 4, 4][half]].trim_end());
    let (hour, rest) = text.split_once(':')?;
    let hour: u32 = hour.parse().ok().filter(|_| hour.bytes().all(|byte| byte.is_ascii_digit()))?;
    let hour = match half.map(|half| half % 2) {
        Some(half) => (1..=12).contains(&hour).then_some(hour % 12 + 12 * half as u32)?,
        None => hour,
    };
    let seconds = if rest.contains(':') { "" } else { ":00" };
    Some(format!("{hour:02}:{rest}{seconds}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    fn shown(text: &str, order: DateOrder) -> Option<(String, bool)> {
        parse(text, order).map(|found| (time::format(found.us, false), found.certain))
    }

    #[test]
    fn the_order_decides_where_the_parts_do_not() {
        use DateOrder::{DayFirst, MonthFirst};
        let ok = |text: &str, certain| Some((text.to_string(), certain));
        assert_eq!(shown("03/04/2025 10:00", MonthFirst), ok("2025-03-04T10:00:00", false));
        assert_eq!(shown("03/04/2025 10:00", DayFirst), ok("2025-04-03T10:00:00", false));
        assert_eq!(shown("3/14/2025", MonthFirst), ok("2025-03-14T00:00:00", true));
        assert_eq!(shown("3/14/2025", DayFirst), None);
        assert_eq!(shown("14-3-2025, 1:02:03.5 PM", DayFirst), ok("2025-03-14T13:02:03.5", true));
        assert_eq!(shown("3.4.2025 12:30 a.m.", MonthFirst), ok("2025-04-03T00:30:00", true));
        assert_eq!(shown("2025/3/4 10:00:00", DayFirst), ok("2025-03-04T10:00:00", true));
        for other in [
            "",
            "3/4",
            "3/4/25",
            "1/2/3/4",
            "3/4/2025 25:00",
            "3/4/2025 13:00 pm",
            "a/b/2025",
            "3/4.2025",
            "31/02/2025",
        ] {
            assert_eq!(shown(other, DayFirst), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(
            chars in prop::collection::vec(prop::sample::select("0123é/. :TaApPmM,-".chars().collect::<Vec<_>>()), 0..24),
        ) {
            parse(&String::from_iter(chars), DateOrder::DayFirst);
        }

        #[test]
        fn dates_are_read_as_the_library_reads_them(
            (year, month, day) in (1000i16..=9998, 1i8..=12, 1i8..=31),
            (hour, minute, second) in (0i8..24, 0i8..60, 0i8..60),
            day_first: bool,
            separator in prop::sample::select(vec!['/', '-']),
            twelve: bool,
        ) {
            prop_assume!(day <= date(year, month, 1).days_in_month());
            let order = if day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
            let (a, b) = if day_first { (day, month) } else { (month, day) };
            let clock = if twelve {
                let half = if hour < 12 { "AM" } else { "PM" };
                format!("{}:{minute:02}:{second:02} {half}", (hour + 11) % 12 + 1)
            } else {
                format!("{hour:02}:{minute:02}:{second:02}")
            };
            let text = format!("{a:02}{separator}{b}{separator}{year} {clock}");
            let expected = date(year, month, day).at(hour, minute, second, 0);
            let since = expected.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
            let found = parse(&text, order);
            prop_assert_eq!(found, Some(Dated { us: since.as_micros() as i64, certain: day > 12 }), "{}", text);
        }
    }
}
