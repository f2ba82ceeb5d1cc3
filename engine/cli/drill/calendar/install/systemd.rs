//! A systemd service and its timer.

use std::path::PathBuf;
use std::time::Duration;

use super::written::Written;
use super::{Start, days};
use crate::cli::args::InstallArgs;
use crate::cli::drill::calendar::Opened;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::identity;
use crate::report::{Sink, visible};
use crate::runner::capture;

/// Where the machine's own units are.
const SYSTEM: &str = "/etc/systemd/system";
/// For systemctl.
const PATIENCE: Duration = Duration::from_mins(1);

/// Prints, writes or removes them.
pub fn install(args: &InstallArgs, opened: &Opened, start: &Start) -> Result<Exit, Failure> {
    let directory = if args.user { super::settings()?.join("systemd/user") } else { PathBuf::from(SYSTEM) };
    let name = format!("runbook-{}", start.name);
    let service = Written { path: directory.join(format!("{name}.service")), text: service(start, args.user) };
    let timer = Written { path: directory.join(format!("{name}.timer")), text: timer(start, opened) };
    let files = [service, timer];
    let unit = format!("{name}.timer");
    let words = |words: &[&str]| {
        let scope = args.user.then_some("--user");
        scope.into_iter().chain(words.iter().copied()).map(str::to_owned).collect::<Vec<_>>()
    };
    if args.remove {
        files.iter().try_for_each(Written::is_free)?;
        let was_there = files[1].path.exists();
        let stopped = if was_there { tell(&[words(&["disable", "--now", &unit])]) } else { Ok(()) };
        super::carry_out(args, &files)?;
        let told = stopped.and_then(|()| if was_there { tell(&[words(&["daemon-reload"])]) } else { Ok(()) });
        return Ok(said(told));
    }
    let steps = [words(&["daemon-reload"]), words(&["enable", &unit]), words(&["restart", &unit])];
    if args.write {
        super::carry_out(args, &files)?;
        return Ok(said(tell(&steps)));
    }
    super::print(&files);
    let steps: Vec<String> = steps.iter().map(|step| format!("systemctl {}", step.join(" "))).collect();
    Sink::stdout().line(format!("# then: {}", steps.join(" && ")));
    Ok(Exit::Success)
}

fn said(told: Result<(), String>) -> Exit {
    match told {
        Ok(()) => Exit::Success,
        Err(why) => {
            Sink::stderr().line(format!("warning: systemd does not know of it yet: {}", visible::line(&why)));
            Exit::RunFailed
        }
    }
}

/// Tells systemd, up to the first thing that fails.
fn tell(steps: &[Vec<String>]) -> Result<(), String> {
    for step in steps {
        let line = format!("systemctl {}", step.join(" "));
        let said = capture::capture("systemctl", step, PATIENCE).map_err(|error| format!("{error}; type: {line}"))?;
        if said.exit != Some(0) {
            let last = said.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
            return Err(format!("`{line}`: {last}"));
        }
        Sink::stdout().line(format!("done: {line}"));
    }
    Ok(())
}

fn service(start: &Start, user: bool) -> String {
    let words = exec(&start.program, &start.arguments);
    // A service of the machine has no HOME unless it says whose it is.
    let who = if user { "" } else { "User=root\n" };
    format!(
        "{mark}
[Unit]
Description=Drills and runs that the calendar {name} asks for

[Service]
Type=oneshot
{who}WorkingDirectory={directory}
Environment={path}
ExecStart={words}
# A drill takes its lab down before it ends.
KillMode=mixed
TimeoutStopSec=10min
",
        mark = start.mark(),
        name = start.name,
        directory = percent(&start.directory),
        path = quoted(&format!("PATH={}", start.path)),
    )
}

/// The command. systemd takes no quotes and backslashes in the name of a program: then a shell becomes the program.
fn exec(program: &str, arguments: &[String]) -> String {
    // The first word is no argument: variables are not replaced in it.
    let argument = |word: &String| quoted(word).replace('$', "$$");
    let mut words = if program.contains(['"', '\'', '\\']) {
        let become_it = "exec \"$0\" \"$@\"".to_owned();
        let words = ["-c".to_owned(), become_it, program.to_owned()];
        std::iter::once("/bin/sh".to_owned()).chain(words.iter().map(argument)).collect()
    } else {
        vec![quoted(program)]
    };
    words.extend(arguments.iter().map(argument));
    words.join(" ")
}

fn timer(start: &Start, opened: &Opened) -> String {
    let now = identity::wall();
    let mut lines: Vec<String> = Vec::new();
    for item in opened.items() {
        lines.push(format!("# {}: {}", item.id, item.entry.every));
        for line in days::lines(item.entry.every, &opened.document.calendar.zone, now) {
            let line = format!("OnCalendar={line}");
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    format!(
        "{mark}
[Unit]
Description=When the calendar {name} asks for something

[Timer]
{lines}
# What was missed while the machine was off is done when it is back.
Persistent=true

[Install]
WantedBy=timers.target
",
        mark = start.mark(),
        name = start.name,
        lines = lines.join("\n"),
    )
}

/// `%` begins a specifier.
fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

/// One word, whatever is in it.
fn quoted(word: &str) -> String {
    format!("\"{}\"", percent(word).replace('\\', "\\\\").replace('"', "\\\""))
}
