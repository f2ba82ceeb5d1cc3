//! `runbook report`: a recorded run or drill on paper and for machines, from its journal alone.

use std::path::Path;

use super::args::{ReportArgs, ReportFormat};
use super::exit::Exit;
use super::failure::Failure;
use super::recorded::Recorded;
use crate::report::{Sink, account::Account, json, junit, markdown};

/// Writes the report.
pub fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let account = Recorded::open(args.run.as_deref(), &args.runs, &args.drills)?.account();
    let text = render(&account, args.format);
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
pub fn render(account: &Account, format: ReportFormat) -> String {
    match format {
        ReportFormat::Json => json::line(account) + "\n",
        ReportFormat::Md => markdown::markdown(account),
        ReportFormat::Junit => junit::junit(account),
    }
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
