//! Reads and writes points in time.
//!
//! Inside, a time is whole microseconds since 1970-01-01 00:00:00. A text without a time zone is taken as it
//! stands (as if it were UTC), and written back without one.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// A point in time as the file gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Microseconds since 1970-01-01 00:00:00, in UTC if `zoned`, else in the file's own unnamed zone.
    pub us: i64,
    /// The text named its offset from UTC.
    pub zoned: bool,
}

/// Reads ISO 8601 and RFC 3339 texts, with a space or a `T`, with or without fraction, zone and time of day.
pub fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    // An offset, if there is one, stands behind the date.
    let zoned = text.len() > 10 && text.is_char_boundary(10) && text[10..].contains(['Z', 'z', '+', '-']);
    if zoned {
        let us = text.parse::<Timestamp>().ok()?.as_microsecond();
        return Some(Time { us, zoned: true });
    }
    let civil: DateTime = text.parse().ok()?;
    let us = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_micros();
    Some(Time { us: i64::try_from(us).ok()?, zoned: false })
}

/// Finds a text such as `2025-02-06 09:55:15` inside another. Returns its byte range and the time.
pub fn find(text: &str) -> Option<(std::ops::Range<usize>, Time)> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let fits = |bytes: &[u8]| {
        bytes.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            other => byte == other,
        })
    };
    text.as_bytes().windows(SHAPE.len()).enumerate().find_map(|(at, window)| {
        let range = at..at + SHAPE.len();
        fits(window).then(|| parse(&text[range.clone()])).flatten().map(|time| (range, time))
    })
}

/// Writes a time as ISO 8601, with a `Z` if the file's times named their zone, and no more digits than needed.
pub fn format(us: i64, zoned: bool) -> String {
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    match epoch.checked_add(SignedDuration::from_micros(us)) {
        Ok(civil) => format!("{civil}{}", if zoned { "Z" } else { "" }),
        Err(_) => format!("{us} µs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        parse(text).map(|time| format(time.us, time.zoned))
    }

    #[test]
    fn usual_forms_are_read() {
        assert_eq!(shown("2025-02-06 09:00:04").unwrap(), "2025-02-06T09:00:04");
        assert_eq!(shown(" 2025-02-06T09:00:04.25 ").unwrap(), "2025-02-06T09:00:04.25");
        assert_eq!(shown("2025-02-06").unwrap(), "2025-02-06T00:00:00");
        assert_eq!(shown("2025-02-06T09:00:04Z").unwrap(), "2025-02-06T09:00:04Z");
        assert_eq!(shown("2025-02-06 09:00:04+02:00").unwrap(), "2025-02-06T07:00:04Z");
        assert_eq!(shown("1969-12-31 23:59:59").unwrap(), "1969-12-31T23:59:59");
    }

    #[test]
    fn others_are_not_guessed() {
        for text in ["", "yesterday", "2025-13-06 09:00:04", "2025-02-30", "09:00:04", "1738832404"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_found_inside_a_text() {
        let (range, time) = find("Smart TV,2025-02-06 09:55:15\"").unwrap();
        assert_eq!((range, format(time.us, time.zoned)), (9..28, "2025-02-06T09:55:15".into()));
        assert_eq!(find("99999-99-99 99:99:99 é"), None);
    }
}
