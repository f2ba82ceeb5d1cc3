//! `runbook logs RUN [STEP] [-f]`: what the steps wrote, masked as it stands in the run's directory. A terminal gets control
//! characters escaped, a pipe gets the bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::LogsArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::found::{Found, State};
use crate::journal::Runs;
use crate::model::id::StepId;
use crate::report::{Sink, visible};
use crate::runner::log_directory;

/// How often a followed run is looked at.
const PERIOD: Duration = Duration::from_millis(200);
/// Read at once, bytes.
const CHUNK: usize = 64 * 1024;

/// Prints the logs.
pub fn logs(args: &LogsArgs) -> Result<Exit, Failure> {
    let mut found = Found::open(&Runs::new(args.runs.path()), Some(&args.run))?;
    let step = args.step.as_deref();
    if let Some(step) = step
        && !args.follow
        && !found.summary.steps.iter().any(|known| is_of(&known.step, step))
    {
        return Err(unknown_step(&found, step));
    }
    let terminal = console::Term::stdout().is_term();
    let mut printer =
        Printer { sink: Sink::stdout(), terminal, headers: step.is_none(), current: None, offsets: BTreeMap::new() };
    loop {
        // The state is read before the files: what an engine wrote before its end is not missed.
        let over = !args.follow || found.state() != State::Running || step.is_some_and(|step| has_ended(&found, step));
        for (name, path) in files(&found, step) {
            printer.print(&name, &path)?;
        }
        if over || printer.sink.is_broken() {
            printer.end_line();
            if args.follow && found.state() == State::EngineGone {
                Sink::stderr().line("no engine drives this run any more");
            }
            return Ok(Exit::Success);
        }
        std::thread::sleep(PERIOD);
        found = Found::read(found.directory)?;
    }
}

fn unknown_step(found: &Found, step: &str) -> Failure {
    let known: Vec<&str> = found.summary.steps.iter().map(|known| known.step.0.as_str()).collect();
    let failure = Failure::usage(format!("the run has no record of a step `{step}`"));
    if known.is_empty() { failure } else { failure.help(format!("it knows {}", known.join(", "))) }
}

/// The step itself, a member of it, or one of its elements.
fn is_of(known: &StepId, step: &str) -> bool {
    known.0.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}

fn has_ended(found: &Found, step: &str) -> bool {
    found.summary.step(&StepId(step.to_owned())).is_some_and(|known| known.outcome.is_some())
}

/// Every log with its name for people: steps in the order in which they began, then what belongs to no step; attempts in order.
fn files(found: &Found, step: Option<&str>) -> Vec<(String, PathBuf)> {
    let root = found.directory.path();
    let mut files = Vec::new();
    let mut known = Vec::new();
    for summary in found.summary.nested() {
        if step.is_some_and(|step| !is_of(&summary.step, step)) {
            continue;
        }
        let directory = log_directory(root, &summary.step);
        files.extend(attempts(&directory).into_iter().map(|(n, path)| (format!("{} {n}", summary.step), path)));
        known.push(directory);
    }
    if step.is_none() {
        let mut others: Vec<PathBuf> = fs::read_dir(root.join("steps"))
            .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
            .unwrap_or_default();
        others.retain(|path| path.is_dir() && !known.contains(path));
        others.sort();
        for directory in others {
            let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.extend(attempts(&directory).into_iter().map(|(n, path)| (format!("{name} {n}"), path)));
        }
    }
    files
}

/// What the last attempt of a step wrote; none: nothing.
pub fn last_attempt(run_directory: &Path, step: &StepId) -> Option<PathBuf> {
    attempts(&log_directory(run_directory, step)).pop().map(|(_, path)| path)
}

/// The logs of one step in order, each with its name: `3`, after a resume `2.1`.
fn attempts(directory: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let number = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".log")?.to_owned();
        let (epoch, number) = name.split_once('.').unwrap_or(("1", &name));
        let order: (u64, u32) = (epoch.parse().ok()?, number.parse().ok()?);
        Some((order, (name, path)))
    };
    let attempts: BTreeMap<_, _> = entries.filter_map(|entry| number(entry.ok()?.path())).collect();
    attempts.into_values().collect()
}

struct Printer {
    sink: Sink,
    terminal: bool,
    headers: bool,
    /// What was printed last, and whether its line is complete.
    current: Option<(PathBuf, bool)>,
    offsets: BTreeMap<PathBuf, u64>,
}

impl Printer {
    /// Prints what is new in a file.
    fn print(&mut self, name: &str, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::Storage(format!("read {}: {error}", path.display()));
        let mut file = File::open(path).map_err(failed)?;
        let offset = self.offsets.entry(path.to_path_buf()).or_default();
        file.seek(SeekFrom::Start(*offset)).map_err(failed)?;
        let mut chunk = vec![0; CHUNK];
        let mut begun = 0;
        loop {
            let count = file.read(&mut chunk[begun..]).map_err(failed)?;
            let bytes = &chunk[..begun + count];
            // A character that is not whole yet waits for its rest; at the end of the file it is shown as it is.
            let whole = if count == 0 || !self.terminal { bytes.len() } else { whole_characters(bytes) };
            if whole > 0 {
                self.show(name, path, &chunk[..whole]);
            }
            let all = begun + count;
            chunk.copy_within(whole..all, 0);
            begun = all - whole;
            if count == 0 || self.sink.is_broken() {
                break;
            }
        }
        let end = file.stream_position().map_err(failed)?;
        self.offsets.insert(path.to_path_buf(), end);
        Ok(())
    }

    fn show(&mut self, name: &str, path: &Path, bytes: &[u8]) {
        let ends = bytes.ends_with(b"\n");
        if self.current.as_ref().is_none_or(|(current, _)| current != path) {
            self.end_line();
            if self.headers {
                self.sink.line(format!("==> {} <==", visible::line(name)));
            }
        }
        if self.terminal {
            self.sink.text(visible::block(&String::from_utf8_lossy(bytes)));
        } else {
            self.sink.bytes(bytes);
        }
        self.current = Some((path.to_path_buf(), ends));
    }

    /// A line that another file would go on with is ended first.
    fn end_line(&mut self) {
        if let Some((_, false)) = self.current.take()
            && (self.terminal || self.headers)
        {
            self.sink.line("");
        }
    }
}

/// Without a last character that is cut.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to().max(bytes.len().saturating_sub(3)),
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_belong_to_their_step() {
        let of = |known: &str| is_of(&StepId(known.to_owned()), "restore");
        assert!(of("restore") && of("restore/a") && of("restore[x]"));
        assert!(!of("restore2") && !of("a/restore"));
    }

    #[test]
    fn a_cut_character_waits() {
        assert_eq!(whole_characters("aü".as_bytes()), 3);
        assert_eq!(whole_characters(&"aü".as_bytes()[..2]), 1);
        assert_eq!(whole_characters(b"a\xff"), 2);
    }
}
