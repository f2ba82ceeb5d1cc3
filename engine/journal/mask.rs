//! Secrets stop here: the journal is a sink like any other. Only text that a program, a person or a template made is masked; ids and
//! digests stay, or a password `postgres` would rename a step.

use serde_json::{Map, Value};

use crate::model::entry::Entry;
use crate::model::outcome::SkipReason;
use crate::secret::Masker;

/// The entry as it may be written.
pub(super) fn entry(masker: &Masker, mut entry: Entry) -> Entry {
    match &mut entry {
        Entry::StepStarted { command, .. } => text(masker, command),
        Entry::Answered { answer, values, .. } => {
            text(masker, answer);
            map(masker, values);
        }
        Entry::StepFinished { why, hint, outputs, skipped, .. } => {
            lines(masker, why);
            if let Some(hint) = hint {
                text(masker, hint);
            }
            if let Some(SkipReason::Person { said, .. }) = skipped {
                text(masker, said);
            }
            map(masker, outputs);
        }
        Entry::GateStarted { outputs, attention, before, .. } => {
            map(masker, outputs);
            lines(masker, attention);
            if let Some(before) = before {
                value(masker, before);
            }
        }
        Entry::RunResumed { changes, .. } => lines(masker, changes),
        Entry::AttemptFailed { why, .. }
        | Entry::FallbackStarted { why, .. }
        | Entry::Resolved { why, .. }
        | Entry::Paused { why, .. }
        | Entry::RollbackStarted { why, .. }
        | Entry::Cancelled { why, .. }
        | Entry::ApprovalAsked { command: why, .. }
        | Entry::UndoStarted { command: why, .. }
        | Entry::Approved { reason: why, .. } => text(masker, why),
        Entry::Amended { params, .. } => map(masker, params),
        Entry::Surroundings(found) => map(masker, &mut found.params),
        Entry::UndoFinished { why, .. } => lines(masker, why),
        Entry::RunFinished { why, outputs, .. } => {
            if let Some(why) = why {
                text(masker, why);
            }
            map(masker, outputs);
        }
        Entry::RunStarted { .. }
        | Entry::StepNoted { .. }
        | Entry::Interrupted { .. }
        | Entry::Drill { .. }
        | Entry::Unknown => {}
    }
    entry
}

fn text(masker: &Masker, text: &mut String) {
    if !text.is_empty() {
        *text = masker.mask(text);
    }
}

fn lines(masker: &Masker, lines: &mut [String]) {
    for line in lines {
        text(masker, line);
    }
}

fn map(masker: &Masker, map: &mut Map<String, Value>) {
    map.values_mut().for_each(|held| value(masker, held));
}

fn value(masker: &Masker, held: &mut Value) {
    match held {
        Value::String(held) => text(masker, held),
        Value::Array(items) => items.iter_mut().for_each(|item| value(masker, item)),
        Value::Object(members) => *members = members_of(masker, std::mem::take(members)),
        // A secret of digits stays one when an expression made a number of it.
        Value::Number(number) => {
            let shown = number.to_string();
            let safe = masker.mask(&shown);
            if safe != shown {
                *held = Value::String(safe);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A mapping inside a value: its names are text of a program, too.
fn members_of(masker: &Masker, members: Map<String, Value>) -> Map<String, Value> {
    let safe = members.into_iter().map(|(name, mut member)| {
        value(masker, &mut member);
        (masker.mask(&name), member)
    });
    safe.collect()
}
