//! What happens to a run beside its steps (taken over, approved, amended, paused, rolled back, cancelled), in one line, so that the
//! terminal and plain output say the same.

use std::fmt::Write as _;

use console::Style;

use super::phrase;
use super::summary::Summary;
use crate::model::entry::Entry;
use crate::model::id::StepId;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Good to know; `-q` leaves it out.
    Note,
    /// A person should see it.
    Attention,
    /// Something is wrong; never left out.
    Wrong,
}

/// One event in words, not yet escaped for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// How much it matters.
    pub weight: Weight,
    /// One line.
    pub text: String,
    /// What belongs below it.
    pub more: Vec<String>,
}

impl Weight {
    /// Its colour.
    #[must_use]
    pub fn style(self) -> Style {
        match self {
            Self::Note => Style::new().cyan(),
            Self::Attention => Style::new().yellow(),
            Self::Wrong => Style::new().red(),
        }
    }
}

/// The event of an entry, if it is one. `summary` has the entry already; `name` is how a step is called.
#[must_use]
pub fn of(entry: &Entry, summary: &Summary, name: &dyn Fn(&StepId) -> String) -> Option<Event> {
    let (weight, text, more) = match entry {
        Entry::RunResumed { operator, changes, .. } => {
            let text = format!("resumed by {operator}; {}", stand(standing(summary)));
            (Weight::Note, text, changes.iter().map(|change| format!("changed: {change}")).collect())
        }
        Entry::Resolved { step, verdict, by, why } => {
            let (weight, became) = match verdict.as_str() {
                "done" => (Weight::Note, "it took effect"),
                "again" => (Weight::Note, "it runs again"),
                _ => (Weight::Wrong, "a person has to say what became of it"),
            };
            (weight, format!("{}: nobody saw it end; {became} ({by}: {why})", name(step)), Vec::new())
        }
        Entry::ApprovalAsked { step, people, min, expires, .. } => {
            let at = expires.format("%Y-%m-%d %H:%M:%S UTC");
            let needs = phrase::count(*min as usize, "approval");
            let text = format!("{}: needs {needs} of {}, until {at}", name(step), people.join(", "));
            (Weight::Attention, text, Vec::new())
        }
        Entry::Approved { step, verdict, by, verified, reason, refused, .. } => {
            let identity = if *verified { "verified" } else { "UNVERIFIED" };
            let done = if verdict == "approve" { "approved" } else { "rejected" };
            let mut text = format!("{}: {done} by {by} ({identity}): {reason}", name(step));
            if !refused.is_empty() {
                let _ = write!(text, "; does not count: {refused}");
            }
            let counts = refused.is_empty() && verdict == "approve" && *verified;
            (if counts { Weight::Note } else { Weight::Attention }, text, Vec::new())
        }
        Entry::Amended { by, params, .. } => {
            let params: Vec<String> =
                params.iter().map(|(name, value)| format!("{name} = {}", super::closing::shown(value))).collect();
            (Weight::Attention, format!("{by} changed {}; the plan is made anew", params.join(", ")), Vec::new())
        }
        Entry::Paused { by, why } => {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            (Weight::Attention, format!("paused by {by}{why}"), Vec::new())
        }
        Entry::RollbackStarted { step, why, by, steps, left, .. } => {
            let what = step.as_ref().map_or_else(|| "the run".to_owned(), name);
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            let text = format!("rolling back {what} ({by}){why}; {} to undo", phrase::count(steps.len(), "step"));
            let left: Vec<String> = left.iter().map(name).collect();
            let more = if left.is_empty() { Vec::new() } else { vec![format!("stays as it is: {}", left.join(", "))] };
            (Weight::Wrong, text, more)
        }
        Entry::Cancelled { by, why } => {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            (Weight::Wrong, format!("cancelled by {by}{why}"), Vec::new())
        }
        _ => return None,
    };
    Some(Event { weight, text, more })
}

/// True when a person changes a parameter: the run is stopped only to be planned anew.
#[must_use]
pub fn is_edit(entry: &Entry) -> bool {
    matches!(entry, Entry::Answered { answer, .. } if answer == "edit")
}

/// Leaf steps that stay as they are.
fn standing(summary: &Summary) -> usize {
    let leaves = summary.steps.iter().filter(|step| !step.group);
    leaves.filter(|step| step.outcome.is_some_and(|outcome| outcome.stands_on_resume(step.skipped.as_ref()))).count()
}

fn stand(count: usize) -> String {
    match count {
        0 => "no step stands yet".to_owned(),
        1 => "1 step stands".to_owned(),
        more => format!("{more} steps stand"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_says_whether_the_person_is_known() {
        let approved = |verified, verdict: &str, refused: &str| {
            let entry = Entry::Approved {
                step: StepId("wipe".to_owned()),
                digest: String::new(),
                verdict: verdict.to_owned(),
                by: "ana@ops".to_owned(),
                verified,
                reason: "agreed on the call".to_owned(),
                refused: refused.to_owned(),
            };
            of(&entry, &Summary::default(), &|step| step.0.clone()).unwrap()
        };
        assert_eq!(approved(true, "approve", "").text, "wipe: approved by ana@ops (verified): agreed on the call");
        assert_eq!(approved(true, "approve", "").weight, Weight::Note);
        assert_eq!(approved(false, "approve", "").text, "wipe: approved by ana@ops (UNVERIFIED): agreed on the call");
        assert!(approved(true, "reject", "").text.contains("rejected by ana@ops"));
        assert!(approved(true, "approve", "it has expired").text.ends_with("does not count: it has expired"));
    }
}
