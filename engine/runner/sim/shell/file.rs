//! Programs that are named by their path: scripts among the files of the world are carried out, others are known by their name.

use super::super::process::{Lookup, Process, Ran, Unsimulated};
use super::super::tree::{FileError, Kind};
use super::invoke::{self, Source};
use super::parse::Dialect;
use super::state::Options;

/// What a path stands for, to whoever wants to execute it.
#[derive(Debug)]
pub enum Executable {
    /// Not among the files: a program by its name.
    Program,
    /// The text of a script.
    Script(String),
    /// Not executable.
    Denied,
    Directory,
    Missing,
}

/// Directories whose files this world does not know one by one.
const PROGRAMS: [&str; 8] =
    ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/opt/", "/snap/"];

/// Looks at what would be executed.
pub fn examine(process: &Process<'_>, program: &str) -> Executable {
    if !program.contains('/') {
        return Executable::Program;
    }
    match process.node(program) {
        Ok(node) => match &node.kind {
            Kind::Directory(_) => Executable::Directory,
            _ if node.mode & 0o111 == 0 => Executable::Denied,
            Kind::Text(text) => Executable::Script(text.to_string()),
            Kind::Blob(_) | Kind::Link(_) | Kind::Device(_) => Executable::Program,
        },
        Err(FileError::NotFound) => {
            let path = process.path(program);
            let is_elsewhere = PROGRAMS.iter().any(|dir| path.starts_with(dir));
            let is_known = matches!(process.lookup(program), Lookup::Found(_));
            if is_elsewhere || is_known { Executable::Program } else { Executable::Missing }
        }
        Err(_) => Executable::Missing,
    }
}

/// Runs a program that is named by its path, if that path is a script; none: it is a program by its name.
pub fn run_file(process: &mut Process<'_>, program: &str, arguments: &[String]) -> Option<Ran> {
    Some(match examine(process, program) {
        Executable::Program => return None,
        Executable::Denied => process.fail(126, format!("{program}: Permission denied")),
        Executable::Directory => process.fail(126, format!("{program}: Is a directory")),
        Executable::Missing => process.fail(127, format!("{program}: No such file or directory")),
        Executable::Script(text) => script(process, program, &text, arguments),
    })
}

fn script(process: &mut Process<'_>, program: &str, text: &str, arguments: &[String]) -> Ran {
    let first = text.lines().next().unwrap_or_default();
    // Without a first line that says so, a shell takes it for its own.
    let mut words = first.strip_prefix("#!").unwrap_or("/bin/bash").split_ascii_whitespace();
    let mut interpreter = words.next().unwrap_or_default();
    if interpreter.ends_with("/env") {
        interpreter = words.next().unwrap_or_default();
    }
    let dialect = match interpreter.rsplit('/').next().unwrap_or_default() {
        "bash" => Dialect::Bash,
        "sh" | "dash" | "ash" => Dialect::Sh,
        other => return Err(Unsimulated(format!("`{program}`, a script for `{other}`"))),
    };
    let mut options = Options::default();
    for letter in words.flat_map(|word| word.chars().skip(1)) {
        options.switch(letter, true)?;
    }
    invoke::run(process, dialect, &Source { text, name: program, is_text: false }, arguments.to_vec(), options)
}
