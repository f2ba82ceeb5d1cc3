//! `runbook drill due --run`: carries out what is due, one after the other, as a person would type it, and goes on after a failure.
//! Nobody is asked anything.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::item::Item;
use super::stand::{Records, Stand};
use super::tell::{self, Told};
use super::{Opened, due};
use crate::cli::args::DueArgs;
use crate::cli::drill::signals;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::identity;
use crate::model::calendar::{Due, Work};
use crate::report::done::Done;
use crate::report::{Sink, visible};
use crate::runner::foreground::Foreground;

/// What does not count is tried so often for a moment: a machine that cannot drill is not asked again every hour.
const TRIES: usize = 3;

/// Carries out what is due.
pub fn carry_out(args: &DueArgs, opened: &[Opened]) -> Result<Exit, Failure> {
    let _held = opened.iter().map(|one| hold(&one.path)).collect::<Result<Vec<_>, _>>()?;
    let records = Records::read(&args.which);
    let now = identity::wall();
    let stands = opened.iter().flat_map(Opened::items).map(|item| records.stand(item, now));
    let mut due: Vec<Stand<'_>> = stands.filter(|stand| stand.due() != Due::No).collect();
    due.sort_by_key(|stand| stand.standing.open.first().map(DateTime::to_utc));
    let signal = signals::watch().map_err(|error| Failure::Internal(format!("watch for signals: {error}")))?;
    let mut exits = Vec::new();
    let mut results = Vec::new();
    for stand in &due {
        let tries = stand.tries_now();
        if tries >= TRIES {
            if !args.quiet && !args.json {
                let why = stand.tries.first().map(due::result).unwrap_or_default();
                let label = stand.item.label();
                Sink::stdout()
                    .line(format!("{label} was tried {tries} times and is left alone: {}", visible::line(&why)));
                Sink::stdout().line(format!("    {}", stand.item.typed()));
            }
            exits.push(Exit::RunFailed);
            continue;
        }
        let told = one(args, stand, &signal)?;
        exits.push(told.exit);
        if !args.json {
            Sink::stdout().line("");
            Sink::stdout().line(visible::block(&told.text()));
        }
        for warning in tell::notify(&told) {
            Sink::stderr().line(format!("warning: {}", visible::line(&warning)));
        }
        results.push(told.object());
        if matches!(told.exit, Exit::HungUp | Exit::Interrupted | Exit::Terminated) {
            break;
        }
    }
    let exit = Exit::worst(exits);
    if args.json {
        let object = json!({ "kind": "drill_due_run", "carried_out": Value::Array(results), "exit": exit.code() });
        Sink::stdout().line(object.to_string());
    } else if due.is_empty() && !args.quiet {
        Sink::stdout().line("nothing is due");
    }
    Ok(exit)
}

/// One program carries a calendar out; the next one is told so. Gone with the process that has it.
fn hold(path: &Path) -> Result<File, Failure> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| Failure::usage(format!("read {shown}: {error}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::advised(
            Exit::Locked,
            format!("another `runbook drill due --run` carries {shown} out"),
            "wait for its end; `runbook drill show` says how far a drill is",
        )),
        Err(TryLockError::Error(error)) => Err(Failure::Internal(format!("lock {shown}: {error}"))),
    }
}

/// Carries one entry out.
fn one<'c>(args: &DueArgs, stand: &Stand<'c>, signal: &AtomicI32) -> Result<Told<'c>, Failure> {
    let item = stand.item;
    let began = identity::wall();
    if !args.quiet && !args.json {
        let since = stand.standing.open.first().map(|moment| item.shown(moment.to_utc())).unwrap_or_default();
        Sink::stdout().line(format!("{}: {}, due since {since}", item.label(), visible::line(item.title())));
        Sink::stdout().line(format!("    {}", item.typed()));
    }
    let code = start(args, item, signal)?;
    let exit = Exit::ALL.into_iter().find(|exit| i32::from(exit.code()) == code).unwrap_or(Exit::RunFailed);
    let done = newest(args, item, began);
    Ok(Told { item, open: stand.standing.open.clone(), exit, score: done.as_ref().and_then(Done::score), done })
}

/// This program, as a person would start it, without a terminal.
fn start(args: &DueArgs, item: Item<'_>, signal: &AtomicI32) -> Result<i32, Failure> {
    let internal = |what: &str, error: std::io::Error| Failure::Internal(format!("{what}: {error}"));
    let program = std::env::current_exe().map_err(|error| internal("find this program", error))?;
    let directory = std::env::current_dir().map_err(|error| internal("find this directory", error))?;
    let mut arguments = item.absolute();
    let (flag, place) = match item.entry.work {
        Work::Drill { .. } => ("--drills-dir", args.which.drills.path()),
        Work::Run { .. } => ("--runs-dir", args.which.runs.path()),
    };
    arguments.extend([flag.to_owned(), std::path::absolute(&place).unwrap_or(place).display().to_string()]);
    if args.quiet {
        arguments.push("--quiet".to_owned());
    }
    // What is not text no program of ours reads.
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let env = std::env::vars_os().filter_map(text).collect();
    let output = args.json.then(|| PathBuf::from("/dev/null"));
    let child = Foreground { program, arguments, env, directory }.start(output.as_deref());
    let mut child = child.map_err(|error| internal("start this program", error))?;
    let taken = || signal.swap(0, Ordering::Relaxed);
    crate::runner::foreground::attend(&mut child, &taken).map_err(|error| internal("wait for this program", error))
}

/// The record that this made.
fn newest(args: &DueArgs, item: Item<'_>, began: DateTime<Utc>) -> Option<Done> {
    let records = Records::read(&args.which);
    let newest = records.of(item, identity::wall()).next();
    newest.filter(|record| record.began >= began)
}
