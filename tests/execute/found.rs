//! What random plans have found once: killed anywhere, each of these ends as it does when nothing happens to it.

use std::time::Duration;

use runbook::execute::{Answer, Question};
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::model::work::{End, Task, Work};

use super::world::{Course, History, Scripted, planned, simulate, yes};

fn words(work: &Work) -> String {
    match &work.task {
        Task::Program { argv, .. } => argv.join(" "),
        _ => String::new(),
    }
}

fn no(_: &Question) -> Answer {
    Answer::No { why: "nobody is there".to_owned() }
}

/// Each program does what `act` says; the engine is killed wherever it can be and goes on; then `look` sees both.
fn killed_anywhere(
    steps: &str,
    act: impl Fn(&str) -> Scripted,
    answer: impl Fn(&Question) -> Answer,
    look: impl Fn(&History, &History),
) {
    let plan = planned(&format!("kind: runbook/v1\nname: found\n{steps}"));
    let script = |work: &Work| act(&words(work));
    let whole = simulate(&plan, Course::default(), script, &answer);
    for records in 1..whole.records.len() {
        let killed = Course { killed_after: Some(records), ..Course::default() };
        let before = simulate(&plan, killed, script, &answer);
        let going_on = Course { journal: before.records.clone(), ..Course::default() };
        look(&before, &simulate(&plan, going_on, script, &answer));
    }
}

fn lost() -> Scripted {
    let end = End::Unreachable { why: "the connection was cut".to_owned(), may_have_run: true };
    Scripted { end, ..Scripted::exit(0) }
}

fn times(history: &History, step: &str) -> usize {
    let started = |record: &&runbook::model::entry::Record| matches!(&record.entry, Entry::StepStarted { step: it, .. } if it.0 == step);
    history.records.iter().filter(started).count()
}

#[test]
fn a_step_that_a_person_allowed_goes_on_with_its_retries() {
    let yaml = "
steps:
  - id: one
    confirm: Now?
    retry: { attempts: 3, delay: 10s }
    idempotent: true
    exec: fail
";
    killed_anywhere(yaml, |_| Scripted::exit(1), yes, |_, after| assert_eq!(after.outcome, Some(RunOutcome::Failed)));
}

#[test]
fn nothing_repeats_a_fallback_that_may_have_taken_effect() {
    let yaml = "
steps:
  - id: group
    retry: { attempts: 3, delay: 1s }
    steps:
      - id: one
        exec: fail
        fallback:
          - id: other
            exec: pay
";
    let act = |words: &str| if words == "pay" { lost() } else { Scripted::exit(1) };
    let history = simulate(
        &planned(&format!("kind: runbook/v1\nname: found\n{yaml}")),
        Course::default(),
        |work: &Work| act(&words(work)),
        no,
    );
    assert_eq!(history.outcome, Some(RunOutcome::Unknown), "{:#?}", history.entries);
    assert_eq!(times(&history, "group/one/other"), 1, "{:?}", history.started());
    killed_anywhere(yaml, act, no, |_, after| assert!(times(after, "group/one/other") <= 1));
}

#[test]
fn a_rollback_leaves_alone_what_an_earlier_end_of_the_run_did() {
    let yaml = "
on_failure: rollback
steps:
  - id: one
    idempotent: true
    exec: make
    rollback: { exec: undo one, done_when: { exec: gone one } }
  - id: two
    idempotent: true
    exec: fail
finally:
  - id: last
    idempotent: true
    exec: say
    rollback: { exec: undo last, done_when: { exec: gone last } }
";
    let act = |words: &str| Scripted::exit(i32::from(words == "fail" || words.starts_with("gone")));
    killed_anywhere(yaml, act, yes, |_, after| {
        assert_eq!(after.outcome, Some(RunOutcome::RolledBack), "{:#?}", after.entries);
        let undone = |record: &runbook::model::entry::Record| matches!(&record.entry, Entry::UndoFinished { step, .. } if step.0 == "last");
        assert!(!after.records.iter().any(undone));
    });
}

#[test]
fn a_finally_step_that_nobody_saw_end_is_asked_about() {
    let yaml = "
steps:
  - id: one
    idempotent: true
    exec: make
finally:
  - id: last
    exec: pay
";
    killed_anywhere(
        yaml,
        |_| Scripted::exit(0),
        no,
        |before, after| {
            let open = before.started().contains(&"last") && before.outcome_of("last").is_none();
            assert!(times(after, "last") <= 1, "{:#?}", after.entries);
            assert_eq!(open, after.outcome_of("last") == Some(Outcome::Unknown), "{:#?}", after.entries);
        },
    );
}

#[test]
fn a_run_whose_time_passes_while_it_is_undone_is_undone_to_the_end() {
    let yaml = "
timeout: 1s
on_failure: rollback
steps:
  - id: one
    exec: make
    rollback:
      exec: undo one
      gate: { exec: gone one, within: 60s, every: 20s }
  - id: two
    exec: fail
";
    let history = simulate(
        &planned(&format!("kind: runbook/v1\nname: found\n{yaml}")),
        Course::default(),
        |work: &Work| Scripted::exit(i32::from(words(work) != "make" && words(work) != "undo one")),
        yes,
    );
    assert_eq!(history.outcome, Some(RunOutcome::RollbackFailed), "{:#?}", history.entries);
    assert!(history.elapsed >= Duration::from_mins(1), "{:?}", history.elapsed);
}

#[test]
fn a_group_that_may_have_taken_effect_stays_so_while_it_is_undone() {
    let yaml = "
steps:
  - id: group
    on_failure: rollback
    steps:
      - id: one
        idempotent: true
        exec: make
        rollback: { exec: undo one, done_when: { exec: gone one } }
      - id: two
        exec: pay
";
    let act = |words: &str| if words == "pay" { lost() } else { Scripted::exit(i32::from(words.starts_with("gone"))) };
    killed_anywhere(yaml, act, no, |_, after| {
        assert_eq!(after.outcome, Some(RunOutcome::Unknown), "{:#?}", after.entries);
        assert_eq!(times(after, "group/two"), 1);
    });
}

#[test]
fn a_retry_that_finds_its_work_done_is_counted() {
    let yaml = "
steps:
  - id: one
    retry: { attempts: 3, delay: 10s }
    exec: act
    done_when: { exec: look }
    gate: { exec: ask, within: 30s, every: 5s }
";
    // `look` says no once: the action runs, and every later attempt finds it done.
    let looked = std::cell::Cell::new(0);
    let act = |argv: &str| match argv {
        "look" => {
            looked.set(looked.get() + 1);
            Scripted::exit(i32::from(looked.get() == 1))
        }
        "ask" => Scripted::exit(1),
        _ => Scripted::exit(0),
    };
    let plan = planned(&format!("kind: runbook/v1\nname: found\n{yaml}"));
    let history = simulate(&plan, Course::default(), |work| act(&words(work)), yes);
    assert_eq!((history.outcome, times(&history, "one"), looked.get()), (Some(RunOutcome::Failed), 1, 3));
}

#[test]
fn a_fallback_after_a_rollback_goes_on_where_it_was() {
    let yaml = "
steps:
  - id: group
    steps:
      - id: one
        exec: fail
    on_failure: rollback
    rollback: { exec: undo }
    fallback:
      - id: other
        exec: other
      - id: last
        idempotent: true
        exec: last
";
    let act = |argv: &str| Scripted::exit(i32::from(argv == "fail"));
    killed_anywhere(yaml, act, yes, |before, resumed| {
        // What had started of the fallback is not preceded by the whole group once more.
        let again = usize::from(times(before, "group/other") == 0);
        assert!(times(resumed, "group/one") <= 1 + again, "{:#?}", resumed.entries);
    });
}
