//! What the plan will take: waves, critical path, expected time against the objective.

use std::fmt::Write as _;

use super::{phrase, visible};
use crate::plan::Plan;
use crate::plan::budget::Source;

/// Waves, critical path, expected time against the RTO.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let budget = &plan.budget;
    let mut text = String::from("waves:\n");
    for (at, wave) in budget.waves.iter().enumerate() {
        let ids: Vec<_> = wave.iter().map(|id| visible::line(&id.0)).collect();
        let _ = writeln!(text, "  {:>2}  {}", at + 1, ids.join(", "));
    }
    if !budget.critical_path.is_empty() && !budget.expected.is_zero() {
        let ids: Vec<_> = budget.critical_path.iter().map(|id| visible::line(&id.0)).collect();
        let _ = writeln!(text, "critical path: {}", ids.join(" → "));
    }
    let mut expected = format!("expected time: {}", phrase::time(budget.expected));
    if let Some(rto) = plan.objectives.rto {
        let fits = if budget.expected <= rto { "within" } else { "over" };
        let _ = write!(expected, ", {fits} the RTO of {}", phrase::time(rto));
    }
    if budget.unestimated > 0 {
        let _ = write!(expected, " ({} without an estimate)", phrase::count(budget.unestimated, "step"));
    }
    text.push_str(&expected);
    text.push('\n');
    let runs = budget.steps.values().filter_map(|step| match step.from {
        Source::History { runs } => Some(runs),
        Source::Estimate => None,
    });
    if let Some(runs) = runs.max() {
        let (p50, p90) = (phrase::time(budget.expected), phrase::time(budget.p90));
        let _ = writeln!(text, "from {}: p50 {p50}, p90 {p90}", phrase::count(runs as usize, "earlier run"));
    }
    text
}
