//! `manual:` and `notify:`: a text alone, or more.

use serde_json::{Value, json};

use super::param::PARAM;
use super::{Record, Table, foreign, row};
use crate::document::kind::{BOOL, ID, Kind, List, MapOf, TEXT};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::operation::{ManualAction, NotifyAction};
use crate::model::runbook::Param;
use crate::model::source::{Map, Name, Text};

#[derive(Default)]
struct ManualDraft {
    text: Option<Text>,
    inputs: Map<Param>,
    evidence: bool,
}

static MANUAL_TABLE: Table<ManualDraft> = Table {
    name: "manual",
    what: "`manual`",
    doc: "What a person is asked to do.",
    rows: &[&[
        row!(required "text", TEXT, "what the person is told or asked", |t, v| t.text = Some(v)),
        row!("inputs", MapOf { name: ID, value: PARAM }, "values asked for; they become outputs", |t, v| t.inputs = v),
        row!("evidence", BOOL, "a text for the record is required (false)", |t, v| t.evidence = v),
    ]],
    foreign: foreign![
        "message" | "prompt" | "msg" | "description" | "title" => "`text:`",
        "params" | "fields" => "`inputs:`",
    ],
    one_of: &[],
};

const MANUAL_LONG: Record<ManualDraft, ManualAction> = Record {
    table: &MANUAL_TABLE,
    finish: |_, draft, _| Some(ManualAction { text: draft.text?, inputs: draft.inputs, evidence: draft.evidence }),
};

pub(super) struct Manual;
pub(super) const MANUAL: Manual = Manual;

impl Kind for Manual {
    type Out = ManualAction;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<ManualAction> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return MANUAL_LONG.read(lower, node);
        }
        TEXT.read(lower, node).map(|text| ManualAction { text, inputs: Vec::new(), evidence: false })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), MANUAL_LONG.schema(schemas)] })
    }
}

#[derive(Default)]
struct NotifyDraft {
    to: Vec<Name>,
    text: Option<Text>,
}

static NOTIFY_TABLE: Table<NotifyDraft> = Table {
    name: "notify",
    what: "`notify`",
    doc: "A message to channels of the system.",
    rows: &[&[
        row!("to", List { item: ID, least: 1 }, "channels of the system; default: all of them", |t, v| t.to = v),
        row!(required "text", TEXT, "the message", |t, v| t.text = Some(v)),
    ]],
    foreign: foreign!["message" | "msg" => "`text:`", "channel" | "channels" | "slack" => "`to: [channel]`"],
    one_of: &[],
};

const NOTIFY_LONG: Record<NotifyDraft, NotifyAction> =
    Record { table: &NOTIFY_TABLE, finish: |_, draft, _| Some(NotifyAction { to: draft.to, text: draft.text? }) };

pub(super) struct Notify;
pub(super) const NOTIFY: Notify = Notify;

impl Kind for Notify {
    type Out = NotifyAction;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<NotifyAction> {
        match &node.kind {
            NodeKind::Mapping { .. } => NOTIFY_LONG.read(lower, node),
            NodeKind::Sequence { .. } => {
                let help = "here `notify` sends a message: `notify: { to: [channel], text: … }`; what runs later is a step with `needs:`";
                lower.wrong_type(node, "a text or a mapping", help);
                None
            }
            NodeKind::Scalar { .. } => TEXT.read(lower, node).map(|text| NotifyAction { to: Vec::new(), text }),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), NOTIFY_LONG.schema(schemas)] })
    }
}
