//! Recordings by rrweb: what happened to a page, as changes of its nodes. What a user did is written as lines of the
//! default layout: pages, clicks and inputs. A file is one session, which its beginning names.

use std::collections::HashMap;
use std::io;

use serde_json::{Value, json};

use crate::ingest::json_list;
use crate::ingest::rewrite::Rewrite;
use crate::ingest::time;

/// Whether these first bytes of a file begin a recording: a list of objects with a type, data and a time.
pub fn is_recording(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let Some(inside) = start.strip_prefix(b"[") else { return false };
    // The first event is small unless it is a picture of the page, whose end the head may not have.
    let keys = match serde_json::Deserializer::from_slice(inside).into_iter::<Value>().next() {
        Some(Ok(first)) => first["type"].is_u64() && first["data"].is_object() && first["timestamp"].is_number(),
        Some(Err(error)) if error.is_eof() => {
            let beginning = &inside[..inside.len().min(200)];
            let has = |key: &str| memchr::memmem::find(beginning, key.as_bytes()).is_some();
            has("\"type\"") && has("\"data\"") && (has("\"node\"") || has("\"href\"") || has("\"source\""))
        }
        _ => false,
    };
    keys && json_list::is_list(head)
}

pub fn rewrite(head: &[u8]) -> Box<dyn Rewrite> {
    let session = format!("recording {:08x}", xxhash_rust::xxh3::xxh3_64(head) as u32);
    Box::new(Recording {
        records: json_list::rewrite(head),
        record: Vec::new(),
        session,
        page: "/".into(),
        nodes: HashMap::new(),
    })
}

/// Numbers of rrweb's types of events, and of the sources of its increments.
mod kind {
    pub const PICTURE: u64 = 2;
    pub const INCREMENT: u64 = 3;
    pub const META: u64 = 4;
    pub const MUTATION: u64 = 0;
    pub const MOUSE: u64 = 2;
    pub const INPUT: u64 = 5;
    /// Of what the mouse did.
    pub const CLICK: u64 = 2;
}

/// A text of an element is cut behind so many signs.
const TEXT_SIGNS: usize = 100;
/// Nodes in an element that are looked through for its text.
const TEXT_NODES: usize = 200;

struct Recording {
    records: Box<dyn Rewrite>,
    /// Records as lines, of which the last may not be complete.
    record: Vec<u8>,
    session: String,
    page: String,
    nodes: HashMap<u64, Node>,
}

/// An element or a text of the page.
struct Node {
    /// As a selector; empty for a text.
    selector: String,
    text: String,
    children: Vec<u64>,
}

impl Recording {
    fn take_records(&mut self, lines: &mut Vec<u8>) {
        let records = std::mem::take(&mut self.record);
        let mut rest = records.as_slice();
        while let Some(at) = memchr::memchr(b'\n', rest) {
            match serde_json::from_slice::<Value>(&rest[..at]) {
                Ok(event) => self.event(&event, lines),
                // It is told of when the lines are read.
                Err(_) => lines.extend_from_slice(&rest[..=at]),
            }
            rest = &rest[at + 1..];
        }
        self.record = rest.to_vec();
    }

    fn event(&mut self, event: &Value, lines: &mut Vec<u8>) {
        let data = &event["data"];
        match event["type"].as_u64() {
            Some(kind::META) => {
                let page = data["href"].as_str().filter(|page| !page.is_empty()).unwrap_or("/").to_string();
                // A page is pictured again from time to time, which is no visit.
                if page != self.page || self.nodes.is_empty() {
                    self.page = page;
                    self.write(event, None, "", lines);
                }
            }
            Some(kind::PICTURE) => {
                self.nodes.clear();
                self.add(&data["node"]);
            }
            Some(kind::INCREMENT) => match data["source"].as_u64() {
                Some(kind::MUTATION) => self.change(data),
                Some(kind::MOUSE) if data["type"].as_u64() == Some(kind::CLICK) => {
                    self.write(event, data["id"].as_u64(), "", lines);
                }
                Some(kind::INPUT) => {
                    let value = data["text"].as_str().unwrap_or_default();
                    self.write(event, data["id"].as_u64(), value, lines);
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn write(&self, event: &Value, node: Option<u64>, value: &str, lines: &mut Vec<u8>) {
        let at = event["timestamp"].as_f64().unwrap_or_default();
        let node = node.and_then(|id| self.nodes.get(&id));
        let line = json!({
            "session_id": self.session,
            "event_time": time::format(libm::round(at * 1000.0) as i64, true),
            "path": self.page,
            "css": node.map_or("", |node| &node.selector),
            "text": node.map_or(String::new(), |node| self.text(node)),
            "value": value,
        });
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }

    /// What stands in an element, or else what it is called by.
    fn text(&self, node: &Node) -> String {
        let (mut text, mut open) = (String::new(), node.children.iter().rev().collect::<Vec<_>>());
        // A damaged recording may have nodes within themselves.
        for _ in 0..TEXT_NODES {
            let Some(node) = open.pop().and_then(|id| self.nodes.get(id)) else { break };
            if node.selector.is_empty() {
                text.push_str(&node.text);
            }
            open.extend(node.children.iter().rev());
        }
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() { node.text.clone() } else { words.chars().take(TEXT_SIGNS).collect() }
    }

    /// Takes in a node and those in it.
    fn add(&mut self, top: &Value) {
        let mut open = vec![top];
        while let Some(node) = open.pop() {
            let Some(id) = node["id"].as_u64() else { continue };
            let children: Vec<&Value> = node["childNodes"].as_array().map_or(Vec::new(), |all| all.iter().collect());
            let ids = children.iter().filter_map(|child| child["id"].as_u64()).collect();
            let text = node["textContent"].as_str().map_or_else(|| called(&node["attributes"]), String::from);
            self.nodes.insert(id, Node { selector: selector(node), text, children: ids });
            open.extend(children);
        }
    }

    fn change(&mut self, data: &Value) {
        let each = |list: &'static str| data[list].as_array().into_iter().flatten();
        for removed in each("removes") {
            if let (Some(parent), Some(id)) = (removed["parentId"].as_u64(), removed["id"].as_u64())
                && let Some(parent) = self.nodes.get_mut(&parent)
            {
                parent.children.retain(|child| *child != id);
            }
        }
        for added in each("adds") {
            self.add(&added["node"]);
            if let (Some(parent), Some(id)) = (added["parentId"].as_u64(), added["node"]["id"].as_u64())
                && let Some(parent) = self.nodes.get_mut(&parent)
            {
                let before =
                    added["nextId"].as_u64().and_then(|next| parent.children.iter().position(|id| *id == next));
                parent.children.insert(before.unwrap_or(parent.children.len()), id);
            }
        }
        for changed in each("texts") {
            if let (Some(id), Some(text)) = (changed["id"].as_u64(), changed["value"].as_str())
                && let Some(node) = self.nodes.get_mut(&id)
            {
                node.text = text.into();
            }
        }
    }
}

/// The element with its id or its classes; empty for what is none.
fn selector(node: &Value) -> String {
    let Some(tag) = node["tagName"].as_str() else { return String::new() };
    let attribute = |name: &str| node["attributes"][name].as_str().unwrap_or_default().trim();
    let classes = || attribute("class").split_whitespace().map(|class| format!(".{class}")).collect::<String>();
    match attribute("id") {
        "" => format!("{tag}{}", classes()),
        id => format!("{tag}#{id}"),
    }
}

fn called(attributes: &Value) -> String {
    let names = ["aria-label", "title", "alt", "placeholder", "name"];
    names.iter().find_map(|name| attributes[*name].as_str()).unwrap_or_default().into()
}

impl Rewrite for Recording {
    fn push(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> io::Result<()> {
        self.records.push(bytes, &mut self.record)?;
        self.take_records(lines);
        Ok(())
    }

    fn end(&mut self, lines: &mut Vec<u8>) -> io::Result<()> {
        self.records.end(&mut self.record)?;
        self.take_records(lines);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::rewrite::Rewritten;
    use std::io::Read;

    const RECORDING: &str = r#"[
        {"type": 4, "data": {"href": "https://x.org/a", "width": 9}, "timestamp": 1000},
        {"type": 2, "data": {"node": {"id": 1, "type": 0, "childNodes": [
            {"id": 2, "type": 2, "tagName": "button", "attributes": {"class": "big  buy"}, "childNodes": [
                {"id": 3, "type": 3, "textContent": " Buy\n"}, {"id": 4, "type": 2, "tagName": "b", "attributes": {},
                    "childNodes": [{"id": 5, "type": 3, "textContent": "now "}]}]}]}}, "timestamp": 1001},
        {"type": 3, "data": {"source": 2, "type": 1, "id": 2}, "timestamp": 1500},
        {"type": 3, "data": {"source": 2, "type": 2, "id": 2}, "timestamp": 1501.5},
        {"type": 4, "data": {"href": "https://x.org/a"}, "timestamp": 1600},
        {"type": 3, "data": {"source": 0, "removes": [], "texts": [{"id": 5, "value": "later"}], "adds": [{"parentId": 1,
            "nextId": null, "node": {"id": 9, "type": 2, "tagName": "input", "attributes": {"id": "mail",
            "placeholder": "Mail"}, "childNodes": []}}]}, "timestamp": 1700},
        {"type": 3, "data": {"source": 5, "id": 9, "text": "me"}, "timestamp": 1800},
        {"type": 3, "data": {"source": 2, "type": 2, "id": 2}, "timestamp": 1900}
    ]"#;

    #[test]
    fn pages_clicks_and_inputs_become_events() {
        assert!(is_recording(RECORDING.as_bytes()));
        let mut text = String::new();
        let pieces = io::BufReader::with_capacity(11, RECORDING.as_bytes());
        Rewritten::new(pieces, rewrite).read_to_string(&mut text).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let field = |line: &Value, name: &str| line[name].as_str().unwrap().to_string();
        let shown: Vec<String> = lines
            .iter()
            .map(|line| ["event_time", "path", "css", "text", "value"].map(|name| field(line, name)).join("; "))
            .collect();
        assert_eq!(
            shown,
            [
                "1970-01-01T00:00:01Z; https://x.org/a; ; ; ",
                "1970-01-01T00:00:01.5015Z; https://x.org/a; button.big.buy; Buy now; ",
                "1970-01-01T00:00:01.8Z; https://x.org/a; input#mail; Mail; me",
                "1970-01-01T00:00:01.9Z; https://x.org/a; button.big.buy; Buy later; ",
            ]
        );
        assert!(lines.iter().all(|line| line["session_id"] == lines[0]["session_id"]));
    }

    #[test]
    fn other_lists_are_none() {
        for head in [r#"[{"type": "click", "data": {}, "timestamp": 1}]"#, r#"[{"a": 1}]"#, r#"{"type": 4}"#, "[", ""] {
            assert!(!is_recording(head.as_bytes()), "{head}");
        }
        // A picture that goes on behind the head.
        assert!(is_recording(br#"[{"type": 2, "data": {"node": {"type": 0, "childNodes": [{"type": 1, "name": "html"#));
    }
}
