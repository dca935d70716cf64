//! Files of which it is known what is wrong with them, and whether a report says so: for the tests and for
//! `cargo bench --bench calibration`, see docs/method.md.

use std::io::Write;

use footpath::demo::Demo;
use footpath::findings::{Class, Finding, Strength};
use footpath::report::Document;
use footpath::settings::Settings;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// Of a hundred healthy files, so many may show a supported finding of one class.
pub const ALLOWED_PERCENT: usize = 12;

/// The classes that infer: of the others every finding is a fact or a lead.
pub const INFERRING: [Class; 9] = [
    Class::LongGap,
    Class::SessionDuration,
    Class::PageErrorRate,
    Class::ErrorSpike,
    Class::HighActivity,
    Class::UnusualNavigation,
    Class::UnansweredClick,
    Class::ErrorImpact,
    Class::DropOffDriver,
];

/// The settings for healthy files: with a step before the goal, for the classes that look at who gives up there.
pub fn healthy_settings() -> Settings {
    let settings = r#"{"funnel": {"steps": "listed", "list": [{"name": "Cart", "any_of": [{"page": "/cart"}]},
        {"name": "Order", "any_of": [{"page": "/checkout", "text": "Place Order"}]}]}}"#;
    Settings::from_json(settings).expect("they are valid")
}

/// The supported finding of a class in a document, if there is one.
pub fn supported(document: &Document, class: Class) -> Option<&Finding> {
    document.findings_of(class).find(|finding| finding.strength == Strength::Supported)
}

/// A problem that `footpath demo --plant` plants, and the finding that tells it.
pub struct Plant {
    pub class: Class,
    /// How large it is.
    pub what: &'static str,
    pub strength: Strength,
    /// The finding's title holds this.
    pub title: &'static str,
    /// How many events a planted log needs for a power of at least 0.8.
    pub events: u64,
}

impl Plant {
    pub fn is_told(&self, document: &Document) -> bool {
        let tells = |finding: &Finding| finding.strength == self.strength && finding.title.contains(self.title);
        document.findings_of(self.class).any(tells)
    }
}

/// A log of the demo shop with its problems.
pub fn planted(events: u64, seed: u64) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file can be made");
    Demo::new(events, seed, true).write(&mut file).expect("it can be written");
    file
}

const fn plant(class: Class, what: &'static str, strength: Strength, title: &'static str, events: u64) -> Plant {
    Plant { class, what, strength, title, events }
}

pub const PLANTS: [Plant; 13] = [
    plant(Class::LongGap, "a slow page: 4 s more where 1 to 9 s are usual", Strength::Supported, "/cart", 2_000),
    plant(Class::LongGap, "a pause of 15 min in 1 of 211 sessions", Strength::Fact, "paused for", 6_000),
    plant(Class::SessionDuration, "over after 0 s in 1 of 283 sessions", Strength::Supported, "unusually short", 6_000),
    plant(
        Class::PageErrorRate,
        "an error at 24 % of the visits of a page, elsewhere at 4 %",
        Strength::Supported,
        "/checkout",
        2_000,
    ),
    plant(
        Class::ErrorSpike,
        "for 3 hours of 30 days 90 % of the sessions meet an error",
        Strength::Supported,
        "",
        20_000,
    ),
    plant(
        Class::HighActivity,
        "bots: 60 events a second apart in 1 of 307 sessions",
        Strength::Fact,
        "like a machine",
        6_000,
    ),
    plant(
        Class::UnusualNavigation,
        "pages in an order of their own in 1 of 401 sessions",
        Strength::Supported,
        "",
        6_000,
    ),
    plant(Class::RageClick, "4 clicks within 2 s in 1 of 223 sessions", Strength::Fact, "", 6_000),
    plant(
        Class::UnansweredClick,
        "a button that fails for 1 of 10 visitors, who click it once more",
        Strength::Supported,
        "button.filter",
        20_000,
    ),
    plant(Class::QuickBack, "1 s on a page in 1 of 251 sessions", Strength::Fact, "", 6_000),
    plant(Class::Loop, "back and forth between two pages in 1 of 241 sessions", Strength::Fact, "", 6_000),
    plant(
        Class::OrderRule,
        "checkout without cart in 1 of 227 sessions",
        Strength::Fact,
        "/checkout without /cart",
        6_000,
    ),
    plant(Class::ErrorImpact, "62 % give up after an error, 30 % without", Strength::Supported, "", 6_000),
];

const PAGES: [&str; 9] = ["/", "/search", "/products", "/item", "/cart", "/checkout", "/account", "/help", "/blog"];
/// Weights of the next page, by page; the last is to leave.
const NEXT: [[f64; 10]; 9] = [
    [0.0, 40.0, 30.0, 2.0, 2.0, 0.2, 4.0, 3.0, 6.0, 14.0],
    [3.0, 12.0, 20.0, 50.0, 1.0, 0.0, 0.5, 1.0, 0.5, 12.0],
    [4.0, 8.0, 4.0, 60.0, 4.0, 0.0, 0.5, 1.0, 0.5, 12.0],
    [3.0, 6.0, 25.0, 10.0, 35.0, 0.2, 0.5, 1.0, 0.0, 18.0],
    [2.0, 1.0, 10.0, 6.0, 3.0, 60.0, 1.0, 1.0, 0.0, 14.0],
    [2.0, 0.0, 0.5, 0.0, 8.0, 30.0, 6.0, 2.0, 0.0, 50.0],
    [15.0, 4.0, 6.0, 1.0, 2.0, 1.0, 20.0, 2.0, 0.5, 40.0],
    [20.0, 6.0, 4.0, 1.0, 1.0, 1.0, 3.0, 10.0, 2.0, 40.0],
    [14.0, 3.0, 8.0, 2.0, 0.0, 0.0, 0.5, 1.0, 30.0, 35.0],
];
const ENTRIES: [f64; 9] = [50.0, 4.0, 12.0, 10.0, 1.0, 0.3, 4.0, 5.0, 14.0];

/// Where sessions go and when; and on which elements, with which errors, which depends on nothing else.
pub struct Simulation(ChaCha8Rng, ChaCha8Rng);

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

impl Simulation {
    pub fn new(seed: u64) -> Simulation {
        Simulation(ChaCha8Rng::seed_from_u64(seed), ChaCha8Rng::seed_from_u64(seed + 1_000_000))
    }

    fn uniform(&mut self) -> f64 {
        uniform(&mut self.0)
    }

    /// The selector and text of an event on a page: a view, one of two elements, or, where the session comes to the page,
    /// sometimes an error. At the checkout one of the elements is the goal.
    fn element(&mut self, page: usize, first: bool) -> (String, &'static str) {
        match uniform(&mut self.1) {
            draw if first && draw < 0.03 => ("div.error-message".into(), "Service unavailable"),
            draw if draw < 0.30 => (String::new(), ""),
            draw if draw < 0.65 => (format!("a.link-{page}"), "More"),
            _ if PAGES[page] == "/checkout" => ("button.place-order".into(), "Place Order"),
            _ => (format!("button.main-{page}"), "Go on"),
        }
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(2.0 * core::f64::consts::PI * b)
    }

    fn pick(&mut self, weights: &[f64]) -> usize {
        let mut draw = self.uniform() * weights.iter().sum::<f64>();
        weights.iter().position(|weight| (draw < *weight, draw -= weight).0).unwrap_or(weights.len() - 1)
    }

    /// A healthy file of so many sessions.
    pub fn file(&mut self, sessions: usize) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
        let (mut session, mut user) = (0, 0);
        let mut lines = Vec::new();
        while session < sessions {
            let leaves = libm::exp(self.normal());
            for _ in 0..1 + (self.uniform() * 5.0) as usize {
                if session < sessions {
                    self.session(user, session, leaves, &mut lines);
                    session += 1;
                }
            }
            user += 1;
        }
        lines.sort();
        lines.iter().for_each(|(_, line)| writeln!(file, "{line}").unwrap());
        file
    }

    fn session(&mut self, user: usize, session: usize, leaves: f64, lines: &mut Vec<(i64, String)>) {
        // More at noon than at night.
        let second_of_day = loop {
            let share = self.uniform();
            if self.uniform() < 0.55 - 0.45 * libm::cos(2.0 * core::f64::consts::PI * share) {
                break share * 86_400.0;
            }
        };
        let day = (self.uniform() * 14.0) as i64;
        let mut second = 1_740_960_000 + day * 86_400 + second_of_day as i64;
        let mut page = self.pick(&ENTRIES);
        let mut visited = [false; PAGES.len()];
        loop {
            let time = footpath::ingest::time::format(second * 1_000_000, false).replace('T', " ");
            let (css, text) = self.element(page, !std::mem::replace(&mut visited[page], true));
            let line = format!(
                r#"{{"uuid":"{}","user_id":"u{user}","session_id":"s{session}","path":"{}","css":"{css}","text":"{text}","value":"","event_time":"{time}"}}"#,
                lines.len(),
                PAGES[page]
            );
            lines.push((second, line));
            let mut weights = NEXT[page];
            weights[9] *= leaves;
            page = self.pick(&weights);
            if page == 9 {
                return;
            }
            second += libm::round(libm::exp(libm::log(8.0) + 0.9 * self.normal())) as i64;
        }
    }
}
