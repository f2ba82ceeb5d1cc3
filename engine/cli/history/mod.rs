//! `runbook history`: every drill and run there is, as trends, tables, pictures or data.

mod known;
mod read;
mod since;

use std::path::Path;

use super::args::{HistoryArgs, HistoryFormat};
use super::drill::overdue;
use super::exit::Exit;
use super::failure::Failure;
use super::identity;
use crate::journal::Runs;
use crate::report::trend::{self, Filter, Found, History, Places};
use crate::report::{Sink, visible};

/// Where nobody knows how wide it is shown.
const WIDTH: usize = 100;

/// Reads everything, folds it, shows it.
pub fn history(args: &HistoryArgs) -> Result<Exit, Failure> {
    let now = identity::wall();
    let since = args.since.as_deref().map(|text| since::moment(text, now)).transpose()?;
    let filter = Filter {
        scenario: args.scenario.clone(),
        system: args.system.clone(),
        environment: args.environment.clone(),
        since,
    };
    let (drills, runs) = (Runs::new(args.drills.path()), Runs::new(args.runs.path()));
    let (rows, damaged) = read::all(&drills, &runs, &filter)?;
    let found = Found {
        rows,
        damaged,
        known: known::known(&args.runbooks),
        overdue: overdue(&drills, &runs, now),
        places: Places { drills: drills.path().display().to_string(), runs: runs.path().display().to_string() },
    };
    let history = History::of(found, filter, now);
    let text = match args.format() {
        HistoryFormat::Json => trend::json(&history) + "\n",
        HistoryFormat::Html => trend::html(&history),
        HistoryFormat::Table => {
            let term = console::Term::stdout();
            let on_terminal = term.is_term() && args.output.is_none();
            let width = if on_terminal { usize::from(term.size().1) } else { WIDTH };
            let mut lines = trend::text(&history, width, on_terminal && console::colors_enabled());
            lines.push(String::new());
            lines.join("\n")
        }
    };
    match &args.output {
        Some(file) => write(file, &text)?,
        None => Sink::stdout().text(text),
    }
    Ok(Exit::Success)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let shown = visible::line(&file.display().to_string()).into_owned();
    std::fs::write(file, text).map_err(|error| Failure::Storage(format!("write {shown}: {error}")))?;
    Sink::stderr().line(format!("written: {shown}"));
    Ok(())
}
