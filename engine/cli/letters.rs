//! Words to a run from another terminal: `approve`, `reject`, `pause`, `cancel`, `rollback`. A letter goes into the run's inbox; what
//! came of it stands in the run's journal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::afterwards;
use super::args::{ApproveArgs, DriveArgs, WhyArgs};
use super::exit::Exit;
use super::failure::Failure;
use super::found::{Found, State};
use crate::journal::inbox::{self, Letter, LetterKind};
use crate::journal::{self, Runs};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::RunOutcome;
use crate::report::summary::Approval;
use crate::report::{Sink, phrase, visible};
use crate::runner::signature;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the journal is looked at.
const PERIOD: Duration = Duration::from_millis(50);

/// Agrees to a step or refuses it.
pub fn approve(args: &ApproveArgs, approve: bool) -> Result<Exit, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("--reason is empty").help("say why, in your words: it stands in the record"));
    }
    let found = Found::open(&Runs::new(args.runs.path()), Some(&args.run))?;
    let approval = asked(&found, &args.step)?;
    driven(&found, "approve")?;
    if !args.json {
        show(&found, &args.step, approval);
    }
    let variable = || std::env::var_os("RUNBOOK_KEY").filter(|value| !value.is_empty()).map(PathBuf::from);
    let signature = match args.key.clone().or_else(variable) {
        Some(key) => Some(signature::sign(&approval.digest, &key).map_err(|error| {
            let next = "--key names a key of ssh-keygen; without --key and $RUNBOOK_KEY the answer is unverified";
            Failure::advised(Exit::Refused, format!("{error}; nothing was sent"), next)
        })?),
        None => None,
    };
    let (step, digest, reason) = (StepId(args.step.clone()), approval.digest.clone(), args.reason.clone());
    let kind = if approve {
        LetterKind::Approve { step: step.clone(), digest, reason, signature }
    } else {
        LetterKind::Reject { step: step.clone(), digest, reason, signature }
    };
    let word = if approve { "approve" } else { "reject" };
    let answered = post(&found, kind, |record| match &record.entry {
        Entry::Approved { step: of, verdict, .. } => *of == step && verdict == word,
        _ => false,
    })?;
    came_of(args, &found, &step, answered.as_ref())
}

/// The approval that a step waits for.
fn asked<'run>(found: &'run Found, step: &str) -> Result<&'run Approval, Failure> {
    let open = found.summary.approvals();
    if let Some((_, approval)) = open.iter().find(|(known, _)| known.step.0 == step) {
        return Ok(approval);
    }
    let waiting: Vec<&str> = open.iter().map(|(known, _)| known.step.0.as_str()).collect();
    let next = if waiting.is_empty() {
        format!("no step waits for one now: runbook status {}", found.directory.run())
    } else {
        format!("these do: {}", waiting.join(", "))
    };
    Err(Failure::advised(Exit::Refused, format!("`{step}` does not wait for approval; nothing was sent"), next))
}

/// Somebody must be there to take the letter.
fn driven(found: &Found, verb: &str) -> Result<(), Failure> {
    if found.holder.is_some() {
        return Ok(());
    }
    let run = found.directory.run();
    let next = match found.state() {
        State::Ended(outcome) if outcome.is_final() => "it is over".to_owned(),
        _ => format!("runbook resume {run}, then {verb} again"),
    };
    let message = format!("no engine drives run {run} ({}); nothing was sent", found.state().as_str());
    Err(Failure::advised(Exit::Refused, message, next))
}

/// What the person says yes or no to.
fn show(found: &Found, step: &str, approval: &Approval) {
    let sink = Sink::stdout();
    let title = found.summary.step(&StepId(step.to_owned())).map_or(step, |known| known.title.as_str());
    sink.line(format!("{}: {}", visible::line(&found.summary.title), visible::line(title)));
    for line in approval.command.lines() {
        sink.line(format!("    {}", visible::line(line)));
    }
    sink.line(format!("digest {}", visible::line(&approval.digest)));
}

/// What the engine made of an answer.
fn came_of(args: &ApproveArgs, found: &Found, step: &StepId, answered: Option<&Record>) -> Result<Exit, Failure> {
    let sink = Sink::stdout();
    let run = found.directory.run();
    let Some(Entry::Approved { verdict, by, verified, refused, .. }) = answered.map(|record| &record.entry) else {
        return Ok(not_taken(args.json, found));
    };
    let now = Found::read(found.directory.clone())?;
    let missing = now.summary.step(step).and_then(|known| known.approval.as_ref()).map_or(0, Approval::missing);
    let counts = refused.is_empty();
    let exit = if counts { Exit::Success } else { Exit::Refused };
    if args.json {
        let object = json!({
            "kind": "answer", "run": run, "step": step, "verdict": verdict, "by": by, "verified": verified,
            "counts": counts, "refused": refused, "missing": missing, "exit": exit.code(),
        });
        sink.line(object.to_string());
        return Ok(exit);
    }
    let person = phrase::person(by, *verified);
    if !counts {
        Sink::stderr().line(format!("error: {person}: it does not count: {}", visible::line(refused)));
    } else if verdict == "reject" {
        sink.line(format!("rejected by {person}"));
    } else if missing == 0 {
        sink.line(format!("approved by {person}; nobody else is needed"));
    } else {
        sink.line(format!("approved by {person}; {} more needed", phrase::count(missing as usize, "approval")));
    }
    Ok(exit)
}

/// Stops a living run in a way that can be resumed.
pub fn pause(args: &WhyArgs) -> Result<Exit, Failure> {
    let found = Found::open(&Runs::new(args.runs.path()), Some(&args.run))?;
    if found.holder.is_none() && found.summary.outcome == Some(RunOutcome::Paused) {
        said(args, &found, "is paused already");
        return Ok(Exit::Success);
    }
    driven(&found, "pause")?;
    let letter = LetterKind::Pause { why: why(args) };
    let taken =
        post(&found, letter, |record| matches!(record.entry, Entry::Paused { .. } | Entry::RunFinished { .. }))?;
    if taken.is_none() {
        return Ok(not_taken(args.json, &found));
    }
    said(args, &found, "pauses: what runs may finish");
    Ok(Exit::Success)
}

/// Gives a run up.
pub fn cancel(args: &DriveArgs) -> Result<Exit, Failure> {
    let found = Found::open(&Runs::new(args.why.runs.path()), Some(&args.why.run))?;
    not_over(&found, "cancel")?;
    if found.holder.is_none() {
        return afterwards::cancel(args);
    }
    let letter = LetterKind::Cancel { why: why(&args.why) };
    let taken =
        post(&found, letter, |record| matches!(record.entry, Entry::Cancelled { .. } | Entry::RunFinished { .. }))?;
    if taken.is_none() {
        return Ok(not_taken(args.why.json, &found));
    }
    said(&args.why, &found, "is being cancelled: what runs is ended, then its finally-steps run");
    Ok(Exit::Success)
}

/// Undoes what a run did.
pub fn rollback(args: &DriveArgs) -> Result<Exit, Failure> {
    let found = Found::open(&Runs::new(args.why.runs.path()), Some(&args.why.run))?;
    if found.summary.outcome == Some(RunOutcome::RolledBack) {
        return Err(Failure::Refused(format!("run {} is rolled back already", found.directory.run())));
    }
    if found.holder.is_none() {
        return afterwards::rollback(args);
    }
    let letter = LetterKind::Rollback { why: why(&args.why) };
    let taken = post(&found, letter, |record| {
        matches!(record.entry, Entry::RollbackStarted { step: None, .. } | Entry::RunFinished { .. })
    })?;
    if taken.is_none() {
        return Ok(not_taken(args.why.json, &found));
    }
    said(&args.why, &found, "is being rolled back");
    Ok(Exit::Success)
}

fn why(args: &WhyArgs) -> String {
    args.why.clone().unwrap_or_default()
}

fn not_over(found: &Found, verb: &str) -> Result<(), Failure> {
    match found.summary.outcome {
        Some(outcome) if outcome.is_final() => Err(Failure::Refused(format!(
            "run {} is over ({}): there is nothing to {verb}",
            found.directory.run(),
            outcome.as_str()
        ))),
        _ => Ok(()),
    }
}

/// Puts a letter into the inbox and waits for its record.
fn post(found: &Found, letter: LetterKind, is_answer: impl Fn(&Record) -> bool) -> Result<Option<Record>, Failure> {
    let before = found.loaded.position();
    let path = inbox::post(&found.directory, &Letter::from(letter)).map_err(|error| {
        let place = found.directory.inbox();
        Failure::Storage(format!("put a letter into {}: {error}; nothing was sent", place.display()))
    })?;
    let refused = refused_place(&path);
    let mut waited = Duration::ZERO;
    loop {
        let now = journal::load(&found.directory.journal()).map_err(|error| Failure::Storage(error.to_string()))?;
        if let Some(record) = now.records.into_iter().find(|record| record.seq >= before && is_answer(record)) {
            return Ok(Some(record));
        }
        if refused.exists() {
            return Err(Failure::Refused(format!(
                "the engine cannot use the letter; it lies in {}",
                refused.display()
            )));
        }
        if waited >= PATIENCE {
            return Ok(None);
        }
        std::thread::sleep(PERIOD);
        waited += PERIOD;
    }
}

/// Where the engine puts letters that it cannot use.
fn refused_place(letter: &Path) -> PathBuf {
    let inbox = letter.parent().unwrap_or_else(|| Path::new(""));
    inbox.join("refused").join(letter.file_name().unwrap_or_default())
}

/// The engine has said nothing yet: the letter waits for it.
fn not_taken(json: bool, found: &Found) -> Exit {
    let run = found.directory.run();
    if json {
        let object = json!({ "kind": "answer", "run": run, "taken": false, "exit": Exit::Paused.code() });
        Sink::stdout().line(object.to_string());
    } else {
        let text =
            format!("the engine has not answered within {} s: the letter waits in its inbox", PATIENCE.as_secs());
        Sink::stderr().line(text);
        Sink::stderr().line(format!("help: runbook status {run} says what became of it"));
    }
    Exit::Paused
}

fn said(args: &WhyArgs, found: &Found, what: &str) {
    let run = found.directory.run();
    if args.json {
        Sink::stdout().line(json!({ "kind": "answer", "run": run, "taken": true, "exit": 0 }).to_string());
    } else {
        Sink::stdout().line(format!("run {run} {what}"));
        Sink::stdout().line(format!("follow it: runbook status {run} --watch"));
    }
}
