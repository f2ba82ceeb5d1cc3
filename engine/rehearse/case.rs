//! A case of a test: rehearsed, and held against what must come of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::failure::{Done, Failure, Kind};
use super::findings::{self, Tally};
use super::people::Scripted;
use super::result::{End, Rehearsed};
use super::scene::{Scene, Stage};
use super::setup::{self, Broken, Setup, SetupError};
use super::view;
use crate::execute::Simulation;
use crate::model::entry::Entry;
use crate::model::id::StepId;
use crate::model::outcome::{Mode, Outcome, RunOutcome};
use crate::model::rehearsal::Word;
use crate::model::test::{Ends, FailWith};
use crate::plan::Plan;
use crate::plan::test::{Answered, Case, Expected};
use crate::template::Scope;

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Tested {
    /// How it went.
    pub rehearsed: Rehearsed,
    /// What is not as it must be, a line each; empty: it passes.
    pub wrong: Vec<String>,
}

/// Rehearses a case. `exit` is the code that a run with an end would have.
///
/// # Errors
/// The world cannot be as the case says.
pub fn test(plan: Plan, case: &Case, began: DateTime<Utc>, exit: &dyn Fn(&End) -> u8) -> Result<Tested, SetupError> {
    let plan = Arc::new(plan);
    let setup = Setup {
        broken: case.fault.as_ref().map_or(Broken::Nothing, |fault| Broken::This(Box::new(fault.clone()))),
        world: case.world.clone(),
        began,
        seed: case.seed.unwrap_or(1),
        answers: BTreeMap::new(),
    };
    let (stage, fault) = setup::stage(&plan, &setup)?;
    let stage = with_answers(&stage, case)?;
    let failures: Vec<Failure> =
        case.fail.iter().filter_map(|(step, with)| Some(failure(*stage.steps.get(step)?, *with))).collect();
    let options = setup::options(&plan, None);
    let (rehearsed, simulation) = setup::walk(&stage, &options, &failures, fault);
    let wrong = wrong(&plan, &case.expect, &rehearsed, &simulation, exit);
    Ok(Tested { rehearsed, wrong })
}

fn failure(step: crate::plan::NodeIx, with: FailWith) -> Failure {
    let (kind, done) = match with {
        FailWith::Error => (Kind::Error, Done::Nothing),
        FailWith::Timeout => (Kind::Timeout, Done::Nothing),
        FailWith::Unknown => (Kind::Unknown, Done::All),
        FailWith::Silent => (Kind::Silent, Done::Nothing),
        FailWith::Gate => (Kind::Gate, Done::Nothing),
        FailWith::Killed => (Kind::Killed, Done::All),
    };
    Failure::new(step, kind, done)
}

/// What people say is rendered in the names of the runbook, with the world as the disaster left it.
fn with_answers(stage: &Arc<Stage>, case: &Case) -> Result<Arc<Stage>, SetupError> {
    let scope = setup::scope(stage);
    let mut stage = stage.as_ref().clone();
    for (step, answered) in &case.answers {
        let scripted = match answered {
            Answered::No => Scripted::No,
            Answered::Inputs(inputs) => {
                let inputs = inputs.iter().map(|(name, text)| Ok((name.clone(), text.render(&scope)?)));
                let inputs: Result<_, crate::template::EvalError> = inputs.collect();
                let what = format!("the answer of `{step}`");
                Scripted::Inputs(inputs.map_err(|error| SetupError::Change { what, why: error.message })?)
            }
        };
        stage.people.answers.insert(step.0.clone(), scripted);
    }
    Ok(Arc::new(stage))
}

/// Everything that is not as it must be.
fn wrong(
    plan: &Plan,
    expect: &Expected,
    rehearsed: &Rehearsed,
    simulation: &Simulation<Scene>,
    exit: &dyn Fn(&End) -> u8,
) -> Vec<String> {
    let end = &rehearsed.end;
    let mut wrong = Vec::new();
    if let Some(ends) = expect.ends
        && end.outcome != Some(outcome(ends))
    {
        let seen = end.outcome.map_or("waits for ever", |outcome| outcome.word(Mode::Rehearse));
        let why = end.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        wrong.push(format!("it must end {}; it {seen}{why}", ends.word()));
    }
    if let Some(code) = expect.exit.filter(|code| *code != exit(end)) {
        wrong.push(format!("its exit code must be {code}; it would be {}", exit(end)));
    }
    let story = Story::of(rehearsed);
    let listed = |steps: &[StepId], what: &str, is: &dyn Fn(&StepId) -> bool| -> Vec<String> {
        steps
            .iter()
            .filter(|step| !is(step))
            .map(|step| format!("`{step}` {what}; it is {}", story.of_step(step)))
            .collect()
    };
    wrong.extend(listed(&expect.ran, "must run", &|step| story.ran(step)));
    wrong.extend(listed(&expect.not_run, "must not run", &|step| !story.ran(step)));
    wrong.extend(listed(&expect.failed, "must fail", &|step| story.failed(step)));
    for pair in expect.order.windows(2) {
        let [earlier, later] = pair else { continue };
        match (story.began(earlier), story.began(later)) {
            (Some(first), Some(second)) if first < second => {}
            (Some(_), Some(_)) => wrong.push(format!("`{later}` must run after `{earlier}`; it began before it")),
            _ => wrong.push(format!("`{later}` must run after `{earlier}`; one of them does not run")),
        }
    }
    for (id, state) in &expect.services {
        let seen = end.services.iter().find(|service| service.id == *id);
        let (is, healthy) = seen.map_or(("absent", false), |service| (service.state, service.healthy));
        let fits = match state.word() {
            "running" => is == "running" && healthy,
            "unhealthy" => is == "running" && !healthy,
            "stopped" | "crashed" => is == "stopped",
            "crash_loop" => is == "restarting",
            word => is == word,
        };
        if !fits {
            let healthy = if healthy { "healthy" } else { "not healthy" };
            wrong.push(format!("service `{id}` must be {}; it is {is}, {healthy}", state.word()));
        }
    }
    for (id, state) in &expect.data {
        let is = end.data.iter().find(|data| data.id == *id).map_or("lost", |data| data.state);
        if is != state.word() {
            wrong.push(format!("data `{id}` must be {}; it is {is}", state.word()));
        }
    }
    let shown = crate::template::quantity::format_duration;
    if let Some(within) = expect.within.filter(|within| Duration::from_millis(end.elapsed_ms) > *within) {
        let took = Duration::from_millis(end.elapsed_ms);
        wrong.push(format!("it must end within {}; it takes {}", shown(within), shown(took)));
    }
    if let Some(most) = expect.loss {
        for data in &end.data {
            match data.loss {
                Some(loss) if loss <= most => {}
                Some(loss) => {
                    wrong.push(format!("at most {} of `{}` may be lost; {} are", shown(most), data.id, shown(loss)));
                }
                None => wrong.push(format!("at most {} of `{}` may be lost; all of it is", shown(most), data.id)),
            }
        }
    }
    let scene = simulation.outside();
    let scope = view::over(&simulation.core().frame_scope(plan.root), &scene.world, &scene.seen);
    wrong.extend(expect.holds.iter().filter_map(|condition| does_not_hold(condition, &scope)));
    if let Some(expected) = &expect.findings {
        let found = findings::of_one(plan, end, &Tally::of(simulation));
        let found: Vec<&str> = found.iter().map(|finding| finding.kind.as_str()).collect();
        let wanted: Vec<&str> = expected.iter().map(|kind| kind.as_str()).collect();
        let missing = wanted.iter().filter(|kind| !found.contains(kind)).map(|kind| format!("must find {kind}"));
        let more = found.iter().filter(|kind| !wanted.contains(kind)).map(|kind| format!("must not find {kind}"));
        wrong.extend(missing.chain(more));
    }
    wrong
}

fn does_not_hold(condition: &crate::template::Expression, scope: &Scope) -> Option<String> {
    let seen = match condition.holds(scope) {
        Ok(verdict) if verdict.holds => return None,
        Ok(verdict) => {
            verdict.seen.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
        }
        Err(error) => error.message,
    };
    Some(format!("`{}` must hold ({seen})", condition.source()))
}

const fn outcome(ends: Ends) -> RunOutcome {
    match ends {
        Ends::Succeeded => RunOutcome::Succeeded,
        Ends::Warned => RunOutcome::Warned,
        Ends::Failed => RunOutcome::Failed,
        Ends::RolledBack => RunOutcome::RolledBack,
        Ends::RollbackFailed => RunOutcome::RollbackFailed,
        Ends::Refused => RunOutcome::Refused,
        Ends::Paused => RunOutcome::Paused,
        Ends::Unknown => RunOutcome::Unknown,
        Ends::Interrupted => RunOutcome::Interrupted,
        Ends::Deadline => RunOutcome::Deadline,
    }
}

/// What the journal says of each step.
struct Story<'r> {
    /// When it first began: its place in the journal.
    began: BTreeMap<&'r StepId, usize>,
    /// How it ended last, and why.
    ended: BTreeMap<&'r StepId, (Outcome, String)>,
}

impl<'r> Story<'r> {
    fn of(rehearsed: &'r Rehearsed) -> Self {
        let mut story = Self { began: BTreeMap::new(), ended: BTreeMap::new() };
        for (at, record) in rehearsed.records.iter().enumerate() {
            match &record.entry {
                Entry::StepStarted { step, .. } => drop(story.began.entry(step).or_insert(at)),
                Entry::StepFinished { step, outcome, skipped, why, .. } => {
                    let why = skipped
                        .as_ref()
                        .map_or_else(|| why.join("; "), super::super::model::outcome::SkipReason::describe);
                    if *outcome != Outcome::Skipped && !story.began.contains_key(step) {
                        // `done_when` holds: nothing was left to do.
                        story.ended.insert(step, (Outcome::Skipped, "there was nothing to do".to_owned()));
                    } else {
                        story.ended.insert(step, (*outcome, why));
                    }
                }
                _ => {}
            }
        }
        story
    }

    fn ran(&self, step: &StepId) -> bool {
        self.began.contains_key(step)
    }

    fn began(&self, step: &StepId) -> Option<usize> {
        self.began.get(step).copied()
    }

    fn failed(&self, step: &StepId) -> bool {
        self.ended.get(step).is_some_and(|(outcome, _)| *outcome == Outcome::Failed)
    }

    fn of_step(&self, step: &StepId) -> String {
        match self.ended.get(step) {
            Some((outcome, why)) if why.is_empty() => outcome.word(Mode::Rehearse).to_owned(),
            Some((outcome, why)) => format!("{}: {why}", outcome.word(Mode::Rehearse)),
            None => "it was not reached".to_owned(),
        }
    }
}
