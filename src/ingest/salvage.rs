//! Repairs records whose time was swallowed by another field.
//!
//! The damage comes from a CSV export that writes a quote as `\"` and is read by a program that expects `""`:
//! the reader misses the field's end and takes the following fields, the time among them, into the text.

use crate::ingest::time::{self, Time};

/// A field repaired, and the time found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What the field held before the damage.
    pub field: String,
    pub time: Time,
    /// How it was repaired.
    pub rule: Rule,
}

/// How a record was repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The text was written as CSV again and read with `\"` as the escape.
    CsvQuotes,
    /// The text was cut before the time found in it.
    CutAtTime,
}

impl Rule {
    /// The rule in words.
    pub fn describe(self) -> &'static str {
        match self {
            Rule::CsvQuotes => "a CSV quoting error had moved the time into the text; both were put back",
            Rule::CutAtTime => "the time was found inside the text and taken out of it",
        }
    }
}

/// Repairs `field` if a time stands in it.
pub fn repair(field: &str) -> Option<Repair> {
    let (range, time) = time::find(field)?;
    if let Some(text) = undo_csv_quotes(field) {
        return Some(Repair { field: text, time, rule: Rule::CsvQuotes });
    }
    let before = field[..range.start].trim_end_matches([',', ';', '"', '\\', ' ', '\t']);
    Some(Repair { field: before.to_string(), time, rule: Rule::CutAtTime })
}

/// Doubles the quotes again, as they stood in the CSV, and reads the first field with `\"` as the escape.
/// `None` unless the time stands alone in one of the following fields.
fn undo_csv_quotes(field: &str) -> Option<String> {
    let csv = format!("\"{}\"", field.replace('"', "\"\""));
    let mut fields = vec![String::new()];
    let mut inside = false;
    let mut rest = csv.chars().peekable();
    while let Some(char) = rest.next() {
        let last = fields.last_mut().expect("there is always a field");
        match char {
            '\\' if inside && rest.peek() == Some(&'"') => last.extend(rest.next()),
            '"' => inside = !inside,
            ',' if !inside => fields.push(String::new()),
            other => last.push(other),
        }
    }
    let (first, others) = fields.split_first()?;
    others.iter().any(|other| time::parse(other).is_some()).then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_quoting_error_is_undone() {
        let repair = repair("Smart TV 55\\\",\",2025-02-06 09:55:15\"").unwrap();
        assert_eq!(repair.field, "Smart TV 55\"");
        assert_eq!(repair.rule, Rule::CsvQuotes);
        assert_eq!(time::format(repair.time.us, false), "2025-02-06T09:55:15");
    }

    #[test]
    fn otherwise_the_text_is_cut_at_the_time() {
        let repair = repair("Buy now; 2025-02-06T09:55:15").unwrap();
        assert_eq!((repair.field.as_str(), repair.rule), ("Buy now", Rule::CutAtTime));
    }

    #[test]
    fn a_text_without_a_time_cannot_be_repaired() {
        assert_eq!(repair("Smart TV 55\\\",\""), None);
    }
}
