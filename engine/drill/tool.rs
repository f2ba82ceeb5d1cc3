//! Programs of this machine that a lab is made with: their answers, or why not.

use std::time::Duration;

use super::error::DrillError;
use crate::runner::capture::{self, Captured};

/// A client that only asks or starts something.
pub const QUICK: Duration = Duration::from_mins(1);
/// Images are made, moved or unpacked.
pub const LONG: Duration = Duration::from_mins(10);
/// Of what a program said, kept in messages.
const TAIL: usize = 6;

/// Owned words.
pub fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Runs a program and gives what it wrote.
///
/// # Errors
/// It is not there, does not end in time, or its exit code is not 0.
pub fn run(what: &str, program: &str, arguments: &[String], within: Duration) -> Result<String, DrillError> {
    let said =
        capture::capture(program, arguments, within).map_err(|error| DrillError::failed(what, error.to_string()))?;
    checked(what, &said)
}

/// The same with bytes on its standard input.
///
/// # Errors
/// As [`run`].
pub fn run_with(what: &str, program: &str, arguments: &[String], input: Vec<u8>) -> Result<String, DrillError> {
    let said = capture::capture_with(program, arguments, input, QUICK)
        .map_err(|error| DrillError::failed(what, error.to_string()))?;
    checked(what, &said)
}

/// What a program wrote, if it ended well.
///
/// # Errors
/// Its exit code is not 0; the end of what it said stands in the error.
pub fn checked(what: &str, said: &Captured) -> Result<String, DrillError> {
    if said.exit == Some(0) {
        return Ok(String::from_utf8_lossy(&said.stdout).trim_end().to_owned());
    }
    let code = said.exit.map_or_else(|| "it was killed".to_owned(), |code| format!("exit {code}"));
    let mut text = said.stderr.trim();
    let stdout = String::from_utf8_lossy(&said.stdout);
    if text.is_empty() {
        text = stdout.trim();
    }
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n  ");
    Err(DrillError::failed(what, if tail.is_empty() { code } else { format!("{code}: {tail}") }))
}

/// `docker …` on this machine's own Engine.
///
/// # Errors
/// As [`run`].
pub fn docker(what: &str, arguments: &[String]) -> Result<String, DrillError> {
    run(what, "docker", arguments, QUICK)
}

/// The lines of an answer, without empty ones.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
