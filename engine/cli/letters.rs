//! Words to a run.

use super::args::{ApproveArgs, DriveArgs, WhyArgs};
use super::exit::Exit;
use super::failure::Failure;

/// Not there yet.
pub fn approve(args: &ApproveArgs, approve: bool) -> Result<Exit, Failure> {
    let _ = (args, approve);
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}

/// Not there yet.
pub fn pause(args: &WhyArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}

/// Not there yet.
pub fn cancel(args: &DriveArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}

/// Not there yet.
pub fn rollback(args: &DriveArgs) -> Result<Exit, Failure> {
    let _ = args;
    Err(Failure::Refused("this verb is not there yet; nothing was changed".to_owned()))
}
