//! One worker of the pool: a reader of chunks and the owner of a partition; the first is also the lead.

use std::collections::HashSet;

use serde::Serialize;

use crate::analysis::context::{Context, Lookup};
use crate::analysis::session_table::SessionRows;
use crate::analysis::storyboard::Storyboard;
use crate::analysis::{Begun, Collected, Flagged, FunnelCounts, Plan, ReadCounts, Survey};
use crate::dataset::nameless::Claim;
use crate::dataset::partition::RowOrder;
use crate::dataset::{Batch, Building, Partition, Sample, Sessions};
use crate::demo::Demo;
use crate::engine::lead::{Lead, decode, decode_plan, encode, encode_batches};
use crate::engine::protocol::{Reply, Request, Round};
use crate::ingest::form::Container;
use crate::settings::{Mapping, Settings};

/// The demo button always shows the same shop.
const DEMO_SEED: u64 = 1;

/// Events that a storyboard shows at most.
const STORY_EVENTS: usize = 10_000;
/// The same in the report, which shows many of them.
const REPORT_EVENTS: usize = 40;

/// What a reader of chunks needs to know, see [`Request::Scan`].
pub struct Reading {
    pub partitions: usize,
    pub mapping: Mapping,
    pub sample: Sample,
    /// How records stand in each file.
    pub containers: Vec<Container>,
}

impl Reading {
    pub fn new(partitions: usize, settings: &Settings, containers: Vec<Container>) -> Reading {
        let sample = Sample::of_share(settings.sample);
        Reading { partitions, mapping: settings.mapping.clone(), sample, containers }
    }

    /// How records stand in the file with this number.
    pub fn container(&self, file: usize) -> &Container {
        self.containers.get(file).unwrap_or(&Container::JsonLines)
    }
}

/// A reply with its buffers; some requests need none.
pub type Answer = Option<(Reply, Vec<Vec<u8>>)>;

/// A request that is being carried out: what is left to do.
pub enum Work {
    /// Putting the rows in order.
    Order(RowOrder),
    /// Building the sessions.
    Build(Option<Building>),
    Survey,
    /// The questions from this one on, with the answers to those before.
    Collect(usize, Box<(Collected, Begun)>),
    /// The slices from this one on, with the counts of those before.
    Funnel(usize, Box<FunnelCounts>),
    /// The classes from this one on, with what was found of those before.
    Flag(usize, Box<Flagged>),
    /// The slices from this one on, with the storyboards of those before.
    Evidence(usize, Vec<Storyboard>),
}

/// What a step came to.
pub enum Next {
    More(Work),
    Done(Answer),
}

fn part(round: Round, found: &impl Serialize) -> Next {
    Next::Done(Some((Reply::Part { round }, vec![encode(found)])))
}

/// The state of a worker. Requests that need the files ([`Request::Scan`], [`Request::Hash`]) or time between them
/// ([`Request::WarmUp`]) are the caller's: it knows how to read and to wait.
#[derive(Default)]
pub struct Worker {
    /// Which of the partitions this is.
    index: usize,
    partitions: usize,
    settings: Settings,
    containers: Vec<Container>,
    partition: Partition,
    sessions: Sessions,
    plan: Option<Plan>,
    /// Made for the first plan of an analysis, and good for all that follow from it.
    lookup: Option<Lookup>,
    lead: Option<Lead>,
}

impl Worker {
    /// What a reader of chunks needs.
    pub fn reading(&self) -> Reading {
        Reading::new(self.partitions, &self.settings, self.containers.clone())
    }

    /// Bytes of memory that are set aside for events to come, see [`Partition::unused_bytes`].
    pub fn unused_bytes(&self) -> usize {
        self.partition.unused_bytes()
    }

    /// What a chunk gave that this worker has read: its own batch it takes in, the others go on their way.
    pub fn scanned(
        &mut self,
        chunk: u32,
        (read, mut batches): (ReadCounts, Vec<Option<Batch>>),
    ) -> (Reply, Vec<Vec<u8>>) {
        if let Some(own) = batches.get_mut(self.index).and_then(Option::take) {
            self.partition.absorb(Some(chunk), &own);
        }
        (Reply::Scanned { chunk, read: Box::new(read) }, encode_batches(batches))
    }

    /// Carries a request out. Some need no reply.
    pub fn handle(&mut self, request: Request, buffers: &[Vec<u8>]) -> Answer {
        let mut next = self.begin(request, buffers);
        loop {
            match next {
                Next::Done(answer) => return answer,
                Next::More(work) => next = self.go_on(work),
            }
        }
    }

    /// Begins to carry a request out. What takes long is done in steps: a browser ends a worker between two tasks only,
    /// and each step may be a task of its own.
    pub fn begin(&mut self, request: Request, buffers: &[Vec<u8>]) -> Next {
        match request {
            Request::Survey { lines_before, settings } => {
                self.settings = *settings;
                (self.plan, self.lookup) = (None, None);
                Next::More(match self.partition.number_lines(&lines_before) {
                    Some(order) => Work::Order(order),
                    None => Work::Build(None),
                })
            }
            Request::Answer { round } => {
                if let Some(plan) = buffers.first() {
                    self.plan = Some(decode_plan(plan));
                }
                Next::More(match round {
                    Round::Collect => Work::Collect(0, Box::default()),
                    Round::Flag => Work::Flag(0, Box::default()),
                    Round::Survey => Work::Survey,
                    Round::Funnel => Work::Funnel(0, Box::default()),
                    Round::Evidence => Work::Evidence(0, Vec::new()),
                })
            }
            other => Next::Done(self.answer(other, buffers)),
        }
    }

    /// Does the next step of what was begun.
    pub fn go_on(&mut self, work: Work) -> Next {
        match work {
            Work::Order(mut order) => {
                let more = self.partition.advance(&mut order);
                return Next::More(if more { Work::Order(order) } else { Work::Build(None) });
            }
            Work::Build(None) => {
                // Those before are not needed any more.
                self.sessions = Sessions::default();
                let split_after_us = self.settings.split_after_us();
                let building = Building::new(&self.partition, self.settings.salvage, split_after_us);
                return Next::More(Work::Build(Some(building)));
            }
            Work::Build(Some(mut building)) => {
                let Some(sessions) = building.advance(&self.partition) else {
                    return Next::More(Work::Build(Some(building)));
                };
                self.sessions = sessions;
                return Next::More(Work::Survey);
            }
            Work::Survey => {
                let survey = Survey::of(&self.partition, &self.sessions, self.settings.quality.mask_personal);
                return part(Round::Survey, &survey);
            }
            _ => {}
        }
        let Some(plan) = &self.plan else { return Next::Done(None) };
        let Some(lookup) = &self.lookup else {
            self.lookup = Some(plan.lookup(&self.partition, &self.sessions));
            return Next::More(work);
        };
        let context = plan.context(&self.partition, &self.sessions, lookup);
        match work {
            Work::Collect(question, mut found) => {
                let (all, begun) = &mut *found;
                match all.add_part(question, begun, &context, plan) {
                    true => Next::More(Work::Collect(question + 1, found)),
                    false => part(Round::Collect, all),
                }
            }
            Work::Flag(class, mut all) => match all.add_part(class, &context, plan) {
                true => Next::More(Work::Flag(class + 1, all)),
                false => part(Round::Flag, &*all),
            },
            Work::Funnel(slice, mut all) => match plan.add_funnel(&mut all, slice, &context) {
                true => Next::More(Work::Funnel(slice + 1, all)),
                false => part(Round::Funnel, &*all),
            },
            Work::Evidence(slice, mut boards) if slice < context.slices() => {
                boards.extend(boards_of(&context.slice(slice, context.slices()), plan));
                Next::More(Work::Evidence(slice + 1, boards))
            }
            Work::Evidence(_, boards) => part(Round::Evidence, &boards),
            Work::Order(_) | Work::Build(_) | Work::Survey => Next::Done(None),
        }
    }

    fn answer(&mut self, request: Request, buffers: &[Vec<u8>]) -> Answer {
        match request {
            Request::Begin { partition, partitions, chunks, containers, settings } => {
                *self = Worker {
                    index: partition as usize,
                    partitions: partitions as usize,
                    settings: *settings,
                    containers,
                    partition: Partition::of_chunks(chunks as usize),
                    ..Worker::default()
                };
                None
            }
            Request::Absorb { chunk } => {
                self.partition.absorb(chunk, &decode(&buffers[0]));
                None
            }
            Request::Nameless { lines_before } => {
                self.partition.complete(&lines_before);
                Some((Reply::Nameless, vec![encode(&self.partition.nameless())]))
            }
            Request::Claim => {
                let asked: Vec<Vec<String>> = buffers.iter().map(|list| decode(list)).collect();
                Some((Reply::Claimed, vec![encode(&self.partition.claims(asked.iter().flatten()))]))
            }
            Request::FillIn => {
                let claims: Vec<Vec<Claim>> = buffers.iter().map(|list| decode(list)).collect();
                let filled = self.partition.fill_in(claims.into_iter().flatten(), self.partitions);
                Some((Reply::FilledIn { events: filled.events }, encode_batches(filled.batches)))
            }
            Request::Lead { source, read, settings, named_sessions } => {
                self.lead = Some(Lead::new(source, *read, *settings, named_sessions));
                None
            }
            Request::Merge { round, tell } => self.lead.as_mut().and_then(|lead| lead.merge(round, tell, buffers)),
            Request::Hashed { blake3 } => {
                if let Some(lead) = &mut self.lead {
                    lead.hashed(blake3);
                }
                None
            }
            Request::Export { what } => {
                self.lead.as_ref().map(|lead| (Reply::Exported { what }, vec![lead.export(what)]))
            }
            Request::Evidence => self.lead.as_mut().and_then(Lead::choose_evidence),
            Request::Sessions { ticket, query } => {
                let rows =
                    self.context().map_or(SessionRows::default(), |(context, plan)| query.answer(&context, plan));
                Some((Reply::Sessions { ticket, rows }, Vec::new()))
            }
            Request::Storyboard { user, session } => {
                Some((Reply::Storyboard { board: self.storyboard(&user, &session) }, Vec::new()))
            }
            Request::Demo { events } => {
                let mut bytes = Vec::new();
                let written = Demo::new(events, DEMO_SEED, true).write(&mut bytes);
                written.ok().map(|()| (Reply::Demo, vec![bytes]))
            }
            // The caller's, or carried out in steps.
            Request::WarmUp
            | Request::Open
            | Request::Scan { .. }
            | Request::Hash
            | Request::Recognise { .. }
            | Request::Preview { .. }
            | Request::Summarise
            | Request::Rejected { .. }
            | Request::Draw { .. }
            | Request::Unpack { .. }
            | Request::Survey { .. }
            | Request::Answer { .. } => None,
        }
    }

    /// This partition under the plan, once there is one.
    fn context(&self) -> Option<(Context<'_>, &Plan)> {
        let (plan, lookup) = (self.plan.as_ref()?, self.lookup.as_ref()?);
        Some((plan.context(&self.partition, &self.sessions, lookup), plan))
    }

    fn storyboard(&self, user: &str, session_id: &str) -> Option<Storyboard> {
        let (context, plan) = self.context()?;
        let mut sessions = self.sessions.iter(&self.partition);
        let session = sessions.find(|session| session.session_id() == session_id && session.user_id() == user)?;
        Some(Storyboard::of(&context, &session, plan.zoned, STORY_EVENTS))
    }
}

/// The sessions among those the report shows that are in this slice.
fn boards_of(context: &Context, plan: &Plan) -> Vec<Storyboard> {
    let wanted: HashSet<(&str, &str)> =
        plan.evidence.iter().map(|named| (named.user.as_str(), named.session.as_str())).collect();
    let mut boards = Vec::new();
    context.each_session(&mut |session| {
        if wanted.contains(&(session.user_id(), &*session.session_id())) {
            boards.push(Storyboard::of(context, &session, plan.zoned, REPORT_EVENTS));
        }
    });
    boards
}
