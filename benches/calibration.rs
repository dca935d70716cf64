//! How often healthy files show a supported finding, and how often planted problems are found, by class:
//! `cargo bench --bench calibration [-- FILES]`. Prints the two tables of docs/method.md; of the planted logs there are a
//! fifth as many.

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/engine/known.rs"]
mod known;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use footpath::engine::Export;
use footpath::engine::native::{Input, Options, analyse};
use footpath::report::Document;
use footpath::settings::Settings;

use known::{ALLOWED_PERCENT, INFERRING, PLANTS, Simulation, healthy_settings, planted, supported};

const FILES: u64 = 1_000;
const SESSIONS: [usize; 3] = [30, 300, 3_000];
const EVENTS: [u64; 3] = [2_000, 6_000, 20_000];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let files = arguments.next().map_or(FILES, |files| files.parse().expect("the argument is a number of files"));
    healthy(files);
    println!();
    power((files / 5).max(1));
}

fn healthy(files: u64) {
    let settings = healthy_settings();
    let shares = SESSIONS.map(|sessions| {
        share_of(files, INFERRING.len(), |seed, at| {
            let file = Simulation::new(1_000 + seed).file(sessions);
            let document = document(file.path(), &settings);
            INFERRING.iter().zip(at).for_each(|(class, alarms)| count(alarms, supported(&document, *class).is_some()));
        })
    });
    println!("Healthy files, of {files} of each size, with a supported finding (allowed: {ALLOWED_PERCENT} %)");
    println!("| class | {} |", SESSIONS.map(|sessions| format!("{sessions} sessions")).join(" | "));
    println!("| --- | --- | --- | --- |");
    for (at, class) in INFERRING.iter().enumerate() {
        println!(
            "| {} | {} |",
            class.slug(),
            shares.each_ref().map(|shares| format!("{:.1} %", shares[at] * 100.0)).join(" | ")
        );
    }
}

fn power(files: u64) {
    let shares = EVENTS.map(|events| {
        share_of(files, PLANTS.len(), |seed, at| {
            let file = planted(events, 1_000 + seed);
            let document = document(file.path(), &Settings::default());
            PLANTS.iter().zip(at).for_each(|(plant, told)| count(told, plant.is_told(&document)));
        })
    });
    println!("Planted logs, of {files} of each size, in which the problem is told (wanted: 80 %)");
    println!("| class | what is planted | as | {} |", EVENTS.map(|events| format!("{events} events")).join(" | "));
    println!("| --- | --- | --- | --- | --- | --- |");
    for (at, plant) in PLANTS.iter().enumerate() {
        let told = shares.each_ref().map(|shares| format!("{:.0} %", shares[at] * 100.0)).join(" | ");
        println!("| {} | {} | {:?} | {told} |", plant.class.slug(), plant.what, plant.strength);
    }
}

fn count(counter: &AtomicU64, yes: bool) {
    counter.fetch_add(u64::from(yes), Ordering::Relaxed);
}

/// The shares of so many files that `look` counts, by what it looks for; on all processors.
fn share_of(files: u64, kinds: usize, look: impl Fn(u64, &[AtomicU64]) + Sync) -> Vec<f64> {
    let counts: Vec<AtomicU64> = (0..kinds).map(|_| AtomicU64::new(0)).collect();
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < files) {
                    look(seed, &counts);
                }
            });
        }
    });
    counts.into_iter().map(|count| count.into_inner() as f64 / files as f64).collect()
}

fn document(path: &Path, settings: &Settings) -> Box<Document> {
    let options = Options { workers: 1, ..Options::new(settings.clone()) };
    analyse(&[Input::new(path)], &options, Export::Json, &mut |_| {}).expect("the file can be analysed").0
}
