//! Persistent disks.

use serde_json::{Value, json};

use super::super::super::tree::Node;
use super::super::World;
use super::document::{LABELS, add, moment, number_of, texts};
use super::operation::Lasts;
use super::permit::{check_name, is_ssd};
use super::zones::check_place;
use super::{At, CloudError, Disk, Instance, Notes, Operation};

/// "A couple of minutes" from a snapshot, whatever its size.
const FROM_SNAPSHOT: Lasts = (60_000, 180_000);
const BLANK: Lasts = (1_000, 3_000);
const DELETE: Lasts = (500, 2_000);
const RESIZE: Lasts = (1_000, 4_000);
const POLICIES: Lasts = (8_000, 14_000);

/// A disk's size where neither a snapshot nor anybody says one.
const SIZE_GB: u64 = 500;

/// No disk is larger.
const LARGEST_GB: u64 = 65_536;

/// The image of every boot disk that is made.
const IMAGE: &str =
    "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-bookworm-v20251014";

/// A disk that is to be made.
#[derive(Clone, Debug)]
pub struct NewDisk {
    /// Where.
    pub at: At,
    /// None: as large as what it is made of.
    pub size_gb: Option<u64>,
    /// `pd-standard`.
    pub kind: String,
    /// Of what.
    pub source: Source,
    /// Labels and description.
    pub notes: Notes,
    /// Snapshot schedules of its region, by name.
    pub policies: Vec<String>,
}

/// What a disk is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nothing: it has no file system yet.
    Blank,
    /// A snapshot of the same project.
    Snapshot(String),
    /// An image with an operating system.
    Image,
}

impl World {
    /// Makes a disk. It is READY when the operation is done.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_disk(&mut self, new: &NewDisk) -> Result<Operation, CloudError> {
        self.permit_change("compute.disks.create", &new.at.path("disks"))?;
        check_place(&new.at)?;
        let lasts = if matches!(new.source, Source::Snapshot(_)) { FROM_SNAPSHOT } else { BLANK };
        let disk = self.new_disk(new)?;
        let operation = self.begin((&new.at, "disks"), "insert", &disk.id, lasts);
        let disk = Disk { ready: operation.ends, ..disk };
        self.project_mut(&new.at.project)?.disks.insert_mut(new.at.key(), disk);
        Ok(operation)
    }

    /// The disk that would be made now.
    pub(super) fn new_disk(&mut self, new: &NewDisk) -> Result<Disk, CloudError> {
        check_name(&new.at.name)?;
        let (now, id) = (self.now(), self.number());
        let project = self.project(&new.at.project)?;
        if project.disks.contains_key(&new.at.key()) {
            return Err(CloudError::Exists(new.at.path("disks")));
        }
        let (mut size, mut files, mut from) = (new.size_gb, None, None);
        if let Source::Snapshot(name) = &new.source {
            let path = At::global(&new.at.project, name).path("snapshots");
            let snapshot = project.snapshots.get(name).ok_or_else(|| CloudError::NotFound(path.clone()))?;
            if now < snapshot.ready {
                return Err(CloudError::NotReady(path));
            }
            if size.is_some_and(|size| size < snapshot.size_gb) {
                let least = snapshot.size_gb;
                return Err(CloudError::Refused(format!(
                    "Requested disk size cannot be smaller than the snapshot size ({least} GB)"
                )));
            }
            size = size.or(Some(snapshot.size_gb));
            files.clone_from(&snapshot.files);
            from = Some(name.clone());
        }
        let standard = if new.source == Source::Image { 10 } else { SIZE_GB };
        let size_gb = size.unwrap_or(standard);
        check_size(size_gb)?;
        self.check_policies(&new.at, &new.policies)?;
        self.permit_quota(&new.at, if is_ssd(&new.kind) { "SSD_TOTAL_GB" } else { "DISKS_TOTAL_GB" }, size_gb)?;
        Ok(Disk {
            name: new.at.name.clone(),
            zone: new.at.zone_name().to_owned(),
            id,
            size_gb,
            kind: new.kind.clone(),
            ready: now,
            created: now,
            from,
            policies: new.policies.clone(),
            files,
            notes: new.notes.clone(),
        })
    }

    /// Deletes a disk that nobody uses.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_disk(&mut self, at: &At) -> Result<Operation, CloudError> {
        let path = at.path("disks");
        self.permit_change("compute.disks.delete", &path)?;
        let id = self.disk_at(at)?.id.clone();
        if let Some(by) = self.user_of(at) {
            return Err(CloudError::InUse { kind: "disk", path, by });
        }
        self.project_mut(&at.project)?.disks.remove_mut(&at.key());
        Ok(self.begin((at, "disks"), "delete", &id, DELETE))
    }

    /// Makes a disk larger.
    ///
    /// # Errors
    /// As the API gives them; it cannot become smaller.
    pub fn resize_disk(&mut self, at: &At, size_gb: u64) -> Result<Operation, CloudError> {
        self.permit_change("compute.disks.resize", &at.path("disks"))?;
        let disk = self.disk_at(at)?;
        let (id, old, is_fast) = (disk.id.clone(), disk.size_gb, is_ssd(&disk.kind));
        check_size(size_gb)?;
        if size_gb <= old {
            let why = format!("New disk size '{size_gb}' GiB must be larger than existing size '{old}' GiB.");
            return Err(CloudError::invalid("sizeGb", &size_gb.to_string(), why));
        }
        self.permit_quota(at, if is_fast { "SSD_TOTAL_GB" } else { "DISKS_TOTAL_GB" }, size_gb - old)?;
        self.disk_at_mut(at)?.size_gb = size_gb;
        Ok(self.begin((at, "disks"), "resize", &id, RESIZE))
    }

    /// Attaches snapshot schedules (by name) of the disk's region to it.
    ///
    /// # Errors
    /// As the API gives them; one is attached already, or is not there.
    pub fn add_policies(&mut self, at: &At, names: &[String]) -> Result<Operation, CloudError> {
        self.permit_change("compute.disks.addResourcePolicies", &at.path("disks"))?;
        let disk = self.disk_at(at)?;
        let id = disk.id.clone();
        self.check_policies(at, names)?;
        if let Some(name) = names.iter().find(|name| disk.policies.contains(name)) {
            let path = At::region(&at.project, at.region_name(), name).path("resourcePolicies");
            return Err(CloudError::Refused(format!("Resource policy '{path}' is already attached to disk.")));
        }
        self.disk_at_mut(at)?.policies.extend(names.iter().cloned());
        Ok(self.begin((at, "disks"), "addResourcePolicies", &id, POLICIES))
    }

    /// Schedules are there, in the region of a disk.
    fn check_policies(&self, at: &At, names: &[String]) -> Result<(), CloudError> {
        let schedules = &self.project(&at.project)?.schedules;
        let mut all = names.iter().map(|name| At::region(&at.project, at.region_name(), name));
        match all.find(|schedule| !schedules.contains_key(&schedule.key())) {
            Some(missing) => Err(CloudError::NotFound(missing.path("resourcePolicies"))),
            None => Ok(()),
        }
    }

    /// Detaches snapshot schedules from it.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn remove_policies(&mut self, at: &At, names: &[String]) -> Result<Operation, CloudError> {
        self.permit_change("compute.disks.removeResourcePolicies", &at.path("disks"))?;
        let disk = self.disk_at_mut(at)?;
        disk.policies.retain(|policy| !names.contains(policy));
        let id = disk.id.clone();
        Ok(self.begin((at, "disks"), "removeResourcePolicies", &id, POLICIES))
    }

    pub(super) fn disk_at(&self, at: &At) -> Result<&Disk, CloudError> {
        let found = self.project(&at.project)?.disks.get(&at.key());
        found.ok_or_else(|| CloudError::NotFound(at.path("disks")))
    }

    pub(super) fn disk_at_mut(&mut self, at: &At) -> Result<&mut Disk, CloudError> {
        let path = at.path("disks");
        self.project_mut(&at.project)?.disks.get_mut(&at.key()).ok_or(CloudError::NotFound(path))
    }

    /// The path of the instance that a disk is attached to.
    pub(super) fn user_of(&self, at: &At) -> Option<String> {
        let instances = self.cloud.projects.get(&at.project)?.instances.values();
        let mut here = instances.filter(|instance| instance.zone == at.zone_name());
        let user = here.find(|instance| instance.is_attached(&at.name))?;
        Some(at.beside(&user.name).path("instances"))
    }

    /// One disk.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_disk(&self, at: &At) -> Result<Value, CloudError> {
        self.permit("compute.disks.get", &at.path("disks"))?;
        Ok(self.disk_document(&at.project, self.disk_at(at)?))
    }

    /// Every disk of a project, or of one zone.
    ///
    /// # Errors
    /// It is refused.
    pub fn disk_documents(&self, project: &str, zone: Option<&str>) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.disks.list", project, &super::collection("disks", zone))?;
        let all = self.project(project)?.disks.values();
        let wanted = all.filter(|disk| zone.is_none_or(|zone| zone == disk.zone));
        Ok(wanted.map(|disk| self.disk_document(project, disk)).collect())
    }

    fn disk_document(&self, project: &str, disk: &Disk) -> Value {
        let at = At::zone(project, &disk.zone, &disk.name);
        let zone = super::at::link(&format!("projects/{project}/zones/{}", disk.zone));
        let mut document = json!({
            "creationTimestamp": moment(disk.created),
            "enableConfidentialCompute": false,
            "id": disk.id,
            "kind": "compute#disk",
            "labelFingerprint": LABELS,
            "name": disk.name,
            "physicalBlockSizeBytes": "4096",
            "satisfiesPzi": true,
            "satisfiesPzs": false,
            "selfLink": at.link("disks"),
            "sizeGb": disk.size_gb.to_string(),
            "status": if self.now() < disk.ready { "CREATING" } else { "READY" },
            "type": format!("{zone}/diskTypes/{}", disk.kind),
            "zone": zone,
        });
        let user = self.user_of(&at);
        let is_boot = user.is_some() && self.boots(&at).is_some();
        let snapshot = disk.from.as_ref().map(|name| At::global(project, name));
        let snapshots = self.cloud.projects.get(project).map(|project| &project.snapshots);
        let snapshot_id = disk.from.as_ref().map(|name| {
            let known = snapshots.and_then(|snapshots| snapshots.get(name));
            known.map_or_else(|| number_of(name), |snapshot| snapshot.id.clone())
        });
        let policies =
            disk.policies.iter().map(|name| At::region(project, at.region_name(), name).link("resourcePolicies"));
        let policies: Vec<Value> = policies.map(Value::from).collect();
        add(
            &mut document,
            [
                ("description", disk.notes.description.clone().map(Value::from)),
                ("labels", texts(&disk.notes.labels)),
                ("lastAttachTimestamp", disk.notes.attached.map(|at| moment(at).into())),
                ("lastDetachTimestamp", disk.notes.detached.map(|at| moment(at).into())),
                ("resourcePolicies", (!policies.is_empty()).then_some(Value::Array(policies))),
                ("sourceImage", (is_boot && disk.from.is_none()).then(|| IMAGE.into())),
                ("sourceSnapshot", snapshot.map(|at| at.link("snapshots").into())),
                ("sourceSnapshotId", snapshot_id.map(Value::from)),
                ("users", user.map(|user| json!([super::at::link(&user)]))),
            ],
        );
        document
    }

    /// The instance that boots from a disk.
    fn boots(&self, at: &At) -> Option<&Instance> {
        let project = self.cloud.projects.get(&at.project)?;
        let mut here = project.instances.values().filter(|instance| instance.zone == at.zone_name());
        here.find(|instance| instance.disks.iter().any(|attached| attached.disk == at.name && attached.boot))
    }

    /// What is on a disk now; of a boot disk, the files of the machine.
    pub(super) fn content(&self, at: &At) -> Option<Node> {
        let own = || self.disk_at(at).ok().and_then(|disk| disk.files.clone());
        let machine = self.boots(at).and_then(|instance| self.machine(&instance.machine));
        machine.map(|machine| machine.files.clone()).or_else(own)
    }
}

fn check_size(size_gb: u64) -> Result<(), CloudError> {
    if size_gb <= LARGEST_GB {
        return Ok(());
    }
    let why = format!("Disk size cannot exceed {LARGEST_GB} GB.");
    Err(CloudError::invalid("resource.sizeGb", &size_gb.to_string(), why))
}
