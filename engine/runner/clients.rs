//! HTTP clients, made when first needed and kept.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Url};

use crate::model::work::Rendered;
use crate::secret::SecretStore;

use super::address::Guarded;
use super::launch::expose;

/// One client for each way of asking.
#[derive(Default)]
pub(super) struct Clients {
    made: Mutex<HashMap<(bool, Option<String>), Client>>,
}

impl Clients {
    /// A client that verifies certificates or not, through a proxy or not.
    ///
    /// # Errors
    /// A proxy that is no URL; no usable certificates on this machine.
    pub fn get(&self, verify: bool, proxy: Option<&str>) -> Result<Client, String> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (verify, proxy.map(str::to_owned));
        if let Some(client) = made.get(&key) {
            return Ok(client.clone());
        }
        let client = make(verify, proxy, None)?;
        made.insert(key, client.clone());
        Ok(client)
    }
}

/// A client for one request over a socket; names are resolved behind it.
///
/// # Errors
/// No usable certificates on this machine.
pub(super) fn over_socket(verify: bool, socket: &Path) -> Result<Client, String> {
    make(verify, None, Some(socket))
}

fn make(verify: bool, proxy: Option<&str>, socket: Option<&Path>) -> Result<Client, String> {
    // reqwest panics without one. An error only says that somebody was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("runbook/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        // A kept connection to a service that was just restarted fails in ways that look like the service.
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(Guarded));
    if let Some(socket) = socket {
        builder = builder.unix_socket(socket);
    }
    if !verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(proxy) = proxy {
        let proxy = Proxy::all(proxy).map_err(|error| format!("proxy from the step's environment: {error}"))?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| format!("prepare HTTPS: {}", super::http::causes(&error)))
}

/// The proxy that the step's own environment declares for a URL. The engine's environment does not count.
pub(super) fn proxy_of(env: &[(String, Rendered)], url: &Url, secrets: &SecretStore) -> Option<String> {
    let declared = |name: &str| {
        let (_, value) = env.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        expose(value, secrets).ok().filter(|value| !value.is_empty())
    };
    let host = url.host_str()?;
    let excepted = declared("NO_PROXY").is_some_and(|list| {
        list.split(',').map(|part| part.trim().trim_start_matches('.')).filter(|part| !part.is_empty()).any(|part| {
            part == "*" || host == part || host.strip_suffix(part).is_some_and(|front| front.ends_with('.'))
        })
    });
    if excepted {
        return None;
    }
    declared(if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" }).or_else(|| declared("ALL_PROXY"))
}
