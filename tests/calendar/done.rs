//! Records by their first and last lines.

use chrono::TimeDelta;
use runbook::journal::Runs;
use runbook::model::entry::Entry;
use runbook::model::outcome::RunOutcome;
use runbook::report::done::{self, Done, End};

use super::{Drilled, at, id};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_started};

fn only(place: &Workspace, dir: &str) -> Done {
    let all = done::list(&Runs::new(place.path(dir)));
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].with_end()
}

fn run(place: &Workspace) -> Recorded {
    let began = at("2026-11-20T03:00:00Z");
    Recorded::new(place, &id(began).0, began)
}

fn resumed() -> Entry {
    Entry::RunResumed {
        operator: "ana@desk".to_owned(),
        engine: "0.1.0".to_owned(),
        core: 1,
        epoch: 2,
        plan_digest: "p".to_owned(),
        source_digest: "s".to_owned(),
        changes: Vec::new(),
        expected_ms: 0,
    }
}

#[test]
fn outcomes_of_runs() {
    for (outcome, end) in [
        (RunOutcome::Succeeded, End::Well),
        (RunOutcome::Warned, End::Well),
        (RunOutcome::Failed, End::Failed),
        (RunOutcome::RolledBack, End::Failed),
        (RunOutcome::RollbackFailed, End::Failed),
        (RunOutcome::Deadline, End::Failed),
        (RunOutcome::Interrupted, End::Not),
        (RunOutcome::Paused, End::Not),
        (RunOutcome::Unknown, End::Not),
        (RunOutcome::Refused, End::Not),
        (RunOutcome::Cancelled, End::Not),
    ] {
        let place = Workspace::new();
        drop(run(&place).with(9_000, run_finished(outcome, 9_000)));
        let found = only(&place, "runs");
        assert_eq!(found.end, end, "{outcome:?}");
        assert_eq!(found.ended, Some(at("2026-11-20T03:00:09Z")));
        assert_eq!(
            (found.runbook.as_str(), found.system.as_deref(), found.environment.as_deref()),
            ("restore", Some("shop"), Some("blue"))
        );
        assert_eq!(found.drill, None);
    }
}

#[test]
fn a_run_that_goes_on_after_its_end_has_none_until_it_ends_again() {
    let place = Workspace::new();
    let mut record = run(&place).with(1, run_finished(RunOutcome::Failed, 1)).with(2, resumed());
    record.add(3, step_started("a", "make a"));
    assert_eq!((only(&place, "runs").end, only(&place, "runs").ended), (End::Not, None));
    record.add(4, run_finished(RunOutcome::Succeeded, 4));
    assert_eq!(only(&place, "runs").end, End::Well);
}

#[test]
fn an_end_is_found_behind_a_last_record_of_any_length() {
    let place = Workspace::new();
    let mut end = run_finished(RunOutcome::Succeeded, 9);
    if let Entry::RunFinished { outputs, .. } = &mut end {
        outputs.insert("list".to_owned(), "x".repeat(50_000).into());
    }
    drop(run(&place).with(1, step_started("a", &"long ".repeat(10_000))).with(9, end));
    assert_eq!(only(&place, "runs").end, End::Well);
}

#[test]
fn a_journal_that_cannot_be_read_is_left_out() {
    let place = Workspace::new();
    let began = at("2026-11-20T03:00:00Z");
    for (n, text) in ["", "\n", "not a journal\n", "{\"v\":1}\n", "\u{0}\u{0}\u{0}"].iter().enumerate() {
        let id = id(began + TimeDelta::seconds(i64::try_from(n).expect("few")));
        place.write(&format!("drills/{}/journal.jsonl", id.0), text);
    }
    place.write("drills/runs/01KB7Q00000000000000000001/journal.jsonl", "");
    Drilled { recovery: Some(1_500), ..Drilled::default() }.began(&place, "2026-11-21T03:00:00Z");
    let found = only(&place, "drills");
    assert_eq!((found.end, found.verdict.as_str()), (End::Well, "recovered"));
    assert_eq!(found.score().and_then(|score| score.verified_ms), Some(1_500));
    // Its tail is torn: it was killed while it wrote.
    let text = std::fs::read_to_string(&found.journal).expect("a journal");
    std::fs::write(&found.journal, &text[..text.len() - 20]).expect("a torn journal");
    assert_eq!(only(&place, "drills").end, End::Not);
}
