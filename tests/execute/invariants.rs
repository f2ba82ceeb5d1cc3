//! What must hold for every plan and every course of events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use proptest::prelude::*;
use runbook::execute::Options;
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, SkipReason};
use runbook::model::work::Task;
use runbook::plan::{Body, NodeIx};

use super::generator::{self, Told};
use super::world::{History, Scripted, planned, simulate, yes};

fn number(argv: &[String]) -> usize {
    argv.last().and_then(|word| word.strip_prefix('s')).and_then(|digits| digits.parse().ok()).expect("our own command")
}

fn run(yaml: &str, script: &[Told], limit: Option<u32>) -> (std::sync::Arc<runbook::plan::Plan>, History) {
    let plan = planned(yaml);
    let mut attempted: BTreeMap<usize, u8> = BTreeMap::new();
    let options = Options { max_parallel: limit, ..Options::default() };
    let history = simulate(
        &plan,
        options,
        |work| {
            let Task::Program { argv, .. } = &work.task else { panic!("only programs here") };
            let Told { failures, millis, .. } = script[number(argv)];
            let tried = attempted.entry(number(argv)).or_default();
            *tried = tried.saturating_add(1);
            let code = i32::from(failures == 9 || *tried <= failures);
            Scripted::exit(code).after(Duration::from_millis(millis.into()))
        },
        yes,
    );
    (plan, history)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_ends_and_keeps_its_promises(steps in generator::steps(), limit in prop::option::of(1..4u32)) {
        let (yaml, script) = generator::yaml(&steps);
        let (plan, history) = run(&yaml, &script, limit);
        prop_assert!(history.outcome.is_some());

        // Every step has ended, and says why where it did not run.
        for node in &plan.nodes {
            let ended = history.entries.iter().filter(|entry| matches!(entry, Entry::StepFinished { step, .. } if step == &node.id));
            prop_assert!(ended.count() >= 1, "{} has no end in\n{yaml}", node.id);
        }

        // What a step needs ended well before it started; `after` ended, however.
        let mut ended: BTreeMap<&str, bool> = BTreeMap::new();
        for entry in &history.entries {
            match entry {
                Entry::StepStarted { step, .. } => {
                    let node = plan.nodes.iter().find(|node| node.id == *step).expect("a step of the plan");
                    for needed in &node.needs {
                        let id = plan.node(*needed).id.0.as_str();
                        prop_assert_eq!(ended.get(id), Some(&true), "{} started before {} in\n{}", step, id, yaml);
                    }
                }
                Entry::StepFinished { step, outcome, skipped, .. } => {
                    let good = match skipped {
                        Some(SkipReason::When { .. } | SkipReason::NotNeeded | SkipReason::Empty { .. }) => true,
                        Some(_) => false,
                        None => outcome.lets_dependents_go_on(),
                    };
                    ended.insert(&step.0, good);
                }
                Entry::AttemptFailed { step, .. } => {
                    // A group's next attempt runs its members anew.
                    let inside: Vec<&str> = ended.keys().copied().filter(|id| id.starts_with(&format!("{step}/"))).collect();
                    for id in inside { ended.remove(id); }
                }
                _ => {}
            }
        }

        // No more at once than allowed.
        if let Some(limit) = limit {
            for (_, _, start, _) in &history.attempts {
                let at_once = history.attempts.iter().filter(|(_, _, s, e)| s <= start && start < e).count();
                prop_assert!(at_once <= limit as usize, "{at_once} at once, {limit} allowed in\n{yaml}");
            }
        }

        // No step runs beside itself, and none runs more often than its attempts (and those of its groups) allow.
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for entry in &history.entries {
            match entry {
                Entry::StepStarted { step, .. } => prop_assert!(open.insert(&step.0), "{step} started twice in\n{yaml}"),
                Entry::AttemptFailed { step, .. } | Entry::FallbackStarted { step, .. } | Entry::StepFinished { step, .. } => {
                    open.remove(step.0.as_str());
                }
                _ => {}
            }
        }

        // A group's finally-steps run whenever its members did.
        for node in &plan.nodes {
            let Body::List { finally, .. } = &node.body else { continue };
            let started = history.started();
            if started.contains(&node.id.0.as_str()) {
                for member in &finally.members {
                    let needs_nothing = plan.node(*member).needs.is_empty();
                    let id = plan.node(*member).id.0.as_str();
                    prop_assert!(!needs_nothing || started.contains(&id), "{id} did not run in\n{yaml}");
                }
            }
        }
    }

    #[test]
    fn the_same_events_give_the_same_commands(steps in generator::steps()) {
        let (yaml, script) = generator::yaml(&steps);
        let (_, first) = run(&yaml, &script, Some(2));
        let (_, second) = run(&yaml, &script, Some(2));
        // The first record holds digests of documents, and with them where they were.
        prop_assert_eq!(&first.entries[1..], &second.entries[1..]);
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_steps_that_fails_at_once_ends() {
    let mut yaml = String::from("kind: runbook/v1\nname: chain\nsteps:\n");
    for step in 0..100_000 {
        let _ = writeln!(yaml, "  - id: s{step}\n    exec: work s{step}");
    }
    let plan = planned(&yaml);
    let history = simulate(&plan, Options::default(), |_| Scripted::exit(1), yes);
    assert_eq!(history.attempts.len(), 1);
    assert_eq!(history.outcome_of("s99999"), Some(Outcome::Skipped));
    assert_eq!(plan.node(NodeIx(99_999)).id.0, "s99999");
}
