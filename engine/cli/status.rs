//! `runbook status`.

use super::args::StatusArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn status(args: &StatusArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
