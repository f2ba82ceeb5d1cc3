//! `runbook runs`.

use super::args::RunsArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn runs(args: &RunsArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
