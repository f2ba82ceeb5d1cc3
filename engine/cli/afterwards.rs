//! `cancel` and `rollback` of a run that no engine drives any more: carried out by this process.

use super::args::DriveArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Gives the run up: its finally-steps run, nothing else.
pub fn cancel(args: &DriveArgs) -> Result<Exit, Failure> {
    Err(not_yet(args, "cancel"))
}

/// Undoes what the run did.
pub fn rollback(args: &DriveArgs) -> Result<Exit, Failure> {
    Err(not_yet(args, "rollback"))
}

fn not_yet(args: &DriveArgs, verb: &str) -> Failure {
    let run = &args.why.run;
    Failure::advised(
        Exit::Refused,
        format!("no engine drives this run, and `{verb}` cannot drive it yet; nothing was changed"),
        format!("runbook resume {run}, then {verb} it from another terminal"),
    )
}
