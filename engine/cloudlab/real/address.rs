//! Addresses: a machine that is made anew has another one than the machine before it, as at Google; Docker would give the same again.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;

use super::{PATIENCE, Real};
use crate::runner::sim::cloud::At;

/// The first address of the network that a machine gets, counted from its beginning: those before it are the lab's own.
pub(super) const FIRST: u32 = 20;

/// Addresses that are tried.
const TRIES: u32 = 200;

impl Real {
    /// Starts the container with an address that no machine has had. A network whose subnet Docker chose takes no wishes; then Docker
    /// chooses this too.
    pub(super) fn run_anew(&self, at: &At, words: &[&str]) -> Result<(), String> {
        for _ in 0..TRIES {
            let Some(address) = self.fresh()? else { break };
            let mut all = vec!["run", "--ip", &address];
            all.extend(words);
            match self.docker(&all) {
                Ok(()) => return Ok(()),
                // The container is there, without a network.
                Err(why) if why.contains("Address already in use") => self.delete(at)?,
                Err(why) if why.contains("user configured subnets") => {
                    self.delete(at)?;
                    break;
                }
                Err(why) => {
                    self.delete(at)?;
                    return Err(why);
                }
            }
        }
        let mut all = vec!["run"];
        all.extend(words);
        self.docker(&all)
    }

    fn fresh(&self) -> Result<Option<String>, String> {
        let format = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
        let said = self.ask("docker", &["network", "inspect", "--format", format, &self.network], PATIENCE);
        let subnets = said.map_err(|error| {
            format!("{error}; machines of the cloud are on this network, `network` of the configuration names another")
        })?;
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        Ok(subnets.split_whitespace().find_map(|subnet| nth(subnet, next)))
    }
}

/// The n-th address of a subnet; none: there are not so many, or it is none of version 4.
fn nth(subnet: &str, n: u32) -> Option<String> {
    let (base, bits) = subnet.split_once('/')?;
    let base: Ipv4Addr = base.parse().ok()?;
    let size = 1_u32.checked_shl(32 - bits.parse::<u32>().ok().filter(|bits| (1..=32).contains(bits))?)?;
    // The last one is for everybody.
    (n < size - 1).then(|| Ipv4Addr::from(u32::from(base).saturating_add(n)).to_string())
}

#[cfg(test)]
mod tests {
    use super::nth;

    #[test]
    fn addresses_are_counted_from_the_beginning_of_the_subnet() {
        assert_eq!(nth("192.168.0.0/24", 20).as_deref(), Some("192.168.0.20"));
        assert_eq!(nth("10.1.0.0/16", 300).as_deref(), Some("10.1.1.44"));
        assert_eq!(nth("192.168.0.0/28", 15), None);
        assert_eq!(nth("192.168.0.1/32", 0), None);
        assert_eq!(nth("fd00::/64", 20), None);
    }
}
