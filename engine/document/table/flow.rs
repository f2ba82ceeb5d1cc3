//! What directs a step: `retry`, `confirm`, `for_each`, `parallel`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Record, Table, foreign, row};
use crate::document::kind::{CONDITIONS, Choice, Count, EXPR, ID, Kind, MapOf, NUMBER, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind, Place, Style};
use crate::model::runbook::{Confirm, ForEach, OnFailure, Parallel, Phase, Retry};
use crate::model::source::{Expr, Text};

pub(super) const PHASE: Choice<Phase> = Choice(&[
    ("detect", Some(Phase::Detect)),
    ("recover", Some(Phase::Recover)),
    ("verify", Some(Phase::Verify)),
    ("failback", Some(Phase::Failback)),
]);

pub(super) const ON_FAILURE: Choice<OnFailure> = Choice(&[
    ("stop", Some(OnFailure::Stop)),
    ("continue", Some(OnFailure::Continue)),
    ("warn", Some(OnFailure::Warn)),
    ("rollback", Some(OnFailure::Rollback)),
]);

/// Of a whole runbook.
pub(super) const ON_RUN_FAILURE: Choice<OnFailure> =
    Choice(&[("stop", Some(OnFailure::Stop)), ("rollback", Some(OnFailure::Rollback))]);

#[derive(Default)]
pub(super) struct RetryDraft {
    attempts: Option<u32>,
    delay: Option<Duration>,
    factor: Option<f64>,
    max_delay: Option<Duration>,
    when: Vec<Expr>,
}

static RETRY_TABLE: Table<RetryDraft> = Table {
    name: "retry",
    what: "`retry`",
    doc: "Repeats action, expectation and gate.",
    rows: &[&[
        row!(required "attempts", Count { least: 1, most: 1_000 }, "in all, the first included", |t, v| t.attempts = Some(v)),
        row!("delay", SPAN_OF_TIME, "before the second attempt (1s)", |t, v| t.delay = Some(v)),
        row!("factor", NUMBER, "each further delay is so many times the one before (2)", |t, v| t.factor = Some(v)),
        row!("max_delay", SPAN_OF_TIME, "no delay is longer (60s)", |t, v| t.max_delay = Some(v)),
        row!("when", CONDITIONS, "must hold, else no further attempt; default: always", |t, v| t.when = v),
    ]],
    foreign: foreign![
        "retries" | "max" | "times" | "count" | "max_attempts" => "`attempts:` (the first included)",
        "interval" | "wait" | "backoff" | "sleep" => "`delay:` and `factor:`",
        "until" => "`expect:` of the step; `when:` says which failures are retried",
        "if" | "on" => "`when:`",
        "multiplier" => "`factor:`",
    ],
    one_of: &[],
};

pub(super) const RETRY: Record<RetryDraft, Retry> = Record {
    table: &RETRY_TABLE,
    finish: |_, draft, _| {
        Some(Retry {
            attempts: draft.attempts?,
            delay: draft.delay.unwrap_or(Duration::from_secs(1)),
            factor: draft.factor.unwrap_or(2.0),
            max_delay: draft.max_delay.unwrap_or(Duration::from_mins(1)),
            when: draft.when,
        })
    },
};

#[derive(Default)]
struct ConfirmDraft {
    typed: Option<Text>,
    show: Option<Text>,
}

static CONFIRM_TABLE: Table<ConfirmDraft> = Table {
    name: "confirm",
    what: "`confirm`",
    doc: "Asks a person before the step.",
    rows: &[&[
        row!("typed", TEXT, "what must be typed", |t, v| t.typed = Some(v)),
        row!("show", TEXT, "what the person is shown", |t, v| t.show = Some(v)),
    ]],
    foreign: foreign!["text" | "message" | "prompt" | "msg" => "`show:`", "type" | "answer" => "`typed:`"],
    one_of: &[],
};

const CONFIRM_LONG: Record<ConfirmDraft, Confirm> = Record {
    table: &CONFIRM_TABLE,
    finish: |lower, draft, node| {
        if node.entries().is_some_and(<[_]>::is_empty) {
            lower.error(
                "document::missing_key",
                node.place,
                "`confirm` says nothing",
                "write `confirm: true`, or add `typed:`",
            );
        }
        Some(Confirm { span: lower.span(node.head()), typed: draft.typed, show: draft.show })
    },
};

/// `true`, what must be typed, or both.
pub(super) struct ConfirmKind;
pub(super) const CONFIRM: ConfirmKind = ConfirmKind;

impl Kind for ConfirmKind {
    type Out = Confirm;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Confirm> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return CONFIRM_LONG.read(lower, node);
        }
        if let Some((word, Style::Plain)) = node.scalar() {
            if word == "true" {
                return Some(Confirm { span: lower.span(node.place), typed: None, show: None });
            }
            if matches!(word.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off") {
                let help = "write `true` for a plain yes, a text that must be typed, or leave it out";
                lower.error("document::wrong_type", node.place, format!("`confirm` cannot be `{word}`"), help);
                return None;
            }
        }
        TEXT.read(lower, node).map(|typed| Confirm { span: typed.0.span, typed: Some(typed), show: None })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "const": true }, { "type": ["string", "number"] }, CONFIRM_LONG.schema(schemas)] })
    }
}

/// `{ name: list }`, exactly one.
pub(super) struct ForEachKind;
pub(super) const FOR_EACH: ForEachKind = ForEachKind;

/// Names that mean something in every expression.
const RESERVED: [&str; 10] =
    ["params", "vars", "system", "environment", "run", "secrets", "steps", "service", "args", "world"];

impl Kind for ForEachKind {
    type Out = ForEach;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<ForEach> {
        let help = "write `for_each: { table: params.tables }`";
        if node.entries().is_none() {
            lower.wrong_type(node, "a mapping of one name to a list", help);
            return None;
        }
        let place = node.head();
        let mut entries = MapOf { name: ID, value: EXPR }.read(lower, node)?.into_iter();
        if node.entries().is_some_and(|entries| entries.len() != 1) {
            lower.error("document::wrong_type", place, "`for_each` takes exactly one name", help);
            return None;
        }
        let (name, values) = entries.next()?;
        if RESERVED.contains(&name.value.as_str()) {
            let at = Place { start: name.span.start, end: name.span.end };
            let message = format!("`{}` means something else in expressions", name.value);
            lower.error("document::bad_id", at, message, "choose another name for the element");
            return None;
        }
        Some(ForEach { name, values })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        let mut schema = MapOf { name: ID, value: EXPR }.schema(schemas);
        schema["minProperties"] = json!(1);
        schema["maxProperties"] = json!(1);
        schema
    }
}

/// `true`, `false`, or at most so many at once.
pub(super) struct ParallelKind;
pub(super) const PARALLEL: ParallelKind = ParallelKind;

const AT_ONCE: Count = Count { least: 1, most: 10_000 };

impl Kind for ParallelKind {
    type Out = Parallel;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Parallel> {
        match node.scalar() {
            Some(("true", Style::Plain)) => Some(Parallel::All),
            Some(("false", Style::Plain)) => Some(Parallel::No),
            Some((text, Style::Plain)) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                AT_ONCE.read(lower, node).map(Parallel::AtMost)
            }
            _ => {
                let expected = "true, false or a number";
                if node.scalar().is_none() || node.is_null() {
                    lower.wrong_type(node, expected, "write `parallel: true`, or how many at once");
                } else {
                    let text = node.scalar().map_or("", |(text, _)| text).escape_debug().to_string();
                    let message = format!("`parallel` is {expected}, not `{text}`");
                    lower.error(
                        "document::wrong_type",
                        node.place,
                        message,
                        "write `parallel: true`, or how many at once",
                    );
                }
                None
            }
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "type": "boolean" }, AT_ONCE.schema(schemas)] })
    }
}
