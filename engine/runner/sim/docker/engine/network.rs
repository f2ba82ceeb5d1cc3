//! Addresses of containers in networks, and ports of the machine.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::super::super::world::{Container, Engine, Status};
use super::super::client::Client;
use super::super::fault::{Done, Fault};

/// Ports that the Engine takes when nobody says which.
const EPHEMERAL: u16 = 32_768;

/// The first address and how many bits are fixed.
fn parsed(subnet: &str) -> Option<(u32, u32)> {
    let (address, width) = subnet.split_once('/')?;
    Some((address.parse::<Ipv4Addr>().ok()?.into(), width.parse().ok().filter(|width| *width <= 32)?))
}

/// How many bits of a network's addresses are fixed; 0: it has none.
pub fn width(subnet: &str) -> u32 {
    parsed(subnet).map_or(0, |(_, width)| width)
}

/// The machine's address in a network.
pub fn gateway(subnet: &str) -> String {
    parsed(subnet).map(|(first, _)| Ipv4Addr::from(first.saturating_add(1)).to_string()).unwrap_or_default()
}

/// The hardware address that goes with an address.
pub fn mac(address: &str) -> String {
    let octets = address.parse::<Ipv4Addr>().map(|address| address.octets());
    octets.map(|[a, b, c, d]| format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")).unwrap_or_default()
}

impl Engine {
    /// The lowest address of a network that no container has.
    #[must_use]
    pub fn free_address(&self, network: &str) -> String {
        let Some((first, width)) = self.networks.get(network).and_then(|network| parsed(&network.subnet)) else {
            return String::new();
        };
        let taken: BTreeSet<&String> =
            self.containers.values().filter_map(|container| container.networks.get(network)).collect();
        let most = 1u64 << (32 - width.max(8));
        let hosts = (2..u32::try_from(most).unwrap_or(u32::MAX)).map(|host| Ipv4Addr::from(first.saturating_add(host)));
        hosts.map(|address| address.to_string()).find(|address| !taken.contains(address)).unwrap_or_default()
    }

    /// A subnet that no network has.
    #[must_use]
    pub fn free_subnet(&self) -> String {
        let taken = |subnet: &String| self.networks.values().any(|network| network.subnet == *subnet);
        let subnets =
            (18..32).map(|n| format!("172.{n}.0.0/16")).chain((0..16).map(|n| format!("192.168.{}.0/20", n * 16)));
        subnets.into_iter().find(|subnet| !taken(subnet)).unwrap_or_default()
    }
}

impl Client<'_, '_> {
    /// Takes the host ports that a container wants; in its order.
    ///
    /// # Errors
    /// Somebody has one of them.
    pub fn publish(&mut self, container: &Container) -> Done<Vec<u16>> {
        let now = self.process.world.now();
        let mut taken: BTreeSet<(String, u16)> = BTreeSet::new();
        for other in self.engine()?.containers.values().filter(|other| other.id != container.id) {
            if matches!(other.at(now).status, Status::Running | Status::Paused | Status::Restarting) {
                let ports = other.spec.ports.iter().zip(&other.past.published);
                taken.extend(ports.map(|(port, host)| (address(&port.address), *host)));
            }
        }
        let mut published = Vec::new();
        for port in &container.spec.ports {
            let wanted = address(&port.address);
            let clashes = |host: u16| {
                taken
                    .iter()
                    .any(|(at, known)| *known == host && (*at == wanted || at == "0.0.0.0" || wanted == "0.0.0.0"))
            };
            let host = match port.host {
                Some(host) if clashes(host) => {
                    let endpoint = super::create::derived(&container.id, "endpoint");
                    return Err(Fault::daemon(format!(
                        "driver failed programming external connectivity on endpoint {} ({endpoint}): Bind for {wanted}:{host} \
                         failed: port is already allocated",
                        container.name
                    )));
                }
                Some(host) => host,
                None => (EPHEMERAL..u16::MAX).find(|host| !clashes(*host)).unwrap_or(EPHEMERAL),
            };
            taken.insert((wanted, host));
            published.push(host);
        }
        Ok(published)
    }
}

fn address(text: &str) -> String {
    if text.is_empty() { "0.0.0.0".to_owned() } else { text.to_owned() }
}
