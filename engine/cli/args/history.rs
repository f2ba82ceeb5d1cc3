//! The flags of `history`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RunsDir;
use super::drills::DrillsDir;

/// Examples.
pub const HELP: &str = "\
Examples:
  runbook history
      every drill and run: trends, people, steps, what was never drilled
  runbook history --scenario scenario-d --since 90d
  runbook history --system nchat --environment lab --since 2026-09-01
  runbook history --format html --output history.html
      one file with pictures, to look at, print or send
  runbook history --format json
      the form is schemas/history.schema.json: runbook schema history

Recovery time of a drill counts from the fault until the system is verified, of
a run from its start to its end. A control recovers nothing: it has to end red.
The chain of every journal is checked; one that is damaged is listed, and hides
no other. What was never drilled is told from all there is, whatever --since and
--environment say.

Exit: 0 also where something is damaged, 2 invalid input, 8 a directory cannot be
read or the file not be written";

/// `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Only this system
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// Only this scenario: a runbook's name
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Only this environment
    #[arg(long, short = 'e', value_name = "NAME")]
    pub environment: Option<String>,
    /// Only what began since then: 30d, 2026-11-01, or a time with its zone
    #[arg(long, value_name = "DATE|DURATION")]
    pub since: Option<String>,
    /// The form
    #[arg(long, value_enum, default_value = "table")]
    pub format: HistoryFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Write it to this file instead of printing it
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where runbooks are, so that what was never drilled is known
    #[arg(long, value_name = "DIR", default_value = "runbooks")]
    pub runbooks: PathBuf,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// Forms of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For a terminal
    Table,
    /// One object
    Json,
    /// One page with pictures
    Html,
}

impl HistoryArgs {
    /// The form that was asked for.
    pub const fn format(&self) -> HistoryFormat {
        if self.json { HistoryFormat::Json } else { self.format }
    }
}
