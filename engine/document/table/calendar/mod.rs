//! `calendar/v1`.

mod day;
mod entry;
mod every;
mod notice;
mod zone;

use chrono::NaiveDate;

use super::shared::SECRETS;
use super::{Record, Table, foreign, row};
use crate::document::kind::{ID, KindLine, List, MapOf, OneOrMany, PLAIN};
use crate::model::calendar::{Calendar, CalendarEntry, Notice, Zone};
use crate::model::runbook::SecretDecl;
use crate::model::source::{Map, Name, Spanned};

use day::DAY;
use entry::ENTRY;
use notice::NOTICE;
use zone::ZONE;

#[derive(Default)]
pub(in crate::document) struct Draft {
    name: Option<Name>,
    title: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    zone: Option<Zone>,
    from: Option<NaiveDate>,
    secrets: Map<SecretDecl>,
    notify: Vec<Notice>,
    entries: Map<CalendarEntry>,
}

pub(in crate::document) static TABLE: Table<Draft> = Table {
    name: "calendar",
    what: "a calendar",
    doc: "A calendar: which drill, and which run, is due when.",
    rows: &[&[
        row!(required "kind", KindLine("calendar/v1"), "what this file is: calendar/v1", |_t, _v| {}),
        row!(required "name", ID, "its name; its timer is called runbook-NAME", |t, v| t.name = Some(v)),
        row!("title", PLAIN, "for people; default: the name", |t, v| t.title = Some(v)),
        row!("owner", PLAIN, "team or role that keeps it right", |t, v| t.owner = Some(v)),
        row!(required "zone", ZONE, "the time zone of its times, like Europe/Berlin or UTC", |t, v| t.zone = Some(v)),
        row!("from", DAY, "nothing before this day counts as missed, like 2026-12-01", |t, v| t.from = Some(v)),
        row!("secrets", SECRETS, "for the addresses of `notify`", |t, v| t.secrets = v),
        row!(
            "notify",
            OneOrMany { item: List { item: NOTICE, least: 1 } },
            "who is told what came of an entry; one, or a list",
            |t, v| t.notify = v
        ),
        row!(required "entries", MapOf { name: ID, value: ENTRY }, "what is done when, by its id", |t, v| t.entries = v),
    ]],
    foreign: foreign![
        "timezone" | "tz" | "time_zone" => "`zone:`",
        "drills" | "jobs" | "schedule" | "events" | "runs" => "`entries:`",
        "channels" | "on_failure" | "notifications" => "`notify:`",
        "since" | "start" | "begins" => "`from:`",
        "every" | "grace" | "drill" | "run" | "lab" => "a key of an entry: `entries: { nightly: { … } }`",
        "id" => "`name:`",
        "version" | "apiVersion" => "`kind: calendar/v1`",
    ],
    one_of: &[],
};

pub(in crate::document) const CALENDAR: Record<Draft, Calendar> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let Draft { name, title, owner, zone, from, secrets, notify, entries } = draft;
        if let Some(entry) = node.get("entries").filter(|entry| entry.value.entries().is_some_and(<[_]>::is_empty)) {
            lower.error("document::empty_list", entry.value.head(), "this calendar has no entries", "add one");
        }
        Some(Calendar { file: lower.file, name: name?, title, owner, zone: zone?, from, secrets, notify, entries })
    },
};
