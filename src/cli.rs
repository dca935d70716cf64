//! The command line: the same engine as in the browser.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};

use crate::demo::Demo;
use crate::engine::Export;
use crate::engine::native::{DataSet, Input, Options, analyse};
use crate::engine::opened::Opened;
use crate::engine::rejected::rejected_lines;
use crate::ingest::columns::is_reading;
use crate::ingest::forms::SaidFields;
use crate::ingest::layout::LAYOUTS;
use crate::ingest::packing;
use crate::report;
use crate::settings::{Role, Settings, SettingsError};

/// What failed where no file is named.
const TO_OUTPUT: &str = "cannot write to standard output";

#[derive(Parser)]
#[command(name = "footpath", version, about = "Shows the paths people take through a product, and where they break")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyse files of events
    Analyze(Analyze),
    /// Write generated events of a shop, always the same for the same numbers
    Demo {
        /// How many events
        #[arg(long, default_value_t = 10_000)]
        events: u64,
        /// Another seed gives other events
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Add the problems that the analysis is to find
        #[arg(long)]
        plant: bool,
        /// Write here instead of to standard output
        #[arg(long)]
        output: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Analyze {
    /// Files, folders, patterns such as 'logs/*.jsonl', http(s) addresses, or - for standard input; several are one data set
    #[arg(required = true, value_name = "FILE|URL|-")]
    inputs: Vec<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write here instead of to standard output
    #[arg(long)]
    output: Option<PathBuf>,
    /// A JSON file of settings, see docs/settings.md; what is left out keeps its default
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Read the file as one of this layout, whatever its fields are called: see docs/layouts.md
    #[arg(long, value_parser = PossibleValuesParser::new(LAYOUTS.iter().map(|layout| layout.slug)))]
    layout: Option<String>,
    /// Which field plays a role: user, session, time, page, css, text, value, status or id; may be given several times
    #[arg(long, value_name = "ROLE=FIELD", value_parser = role_and_field)]
    map: Vec<(Role, String)>,
    /// Write the rejected lines here, as they stand
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// Read only this share of the sessions, between 0 and 1, chosen by their ids
    #[arg(long, value_name = "SHARE")]
    sample: Option<f64>,
    /// Name all sessions behind each finding, not the first hundred
    #[arg(long)]
    all_sessions: bool,
    /// How many threads; as many as there are processors if left out
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

fn role_and_field(text: &str) -> Result<(Role, String), String> {
    let names = || Role::ALL.map(Role::name).join(", ");
    let (role, field) = text.split_once('=').ok_or("it has no =, as in time=created_at")?;
    let found = Role::ALL.into_iter().find(|other| other.name() == role.trim());
    let role = found.ok_or_else(|| format!("there is no role {role}, only {}", names()))?;
    Ok((role, field.trim().to_string()))
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
}

/// Runs the program: exit code 0, 1 (could not read or write) or 2 (bad usage, unusable settings among it).
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        if is_reading() {
            return;
        }
        let _ = writeln!(io::stderr(), "{}", stopped(panic));
        std::process::exit(1);
    }));
    // Bad usage ends here, with exit code 2.
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Analyze(arguments) => analyze(&arguments),
        Command::Demo { events, seed, plant, output } => demo(events, seed, plant, output.as_deref()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("footpath: {error:#}");
            // Settings that were read but cannot be used are bad usage.
            ExitCode::from(if error.is::<SettingsError>() { 2 } else { 1 })
        }
    }
}

/// What the program says before it ends by a fault of its own.
fn stopped(panic: &std::panic::PanicHookInfo) -> String {
    let said = panic.payload();
    let said = said.downcast_ref::<&str>().copied().or_else(|| said.downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or("no reason given").replace(|char: char| char.is_control(), " ");
    // Without the folders, which are those of the machine that it was built on.
    let place = panic.location().map_or(String::new(), |place| {
        let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        format!(", {file} line {}", place.line())
    });
    format!("footpath: stopped by a fault of its own, please report it: {said}{place}")
}

/// The reader of our output has gone, as in `footpath … | head`: nothing is wrong.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn analyze(arguments: &Analyze) -> anyhow::Result<()> {
    let mut settings = match &arguments.settings {
        None => Settings::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Settings::from_json(&text).with_context(|| path.display().to_string())?
        }
    };
    if let Some(sample) = arguments.sample {
        settings.sample = sample;
        settings.check().context("--sample")?;
    }
    let mut named = Vec::new();
    for input in &arguments.inputs {
        named.extend(named_by(input)?);
    }
    // As on the page, whatever order they were named in; what stands in folders has the order of its paths.
    let folders = arguments.inputs.iter().any(|input| Path::new(input).is_dir());
    let name = |name: &String| if folders { None } else { Path::new(name).file_name().map(ToOwned::to_owned) };
    named.sort_by_key(|path| (name(path), PathBuf::from(path)));
    let mut inputs = Vec::new();
    for input in &named {
        inputs.extend(open(input, named.len() > 1)?);
    }
    if let Some(output) = &arguments.output
        && inputs.iter().any(|input| is_same_file(input.path(), output))
    {
        bail!("{} is the input itself; name another file with --output", output.display());
    }
    let files: Vec<Input> = inputs.iter().map(Opened::input).collect();
    let mut options = Options::new(settings);
    if arguments.all_sessions {
        options.named_sessions = u64::from(u32::MAX);
    }
    options.fields = SaidFields {
        layout: LAYOUTS.iter().find(|layout| Some(layout.slug) == arguments.layout.as_deref()),
        roles: arguments.map.clone(),
    };
    if let Some(threads) = arguments.threads {
        options.workers = usize::from(threads.min(256));
    }
    let export = match arguments.format {
        Format::Html => Export::Html,
        Format::Text | Format::Json => Export::Json,
    };
    let show_progress = io::stderr().is_terminal();
    let mut progress = |so_far: crate::engine::Progress| {
        if show_progress {
            eprint!("\r{} MB, {} events read", so_far.bytes >> 20, so_far.events);
        }
    };
    let analysed = analyse(&files, &options, export, &mut progress);
    if show_progress {
        eprint!("\r\x1b[K");
    }
    let (document, bytes) = analysed.with_context(|| arguments.inputs.join(", "))?;
    for file in &document.source.left_out {
        eprintln!("footpath: left out {}: {}", file.name, file.reason);
    }
    if let Some(path) = &arguments.rejected {
        if inputs.iter().any(|input| is_same_file(input.path(), path)) {
            bail!("{} is the input itself; name another file with --rejected", path.display());
        }
        write_rejected(&DataSet::of(&files, &options)?, path)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    match arguments.format {
        Format::Text => write(arguments.output.as_deref(), report::text(&document).as_bytes()),
        Format::Json | Format::Html => write(arguments.output.as_deref(), &bytes),
    }
}

fn write_rejected(read: &DataSet, path: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(std::fs::File::create(path)?);
    for (input, container) in &read.files {
        let file = std::fs::File::open(&input.path)?;
        rejected_lines(file, container, &read.settings, &mut |line| out.write_all(line))?;
    }
    out.flush()
}

/// The two are one file, by whatever names.
fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(a), Ok(b)) = (std::fs::metadata(a), std::fs::metadata(b)) {
        use std::os::unix::fs::MetadataExt;
        return (a.dev(), a.ino()) == (b.dev(), b.ino());
    }
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        // What does not exist yet cannot be overwritten.
        _ => false,
    }
}

fn demo(events: u64, seed: u64, plant: bool, output: Option<&Path>) -> anyhow::Result<()> {
    let mut demo = Demo::new(events, seed, plant);
    match output {
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            demo.write(&mut out).and_then(|()| out.flush()).context(TO_OUTPUT)
        }
        Some(path) => {
            let mut write = || {
                let mut file = io::BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
                demo.write(&mut file)?;
                file.flush()
            };
            write().with_context(|| format!("cannot write {}", path.display()))
        }
    }
}

fn write(output: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    match output {
        None => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush()).context(TO_OUTPUT)?;
        }
        Some(path) => std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?,
    }
    Ok(())
}

/// The files that an input names: all in a folder and in those within it, in the order of their paths, but for hidden ones;
/// all that fit a pattern such as `logs/*.jsonl`, where the shell has not resolved it; otherwise itself.
fn named_by(input: &str) -> anyhow::Result<Vec<String>> {
    let path = Path::new(input);
    let found = if path.is_dir() {
        let mut found = Vec::new();
        files_below(path, &mut found).with_context(|| format!("cannot read {input}"))?;
        found
    } else if input.contains(['*', '?', '[']) && !path.exists() && !input.contains("://") {
        let fitting = glob::glob(input).with_context(|| format!("{input} is no pattern of file names"))?;
        fitting.filter_map(Result::ok).filter(|path| path.is_file()).collect()
    } else {
        return Ok(vec![input.into()]);
    };
    if found.is_empty() {
        bail!("{input} names no files");
    }
    Ok(found.into_iter().map(|path| path.to_string_lossy().into_owned()).collect())
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| packing::is_hidden(&name.to_string_lossy()));
        match path.is_dir() {
            _ if hidden => {}
            true => files_below(&path, found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

/// The files to analyse that an input comes to. What comes as a stream is kept in a temporary file, since it is read in
/// parallel and by byte ranges.
fn open(input: &str, several: bool) -> anyhow::Result<Vec<Opened>> {
    let opened = if input == "-" {
        keep("standard input", io::stdin().lock())?
    } else if input.starts_with("http://") || input.starts_with("https://") {
        let response = ureq::get(input).call().with_context(|| format!("cannot fetch {input}"))?;
        let path = input.split(['?', '#']).next().unwrap_or(input);
        let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(input);
        keep(name, response.into_body().into_reader())?
    } else {
        let path = PathBuf::from(input);
        let metadata = std::fs::metadata(&path).with_context(|| format!("cannot read {input}"))?;
        if metadata.is_file() {
            Opened::File(path)
        } else {
            keep(input, std::fs::File::open(&path).with_context(|| format!("cannot read {input}"))?)?
        }
    };
    let name = opened.name();
    opened.unpacked(several).with_context(|| format!("cannot unpack {name}"))
}

fn keep(name: &str, mut stream: impl Read) -> anyhow::Result<Opened> {
    let mut file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let path = file.path().display().to_string();
    io::copy(&mut stream, &mut file).with_context(|| format!("cannot copy {name} to {path}"))?;
    Ok(Opened::Kept { name: name.into(), file: file.into_temp_path() })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_fault_is_told_in_one_sentence() {
        static SAID: Mutex<String> = Mutex::new(String::new());
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|panic| *SAID.lock().unwrap() = stopped(panic)));
        let _ = std::thread::spawn(|| panic!("a\nb")).join();
        std::panic::set_hook(before);
        let said = SAID.lock().unwrap();
        assert!(
            said.starts_with("footpath: stopped by a fault of its own, please report it: a b, cli.rs line "),
            "{said}"
        );
    }
}
