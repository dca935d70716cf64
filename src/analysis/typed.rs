//! What was typed or chosen, by input element, and what came of it. Values that look personal are counted and never kept.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, ErrorKind};
use crate::analysis::few::Few;
use crate::analysis::personal::{self, Look};
use crate::analysis::words::WordList;
use crate::dataset::Session;

/// How often something was typed, and what followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TypedCounts {
    /// Events.
    pub times: u64,
    /// Of these, those after which the next event says that nothing was found.
    pub no_result: u64,
    /// Of these, those with which the session ends.
    pub last: u64,
    /// Sessions.
    pub sessions: u64,
    /// Of these, those that reach the goal, now or later.
    pub converted: u64,
}

impl TypedCounts {
    pub fn add(&mut self, other: TypedCounts) {
        self.times += other.times;
        self.no_result += other.no_result;
        self.last += other.last;
        self.sessions += other.sessions;
        self.converted += other.converted;
    }
}

/// What was typed into an element.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TypedField {
    pub all: TypedCounts,
    /// Values that look personal, all together.
    pub hidden: TypedCounts,
    pub values: BTreeMap<String, TypedCounts>,
}

/// By the element's selector, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Typed(pub BTreeMap<String, TypedField>);

/// Something typed: the numbers of its selector and value. Values that are hidden are one.
type Key = (u32, Option<u32>);

struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// By selector: it names what is personal.
    is_personal: Vec<bool>,
    /// By value: there is none, or it may be shown, or not.
    value_is: Vec<Value>,
    values: HashMap<Key, TypedCounts>,
    fields: HashMap<u32, TypedCounts>,
    /// What this session has counted in.
    of_session: Few<Key, ()>,
    fields_of_session: Few<u32, ()>,
}

#[derive(Clone, Copy, PartialEq)]
enum Value {
    Empty,
    Plain,
    Personal,
}

fn kind(value: &str) -> Value {
    let value = value.trim();
    let is_personal = |(_, look): &(_, Look)| matches!(look, Look::Personal(_));
    match value {
        "" => Value::Empty,
        // Already masked where it was recorded.
        _ if value.chars().all(|char| matches!(char, '*' | '•' | '●')) => Value::Personal,
        _ if personal::find(value).iter().any(is_personal) => Value::Personal,
        _ => Value::Plain,
    }
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>) -> Finder<'c, 'a> {
        let quality = &context.settings.quality;
        let words = [&quality.secret_words, &quality.personal_words].map(|words| WordList::new(words));
        let named = |css: &str| words.iter().any(|words| words.matches(css));
        Finder {
            context,
            is_personal: context.partition.css.texts().iter().map(named).collect(),
            value_is: context.partition.values.texts().iter().map(kind).collect(),
            values: HashMap::new(),
            fields: HashMap::new(),
            of_session: Few::default(),
            fields_of_session: Few::default(),
        }
    }

    fn add(&mut self, session: &Session) {
        let context = self.context;
        let converted = u64::from(context.goal_at(session).is_some());
        self.of_session.clear();
        self.fields_of_session.clear();
        let rows = session.rows();
        let next = rows.clone().skip(1).map(Some).chain([None]);
        for (row, next) in rows.zip(next) {
            let value = context.partition.events.value[row];
            let is = self.value_is[value as usize];
            let css = context.css_number(row);
            if is == Value::Empty || context.css_by_number(css).is_empty() {
                continue;
            }
            let shown = is == Value::Plain && !self.is_personal[css as usize];
            let key = (css, shown.then_some(value));
            let no_result = next.is_some_and(|next| context.error(next) == Some(ErrorKind::DeadEnd));
            let mut counts = TypedCounts {
                times: 1,
                no_result: u64::from(no_result),
                last: u64::from(next.is_none()),
                ..TypedCounts::default()
            };
            let first_of_field = self.fields_of_session.insert(css);
            let of_field = TypedCounts {
                sessions: u64::from(first_of_field),
                converted: converted * u64::from(first_of_field),
                ..counts
            };
            self.fields.entry(css).or_default().add(of_field);
            if self.of_session.insert(key) {
                (counts.sessions, counts.converted) = (1, converted);
            }
            self.values.entry(key).or_default().add(counts);
        }
    }

    fn finish(self) -> Typed {
        let mut found = Typed::default();
        for (css, counts) in self.fields {
            found.field(self.context.css_by_number(css)).all.add(counts);
        }
        for ((css, value), counts) in self.values {
            let field = found.field(self.context.css_by_number(css));
            match value {
                None => field.hidden.add(counts),
                Some(value) => {
                    let value = self.context.partition.values.texts().get(value).trim();
                    field.values.entry(value.to_string()).or_default().add(counts);
                }
            }
        }
        found
    }
}

impl Typed {
    pub fn of(context: &Context) -> Typed {
        let mut finder = Finder::new(context);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    fn field(&mut self, css: &str) -> &mut TypedField {
        self.0.entry(css.to_string()).or_default()
    }

    pub fn merge(&mut self, other: Typed) {
        for (css, theirs) in other.0 {
            let mine = self.0.entry(css).or_default();
            mine.all.add(theirs.all);
            mine.hidden.add(theirs.hidden);
            for (value, counts) in theirs.values {
                mine.values.entry(value).or_default().add(counts);
            }
        }
    }
}
