//! Which field plays which role: each with how sure that is and what stands in it, what would come of it, and the first
//! records.

use leptos::ev::{self, Targeted};
use leptos::prelude::*;
use web_sys::HtmlSelectElement;

use crate::findings::wording::{count, number, shown};
use crate::ingest::forms::Proposal;
use crate::ingest::preview::{Confidence, Preview};
use crate::order::sort_by_key;
use crate::settings::Role;
use crate::settings::mapping::USER_STANDS_IN;
use crate::ui::parts::scroller;
use crate::ui::state::AppState;

/// The roles in the order in which they are asked for: who, when, what.
const ROLES: [(Role, &str, &str); 9] = [
    (Role::User, "User", "Who it was. Where there is none, the session stands in."),
    (Role::Session, "Session", "One visit. Without it, half an hour without an event of a user ends one."),
    (Role::Time, "Time", "When it happened."),
    (Role::Page, "Page or event", "Where it happened, or what it is called."),
    (Role::Text, "Text or event", "What stood on the element, or what the event is called."),
    (Role::Css, "Element", "Its selector."),
    (Role::Value, "Typed value", "Not shown where it looks personal."),
    (Role::Status, "Status", "Numbers from 400 on, and words such as “failed”, are errors."),
    (Role::Id, "Id of the record", "Tells duplicates."),
];

/// Columns of the first records that are shown.
const COLUMNS: usize = 12;

#[component]
pub fn Choosing() -> impl IntoView {
    let app = expect_context::<AppState>();
    let name = app.loading.with_untracked(|loading| shown(&loading.name));
    let open = app.document.with_untracked(Option::is_some);
    let events = move || app.choosing.with(|choosing| choosing.as_ref().map_or(0, |all| all.preview.events));
    let says =
        move || app.choosing.with(|choosing| choosing.as_ref().map_or(String::new(), |all| describe(&all.preview)));
    let why = move || {
        app.choosing.with(|choosing| {
            let all = choosing.as_ref()?;
            let reasons = all.preview.rejected.iter().take(3);
            let reasons = reasons.map(|(reason, n)| view! { <li>{format!("{}: {reason}", count(*n, "record"))}</li> });
            (!all.preview.rejected.is_empty()).then(|| view! { <ul class="why">{reasons.collect_view()}</ul> })
        })
    };
    let emptied = move || {
        let emptied = app.emptied.get()?;
        let (_, label, _) = ROLES.iter().find(|(role, ..)| *role == emptied)?;
        Some(format!("“{label}” has no field any more, since a field has one role. "))
    };
    let leave = match (open, app.last_shown()) {
        (true, _) => "Back to the results".into(),
        (false, Some(last)) => format!("Back to {}", shown(&last)),
        (false, None) => "Cancel".into(),
    };
    let rows = ROLES.map(|(role, label, help)| view! { <RoleRow role label help/> });
    view! {
        <div class="choosing">
            <h1>"Which field is what?"</h1>
            <p class="lede">
                {match open {
                    true => format!("How {name} is read. A change reads it again."),
                    false => format!("{name} has fields of its own. Check what Footpath takes each for; it needs a time, a page or an event, and a user or a session."),
                }}
            </p>
            <table class="roles">
                <caption class="visually-hidden">"Fields by role"</caption>
                <thead><tr><th scope="col">"Role"</th><th scope="col">"Field"</th><th scope="col">"How sure"</th><th scope="col">"For example"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="outcome">
                <p role="status">{emptied}<b>{says}</b></p>
                {why}
            </div>
            <p class="buttons">
                <button class="button main" disabled=move || events() == 0 on:click=move |_| app.read_as_chosen()>
                    {if open { "Read it so" } else { "Open the file" }}
                </button>
                <button class="button" on:click=move |_| app.leave_choice()>{leave}</button>
            </p>
            <h2>"The first records"</h2>
            {move || app.choosing.with(|choosing| choosing.as_ref().map(records))}
        </div>
    }
}

/// `480 of the first 500 records are events.`
fn describe(preview: &Preview) -> String {
    match (preview.events, preview.records) {
        (0, 0) => "No record could be read yet.".into(),
        (0, 1) => "The only record is no event yet.".into(),
        (1, 1) => "The only record is an event.".into(),
        (0, records) => format!("None of the first {} is an event yet.", count(records, "record")),
        (events, records) if events == records => format!("All of the first {} are events.", count(records, "record")),
        (events, records) => format!("{} of the first {} are events.", number(events), count(records, "record")),
    }
}

#[component]
fn RoleRow(role: Role, label: &'static str, help: &'static str) -> impl IntoView {
    let app = expect_context::<AppState>();
    let id = format!("role-{}", role.name());
    let help_id = format!("{id}-help");
    let field = Memo::new(move |_| {
        app.choosing.with(|choosing| choosing.as_ref().map_or(String::new(), |all| all.mapping.field(role).to_string()))
    });
    let names = app.choosing.with_untracked(|choosing| {
        let fields = choosing.as_ref().map(|all| all.preview.fields.iter().map(|field| field.name.clone()));
        fields.map_or(Vec::new(), Iterator::collect::<Vec<String>>)
    });
    // What several fields are tried for is one choice more.
    let composed = field.get_untracked();
    let composed =
        (!composed.is_empty() && composed != USER_STANDS_IN && !names.contains(&composed)).then_some(composed);
    let choose = move |event: Targeted<ev::Event, HtmlSelectElement>| app.choose_field(role, &event.target().value());
    let option = move |value: String, says: String| {
        let this = value.clone();
        view! { <option value=value selected=move || field.get() == this>{says}</option> }
    };
    let none = match role {
        Role::Session => option(USER_STANDS_IN.into(), "none: by user and pauses".into()),
        _ => option(String::new(), "none".into()),
    };
    let composed = composed.map(|names| {
        option(names.clone(), names.replace('|', ", else ").replace(USER_STANDS_IN, "by user and pauses"))
    });
    let others = names.into_iter().map(|name| option(name.clone(), shown(&name))).collect_view();
    let sure = move || {
        app.choosing.with(|choosing| {
            let sure = choosing.as_ref()?.preview.roles.get(&role)?;
            Some(match sure {
                Confidence::Sure => view! { <em class="badge">"sure"</em> },
                Confidence::Likely => view! { <em class="badge soft">"likely"</em> },
                Confidence::Unsure => view! { <em class="badge loss">"unsure"</em> },
            })
        })
    };
    let examples = move || {
        let name = field.get();
        app.choosing.with(|choosing| {
            let fields = &choosing.as_ref()?.preview.fields;
            let first = name.split('|').find_map(|name| fields.iter().find(|field| field.name == name.trim()))?;
            // What was typed may be personal.
            Some(if role == Role::Value { String::new() } else { first.examples.join(" · ") })
        })
    };
    view! {
        <tr>
            <th scope="row"><label for=id.clone()>{label}</label><span class="soft" id=help_id.clone()>{help}</span></th>
            <td><select id=id aria-describedby=help_id on:change:target=choose>{none}{composed}{others}</select></td>
            <td class="sure">{sure}</td>
            <td class="examples">{examples}</td>
        </tr>
    }
}

/// The first records as they stand, by field.
fn records(proposal: &Proposal) -> impl IntoView + use<> {
    let Proposal { mapping, preview } = proposal;
    let role_of = |name: &str| {
        let is = |(role, ..): &&(Role, &str, &str)| mapping.alternatives(*role).any(|field| field == name);
        ROLES.iter().find(is).map(|(role, label, _)| (*role, *label))
    };
    // Those that play a role come first.
    let mut fields: Vec<_> = preview.fields.iter().map(|field| (role_of(&field.name), field)).collect();
    sort_by_key(&mut fields, |(role, _)| role.is_none());
    let left_out = fields.len().saturating_sub(COLUMNS);
    fields.truncate(COLUMNS);
    let heads = fields.iter().map(|(role, field)| {
        let role = role.map(|(_, label)| view! { <span class="soft">{label}</span> });
        view! { <th scope="col">{shown(&field.name)}{role}</th> }
    });
    let heads = heads.collect_view();
    let count = fields.iter().map(|(_, field)| field.rows.len()).max().unwrap_or(0);
    let rows = (0..count).map(|at| {
        let cells = fields.iter().map(|(role, field)| {
            let hidden = matches!(role, Some((Role::Value, _)));
            let text = field.rows.get(at).cloned().unwrap_or_default();
            view! { <td>{if hidden && !text.is_empty() { "•••".into() } else { shown(&text) }}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        {scroller("The first records", view! { <table class="records"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table> })}
        {(left_out > 0).then(|| view! { <p class="note">{format!("{} more.", count_fields(left_out))}</p> })}
    }
}

fn count_fields(fields: usize) -> String {
    count(fields as u64, "field")
}
