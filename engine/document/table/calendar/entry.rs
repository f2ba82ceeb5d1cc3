//! One line of a calendar: what is done, with what, and when.

use std::time::Duration;

use super::every::EVERY;
use super::{Record, Table, foreign, row};
use crate::document::kind::{ID, List, MapOf, OneOrMany, PATH, PLAIN, Plain, SPAN_OF_TIME};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::calendar::{CalendarEntry, Rule, Work};
use crate::model::source::{Map, Name, Spanned};

/// How long an entry may stay undone, unless it says so itself.
const GRACE: Duration = Duration::from_hours(24);
/// One value of a parameter, or several.
const VALUES: OneOrMany<Plain> = OneOrMany { item: List { item: PLAIN, least: 0 } };

#[derive(Default)]
pub(super) struct Draft {
    title: Option<Spanned<String>>,
    drill: Option<Spanned<String>>,
    run: Option<Spanned<String>>,
    lab: Option<Spanned<String>>,
    fault: Option<Name>,
    system: Option<Spanned<String>>,
    environment: Option<Name>,
    set: Map<Vec<Spanned<String>>>,
    every: Option<Rule>,
    grace: Option<Duration>,
}

static TABLE: Table<Draft> = Table {
    name: "calendar_entry",
    what: "an entry",
    doc: "What is done, and when.",
    rows: &[&[
        row!("title", PLAIN, "for people; default: the id", |t, v| t.title = Some(v)),
        row!("drill", PATH, "the runbook that is drilled", |t, v| t.drill = Some(v)),
        row!("run", PATH, "the runbook that is run; nobody answers what it asks", |t, v| t.run = Some(v)),
        row!("lab", PATH, "of a drill: the lab that is broken and recovered", |t, v| t.lab = Some(v)),
        row!("fault", ID, "of a drill: what is broken; default: what the lab says", |t, v| t.fault = Some(v)),
        row!("system", PATH, "of a run: the system, instead of the runbook's own", |t, v| t.system = Some(v)),
        row!("environment", ID, "of a run: the environment of the system", |t, v| t.environment = Some(v)),
        row!("set", MapOf { name: ID, value: VALUES }, "parameters of the runbook", |t, v| t.set = v),
        row!(
            required "every",
            EVERY,
            "when, like `day at 03:00` or `month on the first monday at 03:00`",
            |t, v| t.every = Some(v)
        ),
        row!("grace", SPAN_OF_TIME, "overdue when it is so late (1d)", |t, v| t.grace = Some(v)),
    ]],
    foreign: foreign![
        "at" | "time" | "when" | "cron" | "schedule" | "on" => "part of `every:`, like `every: day at 03:00`",
        "timezone" | "tz" | "zone" => "`zone:` of the calendar",
        "runbook" | "file" | "scenario" => "`drill:` or `run:`",
        "params" | "parameters" | "with" => "`set:`",
        "env" => "`environment:`",
        "within" | "deadline" | "tolerance" => "`grace:`",
        "rehearse" | "check" | "command" | "exec" | "shell" => "not an entry: rehearsals and checks leave no record, so nobody could tell when they were done last",
        "notify" | "secrets" => "a key of the calendar",
        "name" | "id" => "the key of the entry, or `title:`",
    ],
    one_of: &["drill", "run"],
};

pub(super) const ENTRY: Record<Draft, CalendarEntry> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<CalendarEntry> {
    let Draft { title, drill, run, lab, fault, system, environment, set, every, grace } = draft;
    let (of, strangers) =
        if drill.is_some() { ("drill", ["system", "environment"]) } else { ("run", ["lab", "fault"]) };
    for entry in strangers.into_iter().filter(|_| drill.is_some() != run.is_some()).filter_map(|key| node.get(key)) {
        let help = if of == "drill" {
            "the lab says which system and environment are drilled"
        } else {
            "only a drill breaks something: `drill: FILE`"
        };
        let message = format!("a {of} has no `{}`", entry.key);
        lower.error("document::key_without_use", entry.key_place, message, help);
    }
    let work = match (drill, run) {
        (Some(runbook), None) => {
            if lab.is_none() && node.get("lab").is_none() && !TABLE.is_meant(node, "lab") {
                lower.error("document::missing_key", node.head(), "a drill needs `lab`", "add `lab:` (the lab's file)");
            }
            Work::Drill { runbook, lab: lab?, fault }
        }
        (None, Some(runbook)) => Work::Run { runbook, system, environment },
        _ => return None,
    };
    let grace = grace.unwrap_or(GRACE);
    Some(CalendarEntry { span: lower.span(node.head()), title, work, set, every: every?, grace })
}
