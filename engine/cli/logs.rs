//! `runbook logs`.

use super::args::LogsArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn logs(args: &LogsArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
