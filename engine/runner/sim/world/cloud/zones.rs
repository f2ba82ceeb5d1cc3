//! Regions and zones of Google Cloud.

use serde_json::{Value, json};

use super::super::World;
use super::at::{link, region_of};
use super::{At, CloudError};

/// Regions and the letters of their zones.
const REGIONS: [(&str, &str); 42] = [
    ("africa-south1", "abc"),
    ("asia-east1", "abc"),
    ("asia-east2", "abc"),
    ("asia-northeast1", "abc"),
    ("asia-northeast2", "abc"),
    ("asia-northeast3", "abc"),
    ("asia-south1", "abc"),
    ("asia-south2", "abc"),
    ("asia-southeast1", "abc"),
    ("asia-southeast2", "abc"),
    ("australia-southeast1", "abc"),
    ("australia-southeast2", "abc"),
    ("europe-central2", "abc"),
    ("europe-north1", "abc"),
    ("europe-north2", "abc"),
    ("europe-southwest1", "abc"),
    ("europe-west1", "bcd"),
    ("europe-west10", "abc"),
    ("europe-west12", "abc"),
    ("europe-west2", "abc"),
    ("europe-west3", "abc"),
    ("europe-west4", "abc"),
    ("europe-west6", "abc"),
    ("europe-west8", "abc"),
    ("europe-west9", "abc"),
    ("me-central1", "abc"),
    ("me-central2", "abc"),
    ("me-west1", "abc"),
    ("northamerica-northeast1", "abc"),
    ("northamerica-northeast2", "abc"),
    ("northamerica-south1", "abc"),
    ("southamerica-east1", "abc"),
    ("southamerica-west1", "abc"),
    ("us-central1", "abcf"),
    ("us-east1", "bcd"),
    ("us-east4", "abc"),
    ("us-east5", "abc"),
    ("us-south1", "abc"),
    ("us-west1", "abc"),
    ("us-west2", "abc"),
    ("us-west3", "abc"),
    ("us-west4", "abc"),
];

fn is_region(region: &str) -> bool {
    REGIONS.iter().any(|(known, _)| *known == region)
}

fn is_zone(zone: &str) -> bool {
    let letters = REGIONS.iter().find(|(region, _)| *region == region_of(zone)).map(|(_, letters)| letters);
    let letter = zone.rsplit('-').next().unwrap_or_default();
    letter.len() == 1 && letters.is_some_and(|letters| letters.contains(letter))
}

/// The place of `at` is there.
pub(super) fn check_place(at: &At) -> Result<(), CloudError> {
    match &at.scope {
        super::Scope::Zone(zone) if !is_zone(zone) => Err(CloudError::invalid("zone", zone, "Unknown zone.")),
        super::Scope::Region(region) if !is_region(region) => {
            Err(CloudError::invalid("region", region, "Unknown region."))
        }
        _ => Ok(()),
    }
}

impl World {
    /// A region, with the quotas that this world knows.
    ///
    /// # Errors
    /// There is no such region, or it is refused.
    pub fn region_document(&self, project: &str, region: &str) -> Result<Value, CloudError> {
        let path = format!("projects/{project}/regions/{region}");
        self.permit("compute.regions.get", &path)?;
        if !is_region(region) {
            return Err(CloudError::NotFound(path));
        }
        let limits = &self.project(project)?.quotas;
        let refused = self.cloud.refused.keys().filter_map(|what| what.strip_prefix("quota:"));
        let refused = refused.filter(|metric| !limits.contains_key(*metric)).map(|metric| (metric, None));
        let known = limits.iter().map(|(metric, limit)| (metric.as_str(), Some(*limit)));
        let quotas: Vec<Value> = known
            .chain(refused)
            .map(|(metric, limit)| {
                let used = u32::try_from(self.used(project, region, metric)).unwrap_or(u32::MAX);
                let limit = limit.map_or(used, |limit| u32::try_from(limit).unwrap_or(u32::MAX));
                json!({"limit": f64::from(limit), "metric": metric, "usage": f64::from(used)})
            })
            .collect();
        Ok(json!({
            "kind": "compute#region",
            "name": region,
            "quotas": quotas,
            "selfLink": link(&path),
            "status": "UP",
            "zones": zones_of(region).map(|zone| link(&format!("projects/{project}/zones/{zone}"))).collect::<Vec<_>>(),
        }))
    }

    /// Every zone.
    ///
    /// # Errors
    /// It is refused.
    pub fn zone_documents(&self, project: &str) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.zones.list", project, "zones")?;
        let zones = REGIONS.iter().flat_map(|(region, _)| zones_of(region));
        Ok(zones.map(|zone| zone_document(project, &zone)).collect())
    }

    /// One zone.
    ///
    /// # Errors
    /// There is no such zone, or it is refused.
    pub fn zone_document(&self, project: &str, zone: &str) -> Result<Value, CloudError> {
        let path = format!("projects/{project}/zones/{zone}");
        self.permit("compute.zones.get", &path)?;
        self.project(project)?;
        if is_zone(zone) { Ok(zone_document(project, zone)) } else { Err(CloudError::NotFound(path)) }
    }
}

fn zones_of(region: &str) -> impl Iterator<Item = String> {
    let letters = REGIONS.iter().find(|(known, _)| *known == region).map_or("", |(_, letters)| letters);
    letters.chars().map(move |letter| format!("{region}-{letter}"))
}

fn zone_document(project: &str, zone: &str) -> Value {
    json!({
        "kind": "compute#zone",
        "name": zone,
        "region": link(&format!("projects/{project}/regions/{}", region_of(zone))),
        "selfLink": link(&format!("projects/{project}/zones/{zone}")),
        "status": "UP",
    })
}
