//! Calendars: when something is due, what was done, what carries it out, and the timers that start that.

mod done;
mod due;
mod install;
mod moments;
mod run;
mod units;

use chrono::{DateTime, Utc};
use runbook::journal::{FileJournal, Journal as _, Runs};
use runbook::model::drill::{DrillFact, Prediction, Scorecard};
use runbook::model::entry::Entry;
use runbook::model::id::RunId;

use crate::support::{Runbook, Workspace};

/// A moment.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text} is no moment"))
}

/// The id of a record that began at a moment.
pub fn id(began: DateTime<Utc>) -> RunId {
    RunId(ulid::Ulid::from_datetime(began.into()).to_string())
}

/// A place with the lab of one drill, its runbook, and a runbook that anybody can run.
pub fn place() -> Workspace {
    Workspace::new()
        .file("recover.yaml", "kind: runbook/v1\nname: recover\nsteps:\n  - id: it\n    services:\n      start: app\n")
        .file(
            "backup.yaml",
            "kind: runbook/v1\nname: backup\ntitle: Check the backup\nsteps:\n  - id: it\n    exec: \"true\"\n",
        )
        .file("system.yaml", SYSTEM)
        .file("lab.yaml", LAB)
}

const SYSTEM: &str = "kind: system/v1
name: shop
environments:
  lab:
    class: lab
    identity:
      exec: \"true\"
services:
  app:
    container: app
    health:
      exec: \"true\"
";

const LAB: &str = "kind: lab/v1
name: little
system: system.yaml
networks: [net]
machines:
  vm:
    image: little
    host_name: vm
    networks: [net]
faults:
  crash:
    in: vm
    exec: kill 1
    noticed: \"true\"
  flood:
    in: vm
    exec: flood
    noticed: \"true\"
drills:
  recover:
    fault: crash
";

/// A calendar with these entries.
pub fn calendar(zone: &str, entries: &str) -> String {
    format!("kind: calendar/v1\nname: four\nzone: {zone}\nentries:\n{entries}")
}

/// An entry that drills the lab.
pub fn drill(id: &str, every: &str, more: &str) -> String {
    format!("  {id}:\n    drill: recover.yaml\n    lab: lab.yaml\n    every: {every}\n{more}")
}

/// The program in a place, at this machine's own time zone UTC.
pub fn runbook(place: &Workspace, args: &[&str]) -> Runbook {
    place.runbook(args).env("TZ", "UTC").env_remove("RUNBOOK_DRILLS")
}

/// The record of a drill.
pub struct Drilled {
    pub lab: &'static str,
    pub runbook: &'static str,
    pub system: &'static str,
    pub fault: &'static str,
    pub control: bool,
    /// None: it has no end.
    pub verdict: Option<&'static str>,
    /// From the fault to verified, ms.
    pub recovery: Option<u64>,
    /// How long it took, s.
    pub took: i64,
}

impl Default for Drilled {
    fn default() -> Self {
        let verdict = Some("recovered");
        Self {
            lab: "little",
            runbook: "recover",
            system: "shop",
            fault: "crash",
            control: false,
            verdict,
            recovery: None,
            took: 60,
        }
    }
}

impl Drilled {
    /// Writes it down, begun at a moment.
    pub fn began(&self, place: &Workspace, moment: &str) {
        let began = at(moment);
        let directory = Runs::new(place.path("drills")).create(&id(began)).expect("a directory");
        let mut journal = FileJournal::new(directory.create_journal().expect("a journal"));
        let mut write = |after: i64, fact: DrillFact| {
            let moment = began + chrono::TimeDelta::seconds(after);
            journal.append(journal.position(), moment, vec![Entry::Drill { fact: Box::new(fact) }]).expect("an entry");
        };
        write(
            0,
            DrillFact::Started {
                drill: directory.run().0.clone(),
                lab: self.lab.to_owned(),
                lab_title: "A little lab".to_owned(),
                stand_ins: Vec::new(),
                runbook: self.runbook.to_owned(),
                title: "Recover it".to_owned(),
                system: self.system.to_owned(),
                environment: "lab".to_owned(),
                fault: self.fault.to_owned(),
                control: self.control,
                operator: "ana@desk".to_owned(),
                engine: "0.1.0".to_owned(),
                gcloud: None,
                predicted: Prediction::default(),
            },
        );
        if let Some(ms) = self.recovery {
            let score = Scorecard { verified_ms: Some(ms), ..Scorecard::default() };
            write(1, DrillFact::Measured { score: Box::new(score) });
        }
        if let Some(verdict) = self.verdict {
            let why = (verdict != "recovered").then(|| format!("because it is {verdict}"));
            write(self.took, DrillFact::Finished { verdict: verdict.to_owned(), why, elapsed_ms: 1000 });
        }
    }
}
