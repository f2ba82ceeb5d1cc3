//! `simulate:`: what an operation does in a rehearsal, and which of its keys belong to which action.

use std::time::Duration;

use super::change::CHANGES;
use super::{Record, Table, foreign, row};
use crate::document::kind::{EXPR, ID, MapOf, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::model::diagnostic::Diagnostic;
use crate::model::operation::Action;
use crate::model::rehearsal::{ChangeDecl, SimulateDecl};
use crate::model::source::{Expr, Map, Span, Text};
use crate::template::nearest::did_you_mean;

use super::action::Given;

#[derive(Default)]
pub(in crate::document) struct Draft {
    stdout: Option<Text>,
    stderr: Option<Text>,
    exit: Option<Expr>,
    status: Option<Expr>,
    takes: Option<Duration>,
    effects: Vec<ChangeDecl>,
    inputs: Map<Text>,
    keys: Vec<(&'static str, Span)>,
}

/// `simulate:` as it was found.
pub(in crate::document) struct Simulated {
    /// What the model holds.
    pub simulate: SimulateDecl,
    /// The place of each of its keys.
    keys: Vec<(&'static str, Span)>,
}

impl Simulated {
    /// The place of one of its keys.
    pub fn place(&self, key: &str) -> Option<Span> {
        self.keys.iter().find(|(own, _)| *own == key).map(|(_, at)| *at)
    }
}

macro_rules! key {
    ($key:literal, $kind:expr, $doc:literal, |$target:ident, $value:ident| $set:expr) => {
        row!($key, $kind, $doc, |$target, $value, at| {
            $target.keys.push(($key, at));
            $set;
        })
    };
}

static TABLE: Table<Draft> = Table {
    name: "simulate",
    what: "`simulate`",
    doc: "What an operation does in a rehearsal, instead of being answered by the simulated world.",
    rows: &[&[
        key!("stdout", TEXT, "what it prints; of `http`: the body", |t, v| t.stdout = Some(v)),
        key!("stderr", TEXT, "what it says", |t, v| t.stderr = Some(v)),
        key!("exit", EXPR, "its exit code, an expression (0)", |t, v| t.exit = Some(v)),
        key!("status", EXPR, "of `http`: its status, an expression (200)", |t, v| t.status = Some(v)),
        key!("takes", SPAN_OF_TIME, "how long it takes", |t, v| t.takes = Some(v)),
        key!("effects", CHANGES, "what becomes of the simulated world", |t, v| t.effects = v),
        key!("inputs", MapOf { name: ID, value: TEXT }, "of `manual`: what the person answers", |t, v| t.inputs = v),
    ]],
    foreign: foreign![
        "output" | "prints" | "json" | "body" => "`stdout:`",
        "exit_code" | "code" | "rc" => "`exit:`",
        "duration" | "time" | "delay" | "elapsed" => "`takes:`",
        "changes" | "world" | "then" => "`effects:`",
        "answers" | "answer" => "`inputs:`",
    ],
    one_of: &[],
};

pub(super) const SIMULATE: Record<Draft, Simulated> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let Draft { stdout, stderr, exit, status, takes, effects, inputs, keys } = draft;
        let span = lower.span(node.head());
        let simulate = SimulateDecl { span, stdout, stderr, exit, status, takes, effects, inputs };
        Some(Simulated { simulate, keys })
    },
};

/// Which actions a key is for.
fn takes(key: &str, action: &str) -> bool {
    let program = matches!(action, "exec" | "docker" | "gcloud" | "shell");
    match key {
        "stderr" | "exit" => program,
        "stdout" => program || action == "http",
        "status" => action == "http",
        "inputs" => action == "manual",
        "takes" => action != "wait",
        _ => true,
    }
}

/// What is simulated is the action beside it, and nothing else.
pub(super) fn check(lower: &mut Lower<'_>, action: Option<&Given>, at: Span, simulated: &Simulated) {
    let Some(action) = action else {
        let message = "nothing is done here that could be simulated";
        let help = "put `simulate` beside the action: of a gate into `gate:`, of a probe into the probe";
        lower.findings.push(Diagnostic::error("document::key_without_use", at, message).help(help));
        return;
    };
    if action.key == "services" {
        let message = "`services` is simulated as it stands: each service does the verb by itself";
        let help = "put `simulate` on the verb, under `operations:` of the system or of a service";
        lower.findings.push(Diagnostic::error("document::key_without_use", at, message).help(help));
        return;
    }
    for (key, at) in &simulated.keys {
        if !takes(key, action.key) {
            let message = format!("`{}:` has no `{key}` to be simulated", action.key);
            let all = simulated_keys().filter(|key| takes(key, action.key)).collect::<Vec<_>>().join("`, `");
            let finding = Diagnostic::error("document::key_without_use", *at, message);
            lower.findings.push(finding.help(format!("it takes `{all}`")));
        }
    }
    if let Some(Action::Manual(manual)) = &action.action {
        for (name, _) in &simulated.simulate.inputs {
            if manual.inputs.iter().any(|(asked, _)| asked.value == name.value) {
                continue;
            }
            let message = format!("`manual:` asks for no `{}`", name.value);
            let mut finding = Diagnostic::error("document::unknown_id", name.span, message);
            finding.help = did_you_mean(&name.value, manual.inputs.iter().map(|(asked, _)| asked.value.as_str()))
                .or_else(|| Some("declare it under `inputs:` of `manual:`".to_owned()));
            lower.findings.push(finding);
        }
    }
}

fn simulated_keys() -> impl Iterator<Item = &'static str> {
    TABLE.rows().map(|row| row.key)
}
