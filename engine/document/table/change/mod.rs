//! Changes to a simulated world: a mapping of one key, which says what is changed.

mod cloud;
mod system;

use std::time::Duration;

use serde_json::Value;

use super::{Record, Schemas, Table, foreign, row};
use crate::document::kind::{Count, Kind, List, OrTextKind, SpanOfTime, WordKind};
use crate::document::lower::Lower;
use crate::document::tree::Node;
use crate::model::change::{
    BackupState, DataState, DatabaseState, HostState, ImageState, Presence, ServiceState, VmState,
};
use crate::model::rehearsal::{ChangeDecl, ChangeOf, OrText, Refusal};
use crate::model::source::Text;

type Change = ChangeOf<Text>;

/// Changes; a list that says nothing is left out.
pub(super) const CHANGES: List<Record<Draft, ChangeDecl>> = List { item: CHANGE, least: 1 };

const CHANGE: Record<Draft, ChangeDecl> = Record {
    table: &TABLE,
    finish: |lower, draft, node| Some(ChangeDecl { span: lower.span(node.head()), change: draft.change? }),
};

#[derive(Default)]
pub(super) struct Draft {
    change: Option<Change>,
}

static TABLE: Table<Draft> = Table {
    name: "change",
    what: "a change",
    doc: "A change to the simulated world of a rehearsal: one key, which says what is changed.",
    rows: &[&[
        row!("service", system::SERVICE, "a service and its container", |t, v| t.change = Some(v)),
        row!("data", system::DATA, "the content of some data where the system has it", |t, v| t.change = Some(v)),
        row!("backup", system::BACKUP, "a backup of some data", |t, v| t.change = Some(v)),
        row!("image", system::IMAGE, "an image, by the name under which it is pulled", |t, v| t.change = Some(v)),
        row!("database", system::DATABASE, "a PostgreSQL server that is reached by its host name", |t, v| t.change =
            Some(v)),
        row!("file", system::FILE, "a file", |t, v| t.change = Some(v)),
        row!("host", cloud::HOST, "a machine: a target's id, `local`, or a host name", |t, v| t.change = Some(v)),
        row!("vm", cloud::VM, "a virtual machine of Google Compute Engine", |t, v| t.change = Some(v)),
        row!("disk", cloud::DISK, "a persistent disk", |t, v| t.change = Some(v)),
        row!("snapshot", cloud::SNAPSHOT, "a snapshot of a disk", |t, v| t.change = Some(v)),
        row!("dns", cloud::DNS, "a name that resolves", |t, v| t.change = Some(v)),
        row!("http", cloud::HTTP, "what an address answers", |t, v| t.change = Some(v)),
        row!("cloud", cloud::CLOUD, "what Google Cloud refuses", |t, v| t.change = Some(v)),
    ]],
    foreign: foreign![
        "container" | "unit" => "`service:`, by its id in the system file",
        "volume" => "`data:`, by its id in the system file",
        "dump" | "archive" => "`backup:`",
        "machine" | "target" | "server" => "`host:`",
        "instance" => "`vm:`",
        "url" | "health" => "`http:`",
        "postgres" | "primary" | "standby" => "`database:`",
        "quota" | "zone" | "capacity" => "`cloud: { refuses: … }`",
    ],
    one_of: &[
        "service", "data", "backup", "image", "database", "file", "host", "vm", "disk", "snapshot", "dns", "http",
        "cloud",
    ],
};

/// The keys of every kind of change while they are read.
#[derive(Default)]
struct Keys {
    name: Option<Text>,
    image: Option<Text>,
    from: Option<Text>,
    data: Option<Text>,
    address: Option<Text>,
    project: Option<Text>,
    zone: Option<Text>,
    host: Option<Text>,
    vm: Option<Text>,
    device: Option<Text>,
    disk: Option<Text>,
    url: Option<Text>,
    body: Option<Text>,
    service: Option<Text>,
    of: Option<Text>,
    path: Option<Text>,
    text: Option<Text>,
    refuses: Option<Text>,
    age: Option<OrText<Duration, Text>>,
    lag: Option<OrText<Duration, Text>>,
    status: Option<OrText<u16, Text>>,
    ready: Option<OrText<bool, Text>>,
    service_is: Option<State<ServiceState>>,
    data_is: Option<State<DataState>>,
    backup_is: Option<State<BackupState>>,
    image_is: Option<State<ImageState>>,
    host_is: Option<State<HostState>>,
    vm_is: Option<State<VmState>>,
    is: Option<State<Presence>>,
    database_is: Option<State<DatabaseState>>,
    cloud_is: Option<State<Refusal>>,
}

type State<W> = OrText<W, Text>;

const fn state<W>() -> OrTextKind<WordKind<W>> {
    OrTextKind(WordKind::NEW)
}

const LENGTH: OrTextKind<SpanOfTime> = OrTextKind(SpanOfTime);

/// An HTTP status.
struct Status;
const STATUS: OrTextKind<Status> = OrTextKind(Status);
const CODE: Count = Count { least: 100, most: 599 };

impl Kind for Status {
    type Out = u16;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<u16> {
        CODE.read(lower, node).and_then(|code| u16::try_from(code).ok())
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        CODE.schema(schemas)
    }
}
