//! A report for servers that show tests: the XML of `JUnit`, as Jenkins, GitLab and actions of GitHub read it. A drill is a suite of
//! its stages and objectives, its run another one of its steps. It is red exactly when the report says that it is not well: a step
//! that failed and was made good is no failed test.

mod xml;

use chrono::{DateTime, Utc};

use self::xml::{Case, End, Suite};
use super::account::{Account, DrillAccount, Objective, RunAccount, StepTimeline};
use super::phrase;
use super::summary::StepSummary;
use crate::model::drill::Stage;
use crate::model::outcome::{Outcome, RunOutcome};

/// The document.
#[must_use]
pub fn junit(account: &Account) -> String {
    let mut suites = Vec::new();
    if let Some(drill) = &account.drill {
        suites.push(of_drill(account, drill));
    }
    if let Some(run) = &account.run {
        suites.push(of_run(account, run));
    }
    xml::document(&account.title, &suites)
}

/// One that says why there is nothing to report: a server that waits for the file shows it.
#[must_use]
pub fn never_began(name: &str, why: &str) -> String {
    let end = End::Error { kind: "not begun", message: why.to_owned(), text: why.to_owned() };
    let case = Case { class: name.to_owned(), name: "verdict".to_owned(), took_ms: 0, end, out: String::new() };
    xml::document(name, &[Suite { name: name.to_owned(), cases: vec![case], ..Suite::default() }])
}

/// Stages, objectives, verdict.
fn of_drill(account: &Account, drill: &DrillAccount) -> Suite {
    let class = format!("{}.drill", account.runbook);
    let mut cases: Vec<Case> = Stage::ALL.iter().map(|stage| of_stage(account, drill, *stage, &class)).collect();
    cases.extend(objectives(account));
    cases.push(verdict(account, class));
    let name = format!("drill of {} in lab {}: {}", account.runbook, drill.lab, drill.fault);
    suite(account, name, account.began, account.elapsed_ms, cases)
}

/// Steps; without a drill also objectives and verdict.
fn of_run(account: &Account, run: &RunAccount) -> Suite {
    let summary = &run.summary;
    let well = matches!(summary.outcome, Some(RunOutcome::Succeeded | RunOutcome::Warned));
    let steps = run.timeline.iter().filter(|step| !step.group);
    let mut cases: Vec<Case> =
        steps.filter_map(|times| Some(of_step(&account.runbook, summary.step(&times.step)?, times, well))).collect();
    if account.drill.is_none() {
        cases.extend(objectives(account));
        cases.push(verdict(account, account.runbook.clone()));
    }
    suite(account, format!("run of {}", account.runbook), summary.started, summary.elapsed_ms, cases)
}

fn suite(account: &Account, name: String, began: Option<DateTime<Utc>>, took_ms: u64, cases: Vec<Case>) -> Suite {
    let hostname = account.operator.rsplit_once('@').map_or("localhost", |(_, host)| host).to_owned();
    let timestamp = began.unwrap_or_default().format("%Y-%m-%dT%H:%M:%S").to_string();
    Suite { name, timestamp, hostname, took_ms, properties: properties(account), cases }
}

/// What was promised and what was measured, for whoever collects figures.
fn properties(account: &Account) -> Vec<(String, String)> {
    let mut all = vec![
        ("id".to_owned(), account.id.clone()),
        ("runbook".to_owned(), account.runbook.clone()),
        ("system".to_owned(), account.system.clone().unwrap_or_default()),
        ("environment".to_owned(), account.environment.clone().unwrap_or_default()),
        ("operator".to_owned(), account.operator.clone()),
        ("engine".to_owned(), account.engine.clone()),
        ("verdict".to_owned(), account.verdict.word.clone()),
    ];
    for Objective { name, title, objective_ms, actual_ms, .. } in &account.objectives {
        for (name, ms) in [(*name, objective_ms), (*title, actual_ms)] {
            all.extend(ms.map(|ms| (name.to_owned(), phrase::ms(ms))));
            all.extend(ms.map(|ms| (format!("{}_ms", name.to_lowercase().replace(' ', "_")), ms.to_string())));
        }
    }
    all.extend(account.stand_ins.iter().map(|text| ("stand-in".to_owned(), text.clone())));
    for chain in &account.chains {
        all.push((format!("head of the {}", chain.of), format!("{} records, sha256 {}", chain.records, chain.head)));
    }
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn of_stage(account: &Account, drill: &DrillAccount, stage: Stage, class: &str) -> Case {
    let name = format!("{} {}", stage.number(), stage.title());
    let done = drill.stages.iter().find(|done| done.stage == stage);
    let took_ms = done.and_then(|done| done.took_ms).unwrap_or(0);
    let mut out = String::new();
    let end = match done {
        None if drill.control && stage == Stage::Recover => End::Skipped("a control recovers nothing".to_owned()),
        None => End::Skipped("it was not reached".to_owned()),
        Some(done) => match &done.why {
            Some(why) if account.verdict.well => {
                // A control has to end red.
                out.clone_from(why);
                End::Passed
            }
            Some(why) => failed("failed", why),
            None if done.took_ms.is_none() => unended(),
            None => End::Passed,
        },
    };
    Case { class: class.to_owned(), name, took_ms, end, out }
}

fn objectives(account: &Account) -> Vec<Case> {
    let of = |objective: &Objective| {
        let Objective { name, title, objective_ms, actual_ms, met } = objective;
        let objective = objective_ms.map_or_else(|| "none".to_owned(), phrase::ms);
        let end = match (met, actual_ms) {
            (Some(false), Some(actual)) => {
                failed("objective missed", &format!("{title} {}, {name} {objective}", phrase::ms(*actual)))
            }
            (Some(_), _) => End::Passed,
            (None, Some(actual)) => End::Skipped(format!(
                "{title} {}: whether {name} {objective} was met is not known",
                phrase::ms(*actual)
            )),
            (None, None) => End::Skipped("nothing was measured".to_owned()),
        };
        let class = format!("{}.objectives", account.runbook);
        Case { class, name: format!("{name}: {title}"), took_ms: actual_ms.unwrap_or(0), end, out: String::new() }
    };
    account.objectives.iter().map(of).collect()
}

/// So that it is red whenever the report is, whatever made it so.
fn verdict(account: &Account, class: String) -> Case {
    let super::account::Verdict { word, well, why } = &account.verdict;
    let text = why.as_ref().map_or_else(|| word.clone(), |why| format!("{word}: {why}"));
    let (end, out) = if *well { (End::Passed, text) } else { (failed("verdict", &text), String::new()) };
    Case { class, name: "verdict".to_owned(), took_ms: account.elapsed_ms, end, out }
}

fn of_step(runbook: &str, step: &StepSummary, times: &StepTimeline, run_is_well: bool) -> Case {
    let id = &step.step.0;
    let (group, name) = id.rsplit_once('/').unwrap_or(("", id));
    let class = if group.is_empty() { runbook.to_owned() } else { format!("{runbook}.{}", group.replace('/', ".")) };
    let why = phrase::why(step);
    let end = match step.outcome {
        Some(Outcome::Succeeded | Outcome::Warned) => End::Passed,
        Some(Outcome::Skipped) => End::Skipped(why.clone()),
        Some(outcome) if run_is_well => End::Skipped(format!("{}, and was made good: {why}", outcome.as_str())),
        Some(Outcome::Failed | Outcome::RolledBack) => failed_step(step, &why),
        Some(Outcome::Interrupted | Outcome::Unknown) | None => match failed_step(step, &why) {
            End::Failed { kind, message, text } => End::Error { kind, message, text },
            other => other,
        },
    };
    Case { class, name: name.to_owned(), took_ms: step.elapsed_ms.unwrap_or(0), end, out: out(step, times, &why) }
}

fn failed_step(step: &StepSummary, why: &str) -> End {
    let kind = step.outcome.map_or("no end", Outcome::as_str);
    let message = if why.is_empty() { kind.to_owned() } else { why.to_owned() };
    let mut text = vec![step.title.clone()];
    text.extend(step.why.iter().cloned());
    text.extend(step.failures.iter().map(|failure| format!("an attempt before: {failure}")));
    text.extend(step.hint.iter().map(|hint| format!("hint: {hint}")));
    End::Failed { kind, message, text: text.join("\n") }
}

/// What a person would look at next: the command, what it wrote last.
fn out(step: &StepSummary, times: &StepTimeline, why: &str) -> String {
    let mut lines = Vec::new();
    if step.title != step.step.0 && !step.title.is_empty() {
        lines.push(step.title.clone());
    }
    lines.extend(step.command.lines().map(|line| format!("$ {line}")));
    if step.outcome == Some(Outcome::Warned) {
        lines.push(format!("warned: {why}"));
    }
    if let Some(log) = &times.log {
        if log.before > 0 {
            lines
                .push(format!("… {} before", phrase::count(usize::try_from(log.before).unwrap_or(usize::MAX), "byte")));
        }
        lines.extend(log.lines.iter().cloned());
    }
    lines.join("\n")
}

fn failed(kind: &'static str, why: &str) -> End {
    End::Failed { kind, message: why.to_owned(), text: why.to_owned() }
}

fn unended() -> End {
    let why = "it has no end: it was killed, or it goes on".to_owned();
    End::Error { kind: "no end", message: why.clone(), text: why }
}
