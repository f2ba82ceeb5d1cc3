//! What a `psql` command line asks for.

use super::super::super::process::{Process, Unsimulated};
use super::super::connect::Target;
use super::super::flags::{Flags, unknown};
use super::print::Format;

/// What is wanted.
#[derive(Debug)]
pub struct Options {
    pub target: Target,
    pub actions: Vec<Action>,
    pub format: Format,
    pub quiet: bool,
    pub single: bool,
    pub variables: Vec<(String, String)>,
    /// A file that the results go to.
    pub output: Option<String>,
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Command(String),
    File(String),
}

/// What came of reading.
pub enum Read {
    Options(Box<Options>),
    /// Nothing is run: this is printed.
    Says(String),
    /// What is wrong.
    Wrong(String),
}

const LONG: [&str; 16] = [
    "command",
    "dbname",
    "file",
    "host",
    "port",
    "username",
    "set",
    "variable",
    "field-separator",
    "output",
    "pset",
    "record-separator",
    "table-attr",
    "log-file",
    "echo",
    "timeout",
];

pub fn read(process: &Process<'_>, arguments: &[String]) -> Result<Read, Unsimulated> {
    let mut options = Options {
        target: Target::of(process),
        actions: Vec::new(),
        format: Format::default(),
        quiet: false,
        single: false,
        variables: Vec::new(),
        output: None,
    };
    let mut named = false;
    let mut flags = Flags::new(arguments, "cdfFhpUvPRoLT", &LONG);
    while let Some(flag) = flags.next() {
        let format = &mut options.format;
        match flag.as_str() {
            "-c" | "--command" => options.actions.push(Action::Command(flags.value().unwrap_or_default())),
            "-f" | "--file" => options.actions.push(Action::File(flags.value().unwrap_or_default())),
            "-d" | "--dbname" => {
                named = true;
                options.target.name(&flags.value().unwrap_or_default())?;
            }
            "-v" | "--set" | "--variable" => {
                let value = flags.value().unwrap_or_default();
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                options.variables.push((name.to_owned(), value.to_owned()));
            }
            "-A" | "--no-align" => format.aligned = false,
            "-t" | "--tuples-only" => format.tuples_only = true,
            "-x" | "--expanded" => format.expanded = true,
            "--csv" => format.csv = true,
            "-F" | "--field-separator" => format.separator = flags.value().unwrap_or_default(),
            "-R" | "--record-separator" => format.record = flags.value().unwrap_or_default(),
            "-z" | "--field-separator-zero" => "\0".clone_into(&mut format.separator),
            "-0" | "--record-separator-zero" => "\0".clone_into(&mut format.record),
            "-P" | "--pset" => pset(format, &flags.value().unwrap_or_default())?,
            "-q" | "--quiet" => options.quiet = true,
            "-1" | "--single-transaction" => options.single = true,
            "-o" | "--output" => options.output = flags.value(),
            "-X" | "--no-psqlrc" | "-n" | "--no-readline" => {}
            "-V" | "--version" => return Ok(Read::Says("psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".to_owned())),
            "-a" | "-e" | "-b" | "-E" | "-s" | "-S" | "-l" | "-L" | "-H" | "-T" | "-?" | "--list" | "--echo-all"
            | "--echo-errors" | "--echo-queries" | "--echo-hidden" | "--single-step" | "--single-line" | "--html"
            | "--log-file" | "--help" | "--table-attr" => return Err(Unsimulated(format!("`psql {flag}`"))),
            other if options.target.flag(other, || flags.value()) => {}
            other => return Ok(Read::Wrong(unknown("psql", other))),
        }
    }
    let mut operands = flags.operands().iter();
    if !named && let Some(database) = operands.next() {
        options.target.name(database)?;
    }
    if let Some(user) = operands.next() {
        options.target.user = Some(user.clone());
    }
    Ok(Read::Options(Box::new(options)))
}

fn pset(format: &mut Format, setting: &str) -> Result<(), Unsimulated> {
    let (name, value) = setting.split_once('=').unwrap_or((setting, "on"));
    match (name, value) {
        ("format", "unaligned") => format.aligned = false,
        ("format", "aligned") => format.aligned = true,
        ("format", "csv") => format.csv = true,
        ("tuples_only" | "t", value) => format.tuples_only = value != "off",
        ("fieldsep", value) => value.clone_into(&mut format.separator),
        ("pager" | "footer", _) => {}
        _ => return Err(Unsimulated(format!("`psql -P {setting}`"))),
    }
    Ok(())
}
