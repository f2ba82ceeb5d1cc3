//! What a request has to pass before anything is looked at: the network, the API, permissions, rates and quotas.

use super::super::World;
use super::{At, CloudError};

/// The quota that counts in all regions together.
pub(super) const EVERYWHERE: &str = "CPUS_ALL_REGIONS";

/// A name that resources may have.
fn is_name(name: &str) -> bool {
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    name.len() <= 63 && starts && name.ends_with(ends) && name.chars().all(|c| ends(c) || c == '-')
}

/// What a new resource may be called.
pub(super) fn check_name(name: &str) -> Result<(), CloudError> {
    if is_name(name) {
        return Ok(());
    }
    let why = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'";
    Err(CloudError::invalid("resource.name", name, why))
}

impl World {
    /// Something is asked for; `on` is the path of what it is about.
    pub(super) fn permit(&self, permission: &str, on: &str) -> Result<(), CloudError> {
        self.answers(&format!("{on}?alt=json"))?;
        self.has(permission, on)
    }

    /// The same for all of a collection (`global/snapshots`) of a project.
    pub(super) fn permit_list(&self, permission: &str, project: &str, collection: &str) -> Result<(), CloudError> {
        self.answers(&format!("projects/{project}/{collection}?alt=json&maxResults=500"))?;
        self.has(permission, &format!("projects/{project}"))?;
        self.project(project).map(|_| ())
    }

    /// Something is to be changed.
    pub(super) fn permit_change(&self, permission: &str, on: &str) -> Result<(), CloudError> {
        self.permit(permission, on)?;
        match self.cloud.refused.get("rate") {
            Some(says) if says.is_empty() => Err(CloudError::Rate("123".to_owned())),
            Some(says) => Err(CloudError::Forbidden(says.clone())),
            None => Ok(()),
        }
    }

    fn answers(&self, request: &str) -> Result<(), CloudError> {
        if self.cloud.refused.contains_key("network") {
            return Err(CloudError::Unreachable(request.to_owned()));
        }
        if self.cloud.refused.contains_key("api") { Err(CloudError::Unavailable) } else { Ok(()) }
    }

    fn has(&self, permission: &str, on: &str) -> Result<(), CloudError> {
        if self.cloud.refused.is_empty() {
            return Ok(());
        }
        match self.cloud.refused.get(&format!("permission:{permission}")) {
            Some(says) if says.is_empty() => {
                Err(CloudError::Forbidden(format!("Required '{permission}' permission for '{on}'")))
            }
            Some(says) => Err(CloudError::Forbidden(says.clone())),
            None => Ok(()),
        }
    }

    /// So much more of a metric, in the region of `at`.
    pub(super) fn permit_quota(&self, at: &At, metric: &str, more: u64) -> Result<(), CloudError> {
        let refused = self.cloud.refused.contains_key(&format!("quota:{metric}"));
        let limit = self.project(&at.project)?.quotas.get(metric).copied();
        if !refused && limit.is_none() {
            return Ok(());
        }
        let used = self.used(&at.project, at.region_name(), metric);
        let region = (metric != EVERYWHERE).then(|| at.region_name().to_owned());
        let exceeded = |limit: u64| CloudError::Quota { metric: metric.to_owned(), limit, region };
        match limit {
            Some(limit) if refused || used.saturating_add(more) > limit => Err(exceeded(limit)),
            None if refused => Err(exceeded(used)),
            Some(_) | None => Ok(()),
        }
    }

    /// How much of a metric is used in a region.
    pub(super) fn used(&self, project: &str, region: &str, metric: &str) -> u64 {
        let Ok(project) = self.project(project) else { return 0 };
        let here = |key: &str| key.split('/').next().is_some_and(|place| super::at::region_of(place) == region);
        let instances = || project.instances.iter().filter(|(key, _)| here(key)).map(|(_, instance)| instance);
        let disks = project.disks.iter().filter(|(key, _)| here(key)).map(|(_, disk)| disk);
        match metric {
            "SSD_TOTAL_GB" => disks.filter(|disk| is_ssd(&disk.kind)).map(|disk| disk.size_gb).sum(),
            "DISKS_TOTAL_GB" => disks.filter(|disk| !is_ssd(&disk.kind)).map(|disk| disk.size_gb).sum(),
            EVERYWHERE => project.instances.values().map(|instance| cpus(&instance.machine_type)).sum(),
            "CPUS" => instances().map(|instance| cpus(&instance.machine_type)).sum(),
            "INSTANCES" => instances().count() as u64,
            "IN_USE_ADDRESSES" => instances().filter(|instance| instance.external.is_some()).count() as u64,
            "STATIC_ADDRESSES" => {
                project.addresses.keys().filter(|key| key.split('/').next() == Some(region)).count() as u64
            }
            "SNAPSHOTS" => project.snapshots.size() as u64,
            _ => 0,
        }
    }
}

/// Disks of this type count as SSD.
pub(super) fn is_ssd(kind: &str) -> bool {
    matches!(kind, "pd-ssd" | "pd-balanced")
}

/// The CPUs of a machine type, as its quota counts them.
pub(super) fn cpus(machine_type: &str) -> u64 {
    let last = machine_type.rsplit('-').next().unwrap_or_default();
    match last {
        "micro" | "small" => 1,
        "medium" => 2,
        last => last.parse().unwrap_or(2),
    }
}
