//! Which field of the file plays which role.

use serde::{Deserialize, Serialize};

use super::group::group;

/// Names of the file's fields, by the role each plays. An empty name means "the file has none".
///
/// Several names, with `|` between them, are tried in their order. A name with dots leads into objects, and into lists
/// of pairs of a key and a value: `properties.$session_id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    pub id: String,
    pub user: String,
    pub session: String,
    pub time: String,
    pub page: String,
    pub css: String,
    pub text: String,
    pub value: String,
    /// A status: what failed is an error, see [`crate::ingest::status`].
    pub status: String,
    /// The layout by whose further rules records are read, see [`crate::ingest::layout`].
    pub layout: LayoutRules,
    /// How dates such as `03/04/2025` are read.
    pub dates: DateOrder,
}

group!(Mapping: id, user, session, time, page, css, text, value, status, layout, dates);

/// What stands first in dates of numbers with the year last; where dots stand between them, it is the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// As programs and spreadsheets take them that know no better.
    #[default]
    MonthFirst,
    DayFirst,
}

/// The layouts that have rules besides the names of fields: values that mean nothing, and records that are no actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutRules {
    #[default]
    None,
    Posthog,
    Segment,
    Amplitude,
    Mixpanel,
    Ga4,
    Snowplow,
    Heap,
    Fullstory,
}

/// In place of the session's field: the user stands in, and sessions end where nothing happens for long.
pub const USER_STANDS_IN: &str = "@user";

impl Default for Mapping {
    fn default() -> Self {
        let name = |text: &str| text.to_string();
        Mapping {
            id: name("uuid"),
            user: name("user_id"),
            session: name("session_id"),
            time: name("event_time"),
            page: name("path"),
            css: name("css"),
            text: name("text"),
            value: name("value"),
            status: String::new(),
            layout: LayoutRules::None,
            dates: DateOrder::default(),
        }
    }
}

/// What a field of the file is to an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Id,
    User,
    Session,
    Time,
    Page,
    Css,
    Text,
    Value,
    Status,
}

impl Role {
    pub const ALL: [Role; 9] =
        [Role::Id, Role::User, Role::Session, Role::Time, Role::Page, Role::Css, Role::Text, Role::Value, Role::Status];

    /// The role in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Role::Id => "id",
            Role::User => "user",
            Role::Session => "session",
            Role::Time => "time",
            Role::Page => "page",
            Role::Css => "css",
            Role::Text => "text",
            Role::Value => "value",
            Role::Status => "status",
        }
    }
}

impl Mapping {
    /// No events: every role without a field.
    pub fn none() -> Mapping {
        let name = String::new;
        Mapping {
            id: name(),
            user: name(),
            session: name(),
            time: name(),
            page: name(),
            css: name(),
            text: name(),
            value: name(),
            status: name(),
            layout: LayoutRules::None,
            dates: DateOrder::default(),
        }
    }

    /// The same, whatever the order of day and month.
    pub fn is_alike(&self, other: &Mapping) -> bool {
        *self == Mapping { dates: self.dates, ..other.clone() }
    }

    /// The fields that may play a role, in the order in which they are tried.
    pub fn alternatives(&self, role: Role) -> impl Iterator<Item = &str> {
        let names = self.field(role).split('|').map(str::trim);
        names.filter(|name| !name.is_empty() && *name != USER_STANDS_IN)
    }

    /// Where a record names no session, its user stands in.
    pub fn user_stands_in(&self) -> bool {
        self.session.split('|').any(|name| name.trim() == USER_STANDS_IN)
    }

    /// Every role has one field at most, on the record itself, and each its own: such records are read faster.
    pub fn is_simple(&self) -> bool {
        let names: Vec<&str> = Role::ALL.iter().map(|role| self.field(*role)).filter(|name| !name.is_empty()).collect();
        let distinct = names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
        distinct && names.iter().all(|name| !name.contains(['.', '|']) && *name != USER_STANDS_IN)
    }

    /// Sets the field of a role.
    pub fn set(&mut self, role: Role, field: &str) {
        let place = match role {
            Role::Id => &mut self.id,
            Role::User => &mut self.user,
            Role::Session => &mut self.session,
            Role::Time => &mut self.time,
            Role::Page => &mut self.page,
            Role::Css => &mut self.css,
            Role::Text => &mut self.text,
            Role::Value => &mut self.value,
            Role::Status => &mut self.status,
        };
        *place = field.into();
    }

    /// The file's field for a role; empty if it has none.
    pub fn field(&self, role: Role) -> &str {
        match role {
            Role::Id => &self.id,
            Role::User => &self.user,
            Role::Session => &self.session,
            Role::Time => &self.time,
            Role::Page => &self.page,
            Role::Css => &self.css,
            Role::Text => &self.text,
            Role::Value => &self.value,
            Role::Status => &self.status,
        }
    }
}
