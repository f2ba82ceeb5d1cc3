//! `runbook/v1`.

use std::time::Duration;

use super::flow::{ON_RUN_FAILURE, PARALLEL};
use super::operation::PROBE;
use super::param::PARAM;
use super::rehearsal::{ACCEPTED, Faults};
use super::shared::{OBJECTIVES, SECRETS, VARS};
use super::step::STEPS;
use super::target::TARGET;
use super::{Record, Table, foreign, row};
use crate::document::kind::{EXPR, ID, KindLine, List, MACHINE_NAME, MapOf, PATH, PLAIN, SPAN_OF_TIME, TEXT};
use crate::model::operation::Probe;
use crate::model::rehearsal::{AcceptDecl, FaultDecl};
use crate::model::runbook::{Objectives, OnFailure, Parallel, Param, Runbook, SecretDecl, Step, VarValue};
use crate::model::source::{Expr, Map, Name, Spanned, Text};
use crate::model::system::TargetRef;

#[derive(Default)]
pub(in crate::document) struct Draft {
    name: Option<Name>,
    title: Option<Text>,
    description: Option<Text>,
    owner: Option<Spanned<String>>,
    objectives: Objectives,
    system: Option<Spanned<String>>,
    target: Option<TargetRef>,
    params: Map<Param>,
    secrets: Map<SecretDecl>,
    vars: Map<VarValue>,
    preflight: Vec<Probe>,
    faults: Map<FaultDecl>,
    invariants: Vec<Expr>,
    accept: Vec<AcceptDecl>,
    steps: Option<Vec<Step>>,
    finally: Vec<Step>,
    outputs: Map<Expr>,
    parallel: Parallel,
    on_failure: OnFailure,
    timeout: Option<Duration>,
}

pub(in crate::document) static TABLE: Table<Draft> = Table {
    name: "runbook",
    what: "a runbook",
    doc: "A runbook: the steps that recover a system.",
    rows: &[&[
        row!(required "kind", KindLine("runbook/v1"), "what this file is: runbook/v1", |_t, _v| {}),
        row!(required "name", MACHINE_NAME, "machine name", |t, v| t.name = Some(v)),
        row!("title", TEXT, "for people; default: the name", |t, v| t.title = Some(v)),
        row!("description", TEXT, "for people", |t, v| t.description = Some(v)),
        row!("owner", PLAIN, "team or role that keeps it right", |t, v| t.owner = Some(v)),
        row!("objectives", OBJECTIVES, "objectives; default: the system's", |t, v| t.objectives = v),
        row!("system", PATH, "system file it is for; `--system` replaces it", |t, v| t.system = Some(v)),
        row!("target", TARGET, "default target of its steps; default: the system's", |t, v| t.target = Some(v)),
        row!("params", MapOf { name: ID, value: PARAM }, "parameters, given with `--set name=value`", |t, v| t
            .params =
            v),
        row!("secrets", SECRETS, "secrets, beside the system's", |t, v| t.secrets = v),
        row!("vars", VARS, "values computed where first used: `vars.NAME`", |t, v| t.vars = v),
        row!("preflight", List { item: PROBE, least: 1 }, "must all pass before anything is done", |t, v| t
            .preflight =
            v),
        row!("faults", Faults, "what a rehearsal breaks; the first unless another is named", |t, v| t.faults = v),
        row!(
            "invariants",
            List { item: EXPR, least: 1 },
            "conditions that hold at every moment of every path of a rehearsal: `world.services.ID.running`, …",
            |t, v| t.invariants = v
        ),
        row!("accept", ACCEPTED, "findings of a rehearsal that are known and stand", |t, v| t.accept = v),
        row!(required "steps", STEPS, "what is done, top to bottom unless `needs` says otherwise", |t, v| t.steps = Some(v)),
        row!("finally", STEPS, "runs at the end, whatever happened", |t, v| t.finally = v),
        row!("outputs", MapOf { name: ID, value: EXPR }, "values of the whole run", |t, v| t.outputs = v),
        row!("parallel", PARALLEL, "steps are independent: all run, then the list is judged", |t, v| t.parallel = v),
        row!(
            "on_failure",
            ON_RUN_FAILURE,
            "stop (default); rollback: what was started is undone, backwards to the last destroy",
            |t, v| t.on_failure = v.value
        ),
        row!("timeout", SPAN_OF_TIME, "longest time for the whole run", |t, v| t.timeout = Some(v)),
    ]],
    foreign: foreign![
        "tasks" | "jobs" | "stages" | "plays" | "play" | "workflow" | "pre_tasks" | "post_tasks" | "roles" => "`steps:`",
        "handlers" => "a step with `needs:`, or `finally:`",
        "hosts" | "runs-on" | "inventory" => "`system:` (a file that says where things run) and `target:`",
        "on" | "triggers" | "trigger" | "schedule" | "cron" => "not a key: a runbook runs when somebody runs it",
        "env" | "environment" => "`env:` of a step, or of an environment in the system file",
        "variables" | "vars_files" => "`vars:`",
        "parameters" | "inputs" | "args" | "vars_prompt" => "`params:`",
        "version" | "apiVersion" | "api_version" | "schema" => "`kind: runbook/v1`",
        "services" | "volumes" | "networks" | "targets" | "environments" | "data" | "channels" => "a key of the system file",
        "include" | "imports" | "import" | "extends" => "`include:` of a step",
        "rto" | "rpo" => "`objectives: { rto: …, rpo: … }`",
        "always" | "cleanup" => "`finally:`",
        "id" => "`name:`",
        "author" | "team" | "maintainer" => "`owner:`",
        "become" | "gather_facts" | "strategy" | "connection" | "defaults" | "permissions" | "concurrency" => "not a key of a runbook",
        "checks" | "prerequisites" | "preconditions" => "`preflight:`",
        "rollback" => "`rollback:` of each step that can be undone, with `on_failure: rollback` here",
        "when" | "if" => "`when:` of a step",
        "operations" | "world" => "a key of the system file",
        "fault" | "failures" | "chaos" | "scenarios" => "`faults: { id: { effects: … } }`",
        "invariant" | "assertions" => "`invariants:`",
        "accepted" | "ignore" | "exceptions" => "`accept:`",
        "cases" | "tests" | "test" => "a key of a test: a file of its own with `kind: test/v1`",
    ],
    one_of: &[],
};

pub(in crate::document) const RUNBOOK: Record<Draft, Runbook> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        // A missing name has its finding; the rest is kept, so that the files it names are read as well.
        let name = draft.name.unwrap_or_else(|| lower.name("", node.head()));
        Some(Runbook {
            file: lower.file,
            name,
            title: draft.title,
            description: draft.description,
            owner: draft.owner.map(|owner| owner.value),
            objectives: draft.objectives,
            system: draft.system,
            target: draft.target,
            params: draft.params,
            secrets: draft.secrets,
            vars: draft.vars,
            preflight: draft.preflight,
            faults: draft.faults,
            invariants: draft.invariants,
            accept: draft.accept,
            steps: draft.steps.unwrap_or_default(),
            finally: draft.finally,
            outputs: draft.outputs,
            parallel: draft.parallel,
            on_failure: draft.on_failure,
            timeout: draft.timeout,
        })
    },
};
