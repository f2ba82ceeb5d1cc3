//! `runbook graph FILE|RUN`: a plan, or the plan that a recorded run or drill was run by, with what became of every step.

use std::path::Path;

use super::args::{GraphArgs, GraphFormat, PlanArgs};
use super::exit::Exit;
use super::failure::Failure;
use super::load;
use super::recorded::Recorded;
use crate::journal::{RunDirectory, Runs};
use crate::plan::Outline;
use crate::report::account::Account;
use crate::report::graph::{self, Graph, Marks};
use crate::report::{Sink, phrase, visible};

/// Prints the graph.
pub fn graph(args: &GraphArgs) -> Result<Exit, Failure> {
    let text = if is_recorded(&args.plan.file) {
        of_record(args)?
    } else {
        let loaded = load::load(&args.plan, &Runs::new(args.runs.path()), false)?;
        draw(&Graph::of(&Outline::of(&loaded.plan)), args.format)
    };
    Sink::stdout().text(visible::block(&text));
    Ok(Exit::Success)
}

fn draw(shown: &Graph<'_>, format: GraphFormat) -> String {
    match format {
        GraphFormat::Text => graph::text(shown),
        GraphFormat::Mermaid => graph::mermaid(shown),
        GraphFormat::Dot => graph::dot(shown),
        GraphFormat::Svg => graph::svg(shown),
    }
}

/// A file is a runbook. What is none, and could be (the beginning of) an id, or holds a journal, is a run or a drill.
fn is_recorded(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let could_be_id = !name.is_empty() && name.len() <= 26 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if path.is_dir() { path.join("journal.jsonl").is_file() || could_be_id } else { could_be_id && !path.is_file() }
}

fn of_record(args: &GraphArgs) -> Result<String, Failure> {
    if makes_a_plan(&args.plan) {
        return Err(Failure::usage(format!(
            "`{}` names a run, whose plan stands: flags that make a plan are for files",
            visible::line(&args.plan.file.to_string_lossy())
        )));
    }
    let recorded = Recorded::open(Some(&args.plan.file.to_string_lossy()), &args.runs, &args.drills)?;
    let Some((directory, _)) = &recorded.run else {
        return Err(Failure::usage("the drill never came to its recovery: it has no graph"));
    };
    let outline = outline(directory).map_err(Failure::Storage)?;
    let account = recorded.account();
    let Some(run) = &account.run else { return Err(Failure::usage("its journal tells of no run")) };
    let marks = Marks::of(&run.summary);
    let verdict = verdict(&account);
    let shown = Graph { outline: &outline, marks: Some(&marks), critical: &run.critical, verdict: Some(&verdict) };
    Ok(draw(&shown, args.format))
}

fn makes_a_plan(plan: &PlanArgs) -> bool {
    let lists = [&plan.set, &plan.only, &plan.skip];
    plan.system.is_some()
        || plan.environment.is_some()
        || plan.from.is_some()
        || !plan.params.is_empty()
        || lists.iter().any(|list| !list.is_empty())
}

/// The plan that a run was run by, as its directory keeps it.
///
/// # Errors
/// It is not there, or not what this program writes.
pub fn outline(directory: &RunDirectory) -> Result<Outline, String> {
    let path = directory.plan();
    std::fs::read(&path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| Outline::read(&bytes))
        .map_err(|why| format!("read {}: {why}", path.display()))
}

fn verdict(account: &Account) -> String {
    let why = account.verdict.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let what = if account.drill.is_some() { "drill" } else { "run" };
    let changed =
        account.run.as_ref().is_some_and(|run| !run.summary.amendments.is_empty() || !run.summary.changes.is_empty());
    let changed = if changed { "; the plan was changed on the way, this is the first" } else { "" };
    format!("{what} {}: {}{why}, {}{changed}", account.id, account.verdict.word, phrase::ms(account.elapsed_ms))
}
