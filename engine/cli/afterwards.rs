//! `cancel` and `rollback` of a run that no engine drives any more: carried out by this process.

use crate::execute::Intent;
use crate::journal::Runs;

use super::args::{DriveArgs, ResumeArgs, RunsDir};
use super::exit::Exit;
use super::failure::Failure;
use super::{found, identity, resume};

/// Gives the run up: its finally-steps run, nothing else. That is what was asked for, so it is a success.
pub fn cancel(args: &DriveArgs) -> Result<Exit, Failure> {
    let (by, why) = said(args);
    let exit = take_up(args, Intent::Cancel { by, why })?;
    Ok(if exit == Exit::RunFailed { Exit::Success } else { exit })
}

/// Undoes what the run did.
pub fn rollback(args: &DriveArgs) -> Result<Exit, Failure> {
    let (by, why) = said(args);
    let exit = take_up(args, Intent::Rollback { by, why })?;
    Ok(if exit == Exit::RolledBack { Exit::Success } else { exit })
}

fn said(args: &DriveArgs) -> (String, String) {
    (identity::operator(), args.why.why.clone().unwrap_or_default())
}

fn take_up(args: &DriveArgs, intent: Intent) -> Result<Exit, Failure> {
    let path = args.why.runs.path();
    let path = std::path::absolute(&path).unwrap_or(path);
    let directory = found::find(&Runs::new(path.clone()), Some(&args.why.run))?;
    let resume = ResumeArgs {
        run: Some(args.why.run.clone()),
        step: false,
        accept_changes: args.accept_changes,
        failback: false,
        yes: args.yes,
        environment: args.environment.clone(),
        max_parallel: None,
        json: args.why.json,
        detail: args.detail.clone(),
        runs: RunsDir { runs_dir: Some(path) },
    };
    resume::take_up(&resume, directory, intent)
}
