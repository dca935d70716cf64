//! A deterministic shop: events as a small shop would record them, for the demo button, benches and tests.
//!
//! The same number of events, seed and plant always give the same bytes, on every machine: a counter-based
//! generator (ChaCha8), whole-number arithmetic for every choice, and one fixed date. Sessions start at random,
//! in a daily rhythm, and overlap, so that their events stand mixed as in a real log. Users come back.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::ingest::time;

/// First moment of the demo: 2025-03-03 00:00:00, in seconds since 1970.
const FIRST_SECOND: i64 = 1_740_960_000;
/// Fewer than a session has on average, so that the sessions of all days have more events than any log needs.
const EVENTS_PER_SESSION: u64 = 5;
const DAYS: u64 = 30;
const DAY: u64 = 86_400;

/// In a planted log the list of products often fails from this second on ...
const OUTAGE_START: i64 = FIRST_SECOND + (12 * DAY + 18 * 3600) as i64;
/// ... to this.
const OUTAGE_END: i64 = OUTAGE_START + 3 * 3600;
/// In a planted log people stay so many seconds longer on the slow page.
const SLOWER: i64 = 4;
const SLOW_PAGE: &str = "/cart";

/// Of a thousand visits of the demo, how many start in each hour of the day.
const HOURS: [u64; 24] = [8, 5, 4, 3, 4, 8, 18, 32, 46, 55, 60, 62, 64, 60, 56, 54, 54, 56, 62, 74, 80, 68, 44, 23];

const PRODUCTS: [&str; 40] = [
    "trail-shoes",
    "rain-jacket",
    "head-torch",
    "day-pack",
    "water-filter",
    "wool-socks",
    "trekking-poles",
    "sun-hat",
    "sleeping-mat",
    "down-vest",
    "gas-stove",
    "map-case",
    "first-aid-kit",
    "insulated-flask",
    "tent-pegs",
    "bivvy-bag",
    "gaiters",
    "compass",
    "dry-sack",
    "camp-chair",
    "fleece-jumper",
    "hiking-shorts",
    "mess-tin",
    "bug-net",
    "power-bank",
    "rope-20m",
    "climbing-gloves",
    "ski-goggles",
    "snow-shoes",
    "thermal-shirt",
    "travel-towel",
    "repair-tape",
    "whistle",
    "fire-steel",
    "hammock",
    "trail-mix",
    "energy-bars",
    "knife",
    "binoculars",
    "guide-book",
];

const SEARCHES: [&str; 8] = ["shoes", "jacket", "tent", "stove", "socks", "backpack", "lamp", "gift"];

/// What a visitor does at one moment.
#[derive(Clone, Copy)]
struct Action {
    path: &'static str,
    /// Index into [`PRODUCTS`], where the path is a product's.
    product: Option<usize>,
    css: &'static str,
    text: &'static str,
    value: &'static str,
}

/// An event that is still to be written, sorted by time and then by the order in which it was made.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    second: i64,
    order: u64,
    user: u64,
    session: u64,
    action: usize,
}

/// The generator.
pub struct Demo {
    random: ChaCha8Rng,
    events: u64,
    seed: u64,
    plant: bool,
}

impl Demo {
    /// A shop's log of exactly so many lines. `plant` adds the problems that the analysis is to find.
    pub fn new(events: u64, seed: u64, plant: bool) -> Demo {
        Demo { random: ChaCha8Rng::seed_from_u64(seed), events, seed, plant }
    }

    /// Writes the log.
    pub fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let sessions = self.events / EVENTS_PER_SESSION + 40;
        let users = (sessions / 3).max(1);
        let mut pending: BinaryHeap<Reverse<Pending>> = BinaryHeap::new();
        let mut actions: Vec<Action> = Vec::new();
        let mut free: Vec<usize> = Vec::new();
        let (mut written, mut order, mut session) = (0, 0, 0u64);
        let mut next_start = self.start_of(0, sessions);
        while written < self.events {
            // Begin the sessions that start before the next event that is due.
            while session < sessions && pending.peek().is_none_or(|Reverse(event)| event.second >= next_start) {
                let user = self.below(users);
                let mut second = next_start;
                for (gap, action) in self.visit(session, second) {
                    second += gap;
                    let slot = free.pop().unwrap_or(actions.len());
                    if slot == actions.len() {
                        actions.push(action)
                    } else {
                        actions[slot] = action
                    }
                    order += 1;
                    pending.push(Reverse(Pending { second, order, user, session, action: slot }));
                }
                session += 1;
                next_start = self.start_of(session, sessions);
            }
            let Some(Reverse(event)) = pending.pop() else { break };
            free.push(event.action);
            written += self.line(out, &event, &actions[event.action], self.events - written)?;
        }
        out.flush()
    }

    /// When a session starts: spread over the days, by the rhythm of the hours, a little random.
    fn start_of(&mut self, session: u64, sessions: u64) -> i64 {
        let point = (session * 1000 + self.below(1000)).min(sessions * 1000 - 1);
        let day = point * DAYS / (sessions * 1000);
        let within = point * DAYS % (sessions * 1000);
        let total: u64 = HOURS.iter().sum();
        let mut rest = within * total;
        let mut hour = 0;
        while rest >= HOURS[hour] * sessions * 1000 {
            rest -= HOURS[hour] * sessions * 1000;
            hour += 1;
        }
        let second = hour as u64 * 3600 + rest * 3600 / (HOURS[hour] * sessions * 1000);
        FIRST_SECOND + (day * DAY + second) as i64
    }

    /// One visit: what is done, each with the seconds since the action before.
    fn visit(&mut self, session: u64, start: i64) -> Vec<(i64, Action)> {
        let planted = self.plant.then(|| planted_visit(session)).flatten();
        if let Some(visit) = planted {
            return visit;
        }
        let outage = self.plant && (OUTAGE_START..OUTAGE_END).contains(&start);
        let mut visit = Visit { demo: self, actions: Vec::new(), outage };
        visit.shop();
        visit.actions
    }

    /// Writes one event, and in a planted log sometimes what goes wrong with it. Returns the lines written.
    fn line(&mut self, out: &mut dyn Write, event: &Pending, action: &Action, room: u64) -> io::Result<u64> {
        let id = self.uuid(1, event.order);
        let (user, session) = (self.uuid(2, event.user), self.uuid(3, event.session));
        let path = match action.product {
            Some(product) => format!("/products/{}", PRODUCTS[product]),
            None => action.path.to_string(),
        };
        let time = time::format(event.second * 1_000_000, false).replace('T', " ");
        let (text, value) = (action.text, action.value);
        if self.plant && event.order.is_multiple_of(997) {
            // A CSV quoting error on its way here: the time stands in the text.
            writeln!(
                out,
                r#"{{"uuid": "{id}", "user_id": "{user}", "session_id": "{session}", "path": "{path}", "css": "{}", "text": "{text} 12\\\",\",{time}\"", "value": "", "event_time": null}}"#,
                action.css
            )?;
            return Ok(1);
        }
        if self.plant && event.order.is_multiple_of(1499) {
            writeln!(out, r#"{{"uuid": "{id}", "user_id": "{user}", "session_id": "{session}", "path": "{path}""#)?;
            return Ok(1);
        }
        let line = format!(
            r#"{{"uuid": "{id}", "user_id": "{user}", "session_id": "{session}", "path": "{path}", "css": "{}", "text": "{text}", "value": "{value}", "event_time": "{time}"}}"#,
            action.css
        );
        writeln!(out, "{line}")?;
        if self.plant && event.order.is_multiple_of(1201) && room > 1 {
            writeln!(out, "{line}")?;
            return Ok(2);
        }
        Ok(1)
    }

    fn uuid(&self, kind: u64, number: u64) -> String {
        // A mixing function (SplitMix64's), so that ids look random and need no memory.
        let mix = |salt: u64| {
            let mut x = number.wrapping_add(self.seed << 40).wrapping_add((kind * 2 + salt) << 56);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        };
        let (a, b) = (mix(0), mix(1));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            0x8000 | b >> 48 & 0x3fff,
            b & 0xffff_ffff_ffff
        )
    }

    /// A number below `n`, each as likely (up to one in 2^32).
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.random.next_u64()) * u128::from(n)) >> 64) as u64
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const fn at(path: &'static str, css: &'static str, text: &'static str) -> Action {
    Action { path, product: None, css, text, value: "" }
}

/// A visit in the making.
struct Visit<'d> {
    demo: &'d mut Demo,
    actions: Vec<(i64, Action)>,
    /// The list of products often fails.
    outage: bool,
}

impl Visit<'_> {
    /// Adds an action; seconds between actions are skewed as real ones are.
    fn act(&mut self, action: Action) {
        let a = self.demo.below(9);
        let b = self.demo.below(9);
        let long = if self.demo.chance(3) { self.demo.below(90) } else { 0 };
        let slower = match self.actions.last() {
            Some((_, before)) if self.demo.plant && before.path == SLOW_PAGE => SLOWER,
            _ => 0,
        };
        let gap = if self.actions.is_empty() { 0 } else { 1 + (a.min(b) + long) as i64 + slower };
        self.actions.push((gap, action));
    }

    fn act_on(&mut self, product: usize, css: &'static str, text: &'static str, value: &'static str) {
        self.act(Action { path: "", product: Some(product), css, text, value });
    }

    fn shop(&mut self) {
        match self.demo.below(10) {
            0..5 => self.act(at("/", ".nav-logo", "Home")),
            5..7 => self.act(at("/blog", ".blog-post", "Ten winter walks")),
            7..9 => self.act(at("/promo", "a.promo-banner", "Spring sale")),
            _ => self.act(at("/help", "button.help", "Help")),
        }
        if self.demo.chance(12) {
            return;
        }
        if self.demo.chance(85) {
            let term = SEARCHES[self.demo.below(SEARCHES.len() as u64) as usize];
            self.act(Action { path: "/", product: None, css: "#search-bar", text: "Search", value: term });
            if self.demo.chance(4) {
                self.act(at("/products", "div.error-message", "No results"));
                if self.demo.chance(50) {
                    return;
                }
            }
        }
        if self.demo.plant && self.list_goes_wrong() {
            return;
        }
        let mut carted = false;
        for _ in 0..1 + self.demo.below(3) {
            let product = self.demo.below(PRODUCTS.len() as u64);
            let product = self.demo.below(product + 1) as usize;
            self.act(Action {
                path: "/products",
                product: None,
                css: ".product-card",
                text: PRODUCTS[product],
                value: "",
            });
            if self.demo.chance(30) {
                self.act_on(product, "a.reviews", "Reviews", "");
            }
            if self.demo.chance(55) {
                self.act_on(product, "button.add-to-cart", "Add to Cart", "");
                carted = true;
                break;
            }
            self.act_on(product, "a.gallery", "More pictures", "");
        }
        if !carted || self.demo.chance(15) {
            return;
        }
        self.act(at("/cart", "button.checkout", "Proceed to Checkout"));
        if self.demo.chance(10) {
            return;
        }
        self.check_out();
    }

    /// The list of products of a planted log: its filter does not answer one visitor in ten, and people click it once more
    /// and give up; and for some hours it often fails. Returns whether the visit ends here.
    fn list_goes_wrong(&mut self) -> bool {
        const FILTER: Action = at("/products", "button.filter", "In stock only");
        if self.outage && self.demo.chance(90) {
            self.act(at("/products", "div.error-message", "Service unavailable"));
        }
        if !self.demo.chance(40) {
            return false;
        }
        self.act(FILTER);
        let broken = self.demo.chance(10);
        if broken {
            self.act(FILTER);
        }
        broken
    }

    fn check_out(&mut self) {
        self.act(Action {
            path: "/checkout",
            product: None,
            css: "#shipping-address",
            text: "Address",
            value: "1 Demo Street",
        });
        let error = if self.demo.plant { 24 } else { 3 };
        if self.demo.chance(error) {
            let text = ["Payment declined", "Payment gateway timeout", "Invalid postcode"][self.demo.below(3) as usize];
            self.act(at("/checkout", "div.error-message", text));
            if self.demo.chance(45) {
                return;
            }
            self.act(at("/checkout", "button.retry", "Try again"));
        }
        match self.demo.below(10) {
            0..7 => self.act(at("/checkout", "button.place-order", "Place Order")),
            7 => self.act(at("/checkout", "button.cancel-order", "Cancel Order")),
            8 => self.act(at("/account", "button.logout", "Log out")),
            _ => {}
        }
    }
}

/// Visits of a planted log that go wrong as a whole: one in so many sessions each.
fn planted_visit(session: u64) -> Option<Vec<(i64, Action)>> {
    const LOGO: Action = at("/", ".nav-logo", "Home");
    const CARD: Action = at("/products", ".product-card", "trail-shoes");
    const CHECKOUT: Action = at("/cart", "button.checkout", "Proceed to Checkout");
    const ORDER: Action = at("/checkout", "button.place-order", "Place Order");
    let add = Action { path: "", product: Some(0), css: "button.add-to-cart", text: "Add to Cart", value: "" };
    let look = Action { path: "", product: Some(1), css: "a.reviews", text: "Reviews", value: "" };
    match session {
        // A long pause before the order.
        session if session % 211 == 17 => Some(vec![(0, LOGO), (5, CARD), (6, add), (4, CHECKOUT), (900, ORDER)]),
        // Two visits under one session id.
        session if session % 431 == 131 => Some(vec![(0, LOGO), (5, CARD), (10_800, CARD), (6, add), (4, CHECKOUT)]),
        // Over before it began.
        session if session % 283 == 103 => Some(vec![(0, LOGO), (0, CARD)]),
        // Clicks the same button again and again.
        session if session % 223 == 31 => {
            Some(vec![(0, LOGO), (4, CARD), (5, add), (3, CHECKOUT), (1, CHECKOUT), (0, CHECKOUT), (1, CHECKOUT)])
        }
        // A machine: many events, evenly spaced.
        session if session % 307 == 43 => {
            Some((0..60).map(|n| (i64::from(n > 0), if n % 2 == 0 { CARD } else { look })).collect())
        }
        // Back and forth between list and product.
        session if session % 241 == 59 => {
            Some(vec![(0, LOGO), (3, CARD), (2, look), (2, CARD), (3, look), (2, CARD), (2, look)])
        }
        // Sees a product, and goes back at once.
        session if session % 251 == 47 => {
            let view = Action { path: "", product: Some(2), css: "", text: "", value: "" };
            Some(vec![(0, LOGO), (3, CARD), (2, view), (1, CARD), (4, look), (6, add)])
        }
        // Checkout without a cart.
        session if session % 227 == 71 => {
            Some(vec![(0, LOGO), (2, at("/checkout", "div.error-message", "Cart is empty"))])
        }
        // A path nobody else takes.
        session if session % 401 == 89 => Some(vec![
            (0, at("/help", "button.help", "Help")),
            (3, ORDER),
            (2, at("/blog", ".blog-post", "Ten winter walks")),
        ]),
        _ => None,
    }
}
