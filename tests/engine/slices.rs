//! A question answered slice by slice has the answer of the whole.

use footpath::analysis::{Begun, Collected, Flagged, FunnelCounts, Plan, Survey};
use footpath::dataset::{Batch, Partition, Sessions};
use footpath::demo::Demo;
use footpath::engine::lead;
use footpath::engine::scan::ChunkScan;
use footpath::engine::worker::Reading;
use footpath::settings::Settings;

/// All three rounds of a partition, in slices of so many events; and how many slices there are.
fn rounds(
    partition: &Partition,
    sessions: &Sessions,
    slice_events: usize,
) -> (usize, Collected, FunnelCounts, Flagged) {
    let mut settings = Settings { salvage: false, ..Settings::default() };
    settings.long_gap.min_gap_s = 20.0;
    let survey = Survey::of(partition, sessions, true);
    let mut plan = Plan::new(&survey, &settings, 5, false);
    let mut lookup = plan.lookup(partition, sessions);
    lookup.slice_events = slice_events;
    let context = plan.context(partition, sessions, &lookup);
    let slices = context.slices();
    let (mut collected, mut begun) = (Collected::default(), Begun::default());
    (0..).take_while(|part| collected.add_part(*part, &mut begun, &context, &plan)).for_each(drop);
    plan.settle(&collected);
    let context = plan.context(partition, sessions, &lookup);
    (slices, collected, plan.funnel(&context), Flagged::of(&context, &plan))
}

#[test]
fn slices_do_not_matter() {
    let mut file = Vec::new();
    Demo::new(6_000, 7, true).write(&mut file).unwrap();
    let reading = Reading::new(1, &Settings::default(), Vec::new());
    let (_, batches) = ChunkScan::of_memory(&file, 0..file.len() as u64, &reading).unwrap();
    let mut partition = Partition::default();
    partition.absorb(Some(0), &lead::decode::<Batch>(&lead::encode_batches(batches).remove(0)));
    partition.complete(&[0]);
    let sessions = Sessions::build(&partition, false, None);
    let (one, collected, funnel, flagged) = rounds(&partition, &sessions, 1_000_000);
    assert_eq!(one, 1);
    assert!(flagged.long_gaps.any_sessions > 0 && funnel.sessions > 100, "the demo has something to find");
    for slice_events in [40, 700, 5_000] {
        let (slices, sliced, sliced_funnel, sliced_flagged) = rounds(&partition, &sessions, slice_events);
        assert!(slices > 1);
        assert_eq!(sliced, collected, "{slices} slices");
        assert_eq!(sliced_funnel, funnel, "{slices} slices");
        assert_eq!(sliced_flagged, flagged, "{slices} slices");
    }
}
