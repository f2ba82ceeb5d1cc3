//! A machine of a lab.

use super::{NAMES, Record, Table, foreign, row};
use crate::document::kind::{ID, List, MACHINE_NAME, PATH, PLAIN};
use crate::document::table::action::ARGV;
use crate::model::lab::MachineDecl;
use crate::model::operation::Argv;
use crate::model::source::{Name, Spanned};

#[derive(Default)]
pub(super) struct Draft {
    image: Option<Spanned<String>>,
    host_name: Option<Name>,
    networks: Vec<Name>,
    names: Vec<Name>,
    images: Vec<Spanned<String>>,
    files: Option<Spanned<String>>,
    setup: Option<Argv>,
}

static TABLE: Table<Draft> = Table {
    name: "machine",
    what: "a machine",
    doc: "A machine of a lab: a container with sshd and a Docker daemon of its own.",
    rows: &[&[
        row!(required "image", PLAIN, "its image: an init with sshd and dockerd", |t, v| t.image = Some(v)),
        row!(required "host_name", MACHINE_NAME, "what it calls itself", |t, v| t.host_name = Some(v)),
        row!(
            required "networks",
            List { item: ID, least: 1 },
            "networks that it is on; at the first one it is reached",
            |t, v| t.networks = v
        ),
        row!("names", NAMES, "host names that lead to it", |t, v| t.names = v),
        row!("images", List { item: PLAIN, least: 1 }, "images of this machine that its Docker gets", |t, v| t
            .images =
            v),
        row!("files", PATH, "a directory that it finds at /opt/lab", |t, v| t.files = Some(v)),
        row!("setup", ARGV, "run in it once its Docker answers; machines in the order of the file", |t, v| t.setup =
            Some(v)),
    ]],
    foreign: foreign![
        "hostname" | "host" | "name" => "`host_name:`",
        "network" => "`networks:`",
        "aliases" => "`names:`",
        "volumes" | "mounts" | "copy" => "`files:`",
        "run" | "command" | "provision" => "`setup:`",
    ],
    one_of: &[],
};

pub(super) const MACHINE: Record<Draft, MachineDecl> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        Some(MachineDecl {
            span: lower.span(node.head()),
            image: draft.image?,
            host_name: draft.host_name?,
            networks: draft.networks,
            names: draft.names,
            images: draft.images,
            files: draft.files,
            setup: draft.setup,
        })
    },
};
