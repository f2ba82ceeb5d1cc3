//! Addresses that a request must not reach: link-local ones, where clouds serve a machine's own credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// In every refusal, so that it is recognised behind a client's own words.
pub(super) const DENIED: &str = "requests to link-local and metadata addresses are denied";

/// Why a URL may not be asked, as far as its text tells.
pub(super) fn denied_url(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let denied = match bare.parse::<IpAddr>() {
        Ok(address) => is_denied(address),
        Err(_) => is_metadata_name(bare),
    };
    denied.then(|| format!("{host}: {DENIED}"))
}

fn is_metadata_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "metadata" || name == "metadata.google.internal" || name.ends_with(".metadata.google.internal")
}

/// True for 169.254.0.0/16, `fe80::/10`, the IPv6 address of AWS's metadata, and IPv4 ones of these in IPv6 clothes.
fn is_denied(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
                || embedded(address).is_some_and(|address| address.is_link_local())
        }
    }
}

/// The IPv4 address in `::ffff:a.b.c.d`, `::a.b.c.d` or `64:ff9b::a.b.c.d`.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let translated = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [.., a, b, c, d] = address.octets();
    if translated { Some(Ipv4Addr::new(a, b, c, d)) } else { address.to_ipv4() }
}

/// Resolves as the machine does, then leaves out what is denied: a name that points there is no way round.
#[derive(Debug)]
pub(super) struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str();
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            let allowed: Vec<SocketAddr> = all.iter().copied().filter(|address| !is_denied(address.ip())).collect();
            if allowed.is_empty() && !all.is_empty() {
                return Err(format!("{name}: {DENIED}").into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(text: &str) -> bool {
        denied_url(&Url::parse(text).unwrap()).is_some()
    }

    #[test]
    fn every_spelling_of_a_metadata_address_is_denied() {
        for url in [
            "http://169.254.169.254/latest",
            "http://2852039166/",
            "http://0xa9.0xfe.0xa9.0xfe/",
            "http://0251.0376.0251.0376/",
            "http://[::ffff:169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://METADATA.google.internal./",
        ] {
            assert!(denied(url), "{url}");
        }
        for url in ["http://127.0.0.1:80/", "http://10.0.0.1/", "http://[::1]/", "https://example.org/metadata"] {
            assert!(!denied(url), "{url}");
        }
    }
}
