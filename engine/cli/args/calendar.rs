//! The flags of `drill due`, `drill next` and `drill install`, and their examples.

use std::path::PathBuf;

use chrono::{DateTime, Datelike as _, Utc};
use clap::Args;

use super::{DrillsDir, RunsDir};
use crate::template::quantity::parse_timestamp;

/// A moment of this age: nobody plans for another.
fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let moment = parse_timestamp(text)?.to_utc();
    if (1970..2100).contains(&moment.year()) { Ok(moment) } else { Err("write a year from 1970 to 2099".to_owned()) }
}

/// Which calendars, and where what they ask for is recorded.
#[derive(Debug, Args)]
pub struct CalendarsArgs {
    /// Calendars, or directories with some [default: `calendars` and `runbooks/calendars`]
    #[arg(value_name = "CALENDAR")]
    pub calendars: Vec<PathBuf>,
    /// Where drills.
    #[command(flatten)]
    pub drills: DrillsDir,
    /// Where runs.
    #[command(flatten)]
    pub runs: RunsDir,
}

/// `drill due`.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// Which.
    #[command(flatten)]
    pub which: CalendarsArgs,
    /// As if it were this moment: 2026-12-07T03:00:00+01:00
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<DateTime<Utc>>,
    /// Carry out what is due, one after the other, and tell who wants to know; never asks
    #[arg(long, conflicts_with = "at")]
    pub run: bool,
    /// Only what is due or overdue; with --run only results
    #[arg(long, short = 'q')]
    pub quiet: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `drill next`.
#[derive(Debug, Args)]
pub struct NextArgs {
    /// Which.
    #[command(flatten)]
    pub which: CalendarsArgs,
    /// So many [default: 10, or all with --until]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    /// Up to this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<DateTime<Utc>>,
    /// After this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<DateTime<Utc>>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `drill install`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(group = clap::ArgGroup::new("kind").required(true).args(["systemd", "cron"]))]
#[command(group = clap::ArgGroup::new("deed").args(["print", "write", "remove"]))]
pub struct InstallArgs {
    /// Which.
    #[command(flatten)]
    pub which: CalendarsArgs,
    /// A systemd timer and its service
    #[arg(long)]
    pub systemd: bool,
    /// A line for cron
    #[arg(long)]
    pub cron: bool,
    /// Of this user, not of the machine
    #[arg(long)]
    pub user: bool,
    /// Only print it (default)
    #[arg(long)]
    pub print: bool,
    /// Write it, and start the timer
    #[arg(long)]
    pub write: bool,
    /// Take it away
    #[arg(long)]
    pub remove: bool,
}

/// `drill due`.
pub const DUE: &str = "\
Examples:
  runbook drill due                  every calendar that is found
  runbook drill due runbooks/calendars/nchat.yaml --json
  runbook drill due --at 2026-12-07T03:00:00+01:00
  runbook drill due --run            what a timer does

An entry is due from its moment on, and overdue once its grace is over. It is
done by a drill or a run of the same runbook, system and lab (and fault, if it
names one) that began at that moment or later, whoever started it. A failed one
counts, and is shown; a control, a refused, an interrupted or a broken one does
not. Doing it once makes up for all that were missed.

--run carries out what is due without asking anybody, goes on after a failure,
and tries at most three times for a moment.

Exit: 0 nothing is overdue, 1 something is, 2 a calendar is invalid; with --run
the worst of what was carried out, 5 if another one carries it out";

/// `drill next`.
pub const NEXT: &str = "\
Examples:
  runbook drill next
  runbook drill next runbooks/calendars/nchat.yaml --count 3
  runbook drill next --until 2027-01-01T00:00:00Z --json

Exit: 0";

/// `drill install`.
pub const INSTALL: &str = "\
Examples:
  runbook drill install --systemd            print the units
  runbook drill install --systemd --write    /etc/systemd/system/runbook-NAME.*
  runbook drill install --cron --write       /etc/cron.d/runbook-NAME
  runbook drill install --cron --user --write
  runbook drill install --systemd --remove

The timer starts `runbook drill due --run`, in this directory. Missed while the
machine was off, it starts when the machine is back. Nothing is overwritten or
removed that this did not write.

Exit: 0, 2 a calendar is invalid, 4 a file of somebody else is in the way";
