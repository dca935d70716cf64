//! The known layouts, the more special ones first. docs/layouts.md tells how to add one.

use super::Layout;
use crate::settings::Role::{Css, Id, Page, Session, Status, Text, Time, User, Value};
use crate::settings::mapping::LayoutRules;

/// What most rows have none of.
const PLAIN: Layout =
    Layout { rules: LayoutRules::None, slug: "", name: "", signs: &[], roles: &[], nothing: &[], not_actions: &[] };

pub const LAYOUTS: &[Layout] = &[
    Layout {
        slug: "clicks",
        name: "a session recording of clicks",
        signs: &[&["css", "event_time", "path"]],
        roles: &[
            (Id, "uuid"),
            (User, "user_id"),
            (Session, "session_id"),
            (Time, "event_time"),
            (Page, "path"),
            (Css, "css"),
            (Text, "text"),
            (Value, "value"),
        ],
        ..PLAIN
    },
    Layout {
        rules: LayoutRules::Posthog,
        slug: "posthog",
        name: "a PostHog export",
        signs: &[
            &["event", "distinct_id", "elements_chain"],
            &["event", "properties.$session_id"],
            &["event", "properties.distinct_id", "properties.$lib"],
        ],
        roles: &[
            (Id, "uuid"),
            (User, "distinct_id | properties.distinct_id | person_id"),
            (Session, "properties.$session_id | @user"),
            (Time, "timestamp | properties.$time | sent_at"),
            (Page, "properties.$pathname | properties.$current_url | properties.$screen_name | event"),
            (Css, "elements_chain"),
            (Text, "properties.$el_text | event"),
        ],
        nothing: &[(Text, "$pageview"), (Text, "$pageleave"), (Text, "$autocapture"), (Text, "$screen")],
        not_actions: &["$identify", "$set", "$groupidentify", "$opt_in", "$create_alias", "$feature_flag_called"],
    },
    Layout {
        rules: LayoutRules::Segment,
        slug: "segment",
        name: "a Segment or RudderStack export",
        signs: &[&["anonymousId", "messageId", "type"], &["anonymousId", "originalTimestamp", "type"]],
        roles: &[
            (Id, "messageId"),
            (User, "userId | anonymousId"),
            (Session, "context.sessionId | properties.session_id | @user"),
            (Time, "timestamp | originalTimestamp | sentAt | receivedAt"),
            (Page, "properties.path | context.page.path | properties.url | context.screen.name | name | event | type"),
            (Text, "event | name | type"),
            (Value, "properties.value | properties.revenue"),
        ],
        nothing: &[(Text, "page"), (Text, "screen")],
        not_actions: &["identify", "group", "alias"],
    },
    Layout {
        slug: "segment-pages",
        name: "pages from a Segment warehouse",
        signs: &[&["anonymous_id", "received_at", "path"], &["anonymous_id", "received_at", "url"]],
        roles: &[
            (Id, "id"),
            (User, "user_id | anonymous_id"),
            (Session, "@user"),
            (Time, "timestamp | original_timestamp | sent_at | received_at"),
            (Page, "path | url"),
            (Text, "event_text | event"),
        ],
        ..PLAIN
    },
    Layout {
        rules: LayoutRules::Amplitude,
        slug: "amplitude",
        name: "an Amplitude export",
        signs: &[&["amplitude_id", "event_type", "$insert_id"], &["amplitude_id", "event_type", "event_time"]],
        roles: &[
            (Id, "$insert_id"),
            (User, "user_id | device_id | amplitude_id"),
            (Session, "session_id | @user"),
            (Time, "event_time | client_event_time"),
            (Page, "event_properties.[Amplitude] Page Path | event_properties.path | event_type"),
            (Css, "event_properties.[Amplitude] Element Selector"),
            (Text, "event_properties.[Amplitude] Element Text | event_type"),
        ],
        nothing: &[(Session, "-1"), (Text, "[Amplitude] Page Viewed")],
        not_actions: &["$identify", "$groupidentify"],
    },
    Layout {
        rules: LayoutRules::Mixpanel,
        slug: "mixpanel",
        name: "a Mixpanel export",
        signs: &[&["event", "properties.time"]],
        roles: &[
            (Id, "properties.$insert_id"),
            (User, "properties.distinct_id | properties.$user_id | properties.$device_id"),
            (Session, "properties.$session_id | @user"),
            (Time, "properties.time"),
            (Page, "properties.$current_url | properties.current_url_path | event"),
            (Text, "properties.$el_text | event"),
        ],
        nothing: &[(Text, "$mp_web_page_view")],
        not_actions: &["$delete", "$identify", "$create_alias", "$merge"],
    },
    Layout {
        rules: LayoutRules::Ga4,
        slug: "ga4",
        name: "a Google Analytics 4 export from BigQuery",
        signs: &[&["event_name", "event_params"], &["event_name", "event_timestamp", "user_pseudo_id"]],
        roles: &[
            (User, "user_id | user_pseudo_id"),
            (Session, "event_params.ga_session_id | @user"),
            (Time, "event_timestamp"),
            (
                Page,
                "event_params.page_location | event_params.firebase_screen_class | event_params.firebase_screen | event_name",
            ),
            (Text, "event_params.link_text | event_name"),
            (Value, "event_params.value"),
        ],
        nothing: &[(Text, "page_view"), (Text, "screen_view")],
        ..PLAIN
    },
    Layout {
        rules: LayoutRules::Snowplow,
        slug: "snowplow",
        name: "Snowplow events",
        signs: &[&["collector_tstamp", "event", "domain_userid"], &["collector_tstamp", "event", "event_id"]],
        roles: &[
            (Id, "event_id"),
            (User, "user_id | domain_userid | network_userid"),
            (Session, "domain_sessionid | @user"),
            (Time, "derived_tstamp | collector_tstamp"),
            (Page, "page_urlpath | page_url | event_name | se_action | event"),
            (Text, "se_label | se_action | event_name | event"),
            (Value, "se_value | tr_total"),
        ],
        nothing: &[(Text, "page_view"), (Text, "page_ping")],
        ..PLAIN
    },
    Layout {
        rules: LayoutRules::Heap,
        slug: "heap",
        name: "a Heap export",
        signs: &[&["event_id", "session_id", "user_id", "time", "event_name"]],
        roles: &[
            (User, "user_id"),
            (Session, "session_id"),
            (Time, "time"),
            (Page, "path | event_name"),
            (Css, "hierarchy"),
            (Text, "target_text | event_name"),
        ],
        nothing: &[(Text, "pageviews")],
        ..PLAIN
    },
    Layout {
        rules: LayoutRules::Fullstory,
        slug: "fullstory",
        name: "a FullStory export",
        signs: &[&["EventType", "EventStart", "SessionId"]],
        roles: &[
            (User, "UserId | IndvId"),
            (Session, "SessionId"),
            (Time, "EventStart"),
            (Page, "PageUrl | EventType"),
            (Css, "EventTargetSelectorTok"),
            (Text, "EventTargetText | EventType"),
        ],
        nothing: &[(Text, "navigate"), (Text, "load")],
        ..PLAIN
    },
    Layout {
        slug: "sparkify",
        name: "a log of a music service (Sparkify)",
        signs: &[&["userId", "sessionId", "page", "ts"]],
        roles: &[
            (User, "userId"),
            (Session, "sessionId"),
            (Time, "ts"),
            (Page, "page"),
            (Text, "song"),
            (Status, "status"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "rees46",
        name: "events of a shop (REES46)",
        signs: &[&["event_time", "event_type", "user_session"]],
        roles: &[
            (User, "user_id"),
            (Session, "user_session"),
            (Time, "event_time"),
            (Page, "event_type"),
            (Text, "brand"),
            (Css, "category_code"),
            (Value, "price"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "retailrocket",
        name: "events of a shop (RetailRocket)",
        signs: &[&["timestamp", "visitorid", "event"]],
        roles: &[
            (User, "visitorid"),
            (Session, "@user"),
            (Time, "timestamp"),
            (Page, "event"),
            (Text, "itemid"),
            (Value, "transactionid"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "retentioneering",
        name: "events by user (as in Retentioneering)",
        signs: &[&["event", "timestamp", "user_id"], &["event", "timestamp", "client_id"]],
        roles: &[
            (User, "user_id | client_id"),
            (Session, "session_id | @user"),
            (Time, "timestamp"),
            (Page, "event"),
            (Value, "transaction_value"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "cases",
        name: "an event log of cases",
        signs: &[&["case:concept:name", "concept:name", "time:timestamp"]],
        roles: &[(Session, "case:concept:name"), (Time, "time:timestamp"), (Page, "concept:name")],
        ..PLAIN
    },
    Layout {
        slug: "activities",
        name: "an event log of cases with activities",
        signs: &[&["case_id", "activity", "timestamp"]],
        roles: &[(Session, "case_id"), (Time, "timestamp"), (Page, "activity")],
        ..PLAIN
    },
    Layout {
        slug: "access-log",
        name: "an access log of a web server",
        signs: &[&["visitor", "ip", "user_agent", "referrer", "status"]],
        roles: &[
            (User, "visitor"),
            (Session, "@user"),
            (Time, "time"),
            (Page, "path"),
            (Css, "method"),
            (Status, "status"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "caddy",
        name: "an access log of Caddy",
        signs: &[&["ts", "request.uri", "request.remote_ip"]],
        roles: &[
            (User, "request.remote_ip"),
            (Session, "@user"),
            (Time, "ts"),
            (Page, "request.uri"),
            (Status, "status"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "traefik",
        name: "an access log of Traefik",
        signs: &[&["ClientHost", "RequestPath", "StartUTC"], &["ClientHost", "RequestPath", "time"]],
        roles: &[
            (User, "ClientHost"),
            (Session, "@user"),
            (Time, "StartUTC | time"),
            (Page, "RequestPath"),
            (Status, "DownstreamStatus"),
        ],
        ..PLAIN
    },
    Layout {
        slug: "nginx",
        name: "an access log of nginx",
        signs: &[&["ip", "path", "date", "status"]],
        roles: &[(User, "ip"), (Session, "@user"), (Time, "date"), (Page, "path"), (Status, "status")],
        ..PLAIN
    },
];
