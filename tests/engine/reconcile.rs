//! A number that stands for sessions lists exactly that many sessions; and an analysis again, under other settings, is
//! as good as a fresh one.

use std::collections::{BTreeSet, VecDeque};

use footpath::analysis::flow_steps::Place;
use footpath::analysis::session_table::{SessionFilter, SessionQuery, SessionRows, SessionSort};
use footpath::demo::Demo;
use footpath::engine::Export;
use footpath::engine::conductor::{Conductor, Job, Outcome, Step};
use footpath::engine::memory::MemoryLimit;
use footpath::engine::protocol::{Progress, Reply, Request};
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Worker;
use footpath::findings::Class;
use footpath::report::Document;
use footpath::settings::{ExitsOf, Settings};
use proptest::prelude::*;

use crate::merging::lines;
use crate::support::{miniature, reference};

const QUERY_ROWS: u32 = 1000;

/// A conductor and its workers in this thread, over one file in memory. What is told is kept.
pub struct Analysis {
    conductor: Conductor<Vec<u8>>,
    workers: Vec<Worker>,
    bytes: Vec<u8>,
    /// Sent and not carried out yet, by worker: each takes its requests in order.
    waiting: Vec<VecDeque<(Request, Vec<Vec<u8>>)>>,
    /// What was told before all was known.
    early: Vec<Document>,
    documents: Vec<Document>,
    exports: Vec<(Export, Vec<u8>)>,
    rows: Option<SessionRows>,
}

impl Analysis {
    fn start(bytes: &[u8], settings: &Settings, workers: usize) -> Analysis {
        Analysis::limited(bytes, settings, workers, None)
    }

    /// Each worker tells after each chunk that its memory takes a thousand bytes.
    pub fn limited(bytes: &[u8], settings: &Settings, workers: usize, memory: Option<MemoryLimit>) -> Analysis {
        Analysis::naming(bytes, settings, workers, memory, 100)
    }

    fn naming(
        bytes: &[u8],
        settings: &Settings,
        workers: usize,
        memory: Option<MemoryLimit>,
        named_sessions: u64,
    ) -> Analysis {
        let job = Job {
            files: vec![("events.jsonl".into(), bytes.len() as u64)],
            containers: Vec::new(),
            left_out: Vec::new(),
            settings: settings.clone(),
            named_sessions,
            tell_early_from: Some(0),
            chunk_bytes: (bytes.len() as u64 / 3).max(1000),
            memory,
        };
        let (conductor, steps) = Conductor::start(job, workers);
        let mut analysis = Analysis {
            conductor,
            workers: (0..workers).map(|_| Worker::default()).collect(),
            bytes: bytes.to_vec(),
            waiting: vec![VecDeque::new(); workers],
            early: Vec::new(),
            documents: Vec::new(),
            exports: Vec::new(),
            rows: None,
        };
        analysis.take(steps);
        analysis
    }

    pub fn finished(bytes: &[u8], settings: &Settings, workers: usize) -> Analysis {
        let mut analysis = Analysis::start(bytes, settings, workers);
        analysis.run();
        analysis
    }

    fn take(&mut self, steps: Vec<Step<Vec<u8>>>) {
        for step in steps {
            match step {
                Step::Send(worker, request, buffers) => self.waiting[worker].push_back((request, buffers)),
                Step::Tell(Outcome::Counted(document)) => {
                    self.early.push(*document);
                    let steps = self.conductor.go_on();
                    self.take(steps);
                }
                Step::Tell(Outcome::Done(document)) => self.documents.push(*document),
                Step::Tell(Outcome::Exported(what, bytes)) => self.exports.push((what, bytes)),
                Step::Tell(Outcome::Sessions(rows)) => self.rows = Some(rows),
                Step::Tell(Outcome::Failed(problem)) => panic!("{problem}"),
                Step::Tell(_) => {}
            }
        }
    }

    /// Lets the last worker with something to do do it; false if there is none.
    fn step(&mut self) -> bool {
        let Some(worker) = self.waiting.iter().rposition(|waiting| !waiting.is_empty()) else { return false };
        let (request, buffers) = self.waiting[worker].pop_front().unwrap();
        let reply = match request {
            Request::Scan { chunk, start, end, .. } => {
                let reading = self.workers[worker].reading();
                let scanned = ChunkScan::of_memory(&self.bytes, start..end, &reading).unwrap();
                let progress = Progress { bytes: end - start, events: scanned.0.events, memory: 1000 };
                let steps = self.conductor.on(worker, Reply::Progress(progress), Vec::new());
                self.take(steps);
                Some(self.workers[worker].scanned(chunk, scanned))
            }
            Request::Hash => {
                Some((Reply::Hashed { blake3: blake3::hash(&self.bytes).to_hex().to_string() }, Vec::new()))
            }
            other => self.workers[worker].handle(other, &buffers),
        };
        if let Some((reply, buffers)) = reply {
            let steps = self.conductor.on(worker, reply, buffers);
            self.take(steps);
        }
        true
    }

    pub fn run(&mut self) {
        while self.step() {}
    }

    fn analyse_again(&mut self, settings: &Settings) {
        let steps = self.conductor.analyse_again(settings.clone());
        self.take(steps);
    }

    fn export(&mut self, what: Export) {
        let steps = self.conductor.export(what);
        self.take(steps);
    }

    pub fn json(&mut self) -> Vec<u8> {
        self.export(Export::Json);
        self.run();
        self.exports.pop().expect("the export arrives").1
    }

    fn query(&mut self, query: SessionQuery) -> SessionRows {
        let steps = self.conductor.sessions(query);
        self.take(steps);
        self.run();
        self.rows.take().expect("a query is answered")
    }

    fn list(&mut self, filter: SessionFilter) -> SessionRows {
        self.query(SessionQuery { filter, limit: QUERY_ROWS, ..Default::default() })
    }

    fn document(&self) -> Document {
        self.documents.last().expect("results are told").clone()
    }

    /// Asks for every number of the document.
    fn reconcile(&mut self) {
        let document = self.document();
        for (filter, n) in numbers(&document) {
            let rows = self.list(filter.clone());
            assert_eq!(rows.total, n, "{filter:?}");
            assert_eq!(rows.rows.len() as u64, n.min(QUERY_ROWS.into()), "{filter:?}");
        }
    }
}

/// Every number of the document that stands for sessions, as the screen asks for them.
fn numbers(document: &Document) -> Vec<(SessionFilter, u64)> {
    let mut numbers = vec![
        (SessionFilter::All, document.totals.sessions),
        (SessionFilter::Converted, document.goal.converted),
        (SessionFilter::Abandoned { ended: None, took_last_step: None }, document.goal.abandoned),
    ];
    for end in &document.abandonment.ends {
        let filter = SessionFilter::Abandoned { ended: Some(end.ended), took_last_step: Some(end.took_last_step) };
        numbers.push((filter, end.session_count));
    }
    for (step, info) in document.funnel.steps.iter().skip(1).enumerate() {
        numbers.push((SessionFilter::Reached { step: step as u32 }, info.sessions));
        numbers.push((SessionFilter::Lost { step: step as u32 }, info.lost));
    }
    for flow in &document.flows {
        for (converted, sessions) in [(false, flow.sessions), (true, flow.converted)] {
            numbers.push((SessionFilter::Flow { pages: flow.pages.clone(), converted }, sessions));
        }
    }
    for (step, places) in document.flow_steps.steps.iter().enumerate() {
        for (place, sessions) in places {
            let filter = SessionFilter::FlowStep { step: step as u32, from: place.clone(), to: None };
            numbers.push((filter, *sessions));
        }
    }
    for link in &document.flow_steps.links {
        let to = Some(link.to.clone());
        numbers.push((SessionFilter::FlowStep { step: link.step, from: link.from.clone(), to }, link.sessions));
    }
    for entry in &document.entries {
        numbers.push((SessionFilter::Entry { page: entry.page.clone() }, entry.sessions));
    }
    for exit in &document.exits {
        numbers.push((SessionFilter::Exit { page: exit.page.clone() }, exit.sessions));
    }
    for product in &document.products {
        numbers.push((SessionFilter::Path { path: product.page.clone() }, product.sessions));
    }
    for page in &document.pages {
        numbers.push((SessionFilter::Page { page: page.page.clone() }, page.sessions));
        numbers.push((SessionFilter::Error { page: Some(page.page.clone()) }, page.error_sessions));
    }
    for bin in &document.durations {
        let to_s = bin.to_ms.map(|ms| ms / 1000);
        numbers.push((SessionFilter::Duration { from_s: bin.from_ms / 1000, to_s }, bin.count));
    }
    for bin in &document.timeline.bins {
        for (converted, sessions) in [(false, bin.sessions), (true, bin.converted)] {
            let filter = SessionFilter::Started { from_us: bin.from_us, to_us: bin.to_us, converted };
            numbers.push((filter, sessions));
        }
    }
    for element in &document.abandonment.last_elements {
        let filter = SessionFilter::LastElement { css: element.css.clone(), text: element.text.clone() };
        numbers.push((filter, element.sessions));
    }
    for finding in &document.findings {
        if let Some(filter) = &finding.filter {
            numbers.push((filter.clone(), finding.found_by_filter()));
        }
        let filter = SessionFilter::Finding {
            title: finding.title.clone(),
            sessions: finding.sessions.clone(),
            users: finding.users.clone(),
        };
        numbers.push((filter, finding.sessions.len() as u64));
    }
    numbers
}

/// What adds up within a document.
fn adds_up(document: &Document) {
    let sessions = document.totals.sessions;
    let exits = match document.exits_of {
        ExitsOf::AllSessions => sessions,
        ExitsOf::AbandonedSessions => document.goal.abandoned,
    };
    assert_eq!(document.exits.iter().map(|page| page.sessions).sum::<u64>(), exits);
    assert_eq!(document.entries.iter().map(|page| page.sessions).sum::<u64>(), sessions);
    assert_eq!(document.durations.iter().map(|bin| bin.count).sum::<u64>(), sessions);
    let gaps = document.gaps.iter().map(|bin| bin.count).sum::<u64>();
    assert_eq!(gaps, document.totals.events - sessions);
    let bins = &document.timeline.bins;
    assert_eq!(bins.iter().map(|bin| bin.events).sum::<u64>(), document.totals.events);
    assert_eq!(bins.iter().map(|bin| bin.sessions).sum::<u64>(), sessions);
    assert_eq!(bins.iter().map(|bin| bin.converted).sum::<u64>(), document.goal.converted);
    if document.flow_count == document.flows.len() as u64 {
        assert_eq!(document.flows.iter().map(|flow| flow.sessions).sum::<u64>(), sessions);
    }
    assert_eq!(document.goal.converted + document.goal.abandoned, sessions);
    assert_eq!(document.products.iter().map(|product| product.sessions).sum::<u64>(), document.product_views);
    let groups: u64 = document.abandonment.groups.iter().map(|group| group.sessions).sum();
    assert_eq!(groups, document.goal.abandoned);
    let ends: u64 = document.abandonment.ends.iter().map(|end| end.session_count).sum();
    assert_eq!(ends, document.goal.abandoned);
    for pair in document.funnel.steps.windows(2) {
        assert_eq!(pair[1].sessions + pair[1].lost, pair[0].sessions);
    }
    if document.funnel.proposed {
        let through = document.funnel.steps.last().unwrap().sessions;
        assert_eq!(through + document.funnel.converted_otherwise, document.goal.converted);
    }
    flow_steps_add_up(document);
}

fn flow_steps_add_up(document: &Document) {
    let steps = &document.flow_steps.steps;
    let all = |step: usize| steps[step].iter().map(|(_, n)| n).sum::<u64>();
    let goes_on = |place: &Place| matches!(place, Place::Page { .. } | Place::Other);
    assert_eq!(all(0), document.totals.sessions);
    for step in 1..steps.len() {
        let on_pages: u64 = steps[step - 1].iter().filter(|(place, _)| goes_on(place)).map(|(_, n)| n).sum();
        assert_eq!(all(step), on_pages, "step {step}");
    }
    let links = &document.flow_steps.links;
    for (step, places) in steps.iter().enumerate() {
        for (place, n) in places {
            let sum = |joins: &dyn Fn(&footpath::analysis::flow_steps::FlowLink) -> bool| -> u64 {
                links.iter().filter(|link| joins(link)).map(|link| link.sessions).sum()
            };
            if step > 0 {
                assert_eq!(sum(&|link| link.step as usize + 1 == step && link.to == *place), *n, "into {place:?}");
            }
            if step + 1 < steps.len() && goes_on(place) {
                assert_eq!(sum(&|link| link.step as usize == step && link.from == *place), *n, "out of {place:?}");
            }
        }
    }
}

/// Settings that count other things than the defaults do.
fn presets() -> Vec<Settings> {
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/public/presets/reference.json");
    let preset = Settings::from_json(&std::fs::read_to_string(preset).unwrap()).unwrap();
    let listed = Settings::from_json(
        r#"{"goal": {"rule": "ends_at", "name": "At the checkout", "page": "/checkout"}, "templates": {"fold": false},
            "funnel": {"steps": "listed", "list": [{"name": "Cart", "any_of": [{"page": "/cart"}]},
                {"name": "Checkout", "any_of": [{"page": "/checkout"}, {"css": "button.place-order"}]}]}}"#,
    );
    vec![Settings::default(), preset, listed.unwrap()]
}

fn demo(events: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Demo::new(events, 3, true).write(&mut bytes).unwrap();
    bytes
}

fn check(bytes: &[u8], workers: &[usize]) {
    for settings in presets() {
        for workers in workers {
            let mut analysis = Analysis::finished(bytes, &settings, *workers);
            adds_up(&analysis.document());
            analysis.reconcile();
        }
    }
}

#[test]
fn what_is_told_early_stays_true() {
    let mut bytes = Vec::new();
    Demo::new(3000, 1, true).write(&mut bytes).unwrap();
    let mut analysis = Analysis::finished(&bytes, &Settings::default(), 3);
    let (early, all) = (&analysis.early[0], &analysis.documents[0]);
    let judged = |class: Class| early.pending.contains(&class);
    assert!(early.findings.len() > 3 && early.findings.iter().all(|finding| !judged(finding.class)));
    assert!(early.classes.iter().all(|class| !judged(class.class)));
    // What is found later stands between what is there, and changes nothing of it.
    let mut rest = all.clone();
    rest.findings.retain(|finding| !judged(finding.class));
    rest.classes.retain(|class| !judged(class.class));
    assert!(rest.findings.len() < all.findings.len() && rest.classes.len() < all.classes.len());
    rest.pending = early.pending.clone();
    assert_eq!(&rest, early);
    assert!(all.pending.is_empty());
    // Other settings are answered at once.
    let steps = analysis.conductor.analyse_again(Settings { exits: ExitsOf::AllSessions, ..Settings::default() });
    analysis.take(steps);
    analysis.run();
    assert_eq!((analysis.early.len(), analysis.documents.len()), (1, 2));
}

#[test]
fn the_demo_reconciles() {
    check(&demo(1_500), &[1, 2, 3]);
    check(&std::fs::read(miniature()).unwrap(), &[1, 2, 3]);
}

/// A list that names few of its sessions has a filter that finds them all.
#[test]
fn all_sessions_behind_a_finding_are_found() {
    let bytes = demo(6_000);
    let settings = Settings::from_json(
        r#"{"long_gap": {"min_gap_s": 45, "two_visits_gap_s": 120}, "quality": {"max_session_hours": 0.2},
            "page_error_rate": {"min_pairs": 60}}"#,
    )
    .unwrap();
    let (mut kinds, mut long) = (BTreeSet::new(), 0);
    for settings in [Settings::default(), settings] {
        let mut whole = Analysis::naming(&bytes, &settings, 2, None, u64::from(u32::MAX));
        whole.run();
        let whole = whole.document().findings;
        let mut analysis = Analysis::naming(&bytes, &settings, 3, None, 1);
        analysis.run();
        for (finding, whole) in analysis.document().findings.iter().zip(whole) {
            assert_eq!((finding.class, finding.session_count), (whole.class, whole.session_count));
            assert!(whole.filter.is_none() || whole.sessions.is_empty(), "{}", whole.title);
            let Some(filter) = &finding.filter else {
                assert_eq!(finding.sessions.len(), whole.sessions.len(), "{}", whole.title);
                continue;
            };
            let rows = analysis.list(filter.clone());
            assert_eq!(rows.total, finding.found_by_filter(), "{}", finding.title);
            if !whole.sessions.is_empty() {
                let found: BTreeSet<_> = rows.rows.into_iter().map(|row| (row.user, row.session)).collect();
                let named: BTreeSet<_> = whole.users.into_iter().zip(whole.sessions).collect();
                assert!(found == named || rows.total > u64::from(QUERY_ROWS), "{}", finding.title);
                long += 1;
            }
            let filter = serde_json::to_value(filter).unwrap();
            kinds.insert(format!("{} {}", filter["of"], filter["behind"]["rule"]));
        }
    }
    assert!(long > 20 && kinds.len() > 10, "{long} {kinds:?}");
}

#[test]
fn the_reference_file_reconciles() {
    if let Some(path) = reference() {
        check(&std::fs::read(path).unwrap(), &[2]);
    }
}

/// A flow with more pages than the screen gets of it.
#[test]
fn a_very_long_flow_lists_its_sessions() {
    let mut text = String::new();
    for (session, pages) in [("a", 700), ("b", 700), ("c", 701), ("d", 500)] {
        for event in 0..pages {
            let (minute, second) = (event / 60, event % 60);
            text.push_str(&format!(
                "{{\"session_id\":\"{session}\",\"path\":\"/{}\",\"event_time\":\"2025-01-01 00:{minute:02}:{second:02}\"}}\n",
                ["x", "y"][event % 2]
            ));
        }
    }
    let mut analysis = Analysis::finished(text.as_bytes(), &Settings::default(), 2);
    adds_up(&analysis.document());
    analysis.reconcile();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_file_reconciles(lines in lines()) {
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        // A file of nothing but damaged or blank lines has no results.
        prop_assume!(lines.iter().any(|(session, _)| *session != 99));
        check(text.join("\n").as_bytes(), &[1, 2, 3]);
    }
}

#[test]
fn tables_do_not_depend_on_partitions() {
    let bytes = demo(3_000);
    let settings = Settings::default();
    let mut analyses: Vec<Analysis> = [1, 2, 3].map(|n| Analysis::finished(&bytes, &settings, n)).into();
    for sort in [SessionSort::Start, SessionSort::Duration, SessionSort::Events, SessionSort::Errors] {
        for descending in [false, true] {
            let query = |limit| SessionQuery { sort, descending, limit, ..Default::default() };
            let all = analyses[0].query(query(100_000));
            assert_eq!(all.rows.len() as u64, all.total);
            let key = |row: &footpath::analysis::session_table::SessionRow| match sort {
                SessionSort::Start => row.start_us,
                SessionSort::Duration => row.duration_ms as i64,
                SessionSort::Events => row.events as i64,
                SessionSort::Errors => row.errors as i64,
            };
            let sorted = |a: i64, b: i64| if descending { a >= b } else { a <= b };
            assert!(all.rows.is_sorted_by(|a, b| sorted(key(a), key(b))));
            for limit in [0, 1, 7, 250, 1_000] {
                for analysis in &mut analyses {
                    let rows = analysis.query(query(limit));
                    assert_eq!(rows.total, all.total);
                    assert!(rows.rows == all.rows[..all.rows.len().min(limit as usize)], "{sort:?} {limit}");
                }
            }
        }
    }
}

#[test]
fn a_search_finds_by_id_path_and_text() {
    let bytes = demo(2_000);
    let events: Vec<serde_json::Value> =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let mut analysis = Analysis::finished(&bytes, &Settings::default(), 2);
    let find = |analysis: &mut Analysis, search: &str| {
        let rows = analysis.query(SessionQuery { search: search.into(), limit: QUERY_ROWS, ..Default::default() });
        assert_eq!(rows.rows.len() as u64, rows.total);
        let mut ids: Vec<String> = rows.rows.into_iter().map(|row| row.session).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let with = |fields: &[&str], search: &str| {
        let has = |event: &&serde_json::Value| {
            fields.iter().any(|field| event[field].as_str().unwrap_or("").to_lowercase().contains(search))
        };
        let id = |event: &serde_json::Value| event["session_id"].as_str().unwrap().to_string();
        let mut ids: Vec<String> = events.iter().filter(has).map(id).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let any = ["session_id", "user_id", "path", "css", "text"];
    let session = events[5]["session_id"].as_str().unwrap();
    assert_eq!(find(&mut analysis, session), [session]);
    assert_eq!(find(&mut analysis, &format!("  {}  ", session.to_uppercase())), [session]);
    let user = events[5]["user_id"].as_str().unwrap();
    assert_eq!(find(&mut analysis, user), with(&any, user));
    for search in ["rain-jacket", "place order", "div.error", "a1"] {
        assert_eq!(find(&mut analysis, search), with(&any, search), "{search}");
    }
    assert!(find(&mut analysis, "in no file").is_empty());
    // Pages by their templates, and how sessions ended, as the table shows them.
    let document = analysis.document();
    let listed = |analysis: &mut Analysis, filter: SessionFilter| {
        let mut ids: Vec<String> = analysis.list(filter).rows.into_iter().map(|row| row.session).collect();
        ids.sort();
        ids
    };
    let page = document.pages.iter().find(|page| page.page.contains(":slug")).unwrap().page.clone();
    assert_eq!(find(&mut analysis, &page), listed(&mut analysis, SessionFilter::Page { page }));
    assert_eq!(find(&mut analysis, "Reached the goal"), listed(&mut analysis, SessionFilter::Converted));
}

#[test]
fn only_the_last_query_is_answered() {
    let mut analysis = Analysis::finished(&demo(1_000), &Settings::default(), 3);
    let first = analysis.conductor.sessions(SessionQuery::default());
    analysis.take(first);
    let document = analysis.document();
    let rows = analysis.list(SessionFilter::Converted);
    assert_eq!(rows.total, document.goal.converted);
}

/// While results are computed again there is nothing that could answer.
#[test]
fn what_is_asked_during_an_analysis_waits_for_its_results() {
    let mut analysis = Analysis::finished(&demo(1_000), &Settings::default(), 3);
    let all = analysis.document().totals.sessions;
    let settings = Settings { salvage: false, ..Settings::default() };
    analysis.analyse_again(&settings);
    let steps = analysis.conductor.sessions(SessionQuery::default());
    analysis.take(steps);
    analysis.run();
    assert_eq!(analysis.rows.take().expect("the query is answered").total, all);
}

#[test]
fn an_analysis_again_is_like_a_fresh_one() {
    let bytes = demo(2_000);
    let presets = presets();
    for workers in [1, 2, 3] {
        let fresh: Vec<Vec<u8>> =
            presets.iter().map(|settings| Analysis::finished(&bytes, settings, workers).json()).collect();
        let mut analysis = Analysis::finished(&bytes, &presets[0], workers);
        for index in [1, 2, 0, 0, 1] {
            analysis.analyse_again(&presets[index]);
            analysis.run();
            assert!(analysis.json() == fresh[index], "settings {index}, {workers} workers");
        }
        analysis.reconcile();
    }
}

/// Wherever an analysis stands when other settings come, once or twice, the last ones hold.
#[test]
fn an_analysis_again_while_busy_is_like_a_fresh_one() {
    let bytes = demo(600);
    let presets = presets();
    let fresh = Analysis::finished(&bytes, &presets[1], 2).json();
    for steps_before in 0.. {
        let mut analysis = Analysis::start(&bytes, &presets[0], 2);
        let under_way = (0..steps_before).all(|_| analysis.step());
        analysis.analyse_again(&presets[2]);
        analysis.step();
        analysis.analyse_again(&presets[1]);
        analysis.run();
        assert!(analysis.json() == fresh, "after {steps_before} steps");
        assert!(analysis.exports.is_empty());
        if !under_way {
            break;
        }
    }
}

/// Whenever exports are asked for, each arrives, once, and is that of the last settings.
#[test]
fn early_exports_arrive_once() {
    let bytes = demo(600);
    let presets = presets();
    let fresh = Analysis::finished(&bytes, &presets[0], 2).json();
    for steps_before in 0.. {
        let mut analysis = Analysis::start(&bytes, &presets[0], 2);
        let under_way = (0..steps_before).all(|_| analysis.step());
        analysis.export(Export::Json);
        let sent = |(request, _): &(Request, _)| matches!(request, Request::Export { .. });
        if !analysis.waiting[0].iter().any(sent) {
            // Asked for again while it waits.
            analysis.export(Export::Json);
        }
        analysis.export(Export::Html);
        analysis.run();
        analysis.exports.sort_by_key(|(what, _)| *what == Export::Html);
        let what: Vec<Export> = analysis.exports.iter().map(|(what, _)| *what).collect();
        assert_eq!(what, [Export::Json, Export::Html], "after {steps_before} steps");
        assert!(analysis.exports[0].1 == fresh);
        if !under_way {
            break;
        }
    }
}
