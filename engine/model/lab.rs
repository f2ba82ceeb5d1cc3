//! `lab/v1` as authored: a disposable environment, what can be broken in it, and how each scenario is drilled there.

use std::time::Duration;

use serde::Serialize;

use super::operation::Argv;
use super::rehearsal::words;
use super::source::{FileId, Map, Name, Span, Spanned, Text};

/// A whole lab. Paths are relative to its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lab {
    /// Its file.
    pub file: FileId,
    /// Its name; what it makes is called `runbook-lab-NAME-…`.
    pub name: Name,
    /// For people.
    pub title: Option<Spanned<String>>,
    /// Who answers for it.
    pub owner: Option<Spanned<String>>,
    /// What it is made of that is not real, for reports.
    pub stand_ins: Vec<Spanned<String>>,
    /// The system that is recovered in it.
    pub system: Spanned<String>,
    /// The system's environment that it is; of class `lab`.
    pub environment: Name,
    /// Makes the images that are missing; run first, on this machine.
    pub build: Option<Argv>,
    /// Networks without a way out.
    pub networks: Vec<Name>,
    /// Machines, each a container with a Docker daemon of its own.
    pub machines: Map<MachineDecl>,
    /// Further host names, and the machine or virtual machine that each leads to.
    pub hosts: Map<Name>,
    /// A stand-in for a cloud's control plane.
    pub cloud: Option<CloudDecl>,
    /// Who writes all the time.
    pub canary: Option<CanaryDecl>,
    /// What can be broken.
    pub faults: Map<LabFault>,
    /// How a scenario is drilled, by the runbook's name.
    pub drills: Map<DrillDecl>,
}

impl Lab {
    /// The names of its machines, then those of its cloud's.
    pub fn machine_names(&self) -> impl Iterator<Item = &Name> + Clone {
        let cloud = self.cloud.iter().flat_map(|cloud| cloud.machines.iter().map(|(name, _)| name));
        self.machines.iter().map(|(name, _)| name).chain(cloud)
    }

    /// For people.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.title.as_ref().map_or(self.name.value.as_str(), |title| title.value.as_str())
    }
}

/// A machine of a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineDecl {
    /// Where it was written.
    pub span: Span,
    /// Its image: an init with sshd and dockerd.
    pub image: Spanned<String>,
    /// What it calls itself.
    pub host_name: Name,
    /// Networks that it is on; at the first one it is reached.
    pub networks: Vec<Name>,
    /// Further names that lead to it.
    pub names: Vec<Name>,
    /// Images that its Docker has.
    pub images: Vec<Spanned<String>>,
    /// A directory that it finds at `/opt/lab`.
    pub files: Option<Spanned<String>>,
    /// Run in it once its Docker answers.
    pub setup: Option<Argv>,
}

/// A stand-in for a cloud's control plane: its virtual machines are containers, its disks are loop devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloudDecl {
    /// Where it was written.
    pub span: Span,
    /// The project that there is.
    pub project: Name,
    /// Its labels.
    pub labels: Map<Spanned<String>>,
    /// Its region.
    pub region: Name,
    /// Its zone.
    pub zone: Name,
    /// The lab's network on which virtual machines are.
    pub network: Name,
    /// The image of virtual machines.
    pub image: Option<Spanned<String>>,
    /// Images that their Docker has.
    pub images: Vec<Spanned<String>>,
    /// A directory that each finds at `/opt/lab`.
    pub files: Option<Spanned<String>>,
    /// Run in each before it is ready.
    pub setup: Option<Argv>,
    /// DNS zones and the domain of each; names of `hosts` in them are records.
    pub dns: Map<Spanned<String>>,
    /// Virtual machines at the start.
    pub machines: Map<VmDecl>,
}

/// A virtual machine at the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VmDecl {
    /// Where it was written.
    pub span: Span,
    /// Its disks by device name, in GB.
    pub disks: Map<u32>,
    /// Run in it once its disks are attached.
    pub setup: Option<Argv>,
    /// Disks of which a snapshot is taken once it is set up.
    pub snapshots: Vec<Name>,
}

/// The canary: numbered, timed writes from outside, and how each store says which of them it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CanaryDecl {
    /// Where it was written.
    pub span: Span,
    /// From one write to the next.
    pub every: Duration,
    /// Each takes a POST of `{"number": …, "at": …}`; the one that worked last is tried first.
    pub write: Vec<Spanned<String>>,
    /// Numbers that a store has, one a line.
    pub survived: Map<Argv>,
}

/// What is done to a machine from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MachineChange {
    /// Loses its power.
    Kill,
    /// Is shut down.
    Stop,
    /// Loses every network.
    Cut,
    /// Freezes.
    Pause,
}

words!(
    MachineChange, "what happens to a machine",
    "kill" => Kill, "stop" => Stop, "cut" => Cut, "pause" => Pause,
);

/// What a person does, or a fault: to machines from outside, and in one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// The machine in which `exec` runs.
    pub in_machine: Option<Name>,
    /// What is run there.
    pub exec: Option<Argv>,
    /// What happens to machines.
    pub machines: Map<MachineChange>,
    /// Sent to the stand-in of the cloud, as JSON.
    pub cloud: Option<Text>,
}

/// Something that can be broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabFault {
    /// Where it was written.
    pub span: Span,
    /// For people.
    pub title: Option<Text>,
    /// How it is broken.
    pub inject: Deed,
    /// Takes it back, in the same machine.
    pub undo: Option<Argv>,
    /// Exit 0 says that it is noticed; without it the canary's writes have to fail.
    pub noticed: Option<Argv>,
}

/// How a scenario is drilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrillDecl {
    /// Where it was written.
    pub span: Span,
    /// The fault, unless the command line says another.
    pub fault: Name,
    /// Parameters of the runbook.
    pub set: Map<Vec<Text>>,
    /// What people do and say, by the full id of the step that asks; they agree to everything else.
    pub people: Map<PersonDecl>,
    /// Where the canary writes instead; empty: where it always does.
    pub write: Vec<Spanned<String>>,
    /// The stores that are asked instead of the canary's, and how; empty: those.
    pub survived: Map<Argv>,
    /// Rows committed after this moment are meant to be gone.
    pub until: Option<Text>,
    /// Exit 0 says that the system is well again; without it every service has to be healthy.
    pub verify: Option<Argv>,
}

/// What a person does and says when a step asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonDecl {
    /// Where it was written.
    pub span: Span,
    /// Values that the step asks for.
    pub inputs: Map<Text>,
    /// What the person does before the answer.
    pub does: Deed,
}
