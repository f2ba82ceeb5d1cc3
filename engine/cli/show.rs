//! `runbook show [RUN]`: a run read back from its journal, through the same fold and the same renderer as the run itself.

use std::io;

use crate::journal::{self, RunDirectory, Runs};
use crate::report::{Detail, Sink, Summary, closing, json, phrase, visible};

use super::args::ShowArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Shows a run.
pub fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let runs = Runs::new(args.runs.path());
    let directory = find(&runs, args.run.as_deref())?;
    let loaded = journal::load(&directory.journal()).map_err(|error| Failure::Storage(error.to_string()))?;
    if let Some(torn) = &loaded.torn {
        let text =
            format!("warning: the last {} bytes of the journal were never acknowledged and are dropped", torn.bytes);
        Sink::stderr().line(text);
    }
    let summary = Summary::of(&loaded.records);
    if args.json {
        Sink::stdout().line(json::summary_line(&summary));
        return Ok(Exit::Success);
    }
    let term = console::Term::stdout();
    let width = if term.is_term() { usize::from(term.size().1) } else { 100 };
    let colour = term.is_term() && console::colors_enabled();
    let sink = Sink::stdout();
    let detail = args.detail.detail();
    sink.line(visible::line(&summary.title));
    sink.line(phrase::header(&summary));
    if let Some(started) = summary.started {
        let by = visible::line(&summary.operator);
        sink.line(format!("started {} by {by}, runbook {}", started.format("%Y-%m-%d %H:%M:%S UTC"), summary.engine));
    }
    if detail == Detail::Commands {
        for step in summary.steps.iter().filter(|step| !step.command.is_empty()) {
            sink.line(format!("{}:", visible::line(&step.step.0)));
            for line in step.command.lines() {
                sink.line(format!("    {}", visible::line(line)));
            }
        }
    }
    for line in closing::lines(&summary, detail, width, colour, Some(directory.path())) {
        sink.line(line);
    }
    Ok(Exit::Success)
}

fn find(runs: &Runs, id: Option<&str>) -> Result<RunDirectory, Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => {
            Failure::usage(error.to_string()).help("--runs-dir or $RUNBOOK_RUNS name the directory of runs")
        }
        _ => Failure::Storage(format!("read {}: {error}", runs.path().display())),
    };
    match id {
        // Ids are written in upper case; people type what they like.
        Some(id) => runs.open(&id.to_ascii_uppercase()).map_err(failed),
        None => runs.newest().map_err(failed)?.ok_or_else(|| {
            Failure::usage(format!("there is no run in {}", runs.path().display()))
                .help("--runs-dir or $RUNBOOK_RUNS name the directory of runs")
        }),
    }
}
