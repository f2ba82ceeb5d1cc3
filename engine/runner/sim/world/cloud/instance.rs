//! Instances: made with their disks and their machine, deleted with both.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::super::{LOCAL, Machine, World};
use super::disk::NewDisk;
use super::operation::{Lasts, after};
use super::permit::{EVERYWHERE, check_name, cpus};
use super::zones::check_place;
use super::{At, Attached, CloudError, Disk, Instance, Notes, Operation, Source, Vm};

const CREATE: Lasts = (20_000, 60_000);
const DELETE: Lasts = (30_000, 60_000);

/// No capacity: the API tries for so long.
pub(super) const STOCK_OUT: Lasts = (90_000, 110_000);

/// From its start until ssh answers.
pub(super) const BOOT: Lasts = (20_000, 60_000);

/// An instance that is to be made.
#[derive(Clone, Debug)]
pub struct NewInstance {
    /// Where.
    pub at: At,
    /// `e2-medium`.
    pub machine_type: String,
    /// The boot disk first.
    pub disks: Vec<NewAttached>,
    /// Outside it has a reserved address, one of the pool, or none.
    pub external: External,
    /// Labels, metadata, tags, description.
    pub vm: Vm,
}

/// What address an instance has outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum External {
    /// None.
    None,
    /// One of the pool, while it runs.
    Pool,
    /// A reserved one.
    Reserved(String),
}

/// A disk of an instance that is to be made.
#[derive(Clone, Debug)]
pub struct NewAttached {
    /// Its name.
    pub disk: String,
    /// It is to be made too, of this, with this size and type; none: it is there.
    pub made_of: Option<(Source, Option<u64>, String)>,
    /// None: `persistent-disk-N`.
    pub device: Option<String>,
    /// It holds the operating system.
    pub boot: bool,
    /// Deleted with the instance.
    pub auto_delete: bool,
}

impl World {
    /// Makes an instance, its disks and its machine. It runs when the operation is done, and is reached some time later. Without
    /// capacity the operation fails, and nothing is left.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_instance(&mut self, new: NewInstance) -> Result<Operation, CloudError> {
        let at = new.at.clone();
        let path = at.path("instances");
        self.permit_change("compute.instances.create", &path)?;
        check_place(&at)?;
        check_name(&at.name)?;
        let project = self.project(&at.project)?;
        if project.instances.contains_key(&at.key()) {
            return Err(CloudError::Exists(path));
        }
        if let External::Reserved(address) = &new.external {
            self.reserved(&at, address)?;
        }
        let (made, attached) = self.new_disks(&new)?;
        self.permit_quota(&at, "CPUS", cpus(&new.machine_type))?;
        self.permit_quota(&at, EVERYWHERE, cpus(&new.machine_type))?;
        self.permit_quota(&at, "INSTANCES", 1)?;
        if new.external != External::None {
            self.permit_quota(&at, "IN_USE_ADDRESSES", 1)?;
        }
        let id = self.number();
        if let Some(error) = self.stock_out(&at, &new.machine_type) {
            return Ok(self.begin_in_vain(&at, "insert", &id, error));
        }
        let operation = self.begin((&at, "instances"), "insert", &id, CREATE);
        for disk in made {
            let key = at.beside(&disk.name).key();
            self.project_mut(&at.project)?.disks.insert_mut(key, disk);
        }
        self.place(new, id, &operation, &attached)?;
        Ok(operation)
    }

    /// The disks that are made for a new instance, and what is attached to it.
    fn new_disks(&mut self, new: &NewInstance) -> Result<(Vec<Disk>, Vec<Attached>), CloudError> {
        let (mut made, mut attached) = (Vec::new(), Vec::new());
        for (n, disk) in new.disks.iter().enumerate() {
            let at = new.at.beside(&disk.disk);
            match &disk.made_of {
                Some((source, size_gb, kind)) => {
                    self.permit_change("compute.disks.create", &at.path("disks"))?;
                    let (source, kind) = (source.clone(), kind.clone());
                    let (notes, policies) = (Notes::default(), Vec::new());
                    let new = NewDisk { at, size_gb: *size_gb, kind, source, notes, policies };
                    made.push(self.new_disk(&new)?);
                }
                None => self.usable(&at)?,
            }
            let device = disk.device.clone().unwrap_or_else(|| format!("persistent-disk-{n}"));
            let (boot, auto_delete) = (disk.boot, disk.auto_delete);
            attached.push(Attached { disk: disk.disk.clone(), device, boot, auto_delete });
        }
        Ok((made, attached))
    }

    /// The instance and its machine.
    fn place(&mut self, new: NewInstance, id: String, op: &Operation, attached: &[Attached]) -> Result<(), CloudError> {
        let at = new.at;
        let created = self.now();
        let external = match &new.external {
            External::None => None,
            External::Pool => Some(self.free_address(&at)),
            External::Reserved(address) => Some(address.clone()),
        };
        let machine = self.machine_name(&at);
        let internal = self.internal_address(&at.project);
        let up = Machine {
            hostname: at.name.clone(),
            address: Some(external.clone().unwrap_or_else(|| internal.clone())),
            ..Machine::new(&machine, op.ends)
        };
        self.machines.insert_mut(machine.clone(), up);
        let reachable = self.later(op.ends, BOOT);
        let until = Some(("STAGING".to_owned(), op.ends));
        let instance = Instance {
            name: at.name.clone(),
            zone: at.zone_name().to_owned(),
            id,
            machine_type: new.machine_type,
            status: "RUNNING".to_owned(),
            machine,
            internal,
            external,
            disks: Vec::new(),
            created,
            reachable,
            vm: Vm { ephemeral: new.external == External::Pool, until, ..new.vm },
        };
        let project = self.project_mut(&at.project)?;
        project.machines.insert_mut(at.key(), instance.machine.clone());
        project.instances.insert_mut(at.key(), instance);
        for disk in attached {
            self.plug(&at, disk.clone())?;
        }
        Ok(())
    }

    /// The machine that an instance is to be: the one that it was, if that is gone.
    fn machine_name(&self, at: &At) -> String {
        let was = self.cloud.projects.get(&at.project).and_then(|project| project.machines.get(&at.key()));
        let free = |name: &&String| !self.machines.contains_key(*name);
        let whole = format!("{}/{}", at.project, at.key());
        [was.unwrap_or(&at.name), &at.name].into_iter().find(free).unwrap_or(&whole).clone()
    }

    fn internal_address(&self, project: &str) -> String {
        let instances = self.cloud.projects.get(project).map(|project| &project.instances);
        let taken = |address: &String| {
            instances.is_some_and(|instances| instances.values().any(|instance| instance.internal == *address))
        };
        let mut all = (0..=255_u8).flat_map(|third| (2..=254_u8).map(move |fourth| format!("10.166.{third}.{fourth}")));
        all.find(|address| !taken(address)).unwrap_or_else(|| "10.166.255.254".to_owned())
    }

    /// Deletes an instance, its machine, and the disks that go with it.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_instance(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.delete", &at.path("instances"))?;
        let instance = self.instance_at(at)?.clone();
        let now = self.now();
        let began = self.began;
        let project = self.project_mut(&at.project)?;
        project.has_keys |= instance.created < began;
        for attached in &instance.disks {
            let key = at.beside(&attached.disk).key();
            if attached.auto_delete {
                project.disks.remove_mut(&key);
            } else if let Some(disk) = project.disks.get_mut(&key) {
                disk.notes.detached = Some(now);
            }
        }
        project.machines.insert_mut(at.key(), instance.machine.clone());
        project.instances.remove_mut(&at.key());
        if instance.machine != LOCAL {
            self.machines.remove_mut(&instance.machine);
        }
        Ok(self.begin((at, "instances"), "delete", &instance.id, DELETE))
    }

    /// The machines of a project know the key of whoever asks: somebody has used ssh there, before the rehearsal or in it.
    #[must_use]
    pub fn has_keys(&self, project: &str) -> bool {
        let Some(project) = self.cloud.projects.get(project) else { return false };
        project.has_keys || project.instances.values().any(|instance| instance.created < self.began)
    }

    /// From now on they do.
    pub fn add_keys(&mut self, project: &str) {
        if let Some(project) = self.cloud.projects.get_mut(project) {
            project.has_keys = true;
        }
    }

    /// Notes the key of a machine; false: it was known.
    pub fn add_known_host(&mut self, instance: &Instance) -> bool {
        let is_new = instance.created >= self.began && !self.cloud.known_hosts.contains_key(&instance.id);
        if is_new {
            self.cloud.known_hosts.insert_mut(instance.id.clone(), ());
        }
        is_new
    }

    /// The zone has no capacity for a machine of this type.
    pub(super) fn stock_out(&self, at: &At, machine_type: &str) -> Option<CloudError> {
        let says = self.cloud.refused.get(&format!("zone:{}", at.zone_name()))?;
        Some(CloudError::stock_out(&at.project, at.zone_name(), machine_type, says))
    }

    /// An operation that fails after a while and leaves nothing.
    pub(super) fn begin_in_vain(&mut self, at: &At, kind: &'static str, id: &str, error: CloudError) -> Operation {
        let mut operation = self.begin((at, "instances"), kind, id, STOCK_OUT);
        operation.error = Some(error);
        self.keep(&operation);
        operation
    }

    /// A moment after another.
    pub(super) fn later(&mut self, than: DateTime<Utc>, lasts: Lasts) -> DateTime<Utc> {
        let lasts = self.lasts(lasts);
        after(than, lasts)
    }

    pub(super) fn instance_at(&self, at: &At) -> Result<&Instance, CloudError> {
        let found = self.project(&at.project)?.instances.get(&at.key());
        found.ok_or_else(|| CloudError::NotFound(at.path("instances")))
    }

    pub(super) fn instance_at_mut(&mut self, at: &At) -> Result<&mut Instance, CloudError> {
        let path = at.path("instances");
        self.project_mut(&at.project)?.instances.get_mut(&at.key()).ok_or(CloudError::NotFound(path))
    }

    /// One instance.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_instance(&self, at: &At) -> Result<Value, CloudError> {
        Ok(self.instance_document(&at.project, self.get_instance(at)?))
    }

    /// The same as it is kept.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn get_instance(&self, at: &At) -> Result<&Instance, CloudError> {
        self.permit("compute.instances.get", &at.path("instances"))?;
        self.instance_at(at)
    }

    /// Every instance of a project, or of one zone.
    ///
    /// # Errors
    /// It is refused.
    pub fn instance_documents(&self, project: &str, zone: Option<&str>) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.instances.list", project, &super::collection("instances", zone))?;
        let all = self.project(project)?.instances.values();
        let wanted = all.filter(|instance| zone.is_none_or(|zone| zone == instance.zone));
        Ok(wanted.map(|instance| self.instance_document(project, instance)).collect())
    }
}
