//! `rollback:`: how a step is undone.

use super::action::Given;
use super::gate::GATE;
use super::operation::{self, Draft as OperationDraft, HasOperation, PROBE, Rows};
use super::{Record, Table, foreign, row};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::operation::{Action, Gate, Probe, Verb};
use crate::model::runbook::Rollback;

#[derive(Default)]
pub(in crate::document) struct Draft {
    operation: OperationDraft,
    done_when: Option<Probe>,
    gate: Option<Gate>,
}

impl HasOperation for Draft {
    fn draft(&mut self) -> &mut OperationDraft {
        &mut self.operation
    }
}

static TABLE: Table<Draft> = Table {
    name: "rollback",
    what: "a rollback",
    doc: "How a step is undone. It also runs for a step that failed half way, so `done_when` says when there is nothing to undo.",
    rows: &[
        &[row!("done_when", PROBE, "holds: there is nothing to undo, and the action is not run", |t, v| t.done_when =
            Some(v))],
        Rows::<Draft>::ACTIONS,
        Rows::<Draft>::JUDGEMENT,
        &[row!("gate", GATE, "must pass after the action, else the rollback is stuck", |t, v| t.gate = Some(v))],
    ],
    foreign: foreign![
        "steps" | "include" => "not a group: one operation undoes one step; give each member of a group its own `rollback:`",
        "retry" => "not a key of a rollback: a rollback that fails is stuck and reported",
        "rollback" => "not a key of a rollback: what is undone stays undone",
        "when" | "if" | "unless" | "not_if" => "`done_when:` (a probe), the opposite condition",
        "confirm" | "approve" => "not a key of a rollback: one that destroys is asked about without it",
        "run" | "command" | "cmd" => "`exec:` (one program, no shell) or `shell:` (a script)",
        "script" | "bash" | "sh" => "`shell:`",
    ],
    one_of: &[],
};

pub(super) const ROLLBACK: Record<Draft, Rollback> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Rollback> {
    // An unknown key may have been meant for the action; it has its finding.
    let known = node.entries().is_some_and(|entries| entries.iter().all(|entry| is_key(&entry.key)));
    match draft.operation.actions.first() {
        None if known => {
            let help = "add what undoes the step (`exec`, `shell`, `docker`, `gcloud`, `http`, `manual`)";
            lower.error("document::no_action", node.head(), "this rollback has no action", help);
            return None;
        }
        Some(Given { action: Some(Action::Services(services)), place, .. }) => {
            if !matches!(services.verb.value, Verb::Start | Verb::Stop | Verb::Pause | Verb::Unpause) {
                let message = format!("services cannot be rolled back by `{}`", services.verb.value.as_str());
                let help = "verbs of a rollback: start, stop, pause, unpause";
                lower.error("document::rollback_verb", *place, message, help);
            }
            // The services know themselves when there is nothing to undo, and when it is done.
            for key in ["done_when", "gate"] {
                let Some(entry) = node.get(key) else { continue };
                let message = format!("a rollback by `services` does not use `{key}`: it asks their own health");
                lower.error("document::key_without_use", entry.key_place, message, format!("leave `{key}` out"));
            }
        }
        None | Some(_) => {}
    }
    if let Some(entry) = node.get("outputs") {
        let message = "nothing reads the outputs of a rollback";
        lower.error("document::key_without_use", entry.key_place, message, "leave `outputs` out");
    }
    let operation = operation::finish(lower, draft.operation, node);
    Some(Rollback { span: lower.span(node.head()), operation, done_when: draft.done_when, gate: draft.gate })
}

fn is_key(key: &str) -> bool {
    TABLE.rows().any(|row| row.key == key)
}
