//! The steps of a run over time: what worked, what waited and for whom, and the chain that made it take as long as it did.

use std::fmt::Write as _;

use super::tracks::{Moment, Row, Window, tracks};
use super::{line, tone};
use crate::model::id::StepId;
use crate::model::outcome::Mode;
use crate::report::account::{Account, Doing, RunAccount, StepTimeline};
use crate::report::phrase;
use crate::report::summary::StepSummary;

/// None: there was no run.
pub fn markup(account: &Account) -> Option<String> {
    let run = account.run.as_ref()?;
    let moments = moments(account);
    let rows: Vec<Row> = run.timeline.iter().filter(|step| !step.spans.is_empty()).map(|step| row(run, step)).collect();
    let begun = rows.iter().flat_map(|row| &row.bars).map(|(_, from, _)| *from).min();
    let ended = rows.iter().flat_map(|row| &row.bars).map(|(_, _, to)| *to).max();
    let (first, last) = (moments.first().map(|moment| moment.at), moments.iter().map(|moment| moment.at).max());
    let from = first.into_iter().chain(begun).min().unwrap_or(0);
    let to = last.into_iter().chain(ended).max().unwrap_or(account.elapsed_ms);
    let zero = first.unwrap_or(from);
    let since = if first.is_some() { "time since the fault" } else { "time since the first step" };
    let mut out = legend(run);
    out.push_str(&tracks("Steps over time", ["step", "outcome", since], Window::new(from, to, zero), &moments, &rows));
    let quiet = run.timeline.len() - rows.len();
    if quiet > 0 {
        let _ = write!(
            out,
            "<p class=\"muted\">{} took no time: skipped, or ended at once. All are under <a href=\"#steps\">Every step</a>.</p>",
            phrase::count(quiet, "more step")
        );
    }
    out.push_str(&chain(run));
    Some(out)
}

/// What a drill measured, from the fault on.
pub fn moments(account: &Account) -> Vec<Moment> {
    let Some(score) = account.drill.as_ref().and_then(|drill| drill.score.as_ref()) else { return Vec::new() };
    let (Some(began), Some(fault)) = (account.began, score.fault_at) else { return Vec::new() };
    let fault = u64::try_from((fault - began).num_milliseconds()).unwrap_or(0);
    let named = [
        ("fault", Some(0), "bad"),
        ("noticed", score.detected_ms, "warn"),
        ("decided to recover", score.declared_ms, "other"),
        ("runbook started", score.started_ms, "info"),
        ("first write acknowledged again", score.serving_ms, "info"),
        ("verified", score.verified_ms, "good"),
    ];
    named
        .into_iter()
        .filter_map(|(name, ms, tone)| Some(Moment { name: name.to_owned(), at: fault.saturating_add(ms?), tone }))
        .collect()
}

fn row(run: &RunAccount, step: &StepTimeline) -> Row {
    let summary = run.summary.step(&step.step);
    let name = step.step.0.rsplit_once('/').map_or(step.step.0.as_str(), |(_, name)| name);
    let mut who = format!("<span>{}</span>", line(name));
    let title = summary.map_or("", |summary| summary.title.as_str());
    if title != name && title != step.step.0 {
        let _ = write!(who, " <small>{}</small>", line(title));
    }
    Row {
        depth: step.step.depth().min(6),
        who,
        what: summary.map_or_else(String::new, |summary| ended(run, summary)),
        bars: bars(step),
        class: if step.critical { "critical" } else { "" },
    }
}

/// `✓ succeeded 1.2s · 3 attempts`, as markup.
pub fn ended(run: &RunAccount, step: &StepSummary) -> String {
    let mut out = match step.outcome {
        Some(outcome) => format!(
            "<span class=\"{}\">{} {}</span>",
            tone(outcome),
            phrase::mark(outcome),
            outcome.word(Mode::of(&run.summary.mode))
        ),
        None if step.is_under_way() => "<span class=\"info\">▸ no end</span>".to_owned(),
        None => "<span class=\"muted\">· not started</span>".to_owned(),
    };
    if let Some(ms) = step.elapsed_ms.filter(|_| step.skipped.is_none()) {
        let _ = write!(out, " {}", phrase::ms(ms));
    }
    if step.attempts > 1 {
        let _ = write!(out, " <small>{} attempts</small>", step.attempts);
    }
    out
}

/// Its spans; on the critical path in a frame.
fn bars(step: &StepTimeline) -> Vec<(&'static str, u64, u64)> {
    let span = |doing| if step.group { "group" } else { class(doing) };
    let mut bars: Vec<_> = step.spans.iter().map(|it| (span(it.doing), it.from_ms, it.to_ms)).collect();
    if let (true, Some(from), Some(to)) = (step.critical, step.from_ms(), step.to_ms()) {
        bars.push(("on-path", from, to));
    }
    bars
}

const fn class(doing: Doing) -> &'static str {
    match doing {
        Doing::Ready => "ready",
        Doing::Working => "working",
        Doing::Gate => "gate",
        Doing::Delay => "delay",
        Doing::People => "people",
        Doing::Undo => "undo",
    }
}

/// What the bars mean: those that occur.
fn legend(run: &RunAccount) -> String {
    let mut out = "<ul class=\"legend\">".to_owned();
    for doing in Doing::ALL {
        let occurs =
            run.timeline.iter().filter(|step| !step.group).flat_map(|step| &step.spans).any(|it| it.doing == doing);
        if occurs {
            let _ = write!(out, "<li><i class=\"bar {}\"></i>{}</li>", class(doing), doing.title());
        }
    }
    if run.timeline.iter().any(|step| step.group) {
        out.push_str("<li><i class=\"bar group\"></i>all of a group</li>");
    }
    if !run.critical.is_empty() {
        out.push_str("<li><i class=\"bar on-path\"></i>in a frame: on the critical path</li>");
    }
    out.push_str("</ul>");
    out
}

/// The critical path in words.
fn chain(run: &RunAccount) -> String {
    if run.critical.is_empty() {
        return String::new();
    }
    let name = |step: &StepId| {
        let took = run
            .summary
            .step(step)
            .and_then(|step| step.elapsed_ms)
            .map_or_else(String::new, |ms| format!(" ({})", phrase::ms(ms)));
        format!("<code>{}</code>{took}", line(&step.0))
    };
    let steps: Vec<String> = run.critical.iter().map(name).collect();
    format!("<p class=\"chain\">Critical path: {}</p>", steps.join(" → "))
}
