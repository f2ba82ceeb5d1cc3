//! The flags of verbs that prove: bundles, checks, heads.

use std::path::PathBuf;

use clap::Args;

use super::{DrillsDir, RunsDir};

/// Who may have signed.
#[derive(Debug, Args)]
pub struct SignersArgs {
    /// Whose keys are whose: a file as `ssh-keygen -Y verify -f` takes it
    #[arg(long, value_name = "FILE")]
    pub signers: Option<PathBuf>,
    /// Who has to have signed the bundle, as that file names them [default: anybody in it]
    #[arg(long, value_name = "NAME", requires = "signers")]
    pub identity: Option<String>,
}

/// `bundle`.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The run or drill: its id or the beginning of it, or its directory; without it the newest
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Where the bundle goes [default: `run-ID.tar` or `drill-ID.tar`, here]
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Sign the manifest with this key of `ssh-keygen` [default: `$RUNBOOK_KEY`]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The run or drill: its id or the beginning of it, its directory, or a bundle; without it the newest
    #[arg(value_name = "RUN|DIRECTORY|BUNDLE")]
    pub evidence: Option<String>,
    /// A head that was kept elsewhere: the line of `runbook head`, its hash, or a file with such lines
    #[arg(long, value_name = "HEAD")]
    pub head: Vec<String>,
    /// Whose signatures count.
    #[command(flatten)]
    pub signers: SignersArgs,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
}

/// `head`.
#[derive(Debug, Args)]
pub struct HeadArgs {
    /// The run or drill: its id or the beginning of it, or its directory; without it the newest
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
}
