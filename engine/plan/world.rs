//! The system as values: what `system`, `environment` and `run` are in expressions. Texts of a system are rendered here, once;
//! they may read `system.vars`, `environment` and `run`, and those of a service also `service`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::document::Documents;
use crate::model::runbook::Objectives;
use crate::model::source::{Map, Name, Text};
use crate::model::system::{BackupKind, Compose, Data, Environment, Priority, Runtime, Service, System};
use crate::template::{Scope, Template, Value, value};

use super::findings::Findings;
use super::targets::{self, Place};
use super::{RunIdentity, environment, seal, variables};
use crate::document::normalise;

/// Compose's flags and names, rendered.
#[derive(Clone, Debug)]
pub struct ComposeFacts {
    /// `--project-directory DIR -f FILE … -p PROJECT --env-file F`.
    pub flags: Vec<String>,
    /// The same on another machine, where the directory is as it was written.
    pub flags_elsewhere: Vec<String>,
    /// True when the flags name a base file, as an override on standard input needs.
    pub names_files: bool,
    /// The project's name.
    pub project: String,
}

/// What runs a service, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuntimeFacts {
    /// Service of the Compose project and its container.
    Compose(String, String),
    /// A container.
    Container(String),
    /// A systemd unit.
    Unit(String),
}

/// One service, rendered.
#[derive(Clone, Debug)]
pub struct ServiceFacts<'a> {
    /// Its id.
    pub id: &'a Name,
    /// As authored.
    pub service: &'a Service,
    /// What runs it.
    pub runtime: RuntimeFacts,
    /// `service` in its health and operations.
    pub value: Value,
}

/// Everything the system and the environment say.
#[derive(Debug)]
pub struct World<'a> {
    /// As authored.
    pub system: Option<&'a System>,
    /// The system file's directory.
    pub dir: PathBuf,
    /// The chosen environment.
    pub environment: Option<(&'a Name, &'a Environment)>,
    /// The environment of every program.
    pub env: Vec<(String, Template)>,
    /// `system`.
    pub value: Value,
    /// `system`, `environment`, `run`.
    pub scope: Scope,
    /// Compose, if the system has it.
    pub compose: Option<ComposeFacts>,
    /// In the system's order.
    pub services: Vec<ServiceFacts<'a>>,
    /// By id, into `services`.
    pub index: BTreeMap<&'a str, usize>,
    /// The system's with those of the environment over them, by id.
    pub targets: BTreeMap<String, Place>,
    /// The system's with those of the environment over them.
    pub objectives: Objectives,
}

impl<'a> World<'a> {
    /// Renders the system for an environment.
    pub fn new(
        documents: &'a Documents,
        environment: Option<(&'a Name, &'a Environment)>,
        run: &RunIdentity,
        findings: &mut Findings,
    ) -> Self {
        let path = |system: &System| documents.sources.file(system.file).path.clone();
        Self::of(documents.system.as_ref().map(|system| (system, path(system))), environment, run, findings)
    }

    /// Renders a system that stands in `file`.
    pub fn of(
        system: Option<(&'a System, PathBuf)>,
        environment: Option<(&'a Name, &'a Environment)>,
        run: &RunIdentity,
        findings: &mut Findings,
    ) -> Self {
        let outer = Scope::default().with("run", run_value(run)).with("environment", environment_value(environment));
        let Some((system, file)) = system else {
            return Self {
                system: None,
                dir: PathBuf::new(),
                environment,
                env: Vec::new(),
                value: Value::UNDEFINED,
                scope: outer,
                compose: None,
                services: Vec::new(),
                index: BTreeMap::new(),
                targets: BTreeMap::new(),
                objectives: Objectives::default(),
            };
        };
        let dir = seal::directory(&file);
        let over = environment.map(|(_, environment)| environment);
        let objectives = Objectives {
            rto: over.and_then(|over| over.objectives.rto).or(system.objectives.rto),
            rpo: over.and_then(|over| over.objectives.rpo).or(system.objectives.rpo),
        };
        let mut fields = vec![
            ("name", text_value(&system.name.value)),
            ("title", text_value(system.title.as_deref().unwrap_or(&system.name.value))),
            ("owner", Value::from(system.owner.clone())),
            ("objectives", objectives_value(objectives)),
            ("runbooks", runbooks_value(system, &dir)),
            ("environments", environments_value(system)),
            ("roles", roles_value(system)),
        ];
        let vars = variables::system(system, over, &outer, &fields, findings);
        fields.push(("vars", vars));
        let scope = outer.with("system", map(fields.clone()));
        let compose = system.compose.as_ref().map(|compose| compose_facts(compose, &dir, &scope, findings));
        let services: Vec<_> = system
            .services
            .iter()
            .map(|(id, service)| service_facts(id, service, compose.as_ref(), &scope, findings))
            .collect();
        let index = services.iter().enumerate().map(|(at, facts)| (facts.id.value.as_str(), at)).collect();
        fields.push(("services", map(services.iter().map(|facts| (facts.id.value.as_str(), facts.value.clone())))));
        let scope = outer.with("system", map(fields.clone()));
        let data = system.data.iter().map(|(id, data)| (id.value.as_str(), data_value(id, data, &scope, findings)));
        fields.push(("data", map(data.collect::<Vec<_>>())));
        let value = map(fields);
        let scope = outer.with("system", value.clone());
        let env = over.map_or_else(Vec::new, |over| {
            over.env.iter().map(|(name, text)| (name.value.clone(), findings.template(text))).collect()
        });
        let targets = targets::of_system(system, over, &dir, &scope, findings);
        Self {
            system: Some(system),
            dir,
            environment,
            env,
            value,
            scope,
            compose,
            services,
            index,
            targets,
            objectives,
        }
    }
}

/// A mapping in the given order.
pub fn map<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    Value::from_pairs(pairs.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value)))
}

fn text_value(text: &str) -> Value {
    Value::from(text)
}

fn run_value(run: &RunIdentity) -> Value {
    map([
        ("id", text_value(&run.id.0)),
        ("stamp", text_value(&run.stamp)),
        ("started", value::timestamp(run.started.fixed_offset())),
        ("operator", text_value(&run.operator)),
    ])
}

fn environment_value(environment: Option<(&Name, &Environment)>) -> Value {
    let none = || Value::from(());
    map([
        ("name", environment.map_or_else(none, |(name, _)| text_value(&name.value))),
        ("class", environment.map_or_else(none, |(_, it)| text_value(environment::word(it.class)))),
    ])
}

fn duration_value(duration: Option<Duration>) -> Value {
    duration.map_or_else(|| Value::from(()), value::duration)
}

/// `{rto, rpo}`.
pub fn objectives_value(objectives: Objectives) -> Value {
    map([("rto", duration_value(objectives.rto)), ("rpo", duration_value(objectives.rpo))])
}

fn runbooks_value(system: &System, dir: &Path) -> Value {
    let path = |written: &str| text_value(&normalise(&dir.join(written)).to_string_lossy());
    map(system.runbooks.iter().map(|(id, written)| (id.value.as_str(), path(&written.value))))
}

fn environments_value(system: &System) -> Value {
    let one = |(id, it): &'_ (Name, Environment)| {
        (id.value.clone(), map([("class", text_value(environment::word(it.class)))]))
    };
    map(system.environments.iter().map(one))
}

fn roles_value(system: &System) -> Value {
    let people = |people: &[crate::model::source::Spanned<String>]| {
        Value::from(people.iter().map(|person| text_value(&person.value)).collect::<Vec<_>>())
    };
    map(system.roles.iter().map(|(id, list)| (id.value.as_str(), people(list))))
}

fn render(text: &Text, scope: &Scope, findings: &mut Findings) -> String {
    let template = findings.template(text);
    template.render(scope).unwrap_or_else(|error| {
        findings.evaluation(&error);
        String::new()
    })
}

fn optional(text: Option<&Text>, scope: &Scope, findings: &mut Findings) -> Value {
    text.map_or_else(|| Value::from(()), |text| Value::from(render(text, scope, findings)))
}

fn compose_facts(compose: &Compose, dir: &Path, scope: &Scope, findings: &mut Findings) -> ComposeFacts {
    let written = render(&compose.dir, scope, findings);
    let project = compose.project.as_ref().map(|project| render(project, scope, findings));
    let mut flags = |project_dir: &Path| {
        let mut within =
            |text: &Text| normalise(&project_dir.join(render(text, scope, findings))).to_string_lossy().into_owned();
        let mut flags = vec!["--project-directory".to_owned(), project_dir.to_string_lossy().into_owned()];
        for file in &compose.files {
            flags.extend(["-f".to_owned(), within(file)]);
        }
        if let Some(project) = &project {
            flags.extend(["-p".to_owned(), project.clone()]);
        }
        if let Some(file) = &compose.env_file {
            flags.extend(["--env-file".to_owned(), within(file)]);
        }
        flags
    };
    let (here, elsewhere) = (normalise(&dir.join(&written)), normalise(Path::new(&written)));
    let name_of = |dir: &Path| dir.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    ComposeFacts {
        flags: flags(&here),
        flags_elsewhere: flags(&elsewhere),
        names_files: !compose.files.is_empty(),
        project: project.clone().unwrap_or_else(|| name_of(&here)),
    }
}

fn service_facts<'a>(
    id: &'a Name,
    service: &'a Service,
    compose: Option<&ComposeFacts>,
    scope: &Scope,
    findings: &mut Findings,
) -> ServiceFacts<'a> {
    let runtime = match &service.runtime {
        Runtime::Compose { service: name, container } => {
            let name = render(name, scope, findings);
            let project = compose.map_or("", |compose| compose.project.as_str());
            let container = match container {
                Some(container) => render(container, scope, findings),
                None => format!("{project}-{name}-1"),
            };
            RuntimeFacts::Compose(name, container)
        }
        Runtime::Container(name) => RuntimeFacts::Container(render(name, scope, findings)),
        Runtime::Unit(name) => RuntimeFacts::Unit(render(name, scope, findings)),
    };
    let none = || Value::from(());
    let (compose, container, unit) = match &runtime {
        RuntimeFacts::Compose(name, container) => (text_value(name), text_value(container), none()),
        RuntimeFacts::Container(container) => (none(), text_value(container), none()),
        RuntimeFacts::Unit(unit) => (none(), none(), text_value(unit)),
    };
    let names = |names: &[Name]| Value::from(names.iter().map(|name| text_value(&name.value)).collect::<Vec<_>>());
    let mut fields = vec![
        ("id", text_value(&id.value)),
        ("compose", compose),
        ("container", container),
        ("unit", unit),
        ("needs", names(&service.needs)),
        ("after", names(&service.after)),
        ("tags", names(&service.tags)),
        ("optional", Value::from(service.optional)),
        ("priority", service.priority.map_or_else(none, |it| text_value(priority(it)))),
        ("estimate", duration_value(service.estimate)),
        ("objectives", objectives_value(service.objectives)),
    ];
    let own = scope.with("service", map(fields.clone()));
    fields.push(("vars", variables::plain(&service.vars, &own, findings)));
    let own = scope.with("service", map(fields.clone()));
    let title = service.title.as_ref().map_or_else(|| id.value.clone(), |title| render(title, &own, findings));
    fields.push(("title", Value::from(title)));
    fields.push(("known_good", optional(service.known_good.as_ref(), &own, findings)));
    ServiceFacts { id, service, runtime, value: map(fields) }
}

const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Critical => "critical",
        Priority::High => "high",
        Priority::Medium => "medium",
        Priority::Low => "low",
    }
}

fn data_value(id: &Name, data: &Data, scope: &Scope, findings: &mut Findings) -> Value {
    let mut field = |text: &Option<Text>| optional(text.as_ref(), scope, findings);
    let (volume, path, disk, owner) = (field(&data.volume), field(&data.path), field(&data.disk), field(&data.owner));
    let mut backups: Map<Value> = Vec::new();
    for (id, backup) in &data.backups {
        let path = optional(backup.path.as_ref(), scope, findings);
        let target = optional(backup.target.as_ref(), scope, findings);
        let fields = [
            ("id", text_value(&id.value)),
            ("kind", text_value(backup_kind(backup.kind))),
            ("path", path),
            ("pattern", Value::from(backup.pattern.clone())),
            ("target", target),
            ("max_age", duration_value(backup.max_age)),
        ];
        backups.push((id.clone(), map(fields)));
    }
    map([
        ("id", text_value(&id.value)),
        ("service", text_value(&data.service.value)),
        ("volume", volume),
        ("path", path),
        ("disk", disk),
        ("owner", owner),
        ("vars", variables::plain(&data.vars, scope, findings)),
        ("backups", map(backups.iter().map(|(id, value)| (id.value.as_str(), value.clone())))),
    ])
}

const fn backup_kind(kind: BackupKind) -> &'static str {
    match kind {
        BackupKind::Dump => "dump",
        BackupKind::BaseBackup => "base_backup",
        BackupKind::Wal => "wal",
        BackupKind::Archive => "archive",
        BackupKind::Copy => "copy",
        BackupKind::DiskSnapshot => "disk_snapshot",
    }
}
