//! Whether somebody is there, and what happens where nobody is.

use std::io::{self, IsTerminal};

use super::Reply;
use crate::execute::operator::{Answer, Operator, Question};
use crate::model::id::AttemptToken;

/// True when a person can be asked: both ends are a terminal.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Refuses everything: nobody is there.
pub struct Nobody {
    reply: Reply,
}

impl Nobody {
    /// Replies through `reply`.
    pub fn new(reply: Reply) -> Self {
        Self { reply }
    }
}

impl Operator for Nobody {
    fn ask(&self, token: AttemptToken, question: Question) {
        let what = match question {
            Question::Confirm { .. } => "a confirmation is needed",
            Question::Manual { .. } => "a person has to do this",
            Question::Step { .. } | Question::Failed { .. } => "step mode asks a person",
            // That a person has to say what became of it stands beside the answer.
            Question::Unknown { .. } => "",
            Question::Approval { .. } => return,
        };
        let why = if what.is_empty() { String::new() } else { format!("{what}, and ") };
        (self.reply)(token, Answer::No { why: format!("{why}there is no terminal to ask at") });
    }
}

/// What stands where the terminal went away: a no, or a pause. Approvals come through the inbox anyway.
pub(super) fn unanswered(question: &Question) -> Option<Answer> {
    match question {
        Question::Confirm { .. } | Question::Manual { .. } => {
            Some(Answer::No { why: "the terminal was closed".to_owned() })
        }
        Question::Step { .. } | Question::Failed { .. } | Question::Unknown { .. } => Some(Answer::Pause),
        Question::Approval { .. } => None,
    }
}
