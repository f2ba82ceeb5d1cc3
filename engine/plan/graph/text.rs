//! The plan for a terminal: waves, then every step with its indentation, expected time and the reason why it would not run.

use std::fmt::Write as _;

use crate::plan::budget::{Expected, Source};
use crate::plan::effects::word;
use crate::plan::{Action, Body, List, ListKind, Node, NodeIx, Plan};
use crate::template::quantity::format_duration;

use super::times::estimate;

/// Waves, steps and times, in plain text.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", plan.name, plan.title);
    if let Some(system) = &plan.system {
        let environment = plan.environment.as_ref().map_or_else(String::new, |it| format!(", environment {}", it.name));
        let _ = writeln!(out, "system {system}{environment}");
    }
    let objective = plan.objectives.rto.map_or_else(String::new, |rto| format!(", objective {}", format_duration(rto)));
    let missing = match plan.budget.unestimated {
        0 => String::new(),
        1 => " (1 step without an estimate)".to_owned(),
        more => format!(" ({more} steps without an estimate)"),
    };
    let p90 = if plan.budget.p90 > plan.budget.expected {
        format!(" (p90 {})", format_duration(plan.budget.p90))
    } else {
        String::new()
    };
    let _ = writeln!(out, "expected {}{p90}{objective}{missing}", format_duration(plan.budget.expected));
    let _ = writeln!(out, "\nwaves");
    for (at, wave) in plan.budget.waves.iter().enumerate() {
        let ids: Vec<&str> = wave.iter().map(|id| id.0.as_str()).collect();
        let _ = writeln!(out, "  {:>3}  {}", at + 1, ids.join(", "));
    }
    if !plan.budget.critical_path.is_empty() && !plan.budget.expected.is_zero() {
        let ids: Vec<&str> = plan.budget.critical_path.iter().map(|id| id.0.as_str()).collect();
        let _ = writeln!(out, "\ncritical path\n  {}", ids.join(" → "));
    }
    let _ = writeln!(out, "\nsteps");
    list(plan, &plan.steps, 1, &mut out);
    if !plan.finally.members.is_empty() {
        let _ = writeln!(out, "  finally");
        list(plan, &plan.finally, 2, &mut out);
    }
    out
}

fn list(plan: &Plan, list: &List, depth: usize, out: &mut String) {
    for ix in &list.members {
        step(plan, *ix, depth, out);
    }
}

fn step(plan: &Plan, ix: NodeIx, depth: usize, out: &mut String) {
    let node = plan.node(ix);
    let indent = "  ".repeat(depth);
    let mut facts = vec![kind(node).to_owned()];
    if let Body::Operation(operation) = &node.body {
        facts.push(word(operation.effect.effect).to_owned());
    }
    facts.extend(plan.budget.steps.get(&node.id).map(takes).or_else(|| estimate(node).map(format_duration)));
    for (names, label) in [(&node.needs, "needs"), (&node.after, "after")] {
        if !names.is_empty() {
            let names: Vec<&str> = names.iter().map(|ix| plan.node(*ix).name.as_str()).collect();
            facts.push(format!("{label} {}", names.join(", ")));
        }
    }
    for condition in node.when.iter().filter(|_| node.pruned.is_none()) {
        facts.push(format!("when {}", condition.source()));
    }
    if let Some(approve) = &node.approve {
        facts.push(format!("{} of {} approve", approve.min, approve.people.len()));
    }
    if node.confirm.is_some() {
        facts.push("asks".to_owned());
    }
    if node.rollback.is_some() {
        facts.push("can be undone".to_owned());
    }
    let _ = write!(out, "{indent}{}  [{}]", node.name, facts.join("; "));
    match &node.pruned {
        Some(reason) => {
            let _ = writeln!(out, "  skipped: {}", reason.describe());
            return;
        }
        None => out.push('\n'),
    }
    if let Body::List { list: members, finally, .. } = &node.body {
        list(plan, members, depth + 1, out);
        if !finally.members.is_empty() {
            let _ = writeln!(out, "{indent}  finally");
            list(plan, finally, depth + 2, out);
        }
    }
    if !node.fallback.members.is_empty() {
        let _ = writeln!(out, "{indent}  fallback");
        list(plan, &node.fallback, depth + 2, out);
    }
}

/// `30s`, or with history `30s (p90 50s of 4 runs)`.
fn takes(expected: &Expected) -> String {
    let usual = format_duration(expected.p50);
    match expected.from {
        Source::Estimate => usual,
        Source::History { runs } => {
            let runs = if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") };
            format!("{usual} (p90 {} of {runs})", format_duration(expected.p90))
        }
    }
}

/// What a step is, in a word.
#[must_use]
pub fn kind(node: &Node) -> &'static str {
    match &node.body {
        Body::List { kind, .. } => match kind {
            ListKind::Group => "group",
            ListKind::Include => "include",
            ListKind::ForEach => "for each",
            ListKind::Services => "services",
            ListKind::Check => "check",
            ListKind::Logs => "logs",
        },
        Body::Operation(operation) => match &operation.action {
            Some(Action::Exec(_)) => "exec",
            Some(Action::Docker(_)) => "docker",
            Some(Action::Gcloud(_)) => "gcloud",
            Some(Action::Shell { .. }) => "shell",
            Some(Action::Http { .. }) => "http",
            Some(Action::Manual { .. }) => "manual",
            Some(Action::Wait(_)) => "wait",
            Some(Action::Notify { .. }) => "notify",
            None => "judgement",
        },
    }
}
