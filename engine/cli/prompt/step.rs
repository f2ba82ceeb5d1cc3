//! Step mode: what now? One key, and where the key needs more, a line.

use std::cell::RefCell;

use super::dialog::{Dialog, Stop, ink};
use super::keyboard::Key;
use super::keys::{self, Choice};
use super::view;
use crate::execute::operator::{Answer, StepView};
use crate::model::id::StepId;
use crate::report::visible;
use crate::template::nearest;

/// Before a step.
pub(super) fn next(dialog: &mut Dialog, view: &StepView) -> Result<Answer, Stop> {
    let width = dialog.width();
    dialog.say_all(&view::heading(view, "▸", &ink().cyan().bold(), width))?;
    dialog.say_all(&view::body(view, width))?;
    Asked { view, choices: keys::STEP }.answer(dialog, |key| match key {
        Key::Enter | Key::Char('y') => Some(("run", agreed())),
        Key::Char('c') => Some(("run it and the rest", Answer::Rest)),
        _ => None,
    })
}

/// After the last attempt failed.
pub(super) fn failed(dialog: &mut Dialog, view: &StepView, why: &[String], hint: Option<&str>) -> Result<Answer, Stop> {
    let width = dialog.width();
    dialog.say_all(&view::heading(view, "✗", &ink().red().bold(), width))?;
    let attempts = if view.attempts > 1 { format!(" after {} attempts", view.attempts) } else { String::new() };
    dialog.say(&format!("  {}", ink().red().bold().apply_to(format!("failed{attempts}"))))?;
    for why in why {
        dialog.say_all(&view::painted(view::named("why", why, width), &ink().red()))?;
    }
    if let Some(hint) = hint {
        dialog.say_all(&view::painted(view::named("hint", hint, width), &ink().cyan()))?;
    }
    dialog.say_all(&view::log_tail(&dialog.shared.place.directory, view, width))?;
    Asked { view, choices: keys::FAILED }.answer(dialog, |key| match key {
        Key::Char('r') => Some(("retry", Answer::Retry)),
        Key::Enter => Some(("stop here", Answer::Stop)),
        _ => None,
    })
}

/// Nobody saw how an attempt ended.
pub(super) fn unknown(dialog: &mut Dialog, view: &StepView, why: &str) -> Result<Answer, Stop> {
    let width = dialog.width();
    dialog.say_all(&view::heading(view, "?", &ink().red().bold(), width))?;
    dialog.say(&format!("  {}", ink().red().bold().apply_to("nobody saw how it ended")))?;
    dialog.say_all(&view::named("known", why, width))?;
    dialog.say_all(&view::body(view, width))?;
    dialog.say_all(&view::log_tail(&dialog.shared.place.directory, view, width))?;
    Asked { view, choices: keys::UNKNOWN }.answer(dialog, |key| match key {
        Key::Char('y') => Some(("it took effect", agreed())),
        Key::Char('n') => Some(("it did not; run it again", Answer::Retry)),
        _ => None,
    })
}

/// A step and the keys that are taken.
struct Asked<'a> {
    view: &'a StepView,
    choices: &'static [Choice],
}

impl Asked<'_> {
    /// Until one of them is an answer; `own` are the keys of this question alone.
    fn answer(&self, dialog: &mut Dialog, own: impl Fn(Key) -> Option<(&'static str, Answer)>) -> Result<Answer, Stop> {
        let hint = RefCell::new(String::new());
        let width = dialog.width();
        let footer = || {
            let mut lines = keys::footer(self.choices, Some(self.view), width);
            lines.extend(Some(hint.borrow().clone()).filter(|hint| !hint.is_empty()));
            lines
        };
        loop {
            let prompt = format!("{} › ", visible::line(&self.view.step.0));
            let key = dialog.key(&footer, &prompt)?;
            hint.borrow_mut().clear();
            if let Some((said, answer)) = own(key) {
                return done(dialog, said, answer);
            }
            let Key::Char(pressed) = key else { continue };
            if !self.choices.iter().any(|choice| choice.key.chars().eq([pressed])) {
                let text = format!("`{}` is no key here; ? shows them all", visible::line(&pressed.to_string()));
                *hint.borrow_mut() = ink().yellow().apply_to(text).to_string();
                continue;
            }
            if let Some(answer) = self.common(dialog, pressed)? {
                return Ok(answer);
            }
        }
    }

    /// The keys that several questions share. None: asked again.
    fn common(&self, dialog: &mut Dialog, pressed: char) -> Result<Option<Answer>, Stop> {
        match pressed {
            's' => skip(dialog),
            'e' => edit(dialog, self.view),
            'j' => jump(dialog, self.view),
            'b' => roll_back(dialog),
            'q' => {
                let said = format!("pause; it goes on with: runbook resume {} --step", dialog.shared.place.run);
                done(dialog, &said, Answer::Pause).map(Some)
            }
            '!' => dialog.shell(&self.view.step).map(|()| None),
            'd' => self.details(dialog).map(|()| None),
            _ => dialog.say_all(&keys::help(self.choices, Some(self.view), dialog.width())).map(|()| None),
        }
    }

    fn details(&self, dialog: &Dialog) -> Result<(), Stop> {
        let width = dialog.width();
        dialog.say("")?;
        dialog.say_all(&view::command(&self.view.command, width))?;
        for (name, text) in &self.view.details {
            dialog.say_all(&view::named(name, text, width))?;
        }
        for (name, value) in &self.view.params {
            dialog.say_all(&view::named(&format!("parameter {name}"), value, width))?;
        }
        Ok(())
    }
}

fn skip(dialog: &mut Dialog) -> Result<Option<Answer>, Stop> {
    loop {
        match dialog.line("Why skip it? (Esc: back) ")? {
            None => return Ok(None),
            Some(why) if why.trim().is_empty() => dialog.say("A reason is needed; it goes into the record.")?,
            Some(why) => return done(dialog, "skip", Answer::Skip { why: why.trim().to_owned() }).map(Some),
        }
    }
}

fn edit(dialog: &mut Dialog, view: &StepView) -> Result<Option<Answer>, Stop> {
    let names: Vec<&str> = view.params.iter().map(|(name, _)| name.as_str()).collect();
    let Some(&only) = names.first() else {
        dialog.say("Nothing here depends on a parameter.")?;
        return Ok(None);
    };
    let param = if names.len() == 1 {
        only.to_owned()
    } else {
        for (name, value) in &view.params {
            dialog.say_all(&view::named(name, value, dialog.width()))?;
        }
        let Some(name) = one_of(dialog, "Which parameter? (Tab completes, Esc: back) ", &names)? else {
            return Ok(None);
        };
        name
    };
    let old = view.params.iter().find(|(name, _)| *name == param).map_or("", |(_, value)| value.as_str());
    dialog.say_all(&view::named(&format!("{param} is"), old, dialog.width()))?;
    loop {
        match dialog.line(&format!("{} = ", visible::line(&param)))? {
            None => return Ok(None),
            Some(value) if value.trim().is_empty() => dialog.say("A value is needed; Esc goes back.")?,
            Some(value) if value == old => dialog.say("That is its value now; Esc goes back.")?,
            Some(value) => return done(dialog, "edit", Answer::Edit { param, value }).map(Some),
        }
    }
}

fn jump(dialog: &mut Dialog, view: &StepView) -> Result<Option<Answer>, Stop> {
    let names: Vec<&str> = view.jumps.iter().map(|(step, _)| step.0.as_str()).collect();
    let Some(name) = one_of(dialog, "Jump to which step? (Tab completes, Esc: back) ", &names)? else {
        return Ok(None);
    };
    let unmet = view.jumps.iter().find(|(step, _)| step.0 == name).map(|(_, unmet)| unmet.as_slice());
    let unmet: Vec<&str> = unmet.unwrap_or_default().iter().map(|step| step.0.as_str()).collect();
    if !unmet.is_empty() {
        let list = unmet.join(", ");
        let warning =
            view::named("it still needs", &format!("{list}. These are left out and count as done"), dialog.width());
        dialog.say_all(&view::painted(warning, &ink().yellow()))?;
        if !dialog.agrees("Jump anyway?")? {
            return Ok(None);
        }
    }
    done(dialog, "jump", Answer::Jump { to: StepId(name) }).map(Some)
}

fn roll_back(dialog: &mut Dialog) -> Result<Option<Answer>, Stop> {
    dialog.say("Undoes what was started, newest first, back to the last step that destroys; then the run is over.")?;
    dialog.say("What cannot be undone is listed and stays.")?;
    if dialog.agrees("Roll back?")? { done(dialog, "roll back", Answer::Rollback).map(Some) } else { Ok(None) }
}

/// One of these names, asked until it is one.
fn one_of(dialog: &mut Dialog, prompt: &str, names: &[&str]) -> Result<Option<String>, Stop> {
    loop {
        let Some(line) = dialog.line_of(prompt, names)? else { return Ok(None) };
        let given = line.trim();
        if names.contains(&given) {
            return Ok(Some(given.to_owned()));
        }
        if let Some(help) = nearest::did_you_mean(given, names.iter().copied()) {
            dialog.say(&visible::line(&help))?;
        }
    }
}

/// Leaves a line about the decision.
fn done(dialog: &Dialog, said: &str, answer: Answer) -> Result<Answer, Stop> {
    dialog.say(&format!("  {} {}", ink().cyan().apply_to("›"), visible::line(said)))?;
    Ok(answer)
}

fn agreed() -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}
