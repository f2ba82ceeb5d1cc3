//! Steps and groups.

use std::time::Duration;

use super::approve::APPROVE;
use super::flow::{CONFIRM, FOR_EACH, ON_FAILURE, PARALLEL, PHASE, RETRY};
use super::gate::GATE;
use super::operation::{self, Draft as OperationDraft, HasOperation, PROBE, Rows};
use super::rollback::ROLLBACK;
use super::{Foreign, Record, Row, Table, foreign, row};
use crate::document::kind::{BOOL, CONDITIONS, ID, List, MapOf, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::document::tree::{Node, Place};
use crate::model::diagnostic::Diagnostic;
use crate::model::operation::{Gate, Probe};
use crate::model::runbook::{Approve, Body, Confirm, ForEach, OnFailure, Parallel, Phase, Retry, Rollback, Step};
use crate::model::source::{Expr, Map, Name, Span, Text};

#[derive(Default)]
pub(in crate::document) struct Draft {
    operation: OperationDraft,
    id: Option<Name>,
    title: Option<Text>,
    phase: Option<Phase>,
    needs: Option<Vec<Name>>,
    after: Vec<Name>,
    when: Vec<Expr>,
    for_each: Option<ForEach>,
    require: Option<Probe>,
    done_when: Option<Probe>,
    idempotent: bool,
    confirm: Option<Confirm>,
    gate: Option<Gate>,
    retry: Option<Retry>,
    on_failure: OnFailure,
    fallback: Vec<Step>,
    rollback: Option<Rollback>,
    approve: Option<Approve>,
    estimate: Option<Duration>,
    steps: Option<Vec<Step>>,
    include: Option<Text>,
    params: Option<(Span, Map<Text>)>,
    parallel: Option<(Span, Parallel)>,
    finally: Vec<Step>,
}

impl HasOperation for Draft {
    fn draft(&mut self) -> &mut OperationDraft {
        &mut self.operation
    }
}

/// Steps of a list that must not be empty.
pub(in crate::document) const STEPS: List<Record<Draft, Step>> = List { item: STEP, least: 1 };

const ROWS: &[Row<Draft>] = &[
    row!(required "id", ID, "unique in this file", |t, v| t.id = Some(v)),
    row!("title", TEXT, "for people; default: the id", |t, v| t.title = Some(v)),
    row!("phase", PHASE, "part of the recovery; earlier phases cannot need later ones", |t, v| t.phase = Some(v.value)),
    row!(
        "needs",
        List { item: ID, least: 0 },
        "steps of this list that must be done; default: every step above; []: none",
        |t, v| {
            t.needs = Some(v);
        }
    ),
    row!("after", List { item: ID, least: 0 }, "steps of this list that must have ended, however", |t, v| t.after = v),
    row!("when", CONDITIONS, "false: skipped, and done for those that need it", |t, v| t.when = v),
    row!("for_each", FOR_EACH, "runs once per element of a list", |t, v| t.for_each = Some(v)),
    row!("require", PROBE, "must hold: read before people are asked and again right before the action", |t, v| t
        .require =
        Some(v)),
    row!("done_when", PROBE, "holds: the action is not needed and not run", |t, v| t.done_when = Some(v)),
    row!("idempotent", BOOL, "may be repeated when it is unknown whether it ran (false)", |t, v| t.idempotent = v),
    row!("approve", APPROVE, "who must agree, bound to the step as it is rendered; asked before `confirm`", |t, v| t
        .approve =
        Some(v)),
    row!("confirm", CONFIRM, "asks a person: `true`, or what must be typed; covers all steps of a group", |t, v| t
        .confirm =
        Some(v)),
];

const BODY: &[Row<Draft>] = &[
    row!("steps", STEPS, "a group: its members", |t, v| t.steps = Some(v)),
    row!("include", TEXT, "another runbook in this place: a path, or `${{ system.runbooks.NAME }}`", |t, v| t
        .include =
        Some(v)),
    row!("params", MapOf { name: ID, value: TEXT }, "parameters of the included runbook", |t, v, at| t.params =
        Some((at, v))),
    row!(
        "parallel",
        PARALLEL,
        "members are independent: all run, then the group is judged; a number: so many at once",
        |t, v, at| {
            t.parallel = Some((at, v));
        }
    ),
    row!("finally", STEPS, "runs at the end of the group, whatever happened", |t, v| t.finally = v),
];

const AFTERWARDS: &[Row<Draft>] = &[
    row!("gate", GATE, "must pass after the action, before anything that depends on it", |t, v| t.gate = Some(v)),
    row!("retry", RETRY, "repeats action, expectation and gate", |t, v| t.retry = Some(v)),
    row!(
        "on_failure",
        ON_FAILURE,
        "stop: its list starts nothing new; continue: what does not need it goes on; warn: counts as warned; rollback: it is undone (a group: its started steps, backwards), then as stop",
        |t, v| {
            t.on_failure = v.value;
        }
    ),
    row!(
        "fallback",
        STEPS,
        "runs if it failed; if that succeeds, the step is warned: recovered by fallback",
        |t, v| t.fallback = v
    ),
    row!("rollback", ROLLBACK, "how it is undone, once it has been started", |t, v| t.rollback = Some(v)),
    row!("estimate", SPAN_OF_TIME, "expected duration, for the budget against the RTO", |t, v| t.estimate = Some(v)),
];

const STEP_FOREIGN: &[Foreign] = foreign![
    "name" => "`id:` (snake_case, for references) and `title:` (for people)",
    "depends_on" | "dependsOn" | "depends" | "requires" | "dependencies" => "`needs: [id]`",
    "tasks" | "block" | "jobs" | "stages" | "do" => "`steps:`",
    "if" | "condition" | "only_if" => "`when:`",
    "unless" | "not_if" | "creates" => "`done_when:` (a probe), or `when: not …`",
    "loop" | "with_items" | "foreach" | "forEach" | "items" | "matrix" | "strategy" => "`for_each: { name: list }`",
    "until" => "`gate:` (asks again until it passes), or `retry:`",
    "retries" => "`retry: { attempts: … }`",
    "ignore_errors" | "continue_on_error" | "continue-on-error" | "allow_failure" => "`on_failure: warn` or `on_failure: continue`",
    "rescue" | "catch" | "on_error" | "except" => "`fallback:`",
    "always" | "ensure" | "post" => "`finally:` (of the group or the runbook)",
    "undo" | "compensate" | "revert" => "`rollback:`",
    "approval" | "approvals" | "approvers" | "reviewers" => "`approve: { by: [role] }`",
    "every" | "within" | "successes" | "fail_if" | "progress" => "a key of `gate:`",
    "wait_for" | "wait_until" | "healthcheck" | "health" | "probe" => "`gate:`",
    "import_tasks" | "include_tasks" | "import_playbook" | "include_role" | "roles" | "role" | "extends" => "`include: path`",
    "vars" => "`vars:` of the runbook; an include takes `params:`",
    "description" | "desc" | "label" => "`title:`",
    "tags" => "not a key of a step: choose steps with `--only` and `--skip`",
    "notify_handlers" | "handlers" => "a step with `needs:`",
    "secrets" => "`secrets:` of the runbook or the system",
    "inputs" | "evidence" => "a key of `manual:`",
    "image" => "`services: { deploy: service, image: … }`",
    "attempts" | "max_delay" | "factor" => "a key of `retry:`",
    "typed" | "show" => "a key of `confirm:`",
    "max_parallel" | "max-parallel" | "concurrency" | "serial" | "forks" => "`parallel: N` of a group",
    "run_once" | "no_log" | "check_mode" | "async" | "poll" => "not a key: see `title`, `effect` and `timeout`",
    "on_success" | "then" | "next" | "goto" => "the order of the list, or `needs:`; there is no jump",
];

pub(in crate::document) static STEP_TABLE: Table<Draft> = Table {
    name: "step",
    what: "a step",
    doc: "A step: one action with its judgement, or a group (`steps:` or `include:`).",
    rows: &[ROWS, Rows::<Draft>::ACTIONS, BODY, Rows::<Draft>::JUDGEMENT, AFTERWARDS],
    foreign: ALL_FOREIGN,
    one_of: &[],
};

/// A step's own first, then those of every operation.
const ALL_FOREIGN: &[Foreign] = &join();

const fn join() -> [Foreign; STEP_FOREIGN.len() + operation::FOREIGN.len()] {
    let mut all = [const { Foreign { key: "", here: "" } }; STEP_FOREIGN.len() + operation::FOREIGN.len()];
    let mut at = 0;
    while at < all.len() {
        let from =
            if at < STEP_FOREIGN.len() { &STEP_FOREIGN[at] } else { &operation::FOREIGN[at - STEP_FOREIGN.len()] };
        all[at] = Foreign { key: from.key, here: from.here };
        at += 1;
    }
    all
}

pub(in crate::document) const STEP: Record<Draft, Step> = Record { table: &STEP_TABLE, finish };

#[expect(clippy::unnecessary_wraps, reason = "a record may refuse its draft")]
fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Step> {
    let mut draft = draft;
    check_body(lower, &draft, node);
    let is_group = node.get("steps").is_some() || node.get("include").is_some();
    if is_group {
        // A group's keys were judged above; an operation would complain about the missing action.
        draft.operation.surroundings.clear();
        draft.operation.actions.clear();
        draft.operation.interpreter = None;
        draft.operation.simulate = None;
    }
    let operation = operation::finish(lower, draft.operation, node);
    let params = draft.params.map(|(_, params)| params).unwrap_or_default();
    let body = match (draft.steps, draft.include) {
        (Some(steps), _) => Body::Steps(steps),
        (None, Some(path)) => Body::Include { path, params },
        (None, None) => Body::Operation,
    };
    // A missing id has its finding; the rest is kept, so that the files it includes are read as well.
    let id = draft.id.unwrap_or_else(|| lower.name("", node.head()));
    Some(Step {
        id,
        title: draft.title,
        phase: draft.phase,
        needs: draft.needs,
        after: draft.after,
        when: draft.when,
        for_each: draft.for_each.map(Box::new),
        require: draft.require.map(Box::new),
        done_when: draft.done_when.map(Box::new),
        idempotent: draft.idempotent,
        confirm: draft.confirm.map(Box::new),
        operation: Box::new(operation),
        body,
        parallel: draft.parallel.map(|(_, parallel)| parallel).unwrap_or_default(),
        finally: draft.finally,
        gate: draft.gate.map(Box::new),
        retry: draft.retry.map(Box::new),
        on_failure: draft.on_failure,
        fallback: draft.fallback,
        rollback: draft.rollback.map(Box::new),
        approve: draft.approve.map(Box::new),
        estimate: draft.estimate,
    })
}

/// Keys that say how one action runs: on a group they would be ignored.
const LEAF_ONLY: [&str; 8] = ["interpreter", "target", "env", "stdin", "working_dir", "timeout", "effect", "simulate"];

fn check_body(lower: &mut Lower<'_>, draft: &Draft, node: &Node<'_>) {
    let place = |key: &str| node.get(key).map(|entry| entry.key_place);
    let (steps, include) = (place("steps"), place("include"));
    let group = steps.map(|at| ("steps", at)).or(include.map(|at| ("include", at)));
    let Some((body, at)) = group else {
        check_leaf(lower, draft, node);
        return;
    };
    let second = draft.operation.actions.first().map(|given| (given.key, given.place));
    let second = second.or_else(|| steps.and(include).map(|at| ("include", at)));
    if let Some((key, other)) = second {
        let message = format!("`{body}` makes this step a group, so it cannot also be `{key}`");
        let finding = Diagnostic::error("document::several_actions", lower.span(other), message)
            .help("make it a member of the group, or a step of its own")
            .related(lower.span(at), "the group");
        lower.findings.push(finding);
    }
    for key in LEAF_ONLY {
        if let Some(at) = place(key) {
            let message = format!("a group does not use `{key}`");
            lower.error("document::key_without_use", at, message, format!("put `{key}` on the members that need it"));
        }
    }
    if let (Some(at), "steps") = (place("params"), body) {
        let help = "`params:` belongs to `include:`; values for steps are `vars:` of the runbook";
        lower.error("document::key_without_use", at, "`steps` takes no `params`", help);
    }
}

fn check_leaf(lower: &mut Lower<'_>, draft: &Draft, node: &Node<'_>) {
    for key in ["parallel", "finally", "params"] {
        let Some(entry) = node.get(key) else { continue };
        if key == "parallel" && draft.for_each.is_some() {
            continue;
        }
        let message = format!("only a group has `{key}`");
        let help = if key == "params" {
            "`params:` belongs to `include:`"
        } else {
            "put the action into `steps:`, or leave it out"
        };
        lower.error("document::key_without_use", entry.key_place, message, help);
    }
    let asks = ["gate", "require", "done_when", "rollback"].iter().any(|key| node.get(key).is_some());
    if let (true, false, Some(entry)) = (draft.operation.actions.is_empty(), asks, node.get("target")) {
        let message = "nothing of this step happens anywhere, so it has no `target`";
        lower.error("document::key_without_use", entry.key_place, message, "leave `target` out, or add an action");
    }
    let judged = ["gate", "expect", "warn_unless", "outputs", "rollback"].iter().any(|key| node.get(key).is_some());
    if draft.operation.actions.is_empty() && !judged {
        let at = node
            .get("id")
            .map_or(node.head(), |entry| Place { start: entry.value.place.start, end: entry.value.place.end });
        let help = "add an action (`exec`, `shell`, `docker`, `gcloud`, `http`, `services`, `manual`, `wait`, `notify`), `steps:`, \
                    `include:`, a `gate:` or `expect:`";
        let unknown = node
            .entries()
            .is_some_and(|entries| entries.iter().any(|entry| !STEP_TABLE.rows().any(|row| row.key == entry.key)));
        if !unknown {
            lower.error("document::no_action", at, "this step does nothing", help);
        }
    }
}
