//! The files that a drill leaves for a pipeline: written whatever became of it, each whole or not at all.

use std::path::{Path, PathBuf};

use crate::cli::args::{DrillRunArgs, ReportFormat};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::recorded::Recorded;
use crate::cli::report;
use crate::journal::RunDirectory;
use crate::report::{Sink, junit, visible};

/// Files and their forms.
pub struct Reports(Vec<(PathBuf, ReportFormat)>);

impl Reports {
    /// What the command line asks for. Everything that would keep it from being written is found before anything is made.
    ///
    /// # Errors
    /// A file of a form that nobody knows, or in a place where none can be.
    pub fn of(args: &DrillRunArgs) -> Result<Self, Failure> {
        let mut files: Vec<(PathBuf, ReportFormat)> = Vec::new();
        files.extend(args.junit.iter().map(|path| (path.clone(), ReportFormat::Junit)));
        for path in &args.report {
            files.push((path.clone(), form(path)?));
        }
        for (path, _) in &files {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let made = parent.map_or(Ok(()), std::fs::create_dir_all);
            made.map_err(|error| Failure::usage(format!("make the directory of {}: {error}", path.display())))?;
            if path.is_dir() {
                return Err(Failure::usage(format!(
                    "{} is a directory: no report can be written there",
                    path.display()
                )));
            }
        }
        Ok(Self(files))
    }

    /// Writes them, as far as the drill came; `began` is its directory, if it has one by then.
    ///
    /// # Errors
    /// The drill's own failure, else that of a file. All that can be written are written.
    pub fn write(
        self,
        args: &DrillRunArgs,
        began: Option<&RunDirectory>,
        ended: Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        if self.0.is_empty() {
            return ended;
        }
        let recorded = began.and_then(|directory| Recorded::read(directory).ok());
        let mut failed = None;
        for (path, format) in &self.0 {
            let text = match (&recorded, &ended, format) {
                (Some(recorded), _, _) => report::render(recorded, *format),
                (None, Err(failure), ReportFormat::Junit) => {
                    junit::never_began(&args.file.display().to_string(), failure.message())
                }
                // There is nothing to tell of.
                (None, _, _) => continue,
            };
            match report::write(path, &text) {
                Ok(()) if !args.json => {
                    Sink::stderr().line(format!("written to {}", visible::line(&path.display().to_string())));
                }
                Ok(()) => {}
                Err(failure) => failed = Some(failure),
            }
        }
        match (ended, failed) {
            (Ok(_), Some(failure)) => Err(failure),
            (ended, _) => ended,
        }
    }
}

/// By the end of its name.
fn form(path: &Path) -> Result<ReportFormat, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => Ok(ReportFormat::Html),
        Some("json") => Ok(ReportFormat::Json),
        Some("md") => Ok(ReportFormat::Md),
        Some("xml") => Ok(ReportFormat::Junit),
        _ => Err(Failure::usage(format!("what form is {} to have?", path.display()))
            .help("--report takes files whose names end in .html, .json, .md or .xml (JUnit)")),
    }
}
