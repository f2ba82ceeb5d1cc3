//! `sh` and `bash`: scripts, read as far as this world understands them. What it does not understand is not guessed.
//!
//! A script is read as a whole (`parse`), its commands are looked up (`known`), and only then it happens (`run`, with `expand` for the
//! words and `builtins` for what the shell does itself).

mod arithmetic;
mod builtins;
mod condition;
mod expand;
mod file;
mod invoke;
mod known;
mod outputs;
mod parse;
mod pattern;
mod run;
mod state;
mod syntax;

#[cfg(test)]
mod tests;

use super::process::Program;

pub use condition::{bracket, test};
pub use file::run_file;
pub use pattern::Pattern;

/// The shells.
pub fn find(name: &str) -> Option<Program> {
    match name {
        "bash" => Some(invoke::bash),
        "sh" | "dash" | "ash" => Some(invoke::sh),
        _ => None,
    }
}
