//! Changes to machines, disks, names and addresses.

use super::{Change, Keys, LENGTH, STATUS, state};
use crate::document::kind::{BOOL, OrTextKind, TEXT};
use crate::document::table::{Record, Table, foreign, row};
use crate::model::change::{HostState, Presence, VmState};
use crate::model::rehearsal::{OrText, Refusal};

static HOST_TABLE: Table<Keys> = Table {
    name: "change_host",
    what: "a change of a machine",
    doc: "A machine.",
    rows: &[&[
        row!("name", TEXT, "a target's id, `local`, or a host name; default: where services live", |t, v| t.name =
            Some(v)),
        row!("is", state::<HostState>(), "what becomes of it (up)", |t, v| t.host_is = Some(v)),
        row!("address", TEXT, "the address it answers to", |t, v| t.address = Some(v)),
    ]],
    foreign: foreign!["id" | "host" | "target" => "`name:`", "state" | "status" => "`is:`", "ip" => "`address:`"],
    one_of: &[],
};

pub(super) const HOST: Record<Keys, Change> = Record {
    table: &HOST_TABLE,
    finish: |_, keys, _| {
        let is = keys.host_is.unwrap_or(OrText::Value(HostState::Up));
        Some(Change::Host { name: keys.name, is, address: keys.address })
    },
};

static VM_TABLE: Table<Keys> = Table {
    name: "change_vm",
    what: "a change of a virtual machine",
    doc: "A virtual machine of Google Compute Engine.",
    rows: &[&[
        row!(required "name", TEXT, "its name", |t, v| t.name = Some(v)),
        row!("is", state::<VmState>(), "what becomes of it (running)", |t, v| t.vm_is = Some(v)),
        row!("project", TEXT, "its project; default: the only one", |t, v| t.project = Some(v)),
        row!("zone", TEXT, "its zone; default: the only one", |t, v| t.zone = Some(v)),
        row!("address", TEXT, "its external address", |t, v| t.address = Some(v)),
        row!("host", TEXT, "the target (or host name) that is this machine", |t, v| t.host = Some(v)),
    ]],
    foreign: foreign!["id" | "vm" => "`name:`", "state" | "status" => "`is:`", "ip" => "`address:`", "target" => "`host:`"],
    one_of: &[],
};

pub(super) const VM: Record<Keys, Change> = Record {
    table: &VM_TABLE,
    finish: |_, keys, _| {
        let is = keys.vm_is.unwrap_or(OrText::Value(VmState::Running));
        let Keys { name, project, zone, address, host, .. } = keys;
        Some(Change::Vm { name: name?, is, project, zone, address, host })
    },
};

static DISK_TABLE: Table<Keys> = Table {
    name: "change_disk",
    what: "a change of a disk",
    doc: "A persistent disk.",
    rows: &[&[
        row!(required "name", TEXT, "its name", |t, v| t.name = Some(v)),
        row!("is", state::<Presence>(), "whether it is there (present)", |t, v| t.is = Some(v)),
        row!("vm", TEXT, "the machine that it is attached to", |t, v| t.vm = Some(v)),
        row!("device", TEXT, "under this device name", |t, v| t.device = Some(v)),
        row!("data", TEXT, "the data of the system that it holds", |t, v| t.data = Some(v)),
        row!("project", TEXT, "its project; default: the only one", |t, v| t.project = Some(v)),
        row!("zone", TEXT, "its zone; default: the only one", |t, v| t.zone = Some(v)),
    ]],
    foreign: foreign![
        "id" | "disk" => "`name:`",
        "state" | "status" => "`is:`",
        "device_name" => "`device:`",
        "instance" | "attached_to" => "`vm:`",
        "holds" => "`data:`",
    ],
    one_of: &[],
};

pub(super) const DISK: Record<Keys, Change> = Record {
    table: &DISK_TABLE,
    finish: |_, keys, _| {
        let is = keys.is.unwrap_or(OrText::Value(Presence::Present));
        let Keys { name, vm, device, data, project, zone, .. } = keys;
        Some(Change::Disk { name: name?, is, vm, device, data, project, zone })
    },
};

static SNAPSHOT_TABLE: Table<Keys> = Table {
    name: "change_snapshot",
    what: "a change of a snapshot",
    doc: "A snapshot of a disk.",
    rows: &[&[
        row!(required "name", TEXT, "its name", |t, v| t.name = Some(v)),
        row!("is", state::<Presence>(), "whether it is there (present)", |t, v| t.is = Some(v)),
        row!("disk", TEXT, "the disk it was made of", |t, v| t.disk = Some(v)),
        row!("age", LENGTH, "how old it is", |t, v| t.age = Some(v)),
        row!("ready", OrTextKind(BOOL), "false: it still uploads (true)", |t, v| t.ready = Some(v)),
    ]],
    foreign: foreign!["id" | "snapshot" => "`name:`", "state" => "`is:`", "status" => "`ready:`", "of" | "source" => "`disk:`"],
    one_of: &[],
};

pub(super) const SNAPSHOT: Record<Keys, Change> = Record {
    table: &SNAPSHOT_TABLE,
    finish: |_, keys, _| {
        let is = keys.is.unwrap_or(OrText::Value(Presence::Present));
        let ready = keys.ready.unwrap_or(OrText::Value(true));
        Some(Change::Snapshot { name: keys.name?, is, disk: keys.disk, age: keys.age, ready })
    },
};

static DNS_TABLE: Table<Keys> = Table {
    name: "change_dns",
    what: "a change of a name",
    doc: "A name that resolves, and its record where a zone of Cloud DNS has one.",
    rows: &[&[
        row!(required "name", TEXT, "the name", |t, v| t.name = Some(v)),
        row!("address", TEXT, "its address; without it the name does not resolve", |t, v| t.address = Some(v)),
        row!("zone", TEXT, "the managed zone that has the record", |t, v| t.zone = Some(v)),
    ]],
    foreign: foreign!["host" | "record" => "`name:`", "ip" | "to" | "rrdatas" => "`address:`"],
    one_of: &[],
};

pub(super) const DNS: Record<Keys, Change> = Record {
    table: &DNS_TABLE,
    finish: |_, keys, _| Some(Change::Dns { name: keys.name?, address: keys.address, zone: keys.zone }),
};

static HTTP_TABLE: Table<Keys> = Table {
    name: "change_http",
    what: "a change of an address",
    doc: "What an address answers.",
    rows: &[&[
        row!(required "url", TEXT, "the address: exact, or with `*` at its end", |t, v| t.url = Some(v)),
        row!("status", STATUS, "its status; without it 200 where it has a body, else nobody answers", |t, v| t
            .status =
            Some(v)),
        row!("body", TEXT, "the body (empty)", |t, v| t.body = Some(v)),
        row!("service", TEXT, "it answers like this only while this service is healthy", |t, v| t.service = Some(v)),
    ]],
    foreign: foreign!["name" | "address" => "`url:`", "code" | "is" => "`status:`", "text" | "json" => "`body:`"],
    one_of: &[],
};

pub(super) const HTTP: Record<Keys, Change> = Record {
    table: &HTTP_TABLE,
    finish: |_, keys, _| {
        let Keys { url, status, body, service, .. } = keys;
        let status = status.or_else(|| body.is_some().then_some(OrText::Value(200)));
        Some(Change::Http { url: url?, status, body, service })
    },
};

static CLOUD_TABLE: Table<Keys> = Table {
    name: "change_cloud",
    what: "a change of the cloud",
    doc: "What Google Cloud refuses.",
    rows: &[&[
        row!(
            required "refuses", TEXT,
            "`zone:ZONE` (no capacity), `quota:METRIC`, `permission:NAME`, or `api`: it does not answer",
            |t, v| t.refuses = Some(v)
        ),
        row!("is", state::<Refusal>(), "allowed: from now on it is not refused (refused)", |t, v| t.cloud_is = Some(v)),
    ]],
    foreign: foreign!["zone" | "quota" | "permission" | "api" => "`refuses:`, e.g. `refuses: zone:europe-north1-a`"],
    one_of: &[],
};

pub(super) const CLOUD: Record<Keys, Change> = Record {
    table: &CLOUD_TABLE,
    finish: |_, keys, _| {
        let is = keys.cloud_is.unwrap_or(OrText::Value(Refusal::Refused));
        Some(Change::Cloud { refuses: keys.refuses?, is })
    },
};
