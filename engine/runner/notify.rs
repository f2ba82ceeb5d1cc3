//! Messages to channels. Best effort: a channel that does not take one is a warning, never a failure.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use tokio::time::timeout;

use crate::model::system::ChannelKind;
use crate::model::work::{Completion, End, Rendered, Work};

use super::clients::proxy_of;
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
            Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
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

async fn post(shared: &Shared, work: &Work, kind: ChannelKind, url: &Rendered, text: &str) -> Result<(), String> {
    let url = Url::parse(&expose(url, &shared.secrets)?).map_err(|error| format!("not a URL: {error}"))?;
    if let Some(why) = address::denied_url(&url) {
        return Err(why);
    }
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
    let client = shared.clients.get(url.scheme() == "https", proxy.as_deref())?;
    let request = client.post(url).header(CONTENT_TYPE, "application/json").body(message.to_string());
    let response = request.send().await.map_err(|error| http::causes(&error))?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
}
