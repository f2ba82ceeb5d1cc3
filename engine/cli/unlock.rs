//! `runbook unlock`.

use super::args::UnlockArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn unlock(args: &UnlockArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
