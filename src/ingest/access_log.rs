//! Access logs of web servers, in the Common and the Combined Log Format, with or without the host's name before it:
//! `1.2.3.4 - user [10/Feb/2012:16:42:07 -0500] "GET /path?query HTTP/1.0" 301 368 "referrer" "agent"`.

use std::borrow::Cow;

use crate::ingest::event::RejectReason;
use crate::ingest::json::{Field, Record};
use crate::ingest::paths::{Filling, Paths};
use crate::settings::Mapping;

/// What the fields of a line are called. A visitor is who logged in, or else an address with the program it uses.
pub const FIELDS: [&str; 9] = ["visitor", "ip", "time", "method", "path", "status", "bytes", "referrer", "user_agent"];

/// Lines that are looked at.
const LINES: usize = 20;

/// The first lines are those of an access log.
pub fn is_log(head: &[u8]) -> bool {
    let lines = head.split(|byte| *byte == b'\n').take(LINES + 1).filter_map(|line| std::str::from_utf8(line).ok());
    let lines: Vec<&str> = lines.map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let read = lines.iter().filter(|line| parse(line).is_some()).count();
    read > 0 && read * 2 >= lines.len()
}

/// One line.
struct Line<'a> {
    ip: &'a str,
    user: &'a str,
    time: &'a str,
    method: &'a str,
    path: &'a str,
    status: &'a str,
    bytes: &'a str,
    referrer: &'a str,
    agent: &'a str,
}

fn parse(line: &str) -> Option<Line<'_>> {
    let (before, rest) = line.split_once('[')?;
    let (time, rest) = rest.split_once(']')?;
    let who: Vec<&str> = before.split_ascii_whitespace().collect();
    let [.., ip, _, user] = who.as_slice() else { return None };
    if who.len() > 4 || !time.contains('/') {
        return None;
    }
    let (request, rest) = quoted(rest.trim_start())?;
    let mut numbers = rest.split_ascii_whitespace();
    let status =
        numbers.next().filter(|status| status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()))?;
    let bytes = numbers.next().unwrap_or("-");
    let after = rest.find('"').map_or("", |at| &rest[at..]);
    let (referrer, after) = quoted(after).unwrap_or_default();
    let (agent, _) = quoted(after.trim_start()).unwrap_or_default();
    let mut request = request.split_ascii_whitespace();
    let (method, target) = (request.next().unwrap_or_default(), request.next().unwrap_or_default());
    let path = target.split(['?', '#']).next().unwrap_or_default();
    Some(Line { ip, user, time, method, path, status, bytes, referrer, agent })
}

/// The text in quotes at the beginning, in which a quote may stand behind a backslash, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, char) in inside.char_indices() {
        match char {
            '"' if !escaped => return Some((&inside[..at], &inside[at + 1..])),
            _ => escaped = char == '\\' && !escaped,
        }
    }
    None
}

/// Endings of what belongs to a page, and is no page.
const FILES: [&str; 24] = [
    "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "bmp", "woff", "woff2",
    "ttf", "otf", "eot", "mp3", "mp4", "webm", "wasm", "json", "xml",
];

/// Parts of the names of programs that read pages by themselves.
const BOTS: [&str; 18] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "monitor",
    "uptime",
    "pingdom",
    "curl/",
    "wget",
    "python-",
    "go-http-client",
    "java/",
    "libwww",
    "httpclient",
    "headless",
    "facebookexternalhit",
    "preview",
    "scan",
];

fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| FILES.iter().any(|file| ending.eq_ignore_ascii_case(file)))
}

fn is_bot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    BOTS.iter().any(|bot| agent.contains(bot))
}

/// Reads lines by a mapping.
pub struct LogReader {
    paths: Paths,
}

impl LogReader {
    pub fn new(mapping: &Mapping) -> LogReader {
        LogReader { paths: Paths::of(mapping) }
    }

    pub fn read<'a>(&self, line: &'a str, unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, RejectReason> {
        if line.starts_with('#') {
            return Err(RejectReason::Comment);
        }
        let found = parse(line).ok_or(RejectReason::NotALogLine)?;
        if is_file(found.path) {
            return Err(RejectReason::StaticFile);
        }
        if is_bot(found.agent) {
            return Err(RejectReason::Bot);
        }
        let visitor = match (found.user, found.agent) {
            ("-" | "", "" | "-") => Cow::Borrowed(found.ip),
            ("-" | "", agent) => Cow::Owned(format!("{} {agent}", found.ip)),
            (user, _) => Cow::Borrowed(user),
        };
        let texts = [
            visitor,
            Cow::Borrowed(found.ip),
            Cow::Borrowed(found.time),
            Cow::Borrowed(found.method),
            Cow::Borrowed(found.path),
            Cow::Borrowed(found.status),
            Cow::Borrowed(found.bytes),
            Cow::Borrowed(found.referrer),
            Cow::Borrowed(found.agent),
        ];
        let mut record = Filling::default();
        for (name, text) in FIELDS.into_iter().zip(texts) {
            match self.paths.root(name) {
                Some(node) => record.text(node, text),
                None => unknown(name),
            }
        }
        let mut record = record.record();
        // What failed says so, as an element of the page would.
        if found.status >= "400" && record.text == Field::Absent {
            record.text = Field::Text(Cow::Owned(format!("Error {}", found.status)));
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::layout;

    const LINES: [&str; 4] = [
        r#"1.2.3.4 - - [10/Feb/2012:16:42:07 -0500] "GET /a?b=1 HTTP/1.0" 200 368"#,
        r#"1.2.3.4 - theuser [10/Feb/2012:16:42:08 -0500] "GET / HTTP/1.0" 301 368 "-" "Mozilla/5.0 \"x\" (X11)""#,
        r#"www.example.com 1.2.3.4 - - [10/Feb/2012:16:42:09 -0500] "GET /c HTTP/1.0" 404 - "http://x/" "Mozilla/5.0""#,
        r#"1.2.3.4 - - [10/Feb/2012:16:42:07 -0500] "-" 408 0"#,
    ];

    #[test]
    fn lines_are_read_in_each_form() {
        assert!(is_log(LINES.join("\n").as_bytes()));
        assert!(!is_log(b"user,time [x],page\n1,2,3\n"));
        let mapping = layout::recognise(&FIELDS.map(String::from).into()).unwrap().mapping;
        let reader = LogReader::new(&mapping);
        let read = |line: &str| {
            let record = reader.read(line, &mut |_| {})?;
            let text = |field: Field| field.text().unwrap_or_default().into_owned();
            Ok::<_, RejectReason>((text(record.user), text(record.page), text(record.text)))
        };
        let found = |user: &str, page: &str, text: &str| Ok((user.to_string(), page.to_string(), text.to_string()));
        assert_eq!(read(LINES[0]), found("1.2.3.4", "/a", ""));
        assert_eq!(read(LINES[1]), found("theuser", "/", ""));
        assert_eq!(read(LINES[2]), found("1.2.3.4 Mozilla/5.0", "/c", "Error 404"));
        assert_eq!(read(&LINES[0].replace("/a?", "/a.css?")), Err(RejectReason::StaticFile));
        assert_eq!(read(&LINES[1].replace("Mozilla", "Googlebot")), Err(RejectReason::Bot));
        assert_eq!(read("hello"), Err(RejectReason::NotALogLine));
        assert_eq!(read("# a note"), Err(RejectReason::Comment));
    }
}
