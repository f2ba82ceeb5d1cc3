//! Which keys there are at a question, in the order in which they are shown.

use super::dialog::ink;
use super::view;
use crate::execute::operator::StepView;

/// A key, a word for the line above the prompt, a sentence for the help.
pub(super) struct Choice {
    pub key: &'static str,
    word: &'static str,
    help: &'static str,
}

const fn choice(key: &'static str, word: &'static str, help: &'static str) -> Choice {
    Choice { key, word, help }
}

const SKIP: Choice = choice("s", "skip", "leave it out, with a reason; what needs it goes on");
const EDIT: Choice = choice("e", "edit", "change a parameter; the plan is made anew and comes back to this step");
const DETAILS: Choice =
    choice("d", "details", "all that is known of the step: condition, gate, retry, rollback, fallback");
const JUMP: Choice = choice("j", "jump", "go on with another step; what lies before it is left out");
const SHELL: Choice = choice("!", "shell", "a shell here, with RUNBOOK_RUN and RUNBOOK_STEP; `exit` comes back");
const BACK: Choice = choice("b", "roll back", "undo what was started, newest first; asks before it begins");
const QUIT: Choice = choice("q", "pause", "leave now; `runbook resume` goes on from here");
const HELP: Choice = choice("?", "help", "this");

/// Before a step.
pub(super) const STEP: &[Choice] = &[
    choice("Enter", "run", "run the step; `y` does the same"),
    SKIP,
    EDIT,
    DETAILS,
    JUMP,
    SHELL,
    choice("c", "run the rest", "run this step and all behind it without asking; confirmations still ask"),
    BACK,
    QUIT,
    HELP,
];

/// After a failure.
pub(super) const FAILED: &[Choice] = &[
    choice("r", "retry", "run the step again"),
    SKIP,
    EDIT,
    DETAILS,
    SHELL,
    BACK,
    QUIT,
    choice(
        "Enter",
        "stop here",
        "let the failure take its course, as the runbook says: rollback, fallback, or the end",
    ),
    HELP,
];

/// Where nobody saw the end.
pub(super) const UNKNOWN: &[Choice] = &[
    choice("y", "it took effect", "it is done; its gate is asked next"),
    choice("n", "it did not, run it again", "it had no effect; the step runs again"),
    DETAILS,
    SHELL,
    QUIT,
    HELP,
];

/// While approvals are collected.
pub(super) const APPROVAL: &[Choice] = &[QUIT, HELP];

impl Choice {
    fn applies(&self, view: Option<&StepView>) -> bool {
        match self.key {
            "e" => view.is_some_and(|view| !view.params.is_empty()),
            "j" => view.is_some_and(|view| !view.jumps.is_empty()),
            _ => true,
        }
    }
}

/// The lines above the prompt.
pub(super) fn footer(choices: &[Choice], view: Option<&StepView>, width: usize) -> Vec<String> {
    let applying = choices.iter().filter(|choice| choice.applies(view));
    let words: Vec<String> =
        applying.map(|choice| format!("{} {}", ink().bold().apply_to(choice.key), choice.word)).collect();
    view::flow(&words, width)
}

/// The help.
pub(super) fn help(choices: &[Choice], view: Option<&StepView>, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let interrupt = choice("Ctrl-C", "", "interrupt: nothing new starts; twice ends what runs");
    for choice in choices.iter().filter(|choice| choice.applies(view)).chain([&interrupt]) {
        for (at, part) in view::wrap(choice.help, width.saturating_sub(12)).into_iter().enumerate() {
            let key = if at == 0 { choice.key } else { "" };
            lines.push(format!("  {} {part}", ink().bold().apply_to(format!("{key:<7}"))));
        }
    }
    lines
}
