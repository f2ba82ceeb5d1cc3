//! Reserved addresses, and addresses from the pool.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::document::{LABELS, add, moment};
use super::operation::Lasts;
use super::permit::check_name;
use super::zones::check_place;
use super::{At, CloudError, Operation};

const CHANGE: Lasts = (500, 2_500);

/// Addresses of the pool that are tried before it counts as used up.
const TRIES: u32 = 1000;

/// A reserved external address.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// 64-bit number, as text.
    pub id: String,
    /// When it was reserved.
    pub created: DateTime<Utc>,
    /// The address itself.
    pub ip: String,
    /// For people.
    pub description: Option<String>,
}

impl World {
    /// Reserves an address, or (`given`) keeps one that an instance has for the time being.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_address(
        &mut self,
        at: &At,
        given: Option<&str>,
        description: Option<String>,
    ) -> Result<Operation, CloudError> {
        let path = at.path("addresses");
        self.permit_change("compute.addresses.create", &path)?;
        check_place(at)?;
        check_name(&at.name)?;
        if self.project(&at.project)?.addresses.contains_key(&at.key()) {
            return Err(CloudError::Exists(path));
        }
        self.permit_quota(at, "STATIC_ADDRESSES", 1)?;
        let address = match given {
            None => self.free_address(at),
            Some(address) => {
                let user = self.instance_with(&at.project, address);
                user.ok_or_else(|| not_found(address, at.region_name()))?;
                address.to_owned()
            }
        };
        let (id, created) = (self.number(), self.now());
        let reserved = Address {
            name: at.name.clone(),
            region: at.region_name().to_owned(),
            id: id.clone(),
            created,
            ip: address,
            description,
        };
        self.project_mut(&at.project)?.addresses.insert_mut(at.key(), reserved);
        Ok(self.begin((at, "addresses"), "insert", &id, CHANGE))
    }

    /// Gives a reserved address back.
    ///
    /// # Errors
    /// As the API gives them; an instance has it.
    pub fn delete_address(&mut self, at: &At) -> Result<Operation, CloudError> {
        let path = at.path("addresses");
        self.permit_change("compute.addresses.delete", &path)?;
        let address = self.address_at(at)?;
        let (id, ip) = (address.id.clone(), address.ip.clone());
        if let Some(by) = self.instance_with(&at.project, &ip) {
            return Err(CloudError::InUse { kind: "address", path, by: by.path("instances") });
        }
        self.project_mut(&at.project)?.addresses.remove_mut(&at.key());
        Ok(self.begin((at, "addresses"), "delete", &id, CHANGE))
    }

    fn address_at(&self, at: &At) -> Result<&Address, CloudError> {
        let found = self.project(&at.project)?.addresses.get(&at.key());
        found.ok_or_else(|| CloudError::NotFound(at.path("addresses")))
    }

    /// One reserved address.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_address(&self, at: &At) -> Result<Value, CloudError> {
        self.permit("compute.addresses.get", &at.path("addresses"))?;
        Ok(self.address_document(&at.project, self.address_at(at)?))
    }

    /// Every reserved address of a project, or of one region.
    ///
    /// # Errors
    /// It is refused.
    pub fn address_documents(&self, project: &str, region: Option<&str>) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.addresses.list", project, "aggregated/addresses")?;
        let all = self.project(project)?.addresses.values();
        let wanted = all.filter(|address| region.is_none_or(|region| region == address.region));
        Ok(wanted.map(|address| self.address_document(project, address)).collect())
    }

    fn address_document(&self, project: &str, address: &Address) -> Value {
        let at = At::region(project, &address.region, &address.name);
        let user = self.instance_with(project, &address.ip);
        let mut document = json!({
            "address": address.ip,
            "addressType": "EXTERNAL",
            "creationTimestamp": moment(address.created),
            "id": address.id,
            "kind": "compute#address",
            "labelFingerprint": LABELS,
            "name": address.name,
            "networkTier": "PREMIUM",
            "region": super::at::link(&format!("projects/{project}/regions/{}", address.region)),
            "selfLink": at.link("addresses"),
            "status": if user.is_some() { "IN_USE" } else { "RESERVED" },
        });
        add(
            &mut document,
            [
                ("description", address.description.clone().map(Value::from)),
                ("users", user.map(|user| json!([user.link("instances")]))),
            ],
        );
        document
    }

    /// The instance of a project that has an address outside.
    pub(super) fn instance_with(&self, project: &str, address: &str) -> Option<At> {
        let instances = self.cloud.projects.get(project)?.instances.values();
        let mut having = instances.filter(|instance| instance.external.as_deref() == Some(address));
        having.next().map(|instance| At::zone(project, &instance.zone, &instance.name))
    }

    /// A reserved address of a region that an instance may have now.
    ///
    /// # Errors
    /// It is not reserved there, or another instance has it.
    pub(super) fn reserved(&self, at: &At, address: &str) -> Result<(), CloudError> {
        let reserved = self.project(&at.project)?.addresses.values();
        let mut here = reserved.filter(|reserved| reserved.region == at.region_name());
        if !here.any(|reserved| reserved.ip == address) {
            return Err(not_found(address, at.region_name()));
        }
        match self.instance_with(&at.project, address) {
            Some(_) => Err(CloudError::AddressInUse(address.to_owned())),
            None => Ok(()),
        }
    }

    /// An address of the pool that nobody has, or the one that is lent to what is at `at`.
    pub(super) fn free_address(&mut self, at: &At) -> String {
        let mut address = String::new();
        for _ in 0..TRIES {
            let (third, fourth) = (self.dice.between(1, 255), self.dice.between(1, 255));
            address = format!("35.228.{third}.{fourth}");
            let reserved = self.cloud.projects.values().flat_map(|project| project.addresses.values());
            let is_reserved = reserved.into_iter().any(|reserved| reserved.ip == address);
            if !is_reserved && self.machine_at(&address).is_none() {
                break;
            }
        }
        // What is lent does not change what the dice give next.
        self.cloud.lab.lent.get(&format!("{}/{}", at.project, at.key())).cloned().unwrap_or(address)
    }
}

fn not_found(address: &str, region: &str) -> CloudError {
    let why = format!("The specified external IP address '{address}' was not found in region '{region}'.");
    CloudError::invalid("resource.networkInterfaces[0].accessConfigs[0].natIP", address, why)
}
