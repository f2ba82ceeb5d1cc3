//! A case of a test, compiled in the names of the root runbook.

use crate::model::diagnostic::Diagnostic;
use crate::model::id::StepId;
use crate::model::source::{Map, Name, Text};
use crate::model::test::{AnswerDecl, CaseDecl, CaseFault, ExpectDecl, FailDecl, FailWith};
use crate::plan::builder::Builder;
use crate::plan::findings::literal;
use crate::plan::references::Reader;
use crate::plan::test::{Answered, Case, Expected};
use crate::plan::{Action, Body, Fault, FrameIx, ManualInput, Node, NodeIx, params};
use crate::template::Template;
use crate::template::nearest::did_you_mean;

impl Builder<'_> {
    /// A case; what it names must be in this plan.
    pub fn case(&mut self, case: &CaseDecl, frame: FrameIx) -> Case {
        let reader = Reader::of_document(frame);
        let world = self.changes(&case.world);
        self.change_references(&world, reader);
        let fail = case.fail.iter().filter_map(|fail| Some((self.failing(fail)?, fail.with))).collect();
        let answers = case.answers.iter().filter_map(|(step, answer)| self.answer(step, answer, reader)).collect();
        Case {
            name: case.name.value.clone(),
            place: case.span,
            world,
            fault: self.case_fault(case, frame),
            fail,
            answers,
            seed: case.seed.map(u64::from),
            expect: self.expected(&case.expect, reader),
        }
    }

    fn case_fault(&mut self, case: &CaseDecl, frame: FrameIx) -> Option<Fault> {
        match &case.fault {
            None => self.rehearsal.faults.first().cloned(),
            Some(CaseFault::None) => None,
            Some(CaseFault::Named(name)) => self.fault_called(name),
            Some(CaseFault::Effects(effects)) => {
                let effects = self.changes(effects);
                self.change_references(&effects, Reader::of_document(frame));
                let (name, place) = (case.name.value.clone(), case.name.span);
                Some(Fault { title: literal(&name, place), name, place, effects, frame })
            }
        }
    }

    fn fault_called(&mut self, name: &Name) -> Option<Fault> {
        let faults = &self.rehearsal.faults;
        if let Some(fault) = faults.iter().find(|fault| fault.name == name.value) {
            return Some(fault.clone());
        }
        let message = format!("the runbook has no fault `{}`", name.value);
        let mut found = Diagnostic::error("plan::unknown_fault", name.span, message);
        found.help = did_you_mean(&name.value, faults.iter().map(|fault| fault.name.as_str()))
            .or_else(|| Some("declare it under `faults:` of the runbook, or write its changes here".to_owned()));
        self.findings.push(found);
        None
    }

    /// The step of a `fail`, which can fail in this way.
    fn failing(&mut self, fail: &FailDecl) -> Option<StepId> {
        let ix = self.step_of_id(&fail.step)?;
        let node = &self.nodes[ix.0 as usize];
        let id = node.id.clone();
        if let Some(reason) = &node.pruned {
            let message = format!("step `{id}` does not run in this case: {}", reason.describe());
            let found = Diagnostic::error("plan::cannot_fail", fail.step.span, message);
            self.findings.push(found.help("give other `params:`, or name another step"));
            return None;
        }
        let (message, help) = match &node.body {
            _ if fail.with == FailWith::Gate && node.gate.is_none() => (
                format!("step `{id}` has no gate"),
                "name a step with `gate:`, or fail its action: `with: error`".to_owned(),
            ),
            _ if fail.with == FailWith::Gate => return Some(id),
            Body::Operation(operation) if operation.action.is_some() => return Some(id),
            Body::Operation(_) => (format!("step `{id}` has no action"), "fail its gate: `with: gate`".to_owned()),
            Body::List { .. } => (format!("step `{id}` is a group, and a group has no action"), self.members_of(ix)),
        };
        self.findings.push(Diagnostic::error("plan::cannot_fail", fail.step.span, message).help(help));
        None
    }

    fn members_of(&self, group: NodeIx) -> String {
        let members = self.nodes.iter().filter(|node| node.parent == Some(group)).map(|node| node.id.0.as_str());
        let members: Vec<&str> = members.take(8).collect();
        if members.is_empty() {
            return "name a step with an action".to_owned();
        }
        format!("name one of its steps: {}", members.join(", "))
    }

    fn answer(&mut self, step: &Name, answer: &AnswerDecl, reader: Reader) -> Option<(StepId, Answered)> {
        let ix = self.step_of_id(step)?;
        let node = &self.nodes[ix.0 as usize];
        let (id, inputs) = (node.id.clone(), inputs_of(node).map(<[ManualInput]>::to_vec));
        let asks = inputs.is_some() || node.confirm.is_some() || node.approve.is_some();
        match (answer, inputs) {
            (AnswerDecl::No(_), _) if asks => Some((id, Answered::No)),
            (AnswerDecl::Inputs(given), Some(inputs)) => {
                Some((id, Answered::Inputs(self.given_inputs(given, &inputs, reader))))
            }
            (AnswerDecl::No(_), _) => {
                let message = format!("nobody is asked at step `{id}`");
                let found = Diagnostic::error("plan::cannot_answer", step.span, message);
                self.findings.push(found.help("name a step with `manual:`, `confirm:` or `approve:`"));
                None
            }
            (AnswerDecl::Inputs(_), None) => {
                let message = format!("step `{id}` asks for no inputs");
                let found = Diagnostic::error("plan::cannot_answer", step.span, message);
                self.findings.push(found.help("name a step with `manual: { inputs: … }`, or write `no`"));
                None
            }
        }
    }

    fn given_inputs(&mut self, given: &Map<Text>, asked: &[ManualInput], reader: Reader) -> Vec<(String, Template)> {
        let mut inputs = Vec::with_capacity(given.len());
        for (name, text) in given {
            let template = self.findings.template(text);
            self.text(&template, reader);
            if let Some(input) = asked.iter().find(|input| input.name == name.value) {
                let wrong = template.literal().and_then(|text| params::typed(&input.param, text).err());
                if let Some(why) = wrong {
                    let help = format!("the step asks for {}", params::word(input.param.kind));
                    let found = Diagnostic::error("plan::bad_parameter", text.0.span, why).help(help);
                    self.findings.push(found.related(input.param.span, "declared here"));
                }
            } else {
                let message = format!("this step asks for no `{}`", name.value);
                let mut found = Diagnostic::error("plan::cannot_answer", name.span, message);
                found.help = did_you_mean(&name.value, asked.iter().map(|input| input.name.as_str()))
                    .or_else(|| Some("write `{}` to agree".to_owned()));
                self.findings.push(found);
            }
            inputs.push((name.value.clone(), template));
        }
        inputs
    }

    fn expected(&mut self, expect: &ExpectDecl, reader: Reader) -> Expected {
        for (name, _) in &expect.services {
            self.service_there(&name.value, name.span);
        }
        for (name, _) in &expect.data {
            self.data_there(&name.value, name.span);
        }
        let holds = self.findings.expressions(&expect.holds);
        for condition in &holds {
            self.watched_condition(condition, reader);
        }
        let mut steps = |names: &[Name]| -> Vec<StepId> {
            let found = names.iter().filter_map(|name| self.step_of_id(name));
            let found: Vec<NodeIx> = found.collect();
            found.into_iter().map(|ix| self.nodes[ix.0 as usize].id.clone()).collect()
        };
        Expected {
            ends: expect.ends,
            exit: expect.exit,
            ran: steps(&expect.ran),
            not_run: steps(&expect.not_run),
            order: steps(&expect.order),
            failed: steps(&expect.failed),
            services: expect.services.iter().map(|(name, state)| (name.value.clone(), *state)).collect(),
            data: expect.data.iter().map(|(name, state)| (name.value.clone(), *state)).collect(),
            within: expect.within,
            loss: expect.loss,
            holds,
            findings: expect.findings.clone(),
        }
    }
}

/// What a manual step asks for; none: it is no manual step.
fn inputs_of(node: &Node) -> Option<&[ManualInput]> {
    match &node.body {
        Body::Operation(operation) => match &operation.action {
            Some(Action::Manual { inputs, .. }) => Some(inputs),
            _ => None,
        },
        Body::List { .. } => None,
    }
}
