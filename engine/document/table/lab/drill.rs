//! What is broken in a lab, who writes meanwhile, and how a scenario is drilled.

use std::time::Duration;

use super::{Record, Table, foreign, row};
use crate::document::kind::{
    ID, Kind, List, MACHINE_NAME, MapOf, Named, OneOrMany, PLAIN, Plain, SPAN_OF_TIME, TEXT, TextKind, WordKind,
};
use crate::document::lower::Lower;
use crate::document::table::action::{ARGV, ArgvKind};
use crate::document::table::{Row, Schemas};
use crate::document::tree::Node;
use crate::model::lab::{CanaryDecl, Deed, DrillDecl, LabFault, MachineChange, PersonDecl};
use crate::model::operation::Argv;
use crate::model::source::{Map, Name, Spanned, Text};

/// Between two writes of the canary.
const EVERY: Duration = Duration::from_millis(200);
/// One URL, or several.
const URLS: OneOrMany<Plain> = OneOrMany { item: List { item: PLAIN, least: 1 } };
/// One value of a parameter, or several.
const VALUES: OneOrMany<TextKind> = OneOrMany { item: List { item: TEXT, least: 0 } };
/// Store → the question to it.
const SURVIVED: MapOf<Named, ArgvKind> = MapOf { name: ID, value: ARGV };

#[derive(Default)]
pub(super) struct CanaryDraft {
    every: Option<Duration>,
    write: Vec<Spanned<String>>,
    survived: Map<Argv>,
}

static CANARY_TABLE: Table<CanaryDraft> = Table {
    name: "canary",
    what: "`canary`",
    doc: "Numbered, timed writes from outside; what is lost is measured by them.",
    rows: &[&[
        row!("every", SPAN_OF_TIME, "from one write to the next (200ms)", |t, v| t.every = Some(v)),
        row!(
            required "write",
            URLS,
            "takes a POST of `{\"number\": …, \"at\": …}`; several: the one that worked last is tried first",
            |t, v| t.write = v
        ),
        row!(
            required "survived",
            SURVIVED,
            "by store: a program here that prints the numbers that it has, one a line",
            |t, v| t.survived = v
        ),
    ]],
    foreign: foreign!["interval" | "period" => "`every:`", "url" | "post" | "http" => "`write:`", "read" | "rows" => "`survived:`"],
    one_of: &[],
};

pub(super) const CANARY: Record<CanaryDraft, CanaryDecl> = Record {
    table: &CANARY_TABLE,
    finish: |lower, draft, node| {
        let CanaryDraft { every, write, survived } = draft;
        Some(CanaryDecl { span: lower.span(node.head()), every: every.unwrap_or(EVERY), write, survived })
    },
};

/// Whatever does something in a lab.
trait Does {
    fn deed(&mut self) -> &mut Deed;
}

struct Rows<T>(std::marker::PhantomData<T>);

impl<T: Does + 'static> Rows<T> {
    const ALL: &'static [Row<T>] = &[
        row!("in", MACHINE_NAME, "the machine in which `exec` runs", |t, v| t.deed().in_machine = Some(v)),
        row!("exec", ARGV, "runs a program in that machine, as root", |t, v| t.deed().exec = Some(v)),
        row!(
            "machines",
            MapOf { name: MACHINE_NAME, value: WordKind::<MachineChange>::NEW },
            "what happens to machines from outside: kill, stop, cut (off every network), pause",
            |t, v| t.deed().machines = v
        ),
        row!("cloud", TEXT, "sent to the cloud's stand-in, as JSON: a stock-out, a quota, a latency", |t, v| t
            .deed()
            .cloud =
            Some(v)),
    ];
}

/// `exec` needs a machine, and something has to be done.
fn check(lower: &mut Lower<'_>, deed: &Deed, node: &Node<'_>, what: &str, may_be_idle: bool) {
    if deed.exec.is_some() && deed.in_machine.is_none() {
        let message = format!("{what} has `exec:`, and nothing says in which machine");
        lower.error("document::missing_key", node.head(), message, "add `in: MACHINE`");
    }
    let is_idle = deed.exec.is_none() && deed.machines.is_empty() && deed.cloud.is_none();
    if is_idle && !may_be_idle {
        let message = format!("{what} does nothing");
        lower.error("document::missing_key", node.head(), message, "add `in:` and `exec:`, `machines:` or `cloud:`");
    }
}

#[derive(Default)]
pub(super) struct FaultDraft {
    title: Option<Text>,
    inject: Deed,
    undo: Option<Argv>,
    noticed: Option<Argv>,
}

impl Does for FaultDraft {
    fn deed(&mut self) -> &mut Deed {
        &mut self.inject
    }
}

static FAULT_TABLE: Table<FaultDraft> = Table {
    name: "lab_fault",
    what: "a fault of a lab",
    doc: "Something that is broken for real.",
    rows: &[
        &[row!("title", TEXT, "for people; default: the id", |t, v| t.title = Some(v))],
        Rows::<FaultDraft>::ALL,
        &[
            row!("undo", ARGV, "takes it back, in the same machine", |t, v| t.undo = Some(v)),
            row!(
                "noticed",
                ARGV,
                "a program here; exit 0 says that it is noticed. Without it the canary's writes have to fail",
                |t, v| t.noticed = Some(v)
            ),
        ],
    ],
    foreign: foreign![
        "inject" | "run" | "command" | "shell" => "`exec:`",
        "machine" | "target" => "`in:`",
        "detect" | "detected" => "`noticed:`",
        "effects" => "a key of a runbook's faults, which a rehearsal breaks",
    ],
    one_of: &[],
};

pub(super) const LAB_FAULT: Record<FaultDraft, LabFault> = Record {
    table: &FAULT_TABLE,
    finish: |lower, draft, node| {
        check(lower, &draft.inject, node, "a fault", false);
        let FaultDraft { title, inject, undo, noticed } = draft;
        Some(LabFault { span: lower.span(node.head()), title, inject, undo, noticed })
    },
};

#[derive(Default)]
pub(super) struct PersonDraft {
    inputs: Map<Text>,
    does: Deed,
}

impl Does for PersonDraft {
    fn deed(&mut self) -> &mut Deed {
        &mut self.does
    }
}

static PERSON_TABLE: Table<PersonDraft> = Table {
    name: "person",
    what: "what a person does",
    doc: "What a person does and says when a step asks.",
    rows: &[
        &[row!("inputs", MapOf { name: ID, value: TEXT }, "values that the step asks for", |t, v| t.inputs = v)],
        Rows::<PersonDraft>::ALL,
    ],
    foreign: foreign!["values" | "answers" | "says" => "`inputs:`", "does" | "run" | "shell" => "`in:` and `exec:`"],
    one_of: &[],
};

const PERSON: Record<PersonDraft, PersonDecl> = Record {
    table: &PERSON_TABLE,
    finish: |lower, draft, node| {
        check(lower, &draft.does, node, "a person", true);
        Some(PersonDecl { span: lower.span(node.head()), inputs: draft.inputs, does: draft.does })
    },
};

/// Step → person.
struct People;

impl Kind for People {
    type Out = Map<PersonDecl>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        let people = MapOf { name: (), value: PERSON };
        people.read_with(lower, node, |lower, text, place| Some(lower.name(text, place)))
    }

    fn schema(&self, schemas: &mut Schemas) -> serde_json::Value {
        serde_json::json!({ "type": "object", "additionalProperties": PERSON.schema(schemas) })
    }
}

#[derive(Default)]
pub(super) struct DrillDraft {
    fault: Option<Name>,
    set: Map<Vec<Text>>,
    people: Map<PersonDecl>,
    write: Vec<Spanned<String>>,
    survived: Map<Argv>,
    until: Option<Text>,
    verify: Option<Argv>,
}

static DRILL_TABLE: Table<DrillDraft> = Table {
    name: "drill",
    what: "a drill",
    doc: "How a scenario is drilled in this lab.",
    rows: &[&[
        row!(required "fault", ID, "what is broken, unless `--fault` says another", |t, v| t.fault = Some(v)),
        row!(
            "set",
            MapOf { name: ID, value: VALUES },
            "parameters of the runbook; `${{ drill.fault_at }}`, …",
            |t, v| t.set = v
        ),
        row!("people", People, "what people do and say, by the full id of the step that asks", |t, v| t.people = v),
        row!("survived", SURVIVED, "the stores that are asked instead of the canary's", |t, v| t.survived = v),
        row!("write", URLS, "where the canary writes instead", |t, v| t.write = v),
        row!("until", TEXT, "rows committed after this moment are meant to be gone", |t, v| t.until = Some(v)),
        row!(
            "verify",
            ARGV,
            "a program here; exit 0 says that the system is well again. Without it every service has to be healthy",
            |t, v| t.verify = Some(v)
        ),
    ]],
    foreign: foreign![
        "params" | "parameters" => "`set:`",
        "answers" | "manual" => "`people:`",
        "target_time" => "`until:`",
    ],
    one_of: &[],
};

pub(super) const DRILL: Record<DrillDraft, DrillDecl> = Record {
    table: &DRILL_TABLE,
    finish: |lower, draft, node| {
        let DrillDraft { fault, set, people, write, survived, until, verify } = draft;
        Some(DrillDecl { span: lower.span(node.head()), fault: fault?, set, people, write, survived, until, verify })
    },
};
