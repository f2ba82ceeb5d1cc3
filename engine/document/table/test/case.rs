//! A case of a test: what is given, what is broken, what people answer.

use serde_json::{Value, json};

use super::expect::EXPECT;
use crate::document::kind::{Count, ID, Kind, List, MapOf, Named, OneOrMany, PLAIN, Plain, TEXT, WordKind};
use crate::document::lower::Lower;
use crate::document::table::change::CHANGES;
use crate::document::table::rehearsal::NONE;
use crate::document::table::{Record, Schemas, Table, foreign, row};
use crate::document::tree::{Node, NodeKind};
use crate::model::rehearsal::ChangeDecl;
use crate::model::source::{Map, Name, Spanned};
use crate::model::test::{AnswerDecl, CaseDecl, CaseFault, ExpectDecl, FailDecl, FailWith};

#[derive(Default)]
pub(super) struct Draft {
    name: Option<Name>,
    params: Map<Vec<Spanned<String>>>,
    world: Vec<ChangeDecl>,
    fault: Option<CaseFault>,
    fail: Vec<FailDecl>,
    answers: Map<AnswerDecl>,
    seed: Option<u32>,
    expect: ExpectDecl,
}

/// One text, or the items of a list.
const VALUES: OneOrMany<Plain> = OneOrMany { item: List { item: PLAIN, least: 0 } };

const FAILS: OneOrMany<Record<FailDraft, FailDecl>> = OneOrMany { item: List { item: FAIL, least: 1 } };

static TABLE: Table<Draft> = Table {
    name: "case",
    what: "a case",
    doc: "A case of a test. People agree to everything unless `answers` says otherwise.",
    rows: &[&[
        row!(required "name", PLAIN, "for people; unique in this file", |t, v| t.name = Some(v)),
        row!("params", MapOf { name: ID, value: VALUES }, "values of the runbook's parameters", |t, v| t.params = v),
        row!("world", CHANGES, "what the simulated world is, beside what the system says", |t, v| t.world = v),
        row!(
            "fault",
            Fault,
            "what is broken: a fault of the runbook, changes, or `none`; default: the runbook's first",
            |t, v| t.fault = Some(v)
        ),
        row!("fail", FAILS, "a step that does not work, or several", |t, v| t.fail = v),
        row!("answers", ANSWERS, "what people answer, by the full id of the step that asks", |t, v| t.answers = v),
        row!("seed", Count { least: 0, most: u32::MAX }, "of all chance", |t, v| t.seed = Some(v)),
        row!("expect", EXPECT, "what must come of it", |t, v| t.expect = v),
    ]],
    foreign: foreign![
        "id" | "title" | "description" => "`name:`",
        "set" | "parameters" | "inputs" | "args" | "with" => "`params:`",
        "given" | "state" | "setup" => "`world:`",
        "faults" | "break" | "inject" => "`fault:`",
        "fails" | "failures" | "failure" | "error" => "`fail: { step: …, with: error }`",
        "confirm" | "approve" | "answer" | "operator" => "`answers:`",
        "then" | "assert" | "asserts" | "result" | "expected" => "`expect:`",
        "ends" | "exit" | "ran" | "not_run" | "order" | "failed" | "services" | "data" | "within" | "loss" | "holds"
            | "findings" => "a key of `expect:`",
        "skip" | "only" => "not a key of a case: a test runs the whole runbook",
    ],
    one_of: &[],
};

pub(super) const CASE: Record<Draft, CaseDecl> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let Draft { name, params, world, fault, fail, answers, seed, expect } = draft;
        let span = lower.span(node.head());
        Some(CaseDecl { span, name: name?, params, world, fault, fail, answers, seed, expect })
    },
};

/// `none`, a fault's id, or changes.
struct Fault;

impl Kind for Fault {
    type Out = CaseFault;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<CaseFault> {
        if matches!(node.kind, NodeKind::Sequence { .. }) {
            return CHANGES.read(lower, node).map(CaseFault::Effects);
        }
        let name = ID.read(lower, node)?;
        Some(if name.value == NONE { CaseFault::None } else { CaseFault::Named(name) })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [ID.schema(schemas), CHANGES.schema(schemas)] })
    }
}

#[derive(Default)]
pub(super) struct FailDraft {
    step: Option<Name>,
    with: Option<FailWith>,
}

static FAIL_TABLE: Table<FailDraft> = Table {
    name: "fail",
    what: "`fail`",
    doc: "A step that does not work.",
    rows: &[&[
        row!(required "step", PLAIN, "its full id, e.g. `restore/replay`", |t, v| t.step = Some(v)),
        row!(
            required "with", WordKind::<FailWith>::NEW,
            "error: its action fails; timeout: it does not end; unknown: nobody sees how it ended; silent: it says that it \
             succeeded and did nothing; gate: its gate never passes; killed: the engine is killed meanwhile",
            |t, v| t.with = Some(v)
        ),
    ]],
    foreign: foreign!["id" | "name" => "`step:`", "how" | "mode" | "kind" | "by" => "`with:`"],
    one_of: &[],
};

const FAIL: Record<FailDraft, FailDecl> =
    Record { table: &FAIL_TABLE, finish: |_, draft, _| Some(FailDecl { step: draft.step?, with: draft.with? }) };

/// Step → answer.
struct Answers;
const ANSWERS: Answers = Answers;
const INPUTS: MapOf<Named, crate::document::kind::TextKind> = MapOf { name: ID, value: TEXT };

impl Kind for Answers {
    type Out = Map<AnswerDecl>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        let answers = MapOf { name: (), value: Answer };
        answers.read_with(lower, node, |lower, text, place| Some(lower.name(text, place)))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "type": "object", "additionalProperties": Answer.schema(schemas) })
    }
}

/// `no`, or the values of a manual step.
struct Answer;

impl Kind for Answer {
    type Out = AnswerDecl;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<AnswerDecl> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return INPUTS.read(lower, node).map(AnswerDecl::Inputs);
        }
        if node.scalar().is_some_and(|(text, _)| text == "no") {
            return Some(AnswerDecl::No(lower.span(node.place)));
        }
        let help = "write `no`, or the values that a manual step asks for: `{ input: value }`; people agree to everything else";
        lower.error("document::unknown_value", node.head(), "an answer is `no`, or a mapping of inputs", help);
        None
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "const": "no" }, INPUTS.schema(schemas)] })
    }
}
