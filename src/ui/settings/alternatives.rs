//! A list of events, any of which will do.

use leptos::prelude::*;

use crate::settings::Matcher;
use crate::ui::settings::focus_soon;
use crate::ui::settings::matcher::MatcherFields;

#[component]
pub fn Alternatives(
    /// What the ids of its elements begin with.
    #[prop(into)]
    prefix: String,
    /// Whose they are, as a screen reader says it: "step 1".
    #[prop(into)]
    of: String,
    any_of: Signal<Vec<Matcher>>,
    change: impl Fn(Vec<Matcher>) + Copy + Send + Sync + 'static,
    /// Buttons that stand beside "Add an alternative".
    #[prop(optional, into)]
    beside: Option<AnyView>,
) -> impl IntoView {
    // One more that is being given. It is no setting before it says something, and goes when the others change.
    let begun = RwSignal::new(false);
    Effect::new(move |_| {
        any_of.track();
        begun.set(false);
    });
    // Typing into one makes no row anew.
    let rows = Memo::new(move |_| any_of.with(Vec::len) + usize::from(begun.get()));
    let (or, add_label) = (format!("{prefix}-or"), format!("Add an alternative to {of}"));
    let back = or.clone();
    let row_prefix = prefix.clone();
    let row = move |at: usize| {
        let matcher = Signal::derive(move || any_of.with(|any_of| any_of.get(at).cloned()).unwrap_or_default());
        let set = move |matcher: Matcher| {
            let mut list = any_of.get_untracked();
            match list.get_mut(at) {
                Some(known) => *known = matcher,
                None => list.push(matcher),
            }
            // One that is emptied goes, unless it is the last.
            if list.len() > 1 {
                list.retain(|matcher| *matcher != Matcher::default());
            }
            change(list);
        };
        let back = back.clone();
        let remove = move |_| {
            begun.set(false);
            let mut list = any_of.get_untracked();
            if at < list.len() {
                list.remove(at);
                change(list);
            }
            focus_soon(back.clone());
        };
        let label = format!("Remove alternative {} of {of}", at + 1);
        view! {
            {(at > 0).then(|| view! {
                <p class="note or">"or" <button class="plain" aria-label=label on:click=remove>"Remove"</button></p>
            })}
            <div class="parts"><MatcherFields prefix=format!("{row_prefix}-{at}") matcher change=set/></div>
        }
    };
    let begin = move |_| {
        begun.set(true);
        focus_soon(format!("{prefix}-{}-page", any_of.with_untracked(Vec::len)));
    };
    view! {
        {move || (0..rows.get()).map(|at| untrack(|| row(at))).collect_view()}
        <div class="buttons">
            <button class="button" id=or disabled=move || begun.get() aria-label=add_label on:click=begin>"Add an alternative"</button>
            {beside}
        </div>
    }
}
