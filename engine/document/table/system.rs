//! `system/v1`.

use super::change::CHANGES;
use super::data::DATA;
use super::operation::PROBE;
use super::service::{OPERATIONS, SERVICE};
use super::shared::{OBJECTIVES, SECRETS, VARS};
use super::target::{CHANNEL, TARGET, TARGETS};
use super::{Record, Table, foreign, row};
use crate::document::kind::{
    Choice, ENV_NAME, ID, KindLine, List, MACHINE_NAME, MapOf, OneOrMany, PATH, PLAIN, TEXT, TextKind,
};
use crate::model::operation::{Operation, Probe, Verb};
use crate::model::rehearsal::ChangeDecl;
use crate::model::runbook::{Objectives, SecretDecl, VarValue};
use crate::model::source::{Map, Name, Spanned, Text};
use crate::model::system::{Channel, Compose, Data, Environment, EnvironmentClass, Service, System, Target, TargetRef};

#[derive(Default)]
struct EnvironmentDraft {
    class: Option<EnvironmentClass>,
    identity: Option<Probe>,
    env: Map<Text>,
    vars: Map<VarValue>,
    targets: Map<Target>,
    objectives: Objectives,
}

const CLASS: Choice<EnvironmentClass> = Choice(&[
    ("production", Some(EnvironmentClass::Production)),
    ("staging", Some(EnvironmentClass::Staging)),
    ("lab", Some(EnvironmentClass::Lab)),
]);

static ENVIRONMENT_TABLE: Table<EnvironmentDraft> = Table {
    name: "environment",
    what: "an environment",
    doc: "One place where the system runs.",
    rows: &[&[
        row!(required "class", CLASS, "what it is for", |t, v| t.class = Some(v.value)),
        row!("identity", PROBE, "proves that this is it: asked before the run and before every destroy", |t, v| t
            .identity =
            Some(v)),
        row!("env", MapOf { name: ENV_NAME, value: TEXT }, "environment variables of every program", |t, v| t.env = v),
        row!("vars", VARS, "values over the system's", |t, v| t.vars = v),
        row!("targets", TARGETS, "targets over the system's", |t, v| t.targets = v),
        row!("objectives", OBJECTIVES, "objectives over the system's", |t, v| t.objectives = v),
    ]],
    foreign: foreign![
        "type" | "kind" | "tier" | "stage" => "`class: production`, `staging` or `lab`",
        "probe" | "check" | "verify" => "`identity:`",
        "variables" => "`vars:` (values in expressions) or `env:` (of programs)",
        "hosts" | "machines" | "servers" => "`targets:`, or `env:` (e.g. DOCKER_HOST)",
        "name" => "the id in front of it",
    ],
    one_of: &[],
};

const ENVIRONMENT: Record<EnvironmentDraft, Environment> = Record {
    table: &ENVIRONMENT_TABLE,
    finish: |lower, draft, node| {
        Some(Environment {
            span: lower.span(node.head()),
            class: draft.class?,
            identity: draft.identity,
            env: draft.env,
            vars: draft.vars,
            targets: draft.targets,
            objectives: draft.objectives,
        })
    },
};

#[derive(Default)]
struct ComposeDraft {
    dir: Option<Text>,
    project: Option<Text>,
    files: Vec<Text>,
    env_file: Option<Text>,
}

const FILES: OneOrMany<TextKind> = OneOrMany { item: List { item: TEXT, least: 1 } };

static COMPOSE_TABLE: Table<ComposeDraft> = Table {
    name: "compose",
    what: "`compose`",
    doc: "The Compose project; gives `docker: compose …` its flags.",
    rows: &[&[
        row!(required "dir", TEXT, "project directory, relative to this file; on an ssh or gcloud target it is a directory of that machine", |t, v| t.dir = Some(v)),
        row!("project", TEXT, "project name", |t, v| t.project = Some(v)),
        row!("files", FILES, "Compose files, relative to `dir`; default: Compose's own", |t, v| t.files = v),
        row!("env_file", TEXT, "file of variables", |t, v| t.env_file = Some(v)),
    ]],
    foreign: foreign![
        "file" | "compose_file" | "f" => "`files:`",
        "name" | "project_name" => "`project:`",
        "directory" | "project_directory" | "path" | "working_dir" => "`dir:`",
        "env" | "environment" | "envfile" => "`env_file:`",
        "services" => "`services:` of the system",
    ],
    one_of: &[],
};

const COMPOSE: Record<ComposeDraft, Compose> = Record {
    table: &COMPOSE_TABLE,
    finish: |_, draft, _| {
        Some(Compose { dir: draft.dir?, project: draft.project, files: draft.files, env_file: draft.env_file })
    },
};

#[derive(Default)]
pub(in crate::document) struct Draft {
    name: Option<Name>,
    title: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    objectives: Objectives,
    target: Option<TargetRef>,
    vars: Map<VarValue>,
    secrets: Map<SecretDecl>,
    environments: Map<Environment>,
    targets: Map<Target>,
    compose: Option<Compose>,
    roles: Map<Vec<Spanned<String>>>,
    channels: Map<Channel>,
    operations: Vec<(Spanned<Verb>, Operation)>,
    services: Map<Service>,
    data: Map<Data>,
    runbooks: Map<Spanned<String>>,
    world: Vec<ChangeDecl>,
}

pub(in crate::document) static TABLE: Table<Draft> = Table {
    name: "system",
    what: "a system",
    doc: "A system: what is being recovered, and how it does things.",
    rows: &[&[
        row!(required "kind", KindLine("system/v1"), "what this file is: system/v1", |_t, _v| {}),
        row!(required "name", MACHINE_NAME, "machine name", |t, v| t.name = Some(v)),
        row!("title", PLAIN, "for people; default: the name", |t, v| t.title = Some(v)),
        row!("owner", PLAIN, "team or role that keeps it right", |t, v| t.owner = Some(v)),
        row!("objectives", OBJECTIVES, "for every runbook that has none", |t, v| t.objectives = v),
        row!("target", TARGET, "default target of every runbook (local)", |t, v| t.target = Some(v)),
        row!("vars", VARS, "values: `system.vars.NAME`", |t, v| t.vars = v),
        row!("secrets", SECRETS, "secrets of every runbook", |t, v| t.secrets = v),
        row!("environments", MapOf { name: ID, value: ENVIRONMENT }, "where it runs", |t, v| t.environments = v),
        row!("targets", TARGETS, "machines and containers where operations happen", |t, v| t.targets = v),
        row!("compose", COMPOSE, "its Compose project", |t, v| t.compose = Some(v)),
        row!("roles", MapOf { name: ID, value: List { item: PLAIN, least: 1 } }, "roles and their people", |t, v| t
            .roles =
            v),
        row!("channels", MapOf { name: ID, value: CHANNEL }, "where messages go", |t, v| t.channels = v),
        row!("operations", OPERATIONS, "how a verb is done for every service", |t, v| t.operations = v),
        row!("services", MapOf { name: ID, value: SERVICE }, "its services", |t, v| t.services = v),
        row!("data", MapOf { name: ID, value: DATA }, "data that can be lost, and its backups", |t, v| t.data = v),
        row!(
            "runbooks",
            MapOf { name: ID, value: PATH },
            "runbooks that generic ones include: `${{ system.runbooks.NAME }}`",
            |t, v| t.runbooks = v
        ),
        row!("world", CHANGES, "what a rehearsal starts from, beside services and data", |t, v| t.world = v),
    ]],
    foreign: foreign![
        "hosts" | "inventory" | "servers" | "machines" => "`targets:`, or `env:` of an environment (e.g. DOCKER_HOST)",
        "volumes" | "databases" | "disks" => "`data:`",
        "variables" | "env" => "`vars:`, or `env:` of an environment",
        "steps" | "tasks" | "params" | "finally" | "preflight" => "a key of a runbook; a system says how, a runbook says what",
        "backups" => "`backups:` of an entry of `data:`",
        "rto" | "rpo" => "`objectives: { rto: …, rpo: … }`",
        "version" | "apiVersion" => "`kind: system/v1`",
        "networks" => "not a key: the Compose file's business",
        "notifications" | "notify" | "slack" => "`channels: { ops: { slack: … } }`",
        "team" | "author" | "maintainer" => "`owner:`",
        "verbs" | "commands" => "`operations:`",
        "id" => "`name:`",
        "rehearsal" | "simulation" | "simulate" => "`world:`",
        "faults" | "invariants" | "accept" => "a key of a runbook",
    ],
    one_of: &[],
};

pub(in crate::document) const SYSTEM: Record<Draft, System> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let name = draft.name.unwrap_or_else(|| lower.name("", node.head()));
        Some(System {
            file: lower.file,
            name,
            title: draft.title.map(|title| title.value),
            owner: draft.owner.map(|owner| owner.value),
            objectives: draft.objectives,
            target: draft.target,
            vars: draft.vars,
            secrets: draft.secrets,
            environments: draft.environments,
            targets: draft.targets,
            compose: draft.compose,
            roles: draft.roles,
            channels: draft.channels,
            operations: draft.operations,
            services: draft.services,
            data: draft.data,
            runbooks: draft.runbooks,
            world: draft.world,
        })
    },
};
