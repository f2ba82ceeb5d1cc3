//! `runbook completion SHELL`.

use clap::CommandFactory;

use super::args::{Cli, CompletionArgs};
use super::exit::Exit;
use super::failure::Failure;
use crate::report::Sink;

/// Prints the script.
#[expect(clippy::unnecessary_wraps, reason = "every verb has this shape")]
pub fn completion(args: &CompletionArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "runbook", &mut script);
    Sink::stdout().text(String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
