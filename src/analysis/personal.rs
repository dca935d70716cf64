//! What looks personal in a text: e-mail addresses, card numbers, long numbers. And how it is masked.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::dataset::Dictionary;
use crate::dataset::dictionary::Texts;

/// What is shown in place of something personal.
pub const MASK: &str = "•••";

/// Numbers with at least this many digits are long: phone, account or order numbers.
const LONG_DIGITS: usize = 9;
/// How many digits a card number has.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Endings after an at sign that make a file name (`logo@2x.png`), not an address.
const FILE_ENDINGS: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "html", "json"];

/// A kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalKind {
    Email,
    /// 13 to 19 digits from 2 to 6 on whose last one is right by Luhn's rule.
    CardNumber,
    /// At least 9 digits, alone or in groups.
    LongNumber,
}

/// Something in a text that looks personal, or nearly so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Personal(PersonalKind),
    /// As long as a card number, and wrong by Luhn's rule: where most are so, they are no card numbers.
    NoCard,
}

/// Where something personal stands in a text, in order.
pub fn find(text: &str) -> Vec<(Range<usize>, Look)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    if has_at(text) {
        found.extend(emails(text).map(|range| (range, Look::Personal(PersonalKind::Email))));
    }
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= LONG_DIGITS {
        // Both are in order: addresses that end before a number hold none of those after it either.
        let mut emails = found.clone().into_iter().map(|(email, _)| email).peekable();
        let mut outside = |range: &Range<usize>| {
            while emails.next_if(|email| email.end <= range.start).is_some() {}
            emails.peek().is_none_or(|email| range.start < email.start)
        };
        found.extend(numbers(text).filter(|(range, _)| outside(range)));
        found.sort_by_key(|(range, _)| range.start);
    }
    found
}

/// An at sign, as it is or as addresses of pages write it. Most texts end here.
pub fn has_at(text: &str) -> bool {
    text.as_bytes().contains(&b'@') || text.as_bytes().contains(&b'%') && text.contains("%40")
}

/// The text with e-mail addresses and card numbers masked; `None` if it has none.
pub fn masked(text: &str) -> Option<String> {
    let hidden = |look: &Look| matches!(look, Look::Personal(PersonalKind::Email | PersonalKind::CardNumber));
    let mut found = find(text).into_iter().filter(|(_, look)| hidden(look)).peekable();
    found.peek()?;
    let (mut masked, mut from) = (String::new(), 0);
    for (range, _) in found {
        masked.push_str(&text[from..range.start]);
        masked.push_str(MASK);
        from = range.end;
    }
    masked.push_str(&text[from..]);
    Some(masked)
}

fn emails(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut ats: Vec<Range<usize>> = text.match_indices('@').map(|(at, sign)| at..at + sign.len()).collect();
    if text.contains("%40") {
        ats.extend(text.match_indices("%40").map(|(at, sign)| at..at + sign.len()));
        ats.sort_by_key(|sign| sign.start);
    }
    // No name reaches back over another at sign, so that each character is looked at in one name only.
    let mut from = 0;
    let around = |sign: &Range<usize>| email(text, std::mem::replace(&mut from, sign.end), sign);
    let mut emails: Vec<Range<usize>> = ats.iter().filter_map(around).collect();
    // `a@b.org@c.org` is masked once.
    emails.dedup_by(|later, earlier| {
        let overlap = later.start < earlier.end;
        if overlap {
            earlier.end = earlier.end.max(later.end);
        }
        overlap
    });
    emails.into_iter()
}

/// The address around an at sign, whose name begins at `from` at the earliest.
fn email(text: &str, from: usize, sign: &Range<usize>) -> Option<Range<usize>> {
    let of_name = |char: char| char.is_alphanumeric() || matches!(char, '.' | '_' | '%' | '+' | '-' | '\'');
    let name: usize = text[from..sign.start].chars().rev().take_while(|char| of_name(*char)).map(char::len_utf8).sum();
    let after = &text[sign.end..];
    let of_host = |char: &char| char.is_alphanumeric() || matches!(char, '.' | '-');
    let host: usize = after.chars().take_while(of_host).map(char::len_utf8).sum();
    let host = after[..host].trim_end_matches(['.', '-']);
    let (domain, ending) = host.rsplit_once('.')?;
    let is_ending = ending.chars().count() >= 2 && ending.chars().all(char::is_alphabetic);
    let is_file = FILE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str());
    (name > 0 && !domain.is_empty() && is_ending && !is_file).then(|| sign.start - name..sign.end + host.len())
}

/// Runs of digits, in groups or not, that are long enough and stand alone.
fn numbers(text: &str) -> impl Iterator<Item = (Range<usize>, Look)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            if !bytes[start].is_ascii_digit() {
                at += 1;
                continue;
            }
            let end = end_of_run(bytes, start);
            at = end;
            let alone = |char: Option<char>| !char.is_some_and(|char| char.is_alphanumeric() || "-_.".contains(char));
            let before = text[..start].chars().next_back();
            // A full stop ends a sentence as well as a part of a decimal number.
            let mut after = text[end..].chars();
            let next = after.next();
            let stop = next == Some('.') && !after.next().is_some_and(|char| char.is_ascii_alphanumeric());
            if alone(before)
                && (alone(next) || stop)
                && let Some(look) = look_of_number(&text[start..end])
            {
                return Some((start..end, look));
            }
        }
        None
    })
}

/// The end of digits with single spaces or hyphens between them.
fn end_of_run(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < bytes.len() {
        let joins = matches!(bytes[end], b' ' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !joins {
            break;
        }
        end += 1;
    }
    end
}

fn look_of_number(number: &str) -> Option<Look> {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    if digits.len() < LONG_DIGITS || is_date(number) {
        return None;
    }
    let groups: Vec<usize> = number.split([' ', '-']).map(str::len).collect();
    let grouped = groups.len() == 1 || groups[0] == 4 && groups.iter().all(|group| (3..=6).contains(group));
    if CARD_DIGITS.contains(&digits.len()) && (2..=6).contains(&digits[0]) && grouped {
        let valid = is_valid_by_luhn(&digits) && digits.iter().any(|digit| *digit != digits[0]);
        return Some(if valid { Look::Personal(PersonalKind::CardNumber) } else { Look::NoCard });
    }
    Some(Look::Personal(PersonalKind::LongNumber))
}

/// `2025-02-06` and what follows it.
fn is_date(number: &str) -> bool {
    let groups: Vec<usize> = number.split(['-', ' ']).take(3).map(str::len).collect();
    groups == [4, 2, 2]
}

fn is_valid_by_luhn(digits: &[u8]) -> bool {
    let sum: u32 = (digits.iter().rev().enumerate())
        .map(|(place, digit)| {
            let digit = u32::from(*digit) << (place % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The texts of a dictionary as they may be shown: what is personal is masked, so that texts that differ only in
/// it become one.
#[derive(Default)]
pub struct Shown {
    /// By the number of the original; nearly always empty.
    masked: HashMap<u32, u32>,
    texts: Dictionary,
}

impl Shown {
    /// Looks each text through once; with `mask` off they are shown as they stand.
    pub fn of(texts: &Texts, mask: bool) -> Shown {
        let mut shown = Shown::default();
        if mask {
            for (number, text) in texts.iter().enumerate() {
                if let Some(masked) = masked(text) {
                    shown.masked.insert(number as u32, shown.texts.number(&masked));
                }
            }
        }
        shown
    }

    /// The text with this number in `texts`, of which this was made.
    pub fn get<'a>(&'a self, texts: &'a Texts, number: u32) -> &'a str {
        if self.masked.is_empty() {
            return texts.get(number);
        }
        self.masked.get(&number).map_or_else(|| texts.get(number), |masked| self.texts.texts().get(*masked))
    }

    /// All texts in order of their numbers in `texts`.
    pub fn iter<'a>(&'a self, texts: &'a Texts) -> impl Iterator<Item = &'a str> {
        (0..texts.len() as u32).map(|number| self.get(texts, number))
    }

    /// The same number for texts that are masked alike; others keep theirs.
    pub fn same(&self, texts: &Texts, number: u32) -> u32 {
        if self.masked.is_empty() {
            return number;
        }
        self.masked.get(&number).map_or(number, |masked| texts.len() as u32 + masked)
    }

    /// How many different numbers [`Shown::same`] gives at most.
    pub fn numbers(&self, texts: &Texts) -> usize {
        texts.len() + self.texts.texts().len()
    }

    /// The text for a number that [`Shown::same`] gave.
    pub fn text_of_same<'a>(&'a self, texts: &'a Texts, same: u32) -> &'a str {
        match same.checked_sub(texts.len() as u32) {
            Some(masked) => self.texts.texts().get(masked),
            None => texts.get(same),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Look> {
        find(text).into_iter().map(|(_, look)| look).collect()
    }

    #[test]
    fn addresses_are_masked() {
        let texts = [
            ("/u/bob@x.com", "/u/•••"),
            ("/u/al.smith+shop@mail.example.org/orders", "/u/•••/orders"),
            ("/login?email=bob%40x.com&next=/", "/login?email=•••&next=/"),
            ("Hello jörg@müller.de.", "Hello •••."),
            ("a@b.org, c@d.org", "•••, •••"),
            ("Card 4111 1111 1111 1111", "Card •••"),
            ("3782-822463-10005", "•••"),
            ("bob4111111111111111@x.com", "•••"),
        ];
        for (text, expected) in texts {
            assert_eq!(masked(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "@bob", "a@b", "me@home.", "logo@2x.png", "jquery@3.7.1", "/@scope/package", "a @ b.org"] {
            assert_eq!(masked(text), None, "{text}");
        }
    }

    /// At signs, addresses and numbers by the ten thousand: looking back over all of them takes minutes.
    #[test]
    fn long_texts_take_no_longer_by_the_character() {
        let started = std::time::Instant::now();
        assert!(find(&"%40".repeat(300_000)).is_empty());
        assert!(masked(&"a%40".repeat(100_000)).is_none());
        let addresses = masked(&"a@b.org 12345678901 ".repeat(30_000)).unwrap();
        assert!(addresses == "••• 12345678901 ".repeat(30_000));
        let joined = masked(&"bob@x.com%40".repeat(50_000)).unwrap();
        assert!(joined == format!("{MASK}%40").repeat(50_000));
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn numbers_are_told_apart() {
        use PersonalKind::{CardNumber, LongNumber};
        for card in ["4111111111111111", "5500-0000-0000-0004", "378282246310005", "6011000990139424"] {
            assert_eq!(kinds(card), [Look::Personal(CardNumber)], "{card}");
        }
        assert_eq!(kinds("4111111111111112"), [Look::NoCard]);
        for number in ["030 1234567", "+49 30 1234567", "555-123-4567", "1738832400000", "call 0301234567."] {
            assert_eq!(kinds(number), [Look::Personal(LongNumber)], "{number}");
        }
        let harmless = [
            "12345678",
            "2025-02-06 09:55:15",
            "2025-02-06 2025-02-07",
            "11223344-5566-7788-99aa-bbccddeeff00",
            "abcdef12-3456-7890-1234-567890123456",
            "item123456789",
            "3.14159265358979",
            "10,000,000,000",
        ];
        for text in harmless {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn texts_that_differ_only_in_the_personal_part_become_one() {
        let mut dictionary = Dictionary::default();
        for text in ["/u/a@x.com", "/", "/u/b@x.com"] {
            dictionary.number(text);
        }
        let texts = dictionary.texts();
        let shown = Shown::of(texts, true);
        assert_eq!(shown.iter(texts).collect::<Vec<_>>(), ["/u/•••", "/", "/u/•••"]);
        assert_eq!([0, 1, 2].map(|number| shown.same(texts, number)), [3, 1, 3]);
        assert_eq!([1, 3].map(|same| shown.text_of_same(texts, same)), ["/", "/u/•••"]);
        assert_eq!(Shown::of(texts, false).get(texts, 0), "/u/a@x.com");
    }
}
