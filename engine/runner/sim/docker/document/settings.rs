//! `.NetworkSettings`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::super::world::{Container, Status, World};
use super::super::engine::{gateway, mac, width};
use super::container::turned;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkSettings<'a> {
    bridge: &'static str,
    #[serde(rename = "SandboxID")]
    sandbox_id: String,
    hairpin_mode: bool,
    #[serde(rename = "LinkLocalIPv6Address")]
    link_local_ipv6_address: &'static str,
    #[serde(rename = "LinkLocalIPv6PrefixLen")]
    link_local_ipv6_prefix_len: u32,
    ports: BTreeMap<String, Option<Vec<PortBinding>>>,
    sandbox_key: String,
    #[serde(rename = "SecondaryIPAddresses")]
    secondary_ip_addresses: Option<()>,
    #[serde(rename = "SecondaryIPv6Addresses")]
    secondary_ipv6_addresses: Option<()>,
    #[serde(rename = "EndpointID")]
    endpoint_id: String,
    gateway: String,
    #[serde(rename = "GlobalIPv6Address")]
    global_ipv6_address: &'static str,
    #[serde(rename = "GlobalIPv6PrefixLen")]
    global_ipv6_prefix_len: u32,
    #[serde(rename = "IPAddress")]
    ip_address: String,
    #[serde(rename = "IPPrefixLen")]
    ip_prefix_len: u32,
    #[serde(rename = "IPv6Gateway")]
    ipv6_gateway: &'static str,
    mac_address: String,
    networks: BTreeMap<&'a str, Endpoint>,
}

/// One network of a container.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(rename = "IPAMConfig")]
    ipam_config: Option<()>,
    links: Option<()>,
    aliases: Option<Vec<String>>,
    #[serde(rename = "NetworkID")]
    network_id: String,
    #[serde(rename = "EndpointID")]
    own_id: String,
    gateway: String,
    #[serde(rename = "IPAddress")]
    ip_address: String,
    #[serde(rename = "IPPrefixLen")]
    ip_prefix_len: u32,
    #[serde(rename = "IPv6Gateway")]
    ipv6_gateway: &'static str,
    #[serde(rename = "GlobalIPv6Address")]
    global_ipv6_address: &'static str,
    #[serde(rename = "GlobalIPv6PrefixLen")]
    global_ipv6_prefix_len: u32,
    mac_address: String,
    driver_opts: Option<()>,
}

/// An address and a port of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PortBinding {
    pub host_ip: String,
    pub host_port: String,
}

/// Ports of a container and where they are published; none: only exposed.
pub fn bindings(container: &Container) -> BTreeMap<String, Option<Vec<PortBinding>>> {
    let exposed = container.spec.exposed.iter().map(|port| (port.clone(), None));
    let mut found: BTreeMap<String, Option<Vec<PortBinding>>> = exposed.collect();
    for (port, host) in container.spec.ports.iter().zip(&container.past.published) {
        // All addresses: those of both versions of the protocol.
        let addresses = if port.address.is_empty() { vec!["0.0.0.0", "::"] } else { vec![port.address.as_str()] };
        let entry = found.entry(format!("{}/{}", port.container, port.protocol)).or_default();
        entry.get_or_insert_default().extend(
            addresses
                .into_iter()
                .map(|address| PortBinding { host_ip: address.to_owned(), host_port: host.to_string() }),
        );
    }
    found
}

impl<'a> NetworkSettings<'a> {
    pub fn of(world: &World, machine: &str, container: &'a Container) -> Self {
        let seen = container.at(world.now());
        let runs = matches!(seen.status, Status::Running | Status::Paused);
        let networks: BTreeMap<&str, Endpoint> = container
            .networks
            .keys()
            .map(|name| (name.as_str(), endpoint(world, machine, container, name, runs)))
            .collect();
        let bridge = networks.get("bridge").cloned();
        let of_bridge = |of: fn(&Endpoint) -> &String| bridge.as_ref().map(of).cloned().unwrap_or_default();
        let sandbox = if seen.started.is_some() { turned(&container.id, 11) } else { String::new() };
        let is_host = container.networks.contains_key("host");
        let key = match sandbox.get(..12) {
            Some(_) if is_host => "/var/run/docker/netns/default".to_owned(),
            Some(digits) => format!("/var/run/docker/netns/{digits}"),
            None => String::new(),
        };
        Self {
            bridge: "",
            sandbox_id: sandbox,
            hairpin_mode: false,
            link_local_ipv6_address: "",
            link_local_ipv6_prefix_len: 0,
            ports: if runs { bindings(container) } else { BTreeMap::new() },
            sandbox_key: key,
            secondary_ip_addresses: None,
            secondary_ipv6_addresses: None,
            endpoint_id: of_bridge(|endpoint| &endpoint.own_id),
            gateway: of_bridge(|endpoint| &endpoint.gateway),
            global_ipv6_address: "",
            global_ipv6_prefix_len: 0,
            ip_address: of_bridge(|endpoint| &endpoint.ip_address),
            ip_prefix_len: bridge.as_ref().map_or(0, |endpoint| endpoint.ip_prefix_len),
            ipv6_gateway: "",
            mac_address: of_bridge(|endpoint| &endpoint.mac_address),
            networks,
        }
    }
}

fn endpoint(world: &World, machine: &str, container: &Container, name: &str, runs: bool) -> Endpoint {
    let network = world.engine(machine).and_then(|engine| engine.networks.get(name));
    let subnet = network.map_or("", |network| network.subnet.as_str());
    let address = container.networks.get(name).filter(|_| runs).cloned().unwrap_or_default();
    let own = !["bridge", "host", "none"].contains(&name);
    let aliases = own.then(|| {
        let mut aliases = container.spec.aliases.get(name).cloned().unwrap_or_default();
        aliases.extend(container.id.get(..12).map(str::to_owned));
        aliases
    });
    let started = container.at(world.now()).started.is_some();
    Endpoint {
        ipam_config: None,
        links: None,
        aliases,
        network_id: network.filter(|_| started).map(|network| network.id.clone()).unwrap_or_default(),
        own_id: if runs { turned(&container.id, 23) } else { String::new() },
        gateway: if address.is_empty() { String::new() } else { gateway(subnet) },
        ip_prefix_len: if address.is_empty() { 0 } else { width(subnet) },
        mac_address: mac(&address),
        ip_address: address,
        ipv6_gateway: "",
        global_ipv6_address: "",
        global_ipv6_prefix_len: 0,
        driver_opts: None,
    }
}

/// Order of the client's own structure, with what it has and the daemon does not send.
const ENDPOINT: [&str; 15] = [
    "IPAMConfig",
    "Links",
    "Aliases",
    "MacAddress",
    "DriverOpts",
    "GwPriority",
    "NetworkID",
    "EndpointID",
    "Gateway",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "DNSNames",
];

/// Gives the networks of a container's document the client's own form.
pub fn typed_endpoints(document: &mut Value) {
    let Some(networks) = document.pointer_mut("/NetworkSettings/Networks").and_then(Value::as_object_mut) else {
        return;
    };
    for (_, endpoint) in networks.iter_mut() {
        let typed: Map<String, Value> = ENDPOINT
            .iter()
            .map(|key| {
                let plain = if *key == "GwPriority" { 0.into() } else { Value::Null };
                ((*key).to_owned(), endpoint.get(key).cloned().unwrap_or(plain))
            })
            .collect();
        *endpoint = Value::Object(typed);
    }
}
