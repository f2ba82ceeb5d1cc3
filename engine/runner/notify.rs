//! Messages to channels. Best effort: a channel that does not take one is a warning, never a failure.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::model::system::ChannelKind;
use crate::model::work::{Completion, End, Rendered, Work};
use crate::secret::{Masker, SecretStore};

use super::clients::{Clients, proxy_of};
use super::launch::expose;
use super::local::Shared;
use super::{address, http};

/// For one channel.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tries every channel.
pub(super) async fn send(shared: &Shared, work: &Work, channels: &[(ChannelKind, Rendered)], text: &str) -> Completion {
    let text = shared.masker.mask(text);
    let mut warnings = Vec::new();
    for (index, (kind, url)) in channels.iter().enumerate() {
        let sent = timeout(PATIENCE, post(shared, work, *kind, url, &text)).await;
        let why = match sent {
            Ok(Ok(())) => continue,
            Ok(Err(why)) => why,
            Err(_) => late(),
        };
        let name = match kind {
            ChannelKind::Slack => "slack",
            ChannelKind::Webhook => "webhook",
        };
        warnings.push(format!("channel {} ({name}): {}", index + 1, shared.masker.mask(&why)));
    }
    let warning = (!warnings.is_empty()).then(|| warnings.join("; "));
    Completion::of(End::Done { warning })
}

/// Sends a message outside of a run, straight to its address. Blocks.
///
/// # Errors
/// Why it did not arrive; the address does not stand in it.
pub fn tell(url: &Rendered, secrets: &SecretStore, message: &Value) -> Result<(), String> {
    let masker = Masker::new(secrets);
    let url = Url::parse(&expose(url, secrets)?).map_err(|error| format!("not a URL: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("prepare to send: {error}"))?;
    let clients = Clients::default();
    let sent = runtime.block_on(async { timeout(PATIENCE, deliver(&clients, &url, None, message)).await });
    let sent = sent.unwrap_or_else(|_| Err(late()));
    sent.map_err(|why| masker.mask(&why))
}

fn late() -> String {
    format!("no answer within {} s", PATIENCE.as_secs())
}

async fn post(shared: &Shared, work: &Work, kind: ChannelKind, url: &Rendered, text: &str) -> Result<(), String> {
    let url = Url::parse(&expose(url, &shared.secrets)?).map_err(|error| format!("not a URL: {error}"))?;
    let message = match kind {
        ChannelKind::Slack => json!({ "text": text }),
        ChannelKind::Webhook => json!({
            "text": text,
            "run": work.attempt.run,
            "runbook": shared.settings.runbook,
            "system": shared.settings.system,
            // A message is sent while the run goes on: nobody knows yet.
            "outcome": null,
        }),
    };
    let proxy = proxy_of(&work.env, &url, &shared.secrets);
    deliver(&shared.clients, &url, proxy.as_deref(), &message).await
}

async fn deliver(clients: &Clients, url: &Url, proxy: Option<&str>, message: &Value) -> Result<(), String> {
    if let Some(why) = address::denied_url(url) {
        return Err(why);
    }
    let client = clients.get(url.scheme() == "https", proxy)?;
    let request = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(message.to_string());
    let response = request.send().await.map_err(|error| http::causes(&error))?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
}
