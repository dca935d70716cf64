//! Class 16: what the mapped fields hold. Nothing here shows a value.

use crate::analysis::Results;
use crate::analysis::personal::PersonalKind;
use crate::findings::quality::about_file;
use crate::findings::wording::{count, list, number, percent, place};
use crate::findings::{Class, Draft};
use crate::ingest::shape::{FieldKind, ShapeCounts};
use crate::settings::Role;

/// Fields in which a placeholder is a mistake. A text may well read “None”, and a visitor may type “test”.
const NEVER_PLACEHOLDERS: [Role; 5] = [Role::Id, Role::User, Role::Session, Role::Page, Role::Css];

pub fn findings(results: &Results) -> Vec<Draft> {
    let mut drafts = Vec::new();
    drafts.extend(no_user(results));
    drafts.extend(no_id(results));
    drafts.extend(placeholders(results));
    drafts.extend(mixed_types(results));
    drafts.extend(stray_ids(results));
    for kind in [PersonalKind::Email, PersonalKind::CardNumber, PersonalKind::LongNumber] {
        drafts.extend(personal(results, kind));
    }
    drafts
}

/// How many events have nothing in a field that the mapping names.
fn empty(results: &Results, role: Role) -> Option<u64> {
    let mapped = !results.plan.settings.mapping.field(role).is_empty();
    let empty = results.read.kinds.empty(role);
    (mapped && empty > 0).then_some(empty)
}

fn quoted(results: &Results, role: Role) -> String {
    format!("“{}”", results.plan.settings.mapping.field(role))
}

fn name_no(results: &Results, n: u64, what: &str) -> String {
    match n {
        1 if results.read.events > 1 => format!("1 event has no {what}"),
        n if n == results.read.events => format!("No event has a {what}"),
        n => format!("{} events have no {what}", number(n)),
    }
}

fn have(n: u64) -> String {
    if n == 1 { "1 has".into() } else { format!("{} have", number(n)) }
}

fn no_user(results: &Results) -> Option<Draft> {
    let n = empty(results, Role::User)?;
    let filled_in = results.read.users_filled_in.min(n);
    let (what, rest) = match (filled_in, n - filled_in) {
        (0, _) => ("the session stands in", "Each of their sessions counts as a user of its own.".to_string()),
        (_, 0) => (
            "their sessions name one",
            "Other events of the same sessions name a user, who is taken to be theirs too.".to_string(),
        ),
        (_, left) => (
            "their sessions name one, or stand in",
            format!(
                "For {} of them other events of the session name a user, who is taken to be theirs too. Each session \
                of the other {} counts as a user of its own.",
                number(filled_in),
                number(left)
            ),
        ),
    };
    let title = format!("{}; {what}", name_no(results, n, "user"));
    let mut draft = about_file(Class::DataQuality, title, n, results.read.events, "events");
    draft.finding.description = format!(
        "Of {}, {} nothing in {}. {rest}",
        count(results.read.events, "event"),
        have(n),
        quoted(results, Role::User)
    );
    draft.finding.next = match n - filled_in {
        0 => "Check whether the export leaves out who had not logged in yet.".into(),
        _ => "Check the mapping, and whether the export leaves out who was not logged in; figures by user are too \
            high otherwise."
            .into(),
    };
    draft.finding.definition = "The field of the user is missing, null, blank, or a list or object. If other events \
        of the session name one user, it is that one; otherwise the session stands in."
        .into();
    Some(draft)
}

fn no_id(results: &Results) -> Option<Draft> {
    let n = empty(results, Role::Id)?;
    let title = name_no(results, n, "record id");
    let mut draft = about_file(Class::DataQuality, title, n, results.read.events, "events");
    draft.finding.description = format!(
        "Of {}, {} nothing in {}. Duplicates among them cannot be told from repeated actions.",
        count(results.read.events, "event"),
        have(n),
        quoted(results, Role::Id)
    );
    draft.finding.next = "Check the mapping, and whether the recording can give each event an id.".into();
    draft.finding.definition = "The field of the record’s id is missing, null, blank, or a list or object.".into();
    Some(draft)
}

fn placeholders(results: &Results) -> Option<Draft> {
    let found = &results.collected.quality.contents.placeholders;
    let found: Vec<(Role, u64)> =
        NEVER_PLACEHOLDERS.iter().filter_map(|role| Some((*role, *found.get(role)?))).collect();
    let total: u64 = found.iter().map(|(_, n)| n).sum();
    if total == 0 {
        return None;
    }
    let title = match total {
        1 => "1 field value is a placeholder".to_string(),
        n => format!("{} field values are placeholders", number(n)),
    };
    let mut draft = about_file(Class::DataQuality, title, total, results.collected.overview.events, "events");
    let by_field: Vec<String> =
        found.iter().map(|(role, n)| format!("{} in {}", count(*n, "event"), quoted(results, *role))).collect();
    draft.finding.description = format!("{}.", capital(&list(&by_field)));
    draft.finding.next = if found.iter().any(|(role, _)| matches!(role, Role::User | Role::Session)) {
        "Find out what they stand for: everybody behind one such id counts as one user or one session.".into()
    } else {
        "Find out what the recording writes there when it knows nothing.".into()
    };
    draft.finding.definition = "A record id, user, session, path or selector that is, as a whole and in any case of \
        letters, one of quality.placeholders, or a UUID of zeros."
        .into();
    Some(draft)
}

fn mixed_types(results: &Results) -> Option<Draft> {
    let kinds = &results.read.kinds;
    let mixed: Vec<Role> = Role::ALL.into_iter().filter(|role| kinds.is_mixed(*role)).collect();
    let (mut odd, mut by_field) = (0, Vec::new());
    for role in &mixed {
        let of = |kind| kinds.of(*role, kind);
        let found = [
            (of(FieldKind::Text), "text"),
            (of(FieldKind::Literal), "number or true/false"),
            (of(FieldKind::Nested), "list or object"),
        ];
        let most = found.iter().map(|(n, _)| *n).max().unwrap_or(0);
        odd += found.iter().map(|(n, _)| n).sum::<u64>() - most;
        let parts: Vec<String> =
            found.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what} in {}", count(*n, "event"))).collect();
        by_field.push(format!("{} is {}", quoted(results, *role), list(&parts)));
    }
    let title = match &mixed[..] {
        [] => return None,
        [role] => format!("The type of the field {} changes", quoted(results, *role)),
        more => format!("The types of {} fields change", more.len()),
    };
    let mut draft = about_file(Class::DataQuality, title, odd, results.read.events, "events");
    draft.finding.description = format!("{}.", by_field.join("; "));
    draft.finding.next = "Look for a second version of the recording, or a second source in the file.".into();
    draft.finding.definition =
        "A mapped field is text in some events and a number, true, false, a list or an object in others; \
         blank and null do not count. Counted are the events of the rarer types."
            .into();
    Some(draft)
}

fn stray_ids(results: &Results) -> Vec<Draft> {
    let contents = &results.collected.quality.contents;
    [
        (Role::User, "user id", &contents.user_shapes),
        (Role::Session, "session id", &contents.session_shapes),
        (Role::Id, "record id", &results.read.id_shapes),
    ]
    .into_iter()
    .filter_map(|(role, what, shapes)| stray(results, role, what, shapes))
    .collect()
}

fn stray(results: &Results, role: Role, what: &str, shapes: &ShapeCounts) -> Option<Draft> {
    let most = results.plan.settings.quality.max_stray_ids;
    let (total, strays) = (shapes.total(), shapes.strays());
    let n: u64 = strays.iter().map(|(_, n)| n).sum();
    if n == 0 || n as f64 >= most * total as f64 {
        return None;
    }
    let main = shapes.main()?.describe(total);
    let title = match n {
        1 => format!("1 {what} has another form than the rest"),
        n => format!("{} {what}s have another form than the rest", number(n)),
    };
    let mut draft = about_file(Class::DataQuality, title, n, total, &format!("{what}s"));
    let kinds: Vec<String> = strays.iter().map(|(shape, n)| format!("{} {}", number(*n), shape.describe(*n))).collect();
    draft.finding.description = format!(
        "In {}, most of {} are {main}; {} of them ({}) cannot be: {}.",
        quoted(results, role),
        count(total, what),
        number(n),
        percent(n as f64 / total as f64),
        list(&kinds)
    );
    draft.finding.next = "Look for tests, a second source, or a fallback in the code that gives out ids.".into();
    draft.finding.definition = format!(
        "Forms are UUID, digits, hexadecimal digits, e-mail address and any other. Ids that cannot be of the most \
         frequent form, where they are fewer than {}; more than that are a second kind of id.",
        percent(most)
    );
    Some(draft)
}

fn personal(results: &Results, kind: PersonalKind) -> Option<Draft> {
    let contents = &results.collected.quality.contents;
    let found: Vec<_> = contents.personal().filter(|(of, ..)| *of == kind).collect();
    let total: u64 = found.iter().map(|(_, _, found)| found.events).sum();
    if total == 0 {
        return None;
    }
    let (one, many, definition) = match kind {
        PersonalKind::Email => (
            "an e-mail address",
            "e-mail addresses",
            "A name, an at sign (or %40) and a host with a dot, anywhere in a path, selector, text, value, user or \
             session id; names of pictures and scripts are left out.",
        ),
        PersonalKind::CardNumber => (
            "a card number",
            "card numbers",
            "13 to 19 digits from 2 to 6 on, alone or in groups, right by Luhn’s rule, in a path, selector, text or \
             value; not where more of such numbers are wrong by the rule than right.",
        ),
        PersonalKind::LongNumber => (
            "a long number",
            "long numbers",
            "At least 9 digits, alone or in groups, that are neither a date nor a card number, in a text or a value. \
             They may be phone or account numbers, or harmless.",
        ),
    };
    let title = match total {
        1 => format!("1 field value holds what looks like {one}"),
        n => format!("{} field values hold what look like {many}", number(n)),
    };
    let mut draft = about_file(Class::DataQuality, title, total, results.collected.overview.events, "events");
    let by_field: Vec<String> = found
        .iter()
        .map(|(_, role, found)| {
            let (file, line) = results.source.place(u64::from(found.line));
            let place = uncapital(&place(file, line));
            format!("{} in {}, first in {place}", count(found.events, "event"), quoted(results, *role))
        })
        .collect();
    draft.finding.description = format!("{}. {}", by_field.join("; "), shown(results, kind, found.iter().map(|f| f.1)));
    draft.finding.next = "Make sure that the recording leaves them out before they leave the visitor’s browser.".into();
    draft.finding.definition = definition.into();
    Some(draft)
}

/// What becomes of them on the screen and in the report.
fn shown(results: &Results, kind: PersonalKind, roles: impl Iterator<Item = Role>) -> String {
    let masked = results.plan.settings.quality.mask_personal && kind != PersonalKind::LongNumber;
    let mut sentences: Vec<&str> = Vec::new();
    for role in roles {
        sentences.push(match role {
            Role::Value => "Typed values that look personal are not shown.",
            Role::User | Role::Session => "Ids are shown as they stand.",
            _ if masked => "In paths, selectors and texts ••• is shown instead.",
            _ => "Paths, selectors and texts are shown as they stand.",
        });
    }
    sentences.sort_unstable();
    sentences.dedup();
    sentences.join(" ")
}

fn uncapital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
