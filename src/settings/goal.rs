//! What success is, and the steps on the way to it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::group::group;
use crate::tagged::tagged;

/// Matches an event: each part that is given must match, letters in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// A page template or a raw path, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// An element's selector, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub css: Option<String>,
    /// An element's text, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Matcher {
    /// `Place Order at /checkout`, `button.buy`, `/thanks`.
    fn looks_for(&self) -> String {
        match (self.text.as_ref().or(self.css.as_ref()), &self.page) {
            (Some(element), Some(page)) => format!("{element} at {page}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }

    /// `an element “Place Order” and the page /checkout`.
    fn definition(&self) -> String {
        let mut what = Vec::new();
        what.extend(self.text.as_ref().map(|text| format!("an element “{text}”")));
        what.extend(self.css.as_ref().map(|css| format!("an element {css}")));
        what.extend(self.page.as_ref().map(|page| format!("the page {page}")));
        what.join(" and ")
    }
}

/// The rule that makes a session a conversion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum Goal {
    /// The session has an event that matches, and no error or cancel (as switched on) after the last such event.
    Event {
        name: String,
        event: Matcher,
        /// Other events that are the goal as well.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        or: Vec<Matcher>,
        #[serde(default = "yes")]
        unless_error_follows: bool,
        #[serde(default = "yes")]
        unless_cancel_follows: bool,
    },
    /// The session's last event is on this page.
    EndsAt { name: String, page: String },
}

tagged!(Goal, "rule");

fn yes() -> bool {
    true
}

impl Goal {
    /// The name as the settings have it.
    pub fn given_name(&self) -> &str {
        match self {
            Goal::Event { name, .. } | Goal::EndsAt { name, .. } => name,
        }
    }

    /// The events, any of which is the goal or the page that it ends on.
    pub fn any_of(&self) -> Vec<Matcher> {
        match self {
            Goal::Event { event, or, .. } => std::iter::once(event).chain(or).cloned().collect(),
            Goal::EndsAt { page, .. } => vec![Matcher { page: Some(page.clone()), ..Matcher::default() }],
        }
    }

    /// What the goal is called on the screen and in the report: its name, or what its rule looks for if the name is
    /// still that of the default goal and the rule is not.
    pub fn name(&self) -> Cow<'_, str> {
        let default = Goal::default();
        if self.given_name() != default.given_name() || self.looks_for() == default.looks_for() {
            return Cow::Borrowed(self.given_name());
        }
        Cow::Owned(self.looks_for())
    }

    /// `Place Order at /checkout`, `button.buy`, `/thanks`, `the end at /thanks`.
    fn looks_for(&self) -> String {
        match self {
            Goal::Event { .. } => self.any_of().iter().map(Matcher::looks_for).collect::<Vec<_>>().join(" or "),
            Goal::EndsAt { page, .. } => format!("the end at {page}"),
        }
    }

    /// The rule as a sentence.
    pub fn definition(&self) -> String {
        match self {
            Goal::Event { unless_error_follows, unless_cancel_follows, .. } => {
                let what: Vec<String> = self.any_of().iter().map(Matcher::definition).collect();
                let tail = match (unless_error_follows, unless_cancel_follows) {
                    (true, true) => ", with no error or cancel after it",
                    (true, false) => ", with no error after it",
                    (false, true) => ", with no cancel after it",
                    (false, false) => "",
                };
                format!("The session has an event with {}{tail}.", what.join(", or with "))
            }
            Goal::EndsAt { page, .. } => format!("The session’s last event is on {page}."),
        }
    }
}

impl Default for Goal {
    fn default() -> Self {
        Goal::Event {
            name: "Place Order at /checkout".into(),
            event: Matcher { page: Some("/checkout".into()), text: Some("Place Order".into()), css: None },
            or: Vec::new(),
            unless_error_follows: true,
            unless_cancel_follows: true,
        }
    }
}

/// One step of a funnel: an event that matches any of the matchers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    pub name: String,
    pub any_of: Vec<Matcher>,
}

/// Where the funnel's steps come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum FunnelSettings {
    /// Proposed from the file, ending in the goal.
    Auto(ProposalSettings),
    /// As listed.
    Listed { list: Vec<FunnelStep> },
}

tagged!(FunnelSettings, "steps");

impl FunnelSettings {
    /// How steps are proposed: the defaults where they are listed.
    pub fn proposal(&self) -> ProposalSettings {
        match self {
            FunnelSettings::Auto(proposal) => proposal.clone(),
            FunnelSettings::Listed { .. } => ProposalSettings::default(),
        }
    }
}

impl Default for FunnelSettings {
    fn default() -> Self {
        FunnelSettings::Auto(ProposalSettings::default())
    }
}

/// How a funnel's steps are proposed. Shares are between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalSettings {
    /// A step is an element that at least this share of the sessions used.
    pub min_support: f64,
    /// It comes before the goal in this share of the sessions that reached it ...
    pub min_before_goal: f64,
    /// ... and that share does not rest on too few sessions: the lower end of its interval is at least this.
    pub min_before_goal_low: f64,
    /// It stands before another if it came first in this share of the sessions with both.
    pub min_in_order: f64,
    /// It is called by the page that it opens if the next event is there in this share of cases.
    pub min_opens: f64,
}

group!(ProposalSettings: min_support, min_before_goal, min_before_goal_low, min_in_order, min_opens);

impl Default for ProposalSettings {
    fn default() -> Self {
        ProposalSettings {
            min_support: 0.20,
            min_before_goal: 0.95,
            min_before_goal_low: 0.70,
            min_in_order: 0.90,
            min_opens: 0.80,
        }
    }
}
