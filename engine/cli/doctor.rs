//! `runbook doctor`.

use super::args::DoctorArgs;
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn doctor(args: &DoctorArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
