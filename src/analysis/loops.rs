//! Class 9: sessions that go round in circles.

use serde::{Deserialize, Serialize};

use crate::analysis::context::Context;
use crate::analysis::session_list::RankedList;
use crate::dataset::Session;
use crate::settings::LoopSettings;

/// Circles of more pages are not looked for.
const LONGEST_CIRCLE: usize = 6;

/// One session, in its finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LoopCase {
    /// These pages in this order, so many times in a row.
    Circle { pages: Vec<String>, rounds: u64 },
    /// This page so often, other pages between.
    Returns { page: String, visits: u64 },
}

/// Loops of one partition, or of several merged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Loops {
    /// The same pages in the same order again and again.
    pub circles: RankedList<LoopCase>,
    /// Without such an order, but one page again and again.
    pub returns: RankedList<LoopCase>,
    /// The most visits of one page in a session, other pages between.
    pub most_visits: u64,
}

/// What is found in a flow, by the numbers of its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Circle { start: usize, pages: usize, rounds: u64 },
    Returns { page: u32, visits: u64 },
}

/// Looks for them in one session after the other.
struct Finder<'c, 'a> {
    context: &'c Context<'a>,
    /// By the number of the flow: what is found in it, once it has been looked at.
    flows: Vec<Option<Option<Found>>>,
    found: Loops,
}

impl<'c, 'a> Finder<'c, 'a> {
    fn new(context: &'c Context<'a>) -> Finder<'c, 'a> {
        Finder { context, flows: vec![None; context.flows().len()], found: Loops::default() }
    }

    fn add(&mut self, session: &Session) {
        let context = self.context;
        let flow = context.flow(session);
        let known = &mut self.flows[context.flow_number(session)];
        if known.is_none() {
            let visits = most_visited(flow);
            self.found.most_visits = self.found.most_visits.max(visits.map_or(0, |(_, visits)| visits));
            *known = Some(find(flow, visits, &context.settings.loops));
        }
        let name = |page: u32| context.page_name(page).to_string();
        match known {
            Some(Some(Found::Circle { start, pages, rounds })) => {
                let pages = flow[*start..*start + *pages].iter();
                let case = || LoopCase::Circle { pages: pages.map(|page| name(*page)).collect(), rounds: *rounds };
                self.found.circles.add(session, *rounds as f64, case, context.named_sessions);
            }
            Some(Some(Found::Returns { page, visits })) => {
                let case = || LoopCase::Returns { page: name(*page), visits: *visits };
                self.found.returns.add(session, *visits as f64, case, context.named_sessions);
            }
            _ => {}
        }
    }

    fn finish(self) -> Loops {
        self.found
    }
}

/// The page that the flow visits most often, of equals the first.
fn most_visited(flow: &[u32]) -> Option<(u32, u64)> {
    let mut sorted = flow.to_vec();
    sorted.sort_unstable();
    let most = sorted.chunk_by(|a, b| a == b).map(<[u32]>::len).max()? as u64;
    let visits =
        |page: &u32| sorted.partition_point(|other| other <= page) - sorted.partition_point(|other| other < page);
    flow.iter().find(|page| visits(page) as u64 == most).map(|page| (*page, most))
}

/// The circle with the most rounds, of equals the shortest and first; otherwise the page with visits enough.
fn find(flow: &[u32], most_visited: Option<(u32, u64)>, settings: &LoopSettings) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut most = settings.min_rounds.max(2) - 1;
    for pages in 2..=LONGEST_CIRCLE.min(flow.len() / 2) {
        // How many pages in a row are those that stand one circle before them.
        let mut same = 0;
        for at in pages..flow.len() {
            same = if flow[at] == flow[at - pages] { same + 1 } else { 0 };
            let rounds = (same / pages + 1) as u64;
            if rounds > most {
                most = rounds;
                best = Some(Found::Circle { start: at + 1 - pages * rounds as usize, pages, rounds });
            }
        }
    }
    best.or_else(|| {
        let (page, visits) = most_visited.filter(|(_, visits)| *visits >= settings.min_visits)?;
        Some(Found::Returns { page, visits })
    })
}

impl Loops {
    pub fn of(context: &Context) -> Loops {
        let mut finder = Finder::new(context);
        context.each_session(&mut |session| finder.add(&session));
        finder.finish()
    }

    pub fn merge(&mut self, other: Loops, named_sessions: usize) {
        self.circles.merge(other.circles, named_sessions);
        self.returns.merge(other.returns, named_sessions);
        self.most_visits = self.most_visits.max(other.most_visits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(flow: &[u32]) -> Option<Found> {
        find(flow, most_visited(flow), &LoopSettings::default())
    }

    #[test]
    fn circles_and_returns_are_told_apart() {
        assert_eq!(found(&[1, 2, 1]), None);
        assert_eq!(found(&[9, 1, 2, 1, 2, 3]), Some(Found::Circle { start: 1, pages: 2, rounds: 2 }));
        assert_eq!(found(&[1, 2, 1, 2, 1, 2]), Some(Found::Circle { start: 0, pages: 2, rounds: 3 }));
        assert_eq!(found(&[1, 2, 3, 1, 2, 3]), Some(Found::Circle { start: 0, pages: 3, rounds: 2 }));
        assert_eq!(found(&[1, 2, 1, 3, 1]), Some(Found::Returns { page: 1, visits: 3 }));
        assert_eq!(found(&[]), None);
    }
}
