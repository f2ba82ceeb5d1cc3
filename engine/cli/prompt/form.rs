//! Questions that take whole lines: confirmations, and what a person did by hand.

use std::fmt::Write as _;

use super::dialog::{Dialog, Stop, ink};
use crate::execute::operator::{Answer, InputQuestion};
use crate::model::runbook::{EnumValues, Param, ParamType};
use crate::plan::params;
use crate::report::visible;

/// May this go on? A yes, or a text typed letter by letter.
pub(super) fn confirm(
    dialog: &mut Dialog,
    title: &str,
    show: Option<&str>,
    typed: Option<&str>,
) -> Result<Answer, Stop> {
    heading(dialog, title, show)?;
    let Some(typed) = typed else {
        let yes = yes_or_no(dialog, "Go on?")?;
        return Ok(if yes { agreed() } else { refused() });
    };
    let shown = ink().bold().apply_to(visible::line(typed));
    loop {
        let line = read(dialog, &format!("Type {shown} to go on, nothing to refuse: "))?;
        if line == typed {
            return Ok(agreed());
        }
        if line.is_empty() {
            return Ok(refused());
        }
        dialog.say("That is something else.")?;
    }
}

/// Something a person does: what to do, whether it is done, its values, its evidence.
pub(super) fn manual(
    dialog: &mut Dialog,
    title: &str,
    text: &str,
    inputs: &[InputQuestion],
    evidence: bool,
) -> Result<Answer, Stop> {
    heading(dialog, title, Some(text))?;
    if !yes_or_no(dialog, "Done?")? {
        let why = read(dialog, "Why not? ")?;
        return Ok(Answer::No { why: if why.is_empty() { "a person answered no".to_owned() } else { why } });
    }
    let mut values = Vec::with_capacity(inputs.len());
    for input in inputs {
        values.push((input.name.clone(), value(dialog, input)?));
    }
    let evidence = if evidence { Some(required(dialog, "Evidence for the record: ")?) } else { None };
    Ok(Answer::Yes { inputs: values, evidence })
}

/// Asks until the text fits the input's type.
fn value(dialog: &mut Dialog, input: &InputQuestion) -> Result<String, Stop> {
    if let Some(help) = &input.param.help {
        dialog.say(&visible::block(help))?;
    }
    let choices = choices(&input.param);
    let mut prompt = visible::line(&input.name).into_owned();
    if let Some(choices) = &choices {
        let _ = write!(prompt, " ({})", visible::line(&choices.join(", ")));
    }
    if let Some(default) = &input.default {
        let _ = write!(prompt, " [{}]", visible::line(default));
    }
    loop {
        let line = read(dialog, &format!("{prompt}: "))?;
        let text = match (&input.default, line.is_empty()) {
            (Some(default), true) => default.clone(),
            _ => line,
        };
        let texts: Vec<String> = match input.param.kind {
            ParamType::List => text.split(',').map(|item| item.trim().to_owned()).collect(),
            _ => vec![text.clone()],
        };
        match params::accept(&input.param, choices.as_deref(), &texts) {
            Ok(_) => return Ok(text),
            Err(why) => dialog.say(&visible::block(&why))?,
        }
    }
}

/// The values of an enum that is written out.
fn choices(param: &Param) -> Option<Vec<String>> {
    match &param.values {
        Some(EnumValues::Fixed(values)) => Some(values.iter().map(|value| value.value.clone()).collect()),
        Some(EnumValues::Computed(_)) | None => None,
    }
}

fn required(dialog: &mut Dialog, prompt: &str) -> Result<String, Stop> {
    loop {
        let line = read(dialog, prompt)?;
        if !line.trim().is_empty() {
            return Ok(line);
        }
    }
}

/// Anything but a clear yes is a no.
fn yes_or_no(dialog: &mut Dialog, prompt: &str) -> Result<bool, Stop> {
    loop {
        match read(dialog, &format!("{prompt} [y/N] "))?.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => dialog.say("Answer y or n.")?,
        }
    }
}

fn agreed() -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}

fn refused() -> Answer {
    Answer::No { why: "a person answered no".to_owned() }
}

fn heading(dialog: &Dialog, title: &str, text: Option<&str>) -> Result<(), Stop> {
    dialog.say("")?;
    dialog.say(&ink().bold().apply_to(visible::line(title)).to_string())?;
    for line in text.unwrap_or_default().trim_end().lines() {
        dialog.say(&format!("  {}", visible::line(line)))?;
    }
    Ok(())
}

/// One line. Escape only takes back what was typed.
fn read(dialog: &mut Dialog, prompt: &str) -> Result<String, Stop> {
    loop {
        if let Some(line) = dialog.line(prompt)? {
            return Ok(line);
        }
    }
}
