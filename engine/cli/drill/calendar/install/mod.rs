//! `runbook drill install`: a timer that carries out what calendars ask for, printed, written or taken away. It starts one command,
//! `runbook drill due --run`; which entries are due is decided there. Nothing of somebody else is touched.

mod cron;
mod days;
mod systemd;
mod written;

use std::path::{Path, PathBuf};

use super::Opened;
use crate::cli::args::InstallArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::report::{Sink, visible};

use written::Written;

/// What the timer starts, and where.
struct Start {
    /// The calendar's name.
    name: String,
    /// Its file, absolute.
    calendar: String,
    /// This program.
    program: String,
    /// The words after it.
    arguments: Vec<String>,
    /// Where it begins.
    directory: String,
    /// Where it finds other programs.
    path: String,
}

/// Prints, writes or removes.
pub fn install(args: &InstallArgs) -> Result<Exit, Failure> {
    let opened = super::open(&args.which.calendars)?;
    for (index, one) in opened.iter().enumerate() {
        if let Some(other) = opened[..index].iter().find(|other| other.name() == one.name()) {
            let message = format!(
                "two calendars are called `{}`: {} and {}",
                one.name(),
                other.path.display(),
                one.path.display()
            );
            return Err(Failure::usage(message).help("a timer is called after its calendar: rename one of them"));
        }
    }
    let mut exit = Exit::Success;
    for (index, one) in opened.iter().enumerate() {
        let start = start(args, one)?;
        if index > 0 && !(args.write || args.remove) {
            Sink::stdout().line("");
        }
        let done = if args.systemd { systemd::install(args, one, &start)? } else { cron::install(args, one, &start)? };
        exit = Exit::worst([exit, done]);
    }
    Ok(exit)
}

fn start(args: &InstallArgs, opened: &Opened) -> Result<Start, Failure> {
    let internal = |what: &str, error: std::io::Error| Failure::Internal(format!("{what}: {error}"));
    let program = std::env::current_exe().map_err(|error| internal("find this program", error))?;
    let directory = std::env::current_dir().map_err(|error| internal("find this directory", error))?;
    let calendar = absolute(&opened.path)?;
    let mut arguments: Vec<String> = ["drill", "due", "--run"].map(str::to_owned).to_vec();
    for (flag, place) in [("--drills-dir", args.which.drills.path()), ("--runs-dir", args.which.runs.path())] {
        arguments.extend([flag.to_owned(), absolute(&place)?]);
    }
    arguments.push(calendar.clone());
    Ok(Start {
        name: opened.name().to_owned(),
        calendar,
        program: absolute(&program)?,
        arguments,
        directory: absolute(&directory)?,
        path: line("$PATH", std::env::var("PATH").unwrap_or_else(|_| "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()))?,
    })
}

/// A path that a unit or a crontab can hold.
fn absolute(path: &Path) -> Result<String, Failure> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let shown = path.display().to_string();
    match path.to_str() {
        Some(text) => line("the path", text.to_owned()),
        None => Err(Failure::usage(format!("the path {} is not UTF-8", visible::line(&shown)))
            .help("a timer is a text file: move the directory to a path that is text")),
    }
}

/// A text of one line.
fn line(what: &str, text: String) -> Result<String, Failure> {
    if text.contains(char::is_control) {
        return Err(Failure::usage(format!("{what} {} has a control character in it", visible::line(&text)))
            .help("neither units nor crontabs can hold one: choose another directory"));
    }
    Ok(text)
}

impl Start {
    /// The line by which a file is known to be ours, and for which calendar.
    fn mark(&self) -> String {
        format!("{}calendar {} in {}", written::MARK, self.name, crate::template::quote::quote(&self.calendar))
    }
}

/// Says what would be written.
fn print(files: &[Written]) {
    for file in files {
        Sink::stdout().line(format!("# {}", visible::line(&file.path.display().to_string())));
        Sink::stdout().line(visible::block(&file.text));
    }
}

/// Writes or removes files of ours, all or none.
fn carry_out(args: &InstallArgs, files: &[Written]) -> Result<(), Failure> {
    for file in files {
        file.is_free()?;
    }
    for file in files {
        let said = if args.remove { file.remove()? } else { file.write()? };
        Sink::stdout().line(format!("{said} {}", visible::line(&file.path.display().to_string())));
    }
    Ok(())
}

/// A directory of the user's own settings.
fn settings() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_CONFIG_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .ok_or_else(|| Failure::usage("there is no $HOME, so this user has no units").help("leave --user out"))
}
