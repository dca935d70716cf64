//! Whether settings make sense: what parses may still match everything, nothing, or have no meaning.

use super::{CompareSettings, FunnelSettings, Goal, HighActivityRule, Matcher, Role, Settings, SettingsError};

/// Larger numbers of events or sessions mean nothing, and would not survive the way through a browser.
const LARGEST_WHOLE: u64 = 1_000_000_000;

type Checked = Result<(), SettingsError>;

impl Settings {
    /// Says with one sentence, which names the setting, why these settings cannot be used.
    pub fn check(&self) -> Checked {
        self.check_mapping()?;
        share("sample", self.sample)?;
        ensure(self.sample > 0.0, "sample must be more than 0, or no session would be read")?;
        let (pages, rates, quality) = (&self.pages, &self.page_error_rate, &self.quality);
        ensure(self.templates.min_children > 0, "templates.min_children must be at least 1")?;
        ensure(self.templates.long_list > 0, "templates.long_list must be at least 1")?;
        share("templates.max_item_share", self.templates.max_item_share)?;
        share("templates.max_slug_share", self.templates.max_slug_share)?;
        amount("pages.dwell_max_gap_s", pages.dwell_max_gap_s)?;
        share("page_error_rate.false_discovery_rate", rates.false_discovery_rate)?;
        amount("page_error_rate.min_relative_risk", rates.min_relative_risk)?;
        amount("page_error_rate.max_independent_sessions", rates.max_independent_sessions)?;
        amount("quality.min_arrival_variation", quality.min_arrival_variation)?;
        amount("quality.max_session_hours", quality.max_session_hours)?;
        self.check_classes()?;
        self.check_behaviour()?;
        share("quality.max_stray_ids", quality.max_stray_ids)?;
        share("quality.max_equal_times", quality.max_equal_times)?;
        amount("quality.edge_minutes", quality.edge_minutes)?;
        share("quality.min_edge_share", quality.min_edge_share)?;
        self.check_goal()?;
        self.check_funnel()?;
        let lists = [
            ("errors.css", &self.errors.css),
            ("errors.path", &self.errors.path),
            ("errors.technical", &self.errors.technical),
            ("errors.validation", &self.errors.validation),
            ("errors.dead_end", &self.errors.dead_end),
            ("cancel_words", &self.cancel_words),
            ("logout_words", &self.logout_words),
            ("quality.placeholders", &quality.placeholders),
            ("flow_names", &self.flow_names),
            ("quality.secret_words", &quality.secret_words),
            ("quality.personal_words", &quality.personal_words),
            ("high_activity.retry_words", &self.high_activity.retry_words),
            ("rage_click.repeatable_words", &self.rage_click.repeatable_words),
            ("unanswered_click.passive_words", &self.unanswered_click.passive_words),
        ];
        for (name, words) in lists {
            ensure(!words.iter().any(|word| is_blank(word)), format!("{name} holds an empty word"))?;
        }
        let no_blank_prefix = !pages.product_prefixes.iter().any(|prefix| is_blank(prefix));
        ensure(no_blank_prefix, "pages.product_prefixes holds an empty prefix, with which every path begins")
    }

    fn check_classes(&self) -> Checked {
        let (gap, duration) = (&self.long_gap, &self.session_duration);
        let (activity, navigation) = (&self.high_activity, &self.unusual_navigation);
        let wholes = [
            ("page_error_rate.min_pairs", self.page_error_rate.min_pairs),
            ("page_error_rate.min_users", self.page_error_rate.min_users),
            ("long_gap.min_page_gaps", gap.min_page_gaps),
            ("long_gap.min_users", gap.min_users),
            ("high_activity.min_rate_events", activity.min_rate_events),
            ("high_activity.machine_events", activity.machine_events),
            ("high_activity.machine_gaps", activity.machine_gaps),
            ("high_activity.machine_burst_events", activity.machine_burst_events),
            ("high_activity.machine_burst_elements", activity.machine_burst_elements),
            ("high_activity.frustration_failures", activity.frustration_failures),
            ("high_activity.frustration_max_pages", activity.frustration_max_pages),
            ("unusual_navigation.min_sessions", navigation.min_sessions),
            ("unusual_navigation.max_leads", navigation.max_leads),
        ];
        for (name, value) in wholes {
            ensure(value <= LARGEST_WHOLE, format!("{name} must be at most {LARGEST_WHOLE}, not {value}"))?;
        }
        amount("long_gap.min_gap_s", gap.min_gap_s)?;
        amount("long_gap.two_visits_gap_s", gap.two_visits_gap_s)?;
        amount("long_gap.split_after_s", gap.split_after_s)?;
        ensure(
            gap.two_visits_gap_s >= gap.min_gap_s,
            "long_gap.two_visits_gap_s must not be below long_gap.min_gap_s",
        )?;
        share("long_gap.false_discovery_rate", gap.false_discovery_rate)?;
        share("long_gap.min_longer_share", gap.min_longer_share)?;
        amount("session_duration.edge_minutes", duration.edge_minutes)?;
        amount("session_duration.min_span_hours", duration.min_span_hours)?;
        if let HighActivityRule::MeanDeviations { deviations } = activity.rule {
            amount("high_activity.rule.deviations", deviations)?;
        }
        amount("high_activity.max_active_gap_s", activity.max_active_gap_s)?;
        amount("high_activity.machine_variation", activity.machine_variation)?;
        amount("high_activity.machine_hours", activity.machine_hours)?;
        amount("high_activity.machine_gap_s", activity.machine_gap_s)?;
        amount("high_activity.machine_pause_minutes", activity.machine_pause_minutes)?;
        share("high_activity.frustration_repeated_share", activity.frustration_repeated_share)?;
        amount("unusual_navigation.prior_weight", navigation.prior_weight)?;
        ensure(
            navigation.prior_weight > 0.0,
            "unusual_navigation.prior_weight must be more than 0, or what was never seen would be impossible",
        )?;
        share("unusual_navigation.false_discovery_rate", navigation.false_discovery_rate)?;
        share("unusual_navigation.lead_share", navigation.lead_share)
    }

    /// The classes that look at what people did again, in vain, or out of order.
    fn check_behaviour(&self) -> Checked {
        let wholes = [
            ("error_spike.min_errors", self.error_spike.min_errors),
            ("rage_click.min_clicks", self.rage_click.min_clicks),
            ("unanswered_click.min_clicks", self.unanswered_click.min_clicks),
            ("loops.min_rounds", self.loops.min_rounds),
            ("loops.min_visits", self.loops.min_visits),
            ("order_rules.min_sessions", self.order_rules.min_sessions),
            ("element_out_of_place.min_events", self.element_out_of_place.min_events),
            ("drivers.min_sessions", self.drivers.min_sessions),
            ("drivers.min_users", self.drivers.min_users),
        ];
        for (name, value) in wholes {
            ensure(value <= LARGEST_WHOLE, format!("{name} must be at most {LARGEST_WHOLE}, not {value}"))?;
        }
        let shares = [
            ("error_spike.false_discovery_rate", self.error_spike.false_discovery_rate),
            ("unanswered_click.min_answered", self.unanswered_click.min_answered),
            ("unanswered_click.false_discovery_rate", self.unanswered_click.false_discovery_rate),
            ("quick_back.dwell_quantile", self.quick_back.dwell_quantile),
            ("order_rules.min_support", self.order_rules.min_support),
            ("order_rules.min_confidence", self.order_rules.min_confidence),
            ("order_rules.min_low", self.order_rules.min_low),
            ("order_rules.min_low_large", self.order_rules.min_low_large),
            ("element_out_of_place.min_home", self.element_out_of_place.min_home),
            ("element_out_of_place.max_share", self.element_out_of_place.max_share),
            ("drivers.false_discovery_rate", self.drivers.false_discovery_rate),
        ];
        shares.into_iter().try_for_each(|(name, value)| share(name, value))?;
        amount("error_spike.min_relative_risk", self.error_spike.min_relative_risk)?;
        amount("rage_click.max_gap_s", self.rage_click.max_gap_s)?;
        amount("unanswered_click.min_relative_risk", self.unanswered_click.min_relative_risk)?;
        amount("quick_back.max_dwell_s", self.quick_back.max_dwell_s)?;
        amount("retry_loop.max_gap_s", self.retry_loop.max_gap_s)?;
        amount("drivers.min_odds_ratio", self.drivers.min_odds_ratio)?;
        ensure(self.drivers.min_odds_ratio >= 1.0, "drivers.min_odds_ratio must be at least 1")?;
        ensure(self.rage_click.min_clicks >= 2, "rage_click.min_clicks must be at least 2")?;
        ensure(self.loops.min_visits >= 2, "loops.min_visits must be at least 2")?;
        for (name, rules) in
            [("order_rules.pinned", &self.order_rules.pinned), ("order_rules.left_out", &self.order_rules.left_out)]
        {
            let is_rule =
                |rule: &String| rule.split_once(" before ").is_some_and(|(a, b)| !is_blank(a) && !is_blank(b));
            if let Some(rule) = rules.iter().find(|rule| !is_rule(rule)) {
                ensure(false, format!("{name} holds “{rule}”, which is no rule such as “/cart before /checkout”"))?;
            }
        }
        // Whether it is a time is told where the file is read: a page has no other use for that.
        let from = self.compare.from.trim();
        let begins = from.starts_with(|first: char| first.is_ascii_digit());
        ensure(
            from.is_empty() || from == CompareSettings::HALF || begins,
            "compare.from must be a date or a time such as 2025-03-15, or half",
        )?;
        let least = self.quality.min_typed_sessions;
        ensure(
            least <= LARGEST_WHOLE,
            format!("quality.min_typed_sessions must be at most {LARGEST_WHOLE}, not {least}"),
        )
    }

    fn check_mapping(&self) -> Checked {
        for role in [Role::Session, Role::Time, Role::Page] {
            let name = role.name();
            let problem = format!("mapping.{name} is empty, but every event needs a session, a time and a page");
            ensure(!is_blank(self.mapping.field(role)), problem)?;
        }
        for (at, role) in Role::ALL.into_iter().enumerate() {
            let field = self.mapping.field(role);
            let same = |other: &&Role| self.mapping.field(**other) == field && !field.is_empty();
            if let Some(other) = Role::ALL[..at].iter().find(same) {
                let (other, role) = (other.name(), role.name());
                let both = format!("mapping.{other} and mapping.{role} name the same field, “{field}”");
                return Err(SettingsError(both));
            }
        }
        Ok(())
    }

    fn check_goal(&self) -> Checked {
        ensure(!is_blank(self.goal.given_name()), "goal.name is empty")?;
        match &self.goal {
            Goal::Event { event, or, .. } => {
                matches_something("goal.event", event)?;
                or.iter().enumerate().try_for_each(|(at, other)| matches_something(&format!("goal.or[{at}]"), other))
            }
            Goal::EndsAt { page, .. } => ensure(!is_blank(page), "goal.page is empty"),
        }
    }

    fn check_funnel(&self) -> Checked {
        match &self.funnel {
            FunnelSettings::Auto(proposal) => {
                share("funnel.min_support", proposal.min_support)?;
                share("funnel.min_before_goal", proposal.min_before_goal)?;
                share("funnel.min_before_goal_low", proposal.min_before_goal_low)?;
                share("funnel.min_in_order", proposal.min_in_order)?;
                share("funnel.min_opens", proposal.min_opens)
            }
            FunnelSettings::Listed { list } => {
                ensure(!list.is_empty(), "funnel.list is empty; a listed funnel needs at least one step")?;
                for (at, step) in list.iter().enumerate() {
                    let name = |part: &str| format!("funnel.list[{at}].{part}");
                    ensure(!is_blank(&step.name), format!("{} is empty", name("name")))?;
                    let needs = || format!("{} is empty; a step needs at least one matcher", name("any_of"));
                    ensure(!step.any_of.is_empty(), needs())?;
                    for (place, matcher) in step.any_of.iter().enumerate() {
                        matches_something(&name(&format!("any_of[{place}]")), matcher)?;
                    }
                }
                Ok(())
            }
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn ensure(holds: bool, otherwise: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(SettingsError(otherwise.into())) }
}

/// A number that counts or measures something.
fn amount(name: &str, value: f64) -> Checked {
    ensure(value.is_finite() && value >= 0.0, format!("{name} must be a number of at least 0, not {value}"))?;
    ensure(value <= LARGEST_WHOLE as f64, format!("{name} must be at most {LARGEST_WHOLE}"))
}

fn share(name: &str, value: f64) -> Checked {
    ensure((0.0..=1.0).contains(&value), format!("{name} is a share and must be between 0 and 1, not {value}"))
}

fn matches_something(name: &str, matcher: &Matcher) -> Checked {
    let Matcher { page, css, text } = matcher;
    let given = page.is_some() || css.is_some() || text.is_some();
    ensure(given, format!("{name} names no page, css or text, and so would match every event"))?;
    ensure(!page.as_deref().is_some_and(is_blank), format!("{name}.page is empty, but every event has a page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_and_the_preset_are_fine() {
        Settings::default().check().unwrap();
        Settings::from_json(include_str!("../../public/presets/reference.json")).unwrap();
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let mut settings = Settings::default();
        settings.pages.dwell_max_gap_s = f64::INFINITY;
        let problem = settings.check().unwrap_err().to_string();
        assert!(problem.contains("pages.dwell_max_gap_s must be a number of at least 0, not inf"), "{problem}");
        settings.pages.dwell_max_gap_s = f64::NAN;
        assert!(settings.check().is_err());
    }

    #[test]
    fn each_mistake_is_named() {
        let mistakes = [
            (
                r#"{"goal": {"rule": "event", "name": "x", "event": {"page": "/"}, "or": [{}]}}"#,
                "goal.or[0] names no page, css or text",
            ),
            (r#"{"mapping": {"session": ""}}"#, "mapping.session is empty, but"),
            (r#"{"mapping": {"time": " "}}"#, "mapping.time is empty, but"),
            (r#"{"mapping": {"page": ""}}"#, "mapping.page is empty, but"),
            (r#"{"mapping": {"css": "path"}}"#, "mapping.page and mapping.css name the same field, “path”"),
            (r#"{"templates": {"min_children": 0}}"#, "templates.min_children must be at least 1"),
            (r#"{"pages": {"dwell_max_gap_s": -1}}"#, "pages.dwell_max_gap_s must be a number of at least 0, not -1"),
            (r#"{"pages": {"product_prefixes": ["/p/", ""]}}"#, "pages.product_prefixes holds an empty prefix"),
            (
                r#"{"page_error_rate": {"false_discovery_rate": 1.5}}"#,
                "page_error_rate.false_discovery_rate is a share",
            ),
            (r#"{"page_error_rate": {"min_relative_risk": -2}}"#, "page_error_rate.min_relative_risk must be"),
            (r#"{"quality": {"min_arrival_variation": -0.1}}"#, "quality.min_arrival_variation must be"),
            (r#"{"quality": {"max_session_hours": -0.1}}"#, "quality.max_session_hours must be"),
            (r#"{"quality": {"max_stray_ids": 5}}"#, "quality.max_stray_ids is a share"),
            (r#"{"quality": {"max_equal_times": 5}}"#, "quality.max_equal_times is a share"),
            (r#"{"quality": {"edge_minutes": -30}}"#, "quality.edge_minutes must be"),
            (r#"{"quality": {"placeholders": ["null", ""]}}"#, "quality.placeholders holds an empty word"),
            (r#"{"goal": {"rule": "event", "name": "x", "event": {}}}"#, "goal.event names no page, css or text"),
            (r#"{"goal": {"rule": "event", "name": "x", "event": {"page": ""}}}"#, "goal.event.page is empty"),
            (r#"{"goal": {"rule": "event", "name": "", "event": {"css": "a"}}}"#, "goal.name is empty"),
            (r#"{"goal": {"rule": "ends_at", "name": "x", "page": ""}}"#, "goal.page is empty"),
            (r#"{"unusual_navigation": {"prior_weight": 0}}"#, "unusual_navigation.prior_weight must be more than 0"),
            (r#"{"funnel": {"steps": "auto", "min_support": 2}}"#, "funnel.min_support is a share"),
            (r#"{"funnel": {"steps": "listed", "list": []}}"#, "funnel.list is empty"),
            (
                r#"{"funnel": {"steps": "listed", "list": [{"name": " ", "any_of": [{"css": "a"}]}]}}"#,
                "funnel.list[0].name is empty",
            ),
            (
                r#"{"funnel": {"steps": "listed", "list": [{"name": "x", "any_of": []}]}}"#,
                "funnel.list[0].any_of is empty",
            ),
            (
                r#"{"funnel": {"steps": "listed", "list": [{"name": "x", "any_of": [{"css": "a"}, {}]}]}}"#,
                "funnel.list[0].any_of[1] names no page, css or text",
            ),
            (r#"{"errors": {"path": ["404", ""]}}"#, "errors.path holds an empty word"),
            (r#"{"cancel_words": [" "]}"#, "cancel_words holds an empty word"),
        ];
        for (json, problem) in mistakes {
            let said = Settings::from_json(json).unwrap_err().to_string();
            assert!(said.starts_with(&format!("the settings are not valid: {problem}")), "{json}: {said}");
        }
        // A file without a user, an id and a value is fine.
        Settings::from_json(r#"{"mapping": {"id": "", "user": "", "value": ""}}"#).unwrap();
    }
}
