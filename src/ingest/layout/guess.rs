//! Roles by the names of fields, for files of no known layout.

use std::collections::BTreeSet;

use crate::settings::mapping::USER_STANDS_IN;
use crate::settings::{Mapping, Role};

/// Usual names by role, the surest first; without case, blanks and signs.
const NAMES: [(Role, &[&str]); 9] = [
    (Role::Id, &["uuid", "eventid", "messageid", "insertid", "recordid"]),
    (
        Role::User,
        &[
            "userid",
            "user",
            "uid",
            "distinctid",
            "visitorid",
            "visitor",
            "customerid",
            "customer",
            "clientid",
            "client",
            "anonymousid",
            "deviceid",
            "accountid",
            "memberid",
            "username",
            "email",
            "ip",
        ],
    ),
    (Role::Session, &["sessionid", "session", "sid", "usersession", "visitid", "visit", "caseid", "case", "traceid"]),
    (
        Role::Time,
        &[
            "eventtime",
            "timestamp",
            "time",
            "ts",
            "datetime",
            "eventtimestamp",
            "occurredat",
            "createdat",
            "date",
            "at",
            "starttime",
            "servertime",
            "clienttime",
        ],
    ),
    (
        Role::Page,
        &[
            "path",
            "pagepath",
            "pathname",
            "page",
            "pageurl",
            "url",
            "currenturl",
            "uri",
            "screen",
            "screenname",
            "pagename",
            "route",
            "event",
            "eventname",
            "eventtype",
            "action",
            "activity",
            "name",
            "type",
        ],
    ),
    (Role::Css, &["css", "selector", "cssselector", "elementselector", "xpath"]),
    (
        Role::Text,
        &["text", "elementtext", "innertext", "label", "buttontext", "event", "eventname", "eventtype", "action"],
    ),
    (Role::Value, &["value", "inputvalue", "amount", "price"]),
    (Role::Status, &["status", "statuscode", "httpstatus", "responsecode", "responsestatus"]),
];

/// The mapping by usual names; `None` where no field looks like a time, or like a page or an event.
pub fn mapping(fields: &BTreeSet<String>) -> Option<Mapping> {
    let mapping = best(fields);
    let whose = !mapping.user.is_empty() || !mapping.user_stands_in();
    (whose && !mapping.time.is_empty() && !mapping.page.is_empty()).then_some(mapping)
}

/// As far as usual names go: roles may be without a field.
pub fn best(fields: &BTreeSet<String>) -> Mapping {
    let mut mapping = Mapping::none();
    let mut taken: Vec<&String> = Vec::new();
    for (role, names) in NAMES {
        let found = names.iter().find_map(|name| {
            fields.iter().find(|field| {
                !field.contains('|') && *field != USER_STANDS_IN && plain(field) == *name && !taken.contains(field)
            })
        });
        if let Some(field) = found {
            mapping.set(role, field);
            taken.push(field);
        }
    }
    if mapping.session.is_empty() {
        mapping.session = USER_STANDS_IN.into();
    }
    mapping
}

/// Whether fields of this role are usually called so.
pub fn is_called(role: Role, field: &str) -> bool {
    let last = field.rsplit('.').next().unwrap_or(field);
    NAMES
        .iter()
        .any(|(of, names)| *of == role && [field, last].iter().any(|name| names.contains(&plain(name).as_str())))
}

fn plain(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
