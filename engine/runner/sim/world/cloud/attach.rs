//! What is attached to an instance: disks with their devices, and its address outside.

use super::super::super::tree::{Kind, Node};
use super::super::World;
use super::instance::External;
use super::operation::Lasts;
use super::{At, Attached, CloudError, Operation};

const ATTACH: Lasts = (5_000, 15_000);
const DETACH: Lasts = (3_000, 9_000);
const SET: Lasts = (500, 2_000);
const ACCESS: Lasts = (1_000, 4_000);

/// Where a machine shows its disks.
const DEVICES: &str = "dev/disk/by-id/google-";

impl World {
    /// Attaches a disk of the same zone; its device is there at once.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn attach_disk(&mut self, at: &At, disk: &str, device: Option<&str>) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.attachDisk", &at.path("instances"))?;
        let disk_at = at.beside(disk);
        self.permit_change("compute.disks.use", &disk_at.path("disks"))?;
        let instance = self.instance_at(at)?;
        let id = instance.id.clone();
        let device = device.map_or_else(|| free_device(&instance.disks), str::to_owned);
        let is_taken = instance.disks.iter().any(|attached| attached.device == device);
        self.usable(&disk_at)?;
        if is_taken {
            let why = "Another disk of the instance has this device name.";
            return Err(CloudError::invalid("resource.deviceName", &device, why));
        }
        self.plug(at, Attached { disk: disk.to_owned(), device, boot: false, auto_delete: false })?;
        Ok(self.begin((at, "instances"), "attachDisk", &id, ATTACH))
    }

    /// A disk is there, ready, and nobody uses it.
    pub(super) fn usable(&self, disk: &At) -> Result<(), CloudError> {
        let path = disk.path("disks");
        if self.now() < self.disk_at(disk)?.ready {
            return Err(CloudError::NotReady(path));
        }
        match self.user_of(disk) {
            Some(by) => Err(CloudError::InUse { kind: "disk", path, by }),
            None => Ok(()),
        }
    }

    /// A disk is attached from now on, and the machine has its device.
    pub(super) fn plug(&mut self, at: &At, attached: Attached) -> Result<(), CloudError> {
        let (now, disk) = (self.now(), at.beside(&attached.disk));
        if let Ok(disk) = self.disk_at_mut(&disk) {
            disk.notes.attached = Some(now);
        }
        let instance = self.instance_at_mut(at)?;
        let (machine, device) = (instance.machine.clone(), attached.device.clone());
        instance.disks.push(attached);
        if let Some(machine) = self.machine_mut(&machine) {
            let kind = Kind::Device(format!("{}/{}", at.project, disk.key()));
            let node = Node { kind, mode: 0o660, ..Node::directory(now) };
            // Every machine is made with this directory; one that lost it has no place for the device.
            let _ = machine.files.put(&format!("{DEVICES}{device}"), node);
        }
        Ok(())
    }

    /// Detaches the disk with a device name. What was mounted from it is gone, and what was not written is lost with it.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn detach_disk(&mut self, at: &At, device: &str) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.detachDisk", &at.path("instances"))?;
        let now = self.now();
        let instance = self.instance_at_mut(at)?;
        let Some(place) = instance.disks.iter().position(|attached| attached.device == device) else {
            let why = format!("No attached disk found with device name '{device}'.");
            return Err(CloudError::invalid("deviceName", device, why));
        };
        let disk = at.beside(&instance.disks.remove(place).disk);
        let (id, name) = (instance.id.clone(), instance.machine.clone());
        if let Ok(disk) = self.disk_at_mut(&disk) {
            disk.notes.detached = Some(now);
        }
        if let Some(machine) = self.machine_mut(&name) {
            machine.files.remove(&format!("{DEVICES}{device}"), now);
            let key = format!("{}/{}", at.project, disk.key());
            let mounts: Vec<String> =
                machine.mounts.iter().filter(|(_, mounted)| **mounted == key).map(|(path, _)| path.clone()).collect();
            for path in mounts {
                machine.mounts.remove_mut(&path);
            }
        }
        Ok(self.begin((at, "instances"), "detachDisk", &id, DETACH))
    }

    /// Whether a disk goes with its instance.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn set_auto_delete(&mut self, at: &At, device: &str, auto_delete: bool) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.setDiskAutoDelete", &at.path("instances"))?;
        let instance = self.instance_at_mut(at)?;
        for attached in instance.disks.iter_mut().filter(|attached| attached.device == device) {
            attached.auto_delete = auto_delete;
        }
        let id = instance.id.clone();
        Ok(self.begin((at, "instances"), "setDiskAutoDelete", &id, SET))
    }

    /// Gives an instance an address outside.
    ///
    /// # Errors
    /// As the API gives them; it has one.
    pub fn add_access(&mut self, at: &At, external: &External) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.addAccessConfig", &at.path("instances"))?;
        let instance = self.instance_at(at)?;
        let id = instance.id.clone();
        if instance.external.is_some() || instance.vm.ephemeral {
            return Err(CloudError::Refused("At most one access config currently supported.".to_owned()));
        }
        self.permit_quota(at, "IN_USE_ADDRESSES", 1)?;
        let address = match external {
            External::None => None,
            External::Pool => Some(self.free_address(at)),
            External::Reserved(address) => {
                self.reserved(at, address)?;
                Some(address.clone())
            }
        };
        self.instance_at_mut(at)?.vm.ephemeral = *external == External::Pool;
        self.readdress(at, address)?;
        Ok(self.begin((at, "instances"), "addAccessConfig", &id, ACCESS))
    }

    /// Takes the address outside from an instance.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_access(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.deleteAccessConfig", &at.path("instances"))?;
        let instance = self.instance_at_mut(at)?;
        instance.vm.ephemeral = false;
        let id = instance.id.clone();
        self.readdress(at, None)?;
        Ok(self.begin((at, "instances"), "deleteAccessConfig", &id, ACCESS))
    }

    /// The address outside changes, and the machine answers there.
    pub(super) fn readdress(&mut self, at: &At, address: Option<String>) -> Result<(), CloudError> {
        let instance = self.instance_at_mut(at)?;
        instance.external.clone_from(&address);
        let (name, internal) = (instance.machine.clone(), instance.internal.clone());
        if let Some(machine) = self.machine_mut(&name) {
            machine.address = Some(address.unwrap_or(internal));
        }
        Ok(())
    }
}

/// `persistent-disk-N` with the first number that no disk has.
fn free_device(disks: &[Attached]) -> String {
    let mut names = (disks.len()..).map(|n| format!("persistent-disk-{n}"));
    let is_free = |name: &String| disks.iter().all(|attached| attached.device != *name);
    names.find(is_free).unwrap_or_default()
}
