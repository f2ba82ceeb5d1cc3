//! A report as Markdown: for a comment on a change, the summary of a pipeline, a wiki. Text of others is never markup.

use std::fmt::Write as _;

use super::account::{Account, Decision, Objective, RunAccount, StepTimeline};
use super::paper::markdown::{escape, inline_code, longest_run};
use super::{phrase, visible};
use crate::model::drill::StoreLoss;
use crate::model::outcome::Outcome;

/// The document.
#[must_use]
pub fn markdown(account: &Account) -> String {
    let mut text = format!("# {}\n\n{}\n", escape(&account.title), verdict(account));
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            let _ = write!(text, "\n## {title}\n\n{body}");
        }
    };
    section("Objectives", objectives(account));
    section("Data", account.stores().iter().map(store).collect());
    section("Stages", stages(account));
    section("Steps", account.run.as_ref().map(steps).unwrap_or_default());
    section("What failed", account.run.as_ref().map(failures).unwrap_or_default());
    section("Decisions", decisions(&account.decisions));
    section("Not the real thing", points(&account.stand_ins));
    section("Evidence", evidence(account));
    text
}

fn points(texts: &[String]) -> String {
    let mut points = String::new();
    for text in texts {
        let _ = writeln!(points, "- {}", escape(text));
    }
    points
}

fn verdict(account: &Account) -> String {
    let mark = if account.verdict.well { "✅" } else { "❌" };
    let why = account.verdict.why.as_ref().map_or_else(String::new, |why| format!(": {}", escape(why)));
    let mut line = format!("{mark} **{}**{why}\n\n", escape(&account.verdict.word));
    let mut parts = vec![format!("{} {}", account.drill.as_ref().map_or("run", |_| "drill"), inline_code(&account.id))];
    parts.push(format!("runbook {}", inline_code(&account.runbook)));
    if let Some(drill) = &account.drill {
        let control = if drill.control { ", a control: nothing was recovered" } else { "" };
        parts.push(format!("lab {}, broken: {}{control}", inline_code(&drill.lab), inline_code(&drill.fault)));
    }
    for (name, value) in [("system", &account.system), ("environment", &account.environment)] {
        parts.extend(value.as_ref().map(|value| format!("{name} {}", inline_code(value))));
    }
    parts.extend(account.began.map(phrase::clock));
    parts.push(format!("took {}", phrase::ms(account.elapsed_ms)));
    parts.push(format!("by {}", escape(&account.operator)));
    line.push_str(&parts.join(" · "));
    line
}

fn objectives(account: &Account) -> String {
    if account.objectives.is_empty() {
        return String::new();
    }
    let mut text = "| | objective | measured | |\n|---|--:|--:|---|\n".to_owned();
    for Objective { name, title, objective_ms, actual_ms, met } in &account.objectives {
        let ms = |ms: &Option<u64>| ms.map_or_else(|| "–".to_owned(), phrase::ms);
        let met = match met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let _ = writeln!(text, "| {title} ({name}) | {} | {} | {met} |", ms(objective_ms), ms(actual_ms));
    }
    let _ = writeln!(
        text,
        "\nWorking {}, waiting for people {}.",
        phrase::ms(account.working_ms),
        phrase::ms(account.waiting_ms)
    );
    text
}

fn store(store: &StoreLoss) -> String {
    let name = inline_code(&store.store);
    match &store.unreadable {
        Some(why) => format!("- {name} cannot be asked: {}\n", escape(why)),
        None => format!(
            "- {name}: {} of {} kept, {} lost{}\n",
            store.kept,
            phrase::count(store.acknowledged, "acknowledged write"),
            store.lost,
            store
                .loss_ms
                .filter(|ms| *ms > 0)
                .map_or_else(String::new, |ms| format!(", from {} before the fault", phrase::ms(ms)))
        ),
    }
}

fn stages(account: &Account) -> String {
    let Some(drill) = &account.drill else { return String::new() };
    let mut text = "| stage | took | |\n|---|--:|---|\n".to_owned();
    for stage in &drill.stages {
        let took = stage.took_ms.map_or_else(|| "–".to_owned(), phrase::ms);
        let why = match (&stage.why, stage.took_ms) {
            (Some(why), _) => format!("**failed**: {}", escape(why)),
            (None, None) => "it has no end".to_owned(),
            (None, Some(_)) => String::new(),
        };
        let _ = writeln!(text, "| {} {} | {took} | {why} |", stage.stage.number(), stage.title);
    }
    text
}

fn steps(run: &RunAccount) -> String {
    let mut text = "| step | outcome | took | |\n|---|---|--:|---|\n".to_owned();
    for (step, times) in run.timeline.iter().filter_map(|times| Some((run.summary.step(&times.step)?, times))) {
        let indent = "&nbsp;&nbsp;".repeat(step.step.depth());
        let outcome = step.outcome.map_or("no end", Outcome::as_str);
        let outcome = if matches!(outcome, "succeeded" | "skipped" | "warned") {
            outcome.to_owned()
        } else {
            format!("**{outcome}**")
        };
        let took = step.elapsed_ms.map_or_else(String::new, phrase::ms);
        let critical = if times.critical { " ◆" } else { "" };
        let id = inline_code(&step.step.0).replace('|', "\\|");
        let _ = writeln!(text, "| {indent}{id}{critical} | {outcome} | {took} | {} |", escape(&phrase::why(step)));
    }
    text.push_str("\n◆ on the chain of steps that made it take as long as it did\n");
    text
}

/// Each with its command, its hint and the end of what it wrote.
fn failures(run: &RunAccount) -> String {
    let mut text = String::new();
    for times in run.timeline.iter().filter(|times| !times.group) {
        let Some(step) = run.summary.step(&times.step) else { continue };
        if !matches!(
            step.outcome,
            Some(Outcome::Failed | Outcome::Unknown | Outcome::Interrupted | Outcome::RolledBack)
        ) {
            continue;
        }
        let _ =
            writeln!(text, "- {} {}: {}", inline_code(&step.step.0), escape(&step.title), escape(&phrase::why(step)));
        if let Some(hint) = &step.hint {
            let _ = writeln!(text, "  hint: {}", escape(hint));
        }
        let lines = command_and_log(&step.command, times);
        if !lines.is_empty() {
            let ticks = "`".repeat(lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0).max(2) + 1);
            let _ = writeln!(text, "\n  {ticks}text\n  {}\n  {ticks}\n", lines.join("\n  "));
        }
    }
    text
}

fn command_and_log(command: &str, times: &StepTimeline) -> Vec<String> {
    let mut lines: Vec<String> = command.lines().map(|line| format!("$ {line}")).collect();
    lines.extend(times.log.iter().flat_map(|log| log.lines.iter().cloned()));
    lines.iter().map(|line| visible::line(line).into_owned()).collect()
}

fn decisions(decisions: &[Decision]) -> String {
    let one = |decision: &Decision| {
        let Decision { at, step, about, answer, by, verified, reason, .. } = decision;
        let of = step.as_ref().map_or_else(String::new, |step| format!(" of {}", inline_code(&step.0)));
        let who = verified.map_or_else(|| escape(by), |verified| escape(&phrase::person(by, verified)));
        let reason = if reason.is_empty() { String::new() } else { format!(": {}", escape(reason)) };
        format!("- {} {} {}{of} by {who}{reason}\n", phrase::clock(*at), escape(about), inline_code(answer))
    };
    decisions.iter().map(one).collect()
}

/// The heads, by which the journals can be recognised.
fn evidence(account: &Account) -> String {
    let one = |chain: &super::account::Chain| {
        let records = phrase::count(usize::try_from(chain.records).unwrap_or(usize::MAX), "record");
        format!("- journal of the {}: {records}, head {}\n", chain.of, inline_code(&chain.head))
    };
    account.chains.iter().map(one).collect()
}
