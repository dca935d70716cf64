//! Answers in plain words: ranked statements, each with its evidence.

mod again;
mod behaviour;
mod conversion;
mod drivers;
mod errors;
pub mod false_alarms;
mod fields;
pub mod headline;
pub mod ids;
mod order;
pub mod part;
mod quality;
mod spikes;
pub mod summary;
mod time;
pub mod two_groups;
pub mod when;
pub mod wording;

use serde::{Deserialize, Serialize};

use crate::analysis::Results;
use crate::analysis::behind::Behind;
use crate::analysis::compared::Compared;
use crate::analysis::page_error_rate::{PageErrorRate, page_error_rates};
use crate::analysis::session_list::SessionRef;
use crate::analysis::session_list::{RankedList, SessionList};
use crate::analysis::session_table::SessionFilter;
use crate::engine::wire::as_text;
use crate::settings::Matcher;
use crate::stats::{Rate, Rounded, wilson};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    LongGap,
    SessionDuration,
    TechnicalError,
    PageErrorRate,
    ErrorSpike,
    HighActivity,
    UnusualNavigation,
    RageClick,
    UnansweredClick,
    QuickBack,
    Loop,
    RetryLoop,
    OrderRule,
    ElementOutOfPlace,
    SharedSession,
    Duplicate,
    Clock,
    DataQuality,
    ErrorImpact,
    DropOffDriver,
    Abandonment,
    Conversion,
}

impl Class {
    /// It tells of something out of the ordinary in what people did, or in the file; not of the goal.
    pub fn is_anomaly(self) -> bool {
        !matches!(self, Class::Abandonment | Class::Conversion)
    }

    /// It judges sessions by how much time passes, and not only by the order of their events.
    pub fn needs_times(self) -> bool {
        matches!(self, Class::LongGap | Class::SessionDuration | Class::RageClick | Class::QuickBack)
    }

    /// It judges sessions by what is usual in the whole file, which is known last.
    pub fn is_judged(self) -> bool {
        matches!(
            self,
            Class::LongGap
                | Class::SessionDuration
                | Class::HighActivity
                | Class::UnusualNavigation
                | Class::RageClick
                | Class::UnansweredClick
                | Class::QuickBack
                | Class::Loop
                | Class::RetryLoop
                | Class::OrderRule
                | Class::ElementOutOfPlace
                | Class::SharedSession
                | Class::ErrorImpact
                | Class::DropOffDriver
        )
    }

    /// All of them, in their order.
    pub const ALL: [Class; 22] = [
        Class::LongGap,
        Class::SessionDuration,
        Class::TechnicalError,
        Class::PageErrorRate,
        Class::ErrorSpike,
        Class::HighActivity,
        Class::UnusualNavigation,
        Class::RageClick,
        Class::UnansweredClick,
        Class::QuickBack,
        Class::Loop,
        Class::RetryLoop,
        Class::OrderRule,
        Class::ElementOutOfPlace,
        Class::SharedSession,
        Class::Duplicate,
        Class::Clock,
        Class::DataQuality,
        Class::ErrorImpact,
        Class::DropOffDriver,
        Class::Abandonment,
        Class::Conversion,
    ];

    /// The name in files and addresses, as the JSON writes it.
    pub fn slug(self) -> &'static str {
        match self {
            Class::LongGap => "long_gap",
            Class::SessionDuration => "session_duration",
            Class::TechnicalError => "technical_error",
            Class::PageErrorRate => "page_error_rate",
            Class::ErrorSpike => "error_spike",
            Class::HighActivity => "high_activity",
            Class::UnusualNavigation => "unusual_navigation",
            Class::RageClick => "rage_click",
            Class::UnansweredClick => "unanswered_click",
            Class::QuickBack => "quick_back",
            Class::Loop => "loop",
            Class::RetryLoop => "retry_loop",
            Class::OrderRule => "order_rule",
            Class::ElementOutOfPlace => "element_out_of_place",
            Class::SharedSession => "shared_session",
            Class::Duplicate => "duplicate",
            Class::Clock => "clock",
            Class::DataQuality => "data_quality",
            Class::ErrorImpact => "error_impact",
            Class::DropOffDriver => "drop_off_driver",
            Class::Abandonment => "abandonment",
            Class::Conversion => "conversion",
        }
    }

    /// The name in plain words.
    pub fn name(self) -> &'static str {
        match self {
            Class::LongGap => "Long pauses",
            Class::SessionDuration => "Short and long sessions",
            Class::TechnicalError => "Errors",
            Class::PageErrorRate => "Pages with many errors",
            Class::ErrorSpike => "Error spikes",
            Class::HighActivity => "High activity",
            Class::UnusualNavigation => "Unusual flows",
            Class::RageClick => "Rage clicks",
            Class::UnansweredClick => "Unanswered clicks",
            Class::QuickBack => "Quick ways back",
            Class::Loop => "Loops",
            Class::RetryLoop => "Tries after errors",
            Class::OrderRule => "Steps out of order",
            Class::ElementOutOfPlace => "Elements out of place",
            Class::SharedSession => "Shared sessions",
            Class::Duplicate => "Duplicate records",
            Class::Clock => "Clocks and time zones",
            Class::DataQuality => "Data quality",
            Class::ErrorImpact => "What errors cost",
            Class::DropOffDriver => "What goes with giving up",
            Class::Abandonment => "Abandonment",
            Class::Conversion => "Conversion",
        }
    }
}

/// Sessions that the report shows event by event at most ...
const EVIDENCE: usize = 50;
/// ... and of one finding, as long as others have not had so many.
const EVIDENCE_OF_FINDING: usize = 5;

/// How far a finding can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Counted, no inference.
    Fact,
    /// A test says that chance alone would hardly give it, corrected for all tests of its family.
    Supported,
    /// Worth a look, but chance could give it.
    Lead,
    /// Too few observations.
    NotTestable,
}

impl Strength {
    /// What the word promises.
    pub fn meaning(self) -> &'static str {
        match self {
            Strength::Fact => "Counted, no inference.",
            Strength::Supported => {
                "A test says that chance alone would hardly give it, corrected for all tests of its kind."
            }
            Strength::Lead => "Worth a look, but chance could give it.",
            Strength::NotTestable => "Too few observations to say more.",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Strength::Fact => "Fact",
            Strength::Supported => "Supported",
            Strength::Lead => "Lead",
            Strength::NotTestable => "Not testable",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    High,
    Medium,
    Low,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
        }
    }
}

/// One ranked statement with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub class: Class,
    pub title: String,
    /// One sentence: how many, where, compared with what.
    pub description: String,
    /// What to look at next.
    pub next: String,
    pub strength: Strength,
    pub severity: Severity,
    /// What was counted: events, records or sessions, as the title says.
    pub count: u64,
    pub session_count: u64,
    /// Ids of the sessions, the first ones of a long list.
    pub sessions: Vec<String>,
    /// The user of each of these sessions.
    pub users: Vec<String>,
    /// The rule, with its threshold.
    pub definition: String,
    /// How many were looked at ...
    pub n: u64,
    /// ... and what they are (plural).
    pub unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// The p-value of the test that takes sessions as independent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<Rounded>,
    /// The p-value of the test that takes users as clusters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clustered_p: Option<Rounded>,
    /// Corrected for all tests of the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<Rounded>,
    /// How many tests the family has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<u64>,
    /// What of each named session speaks for the finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// Which sessions it is about, where it does not name them all.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_text")]
    pub filter: Option<SessionFilter>,
}

impl Finding {
    /// Names a session, with what of it speaks for the finding; of one that is named already only that.
    fn name(&mut self, named: &SessionRef, detail: String) {
        let (session, user) = (named.session.clone(), named.user.clone());
        if let Some(case) = self.cases.iter_mut().find(|case| case.session == session && case.user == user) {
            case.detail = format!("{}; {detail}", case.detail);
            return;
        }
        self.sessions.push(session.clone());
        self.users.push(user.clone());
        self.cases.push(Case { session, user, detail });
    }

    /// Takes over what the test of a group says, one of so many.
    fn test<T>(&mut self, compared: &Compared<T>, family: usize) {
        self.n = compared.table.n;
        self.rate = wilson(compared.table.hits, compared.table.n);
        self.p = Some(compared.exact_p.into());
        self.clustered_p = compared.clustered_p.map(Rounded);
        self.q = Some(compared.q.into());
        self.family = Some(family as u64);
    }

    /// How many were looked at, and of what: `244 events`.
    pub fn of(&self) -> String {
        wording::of_unit(self.n, &self.unit)
    }

    /// How many sessions [`Finding::filter`] finds; findings about the file's ends are not about sessions, and count them.
    pub fn found_by_filter(&self) -> u64 {
        if self.session_count > 0 { self.session_count } else { self.count }
    }

    /// What p and q mean, in a sentence each; of a finding that has them.
    pub fn reading_aid(&self) -> String {
        let mut says = Vec::new();
        if self.p.is_some() {
            says.push("p: how often chance alone would give at least as much");
        }
        if self.clustered_p.is_some() {
            says.push("p by users: the same if only people, and not their sessions, are independent of each other");
        }
        if self.q.is_some() {
            says.push("q: the share of false alarms if everything with this q or less is believed");
        }
        if says.is_empty() { String::new() } else { format!("{}.", says.join(". ")) }
    }

    /// What the tests were of that `family` counts (singular).
    pub fn tested(&self) -> &'static str {
        match self.class {
            Class::UnusualNavigation => "session",
            Class::ErrorSpike => "stretch of time",
            Class::UnansweredClick => "element",
            Class::ErrorImpact | Class::DropOffDriver => "difference",
            _ => "page",
        }
    }
}

/// A session's evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub session: String,
    pub user: String,
    /// One short sentence, without a full stop.
    pub detail: String,
}

/// A finding before it is ranked.
struct Draft {
    finding: Finding,
    /// It concerns a step of the funnel or the goal.
    touches_goal: bool,
}

impl Draft {
    /// A counted fact about sessions.
    fn fact(class: Class, title: String, count: u64, sessions: &SessionList) -> Draft {
        let finding = Finding {
            class,
            title,
            description: String::new(),
            next: String::new(),
            strength: Strength::Fact,
            severity: Severity::Low,
            count,
            session_count: sessions.count,
            sessions: sessions.named().map(|named| named.session.clone()).collect(),
            users: sessions.named().map(|named| named.user.clone()).collect(),
            definition: String::new(),
            n: 0,
            unit: "sessions".into(),
            rate: None,
            p: None,
            clustered_p: None,
            q: None,
            family: None,
            cases: Vec::new(),
            filter: None,
        };
        Draft { finding, touches_goal: false }
    }

    /// Sessions that stand out, each with its evidence.
    fn flagged<T: Ord>(
        class: Class,
        title: String,
        sessions: &RankedList<T>,
        detail: impl Fn(f64, &T) -> String,
    ) -> Draft {
        let mut draft = Draft::fact(class, title, sessions.count, &SessionList::default());
        let finding = &mut draft.finding;
        finding.session_count = sessions.count;
        for (score, named, case) in sessions.named() {
            finding.name(named, detail(score, case));
        }
        draft
    }

    /// Says by which rule all of its sessions are found, for where the list is too long to name them.
    fn behind(mut self, behind: Behind) -> Draft {
        let title = self.finding.title.clone();
        self.finding.filter = Some(SessionFilter::Behind { title, behind });
        self
    }

    /// Names only the first of its sessions, and counts no more.
    fn first(mut self, sessions: usize) -> Draft {
        let finding = &mut self.finding;
        finding.sessions.truncate(sessions);
        finding.users.truncate(sessions);
        finding.cases.truncate(sessions);
        self
    }
}

/// All findings, the most important first.
pub fn find(results: &Results, rates: &[PageErrorRate]) -> Vec<Finding> {
    let mut drafts = Vec::new();
    drafts.extend(conversion::findings(results));
    drafts.extend(errors::findings(results, rates));
    drafts.extend(spikes::findings(results));
    if !results.pending {
        drafts.extend(time::findings(results));
        drafts.extend(behaviour::findings(results));
        drafts.extend(again::findings(results));
        drafts.extend(order::findings(results));
        drafts.extend(drivers::findings(results));
    }
    if quality::times_say_little(results) {
        // That a session has one event is no matter of time.
        let of_one_event = |draft: &Draft| {
            let behind = draft.finding.filter.as_ref();
            behind.is_some_and(|filter| matches!(filter, SessionFilter::Behind { behind: Behind::OneEvent, .. }))
        };
        drafts.retain(|draft| !draft.finding.class.needs_times() || of_one_event(draft));
    }
    drafts.extend(quality::findings(results));
    drafts.extend(fields::findings(results));
    rank(drafts, results.collected.overview.sessions)
}

/// Sessions whose events the report shows: those of the first findings first, few of each, then more.
pub fn evidence(results: &Results) -> Vec<SessionRef> {
    let mut chosen: Vec<SessionRef> = Vec::new();
    let findings = find(results, &error_rates(results));
    for most in [1, EVIDENCE_OF_FINDING, EVIDENCE] {
        for finding in &findings {
            for (session, user) in finding.sessions.iter().zip(&finding.users).take(most) {
                let named = SessionRef { user: user.clone(), session: session.clone() };
                if chosen.len() < EVIDENCE && !chosen.contains(&named) {
                    chosen.push(named);
                }
            }
        }
    }
    chosen
}

/// Why a session stands out: the anomalies that name it, by their places among the findings, each with what of the
/// session speaks for it, or, where that does not differ from session to session, with the title of the finding.
pub fn naming<'f>(findings: &'f [Finding], session: &str, user: &str) -> Vec<(usize, &'f Finding, &'f str)> {
    let names = |finding: &Finding| {
        finding.class.is_anomaly()
            && finding.sessions.iter().zip(&finding.users).any(|(id, of)| id == session && of == user)
    };
    let found = findings.iter().enumerate().filter(|(_, finding)| names(finding));
    let mut all: Vec<(usize, &Finding, &str)> = Vec::new();
    for (index, finding) in found {
        let case = finding.cases.iter().find(|case| case.session == session && case.user == user);
        let detail = case.map_or(&*finding.title, |case| &case.detail);
        // Two findings of one class may have the same to say.
        if !all.iter().any(|(_, other, said)| other.class == finding.class && *said == detail) {
            all.push((index, finding, detail));
        }
    }
    all
}

/// Class 3b for all pages.
pub fn error_rates(results: &Results) -> Vec<PageErrorRate> {
    page_error_rates(&results.collected.pages, results.sessions_per_user(), &results.plan.settings.page_error_rate)
}

/// Sets each finding's severity and sorts them: by severity, sessions affected, surprise, class, first session. Those
/// that reached the goal come last.
fn rank(mut drafts: Vec<Draft>, sessions: u64) -> Vec<Finding> {
    let share = |percent: u64| sessions.saturating_mul(percent).div_ceil(100);
    for Draft { finding, touches_goal } in &mut drafts {
        if !finding.sessions.is_empty() && finding.sessions.len() as u64 == finding.session_count {
            finding.filter = None;
        }
        let sure = matches!(finding.strength, Strength::Fact | Strength::Supported);
        finding.severity = if finding.class == Class::Conversion {
            // A goal that was reached is no problem.
            Severity::Low
        } else if sure && *touches_goal && finding.session_count >= share(2).max(3) {
            Severity::High
        } else if finding.strength == Strength::Supported
            || finding.strength == Strength::Fact && finding.session_count >= share(1).max(1)
        {
            Severity::Medium
        } else {
            Severity::Low
        };
    }
    let surprise = |finding: &Finding| finding.q.or(finding.p).map_or(1.0, |q| q.0);
    let mut findings: Vec<Finding> = drafts.into_iter().map(|draft| draft.finding).collect();
    findings.sort_by(|a, b| {
        (a.severity.cmp(&b.severity))
            .then((a.class == Class::Conversion).cmp(&(b.class == Class::Conversion)))
            .then(b.session_count.cmp(&a.session_count))
            .then(surprise(a).total_cmp(&surprise(b)))
            .then(a.class.cmp(&b.class))
            .then_with(|| a.sessions.first().cmp(&b.sessions.first()))
            .then_with(|| a.title.cmp(&b.title))
    });
    findings
}

/// Whether a page is where the goal is reached or a step is taken.
fn is_on_the_way(results: &Results, page: &str) -> bool {
    let is = |name: &str| name.to_lowercase() == page.to_lowercase();
    let names = |matcher: &Matcher| matcher.page.as_deref().is_some_and(is);
    results.plan.settings.goal.any_of().iter().any(names)
        || results.plan.steps.iter().flat_map(|step| &step.any_of).any(names)
}
