//! Who may say yes. Without a terminal nothing is ever answered "yes" by default: `--yes` counts only for an environment that was
//! named on the command line and whose identity probe passes (the engine asks it before the run and before every destroy).

use std::path::PathBuf;

use crate::model::effect::Effect;
use crate::model::system::{EnvironmentClass, System};
use crate::plan::{Body, List, Node, Plan};

use crate::report::{Sink, visible};

use super::exit::Exit;
use super::failure::Failure;
use super::load::Loaded;
use super::trust;

/// What must hold before the first step of a real run: its programs are here, and (as root) nobody else can write what is run.
pub fn ready(loaded: &Loaded, silent: bool) -> Result<(), Failure> {
    if nix::unistd::geteuid().is_root() {
        trusted(&what_is_run(loaded))?;
    }
    tools(&loaded.plan, silent)
}

/// Every file that decides what is done: the documents and this program.
pub fn what_is_run(loaded: &Loaded) -> Vec<PathBuf> {
    let files = loaded.documents.sources.files().iter().map(|file| file.path.clone());
    files.chain(std::env::current_exe().ok()).collect()
}

/// As root, what others can write is not run.
fn trusted(files: &[PathBuf]) -> Result<(), Failure> {
    for path in files {
        if let Some(open) = trust::writable_by_others(path) {
            let message = format!("{open}; as root it is not run; nothing was changed");
            let help = format!("look at what is in it, then: chmod go-w {}", open.path.display());
            return Err(Failure::advised(Exit::Refused, message, help));
        }
    }
    Ok(())
}

/// A program that is not here and that the run certainly needs refuses; one that only some courses need warns.
fn tools(plan: &Plan, silent: bool) -> Result<(), Failure> {
    let certain = plan.certain_tools();
    for (program, step) in &plan.tools {
        if which::which(program).is_ok() {
            continue;
        }
        let place = if program.contains('/') { String::new() } else { format!(" in PATH={}", searched()) };
        match certain.get(program) {
            Some(step) => {
                let message =
                    format!("`{step}` needs the program `{program}`, which is not there{place}; nothing was changed");
                let help = "install it, or correct PATH; `runbook doctor FILE` checks everything that a run needs";
                return Err(Failure::advised(Exit::Refused, message, help));
            }
            None if !silent => {
                let text = format!("warning: `{step}` may need the program `{program}`, which is not there{place}");
                Sink::stderr().line(visible::line(&text));
            }
            None => {}
        }
    }
    Ok(())
}

fn searched() -> String {
    std::env::var("PATH").unwrap_or_default()
}

/// A system that runs in several places must be told in which one: nothing is changed on a guess.
pub fn environment(plan: &Plan, system: Option<&System>) -> Result<(), Failure> {
    let Some(system) = system.filter(|_| plan.environment.is_none() && changes(plan)) else { return Ok(()) };
    if system.environments.iter().all(|(_, environment)| environment.class == EnvironmentClass::Lab) {
        return Ok(());
    }
    let names: Vec<&str> = system.environments.iter().map(|(name, _)| name.value.as_str()).collect();
    let message =
        format!("`{}` runs in several environments, and none is chosen; nothing was changed", system.name.value);
    Err(Failure::usage(message).help(format!("choose one with --environment: {}", names.join(", "))))
}

/// Whether anything that will run changes something.
fn changes(plan: &Plan) -> bool {
    plan.nodes.iter().any(|node| match &node.body {
        Body::Operation(operation) => {
            node.pruned.is_none() && operation.action.is_some() && operation.effect.effect != Effect::Read
        }
        Body::List { .. } => false,
    })
}

/// Whether confirmations are answered by `--yes`.
pub fn yes(plan: &Plan, yes: bool, environment_named: bool, attended: bool) -> Result<bool, Failure> {
    let asks = asking(plan);
    let counts = environment_named && plan.environment.as_ref().is_some_and(|it| it.identity.is_some());
    match (yes, counts, attended) {
        (true, true, _) => Ok(true),
        // At a terminal the person is asked; nothing is lost by a `--yes` that does not count.
        (_, _, true) => Ok(false),
        _ if asks.is_none() => Ok(false),
        (false, _, false) => Err(refusal(asks, "there is no terminal to ask at, and no --yes with --environment")),
        (true, false, false) => Err(refusal(
            asks,
            if environment_named {
                "--yes counts only where the environment has an identity probe"
            } else {
                "--yes counts only together with --environment"
            },
        )),
    }
}

fn refusal(asks: Option<&Node>, why: &str) -> Failure {
    let step = asks.map(|node| node.id.0.as_str()).unwrap_or_default();
    Failure::Refused(format!("`{step}` needs a person's confirmation: {why}; nothing was changed"))
}

/// The first step that will certainly ask, or that destroys in any branch.
fn asking(plan: &Plan) -> Option<&Node> {
    [&plan.steps, &plan.finally].into_iter().find_map(|list| asking_in(plan, list, false))
}

fn asking_in<'a>(plan: &'a Plan, list: &List, fallback: bool) -> Option<&'a Node> {
    list.members.iter().map(|ix| plan.node(*ix)).filter(|node| node.pruned.is_none()).find_map(|node| {
        if node.confirm.is_some() && !fallback {
            return Some(node);
        }
        let within = match &node.body {
            Body::Operation(operation) => {
                (operation.action.is_some() && operation.effect.effect == Effect::Destroy).then_some(node)
            }
            Body::List { list, finally, .. } => {
                asking_in(plan, list, fallback).or_else(|| asking_in(plan, finally, fallback))
            }
        };
        within.or_else(|| asking_in(plan, &node.fallback, true))
    })
}
