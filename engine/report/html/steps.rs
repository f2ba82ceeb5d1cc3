//! Every step of the journal: what was done, what it gave, why it ended as it did.

use std::fmt::Write as _;

use super::decisions::plain;
use super::line;
use super::recovery::ended;
use crate::report::account::{Account, RunAccount};
use crate::report::page::escape;
use crate::report::phrase;
use crate::report::summary::StepSummary;

/// Characters of a value that are shown.
const VALUE: usize = 400;

/// None: there was no run, or nothing is known of any step.
pub fn markup(account: &Account) -> Option<String> {
    let run = account.run.as_ref()?;
    let steps = run.summary.nested();
    if steps.is_empty() {
        return Some("<p class=\"muted\">No step began.</p>".to_owned());
    }
    let mut out = "<ol class=\"steps\">".to_owned();
    for step in steps {
        one(run, step, &mut out);
    }
    out.push_str("</ol>");
    Some(out)
}

fn one(run: &RunAccount, step: &StepSummary, out: &mut String) {
    let title =
        if step.title == step.step.0 { String::new() } else { format!(" <small>{}</small>", line(&step.title)) };
    let mut head = format!("<span><b>{}</b>{title}</span><span>{}</span>", line(&step.step.0), ended(run, step));
    said(step, &mut head);
    let mut inside = String::new();
    details(step, &mut inside);
    let _ = write!(out, "<li style=\"--depth:{}\">", step.step.depth().min(6));
    let _ = if inside.is_empty() {
        write!(out, "<div class=\"step\">{head}</div></li>")
    } else {
        write!(
            out,
            "<details><summary class=\"step\">{head}</summary><div class=\"inside\">{inside}</div></details></li>"
        )
    };
}

/// What has to be seen at once.
fn said(step: &StepSummary, out: &mut String) {
    let mut say = |text: &str| {
        let _ = write!(out, "<span class=\"why\">{}</span>", line(text));
    };
    let why = phrase::why(step);
    if !why.is_empty() {
        say(&why);
    }
    for failure in &step.failures {
        say(&format!("an attempt failed: {failure}"));
    }
    if let Some(why) = &step.fallback {
        say(&format!("its fallback ran: {why}"));
    }
    if let Some(hint) = &step.hint {
        say(&format!("hint: {hint}"));
    }
}

/// Folded on a screen, open on paper.
fn details(step: &StepSummary, out: &mut String) {
    if let Some(started) = step.started {
        let effect = step
            .effect
            .filter(|_| !step.group)
            .map_or_else(String::new, |effect| format!(" · {}", phrase::effect(effect)));
        let _ = write!(out, "<div class=\"muted\">began {}{effect}</div>", phrase::clock(started));
    }
    if !step.command.is_empty() {
        let _ = write!(out, "<pre>{}</pre>", escape(&step.command));
    }
    if let Some(undo) = &step.undo
        && !undo.command.is_empty()
    {
        let _ = write!(out, "<div>undone by</div><pre>{}</pre>", escape(&undo.command));
    }
    if !step.outputs.is_empty() {
        out.push_str("<dl class=\"values\">");
        for (name, value) in &step.outputs {
            let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", line(name), line(&short(&plain(value))));
        }
        out.push_str("</dl>");
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(VALUE) {
        Some((at, _)) => format!("{}… ({} bytes)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}
