//! What was typed, in rows: of each element all, the most frequent values, the seldom ones together, and those that look
//! personal together.

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::typed::{TypedCounts, TypedField};
use crate::findings::wording::count;

/// Elements and values of each that are listed at most.
const ELEMENTS: usize = 20;
const VALUES: usize = 20;

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypedWhat {
    /// Everything typed into the element.
    All,
    /// A value.
    Value(String),
    /// So many values that are not listed: of too few sessions, or after the most frequent.
    Others(u64),
    /// What looks personal.
    Hidden,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypedRow {
    /// The element's selector.
    pub css: String,
    pub what: TypedWhat,
    pub times: u64,
    pub no_result: u64,
    pub last: u64,
    pub sessions: u64,
    /// Of these sessions, those that reach the goal. Sessions with several of the other values count once for each.
    pub converted: u64,
}

impl TypedRow {
    fn new(css: &str, what: TypedWhat, counts: TypedCounts) -> TypedRow {
        let TypedCounts { times, no_result, last, sessions, converted } = counts;
        TypedRow { css: css.into(), what, times, no_result, last, sessions, converted }
    }

    /// `“printer”`, `12 other values`.
    pub fn describe(&self) -> String {
        match &self.what {
            TypedWhat::All => self.css.clone(),
            TypedWhat::Value(value) => format!("“{value}”"),
            TypedWhat::Others(n) => count(*n, "other value"),
            TypedWhat::Hidden => "looks personal, not shown".into(),
        }
    }
}

/// The elements into which most was typed.
pub fn typed(results: &Results) -> Vec<TypedRow> {
    let mut fields: Vec<(&String, &TypedField)> = results.collected.typed.0.iter().collect();
    fields.sort_by(|a, b| b.1.all.times.cmp(&a.1.all.times).then_with(|| a.0.cmp(b.0)));
    let least = results.plan.settings.quality.min_typed_sessions;
    fields.into_iter().take(ELEMENTS).flat_map(|(css, field)| rows(css, field, least)).collect()
}

fn rows(css: &str, field: &TypedField, least: u64) -> Vec<TypedRow> {
    let mut values: Vec<(&String, &TypedCounts)> = field.values.iter().collect();
    values.sort_by(|a, b| b.1.sessions.cmp(&a.1.sessions).then_with(|| a.0.cmp(b.0)));
    let listed = values.iter().take(VALUES).take_while(|(_, counts)| counts.sessions >= least).count();
    let mut rows = vec![TypedRow::new(css, TypedWhat::All, field.all)];
    let row =
        |(value, counts): &(&String, &TypedCounts)| TypedRow::new(css, TypedWhat::Value(value.to_string()), **counts);
    rows.extend(values[..listed].iter().map(row));
    let others = &values[listed..];
    if !others.is_empty() {
        let mut together = TypedCounts::default();
        others.iter().for_each(|(_, counts)| together.add(**counts));
        rows.push(TypedRow::new(css, TypedWhat::Others(others.len() as u64), together));
    }
    if field.hidden.times > 0 {
        rows.push(TypedRow::new(css, TypedWhat::Hidden, field.hidden));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seldom_values_stand_together() {
        let counts = |sessions| TypedCounts { times: sessions, sessions, ..TypedCounts::default() };
        let values = [("router", 3), ("secret plan", 1), ("tent", 2), ("odd", 1)];
        let values = values.map(|(value, sessions)| (value.to_string(), counts(sessions)));
        let field = TypedField { all: counts(7), hidden: counts(0), values: values.into() };
        let said: Vec<(String, u64)> =
            rows("#search", &field, 2).iter().map(|row| (row.describe(), row.sessions)).collect();
        let wanted = [("#search", 7), ("“router”", 3), ("“tent”", 2), ("2 other values", 2)];
        assert_eq!(said, wanted.map(|(what, n)| (what.to_string(), n)));
    }
}
