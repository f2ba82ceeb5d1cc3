//! Names in a lab: the hosts file of its station and of its machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use crate::model::lab::Lab;

/// In front of every hosts file.
const LOOPBACK: &str = "127.0.0.1 localhost\n";

/// The hosts file: machines by their names, then further names that lead to machines and are no records of the cloud's DNS.
#[must_use]
pub fn file(lab: &Lab, addresses: &BTreeMap<String, String>) -> String {
    let mut text = LOOPBACK.to_owned();
    let mut line = |machine: &str, names: &[&str]| {
        if let Some(address) = addresses.get(machine) {
            let _ = writeln!(text, "{address} {}", names.join(" "));
        }
    };
    for (id, machine) in &lab.machines {
        let names: Vec<&str> =
            std::iter::once(&machine.host_name).chain(&machine.names).map(|name| name.value.as_str()).collect();
        line(&id.value, &names);
    }
    for (name, machine) in &lab.hosts {
        if zone(lab, &name.value).is_none() {
            line(&machine.value, &[&name.value]);
        }
    }
    text
}

/// The zone of the cloud's DNS that a host name is in.
#[must_use]
pub fn zone<'l>(lab: &'l Lab, host: &str) -> Option<&'l str> {
    let host = format!("{}.", host.trim_end_matches('.'));
    let zones = lab.cloud.iter().flat_map(|cloud| &cloud.dns);
    zones
        .filter(|(_, domain)| {
            let domain = domain.value.as_str();
            host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
        })
        .map(|(zone, _)| zone.value.as_str())
        .next()
}

/// The address of a name in a hosts file; the last line that has it counts, since records are written behind machines.
#[must_use]
pub fn lookup(file: &str, name: &str) -> Option<IpAddr> {
    file.lines().rev().find_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let address = words.next()?;
        words.any(|word| word == name).then(|| address.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_has_a_name_counts() {
        let file = "127.0.0.1 localhost\n10.0.0.2 a.example.com a # us\n10.0.0.3 a.example.com\n";
        assert_eq!(lookup(file, "a.example.com"), "10.0.0.3".parse().ok());
        assert_eq!(lookup(file, "a"), "10.0.0.2".parse().ok());
        assert_eq!(lookup(file, "us"), None);
    }
}
