//! Roles by the values of columns, for tables whose first line names none.

use std::collections::HashSet;

use crate::ingest::{dates, time};
use crate::settings::mapping::USER_STANDS_IN;
use crate::settings::{Mapping, Role};

/// Sessions do not last longer than this; what does is a user.
const LONGEST_SESSION_US: i64 = 86_400_000_000;
/// Numbers are taken for times from 2000 to 2100.
const TIMES_US: std::ops::Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;

/// The mapping for the first records of a table with these columns; `None` where none of them is a time, none repeats as
/// users and sessions do, or nothing is left for a page.
pub fn mapping(columns: &[String], rows: &[Vec<String>]) -> Option<Mapping> {
    let rows: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == columns.len()).collect();
    let column = |at: usize| rows.iter().map(move |row| row[at].trim());
    let all = |at: usize, is: fn(&str) -> bool| column(at).all(is);
    let time = [is_date, is_number_of_time].into_iter().find_map(|is| (0..columns.len()).find(|at| all(*at, is)))?;

    let distinct = |at: usize| column(at).collect::<HashSet<_>>().len();
    let repeats = |at: &usize| *at != time && (2..rows.len()).contains(&distinct(*at)) && !all(*at, is_address);
    let who: Vec<usize> = (0..columns.len()).filter(repeats).collect();
    let who =
        *who.iter().find(|at| all(**at, |text| text.contains(|char: char| char.is_ascii_digit()))).or(who.first())?;

    let rest: Vec<usize> = (0..columns.len()).filter(|at| *at != time && *at != who).collect();
    let is_word = |at: &&usize| all(**at, |text| text.parse::<f64>().is_err()) && distinct(**at) < rows.len();
    let page = rest.iter().find(|at| all(**at, is_address)).or_else(|| rest.iter().find(is_word)).or(rest.first())?;
    let other = rest.iter().find(|at| *at != page);

    let mut mapping = Mapping::none();
    mapping.set(Role::Time, &columns[time]);
    mapping.set(Role::Page, &columns[*page]);
    if let Some(at) = other {
        mapping.set(if is_word(&at) { Role::Text } else { Role::Value }, &columns[*at]);
    }
    let records = rows.iter().map(|row| (row[who].trim(), row[time].as_str()));
    if are_sessions(records) {
        mapping.set(Role::Session, &columns[who]);
    } else {
        mapping.set(Role::User, &columns[who]);
        mapping.set(Role::Session, USER_STANDS_IN);
    }
    Some(mapping)
}

fn is_date(text: &str) -> bool {
    text.parse::<f64>().is_err() && dates::in_any_form(text).is_some()
}

fn is_number_of_time(text: &str) -> bool {
    text.parse::<f64>().is_ok() && time::parse(text).is_some_and(|time| TIMES_US.contains(&time.us))
}

/// It looks like a path or an address.
pub fn is_address(text: &str) -> bool {
    text.starts_with(['/']) || text.starts_with("http")
}

/// Each stands in one piece, within the length of a session.
fn are_sessions<'r>(records: impl Iterator<Item = (&'r str, &'r str)>) -> bool {
    let (mut seen, mut current, mut since) = (HashSet::new(), None, 0);
    for (who, when) in records {
        let Some(when) = dates::in_any_form(when) else { continue };
        if current != Some(who) {
            if !seen.insert(who) {
                return false;
            }
            (current, since) = (Some(who), when);
        }
        if (when - since).abs() > LONGEST_SESSION_US {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::delimited::Table;

    /// Time, user, session, page, text, value.
    fn roles(head: &str) -> Option<[String; 6]> {
        let table = Table::recognise(head.as_bytes()).unwrap().without_header();
        let found = mapping(&table.columns, &table.rows(head.as_bytes()))?;
        Some([found.time, found.user, found.session, found.page, found.text, found.value])
    }

    #[test]
    fn roles_are_told_by_values() {
        let expect = |roles: [&str; 6]| {
            Some(roles.map(|at| if at.is_empty() || at == "@user" { at.into() } else { format!("column {at}") }))
        };
        let clicks = "1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09Z,214536500,0\n2,2014-04-07T13:56:37.614Z,214662742,0\n";
        assert_eq!(roles(clicks), expect(["2", "", "1", "3", "", "4"]));
        // A user comes back, so it is no session.
        let users = "view;u1;1700000000;/a\nbuy;u2;1700000001;/b\nview;u1;1700000002;/a\n";
        assert_eq!(roles(users), expect(["3", "2", "@user", "4", "1", ""]));
        let days = "7\t2025-03-01 10:00:00\thome\n7\t2025-03-09 10:00:00\tcart\n8\t2025-03-09 10:00:00\thome\n";
        assert_eq!(roles(days), expect(["2", "1", "@user", "3", "", ""]));
        for other in
            ["1,2,3\n1,5,6\n2,7,8\n", "a,2025-03-01,x\nb,2025-03-02,y\n", "1,2025-03-01\n1,2025-03-02\n2,2025-03-01\n"]
        {
            assert_eq!(roles(other), None, "{other}");
        }
    }
}
