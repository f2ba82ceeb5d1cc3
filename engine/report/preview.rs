//! A dry run for people and for machines: each step with its exact command and one verdict, then what the whole will take and ask.

use std::fmt::Write as _;

use console::Style;
use serde::Serialize;
use serde_json::json;

use super::{budget, phrase, visible};
use crate::execute::preview::{Preview, PreviewStep, Verdict};
use crate::model::effect::Effect;
use crate::plan::{Approve, Body, Plan};

/// The whole dry run as text, the last line ended.
#[must_use]
pub fn text(plan: &Plan, preview: &Preview, colour: bool) -> String {
    let page = Page { colour };
    let mut text = format!("{}\n{}\n", page.paint(&visible::line(&plan.title), &Style::new().bold()), header(plan));
    text.push_str("dry run: nothing is changed\n\n");
    for step in &preview.steps {
        page.step(step, &mut text);
    }
    text.push('\n');
    text.push_str(&budget::text(plan));
    page.list("destroys", &destructive(preview), &Style::new().red(), &mut text);
    page.list("will be asked", &questions(preview), &Style::new().yellow(), &mut text);
    let _ = writeln!(text, "\n{}", page.paint(&count(preview), &Style::new().bold()));
    text
}

/// `9 of 14 proved; gcloud missing here`.
#[must_use]
pub fn count(preview: &Preview) -> String {
    let (proved, all) = preview.proved();
    let mut text = format!("{proved} of {all} proved");
    if !preview.missing.is_empty() {
        let _ = write!(text, "; {} missing here", visible::line(&preview.missing.join(", ")));
    }
    text
}

/// True when nothing is open: what `--strict` asks.
#[must_use]
pub fn is_proved(preview: &Preview) -> bool {
    let (proved, all) = preview.proved();
    proved == all && preview.missing.is_empty()
}

/// One object.
#[must_use]
pub fn json(plan: &Plan, preview: &Preview) -> serde_json::Value {
    let (proved, all) = preview.proved();
    let milliseconds = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json!({
        "kind": "dry_run",
        "runbook": plan.name,
        "title": plan.title,
        "system": plan.system,
        "environment": plan.environment.as_ref().map(|environment| &environment.name),
        "plan_digest": plan.plan_digest,
        "rto_ms": plan.objectives.rto.map(milliseconds),
        "expected_ms": milliseconds(plan.budget.expected),
        "unestimated": plan.budget.unestimated,
        "waves": plan.budget.waves,
        "critical_path": plan.budget.critical_path,
        "steps": preview.steps.iter().map(JsonStep::of).collect::<Vec<_>>(),
        "destroys": destructive(preview),
        "questions": questions(preview),
        "missing": preview.missing,
        "proved": proved,
        "of": all,
    })
}

#[derive(Serialize)]
struct JsonStep<'a> {
    step: &'a str,
    title: &'a str,
    effect: &'static str,
    declared: bool,
    command: &'a [String],
    verdict: &'static str,
    detail: Option<String>,
    confirm: Option<&'a str>,
    approval: Option<String>,
    gate: Option<&'a str>,
    estimate_ms: Option<u128>,
    note: Option<&'a str>,
}

impl<'a> JsonStep<'a> {
    fn of(step: &'a PreviewStep) -> Self {
        let (verdict, detail) = match &step.verdict {
            Verdict::Rendered => ("rendered", None),
            Verdict::ProbePassed => ("probe_passed", None),
            Verdict::ProbeFailed { why } => ("probe_failed", Some(why.clone())),
            Verdict::ToolMissing { tool } => ("tool_missing", Some(tool.clone())),
            Verdict::Unknown { until } => ("unknown", Some(until.clone())),
            Verdict::Broken { why } => ("broken", Some(why.clone())),
            Verdict::Skipped(reason) => ("skipped", Some(reason.describe())),
            Verdict::Group => ("group", None),
        };
        Self {
            step: &step.step.0,
            title: &step.title,
            effect: phrase::effect(step.effect.effect),
            declared: step.effect.declared,
            command: &step.command,
            verdict,
            detail,
            confirm: step.confirm.as_deref(),
            approval: step.approve.as_ref().map(approval),
            gate: step.gate.as_deref(),
            estimate_ms: step.estimate.map(|time| time.as_millis()),
            note: step.note.as_deref(),
        }
    }
}

fn header(plan: &Plan) -> String {
    let mut parts = Vec::new();
    if let Some(system) = &plan.system {
        parts.push(format!("system {}", visible::line(system)));
    }
    if let Some(environment) = &plan.environment {
        parts.push(format!("environment {}", visible::line(&environment.name)));
    }
    if let Some(rto) = plan.objectives.rto {
        parts.push(format!("RTO {}", phrase::time(rto)));
    }
    if let Some(rpo) = plan.objectives.rpo {
        parts.push(format!("RPO {}", phrase::time(rpo)));
    }
    let leaves = plan.nodes.iter().filter(|node| matches!(node.body, Body::Operation(_))).count();
    parts.push(phrase::count(leaves, "step"));
    parts.join(" · ")
}

fn is_skipped(step: &PreviewStep) -> bool {
    matches!(step.verdict, Verdict::Skipped(_))
}

fn destructive(preview: &Preview) -> Vec<String> {
    preview
        .steps
        .iter()
        .filter(|step| step.effect.effect == Effect::Destroy && !is_skipped(step) && step.verdict != Verdict::Group)
        .map(|step| match step.command.iter().find(|line| !is_setting(line)) {
            Some(command) => format!("{}: {command}", step.step),
            None => step.step.to_string(),
        })
        .collect()
}

/// `NAME=value` or `[on …]`: around the command, not the command.
fn is_setting(line: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    line.starts_with('[') || line.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// `2 approvals of ann, bob within 30m, not of who starts the run`.
fn approval(approve: &Approve) -> String {
    let mut text = phrase::count(approve.min as usize, "approval");
    let _ = write!(text, " of {} within {}", approve.people.join(", "), phrase::time(approve.within));
    if approve.not_requester {
        text.push_str(", not of who starts the run");
    }
    text
}

fn questions(preview: &Preview) -> Vec<String> {
    let mut questions = Vec::new();
    for step in preview.steps.iter().filter(|step| !is_skipped(step)) {
        questions.extend(step.approve.as_ref().map(|approve| format!("{}: {}", step.step, approval(approve))));
        match step.confirm.as_deref() {
            Some("yes") => questions.push(format!("{}: yes or no", step.step)),
            Some(typed) => questions.push(format!("{}: type `{typed}`", step.step)),
            None => {}
        }
        if step.manual {
            questions.push(format!("{}: a person does it and says so", step.step));
        }
    }
    questions
}

struct Page {
    colour: bool,
}

impl Page {
    fn paint(&self, text: &str, style: &Style) -> String {
        if self.colour { style.apply_to(text).to_string() } else { text.to_owned() }
    }

    fn step(&self, step: &PreviewStep, text: &mut String) {
        let indent = "  ".repeat(step.depth);
        let (mark, style) = match &step.verdict {
            Verdict::Rendered => ("→", Style::new().cyan()),
            Verdict::ProbePassed => ("✓", Style::new().green()),
            Verdict::ProbeFailed { .. } | Verdict::Broken { .. } => ("✗", Style::new().red()),
            Verdict::ToolMissing { .. } => ("!", Style::new().yellow()),
            Verdict::Unknown { .. } => ("…", Style::new().yellow()),
            Verdict::Skipped(_) => ("○", Style::new().dim()),
            Verdict::Group => ("▸", Style::new().bold()),
        };
        let id = visible::line(&step.step.0);
        let title = visible::line(&step.title);
        let names = if id == title { id.into_owned() } else { format!("{title}  ({id})") };
        let _ = writeln!(text, "{indent}{} {names}", self.paint(mark, &style));
        let mut more = |line: &str| {
            let _ = writeln!(text, "{indent}    {line}");
        };
        if !is_skipped(step) {
            for line in step.command.iter().flat_map(|command| command.lines()) {
                more(&self.paint(&visible::line(line), &Style::new().dim()));
            }
        }
        if let Some(words) = verdict(step) {
            let words = self.paint(&visible::line(&words), &style);
            match step.verdict {
                Verdict::Skipped(_) => more(&words),
                _ => more(&format!("{words} · {}", self.effect(step))),
            }
        }
        if let Some(note) = &step.note {
            more(&visible::line(note));
        }
        if let Some(approve) = &step.approve {
            more(&self.paint(&visible::line(&format!("asks: {}", approval(approve))), &Style::new().yellow()));
        }
        if let Some(typed) = step.confirm.as_deref() {
            let asks = if typed == "yes" { "asks: yes or no".to_owned() } else { format!("asks: type `{typed}`") };
            more(&self.paint(&visible::line(&asks), &Style::new().yellow()));
        }
        if let Some(gate) = &step.gate {
            more(&format!("gate: {}", visible::line(gate)));
        }
    }

    fn effect(&self, step: &PreviewStep) -> String {
        match (step.effect.effect, step.effect.declared) {
            (Effect::Destroy, _) => self.paint("DESTROYS", &Style::new().red().bold()),
            (Effect::Read, true) => "read (declared, not proved)".to_owned(),
            (effect, _) => phrase::effect(effect).to_owned(),
        }
    }

    fn list(&self, name: &str, items: &[String], style: &Style, text: &mut String) {
        if items.is_empty() {
            return;
        }
        let _ = writeln!(text, "{}", self.paint(&format!("{name}:"), style));
        for item in items {
            let _ = writeln!(text, "  {}", visible::line(item));
        }
    }
}

fn verdict(step: &PreviewStep) -> Option<String> {
    Some(match &step.verdict {
        Verdict::Rendered => "rendered".to_owned(),
        Verdict::ProbePassed => "probe passed".to_owned(),
        Verdict::ProbeFailed { why } => format!("probe failed: {why}"),
        Verdict::ToolMissing { tool } => format!("tool missing here: {tool}"),
        Verdict::Unknown { until } => format!("cannot be known until `{until}` has run"),
        Verdict::Broken { why } => format!("cannot be rendered: {why}"),
        Verdict::Skipped(reason) => format!("skipped: {}", reason.describe()),
        Verdict::Group => return None,
    })
}
