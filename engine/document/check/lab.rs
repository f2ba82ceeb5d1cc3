//! Labs: networks, machines and faults that exist, names that lead to one machine, templates that can be read.

use std::collections::{HashMap, HashSet};

use crate::model::diagnostic::Diagnostic;
use crate::model::lab::{Deed, Lab};
use crate::model::operation::Argv;
use crate::model::source::{Name, Span, Text};
use crate::template::nearest::did_you_mean;
use crate::template::{Reference, Template, Words};

/// What templates of a lab may read.
const ROOTS: [&str; 2] = ["drill", "lab"];

/// Checks a lab by itself.
pub(in crate::document) fn check(lab: &Lab) -> Vec<Diagnostic> {
    let mut checking = Checking { lab, findings: Vec::new() };
    checking.places();
    checking.faults();
    checking.drills();
    checking.findings
}

struct Checking<'l> {
    lab: &'l Lab,
    findings: Vec<Diagnostic>,
}

impl Checking<'_> {
    fn known<'n>(&mut self, what: &str, name: &Name, known: impl Iterator<Item = &'n str> + Clone) {
        if known.clone().any(|one| one == name.value) {
            return;
        }
        let message = format!("this lab has no {what} `{}`", name.value);
        let mut found = Diagnostic::error("document::unknown_name", name.span, message);
        found.help = did_you_mean(&name.value, known.clone()).or_else(|| {
            let known: Vec<&str> = known.collect();
            Some(if known.is_empty() {
                format!("it has no {what} at all")
            } else {
                format!("it has {}", known.join(", "))
            })
        });
        self.findings.push(found);
    }

    fn places(&mut self) {
        let lab = self.lab;
        let networks = || lab.networks.iter().map(|network| network.value.as_str());
        let mut leads: HashMap<&str, Span> = HashMap::new();
        let mut names = Vec::new();
        for (_, machine) in &lab.machines {
            for network in &machine.networks {
                self.known("network", network, networks());
            }
            names.extend(std::iter::once(&machine.host_name).chain(&machine.names));
            self.argv(machine.setup.as_ref());
        }
        names.extend(lab.hosts.iter().map(|(name, _)| name));
        for name in names {
            if let Some(first) = leads.insert(&name.value, name.span) {
                let message = format!("`{}` would lead to two machines", name.value);
                let found = Diagnostic::error("document::duplicate_id", name.span, message).label("again here");
                self.findings.push(found.help("keep one of them").related(first, "first here"));
            }
        }
        for (_, machine) in &lab.hosts {
            self.known("machine", machine, lab.machine_names().map(|name| name.value.as_str()));
        }
        let mut seen = HashSet::new();
        for name in lab.machine_names() {
            if !seen.insert(name.value.as_str()) {
                let message = format!("two machines are called `{}`", name.value);
                self.findings
                    .push(Diagnostic::error("document::duplicate_id", name.span, message).help("choose another name"));
            }
        }
        if let Some(cloud) = &lab.cloud {
            if let (None, Some((name, _))) = (&cloud.image, cloud.machines.first()) {
                let found = Diagnostic::error("document::missing_key", name.span, "virtual machines need an image");
                self.findings.push(found.help("add `image:` to the cloud"));
            }
            self.known("network", &cloud.network, networks());
            self.argv(cloud.setup.as_ref());
            for (_, vm) in &cloud.machines {
                self.argv(vm.setup.as_ref());
                for disk in &vm.snapshots {
                    self.known("disk", disk, vm.disks.iter().map(|(name, _)| name.value.as_str()));
                }
            }
        }
    }

    fn faults(&mut self) {
        let lab = self.lab;
        for (_, fault) in &lab.faults {
            self.text(fault.title.as_ref());
            self.deed(&fault.inject);
            self.argv(fault.undo.as_ref());
            self.argv(fault.noticed.as_ref());
            if fault.noticed.is_none() && lab.canary.is_none() {
                let message = "nothing notices this fault: the lab has no canary";
                let found = Diagnostic::error("document::missing_key", fault.span, message);
                self.findings.push(found.help("add `noticed:`, or a `canary:` to the lab"));
            }
        }
        for (_, argv) in lab.canary.iter().flat_map(|canary| &canary.survived) {
            self.argv(Some(argv));
        }
    }

    fn drills(&mut self) {
        let lab = self.lab;
        for (_, drill) in &lab.drills {
            self.known("fault", &drill.fault, lab.faults.iter().map(|(name, _)| name.value.as_str()));
            for text in drill.set.iter().flat_map(|(_, texts)| texts).chain(&drill.until) {
                self.text(Some(text));
            }
            for (_, person) in &drill.people {
                self.deed(&person.does);
                for (_, text) in &person.inputs {
                    self.text(Some(text));
                }
            }
            self.argv(drill.verify.as_ref());
            for (_, argv) in &drill.survived {
                self.argv(Some(argv));
            }
        }
    }

    fn deed(&mut self, deed: &Deed) {
        let lab = self.lab;
        for name in deed.in_machine.iter().chain(deed.machines.iter().map(|(name, _)| name)) {
            self.known("machine", name, lab.machine_names().map(|name| name.value.as_str()));
        }
        self.argv(deed.exec.as_ref());
        if let Some(text) = &deed.cloud {
            self.text(Some(text));
            if self.lab.cloud.is_none() {
                let found = Diagnostic::error("document::key_without_use", text.0.span, "this lab has no cloud");
                self.findings.push(found.help("add `cloud:` to the lab"));
            }
        }
    }

    fn argv(&mut self, argv: Option<&Argv>) {
        let Some(argv) = argv else { return };
        match Words::parse(argv) {
            Ok(words) => self.references(words.references()),
            Err(found) => self.findings.extend(found),
        }
    }

    fn text(&mut self, text: Option<&Text>) {
        let Some(text) = text else { return };
        match Template::parse(text) {
            Ok(template) => self.references(template.references()),
            Err(found) => self.findings.extend(found),
        }
    }

    fn references(&mut self, references: Vec<(Reference, Span)>) {
        for (reference, span) in references {
            let root = reference.path.first().map(String::as_str).unwrap_or_default();
            if ROOTS.contains(&root) {
                continue;
            }
            let message = format!("`{root}` is not known in a lab");
            let mut found = Diagnostic::error("document::unknown_name", span, message);
            found.help = did_you_mean(root, ROOTS).or_else(|| {
                Some(
                    "a lab's texts read `drill.fault_at`, `drill.before_fault`, `lab.name`, `lab.machines.ID.address`"
                        .to_owned(),
                )
            });
            self.findings.push(found);
        }
    }
}
