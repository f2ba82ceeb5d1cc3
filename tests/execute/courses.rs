//! What must hold whatever happens to a run while it goes: pauses, cancels, rollbacks, signals, approvals, at random times.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use runbook::execute::{Answer, Event, Options, Question};
use runbook::model::effect::Effect;
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::runbook::{OnFailure, Phase};
use runbook::model::work::{Purpose, Task};
use runbook::plan::{Approve, Body, Plan};

use super::generator::{self, Told};
use super::world::{Course, History, Scripted, planned, simulate};

/// What happens, and when (ms).
fn events() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((0..8000u64, 0..5u8), 0..4)
}

fn event(kind: u8, signals: &mut u8) -> Event {
    let (by, why) = ("kim".to_owned(), String::new());
    match kind {
        0 => Event::Pause { by, why },
        1 => Event::Cancel { by, why },
        2 => Event::Rollback { by, why },
        _ => {
            *signals += 1;
            Event::Interrupt { level: (*signals).min(2) }
        }
    }
}

fn number(argv: &[String]) -> usize {
    argv.last().and_then(|word| word.strip_prefix('s')).and_then(|digits| digits.parse().ok()).expect("our own command")
}

/// The planned runbook with the generated bits laid over it.
fn plan(yaml: &str, script: &[Told], rollback: bool) -> Arc<Plan> {
    let mut plan = planned(yaml);
    let of = Arc::make_mut(&mut plan);
    of.rollback = rollback;
    for node in &mut of.nodes {
        let bits = script[number(std::slice::from_ref(&node.name))].bits;
        if bits & 1 != 0 {
            node.on_failure = OnFailure::Rollback;
        }
        if bits & 4 != 0 {
            node.phase = Some(Phase::Failback);
        }
        if bits & 8 != 0 {
            let people = vec!["ann".to_owned(), "bob".to_owned()];
            node.approve = Some(Approve { people, min: 1, not_requester: true, within: Duration::from_secs(5) });
        }
        if let (Body::Operation(operation), true) = (&mut node.body, bits & 2 != 0) {
            operation.effect.effect = Effect::Destroy;
        }
    }
    plan
}

fn run(plan: &Arc<Plan>, script: &[Told], happens: &[(u64, u8)], options: Options) -> History {
    let mut attempted: BTreeMap<usize, u8> = BTreeMap::new();
    let mut signals = 0;
    let mut happens = happens.to_vec();
    happens.sort_unstable();
    let events = happens.iter().map(|(at, kind)| (Duration::from_millis(*at), event(*kind, &mut signals)));
    let course = Course {
        core: options,
        events: events.collect(),
        letters: Some(Box::new(|question| {
            let Question::Approval { step, digest, .. } = question else { panic!("an approval was asked") };
            // Some are approved, some rejected, some forgotten.
            let answer = number(&[step.0.rsplit('/').next().unwrap_or_default().to_owned()]) % 3;
            let letter = Event::Approval {
                step: step.clone(),
                digest: digest.clone(),
                approve: answer == 0,
                by: "ann@x".to_owned(),
                verified: true,
                reason: String::new(),
            };
            if answer == 2 { Vec::new() } else { vec![(Duration::from_secs(1), letter)] }
        })),
        ..Course::default()
    };
    let mut turn = 0_usize;
    simulate(
        plan,
        course,
        |work| {
            let Task::Program { argv, .. } = &work.task else { panic!("only programs here") };
            let told = script[number(argv)];
            if work.attempt.purpose == Purpose::Rollback {
                return Scripted::exit(i32::from(told.stuck)).after(Duration::from_millis(told.millis.into()));
            }
            let tried = attempted.entry(number(argv)).or_default();
            *tried = tried.saturating_add(1);
            let code = i32::from(told.failures == 9 || *tried <= told.failures);
            Scripted::exit(code).after(Duration::from_millis(told.millis.into()))
        },
        |question| {
            turn += 1;
            match (question, turn % 5) {
                (Question::Failed { .. }, 0) => Answer::Skip { why: "fine".to_owned() },
                (Question::Failed { .. }, 1) => Answer::Retry,
                (Question::Failed { .. }, _) => Answer::Stop,
                (Question::Step { view }, 3) if !view.jumps.is_empty() => {
                    Answer::Jump { to: view.jumps[turn % view.jumps.len()].0.clone() }
                }
                (Question::Step { .. }, 4) => Answer::Skip { why: "by hand".to_owned() },
                _ => Answer::Yes { inputs: Vec::new(), evidence: None },
            }
        },
    )
}

/// Nothing is undone that did not start, nothing twice, nothing from before a destroy that stays.
fn rollbacks_are_sound(plan: &Plan, history: &History) -> Result<(), TestCaseError> {
    let effect = |id: &str| {
        let node = plan.nodes.iter().find(|node| node.id.0 == id).expect("a step of the plan");
        match &node.body {
            Body::Operation(operation) => operation.effect.effect,
            Body::List { .. } => Effect::Read,
        }
    };
    let mut started: Vec<&str> = Vec::new();
    let mut scope = None;
    for entry in &history.entries {
        match entry {
            Entry::StepStarted { step, .. } => started.push(&step.0),
            Entry::RollbackStarted { step, steps, left, .. } => {
                scope = step.as_ref().map(|step| step.0.as_str());
                let both = steps.iter().any(|step| left.contains(step));
                prop_assert!(!both, "{step:?} both undone and left");
            }
            Entry::UndoStarted { step, .. } => {
                let id = step.0.as_str();
                let at = started.iter().rposition(|known| *known == id);
                let at =
                    at.ok_or_else(|| TestCaseError::fail(format!("{id} is undone and did not start, or twice")))?;
                let inside =
                    |known: &str| scope.is_none_or(|scope| known == scope || known.starts_with(&format!("{scope}/")));
                let later = started[at..].iter().find(|known| inside(known) && effect(known) == Effect::Destroy);
                prop_assert_eq!(later, None, "{} is undone, and a destroy started after it", id);
            }
            Entry::UndoFinished { step, undone: true, .. } => {
                // A group takes its members with it, not its fallback.
                let node = plan.nodes.iter().find(|node| node.id == *step).expect("a step of the plan");
                let fallback: Vec<&str> =
                    node.fallback.members.iter().map(|member| plan.node(*member).id.0.as_str()).collect();
                let within = |known: &str, outer: &str| known == outer || known.starts_with(&format!("{outer}/"));
                started.retain(|known| !within(known, &step.0) || fallback.iter().any(|outer| within(known, outer)));
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_run_ends_and_keeps_its_promises(
        steps in generator::steps(),
        happens in events(),
        rollback in any::<bool>(),
        step in prop::bool::weighted(0.3),
        failback in any::<bool>(),
        limit in prop::option::of(1..4u32),
    ) {
        let (mut yaml, mut script) = generator::yaml(&steps);
        let last = format!("s{}", script.len());
        let _ = write!(yaml, "finally:\n  - id: {last}\n    exec: work {last}\n");
        script.push(Told { failures: 0, millis: 100, stuck: false, bits: 0 });
        let plan = plan(&yaml, &script, rollback);
        let history = run(&plan, &script, &happens, Options { step, failback, max_parallel: limit, ..Options::default() });
        let outcome = history.outcome.expect("every path ends");

        rollbacks_are_sound(&plan, &history)?;

        // Finally-steps run on every end, and on none that goes on later.
        let ran = history.started().contains(&last.as_str());
        let signal = history.entries.iter().any(|entry| matches!(entry, Entry::Interrupted { .. }));
        let left_out = history.entries.iter().any(|entry| matches!(
            entry, Entry::StepFinished { step, outcome: Outcome::Skipped, .. } if step.0 == last));
        match outcome {
            RunOutcome::Paused => prop_assert!(!ran, "a pause is not the end\n{}", yaml),
            RunOutcome::Cancelled => prop_assert!(ran || signal || left_out, "a cancel is the end\n{}", yaml),
            RunOutcome::Succeeded | RunOutcome::Warned => {
                prop_assert!(ran || left_out, "{:?} without its finally\n{}", outcome, yaml);
            }
            _ => {}
        }

        // A group that has succeeded has no member that was held back.
        let ended: BTreeMap<&str, &Entry> = history.entries.iter().filter_map(|entry| match entry {
            Entry::StepFinished { step, .. } => Some((step.0.as_str(), entry)),
            _ => None,
        }).collect();
        for node in &plan.nodes {
            let Some(parent) = node.parent else { continue };
            let held_back = matches!(ended.get(node.id.0.as_str()), Some(Entry::StepFinished { skipped: Some(
                runbook::model::outcome::SkipReason::Interrupted | runbook::model::outcome::SkipReason::Cancelled), .. }));
            let good = matches!(ended.get(plan.node(parent).id.0.as_str()), Some(Entry::StepFinished {
                outcome: Outcome::Succeeded | Outcome::Warned, .. }));
            prop_assert!(!(held_back && good), "{} was held back, its group is good\n{}", node.id, yaml);
        }

        // Every step has one end between two of its starts, and failback waits for its flag.
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for entry in &history.entries {
            match entry {
                Entry::StepStarted { step, .. } => {
                    prop_assert!(open.insert(&step.0), "{} started twice\n{}", step, yaml);
                    let node = plan.nodes.iter().find(|node| node.id == *step).expect("a step of the plan");
                    prop_assert!(failback || node.phase != Some(Phase::Failback), "{} is for later\n{}", step, yaml);
                }
                Entry::AttemptFailed { step, .. } | Entry::StepFinished { step, .. } => {
                    open.remove(step.0.as_str());
                }
                _ => {}
            }
        }
    }
}
