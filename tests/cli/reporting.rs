//! What observers make of a run's records: plain lines, JSON lines, the closing table. The records are made here; runs of the
//! whole program are in `run`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::effect::Effect;
use runbook::model::entry::{Entry, Record};
use runbook::model::id::{AttemptToken, RunId, StepId};
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};
use runbook::model::port::{Live, Observer};
use runbook::report::{Detail, JsonLines, Plain, Sink, Summary, table};
use serde_json::Map;

/// A writer that keeps what it gets.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer whose reader is gone.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn step(id: &str) -> StepId {
    StepId(id.to_owned())
}

fn started(id: &str, title: &str, command: &str) -> Entry {
    Entry::StepStarted {
        step: step(id),
        title: title.to_owned(),
        attempt: 1,
        token: AttemptToken(format!("t-{id}")),
        work_digest: String::new(),
        effect: Effect::Mutate,
        command: command.to_owned(),
    }
}

fn finished(id: &str, outcome: Outcome, elapsed_ms: u64, why: &[&str]) -> Entry {
    Entry::StepFinished {
        step: step(id),
        outcome,
        skipped: None,
        why: why.iter().map(|why| (*why).to_owned()).collect(),
        hint: (outcome == Outcome::Failed).then(|| "look at the disk".to_owned()),
        outputs: Map::new(),
        elapsed_ms,
        attempts: u32::from(outcome != Outcome::Skipped),
    }
}

fn skipped(id: &str, reason: SkipReason) -> Entry {
    match finished(id, Outcome::Skipped, 0, &[]) {
        Entry::StepFinished { step, outcome, why, hint, outputs, elapsed_ms, attempts, .. } => {
            Entry::StepFinished { step, outcome, skipped: Some(reason), why, hint, outputs, elapsed_ms, attempts }
        }
        other => other,
    }
}

/// A run of two minutes in which a step fails and its dependent is skipped.
fn a_run(outcome: RunOutcome) -> Vec<Record> {
    let begun = Entry::RunStarted {
        run: RunId("01KB7Q0000000000000000TEST".to_owned()),
        mode: "run".to_owned(),
        runbook: "restore".to_owned(),
        title: "Restore the database".to_owned(),
        system: Some("nchat".to_owned()),
        environment: Some("lab".to_owned()),
        plan_digest: "p".to_owned(),
        source_digest: "s".to_owned(),
        operator: "ops@host".to_owned(),
        engine: "0.1.0".to_owned(),
        core: 1,
        rto_ms: Some(600_000),
        expected_ms: 90_000,
        steps: 4,
    };
    let bad = outcome != RunOutcome::Succeeded;
    let entries = vec![
        (0, begun),
        (1, started("services", "Start the services", "")),
        (1, started("services/postgres", "PostgreSQL", "docker compose up -d --no-deps postgres")),
        (
            900,
            Entry::GateStarted {
                step: step("services/postgres"),
                within_ms: 60_000,
                outputs: serde_json::Map::new(),
                attention: Vec::new(),
                before: None,
            },
        ),
        (64_000, finished("services/postgres", Outcome::Succeeded, 63_999, &[])),
        (64_001, finished("services", Outcome::Succeeded, 64_000, &[])),
        (64_002, started("restore", "Restore the newest dump", "pg_restore \u{202e}x")),
        (
            124_000,
            if bad {
                finished("restore", Outcome::Failed, 59_998, &["expected `exit == 0`, seen exit = 1"])
            } else {
                finished("restore", Outcome::Succeeded, 59_998, &[])
            },
        ),
        (124_000, skipped("verify", SkipReason::Needs { step: "restore".to_owned() })),
        (
            124_001,
            Entry::RunFinished {
                outcome,
                why: bad.then(|| "`restore` failed".to_owned()),
                outputs: Map::new(),
                elapsed_ms: 124_001,
            },
        ),
    ];
    let origin = DateTime::<Utc>::UNIX_EPOCH;
    let record = |(seq, (at, entry)): (usize, (i64, Entry))| Record {
        seq: seq as u64,
        at: origin + TimeDelta::milliseconds(at),
        entry,
    };
    entries.into_iter().enumerate().map(record).collect()
}

fn plain(records: &[Record], detail: Detail) -> String {
    let kept = Kept::default();
    let mut observer = Plain::new(Sink::new(Box::new(kept.clone())), detail, None);
    for record in records {
        observer.record(record);
    }
    kept.text()
}

#[test]
fn plain_lines_say_what_happened_and_when() {
    let text = plain(&a_run(RunOutcome::Failed), Detail::Normal);
    for line in [
        "[     0s] Restore the database: system nchat · environment lab · RTO 10m · expected 1m 30s · 4 steps",
        "[  900ms] services/postgres: waiting for its gate, at most 1m",
        "[  1m 4s] services/postgres: succeeded in 1m 3s",
        "[  2m 4s] restore: failed after 59.9s",
        "            expected `exit == 0`, seen exit = 1",
        "            hint: look at the disk",
        "[  2m 4s] verify: skipped: needs `restore`, which did not succeed",
        "failed after 2m 4s: `restore` failed",
    ] {
        assert!(text.lines().any(|one| one == line), "no line `{line}` in\n{text}");
    }
    assert!(!text.contains('\x1b'), "no escape sequences without a terminal");
}

#[test]
fn a_success_is_measured_against_the_objective() {
    let text = plain(&a_run(RunOutcome::Succeeded), Detail::Normal);
    assert!(text.contains("recovered in 2m 4s; RTO 10m: met"), "{text}");
}

#[test]
fn quiet_is_failures_and_the_closing_line() {
    let good = plain(&a_run(RunOutcome::Succeeded), Detail::Quiet);
    assert_eq!(good.trim(), "recovered in 2m 4s; RTO 10m: met");
    let bad = plain(&a_run(RunOutcome::Failed), Detail::Quiet);
    assert!(bad.contains("restore: failed") && !bad.contains("postgres"), "{bad}");
}

#[test]
fn commands_are_shown_on_demand_and_hidden_characters_escaped() {
    let records = a_run(RunOutcome::Succeeded);
    assert!(!plain(&records, Detail::Output).contains("pg_restore"));
    let text = plain(&records, Detail::Commands);
    assert!(text.contains("$ pg_restore \\u{202e}x"), "{text}");
}

#[test]
fn output_lines_cannot_move_the_cursor() {
    let kept = Kept::default();
    let mut observer = Plain::new(Sink::new(Box::new(kept.clone())), Detail::Output, None);
    let line = "50%\r100%\x1b]0;title\x07".to_owned();
    observer.live(&Live::Output { step: step("a"), stderr: false, line });
    assert_eq!(kept.text().trim(), "a | 50%\\r100%\\x1b]0;title\\x07");
}

#[test]
fn json_lines_are_records_and_then_the_summary() {
    let kept = Kept::default();
    let mut observer = JsonLines::new(Sink::new(Box::new(kept.clone())));
    for record in &a_run(RunOutcome::Failed) {
        observer.record(record);
    }
    let lines: Vec<serde_json::Value> = kept.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[0]["kind"], "run_started");
    assert_eq!(lines[0]["seq"], 0);
    let last = &lines[10];
    assert_eq!(last["kind"], "summary");
    assert_eq!(last["outcome"], "failed");
    assert_eq!(last["steps"][1]["step"], "services/postgres");
    assert_eq!(last["steps"][0]["group"], true);
    assert_eq!(last["steps"][3]["skipped"]["why"], "needs");
}

#[test]
fn the_table_fits_its_width_and_loses_nothing() {
    let summary = Summary::of(&a_run(RunOutcome::Failed));
    for width in [60, 80, 140] {
        let lines = table::lines(&summary, Detail::Normal, width, false);
        assert!(lines.iter().all(|line| console::measure_text_width(line) <= width), "{width}: {lines:#?}");
        let all = lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains("did not") && all.contains("exit = 1"), "{all}");
    }
}

#[test]
fn a_broken_pipe_changes_nothing() {
    let sink = Sink::new(Box::new(Gone));
    let mut observer = Plain::new(sink.clone(), Detail::Commands, None);
    for record in &a_run(RunOutcome::Failed) {
        observer.record(record);
    }
    assert!(sink.is_broken());
}

#[test]
fn an_unfinished_run_says_so() {
    let mut records = a_run(RunOutcome::Succeeded);
    records.truncate(7);
    let summary = Summary::of(&records);
    assert_eq!(summary.outcome, None);
    assert!(runbook::report::phrase::verdict(&summary).starts_with("not finished"));
    assert!(table::lines(&summary, Detail::Quiet, 80, false).iter().any(|line| line.contains("not ended")));
}
