//! Reads and writes points in time.
//!
//! Inside, a time is whole microseconds since 1970-01-01 00:00:00. A text without a time zone is taken as it
//! stands (as if it were UTC), and written back without one.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// A point in time as the file gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Microseconds since 1970-01-01 00:00:00, in UTC if `zoned`, else in the file's own unnamed zone.
    pub us: i64,
    /// The text named its offset from UTC.
    pub zoned: bool,
}

/// Reads ISO 8601 and RFC 3339 texts, with a space or a `T`, with or without fraction, zone and time of day; seconds,
/// milli-, micro- and nanoseconds since 1970, told apart by their size; RFC 2822; and the form of access logs.
pub fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    parse_usual(text).or_else(|| parse_any(text)).or_else(|| parse_number(text)).or_else(|| parse_other(text))
}

/// A number since 1970. Up to the year 5138 seconds have fewer than 12 digits, and milliseconds of times after 1973
/// have 12 at least.
fn parse_number(text: &str) -> Option<Time> {
    let first = text.as_bytes().first()?;
    if !(first.is_ascii_digit() || *first == b'-') || text.len() > 30 {
        return None;
    }
    let us = match text.parse::<i128>() {
        Ok(whole) => match whole.unsigned_abs() {
            0..100_000_000_000 => whole.checked_mul(1_000_000)?,
            100_000_000_000..100_000_000_000_000 => whole * 1000,
            100_000_000_000_000..100_000_000_000_000_000 => whole,
            _ => whole / 1000,
        },
        Err(_) => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
            let scale = match number.abs() {
                size if size < 1e11 => 1e6,
                size if size < 1e14 => 1e3,
                size if size < 1e17 => 1.0,
                _ => 1e-3,
            };
            libm::round(number * scale) as i128
        }
    };
    Some(Time { us: i64::try_from(us).ok()?, zoned: true })
}

fn parse_other(text: &str) -> Option<Time> {
    let zoned = |us: i64| Time { us, zoned: true };
    if let Some(rest) = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
        let rest = rest.trim_end();
        if let Some(time) = parse_usual(rest).or_else(|| parse_any(rest)) {
            return Some(zoned(time.us));
        }
    }
    let in_log = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(time) = Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", in_log) {
        return Some(zoned(time.as_microsecond()));
    }
    // HAProxy's, which have a fraction and no zone.
    if let Ok(time) = DateTime::strptime("%d/%b/%Y:%H:%M:%S%.f", in_log) {
        return Some(Time { us: since_1970(time)?, zoned: false });
    }
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(zoned(time.as_microsecond()))
}

fn parse_any(text: &str) -> Option<Time> {
    // An offset, if there is one, stands behind the date.
    let zoned = text.len() > 10 && text.is_char_boundary(10) && text[10..].contains(['Z', 'z', '+', '-']);
    if zoned {
        let us = text.parse::<Timestamp>().ok()?.as_microsecond();
        return Some(Time { us, zoned: true });
    }
    let civil: DateTime = text.parse().ok()?;
    Some(Time { us: since_1970(civil)?, zoned: false })
}

fn since_1970(time: DateTime) -> Option<i64> {
    i64::try_from(time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_micros()).ok()
}

/// Reads the one form that most files have, `2025-02-06 09:00:04`, with a fraction or a `Z` if need be; quicker than
/// the library, which reads whatever this leaves.
fn parse_usual(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let (head, rest) = bytes.split_first_chunk::<19>()?;
    let digits = |range: std::ops::Range<usize>| {
        head[range]
            .iter()
            .try_fold(0i64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    };
    let signs = (head[4], head[7], head[10], head[13], head[16]);
    if !matches!(signs, (b'-', b'-', b' ' | b'T', b':', b':')) {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // The library has its own limits for the first and the last days that have a zone.
    if !(1..=days_of_month).contains(&day) || hour > 23 || minute > 59 || second > 59 || !(1..=9998).contains(&year) {
        return None;
    }
    let (rest, zoned) = rest.strip_suffix(b"Z").map_or((rest, false), |rest| (rest, true));
    let mut us = 0;
    if let Some(fraction) = rest.strip_prefix(b".") {
        if !(1..=6).contains(&fraction.len()) || !fraction.iter().all(u8::is_ascii_digit) {
            return None;
        }
        us = (0..6).fold(0, |us, at| us * 10 + i64::from(fraction.get(at).map_or(0, |digit| digit - b'0')));
    } else if !rest.is_empty() {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let seconds = (days - DAYS_BEFORE_1970) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Time { us: seconds * 1_000_000 + us, zoned })
}

/// Days from 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

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
    // Without the library, whose errors alone would be a thirtieth of the page's program.
    let days = us.div_euclid(86_400_000_000);
    let (year, month, day) = date(days);
    if !(0..=9999).contains(&year) {
        return format!("{us} µs");
    }
    let of_day = us.rem_euclid(86_400_000_000);
    let (second, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction > 0 {
        text.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    if zoned {
        text.push('Z');
    }
    text
}

/// The date so many days after 1970-01-01. Years begin in March, so that the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, after) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + after, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::fmt::strtime::BrokenDownTime;
    use jiff::tz::Offset;
    use proptest::prelude::*;

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
    fn numbers_are_told_by_their_size() {
        for text in [
            "1738832404",
            "1738832404000",
            "1738832404000000",
            "1738832404000000000",
            "1738832404.0",
            "1.738832404E+12",
        ] {
            assert_eq!(shown(text).unwrap(), "2025-02-06T09:00:04Z", "{text}");
        }
        assert_eq!(shown("1703373474.8155608").unwrap(), "2023-12-23T23:17:54.815561Z");
        assert_eq!(shown("0").unwrap(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn other_forms_are_read() {
        assert_eq!(shown("2019-10-01 00:00:00 UTC").unwrap(), "2019-10-01T00:00:00Z");
        assert_eq!(shown("10/Feb/2012:16:42:07 -0500").unwrap(), "2012-02-10T21:42:07Z");
        assert_eq!(shown("25/Sep/2018:06:05:27.584").unwrap(), "2018-09-25T06:05:27.584");
        assert_eq!(shown("[10/Feb/2012:16:42:07 +0000]").unwrap(), "2012-02-10T16:42:07Z");
        assert_eq!(shown("Thu, 06 Feb 2025 09:00:04 +0100").unwrap(), "2025-02-06T08:00:04Z");
        assert_eq!(shown("2010-12-30 14:32:00+01:00").unwrap(), "2010-12-30T13:32:00Z");
    }

    proptest! {
        #[test]
        fn times_are_written_as_the_library_writes_them(us in -62_000_000_000_000_000i64..253_402_200_000_000_000) {
            let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
            let civil = epoch.checked_add(jiff::SignedDuration::from_micros(us)).unwrap();
            prop_assert_eq!(format(us, false), civil.to_string());
            let whole = us - us.rem_euclid(1_000_000);
            prop_assert_eq!(parse(&format(whole, true)).unwrap(), Time { us: whole, zoned: true });
        }

        #[test]
        fn the_usual_form_is_read_as_the_library_reads_it(
            (year, month, day) in (0u32..10_000, 0u32..14, 0u32..33),
            (hour, minute, second) in (0u32..25, 0u32..61, 0u32..62),
            mark in prop::sample::select(vec![" ", "T", "t", "x"]),
            rest in prop::sample::select(vec!["", "Z", ".5", ".123456Z", ".1234567", ".", "+02:00", "z", " "]),
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}{mark}{hour:02}:{minute:02}:{second:02}{rest}");
            if let Some(time) = parse_usual(&text) {
                prop_assert_eq!(Some(time), parse_any(&text), "{}", text);
            }
        }
    }

    /// How times may be written, as the library's format, and to how many microseconds.
    type Form = (&'static str, i64);

    /// At an offset from UTC.
    const AT_OFFSET: [Form; 6] = [
        ("%Y-%m-%dT%H:%M:%S%.6f%:z", 1),
        ("%Y-%m-%d %H:%M:%S%.3f%:z", 1000),
        ("%Y-%m-%dT%H:%M:%S%z", 1_000_000),
        ("%d/%b/%Y:%H:%M:%S %z", 1_000_000),
        ("[%d/%b/%Y:%H:%M:%S %z]", 1_000_000),
        ("%a, %d %b %Y %H:%M:%S %z", 1_000_000),
    ];
    const IN_UTC: [Form; 4] = [
        ("%Y-%m-%dT%H:%M:%S%.6fZ", 1),
        ("%Y-%m-%d %H:%M:%SZ", 1_000_000),
        ("%Y-%m-%d %H:%M:%S UTC", 1_000_000),
        ("%Y-%m-%dT%H:%M:%S%.6f GMT", 1),
    ];
    const WITHOUT_ZONE: [Form; 5] = [
        ("%Y-%m-%dT%H:%M:%S%.6f", 1),
        ("%Y-%m-%d %H:%M:%S", 1_000_000),
        ("%Y-%m-%d %H:%M", 60_000_000),
        ("%Y-%m-%d", 86_400_000_000),
        ("%d/%b/%Y:%H:%M:%S%.3f", 1000),
    ];

    proptest! {
        #[test]
        fn every_form_is_read_as_the_library_writes_it(
            // From September 2001 to 2286: before, milliseconds would be taken for seconds.
            us in 1_000_000_000_000_000i64..9_999_999_999_999_999,
            minutes in -14i32 * 60..=14 * 60,
        ) {
            let at = Timestamp::from_microsecond(us).unwrap();
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let written = |form: &str, offset: Offset| {
                let mut parts = BrokenDownTime::from(offset.to_datetime(at));
                parts.set_offset(Some(offset));
                parts.to_string(form).unwrap()
            };
            let cut = |us: i64, kept: i64| us - us.rem_euclid(kept);
            let local = since_1970(offset.to_datetime(at)).unwrap();
            for (form, kept) in AT_OFFSET {
                let text = written(form, offset);
                // Offsets are whole minutes, so that cutting to seconds is the same in UTC.
                prop_assert_eq!(parse(&text), Some(Time { us: cut(us, kept), zoned: true }), "{}", text);
            }
            for (form, kept) in IN_UTC {
                let text = written(form, Offset::UTC);
                prop_assert_eq!(parse(&text), Some(Time { us: cut(us, kept), zoned: true }), "{}", text);
            }
            for (form, kept) in WITHOUT_ZONE {
                let text = written(form, offset);
                prop_assert_eq!(parse(&text), Some(Time { us: cut(local, kept), zoned: false }), "{}", text);
            }
            let numbers = [
                (at.as_second().to_string(), 1_000_000),
                (at.as_millisecond().to_string(), 1000),
                (at.as_microsecond().to_string(), 1),
                (at.as_nanosecond().to_string(), 1),
            ];
            for (text, kept) in numbers {
                prop_assert_eq!(parse(&text), Some(Time { us: cut(us, kept), zoned: true }), "{}", text);
            }
            // Floating point has about 53 binary digits.
            let seconds = us as f64 / 1e6;
            for text in [format!("{seconds:.6}"), format!("{:e}", us as f64 / 1e3)] {
                let found = parse(&text).unwrap();
                prop_assert!(found.zoned && (found.us - us).abs() <= 1, "{}: {}", text, found.us);
            }
        }
    }

    #[test]
    fn most_times_are_read_quickly() {
        for text in ["2025-02-06 09:00:04", "1969-12-31T23:59:59.25", "2024-02-29T00:00:00Z", "0001-01-01 00:00:00"] {
            assert_eq!(parse_usual(text), parse_any(text));
            assert!(parse_usual(text).is_some(), "{text}");
        }
    }

    #[test]
    fn others_are_not_guessed() {
        for text in ["", "yesterday", "2025-13-06 09:00:04", "2025-02-30", "09:00:04", "-", "1e999", "nan", "0x10"] {
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
