//! The end of a run, or of a run read back: the table, the verdict against the objective, and where its record is.

use std::path::Path;

use super::summary::Summary;
use super::{Detail, phrase, table, visible};
use crate::model::id::StepId;
use crate::model::outcome::RunOutcome;

/// The last lines of a run. `width` in columns; `dir` is the run's directory.
#[must_use]
pub fn lines(summary: &Summary, detail: Detail, width: usize, colour: bool, dir: Option<&Path>) -> Vec<String> {
    let mut lines = Vec::new();
    let table = table::lines(summary, detail, width, colour);
    if !table.is_empty() {
        lines.push(String::new());
        lines.extend(table);
        lines.push(String::new());
    }
    if detail > Detail::Quiet {
        for (name, value) in &summary.outputs {
            lines.push(format!("{} = {}", visible::line(name), visible::line(&shown(value))));
        }
    }
    let verdict = phrase::verdict(summary);
    lines.push(if colour { style(summary).apply_to(verdict).to_string() } else { verdict });
    lines.extend(undone(summary, detail));
    lines.extend(phrase::next(summary, dir.and_then(Path::parent)));
    if detail > Detail::Quiet
        && let Some(run) = &summary.run
    {
        let place = dir.map(|dir| format!(" · {}", visible::line(&dir.display().to_string()))).unwrap_or_default();
        lines.push(format!("run {run}{place}"));
        lines.push(format!("read it again: runbook show {run}"));
    }
    lines
}

/// What the rollback did: what is stuck and what stays is always said.
fn undone(summary: &Summary, detail: Detail) -> Vec<String> {
    let mut lines = Vec::new();
    let mut list = |name: &str, steps: &[StepId]| {
        if !steps.is_empty() {
            let names: Vec<&str> = steps.iter().map(|step| step.0.as_str()).collect();
            lines.push(format!("{name}: {}", visible::line(&names.join(", "))));
        }
    };
    for rollback in &summary.rollbacks {
        if detail > Detail::Quiet {
            list("undone", &rollback.undone);
        }
        list("stuck", &rollback.stuck);
        list("left as they are", &rollback.left);
    }
    lines
}

/// An output as people read it: text without quotes, everything else as JSON.
#[must_use]
pub fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn style(summary: &Summary) -> console::Style {
    let style = console::Style::new().bold();
    match summary.outcome {
        Some(RunOutcome::Succeeded) if summary.rto_met != Some(false) => style.green(),
        Some(RunOutcome::Succeeded | RunOutcome::Warned) => style.yellow(),
        _ => style.red(),
    }
}
