//! `runbook show [RUN]`: a run read back from its journal, through the same fold and the same renderer as the run itself.

use crate::journal::Runs;
use crate::report::{Detail, Sink, Summary, closing, json, phrase, visible};

use super::args::ShowArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::found::{Found, State};

/// Shows a run.
pub fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let found = Found::open(&Runs::new(args.runs.path()), args.run.as_deref())?;
    found.warn_of_torn_tail();
    let summary = &found.summary;
    if args.json {
        Sink::stdout().line(json::summary_line(summary));
        return Ok(Exit::Success);
    }
    let term = console::Term::stdout();
    let width = if term.is_term() { usize::from(term.size().1) } else { 100 };
    let colour = term.is_term() && console::colors_enabled();
    let sink = Sink::stdout();
    let detail = args.detail.detail();
    sink.line(visible::line(&summary.title));
    sink.line(phrase::header(summary));
    if let Some(started) = summary.started {
        let by = visible::line(&summary.operator);
        sink.line(format!("started {} by {by}, runbook {}", started.format("%Y-%m-%d %H:%M:%S UTC"), summary.engine));
    }
    for line in happened(summary) {
        sink.line(visible::line(&line));
    }
    if detail == Detail::Commands {
        for step in summary.steps.iter().filter(|step| !step.command.is_empty()) {
            sink.line(format!("{}:", visible::line(&step.step.0)));
            for line in step.command.lines() {
                sink.line(format!("    {}", visible::line(line)));
            }
        }
    }
    if let (State::Running, Some(holder)) = (found.state(), &found.holder) {
        sink.line(format!("an engine drives it now: {}", visible::line(&holder.to_string())));
    }
    for line in closing::lines(summary, detail, width, colour, Some(found.directory.path())) {
        sink.line(line);
    }
    Ok(Exit::Success)
}

/// What people did to the whole run, a line each.
fn happened(summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(by) = &summary.resumed_by {
        lines.push(format!("resumed {}, last by {by}", phrase::times(summary.resumes)));
    }
    lines.extend(summary.changes.iter().map(|change| format!("accepted change: {change}")));
    for amendment in &summary.amendments {
        for (name, value) in &amendment.params {
            lines.push(format!("{} set `{name}` to {}", amendment.by, closing::shown(value)));
        }
    }
    for (what, said) in [("paused", &summary.paused), ("cancelled", &summary.cancelled)] {
        if let Some(said) = said {
            let why = if said.why.is_empty() { String::new() } else { format!(": {}", said.why) };
            lines.push(format!("{what} by {}{why}", said.by));
        }
    }
    lines
}
