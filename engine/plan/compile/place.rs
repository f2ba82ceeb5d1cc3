//! Where an operation happens: its own target, else that of the service, the runbook, the system.

use std::rc::Rc;

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::{Action as Authored, Operation};
use crate::model::source::{Name, Span, Text};
use crate::model::system::{Target as AuthoredTarget, TargetRef};
use crate::plan::Target;
use crate::plan::builder::{Builder, Site};
use crate::plan::findings::literal;
use crate::plan::targets::{self, Place};
use crate::template::nearest::did_you_mean;
use crate::template::{Template, value};

/// When a target that is written out has to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When the operation is rendered, in the names of its own step.
    Rendered,
    /// Before the run: others than the one who wrote it use it.
    Planned,
}

impl Builder<'_> {
    /// Where an operation happens; none: on this machine. What cannot happen elsewhere stays here, unless it asks to.
    pub fn place_of(&mut self, op: &Operation, site: &Site) -> Option<Target> {
        let written = op.target.as_ref().map(TargetRef::span);
        let place = match &op.target {
            Some(reference) => self.target(reference, site, When::Rendered)?,
            None => site.target.clone(),
        };
        let target = place?;
        let wrong = |what: &str, help: &str| {
            let found = |span| Diagnostic::error("plan::target_without_use", span, what).help(help);
            written.map(found)
        };
        match (op.action.as_ref().map(|action| &action.value)?, target.as_ref()) {
            (Authored::Docker(_), Target::Container { via, .. }) => {
                let help = "name the machine that the Docker Engine is on, or use `exec:` or `shell:` to run inside";
                let found = wrong("`docker` cannot happen inside a container", help);
                self.findings.push_all(found.into_iter().collect());
                via.as_deref().cloned()
            }
            (Authored::Exec(_) | Authored::Shell { .. } | Authored::Docker(_), target)
            | (Authored::Http(_), target @ Target::Ssh { .. }) => Some(target.clone()),
            (Authored::Http(_), _) => {
                let help = "use `shell: curl …` there, or write `target: local`";
                let found = wrong("`http` happens on this machine, or through an `ssh` target", help);
                self.findings.push_all(found.into_iter().collect());
                None
            }
            (
                Authored::Gcloud(_)
                | Authored::Services(_)
                | Authored::Manual(_)
                | Authored::Wait(_)
                | Authored::Notify(_),
                _,
            ) => None,
        }
    }

    /// A default for others: of a runbook, a service, a step with its probes. Not known: as around it.
    pub fn default_target(&mut self, reference: Option<&TargetRef>, site: &Site, when: When) -> Place {
        match reference {
            Some(reference) => self.target(reference, site, when).unwrap_or_default(),
            None => site.target.clone(),
        }
    }

    /// The system's default.
    pub fn system_target(&mut self, site: &Site) -> Place {
        let reference = self.world.system.and_then(|system| system.target.as_ref())?;
        self.target(reference, site, When::Planned).unwrap_or_default()
    }

    /// What a `target:` means; none: it is not known, and where it should be, a finding says so.
    pub fn target(&mut self, reference: &TargetRef, site: &Site, when: When) -> Option<Place> {
        if site.pruned.is_some() {
            return None;
        }
        match reference {
            TargetRef::Named(text) => {
                let template = self.findings.template(text);
                let name = self.planned(&template, site, "which target this is")?;
                self.named_target(&name, text.0.span)
            }
            TargetRef::Inline { target, .. } => {
                let target = self.written_target(target, site, when);
                Some(target.map(Rc::new))
            }
        }
    }

    fn written_target(&mut self, target: &AuthoredTarget, site: &Site, when: When) -> Option<Target> {
        let text = |this: &mut Self, text: &Text| {
            let template = this.findings.template(text);
            match when {
                When::Planned if template.literal().is_none() => {
                    let known = this.planned(&template, site, "this target").unwrap_or_else(|| "unknown".to_owned());
                    literal(&known, text.0.span)
                }
                When::Rendered | When::Planned => template,
            }
        };
        let made = match target {
            AuthoredTarget::Local => return None,
            AuthoredTarget::Ssh { host, port, identity_file } => Target::Ssh {
                host: text(self, host),
                port: port.as_ref().map(|port| text(self, port)),
                identity_file: identity_file.as_ref().and_then(|file| {
                    let template = self.findings.template(file);
                    let path = self.planned(&template, site, "the path of a key")?;
                    Some(literal(&targets::key_path(&site.base, &path), file.0.span))
                }),
            },
            AuthoredTarget::Gcloud { vm, project, zone } => Target::Gcloud {
                vm: text(self, vm),
                project: project.as_ref().map(|project| text(self, project)),
                zone: zone.as_ref().map(|zone| text(self, zone)),
            },
            AuthoredTarget::Container { name, via } => Target::Container {
                name: text(self, name),
                via: via.as_ref().and_then(|via| self.engine(via)).map(|via| Box::new(via.as_ref().clone())),
            },
        };
        self.findings.push_all(targets::wrong_parts(&made));
        Some(made)
    }

    /// The machine that a container's Docker Engine is on.
    fn engine(&mut self, via: &Name) -> Place {
        let place = self.named_target(&via.value, via.span).flatten()?;
        if matches!(place.as_ref(), Target::Container { .. }) {
            let message = format!("`{}` is a container: no other can be reached through it", via.value);
            let found = Diagnostic::error("plan::target_via", via.span, message);
            self.findings.push(found.help("name the machine that the Docker Engine is on, or leave `via` out"));
            return None;
        }
        Some(place)
    }

    fn named_target(&mut self, name: &str, span: Span) -> Option<Place> {
        if name == "local" {
            return Some(None);
        }
        if let Some(place) = self.world.targets.get(name) {
            return Some(place.clone());
        }
        let environments = self.world.system.iter().flat_map(|system| &system.environments);
        let others: Vec<&str> = environments
            .filter(|(_, environment)| environment.targets.iter().any(|(id, _)| id.value == name))
            .map(|(id, _)| id.value.as_str())
            .collect();
        let known = self.world.targets.keys().map(String::as_str);
        let mut found = Diagnostic::error("plan::unknown_target", span, format!("unknown target `{name}`"));
        found.help = match others.as_slice() {
            // A check does not know which environment it will be.
            [_, ..] if self.inputs.is_none() => return None,
            [_, ..] => Some(format!("environment {} has it: choose one with --environment", others.join(", "))),
            [] if name.contains('@') => Some(format!("write it out: `target: {{ ssh: {name} }}`")),
            [] => did_you_mean(name, known.chain(["local"])),
        };
        self.findings.push(found);
        None
    }

    /// A text that must have its value before the run.
    fn planned(&mut self, template: &Template, site: &Site, what: &str) -> Option<String> {
        if let Some(text) = template.literal() {
            return Some(text.to_owned());
        }
        if self.is_static_text(site, template) {
            return self.static_value(site, template).and_then(|value| value::text(&value));
        }
        let waits = template.expressions().iter().any(|expression| self.waits_for_run(site, expression));
        if self.inputs.is_some() || waits {
            let message = format!("{what} must be known before the run");
            let found = Diagnostic::error("plan::target_not_known", template.span(), message);
            self.findings.push(found.help(
                "read parameters and the system only; a step may write its own target out: `target: { ssh: … }`",
            ));
        }
        None
    }
}
