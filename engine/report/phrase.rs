//! Words and marks that every renderer shares, so that a person reads the same thing everywhere.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::summary::{Approval, Resolution, StepSummary, Summary};
use super::visible;
use crate::model::effect::Effect;
use crate::model::outcome::{Outcome, RunOutcome};
use crate::template::quantity::format_duration;

/// `1m 4s`.
#[must_use]
pub fn ms(ms: u64) -> String {
    format_duration(Duration::from_millis(ms))
}

/// `1m 4s`.
#[must_use]
pub fn time(duration: Duration) -> String {
    format_duration(duration)
}

/// One character for an outcome.
#[must_use]
pub const fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "✓",
        Outcome::Warned => "!",
        Outcome::Failed => "✗",
        Outcome::Skipped => "○",
        Outcome::Interrupted => "■",
        Outcome::Unknown => "?",
        Outcome::RolledBack => "↶",
    }
}

/// The colour of an outcome.
#[must_use]
pub fn style(outcome: Outcome) -> console::Style {
    let style = console::Style::new();
    match outcome {
        Outcome::Succeeded => style.green(),
        Outcome::Warned => style.yellow(),
        Outcome::Failed | Outcome::Unknown => style.red().bold(),
        Outcome::Skipped => style.dim(),
        Outcome::Interrupted | Outcome::RolledBack => style.magenta(),
    }
}

/// The word for an effect.
#[must_use]
pub const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Mutate => "mutate",
        Effect::Destroy => "destroy",
    }
}

/// `3 steps`, `1 step`.
#[must_use]
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// `once`, `3 times`.
#[must_use]
pub fn times(n: u32) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// Why a step ended as it did, in one line; empty when all is well.
#[must_use]
pub fn why(step: &StepSummary) -> String {
    if let Some(skipped) = &step.skipped {
        return visible::line(&skipped.describe()).into_owned();
    }
    let mut parts: Vec<String> =
        step.why.iter().map(|why| visible::line(&why.lines().collect::<Vec<_>>().join(" ")).into_owned()).collect();
    if step.attempts > 1 {
        parts.push(format!("{} attempts", step.attempts));
    }
    if let Some(undo) = &step.undo {
        let said = visible::line(&undo.why.join("; ")).into_owned();
        match undo.undone {
            Some(true) if said.is_empty() => {}
            Some(true) => parts.push(said),
            Some(false) => parts.push(format!("its rollback is stuck: {said}")),
            None => parts.push("its rollback has not ended".to_owned()),
        }
    }
    if let Some(resolution) = step.resolved.last() {
        parts.push(visible::line(&resolved(resolution)).into_owned());
    }
    if let Some(approval) = &step.approval {
        let agreed = approval.answers.iter().filter(|answer| answer.verdict == "approve" && answer.refused.is_empty());
        let agreed: Vec<String> = agreed.map(|answer| person(&answer.by, answer.verified)).collect();
        if approval.open {
            parts.push(format!("waits for {} until {}", missing(approval), clock(approval.expires)));
        } else if !agreed.is_empty() {
            parts.push(format!("approved by {}", agreed.join(", ")));
        }
    }
    parts.join("; ")
}

/// `ana@host` or `ana@host (unverified)`.
#[must_use]
pub fn person(by: &str, verified: bool) -> String {
    let by = visible::line(by);
    if verified { by.into_owned() } else { format!("{by} (unverified)") }
}

/// `2 of 3 approvals (of ana, ben, eva)`.
#[must_use]
pub fn missing(approval: &Approval) -> String {
    let people = visible::line(&approval.people.join(", ")).into_owned();
    format!("{} of {} (any of {people})", approval.missing(), count(approval.min as usize, "approval"))
}

/// `2026-11-20 03:05:00 UTC`.
#[must_use]
pub fn clock(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What was made of an attempt that nobody saw end.
#[must_use]
pub fn resolved(resolution: &Resolution) -> String {
    let verdict = match resolution.verdict.as_str() {
        "done" => "nobody saw it end; it had taken effect",
        "again" => "nobody saw it end; it was run again",
        _ => "a person has to say whether it took effect",
    };
    let why = if resolution.why.is_empty() { String::new() } else { format!(": {}", resolution.why) };
    format!("{verdict} ({}){why}", resolution.by)
}

/// How to go on, a line each; empty where nothing is left to do. `runs_dir` is where runs are kept, if a flag must say it.
#[must_use]
pub fn next(summary: &Summary, runs_dir: Option<&Path>) -> Vec<String> {
    let Some(run) = &summary.run else { return Vec::new() };
    let flag = match runs_dir {
        Some(dir) if dir != Path::new("runs") => {
            let dir = dir.to_string_lossy();
            format!(" --runs-dir {}", shlex::try_quote(&dir).unwrap_or_else(|_| dir.clone()))
        }
        _ => String::new(),
    };
    let mut lines = Vec::new();
    if summary.waits_for_failback() {
        lines.push(format!("fail back: runbook resume {run} --failback{flag}"));
    } else if summary.is_resumable() {
        lines.push(format!("resume: runbook resume {run}{flag}"));
    }
    if summary.outcome == Some(RunOutcome::RollbackFailed) {
        lines.push(format!("or undo the rest: runbook rollback {run}{flag}"));
    }
    lines.into_iter().map(|line| visible::line(&line).into_owned()).collect()
}

/// `system nchat · environment production · RTO 10m · expected 4m 30s · 14 steps`.
#[must_use]
pub fn header(summary: &Summary) -> String {
    let mut parts = Vec::new();
    if let Some(system) = &summary.system {
        parts.push(format!("system {}", visible::line(system)));
    }
    if let Some(environment) = &summary.environment {
        parts.push(format!("environment {}", visible::line(environment)));
    }
    if let Some(rto) = summary.rto_ms {
        parts.push(format!("RTO {}", ms(rto)));
    }
    if summary.expected_ms > 0 {
        parts.push(format!("expected {}", ms(summary.expected_ms)));
    }
    parts.push(count(summary.planned, "step"));
    parts.join(" · ")
}

/// The closing line: `recovered in 2m 4s; RTO 10m: met`.
#[must_use]
pub fn verdict(summary: &Summary) -> String {
    let Some(outcome) = summary.outcome else {
        return format!("not finished: the last record is {} after the start", ms(summary.elapsed_ms));
    };
    let elapsed = ms(summary.elapsed_ms);
    let mut text = match (outcome, summary.rto_ms) {
        (RunOutcome::Succeeded, Some(_)) => format!("recovered in {elapsed}"),
        (RunOutcome::Warned, Some(_)) => format!("recovered with warnings in {elapsed}"),
        (RunOutcome::Succeeded, None) => format!("succeeded in {elapsed}"),
        (RunOutcome::Warned, None) => format!("succeeded with warnings in {elapsed}"),
        (RunOutcome::Failed, _) => format!("failed after {elapsed}"),
        (RunOutcome::Interrupted, _) => format!("interrupted after {elapsed}"),
        (RunOutcome::Unknown, _) => format!("ended after {elapsed}; nobody can say whether a step took effect"),
        (RunOutcome::Refused, _) => "refused; nothing further was changed".to_owned(),
        (RunOutcome::Paused, _) => format!("paused after {elapsed}"),
        (RunOutcome::RolledBack, _) => format!("failed and rolled back after {elapsed}"),
        (RunOutcome::RollbackFailed, _) => format!("failed after {elapsed}, and the rollback failed too"),
        (RunOutcome::Cancelled, _) => format!("cancelled after {elapsed}"),
        (RunOutcome::Deadline, _) => format!("the run's timeout passed after {elapsed}"),
    };
    if let (Some(rto), Some(met)) = (summary.rto_ms, summary.rto_met) {
        let _ = write!(text, "; RTO {}: {}", ms(rto), if met { "met" } else { "missed" });
    }
    if let Some(why) = &summary.why {
        text.push_str(": ");
        text.push_str(&visible::line(why));
    }
    text
}
