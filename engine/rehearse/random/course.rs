//! One case: a runbook, a world, and what happens to the run: kills, pauses, signals, whatever the seed says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

use super::check::{self, Leg};
use super::generator::{self, Chance};
use crate::document;
use crate::execute::{Command, Event, Intent, Simulation};
use crate::model::diagnostic::Diagnostic;
use crate::model::id::RunId;
use crate::model::outcome::RunOutcome;
use crate::plan::{self, Inputs, Plan, RunIdentity};
use crate::rehearse::scene::Scene;
use crate::rehearse::{Broken, Setup, options, stage};

/// What all cases were.
#[derive(Default)]
pub struct Tally {
    steps: usize,
    records: usize,
    kills: usize,
    resumes: usize,
    ends: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.records += other.records;
        self.kills += other.kills;
        self.resumes += other.resumes;
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
    }

    #[expect(clippy::print_stderr, reason = "the counts are what a person wants to see")]
    pub fn print(&self, cases: u64) {
        let mut ends = String::new();
        for (end, count) in &self.ends {
            let _ = write!(ends, ", {count} {end}");
        }
        eprintln!(
            "{cases} cases, 0 violations: {} steps planned, {} records, {} kills, {} resumes{ends}",
            self.steps, self.records, self.kills, self.resumes
        );
    }
}

/// More than any sensible case needs.
const LONGEST: usize = 200_000;

/// One case: what is left of chance decides what happens to the run.
pub struct Case {
    yaml: String,
    plan: Arc<Plan>,
    chance: Chance,
}

/// The case of a seed. A runbook that is none says nothing of the engine, so it is a panic.
pub fn case(seed: u64) -> Case {
    let mut chance = Chance::new(seed);
    let yaml = generator::runbook(&mut chance);
    let plan = planned(&yaml).unwrap_or_else(|why| panic!("seed {seed} is no runbook: {why}\n{yaml}"));
    Case { yaml, plan, chance }
}

/// Carries a case out and checks it.
///
/// # Errors
/// What did not hold, with the runbook and the journal.
pub fn of(case: Case, tally: &mut Tally) -> Result<(), String> {
    let Case { yaml, plan, mut chance } = case;
    tally.steps += plan.nodes.len();
    let setup = Setup {
        broken: if chance.is(50) { Broken::Default } else { Broken::Nothing },
        world: Vec::new(),
        began: DateTime::UNIX_EPOCH + Duration::from_hours(500_000),
        seed: chance.roll(),
        answers: BTreeMap::new(),
    };
    let (stage, _) = stage(&plan, &setup).map_err(|error| format!("{error}\n{yaml}"))?;
    let limit = chance.is(40).then(|| 1 + u32::try_from(chance.below(3)).unwrap_or(0));
    let mut run =
        Simulation::new(Arc::clone(&plan), options(&plan, limit), setup.began, Scene::new(Arc::clone(&stage)));
    for _ in 0..chance.below(3) {
        let at = Duration::from_millis(chance.roll() % 20_000);
        let event = happens(&mut chance);
        run.schedule(at, event);
    }
    let mut legs = Vec::new();
    // A panic is a violation like any other, and must not hide its case.
    let driven = catch_unwind(AssertUnwindSafe(|| drive(&mut run, &mut legs, &mut chance)));
    let ended = driven.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(format!("panic: {}", said.unwrap_or_default()))
    });
    tally.records += run.records().len();
    tally.kills += legs.iter().filter(|leg| leg.killed).count();
    tally.resumes += legs.len().saturating_sub(1);
    let checked = ended.and_then(|outcome| {
        *tally.ends.entry(outcome.as_str()).or_default() += 1;
        check::all(&plan, run.records(), &legs, limit, outcome, &run.outside().world)
    });
    checked.map_err(|why| {
        let legs = legs.iter().map(|leg| format!("{}{}", leg.records, if leg.killed { " (killed)" } else { "" }));
        let mut told = format!("{why}\n{yaml}\nlegs end at {}\n", legs.collect::<Vec<_>>().join(", "));
        for record in run.records() {
            let _ = writeln!(told, "{:>4} {:?}", record.seq, record.entry);
        }
        told
    })
}

/// To the end of the last leg.
fn drive(run: &mut Simulation<Scene>, legs: &mut Vec<Leg>, chance: &mut Chance) -> Result<RunOutcome, String> {
    let mut kills: Vec<usize> = (0..chance.below(3)).map(|_| chance.below(120)).collect();
    kills.sort_unstable_by(|one, other| other.cmp(one));
    for at in 0..LONGEST {
        if kills.last().is_some_and(|kill| at >= *kill) && run.next_command().is_some_and(is_worth_it) {
            kills.pop();
            legs.push(Leg { records: run.records().len(), killed: true });
            run.kill();
            run.resume(Duration::from_secs(30), Intent::GoOn);
        }
        if run.advance() {
            continue;
        }
        if !run.core().is_over() {
            return Err("the run waits for nothing".to_owned());
        }
        let outcome = run.outcome().ok_or("the run is over and has no outcome")?;
        let resumable = matches!(outcome, RunOutcome::Paused | RunOutcome::Interrupted | RunOutcome::Failed);
        legs.push(Leg { records: run.records().len(), killed: false });
        if !(resumable && legs.len() < 5 && chance.is(70)) {
            return Ok(outcome);
        }
        run.kill();
        run.resume(Duration::from_mins(1), Intent::GoOn);
    }
    Err("the run does not end".to_owned())
}

/// An engine that dies between two records tells nothing new; before an effect it does.
fn is_worth_it(command: &Command) -> bool {
    matches!(command, Command::Start(_) | Command::Ask(..) | Command::Record(_))
}

fn happens(chance: &mut Chance) -> Event {
    let (by, why) = ("kim".to_owned(), String::new());
    match chance.below(6) {
        0 => Event::Pause { by, why },
        1 => Event::Cancel { by, why },
        2 => Event::Rollback { by, why },
        3 => Event::Interrupt { level: 2 },
        _ => Event::Interrupt { level: 1 },
    }
}

fn planned(yaml: &str) -> Result<Arc<Plan>, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text);
    write("system.yaml", generator::SYSTEM).map_err(|error| error.to_string())?;
    write("runbook.yaml", yaml).map_err(|error| error.to_string())?;
    let documents =
        document::load(&directory.path().join("runbook.yaml"), None).map_err(|invalid| said(&invalid.diagnostics))?;
    let run = RunIdentity {
        id: RunId("01RANDOM".to_owned()),
        stamp: "20270115-080000".to_owned(),
        started: DateTime::UNIX_EPOCH + Duration::from_hours(500_000),
        operator: "tester@here".to_owned(),
    };
    let plan = plan::plan(&documents, &Inputs::new(run)).map_err(|errors| said(&errors))?;
    Ok(Arc::new(plan))
}

fn said(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| format!("{}: {}", one.code, one.message)).collect::<Vec<_>>().join("; ")
}
