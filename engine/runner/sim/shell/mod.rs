//! `sh` and `bash`: scripts, read as far as this world understands them. What it does not understand is not guessed.

use super::process::Program;

/// The shells.
pub fn find(_name: &str) -> Option<Program> {
    None
}
