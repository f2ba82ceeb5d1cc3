//! Data of a system and its backups.

use std::time::Duration;

use super::shared::VARS;
use super::{Record, Table, foreign, row};
use crate::document::kind::{Choice, ID, MapOf, PLAIN, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::runbook::VarValue;
use crate::model::source::{Map, Name, Spanned, Text};
use crate::model::system::{Backup, BackupKind, Data};

#[derive(Default)]
pub(super) struct BackupDraft {
    kind: Option<BackupKind>,
    path: Option<Text>,
    pattern: Option<Spanned<String>>,
    target: Option<Text>,
    max_age: Option<Duration>,
}

const BACKUP_KIND: Choice<BackupKind> = Choice(&[
    ("dump", Some(BackupKind::Dump)),
    ("base_backup", Some(BackupKind::BaseBackup)),
    ("wal", Some(BackupKind::Wal)),
    ("archive", Some(BackupKind::Archive)),
    ("copy", Some(BackupKind::Copy)),
    ("disk_snapshot", Some(BackupKind::DiskSnapshot)),
]);

static BACKUP_TABLE: Table<BackupDraft> = Table {
    name: "backup",
    what: "a backup",
    doc: "A backup of some data.",
    rows: &[&[
        row!(required "kind", BACKUP_KIND, "what it is", |t, v| t.kind = Some(v.value)),
        row!("path", TEXT, "where it is kept", |t, v| t.path = Some(v)),
        row!("pattern", PLAIN, "which files, as a glob", |t, v| t.pattern = Some(v)),
        row!("target", TEXT, "database, bucket or other target it restores to", |t, v| t.target = Some(v)),
        row!("max_age", SPAN_OF_TIME, "older needs attention", |t, v| t.max_age = Some(v)),
    ]],
    foreign: foreign![
        "type" => "`kind:`",
        "dir" | "directory" | "location" => "`path:`",
        "glob" | "files" => "`pattern:`",
        "age" | "freshness" | "rpo" => "`max_age:`",
        "schedule" | "cron" | "retention" => "not a key: this file says what there is, not how it is made",
    ],
    one_of: &[],
};

const BACKUP: Record<BackupDraft, Backup> = Record {
    table: &BACKUP_TABLE,
    finish: |lower, draft, node| {
        Some(Backup {
            span: lower.span(node.head()),
            kind: draft.kind?,
            path: draft.path,
            pattern: draft.pattern.map(|pattern| pattern.value),
            target: draft.target,
            max_age: draft.max_age,
        })
    },
};

#[derive(Default)]
pub(super) struct DataDraft {
    service: Option<Name>,
    volume: Option<Text>,
    path: Option<Text>,
    disk: Option<Text>,
    owner: Option<Text>,
    vars: Map<VarValue>,
    backups: Map<Backup>,
}

static DATA_TABLE: Table<DataDraft> = Table {
    name: "data",
    what: "data",
    doc: "Data that can be lost: a volume, a path, or a disk with the path where it is mounted.",
    rows: &[&[
        row!(required "service", ID, "the service that owns it", |t, v| t.service = Some(v)),
        row!("volume", TEXT, "a Docker volume", |t, v| t.volume = Some(v)),
        row!("path", TEXT, "a path; with `disk`: where it is mounted", |t, v| t.path = Some(v)),
        row!("disk", TEXT, "a cloud disk", |t, v| t.disk = Some(v)),
        row!("owner", TEXT, "uid:gid of its files", |t, v| t.owner = Some(v)),
        row!("vars", VARS, "values", |t, v| t.vars = v),
        row!("backups", MapOf { name: ID, value: BACKUP }, "its backups", |t, v| t.backups = v),
    ]],
    foreign: foreign![
        "backup" => "`backups: { id: { kind: … } }`",
        "mount" | "mountpoint" | "dir" | "directory" => "`path:`",
        "services" => "`service:` (the one that owns it)",
        "database" | "db" => "`vars:`, e.g. `vars: { database: app }`",
        "name" => "the id in front of it",
    ],
    one_of: &[],
};

pub(super) const DATA: Record<DataDraft, Data> = Record { table: &DATA_TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: DataDraft, node: &Node<'_>) -> Option<Data> {
    let given = |key: &str| node.get(key).map(|entry| entry.key_place);
    match (given("volume"), given("path"), given("disk")) {
        (None, None, None) if ["volume", "path", "disk"].iter().any(|key| DATA_TABLE.is_meant(node, key)) => {}
        (None, None, None) => {
            let help = "add `volume:`, `path:`, or `disk:` with `path:`";
            lower.error("document::missing_key", node.head(), "nothing says where this data is", help);
        }
        (Some(_), Some(at), _) | (Some(_), None, Some(at)) => {
            let help = "keep `volume:`, or `path:` with or without `disk:`";
            lower.error("document::several_forms", at, "data is a volume, or a path or disk, not both", help);
        }
        (None, None, Some(at)) => {
            lower.error("document::missing_key", at, "`disk` needs `path`", "add `path:`, where the disk is mounted");
        }
        _ => {}
    }
    Some(Data {
        span: lower.span(node.head()),
        service: draft.service?,
        volume: draft.volume,
        path: draft.path,
        disk: draft.disk,
        owner: draft.owner,
        vars: draft.vars,
        backups: draft.backups,
    })
}
