//! The flags of rehearsals and of tests.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::rehearse::Kind;

use super::{DetailArgs, PlanArgs};

fn ways() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str))
}

/// `rehearse`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct RehearseArgs {
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// What is broken: a fault of the runbook, or `none` [default: the runbook's first]
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// Of latencies and ids: the same seed gives the same rehearsal
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Fail each step in each way, and show where that leads
    #[arg(long)]
    pub every_failure: bool,
    /// With --every-failure: two failures on one path, too
    #[arg(long, requires = "every_failure")]
    pub pairs: bool,
    /// With --every-failure: only these ways to fail: `error,timeout`, or the flag again
    #[arg(long, value_name = "WAY", value_delimiter = ',', requires = "every_failure", value_parser = ways())]
    pub with: Vec<String>,
    /// With --pairs: at most so many paths
    #[arg(long, value_name = "N", default_value_t = 20_000, requires = "pairs")]
    pub budget: usize,
    /// With --every-failure: exit 1 on anything that nobody has accepted
    #[arg(long, requires = "every_failure")]
    pub strict: bool,
    /// At most so many steps at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_parallel: Option<u32>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// How much.
    #[command(flatten)]
    pub detail: DetailArgs,
}

/// `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// Test files, or directories to search for `*_test.yaml` [default: this directory]
    #[arg(value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Only cases whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// One JSON object a case, then the count
    #[arg(long)]
    pub json: bool,
    /// How much.
    #[command(flatten)]
    pub detail: DetailArgs,
}
