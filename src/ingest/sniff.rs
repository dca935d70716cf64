//! Tells from a file's first bytes whether it can hold events, and if not, what it is.

use serde::{Deserialize, Serialize};

/// How many bytes [`sniff`] wants to see.
pub const SNIFF_BYTES: usize = 64 << 10;

/// How the head of a report that Footpath saved tells who made it.
pub const REPORT_MARK: &str = r#"<meta name="generator" content="footpath "#;

/// Why a file as a whole cannot be read. The words say what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum FileProblem {
    #[error("The file is empty: it holds no records. Choose a file of events: JSON, CSV, Parquet or a log.")]
    Empty,
    #[error(
        "This is a web page (HTML), not an events file. If you opened a link, check that it leads to the file itself."
    )]
    Html,
    #[error(
        "This is a report that Footpath saved, not an events file. Open it in a browser, or choose the events file it was made from."
    )]
    Report,
    #[error(
        "These are results that Footpath saved as JSON, not events. Choose the events file that they were made from."
    )]
    Results,
    #[error(
        "These are settings that Footpath saved, not events. Open the events file, and import the settings in the view Settings."
    )]
    Settings,
    #[error("This is {what}, which Footpath cannot read yet. Choose a file of events: JSON, CSV, Parquet or a log.")]
    Unsupported { what: String },
    #[error("This is a binary file, not text. Choose a file of events: JSON, CSV, Parquet or a log.")]
    Binary,
    #[error(
        "This is no events file that Footpath can read: neither lines of JSON nor a table whose first line names its columns. Choose a file of events: JSON, CSV, Parquet or a log."
    )]
    NotJson,
    #[error(
        "This is a table, but no column of it is called like a time, or none like a page or an event: {columns}. Name them so, or say which is which: on the command line with --map, or in a settings file (mapping)."
    )]
    UnknownColumns { columns: String },
    #[error(
        "The column “{column}” of this {format} file holds values of the type {kind}, which Footpath cannot read. Write it as text, numbers or times."
    )]
    UnreadColumn { column: String, format: String, kind: String },
    /// Of a file that is opened together with others.
    #[error("Its records have other fields than those of the file that the others are read like. Open it by itself.")]
    OtherFields,
    #[error("No events found: {}. {place}: {reason}.", none_was_read(*.lines))]
    NoEvents { lines: u64, place: String, reason: String },
    #[error(
        "No events found: the file holds nothing but blank lines. Choose a file of events: JSON, CSV, Parquet or a log."
    )]
    OnlyBlank,
    #[error("No events found: the file holds nothing but the names of its columns. Choose one that has rows.")]
    OnlyColumnNames,
    #[error("No events found: {} no action of a person ({reasons}).", hold(*.lines))]
    OnlySetAside { lines: u64, reasons: String },
    #[error("No events found: every record is damaged, and salvaging is switched off in the settings.")]
    OnlyDamaged,
    #[error("No events found: none of the file’s sessions is in the sample. Read a larger share of them.")]
    NoneInSample,
    #[error("The {what} file is damaged or ends too early. Download or copy it again.")]
    Damaged { what: String },
    #[error(
        "This compressed file would become more than {ratio} times its size, which no events file does. It was not unpacked; if you trust it, unpack it yourself and open what it holds."
    )]
    Bomb { ratio: u64 },
    #[error("The files in this archive are encrypted. Unpack it with its password and open what it holds.")]
    Encrypted,
    #[error(
        "There is no file in this archive that could hold events. Choose a file of events: JSON, CSV, Parquet or a log."
    )]
    NoFiles,
    #[error("The file could not be read: {0}")]
    Unreadable(String),
    /// A problem of one of several files.
    #[error("{name}: {problem}")]
    In { name: String, problem: Box<FileProblem> },
}

fn none_was_read(lines: u64) -> String {
    match lines {
        1 => "the only line was rejected".into(),
        _ => format!("all {lines} lines were rejected"),
    }
}

fn hold(lines: u64) -> String {
    match lines {
        1 => "the only line holds".into(),
        _ => format!("all {lines} lines hold"),
    }
}

/// A file that Footpath wrote itself: its JSON and its settings begin with names that no events have.
fn own_file(start: &[u8]) -> Option<FileProblem> {
    let text = std::str::from_utf8(&start[..start.len().min(200)]).ok()?.strip_prefix('{')?;
    let names: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    match names.as_slice() {
        ["schema", "program", program, ..] if program.starts_with("footpath ") => Some(FileProblem::Results),
        ["mapping", "id", ..] => Some(FileProblem::Settings),
        _ => None,
    }
}

/// Looks at a file's first bytes ([`SNIFF_BYTES`] of them, or all). `Ok` means that it may be JSON Lines.
pub fn sniff(head: &[u8]) -> Result<(), FileProblem> {
    let unsupported = |what: &str| Err(FileProblem::Unsupported { what: what.into() });
    if head.is_empty() {
        return Err(FileProblem::Empty);
    }
    const MAGIC: [(&[u8], &str); 8] = [
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"PK\x03\x04", "a zip archive or an Office document"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"SQLite format 3", "an SQLite database"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return unsupported(what);
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return unsupported("UTF-16 text");
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // One bad line does not make a bad file, if another may be a record.
    let record = holds_record(head);
    if head.contains(&0) && !record {
        return Err(FileProblem::Binary);
    }
    let start = head.trim_ascii_start();
    let begins = |with: &str| start.len() >= with.len() && start[..with.len()].eq_ignore_ascii_case(with.as_bytes());
    if let Some(own) = own_file(start) {
        return Err(own);
    }
    match start.first() {
        // Blank so far: the lines will tell.
        None => Ok(()),
        Some(b'{') if !record && goes_on_below(start) => unsupported("one JSON object on several lines"),
        Some(b'{') => Ok(()),
        // A list of lines of records is no file of them, though its last line may look like one.
        Some(b'[') if record && first_line(start).ends_with(b"]") => Ok(()),
        Some(b'[') => unsupported("one JSON list"),
        Some(b'<') if begins("<!doctype html") || begins("<html") || begins("<head") => {
            let saved = memchr::memmem::find(start, REPORT_MARK.as_bytes()).is_some();
            Err(if saved { FileProblem::Report } else { FileProblem::Html })
        }
        Some(b'<') if begins("<?xml") || !record => unsupported("an XML file"),
        Some(_) if record => Ok(()),
        Some(_) if start.iter().take(4096).filter(|byte| **byte < 9).count() > 0 => Err(FileProblem::Binary),
        Some(_) => Err(FileProblem::NotJson),
    }
}

/// Some line begins like a record and, unless the head cuts it off, ends like one.
fn holds_record(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with(b"{\"") && !line.contains(&0) && (line.ends_with(b"}") || lines.peek().is_none()) {
            return true;
        }
    }
    false
}

fn first_line(start: &[u8]) -> &[u8] {
    start.split(|byte| *byte == b'\n').next().unwrap_or(start).trim_ascii_end()
}

/// The first line opens an object whose first key stands on the second.
fn goes_on_below(start: &[u8]) -> bool {
    let second = start.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    !first_line(start).ends_with(b"}") && second.trim_ascii_start().starts_with(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_pass() {
        for head in ["{\"a\": 1}", "\n\n {\"a\": 1}", "\u{feff}{", "# a comment\n{\"a\": 1}", "  \n"] {
            assert_eq!(sniff(head.as_bytes()), Ok(()), "{head}");
        }
    }

    #[test]
    fn one_bad_line_does_not_cost_the_file() {
        for bad in ["[1,2]", "<b>", "a\0b", "{\"a\": \"\0\"}", "\u{1}", "{", "{\"a\": 1,"] {
            assert_eq!(sniff(format!("{bad}\n{{\"a\": 1}}\n{{\"a\": 2").as_bytes()), Ok(()), "{bad}");
        }
        let said = |head: &str| sniff(head.as_bytes()).unwrap_err().to_string();
        assert!(said("[\n{\"a\": 1},\n{\"a\": 2}\n]\n").contains("one JSON list"));
        assert!(said("<?xml version=\"1.0\"?>\n{\"a\": 1}\n").contains("an XML file"));
        assert!(said("<!doctype html>\n{\"a\": 1}\n").contains("web page"));
        assert!(said("<b>\n<i>\n").contains("an XML file"));
        assert_eq!(
            said("{\n  \"a\": 1,\n  \"b\": {}\n}\n"),
            "This is one JSON object on several lines, which Footpath cannot read yet. Choose a file of \
             events: JSON, CSV, Parquet or a log."
        );
        assert_eq!(sniff(b"{\"a\": \"x\"}\n{\"b\""), Ok(()));
    }

    #[test]
    fn others_are_named() {
        let said = |head: &[u8]| sniff(head).unwrap_err().to_string();
        assert_eq!(sniff(b""), Err(FileProblem::Empty));
        assert_eq!(sniff(b" <!DOCTYPE HTML><html>"), Err(FileProblem::Html));
        let report = format!("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">{REPORT_MARK}9.9.9\">");
        assert_eq!(sniff(report.as_bytes()), Err(FileProblem::Report));
        let settings = crate::settings::Settings::default().to_json();
        assert_eq!(sniff(settings.as_bytes()), Err(FileProblem::Settings));
        assert_eq!(sniff(b"{\n  \"schema\": 1,\n  \"program\": \"footpath 0.1.0\","), Err(FileProblem::Results));
        assert_eq!(sniff(b"a,b,c\n1,2,3\n"), Err(FileProblem::NotJson));
        assert_eq!(sniff(b"abc\0def"), Err(FileProblem::Binary));
        assert!(said(b"\x1f\x8b\x08\0").starts_with("This is a gzip archive, which Footpath cannot read yet."));
        assert!(said(b"[{}]").starts_with("This is one JSON list"));
        assert!(said(b"<?xml version=\"1.0\"?>").starts_with("This is an XML file"));
        assert!(said(b"a,b\n").contains("neither lines of JSON nor a table"));
    }
}
