//! How the API writes resources down: what several of them share, and the long one, an instance.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde_json::{Map as Object, Value, json};

use super::super::World;
use super::at::{link, region_of};
use super::{At, Attached, Instance, Project};

pub(super) const LABELS: &str = "42WmSpB8rSM=";

/// The scopes of a machine that was given none.
const SCOPES: [&str; 7] = [
    "https://www.googleapis.com/auth/devstorage.read_only",
    "https://www.googleapis.com/auth/logging.write",
    "https://www.googleapis.com/auth/monitoring.write",
    "https://www.googleapis.com/auth/pubsub",
    "https://www.googleapis.com/auth/service.management.readonly",
    "https://www.googleapis.com/auth/servicecontrol",
    "https://www.googleapis.com/auth/trace.append",
];

/// A moment as Compute writes it: eight hours west of Greenwich, whatever the season.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    let here = at.checked_sub_signed(TimeDelta::hours(8)).unwrap_or(at);
    // Written by hand: every document has two of them, and `format` reads its pattern each time.
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}-08:00",
        here.year(),
        here.month(),
        here.day(),
        here.hour(),
        here.minute(),
        here.second(),
        here.timestamp_subsec_millis()
    )
}

/// A number for a thing that is there no longer: the same for the same name.
pub(super) fn number_of(name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    ((hash >> 2) | (1 << 60)).to_string()
}

/// Adds fields that only some resources have.
pub(super) fn add(document: &mut Value, fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) {
    let Value::Object(object) = document else { return };
    for (name, value) in fields {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
}

/// An object of texts; none: it is empty.
pub(super) fn texts(map: &std::collections::BTreeMap<String, String>) -> Option<Value> {
    let texts: Object<String, Value> = map.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    (!texts.is_empty()).then_some(Value::Object(texts))
}

impl World {
    pub(super) fn instance_document(&self, project: &str, instance: &Instance) -> Value {
        let at = At::zone(project, &instance.zone, &instance.name);
        let zone = format!("projects/{project}/zones/{}", instance.zone);
        let known = self.cloud.projects.get(project);
        let disks = instance.disks.iter().enumerate().map(|(n, disk)| attached(known, &at, n, disk));
        let region = region_of(&instance.zone);
        let items: Vec<Value> =
            instance.vm.metadata.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let mut document = json!({
            "canIpForward": false,
            "cpuPlatform": "AMD Rome",
            "creationTimestamp": moment(instance.created),
            "deletionProtection": false,
            "disks": disks.collect::<Vec<_>>(),
            "fingerprint": "zPlsoMXVFqs=",
            "id": instance.id,
            "kind": "compute#instance",
            "labelFingerprint": LABELS,
            "lastStartTimestamp": moment(instance.vm.started.unwrap_or(instance.created)),
            "machineType": link(&format!("{zone}/machineTypes/{}", instance.machine_type)),
            "metadata": {"fingerprint": "1HkGUmAGVvo=", "kind": "compute#metadata"},
            "name": instance.name,
            "networkInterfaces": [{
                "fingerprint": "s0Yp3kVwD5o=",
                "kind": "compute#networkInterface",
                "name": "nic0",
                "network": link(&format!("projects/{project}/global/networks/default")),
                "networkIP": instance.internal,
                "stackType": "IPV4_ONLY",
                "subnetwork": link(&format!("projects/{project}/regions/{region}/subnetworks/default")),
            }],
            "scheduling": {
                "automaticRestart": true,
                "onHostMaintenance": "MIGRATE",
                "preemptible": false,
                "provisioningModel": "STANDARD",
            },
            "selfLink": at.link("instances"),
            "serviceAccounts": [{"email": "default", "scopes": SCOPES}],
            "startRestricted": false,
            "status": instance.status_at(self.now()),
            "tags": {"fingerprint": LABELS},
            "zone": link(&zone),
        });
        if let Some(access) = access(instance) {
            document["networkInterfaces"][0]["accessConfigs"] = json!([access]);
        }
        if !items.is_empty() {
            document["metadata"]["items"] = items.into();
        }
        if !instance.vm.tags.is_empty() {
            document["tags"]["items"] = json!(instance.vm.tags);
        }
        add(
            &mut document,
            [
                ("description", instance.vm.description.clone().map(Value::from)),
                ("labels", texts(&instance.vm.labels)),
                ("lastStopTimestamp", instance.vm.stopped.map(|at| moment(at).into())),
            ],
        );
        document
    }
}

/// The address outside; none: the instance is to have none.
fn access(instance: &Instance) -> Option<Value> {
    let mut access = json!({
        "kind": "compute#accessConfig",
        "name": "external-nat",
        "networkTier": "PREMIUM",
        "type": "ONE_TO_ONE_NAT",
    });
    match &instance.external {
        Some(address) => access["natIP"] = address.clone().into(),
        None if instance.vm.ephemeral => {}
        None => return None,
    }
    Some(access)
}

fn attached(project: Option<&Project>, vm: &At, n: usize, attached: &Attached) -> Value {
    let at = vm.beside(&attached.disk);
    let size = project.and_then(|project| project.disks.get(&at.key())).map_or(10, |disk| disk.size_gb);
    json!({
        "autoDelete": attached.auto_delete,
        "boot": attached.boot,
        "deviceName": attached.device,
        "diskSizeGb": size.to_string(),
        "index": n,
        "interface": "SCSI",
        "kind": "compute#attachedDisk",
        "mode": "READ_WRITE",
        "source": at.link("disks"),
        "type": "PERSISTENT",
    })
}
