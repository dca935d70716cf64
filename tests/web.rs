//! The browser's side, in a browser: messages survive the way to a worker and back, and the views show what the
//! document holds.
#![cfg(target_arch = "wasm32")]

use footpath::analysis::{Source, SourceFile};
use footpath::dataset::Sample;
use footpath::dataset::batch::Batches;
use footpath::engine::conductor::Buffer;
use footpath::engine::protocol::Round;
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Reading;
use footpath::engine::{Reply, Request, Worker};
use footpath::settings::Settings;
use footpath::web::file_bytes::FileBytes;
use footpath::web::message::{JsBuffer, pack, unpack};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const MINIATURE: &[u8] = include_bytes!("fixtures/miniature.jsonl");

/// Packs and unpacks, as if a worker were in between.
fn passed_on<T: serde::Serialize + serde::de::DeserializeOwned>(body: &T) -> T {
    let (message, _) = pack(body, &[], &[]).unwrap();
    unpack::<T>(&message).unwrap().body
}

#[wasm_bindgen_test]
fn settings_survive_the_way_to_a_worker() {
    let preset = Settings::from_json(include_str!("../public/presets/reference.json")).unwrap();
    for settings in [Settings::default(), preset] {
        let request = Request::Begin {
            partition: 1,
            partitions: 3,
            chunks: 5,
            containers: Vec::new(),
            settings: Box::new(settings.clone()),
        };
        let Request::Begin { partitions, settings: arrived, .. } = passed_on(&request) else {
            panic!("another request")
        };
        assert_eq!((partitions, *arrived), (3, settings));
    }
}

#[wasm_bindgen_test]
fn buffers_are_passed_on_and_duplicated() {
    let buffer = JsBuffer::from_bytes(&[1, 2, 3]);
    assert_eq!(buffer.duplicate().to_bytes(), [1, 2, 3]);
    assert!(JsBuffer::from_bytes(&[]).is_empty());
    let (message, transfer) = pack(&Reply::Part { round: Round::Flag }, &[buffer], &[]).unwrap();
    assert_eq!(transfer.length(), 1);
    assert_eq!(unpack::<Reply>(&message).unwrap().buffers[0].to_bytes(), [1, 2, 3]);
}

/// The whole analysis by one worker in this thread; its document goes through a message.
#[wasm_bindgen_test]
fn results_survive_the_way_to_the_page() {
    let reading = Reading::new(1, &Settings::default(), Vec::new());
    let (read, batches) = ChunkScan::of_memory(MINIATURE, 0..MINIATURE.len() as u64, &reading).unwrap();
    assert_eq!((read.lines, read.events), (15, 11));

    let settings = Box::new(Settings::default());
    let mut worker = Worker::default();
    worker.handle(
        Request::Begin { partition: 0, partitions: 1, chunks: 1, containers: Vec::new(), settings: settings.clone() },
        &[],
    );
    let (reply, _) = worker.scanned(0, (read, batches));
    let Reply::Scanned { read, .. } = reply else { panic!("another reply") };
    let file = SourceFile { name: "m".into(), bytes: MINIATURE.len() as u64, lines: 15 };
    let source = Source { files: vec![file], ..Source::default() };
    worker.handle(Request::Lead { source, read, settings: settings.clone(), named_sessions: 100 }, &[]);
    let (_, mut part) = worker.handle(Request::Survey { lines_before: vec![0], settings }, &[]).unwrap();
    for round in [Round::Survey, Round::Collect] {
        let (reply, plan) = worker.handle(Request::Merge { round, tell: false }, &part).unwrap();
        let Reply::Next { round: next } = reply else { panic!("no plan") };
        part = worker.handle(Request::Answer { round: next }, &plan).unwrap().1;
    }
    worker.handle(Request::Merge { round: Round::Funnel, tell: false }, &part);
    let (_, part) = worker.handle(Request::Answer { round: Round::Flag }, &[]).unwrap();
    let (reply, _) = worker.handle(Request::Merge { round: Round::Flag, tell: false }, &part).unwrap();
    let Reply::Done { document } = &reply else { panic!("no document") };
    let Reply::Done { document: arrived } = passed_on(&reply) else { panic!("another reply") };
    // Messages carry numbers as they are written, with 9 digits.
    assert_eq!(footpath::report::json(&arrived), footpath::report::json(document));
    assert_eq!((arrived.totals.events, arrived.totals.sessions), (10, 4));
}

#[wasm_bindgen_test]
fn an_empty_batch_is_empty() {
    assert!(Batches::new(2, Sample::ALL, 0).finish().iter().all(Option::is_none));
}

/// Streams, and the slices of browsers that have none, give the same bytes.
#[wasm_bindgen_test]
async fn files_are_read_whole() {
    let bytes: Vec<u8> = (0..600_001u32).map(|at| (at % 251) as u8).collect();
    let parts: js_sys::Array = [js_sys::Uint8Array::from(bytes.as_slice())].iter().collect();
    let file = web_sys::File::new_with_u8_array_sequence(&parts, "f").unwrap();
    for (from, to) in [(0, 600_001), (1, 2), (262_144, 524_288), (100_000, 9_000_000), (5, 5), (700_000, 800_000)] {
        let ways = [FileBytes::open(&file, from, to).unwrap(), FileBytes::open_slices(&file, from, to).unwrap()];
        for mut way in ways {
            let (mut all, mut piece) = (Vec::new(), Vec::new());
            while way.next(&mut piece).await.unwrap() {
                all.extend_from_slice(&piece);
            }
            let end = bytes.len().min(to as usize);
            assert!(all == bytes[end.min(from as usize)..end], "{from}..{to}");
        }
    }
}

/// The app mounts, says what it does, and waits for a file.
#[wasm_bindgen_test]
async fn the_app_begins_idle() {
    leptos::mount::mount_to_body(footpath::ui::App);
    leptos::task::tick().await;
    let document = web_sys::window().unwrap().document().unwrap();
    let app = document.query_selector(".app").unwrap().unwrap();
    assert_eq!(app.get_attribute("data-state").as_deref(), Some("idle"));
    let link = document.query_selector("#link").unwrap().unwrap();
    assert!(link.get_attribute("type").as_deref() == Some("url"));
    assert!(app.text_content().unwrap().contains("Drop an events file here"));
}
