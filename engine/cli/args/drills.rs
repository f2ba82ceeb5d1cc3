//! The flags of labs and drills.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use crate::model::drill::Stage;

use super::{DueArgs, InstallArgs, NextArgs, calendar, help};

fn stages() -> PossibleValuesParser {
    PossibleValuesParser::new(Stage::ALL.map(Stage::as_str))
}

/// `lab`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct LabArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: LabVerb,
}

/// What can be done with labs.
#[derive(Debug, Subcommand)]
pub enum LabVerb {
    /// Make a lab and leave it up
    #[command(after_help = help::LAB_UP)]
    Up(LabUpArgs),
    /// List the labs of this machine
    Status(LabStatusArgs),
    /// Take labs down
    Down(LabDownArgs),
    /// Remove what labs left behind whose makers are gone
    Clean(CleanArgs),
}

/// `lab up`.
#[derive(Debug, Args)]
pub struct LabUpArgs {
    /// The lab
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The cloud is spoken to by the shim, even where this machine has the real gcloud
    #[arg(long)]
    pub shim: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `lab status`.
#[derive(Debug, Args)]
pub struct LabStatusArgs {
    /// A JSON array
    #[arg(long)]
    pub json: bool,
}

/// `lab down`.
#[derive(Debug, Args)]
pub struct LabDownArgs {
    /// Its name, as `lab status` shows it; without it every lab that was left up
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `lab clean` and `drill clean`.
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `drill`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct DrillArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: DrillVerb,
}

/// What can be done with drills.
#[derive(Debug, Subcommand)]
pub enum DrillVerb {
    /// Break a lab for real, recover it with a runbook, measure, take it down
    #[command(after_help = help::DRILL_RUN)]
    Run(Box<DrillRunArgs>),
    /// Show a drill from its journal
    Show(DrillShowArgs),
    /// Remove what drills left behind that were killed
    Clean(CleanArgs),
    /// Say which drills and runs of a calendar are due or overdue; with --run carry them out
    #[command(after_help = calendar::DUE)]
    Due(DueArgs),
    /// List what is coming
    #[command(after_help = calendar::NEXT)]
    Next(NextArgs),
    /// Print or install a timer that carries out what is due
    #[command(after_help = calendar::INSTALL)]
    Install(InstallArgs),
}

/// Where drills are kept.
#[derive(Debug, Args)]
pub struct DrillsDir {
    /// Where drills are recorded [default: `$RUNBOOK_DRILLS`, else `drills`]
    #[arg(long, value_name = "DIR")]
    pub drills_dir: Option<PathBuf>,
}

impl DrillsDir {
    /// The flag, else the variable, else `drills`.
    pub fn path(&self) -> PathBuf {
        let variable = || std::env::var_os("RUNBOOK_DRILLS").filter(|value| !value.is_empty()).map(PathBuf::from);
        self.drills_dir.clone().or_else(variable).unwrap_or_else(|| PathBuf::from("drills"))
    }
}

/// `drill run`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DrillRunArgs {
    /// The runbook
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The lab [default: the one below `labs/` or `fixtures/labs/` that drills this runbook]
    #[arg(long, value_name = "FILE")]
    pub lab: Option<PathBuf>,
    /// Use this system instead of the lab's own
    #[arg(long, value_name = "FILE")]
    pub system: Option<PathBuf>,
    /// What is broken: a fault of the lab [default: what the lab says for this runbook]
    #[arg(long, value_name = "NAME")]
    pub fault: Option<String>,
    /// Set a parameter of the runbook, over what the lab says
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Recover nothing: the drill has to end red, or it proves nothing
    #[arg(long)]
    pub control: bool,
    /// Leave the lab up at the end
    #[arg(long)]
    pub keep: bool,
    /// Wait when this stage begins, until Enter: to look around in the lab
    #[arg(long, value_name = "STAGE", value_parser = stages())]
    pub hold: Option<String>,
    /// In a pipeline: plain lines, no questions; people do what the lab says and nothing else
    #[arg(long, conflicts_with = "hold")]
    pub ci: bool,
    /// Write the result as `JUnit` to this file, however it ends
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a report to this file, however it ends; its name says in which form (.json, .md, .xml)
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// The cloud is spoken to by the shim, even where this machine has the real gcloud
    #[arg(long)]
    pub shim: bool,
    /// One JSON object a line: every fact, then the result
    #[arg(long)]
    pub json: bool,
    /// Only the result
    #[arg(long, short = 'q')]
    pub quiet: bool,
    /// Where.
    #[command(flatten)]
    pub drills: DrillsDir,
}

/// `drill show`.
#[derive(Debug, Args)]
pub struct DrillShowArgs {
    /// The drill's id or its beginning; without it the newest
    #[arg(value_name = "DRILL")]
    pub drill: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Where.
    #[command(flatten)]
    pub drills: DrillsDir,
}
