//! What several views are made of: tables, numbers that open their sessions, findings.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::analysis::session_table::SessionFilter;
use crate::findings::ids::SHORT_ID;
use crate::findings::wording::{count, interval, list, number, percent, probability, shown};
use crate::findings::{Class, Finding, Strength};
use crate::report::Document;
use crate::report::document::PageSessions;
use crate::ui::browser::Sizes;
use crate::ui::route::Route;
use crate::ui::session_list::{Named, SessionList};
use crate::ui::state::AppState;

/// Rows that a table shows at first; a button shows the others.
pub const ROWS: usize = 20;

/// The results, for a view that is shown only when there are any.
pub fn results() -> Signal<Arc<Document>> {
    let app = expect_context::<AppState>();
    let first = app.document.get_untracked();
    // While a file is closed the view may be asked once more, before it goes.
    let last = StoredValue::new(first);
    Signal::derive(move || {
        if let Some(document) = app.document.get() {
            last.set_value(Some(document));
        }
        last.get_value().expect("views are shown when there are results")
    })
}

/// Says what is still being looked for.
pub fn pending(document: &Document) -> impl IntoView + use<> {
    let names: Vec<String> = document.pending.iter().map(|class| class.name().to_lowercase()).collect();
    (!names.is_empty())
        .then(|| view! { <p class="none" role="status"><b>"Still being looked for: "</b>{list(&names)}"."</p> })
}

/// A table that scrolls by itself where it is too wide, with a name for those who cannot see it. Each head says
/// whether it stands over numbers.
pub fn table(caption: impl Into<String>, heads: Vec<(&'static str, bool)>, rows: impl IntoView) -> impl IntoView {
    let caption = caption.into();
    let heads = heads.into_iter().map(|(name, number)| view! { <th scope="col" class:number=number>{name}</th> });
    let label = caption.clone();
    scroller(
        label,
        view! {
            <table>
                <caption><span>{caption}</span></caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        },
    )
}

/// Scrolls what is too wide, and can be reached by the keyboard only then.
pub fn scroller(label: impl Into<String>, table: impl IntoView) -> impl IntoView {
    let place = NodeRef::<leptos::html::Div>::new();
    let sizes = StoredValue::new_local(None::<Sizes>);
    Effect::new(move |_| {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        let changed = move || {
            let wide = measured.scroll_width() > measured.client_width() + 1;
            let _ = match wide {
                true => measured.set_attribute("tabindex", "0"),
                false => measured.remove_attribute("tabindex"),
            };
        };
        let inner = element.first_element_child();
        let both: Vec<web_sys::Element> = std::iter::once(element.into()).chain(inner).collect();
        sizes.set_value(Some(Sizes::of(&both, Rc::new(changed))));
    });
    on_cleanup(move || {
        let _ = sizes.try_update_value(Option::take);
    });
    view! { <div node_ref=place class="table" role="region" aria-label=label.into()>{table}</div> }
}

/// The first signs of an id that is long and says nothing; other names as they are.
pub fn short_id(id: &str) -> String {
    id_of_length(id, SHORT_ID)
}

/// The same, with so many signs.
pub fn id_of_length(id: &str, length: usize) -> String {
    let is_long = id.len() > length + 4 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_long { id[..length].to_string() } else { shown(id) }
}

/// Shows the first rows, and all when asked. `row` makes one.
#[component]
pub fn Rows<T: Clone + Send + Sync + 'static, V: IntoView + 'static>(
    rows: Vec<T>,
    /// How many there are, if the screen did not get all.
    #[prop(optional)]
    total: u64,
    columns: usize,
    row: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView {
    let all = RwSignal::new(rows.len() <= ROWS + 5);
    let total = total.max(rows.len() as u64);
    let hidden = rows.len().saturating_sub(ROWS);
    let left_out = total - rows.len() as u64;
    let shown = move || {
        let n = if all.get() { rows.len() } else { ROWS };
        rows.iter().take(n).cloned().map(&row).collect_view()
    };
    view! {
        {shown}
        {move || (!all.get()).then(|| view! {
            <tr><td colspan=columns.to_string()><button class="plain" on:click=move |event| {
                // The keyboard goes on at what appears.
                let body = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                let body = body.and_then(|button| button.closest("tbody").ok().flatten());
                all.set(true);
                focus_row(body, ROWS as u32);
            }>{format!("Show {} more", number(hidden as u64))}</button></td></tr>
        })}
        {move || (all.get() && left_out > 0).then(|| view! {
            <tr><td colspan=columns.to_string() class="note">{format!("{} more are in the JSON.", number(left_out))}</td></tr>
        })}
    }
}

/// Moves the keyboard to a row of a table, once it is there.
fn focus_row(body: Option<web_sys::Element>, row: u32) {
    request_animation_frame(move || {
        let row = body.and_then(|body| body.children().item(row));
        if let Some(Ok(row)) = row.map(|row| row.dyn_into::<web_sys::HtmlElement>()) {
            let _ = row.set_attribute("tabindex", "-1");
            let _ = row.focus();
        }
    });
}

/// A number of sessions that opens them.
#[component]
pub fn Sessions(filter: SessionFilter, n: u64, #[prop(optional, into)] label: String) -> impl IntoView {
    let app = expect_context::<AppState>();
    if n == 0 {
        return view! { <span class="soft">"0"</span> }.into_any();
    }
    let route = Route::sessions(filter);
    let label = if label.is_empty() { format!("{}, show them", count(n, "session")) } else { label };
    view! { <a class="count" href=move || app.href(&route) aria-label=label>{number(n)}</a> }.into_any()
}

/// Pages, or the like, by sessions.
#[component]
pub fn PageTable(
    caption: &'static str,
    name: &'static str,
    total: u64,
    pages: Vec<PageSessions>,
    filter: fn(String) -> SessionFilter,
) -> impl IntoView {
    view! {
        {table(caption, vec![(name, false), ("Sessions", true)], view! {
            <Rows rows=pages total columns=2 row=move |page: PageSessions| view! {
                <tr><td class="name">{page.page.clone()}</td><td class="number"><Sessions filter=filter(page.page) n=page.sessions/></td></tr>
            }/>
        })}
    }
}

/// One finding with its evidence.
#[component]
pub fn Article(finding: Finding) -> impl IntoView {
    let app = expect_context::<AppState>();
    let strength = if finding.strength == Strength::Supported { "strength supported" } else { "strength" };
    let severity = finding.severity.word();
    let evidence = evidence(&finding).into_iter().map(|line| view! { <div>{line}</div> }).collect_view();
    let figure = match &finding.rate {
        Some(rate) => percent(rate.value.0),
        None => number(finding.count),
    };
    let sessions = (!finding.sessions.is_empty()).then(|| {
        view! { <SessionList title=finding.title.clone() total=finding.session_count sessions=Named::of_finding(&finding) all=finding.filter.clone()/> }
    });
    let all = finding.filter.clone().filter(|_| finding.sessions.is_empty()).map(|filter| {
        let route = Route::sessions(filter);
        view! { <p><a class="chip" href=move || app.href(&route)>{count(finding.found_by_filter(), "session")}</a></p> }
    });
    let aid = finding.reading_aid();
    let aid = (!aid.is_empty()).then(|| view! { <p class="note">{aid}</p> });
    let class = finding.class;
    // What its words call the strangest is a click away.
    let strangest = (class == Class::UnusualNavigation && finding.sessions.len() > 1).then(|| {
        let (user, session) = (&finding.users[0], &finding.sessions[0]);
        let (route, name) = (Route::session(user, session), short_id(session));
        view! { <p class="note">"The first of them is session "<a class="mono" href=move || app.href(&route) title=session.clone()>{name}</a>"."</p> }
    });
    view! {
        <article class="finding" data-class=class.slug()>
            <div class=format!("severity {}", severity.to_lowercase()) role="img" aria-label=format!("{severity} severity")></div>
            <div>
                <h3>{finding.title}</h3>
                <p>{finding.description}</p>
                <p class="next">{finding.next}</p>
                {strangest}
                {sessions}{all}
                <details>
                    <summary>"How this is counted"</summary>
                    <p class="note">{finding.definition}</p>
                    <p class="note"><b>{finding.strength.word()}</b>": "{finding.strength.meaning()}</p>
                    {aid}
                </details>
            </div>
            <div class="evidence">
                <span class=strength title=finding.strength.meaning()>{finding.strength.word()}</span>
                <b>{figure}</b>
                {evidence}
            </div>
        </article>
    }
}

/// What the figure rests on, a line each.
fn evidence(finding: &Finding) -> Vec<String> {
    let mut lines = match &finding.rate {
        Some(rate) => vec![format!("[{}] of {}", interval(rate), finding.of())],
        None => vec![format!("of {}", finding.of())],
    };
    if let (Some(q), Some(family)) = (finding.q, finding.family) {
        lines.push(format!("q {}, {} tested", probability(q.0), count(family, finding.tested())));
    }
    lines.extend(finding.p.map(|p| format!("p {}", probability(p.0))));
    lines.extend(finding.clustered_p.map(|p| format!("p by users {}", probability(p.0))));
    lines
}

/// What words and figures of a view mean, on request.
pub fn help(summary: &'static str, words: &[(&'static str, &'static str)]) -> impl IntoView + use<> {
    let words = words.iter().map(|(word, meaning)| view! { <dt>{*word}</dt><dd>{*meaning}</dd> }).collect_view();
    view! { <details class="help"><summary>{summary}</summary><dl class="words">{words}</dl></details> }
}

/// A figure with its name.
#[component]
pub fn Figure(
    name: &'static str,
    value: u64,
    /// Of what, if not of all.
    #[prop(optional)]
    part: &'static str,
) -> impl IntoView {
    // The names that programs know a figure by, in words.
    let label = match name {
        "converted" => "reached the goal",
        "salvaged" => "repaired",
        other => other,
    };
    view! { <div><dt>{label}{part}</dt><dd data-metric=name>{number(value)}</dd></div> }
}
