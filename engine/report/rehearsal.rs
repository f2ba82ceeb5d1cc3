//! A rehearsal for people and for machines: one path with its timeline and its end, or a table with a row for each failure.

use std::fmt::Write as _;
use std::time::Duration;

use console::{Style, measure_text_width};
use serde_json::{Value, json};

use super::summary::Summary;
use super::{phrase, table, visible};
use crate::model::outcome::{Mode, RunOutcome};
use crate::model::runbook::Objectives;
use crate::plan::Plan;
use crate::rehearse::result::{Done, End, Exploration, Finding, Rehearsed, Row};
use crate::runner::sim::{DataView, ServiceView};

/// The exit code that a run with this end would have.
pub type ExitOf<'a> = &'a dyn Fn(&End) -> u8;

/// What stands above everything.
#[must_use]
pub fn header(plan: &Plan, fault: &str) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(plan.system.as_ref().map(|system| format!("system {system}")));
    parts.extend(plan.environment.as_ref().map(|environment| format!("environment {}", environment.name)));
    let fault = if fault.is_empty() { "nothing is broken".to_owned() } else { format!("broken: {fault}") };
    parts.push(fault);
    let title = visible::line(&plan.title).into_owned();
    let parts = visible::line(&parts.join(" · ")).into_owned();
    vec![title, parts, "rehearsal in a simulated world: nothing is changed".to_owned(), String::new()]
}

/// How one path ends.
#[must_use]
pub fn end(end: &End, objectives: Objectives, colour: bool) -> Vec<String> {
    let paint = |text: String, style: Style| if colour { style.apply_to(text).to_string() } else { text };
    let mut lines = vec![String::new()];
    for data in &end.data {
        let loss = match data.loss {
            Some(loss) if loss.is_zero() => ", nothing lost".to_owned(),
            Some(loss) => format!(", {} lost", phrase::time(loss)),
            None => String::new(),
        };
        let text = format!("data {}: {}{loss}", visible::line(&data.id), data.state);
        lines.push(if data.state == "whole" { text } else { paint(text, Style::new().red()) });
    }
    let well = |service: &ServiceView| service.healthy;
    let healthy: Vec<&str> = end.services.iter().filter(|it| well(it)).map(|it| it.id.as_str()).collect();
    if !healthy.is_empty() {
        lines.push(format!("healthy: {}", visible::line(&healthy.join(", "))));
    }
    for service in end.services.iter().filter(|it| !well(it)) {
        let why = if service.why.is_empty() { String::new() } else { format!(" ({})", service.why) };
        let text = format!("{}: {}{why}", visible::line(&service.id), service.state);
        lines.push(paint(visible::line(&text).into_owned(), Style::new().red()));
    }
    lines.extend(remarks(end).into_iter().map(|text| paint(visible::line(&text).into_owned(), Style::new().yellow())));
    lines.push(paint(verdict(end, objectives), style(end).bold()));
    lines
}

/// What is left to say about an end.
fn remarks(end: &End) -> Vec<String> {
    let mut lines = Vec::new();
    if !end.paused.is_empty() {
        lines.push(format!("paused still: {}", end.paused.join(", ")));
    }
    if !end.left_behind.is_empty() {
        lines.push(format!("left behind: {}", end.left_behind.join(", ")));
    }
    if !end.stuck.is_empty() {
        lines.push(format!("could not be undone: {}", ids(&end.stuck)));
    }
    for risk in &end.at_risk {
        lines.push(format!(
            "destroyed without a copy or a proved backup: {} in {}, by {}",
            risk.data, risk.place, risk.step
        ));
    }
    for broken in &end.broken {
        let at = broken.step.as_ref().map_or_else(String::new, |step| format!(", at {step}"));
        lines.push(format!("does not hold{at}: {}", broken.expression));
    }
    for assumption in &end.assumed {
        let (step, part) = (&assumption.step, &assumption.part);
        lines.push(format!("not simulated: {step} ({part}): {}; assumed {}", assumption.what, assumption.assumed));
    }
    lines
}

/// `would recover in 6m 2s, 1m of it people; RTO 10m: met; RPO 1h: missed`.
fn verdict(end: &End, objectives: Objectives) -> String {
    let elapsed = phrase::ms(end.elapsed_ms);
    let mut text = match end.outcome {
        Some(RunOutcome::Succeeded) => format!("would recover in {elapsed}"),
        Some(RunOutcome::Warned) => format!("would recover with warnings in {elapsed}"),
        Some(outcome) => format!("{} after {elapsed}", outcome.word(Mode::Rehearse)),
        None => format!("would wait for ever after {elapsed}"),
    };
    if end.people_ms > 0 {
        let _ = write!(text, ", {} of it people", phrase::ms(end.people_ms));
    }
    for (name, objective, met) in [("RTO", objectives.rto, end.rto_met), ("RPO", objectives.rpo, end.rpo_met)] {
        if let (Some(objective), Some(met)) = (objective, met) {
            let _ = write!(text, "; {name} {}: {}", phrase::time(objective), if met { "met" } else { "missed" });
        }
    }
    if let Some(why) = &end.why {
        let _ = write!(text, ": {}", visible::line(why));
    }
    text
}

fn style(end: &End) -> Style {
    match end.outcome {
        Some(RunOutcome::Succeeded) if !end.misses_an_objective() => Style::new().green(),
        Some(RunOutcome::Succeeded | RunOutcome::Warned) => Style::new().yellow(),
        _ => Style::new().red(),
    }
}

fn ids(steps: &[crate::model::id::StepId]) -> String {
    steps.iter().map(|step| step.0.as_str()).collect::<Vec<_>>().join(", ")
}

/// Columns with a fixed width.
const FAILURE: usize = 9;
const EXIT: usize = 4;
const TIME: usize = 8;
const NARROWEST: usize = 24;

/// A row for each failure. `width` in columns.
#[must_use]
pub fn table(explored: &Exploration, width: usize, colour: bool, exit: ExitOf<'_>) -> Vec<String> {
    let widest = explored.rows.iter().map(|row| measure_text_width(&row.step.0)).max().unwrap_or(4);
    let fixed = FAILURE + EXIT + TIME + 8;
    let column = widest.clamp(4, width.saturating_sub(fixed + NARROWEST).max(16));
    let rest = width.saturating_sub(column + fixed).max(NARROWEST);
    let line = |name: &str, failure: &str, exit: &str, time: &str, text: &str| {
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(measure_text_width(text)));
        let line = format!(
            "{name}{}  {failure}{}  {}{exit}  {}{time}  {text}",
            pad(name, column),
            pad(failure, FAILURE),
            pad(exit, EXIT),
            pad(time, TIME)
        );
        line.trim_end().to_owned()
    };
    let mut lines = vec![line("step", "failure", "exit", "after", "path; what it leaves")];
    let code = exit(&explored.nominal).to_string();
    let elapsed = phrase::ms(explored.nominal.elapsed_ms);
    lines.push(line("(nothing fails)", "", &code, &elapsed, &leaves(&explored.nominal).join("; ")));
    let mut last = None;
    for row in &explored.rows {
        let shown = if last == Some(&row.step) { String::new() } else { visible::line(&row.step.0).into_owned() };
        last = Some(&row.step);
        let failure = failure(row);
        let text: Vec<String> = row.path.iter().cloned().chain(leaves(&row.end)).collect();
        let (names, texts) = (table::wrap(&shown, column), table::wrap(&visible::line(&text.join("; ")), rest));
        let (code, time) = (exit(&row.end).to_string(), phrase::ms(row.end.elapsed_ms));
        for at in 0..names.len().max(texts.len()).max(1) {
            let cell = |parts: &[String]| parts.get(at).cloned().unwrap_or_default();
            let (failure, code, time) =
                if at == 0 { (failure.as_str(), code.as_str(), time.as_str()) } else { ("", "", "") };
            let text = line(&cell(&names), failure, code, time, &cell(&texts));
            lines.push(if colour { shade(row).apply_to(text).to_string() } else { text });
        }
    }
    lines
}

fn failure(row: &Row) -> String {
    let mark = match row.done {
        Some(Done::All) => "+",
        Some(Done::Half) => "½",
        Some(Done::Nothing) => "-",
        None => "",
    };
    match &row.then {
        Some((_, kind)) => format!("{}{mark}, {}", row.failure.as_str(), kind.as_str()),
        None => format!("{}{mark}", row.failure.as_str()),
    }
}

fn shade(row: &Row) -> Style {
    let end = &row.end;
    if !end.at_risk.is_empty() || !end.broken.is_empty() || !end.stuck.is_empty() || is_false(end) {
        Style::new().red()
    } else if end.claims_success() {
        Style::new()
    } else {
        Style::new().dim()
    }
}

fn is_false(end: &End) -> bool {
    end.claims_success() && (end.down().next().is_some() || end.lost().next().is_some())
}

/// What an end leaves that is not as it should be.
fn leaves(end: &End) -> Vec<String> {
    let mut parts = Vec::new();
    let down: Vec<&str> = end.down().filter(|it| !it.paused).map(|it| it.id.as_str()).collect();
    if !down.is_empty() {
        parts.push(format!("down: {}", down.join(", ")));
    }
    if !end.paused.is_empty() {
        parts.push(format!("paused: {}", end.paused.join(", ")));
    }
    parts.extend(end.lost().map(|data| format!("{} {}", data.id, data.state)));
    if !end.at_risk.is_empty() {
        let data: Vec<&str> = end.at_risk.iter().map(|risk| risk.data.as_str()).collect();
        parts.push(format!("DATA AT RISK: {}", data.join(", ")));
    }
    if !end.stuck.is_empty() {
        parts.push(format!("stuck: {}", ids(&end.stuck)));
    }
    if !end.left_behind.is_empty() {
        parts.push(format!("leaves {}", end.left_behind.join(", ")));
    }
    parts.extend(end.broken.iter().map(|broken| format!("breaks `{}`", broken.expression)));
    parts
}

/// `218 failures of 31 steps, 4,480 steps simulated: 1 error, 2 to look at, 1 accepted`.
#[must_use]
pub fn count(explored: &Exploration) -> String {
    let mut steps: Vec<&str> = explored.rows.iter().map(|row| row.step.0.as_str()).collect();
    steps.dedup();
    steps.sort_unstable();
    steps.dedup();
    let of = |wanted: fn(&Finding) -> bool| explored.findings.iter().filter(|finding| wanted(finding)).count();
    let errors = of(Finding::is_error);
    let accepted = of(|finding| finding.accepted.is_some());
    let others = explored.findings.len() - errors - accepted;
    let mut text = format!(
        "{} of {}, {} simulated: {}",
        phrase::count(explored.paths - 1, "failure"),
        phrase::count(steps.len(), "step"),
        phrase::count(usize::try_from(explored.steps).unwrap_or(usize::MAX), "command"),
        phrase::count(errors, "error"),
    );
    let _ = write!(text, ", {others} to look at, {accepted} accepted");
    if explored.left_out > 0 {
        let _ = write!(text, "; {} left out by --budget", phrase::count(explored.left_out, "pair"));
    }
    text
}

/// One path as one object.
#[must_use]
pub fn json(plan: &Plan, rehearsed: &Rehearsed, exit: ExitOf<'_>) -> Value {
    let summary = Summary::of(rehearsed.records.iter().map(AsRef::as_ref));
    let timeline = summary.nested().into_iter().map(|step| {
        json!({
            "step": step.step,
            "title": step.title,
            "at_ms": step.started.zip(summary.started).map(|(at, began)| (at - began).num_milliseconds()),
            "took_ms": step.elapsed_ms,
            "ends": step.outcome.map(|outcome| outcome.word(Mode::Rehearse)),
            "skipped": step.skipped.as_ref().map(crate::model::outcome::SkipReason::describe),
            "why": step.why,
            "command": step.command,
            "attempts": step.attempts,
        })
    });
    json!({
        "kind": "rehearsal",
        "runbook": plan.name,
        "system": plan.system,
        "environment": plan.environment.as_ref().map(|environment| &environment.name),
        "fault": rehearsed.fault,
        "timeline": timeline.collect::<Vec<_>>(),
        "end": end_json(&rehearsed.end, exit),
    })
}

/// All paths as one object; `findings` come from the caller, who knows their places.
#[must_use]
pub fn exploration_json(plan: &Plan, explored: &Exploration, findings: &[Value], exit: ExitOf<'_>) -> Value {
    let rows = explored.rows.iter().map(|row| {
        json!({
            "step": row.step,
            "failure": row.failure,
            "done": row.done,
            "then": row.then.as_ref().map(|(step, kind)| json!({ "step": step, "failure": kind })),
            "path": row.path,
            "end": end_json(&row.end, exit),
        })
    });
    let accepted = explored.findings.iter().filter_map(|finding| {
        let because = finding.accepted.as_ref()?;
        Some(json!({ "finding": finding.kind.as_str(), "step": finding.step, "because": because }))
    });
    json!({
        "kind": "exploration",
        "runbook": plan.name,
        "system": plan.system,
        "environment": plan.environment.as_ref().map(|environment| &environment.name),
        "fault": explored.fault,
        "nominal": end_json(&explored.nominal, exit),
        "rows": rows.collect::<Vec<_>>(),
        "paths": explored.paths,
        "left_out": explored.left_out,
        "commands": explored.steps,
        "findings": findings,
        "accepted": accepted.collect::<Vec<_>>(),
    })
}

/// Where a path leads, as an object.
#[must_use]
pub fn end_json(end: &End, exit: ExitOf<'_>) -> Value {
    json!({
        "ends": end.outcome.map_or("would wait for ever", |outcome| outcome.word(Mode::Rehearse)),
        "exit": exit(end),
        "why": end.why,
        "elapsed_ms": end.elapsed_ms,
        "people_ms": end.people_ms,
        "rto_met": end.rto_met,
        "rpo_met": end.rpo_met,
        "services": end.services,
        "data": end.data.iter().map(data_json).collect::<Vec<_>>(),
        "down": end.down().map(|service| &service.id).collect::<Vec<_>>(),
        "paused": end.paused,
        "left_behind": end.left_behind,
        "stuck": end.stuck,
        "at_risk": end.at_risk,
        "broken": end.broken,
        "assumed": end.assumed,
    })
}

fn data_json(data: &DataView) -> Value {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json!({ "id": data.id, "state": data.state, "loss_ms": data.loss.map(ms) })
}
