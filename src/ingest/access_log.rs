//! Access logs of web servers and balancers: lines of the same fields, whatever their form ([`forms`]).

mod forms;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ingest::event::RejectReason;
use crate::ingest::json::Record;
use crate::ingest::paths::{Filling, Paths};
use crate::settings::Mapping;
use forms::Line;

/// What the fields of a line are called. A visitor is who logged in, or else an address with the program it uses.
pub const FIELDS: [&str; 9] = ["visitor", "ip", "time", "method", "path", "status", "bytes", "referrer", "user_agent"];

/// Lines that are looked at.
const LINES: usize = 20;

/// How requests stand on the lines of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogForm {
    Common,
    Balancer,
    Storage,
    Haproxy,
    /// With the fields that its first line of their names has.
    Extended(Vec<String>),
}

impl LogForm {
    /// The form of the log that begins with these bytes; `None` if they are none.
    pub fn recognise(head: &[u8]) -> Option<LogForm> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let lines = head.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        let (remarks, lines): (Vec<&str>, Vec<&str>) = lines
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .take(LINES)
            .partition(|line| line.starts_with('#'));
        let extended = remarks.iter().find_map(|line| forms::extended_fields(line)).map(LogForm::Extended);
        let forms = [LogForm::Common, LogForm::Balancer, LogForm::Storage, LogForm::Haproxy];
        extended.into_iter().chain(forms).find(|form| {
            let read = lines.iter().filter(|line| form.read(line).is_some()).count();
            read > 0 && read * 2 >= lines.len()
        })
    }

    fn read<'a>(&self, line: &'a str) -> Option<Line<'a>> {
        match self {
            LogForm::Common => forms::common(line),
            LogForm::Balancer => forms::balancer(line),
            LogForm::Storage => forms::storage(line),
            LogForm::Haproxy => forms::haproxy(line),
            LogForm::Extended(names) => forms::extended(line, names),
        }
    }
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
    form: LogForm,
    paths: Paths,
}

impl LogReader {
    pub fn new(form: &LogForm, mapping: &Mapping) -> LogReader {
        LogReader { form: form.clone(), paths: Paths::of(mapping) }
    }

    pub fn read<'a>(&self, line: &'a str, unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, RejectReason> {
        if line.starts_with('#') {
            let named = forms::extended_fields(line);
            let others = named.is_some_and(|named| self.form != LogForm::Extended(named));
            return Err(if others { RejectReason::OtherFields } else { RejectReason::Comment });
        }
        let found = self.form.read(line).ok_or(RejectReason::NotALogLine)?;
        if found.status == "-" {
            return Err(RejectReason::NotARequest);
        }
        if is_file(found.path) {
            return Err(RejectReason::StaticFile);
        }
        if is_bot(&found.agent) {
            return Err(RejectReason::Bot);
        }
        let visitor = match (found.user, found.agent.as_ref()) {
            ("-" | "", "" | "-") => Cow::Borrowed(found.ip),
            ("-" | "", agent) => Cow::Owned(format!("{} {agent}", found.ip)),
            (user, _) => Cow::Borrowed(user),
        };
        let texts = [
            visitor,
            Cow::Borrowed(found.ip),
            found.time,
            Cow::Borrowed(found.method),
            Cow::Borrowed(found.path),
            Cow::Borrowed(found.status),
            Cow::Borrowed(found.bytes),
            Cow::Borrowed(found.referrer),
            found.agent,
        ];
        let mut record = Filling::default();
        for (name, text) in FIELDS.into_iter().zip(texts) {
            match self.paths.root(name) {
                Some(node) => record.text(node, text),
                None => unknown(name),
            }
        }
        Ok(record.record())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::Field;
    use crate::ingest::layout;
    use proptest::prelude::*;

    const LINES: [&str; 4] = [
        r#"1.2.3.4 - - [10/Feb/2012:16:42:07 -0500] "GET /a?b=1 HTTP/1.0" 200 368"#,
        r#"1.2.3.4 - theuser [10/Feb/2012:16:42:08 -0500] "GET / HTTP/1.0" 301 368 "-" "Mozilla/5.0 \"x\" (X11)""#,
        r#"www.example.com 1.2.3.4 - - [10/Feb/2012:16:42:09 -0500] "GET /c HTTP/1.0" 404 - "http://x/" "Mozilla/5.0""#,
        r#"1.2.3.4 - - [10/Feb/2012:16:42:07 -0500] "-" 408 0"#,
    ];

    #[test]
    fn lines_are_read_in_each_form() {
        assert_eq!(LogForm::recognise(LINES.join("\n").as_bytes()), Some(LogForm::Common));
        assert_eq!(LogForm::recognise(b"user,time [x],page\n1,2,3\n"), None);
        let mapping = layout::recognise(&FIELDS.map(String::from).into()).unwrap().mapping;
        let reader = LogReader::new(&LogForm::Common, &mapping);
        let read = |line: &str| {
            let record = reader.read(line, &mut |_| {})?;
            let text = |field: Field| field.text().unwrap_or_default().into_owned();
            Ok::<_, RejectReason>((text(record.user), text(record.page), text(record.status)))
        };
        let found = |user: &str, page: &str, text: &str| Ok((user.to_string(), page.to_string(), text.to_string()));
        assert_eq!(read(LINES[0]), found("1.2.3.4", "/a", "200"));
        assert_eq!(read(LINES[1]), found("theuser", "/", "301"));
        assert_eq!(read(LINES[2]), found("1.2.3.4 Mozilla/5.0", "/c", "404"));
        assert_eq!(read(&LINES[0].replace("/a?", "/a.css?")), Err(RejectReason::StaticFile));
        assert_eq!(read(&LINES[1].replace("Mozilla", "Googlebot")), Err(RejectReason::Bot));
        assert_eq!(read("hello"), Err(RejectReason::NotALogLine));
        assert_eq!(read("# a note"), Err(RejectReason::Comment));
    }
    /// The fields by which a mapping reads each line, or why it is none.
    fn read(head: &str) -> Vec<Result<String, RejectReason>> {
        let form = LogForm::recognise(head.as_bytes()).unwrap();
        let mapping = layout::recognise(&FIELDS.map(String::from).into()).unwrap().mapping;
        let reader = LogReader::new(&form, &mapping);
        let text = |field: Field| field.text().unwrap_or_default().into_owned();
        let line = |line| {
            let record = reader.read(line, &mut |_| {})?;
            let time = crate::ingest::time::parse(&text(record.time)).ok_or(RejectReason::UnreadableTime)?;
            let time = crate::ingest::time::format(time.us, time.zoned);
            Ok([text(record.user), time, text(record.css), text(record.page), text(record.status)].join("; "))
        };
        head.lines().map(line).collect()
    }

    #[test]
    fn balancers_and_stores_write_requests_too() {
        let ok = |text: &str| Ok(text.to_string());
        assert_eq!(
            read(concat!(
                "h2 2020-01-01T00:55:04.127531Z app/x 1.2.3.4:28 10.0.0.1:80 0.0 0.1 0.0 503 - 225 24 \"GET https://x.org:443/a?b HTTP/2\" \"Mozilla/5\" A B\n",
                "h2 2020-01-01T00:55:05Z app/x 1.2.3.4:28 - -1 -1 -1 - - 225 24 \"- - -\" \"-\" A B\n",
            )),
            [
                ok("1.2.3.4 Mozilla/5; 2020-01-01T00:55:04.127531Z; GET; https://x.org:443/a; 503"),
                Err(RejectReason::NotARequest)
            ]
        );
        assert_eq!(
            read(
                "2015-05-13T23:39:43Z lb ::1:28 10.0.0.1:80 0.0 0.1 0.0 200 200 0 57 \"GET http://x:80/a.png HTTP/1.1\" \"-\" - -\n"
            ),
            [Err(RejectReason::StaticFile)]
        );
        assert_eq!(
            read(
                "b6 site [10/Feb/2012:16:42:07 -0500] 1.2.3.4 - E1 WEBSITE.GET.OBJECT key \"GET /a HTTP/1.1\" 404 NoSuchKey 3 - 1 - \"-\" \"Mozilla/5 x\" -\n"
            ),
            [ok("1.2.3.4 Mozilla/5 x; 2012-02-10T21:42:07Z; GET; /a; 404")]
        );
        // The year is that in brackets.
        assert_eq!(
            read(
                "Sep 25 06:05:27 host haproxy[68]: 4.3.2.1:55 [25/Sep/2018:06:05:27.584] f~ b/s 0/0/0/72/72 200 74 - - ---- 5/4/0/1/0 0/0 \"POST /user/ HTTP/1.1\"\n"
            ),
            [ok("4.3.2.1; 2018-09-25T06:05:27.584; POST; /user/; 200")]
        );
    }

    #[test]
    fn extended_logs_name_their_fields() {
        let head = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status\n\
            2012-04-01 00:00:13 1.2.3.4 GET /a \"Mozilla/5.0+(X11)\" 500\n\
            2012-04-01\t00:00:14\t1.2.3.4\tGET\t/\tMozilla%2F5.0%2520x\t200\n\
            #Fields: date time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status\n\
            2012-04-01 00:00:13 1.2.3.4 GET /b Googlebot 200\n\
            #Fields: date time cs-method c-ip cs-uri-stem sc-status cs(User-Agent)\n\
            2012-04-01 00:00:15 GET 1.2.3.4 /c 200 Mozilla/5.0\n";
        assert_eq!(
            read(head),
            [
                Err(RejectReason::Comment),
                Err(RejectReason::Comment),
                Ok("1.2.3.4 Mozilla/5.0 (X11); 2012-04-01T00:00:13Z; GET; /a; 500".into()),
                Ok("1.2.3.4 Mozilla%2F5.0 x; 2012-04-01T00:00:14Z; GET; /; 200".into()),
                Err(RejectReason::Comment),
                Err(RejectReason::Bot),
                Err(RejectReason::OtherFields),
                Err(RejectReason::NotALogLine),
            ]
        );
    }
    fn signs(signs: &'static str, length: usize) -> impl Strategy<Value = String> {
        let signs: Vec<char> = signs.chars().collect();
        prop::collection::vec(prop::sample::select(signs), 0..length).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn no_line_stops_a_reader(line in signs(r#"a0é.:/?%+# [] [] " " \-"#, 60)) {
            let names = ["date", "time", "cs-uri-stem"].map(String::from).to_vec();
            for form in [LogForm::Common, LogForm::Balancer, LogForm::Storage, LogForm::Haproxy, LogForm::Extended(names)] {
                form.read(&line);
            }
            LogForm::recognise(line.as_bytes());
        }
    }
}
