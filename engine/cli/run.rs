//! `runbook run FILE`: the guards, the run's directory, then the engine ([`super::session`]).

use crate::journal::Runs;

use super::args::RunArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::saved::Saved;
use super::session::{Choices, Held, Session, Show, Start};
use super::{guard, load, plan_file, prompt, saved_plan, secrets};

/// Runs a runbook to its end.
pub fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let mut path = args.runs.path();
    let (loaded, saved) = if saved_plan::is_one(&args.plan.file) {
        // The plan goes to its own directory; the runs stay where they were said from here.
        path = std::path::absolute(&path).unwrap_or(path);
        saved_plan::load(args)?
    } else {
        let loaded = load::load(&args.plan, &Runs::new(&path), args.json)?;
        let saved = Saved::new(&args.plan, &loaded)?;
        (loaded, saved)
    };
    let attended = prompt::is_attended() && !args.json;
    if args.step && !attended {
        return Err(Failure::usage("--step needs a terminal").help("without one, a run asks nobody: leave --step out"));
    }
    let yes = guard::yes(&loaded.plan, args.yes, args.plan.environment.is_some(), attended)?;
    guard::environment(&loaded.plan, loaded.documents.system.as_ref())?;
    guard::ready(&loaded, args.json)?;
    let secrets = secrets::required(&loaded)?;
    let runs = Runs::new(path);
    let directory = runs
        .create(&loaded.plan.run.id)
        .map_err(|error| Failure::Storage(format!("make the run's directory in {}: {error}", runs.path().display())))?;
    let held = Held::acquire(&loaded.plan, &directory).inspect_err(|_| directory.discard())?;
    directory
        .write_plan(&plan_file::json(&loaded.plan, Some(&saved))?)
        .map_err(|error| Failure::Storage(format!("write {}: {error}", directory.plan().display())))?;
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
            failback: false,
            people: args.people.clone(),
        },
        show: Show { detail: args.detail.detail(), json: args.json, attended },
        runs,
        amended: Vec::new(),
    };
    session.drive(Start::Fresh)
}
