//! `runbook lab up|status|down|clean`: disposable environments on this machine.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::{CleanArgs, LabArgs, LabDownArgs, LabStatusArgs, LabUpArgs, LabVerb};
use super::exit::Exit;
use super::failure::Failure;
use super::identity;
use crate::document::{self, LabDocument};
use crate::drill::DrillError;
use crate::drill::lab::state::{LabDirectory, LabState, Process, labs_directory};
use crate::drill::lab::{self, Cleaned, Gcloud, Wanted};
use crate::report::{Sink, phrase, visible};

/// Does one of them.
pub fn lab(args: &LabArgs) -> Result<Exit, Failure> {
    match &args.verb {
        LabVerb::Up(args) => up(args),
        LabVerb::Status(args) => {
            status(args);
            Ok(Exit::Success)
        }
        LabVerb::Down(args) => down(args),
        LabVerb::Clean(args) => clean(args),
    }
}

/// Why a lab or a drill does not go on, for the command line.
pub fn failure(error: DrillError) -> Failure {
    let message = error.to_string();
    match error {
        DrillError::Failed { help: Some(help), .. } => Failure::advised(Exit::RunFailed, message, help),
        DrillError::Failed { help: None, .. } => {
            Failure::advised(Exit::RunFailed, message, "`runbook lab clean` removes what is left")
        }
        DrillError::Refused { help, .. } => Failure::advised(Exit::Refused, message, help),
        DrillError::Usage { help, .. } => Failure::advised(Exit::Invalid, message, help),
        DrillError::Storage(why) => Failure::Storage(why),
        DrillError::Interrupted(_) => {
            Failure::advised(Exit::Interrupted, message, "`runbook lab clean` removes what is left")
        }
    }
}

/// Reads a lab.
pub fn load(file: &Path) -> Result<LabDocument, Failure> {
    document::load_lab(file)
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })
}

/// How a lab is made by this program.
pub fn wanted(file: &Path, shim: bool, drill: Option<String>) -> Result<Wanted, Failure> {
    let identity = identity::new();
    let engine = std::env::current_exe().map_err(|error| Failure::Internal(format!("find this program: {error}")))?;
    let id = drill.clone().unwrap_or(identity.id.0);
    Ok(Wanted {
        file: file.to_path_buf(),
        labs: labs(),
        // The end of a ULID is its random part.
        suffix: id[id.len().saturating_sub(6)..].to_ascii_lowercase(),
        began: identity.started,
        drill,
        gcloud: if shim { Gcloud::Shim } else { Gcloud::Found },
        engine,
        path: std::env::var("PATH").unwrap_or_else(|_| "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
    })
}

/// Where labs are kept.
pub fn labs() -> PathBuf {
    labs_directory(|name| std::env::var_os(name))
}

fn up(args: &LabUpArgs) -> Result<Exit, Failure> {
    let document = load(&args.file)?;
    let wanted = wanted(&args.file, args.shim, None)?;
    let say = |text: &str| {
        if !args.json {
            Sink::stderr().line(format!("lab: {}", visible::line(text)));
        }
    };
    let name = lab::generated_name(&document.lab, &wanted.suffix);
    let made = lab::up(&document, &wanted, &say).inspect_err(|_| {
        // Half a lab is of no use to anybody.
        let _ = lab::clean(&wanted.labs, Some(&name), true);
    });
    let made = made.map_err(failure)?;
    if args.json {
        Sink::stdout().line(describe(&made.directory, &made.state).to_string());
        return Ok(Exit::Success);
    }
    let sink = Sink::stdout();
    sink.line(format!("{} is up", made.state.name));
    for (machine, container) in &made.state.machines {
        let address = made.state.addresses.get(machine).map_or("", String::as_str);
        sink.line(format!("  {machine}: {address}, docker exec -it {container} bash"));
    }
    sink.line(format!("take it down: runbook lab down {}", made.state.name));
    Ok(Exit::Success)
}

fn describe(directory: &LabDirectory, state: &LabState) -> serde_json::Value {
    json!({
        "name": state.name, "lab": state.lab, "file": state.file, "began": state.began, "up": state.is_up,
        "drill": state.drill, "in_use_by": state.owner.filter(Process::lives).map(|owner| owner.pid),
        "machines": state.machines, "addresses": state.addresses, "cloud": state.cloud, "directory": directory.path(),
    })
}

fn status(args: &LabStatusArgs) {
    let all = LabDirectory::all(&labs());
    if args.json {
        let known = all.iter().filter_map(|(_, directory, state)| Some(describe(directory, state.as_ref()?)));
        Sink::stdout().line(serde_json::Value::Array(known.collect()).to_string());
        return;
    }
    let sink = Sink::stdout();
    for (name, _, state) in &all {
        let Some(state) = state else {
            sink.line(format!("{name}  its record cannot be read; `runbook lab clean` removes it"));
            continue;
        };
        let owner = state.owner.filter(Process::lives);
        let is = match owner {
            Some(owner) => format!("in use by process {}", owner.pid),
            None if state.owner.is_none() && state.is_up => "up".to_owned(),
            None => "left behind; `runbook lab clean` removes it".to_owned(),
        };
        sink.line(format!("{name}  since {}  {is}", phrase::clock(state.began)));
    }
    if all.is_empty() {
        sink.line("no lab");
    }
}

fn down(args: &LabDownArgs) -> Result<Exit, Failure> {
    if let Some(name) = &args.name
        && !LabDirectory::all(&labs()).iter().any(|(known, ..)| known == name)
    {
        let known: Vec<String> = LabDirectory::all(&labs()).into_iter().map(|(name, ..)| name).collect();
        let known = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
        return Err(Failure::usage(format!("there is no lab `{}`", visible::line(name))).help(format!("labs: {known}")));
    }
    show(&lab::clean(&labs(), args.name.as_deref(), true).map_err(failure)?, args.json);
    Ok(Exit::Success)
}

/// `lab clean` and `drill clean`.
pub fn clean(args: &CleanArgs) -> Result<Exit, Failure> {
    show(&lab::clean(&labs(), None, false).map_err(failure)?, args.json);
    Ok(Exit::Success)
}

fn show(cleaned: &Cleaned, json: bool) {
    let sink = Sink::stdout();
    if json {
        let in_use: Vec<_> = cleaned.in_use.iter().map(|(name, pid)| json!({ "name": name, "pid": pid })).collect();
        sink.line(json!({ "removed": cleaned.labs, "in_use": in_use, "kept": cleaned.kept }).to_string());
        return;
    }
    for name in &cleaned.labs {
        sink.line(format!("{name} is gone"));
    }
    for (name, pid) in &cleaned.in_use {
        sink.line(format!("{name} stays: process {pid} works with it"));
    }
    for name in &cleaned.kept {
        sink.line(format!("{name} stays: it was left up; `runbook lab down {name}` removes it"));
    }
    if cleaned == &Cleaned::default() {
        sink.line("nothing is left of any lab");
    }
}
