//! `runbook resume [RUN]`: a run that was interrupted, paused, failed or lost its engine goes on where its journal ends.

use crate::execute::{CORE_VERSION, Intent};
use crate::journal::{self, Known, RunDirectory, Runs};
use crate::model::entry::{Entry, Record};
use crate::model::outcome::RunOutcome;
use crate::report::Sink;

use super::args::ResumeArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::load::Loaded;
use super::saved::Saved;
use super::session::{Choices, Held, Session, Show, Start};
use super::{found, guard, plan_file, prompt, secrets};

/// Goes on with a run.
pub fn resume(args: &ResumeArgs) -> Result<Exit, Failure> {
    let path = args.runs.path();
    let runs = Runs::new(std::path::absolute(&path).unwrap_or(path));
    let (directory, known) = find(&runs, args.run.as_deref())?;
    take_up_known(args, runs, directory, known, Intent::GoOn)
}

/// Takes a run up that no engine drives. The directory's path is absolute: the working directory becomes the plan's.
pub fn take_up(args: &ResumeArgs, runs: Runs, directory: RunDirectory, intent: Intent) -> Result<Exit, Failure> {
    take_up_known(args, runs, directory, None, intent)
}

/// `known` is the journal, if it has been read already.
fn take_up_known(
    args: &ResumeArgs,
    runs: Runs,
    directory: RunDirectory,
    known: Option<Known>,
    intent: Intent,
) -> Result<Exit, Failure> {
    let attended = prompt::is_attended() && !args.json;
    if args.step && !attended {
        return Err(Failure::usage("--step needs a terminal").help("without one, leave --step out"));
    }
    let saved = plan_file::read(&directory.plan())?;
    saved.enter()?;
    let known = known.map_or_else(|| Known::load(&directory.journal()), Ok).map_err(|error| unreadable(&error))?;
    let journal = &known.loaded;
    if let Some(torn) = &journal.torn {
        let text =
            format!("warning: the last {} bytes of the journal were never acknowledged and are dropped", torn.bytes);
        Sink::stderr().line(text);
    }
    can_go_on(&directory, &journal.records, args.failback, &intent)?;
    let amended = amended(&journal.records);
    let loaded = saved.plan(saved.run.clone(), &amended, &runs)?;
    let changes = accept(&saved, &loaded, &journal.records, &amended, args.accept_changes)?;
    let environment = environment_named(&loaded, args.environment.as_deref())?;
    let yes = guard::yes(&loaded.plan, args.yes, environment, attended)?;
    guard::ready(&loaded, args.json)?;
    let secrets = secrets::required(&loaded)?;
    let held = Held::acquire(&loaded.plan, &directory)?;
    // Between the first look and the lease another engine may have gone on.
    let known = known.again(&directory.journal()).map_err(|error| unreadable(&error))?;
    can_go_on(&directory, &known.loaded.records, args.failback, &intent)?;
    let start = if known.loaded.records.is_empty() {
        Start::Fresh
    } else {
        Start::Resumed { journal: Box::new(known), changes, intent }
    };
    let session = Session {
        directory,
        saved,
        loaded,
        secrets,
        held,
        choices: Choices {
            max_parallel: args.max_parallel,
            yes,
            step: args.step,
            failback: args.failback,
            people: None,
        },
        show: Show { detail: args.detail.detail(), json: args.json, attended },
        runs,
        amended,
    };
    session.drive(start)
}

/// The run that was named, else the newest that can go on.
fn find(runs: &Runs, id: Option<&str>) -> Result<(RunDirectory, Option<Known>), Failure> {
    if id.is_some() {
        return Ok((found::find(runs, id)?, None));
    }
    let failed = |error| Failure::Storage(format!("read {}: {error}", runs.path().display()));
    let all = runs.list().map_err(failed)?;
    for run in all.iter().rev() {
        let directory = found::find(runs, Some(&run.0))?;
        let Ok(known) = Known::load(&directory.journal()) else { continue };
        let records = &known.loaded.records;
        if !records.is_empty() && outcome(records).is_none_or(|outcome| !outcome.is_final()) {
            return Ok((directory, Some(known)));
        }
    }
    Err(Failure::usage(format!("there is no run in {} that could go on", runs.path().display()))
        .help("`runbook runs` lists them; --runs-dir or $RUNBOOK_RUNS name the directory of runs"))
}

fn unreadable(error: &journal::ReadError) -> Failure {
    Failure::Storage(error.to_string())
}

/// How the run ended last; none: it goes on, or its engine is gone.
fn outcome(records: &[Record]) -> Option<RunOutcome> {
    match &records.last()?.entry {
        Entry::RunFinished { outcome, .. } => Some(*outcome),
        _ => None,
    }
}

/// A run that is over can only be undone, or go on with its failback.
fn can_go_on(directory: &RunDirectory, records: &[Record], failback: bool, intent: &Intent) -> Result<(), Failure> {
    match outcome(records) {
        Some(RunOutcome::Succeeded | RunOutcome::Warned) if failback || matches!(intent, Intent::Rollback { .. }) => {
            Ok(())
        }
        Some(outcome) if outcome.is_final() => {
            let why = match intent {
                Intent::Rollback { .. } => "it can no longer be rolled back",
                _ => "there is nothing to go on with",
            };
            Err(Failure::Refused(format!("run {} is over ({}): {why}", directory.run(), outcome.as_str())))
        }
        _ => Ok(()),
    }
}

/// Parameters that people changed in the middle of the run.
fn amended(records: &[Record]) -> Vec<(String, String)> {
    let params = records.iter().filter_map(|record| match &record.entry {
        Entry::Amended { params, .. } => Some(params),
        _ => None,
    });
    let texts = params.flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.collect()
}

/// The source digest that the run went on with last.
fn baseline<'run>(saved: &'run Saved, records: &'run [Record]) -> &'run str {
    let digests = records.iter().rev().find_map(|record| match &record.entry {
        Entry::RunStarted { source_digest, .. }
        | Entry::RunResumed { source_digest, .. }
        | Entry::Amended { source_digest, .. } => Some(source_digest.as_str()),
        _ => None,
    });
    digests.unwrap_or(&saved.source_digest)
}

/// What differs from the run so far: refused, or accepted and shown.
fn accept(
    saved: &Saved,
    loaded: &Loaded,
    records: &[Record],
    amended: &[(String, String)],
    accepted: bool,
) -> Result<Vec<String>, Failure> {
    let mut changes = Vec::new();
    if loaded.plan.source_digest != baseline(saved, records) {
        let by_a_person =
            |line: &String| amended.iter().any(|(name, _)| line.starts_with(&format!("parameter `{name}`:")));
        changes.extend(saved.differences(loaded).into_iter().filter(|line| !by_a_person(line)));
    }
    changes.extend(another_engine(records));
    if changes.is_empty() {
        return Ok(changes);
    }
    if accepted {
        for line in &changes {
            Sink::stderr().line(format!("changed: {line}"));
        }
        return Ok(changes);
    }
    Err(Failure::Refused(format!(
        "the run was started with something else; nothing was changed\n  {}\n--accept-changes goes on with what is there now",
        changes.join("\n  ")
    )))
}

/// `--environment` names the run's environment again; it cannot change it.
fn environment_named(loaded: &Loaded, named: Option<&str>) -> Result<bool, Failure> {
    let Some(named) = named else { return Ok(false) };
    let own = loaded.plan.environment.as_ref().map(|environment| environment.name.as_str());
    if own == Some(named) {
        return Ok(true);
    }
    let own = own.map_or_else(|| "none".to_owned(), |own| format!("`{own}`"));
    Err(Failure::usage(format!("the run's environment is {own}, not `{named}`")))
}

/// An engine with other rules than the run went on with last.
fn another_engine(records: &[Record]) -> Option<String> {
    let (before, rules) = records.iter().rev().find_map(|record| match &record.entry {
        Entry::RunStarted { engine, core, .. } | Entry::RunResumed { engine, core, .. } => Some((engine, *core)),
        _ => None,
    })?;
    let now = env!("CARGO_PKG_VERSION");
    let other = rules != CORE_VERSION || incompatible(before, now);
    other.then(|| format!("this program: {before} (rules {rules}) before, {now} (rules {CORE_VERSION}) now"))
}

/// Versions before 1.0 may change with every minor one.
fn incompatible(before: &str, now: &str) -> bool {
    let series = |version: &str| {
        let mut parts = version.split('.').map(str::to_owned);
        let major = parts.next();
        let minor = parts.next().filter(|_| major.as_deref() == Some("0"));
        (major, minor)
    };
    series(before) != series(now)
}

#[cfg(test)]
mod tests {
    use super::incompatible;

    #[test]
    fn a_run_goes_on_within_a_series_of_versions() {
        assert!(!incompatible("1.2.3", "1.9.0") && !incompatible("0.1.0", "0.1.7"));
        assert!(incompatible("1.2.3", "2.0.0") && incompatible("0.1.0", "0.2.0"));
    }
}
