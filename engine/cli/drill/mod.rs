//! `runbook drill run|show|clean`: break a lab, recover it, measure. `due|next|install` are in [`calendar`].

mod calendar;
mod earlier;
mod lab;
mod prepare;
mod reports;
mod signals;

use serde_json::json;

use super::args::{DrillArgs, DrillRunArgs, DrillShowArgs, DrillVerb};
use super::exit::Exit;
use super::failure::Failure;
use super::identity;
use crate::drill::{self, Course, Drilled, Engine, Recorder, Verdict};
use crate::journal::{self, RunDirectory, Runs};
use crate::model::drill::Stage;
use crate::model::entry::Record;
use crate::report::{Sink, drill as shown, visible};

pub use calendar::overdue;
pub use lab::all as labs;
use prepare::Prepared;
use reports::Reports;

/// Does one of them.
pub fn drill(args: &DrillArgs) -> Result<Exit, Failure> {
    match &args.verb {
        DrillVerb::Run(args) => run(args),
        DrillVerb::Show(args) => show(args),
        DrillVerb::Clean(args) => super::lab::clean(args),
        DrillVerb::Due(args) => calendar::due(args),
        DrillVerb::Next(args) => calendar::next(args),
        DrillVerb::Install(args) => calendar::install(args),
    }
}

fn run(args: &DrillRunArgs) -> Result<Exit, Failure> {
    if args.ci {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
    let reports = Reports::of(args)?;
    let mut began = None;
    let ended = carry_out(args, &mut began);
    reports.write(args, began.as_ref(), ended)
}

/// `began` takes the drill's directory once there is one.
fn carry_out(args: &DrillRunArgs, began: &mut Option<RunDirectory>) -> Result<Exit, Failure> {
    let drills = args.drills.path();
    let drills = std::path::absolute(&drills).unwrap_or(drills);
    let Prepared { document, lab, system, fault, runbook, objectives, predicted, known } =
        prepare::prepare(args, &drills)?;
    let identity = identity::new();
    let id = identity.id.0.clone();
    let runs = Runs::new(&drills);
    let directory = runs
        .create(&identity.id)
        .map_err(|error| Failure::Storage(format!("make the drill's directory in {}: {error}", drills.display())))?;
    *began = Some(directory.clone());
    let program = std::env::current_exe().map_err(|error| Failure::Internal(format!("find this program: {error}")))?;
    let is_silent = args.json || args.quiet;
    let here = std::env::current_dir().map_err(|error| Failure::Internal(format!("find this directory: {error}")))?;
    let signal = signals::watch().map_err(|error| Failure::Internal(format!("watch for signals: {error}")))?;
    let decl = document.lab.drills.iter().find(|(name, _)| name.value == runbook.0).map(|(_, decl)| decl);
    let course = Course {
        document: &document,
        wanted: super::lab::wanted(&lab, args.shim, Some(id.clone()))?,
        id: id.clone(),
        directory: &directory,
        engine: Engine {
            program,
            runbook: args.file.clone(),
            system,
            environment: document.lab.environment.value.clone(),
            set: args.set.clone(),
            runs: drills.join("runs"),
            directory: here,
            output: is_silent.then(|| directory.path().join("run.log")),
            checks: directory.path().join("checks.log"),
            plain: args.ci,
        },
        only_said: args.ci,
        runbook,
        fault,
        decl,
        control: args.control,
        keep: args.keep,
        predicted,
        known,
        objectives,
        hold: &|stage| hold(args, stage),
        operator: identity::operator(),
        signal,
    };
    let mut watch = |record: &Record| {
        if args.json {
            Sink::stdout().line(serde_json::to_string(record).unwrap_or_default());
        } else if !args.quiet {
            for line in shown::fact(record) {
                Sink::stdout().line(line);
            }
        }
    };
    let say = |text: &str| {
        if !is_silent {
            Sink::stdout().line(format!("      {}", visible::line(text)));
        }
    };
    let mut recorder = Recorder::begin(&directory, &mut watch).map_err(super::lab::failure)?;
    let drilled = drill::run(&course, &mut recorder, &say).map_err(super::lab::failure)?;
    let exit = exit_of(&drilled, args.control, course.signal.load(std::sync::atomic::Ordering::Relaxed));
    drop(recorder);
    let loaded = journal::load(&directory.journal()).map_err(|error| Failure::Storage(error.to_string()))?;
    if args.json {
        Sink::stdout().line(shown::json(&loaded.records, exit.code()).to_string());
    } else {
        for line in shown::result(&loaded.records, colour()) {
            Sink::stdout().line(line);
        }
        Sink::stdout().line(format!("recorded in {}", visible::line(&directory.path().display().to_string())));
    }
    Ok(exit)
}

/// Waits at a stage that somebody wants to look at.
fn hold(args: &DrillRunArgs, stage: Stage) {
    if args.hold.as_deref() == Some(stage.as_str()) {
        Sink::stderr().line(format!("held at `{}`; Enter goes on", stage.as_str()));
        let mut line = String::new();
        // A closed input goes on at once.
        let _ = std::io::stdin().read_line(&mut line);
    }
}

/// What a scheduler is told: how the system was at the end, and what stopped the drill if something else did.
fn exit_of(drilled: &Drilled, control: bool, signal: i32) -> Exit {
    match drilled.verdict {
        Verdict::Recovered => Exit::Success,
        Verdict::ObjectiveMissed if control => Exit::Success,
        Verdict::ObjectiveMissed => Exit::ObjectiveMissed,
        Verdict::Refused => Exit::Refused,
        Verdict::Interrupted => {
            Exit::ALL.into_iter().find(|exit| i32::from(exit.code()) == 128 + signal).unwrap_or(Exit::Interrupted)
        }
        Verdict::NotRecovered | Verdict::NotNoticed | Verdict::Failed => {
            let of_run =
                |code: i32| Exit::ALL.into_iter().find(|exit| i32::from(exit.code()) == code && *exit != Exit::Success);
            drilled.exit.and_then(of_run).unwrap_or(Exit::RunFailed)
        }
    }
}

fn show(args: &DrillShowArgs) -> Result<Exit, Failure> {
    let drills = Runs::new(args.drills.path());
    let shown_dir = args.drills.path().display().to_string();
    let directory = match &args.drill {
        Some(id) => drills
            .open(id)
            .map_err(|error| Failure::usage(format!("drill `{}` in {shown_dir}: {error}", visible::line(id))))?,
        None => drills
            .newest()
            .map_err(|error| Failure::Storage(error.to_string()))?
            .ok_or_else(|| Failure::usage(format!("no drill in {shown_dir}")).help("runbook drill run FILE"))?,
    };
    let loaded = journal::load(&directory.journal()).map_err(|error| Failure::Storage(error.to_string()))?;
    if args.json {
        Sink::stdout().line(json!({ "drill": shown::json(&loaded.records, 0), "facts": loaded.records }).to_string());
        return Ok(Exit::Success);
    }
    let sink = Sink::stdout();
    for line in loaded.records.iter().flat_map(shown::fact).chain(shown::result(&loaded.records, colour())) {
        sink.line(line);
    }
    Ok(Exit::Success)
}

fn colour() -> bool {
    console::colors_enabled() && console::Term::stdout().is_term()
}
