//! Changes to what a system file names, and to databases and files.

use super::{Change, Keys, LENGTH, state};
use crate::document::kind::TEXT;
use crate::document::table::{Record, Table, foreign, row};
use crate::model::change::{BackupState, DataState, DatabaseState, ImageState, Presence, ServiceState};
use crate::model::rehearsal::OrText;

static SERVICE_TABLE: Table<Keys> = Table {
    name: "change_service",
    what: "a change of a service",
    doc: "A service and its container.",
    rows: &[&[
        row!(required "name", TEXT, "its id in the system file", |t, v| t.name = Some(v)),
        row!(required "is", state::<ServiceState>(), "what becomes of it", |t, v| t.service_is = Some(v)),
        row!("image", TEXT, "the image it runs from now on", |t, v| t.image = Some(v)),
    ]],
    foreign: foreign!["id" | "service" => "`name:`", "state" | "status" => "`is:`"],
    one_of: &[],
};

pub(super) const SERVICE: Record<Keys, Change> = Record {
    table: &SERVICE_TABLE,
    finish: |_, keys, _| Some(Change::Service { name: keys.name?, is: keys.service_is?, image: keys.image }),
};

static DATA_TABLE: Table<Keys> = Table {
    name: "change_data",
    what: "a change of data",
    doc: "The content of some data where the system has it.",
    rows: &[&[
        row!(required "name", TEXT, "its id in the system file", |t, v| t.name = Some(v)),
        row!(required "is", state::<DataState>(), "what becomes of it", |t, v| t.data_is = Some(v)),
        row!("from", TEXT, "a backup of its own that it was restored from: it is as old as that", |t, v| t.from =
            Some(v)),
    ]],
    foreign: foreign!["id" | "data" => "`name:`", "state" | "status" => "`is:`", "backup" => "`from:`"],
    one_of: &[],
};

pub(super) const DATA: Record<Keys, Change> = Record {
    table: &DATA_TABLE,
    finish: |_, keys, _| Some(Change::Data { name: keys.name?, is: keys.data_is?, from: keys.from }),
};

static BACKUP_TABLE: Table<Keys> = Table {
    name: "change_backup",
    what: "a change of a backup",
    doc: "A backup of some data.",
    rows: &[&[
        row!(required "data", TEXT, "the data's id in the system file", |t, v| t.data = Some(v)),
        row!(required "name", TEXT, "the backup's id", |t, v| t.name = Some(v)),
        row!("is", state::<BackupState>(), "whether it can be read to its end (whole)", |t, v| t.backup_is = Some(v)),
        row!("age", LENGTH, "how old it is", |t, v| t.age = Some(v)),
    ]],
    foreign: foreign!["id" | "backup" => "`name:`", "state" | "status" => "`is:`", "max_age" => "`age:`"],
    one_of: &[],
};

pub(super) const BACKUP: Record<Keys, Change> = Record {
    table: &BACKUP_TABLE,
    finish: |_, keys, _| {
        let is = keys.backup_is.unwrap_or(OrText::Value(BackupState::Whole));
        Some(Change::Backup { data: keys.data?, name: keys.name?, is, age: keys.age })
    },
};

static IMAGE_TABLE: Table<Keys> = Table {
    name: "change_image",
    what: "a change of an image",
    doc: "An image, by the name under which it is pulled.",
    rows: &[&[
        row!(required "name", TEXT, "its name", |t, v| t.name = Some(v)),
        row!(required "is", state::<ImageState>(), "what it does when it is run", |t, v| t.image_is = Some(v)),
    ]],
    foreign: foreign!["id" | "image" => "`name:`", "state" | "does" => "`is:`"],
    one_of: &[],
};

pub(super) const IMAGE: Record<Keys, Change> =
    Record { table: &IMAGE_TABLE, finish: |_, keys, _| Some(Change::Image { name: keys.name?, is: keys.image_is? }) };

static DATABASE_TABLE: Table<Keys> = Table {
    name: "change_database",
    what: "a change of a database",
    doc: "A PostgreSQL server that is reached by its host name.",
    rows: &[&[
        row!(required "host", TEXT, "its host name", |t, v| t.host = Some(v)),
        row!(required "is", state::<DatabaseState>(), "what it is", |t, v| t.database_is = Some(v)),
        row!("of", TEXT, "the host name of the primary that it follows", |t, v| t.of = Some(v)),
        row!("lag", LENGTH, "how far it is behind", |t, v| t.lag = Some(v)),
    ]],
    foreign: foreign!["name" | "id" => "`host:`", "state" | "role" => "`is:`", "primary" | "follows" => "`of:`"],
    one_of: &[],
};

pub(super) const DATABASE: Record<Keys, Change> = Record {
    table: &DATABASE_TABLE,
    finish: |_, keys, _| Some(Change::Database { host: keys.host?, is: keys.database_is?, of: keys.of, lag: keys.lag }),
};

static FILE_TABLE: Table<Keys> = Table {
    name: "change_file",
    what: "a change of a file",
    doc: "A file.",
    rows: &[&[
        row!(required "path", TEXT, "its path, from the root", |t, v| t.path = Some(v)),
        row!("text", TEXT, "what is in it", |t, v| t.text = Some(v)),
        row!("host", TEXT, "the machine it is on; default: where services live", |t, v| t.host = Some(v)),
        row!("is", state::<Presence>(), "whether it is there (present)", |t, v| t.is = Some(v)),
    ]],
    foreign: foreign!["name" | "file" => "`path:`", "content" | "body" => "`text:`", "state" => "`is:`", "target" => "`host:`"],
    one_of: &[],
};

pub(super) const FILE: Record<Keys, Change> = Record {
    table: &FILE_TABLE,
    finish: |lower, keys, node| {
        let is = keys.is.unwrap_or(OrText::Value(Presence::Present));
        if let (OrText::Value(Presence::Absent), Some(entry)) = (&is, node.get("text")) {
            let message = "a file that is not there has no text";
            lower.error("document::contradiction", entry.key_place, message, "leave out `text`, or `is: absent`");
        }
        Some(Change::File { path: keys.path?, text: keys.text, host: keys.host, is })
    },
};
