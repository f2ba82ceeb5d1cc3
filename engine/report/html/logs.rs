//! The last lines of what steps wrote that did not go well.

use std::fmt::Write as _;

use super::line;
use super::recovery::ended;
use crate::model::outcome::Outcome;
use crate::report::account::Account;
use crate::report::page::escape;

/// None: all went well, or nothing was written.
pub fn markup(account: &Account) -> Option<String> {
    let run = account.run.as_ref()?;
    let mut out = String::new();
    for step in &run.timeline {
        let Some(summary) = run.summary.step(&step.step) else { continue };
        let is_well =
            matches!(summary.outcome, Some(Outcome::Succeeded | Outcome::Skipped)) && summary.failures.is_empty();
        let Some(log) = step.log.as_ref().filter(|_| !is_well) else { continue };
        let before = if log.before > 0 {
            format!("<p class=\"muted\">{} bytes before it are not shown</p>", log.before)
        } else {
            String::new()
        };
        let _ = write!(
            out,
            "<details open><summary><b>{}</b> {}</summary>{before}<pre>{}</pre></details>",
            line(&step.step.0),
            ended(run, summary),
            escape(&log.lines.join("\n"))
        );
    }
    (!out.is_empty()).then_some(out)
}
