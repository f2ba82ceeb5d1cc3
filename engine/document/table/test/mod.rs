//! `test/v1`.

mod case;
mod expect;

use super::{Record, Table, foreign, row};
use crate::document::kind::{ID, KindLine, List, PATH, PLAIN};
use crate::model::source::{Name, Spanned};
use crate::model::test::{CaseDecl, Test};

use case::CASE;

#[derive(Default)]
pub(in crate::document) struct Draft {
    name: Option<Name>,
    runbook: Option<Spanned<String>>,
    system: Option<Spanned<String>>,
    environment: Option<Name>,
    cases: Vec<CaseDecl>,
}

pub(in crate::document) static TABLE: Table<Draft> = Table {
    name: "test",
    what: "a test",
    doc: "A test of a runbook: cases that are rehearsed, and what must come of each.",
    rows: &[&[
        row!(required "kind", KindLine("test/v1"), "what this file is: test/v1", |_t, _v| {}),
        row!("name", PLAIN, "for people; default: the file's name", |t, v| t.name = Some(v)),
        row!("runbook", PATH, "the runbook; default: the file of this name without `_test`", |t, v| t.runbook =
            Some(v)),
        row!("system", PATH, "system file that replaces the runbook's", |t, v| t.system = Some(v)),
        row!("environment", ID, "environment of the system; default: the only one", |t, v| t.environment = Some(v)),
        row!(required "cases", List { item: CASE, least: 1 }, "what is tried", |t, v| t.cases = v),
    ]],
    foreign: foreign![
        "tests" | "scenarios" | "examples" => "`cases:`",
        "target" | "file" | "of" | "path" => "`runbook:`",
        "env" => "`environment:`",
        "params" | "fault" | "fail" | "expect" | "world" | "answers" | "seed" => "a key of a case: `cases: [{ name: … }]`",
        "steps" | "faults" | "invariants" => "a key of the runbook",
        "title" | "id" => "`name:`",
        "version" | "apiVersion" => "`kind: test/v1`",
    ],
    one_of: &[],
};

pub(in crate::document) const TEST: Record<Draft, Test> = Record {
    table: &TABLE,
    finish: |lower, draft, _| {
        let Draft { name, runbook, system, environment, cases } = draft;
        Some(Test { file: lower.file, name, runbook, system, environment, cases })
    },
};
