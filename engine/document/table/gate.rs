//! Gates: a probe that holds the graph until it passes.

use std::time::Duration;

use super::operation::{self, Draft as OperationDraft, HasOperation, Rows};
use super::{Foreign, Record, Table, foreign, row};
use crate::document::kind::{CONDITIONS, COUNT, EXPR, OrTextKind, SPAN_OF_TIME};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::operation::Gate;
use crate::model::rehearsal::OrText;
use crate::model::source::{Expr, Text};

#[derive(Default)]
pub(in crate::document) struct Draft {
    operation: OperationDraft,
    every: Option<Duration>,
    within: Option<Duration>,
    successes: Option<OrText<u32, Text>>,
    fail_if: Vec<Expr>,
    progress: Option<Expr>,
}

impl HasOperation for Draft {
    fn draft(&mut self) -> &mut OperationDraft {
        &mut self.operation
    }
}

static TABLE: Table<Draft> = Table {
    name: "gate",
    what: "a gate",
    doc: "A probe that is asked until it passes; nothing that depends on the step goes on before.",
    rows: &[
        Rows::<Draft>::ACTIONS,
        &[
            row!("every", SPAN_OF_TIME, "longest time between two probes (2s); the first ones come faster", |t, v| t
                .every =
                Some(v)),
            row!("within", SPAN_OF_TIME, "time in all (60s)", |t, v| t.within = Some(v)),
            row!("successes", OrTextKind(COUNT), "passes in a row (1); known before the run", |t, v| t.successes =
                Some(v)),
            row!("fail_if", CONDITIONS, "holds: the gate fails at once", |t, v| t.fail_if = v),
            row!("progress", EXPR, "a number from 0 to 100, for the progress line", |t, v| t.progress = Some(v)),
        ],
        Rows::<Draft>::JUDGEMENT,
    ],
    foreign: GATE_FOREIGN,
    one_of: &[],
};

const GATE_FOREIGN: &[Foreign] = foreign![
    "until" => "`expect:`",
    "retries" | "attempts" | "max_attempts" => "`within:`, the time in all",
    "interval" | "delay" | "period" => "`every:`",
    "timeout_seconds" | "start_period" | "start_interval" | "max_wait" => "`within:`, the time in all",
    "test" | "cmd" | "command" | "run" => "an action: `exec:`, `docker:`, `http:`, …",
    "threshold" | "success_threshold" => "`successes:`",
    "url" | "tcp" => "`http: URL`",
    "register" => "`outputs:`",
    "probe" => "the gate itself: put the action directly under `gate:`",
];

pub(in crate::document) const GATE: Record<Draft, Gate> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Gate> {
    let asks = ["expect", "fail_if"].iter().any(|key| node.get(key).is_some());
    if draft.operation.actions.is_empty() && !asks {
        let help = "add an action (`docker: exec …`, `http: URL`), or `expect:` with a condition";
        lower.error("document::no_action", node.head(), "this gate waits for nothing", help);
        return None;
    }
    if let (Some(every), Some(within), Some(entry)) = (draft.every, draft.within, node.get("every"))
        && every > within
    {
        let help = "make `every` shorter than `within`";
        lower.error(
            "document::contradiction",
            entry.key_place,
            "`every` is longer than `within`: it would be asked once",
            help,
        );
    }
    let probe = operation::probe(lower, draft.operation, node);
    Some(Gate {
        probe,
        every: draft.every,
        within: draft.within,
        successes: draft.successes,
        fail_if: draft.fail_if,
        progress: draft.progress,
    })
}
