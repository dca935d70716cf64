//! Healthy files must seldom show a supported finding, by the calibration rule of the definitions, and planted problems
//! must be found: the quick form of `cargo bench --bench calibration`.

use footpath::settings::Settings;

use crate::known::{ALLOWED_PERCENT, INFERRING, PLANTS, Simulation, healthy_settings, planted, supported};
use crate::support::document;

#[test]
fn many_healthy_files_show_little() {
    let settings = healthy_settings();
    for (sessions, files) in [(30, 200), (300, 200), (3_000, 50)] {
        let mut alarms = [0; INFERRING.len()];
        for seed in 0..files {
            let document = document(Simulation::new(1_000 + seed).file(sessions).path(), &settings);
            for (class, alarms) in INFERRING.iter().zip(&mut alarms) {
                if let Some(finding) = supported(&document, *class) {
                    *alarms += 1;
                    eprintln!("{sessions} {seed}: {} {:?} {:?}", finding.title, finding.q, finding.cases.first());
                }
            }
        }
        for (class, alarms) in INFERRING.iter().zip(alarms) {
            assert!(alarms * 100 <= ALLOWED_PERCENT * files as usize, "{class:?}: {alarms} of {files}");
        }
    }
}

#[test]
fn planted_problems_are_found() {
    const FILES: u64 = 20;
    let mut told = [0; PLANTS.len()];
    for seed in 1..=FILES {
        for (plant, told) in PLANTS.iter().zip(&mut told) {
            let file = planted(plant.events, seed);
            *told += u64::from(plant.is_told(&document(file.path(), &Settings::default())));
        }
    }
    for (plant, told) in PLANTS.iter().zip(told) {
        assert!(told * 10 >= FILES * 8, "{}: told in {told} of {FILES} files", plant.what);
    }
}
