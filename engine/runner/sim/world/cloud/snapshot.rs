//! Snapshots of disks.

use serde_json::{Value, json};

use super::super::super::tree::Node;
use super::super::World;
use super::document::{LABELS, add, moment, number_of, texts};
use super::operation::Lasts;
use super::permit::check_name;
use super::{At, CloudError, Notes, Operation, Snapshot};

/// 30 GB take 90 s.
const CREATE: Lasts = (60_000, 120_000);
const DELETE: Lasts = (1_000, 5_000);

impl World {
    /// Takes a snapshot of a disk as it is now. It is READY when the operation is done; the operation is one on the disk, or with
    /// `on_snapshot` on the snapshot.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_snapshot(
        &mut self,
        disk: &At,
        name: &str,
        notes: Notes,
        on_snapshot: bool,
    ) -> Result<Operation, CloudError> {
        let at = At::global(&disk.project, name);
        self.permit_change("compute.snapshots.create", &at.path("snapshots"))?;
        self.permit_change("compute.disks.createSnapshot", &disk.path("disks"))?;
        let of = self.disk_at(disk)?;
        if self.now() < of.ready {
            return Err(CloudError::NotReady(disk.path("disks")));
        }
        let (of_id, size_gb, files) = (of.id.clone(), of.size_gb, self.content(disk));
        check_name(name)?;
        if self.project(&disk.project)?.snapshots.contains_key(name) {
            return Err(CloudError::Exists(at.path("snapshots")));
        }
        self.permit_quota(disk, "SNAPSHOTS", 1)?;
        let (id, created) = (self.number(), self.now());
        let operation = if on_snapshot {
            self.begin((&at, "snapshots"), "insert", &id, CREATE)
        } else {
            self.begin((disk, "disks"), "createSnapshot", &of_id, CREATE)
        };
        let snapshot = Snapshot {
            name: name.to_owned(),
            id,
            disk: disk.key(),
            size_gb,
            ready: operation.ends,
            created,
            files,
            notes,
        };
        self.project_mut(&disk.project)?.snapshots.insert_mut(name.to_owned(), snapshot);
        Ok(operation)
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_snapshot(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.snapshots.delete", &at.path("snapshots"))?;
        let id = self.snapshot_at(at)?.id.clone();
        self.project_mut(&at.project)?.snapshots.remove_mut(&at.name);
        Ok(self.begin((at, "snapshots"), "delete", &id, DELETE))
    }

    fn snapshot_at(&self, at: &At) -> Result<&Snapshot, CloudError> {
        let found = self.project(&at.project)?.snapshots.get(&at.name);
        found.ok_or_else(|| CloudError::NotFound(at.path("snapshots")))
    }

    /// One snapshot.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_snapshot(&self, at: &At) -> Result<Value, CloudError> {
        self.permit("compute.snapshots.get", &at.path("snapshots"))?;
        Ok(self.snapshot_document(&at.project, self.snapshot_at(at)?))
    }

    /// Every snapshot of a project.
    ///
    /// # Errors
    /// It is refused.
    pub fn snapshot_documents(&self, project: &str) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.snapshots.list", project, "global/snapshots")?;
        let all = self.project(project)?.snapshots.values();
        Ok(all.map(|snapshot| self.snapshot_document(project, snapshot)).collect())
    }

    fn snapshot_document(&self, project: &str, snapshot: &Snapshot) -> Value {
        let (zone, disk) = snapshot.disk.split_once('/').unwrap_or(("", &snapshot.disk));
        let disk_at = At::zone(project, zone, disk);
        let known = self.disk_at(&disk_at).ok();
        let disk_id = known.map_or_else(|| number_of(&snapshot.disk), |disk| disk.id.clone());
        let ready = self.now() >= snapshot.ready;
        let bytes = snapshot.files.as_ref().filter(|_| ready).map_or(0, size).to_string();
        let location = snapshot.notes.location.clone().unwrap_or_else(|| multi_region(zone).to_owned());
        let mut document = json!({
            "architecture": "X86_64",
            "creationSizeBytes": bytes,
            "creationTimestamp": moment(snapshot.created),
            "diskSizeGb": snapshot.size_gb.to_string(),
            "downloadBytes": bytes,
            "enableConfidentialCompute": false,
            "id": snapshot.id,
            "kind": "compute#snapshot",
            "labelFingerprint": LABELS,
            "name": snapshot.name,
            "satisfiesPzi": true,
            "selfLink": At::global(project, &snapshot.name).link("snapshots"),
            "snapshotType": "STANDARD",
            "sourceDisk": disk_at.link("disks"),
            "sourceDiskId": disk_id,
            "status": if ready { "READY" } else { "CREATING" },
            "storageBytes": bytes,
            "storageBytesStatus": if ready { "UP_TO_DATE" } else { "UPDATING" },
            "storageLocations": [location],
        });
        add(
            &mut document,
            [
                ("description", snapshot.notes.description.clone().map(Value::from)),
                ("labels", texts(&snapshot.notes.labels)),
            ],
        );
        document
    }
}

/// Bytes of everything below a directory.
fn size(files: &Node) -> u64 {
    files.walk().iter().fold(0, |sum, (_, node)| sum.saturating_add(node.size()))
}

/// Where snapshots of a zone's disks are stored by default.
fn multi_region(zone: &str) -> &'static str {
    match zone.split('-').next().unwrap_or_default() {
        "europe" => "eu",
        "asia" | "australia" | "me" => "asia",
        _ => "us",
    }
}
