//! Snowplow's enriched events as its pipeline writes them: a table with tabs, without names of columns, in a documented
//! order.

use crate::ingest::time;

/// The columns in their order.
const COLUMNS: &str = "\
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker \
    v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid \
    geo_country geo_region geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization \
    ip_domain ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath \
    page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery \
    refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign \
    contexts se_category se_action se_label se_property se_value unstruct_event tr_orderid tr_affiliation tr_total \
    tr_tax tr_shipping tr_city tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity \
    pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name br_family br_version br_type \
    br_renderengine br_lang br_features_pdf br_features_flash br_features_java br_features_director \
    br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears \
    br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer \
    os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height \
    tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone \
    mkt_clickid mkt_network etl_tags dvce_sent_tstamp refr_domain_userid refr_dvce_tstamp derived_contexts \
    domain_sessionid derived_tstamp event_vendor event_name event_format event_version event_fingerprint \
    true_tstamp";

/// What the column `event` holds.
const EVENTS: [&str; 8] =
    ["page_view", "page_ping", "struct", "unstruct", "transaction", "transaction_item", "ad_impression", "pv"];

/// The names of the columns of a table with this first line; `None` if it is of another kind.
pub fn columns(first: &[String]) -> Option<Vec<String>> {
    let names: Vec<&str> = COLUMNS.split_ascii_whitespace().collect();
    let is_time = |at: usize| time::parse(&first[at]).is_some();
    let is_id = |text: &str| text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    // Columns were added at the end, and may be again.
    let count = names.len() - 4..=names.len() + 9;
    let fits = count.contains(&first.len()) && is_time(3) && EVENTS.contains(&first[5].as_str()) && is_id(&first[6]);
    let name = |at: usize| names.get(at).map_or_else(|| format!("column {}", at + 1), |name| name.to_string());
    fits.then(|| (0..first.len()).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enriched_events_are_told_by_their_forms() {
        let mut first = vec![String::new(); 131];
        for (at, text) in [
            (2, "2025-03-01 10:00:02.000"),
            (3, "2025-03-01 10:00:00.123"),
            (5, "page_view"),
            (6, "2dfeb9b7-5a87-4214-8a97-a8b23176856b"),
        ] {
            first[at] = text.into();
        }
        let names = columns(&first).unwrap();
        assert_eq!((names.len(), names[36].as_str(), names[123].as_str()), (131, "page_urlquery", "domain_sessionid"));
        assert_eq!((names[12].as_str(), names[130].as_str()), ("user_id", "true_tstamp"));
        first.push("more".into());
        assert_eq!(columns(&first).unwrap()[131], "column 132");
        first[5] = "other".into();
        assert_eq!(columns(&first), None);
        assert_eq!(columns(&["a".into()]), None);
    }
}
