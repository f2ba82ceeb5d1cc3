//! Changes to a simulated world, as plain data: what a fault does, what a simulated action does, what a test is given.

use std::time::Duration;

use serde::Serialize;

/// One change, ready to be made. Names are those of the system file, or of the thing itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A service and its container.
    Service {
        /// Its id.
        id: String,
        /// What becomes of it.
        is: ServiceState,
        /// The image it runs from now on.
        image: Option<String>,
    },
    /// The content of some data where the system has it.
    Data {
        /// Its id.
        id: String,
        /// What becomes of it.
        is: DataState,
        /// Restored from this backup of its own: as old as that is.
        from: Option<String>,
    },
    /// A backup.
    Backup {
        /// The data's id.
        data: String,
        /// The backup's id.
        id: String,
        /// What becomes of it.
        is: BackupState,
        /// How old it is.
        age: Option<Duration>,
    },
    /// An image, by the name under which it is pulled.
    Image {
        /// Its name.
        name: String,
        /// What it does when it is run.
        is: ImageState,
    },
    /// A machine: a target's id, `local`, or a host name.
    Host {
        /// Its name; none: the machine where services live.
        name: Option<String>,
        /// What becomes of it.
        is: HostState,
        /// The address it answers to.
        address: Option<String>,
    },
    /// A virtual machine of Google Compute Engine.
    Vm {
        /// Its name.
        name: String,
        /// What becomes of it.
        is: VmState,
        /// None: the project's only one.
        project: Option<String>,
        /// None: the only one.
        zone: Option<String>,
        /// Its external address.
        address: Option<String>,
        /// The target (or host name) that is this machine.
        host: Option<String>,
    },
    /// A persistent disk.
    Disk {
        /// Its name.
        name: String,
        /// There, or not.
        is: Presence,
        /// The machine it is attached to.
        vm: Option<String>,
        /// Under this device name.
        device: Option<String>,
        /// What data of the system it holds.
        data: Option<String>,
        /// Its project.
        project: Option<String>,
        /// Its zone.
        zone: Option<String>,
    },
    /// A snapshot of a disk.
    Snapshot {
        /// Its name.
        name: String,
        /// There, or not.
        is: Presence,
        /// Of this disk.
        disk: Option<String>,
        /// How old it is.
        age: Option<Duration>,
        /// False: it still uploads.
        ready: bool,
    },
    /// A name that resolves, and its record where a zone of Cloud DNS has one.
    Dns {
        /// The name, with or without its final dot.
        name: String,
        /// The address; none: it does not resolve.
        address: Option<String>,
        /// The managed zone that has the record.
        zone: Option<String>,
    },
    /// What an address answers.
    Http {
        /// The address: exact, or with `*` at its end.
        url: String,
        /// The status; none: nobody answers.
        status: Option<u16>,
        /// The body.
        body: String,
        /// It answers like this only while this service is healthy.
        service: Option<String>,
    },
    /// A PostgreSQL server that is reached by its host name.
    Database {
        /// The host.
        host: String,
        /// What it is.
        is: DatabaseState,
        /// The primary it follows.
        of: Option<String>,
        /// How far it is behind.
        lag: Option<Duration>,
    },
    /// A file.
    File {
        /// Its path.
        path: String,
        /// Its content; none: it is not there.
        text: Option<String>,
        /// The machine it is on; none: where services live.
        host: Option<String>,
    },
    /// What Google Cloud refuses: `zone:europe-north1-a` (no capacity), `quota:CPUS`, `permission:compute.disks.create`, `api`.
    Cloud {
        /// What.
        what: String,
        /// True: refused from now on.
        refused: bool,
    },
}

/// What a service can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Runs, healthy once its needs are.
    Running,
    /// Stopped by somebody.
    Stopped,
    /// Its process died; nothing restarts it.
    Crashed,
    /// It starts, dies, starts.
    CrashLoop,
    /// Runs and never becomes healthy.
    Unhealthy,
    /// Frozen.
    Paused,
    /// Its container does not exist.
    Absent,
}

/// What data can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataState {
    /// As it should be.
    Whole,
    /// There, and wrong: rows deleted, pages damaged.
    Damaged,
    /// The place is empty.
    Empty,
    /// The place itself (volume, directory, disk) is gone.
    Lost,
}

/// What a backup can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// It can be read to its end.
    Whole,
    /// It cannot.
    Damaged,
    /// There is none.
    Absent,
}

/// What an image does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageState {
    /// Becomes healthy.
    Works,
    /// Exits at once, again and again.
    Crashes,
    /// Runs, never healthy.
    Unhealthy,
    /// Can be pulled, is not here yet.
    Pullable,
    /// Nowhere.
    Absent,
}

/// What a machine can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// Runs and is reached.
    Up,
    /// Off.
    Down,
    /// Runs; nobody reaches it.
    Cut,
    /// Just started again: nothing of it runs but what starts by itself.
    Restarted,
}

/// What a virtual machine can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VmState {
    /// Runs.
    Running,
    /// Exists, off.
    Terminated,
    /// Does not exist.
    Absent,
}

/// There, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// There.
    Present,
    /// Not there.
    Absent,
}

/// What a database server can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseState {
    /// Takes writes.
    Primary,
    /// Follows a primary, reads only.
    Standby,
    /// Does not answer.
    Down,
}
