//! Flags of the verbs for runs that are there already, and of `doctor`.

use std::path::PathBuf;

use clap::Args;

use super::{DetailArgs, RunsDir};

/// `resume`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct ResumeArgs {
    /// The run's id or its beginning; without it the newest run that can go on
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Step mode: ask before every step and after every failure
    #[arg(long, conflicts_with = "json")]
    pub step: bool,
    /// Go on though the documents or inputs changed; the difference is shown and recorded
    #[arg(long)]
    pub accept_changes: bool,
    /// Also the steps of the phase `failback`
    #[arg(long)]
    pub failback: bool,
    /// Answer confirmations; counts only with --environment, whose identity probe must pass
    #[arg(long)]
    pub yes: bool,
    /// With --yes: the run's environment, named again
    #[arg(long, short = 'e', value_name = "NAME")]
    pub environment: Option<String>,
    /// At most so many steps at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_parallel: Option<u32>,
    /// One JSON object a line: every event, then the summary
    #[arg(long)]
    pub json: bool,
    /// How much.
    #[command(flatten)]
    pub detail: DetailArgs,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// At most so many, the newest
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// One object a line
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The run's id or its beginning; without it the newest run
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Go on showing it until the run ends or its engine is gone
    #[arg(long, short = 'w')]
    pub watch: bool,
    /// One object (with --watch: one a line, whenever it changes)
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// The run's id or its beginning
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Only this step and its members
    #[arg(value_name = "STEP")]
    pub step: Option<String>,
    /// Go on until the step (or the run) ends
    #[arg(long, short = 'f')]
    pub follow: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The run's id or its beginning; without it the newest run
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// The summary as one JSON object
    #[arg(long)]
    pub json: bool,
    /// How much.
    #[command(flatten)]
    pub detail: DetailArgs,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `approve` and `reject`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The run's id or its beginning
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The step that waits
    #[arg(value_name = "STEP")]
    pub step: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Sign with this key of `ssh-keygen` [default: `$RUNBOOK_KEY`]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// What came of it as one object
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `pause`, and what every word to a run has.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// The run's id or its beginning
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// What came of it as one object
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `cancel` and `rollback`: also what is needed to carry them out here, when no engine drives the run any more.
#[derive(Debug, Args)]
pub struct DriveArgs {
    /// The run and why.
    #[command(flatten)]
    pub why: WhyArgs,
    /// Answer confirmations; counts only with --environment, whose identity probe must pass
    #[arg(long)]
    pub yes: bool,
    /// With --yes: the run's environment, named again
    #[arg(long, short = 'e', value_name = "NAME")]
    pub environment: Option<String>,
    /// Go on though the documents or inputs changed; the difference is shown and recorded
    #[arg(long)]
    pub accept_changes: bool,
    /// How much.
    #[command(flatten)]
    pub detail: DetailArgs,
}

/// `unlock`.
#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// The run's id or its beginning
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Also from an engine that lives: its next write fails
    #[arg(long)]
    pub force: bool,
    /// What was found as one object
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Also what a run of this runbook would need
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Use this system instead of the runbook's own
    #[arg(long, value_name = "FILE")]
    pub system: Option<PathBuf>,
    /// The environment of the system
    #[arg(long, short = 'e', value_name = "NAME")]
    pub environment: Option<String>,
    /// Set a parameter of the runbook
    #[arg(long, value_name = "NAME=VALUE", requires = "file")]
    pub set: Vec<String>,
    /// Read parameters from a YAML mapping; --set wins
    #[arg(long, value_name = "FILE", requires = "file")]
    pub params: Vec<PathBuf>,
    /// One object
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub runs: RunsDir,
}
