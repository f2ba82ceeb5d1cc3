//! Roots and what stands under them.

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::plan::builder::{Builder, Role};
use crate::plan::statics::RUN_KNOWN;
use crate::plan::{FrameIx, NodeIx};
use crate::template::nearest::did_you_mean;
use crate::template::{Reference, value};

use super::visit::ALL;
use super::{Reader, Slot};

/// What `service` has in health and operations.
const SERVICE: &[&str] = &[
    "id",
    "title",
    "container",
    "compose",
    "unit",
    "known_good",
    "needs",
    "after",
    "tags",
    "optional",
    "priority",
    "vars",
    "estimate",
    "objectives",
];

impl Builder<'_> {
    /// Checks one reference.
    pub fn reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        let Some(root) = reference.path.first().map(String::as_str) else { return };
        let is_system = self.frames[reader.frame.0 as usize].is_system;
        if let Some(node) = reader.node.filter(|_| !is_system) {
            let bound = self.nodes[node.0 as usize].bindings.iter().any(|(name, _)| name == root);
            if bound || self.notes[node.0 as usize].open.iter().any(|name| name == root) {
                return;
            }
        }
        match root {
            "service" if is_system => self.field(reference, place, "service", SERVICE),
            "params" if !is_system => self.param_reference(reference, place, reader.frame),
            "vars" if !is_system => self.var_reference(reference, place, reader),
            "system" => self.system_reference(reference, place, reader),
            "environment" => self.field(reference, place, "environment", &["name", "class"]),
            "run" => self.run_reference(reference, place, reader),
            "secrets" => self.secret_reference(reference, place, reader),
            "steps" => self.step_reference(reference, place, reader),
            "args" if is_system => self.field(reference, place, "args", &["image"]),
            "world" => self.world_reference(reference, place, reader),
            "before" => self.before_reference(reference, place, reader),
            name if ALL.contains(&name) => self.result_reference(name, place, reader),
            _ => self.unknown_root(root, reference, place, reader),
        }
    }

    fn unknown_root(&mut self, root: &str, reference: &Reference, place: Span, reader: Reader) {
        let is_system = self.frames[reader.frame.0 as usize].is_system;
        let mut known = vec!["system", "environment", "run", "secrets", "steps"];
        known.extend(if is_system { ["service", "args"] } else { ["params", "vars"] });
        known.extend(reader.results);
        if let Some(node) = reader.node {
            known.extend(self.nodes[node.0 as usize].bindings.iter().map(|(name, _)| name.as_str()));
        }
        let frame = &self.frames[reader.frame.0 as usize];
        let help = if frame.params.contains_key(root) {
            Some(format!("did you mean `params.{}`?", reference.path.join(".")))
        } else if frame.vars.contains_key(root) {
            Some(format!("did you mean `vars.{}`?", reference.path.join(".")))
        } else if frame.steps.contains_key(root) {
            Some(format!("did you mean `steps.{root}`?"))
        } else {
            did_you_mean(root, known).or_else(|| Some("a text is written in quotes".to_owned()))
        };
        let mut found = Diagnostic::error("plan::unknown_name", place, format!("there is no `{root}` here"));
        found.help = help;
        self.findings.push(found);
    }

    fn param_reference(&mut self, reference: &Reference, place: Span, frame: FrameIx) {
        let Some(name) = reference.path.get(1) else { return };
        let frame = &self.frames[frame.0 as usize];
        if !reference.guarded && !frame.params.contains_key(name) {
            let mut found =
                Diagnostic::error("plan::unknown_parameter", place, format!("there is no parameter `{name}`"));
            found.help = did_you_mean(name, frame.params.keys().map(String::as_str))
                .or_else(|| Some("declare it under `params:`".to_owned()));
            self.findings.push(found);
        }
    }

    fn var_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        let frame = &self.frames[reader.frame.0 as usize];
        match reference.path.get(1) {
            _ if reader.slot == Slot::Parameter => {
                let message = "parameters are settled before variables; this cannot read `vars`";
                let help = "read parameters above it, `system`, `environment` or `run`";
                self.findings.push(Diagnostic::error("plan::unknown_name", place, message).help(help));
            }
            Some(name) if !reference.guarded && !frame.vars.contains_key(name) => {
                let mut found =
                    Diagnostic::error("plan::unknown_variable", place, format!("there is no variable `{name}`"));
                found.help = did_you_mean(name, frame.vars.keys().map(String::as_str))
                    .or_else(|| Some("declare it under `vars:`".to_owned()));
                self.findings.push(found);
            }
            _ => {}
        }
    }

    fn field(&mut self, reference: &Reference, place: Span, root: &str, fields: &[&str]) {
        let Some(name) = reference.path.get(1) else { return };
        if !reference.guarded && !fields.contains(&name.as_str()) {
            let mut found = Diagnostic::error("plan::unknown_name", place, format!("`{root}` has no `{name}`"));
            found.help = did_you_mean(name, fields.iter().copied());
            self.findings.push(found);
        }
    }

    fn run_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        match reference.path.get(1).map(String::as_str) {
            Some(name) if RUN_KNOWN.contains(&name) => {}
            Some("elapsed" | "outcome") if matches!(reader.slot, Slot::Variable | Slot::Parameter) => {
                let message = "variables and parameters are settled before the run; this is known only in it";
                let help = "read it in the steps themselves";
                self.findings.push(Diagnostic::error("plan::too_early", place, message).help(help));
            }
            None | Some("elapsed") => {}
            Some("outcome") if reader.node.is_some_and(|node| self.in_root_finally(node)) => {}
            Some("outcome") => {
                let message = "`run.outcome` is known only in the runbook's `finally`";
                let help = "read `steps.ID.outcome`, or move the step into `finally:`";
                self.findings.push(Diagnostic::error("plan::too_early", place, message).help(help));
            }
            Some(name) => {
                let known = RUN_KNOWN.iter().chain(&["elapsed", "outcome"]).copied();
                let mut found = Diagnostic::error("plan::unknown_name", place, format!("`run` has no `{name}`"));
                found.help = did_you_mean(name, known);
                self.findings.push(found);
            }
        }
    }

    fn in_root_finally(&self, mut node: NodeIx) -> bool {
        while let Some(parent) = self.nodes[node.0 as usize].parent {
            node = parent;
        }
        self.notes[node.0 as usize].role == Role::Finally
    }

    /// Walks the system's value. A pruned step may name what this system does not have: that may be why it is pruned.
    fn system_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        let pruned = reader.node.is_some_and(|node| self.nodes[node.0 as usize].pruned.is_some());
        if reference.guarded || pruned || self.guarded_above(&reference.path, reader.node) {
            return;
        }
        if self.world.system.is_none() {
            self.no_system(place);
            return;
        }
        let mut at = self.world.value.clone();
        let mut walked = "system".to_owned();
        for name in &reference.path[1..] {
            if value::kind(&at) != "mapping" {
                return;
            }
            let next = at.get_attr(name).unwrap_or_default();
            if next.is_undefined() {
                let keys: Vec<String> =
                    at.try_iter().map(|keys| keys.filter_map(|key| value::text(&key)).collect()).unwrap_or_default();
                let mut found = Diagnostic::error("plan::unknown_name", place, format!("`{walked}` has no `{name}`"));
                found.help = did_you_mean(name, keys.iter().map(String::as_str))
                    .or_else(|| Some(format!("add it under `{walked}` in the system file")));
                self.findings.push(found);
                return;
            }
            walked = format!("{walked}.{name}");
            at = next;
        }
    }

    /// Something of the system is read, and there is none.
    pub(super) fn no_system(&mut self, place: Span) {
        let found = Diagnostic::error("plan::no_system", place, "there is no system");
        self.findings.push(found.help("name it with `system:` in the runbook or --system FILE"));
    }

    /// True when a condition of the step, or of one around it, asks whether a name is there.
    pub(super) fn guarded_above(&self, path: &[String], node: Option<NodeIx>) -> bool {
        let mut next = node;
        while let Some(node) = next {
            let conditions = &self.notes[node.0 as usize].conditions;
            let mut asked = conditions.iter().flat_map(crate::template::Expression::references).filter(|it| it.guarded);
            if asked.any(|it| path.starts_with(&it.path)) {
                return true;
            }
            next = self.nodes[node.0 as usize].parent;
        }
        false
    }

    fn before_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        if reader.undoes {
            let message = "a rollback is undone without looking first: its gate has no `before`";
            let help = "compare with `outputs:` of a step above";
            self.findings.push(Diagnostic::error("plan::before_outside_gate", place, message).help(help));
        } else if !reader.before {
            let message = "`before` is what a gate's probe said before the action; only gates have it";
            let help = "keep what is compared in `outputs:` of a step above";
            self.findings.push(Diagnostic::error("plan::before_outside_gate", place, message).help(help));
        } else if let Some(name) = reference.path.get(1) {
            self.result_reference(&name.clone(), place, reader);
        }
    }

    fn result_reference(&mut self, name: &str, place: Span, reader: Reader) {
        if reader.slot != Slot::Judgement {
            let message = format!("`{name}` is the result of an action, and here is none yet");
            let help = "results are read in `expect`, `warn_unless`, `outputs`, `fail_if`, `progress` and `retry.when`; \
                        later steps read `steps.ID.outputs.NAME`";
            self.findings.push(Diagnostic::error("plan::no_result_here", place, message).help(help));
        } else if !reader.results.contains(&name) {
            let there: Vec<&str> = reader.results.iter().copied().filter(|name| *name != "failure").collect();
            let message = format!("this action has no `{name}`");
            let mut found = Diagnostic::error("plan::no_such_result", place, message);
            found.help = Some(if there.is_empty() {
                "without an action there is no result".to_owned()
            } else {
                format!("it has {}", there.join(", "))
            });
            self.findings.push(found);
        }
    }
}
