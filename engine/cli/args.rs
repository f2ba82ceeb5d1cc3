//! The command line's grammar; its longer texts are in [`help`], the flags of runs that are there in [`runs`].

mod calendar;
mod cloudlab;
mod drills;
mod evidence;
mod help;
mod history;
mod proof;
mod rehearsals;
mod runs;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Detail;

/// Declarative disaster recovery: runbooks that can be checked, dry-run, run and proved.
#[derive(Debug, Parser)]
#[command(name = "runbook", version, long_version = help::LONG_VERSION, max_term_width = 100)]
#[command(help_template = help::TEMPLATE, after_help = help::AFTER, arg_required_else_help = true)]
pub struct Cli {
    /// Plain text without colours (also: the variable `NO_COLOR`)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a runbook or a saved plan; with --dry-run change nothing
    #[command(after_help = help::RUN)]
    Run(Box<RunArgs>),
    /// Go on with a run that was interrupted, paused or failed
    #[command(after_help = help::RESUME)]
    Resume(ResumeArgs),
    /// Find every mistake in runbooks and systems
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Rehearse a runbook in a simulated world; fail each step in each way
    #[command(after_help = help::REHEARSE)]
    Rehearse(Box<RehearseArgs>),
    /// Run the tests beside runbooks: rehearsals with an expected end
    #[command(after_help = help::TEST)]
    Test(TestArgs),
    /// Make a disposable environment, and take it down
    #[command(after_help = help::LAB)]
    Lab(LabArgs),
    /// Break a lab for real, recover it with a runbook, measure
    #[command(after_help = help::DRILL)]
    Drill(DrillArgs),
    /// Print the graph of a runbook's steps, or of a recorded run
    #[command(after_help = help::GRAPH, mut_arg("file", |file| file.value_name("FILE|RUN").help(help::GRAPH_FILE)))]
    Graph(GraphArgs),
    /// Print a runbook for the wall, with the commands themselves
    #[command(after_help = help::RENDER)]
    Render(RenderArgs),
    /// Print the JSON Schema of a kind of document, for editors
    #[command(after_help = help::SCHEMA)]
    Schema(SchemaArgs),
    /// List the runs
    #[command(after_help = help::RUNS)]
    Runs(RunsArgs),
    /// Say where a run is and whom it waits for
    #[command(after_help = help::STATUS)]
    Status(StatusArgs),
    /// Print what the steps of a run wrote
    #[command(after_help = help::LOGS)]
    Logs(LogsArgs),
    /// Show a run from its journal
    #[command(after_help = help::SHOW)]
    Show(ShowArgs),
    /// Report a run or a drill from its journal
    #[command(after_help = help::REPORT)]
    Report(ReportArgs),
    /// Bundle everything recorded of a run or a drill
    #[command(after_help = help::BUNDLE)]
    Bundle(BundleArgs),
    /// Check offline that recorded evidence is what was recorded
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// Print the head of a journal's chain, to keep elsewhere
    #[command(after_help = help::HEAD)]
    Head(HeadArgs),
    /// Agree to a step that waits for approval
    #[command(after_help = help::APPROVE)]
    Approve(ApproveArgs),
    /// Refuse a step that waits for approval
    #[command(after_help = help::APPROVE)]
    Reject(ApproveArgs),
    /// Let a run stop in a way that can be resumed
    #[command(after_help = help::PAUSE)]
    Pause(WhyArgs),
    /// Give a run up: end what runs, run its finally-steps, nothing else
    #[command(after_help = help::CANCEL)]
    Cancel(DriveArgs),
    /// Undo what a run did, backwards to its last destroy
    #[command(after_help = help::ROLLBACK)]
    Rollback(DriveArgs),
    /// Say who holds a run's locks; free them from a stuck engine
    #[command(after_help = help::UNLOCK)]
    Unlock(UnlockArgs),
    /// Trends of drills and runs, and what was never drilled
    #[command(after_help = history::HELP)]
    History(HistoryArgs),
    /// Say whether this machine is ready to recover
    #[command(after_help = help::DOCTOR)]
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETION)]
    Completion(CompletionArgs),
    /// Stand in for Google Cloud in a lab
    #[command(hide = true)]
    Cloudlab(CloudlabArgs),
    /// List the exit codes and what they mean
    #[command(name = "exit-codes", after_help = help::exit_codes())]
    ExitCodes,
}

impl Verb {
    /// True when errors must be JSON too.
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Run(args) => args.json,
            Self::Resume(args) => args.json,
            Self::Check(args) => args.json,
            Self::Rehearse(args) => args.json,
            Self::Test(args) => args.json,
            Self::Lab(args) => match &args.verb {
                LabVerb::Up(args) => args.json,
                LabVerb::Status(args) => args.json,
                LabVerb::Down(args) => args.json,
                LabVerb::Clean(args) => args.json,
            },
            Self::Drill(args) => match &args.verb {
                DrillVerb::Run(args) => args.json,
                DrillVerb::Show(args) => args.json,
                DrillVerb::Clean(args) => args.json,
                DrillVerb::Due(args) => args.json,
                DrillVerb::Next(args) => args.json,
                DrillVerb::Install(_) => false,
            },
            Self::Runs(args) => args.json,
            Self::History(args) => args.format() == HistoryFormat::Json,
            Self::Status(args) => args.json,
            Self::Show(args) => args.json,
            Self::Bundle(args) => args.json,
            Self::Verify(args) => args.json,
            Self::Head(args) => args.json,
            Self::Approve(args) | Self::Reject(args) => args.json,
            Self::Pause(args) => args.json,
            Self::Cancel(args) | Self::Rollback(args) => args.why.json,
            Self::Unlock(args) => args.json,
            Self::Doctor(args) => args.json,
            Self::Logs(_)
            | Self::Report(_)
            | Self::Graph(_)
            | Self::Render(_)
            | Self::Schema(_)
            | Self::Completion(_)
            | Self::Cloudlab(_)
            | Self::ExitCodes => false,
        }
    }
}

pub use calendar::{CalendarsArgs, DueArgs, InstallArgs, NextArgs};
pub use cloudlab::{CloudlabArgs, CloudlabVerb};
pub use drills::{
    CleanArgs, DrillArgs, DrillRunArgs, DrillShowArgs, DrillVerb, DrillsDir, LabArgs, LabDownArgs, LabStatusArgs,
    LabUpArgs, LabVerb,
};
pub use evidence::{RenderArgs, RenderFormat, ReportArgs, ReportFormat};
pub use history::{HistoryArgs, HistoryFormat};
pub use proof::{BundleArgs, HeadArgs, SignersArgs, VerifyArgs};
pub use rehearsals::{RehearseArgs, TestArgs};
pub use runs::{
    ApproveArgs, DoctorArgs, DriveArgs, LogsArgs, ResumeArgs, RunsArgs, ShowArgs, StatusArgs, UnlockArgs, WhyArgs,
};

/// What makes a plan of a document.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The runbook; for `run` also a plan that --out saved
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Use this system instead of the runbook's own
    #[arg(long, value_name = "FILE")]
    pub system: Option<PathBuf>,
    /// The environment of the system
    #[arg(long, short = 'e', value_name = "NAME")]
    pub environment: Option<String>,
    /// Set a parameter; a list takes several values: `a,b`, or the flag again
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Read parameters from a YAML mapping; --set wins
    #[arg(long, value_name = "FILE")]
    pub params: Vec<PathBuf>,
    /// Run only these steps (ids; a group means all its members)
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these steps out (ids)
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Begin with this step: what comes before it and is not part of it is left out
    #[arg(long, value_name = "STEP")]
    pub from: Option<String>,
}

/// Where runs are kept.
#[derive(Debug, Args)]
pub struct RunsDir {
    /// Where runs are recorded [default: `$RUNBOOK_RUNS`, else `runs`]
    #[arg(long, value_name = "DIR")]
    pub runs_dir: Option<PathBuf>,
}

impl RunsDir {
    /// The flag, else the variable, else `runs`.
    pub fn path(&self) -> PathBuf {
        let variable = || std::env::var_os("RUNBOOK_RUNS").filter(|value| !value.is_empty()).map(PathBuf::from);
        self.runs_dir.clone().or_else(variable).unwrap_or_else(|| PathBuf::from("runs"))
    }
}

/// How much is shown.
#[derive(Clone, Debug, Args)]
pub struct DetailArgs {
    /// Only failures and the closing line
    #[arg(long, short = 'q', conflicts_with = "verbose")]
    pub quiet: bool,
    /// Output lines too; twice: every command
    #[arg(long, short = 'v', action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl DetailArgs {
    /// The level.
    pub fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, 0) => Detail::Normal,
            (false, 1) => Detail::Output,
            (false, _) => Detail::Commands,
        }
    }
}

/// `run`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct RunArgs {
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Change nothing: show each step's exact command and what is proved
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: exit 4 unless every step is proved
    #[arg(long, requires = "dry_run")]
    pub strict: bool,
    /// With --dry-run: save the plan here; `runbook run` of that file runs exactly it, or refuses
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub out: Option<PathBuf>,
    /// Step mode: ask before every step and after every failure
    #[arg(long, conflicts_with_all = ["dry_run", "json"])]
    pub step: bool,
    /// At most so many steps at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_parallel: Option<u32>,
    /// Answer confirmations; counts only with --environment, whose identity probe must pass
    #[arg(long)]
    pub yes: bool,
    /// The people of a drill, who listen at this socket
    #[arg(long, hide = true, value_name = "SOCKET")]
    pub people: Option<PathBuf>,
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

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, or directories to search for runbooks and systems
    #[arg(value_name = "FILE|DIR", required = true)]
    pub paths: Vec<PathBuf>,
    /// Findings as a JSON array
    #[arg(long)]
    pub json: bool,
}

/// `graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    pub format: GraphFormat,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
}

/// Forms of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For Markdown and mermaid.live
    Mermaid,
    /// For reading
    Text,
    /// For Graphviz
    Dot,
    /// For a browser, a page or paper
    Svg,
}

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The kind of document
    #[arg(value_enum)]
    pub kind: SchemaKind,
}

/// Kinds that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// runbook/v1
    Runbook,
    /// system/v1
    System,
    /// test/v1
    Test,
    /// lab/v1
    Lab,
    /// What `report --format json` prints
    Report,
    /// What `history --format json` prints
    History,
    /// calendar/v1
    Calendar,
}

/// `completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
