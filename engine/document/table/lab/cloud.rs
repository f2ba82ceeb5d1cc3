//! The stand-in for a cloud's control plane.

use super::{NAMES, Record, Table, foreign, row};
use crate::document::kind::{Count, ID, List, MACHINE_NAME, MapOf, PATH, PLAIN};
use crate::document::table::action::ARGV;
use crate::model::lab::{CloudDecl, VmDecl};
use crate::model::operation::Argv;
use crate::model::source::{Map, Name, Spanned};

/// Of a disk, in GB: its file is sparse, but file systems have their own overhead.
const DISK: Count = Count { least: 1, most: 65_536 };

#[derive(Default)]
pub(super) struct Draft {
    project: Option<Name>,
    labels: Map<Spanned<String>>,
    region: Option<Name>,
    zone: Option<Name>,
    network: Option<Name>,
    image: Option<Spanned<String>>,
    images: Vec<Spanned<String>>,
    files: Option<Spanned<String>>,
    setup: Option<Argv>,
    dns: Map<Spanned<String>>,
    machines: Map<VmDecl>,
}

static TABLE: Table<Draft> = Table {
    name: "cloud",
    what: "`cloud`",
    doc: "A stand-in for a cloud's control plane: virtual machines are containers, disks are loop devices.",
    rows: &[&[
        row!(required "project", MACHINE_NAME, "the project that there is", |t, v| t.project = Some(v)),
        row!("labels", MapOf { name: MACHINE_NAME, value: PLAIN }, "its labels", |t, v| t.labels = v),
        row!(required "region", MACHINE_NAME, "its region", |t, v| t.region = Some(v)),
        row!(required "zone", MACHINE_NAME, "its zone", |t, v| t.zone = Some(v)),
        row!(required "network", ID, "the lab's network on which virtual machines are", |t, v| t.network = Some(v)),
        row!("image", PLAIN, "the image of virtual machines", |t, v| t.image = Some(v)),
        row!("images", List { item: PLAIN, least: 1 }, "images of this machine that their Docker gets", |t, v| t
            .images =
            v),
        row!("files", PATH, "a directory that each finds at /opt/lab", |t, v| t.files = Some(v)),
        row!("setup", ARGV, "run in each before it is ready", |t, v| t.setup = Some(v)),
        row!(
            "dns",
            MapOf { name: MACHINE_NAME, value: PLAIN },
            "DNS zones, and the domain of each: `example.com.`",
            |t, v| t.dns = v
        ),
        row!("machines", MapOf { name: MACHINE_NAME, value: VM }, "virtual machines at the start", |t, v| t.machines =
            v),
    ]],
    foreign: foreign![
        "instances" | "vms" => "`machines:`",
        "zones" => "`zone:`, and `dns:` for names",
        "records" => "`hosts:` of the lab",
    ],
    one_of: &[],
};

pub(super) const CLOUD: Record<Draft, CloudDecl> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        Some(CloudDecl {
            span: lower.span(node.head()),
            project: draft.project?,
            labels: draft.labels,
            region: draft.region?,
            zone: draft.zone?,
            network: draft.network?,
            image: draft.image,
            images: draft.images,
            files: draft.files,
            setup: draft.setup,
            dns: draft.dns,
            machines: draft.machines,
        })
    },
};

#[derive(Default)]
pub(super) struct VmDraft {
    disks: Map<u32>,
    setup: Option<Argv>,
    snapshots: Vec<Name>,
}

static VM_TABLE: Table<VmDraft> = Table {
    name: "cloud_machine",
    what: "a virtual machine",
    doc: "A virtual machine at the start.",
    rows: &[&[
        row!("disks", MapOf { name: MACHINE_NAME, value: DISK }, "its disks by name, in GB", |t, v| t.disks = v),
        row!("setup", ARGV, "run in it once its disks are attached", |t, v| t.setup = Some(v)),
        row!("snapshots", NAMES, "disks of which a snapshot is taken once it is set up", |t, v| t.snapshots = v),
    ]],
    foreign: foreign!["disk" => "`disks: { NAME: GB }`", "run" | "command" => "`setup:`"],
    one_of: &[],
};

const VM: Record<VmDraft, VmDecl> = Record {
    table: &VM_TABLE,
    finish: |lower, draft, node| {
        let VmDraft { disks, setup, snapshots } = draft;
        Some(VmDecl { span: lower.span(node.head()), disks, setup, snapshots })
    },
};
