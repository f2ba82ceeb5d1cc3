//! A run that is killed anywhere goes on: what has ended stands, what was under way is found out, the rest runs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use runbook::execute::{Answer, Intent, Question};
use runbook::model::entry::{Entry, Record};
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{End, Purpose, Task, Work};

use super::generator;
use super::world::{Course, History, Scripted, planned, simulate, yes};

/// How often the action of each step was started.
type Effects = RefCell<BTreeMap<String, u32>>;

fn counted(effects: &Effects, work: &Work) {
    if work.attempt.purpose == Purpose::Action {
        *effects.borrow_mut().entry(work.attempt.step.0.clone()).or_default() += 1;
    }
}

fn killed(records: usize) -> Course {
    Course { killed_after: Some(records), ..Course::default() }
}

fn going_on(journal: &[Record]) -> Course {
    Course { journal: journal.to_vec(), ..Course::default() }
}

/// Runs until so many records are durable, then resumes to the end.
fn crash_and_resume(yaml: &str, records: usize, answer: &Answer) -> (Effects, History) {
    let plan = planned(yaml);
    let effects = Effects::default();
    let script = |work: &Work| {
        counted(&effects, work);
        Scripted::exit(0)
    };
    let before = simulate(&plan, killed(records), script, yes);
    let after = simulate(&plan, going_on(&before.records), script, |_: &Question| answer.clone());
    (effects, after)
}

const CHAIN: &str = "
kind: runbook/v1
name: chain
steps:
  - id: one
    exec: touch one
  - id: two
    exec: touch two
  - id: three
    exec: touch three
";

#[test]
fn a_step_that_ended_never_runs_again() {
    // RunStarted, one started, one finished + two started.
    for records in 2..8 {
        let (effects, history) = crash_and_resume(CHAIN, records, &Answer::Retry);
        assert_eq!(history.outcome, Some(RunOutcome::Succeeded), "killed after {records}");
        let finished = history.records[..records].iter().filter_map(|record| match &record.entry {
            Entry::StepFinished { step, .. } => Some(step.0.clone()),
            _ => None,
        });
        for step in finished {
            assert_eq!(effects.borrow()[&step], 1, "`{step}` when killed after {records}");
        }
        assert!(effects.borrow().values().all(|count| *count <= 2));
    }
}

#[test]
fn without_a_terminal_a_step_that_nobody_saw_end_stays_unknown() {
    let no = Answer::No { why: "nobody is there".to_owned() };
    let (effects, history) = crash_and_resume(CHAIN, 2, &no);
    assert_eq!(history.outcome, Some(RunOutcome::Unknown));
    assert_eq!(history.outcome_of("one"), Some(Outcome::Unknown));
    assert!(effects.borrow().get("two").is_none());
    // And a later resume asks again.
    let plan = planned(CHAIN);
    let again = simulate(&plan, going_on(&history.records), |_: &Work| Scripted::exit(0), yes);
    assert_eq!(again.outcome, Some(RunOutcome::Succeeded));
    assert!(!again.started().contains(&"one"), "a person said that it took effect");
}

#[test]
fn idempotent_steps_and_reads_run_again_unasked() {
    for line in ["idempotent: true", "effect: read"] {
        let yaml = format!("kind: runbook/v1\nname: x\nsteps:\n  - id: one\n    exec: touch one\n    {line}\n");
        let no = Answer::No { why: "nobody is there".to_owned() };
        let (effects, history) = crash_and_resume(&yaml, 2, &no);
        assert_eq!(history.outcome, Some(RunOutcome::Succeeded), "{line}");
        assert_eq!(effects.borrow()["one"], 2);
    }
}

#[test]
fn done_when_decides_what_nobody_saw_end() {
    const YAML: &str = "
kind: runbook/v1
name: x
steps:
  - id: one
    exec: touch one
    done_when:
      exec: test -e one
";
    for (exit, runs) in [(0, 1), (1, 2)] {
        let plan = planned(YAML);
        let effects = Effects::default();
        let first = |work: &Work| {
            counted(&effects, work);
            Scripted::exit(i32::from(work.attempt.purpose == Purpose::DoneWhen))
        };
        let before = simulate(&plan, killed(2), first, yes);
        let then = |work: &Work| {
            counted(&effects, work);
            Scripted::exit(if work.attempt.purpose == Purpose::DoneWhen { exit } else { 0 })
        };
        let no = |_: &Question| Answer::No { why: "nobody".to_owned() };
        let after = simulate(&plan, going_on(&before.records), then, no);
        assert_eq!(after.outcome, Some(RunOutcome::Succeeded));
        assert_eq!(effects.borrow()["one"], runs, "done_when exits {exit}");
    }
}

#[test]
fn a_done_when_that_cannot_be_read_leaves_it_to_idempotent_else_to_a_person() {
    let unreadable = || End::Unreachable { why: "connection refused".to_owned(), may_have_run: false };
    for (line, outcome, runs) in [("idempotent: true", RunOutcome::Succeeded, 2), ("", RunOutcome::Unknown, 1)] {
        let yaml = format!(
            "kind: runbook/v1\nname: x\nsteps:\n  - id: one\n    exec: touch one\n    done_when: {{ exec: ask }}\n    {line}\n"
        );
        let plan = planned(&yaml);
        let effects = Effects::default();
        let script = |work: &Work| {
            counted(&effects, work);
            let end = if work.attempt.purpose == Purpose::DoneWhen { unreadable() } else { End::Exited(0) };
            Scripted { end, ..Scripted::exit(0) }
        };
        let before = simulate(&plan, killed(2), script, yes);
        let no = |_: &Question| Answer::No { why: "nobody".to_owned() };
        let after = simulate(&plan, going_on(&before.records), script, no);
        assert_eq!((after.outcome, effects.borrow()["one"]), (Some(outcome), runs), "`{line}`");
    }
}

#[test]
fn outputs_of_finished_steps_are_there_after_a_resume() {
    const YAML: &str = "
kind: runbook/v1
name: x
steps:
  - id: ask
    exec: ask
    outputs:
      words: lines
      soon: stdout[:2] | duration
  - id: use
    exec: say ${{ steps.ask.outputs.words | join('-') }} ${{ steps.ask.outputs.soon }}
    when: steps.ask.outputs.soon < ('6m' | duration)
";
    let plan = planned(YAML);
    let script = |work: &Work| if work.attempt.step.0 == "ask" { Scripted::said("5m a\nc") } else { Scripted::exit(0) };
    // ask started, ask finished.
    let before = simulate(&plan, killed(3), script, yes);
    assert_eq!(before.started(), ["ask"]);
    let said = RefCell::new(Vec::new());
    let then = |work: &Work| {
        if let Task::Program { argv, .. } = &work.task {
            said.borrow_mut().push(argv.clone());
        }
        script(work)
    };
    let after = simulate(&plan, going_on(&before.records), then, yes);
    assert_eq!(after.outcome, Some(RunOutcome::Succeeded), "{:?}", after.ended("use"));
    assert_eq!(said.into_inner(), [["say", "5m a-c", "5m"]]);
}

const UNDOABLE: &str = "
kind: runbook/v1
name: undoable
on_failure: rollback
steps:
  - id: one
    exec: make one
    idempotent: true
    rollback:
      exec: undo one
      done_when:
        exec: gone one
  - id: group
    steps:
      - id: two
        exec: make two
        idempotent: true
        rollback:
          exec: undo two
          done_when:
            exec: gone two
      - id: three
        exec: fail three
        idempotent: true
    finally:
      - id: tidy
        exec: tidy up
finally:
  - id: last
    exec: say last
";

/// A world in which `make` and `undo` count, `gone` holds where nothing is made, and `fail` fails.
#[derive(Default)]
struct Made(RefCell<BTreeMap<String, (u32, u32)>>);

impl Made {
    fn act(&self, work: &Work) -> Scripted {
        let Task::Program { argv, .. } = &work.task else { return Scripted::exit(0) };
        let mut made = self.0.borrow_mut();
        let (times, undone) = made.entry(argv[1].clone()).or_default();
        match argv[0].as_str() {
            "make" => *times += 1,
            "undo" => *undone += 1,
            "gone" => return Scripted::exit(i32::from(*times > 0 && *undone == 0)),
            "fail" => return Scripted::exit(3),
            _ => {}
        }
        Scripted::exit(0)
    }
}

#[test]
fn a_rollback_that_was_cut_goes_on_and_undoes_nothing_twice() {
    let plan = planned(UNDOABLE);
    let whole = {
        let made = Made::default();
        let history = simulate(&plan, Course::default(), |work: &Work| made.act(work), yes);
        assert_eq!(history.outcome, Some(RunOutcome::RolledBack), "{:#?}", history.entries);
        history.records.len()
    };
    for records in 1..whole {
        let made = Made::default();
        let act = |work: &Work| made.act(work);
        let before = simulate(&plan, killed(records), act, yes);
        let after = simulate(&plan, going_on(&before.records), act, yes);
        assert_eq!(after.outcome, Some(RunOutcome::RolledBack), "killed after {records}: {:#?}", after.entries);
        for (name, (times, undone)) in made.0.borrow().iter().filter(|(_, (times, _))| *times > 0) {
            assert!(*undone == 1, "`{name}` was made {times} and undone {undone} times, killed after {records}");
        }
    }
}

#[test]
fn cancelling_a_run_that_nobody_drives_runs_what_is_owed_at_its_end_and_nothing_else() {
    let plan = planned(UNDOABLE);
    let made = Made::default();
    let act = |work: &Work| made.act(work);
    let started_two = |history: &History| history.started().contains(&"group/two");
    let records = (1..40).find(|records| started_two(&simulate(&plan, killed(*records), act, yes))).unwrap();
    let before = simulate(&plan, killed(records), act, yes);
    let intent = Intent::Cancel { by: "somebody@here".to_owned(), why: "another way".to_owned() };
    let after = simulate(&plan, Course { intent, ..going_on(&before.records) }, act, yes);
    assert_eq!(after.outcome, Some(RunOutcome::Cancelled));
    assert_eq!(after.started(), ["group/tidy", "last"]);
}

#[test]
fn a_run_that_nobody_drives_can_be_undone() {
    let plan =
        planned(CHAIN.replace("exec: touch one", "exec: make one\n    rollback:\n      exec: undo one").as_str());
    let made = Made::default();
    let act = |work: &Work| made.act(work);
    // `one` has ended, `two` was under way.
    let before = simulate(&plan, killed(4), act, yes);
    let intent = Intent::Rollback { by: "somebody@here".to_owned(), why: "another way".to_owned() };
    let after = simulate(&plan, Course { intent, ..going_on(&before.records) }, act, yes);
    assert_eq!(made.0.borrow()["one"], (1, 1), "{:#?}", after.entries);
    assert!(after.started().is_empty());
}

#[test]
fn failback_goes_on_inside_groups_that_stand() {
    const YAML: &str = "
kind: runbook/v1
name: there_and_back
steps:
  - id: region
    steps:
      - id: over
        exec: make over
      - id: back
        phase: failback
        exec: make back
";
    let plan = planned(YAML);
    let there = simulate(&plan, Course::default(), |_: &Work| Scripted::exit(0), yes);
    assert_eq!((there.outcome, there.started()), (Some(RunOutcome::Succeeded), vec!["region", "region/over"]));
    let mut course = going_on(&there.records);
    course.core.failback = true;
    let back = simulate(&plan, course, |_: &Work| Scripted::exit(0), yes);
    assert_eq!((back.outcome, back.started()), (Some(RunOutcome::Succeeded), vec!["region", "region/back"]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Killed at any record, twice; what had ended before a kill is never started after it; the run ends.
    #[test]
    fn killed_twice_anywhere_a_run_still_ends(
        steps in generator::steps(),
        first in 1..60usize,
        second in 1..60usize,
        again in any::<bool>(),
    ) {
        let (yaml, script) = generator::yaml(&steps);
        let plan = planned(&yaml);
        let failures = RefCell::new(BTreeMap::<usize, u8>::new());
        let act = |work: &Work| {
            let Task::Program { argv, .. } = &work.task else { return Scripted::exit(0) };
            let number: usize = argv[1][1..].parse().expect("s and a number");
            let mut failures = failures.borrow_mut();
            let count = failures.entry(number).or_default();
            *count = count.saturating_add(1);
            Scripted::exit(i32::from(*count <= script[number].failures))
                .after(std::time::Duration::from_millis(u64::from(script[number].millis)))
        };
        let answer = |question: &Question| match question {
            Question::Unknown { .. } if again => Answer::Retry,
            _ => yes(question),
        };
        let mut journal: Vec<Record> = Vec::new();
        for records in [Some(first), Some(second), None] {
            let course = Course {
                killed_after: records.map(|records| journal.len() + records),
                journal: journal.clone(),
                ..Course::default()
            };
            let stood = standing(&journal);
            let history = simulate(&plan, course, act, answer);
            for step in history.started() {
                prop_assert!(
                    !stood.contains(&step.to_owned()) || reread(&journal, step),
                    "`{step}` had ended and was started again\n{yaml}\n{:#?}", history.entries
                );
            }
            journal = history.records;
            if history.outcome.is_some() {
                break;
            }
        }
        let over = matches!(journal.last().map(|record| &record.entry), Some(Entry::RunFinished { .. }));
        prop_assert!(over, "the run did not end\n{yaml}");
    }
}

/// Steps whose last end stands.
fn standing(journal: &[Record]) -> Vec<String> {
    let mut ended = BTreeMap::new();
    for record in journal {
        if let Entry::StepFinished { step, outcome, skipped, .. } = &record.entry {
            ended.insert(step.0.clone(), outcome.stands_on_resume(skipped.as_ref()));
        }
    }
    ended.into_iter().filter(|(_, stands)| *stands).map(|(step, _)| step).collect()
}

/// Members of a group that itself did not stand may begin anew: a group's retry, a finally-step, a fallback.
fn reread(journal: &[Record], step: &str) -> bool {
    let stood = standing(journal);
    let mut at = step;
    while let Some((parent, _)) = at.rsplit_once('/') {
        if !stood.contains(&parent.to_owned()) {
            return true;
        }
        at = parent;
    }
    false
}
