//! The command line's grammar and its help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::exit;
use crate::report::Detail;

/// Declarative disaster recovery: runbooks that can be checked, dry-run, run and proved.
#[derive(Debug, Parser)]
#[command(name = "runbook", version, long_version = LONG_VERSION, max_term_width = 100, after_help = AFTER_HELP)]
#[command(disable_help_subcommand = false, arg_required_else_help = true)]
pub struct Cli {
    /// Plain text without colours (also: the variable `NO_COLOR`)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const LONG_VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), "\nlanguage runbook/v1, system/v1\nlicence ", env!("CARGO_PKG_LICENSE"));

const AFTER_HELP: &str = "\
Examples:
  runbook check runbooks/                              every mistake, with its place
  runbook run runbooks/scenario-b.yaml --dry-run       what would happen, what is proved
  runbook run runbooks/scenario-b.yaml                 recover
  runbook show                                         the last run

Exit codes: runbook help exit-codes";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a runbook, or show with --dry-run what would happen
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Find every mistake in runbooks and systems
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Print the graph of a runbook's steps
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(GraphArgs),
    /// Print the JSON Schema of a kind of document, for editors
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema(SchemaArgs),
    /// Show a run from its journal
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completion(CompletionArgs),
    /// List the exit codes and what they mean
    #[command(name = "exit-codes", after_help = exit::table())]
    ExitCodes,
}

impl Verb {
    /// True when errors must be JSON too.
    pub fn wants_json(&self) -> bool {
        match self {
            Self::Run(args) => args.json,
            Self::Check(args) => args.json,
            Self::Show(args) => args.json,
            Self::Graph(_) | Self::Schema(_) | Self::Completion(_) | Self::ExitCodes => false,
        }
    }
}

const RUN_EXAMPLES: &str = "\
Examples:
  runbook run recover.yaml --dry-run                   nothing is changed; read-only steps run
  runbook run recover.yaml --dry-run --strict          exit 4 unless everything is proved
  runbook run recover.yaml --set service=app --set at=2026-11-20T03:00:00Z
  runbook run recover.yaml --params values.yaml --environment staging
  runbook run recover.yaml --only restore --max-parallel 2
  runbook run recover.yaml --yes --environment staging --json

Without a terminal nothing is ever answered \"yes\" by default: a destructive step needs --yes
together with --environment, whose identity probe must pass.

Exit codes: runbook help exit-codes";

const CHECK_EXAMPLES: &str = "\
Examples:
  runbook check recover.yaml                           one runbook, its system and includes
  runbook check runbooks/                              every runbook and system below a directory
  runbook check a.yaml b.yaml runbooks/ --json         for editors and pipelines

--json prints one array with an object for each finding, in the order of files and lines:
  code         stable, like `document::unknown_key`
  severity     `error` or `warning`
  message      one sentence
  path         the file; this and the next four are absent where no file holds the mistake
  line         from 1
  column       from 1, in characters
  offset       first byte, from 0
  end          byte after the last
  label        words for the place, or null
  help         the next step, or null
  related      array of other places: path, line, column, offset, end, message

Exit: 0 no errors (warnings are fine), 2 errors";

const GRAPH_EXAMPLES: &str = "\
Examples:
  runbook graph recover.yaml                           the steps, the waves, the critical path
  runbook graph recover.yaml --format mermaid > recover.mmd";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  runbook schema runbook > runbook.schema.json
  runbook schema system > system.schema.json

In a document, for editors: # yaml-language-server: $schema=runbook.schema.json";

const SHOW_EXAMPLES: &str = "\
Examples:
  runbook show                                         the newest run
  runbook show 01KB7                                   a run by the beginning of its id
  runbook show --json                                  the summary as one object";

const COMPLETION_EXAMPLES: &str = "\
Examples:
  runbook completion bash > /etc/bash_completion.d/runbook
  runbook completion zsh > ~/.zfunc/_runbook
  runbook completion fish > ~/.config/fish/completions/runbook.fish";

/// What makes a plan of a document.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The runbook
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
#[derive(Debug, Args)]
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
    /// At most so many steps at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_parallel: Option<u32>,
    /// Answer confirmations; counts only with --environment, whose identity probe must pass
    #[arg(long)]
    pub yes: bool,
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
}

/// Forms of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For Markdown and mermaid.live
    Mermaid,
    /// For reading
    Text,
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

/// `completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
