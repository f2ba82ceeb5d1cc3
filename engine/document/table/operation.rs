//! Operations: one action and its judgement. Their rows are part of steps, probes, gates and the verbs of a system.

use super::action::{self, Given};
use super::simulate::{SIMULATE, Simulated};
use super::target::TARGET;
use super::{Foreign, Record, Row, Table, foreign, row};
use crate::document::kind::{CONDITIONS, Choice, DURATION, ENV_NAME, EXPR, ID, List, MapOf, TEXT};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;
use crate::model::operation::{Action, Operation, Probe};
use crate::model::source::{Span, Text};

/// An operation while its keys are read.
#[derive(Default)]
pub(in crate::document) struct Draft {
    pub operation: Operation,
    /// Every action key, in order.
    pub actions: Vec<Given>,
    pub interpreter: Option<(Span, Vec<Text>)>,
    /// Keys that only some actions take, with their places.
    pub surroundings: Vec<(&'static str, Span)>,
    /// `simulate`, with the place of its key.
    pub simulate: Option<(Span, Simulated)>,
}

/// What has the keys of an operation.
pub(in crate::document) trait HasOperation: 'static {
    fn draft(&mut self) -> &mut Draft;
}

impl HasOperation for Draft {
    fn draft(&mut self) -> &mut Draft {
        self
    }
}

pub(in crate::document) const EFFECT: Choice<Effect> =
    Choice(&[("read", Some(Effect::Read)), ("mutate", Some(Effect::Mutate)), ("destroy", Some(Effect::Destroy))]);

/// The rows of an operation inside `T`.
pub(in crate::document) struct Rows<T>(std::marker::PhantomData<T>);

impl<T: HasOperation> Rows<T> {
    /// What is done.
    pub const ACTIONS: &'static [Row<T>] = action::Rows::<T>::ALL;

    /// What surrounds and judges it.
    pub const JUDGEMENT: &'static [Row<T>] = &[
        row!(
            "interpreter",
            List { item: TEXT, least: 1 },
            "program and first arguments that read the script of `shell`; default: bash -euo pipefail",
            |t, v, at| {
                t.draft().interpreter = Some((at, v));
            }
        ),
        row!(
            "target",
            TARGET,
            "where it happens, also its gate and other probes: `local`, a target of the system, or one written out; for exec, shell, docker, services, and http over ssh",
            |t, v, at| {
                t.draft().surroundings.push(("target", at));
                t.draft().operation.target = Some(v);
            }
        ),
        row!("env", MapOf { name: ENV_NAME, value: TEXT }, "environment variables; a place for secrets", |t, v, at| {
            t.draft().surroundings.push(("env", at));
            t.draft().operation.env = v;
        }),
        row!("stdin", TEXT, "given on standard input, which is empty otherwise; a place for secrets", |t, v, at| {
            t.draft().surroundings.push(("stdin", at));
            t.draft().operation.stdin = Some(v);
        }),
        row!(
            "working_dir",
            TEXT,
            "directory it runs in, relative to this file; on another target to where one logs in",
            |t, v, at| {
                t.draft().surroundings.push(("working_dir", at));
                t.draft().operation.working_dir = Some(v);
            }
        ),
        row!("timeout", DURATION, "longest time for one attempt (10m)", |t, v, at| {
            t.draft().surroundings.push(("timeout", at));
            t.draft().operation.timeout = Some(v);
        }),
        row!(
            "effect",
            EFFECT,
            "what it may do to the world; raises what is known, and declares what cannot be known",
            |t, v, at| {
                t.draft().surroundings.push(("effect", at));
                t.draft().operation.effect = Some(v);
            }
        ),
        row!(
            "expect",
            CONDITIONS,
            "must hold, else it failed; default: exit == 0, a 2xx status, all healthy",
            |t, v| {
                t.draft().operation.expect = v;
            }
        ),
        row!("warn_unless", CONDITIONS, "must hold, else it needs attention", |t, v| {
            t.draft().operation.warn_unless = v;
        }),
        row!("outputs", MapOf { name: ID, value: EXPR }, "values for later steps: `steps.ID.outputs.NAME`", |t, v| {
            t.draft().operation.outputs = v;
        }),
        row!("hint", TEXT, "shown when it fails", |t, v| t.draft().operation.hint = Some(v)),
        row!(
            "simulate",
            SIMULATE,
            "what it does in a rehearsal; default: what the simulated world answers",
            |t, v, at| t.draft().simulate = Some((at, v))
        ),
    ];
}

/// Keys of other tools on an operation.
pub(in crate::document) const FOREIGN: &[Foreign] = foreign![
    "run" | "command" | "cmd" => "`exec:` (one program, no shell) or `shell:` (a script)",
    "script" | "bash" | "sh" => "`shell:`",
    "args" | "arguments" => "part of `exec:`: `exec: [program, argument, …]`",
    "uses" | "module" | "action" | "plugin" => "an action: `exec`, `shell`, `docker`, `gcloud`, `http`, `services`, `manual`, `wait` or `notify`",
    "with" => "part of the action itself, e.g. `http: { url: … }`; an include takes `params:`",
    "url" | "method" | "headers" | "json" | "body" => "a key of `http:`: `http: { url: …, method: POST }`",
    "register" | "output" | "set_output" => "`outputs:`: `outputs: { name: stdout }`",
    "set_fact" => "`outputs:` of a step, or `vars:` of the runbook",
    "failed_when" => "`expect:`, with the opposite condition",
    "changed_when" => "`effect: read` where nothing is changed",
    "environment" => "`env:`",
    "cwd" | "chdir" | "workdir" | "dir" | "directory" => "`working_dir:`",
    "timeout_minutes" | "timeout-minutes" | "timeout_seconds" => "`timeout:` with a unit, e.g. `timeout: 5m`",
    "assert" | "that" | "check" => "`expect:`",
    "message" | "msg" => "`hint:` (shown on failure), or the text of `manual:` or `notify:`",
    "input" => "`stdin:`",
    "delegate_to" | "runs-on" | "runs_on" | "host" | "hosts" => "`target:`",
    "become" | "sudo" | "become_user" => "not a key: run the engine as the right user, or put `sudo -n` into the command",
    "compose" | "docker_compose" | "docker-compose" => "`docker: compose …`",
    "kubectl" | "aws" | "az" | "ssh" => "`exec: kubectl …` (any program)",
    "curl" | "get" | "post" => "`http:`",
    "prompt" | "pause" => "`manual:` (a person does or answers something) or `confirm:`",
    "sleep" | "delay" => "`wait:` before something, better a `gate:` that waits for a condition",
    "service" => "`services:`: `services: { start: app }`",
    "mock" | "stub" | "fake" | "simulation" | "rehearsal" => "`simulate:`",
];

pub(in crate::document) static OPERATION: Table<Draft> = Table {
    name: "operation",
    what: "an operation",
    doc: "One action and its judgement.",
    rows: &[Rows::<Draft>::ACTIONS, Rows::<Draft>::JUDGEMENT],
    foreign: FOREIGN,
    one_of: &[],
};

/// How a system does a verb.
pub(in crate::document) const VERB_OPERATION: Record<Draft, Operation> =
    Record { table: &OPERATION, finish: finish_verb };

fn finish_verb(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Operation> {
    if draft.actions.is_empty() {
        let help = "add `shell:`, `exec:`, `docker:` or another action";
        lower.error("document::no_action", node.head(), "this operation has no action", help);
        return None;
    }
    if let Some(Given { key: key @ "services", place, .. }) = draft.actions.first() {
        let message = format!("`{key}` cannot say how a verb is done: it would call itself");
        lower.error("document::no_action", *place, message, "use `shell:`, `exec:` or `docker:`");
    }
    Some(finish(lower, draft, node))
}

static PROBE_TABLE: Table<Draft> = Table {
    name: "probe",
    what: "a probe",
    doc: "A read-only measurement: an action that changes nothing and what is expected of it, or an expectation alone.",
    rows: &[Rows::<Draft>::ACTIONS, Rows::<Draft>::JUDGEMENT],
    foreign: FOREIGN,
    one_of: &[],
};

pub(in crate::document) const PROBE: Record<Draft, Probe> = Record { table: &PROBE_TABLE, finish: finish_probe };

fn finish_probe(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Probe> {
    if draft.actions.is_empty() && draft.operation.expect.is_empty() && node.get("expect").is_none() {
        lower.error(
            "document::no_action",
            node.head(),
            "this probe asks nothing",
            "add an action, or `expect:` with a condition",
        );
        return None;
    }
    Some(probe(lower, draft, node))
}

/// An operation that only reads.
pub(in crate::document) fn probe(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Probe {
    if let Some(given) = draft.actions.iter().find(|given| changes(given)) {
        let what = match &given.action {
            Some(Action::Services(services)) => format!("services: {}", services.verb.value.as_str()),
            _ => given.key.to_owned(),
        };
        let message = format!("a probe only reads: it cannot be `{what}`");
        let help = "use an action that measures: `exec`, `shell`, `docker`, `gcloud`, `http`, `services: { check: … }`";
        lower.error("document::probe_changes", given.place, message, help);
    }
    if let (true, Some(entry)) = (draft.actions.is_empty(), node.get("target")) {
        let message = "an expectation alone happens nowhere, so it has no `target`";
        lower.error("document::key_without_use", entry.key_place, message, "leave `target` out, or add an action");
    }
    if let Some(at) = draft.simulate.as_ref().and_then(|(_, simulated)| simulated.place("effects")) {
        let message = "a probe only reads: nothing becomes of the simulated world either";
        let finding = Diagnostic::error("document::probe_changes", at, message).help("leave `effects:` out");
        lower.findings.push(finding);
    }
    let operation = finish(lower, draft, node);
    if let Some(effect) = operation.effect.as_ref().filter(|effect| effect.value != Effect::Read) {
        let place = crate::document::tree::Place { start: effect.span.start, end: effect.span.end };
        lower.error(
            "document::probe_changes",
            place,
            "a probe only reads: its effect is `read`",
            "leave `effect:` out",
        );
    }
    Probe { operation }
}

fn changes(given: &Given) -> bool {
    match &given.action {
        Some(Action::Services(services)) => !services.verb.value.is_read(),
        Some(Action::Manual(_) | Action::Wait(_) | Action::Notify(_)) => true,
        _ => false,
    }
}

/// The operation of a draft; every rule about its keys is checked.
pub(in crate::document) fn finish(lower: &mut Lower<'_>, mut draft: Draft, node: &Node<'_>) -> Operation {
    action::check(lower, &draft);
    let interpreter = draft.interpreter.take();
    let mut operation = draft.operation;
    operation.span = lower.span(node.head());
    operation.simulate = draft.simulate.map(|(_, simulated)| Box::new(simulated.simulate));
    let Some(given) = draft.actions.into_iter().next() else { return operation };
    operation.span = lower.span(given.place);
    operation.action = given.action.map(|action| {
        let value = match (action, interpreter) {
            (Action::Shell { script, .. }, Some((_, words))) => Action::Shell { script, interpreter: Some(words) },
            (action, _) => action,
        };
        crate::model::source::Spanned { value, span: lower.span(given.place) }
    });
    operation
}
