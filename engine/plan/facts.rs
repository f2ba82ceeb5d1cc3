//! The system as plain data for one environment: what a simulated world is built from. Everything has been rendered and checked
//! before; what only a run knows is left empty.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::facts::{BackupFacts, ComposeFacts, DataFacts, HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};
use crate::model::runbook::VarValue;
use crate::model::source::{Map, Name};
use crate::model::system::{Backup, Data, System};
use crate::model::work;
use crate::template::{Scope, Template, Value, value};

use super::builder::{Builder, Site};
use super::compile::When;
use super::services::health_of;
use super::targets::Place;
use super::world::{self, ServiceFacts as Service};
use super::{Action, Operation, Target};

impl<'a> Builder<'a> {
    /// The system as it was rendered; without one the default.
    pub fn facts(&mut self) -> SystemFacts {
        let Some(system) = self.world.system else { return SystemFacts::default() };
        // Each text has its findings from where it is used.
        let found = std::mem::take(&mut self.findings);
        let site = self.system_site();
        let scope = self.scope(&site);
        let targets = self.world.targets.iter();
        let facts = SystemFacts {
            name: system.name.value.clone(),
            target: place(&site.target, &scope),
            compose: self.world.compose.as_ref().map(|compose| compose_facts(compose, &site.target)),
            targets: targets.map(|(id, target)| (id.clone(), place(target, &scope))).collect(),
            services: (0..self.world.services.len()).map(|at| self.service_facts(at, &site)).collect(),
            data: system.data.iter().map(|(id, data)| data_facts(id, data, &self.world.value)).collect(),
            environment: self.world.environment.map(|(name, _)| name.value.clone()),
            vars: self.text_vars(system),
        };
        self.findings = found;
        facts
    }

    /// Those of the system's variables, and of its environment's, that are one text.
    fn text_vars(&self, system: &'a System) -> BTreeMap<String, String> {
        let vars = part(&self.world.value, "vars");
        let over = self.world.environment.iter().flat_map(|(_, environment)| &environment.vars);
        let names = system.vars.iter().chain(over).map(|(name, _)| &name.value);
        names.filter_map(|name| Some((name.clone(), field(&vars, name)?))).collect()
    }

    fn service_facts(&mut self, at: usize, around: &Site) -> ServiceFacts {
        let facts = self.world.services[at].clone();
        let target = self.default_target(facts.service.target.as_ref(), around, When::Planned);
        let bindings = vec![("service".to_owned(), facts.value.clone())];
        let site = Site { target, bindings: bindings.into(), ..around.clone() };
        let service = facts.service;
        ServiceFacts {
            id: facts.id.value.clone(),
            runtime: match &facts.runtime {
                world::RuntimeFacts::Compose(service, container) => {
                    RuntimeFacts::Compose { service: service.clone(), container: container.clone() }
                }
                world::RuntimeFacts::Container(container) => RuntimeFacts::Container(container.clone()),
                world::RuntimeFacts::Unit(unit) => RuntimeFacts::Unit(unit.clone()),
            },
            target: place(&site.target, &self.scope(&site)),
            needs: service.needs.iter().map(|name| name.value.clone()).collect(),
            optional: service.optional,
            tags: service.tags.iter().map(|name| name.value.clone()).collect(),
            estimate: service.estimate,
            known_good: field(&facts.value, "known_good"),
            health: self.health_facts(&facts, &site),
        }
    }

    /// A service that declares none has the runtime's own.
    fn health_facts(&mut self, facts: &Service<'a>, site: &Site) -> HealthFacts {
        if facts.service.health.is_none() {
            return HealthFacts::Runtime;
        }
        let gate = self.gate(&health_of(facts), site);
        health(&gate.probe.operation, &self.scope(site))
    }
}

fn health(operation: &Operation, scope: &Scope) -> HealthFacts {
    let program = |name: Option<&str>, words: Vec<String>| HealthFacts::Program {
        argv: name.map(str::to_owned).into_iter().chain(words).collect(),
        target: target(operation.target.as_ref(), scope),
    };
    match &operation.action {
        Some(Action::Exec(words)) => program(None, words.preview(scope)),
        Some(Action::Docker(words)) => program(Some("docker"), words.preview(scope)),
        Some(Action::Gcloud(words)) => program(Some("gcloud"), words.preview(scope)),
        Some(Action::Shell { script, interpreter }) => {
            program(None, interpreter.iter().cloned().chain([script.preview(scope)]).collect())
        }
        Some(Action::Http { url, .. }) => HealthFacts::Http {
            url: url.render_secret(scope).map_or_else(|_| url.preview(scope), |url| url.redacted()),
            target: target(operation.target.as_ref(), scope),
        },
        Some(Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. }) | None => HealthFacts::Runtime,
    }
}

fn place(place: &Place, scope: &Scope) -> work::Target {
    target(place.as_deref(), scope)
}

/// A target with its texts; one that only a run knows is empty.
fn target(target: Option<&Target>, scope: &Scope) -> work::Target {
    let text = |template: &Template| template.render(scope).unwrap_or_default();
    let maybe = |template: &Option<Template>| template.as_ref().map(text);
    match target {
        None => work::Target::Local,
        Some(Target::Ssh { host, port, identity_file }) => work::Target::Ssh {
            host: text(host),
            port: maybe(port).and_then(|port| port.parse().ok()),
            identity_file: maybe(identity_file).map(PathBuf::from),
        },
        Some(Target::Gcloud { vm, project, zone }) => {
            work::Target::Gcloud { vm: text(vm), project: maybe(project), zone: maybe(zone) }
        }
        Some(Target::Container { name, via }) => {
            work::Target::Container { name: text(name), via: Box::new(self::target(via.as_deref(), scope)) }
        }
    }
}

/// Compose's flags say where its directory and its files are on the machine that it runs on.
fn compose_facts(compose: &world::ComposeFacts, place: &Place) -> ComposeFacts {
    let elsewhere = match place.as_deref() {
        Some(Target::Container { via, .. }) => via.is_some(),
        target => target.is_some(),
    };
    let mut facts = ComposeFacts { project: compose.project.clone(), ..ComposeFacts::default() };
    for pair in if elsewhere { &compose.flags_elsewhere } else { &compose.flags }.chunks_exact(2) {
        match pair[0].as_str() {
            "--project-directory" => facts.dir.clone_from(&pair[1]),
            "-f" => facts.files.push(pair[1].clone()),
            _ => {}
        }
    }
    facts
}

fn data_facts(id: &Name, data: &Data, system: &Value) -> DataFacts {
    let rendered = part(&part(system, "data"), &id.value);
    let vars = part(&rendered, "vars");
    let texts = data.vars.iter().filter(|(_, var)| matches!(var, VarValue::Text(_)));
    DataFacts {
        id: id.value.clone(),
        service: data.service.value.clone(),
        volume: field(&rendered, "volume"),
        path: field(&rendered, "path"),
        disk: field(&rendered, "disk"),
        owner: field(&rendered, "owner"),
        vars: texts.filter_map(|(name, _)| Some((name.value.clone(), field(&vars, &name.value)?))).collect(),
        backups: backups(&data.backups, &part(&rendered, "backups")),
    }
}

fn backups(backups: &Map<Backup>, rendered: &Value) -> Vec<BackupFacts> {
    let one = |(id, backup): &(Name, Backup)| BackupFacts {
        id: id.value.clone(),
        kind: backup.kind,
        path: field(&part(rendered, &id.value), "path"),
        pattern: backup.pattern.clone(),
        max_age: backup.max_age,
    };
    backups.iter().map(one).collect()
}

fn part(value: &Value, name: &str) -> Value {
    value.get_attr(name).unwrap_or_default()
}

/// A text; none: it has none.
fn field(value: &Value, name: &str) -> Option<String> {
    value::text(&part(value, name))
}
