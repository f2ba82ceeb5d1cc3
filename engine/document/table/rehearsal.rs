//! What a runbook says of its rehearsal: faults, and findings that stand.

use super::change::CHANGES;
use super::{Record, Table, foreign, row};
use crate::document::kind::{ID, Kind, List, MapOf, Named, PLAIN, TEXT, WordKind};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, Place};
use crate::model::rehearsal::{AcceptDecl, ChangeDecl, FaultDecl, Finding};
use crate::model::source::{Map, Spanned, Text};

/// Means that nothing is broken.
pub(super) const NONE: &str = "none";

#[derive(Default)]
pub(super) struct FaultDraft {
    title: Option<Text>,
    effects: Option<Vec<ChangeDecl>>,
}

static FAULT_TABLE: Table<FaultDraft> = Table {
    name: "fault",
    what: "a fault",
    doc: "What is broken before the runbook is rehearsed.",
    rows: &[&[
        row!("title", TEXT, "for people; default: the id", |t, v| t.title = Some(v)),
        row!(required "effects", CHANGES, "what it does to the simulated world", |t, v| t.effects = Some(v)),
    ]],
    foreign: foreign![
        "name" | "description" => "`title:`",
        "changes" | "does" | "world" | "then" => "`effects:`",
        "service" | "data" | "host" | "image" | "backup" => "a change: `effects: [{ service: { name: …, is: … } }]`",
    ],
    one_of: &[],
};

const FAULT: Record<FaultDraft, FaultDecl> = Record {
    table: &FAULT_TABLE,
    finish: |lower, draft, node| {
        Some(FaultDecl { span: lower.span(node.head()), title: draft.title, effects: draft.effects? })
    },
};

/// Faults by their ids; one of them cannot be called `none`.
pub(super) struct Faults;

const FAULTS: MapOf<Named, Record<FaultDraft, FaultDecl>> = MapOf { name: ID, value: FAULT };

impl Kind for Faults {
    type Out = Map<FaultDecl>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        let faults = FAULTS.read(lower, node)?;
        if let Some((name, _)) = faults.iter().find(|(name, _)| name.value == NONE) {
            let place = Place { start: name.span.start, end: name.span.end };
            let message = "`none` means that nothing is broken, so no fault can be called so";
            lower.error("document::ambiguous_name", place, message, "choose another id");
        }
        Some(faults)
    }

    fn schema(&self, schemas: &mut Schemas) -> serde_json::Value {
        FAULTS.schema(schemas)
    }
}

#[derive(Default)]
pub(super) struct AcceptDraft {
    finding: Option<Finding>,
    step: Option<Spanned<String>>,
    because: Option<Spanned<String>>,
}

static ACCEPT_TABLE: Table<AcceptDraft> = Table {
    name: "accept",
    what: "an accepted finding",
    doc: "A finding of a rehearsal that is known and stands.",
    rows: &[&[
        row!(required "finding", WordKind::<Finding>::NEW, "which", |t, v| t.finding = Some(v)),
        row!("step", PLAIN, "at which step, with all that is inside it; default: wherever", |t, v| t.step = Some(v)),
        row!(required "because", PLAIN, "why it stands", |t, v| t.because = Some(v)),
    ]],
    foreign: foreign![
        "code" | "id" | "name" => "`finding:`",
        "at" | "steps" => "`step:`",
        "reason" | "why" | "note" | "comment" => "`because:`",
    ],
    one_of: &[],
};

const ACCEPT: Record<AcceptDraft, AcceptDecl> = Record {
    table: &ACCEPT_TABLE,
    finish: |lower, draft, node| {
        let span = lower.span(node.head());
        if let (Some(Finding::Invariant), Some(entry)) = (draft.finding, node.get("finding")) {
            let message = "an invariant that does not hold never stands";
            lower.error("document::not_accepted", entry.value.place, message, "correct the invariant, or the steps");
        }
        Some(AcceptDecl { span, finding: draft.finding?, step: draft.step, because: draft.because? })
    },
};

pub(super) const ACCEPTED: List<Record<AcceptDraft, AcceptDecl>> = List { item: ACCEPT, least: 1 };
