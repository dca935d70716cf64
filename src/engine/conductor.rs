//! Leads the workers through an analysis. Knows the order of work and nothing of files, threads or browsers:
//! it is told what a worker replied, and says what to send to whom.

use std::collections::VecDeque;

use crate::analysis::session_table::{SessionQuery, SessionRows};
use crate::analysis::storyboard::Storyboard;
use crate::analysis::{ReadCounts, Source, SourceFile};
use crate::dataset::owner_of;
use crate::engine::memory::MemoryLimit;
use crate::engine::protocol::{Export, Progress, Reply, Request, Round};
use crate::findings::wording;
use crate::ingest::FileProblem;
use crate::ingest::form::Container;
use crate::ingest::forms::LeftOut;
use crate::report::Document;
use crate::settings::{Role, Settings};

/// Bytes that one reader takes at a time.
pub const CHUNK_BYTES: u64 = 16 << 20;

/// The same at the end.
const LAST_CHUNK_BYTES: u64 = 2 << 20;

/// Chunks that a reader has at a time: the browser fetches the next one's bytes while one is read.
const CHUNKS_AHEAD: usize = 2;

/// Bulk beside a message: bytes natively, a handle to them in a browser.
pub trait Buffer: Sized {
    /// A second one with the same bytes.
    fn duplicate(&self) -> Self;
    fn is_empty(&self) -> bool;
}

impl Buffer for Vec<u8> {
    fn duplicate(&self) -> Self {
        self.clone()
    }
    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }
}

/// What the conductor wants done.
pub enum Step<B> {
    /// Send this to the worker with this number.
    Send(usize, Request, Vec<B>),
    /// Tell whoever asked.
    Tell(Outcome<B>),
}

/// News for whoever asked for the analysis.
pub enum Outcome<B> {
    Progress(Progress),
    /// What could be counted is there: results without the sessions that are unusual, which are looked for once
    /// [`Conductor::go_on`] is called.
    Counted(Box<Document>),
    /// The results are there; the file's hash may still be on its way.
    Done(Box<Document>),
    Hashed(String),
    /// The hash could not be computed; the results stand.
    NotHashed(FileProblem),
    Exported(Export, B),
    Storyboard(Storyboard),
    /// Sessions that fit the query that was asked for last.
    Sessions(SessionRows),
    Failed(FileProblem),
}

/// What is to be analysed, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// Name, without folders, and size in bytes of each file, in their order.
    pub files: Vec<(String, u64)>,
    /// How records stand in each file.
    pub containers: Vec<Container>,
    /// Files that were opened with them and are not of the data set.
    pub left_out: Vec<LeftOut>,
    pub settings: Settings,
    /// How many sessions each list names.
    pub named_sessions: u64,
    pub chunk_bytes: u64,
    pub memory: Option<MemoryLimit>,
    /// From so many events on, what has been counted is told before it is known what is unusual.
    pub tell_early_from: Option<u64>,
}

/// A range of bytes of one file.
struct Chunk {
    number: u32,
    file: u32,
    start: u64,
    end: u64,
}

/// The chunks of all files: none reaches from one file into the next. They become smaller towards the end, so that no
/// worker waits long for the last one.
fn chunks(files: &[(String, u64)], chunk_bytes: u64, workers: usize) -> VecDeque<Chunk> {
    let mut chunks = VecDeque::new();
    let mut left: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    let last_bytes = LAST_CHUNK_BYTES.min(chunk_bytes);
    for (file, (_, bytes)) in files.iter().enumerate() {
        let mut start = 0;
        while start < *bytes {
            let size = (left / (workers * 2 * CHUNKS_AHEAD) as u64).clamp(last_bytes, chunk_bytes);
            let end = (start + size).min(*bytes);
            chunks.push_back(Chunk { number: chunks.len() as u32, file: file as u32, start, end });
            left -= end - start;
            start = end;
        }
    }
    chunks
}

/// Hands batches to their owners, by number.
fn absorb<B: Buffer>(chunk: Option<u32>, batches: Vec<B>) -> Vec<Step<B>> {
    let batches = batches.into_iter().enumerate().filter(|(_, batch)| !batch.is_empty());
    batches.map(|(owner, batch)| Step::Send(owner, Request::Absorb { chunk }, vec![batch])).collect()
}

/// How far an analysis is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Lines are read, or results computed: there are none yet, or those of the settings before.
    Computing,
    /// Results are there, and the lead gathers what the report shows.
    Gathering,
    /// Nothing goes on.
    Ready,
}

/// One analysis in progress.
pub struct Conductor<B> {
    job: Job,
    workers: usize,
    source: Source,
    /// Chunks that nobody reads yet.
    waiting: VecDeque<Chunk>,
    /// The file of each chunk.
    file_of_chunk: Vec<u32>,
    /// Counts of each chunk, as they come.
    read: Vec<Option<ReadCounts>>,
    /// The chunks that each worker has to read, all of one file.
    reading: Vec<VecDeque<u32>>,
    /// What each worker's memory takes, as far as it has told.
    memory: Vec<u64>,
    /// Partials of the round, by worker.
    parts: Vec<Option<B>>,
    progress: Progress,
    phase: Phase,
    /// The first results have been told: those of other settings come at once.
    told: bool,
    /// What is unusual is looked for when somebody says so, see [`Conductor::go_on`].
    painting: bool,
    /// Settings to analyse under once nothing goes on.
    next_settings: Option<Settings>,
    /// Somebody computes the hash, or has.
    hash_asked: bool,
    /// Why there is none.
    not_hashed: Option<FileProblem>,
    /// Forms that were asked for too early.
    wanted: Vec<Export>,
    /// Which sessions, and which session, were asked for before there were results.
    early_query: Option<SessionQuery>,
    early_session: Option<(String, String)>,
    /// The query that was asked last, and what partitions have answered so far.
    query: Option<(SessionQuery, SessionRows)>,
    ticket: u32,
    /// Partitions that have not answered.
    unanswered: usize,
    /// Partitions that have not given their sessions without a user one.
    filling_in: usize,
    /// Events that got a user from their session.
    filled_in: u64,
    over: bool,
}

impl<B: Buffer> Conductor<B> {
    /// An analysis of files by so many workers, and the first steps.
    pub fn start(job: Job, workers: usize) -> (Conductor<B>, Vec<Step<B>>) {
        let waiting = chunks(&job.files, job.chunk_bytes, workers);
        let file = |(name, bytes): &(String, u64)| SourceFile { name: name.clone(), bytes: *bytes, lines: 0 };
        let mut conductor = Conductor {
            workers,
            source: Source {
                files: job.files.iter().map(file).collect(),
                left_out: job.left_out.clone(),
                ..Source::default()
            },
            file_of_chunk: waiting.iter().map(|chunk| chunk.file).collect(),
            read: waiting.iter().map(|_| None).collect(),
            reading: vec![VecDeque::new(); workers],
            waiting,
            memory: vec![0; workers],
            parts: (0..workers).map(|_| None).collect(),
            progress: Progress::default(),
            phase: Phase::Computing,
            told: false,
            painting: false,
            next_settings: None,
            hash_asked: false,
            not_hashed: None,
            wanted: Vec::new(),
            early_query: None,
            early_session: None,
            query: None,
            ticket: 0,
            unanswered: 0,
            filling_in: 0,
            filled_in: 0,
            over: false,
            job,
        };
        if conductor.read.is_empty() {
            let failed = conductor.fail(FileProblem::Empty);
            return (conductor, failed);
        }
        let settings = Box::new(conductor.job.settings.clone());
        let largest = conductor.waiting.iter().map(|chunk| chunk.end - chunk.start).max().unwrap_or(1);
        let (partitions, chunks) = (workers as u32, conductor.source.bytes().div_ceil(largest) as u32);
        let begin = |worker| {
            let (settings, containers) = (settings.clone(), conductor.job.containers.clone());
            let partition = worker as u32;
            Step::Send(worker, Request::Begin { partition, partitions, chunks, containers, settings }, Vec::new())
        };
        let mut steps: Vec<Step<B>> = (0..workers).map(begin).collect();
        for _ in 0..CHUNKS_AHEAD {
            steps.extend((0..workers).filter_map(|worker| conductor.next_chunk(worker)));
        }
        (conductor, steps)
    }

    /// The same files under other settings, without reading them again. The mapping must be the same.
    pub fn analyse_again(&mut self, settings: Settings) -> Vec<Step<B>> {
        if self.phase != Phase::Ready {
            self.next_settings = Some(settings);
            return Vec::new();
        }
        self.job.settings = settings;
        self.survey()
    }

    /// Asks for the results in some form. They name the file's hash and show evidence, and wait for both.
    pub fn export(&mut self, what: Export) -> Vec<Step<B>> {
        if let Some(problem) = &self.not_hashed {
            return vec![Step::Tell(Outcome::NotHashed(problem.clone()))];
        }
        if !self.wanted.contains(&what) {
            self.wanted.push(what);
        }
        self.send_wanted()
    }

    fn send_wanted(&mut self) -> Vec<Step<B>> {
        if self.phase != Phase::Ready || self.source.blake3.is_none() {
            return Vec::new();
        }
        self.wanted.drain(..).map(|what| Step::Send(0, Request::Export { what }, Vec::new())).collect()
    }

    /// Asks which sessions fit. Only the last query is answered.
    pub fn sessions(&mut self, query: SessionQuery) -> Vec<Step<B>> {
        if self.phase == Phase::Computing {
            self.early_query = Some(query);
            return Vec::new();
        }
        self.ticket += 1;
        self.unanswered = self.workers;
        self.query = Some((query.clone(), SessionRows::default()));
        let (ticket, query) = (self.ticket, Box::new(query));
        self.to_all(|| Request::Sessions { ticket, query: query.clone() })
    }

    /// Asks for one session, event by event.
    pub fn storyboard(&mut self, user: String, session: String) -> Vec<Step<B>> {
        if self.phase == Phase::Computing {
            self.early_session = Some((user, session));
            return Vec::new();
        }
        let owner = owner_of(&user, &session, self.workers);
        vec![Step::Send(owner, Request::Storyboard { user, session }, Vec::new())]
    }

    /// Takes a worker's reply.
    pub fn on(&mut self, worker: usize, reply: Reply, mut buffers: Vec<B>) -> Vec<Step<B>> {
        if self.over {
            return Vec::new();
        }
        match reply {
            Reply::Progress(progress) => {
                self.progress.bytes += progress.bytes;
                self.progress.events += progress.events;
                self.memory[worker] = progress.memory;
                self.progress.memory = self.memory.iter().sum();
                vec![Step::Tell(Outcome::Progress(self.progress))]
            }
            Reply::Scanned { chunk, read } => {
                self.read[chunk as usize] = Some(*read);
                if self.job.memory.is_some_and(|limit| limit.is_reached(&self.memory)) {
                    self.read_no_more();
                }
                let mut steps = absorb(Some(chunk), buffers);
                self.reading[worker].retain(|reading| *reading != chunk);
                while let Some(next) = self.next_chunk(worker) {
                    steps.push(next);
                }
                if self.read.iter().all(Option::is_some) {
                    steps.extend(self.all_read());
                }
                steps
            }
            Reply::Nameless => self.tell_all(worker, buffers, Request::Claim),
            Reply::Claimed => self.tell_all(worker, buffers, Request::FillIn),
            Reply::FilledIn { events } => {
                self.filled_in += events;
                let mut steps = absorb(None, buffers);
                self.filling_in -= 1;
                if self.filling_in == 0 {
                    steps.extend(self.survey());
                }
                steps
            }
            Reply::Part { round } => match self.all_parts(worker, buffers) {
                Some(parts) => self.merge(round, parts),
                None => Vec::new(),
            },
            Reply::Next { round } => {
                let plan = buffers.pop().expect("the lead sends the plan along");
                let ask = |worker| Step::Send(worker, Request::Answer { round }, vec![plan.duplicate()]);
                (0..self.workers).map(ask).collect()
            }
            Reply::Counted { document } => vec![Step::Tell(Outcome::Counted(document))],
            Reply::Done { document } => {
                self.phase = Phase::Gathering;
                let mut steps = vec![Step::Tell(Outcome::Done(document))];
                if let Some(query) = self.early_query.take() {
                    steps.extend(self.sessions(query));
                }
                if let Some((user, session)) = self.early_session.take() {
                    steps.extend(self.storyboard(user, session));
                }
                steps.push(Step::Send(0, Request::Evidence, Vec::new()));
                if !std::mem::replace(&mut self.hash_asked, true) {
                    // Any but the lead, which may be asked for exports meanwhile.
                    steps.push(Step::Send(self.workers - 1, Request::Hash, Vec::new()));
                }
                steps
            }
            Reply::Hashed { blake3 } => {
                self.source.blake3 = Some(blake3.clone());
                let mut steps = vec![Step::Send(0, Request::Hashed { blake3: blake3.clone() }, Vec::new())];
                steps.push(Step::Tell(Outcome::Hashed(blake3)));
                steps.extend(self.send_wanted());
                steps
            }
            Reply::EvidenceReady => {
                self.phase = Phase::Ready;
                match self.next_settings.take() {
                    Some(settings) => self.analyse_again(settings),
                    None => self.send_wanted(),
                }
            }
            Reply::Sessions { ticket, rows } => {
                let Some((query, all)) = self.query.as_mut().filter(|_| ticket == self.ticket) else {
                    return Vec::new();
                };
                query.merge(all, rows);
                self.unanswered -= 1;
                if self.unanswered > 0 {
                    return Vec::new();
                }
                let answer = self.query.take().map(|(_, rows)| Step::Tell(Outcome::Sessions(rows)));
                answer.into_iter().collect()
            }
            Reply::NotHashed { problem } => {
                self.wanted.clear();
                self.not_hashed = Some(problem.clone());
                vec![Step::Tell(Outcome::NotHashed(problem))]
            }
            Reply::Exported { what } => {
                let bytes = buffers.pop().expect("the lead sends the export along");
                vec![Step::Tell(Outcome::Exported(what, bytes))]
            }
            Reply::Storyboard { board } => {
                board.map(|board| Step::Tell(Outcome::Storyboard(self.placed(board)))).into_iter().collect()
            }
            // Nobody asks for these in the middle of an analysis.
            Reply::Demo
            | Reply::Warm { .. }
            | Reply::Recognised { .. }
            | Reply::Preview { .. }
            | Reply::Summary { .. }
            | Reply::Drawn { .. }
            | Reply::Unpacked { .. }
            | Reply::UnpackedFile { .. }
            | Reply::UnpackedAll => Vec::new(),
            Reply::Failed { problem } => {
                let chunk = self.reading[worker].front().copied().unwrap_or_default();
                let file = &self.source.files[self.file_of_chunk[chunk as usize] as usize];
                let still_reading = self.read.iter().any(Option::is_none);
                let problem = if still_reading && self.source.files.len() > 1 {
                    FileProblem::In { name: file.name.clone(), problem: Box::new(problem) }
                } else {
                    problem
                };
                self.fail(problem)
            }
        }
    }

    /// Goes on once what was told early is on the screen: until then the processors are needed for painting it.
    pub fn go_on(&mut self) -> Vec<Step<B>> {
        match std::mem::take(&mut self.painting) {
            true => self.to_all(|| Request::Answer { round: Round::Flag }),
            false => Vec::new(),
        }
    }

    /// Has the lead merge a round. What is unusual needs no more than what the round before it has settled, and is looked
    /// for as soon as the lead has merged that one.
    fn merge(&mut self, round: Round, parts: Vec<B>) -> Vec<Step<B>> {
        let tell = round == Round::Funnel
            && !self.told
            && self.job.tell_early_from.is_some_and(|from| self.progress.events >= from);
        let mut steps = vec![Step::Send(0, Request::Merge { round, tell }, parts)];
        if round == Round::Funnel {
            self.told = true;
            self.painting = true;
            if !tell {
                steps.extend(self.go_on());
            }
        }
        steps
    }

    /// The session with each line numbered in its own file.
    fn placed(&self, mut board: Storyboard) -> Storyboard {
        board.place(&self.source);
        board
    }

    fn next_chunk(&mut self, worker: usize) -> Option<Step<B>> {
        let reading = &self.reading[worker];
        let same_file =
            |chunk: &u32| self.waiting.front().is_some_and(|next| self.file_of_chunk[*chunk as usize] == next.file);
        if reading.len() >= CHUNKS_AHEAD || !reading.iter().all(same_file) {
            return None;
        }
        let Chunk { number, file, start, end } = self.waiting.pop_front()?;
        self.reading[worker].push_back(number);
        Some(Step::Send(worker, Request::Scan { chunk: number, file, start, end }, Vec::new()))
    }

    /// Leaves out what nobody reads yet: the file's end.
    fn read_no_more(&mut self) {
        for chunk in self.waiting.drain(..) {
            self.source.unread_bytes += chunk.end - chunk.start;
            self.read[chunk.number as usize] = Some(ReadCounts::default());
        }
    }

    fn all_read(&mut self) -> Vec<Step<B>> {
        let read = self.read_counts();
        for (chunk, file) in self.read.iter().flatten().zip(&self.file_of_chunk) {
            self.source.files[*file as usize].lines += chunk.lines;
        }
        if let (Some(limit), true) = (self.job.memory, self.source.unread_bytes > 0) {
            let unread = self.source.unread_bytes as f64 / self.source.bytes() as f64;
            let read = self.job.settings.sample * (1.0 - unread);
            self.source.sample_that_fits = Some(limit.sample_that_fits(read, &self.memory));
        }
        let left_out = if self.job.settings.salvage { 0 } else { read.salvaged };
        if read.events > left_out {
            return if read.kinds.empty(Role::User) == 0 { self.survey() } else { self.fill_in() };
        }
        let problem = match read.rejected_lines.first_key_value() {
            None if left_out > 0 => FileProblem::OnlyDamaged,
            None if read.outside_sample > 0 => FileProblem::NoneInSample,
            None if !read.set_aside.is_empty() => FileProblem::OnlySetAside {
                lines: read.set_aside.values().sum(),
                reasons: wording::reasons_in_words(&read.set_aside, &self.job.settings.mapping),
            },
            None if read.headers > 0 => FileProblem::OnlyColumnNames,
            None => FileProblem::OnlyBlank,
            Some((line, reason)) => {
                let reason = reason.describe(&self.job.settings.mapping);
                let (file, line) = self.source.place(*line);
                let place = wording::place(file, line);
                FileProblem::NoEvents { lines: read.lines - read.blank - read.headers, place, reason }
            }
        };
        self.fail(problem)
    }

    /// Gives events that name no user the one of their session, see [`crate::dataset::nameless`].
    fn fill_in(&mut self) -> Vec<Step<B>> {
        self.filling_in = self.workers;
        let lines_before = self.lines_before();
        self.to_all(|| Request::Nameless { lines_before: lines_before.clone() })
    }

    /// The counts of all chunks together, in the order of the file.
    fn read_counts(&self) -> ReadCounts {
        let mut all = ReadCounts::default();
        self.read.iter().flatten().for_each(|chunk| all.append(chunk));
        all.users_filled_in = self.filled_in;
        all
    }

    /// How many lines of the files stand before each chunk.
    fn lines_before(&self) -> Vec<u64> {
        let lines = self.read.iter().flatten().scan(0, |before, chunk| {
            let mine = *before;
            *before += chunk.lines;
            Some(mine)
        });
        lines.collect()
    }

    fn survey(&mut self) -> Vec<Step<B>> {
        self.phase = Phase::Computing;
        let lines_before = self.lines_before();
        let settings = Box::new(self.job.settings.clone());
        let lead = Request::Lead {
            source: self.source.clone(),
            read: Box::new(self.read_counts()),
            settings: settings.clone(),
            named_sessions: self.job.named_sessions,
        };
        let mut steps = vec![Step::Send(0, lead, Vec::new())];
        steps
            .extend(self.to_all(|| Request::Survey { lines_before: lines_before.clone(), settings: settings.clone() }));
        steps
    }

    /// Keeps a worker's part. All of them, once they are there.
    fn all_parts(&mut self, worker: usize, mut buffers: Vec<B>) -> Option<Vec<B>> {
        self.parts[worker] = buffers.pop();
        let all_there = self.parts.iter().all(Option::is_some);
        all_there.then(|| self.parts.iter_mut().filter_map(Option::take).collect())
    }

    /// Keeps a worker's part, and passes all on to everybody once they are there.
    fn tell_all(&mut self, worker: usize, buffers: Vec<B>, request: Request) -> Vec<Step<B>> {
        let Some(parts) = self.all_parts(worker, buffers) else { return Vec::new() };
        let copy = || parts.iter().map(B::duplicate).collect();
        (0..self.workers).map(|worker| Step::Send(worker, request.clone(), copy())).collect()
    }

    fn to_all(&self, request: impl Fn() -> Request) -> Vec<Step<B>> {
        (0..self.workers).map(|worker| Step::Send(worker, request(), Vec::new())).collect()
    }

    fn fail(&mut self, problem: FileProblem) -> Vec<Step<B>> {
        self.over = true;
        vec![Step::Tell(Outcome::Failed(problem))]
    }
}
