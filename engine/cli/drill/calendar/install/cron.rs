//! A line for cron: of the machine in `/etc/cron.d`, or of a user in the own crontab. cron knows no zones and no first Monday, so the line
//! looks every hour at the minutes at which something can be due; most of the time nothing is.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Local, TimeDelta, Timelike as _};

use super::Start;
use super::written::{MARK, Written};
use crate::cli::args::InstallArgs;
use crate::cli::drill::calendar::Opened;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::identity;
use crate::report::{Sink, visible};
use crate::runner::capture;
use crate::template::quote::quote;

/// Where the machine's own lines are.
const SYSTEM: &str = "/etc/cron.d";
/// cron takes no longer command, bytes.
const LONGEST: usize = 990;
/// How far ahead minutes are looked for, days: every day of a year, whatever clocks do.
const FAR: i64 = 400;
/// For crontab.
const PATIENCE: Duration = Duration::from_mins(1);
/// Ends what this wrote into a crontab.
const END: &str = "# runbook drill install: end";

/// Prints, writes or removes it.
pub fn install(args: &InstallArgs, opened: &Opened, start: &Start) -> Result<Exit, Failure> {
    let command = command(start)?;
    let minutes = minutes(opened);
    if !args.user {
        let text = format!("{}\n{minutes} * * * * root {command}\n", start.mark());
        let file = Written { path: PathBuf::from(SYSTEM).join(format!("runbook-{}", start.name)), text };
        if args.write || args.remove {
            super::carry_out(args, &[file])?;
        } else {
            super::print(&[file]);
        }
        return Ok(Exit::Success);
    }
    let block = format!("{}\n{minutes} * * * * {command}\n{END}\n", start.mark());
    if !(args.write || args.remove) {
        Sink::stdout().line("# crontab -e");
        Sink::stdout().text(visible::block(&block));
        return Ok(Exit::Success);
    }
    let before = crontab()?;
    let after = edited(&before, &start.mark(), (!args.remove).then_some(&block))?;
    if after == before {
        Sink::stdout().line("unchanged: the crontab of this user");
        return Ok(Exit::Success);
    }
    // An empty crontab is none.
    let (words, input) = if after.trim().is_empty() { ("-r", Vec::new()) } else { ("-", after.into_bytes()) };
    let said = capture::capture_with("crontab", &[words.to_owned()], input, PATIENCE);
    let said = said.map_err(|error| Failure::Internal(error.to_string()))?;
    if said.exit != Some(0) {
        let message = format!("`crontab {words}` does not take it: {}", said.stderr.trim());
        return Err(Failure::advised(Exit::RunFailed, message, "the crontab is as it was"));
    }
    Sink::stdout().line(if args.remove {
        "removed from the crontab of this user"
    } else {
        "written into the crontab of this user"
    });
    Ok(Exit::Success)
}

/// What cron gives to the shell.
fn command(start: &Start) -> Result<String, Failure> {
    let words: Vec<&str> = start.arguments.iter().map(String::as_str).chain(["--quiet"]).collect();
    let words: Vec<String> = words
        .into_iter()
        .map(|word| if word.starts_with("--") || is_plain(word) { word.to_owned() } else { quote(word) })
        .collect();
    let texts = [&start.directory, &start.path, &start.program];
    if texts.into_iter().chain(&start.arguments).any(|text| text.contains('\\')) {
        return Err(Failure::usage("a path with a backslash cannot stand in a crontab")
            .help("cron takes backslashes for its own: choose another directory, or --systemd"));
    }
    let command = format!(
        "cd {} && PATH={} {} {}",
        quote(&start.directory),
        quote(&start.path),
        quote(&start.program),
        words.join(" ")
    );
    // To cron a bare `%` is the end of the line.
    let command = command.replace('%', "\\%");
    if command.len() > LONGEST {
        return Err(Failure::usage(format!("the command has {} bytes, and cron takes {LONGEST}", command.len()))
            .help("call it with a shorter PATH, from a shorter directory, or use --systemd"));
    }
    Ok(command)
}

fn is_plain(word: &str) -> bool {
    word.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// At which minutes of an hour something is due, by the clock of this machine.
fn minutes(opened: &Opened) -> String {
    let now = identity::wall();
    let end = now + TimeDelta::days(FAR);
    let mut minutes = BTreeSet::new();
    for item in opened.items() {
        let moments = item.entry.every.after(&opened.document.calendar.zone, now).take_while(|moment| *moment <= end);
        minutes.extend(moments.map(|moment| moment.with_timezone(&Local).minute()));
    }
    minutes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The crontab of this user; none is an empty one.
fn crontab() -> Result<String, Failure> {
    let said = capture::capture("crontab", &["-l".to_owned()], PATIENCE);
    let said = said.map_err(|error| {
        Failure::advised(
            Exit::RunFailed,
            error.to_string(),
            "install cron, or use --systemd; without --write it is printed",
        )
    })?;
    match said.exit {
        Some(0) => String::from_utf8(said.stdout).map_err(|_| Failure::usage("the crontab of this user is not UTF-8")),
        _ if said.stderr.contains("no crontab") => Ok(String::new()),
        _ => Err(Failure::advised(
            Exit::RunFailed,
            format!("`crontab -l`: {}", said.stderr.trim()),
            "nothing was changed",
        )),
    }
}

/// A crontab with this block in place of the one with its mark, or without it.
fn edited(before: &str, mark: &str, block: Option<&String>) -> Result<String, Failure> {
    let mut kept = String::new();
    let mut lines = before.lines();
    let mut is_done = false;
    while let Some(line) = lines.next() {
        if line != mark {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        let mut is_ended = false;
        for line in lines.by_ref() {
            if line == END {
                is_ended = true;
                break;
            }
            if line.starts_with(MARK) {
                break;
            }
        }
        if !is_ended {
            let message = format!("in the crontab of this user the line `{END}` is missing; nothing was changed");
            return Err(Failure::advised(
                Exit::Refused,
                message,
                "put it where the lines of this calendar end: crontab -e",
            ));
        }
        if let Some(block) = block.filter(|_| !is_done) {
            kept.push_str(block);
            is_done = true;
        }
    }
    if let Some(block) = block.filter(|_| !is_done) {
        kept.push_str(block);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_put_replaced_and_taken_away_and_the_rest_stays() {
        let mark = format!("{MARK}calendar a in '/a'");
        let block = |line: &str| format!("{mark}\n{line}\n{END}\n");
        let mine = "MAILTO=me\n0 1 * * * mine\n";
        let edit = |before: &str, block: Option<String>| edited(before, &mark, block.as_ref()).expect("an edit");
        let one = edit(mine, Some(block("0 * * * * one")));
        assert_eq!(one, format!("{mine}{}", block("0 * * * * one")));
        assert_eq!(edit(&one, Some(block("0 * * * * one"))), one);
        let two = edit(&format!("{one}# after\n"), Some(block("5 * * * * two")));
        assert_eq!(two, format!("{mine}{}# after\n", block("5 * * * * two")));
        assert_eq!(edit(&two, None), format!("{mine}# after\n"));
        assert_eq!(edit(mine, None), mine);
        assert!(edited(&format!("{mark}\n0 * * * * one\n0 1 * * * mine\n"), &mark, None).is_err());
    }
}
