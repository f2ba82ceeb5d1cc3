//! `lab/v1`.

mod cloud;
mod drill;
mod machine;

use super::action::ARGV;
use super::{Record, Table, foreign, row};
use crate::document::kind::{ID, KindLine, List, MACHINE_NAME, MapOf, Named, PATH, PLAIN};
use crate::model::lab::{CanaryDecl, CloudDecl, DrillDecl, Lab, LabFault, MachineDecl};
use crate::model::operation::Argv;
use crate::model::source::{Map, Name, Span, Spanned};

use cloud::CLOUD;
use drill::{CANARY, DRILL, LAB_FAULT};
use machine::MACHINE;

/// The environment of the system, unless the lab says another.
const ENVIRONMENT: &str = "lab";
/// A list of names of networks, machines or hosts.
const NAMES: List<Named> = List { item: MACHINE_NAME, least: 1 };

#[derive(Default)]
pub(in crate::document) struct Draft {
    name: Option<Name>,
    title: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    stand_ins: Vec<Spanned<String>>,
    system: Option<Spanned<String>>,
    environment: Option<Name>,
    build: Option<Argv>,
    networks: Vec<Name>,
    machines: Map<MachineDecl>,
    hosts: Map<Name>,
    cloud: Option<CloudDecl>,
    canary: Option<CanaryDecl>,
    faults: Map<LabFault>,
    drills: Map<DrillDecl>,
}

pub(in crate::document) static TABLE: Table<Draft> = Table {
    name: "lab",
    what: "a lab",
    doc: "A lab: a disposable environment in which a system is broken and recovered for real.",
    rows: &[&[
        row!(required "kind", KindLine("lab/v1"), "what this file is: lab/v1", |_t, _v| {}),
        row!(required "name", ID, "its name; what it makes is called runbook-lab-NAME-…", |t, v| t.name = Some(v)),
        row!("title", PLAIN, "for people; default: the name", |t, v| t.title = Some(v)),
        row!("owner", PLAIN, "team or role that keeps it right", |t, v| t.owner = Some(v)),
        row!(
            "stand_ins",
            List { item: PLAIN, least: 1 },
            "what in it is not the real thing, a sentence each; reports say so",
            |t, v| t.stand_ins = v
        ),
        row!(required "system", PATH, "system file that is drilled", |t, v| t.system = Some(v)),
        row!("environment", ID, "environment of the system, of class lab (lab)", |t, v| t.environment = Some(v)),
        row!("build", ARGV, "makes the images that are missing; run first, on this machine", |t, v| t.build = Some(v)),
        row!(required "networks", List { item: ID, least: 1 }, "networks without a way out", |t, v| t.networks = v),
        row!(
            "machines",
            MapOf { name: ID, value: MACHINE },
            "machines, each with a Docker daemon of its own",
            |t, v| t.machines = v
        ),
        row!(
            "hosts",
            MapOf { name: MACHINE_NAME, value: MACHINE_NAME },
            "further host names, and the machine that each leads to; those in a zone of `cloud: dns` are its records",
            |t, v| t.hosts = v
        ),
        row!("cloud", CLOUD, "a stand-in for a cloud's control plane", |t, v| t.cloud = Some(v)),
        row!("canary", CANARY, "numbered, timed writes from outside, by which loss is measured", |t, v| t.canary =
            Some(v)),
        row!("faults", MapOf { name: ID, value: LAB_FAULT }, "what can be broken", |t, v| t.faults = v),
        row!(
            "drills",
            MapOf { name: MACHINE_NAME, value: DRILL },
            "how a scenario is drilled, by the runbook's name",
            |t, v| t.drills = v
        ),
    ]],
    foreign: foreign![
        "services" | "containers" | "compose" => "started by a machine's `setup:`",
        "hosts_file" | "dns" => "`hosts:`",
        "images" => "`build:`, and `images:` of a machine",
        "scenarios" | "runbooks" => "`drills:`",
        "network" => "`networks:`",
        "env" => "`environment:`",
        "id" => "`name:`",
        "version" | "apiVersion" => "`kind: lab/v1`",
    ],
    one_of: &[],
};

pub(in crate::document) const LAB: Record<Draft, Lab> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        let start = lower.span(node.head());
        Some(Lab {
            file: lower.file,
            name: draft.name?,
            title: draft.title,
            owner: draft.owner,
            stand_ins: draft.stand_ins,
            system: draft.system?,
            environment: draft
                .environment
                .unwrap_or_else(|| Spanned { value: ENVIRONMENT.to_owned(), span: Span { end: start.start, ..start } }),
            build: draft.build,
            networks: draft.networks,
            machines: draft.machines,
            hosts: draft.hosts,
            cloud: draft.cloud,
            canary: draft.canary,
            faults: draft.faults,
            drills: draft.drills,
        })
    },
};
