//! `docker network inspect`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::super::world::{Container, Network, OWN_NETWORKS, Status, World};
use super::super::engine::{gateway, mac, width};
use super::super::human::json_time;
use super::container::turned;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "the daemon's document")]
pub struct NetworkDocument<'a> {
    name: &'a str,
    id: &'a str,
    created: String,
    scope: &'static str,
    driver: &'static str,
    #[serde(rename = "EnableIPv6")]
    enable_ipv6: bool,
    #[serde(rename = "IPAM")]
    ipam: Value,
    internal: bool,
    attachable: bool,
    ingress: bool,
    config_from: Value,
    config_only: bool,
    containers: BTreeMap<&'a str, Endpoint<'a>>,
    options: Value,
    labels: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint<'a> {
    name: &'a str,
    #[serde(rename = "EndpointID")]
    own_id: String,
    mac_address: String,
    #[serde(rename = "IPv4Address")]
    ipv4_address: String,
    #[serde(rename = "IPv6Address")]
    ipv6_address: &'static str,
}

/// The driver of a network by its name.
pub fn driver(name: &str) -> &'static str {
    match name {
        "host" => "host",
        "none" => "null",
        _ => "bridge",
    }
}

/// Containers that are in a network now.
pub fn members<'w>(world: &'w World, machine: &str, network: &'w str) -> impl Iterator<Item = &'w Container> {
    let now = world.now();
    let containers = world.engine(machine).into_iter().flat_map(|engine| engine.containers.values());
    let alive = move |container: &&Container| matches!(container.at(now).status, Status::Running | Status::Paused);
    containers.filter(move |container| container.networks.contains_key(network)).filter(alive)
}

impl<'a> NetworkDocument<'a> {
    pub fn of(world: &'a World, machine: &str, name: &'a str, network: &'a Network) -> Self {
        let by_compose = network.labels.contains_key("com.docker.compose.network");
        let is_own = OWN_NETWORKS.contains(&name);
        let config = match network.subnet.as_str() {
            "" => json!([]),
            subnet if is_own => json!([{ "Subnet": subnet }]),
            subnet => json!([{ "Subnet": subnet, "Gateway": gateway(subnet) }]),
        };
        let options = if is_own || by_compose { Value::Null } else { json!({}) };
        let endpoints = members(world, machine, name).map(|container| {
            let address = container.networks.get(name).filter(|address| !address.is_empty());
            let endpoint = Endpoint {
                name: &container.name,
                own_id: turned(&container.id, 23),
                mac_address: address.map(|address| mac(address)).unwrap_or_default(),
                ipv4_address: address
                    .map(|address| format!("{address}/{}", width(&network.subnet)))
                    .unwrap_or_default(),
                ipv6_address: "",
            };
            (container.id.as_str(), endpoint)
        });
        Self {
            name,
            id: &network.id,
            created: json_time(Some(network.created)),
            scope: "local",
            driver: driver(name),
            enable_ipv6: false,
            ipam: json!({ "Driver": "default", "Options": options, "Config": config }),
            internal: false,
            attachable: false,
            ingress: false,
            config_from: json!({ "Network": "" }),
            config_only: false,
            containers: endpoints.collect(),
            options: if name == "bridge" { bridge_options() } else { json!({}) },
            labels: &network.labels,
        }
    }
}

fn bridge_options() -> Value {
    json!({
        "com.docker.network.bridge.default_bridge": "true",
        "com.docker.network.bridge.enable_icc": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "true",
        "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
        "com.docker.network.bridge.name": "docker0",
        "com.docker.network.driver.mtu": "1500",
    })
}
