//! The people of a drill, asked over its socket. Without them nothing is ever answered "yes".

use std::path::PathBuf;
use std::thread;

use super::Reply;
use super::nobody::unanswered;
use crate::drill::{Asked, AskedInput, Said, ask};
use crate::execute::operator::{Answer, Operator, Question};
use crate::model::id::AttemptToken;

/// Asks whoever listens at a socket.
pub struct LabPeople {
    socket: PathBuf,
    reply: Reply,
}

impl LabPeople {
    /// Replies through `reply`.
    pub fn new(socket: PathBuf, reply: Reply) -> Self {
        Self { socket, reply }
    }
}

impl Operator for LabPeople {
    fn ask(&self, token: AttemptToken, question: Question) {
        let (step, word, inputs) = match &question {
            Question::Confirm { step, .. } => (step, "confirm", Vec::new()),
            Question::Manual { step, inputs, .. } => {
                let asked = |input: &crate::execute::operator::InputQuestion| AskedInput {
                    name: input.name.clone(),
                    default: input.default.clone(),
                };
                (step, "manual", inputs.iter().map(asked).collect())
            }
            other => {
                if let Some(answer) = unanswered(other) {
                    (self.reply)(token, answer);
                }
                return;
            }
        };
        let asked = Asked { step: step.0.clone(), question: word.to_owned(), inputs };
        let (socket, reply) = (self.socket.clone(), self.reply.clone());
        // The core goes on meanwhile; whoever is asked may first do something that takes time.
        thread::spawn(move || {
            let answer = match ask(&socket, &asked) {
                Ok(Said { answer, inputs, .. }) if answer == "yes" => Answer::Yes {
                    inputs: asked
                        .inputs
                        .iter()
                        .filter_map(|input| Some((input.name.clone(), inputs.get(&input.name)?.clone())))
                        .collect(),
                    evidence: Some("done in a drill".to_owned()),
                },
                Ok(said) => Answer::No { why: said.why.unwrap_or_else(|| "the drill says no".to_owned()) },
                Err(error) => Answer::No { why: format!("the drill does not answer: {error}") },
            };
            reply(token, answer);
        });
    }
}
