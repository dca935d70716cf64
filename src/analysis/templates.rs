//! Raw paths to page templates: `/products/laptop-pro` is an event on the page `/products/:slug`.
//!
//! Below a parent, children are folded to one if there are many that are seldom visited, or if they look like
//! ids. What to fold is learnt from all paths of the file and then applied to each path alone, so that every
//! partition folds alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::personal::MASK;
use crate::settings::TemplateSettings;

/// Distinct raw paths with the number of sessions that visited each.
pub type PathCounts = BTreeMap<String, u64>;

/// Parts of a path that are looked at; what lies deeper is kept as it stands.
const MAX_SEGMENTS: usize = 32;

/// What was learnt: which children are folded, by the template of their parent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Templates {
    /// Off: a page is the raw path.
    on: bool,
    folds: BTreeMap<String, Fold>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fold {
    /// What stands in place of the children.
    label: String,
    /// Only children that look like ids are folded.
    ids_only: bool,
}

impl Templates {
    /// Learns from all paths of a file.
    pub fn learn(paths: &PathCounts, settings: &TemplateSettings) -> Templates {
        let mut templates = Templates { on: settings.fold, folds: BTreeMap::new() };
        if settings.fold {
            let split: Vec<(Vec<&str>, u64)> = paths
                .iter()
                .filter(|(path, _)| !is_name(path))
                .map(|(path, sessions)| (segments(clean(path)).take(MAX_SEGMENTS).collect(), *sessions))
                .collect();
            templates.learn_below("", &split, settings);
        }
        templates
    }

    fn learn_below(&mut self, parent: &str, paths: &[(Vec<&str>, u64)], settings: &TemplateSettings) {
        let mut children: BTreeMap<&str, u64> = BTreeMap::new();
        for (path, sessions) in paths {
            if let Some(child) = path.first() {
                *children.entry(child).or_default() += sessions;
            }
        }
        if let Some(fold) = fold_of(parent, &children, settings) {
            self.folds.insert(parent.to_string(), fold);
        }
        let mut below: BTreeMap<String, Vec<(Vec<&str>, u64)>> = BTreeMap::new();
        for (path, sessions) in paths {
            if let Some((child, rest)) = path.split_first()
                && !rest.is_empty()
            {
                let child = format!("{parent}/{}", self.segment(parent, child));
                below.entry(child).or_default().push((rest.to_vec(), *sessions));
            }
        }
        for (parent, paths) in below {
            self.learn_below(&parent, &paths, settings);
        }
    }

    fn segment<'a>(&'a self, parent: &str, child: &'a str) -> &'a str {
        match self.folds.get(parent) {
            // What is masked was an id of its own.
            Some(fold) if !fold.ids_only || id_like(child) || child == MASK => &fold.label,
            _ => child,
        }
    }

    /// The page of a raw path.
    pub fn apply(&self, path: &str) -> String {
        if !self.on {
            return path.to_string();
        }
        if is_name(path) {
            return path.trim().to_string();
        }
        let path = clean(path);
        let mut page = String::new();
        for (depth, segment) in segments(path).enumerate() {
            let segment = if depth < MAX_SEGMENTS { self.segment(&page, segment) } else { segment };
            // The segment may come from the same templates as the page so far, but not from the page itself.
            page.push('/');
            page.push_str(segment);
        }
        if page.is_empty() { "/".into() } else { page }
    }

    /// True for pages that stand for several raw paths by their last part: items of a list.
    pub fn is_item(&self, page: &str) -> bool {
        page.rsplit_once('/')
            .is_some_and(|(parent, last)| self.folds.get(parent).is_some_and(|fold| fold.label == last))
    }
}

/// It is the name of a page or of an event, not a path.
fn is_name(path: &str) -> bool {
    !path.contains(['/', '?', '#']) && !path.trim().is_empty()
}

/// The path alone: no scheme and host, no query, no fragment, no blanks around it.
fn clean(path: &str) -> &str {
    let path = path.trim();
    let path = match path.find("://") {
        Some(scheme) if path[..scheme].chars().all(|char| char.is_ascii_alphanumeric()) => {
            let host = &path[scheme + 3..];
            host.find('/').map_or("", |slash| &host[slash..])
        }
        _ => path,
    };
    &path[..path.find(['?', '#']).unwrap_or(path.len())]
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn fold_of(parent: &str, children: &BTreeMap<&str, u64>, settings: &TemplateSettings) -> Option<Fold> {
    let total: u64 = children.values().sum();
    let mut counts: Vec<u64> = children.values().copied().collect();
    counts.sort_unstable();
    let median = *counts.get(counts.len() / 2)?;
    let at_root = parent.is_empty();
    let seldom = children.len() >= settings.min_children as usize && median <= u64::from(settings.max_median_sessions)
        || children.len() >= settings.long_list as usize && median as f64 <= settings.max_item_share * total as f64;
    let ids = children.keys().filter(|child| id_like(child) && !(at_root && child.len() <= 3)).count();
    let slugs = children
        .iter()
        .filter(|(child, sessions)| {
            child.matches('-').count() >= 2 && (**sessions as f64) < settings.max_slug_share * total as f64
        })
        .count();
    let label = if 2 * ids > children.len() { ":id" } else { ":slug" };
    // The pages right below the root are the parts of a site, however seldom visited.
    if !at_root && (seldom || slugs >= settings.min_children as usize && 2 * slugs > children.len()) {
        return Some(Fold { label: label.into(), ids_only: false });
    }
    (ids >= 2).then(|| Fold { label: ":id".into(), ids_only: true })
}

/// Digits, a date, a UUID, or at least 8 hexadecimal digits with a digit among them.
fn id_like(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let plain: String = segment.chars().filter(|char| !matches!(char, '-' | '_')).collect();
    plain.bytes().all(|byte| byte.is_ascii_digit())
        || plain.len() >= 8 && plain.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(paths: &[(&str, u64)]) -> Templates {
        let counts = paths.iter().map(|(path, sessions)| (path.to_string(), *sessions)).collect();
        Templates::learn(&counts, &TemplateSettings::default())
    }

    #[test]
    fn seldom_visited_children_are_folded() {
        let templates = learnt(&[
            ("/", 9),
            ("/products", 5),
            ("/products/a", 1),
            ("/products/b", 2),
            ("/products/c", 1),
            ("/products/d", 1),
            ("/products/e/reviews", 1),
        ]);
        assert_eq!(templates.apply("/products/a"), "/products/:slug");
        assert_eq!(templates.apply("/products/never-seen/?x=1"), "/products/:slug");
        assert_eq!(templates.apply("/products/e/reviews"), "/products/:slug/reviews");
        assert_eq!(templates.apply("https://shop.example/products/"), "/products");
        assert_eq!(templates.apply("https://shop.example"), "/");
        assert!(templates.is_item("/products/:slug") && !templates.is_item("/products"));
    }

    #[test]
    fn pages_at_the_root_stay() {
        let templates = learnt(&[("/a", 1), ("/b", 1), ("/c", 1), ("/d", 1), ("/e", 1), ("/404", 1), ("/500", 1)]);
        assert_eq!(templates.apply("/a"), "/a");
        assert_eq!(templates.apply("/404"), "/404");
    }

    #[test]
    fn ids_are_folded_and_their_neighbours_stay() {
        let templates = learnt(&[("/orders/1001", 50), ("/orders/1002", 50), ("/orders/new", 90)]);
        assert_eq!(templates.apply("/orders/1003/print"), "/orders/:id/print");
        assert_eq!(templates.apply("/orders/new"), "/orders/new");
        assert!(id_like("2025-02-06") && id_like("3c7a9e10-2b4c-4d3f-9f2b-abcdefabcdef") && id_like("deadbee1"));
        assert!(!id_like("laptop-pro") && !id_like("4k-monitor") && !id_like("facade"));
    }

    #[test]
    fn masked_parts_fold_only_with_others() {
        assert_eq!(learnt(&[("/u/•••", 9)]).apply("/u/•••"), "/u/•••");
        assert_eq!(learnt(&[("/orders/1001", 5), ("/orders/1002", 5)]).apply("/orders/•••"), "/orders/:id");
    }

    #[test]
    fn many_children_with_a_small_share_each_are_folded() {
        let names: Vec<String> = (0..24).map(|n| format!("/products/{}", (b'a' + n) as char)).collect();
        let paths: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 10_000)).collect();
        assert_eq!(learnt(&paths).apply("/products/a"), "/products/:slug");
        assert_eq!(learnt(&paths[..10]).apply("/products/a"), "/products/a");
    }

    #[test]
    fn a_path_of_any_depth_is_a_page() {
        let deep = "/a".repeat(20_000);
        assert_eq!(learnt(&[(&deep, 1), ("/b", 1)]).apply(&deep), deep);
    }

    #[test]
    fn switched_off_a_page_is_the_raw_path() {
        let off = TemplateSettings { fold: false, ..Default::default() };
        assert_eq!(Templates::learn(&PathCounts::new(), &off).apply("/a/?b"), "/a/?b");
    }
}
