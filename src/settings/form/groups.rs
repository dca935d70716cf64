//! The groups of the form and their fields.

use crate::settings::form::behaviour::BEHAVIOUR;
use crate::settings::form::{Field, Group, Kind};

pub(super) const fn field(pointer: &'static str, label: &'static str, kind: Kind, help: &'static str) -> Field {
    Field { pointer, label, help, kind }
}

pub(super) const SESSIONS: Kind = Kind::Whole("sessions");

/// How the funnel's steps are proposed, unless they are listed.
pub const PROPOSAL: Group = Group {
    title: "Funnel",
    fields: &[
        field(
            "/funnel/min_support",
            "A step is used by at least",
            Kind::Number("of the sessions"),
            "Elements that fewer sessions used are not proposed.",
        ),
        field(
            "/funnel/min_before_goal",
            "It comes before the goal in at least",
            Kind::Number("of the sessions with the goal"),
            "What fewer did before they reached the goal is no step to it.",
        ),
        field(
            "/funnel/min_before_goal_low",
            "And its interval’s lower end at least",
            Kind::Number("of the sessions with the goal"),
            "The lower end of the 95 % interval of that share: it must not rest on too few sessions.",
        ),
        field(
            "/funnel/min_in_order",
            "It comes after the step before it in at least",
            Kind::Number("of the sessions with both"),
            "Elements without such an order are not steps of one funnel.",
        ),
        field(
            "/funnel/min_opens",
            "It is called by the page that it opens in",
            Kind::Number("of its uses"),
            "An element after which the next event is on one page that often has the page’s name.",
        ),
    ],
};

/// All fields but the goal and the funnel.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Pauses",
        fields: &[
            field(
                "/long_gap/min_gap_s",
                "A pause is longer than",
                Kind::Number("seconds"),
                "A longer gap between two events of a session is a pause.",
            ),
            field(
                "/long_gap/two_visits_gap_s",
                "Probably a new visit after",
                Kind::Number("seconds"),
                "A longer gap probably parts two visits.",
            ),
            field(
                "/long_gap/split_after_s",
                "Split sessions at gaps over",
                Kind::Number("seconds"),
                "What follows a longer gap counts as another session, a further visit under the same id. 0: no session is split.",
            ),
            field(
                "/long_gap/by_page",
                "Compare pages by their pauses",
                Kind::Switch,
                "Also look for gaps that are long for their page, and for pages where people stall.",
            ),
            field(
                "/long_gap/min_page_gaps",
                "Compare only pages with at least",
                Kind::Whole("gaps"),
                "Pages with fewer gaps are not compared.",
            ),
            field(
                "/long_gap/min_longer_share",
                "People stall if gaps are longer in",
                Kind::Number("of the pairs"),
                "A page where people stall has the longer gap in at least this share of all pairs with gaps elsewhere.",
            ),
            field(
                "/long_gap/false_discovery_rate",
                "Share of false alarms accepted",
                Kind::Number("of the pages"),
                "Of the pages called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/long_gap/min_users",
                "Support only files of at least",
                Kind::Whole("users"),
                "Gaps of one user are alike; of fewer users nothing about a page’s gaps is called supported.",
            ),
        ],
    },
    Group {
        title: "Session duration",
        fields: &[
            field(
                "/session_duration/edge_minutes",
                "May be cut off within",
                Kind::Number("minutes of the file’s start or end"),
                "A session so close to the file’s first or last event may be cut.",
            ),
            field(
                "/session_duration/min_span_hours",
                "Look for cut sessions in files over",
                Kind::Number("hours"),
                "In files that span less, no session is called cut.",
            ),
        ],
    },
    Group {
        title: "Errors",
        fields: &[
            field(
                "/errors/css",
                "Error words in a selector",
                Kind::Words,
                "An element whose selector holds one of these words is an error.",
            ),
            field(
                "/errors/path",
                "Error words in a page",
                Kind::Words,
                "An event on a page that holds one of these words is an error.",
            ),
            field(
                "/errors/technical",
                "Words that say something broke",
                Kind::Words,
                "In an element’s text: something broke.",
            ),
            field(
                "/errors/validation",
                "Words that say it was refused",
                Kind::Words,
                "In an element’s text: an input or an order was refused.",
            ),
            field(
                "/errors/dead_end",
                "Words that say nothing was found",
                Kind::Words,
                "In an element’s text: nothing was found.",
            ),
            field(
                "/page_error_rate/min_pairs",
                "Test only pages with at least",
                SESSIONS,
                "Pages with fewer sessions are not tested.",
            ),
            field(
                "/page_error_rate/false_discovery_rate",
                "Share of false alarms accepted",
                Kind::Number("of the pages"),
                "Of the pages called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/page_error_rate/min_relative_risk",
                "Report error rates of at least",
                Kind::Number("times the rate elsewhere"),
                "A smaller difference is not reported, however sure it is.",
            ),
            field(
                "/page_error_rate/max_independent_sessions",
                "Test by users if they have more than",
                Kind::Number("sessions each"),
                "Sessions of one user are alike; if users have more sessions than this on average, the test goes by users too.",
            ),
            field(
                "/page_error_rate/min_users",
                "Support only files of at least",
                Kind::Whole("users"),
                "With fewer users, where the test goes by users, no page is called supported.",
            ),
        ],
    },
    Group {
        title: "High activity",
        fields: &[
            field(
                "/high_activity/rule",
                "Many events are more than",
                Kind::ActivityRule,
                "What makes the number of a session’s events high.",
            ),
            field(
                "/high_activity/min_rate_events",
                "Events a minute are told from",
                Kind::Whole("events"),
                "Sessions with fewer events have no rate of events a minute.",
            ),
            field(
                "/high_activity/max_active_gap_s",
                "Of a gap, active for at most",
                Kind::Number("seconds of each gap"),
                "Of a longer gap only so much counts as active.",
            ),
            field(
                "/high_activity/machine_events",
                "Like a machine: quick events",
                Kind::Whole("events"),
                "So many events with hardly a gap look like a machine.",
            ),
            field(
                "/high_activity/machine_gap_s",
                "Like a machine: gaps shorter than",
                Kind::Number("seconds"),
                "Hardly a gap: the median gap is below this, and below two ticks of the file’s clock.",
            ),
            field(
                "/high_activity/machine_gaps",
                "Like a machine: even gaps",
                Kind::Whole("gaps"),
                "So many gaps that hardly vary look like a machine.",
            ),
            field(
                "/high_activity/machine_variation",
                "Like a machine: gaps vary less than",
                Kind::Number("of the mean gap"),
                "Standard deviation of the gaps over their mean.",
            ),
            field(
                "/high_activity/machine_burst_events",
                "Like a machine: within one second",
                Kind::Whole("events"),
                "So many events within one second look like a machine.",
            ),
            field(
                "/high_activity/machine_burst_elements",
                "Like a machine: that second on at least",
                Kind::Whole("elements"),
                "Quick clicks on one element are no machine’s.",
            ),
            field(
                "/high_activity/machine_hours",
                "Like a machine: no pause for",
                Kind::Number("hours"),
                "Active for longer without a pause.",
            ),
            field(
                "/high_activity/machine_pause_minutes",
                "A pause lasts at least",
                Kind::Number("minutes"),
                "A shorter gap does not interrupt a machine.",
            ),
            field(
                "/high_activity/frustration_repeated_share",
                "Like frustration: repeats of at least",
                Kind::Number("of the events"),
                "High activity with so many events on elements used before looks like frustration.",
            ),
            field(
                "/high_activity/frustration_failures",
                "Like frustration: retries and errors",
                Kind::Whole("events"),
                "So does high activity with so many retries and errors.",
            ),
            field(
                "/high_activity/frustration_max_pages",
                "Like frustration: only on at most",
                Kind::Whole("pages"),
                "On more pages they do not look like one obstacle.",
            ),
            field(
                "/high_activity/retry_words",
                "Words for trying again",
                Kind::Words,
                "In an element’s selector or text.",
            ),
        ],
    },
    Group {
        title: "Unusual flows",
        fields: &[
            field(
                "/unusual_navigation/min_sessions",
                "Test flows in files of at least",
                SESSIONS,
                "In smaller files flows are only ranked.",
            ),
            field(
                "/unusual_navigation/prior_weight",
                "Weight of the whole file’s habits",
                Kind::Number("steps"),
                "How many steps of the whole file’s habits are added to each page’s own.",
            ),
            field(
                "/unusual_navigation/false_discovery_rate",
                "Share of false alarms accepted",
                Kind::Number("of the sessions"),
                "Of the sessions called supported, at most this share is expected to be so by chance.",
            ),
            field(
                "/unusual_navigation/lead_share",
                "If none is certain, name the oddest",
                Kind::Number("of the sessions"),
                "Where no flow is supported, this share with the highest scores is named.",
            ),
            field(
                "/unusual_navigation/max_leads",
                "If none is certain, name at most",
                SESSIONS,
                "But no more than so many.",
            ),
        ],
    },
    BEHAVIOUR[0],
    BEHAVIOUR[1],
    BEHAVIOUR[2],
    BEHAVIOUR[3],
    BEHAVIOUR[4],
    Group {
        title: "How sessions end",
        fields: &[
            field("/cancel_words", "Words for cancelling", Kind::Words, "In an element’s selector or text."),
            field("/logout_words", "Words for logging out", Kind::Words, "In an element’s selector or text."),
            field(
                "/exits",
                "Count the last pages",
                Kind::Choice(&[
                    ("all_sessions", "of all sessions"),
                    ("abandoned_sessions", "of those that did not reach the goal"),
                ]),
                "Whose last pages the list of exits counts.",
            ),
        ],
    },
    Group {
        title: "Pages",
        fields: &[
            field(
                "/templates/fold",
                "Show similar paths as one page",
                Kind::Switch,
                "/products/laptop-pro becomes /products/:slug. Off: every raw path is a page of its own.",
            ),
            field(
                "/templates/min_children",
                "Combine at least",
                Kind::Whole("different paths"),
                "Seldom visited paths below one parent become one page if there are at least so many.",
            ),
            field(
                "/templates/max_median_sessions",
                "Combine paths that usually have at most",
                SESSIONS,
                "Where the median path has more sessions, each stays a page of its own.",
            ),
            field(
                "/templates/long_list",
                "A long list has at least",
                Kind::Whole("different paths"),
                "In a large file every product has many sessions; a long list of small parts is combined as well.",
            ),
            field(
                "/templates/max_item_share",
                "A long list’s median path has at most",
                Kind::Number("of their sessions"),
                "Where the median path has more, each stays a page of its own.",
            ),
            field(
                "/templates/max_slug_share",
                "Names with hyphens have less than",
                Kind::Number("of their sessions"),
                "A path of several words with hyphens is a name, such as a product’s, if it is that seldom visited.",
            ),
            field(
                "/pages/dwell_max_gap_s",
                "Away from the page after",
                Kind::Number("seconds"),
                "A longer gap is an absence, and no time on the page.",
            ),
            field(
                "/pages/product_prefixes",
                "Product paths begin with",
                Kind::Words,
                "Raw paths that start so are products. Empty: the items of folded lists.",
            ),
            field(
                "/flow_names",
                "Names for flows",
                Kind::Words,
                "As /settings → /account = Log out, the pages as the list of flows shows them, one a line.",
            ),
        ],
    },
    Group {
        title: "The file",
        fields: &[
            field(
                "/sample",
                "Read a sample of",
                Kind::Number("of the sessions"),
                "Less than 1: only so many of the sessions, chosen by their ids, as if by lot. For files that are too large for this tab.",
            ),
            field(
                "/salvage",
                "Repair damaged records",
                Kind::Switch,
                "Records whose time slipped into another field are repaired and marked; off: they are rejected.",
            ),
            field(
                "/quality/min_arrival_variation",
                "Starts look scheduled if they vary less than",
                Kind::Number("of the mean gap"),
                "Session starts whose gaps vary less (standard deviation over mean) look scheduled; random arrivals give 1.",
            ),
            field(
                "/quality/max_session_hours",
                "List sessions longer than",
                Kind::Number("hours"),
                "Longer sessions are listed.",
            ),
            field(
                "/quality/max_equal_times",
                "Times are coarse if equal for more than",
                Kind::Number("of the neighbours"),
                "Where more neighbouring events of a session have the same time, durations and gaps say little.",
            ),
            field(
                "/quality/placeholders",
                "Words that mean an empty field",
                Kind::Words,
                "A field that holds one of these as a whole stands for nothing.",
            ),
            field(
                "/quality/max_stray_ids",
                "Report ids of another form below",
                Kind::Number("of all ids"),
                "Ids of a rarer form than this share are named as strays.",
            ),
            field(
                "/quality/mask_personal",
                "Mask what looks personal",
                Kind::Switch,
                "E-mail addresses and card numbers in paths, selectors and texts stand as •••.",
            ),
            field(
                "/quality/edge_minutes",
                "List sessions cut off within",
                Kind::Number("minutes of the file’s start or end"),
                "Sessions so close to the file’s first or last event may be cut off by its ends.",
            ),
            field(
                "/quality/min_edge_share",
                "Tell of cut-off sessions from",
                Kind::Number("of the sessions"),
                "Fewer change no figure that anybody reads.",
            ),
            field(
                "/quality/secret_words",
                "Words that mean a secret",
                Kind::Words,
                "A value of an element whose selector holds one of these words is a password or the like.",
            ),
            field(
                "/quality/personal_words",
                "Words that mean something personal",
                Kind::Words,
                "What was typed into an element whose selector holds one of these words is not shown.",
            ),
            field(
                "/quality/min_typed_sessions",
                "Show what was typed in at least",
                Kind::Whole("sessions"),
                "Rarer values may tell who typed them; they are counted together.",
            ),
            field(
                "/mapping/user",
                "Field of the user",
                Kind::Text,
                "Where a record has none, its session tells, or stands in.",
            ),
            field(
                "/mapping/session",
                "Field of the session",
                Kind::Text,
                "Required. @user: the user stands in, and half an hour without an event ends a session.",
            ),
            field("/mapping/time", "Field of the time", Kind::Text, "Required."),
            field(
                "/mapping/dates",
                "Dates such as 03/04/2025",
                Kind::Choice(&[("month_first", "the month first"), ("day_first", "the day first")]),
                "Told by the file’s first records where a part of one is beyond 12.",
            ),
            field(
                "/mapping/page",
                "Field of the page",
                Kind::Text,
                "Required. Several names, with | between them, are tried in their order; dots lead into objects.",
            ),
            field(
                "/mapping/layout",
                "Rules of the layout",
                Kind::Choice(&[
                    ("none", "none"),
                    ("posthog", "PostHog"),
                    ("segment", "Segment or RudderStack"),
                    ("amplitude", "Amplitude"),
                    ("mixpanel", "Mixpanel"),
                    ("ga4", "Google Analytics 4"),
                    ("snowplow", "Snowplow"),
                    ("heap", "Heap"),
                    ("fullstory", "FullStory"),
                ]),
                "Which values mean nothing, and which records are no actions of a user.",
            ),
            field("/mapping/css", "Field of the selector", Kind::Text, "What was acted on."),
            field("/mapping/text", "Field of the text", Kind::Text, "What stood on it."),
            field("/mapping/value", "Field of the value", Kind::Text, "What was typed or chosen."),
            field(
                "/mapping/status",
                "Field of the status",
                Kind::Text,
                "Numbers from 400 to 599, and words that begin with error or fail, are errors.",
            ),
            field("/mapping/id", "Field of the id", Kind::Text, "Tells duplicates."),
        ],
    },
];
