//! `gcloud`, version 528. It reads the command line as the client does, asks the world what its API would answer, and shows it.

mod account;
mod addresses;
mod arguments;
mod attach;
mod client;
mod commands;
mod config;
mod create_instance;
mod databases;
mod disks;
mod expression;
mod failure;
mod format;
mod instances;
mod managed_zones;
mod nearest;
mod operations;
mod places;
mod policies;
mod projects;
mod record_sets;
mod served;
mod snapshots;
mod ssh;
mod surface;
mod transaction;
mod usage;

use std::time::Duration;

use super::process::{Process, Program, Ran, Unsimulated};
pub use served::served;

use client::Client;
use commands::Command;
use expression::Bad;
use format::Format;
use usage::UsageError;

/// From the start of the client until the API is asked.
const START: Duration = Duration::from_millis(1300);

/// What it takes to load every command, for a message about one that is not there.
const LOAD_ALL: Duration = Duration::from_secs(3);

/// Why a command ends before its end.
#[derive(Debug)]
pub enum Stop {
    /// Exit code 1: `ERROR: (gcloud.…) TEXT`.
    Failed(String),
    /// Another code; everything was said.
    Exit(i32),
    /// The command line was not taken.
    Usage(UsageError),
    /// This world does not know it.
    Unsimulated(Unsimulated),
}

impl Stop {
    pub fn unsimulated(what: impl Into<String>) -> Self {
        Self::Unsimulated(Unsimulated(what.into()))
    }
}

impl From<Bad> for Stop {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Said(text) => Self::Failed(text),
            Bad::Unsimulated(what) => Self::Unsimulated(what),
        }
    }
}

impl From<Unsimulated> for Stop {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

impl From<UsageError> for Stop {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

/// The client.
pub fn find(name: &str) -> Option<Program> {
    (name == "gcloud").then_some(run as Program)
}

fn run(process: &mut Process<'_>, words: &[String]) -> Ran {
    let mut path = String::new();
    let stop = match arguments::parse(words) {
        Err(error) => Stop::Usage(error),
        Ok(args) => {
            args.path.clone_into(&mut path);
            match carry_out(process, args) {
                Ok(()) => return Ok(0),
                Err(stop) => stop,
            }
        }
    };
    match stop {
        Stop::Unsimulated(what) => Err(what),
        Stop::Usage(UsageError::Known(what)) => Err(Unsimulated(what)),
        Stop::Exit(code) => Ok(code),
        Stop::Failed(text) => process.fail(1, format!("ERROR: ({}) {text}", arguments::dotted(&path))),
        Stop::Usage(UsageError::Said(text)) => {
            process.world.take(LOAD_ALL);
            process.stderr.push_str(&text);
            Ok(2)
        }
    }
}

fn carry_out(process: &mut Process<'_>, args: arguments::Arguments) -> Result<(), Stop> {
    if args.has("--help") {
        return Err(Stop::unsimulated("`gcloud … --help`"));
    }
    let command = Command::find(&args.path).ok_or_else(|| Stop::unsimulated(format!("`gcloud {}`", args.path)))?;
    command.check(&args)?;
    process.world.take(START);
    let format = Format::parse(command.format, args.value("--format"))?;
    let mut client = Client { process, args, format };
    if command.asks {
        client.check_account()?;
    }
    (command.run)(&mut client)
}
