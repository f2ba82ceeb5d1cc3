//! Where expressions stand in a node, and what each place may read.

use crate::plan::builder::Builder;
use crate::plan::{Action, Body, ListKind, NodeIx, Operation};
use crate::template::{Expression, Template};

use super::{Reader, Slot};

const PROGRAM: &[&str] = &["exit", "stdout", "stderr", "lines", "json", "fields", "elapsed", "failure"];
const HTTP: &[&str] = &["status", "headers", "stdout", "lines", "json", "fields", "elapsed", "failure"];
const TIMED: &[&str] = &["elapsed", "failure"];
const CHECK: &[&str] = &["json", "healthy", "elapsed", "failure"];
const LOGS: &[&str] = &["lines", "stdout", "elapsed", "failure"];
const SERVICES: &[&str] = &["healthy", "elapsed", "failure"];

/// Every name a result can have.
pub const ALL: &[&str] =
    &["exit", "stdout", "stderr", "lines", "json", "fields", "status", "headers", "elapsed", "healthy", "failure"];

/// What an action leaves to be judged.
pub fn results(action: Option<&Action>) -> &'static [&'static str] {
    match action {
        Some(Action::Exec(_) | Action::Docker(_) | Action::Gcloud(_) | Action::Shell { .. }) => PROGRAM,
        Some(Action::Http { .. }) => HTTP,
        Some(Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. }) => TIMED,
        None => &["failure"],
    }
}

fn group_results(kind: ListKind) -> &'static [&'static str] {
    match kind {
        ListKind::Check => CHECK,
        ListKind::Logs => LOGS,
        ListKind::Services => SERVICES,
        ListKind::Group | ListKind::Include | ListKind::ForEach => TIMED,
    }
}

impl Builder<'_> {
    /// Checks every expression of a node; its members are checked by themselves.
    pub fn node_references(&mut self, ix: NodeIx) {
        // The node is put back below: checking reads other nodes, never this one's texts.
        let node = std::mem::replace(&mut self.nodes[ix.0 as usize].body, empty());
        let place = &self.nodes[ix.0 as usize];
        let reader = Reader { node: Some(ix), ..Reader::of_document(place.frame) };
        let (title, confirm) = (place.title.clone(), place.confirm.clone());
        let probes: Vec<Operation> = place
            .require
            .iter()
            .chain(&place.done_when)
            .chain(place.presence.iter().map(|presence| &presence.probe))
            .map(|probe| probe.operation.as_ref().clone())
            .collect();
        let (gate, again) = (place.gate.clone(), place.retry.when.clone());
        self.text(&title, reader);
        for text in confirm.iter().flat_map(|confirm| confirm.typed.iter().chain(&confirm.show)) {
            self.text(text, reader);
        }
        for condition in self.notes[ix.0 as usize].conditions.clone() {
            self.condition(&condition, reader);
        }
        for loose in self.notes[ix.0 as usize].loose.clone() {
            self.loose(&loose, reader);
        }
        for operation in &probes {
            self.operation_references(operation, reader);
        }
        if let Some(gate) = &gate {
            self.gate_references(gate, Reader { before: true, ..reader });
        }
        // Put back like the body: its own texts are read from here.
        if let Some(rollback) = self.nodes[ix.0 as usize].rollback.take() {
            self.rollback_references(&rollback, Reader { undoes: true, ..reader });
            self.nodes[ix.0 as usize].rollback = Some(rollback);
        }
        let results = match &node {
            Body::Operation(operation) => results(operation.action.as_ref()),
            Body::List { kind, .. } => group_results(*kind),
        };
        for expression in &again {
            self.condition(expression, Reader { slot: Slot::Judgement, results, ..reader });
        }
        if let Body::Operation(operation) = &node {
            self.operation_references(operation, reader);
        }
        self.nodes[ix.0 as usize].body = node;
        if matches!(self.nodes[ix.0 as usize].body, Body::List { .. }) {
            let judge = self.nodes[ix.0 as usize].judge.clone();
            let frame = self.judge_frame(ix);
            let reader = Reader { frame, members: true, slot: Slot::Judgement, results, ..reader };
            self.judge_references(&judge, reader);
        }
    }

    fn rollback_references(&mut self, rollback: &crate::plan::Rollback, reader: Reader) {
        self.operation_references(&rollback.operation, reader);
        if let Some(probe) = &rollback.done_when {
            self.operation_references(&probe.operation, reader);
        }
        if let Some(gate) = &rollback.gate {
            self.gate_references(gate, reader);
        }
    }

    /// Checks a gate; whether it sees `before` is the reader's.
    pub fn gate_references(&mut self, gate: &crate::plan::Gate, reader: Reader) {
        self.operation_references(&gate.probe.operation, reader);
        let results = results(gate.probe.operation.action.as_ref());
        let reader = Reader { slot: Slot::Judgement, results, ..reader };
        for expression in &gate.fail_if {
            self.condition(expression, reader);
        }
        if let Some(expression) = &gate.progress {
            self.expression_references(expression, reader);
        }
    }

    /// Checks an operation.
    pub fn operation_references(&mut self, operation: &Operation, reader: Reader) {
        let slot = |slot| Reader { slot, ..reader };
        match &operation.action {
            Some(Action::Exec(words) | Action::Docker(words) | Action::Gcloud(words)) => {
                self.all(&words.references(), slot(Slot::Argv));
            }
            Some(Action::Shell { script, .. }) => self.all(&script.references(), slot(Slot::Script)),
            Some(Action::Http { url, headers, body, .. }) => {
                for text in std::iter::once(url).chain(headers.iter().map(|(_, text)| text)).chain(body) {
                    self.text(text, slot(Slot::Sink));
                }
            }
            Some(Action::Manual { text, inputs, .. }) => {
                for text in std::iter::once(text).chain(inputs.iter().filter_map(|input| input.default.as_ref())) {
                    self.text(text, slot(Slot::Plain));
                }
            }
            Some(Action::Notify { text, channels }) => {
                self.text(text, slot(Slot::Plain));
                self.channel_references(channels, slot(Slot::Sink));
            }
            Some(Action::Wait(_)) | None => {}
        }
        for text in operation.target.iter().flat_map(crate::plan::Target::templates) {
            self.text(text, slot(Slot::Plain));
        }
        for text in operation.env.iter().map(|(_, text)| text).chain(&operation.stdin) {
            self.text(text, slot(Slot::Sink));
        }
        if let Some(text) = &operation.working_dir {
            self.text(text, slot(Slot::Plain));
        }
        if let Some(simulate) = &operation.simulate {
            self.simulate_references(simulate, reader);
        }
        let results = results(operation.action.as_ref());
        self.judge_references(&operation.judge, Reader { slot: Slot::Judgement, results, ..reader });
    }

    fn judge_references(&mut self, judge: &crate::plan::Judge, reader: Reader) {
        let outputs = judge.outputs.iter().map(|(_, expression)| expression);
        let hint = judge.hint.iter().flat_map(Template::expressions);
        let values: Vec<&Expression> = outputs.chain(hint).collect();
        for expression in judge.expect.iter().chain(&judge.warn_unless) {
            self.condition(expression, reader);
        }
        for expression in values {
            self.expression_references(expression, reader);
        }
    }
}

fn empty() -> Body {
    Body::List { kind: ListKind::Group, list: crate::plan::List::default(), finally: crate::plan::List::default() }
}
