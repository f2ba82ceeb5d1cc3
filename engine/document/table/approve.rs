//! `approve:`: who must agree before a step runs.

use std::time::Duration;

use super::{Record, Table, foreign, row};
use crate::document::kind::{BOOL, COUNT, ID, List, SPAN_OF_TIME};
use crate::document::tree::Place;
use crate::model::runbook::Approve;
use crate::model::source::Name;

/// Without `within`.
const WITHIN: Duration = Duration::from_hours(1);

#[derive(Default)]
pub(super) struct Draft {
    by: Option<Vec<Name>>,
    min: Option<u32>,
    not_requester: bool,
    within: Option<Duration>,
}

static TABLE: Table<Draft> = Table {
    name: "approve",
    what: "`approve`",
    doc: "Who must agree before the step runs. An approval is for the step exactly as it is rendered, and is used once.",
    rows: &[&[
        row!(required "by", List { item: ID, least: 1 }, "roles of the system whose people may approve", |t, v| t.by = Some(v)),
        row!("min", COUNT, "how many different people (1)", |t, v| t.min = Some(v)),
        row!("not_requester", BOOL, "whoever started the run does not count (false)", |t, v| t.not_requester = v),
        row!("within", SPAN_OF_TIME, "how long it is waited for, and how long an approval holds (1h)", |t, v| t
            .within =
            Some(v)),
    ]],
    foreign: foreign![
        "roles" | "role" | "from" | "approvers" | "users" | "people" | "who" | "teams" | "groups" => "`by: [role]`, with `roles:` in the system file",
        "count" | "required" | "minimum" | "quorum" | "at_least" | "required_approvals" => "`min:`",
        "timeout" | "expires" | "expiry" | "ttl" | "expires_in" => "`within:`",
        "not_self" | "prevent_self_review" | "four_eyes" => "`not_requester: true`",
        "text" | "message" | "show" | "reason" => "`title:` of the step, or `confirm: { show: … }`",
    ],
    one_of: &[],
};

pub(super) const APPROVE: Record<Draft, Approve> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let by = draft.by?;
        for (at, name) in by.iter().enumerate() {
            if by[..at].iter().any(|other| other.value == name.value) {
                let message = format!("`{}` is listed twice in `by`", name.value);
                let place = Place { start: name.span.start, end: name.span.end };
                lower.error("document::duplicate_value", place, message, "keep one of them");
            }
        }
        Some(Approve {
            span: lower.span(node.head()),
            by,
            min: draft.min.unwrap_or(1),
            not_requester: draft.not_requester,
            within: draft.within.unwrap_or(WITHIN),
        })
    },
};
