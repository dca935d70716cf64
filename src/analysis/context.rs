//! What the questions ask of an event, worked out once for each text instead of once for each event.

use serde::{Deserialize, Serialize};

use crate::analysis::personal::Shown;
use crate::analysis::templates::Templates;
use crate::analysis::words::WordList;
use crate::dataset::{Dictionary, Partition, Session, Sessions};
use crate::settings::{Goal, Matcher, Settings};

/// What kind of error an event shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Something broke.
    Technical,
    /// The user's input or order was refused.
    Validation,
    /// Nothing was found.
    DeadEnd,
    /// An error by its selector or path, with no known words in its text.
    Other,
}

impl ErrorKind {
    /// The kind in words, behind a number.
    pub fn describe(self, count: u64) -> &'static str {
        match (self, count) {
            (ErrorKind::Technical, 1) => "technical failure",
            (ErrorKind::Technical, _) => "technical failures",
            (ErrorKind::Validation, 1) => "refused input or order",
            (ErrorKind::Validation, _) => "refused inputs or orders",
            (ErrorKind::DeadEnd, 1) => "dead end",
            (ErrorKind::DeadEnd, _) => "dead ends",
            (ErrorKind::Other, 1) => "other error",
            (ErrorKind::Other, _) => "other errors",
        }
    }
}

/// A partition's sessions under one set of settings and templates.
pub struct Context<'a> {
    pub partition: &'a Partition,
    pub sessions: &'a Sessions,
    pub settings: &'a Settings,
    /// How many sessions each list names.
    pub named_sessions: usize,
    /// Paths, selectors and texts with what is personal masked.
    shown_paths: Shown,
    shown_css: Shown,
    shown_texts: Shown,
    pages: Dictionary,
    page_of_path: Vec<u32>,
    page_is_item: Vec<bool>,
    page_is_error: Vec<bool>,
    element_error: Vec<Option<ErrorKind>>,
    element_cancels: Vec<bool>,
    element_logs_out: Vec<bool>,
    goal: GoalRule,
}

enum GoalRule {
    Event { event: EventMatcher, unless_error: bool, unless_cancel: bool },
    EndsAt(EventMatcher),
}

/// A [`Matcher`] worked out for the texts of a partition.
pub struct EventMatcher {
    paths: Option<Vec<bool>>,
    elements: Option<Vec<bool>>,
}

impl<'a> Context<'a> {
    pub fn new(
        partition: &'a Partition,
        sessions: &'a Sessions,
        settings: &'a Settings,
        templates: &Templates,
        named_sessions: usize,
    ) -> Context<'a> {
        let shown = |dictionary: &Dictionary| Shown::of(dictionary.texts(), settings.quality.mask_personal);
        let (shown_paths, shown_css, shown_texts) =
            (shown(&partition.paths), shown(&partition.css), shown(&partition.texts));
        let mut pages = Dictionary::default();
        let page_of_path: Vec<u32> =
            shown_paths.iter(partition.paths.texts()).map(|path| pages.number(&templates.apply(path))).collect();
        let page_is_item = pages.texts().iter().map(|page| templates.is_item(page)).collect();
        let error_paths = WordList::new(&settings.errors.path);
        // The page, not the raw path: an id such as 404 is no error.
        let page_is_error: Vec<bool> = pages.texts().iter().map(|page| error_paths.matches(page)).collect();
        let by_element = |of: &dyn Fn(&str, &str) -> bool| -> Vec<bool> {
            let (css, texts) = (partition.css.texts(), partition.texts.texts());
            partition.elements.iter().map(|element| of(css.get(element.css), texts.get(element.text))).collect()
        };
        let (cancels, logs_out) = (WordList::new(&settings.cancel_words), WordList::new(&settings.logout_words));
        let mut context = Context {
            partition,
            sessions,
            settings,
            named_sessions,
            shown_paths,
            shown_css,
            shown_texts,
            page_of_path,
            page_is_item,
            page_is_error,
            element_error: element_errors(partition, settings),
            element_cancels: by_element(&|css, text| cancels.matches(css) || cancels.matches(text)),
            element_logs_out: by_element(&|css, text| logs_out.matches(css) || logs_out.matches(text)),
            goal: GoalRule::EndsAt(EventMatcher { paths: None, elements: None }),
            pages,
        };
        context.goal = match &settings.goal {
            Goal::Event { event, unless_error_follows, unless_cancel_follows, .. } => GoalRule::Event {
                event: context.matcher(event),
                unless_error: *unless_error_follows,
                unless_cancel: *unless_cancel_follows,
            },
            Goal::EndsAt { page, .. } => {
                GoalRule::EndsAt(context.matcher(&Matcher { page: Some(page.clone()), ..Default::default() }))
            }
        };
        context
    }

    /// Number of the page an event is on.
    pub fn page(&self, row: usize) -> u32 {
        self.page_of_path[self.partition.events.path[row] as usize]
    }

    pub fn page_name(&self, page: u32) -> &str {
        self.pages.texts().get(page)
    }

    pub fn page_count(&self) -> usize {
        self.pages.texts().len()
    }

    /// The page stands for the items of a list.
    pub fn is_item(&self, page: u32) -> bool {
        self.page_is_item[page as usize]
    }

    /// The path as it may be shown, like all texts here.
    pub fn raw_path(&self, row: usize) -> &str {
        self.shown_paths.get(self.partition.paths.texts(), self.partition.events.path[row])
    }

    pub fn css(&self, row: usize) -> &str {
        self.shown_css.get(self.partition.css.texts(), self.css_number(row))
    }

    pub fn css_number(&self, row: usize) -> u32 {
        self.partition.elements[self.partition.events.element[row] as usize].css
    }

    pub fn text(&self, row: usize) -> &str {
        let element = self.partition.elements[self.partition.events.element[row] as usize];
        self.shown_texts.get(self.partition.texts.texts(), element.text)
    }

    pub fn time_us(&self, row: usize) -> i64 {
        self.partition.events.time_us[row]
    }

    /// The gaps of a session: the row before, the row after, microseconds between them.
    pub fn gaps(&self, session: &Session) -> impl Iterator<Item = (usize, usize, u64)> {
        let rows = session.rows();
        rows.clone().zip(rows.skip(1)).map(|(row, next)| (row, next, self.time_us(next).abs_diff(self.time_us(row))))
    }

    /// Class 3a: whether the event shows an error, and of what kind.
    pub fn error(&self, row: usize) -> Option<ErrorKind> {
        self.element_error[self.partition.events.element[row] as usize]
            .or_else(|| self.page_is_error[self.page(row) as usize].then_some(ErrorKind::Other))
    }

    pub fn cancels(&self, row: usize) -> bool {
        self.element_cancels[self.partition.events.element[row] as usize]
    }

    pub fn logs_out(&self, row: usize) -> bool {
        self.element_logs_out[self.partition.events.element[row] as usize]
    }

    /// The place (in the session's order) of the event by which the session reached the goal.
    pub fn goal_at(&self, session: &Session) -> Option<usize> {
        match &self.goal {
            GoalRule::EndsAt(page) => page.matches(self, session.last()).then(|| session.len() - 1),
            GoalRule::Event { event, unless_error, unless_cancel } => {
                let at = session.rows().rposition(|row| event.matches(self, row))?;
                let spoilt = session
                    .rows()
                    .skip(at)
                    .any(|row| *unless_error && self.error(row).is_some() || *unless_cancel && self.cancels(row));
                (!spoilt).then_some(at)
            }
        }
    }

    /// Works a matcher out for this partition.
    pub fn matcher(&self, matcher: &Matcher) -> EventMatcher {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        let (page, css, text) = (lower(&matcher.page), lower(&matcher.css), lower(&matcher.text));
        let paths = page.map(|page| {
            let raw = self.partition.paths.texts();
            let fits = |(path, number): (&str, &u32)| {
                path.to_lowercase() == page || self.page_name(*number).to_lowercase() == page
            };
            raw.iter().zip(&self.page_of_path).map(fits).collect()
        });
        let elements = (css.is_some() || text.is_some()).then(|| {
            let (all_css, all_texts) = (self.partition.css.texts(), self.partition.texts.texts());
            // By the text itself, or as it is shown: proposed steps know only that.
            let fits = |wanted: &Option<String>, is: [&str; 2]| {
                wanted.as_ref().is_none_or(|wanted| is.iter().any(|is| is.to_lowercase() == *wanted))
            };
            let elements = self.partition.elements.iter().map(|element| {
                let css_is = [all_css.get(element.css), self.shown_css.get(all_css, element.css)];
                let text_is = [all_texts.get(element.text), self.shown_texts.get(all_texts, element.text)];
                fits(&css, css_is) && fits(&text, text_is)
            });
            elements.collect()
        });
        EventMatcher { paths, elements }
    }
}

impl EventMatcher {
    pub fn matches(&self, context: &Context, row: usize) -> bool {
        let events = &context.partition.events;
        self.paths.as_ref().is_none_or(|paths| paths[events.path[row] as usize])
            && self.elements.as_ref().is_none_or(|elements| elements[events.element[row] as usize])
    }
}

fn element_errors(partition: &Partition, settings: &Settings) -> Vec<Option<ErrorKind>> {
    let errors = &settings.errors;
    let css_words = WordList::new(&errors.css);
    let kinds = [
        (ErrorKind::DeadEnd, WordList::new(&errors.dead_end)),
        (ErrorKind::Validation, WordList::new(&errors.validation)),
        (ErrorKind::Technical, WordList::new(&errors.technical)),
    ];
    let (css, texts) = (partition.css.texts(), partition.texts.texts());
    let css_is_error: Vec<bool> = css.iter().map(|css| css_words.matches(css)).collect();
    let kind_of_text: Vec<Option<ErrorKind>> =
        texts.iter().map(|text| kinds.iter().find(|(_, words)| words.matches(text)).map(|(kind, _)| *kind)).collect();
    let error = |css: u32, text: u32| {
        kind_of_text[text as usize].or_else(|| css_is_error[css as usize].then_some(ErrorKind::Other))
    };
    partition.elements.iter().map(|element| error(element.css, element.text)).collect()
}
