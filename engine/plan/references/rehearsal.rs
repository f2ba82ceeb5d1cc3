//! What is read and named only in a rehearsal: the name `world`, changes, simulated answers, invariants.

use crate::model::diagnostic::Diagnostic;
use crate::model::rehearsal::ChangeOf;
use crate::model::source::Span;
use crate::plan::builder::{Builder, Outputs};
use crate::plan::{NodeIx, PlannedChange, Simulate};
use crate::template::nearest::did_you_mean;
use crate::template::{Expression, Reference, Template};

use super::{Reader, Slot, Watch};

/// What `world` has.
const WORLD: &[&str] = &["services", "data", "destroyed", "proved"];
/// What each of its services has, and of which kind it is.
const SERVICE: &[(&str, &str)] =
    &[("state", "text"), ("healthy", "boolean"), ("running", "boolean"), ("paused", "boolean"), ("image", "text")];
/// What each of its data has.
const DATA: &[(&str, &str)] = &[("state", "text"), ("copies", "number"), ("loss", "duration")];

/// The kind of a part of `world`.
pub(super) fn kind(path: &[&str]) -> Option<&'static str> {
    let of = |fields: &[(&str, &'static str)], name: &str| {
        fields.iter().find(|(field, _)| *field == name).map(|(_, kind)| *kind)
    };
    match path {
        ["world", "services", _, field] => of(SERVICE, field),
        ["world", "data", _, field] => of(DATA, field),
        ["world", "destroyed" | "proved"] => Some("list"),
        _ => None,
    }
}

impl Builder<'_> {
    /// Checks faults and invariants.
    pub fn rehearsal_references(&mut self) {
        let rehearsal = self.rehearsal.clone();
        for fault in &rehearsal.faults {
            let reader = Reader::of_document(fault.frame);
            self.text(&fault.title, reader);
            self.change_references(&fault.effects, reader);
        }
        for invariant in &rehearsal.invariants {
            self.watched_condition(&invariant.expression, Reader::of_document(invariant.frame));
        }
    }

    /// Checks a condition that is asked at any moment of a rehearsal.
    pub fn watched_condition(&mut self, condition: &Expression, reader: Reader) {
        self.condition(condition, Reader { watch: Watch::Everything, ..reader });
    }

    /// Checks changes: what they read, and that what they name is there.
    pub fn change_references(&mut self, changes: &[PlannedChange], reader: Reader) {
        let pruned = reader.node.is_some_and(|node| self.nodes[node.0 as usize].pruned.is_some());
        for PlannedChange { change, .. } in changes {
            let mut texts: Vec<Template> = Vec::new();
            change.map(&mut |text| texts.push(text.clone()));
            for text in &texts {
                self.text(text, reader);
            }
            if !pruned {
                self.change_names(change);
            }
        }
    }

    /// Checks what a simulated operation reads and does; `reader` is the operation's own.
    pub fn simulate_references(&mut self, simulate: &Simulate, reader: Reader) {
        let reader = Reader { slot: Slot::Plain, results: &[], before: false, watch: Watch::World, ..reader };
        let inputs = simulate.inputs.iter().map(|(_, text)| text);
        for text in simulate.stdout.iter().chain(&simulate.stderr).chain(inputs) {
            self.text(text, reader);
        }
        for (expression, what) in [(&simulate.exit, "an exit code"), (&simulate.status, "a status")] {
            let Some(expression) = expression else { continue };
            self.expression_references(expression, reader);
            let kind = expression.kind(&|path| self.kind(path, reader));
            if let Some(kind) = kind.filter(|kind| *kind != "number") {
                let message = format!("`{}` is a {kind}, and {what} is a number", expression.source().trim());
                let found = Diagnostic::error("plan::kind", expression.span(), message);
                self.findings.push(found.help("write a number, or an expression that gives one: `1 if … else 0`"));
            }
        }
        self.change_references(&simulate.effects, reader);
    }

    /// Services, data and backups that are named as they stand. A template is looked at when it is rendered.
    fn change_names(&mut self, change: &ChangeOf<Template>) {
        match change {
            ChangeOf::Service { name, .. } => self.service_named(name),
            ChangeOf::Http { service: Some(service), .. } => self.service_named(service),
            ChangeOf::Data { name, from, .. } => {
                self.data_named(name);
                if let Some(from) = from {
                    self.backup_named(name, from);
                }
            }
            ChangeOf::Backup { data, name, .. } => {
                self.data_named(data);
                self.backup_named(data, name);
            }
            ChangeOf::Disk { data: Some(data), .. } => self.data_named(data),
            _ => {}
        }
    }

    fn service_named(&mut self, name: &Template) {
        if let Some(id) = name.literal() {
            self.service_there(id, name.span());
        }
    }

    fn data_named(&mut self, name: &Template) {
        if let Some(id) = name.literal() {
            self.data_there(id, name.span());
        }
    }

    /// Checks a service's id.
    pub fn service_there(&mut self, id: &str, place: Span) {
        let known: Vec<&str> = self.world.index.keys().copied().collect();
        self.there("service", id, place, &known);
    }

    /// Checks the id of some data.
    pub fn data_there(&mut self, id: &str, place: Span) {
        let data = self.world.system.iter().flat_map(|system| &system.data);
        let known: Vec<&str> = data.map(|(name, _)| name.value.as_str()).collect();
        self.there("data", id, place, &known);
    }

    fn backup_named(&mut self, data: &Template, name: &Template) {
        let (Some(data), Some(id)) = (data.literal(), name.literal()) else { return };
        let mut all = self.world.system.iter().flat_map(|system| &system.data);
        // Data that is not there has its finding.
        let Some((_, found)) = all.find(|(name, _)| name.value == data) else { return };
        let known: Vec<&str> = found.backups.iter().map(|(name, _)| name.value.as_str()).collect();
        self.there("backup", id, name.span(), &known);
    }

    fn there(&mut self, what: &'static str, id: &str, place: Span, known: &[&str]) {
        if known.contains(&id) {
            return;
        }
        if self.world.system.is_none() {
            self.no_system(place);
            return;
        }
        let (code, message) = match what {
            "data" => ("plan::unknown_data", format!("the system has no data `{id}`")),
            "backup" => ("plan::unknown_backup", format!("this data has no backup `{id}`")),
            _ => ("plan::unknown_service", format!("there is no service `{id}`")),
        };
        let mut found = Diagnostic::error(code, place, message);
        found.help =
            did_you_mean(id, known.iter().copied()).or_else(|| Some("declare it in the system file".to_owned()));
        self.findings.push(found);
    }

    /// Walks `world`.
    pub(super) fn world_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        if reader.watch == Watch::Nothing {
            let message = "`world` is the simulated world of a rehearsal, and no run has it";
            let help =
                "read it in `invariants`, in `simulate`, and in `holds` of a test; a run reads `steps.ID.outputs.NAME`";
            self.findings.push(Diagnostic::error("plan::unknown_name", place, message).help(help));
            return;
        }
        let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
        let (part, fields) = match path.get(1) {
            None | Some(&("destroyed" | "proved")) => return,
            Some(&"services") => ("services", SERVICE),
            Some(&"data") => ("data", DATA),
            Some(other) => return self.no_part("world", other, place, WORLD.iter().copied()),
        };
        if let Some(id) = path.get(2)
            && !reference.guarded
            && !self.guarded_above(&reference.path, reader.node)
        {
            if part == "services" { self.service_there(id, place) } else { self.data_there(id, place) }
        }
        if let Some(field) = path.get(3)
            && !fields.iter().any(|(known, _)| known == field)
        {
            let walked = path[..3].join(".");
            self.no_part(&walked, field, place, fields.iter().map(|(known, _)| *known));
        }
    }

    fn no_part<'n>(&mut self, of: &str, name: &str, place: Span, known: impl Iterator<Item = &'n str>) {
        let mut found = Diagnostic::error("plan::unknown_name", place, format!("`{of}` has no `{name}`"));
        found.help = did_you_mean(name, known);
        self.findings.push(found);
    }

    /// Checks a step that is read at a moment when it may not have run.
    pub(super) fn watched_step(&mut self, step: NodeIx, id: &str, reference: &Reference, place: Span) {
        let declared = self.notes[step.0 as usize].name_place;
        if reference.guarded {
            return;
        }
        let output = reference.path.get(3);
        if let (Some(output), Outputs::Declared(names)) = (output, &self.notes[step.0 as usize].outputs)
            && !names.contains(output)
        {
            let message = format!("step `{id}` has no output `{output}`");
            let mut found = Diagnostic::error("plan::unknown_output", place, message);
            found.help = did_you_mean(output, names.iter().map(String::as_str))
                .or_else(|| Some(format!("declare it: `outputs: {{{output}: …}}`")));
            self.findings.push(found.related(declared, format!("`{id}` is here")));
            return;
        }
        let message = format!("`{id}` may not have run when this is asked, and then it has no outputs");
        let found = Diagnostic::error("plan::may_be_skipped", place, message);
        let help = "add `| default(…)`, with what is right as long as it has not run";
        self.findings.push(found.help(help).related(declared, format!("`{id}` is here")));
    }
}
