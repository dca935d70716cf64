//! The pool natively: a thread for each worker.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::dataset::Batch;
use crate::engine::column_scan::ColumnScan;
use crate::engine::conductor::{CHUNK_BYTES, Conductor, Job, Outcome, Step};
use crate::engine::protocol::{Export, Progress, Reply, Request};
use crate::engine::scan::ChunkScan;
use crate::engine::worker::Worker;
use crate::ingest::FileProblem;
use crate::ingest::columns::Source;
use crate::ingest::form::Container;
use crate::ingest::forms::{Forms, LeftOut, SaidFields};
use crate::ingest::sniff::SNIFF_BYTES;
use crate::report::Document;
use crate::settings::Settings;

/// Bytes of one read.
const READ_BYTES: usize = 1 << 20;

/// A file to analyse.
#[derive(Clone, Debug)]
pub struct Input {
    /// What the results call it.
    pub name: String,
    pub path: PathBuf,
    /// Why it could not be unpacked: of several files it is left out.
    pub problem: Option<FileProblem>,
}

impl Input {
    /// A file that is called by its own name.
    pub fn new(path: &Path) -> Input {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        Input { name, path: path.into(), problem: None }
    }
}

/// How to analyse files.
#[derive(Clone, Debug)]
pub struct Options {
    pub settings: Settings,
    pub workers: usize,
    /// How many sessions each list names.
    pub named_sessions: u64,
    pub chunk_bytes: u64,
    /// What was said of the file's fields.
    pub fields: SaidFields,
}

impl Options {
    /// As many workers as there are processors.
    pub fn new(settings: Settings) -> Options {
        Options {
            settings,
            workers: thread::available_parallelism().map_or(1, usize::from),
            named_sessions: crate::analysis::session_list::NAMED_SESSIONS as u64,
            chunk_bytes: CHUNK_BYTES,
            fields: SaidFields::default(),
        }
    }
}

/// The files that are read, and how.
pub struct DataSet {
    /// In their order, each with how its records stand.
    pub files: Vec<(Input, Container)>,
    pub left_out: Vec<LeftOut>,
    /// With the fields that the files were recognised by.
    pub settings: Settings,
}

impl DataSet {
    /// Looks at the first bytes of files.
    pub fn of(inputs: &[Input], options: &Options) -> Result<DataSet, FileProblem> {
        let head = |input: &Input| if input.problem.is_some() { Ok(Vec::new()) } else { head(&input.path) };
        let heads: io::Result<Vec<_>> = inputs.iter().map(head).collect();
        let mut settings = options.settings.clone();
        // It tells which of several files are of the data set.
        if let Some(layout) = options.fields.layout {
            settings.mapping = layout.mapping();
        }
        let mut forms = Forms::with_columns(&heads.map_err(unreadable)?, &settings, |file| source(&inputs[file].path));
        for (file, input) in inputs.iter().enumerate() {
            input.problem.iter().for_each(|problem| forms.set_problem(file, problem.clone()));
        }
        if let Some(recognised) = options.fields.recognise(&forms, &settings)? {
            recognised.take_over(&mut settings);
        }
        let (files, left_out) = forms.part(inputs.to_vec(), |input| input.name.clone(), &settings.mapping)?;
        Ok(DataSet { files, left_out, settings })
    }
}

type ToWorker = (Request, Vec<Vec<u8>>);
type FromWorker = (usize, Reply, Vec<Vec<u8>>);

/// Analyses files, which are one data set in this order, and writes the results in the form asked for. `progress`
/// is called from time to time.
pub fn analyse(
    inputs: &[Input],
    options: &Options,
    export: Export,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Box<Document>, Vec<u8>), FileProblem> {
    let DataSet { files: read, left_out, settings } = DataSet::of(inputs, options)?;
    let mut files = Vec::new();
    for (input, _) in &read {
        files.push((input.name.clone(), std::fs::metadata(&input.path).map_err(unreadable)?.len()));
    }
    let paths: Arc<[PathBuf]> = read.iter().map(|(input, _)| input.path.clone()).collect();
    let workers = options.workers.max(1);
    let job = Job {
        files,
        containers: read.into_iter().map(|(_, container)| container).collect(),
        left_out,
        settings,
        named_sessions: options.named_sessions,
        chunk_bytes: options.chunk_bytes,
        memory: None,
        tell_early_from: None,
    };
    let (replies, from_workers) = channel::<FromWorker>();
    let to_workers: Vec<Sender<ToWorker>> = (0..workers)
        .map(|index| {
            let (sender, requests) = channel();
            let (paths, replies) = (paths.clone(), replies.clone());
            thread::spawn(move || {
                let work = AssertUnwindSafe(|| work(index, &paths, &requests, &replies));
                if catch_unwind(work).is_err() {
                    let problem = FileProblem::Unreadable("the analysis stopped unexpectedly".into());
                    let _ = replies.send((index, Reply::Failed { problem }, Vec::new()));
                }
            });
            sender
        })
        .collect();
    drop(replies);

    let (mut conductor, first) = Conductor::start(job, workers);
    let mut steps: Vec<Step<Vec<u8>>> = first;
    let mut document = None;
    loop {
        for step in std::mem::take(&mut steps) {
            match step {
                Step::Send(worker, request, buffers) => {
                    // A worker that is gone has said why.
                    let _ = to_workers[worker].send((request, buffers));
                }
                Step::Tell(Outcome::Progress(so_far)) => progress(so_far),
                Step::Tell(Outcome::Done(done)) => {
                    document = Some(done);
                    steps.extend(conductor.export(export));
                }
                Step::Tell(Outcome::Exported(_, bytes)) => {
                    return Ok((document.expect("results come before their export"), bytes));
                }
                Step::Tell(Outcome::Failed(problem) | Outcome::NotHashed(problem)) => return Err(problem),
                Step::Tell(
                    Outcome::Counted(_) | Outcome::Hashed(_) | Outcome::Storyboard(_) | Outcome::Sessions(_),
                ) => {}
            }
        }
        if steps.is_empty() {
            let (worker, reply, buffers) =
                from_workers.recv().map_err(|_| FileProblem::Unreadable("the analysis stopped unexpectedly".into()))?;
            steps = conductor.on(worker, reply, buffers);
        }
    }
}

fn work(index: usize, paths: &[PathBuf], requests: &Receiver<ToWorker>, replies: &Sender<FromWorker>) {
    let mut worker = Worker::default();
    for (request, buffers) in requests.iter() {
        let answer = match request {
            Request::Scan { chunk, file, start, end } => Some(
                scan(&worker, (file as usize, &paths[file as usize]), start, end, |progress| {
                    let _ = replies.send((index, Reply::Progress(progress), Vec::new()));
                })
                .map(|scanned| worker.scanned(chunk, scanned))
                .unwrap_or_else(|problem| (Reply::Failed { problem }, Vec::new())),
            ),
            Request::Hash => Some(match hash(paths) {
                Ok(blake3) => (Reply::Hashed { blake3 }, Vec::new()),
                Err(error) => (Reply::NotHashed { problem: unreadable(error) }, Vec::new()),
            }),
            other => worker.handle(other, &buffers),
        };
        if let Some((reply, buffers)) = answer
            && replies.send((index, reply, buffers)).is_err()
        {
            return;
        }
    }
}

fn scan(
    worker: &Worker,
    (number, path): (usize, &Path),
    start: u64,
    end: u64,
    progress: impl FnOnce(Progress),
) -> Result<(crate::analysis::ReadCounts, Vec<Option<Batch>>), FileProblem> {
    let reading = worker.reading();
    if let Some(mut scan) = ColumnScan::new(number, (start, end), &reading, || source(path))? {
        while scan.advance()? {}
        progress(Progress { bytes: end - start, events: scan.events(), memory: 0 });
        return Ok(scan.finish());
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut scan = ChunkScan::new(number, start, end, &reading);
    file.seek(SeekFrom::Start(ChunkScan::read_from(start))).map_err(unreadable)?;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            scan.end_of_file()?;
            break;
        }
        if scan.push(&buffer[..read])? {
            break;
        }
    }
    progress(Progress { bytes: end - start, events: scan.events(), memory: 0 });
    Ok(scan.finish())
}

/// A file's bytes, from any place of it.
fn source(path: &Path) -> Result<Box<dyn Source>, FileProblem> {
    Ok(Box::new(File::open(path).map_err(unreadable)?))
}

/// A file's first bytes, by which it is told what it is.
pub fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn hash(paths: &[PathBuf]) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; READ_BYTES];
    for path in paths {
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => hasher.update(&buffer[..read]),
            };
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn unreadable(error: io::Error) -> FileProblem {
    FileProblem::Unreadable(error.to_string())
}
