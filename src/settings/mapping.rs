//! Which field of the file plays which role.

use serde::{Deserialize, Serialize};

/// Names of the file's fields, by the role each plays. An empty name means "the file has none".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    pub id: String,
    pub user: String,
    pub session: String,
    pub time: String,
    pub page: String,
    pub css: String,
    pub text: String,
    pub value: String,
}

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
}

impl Role {
    pub const ALL: [Role; 8] =
        [Role::Id, Role::User, Role::Session, Role::Time, Role::Page, Role::Css, Role::Text, Role::Value];

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
        }
    }
}

impl Mapping {
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
        }
    }
}
