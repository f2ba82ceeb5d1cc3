//! stub

use super::process::Program;

pub fn find(_name: &str) -> Option<Program> {
    None
}
