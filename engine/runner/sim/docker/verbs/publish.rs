//! `--publish`.

use super::super::super::world::Port;
use super::super::fault::{Done, Fault, unsimulated};

/// `[ADDRESS:][HOST:]CONTAINER[/PROTOCOL]`.
///
/// # Errors
/// It is none.
pub fn port(text: &str) -> Done<Port> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (rest, container) = ports.rsplit_once(':').unwrap_or(("", ports));
    let (address, host) = match rest.rsplit_once(':') {
        Some((address, host)) => (address.trim_start_matches('[').trim_end_matches(']'), host),
        None if rest.contains('.') => (rest, ""),
        None => ("", rest),
    };
    if container.contains('-') || host.contains('-') {
        return unsimulated(format!("a range of ports (`{text}`)"));
    }
    let number =
        |what: &str, text: &str| text.parse::<u16>().map_err(|_| Fault::said(1, format!("invalid {what}: {text}")));
    Ok(Port {
        address: address.to_owned(),
        host: if host.is_empty() { None } else { Some(number("hostPort", host)?) },
        container: number("containerPort", container)?,
        protocol: protocol.to_owned(),
    })
}
