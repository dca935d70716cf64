//! One line of the file to one event, or the reason why not.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ingest::access_log::LogReader;
use crate::ingest::dates;
use crate::ingest::delimited::TableReader;
use crate::ingest::form::Container;
use crate::ingest::json::{self, Field, JsonProblem, Record};
use crate::ingest::layout::Layout;
use crate::ingest::salvage::{self, Rule};
use crate::ingest::shape::FieldKind;
use crate::ingest::status;
use crate::ingest::time::{self, Time};
use crate::settings::mapping::DateOrder;
use crate::settings::{Mapping, Role};

/// One event, as the file gives it.
#[derive(Debug, PartialEq)]
pub struct Event<'a> {
    /// The record's id; empty if it has none.
    pub id: Cow<'a, str>,
    /// The user; empty where the file names none.
    pub user: Cow<'a, str>,
    pub session: Cow<'a, str>,
    pub time: Time,
    /// The time is a date read by [`Mapping::dates`]; whether no other order would do.
    pub date_certain: Option<bool>,
    /// The raw path.
    pub page: Cow<'a, str>,
    pub css: Cow<'a, str>,
    pub text: Cow<'a, str>,
    pub value: Cow<'a, str>,
    /// Set if the record was damaged and could be repaired.
    pub salvaged: Option<Salvaged>,
    /// What the file has in each role, before anything stands in or is repaired.
    pub kinds: [FieldKind; Role::ALL.len()],
}

/// How a damaged record was repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Salvaged {
    pub role: SalvagedRole,
    pub rule: Rule,
}

/// The field in which the time was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalvagedRole {
    Page,
    Css,
    Text,
    Value,
}

/// Why a line is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    NotJson,
    CutOff,
    NotAnObject,
    NotUtf8,
    TooLong,
    NoSession,
    /// Of a file without sessions, in which the user stands in for them.
    NoUser,
    NoTime,
    UnreadableTime,
    NoPage,
    /// A table's line with other columns than its first line names.
    OtherColumns,
    /// A table's line with a quote that does not end on it.
    OpenQuote,
    /// What a tool notes for itself.
    NotAnAction,
    /// Of an access log: what belongs to a page and is none, who is no person, and what is no request.
    StaticFile,
    Bot,
    Comment,
    NotARequest,
    NotALogLine,
    /// A log names other fields than at its beginning.
    OtherFields,
    /// Salvaging is switched off in the settings.
    Damaged,
}

impl RejectReason {
    /// The line is whole, and tells of no action of a person.
    pub fn is_set_aside(self) -> bool {
        use RejectReason::{Bot, Comment, NotARequest, NotAnAction, StaticFile};
        matches!(self, NotAnAction | StaticFile | Bot | Comment | NotARequest)
    }

    /// The reason in words, to stand behind "line 17: ". `mapping` names the field that is missed.
    pub fn describe(self, mapping: &Mapping) -> String {
        let missing = |role: Role| match mapping.field(role) {
            "" => format!("no field is the {}", role.name()),
            field => format!("the field “{field}” ({}) is missing or empty", role.name()),
        };
        match self {
            RejectReason::NotJson => "not valid JSON".into(),
            RejectReason::CutOff => "the record ends in its middle".into(),
            RejectReason::NotAnObject => "JSON, but not an object with fields".into(),
            RejectReason::NotUtf8 => "not UTF-8 text".into(),
            RejectReason::TooLong => "longer than 8 MiB".into(),
            RejectReason::NoSession => missing(Role::Session),
            RejectReason::NoUser => missing(Role::User),
            RejectReason::OtherColumns => "it has more fields than the first line names".into(),
            RejectReason::OpenQuote => {
                "a quote in it does not end; records that go on over several lines are read only where the first 64 KiB have one".into()
            }
            RejectReason::StaticFile => "a file that belongs to a page, not a page".into(),
            RejectReason::Bot => "a program that reads pages by itself, not a person".into(),
            RejectReason::Comment => "a remark".into(),
            RejectReason::NotARequest => "a connection without a request".into(),
            RejectReason::OtherFields => {
                "from here on the log has other fields than at its beginning; put what follows into a file of its own".into()
            }
            RejectReason::NotALogLine => "not a line of an access log".into(),
            RejectReason::NotAnAction => "not an action of a user, but a note of the tool".into(),
            RejectReason::NoTime => missing(Role::Time),
            RejectReason::UnreadableTime => format!("the field “{}” holds no readable time", mapping.time),
            RejectReason::NoPage => missing(Role::Page),
            RejectReason::Damaged => "damaged: its time stands in another field, and salvaging is off".into(),
        }
    }
}

/// Makes events of lines, one after the other.
pub struct Decoder<'m> {
    lines: Lines<'m>,
    rules: Rules,
}

enum Lines<'m> {
    Json(json::Reader<'m>),
    Table(Box<TableReader>),
    Log(LogReader),
    /// There are none: records come as they are.
    None,
}

/// What a mapping says besides the fields' names.
#[derive(Default)]
struct Rules {
    /// Where a record names no session, its user stands in.
    user_stands_in: bool,
    layout: Option<&'static Layout>,
    dates: DateOrder,
}

impl<'m> Decoder<'m> {
    /// A decoder of the lines of JSON.
    pub fn new(mapping: &'m Mapping) -> Decoder<'m> {
        Decoder::of(&Container::JsonLines, mapping)
    }

    /// A decoder of a file's lines.
    pub fn of(container: &Container, mapping: &'m Mapping) -> Decoder<'m> {
        let lines = match container {
            Container::JsonLines => Lines::Json(json::Reader::new(mapping)),
            Container::AccessLog(form) => Lines::Log(LogReader::new(form, mapping)),
            Container::Table(table) => Lines::Table(Box::new(TableReader::new(table, mapping))),
            Container::Columns(_) => Lines::None,
        };
        let rules = Rules {
            user_stands_in: mapping.user_stands_in(),
            layout: Layout::with(mapping.layout),
            dates: mapping.dates,
        };
        Decoder { lines, rules }
    }

    /// Makes an event of one line. `unknown` is called with the name of each field that the mapping does not use.
    pub fn decode<'a>(&mut self, line: &'a [u8], unknown: &mut dyn FnMut(&str)) -> Result<Event<'a>, RejectReason> {
        let mut record = Record::default();
        self.read_into(line, unknown, &mut record)?;
        self.event(record)
    }

    /// The mapped fields of one line, as they stand.
    pub fn record<'a>(&mut self, line: &'a [u8], unknown: &mut dyn FnMut(&str)) -> Result<Record<'a>, RejectReason> {
        let mut record = Record::default();
        self.read_into(line, unknown, &mut record)?;
        Ok(record)
    }

    /// Reads into a record that has no fields yet.
    fn read_into<'a>(
        &mut self,
        line: &'a [u8],
        unknown: &mut dyn FnMut(&str),
        record: &mut Record<'a>,
    ) -> Result<(), RejectReason> {
        let text = |line| simdutf8::basic::from_utf8(line).map_err(|_| RejectReason::NotUtf8);
        match &mut self.lines {
            Lines::Json(lines) => {
                return lines.read_into(line, unknown, record).map_err(|problem| match problem {
                    JsonProblem::Syntax => RejectReason::NotJson,
                    JsonProblem::CutOff => RejectReason::CutOff,
                    JsonProblem::NotAnObject => RejectReason::NotAnObject,
                    JsonProblem::Encoding => RejectReason::NotUtf8,
                });
            }
            Lines::Table(lines) => return lines.read_into(text(line)?, unknown, record),
            Lines::Log(lines) => *record = lines.read(text(line)?, unknown)?,
            Lines::None => return Err(RejectReason::NotUtf8),
        }
        Ok(())
    }

    /// Makes an event of a record.
    pub fn event<'a>(&self, record: Record<'a>) -> Result<Event<'a>, RejectReason> {
        let record = match self.rules.layout {
            Some(layout) => by_layout(record, layout)?,
            None => record,
        };
        event(record, &self.rules)
    }
}

/// A field as an event has it.
pub struct Value<'a> {
    pub kind: FieldKind,
    pub text: Cow<'a, str>,
    /// By it, the record is no action of a user.
    pub not_an_action: bool,
    /// It is a status by which the action failed.
    pub failed: bool,
}

impl Decoder<'_> {
    /// What a field is in an event whose record is whole: what [`Decoder::event`] makes of it, for readers that look at
    /// each different value once.
    pub fn value<'a>(&self, role: Role, field: Field<'a>) -> Value<'a> {
        let is = |value: &str| matches!(&field, Field::Text(text) | Field::Literal(text) if text == value);
        let layout = self.rules.layout;
        let not_an_action =
            role == Role::Text && layout.is_some_and(|layout| layout.not_actions.iter().any(|name| is(name)));
        let nothing = layout.is_some_and(|layout| layout.nothing.iter().any(|(of, value)| *of == role && is(value)));
        let field = if nothing { Field::Absent } else { field };
        let kind = field.kind();
        let text = match role {
            Role::User | Role::Session => filled(field, kind).unwrap_or_default(),
            Role::Page => page(in_reading_order(field)),
            Role::Css | Role::Text => in_reading_order(field),
            Role::Id | Role::Time | Role::Value | Role::Status => field.text().unwrap_or_default(),
        };
        let failed = role == Role::Status && status::failure(&text).is_some();
        Value { kind, text, not_an_action, failed }
    }

    /// Where a record names no session, its user stands in.
    pub fn user_stands_in(&self) -> bool {
        self.rules.user_stands_in
    }
}

/// Follows the layout's rules about values.
fn by_layout<'a>(mut record: Record<'a>, layout: &Layout) -> Result<Record<'a>, RejectReason> {
    let is = |field: &Field, value: &str| matches!(field, Field::Text(text) | Field::Literal(text) if text == value);
    if layout.not_actions.iter().any(|name| is(&record.text, name)) {
        return Err(RejectReason::NotAnAction);
    }
    for (role, value) in layout.nothing {
        let field = record.field(*role);
        if is(field, value) {
            *field = Field::Absent;
        }
    }
    Ok(record)
}

fn event<'a>(record: Record<'a>, rules: &Rules) -> Result<Event<'a>, RejectReason> {
    let user_stands_in = rules.user_stands_in;
    let kinds = record.kinds();
    let user = filled(record.user, kinds[Role::User as usize]).unwrap_or_default();
    let session = match filled(record.session, kinds[Role::Session as usize]) {
        Some(session) => session,
        None if user_stands_in && !user.is_empty() => user.clone(),
        None if user_stands_in => return Err(RejectReason::NoUser),
        None => return Err(RejectReason::NoSession),
    };
    let mut event = Event {
        id: record.id.text().unwrap_or_default(),
        user,
        session,
        time: Time { us: 0, zoned: false },
        date_certain: None,
        page: page(in_reading_order(record.page)),
        css: in_reading_order(record.css),
        text: in_reading_order(record.text),
        value: record.value.text().unwrap_or_default(),
        salvaged: None,
        kinds,
    };
    if let Some(failed) = failed(record.status) {
        event.text = Cow::Owned(status::with_failure(&event.text, &failed));
    }
    match filled(record.time, kinds[Role::Time as usize]) {
        Some(text) => match time::parse(&text) {
            Some(time) => event.time = time,
            None => {
                let date = dates::parse(&text, rules.dates).ok_or(RejectReason::UnreadableTime)?;
                (event.time.us, event.date_certain) = (date.us, Some(date.certain));
            }
        },
        None => salvage_time(&mut event)?,
    }
    let has_page = matches!(kinds[Role::Page as usize], FieldKind::Text | FieldKind::Literal);
    if !has_page || event.salvaged.is_some() && event.page.trim().is_empty() {
        return Err(RejectReason::NoPage);
    }
    Ok(event)
}

/// How the action failed, if its status says so.
#[inline]
fn failed(status: Field) -> Option<String> {
    // As in most files.
    match status {
        Field::Absent => None,
        status => status::failure(&status.text()?),
    }
}

/// Looks for the lost time in the other fields.
fn salvage_time(event: &mut Event) -> Result<(), RejectReason> {
    let fields = [
        (SalvagedRole::Text, &mut event.text),
        (SalvagedRole::Value, &mut event.value),
        (SalvagedRole::Css, &mut event.css),
        (SalvagedRole::Page, &mut event.page),
    ];
    for (role, field) in fields {
        if let Some(repair) = salvage::repair(field) {
            *field = Cow::Owned(repair.field);
            event.time = repair.time;
            event.salvaged = Some(Salvaged { role, rule: repair.rule });
            return Ok(());
        }
    }
    Err(RejectReason::NoTime)
}

/// The path of an address; anything else as it stands.
fn page(text: Cow<str>) -> Cow<str> {
    match path_of_address(&text) {
        Some(range) if range.is_empty() => Cow::Borrowed("/"),
        Some(range) => match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
            Cow::Owned(text) => Cow::Owned(text[range].to_string()),
        },
        None => text,
    }
}

/// Where the path stands in `https://example.org/path?query#place`.
fn path_of_address(text: &str) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|first| matches!(first, b'h' | b'H')) {
        return None;
    }
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| bytes.len() >= scheme.len() && bytes[..scheme.len()].eq_ignore_ascii_case(scheme.as_bytes()))?;
    let rest = &text[scheme.len()..];
    let end = scheme.len() + rest.find(['?', '#']).unwrap_or(rest.len());
    let start = scheme.len() + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(start..end)
}

/// The field's text without the controls that turn the direction of writing.
fn in_reading_order(field: Field) -> Cow<str> {
    match field.text().unwrap_or_default() {
        text if turns(&text) => Cow::Owned(unturned(&text)),
        text => text,
    }
}

fn is_turn(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn turns(text: &str) -> bool {
    !text.is_ascii() && text.contains(is_turn)
}

/// The text with a sign in the place of each control that turns the direction of writing: inside a sentence it would
/// turn the words behind it as well.
pub fn unturned(text: &str) -> String {
    text.replace(is_turn, "\u{fffd}")
}

/// The field's text, unless it is blank.
fn filled(field: Field, kind: FieldKind) -> Option<Cow<str>> {
    if matches!(kind, FieldKind::Text | FieldKind::Literal) { field.text() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(line: &str) -> Result<String, RejectReason> {
        let mapping = Mapping::default();
        Decoder::new(&mapping).decode(line.as_bytes(), &mut |_| {}).map(|event| {
            format!("{} {} {} {} {} {}", event.user, event.session, event.time.us, event.page, event.css, event.text)
        })
    }

    #[test]
    fn a_whole_record_is_an_event() {
        let line =
            r#"{"user_id":"u","session_id":"s","path":"/","css":"a","text":"b","event_time":"1970-01-01 00:00:01"}"#;
        assert_eq!(decoded(line).unwrap(), "u s 1000000 / a b");
    }

    #[test]
    fn a_missing_user_is_empty() {
        let line = r#"{"user_id":" ","session_id":"s","path":"/","event_time":"1970-01-01 00:00:01"}"#;
        assert_eq!(decoded(line).unwrap(), " s 1000000 /  ");
    }

    #[test]
    fn reasons_tell_what_is_missing() {
        let line = |body: &str| format!("{{{body}}}");
        assert_eq!(decoded(&line(r#""path":"/""#)), Err(RejectReason::NoSession));
        assert_eq!(decoded(&line(r#""session_id":"s","path":"/""#)), Err(RejectReason::NoTime));
        assert_eq!(decoded(&line(r#""session_id":"s","event_time":"soon""#)), Err(RejectReason::UnreadableTime));
        assert_eq!(decoded(&line(r#""session_id":"s","event_time":"2025-01-01""#)), Err(RejectReason::NoPage));
        assert_eq!(
            RejectReason::NoSession.describe(&Mapping::default()),
            "the field “session_id” (session) is missing or empty"
        );
    }

    #[test]
    fn controls_of_direction_are_replaced() {
        let line = "{\"session_id\":\"s\",\"path\":\"/\",\"event_time\":\"1970-01-01\",\"text\":\"a\u{202e}b\"}";
        assert_eq!(decoded(line).unwrap(), " s 0 /  a\u{fffd}b");
    }

    #[test]
    fn a_swallowed_time_is_found() {
        let mapping = Mapping::default();
        let line = r#"{"session_id":"s","path":"/","event_time":null,"text":"TV 55\\\",\",2025-02-06 09:55:15\""}"#;
        let event = Decoder::new(&mapping).decode(line.as_bytes(), &mut |_| {}).unwrap();
        assert_eq!(event.text, "TV 55\"");
        assert_eq!(event.salvaged, Some(Salvaged { role: SalvagedRole::Text, rule: Rule::CsvQuotes }));
    }
}
