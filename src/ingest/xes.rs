//! Event logs of processes in XML (XES): traces of events with attributes. Each event is written as a line of JSON, with
//! its trace's attributes called `case:…`, as tables of such logs call them.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use crate::ingest::rewrite::Lines;

/// Whether these first bytes of a file begin an XES log. Asked by the page too, which has no reader of XML.
pub fn is_log(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut rest = head.trim_ascii_start();
    // What may stand before the root.
    for (begin, end) in [("<?", "?>"), ("<!--", "-->"), ("<!", ">"), ("<!--", "-->")] {
        while rest.starts_with(begin.as_bytes()) {
            let Some(at) = memchr::memmem::find(rest, end.as_bytes()) else { return false };
            rest = rest[at + end.len()..].trim_ascii_start();
        }
    }
    let root = rest.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'>')).next().unwrap_or_default();
    let name = root.strip_prefix(b"<").unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next() == Some(b"log") && speaks_of_events(head)
}

fn speaks_of_events(head: &[u8]) -> bool {
    ["<trace", "<event", "xes.", "concept:name"]
        .iter()
        .any(|sign| memchr::memmem::find(head, sign.as_bytes()).is_some())
}

/// Reads a log as lines of JSON.
pub struct XesReader<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// The elements that are open, from the log on.
    open: Vec<Element>,
    case: Map<String, Value>,
    event: Map<String, Value>,
    lines: Lines,
    ended: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Element {
    Log,
    Trace,
    Event,
    /// Attributes, and what describes the log.
    Other,
}

impl<R: BufRead> XesReader<R> {
    pub fn new(inner: R) -> XesReader<R> {
        let reader = Reader::from_reader(inner);
        XesReader {
            reader,
            buffer: Vec::new(),
            open: Vec::new(),
            case: Map::new(),
            event: Map::new(),
            lines: Lines::default(),
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.lines.clear();
        while self.lines.written.is_empty() && !self.ended {
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            match self.reader.read_event_into(&mut buffer).map_err(io::Error::other)? {
                Event::Start(element) => self.start(&element)?,
                Event::Empty(element) => {
                    self.start(&element)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Eof if self.open.is_empty() => self.ended = true,
                Event::Eof => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
            self.buffer = buffer;
        }
        Ok(())
    }

    fn start(&mut self, element: &BytesStart) -> io::Result<()> {
        let kind = match (self.open.last(), element.local_name().as_ref()) {
            (None, _) => Element::Log,
            (Some(Element::Log), "trace") => Element::Trace,
            (Some(Element::Trace), "event") => Element::Event,
            _ => Element::Other,
        };
        match (self.open.last(), kind) {
            (Some(Element::Log), Element::Trace) => self.case.clear(),
            (Some(Element::Trace), Element::Other) => {
                if let Some((key, value)) = attribute(element)? {
                    self.case.insert(format!("case:{key}"), value);
                }
            }
            (Some(Element::Event), Element::Other) => self.event.extend(attribute(element)?),
            _ => {}
        }
        self.open.push(kind);
        Ok(())
    }

    fn end(&mut self) {
        if self.open.pop() == Some(Element::Event) {
            let mut line = std::mem::take(&mut self.event);
            line.extend(self.case.clone());
            self.lines.written.extend_from_slice(Value::Object(line).to_string().as_bytes());
            self.lines.written.push(b'\n');
        }
    }
}

/// The key and the value of `<string key="…" value="…"/>` and its kin.
fn attribute(element: &BytesStart) -> io::Result<Option<(String, Value)>> {
    let (mut key, mut value) = (None, None);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(io::Error::other)?;
        let text = || {
            attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map(|text| text.into_owned())
                .map_err(io::Error::other)
        };
        match attribute.key.as_ref() {
            "key" => key = Some(text()?),
            "value" => value = Some(text()?),
            _ => {}
        }
    }
    Ok(key.zip(value.map(Value::String)))
}

impl<R: BufRead> Read for XesReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.lines.are_given() {
            self.fill()?;
        }
        Ok(self.lines.give(buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a log -->
<log xes.version="1.0">
  <global scope="event"><string key="concept:name" value="name"/></global>
  <trace>
    <string key="concept:name" value="a &amp; b"/>
    <event>
      <string key="concept:name" value="open"><string key="deeper" value="no"/></string>
      <date key="time:timestamp" value="2010-12-30T14:32:00.000+01:00"/>
    </event>
    <event><int key="n" value="5"/></event>
  </trace>
  <trace><event/></trace>
</log>
"#;

    fn lines(log: &str) -> io::Result<String> {
        let mut text = String::new();
        XesReader::new(io::BufReader::with_capacity(7, log.as_bytes())).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn each_event_is_a_line() {
        assert!(is_log(LOG.as_bytes()));
        assert_eq!(
            lines(LOG).unwrap(),
            concat!(
                r#"{"concept:name":"open","time:timestamp":"2010-12-30T14:32:00.000+01:00","case:concept:name":"a & b"}"#,
                "\n",
                r#"{"n":"5","case:concept:name":"a & b"}"#,
                "\n{}\n"
            )
        );
    }

    #[test]
    fn other_documents_are_none_and_what_is_cut_off_is_damaged() {
        for head in ["<html><trace/></html>", "<?xml version=\"1.0\"?><rows/>", "<log>x", "<", "{\"log\": 1}", ""] {
            assert!(!is_log(head.as_bytes()), "{head}");
        }
        assert!(lines(&LOG[..LOG.len() - 9]).is_err());
        assert!(lines(&LOG[..300]).is_err());
        assert!(lines(&LOG.replace("</trace>", "</event>")).is_err());
    }
}
