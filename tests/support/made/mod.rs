//! Drills and runs in numbers, as they would have been recorded: written through the journal's own code, the same for the same seed.
//! Steps have names, times that vary and drift, retries, failures, people; some drills are controls, some were killed.

mod scenarios;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use runbook::journal::{FileJournal, Journal};
use runbook::model::drill::{
    CanaryWrites, DrillFact, KeptFile, Prediction, Scorecard, Stage, StepTime, StoreLoss, Wait,
};
use runbook::model::effect::Effect;
use runbook::model::entry::Entry;
use runbook::model::id::{AttemptToken, RunId, StepId};
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::port::Storage;
use runbook::model::surroundings::{DocumentDigest, Program, Surroundings};
use serde_json::Map;

use scenarios::{SCENARIOS, Scenario};

/// How much, and when.
pub struct Made {
    /// Below it: `drills/` and `runs/`.
    pub root: PathBuf,
    /// The same seed, the same journals.
    pub seed: u64,
    /// The last one began then; one a day before it.
    pub until: DateTime<Utc>,
    /// To every step of its own; a real runbook has many that look and check.
    pub checks: usize,
}

/// A journal in memory: nobody waits for a disk.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Storage for Memory {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.lock().unwrap().truncate(usize::try_from(length).unwrap());
        Ok(())
    }
}

struct Writer {
    memory: Memory,
    journal: FileJournal<Memory>,
    at: DateTime<Utc>,
}

impl Writer {
    fn new(at: DateTime<Utc>) -> Self {
        let memory = Memory::default();
        Self { journal: FileJournal::new(memory.clone()), memory, at }
    }

    fn add(&mut self, entry: Entry) {
        self.journal.append(self.journal.position(), self.at, vec![entry]).unwrap();
    }

    fn fact(&mut self, fact: DrillFact) {
        self.add(Entry::Drill { fact: Box::new(fact) });
    }

    fn pass(&mut self, ms: u64) {
        self.at += TimeDelta::milliseconds(ms.try_into().unwrap());
    }

    fn write(self, directory: &Path) {
        fs::create_dir_all(directory).unwrap();
        fs::write(directory.join("journal.jsonl"), &*self.memory.0.lock().unwrap()).unwrap();
    }
}

/// Numbers that look random and are not.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// In so many of a hundred cases.
    fn falls(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Around a usual time: mostly a little more or less, now and then twice as much.
    fn around(&mut self, ms: u64) -> u64 {
        let percent = 70 + self.below(60) + if self.falls(6) { 100 } else { 0 };
        ms * percent / 100
    }
}

/// A recovery that was recorded.
struct Recovered {
    run: String,
    took_ms: u64,
    steps: Vec<StepTime>,
    waits: Vec<Wait>,
    well: bool,
}

impl Made {
    /// Records so many drills and so many real runs.
    pub fn record(&self, drills: usize, runs: usize) {
        for number in 0..drills + runs {
            let mut dice = Dice(self.seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
            let ago = i64::try_from(drills + runs - 1 - number).unwrap();
            let minutes = i64::try_from(dice.below(300)).unwrap();
            let began = self.until - TimeDelta::days(ago) - TimeDelta::minutes(minutes);
            let scenario = &SCENARIOS[usize::try_from(dice.below(SCENARIOS.len() as u64)).unwrap()];
            // What is drilled often becomes faster.
            let pace = 100 + u64::try_from(ago).unwrap().min(400) * 60 / 400;
            if number * runs / (drills + runs) == (number + 1) * runs / (drills + runs) {
                self.drill(scenario, began, pace, &mut dice);
            } else {
                let _ = self.recovery("runs", "run", scenario, began, pace, &mut dice);
            }
        }
    }

    fn drill(&self, scenario: &Scenario, began: DateTime<Utc>, pace: u64, dice: &mut Dice) {
        let id = id(began, dice);
        let (control, killed) = (dice.falls(8), dice.falls(2));
        let mut writer = Writer::new(began);
        writer.fact(DrillFact::Started {
            drill: id.clone(),
            lab: format!("{}-lab", scenario.system),
            lab_title: scenario.system.to_owned(),
            stand_ins: vec!["DNS is a stand-in".to_owned()],
            runbook: scenario.name.to_owned(),
            title: scenario.title.to_owned(),
            system: scenario.system.to_owned(),
            environment: "lab".to_owned(),
            fault: scenario.fault.to_owned(),
            control,
            operator: "ana@desk".to_owned(),
            engine: "0.1.0".to_owned(),
            gcloud: None,
            predicted: Prediction::default(),
        });
        for (stage, ms) in [(Stage::Create, 27_000), (Stage::Baseline, 10_000), (Stage::Canary, 5_000)] {
            staged(&mut writer, stage, dice.around(ms));
        }
        let fault = scenario.fault.to_owned();
        writer.fact(DrillFact::FaultPlanned {
            fault: fault.clone(),
            title: fault.clone(),
            deeds: vec!["kill".to_owned()],
        });
        writer.fact(DrillFact::FaultInjected { fault });
        let fault_at = writer.at;
        staged(&mut writer, Stage::Detect, dice.around(800));
        if killed {
            writer.write(&self.root.join("drills").join(id));
            return;
        }
        let recovered = (!control).then(|| self.recovery("drills/runs", "drill", scenario, writer.at, pace, dice));
        let well = recovered.as_ref().is_some_and(|it| it.well);
        staged(&mut writer, Stage::Recover, recovered.as_ref().map_or(0, |it| it.took_ms));
        staged(&mut writer, Stage::Verify, dice.around(15_000));
        let took = u64::try_from((writer.at - fault_at).num_milliseconds()).unwrap();
        let score = score(scenario, fault_at, took, recovered, dice);
        let missed = score.misses_an_objective();
        let kept = score.steps.iter().map(|step| kept_file(&id, &step.step)).collect();
        writer.fact(DrillFact::Canary { canary: canary(fault_at) });
        writer.fact(DrillFact::Measured { score: Box::new(score) });
        staged(&mut writer, Stage::Destroy, dice.around(5_000));
        writer.fact(DrillFact::Kept { files: kept });
        let verdict = match (well, missed) {
            (false, _) => "not recovered",
            (true, true) => "objective missed",
            (true, false) => "recovered",
        };
        let elapsed_ms = u64::try_from((writer.at - began).num_milliseconds()).unwrap();
        let why = (!well).then(|| "the canary's writes fail: Connection refused".to_owned());
        writer.fact(DrillFact::Finished { verdict: verdict.to_owned(), why, elapsed_ms });
        writer.write(&self.root.join("drills").join(id));
    }

    fn recovery(
        &self,
        below: &str,
        mode: &str,
        scenario: &Scenario,
        began: DateTime<Utc>,
        pace: u64,
        dice: &mut Dice,
    ) -> Recovered {
        let run = id(began, dice);
        let mut writer = Writer::new(began);
        writer.add(Entry::RunStarted {
            run: RunId(run.clone()),
            mode: mode.to_owned(),
            runbook: scenario.name.to_owned(),
            title: scenario.title.to_owned(),
            system: Some(scenario.system.to_owned()),
            environment: Some(if mode == "drill" { "lab" } else { "production" }.to_owned()),
            plan_digest: "c0bf1eec7cf3dd12160d7f7c3d04f8c245cd99e452378dbdec0c02b9b25a24e2".to_owned(),
            source_digest: "3bf673bba7e279b6a8d59ac143e707d1c0a2859c7db495f8b4d98ae5791e196e".to_owned(),
            operator: "ana@desk".to_owned(),
            engine: "0.1.0".to_owned(),
            core: 2,
            rto_ms: Some(scenario.rto_ms),
            expected_ms: scenario.steps.iter().map(|(_, ms, ..)| ms).sum(),
            steps: scenario.steps.len() + self.checks,
        });
        writer.add(Entry::Surroundings(Box::new(surroundings(scenario.name))));
        let (mut steps, mut waits, mut well) = (Vec::new(), Vec::new(), true);
        let checks = (0..self.checks).map(|n| (format!("checks/every_{n}"), 200, 1, ""));
        let own = scenario.steps.iter().map(|(name, ms, flaky, asks)| ((*name).to_owned(), *ms, *flaky, *asks));
        for (name, usual, flaky, asks) in own.chain(checks) {
            well = step(&mut writer, &name, usual * pace / 100, flaky, asks, &mut steps, &mut waits, dice);
            if !well {
                break;
            }
        }
        let took_ms = u64::try_from((writer.at - began).num_milliseconds()).unwrap();
        let (outcome, why) = if well {
            (RunOutcome::Succeeded, None)
        } else {
            (RunOutcome::Failed, steps.last().map(|step: &StepTime| format!("`{}` failed", step.step)))
        };
        writer.add(Entry::RunFinished { outcome, why, outputs: Map::new(), elapsed_ms: took_ms });
        writer.write(&self.root.join(below).join(&run));
        Recovered { run, took_ms, steps, waits, well }
    }
}

/// Some of what a drill writes beside its journal.
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn kept_file(drill: &str, step: &StepId) -> KeptFile {
    KeptFile { path: format!("runs/{drill}/steps/{}/1.log", step.file_name()), bytes: 321, sha256: DIGEST.to_owned() }
}

fn canary(began: DateTime<Utc>) -> CanaryWrites {
    let writes = (1..=300).map(|number| (number, number * 200, Some(7))).collect();
    CanaryWrites { began, every_ms: 200, writes }
}

fn surroundings(runbook: &str) -> Surroundings {
    let program = |name: &str| Program {
        name: name.to_owned(),
        path: Some(format!("/usr/bin/{name}")),
        version: Some(format!("{name} 1.2.3")),
    };
    let path = format!("runbooks/{runbook}.yaml");
    Surroundings {
        machine: "Linux 6.1.0".to_owned(),
        programs: ["docker", "psql", "ssh"].map(program).to_vec(),
        commit: None,
        params: Map::new(),
        documents: vec![DocumentDigest { path, sha256: DIGEST.to_owned() }],
    }
}

fn id(at: DateTime<Utc>, dice: &mut Dice) -> String {
    let ms = u64::try_from(at.timestamp_millis()).unwrap();
    ulid::Ulid::from_parts(ms, u128::from(dice.next())).to_string()
}

fn staged(writer: &mut Writer, stage: Stage, elapsed_ms: u64) {
    writer.fact(DrillFact::StageStarted { stage });
    writer.pass(elapsed_ms);
    writer.fact(DrillFact::StageFinished { stage, why: None, elapsed_ms });
}

/// One step to its end. False: it failed for good.
#[expect(clippy::too_many_arguments, reason = "a step and what it leaves behind")]
fn step(
    writer: &mut Writer,
    name: &str,
    usual: u64,
    flaky: u64,
    asks: &str,
    steps: &mut Vec<StepTime>,
    waits: &mut Vec<Wait>,
    dice: &mut Dice,
) -> bool {
    let step = StepId(name.to_owned());
    let token = || AttemptToken(format!("t-{name}"));
    let title = name.replace(['/', '_'], " ");
    let answered = |question: &str, waited_ms: u64| Entry::Answered {
        step: step.clone(),
        question: question.to_owned(),
        answer: "yes".to_owned(),
        by: "ana@desk".to_owned(),
        values: Map::new(),
        waited_ms: Some(waited_ms),
    };
    let thought = dice.around(25_000);
    if asks == "confirm" || asks == "approval" {
        if asks == "approval" {
            writer.add(Entry::ApprovalAsked {
                step: step.clone(),
                digest: "d".to_owned(),
                command: "switch".to_owned(),
                people: vec!["ben".to_owned()],
                min: 1,
                not_requester: true,
                expires: writer.at + TimeDelta::hours(1),
            });
        }
        writer.pass(thought);
        waits.push(Wait { step: name.to_owned(), question: asks.to_owned(), waited_ms: thought });
        if asks == "confirm" {
            writer.add(answered("confirm", thought));
        }
    }
    let released = writer.at;
    let mut attempt = 1;
    let well = loop {
        writer.add(Entry::StepStarted {
            step: step.clone(),
            title: title.clone(),
            attempt,
            token: token(),
            work_digest: DIGEST.to_owned(),
            effect: Effect::Mutate,
            command: format!("docker compose --project-directory /opt/nself exec -T postgres {name} --quiet"),
        });
        writer.add(Entry::StepNoted {
            step: step.clone(),
            token: token(),
            pid: 4_000 + attempt,
            started_ticks: 123_456,
            boot_id: "2a3b6f0c-5b0e-4c1e-9a3b-0d3f3f0b9b1a".to_owned(),
        });
        let took = dice.around(usual);
        writer.pass(took);
        if asks == "manual" {
            waits.push(Wait { step: name.to_owned(), question: "manual".to_owned(), waited_ms: took });
            writer.add(answered("manual", took));
        }
        if !dice.falls(flaky) {
            break true;
        }
        if attempt == 3 || dice.falls(30) {
            break false;
        }
        writer.add(Entry::AttemptFailed {
            step: step.clone(),
            attempt,
            why: "exit 1: connection refused".to_owned(),
            delay_ms: 2_000,
        });
        writer.pass(2_000);
        attempt += 1;
    };
    let elapsed_ms = u64::try_from((writer.at - released).num_milliseconds()).unwrap();
    writer.add(Entry::StepFinished {
        step: step.clone(),
        outcome: if well { Outcome::Succeeded } else { Outcome::Failed },
        skipped: None,
        why: if well { Vec::new() } else { vec!["exit 1: connection refused".to_owned()] },
        hint: None,
        outputs: Map::new(),
        elapsed_ms,
        attempts: attempt,
    });
    steps.push(StepTime { step, title, took_ms: elapsed_ms, estimate_ms: None, p50_ms: None });
    well
}

fn score(
    scenario: &Scenario,
    fault_at: DateTime<Utc>,
    took: u64,
    recovered: Option<Recovered>,
    dice: &mut Dice,
) -> Scorecard {
    let Some(recovered) = recovered else { return Scorecard { fault_at: Some(fault_at), ..Scorecard::default() } };
    let verified_ms = recovered.well.then_some(took);
    let loss = if scenario.loss_ms == 0 { 0 } else { dice.around(scenario.loss_ms) };
    let gone = usize::try_from(loss / 200).unwrap();
    let store = StoreLoss {
        store: "postgres".to_owned(),
        acknowledged: gone + 233,
        kept: 233,
        lost: gone,
        lost_ranges: if gone > 0 { vec![(1, gone as u64)] } else { Vec::new() },
        unacknowledged: 0,
        nothing_kept: false,
        loss_ms: Some(loss),
        missing_before_target: None,
        beyond_target: None,
        unreadable: (!recovered.well).then(|| "exit 7".to_owned()),
    };
    Scorecard {
        fault_at: Some(fault_at),
        detected_ms: Some(750),
        declared_ms: Some(760),
        started_ms: Some(1_000),
        serving_ms: verified_ms.map(|ms| ms / 2),
        verified_ms,
        people_ms: recovered.waits.iter().map(|wait| wait.waited_ms).sum(),
        rto_ms: Some(scenario.rto_ms),
        rto_met: verified_ms.map(|ms| ms <= scenario.rto_ms),
        rpo_ms: Some(scenario.rpo_ms),
        rpo_met: verified_ms.map(|_| loss <= scenario.rpo_ms),
        stores: vec![store],
        outage_ms: verified_ms.map(|ms| ms / 2),
        predicted: Prediction::default(),
        run: Some(recovered.run),
        steps: recovered.steps,
        people: recovered.waits,
    }
}
