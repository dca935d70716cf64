//! The groups of the classes that look at what people did again, in vain, or out of order.

use crate::settings::form::groups::{SESSIONS, field};
use crate::settings::form::{Group, Kind};

pub const BEHAVIOUR: [Group; 5] = [
    Group {
        title: "Errors over time",
        fields: &[
            field(
                "/error_spike/min_errors",
                "Test stretches of time from",
                Kind::Whole("errors"),
                "Of fewer errors only the timeline is shown.",
            ),
            field(
                "/error_spike/false_discovery_rate",
                "Share of false alarms accepted",
                Kind::Number("of the stretches"),
                "Of the stretches called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/error_spike/min_relative_risk",
                "Report stretches with at least",
                Kind::Number("times the errors of others"),
                "A smaller difference is not reported, however sure it is.",
            ),
        ],
    },
    Group {
        title: "Clicks",
        fields: &[
            field(
                "/rage_click/min_clicks",
                "A rage click has at least",
                Kind::Whole("clicks in a row"),
                "On the same element of the same page.",
            ),
            field(
                "/rage_click/max_gap_s",
                "Each at most",
                Kind::Number("seconds after the one before"),
                "Or two ticks of the file’s clock, if that is longer.",
            ),
            field(
                "/rage_click/repeatable_words",
                "Words for what is clicked repeatedly",
                Kind::Words,
                "In a selector or text: fields, steppers, lists of pages.",
            ),
            field(
                "/unanswered_click/min_clicks",
                "Answers are expected from",
                Kind::Whole("clicks on an element"),
                "Elements with fewer clicks are not testable.",
            ),
            field(
                "/unanswered_click/min_answered",
                "If something follows at least",
                Kind::Number("of its clicks"),
                "Another element or page, in the same session.",
            ),
            field(
                "/unanswered_click/false_discovery_rate",
                "Accepted false alarms of elements",
                Kind::Number("of the elements"),
                "Of the elements called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/unanswered_click/min_relative_risk",
                "Report elements with at least",
                Kind::Number("times the share of others"),
                "A smaller difference is not reported, however sure it is.",
            ),
            field(
                "/unanswered_click/passive_words",
                "Words for what only tells something",
                Kind::Words,
                "In a selector: such elements are not clicked.",
            ),
        ],
    },
    Group {
        title: "Back and forth",
        fields: &[
            field(
                "/quick_back/max_dwell_s",
                "A quick way back takes at most",
                Kind::Number("seconds"),
                "A longer stay on a page is no quick way back.",
            ),
            field(
                "/quick_back/dwell_quantile",
                "And is among the shortest",
                Kind::Number("of the stays on the page"),
                "A page that is always left soon has no quick ways back.",
            ),
            field(
                "/loops/min_rounds",
                "A circle is gone round at least",
                Kind::Whole("times"),
                "The same pages in the same order, at least twice.",
            ),
            field(
                "/loops/min_visits",
                "Or one page is visited at least",
                Kind::Whole("times"),
                "With other pages between.",
            ),
            field(
                "/retry_loop/max_gap_s",
                "A try after an error comes within",
                Kind::Number("seconds"),
                "What comes later does not try again.",
            ),
        ],
    },
    Group {
        title: "Order of steps",
        fields: &[
            field(
                "/order_rules/min_sessions",
                "A rule rests on at least",
                SESSIONS,
                "On fewer sessions no rule is built.",
            ),
            field(
                "/order_rules/min_support",
                "And on at least",
                Kind::Number("of the sessions"),
                "What is seldom used is no step.",
            ),
            field(
                "/order_rules/min_confidence",
                "The earlier step comes first in",
                Kind::Number("of the sessions with the later"),
                "In fewer it is a habit, and no rule.",
            ),
            field(
                "/order_rules/min_low",
                "And its interval’s lower end is at least",
                Kind::Number("of these sessions"),
                "The lower end of the 95 % interval of that share.",
            ),
            field(
                "/order_rules/min_low_large",
                "The same, from 100 sessions on",
                Kind::Number("of these sessions"),
                "Of many sessions more certainty is asked for.",
            ),
            field(
                "/order_rules/pinned",
                "Rules that hold in any case",
                Kind::Words,
                "As “/cart before /checkout”, one a line.",
            ),
            field("/order_rules/left_out", "Rules that are none", Kind::Words, "In the same form."),
            field(
                "/element_out_of_place/min_events",
                "An element has a home from",
                Kind::Whole("events"),
                "Elements with fewer are not looked at.",
            ),
            field(
                "/element_out_of_place/min_home",
                "If one page has at least",
                Kind::Number("of its events"),
                "Otherwise it is at home on several pages.",
            ),
            field(
                "/element_out_of_place/max_share",
                "It is out of place on pages with less than",
                Kind::Number("of its events"),
                "Pages with more are a second home.",
            ),
        ],
    },
    Group {
        title: "Giving up",
        fields: &[
            field(
                "/drivers/min_sessions",
                "Test what differs in at least",
                SESSIONS,
                "As many must have it, and as many not.",
            ),
            field(
                "/drivers/false_discovery_rate",
                "Share of false alarms accepted",
                Kind::Number("of the differences"),
                "Of the differences called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/drivers/min_odds_ratio",
                "Report odds ratios clearly above",
                Kind::Number("or below 1 over it"),
                "The interval of the odds ratio must leave out what is nearer to 1.",
            ),
            field(
                "/drivers/min_users",
                "Support only files of at least",
                Kind::Whole("users"),
                "Where the test goes by users, with fewer nothing is called supported.",
            ),
        ],
    },
];

/// What the view Compare asks for.
pub const COMPARE: Group = Group {
    title: "What is compared",
    fields: &[
        field(
            "/compare/from",
            "Sessions from this time on",
            Kind::Text,
            "Compared with those before: a date or a time as 2025-03-15 or 2025-03-15 18:00, or half for the middle of the file.",
        ),
        field(
            "/compare/having",
            "Or sessions with",
            Kind::Text,
            "Compared with those without: a page, an element’s selector or its text, whole. Used where no time is given.",
        ),
    ],
};
