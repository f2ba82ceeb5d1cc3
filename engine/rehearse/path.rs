//! One path to its end: what the run did after the failure, and how it leaves the world.

use std::sync::Arc;
use std::time::Duration;

use super::result::End;
use super::scene::Scene;
use crate::execute::Simulation;
use crate::model::entry::{Entry, Record};
use crate::model::outcome::{Outcome, RunOutcome};
use crate::model::runbook::Objectives;

/// After a kill it takes somebody so long to notice and to resume.
pub const NOTICED: Duration = Duration::from_secs(30);

/// Where a simulation that is over has led.
pub fn end(simulation: &mut Simulation<Scene>) -> End {
    let now = simulation.now();
    simulation.outside_mut().world.set_now(now.wall);
    let outcome = simulation.outcome();
    let records = simulation.records();
    let (why, stuck) = (why(records), stuck(records));
    let scene = simulation.outside();
    let stage = scene.stage();
    let services = scene.world.services();
    let before = stage.world.services();
    let was_paused = |id: &str| before.iter().any(|service| service.id == id && service.paused);
    let paused: Vec<String> =
        services.iter().filter(|it| it.paused && !was_paused(&it.id)).map(|it| it.id.clone()).collect();
    let good = matches!(outcome, Some(RunOutcome::Succeeded | RunOutcome::Warned));
    let Objectives { rto, rpo } = if good { stage.plan.objectives } else { Objectives::default() };
    let data = scene.world.data();
    End {
        outcome,
        why,
        elapsed_ms: millis(now.elapsed),
        people_ms: millis(scene.seen.people),
        rto_met: rto.map(|rto| now.elapsed <= rto),
        rpo_met: rpo.map(|rpo| data.iter().all(|data| data.loss.is_some_and(|loss| loss <= rpo))),
        data,
        left_behind: scene.world.left_behind(&stage.world),
        services,
        pauser: scene.seen.pausers.iter().find(|(id, _)| paused.contains(id)).map(|(_, step)| step.clone()),
        paused,
        stuck,
        at_risk: scene.seen.risks.clone(),
        broken: scene.seen.broken.clone(),
        assumed: scene.seen.assumed.iter().cloned().collect(),
    }
}

fn why(records: &[Arc<Record>]) -> Option<String> {
    records.iter().rev().find_map(|record| match &record.entry {
        Entry::RunFinished { why, .. } => why.clone(),
        _ => None,
    })
}

fn stuck(records: &[Arc<Record>]) -> Vec<crate::model::id::StepId> {
    let mut stuck = Vec::new();
    for record in records {
        if let Entry::UndoFinished { step, undone, .. } = &record.entry {
            stuck.retain(|known| known != step);
            if !undone {
                stuck.push(step.clone());
            }
        }
    }
    stuck
}

/// Each once, with how often it was said.
fn counted(words: Vec<String>) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.into_iter().map(|(word, count)| if count == 1 { word } else { format!("{word}, {count} times") }).collect()
}

/// How the run goes on, in a few words each; `from`: records that were there before the failure.
pub fn describe(records: &[Arc<Record>], from: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut retries = 0;
    let mut undone = 0;
    let mut failed = None;
    let mut started_after = 0;
    let mut ends_well = false;
    let entries = records[from..].iter().map(|record| &record.entry);
    for entry in entries {
        match entry {
            Entry::AttemptFailed { .. } => retries += 1,
            Entry::RunResumed { .. } => words.push("resumed".to_owned()),
            Entry::Resolved { verdict, by, .. } => words.push(match verdict.as_str() {
                "done" => format!("known to be done ({by})"),
                "again" => format!("runs again ({by})"),
                _ => "a person has to say what became of it".to_owned(),
            }),
            Entry::FallbackStarted { step, .. } => words.push(format!("fallback of {step}")),
            Entry::UndoFinished { undone: true, .. } => undone += 1,
            Entry::UndoFinished { step, undone: false, .. } => words.push(format!("stuck at {step}")),
            Entry::StepFinished { step, outcome: Outcome::Failed | Outcome::Unknown, .. } => {
                failed.get_or_insert_with(|| step.clone());
            }
            Entry::StepFinished { outcome: Outcome::Warned, .. } if words.iter().all(|it| it != "warns") => {
                words.push("warns".to_owned());
            }
            Entry::StepStarted { .. } => started_after += 1,
            Entry::RunFinished { outcome, .. } => {
                ends_well = matches!(outcome, RunOutcome::Succeeded | RunOutcome::Warned);
            }
            _ => {}
        }
    }
    let mut words = counted(words);
    if retries > 0 {
        words.insert(0, format!("tried {} times", retries + 1));
    }
    if undone > 0 {
        words.push(format!("rolled back {undone} {}", if undone == 1 { "step" } else { "steps" }));
    }
    if let Some(step) = failed {
        words.push(if ends_well { format!("goes on without {step}") } else { format!("fails at {step}") });
    } else if started_after > 0 {
        words.push("goes on".to_owned());
    }
    words
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
