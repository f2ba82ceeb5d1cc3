//! What people are asked, and what their answers mean.

use std::sync::Arc;

use super::judge::json_map;
use super::stage::{Stage, millis};
use super::state::Asked;
use super::{Command, Core, Owner};
use crate::execute::operator::{Answer, InputQuestion, Question};
use crate::model::entry::Entry;
use crate::model::id::AttemptToken;
use crate::model::status::StepEvent;
use crate::model::work::Purpose;
use crate::plan::{Action, Body, ManualInput, NodeIx};
use crate::template::{EvalError, Scope, Template, Value, value};

impl Core {
    /// Asks for confirmation, once a step.
    pub(super) fn ask_confirmation(&mut self, ix: NodeIx) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let Some(confirm) = node.confirm.as_ref().filter(|_| !self.nodes[ix.0 as usize].asked) else {
            return Some(Stage::RequireAgain);
        };
        if self.holds_back(ix) {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        let scope = self.scope(ix);
        let rendered = |template: &Option<Template>| -> Result<Option<String>, EvalError> {
            template.as_ref().map(|template| template.render(&scope)).transpose()
        };
        let (typed, show) = match (rendered(&confirm.typed), rendered(&confirm.show)) {
            (Ok(typed), Ok(show)) => (typed, show),
            (Err(error), _) | (_, Err(error)) => {
                self.state(ix).why.push(format!("confirm: {}", error.message));
                return Some(Stage::Fail);
            }
        };
        self.state(ix).asked = true;
        if self.options.yes {
            self.record(Entry::Answered {
                step: node.id.clone(),
                question: "confirm".to_owned(),
                answer: "--yes".to_owned(),
                by: plan.run.operator.clone(),
                values: serde_json::Map::new(),
                waited_ms: None,
            });
            return Some(Stage::RequireAgain);
        }
        self.state(ix).event(StepEvent::Ask);
        let title = node.title.preview(&scope);
        self.ask(ix, Asked::Confirm, Question::Confirm { step: node.id.clone(), title, show, typed });
        None
    }

    /// Asks a person to do a manual step.
    pub(super) fn ask_manual(
        &mut self,
        ix: NodeIx,
        text: &Template,
        inputs: &[ManualInput],
        evidence: bool,
    ) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let scope = self.scope(ix);
        match manual(node.id.clone(), node.title.preview(&scope), text, inputs, evidence, &scope) {
            Ok(question) => {
                self.ask(ix, Asked::Manual, question);
                None
            }
            Err(error) => {
                self.complain(ix, error.message);
                Some(Stage::Fail)
            }
        }
    }

    pub(super) fn ask(&mut self, ix: NodeIx, asked: Asked, question: Question) -> AttemptToken {
        self.state(ix).operations += 1;
        let since = self.now.elapsed;
        let state = self.state(ix);
        state.question = Some(asked);
        state.asked_at = Some(since);
        state.waited = None;
        let number = self.nodes[ix.0 as usize].operations;
        let step = self.plan.node(ix).id.clone();
        let attempt = self.attempt(step, number, Purpose::Action, Owner::Step(ix), true);
        self.state(ix).stage = Stage::Away;
        if self.step_mode() {
            self.unasked.push_back((attempt.token.clone(), question));
        } else {
            self.out.push(Command::Ask(attempt.token.clone(), question));
        }
        attempt.token
    }

    /// Step mode: one question at a time.
    pub(super) fn ask_next(&mut self) {
        if self.asked.as_ref().is_some_and(|asked| self.under_way.contains_key(asked)) {
            return;
        }
        self.asked = None;
        while let Some((token, question)) = self.unasked.pop_front() {
            if self.under_way.contains_key(&token) {
                self.asked = Some(token.clone());
                self.out.push(Command::Ask(token, question));
                return;
            }
        }
    }

    /// The time in which a person thought is no time of the step: what it takes is what later runs expect. A manual step is what
    /// the person does: that is its time.
    pub(super) fn thought(&mut self, ix: NodeIx) {
        let now = self.now.elapsed;
        let state = self.state(ix);
        let Some(since) = state.asked_at.take() else { return };
        let thought = now.saturating_sub(since);
        state.waited = Some(thought);
        if state.question != Some(Asked::Manual) {
            state.released += thought;
            if let Some(undo) = &mut state.undo {
                undo.started += thought;
            }
        }
    }

    /// An answer arrived; one that nobody waits for any more is dropped.
    pub(super) fn answered(&mut self, token: &AttemptToken, answer: Answer, by: &str) {
        let Some(work) = self.under_way.remove(token) else { return };
        let Owner::Step(ix) = work.owner else { return };
        let Some(asked) = self.nodes[ix.0 as usize].question else { return };
        if asked != Asked::Approval {
            self.thought(ix);
        }
        if answer == Answer::Pause && asked != Asked::Unknown {
            self.pause_at(ix, asked, by);
            return;
        }
        match asked {
            Asked::Unknown => {
                if let Some(stage) = self.answered_unknown(ix, &answer, by) {
                    self.go_on(ix, stage);
                }
            }
            Asked::Step => self.answered_step(ix, answer, by),
            Asked::Failed => self.answered_failed(ix, answer, by),
            Asked::Confirm | Asked::Manual => {
                let stage = match answer {
                    Answer::Yes { .. } if self.nodes[ix.0 as usize].undo.is_some() => {
                        self.undo_answered(ix, true, "", by)
                    }
                    Answer::No { why } if self.nodes[ix.0 as usize].undo.is_some() => {
                        self.undo_answered(ix, false, &why, by)
                    }
                    Answer::No { why } => self.answered_no(ix, asked == Asked::Confirm, &why, by),
                    Answer::Yes { .. } if asked == Asked::Confirm => {
                        self.record_answer(ix, "confirm", "yes", by, serde_json::Map::new());
                        self.state(ix).event(StepEvent::Confirm);
                        Stage::RequireAgain
                    }
                    Answer::Yes { inputs, evidence } => self.manual_done(ix, &inputs, evidence, by),
                    _ => {
                        self.under_way.insert(token.clone(), work);
                        return;
                    }
                };
                self.go_on(ix, stage);
            }
            // Nobody at this terminal: approvals come through the inbox all the same.
            Asked::Approval => {
                self.under_way.insert(token.clone(), work);
            }
        }
    }

    /// A person leaves: the step that was asked about stops here, and the run pauses.
    fn pause_at(&mut self, ix: NodeIx, asked: Asked, by: &str) {
        let question = match asked {
            Asked::Confirm => "confirm",
            Asked::Manual => "manual",
            Asked::Approval => "approve",
            Asked::Step => "step",
            Asked::Failed => "failed",
            Asked::Unknown => "unknown",
        };
        self.record_answer(ix, question, "pause", by, serde_json::Map::new());
        self.pause(by, "");
        if asked == Asked::Failed {
            self.leave_failed(ix);
        } else {
            self.end_held_back(ix);
        }
    }

    fn answered_no(&mut self, ix: NodeIx, confirming: bool, why: &str, by: &str) -> Stage {
        let question = if confirming { "confirm" } else { "manual" };
        let mut values = serde_json::Map::new();
        values.insert("why".to_owned(), why.into());
        self.record_answer(ix, question, "no", by, values);
        let state = self.state(ix);
        state.refused = true;
        state.why.push(if why.is_empty() { format!("{by} said no") } else { format!("{by} said no: {why}") });
        Stage::Fail
    }

    fn manual_done(&mut self, ix: NodeIx, inputs: &[(String, String)], evidence: Option<String>, by: &str) -> Stage {
        let plan = Arc::clone(&self.plan);
        let Body::Operation(operation) = &plan.node(ix).body else { return Stage::Fail };
        let Some(Action::Manual { inputs: asked, .. }) = &operation.action else { return Stage::Fail };
        let mut outputs = Vec::new();
        for (name, text) in inputs {
            let Some(input) = asked.iter().find(|input| &input.name == name) else { continue };
            match crate::plan::params::typed(&input.param, text) {
                Ok(typed) => outputs.push((name.clone(), typed)),
                Err(why) => {
                    self.state(ix).why.push(format!("input `{name}`: {why}"));
                    return Stage::Fail;
                }
            }
        }
        if let Some(evidence) = evidence {
            outputs.push(("evidence".to_owned(), Value::from(evidence)));
        }
        self.record_answer(ix, "manual", "yes", by, json_map(&outputs));
        self.state(ix).outputs.extend(outputs);
        self.judge_bare_action(ix, operation)
    }

    pub(super) fn record_answer(
        &mut self,
        ix: NodeIx,
        question: &str,
        answer: &str,
        by: &str,
        values: serde_json::Map<String, serde_json::Value>,
    ) {
        let waited_ms = self.state(ix).waited.take().map(millis);
        self.record(Entry::Answered {
            step: self.plan.node(ix).id.clone(),
            question: question.to_owned(),
            answer: answer.to_owned(),
            by: by.to_owned(),
            values,
            waited_ms,
        });
    }
}

fn manual(
    step: crate::model::id::StepId,
    title: String,
    text: &Template,
    inputs: &[ManualInput],
    evidence: bool,
    scope: &Scope,
) -> Result<Question, EvalError> {
    let mut questions = Vec::with_capacity(inputs.len());
    for input in inputs {
        let default = match &input.default {
            Some(template) => value::text(&template.value(scope)?),
            None => None,
        };
        questions.push(InputQuestion { name: input.name.clone(), param: input.param.clone(), default });
    }
    Ok(Question::Manual { step, title, text: text.render(scope)?, inputs: questions, evidence })
}
