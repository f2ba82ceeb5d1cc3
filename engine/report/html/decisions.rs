//! What people were asked, answered and changed, with who and why; and what was undone.

use std::fmt::Write as _;

use serde_json::Value;

use super::line;
use crate::report::account::{Account, Decision, RunAccount};
use crate::report::page::{Cell, table};
use crate::report::phrase;

/// None: there was no run.
pub fn markup(account: &Account) -> Option<String> {
    let run = account.run.as_ref()?;
    let mut out = String::new();
    if account.decisions.is_empty() {
        out.push_str("<p class=\"muted\">Nobody was asked, and nobody stepped in.</p>");
    } else {
        let rows: Vec<Vec<Cell>> = account.decisions.iter().map(row).collect();
        out.push_str(&table("Decisions", &["when", "step", "about", "answer", "who", "in their words"], &rows));
    }
    let waits = account.drill.as_ref().and_then(|drill| drill.score.as_ref()).map_or(&[][..], |score| &score.people);
    if !waits.is_empty() {
        let rows: Vec<Vec<Cell>> = waits
            .iter()
            .map(|wait| {
                vec![Cell::text(&wait.step), Cell::text(&wait.question), Cell::number(&phrase::ms(wait.waited_ms))]
            })
            .collect();
        out.push_str(&table("Waiting for people", &["waited for people at", "asked", "until the answer"], &rows));
    }
    out.push_str(&open(run));
    out.push_str(&undone(run));
    if !run.summary.changes.is_empty() {
        out.push_str("<p>Changed on the way, and accepted when the run was taken over:</p><ul>");
        for change in &run.summary.changes {
            let _ = write!(out, "<li>{}</li>", line(change));
        }
        out.push_str("</ul>");
    }
    Some(out)
}

fn row(decision: &Decision) -> Vec<Cell> {
    let who = decision.verified.map_or_else(|| decision.by.clone(), |verified| phrase::person(&decision.by, verified));
    vec![
        Cell::markup(line(&phrase::clock(decision.at))),
        Cell::text(decision.step.as_ref().map_or("the run", |step| step.0.as_str())),
        Cell::text(&decision.about),
        Cell::text(&decision.answer),
        Cell::text(&who),
        Cell::text(&said(decision)),
    ]
}

/// The reason and every value, in one text.
fn said(decision: &Decision) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend((!decision.reason.is_empty()).then(|| decision.reason.clone()));
    parts.extend(decision.values.iter().map(|(name, value)| format!("{name}: {}", plain(value))));
    parts.join("; ")
}

/// A value as people write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

/// Approvals that nobody has given yet.
fn open(run: &RunAccount) -> String {
    let open = run.summary.approvals();
    if open.is_empty() {
        return String::new();
    }
    let mut out = "<ul>".to_owned();
    for (step, approval) in open {
        let _ = write!(
            out,
            "<li class=\"warn\">! <code>{}</code> waits for {} until {}</li>",
            line(&step.step.0),
            line(&phrase::missing(approval)),
            phrase::clock(approval.expires)
        );
    }
    out.push_str("</ul>");
    out
}

fn undone(run: &RunAccount) -> String {
    if run.summary.rollbacks.is_empty() {
        return String::new();
    }
    let list = |steps: &[crate::model::id::StepId]| {
        let names: Vec<&str> = steps.iter().map(|step| step.0.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let rows: Vec<Vec<Cell>> = run
        .summary
        .rollbacks
        .iter()
        .map(|rollback| {
            vec![
                Cell::text(rollback.step.as_ref().map_or("the run", |step| step.0.as_str())),
                Cell::text(&rollback.why),
                Cell::text(&rollback.by),
                Cell::text(&list(&rollback.undone)),
                Cell::text(&list(&rollback.stuck)),
                Cell::text(&list(&rollback.left)),
            ]
        })
        .collect();
    table("Undone", &["undone because of", "why", "asked by", "undone", "stuck", "left as it is"], &rows)
}
