//! `steps.ID.outputs.NAME`: the step exists, stands above the reader, declares the output, and has run when it is read.

use std::collections::BTreeSet;

use crate::model::diagnostic::Diagnostic;
use crate::model::id::StepId;
use crate::model::outcome::SkipReason;
use crate::model::source::Span;
use crate::plan::builder::{Builder, Outputs};
use crate::plan::{FrameIx, NodeIx};
use crate::template::Reference;
use crate::template::nearest::did_you_mean;

use super::reach::Reach;
use super::{Reader, Slot, Watch};

impl Builder<'_> {
    /// Checks a read of another step.
    pub fn step_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        if matches!(reader.slot, Slot::Variable | Slot::Parameter) {
            let message = "variables and parameters are settled before the run; they cannot read steps";
            let help = "read it in the steps themselves: `${{ steps.ID.outputs.NAME }}`";
            self.findings.push(Diagnostic::error("plan::too_early", place, message).help(help));
            return;
        }
        let Some(id) = reference.path.get(1) else {
            let message = "name the step: `steps.ID`";
            let help = "`steps.ID.outputs.NAME` is an output, `steps.ID.outcome` how it ended";
            self.findings.push(Diagnostic::error("plan::unknown_step", place, message).help(help));
            return;
        };
        let Some(step) = self.find_step(reader.frame, id) else {
            let mut found =
                Diagnostic::error("plan::unknown_step", place, format!("there is no step `{id}` in this file"));
            if let Some(group) = self.repeated_around(id, reader) {
                found.message = format!("step `{id}` is inside `{group}`, once for each of its elements");
                found.help = Some(format!("read `steps.{group}.outcome`"));
                self.findings.push(found);
                return;
            }
            let names = self.step_names(reader.frame);
            found.help = did_you_mean(id, names.iter().map(String::as_str))
                .or_else(|| Some("name a step of this file".to_owned()));
            self.findings.push(found);
            return;
        };
        let reach = self.reach(reader, step);
        let watches = reader.watch == Watch::Everything;
        if !watches && !self.is_reachable(reach, id, step, place) {
            return;
        }
        match reference.path.get(2).map(String::as_str) {
            None | Some("outcome") => {}
            Some("outputs") if watches => self.watched_step(step, id, reference, place),
            Some("outputs") => {
                if let Some(output) = reference.path.get(3) {
                    self.output_reference(step, id, output, reference.guarded, place);
                }
                if !reference.guarded {
                    self.may_be_missing(reach, step, id, place, reader);
                }
            }
            Some(other) => {
                let mut found = Diagnostic::error("plan::unknown_name", place, format!("a step has no `{other}`"));
                let meant = match &self.notes[step.0 as usize].outputs {
                    Outputs::Declared(names) if names.contains(other) => {
                        Some(format!("did you mean `steps.{id}.outputs.{other}`?"))
                    }
                    _ => did_you_mean(other, ["outputs", "outcome"]),
                };
                found.help = meant.or_else(|| Some("it has `outputs` and `outcome`".to_owned()));
                self.findings.push(found);
            }
        }
    }

    /// The `for_each` step around a step of the reader's file that is there once an element; only whoever sees every step of the
    /// file would look for it.
    fn repeated_around(&self, id: &str, reader: Reader) -> Option<String> {
        if reader.watch != Watch::Everything {
            return None;
        }
        let mut at = self.steps_called(id, reader.frame).first().cloned()?;
        // Outwards, as far as the element that is a member of the list which the file's own names know.
        while let Some((group, _)) = at.0.rsplit_once('/') {
            at = StepId(group.to_owned());
            let name = at.0.rsplit('/').next().and_then(|last| last.split_once('[')).map(|(name, _)| name);
            if let Some(name) = name.filter(|name| self.find_step(reader.frame, name).is_some()) {
                return Some(name.to_owned());
            }
        }
        None
    }

    pub(super) fn find_step(&self, frame: FrameIx, id: &str) -> Option<NodeIx> {
        let mut next = Some(frame);
        while let Some(frame) = next {
            let draft = &self.frames[frame.0 as usize];
            if let Some(step) = draft.steps.get(id) {
                return Some(*step);
            }
            next = draft.outer;
        }
        None
    }

    fn step_names(&self, frame: FrameIx) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut next = Some(frame);
        while let Some(frame) = next {
            let draft = &self.frames[frame.0 as usize];
            names.extend(draft.steps.keys().cloned());
            next = draft.outer;
        }
        names
    }

    fn is_reachable(&mut self, reach: Reach, id: &str, step: NodeIx, place: Span) -> bool {
        let declared = self.notes[step.0 as usize].name_place;
        let found = match reach {
            Reach::Above(_) | Reach::Ended => return true,
            Reach::Itself => {
                Diagnostic::error("plan::step_not_above", place, format!("step `{id}` cannot read itself"))
                    .help("its own result is read by its own name: `stdout`, `exit`, `json`, …")
            }
            Reach::Below => {
                let message = format!("step `{id}` need not have run when this is read");
                Diagnostic::error("plan::step_not_above", place, message)
                    .help(format!("put it above, or add `{id}` to `needs`"))
            }
            Reach::Inside(group) => {
                let group = &self.nodes[group.0 as usize];
                let message =
                    format!("step `{id}` is inside `{}`; from outside only the group's outputs are seen", group.name);
                Diagnostic::error("plan::step_inside_group", place, message)
                    .help(format!("give `{0}` an output and read `steps.{0}.outputs.NAME`", group.name))
            }
        };
        self.findings.push(found.related(declared, format!("`{id}` is here")));
        false
    }

    fn output_reference(&mut self, step: NodeIx, id: &str, output: &str, guarded: bool, place: Span) {
        let Outputs::Declared(names) = &self.notes[step.0 as usize].outputs else { return };
        if guarded || names.contains(output) {
            return;
        }
        let mut found =
            Diagnostic::error("plan::unknown_output", place, format!("step `{id}` has no output `{output}`"));
        found.help = did_you_mean(output, names.iter().map(String::as_str))
            .or_else(|| Some(format!("declare it: `outputs: {{{output}: …}}`")));
        let declared = self.notes[step.0 as usize].name_place;
        self.findings.push(found.related(declared, format!("`{id}` is here")));
    }

    /// An unguarded read of a step that may not have run.
    fn may_be_missing(&mut self, reach: Reach, step: NodeIx, id: &str, place: Span, reader: Reader) {
        let kept = reader.node.is_none_or(|node| self.nodes[node.0 as usize].pruned.is_none());
        let flag = match &self.nodes[step.0 as usize].pruned {
            Some(SkipReason::Selection { flag }) => Some(flag.clone()),
            Some(SkipReason::Jumped { to }) => Some(format!("--from {to}")),
            _ => None,
        };
        if let Some(flag) = flag.filter(|_| kept) {
            let message = format!("this reads an output of `{id}`, which {flag} leaves out");
            let help = "add `| default(…)`, or leave the reader out as well";
            self.findings.push(Diagnostic::error("plan::reads_left_out", place, message).help(help));
            return;
        }
        let itself = reader.undoes && reader.node == Some(step);
        let why = if itself {
            format!("`{id}` may have failed before it had outputs when it is rolled back")
        } else if reach == Reach::Ended {
            format!("`{id}` may have failed or never run when this is read")
        } else {
            let Some(condition) = self.unshared_condition(step, reader.node) else { return };
            format!("`{id}` is skipped unless `{condition}`, and then it has no outputs")
        };
        let help = if itself {
            "add `| default(…)`, with what is right when there is nothing to undo"
        } else {
            "add `| default(…)`, or put the same `when` on this step or a group around it"
        };
        self.findings.push(
            Diagnostic::error("plan::may_be_skipped", place, why)
                .help(help)
                .related(self.notes[step.0 as usize].name_place, format!("`{id}` is here")),
        );
    }

    /// A condition of `step` that neither the reader nor a group around it has.
    fn unshared_condition(&self, step: NodeIx, reader: Option<NodeIx>) -> Option<String> {
        let conditions = &self.notes[step.0 as usize].conditions;
        if conditions.is_empty() {
            return None;
        }
        let mut shared: BTreeSet<String> = BTreeSet::new();
        let mut next = reader;
        while let Some(node) = next {
            shared.extend(self.notes[node.0 as usize].conditions.iter().map(|it| squeeze(it.source())));
            next = self.nodes[node.0 as usize].parent;
        }
        conditions.iter().map(|it| squeeze(it.source())).find(|it| !shared.contains(it))
    }
}

/// White space does not make two conditions differ.
fn squeeze(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}
