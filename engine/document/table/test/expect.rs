//! What must come of a case.

use crate::document::kind::{
    CONDITIONS, Count, ID, List, MapOf, Named, OneOrMany, PLAIN, Plain, SPAN_OF_TIME, WordKind,
};
use crate::document::table::{Record, Table, foreign, row};
use crate::model::change::{DataState, ServiceState};
use crate::model::rehearsal::Finding;
use crate::model::test::{Ends, ExpectDecl};

/// One step by its full id, or several.
const STEPS: OneOrMany<Plain> = OneOrMany { item: List { item: PLAIN, least: 1 } };

const FINDINGS: OneOrMany<WordKind<Finding>> = OneOrMany { item: List { item: WordKind::NEW, least: 0 } };

const SERVICES: MapOf<Named, WordKind<ServiceState>> = MapOf { name: ID, value: WordKind::NEW };

const DATA: MapOf<Named, WordKind<DataState>> = MapOf { name: ID, value: WordKind::NEW };

static TABLE: Table<ExpectDecl> = Table {
    name: "expect",
    what: "`expect`",
    doc: "What must come of a case; what is not said is not asked.",
    rows: &[&[
        row!("ends", WordKind::<Ends>::NEW, "how the run ends", |t, v| t.ends = Some(v)),
        row!("exit", Count { least: 0, most: 255 }, "its exit code", |t, v| t.exit = u8::try_from(v).ok()),
        row!("ran", STEPS, "steps that ran, by their full ids", |t, v| t.ran = v),
        row!("not_run", STEPS, "steps that did not run", |t, v| t.not_run = v),
        row!("order", STEPS, "steps that ran in this order", |t, v| t.order = v),
        row!("failed", STEPS, "steps that failed", |t, v| t.failed = v),
        row!("services", SERVICES, "services at the end", |t, v| t.services = v),
        row!("data", DATA, "data at the end", |t, v| t.data = v),
        row!("within", SPAN_OF_TIME, "it takes no longer", |t, v| t.within = Some(v)),
        row!("loss", SPAN_OF_TIME, "no more data is lost, counted in time", |t, v| t.loss = Some(v)),
        row!("holds", CONDITIONS, "conditions at the end: `world.services.ID.healthy`, …", |t, v| t.holds = v),
        row!("findings", FINDINGS, "what the rehearsal finds; []: nothing", |t, v| t.findings = Some(v)),
    ]],
    foreign: foreign![
        "outcome" | "result" | "status" => "`ends:`",
        "exit_code" | "code" => "`exit:`",
        "steps" | "runs" => "`ran:`",
        "skipped" | "not_ran" => "`not_run:`",
        "failures" | "fails" => "`failed:`",
        "rto" | "max_duration" | "takes" => "`within:`",
        "rpo" | "data_loss" => "`loss:`",
        "that" | "assert" | "when" | "world" | "invariants" => "`holds:`",
        "accept" => "`findings:`",
    ],
    one_of: &[],
};

pub(super) const EXPECT: Record<ExpectDecl, ExpectDecl> = Record { table: &TABLE, finish: |_, draft, _| Some(draft) };
