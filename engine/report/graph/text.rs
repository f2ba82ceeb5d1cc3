//! The graph for a terminal: waves, then every step with its indentation, expected time and the reason why it would not run; of a run,
//! how it ended.

use std::fmt::Write as _;

use super::{Graph, Marks, one_line};
use crate::model::id::StepId;
use crate::plan::budget::{Expected, Source};
use crate::plan::{NodeIx, Outline, OutlineStep};
use crate::report::phrase;
use crate::template::quantity::format_duration;

/// Waves, steps and times, in plain text.
#[must_use]
pub fn text(graph: &Graph<'_>) -> String {
    let outline = graph.outline;
    let mut text = Text { outline, marks: graph.marks, out: String::new() };
    text.head(graph);
    text.list(&outline.main, 1);
    if !outline.finally.is_empty() {
        text.out.push_str("  finally\n");
        text.list(&outline.finally, 2);
    }
    text.out
}

struct Text<'a> {
    outline: &'a Outline,
    marks: Option<&'a Marks>,
    out: String,
}

impl Text<'_> {
    fn head(&mut self, graph: &Graph<'_>) {
        let (outline, out) = (self.outline, &mut self.out);
        let budget = &outline.budget;
        let _ = writeln!(out, "{}: {}", one_line(&outline.name), one_line(&outline.title));
        if let Some(system) = &outline.system {
            let environment = outline.environment.as_ref().map_or_else(String::new, |it| format!(", environment {it}"));
            let _ = writeln!(out, "system {system}{environment}");
        }
        let objective = outline.rto.map_or_else(String::new, |rto| format!(", objective {}", format_duration(rto)));
        let missing = match budget.unestimated {
            0 => String::new(),
            1 => " (1 step without an estimate)".to_owned(),
            more => format!(" ({more} steps without an estimate)"),
        };
        let p90 = if budget.p90 > budget.expected {
            format!(" (p90 {})", format_duration(budget.p90))
        } else {
            String::new()
        };
        let _ = writeln!(out, "expected {}{p90}{objective}{missing}", format_duration(budget.expected));
        if let Some(verdict) = graph.verdict {
            let _ = writeln!(out, "{}", one_line(verdict));
        }
        let _ = writeln!(out, "\nwaves");
        for (at, wave) in budget.waves.iter().enumerate() {
            let _ = writeln!(out, "  {:>3}  {}", at + 1, ids(wave).join(", "));
        }
        let is_known = graph.marks.is_some() || !budget.expected.is_zero();
        if !graph.critical.is_empty() && is_known {
            let _ = writeln!(out, "\ncritical path\n  {}", ids(graph.critical).join(" → "));
        }
        let _ = writeln!(out, "\nsteps");
    }

    fn list(&mut self, list: &[NodeIx], depth: usize) {
        for ix in list {
            self.step(*ix, depth);
        }
    }

    fn step(&mut self, ix: NodeIx, depth: usize) {
        let step = self.outline.step(ix);
        let indent = "  ".repeat(depth);
        let facts = self.facts(ix, step).join("; ");
        let _ = write!(self.out, "{indent}{}  [{facts}]{}", one_line(&step.name), self.ended(step));
        if let Some(reason) = &step.pruned {
            let _ = writeln!(self.out, "  skipped: {}", one_line(&reason.describe()));
            return;
        }
        self.out.push('\n');
        self.list(step.members.as_deref().unwrap_or_default(), depth + 1);
        if !step.finally.is_empty() {
            let _ = writeln!(self.out, "{indent}  finally");
            self.list(&step.finally, depth + 2);
        }
        if !step.fallback.is_empty() {
            let _ = writeln!(self.out, "{indent}  fallback");
            self.list(&step.fallback, depth + 2);
        }
    }

    fn facts(&self, ix: NodeIx, step: &OutlineStep) -> Vec<String> {
        let mut facts = vec![step.kind.to_owned()];
        facts.extend(step.effect.map(|effect| phrase::effect(effect).to_owned()));
        let known = self.outline.budget.steps.get(&step.id).map(takes);
        facts.extend(known.or_else(|| self.outline.takes(ix).map(format_duration)));
        for (names, label) in [(&step.needs, "needs"), (&step.after, "after")] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|ix| one_line(&self.outline.step(*ix).name)).collect();
                facts.push(format!("{label} {}", names.join(", ")));
            }
        }
        facts.extend(
            step.when.iter().filter(|_| step.pruned.is_none()).map(|condition| format!("when {}", one_line(condition))),
        );
        facts.extend(step.approvals.map(|(min, of)| format!("{min} of {of} approve")));
        facts.extend(step.asks.then(|| "asks".to_owned()));
        facts.extend(step.undoable.then(|| "can be undone".to_owned()));
        facts
    }

    /// `  ✓ succeeded in 1.2s`; nothing for a plan, and for what the plan itself leaves out.
    fn ended(&self, step: &OutlineStep) -> String {
        let Some(marks) = self.marks.filter(|_| step.pruned.is_none()) else { return String::new() };
        let mark = marks.step(&step.id);
        let took = mark.took_ms.map_or_else(String::new, |ms| format!(" in {}", phrase::ms(ms)));
        let why = mark.skipped.map_or_else(String::new, |why| format!(": {}", one_line(&why)));
        format!("  {} {}{took}{why}", mark.standing.sign(), marks.word(mark.standing))
    }
}

fn ids(ids: &[StepId]) -> Vec<String> {
    ids.iter().map(|id| one_line(&id.0)).collect()
}

/// `30s`, or with history `30s (p90 50s of 4 runs)`.
fn takes(expected: &Expected) -> String {
    let usual = format_duration(expected.p50);
    match expected.from {
        Source::Estimate => usual,
        Source::History { runs } => {
            format!("{usual} (p90 {} of {})", format_duration(expected.p90), phrase::count(runs as usize, "run"))
        }
    }
}
