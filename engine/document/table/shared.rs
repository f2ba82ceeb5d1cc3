//! What runbooks and systems both have: variables, secrets, objectives.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::param::DEFAULT;
use super::{Record, Table, foreign, row};
use crate::document::kind::{ENV_NAME, ID, Kind, List, MapOf, PATH, PLAIN, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::runbook::{Objectives, ParamDefault, SecretDecl, SecretSource, VarValue};

/// A variable: a text, or a list of texts.
pub(super) struct Var;
pub(super) const VARS: MapOf<crate::document::kind::Named, Var> = MapOf { name: ID, value: Var };

impl Kind for Var {
    type Out = VarValue;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<VarValue> {
        match &node.kind {
            NodeKind::Sequence { .. } => List { item: TEXT, least: 0 }.read(lower, node).map(VarValue::List),
            NodeKind::Mapping { flow: false, .. } => {
                lower.wrong_type(node, "texts and lists of texts", "give each value a name of its own");
                None
            }
            _ => TEXT.read(lower, node).map(VarValue::Text),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), List { item: TEXT, least: 0 }.schema(schemas)] })
    }
}

#[derive(Default)]
pub(super) struct ObjectivesDraft {
    rto: Option<Duration>,
    rpo: Option<Duration>,
}

static OBJECTIVES_TABLE: Table<ObjectivesDraft> = Table {
    name: "objectives",
    what: "`objectives`",
    doc: "Recovery-time and recovery-point objectives.",
    rows: &[&[
        row!("rto", SPAN_OF_TIME, "recovery time: at most so long until it works again", |t, v| t.rto = Some(v)),
        row!("rpo", SPAN_OF_TIME, "data loss: at most so much, counted in time", |t, v| t.rpo = Some(v)),
    ]],
    foreign: foreign!["RTO" | "recovery_time" => "`rto:`", "RPO" | "recovery_point" => "`rpo:`", "mttr" => "`rto:`"],
    one_of: &[],
};

pub(super) const OBJECTIVES: Record<ObjectivesDraft, Objectives> =
    Record { table: &OBJECTIVES_TABLE, finish: |_, draft, _| Some(Objectives { rto: draft.rto, rpo: draft.rpo }) };

#[derive(Default)]
pub(super) struct SecretDraft {
    source: Option<SecretSource>,
    default: Option<ParamDefault>,
}

static SECRET_TABLE: Table<SecretDraft> = Table {
    name: "secret",
    what: "a secret",
    doc: "Where a secret comes from.",
    rows: &[&[
        row!("env", ENV_NAME, "an environment variable of the engine", |t, v| t.source =
            Some(SecretSource::Env(v.value))),
        row!("file", PATH, "a file, relative to this one, without its final newline", |t, v| {
            t.source = Some(SecretSource::File(PathBuf::from(v.value)));
        }),
        row!("command", COMMAND, "the output of a program, without its final newline", |t, v| {
            t.source = Some(SecretSource::Command(v));
        }),
        row!(
            "default",
            DEFAULT,
            "used when it is not set; null: optional; a text is for demonstrations and labs",
            |t, v| {
                t.default = Some(v);
            }
        ),
    ]],
    foreign: foreign![
        "value" | "text" => "`env:`, `file:` or `command:`; a secret never stands in a runbook",
        "exec" | "shell" | "cmd" => "`command:`",
        "var" | "environment" => "`env:`",
        "path" => "`file:`",
        "vault" | "from" | "valueFrom" | "name" => "`env:`, `file:` or `command: [vault, …]`",
    ],
    one_of: &["env", "file", "command"],
};

pub(super) const SECRETS: MapOf<crate::document::kind::Named, Record<SecretDraft, SecretDecl>> =
    MapOf { name: ID, value: Record { table: &SECRET_TABLE, finish: finish_secret } };

fn finish_secret(lower: &mut Lower<'_>, draft: SecretDraft, node: &Node<'_>) -> Option<SecretDecl> {
    if let (Some(ParamDefault::List(_)), Some(entry)) = (&draft.default, node.get("default")) {
        lower.error(
            "document::wrong_type",
            entry.value.head(),
            "a secret is one text",
            "write `default: null`, or leave it out",
        );
    }
    Some(SecretDecl { span: lower.span(node.head()), source: draft.source?, default: draft.default })
}

/// A program with its arguments, without templates.
struct Command;
const COMMAND: Command = Command;

impl Kind for Command {
    type Out = Vec<String>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Vec<String>> {
        if matches!(node.kind, NodeKind::Sequence { .. }) {
            let words = List { item: PLAIN, least: 1 }.read(lower, node)?;
            return Some(words.into_iter().map(|word| word.value).collect());
        }
        let line = PLAIN.read(lower, node)?;
        let words = shlex::split(&line.value).filter(|words| !words.is_empty());
        if words.is_none() {
            let help = "close its quotes, or write a list: `command: [vault, read, …]`";
            lower.error("document::wrong_type", node.place, "`command` cannot be split into words", help);
        }
        words
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        let list = List { item: PLAIN, least: 1 }.schema(schemas);
        json!({ "anyOf": [PLAIN.schema(schemas), list] })
    }
}
