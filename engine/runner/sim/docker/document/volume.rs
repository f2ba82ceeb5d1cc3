//! `docker volume inspect`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::super::world::Volume;
use super::super::human::json_second;
use super::container::ROOT;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VolumeDocument<'a> {
    created_at: String,
    driver: &'static str,
    labels: Option<&'a BTreeMap<String, String>>,
    mountpoint: String,
    name: &'a str,
    options: Option<()>,
    scope: &'static str,
}

/// Where a volume is on its machine.
pub fn mountpoint(name: &str) -> String {
    format!("{ROOT}/volumes/{name}/_data")
}

impl<'a> VolumeDocument<'a> {
    pub fn of(name: &'a str, volume: &'a Volume) -> Self {
        Self {
            created_at: json_second(volume.created),
            driver: "local",
            labels: Some(&volume.labels).filter(|labels| !labels.is_empty()),
            mountpoint: mountpoint(name),
            name,
            options: None,
            scope: "local",
        }
    }
}
