//! Tells from a file's first bytes whether it can hold events, and if not, what it is.

use serde::{Deserialize, Serialize};

/// How many bytes [`sniff`] wants to see.
pub const SNIFF_BYTES: usize = 64 << 10;

/// How the head of a report that Footpath saved tells who made it.
pub const REPORT_MARK: &str = r#"<meta name="generator" content="footpath "#;

/// Why a file as a whole cannot be read. The words say what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum FileProblem {
    #[error("The file is empty. Choose a file with one JSON object per line.")]
    Empty,
    #[error(
        "This is a web page (HTML), not an events file. If you opened a link, check that it leads to the file itself."
    )]
    Html,
    #[error(
        "This is a report that Footpath saved, not an events file. Open it in a browser, or choose the events file it was made from."
    )]
    Report,
    #[error("This is {what}, which Footpath cannot read yet. Choose a file with one JSON object per line.")]
    Unsupported { what: String },
    #[error("This is a binary file, not text. Choose a file with one JSON object per line.")]
    Binary,
    #[error(
        "This file is not JSON Lines: its first line does not begin with “{{”. Choose a file with one JSON object per line."
    )]
    NotJson,
    #[error("No events found: {}. {place}: {reason}.", none_was_read(*.lines))]
    NoEvents { lines: u64, place: String, reason: String },
    #[error("No events found: the file holds nothing but blank lines. Choose a file with one JSON object per line.")]
    OnlyBlank,
    #[error("No events found: every record is damaged, and salvaging is switched off in the settings.")]
    OnlyDamaged,
    #[error("The {what} file is damaged or ends too early. Download or copy it again.")]
    Damaged { what: String },
    #[error(
        "This compressed file would become more than {ratio} times its size, which no events file does. It was not unpacked; if you trust it, unpack it yourself and open what it holds."
    )]
    Bomb { ratio: u64 },
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

/// Looks at a file's first bytes ([`SNIFF_BYTES`] of them, or all). `Ok` means that it may be JSON Lines.
pub fn sniff(head: &[u8]) -> Result<(), FileProblem> {
    let unsupported = |what: &str| Err(FileProblem::Unsupported { what: what.into() });
    if head.is_empty() {
        return Err(FileProblem::Empty);
    }
    const MAGIC: [(&[u8], &str); 10] = [
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"PK\x03\x04", "a zip archive or an Office document"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
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
    if head.contains(&0) {
        return Err(FileProblem::Binary);
    }
    let start = head.trim_ascii_start();
    let begins = |with: &str| start.len() >= with.len() && start[..with.len()].eq_ignore_ascii_case(with.as_bytes());
    match start.first() {
        // Blank so far: the lines will tell.
        None => Ok(()),
        Some(b'{') => Ok(()),
        Some(b'[') => unsupported("one JSON list"),
        Some(b'<') if begins("<!doctype html") || begins("<html") || begins("<head") => {
            let saved = memchr::memmem::find(start, REPORT_MARK.as_bytes()).is_some();
            Err(if saved { FileProblem::Report } else { FileProblem::Html })
        }
        Some(b'<') => unsupported("an XML file"),
        Some(_) if start.iter().take(4096).filter(|byte| **byte < 9).count() > 0 => Err(FileProblem::Binary),
        // One bad first line does not make a bad file: another line may be a record.
        Some(_) if start.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().starts_with(b"{\"")) => Ok(()),
        Some(_) => Err(FileProblem::NotJson),
    }
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
    fn others_are_named() {
        let said = |head: &[u8]| sniff(head).unwrap_err().to_string();
        assert_eq!(sniff(b""), Err(FileProblem::Empty));
        assert_eq!(sniff(b" <!DOCTYPE HTML><html>"), Err(FileProblem::Html));
        let report = format!("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">{REPORT_MARK}9.9.9\">");
        assert_eq!(sniff(report.as_bytes()), Err(FileProblem::Report));
        assert_eq!(sniff(b"a,b,c\n1,2,3\n"), Err(FileProblem::NotJson));
        assert_eq!(sniff(b"abc\0def"), Err(FileProblem::Binary));
        assert!(said(b"\x1f\x8b\x08\0").starts_with("This is a gzip archive, which Footpath cannot read yet."));
        assert!(said(b"[{}]").starts_with("This is one JSON list"));
        assert!(said(b"<?xml version=\"1.0\"?>").starts_with("This is an XML file"));
        assert!(said(b"a,b\n").contains("its first line does not begin with “{”"));
    }
}
