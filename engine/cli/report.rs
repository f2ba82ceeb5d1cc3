//! `runbook report`: a recorded run or drill on paper and for machines, from its journal alone.

use std::path::Path;

use super::args::{ReportArgs, ReportFormat};
use super::exit::Exit;
use super::failure::Failure;
use super::graph::outline;
use super::recorded::Recorded;
use crate::report::account::Account;
use crate::report::html::{Sheet, html};
use crate::report::{Sink, json, junit, markdown};

/// Writes the report.
pub fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let recorded = Recorded::open(args.run.as_deref(), &args.runs, &args.drills)?;
    let text = render(&recorded, args.format);
    match &args.output {
        Some(path) => {
            write(path, &text)?;
            Sink::stderr().line(format!("written to {}", path.display()));
        }
        None => Sink::stdout().text(&text),
    }
    Ok(Exit::Success)
}

/// The account in a form.
pub fn render(recorded: &Recorded, format: ReportFormat) -> String {
    let account = recorded.account();
    match format {
        ReportFormat::Json => json::line(&account) + "\n",
        ReportFormat::Html => page(recorded, &account),
        ReportFormat::Md => markdown::markdown(&account),
        ReportFormat::Junit => junit::junit(&account),
    }
}

/// What cannot be drawn is said: a report has to tell what there is.
fn page(recorded: &Recorded, account: &Account) -> String {
    let outline = recorded.run.as_ref().map(|(directory, _)| outline(directory));
    let outline = outline.as_ref().map(|outline| outline.as_ref().map_err(String::as_str));
    html(&Sheet { account, outline })
}

/// Whole or not at all: whoever reads the file never finds half of it.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Storage(format!("write {}: {error}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, path)).map_err(|error| {
        let _ = std::fs::remove_file(&fresh);
        failed(error)
    })
}
