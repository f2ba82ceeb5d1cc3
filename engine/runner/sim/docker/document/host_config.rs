//! `.HostConfig`: what was recorded for a plain container, with what this one was made with in its place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::super::super::world::{Container, MountSource};
use super::settings::PortBinding;

/// The part of a container's document that says how it is run.
pub struct HostConfig<'a>(pub &'a Container);

static PLAIN: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("host_config.json")).unwrap_or_default());

/// Empty lists of `docker run` that Compose leaves out.
const ABSENT: [&str; 10] = [
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeightDevice",
    "Devices",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "Ulimits",
];

impl Serialize for HostConfig<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (container, spec) = (self.0, &*self.0.spec);
        let mut map = serializer.serialize_map(None)?;
        for (key, plain) in PLAIN.iter() {
            match key.as_str() {
                "Binds" => map.serialize_entry(key, &Some(&spec.binds).filter(|binds| !binds.is_empty()))?,
                "NetworkMode" if !spec.network_mode.is_empty() => map.serialize_entry(key, &spec.network_mode)?,
                "PortBindings" => map.serialize_entry(key, &wanted(container))?,
                "RestartPolicy" => map.serialize_entry(key, &restart(container))?,
                "AutoRemove" => map.serialize_entry(key, &container.auto_remove)?,
                "Privileged" => map.serialize_entry(key, &spec.privileged)?,
                "Memory" => map.serialize_entry(key, &spec.memory)?,
                "MemorySwap" => map.serialize_entry(key, &(spec.memory.saturating_mul(2)))?,
                "NanoCpus" => map.serialize_entry(key, &spec.nano_cpus)?,
                "ExtraHosts" if spec.by_compose => map.serialize_entry(key, &json!([]))?,
                key if spec.by_compose && ABSENT.contains(&key) => map.serialize_entry(key, &())?,
                "Init" if spec.init => map.serialize_entry(key, &true)?,
                "Mounts" if !mounts(container).is_empty() => map.serialize_entry(key, &mounts(container))?,
                "Tmpfs" if !spec.tmpfs.is_empty() => {
                    let empty = spec.tmpfs.iter().map(|target| (target, ""));
                    map.serialize_entry(key, &empty.collect::<BTreeMap<_, _>>())?;
                }
                "Tmpfs" | "Mounts" | "Init" => {}
                _ => map.serialize_entry(key, plain)?,
            }
        }
        map.end()
    }
}

fn restart(container: &Container) -> Value {
    let plain = container.restart == "no" && container.spec.by_compose;
    let name = if plain { "" } else { container.restart.as_str() };
    json!({ "Name": name, "MaximumRetryCount": container.spec.retries })
}

fn wanted(container: &Container) -> BTreeMap<String, Vec<PortBinding>> {
    let mut bindings: BTreeMap<String, Vec<PortBinding>> = BTreeMap::new();
    for port in &container.spec.ports {
        let binding = PortBinding {
            host_ip: port.address.clone(),
            host_port: port.host.map(|host| host.to_string()).unwrap_or_default(),
        };
        bindings.entry(format!("{}/{}", port.container, port.protocol)).or_default().push(binding);
    }
    bindings
}

/// What was mounted by `--mount`.
fn mounts(container: &Container) -> Vec<Value> {
    let by_bind = |target: &str| container.spec.binds.iter().any(|bind| bind.split(':').nth(1) == Some(target));
    let asked = container
        .mounts
        .iter()
        .filter(|mount| !by_bind(&mount.target) && !container.spec.tmpfs.contains(&mount.target));
    asked
        .filter_map(|mount| {
            let (kind, source) = match &mount.source {
                MountSource::Bind(path) => ("bind", path.clone()),
                MountSource::Volume(name) if super::super::engine::is_anonymous(name) => return None,
                MountSource::Volume(name) => ("volume", name.clone()),
                MountSource::Memory => ("tmpfs", String::new()),
            };
            let mut entry = json!({ "Type": kind });
            if !source.is_empty() {
                entry["Source"] = source.into();
            }
            entry["Target"] = mount.target.clone().into();
            if mount.read_only {
                entry["ReadOnly"] = true.into();
            }
            if container.spec.by_compose && kind == "volume" {
                entry["VolumeOptions"] = json!({});
            }
            Some(entry)
        })
        .collect()
}
