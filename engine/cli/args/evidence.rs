//! The flags of verbs that look back: reports, and of paper.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DrillsDir, PlanArgs, RunsDir};

/// `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The run's or the drill's id, its beginning, or its directory; without it what began last
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// The form
    #[arg(long, value_enum, default_value = "json")]
    pub format: ReportFormat,
    /// Write it to this file instead of standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where runs are.
    #[command(flatten)]
    pub runs: RunsDir,
    /// Where drills are.
    #[command(flatten)]
    pub drills: DrillsDir,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For machines: all of it
    Json,
    /// For a browser and for paper: one file
    Html,
    /// For comments and summaries
    Md,
    /// For servers that show tests
    Junit,
}

/// `render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// The form
    #[arg(long, value_enum, default_value = "md")]
    pub format: RenderFormat,
    /// Write it to this file instead of standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Forms of a printed runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RenderFormat {
    /// Markdown
    Md,
    /// One file, for a printer
    Html,
}
