//! The forms in which web servers and balancers write a request on a line.

use std::borrow::Cow;

/// One request.
#[derive(Debug, Default)]
pub struct Line<'a> {
    pub ip: &'a str,
    pub user: &'a str,
    pub time: Cow<'a, str>,
    pub method: &'a str,
    pub path: &'a str,
    pub status: &'a str,
    pub bytes: &'a str,
    pub referrer: &'a str,
    pub agent: Cow<'a, str>,
}

/// The Common and the Combined Log Format, with or without the host's name before them:
/// `1.2.3.4 - user [10/Feb/2012:16:42:07 -0500] "GET /path?query HTTP/1.0" 301 368 "referrer" "agent"`.
pub fn common(line: &str) -> Option<Line<'_>> {
    let (before, rest) = line.split_once('[')?;
    let (time, rest) = rest.split_once(']')?;
    let who: Vec<&str> = before.split_ascii_whitespace().collect();
    let [.., ip, _, user] = who.as_slice() else { return None };
    if who.len() > 4 || !time.contains('/') {
        return None;
    }
    let (request, rest) = quoted(rest.trim_start())?;
    let mut numbers = rest.split_ascii_whitespace();
    let status = numbers.next().filter(|status| is_status(status))?;
    let bytes = numbers.next().unwrap_or("-");
    let after = rest.find('"').map_or("", |at| &rest[at..]);
    let (referrer, after) = quoted(after).unwrap_or_default();
    let (agent, _) = quoted(after.trim_start()).unwrap_or_default();
    let (method, path) = method_and_path(request);
    let (time, agent) = (Cow::Borrowed(time), Cow::Borrowed(agent));
    Some(Line { ip, user, time, method, path, status, bytes, referrer, agent })
}

/// Those of Elastic Load Balancing, with the kind of connection first (ALB) or without it. A connection without a request
/// has no status.
pub fn balancer(line: &str) -> Option<Line<'_>> {
    let fields = fields(line);
    let with_kind = usize::from(["http", "https", "h2", "grpcs", "ws", "wss"].contains(fields.first()?));
    let fields = &fields[with_kind..];
    let [time, _, client, _, _, _, _, status, _, _, bytes, request, rest @ ..] = fields else { return None };
    let is_time = time.as_bytes().get(10) == Some(&b'T') && crate::ingest::time::parse(time).is_some();
    if !is_time || !(is_status(status) || *status == "-") {
        return None;
    }
    let (method, path) = method_and_path(request);
    let agent = Cow::Borrowed(rest.first().copied().unwrap_or_default());
    Some(Line {
        ip: without_port(client)?,
        time: Cow::Borrowed(time),
        method,
        path,
        status,
        bytes,
        agent,
        ..Line::default()
    })
}

/// Those of Amazon S3: `owner bucket [time] ip requester id operation key "request" status …`.
pub fn storage(line: &str) -> Option<Line<'_>> {
    let fields = fields(line);
    let [_, _, time, ip, _, _, operation, _, request, status, _, bytes, rest @ ..] = fields.as_slice() else {
        return None;
    };
    let time = time.strip_prefix('[').filter(|time| time.contains('/'))?.trim_end_matches(']');
    if operation.split('.').count() < 3 || !(is_status(status) || *status == "-") {
        return None;
    }
    let (method, path) = method_and_path(request);
    let field = |at: usize| rest.get(at).copied().unwrap_or_default();
    let (time, agent) = (Cow::Borrowed(time), Cow::Borrowed(field(4)));
    Some(Line { ip, time, method, path, status, bytes, referrer: field(3), agent, ..Line::default() })
}

/// Those of HAProxy. The time is when the connection was accepted, in brackets: that of syslog before it has no year.
/// `… haproxy[1]: 1.2.3.4:55 [25/Sep/2018:06:05:27.584] front back/server 0/0/0/72/72 200 7456 … "GET /path HTTP/1.1"`.
pub fn haproxy(line: &str) -> Option<Line<'_>> {
    let (before, time, rest) = line.match_indices(" [").find_map(|(at, _)| {
        let (time, rest) = line[at + 2..].split_once("] ")?;
        (time.len() >= 20 && time.as_bytes()[2] == b'/').then_some((&line[..at], time, rest))
    })?;
    let ip = without_port(before.split_ascii_whitespace().next_back()?)?;
    let mut words = rest.split_ascii_whitespace();
    let (_, _, timers) = (words.next()?, words.next()?, words.next()?);
    let (status, bytes) = (words.next()?, words.next()?);
    // One that was broken off has the status -1.
    if timers.split('/').count() != 5 || !(is_status(status) || status == "-1") {
        return None;
    }
    let (request, _) = quoted(&rest[rest.find('"')?..])?;
    let (method, path) = method_and_path(request);
    Some(Line { ip, time: Cow::Borrowed(time), method, path, status, bytes, ..Line::default() })
}

/// What the line `#Fields:` of an extended log (W3C: IIS, CloudFront) names; `None` if it is another line.
pub fn extended_fields(line: &str) -> Option<Vec<String>> {
    let names = line.strip_prefix("#Fields:")?;
    Some(names.split_ascii_whitespace().map(String::from).collect())
}

/// A line of an extended log with these fields.
pub fn extended<'a>(line: &'a str, names: &[String]) -> Option<Line<'a>> {
    let fields: Vec<&str> = if line.contains('\t') { line.split('\t').collect() } else { fields(line) };
    if fields.len() != names.len() {
        return None;
    }
    let field = |name: &str| {
        let at = names.iter().position(|other| other.eq_ignore_ascii_case(name))?;
        Some(fields[at]).filter(|field| *field != "-")
    };
    let (date, time) = (field("date")?, field("time")?);
    let status = field("sc-status").unwrap_or_default();
    let path = field("cs-uri-stem").or_else(|| field("cs-uri"))?;
    // Lines behind another `#Fields:` must not be taken for something that they are not.
    let fits = date.len() == 10 && date.as_bytes()[4] == b'-' && time.contains(':') && path.starts_with(['/', 'h']);
    if !fits || !(status.is_empty() || is_status(status)) {
        return None;
    }
    Some(Line {
        ip: field("c-ip").unwrap_or_default(),
        user: field("cs-username").unwrap_or_default(),
        // These logs are written in UTC.
        time: Cow::Owned(format!("{date}T{time}Z")),
        method: field("cs-method").unwrap_or_default(),
        path: without_query(path),
        status,
        bytes: field("sc-bytes").unwrap_or_default(),
        referrer: field("cs(Referer)").unwrap_or_default(),
        agent: field("cs(User-Agent)").map_or(Cow::Borrowed(""), with_blanks),
    })
}

/// Blanks are written as signs, in CloudFront's logs twice over.
fn with_blanks(text: &str) -> Cow<'_, str> {
    if text.contains(['+', '%']) {
        Cow::Owned(text.replace("%2520", " ").replace("%20", " ").replace('+', " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Fields with blanks between them, except within quotes and brackets.
fn fields(line: &str) -> Vec<&str> {
    let (mut fields, mut rest) = (Vec::new(), line.trim());
    while !rest.is_empty() {
        let (field, after) = match rest.as_bytes()[0] {
            b'"' => quoted(rest).unwrap_or((&rest[1..], "")),
            b'[' => rest.split_at(rest.find(']').map_or(rest.len(), |at| at + 1)),
            _ => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
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

fn method_and_path(request: &str) -> (&str, &str) {
    let mut words = request.split_ascii_whitespace();
    (words.next().unwrap_or_default(), without_query(words.next().unwrap_or_default()))
}

fn without_query(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}

fn is_status(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_port(client: &str) -> Option<&str> {
    let (ip, port) = client.rsplit_once(':')?;
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(ip)
}
