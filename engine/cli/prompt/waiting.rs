//! Approvals are being collected: who may, how many are missing, until when, and what to type in another terminal.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::dialog::{Dialog, Stop, ink};
use super::keyboard::Key;
use super::keys;
use super::view;
use crate::execute::operator::{Answer, Question};
use crate::model::id::StepId;
use crate::report::{phrase, visible};

/// Shows it until it is withdrawn (the last approval came) or a person pauses.
pub(super) fn approval(dialog: &mut Dialog, question: &Question) -> Result<Answer, Stop> {
    let Question::Approval { step, title, command, digest, people, missing, expires } = question else {
        return Err(Stop::Withdrawn);
    };
    let width = dialog.width();
    dialog.say("")?;
    dialog.say(&format!(
        "{} {}",
        ink().yellow().bold().apply_to("⧗"),
        ink().bold().apply_to(format!("{}  ({})", visible::line(title), visible::line(&step.0)))
    ))?;
    dialog.say_all(&view::command(std::slice::from_ref(command), width))?;
    dialog.say_all(&view::named("digest", digest, width))?;
    let who = if people.is_empty() { "anyone".to_owned() } else { people.join(", ") };
    dialog.say_all(&view::named(
        "needs",
        &format!("{} of: {who}", phrase::count(*missing as usize, "approval")),
        width,
    ))?;
    dialog.say("  in another terminal:")?;
    // Never wrapped by us: it is there to be copied.
    dialog.say(&approve_command(&dialog.shared.place.directory, &dialog.shared.place.run.0, step))?;
    let terminal = dialog.shared.terminal.clone();
    let expires = *expires;
    let footer = || {
        let mut lines = vec![until(expires, terminal.as_ref().map(|terminal| terminal.pace().wall()))];
        lines.extend(keys::footer(keys::APPROVAL, None, width));
        lines
    };
    loop {
        match dialog.key(&footer, &format!("{} › ", visible::line(&step.0)))? {
            Key::Char('q') => return Ok(Answer::Pause),
            Key::Char('?') => dialog.say_all(&keys::help(keys::APPROVAL, None, width))?,
            _ => {}
        }
    }
}

fn until(expires: DateTime<Utc>, now: Option<DateTime<Utc>>) -> String {
    let at = expires.format("%Y-%m-%d %H:%M:%S UTC");
    let left = now.and_then(|now| (expires - now).to_std().ok());
    let left = left.map(|left| format!(", {} left", phrase::time(std::time::Duration::from_secs(left.as_secs()))));
    format!("waiting until {at}{}", left.unwrap_or_default())
}

/// Can be pasted anywhere on this machine.
fn approve_command(run_directory: &Path, run: &str, step: &StepId) -> String {
    let runs = run_directory.parent().and_then(|runs| std::path::absolute(runs).ok());
    let mut words = vec!["runbook".to_owned(), "approve".to_owned(), run.to_owned(), step.0.clone()];
    if let Some(runs) = runs {
        words.extend(["--runs-dir".to_owned(), runs.display().to_string()]);
    }
    let words = words.iter().map(|word| shlex::try_quote(word).map_or_else(|_| word.clone(), Into::into));
    let line = words.collect::<Vec<_>>().join(" ");
    format!("{} --reason '…'", visible::line(&line))
}
