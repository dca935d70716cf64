//! Class 1: long pauses inside a session, pauses that are long for their page, and pages where people stall.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::analysis::context::{Context, UserSessions};
use crate::analysis::pages::PageMap;
use crate::analysis::session_duration::log_seconds;
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;
use crate::stats::cluster::{AllUsers, GroupUsers, UserCounts};
use crate::stats::correction::benjamini_hochberg;
use crate::stats::counts::{Tally, coarse};
use crate::stats::ranks::{RankTable, Ranks, mann_whitney_p};
use crate::stats::robust::{Outliers, estimated_p};
use crate::stats::{Counts, Robust};

/// Gaps between the events of a session, in one partition or in several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gaps {
    /// Milliseconds, by the page of the event before the gap.
    pub by_page: BTreeMap<String, Counts>,
    /// Sessions with a gap there.
    pub sessions: BTreeMap<String, u64>,
    pub longest_ms: Option<u64>,
    /// The greatest common divisor of all gaps, in microseconds: the resolution of the file's clock. 0: no gaps.
    pub resolution_us: u64,
}

impl Gaps {
    pub fn of(context: &Context) -> Gaps {
        let mut gaps = Gaps::default();
        let mut by_page = vec![Tally::default(); context.page_count()];
        let mut sessions = vec![0; context.page_count()];
        let mut pages: PageMap<()> = PageMap::new(context);
        context.each_session(&mut |session| {
            pages.clear();
            for (row, _, us) in context.gaps(&session) {
                let page = context.page(row);
                pages.of(page);
                by_page[page as usize].add(coarse(us / 1000));
                gaps.longest_ms = gaps.longest_ms.max(Some(us / 1000));
                gaps.resolution_us = common_divisor(gaps.resolution_us, us);
            }
            pages.iter().for_each(|(page, ())| sessions[*page as usize] += 1);
        });
        let named = (0..).zip(by_page).map(|(page, tally)| (page, Counts::from(tally)));
        let named = named.filter(|(_, counts)| counts.n() > 0);
        gaps.by_page = named.map(|(page, counts)| (context.page_name(page).to_string(), counts)).collect();
        gaps.sessions = context.by_page(sessions);
        gaps
    }

    pub fn merge(&mut self, other: Gaps) {
        for (page, counts) in other.by_page {
            self.by_page.entry(page).or_default().merge(&counts);
        }
        super::merge_counts(&mut self.sessions, other.sessions);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
        self.resolution_us = common_divisor(self.resolution_us, other.resolution_us);
    }

    /// Median of the gaps on all other pages, in milliseconds.
    pub fn median_elsewhere_ms(&self, page: &str) -> f64 {
        let mut elsewhere = Counts::default();
        self.by_page.iter().filter(|(other, _)| *other != page).for_each(|(_, counts)| elsewhere.merge(counts));
        elsewhere.median().unwrap_or(0.0)
    }

    pub fn all(&self) -> Counts {
        let mut all = Counts::default();
        self.by_page.values().for_each(|counts| all.merge(counts));
        all
    }

    /// What is usual on each page with gaps enough.
    pub fn usual(&self, min_page_gaps: u64) -> UsualGaps {
        let enough = self.by_page.iter().filter(|(_, counts)| counts.n() >= min_page_gaps);
        let pages: BTreeMap<String, Robust> =
            enough.filter_map(|(page, counts)| Some((page.clone(), Robust::upwards(counts, log_seconds)?))).collect();
        UsualGaps { compared: pages.values().map(|robust| robust.n).sum(), pages, ranks: Ranks::of(&self.all()) }
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    if a > 0 && b.is_multiple_of(a) {
        return a;
    }
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What is usual, once the whole file is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsualGaps {
    /// Of ln(1 + seconds), by page.
    pub pages: BTreeMap<String, Robust>,
    /// Gaps on these pages.
    pub compared: u64,
    /// Ranks among all gaps.
    ranks: Ranks,
}

/// The same by the number of a page, for a partition.
struct UsualByPage {
    /// With the gap in milliseconds below which none is an outlier.
    pages: Vec<Option<(Outliers, u64)>>,
    compared: u64,
}

impl UsualByPage {
    fn new(context: &Context, usual: &UsualGaps) -> UsualByPage {
        let by_page = context.settings.long_gap.by_page;
        let of_page = |page: u32| {
            let robust = usual.pages.get(context.page_name(page)).filter(|_| by_page)?;
            let outliers = Outliers::of(robust)?;
            // A little less, so that rounding leaves none out.
            let from = libm::expm1(outliers.from()) * 1e3 * 0.999;
            Some((outliers, from.max(0.0) as u64))
        };
        UsualByPage { pages: (0..context.page_count() as u32).map(of_page).collect(), compared: usual.compared }
    }

    /// What the page's gaps are compared with, and the z of this gap, if it is an outlier among them.
    fn outlier(&self, page: u32, ms: u64) -> Option<(&Outliers, f64)> {
        let (outliers, from) = self.pages[page as usize].as_ref()?;
        if ms < *from {
            return None;
        }
        Some((outliers, outliers.above(log_seconds(coarse(ms)))?))
    }
}

/// What a session did after a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum After {
    /// It went on.
    Resumed,
    /// The event after the gap is an error.
    Error,
    /// The event after the gap is its last, and not the goal.
    Left,
}

/// One session, in its finding: its longest gap of the kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GapCase {
    pub ms: u64,
    pub page: String,
    pub after: After,
    /// Gaps of the kind that the session has.
    pub gaps: u64,
}

/// Which gaps are long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    Pause,
    TwoVisits,
    LongForPage,
    VeryLongForPage,
}

impl GapKind {
    const ALL: [GapKind; 4] = [GapKind::Pause, GapKind::TwoVisits, GapKind::LongForPage, GapKind::VeryLongForPage];
}

/// Sessions with gaps of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GapSessions {
    pub sessions: RankedList<GapCase>,
    /// Pages on which their longest gaps are.
    pub pages: BTreeSet<String>,
    /// All such gaps by what followed.
    pub after: BTreeMap<After, u64>,
}

/// Long gaps of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LongGaps {
    /// Longer than the settings' first limit, up to the second.
    pub pauses: GapSessions,
    /// Longer than the second.
    pub two_visits: GapSessions,
    /// Up to the first, but far longer than others on the page: beyond what the page's own gaps give by chance.
    pub long_for_page: GapSessions,
    /// The same, beyond what the gaps of all pages together give by chance (in 5 % of files).
    pub very_long_for_page: GapSessions,
    /// Sessions with a gap over the first limit, and those with that or one very long for its page.
    pub long_sessions: u64,
    pub any_sessions: u64,
    /// Sums for the cluster-robust test of ranks: all users, and those of each page.
    pub users: AllUsers,
    pub pages: BTreeMap<String, GroupUsers>,
}

impl LongGaps {
    pub fn of(context: &Context, usual: &UsualGaps) -> LongGaps {
        let mut found = LongGaps::default();
        let (by_page, ranks) = (UsualByPage::new(context, usual), usual.ranks.table());
        let mut pages = vec![GroupUsers::default(); context.page_count()];
        let mut of_user = PageMap::new(context);
        context.each_user(&mut |sessions| {
            sessions.iter().for_each(|session| found.add(context, &by_page, &session));
            if context.settings.long_gap.by_page {
                found.add_user(context, &ranks, &mut pages, &mut of_user, &sessions);
            }
        });
        let named = (0..).zip(pages).map(|(page, users)| (context.page_name(page).to_string(), users));
        found.pages = named.filter(|(page, users)| usual.pages.contains_key(page) && users.n > 0).collect();
        found
    }

    fn add(&mut self, context: &Context, usual: &UsualByPage, session: &Session) {
        let settings = &context.settings.long_gap;
        // By kind: the longest gap, its rank, and what followed all.
        let mut kinds: [Option<(f64, GapCase)>; 4] = Default::default();
        let goal = context.goal_at(session);
        for (at, (row, next, us)) in context.gaps(session).enumerate() {
            let (s, page) = (us as f64 / 1e6, context.page(row));
            let ms = us / 1000;
            let (kind, score) = if s > settings.two_visits_gap_s.max(settings.min_gap_s) {
                (GapKind::TwoVisits, s)
            } else if s > settings.min_gap_s {
                (GapKind::Pause, s)
            } else {
                let Some((outliers, z)) = usual.outlier(page, ms) else { continue };
                // As many tests as gaps: Bonferroni's correction.
                let corrected = estimated_p(z, outliers.n()) * usual.compared as f64;
                (if corrected < 0.05 { GapKind::VeryLongForPage } else { GapKind::LongForPage }, z)
            };
            let after = if context.error(next).is_some() {
                After::Error
            } else if at + 2 == session.len() && goal != Some(at + 1) {
                After::Left
            } else {
                After::Resumed
            };
            *self.kind(kind).after.entry(after).or_default() += 1;
            let longest_so_far = &mut kinds[kind as usize];
            let gaps = longest_so_far.as_ref().map_or(0, |(_, case)| case.gaps) + 1;
            if longest_so_far.as_ref().is_none_or(|(longest, _)| *longest < score) {
                *longest_so_far = Some((score, GapCase { ms, page: context.page_name(page).into(), after, gaps }));
            }
            if let Some((_, case)) = longest_so_far {
                case.gaps = gaps;
            }
        }
        let has = |kind: GapKind| kinds[kind as usize].is_some();
        let long = has(GapKind::Pause) || has(GapKind::TwoVisits);
        self.long_sessions += u64::from(long);
        self.any_sessions += u64::from(long || has(GapKind::VeryLongForPage));
        for (kind, found) in GapKind::ALL.into_iter().zip(kinds) {
            if let Some((score, case)) = found {
                if !self.kind(kind).pages.contains(&case.page) {
                    self.kind(kind).pages.insert(case.page.clone());
                }
                self.kind(kind).sessions.add(session, score, || case, context.named_sessions);
            }
        }
    }

    fn kind(&mut self, kind: GapKind) -> &mut GapSessions {
        match kind {
            GapKind::Pause => &mut self.pauses,
            GapKind::TwoVisits => &mut self.two_visits,
            GapKind::LongForPage => &mut self.long_for_page,
            GapKind::VeryLongForPage => &mut self.very_long_for_page,
        }
    }

    /// The sessions with gaps of this kind.
    pub fn into_kind(mut self, kind: GapKind) -> GapSessions {
        std::mem::take(self.kind(kind))
    }

    fn add_user(
        &mut self,
        context: &Context,
        ranks: &RankTable,
        groups: &mut [GroupUsers],
        pages: &mut PageMap<UserCounts>,
        sessions: &UserSessions,
    ) {
        pages.clear();
        let mut all = UserCounts::default();
        for session in sessions.iter() {
            for (row, _, us) in context.gaps(&session) {
                let rank = ranks.rank(coarse(us / 1000));
                let page = pages.of(context.page(row));
                page.group_n += 1;
                page.group_hits += rank;
                all.n += 1;
                all.hits += rank;
            }
        }
        if all.n > 0 {
            self.users.add(all);
        }
        for (page, counts) in pages.iter() {
            groups[*page as usize].add(UserCounts { hits: all.hits, n: all.n, ..*counts });
        }
    }

    pub fn merge(&mut self, other: LongGaps, named_sessions: usize) {
        let others = [other.pauses, other.two_visits, other.long_for_page, other.very_long_for_page];
        for (kind, other) in GapKind::ALL.into_iter().zip(others) {
            let mine = self.kind(kind);
            mine.sessions.merge(other.sessions, named_sessions);
            mine.pages.extend(other.pages);
            super::merge_counts(&mut mine.after, other.after);
        }
        self.long_sessions += other.long_sessions;
        self.any_sessions += other.any_sessions;
        self.users.merge(&other.users);
        for (page, users) in other.pages {
            self.pages.entry(page).or_default().merge(&users);
        }
    }
}

/// A page against all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Stall {
    pub page: String,
    pub gaps: u64,
    pub median_ms: f64,
    /// Share of pairs in which the gap here is longer than that elsewhere, ties by half.
    pub superiority: f64,
    /// Mann and Whitney, one-sided.
    pub exact_p: f64,
    /// Ranks, with users as clusters, one-sided.
    pub clustered_p: f64,
    /// Of the larger p, over all pages compared.
    pub q: f64,
}

/// All pages with gaps enough, tested for longer gaps than elsewhere.
pub fn stalls(gaps: &Gaps, usual: &UsualGaps, found: &LongGaps) -> Vec<Stall> {
    let all = gaps.all();
    let pages: Vec<&String> = usual.pages.keys().filter(|page| gaps.by_page[*page].n() < all.n()).collect();
    let mut stalls: Vec<Stall> = Vec::new();
    for page in pages {
        let here = &gaps.by_page[page];
        // Ranks are shares of all gaps, on average one half.
        let users = found.pages.get(page);
        let (n, m) = (here.n() as f64, (all.n() - here.n()) as f64);
        let mean_rank = users.map_or(0.5, |users| users.hits as f64 / 1e6 / n);
        let superiority = (mean_rank * (n + m) - n / 2.0) / m;
        let two_sided = users.and_then(|users| users.p(&found.users)).unwrap_or(1.0);
        stalls.push(Stall {
            page: page.clone(),
            gaps: here.n(),
            median_ms: here.median().unwrap_or(0.0),
            superiority,
            exact_p: mann_whitney_p(here, &all),
            clustered_p: if superiority > 0.5 { two_sided / 2.0 } else { 1.0 - two_sided / 2.0 },
            q: 1.0,
        });
    }
    let larger: Vec<f64> = stalls.iter().map(|stall| stall.exact_p.max(stall.clustered_p)).collect();
    for (stall, q) in stalls.iter_mut().zip(benjamini_hochberg(&larger)) {
        stall.q = q;
    }
    stalls
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many users who all wait longer on one page; and one user alone who does.
    #[test]
    fn one_user_does_not_make_a_page_slow() {
        let stall = |slow_users: u64| {
            let (mut gaps, mut found) = (Gaps::default(), LongGaps::default());
            let of_user = |user: u64, page: &str| -> Vec<u64> {
                let slow = page == "/slow" && user < slow_users;
                // As many slow gaps in all, whoever has them.
                let n = if page == "/slow" { if slow { 40 / slow_users } else { 1 } } else { 3 };
                (0..n).map(|i| 1_000 * (1 + (user + i) % 5 + if slow { 5 } else { 0 })).collect()
            };
            let pages = ["/slow", "/other"];
            for user in 0..20 {
                for page in pages {
                    let counts = gaps.by_page.entry(page.into()).or_default();
                    of_user(user, page).into_iter().for_each(|gap| counts.add(gap));
                }
            }
            let usual = gaps.usual(20);
            for user in 0..20 {
                let sums = pages.map(|page| {
                    let gaps = of_user(user, page);
                    (gaps.iter().map(|gap| usual.ranks.rank(*gap)).sum::<u64>(), gaps.len() as u64)
                });
                let (hits, n) = (sums[0].0 + sums[1].0, sums[0].1 + sums[1].1);
                found.users.add(UserCounts { hits, n, ..Default::default() });
                for (page, (group_hits, group_n)) in pages.iter().zip(sums) {
                    let users = found.pages.entry(page.to_string()).or_default();
                    users.add(UserCounts { group_hits, group_n, hits, n });
                }
            }
            stalls(&gaps, &usual, &found).into_iter().find(|stall| stall.page == "/slow").unwrap()
        };
        let (many, one) = (stall(20), stall(1));
        assert!(many.q < 0.001 && many.superiority > 0.9, "{many:?}");
        assert!(one.exact_p < 0.001 && one.clustered_p > 0.05 && one.q > 0.1, "{one:?}");
    }

    #[test]
    fn the_resolution_is_the_common_divisor() {
        assert_eq!([(0, 7), (12, 18), (5, 0)].map(|(a, b)| common_divisor(a, b)), [7, 6, 5]);
    }
}
