//! `runbook unlock RUN`: who holds a run and its system, and, asked with `--force`, takes both out of the hands of an engine that lives
//! and does not go on. A dead engine's locks are free by themselves: the kernel lets go of them.

use serde_json::json;

use super::args::UnlockArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::found::Found;
use super::identity;
use crate::journal::lock::LockDirectory;
use crate::journal::{FileLease, Holder, Lock, LockError, Runs};
use crate::report::{Sink, phrase, visible};

/// Says who holds a run; frees it where that is asked.
pub fn unlock(args: &UnlockArgs) -> Result<Exit, Failure> {
    let runs = Runs::new(args.runs.path());
    let found = Found::open(&runs, Some(&args.run))?;
    let run = found.directory.run().clone();
    let system = found.summary.system.as_deref();
    let environment = found.summary.environment.as_deref();
    let locks = LockDirectory::choose(|name| std::env::var_os(name)).map_err(|error| refused(&error))?;
    let lock = match system {
        Some(system) => Lock::holder(&locks.path, system, environment).map_err(|error| refused(&error))?,
        None => None,
    };
    let own_lock = lock.as_ref().filter(|holder| holder.run == run);
    let held = found.holder.is_some() || own_lock.is_some();
    if held && !args.force {
        let holder = found.holder.as_ref().or(own_lock).map(ToString::to_string).unwrap_or_default();
        let next =
            format!("`runbook pause {run}` asks it to stop; if it does not answer: runbook unlock {run} --force");
        return Err(Failure::advised(Exit::Locked, format!("a living engine holds this run: {holder}"), next));
    }
    if held {
        FileLease::break_held(&found.directory, &identity::holder(&found.directory))
            .map_err(|error| Failure::Storage(format!("break the lease of run {run}: {error}")))?;
        if let Some(system) = system {
            Lock::break_held(&locks.path, system, environment, &run).map_err(|error| refused(&error))?;
        }
    }
    let other = lock.as_ref().filter(|holder| holder.run != run);
    say(args, &found, held, other);
    Ok(Exit::Success)
}

fn say(args: &UnlockArgs, found: &Found, broken: bool, other: Option<&Holder>) {
    let sink = Sink::stdout();
    let run = found.directory.run();
    if args.json {
        let was = found.holder.as_ref();
        sink.line(
            json!({ "kind": "unlock", "run": run, "broken": broken, "was": was, "system_held_by": other }).to_string(),
        );
        return;
    }
    if broken {
        sink.line(format!(
            "run {run} is free: the next write of its engine fails; what that engine started may still run"
        ));
    } else {
        sink.line(format!("nobody holds run {run}"));
    }
    if let Some(other) = other {
        sink.line(format!("its system is held by another run: {}", visible::line(&other.to_string())));
    }
    for line in phrase::next(&found.summary, Some(Runs::new(args.runs.path()).path())) {
        sink.line(line);
    }
}

fn refused(error: &LockError) -> Failure {
    match error {
        LockError::Held(_) => {
            Failure::advised(Exit::Locked, error.to_string(), "runbook runs lists the runs and their engines")
        }
        LockError::Storage { .. } => Failure::Storage(error.to_string()),
    }
}
