//! Results of a part of the file: a sample of its sessions, or what memory sufficed for.

use footpath::dataset::Sample;
use footpath::demo::Demo;
use footpath::engine::memory::MemoryLimit;
use footpath::report::Document;
use footpath::settings::Settings;

use crate::reconcile::Analysis;

fn demo() -> Vec<u8> {
    let mut bytes = Vec::new();
    Demo::new(20_000, 3, true).write(&mut bytes).unwrap();
    bytes
}

fn document(bytes: &[u8], settings: &Settings, workers: usize) -> Document {
    serde_json::from_slice(&Analysis::finished(bytes, settings, workers).json()).unwrap()
}

/// What the two say of sessions and events; lines have other numbers, and the file another name and size.
fn assert_same_answers(one: &Document, other: &Document) {
    let totals = |document: &Document| {
        let totals = &document.totals;
        (totals.events, totals.sessions, totals.users, totals.salvaged, totals.duplicates)
    };
    assert_eq!(totals(one), totals(other));
    assert_eq!(one.goal, other.goal);
    assert_eq!(one.funnel, other.funnel);
    assert_eq!(one.pages, other.pages);
    assert_eq!(one.flows, other.flows);
    assert_eq!(one.durations, other.durations);
    assert_eq!(one.entries, other.entries);
}

#[test]
fn a_sample_is_the_file_with_these_sessions_only() {
    let bytes = demo();
    let settings = Settings { sample: 0.3, ..Settings::default() };
    let sampled = document(&bytes, &settings, 2);
    let sample = Sample::of_share(0.3);
    let in_sample = |line: &&[u8]| {
        let record: Option<serde_json::Value> = serde_json::from_slice(line).ok();
        record.is_some_and(|record| record["session_id"].as_str().is_some_and(|id| sample.holds(id)))
    };
    let mut kept: Vec<u8> = Vec::new();
    bytes.split_inclusive(|byte| *byte == b'\n').filter(in_sample).for_each(|line| kept.extend_from_slice(line));
    let of_kept = document(&kept, &Settings::default(), 2);
    assert_same_answers(&sampled, &of_kept);
    let totals = &sampled.totals;
    assert!(totals.outside_sample > totals.events, "{} of {}", totals.outside_sample, totals.events);
    assert_eq!(
        totals.events + totals.rejected + totals.duplicates + totals.blank + totals.outside_sample,
        sampled.source.lines
    );
    assert!(
        sampled.headline.part[0].starts_with("This is a sample of 30\u{a0}% of the sessions"),
        "{:?}",
        sampled.headline
    );
    assert!(sampled.accounting().contains("of sessions outside the sample"), "{}", sampled.accounting());
    assert!(of_kept.headline.part.is_empty());
    // Whoever reads what.
    for workers in [1, 3, 8] {
        let again = document(&bytes, &settings, workers);
        assert_same_answers(&sampled, &again);
        assert_eq!(sampled.headline, again.headline);
    }
    // A record that is none of a session is counted anyway: nobody can tell whether it was in the sample.
    let all = document(&bytes, &Settings::default(), 2);
    assert_eq!(totals.rejected, all.totals.rejected);
}

#[test]
fn the_number_of_all_sessions_is_within_its_interval() {
    let bytes = demo();
    let all = document(&bytes, &Settings::default(), 1).totals.sessions;
    let sampled = document(&bytes, &Settings { sample: 0.5, ..Settings::default() }, 1);
    let sentence = &sampled.headline.part[0];
    let (_, interval) = sentence.split_once('(').unwrap();
    let (low, rest) = interval.split_once(" to ").unwrap();
    let (high, _) = rest.split_once(')').unwrap();
    let number = |text: &str| text.replace(',', "").parse::<u64>().unwrap();
    assert!((number(low)..=number(high)).contains(&all), "{all}: {sentence}");
}

#[test]
fn what_memory_suffices_for_is_the_beginning_of_the_file() {
    let bytes = demo();
    // Chunks are a third of the file: with one worker, two are asked for before the first has been read.
    let limit = MemoryLimit { all: 999, each: 10_000, without_events: 0 };
    let mut analysis = Analysis::limited(&bytes, &Settings::default(), 1, Some(limit));
    analysis.run();
    let part: Document = serde_json::from_slice(&analysis.json()).unwrap();
    let read = (bytes.len() as u64 - part.source.unread_bytes) as usize;
    assert!(part.source.unread_bytes > 0 && read > bytes.len() / 2, "{read} of {}", bytes.len());
    // The line in which it ends began before.
    let end = read + bytes[read..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let cut = document(&bytes[..end], &Settings::default(), 1);
    assert_same_answers(&part, &cut);
    assert_eq!(part.source.lines, cut.source.lines);
    assert_eq!(part.source.bytes, bytes.len() as u64);
    // Nine tenths of what was read.
    assert_eq!(part.source.sample_that_fits, Some(0.59));
    assert!(
        part.headline.part[0].starts_with("Only the first 67\u{a0}% of events.jsonl were read"),
        "{:?}",
        part.headline
    );

    // One worker that has too much is enough; and what suffices changes nothing.
    let each = MemoryLimit { all: 1_000_000, each: 999, without_events: 0 };
    let mut analysis = Analysis::limited(&bytes, &Settings::default(), 1, Some(each));
    analysis.run();
    let of_each: Document = serde_json::from_slice(&analysis.json()).unwrap();
    assert_eq!(of_each.source.unread_bytes, part.source.unread_bytes);
    let enough = MemoryLimit { all: 1_000_000, each: 1_000_000, without_events: 0 };
    let mut analysis = Analysis::limited(&bytes, &Settings::default(), 2, Some(enough));
    analysis.run();
    assert_eq!(analysis.json(), Analysis::finished(&bytes, &Settings::default(), 2).json());
}

#[test]
fn the_report_says_of_what_part_it_is() {
    let bytes = demo();
    let sampled = document(&bytes, &Settings { sample: 0.3, ..Settings::default() }, 1);
    let html = footpath::report::html(&sampled, &[]);
    assert!(html.contains("This is a sample of 30\u{a0}% of the sessions"));
    assert!(html.contains("<dt>sessions in the sample</dt>"));
    let text = footpath::report::text(&sampled);
    assert!(text.contains("This is a sample of 30\u{a0}% of the sessions"), "{text}");
}
