//! Requests to the cloud's stand-in; each blocks.

use std::time::Duration;

use super::error::DrillError;

/// It answers at once, or after its own work on a machine.
const WITHIN: Duration = Duration::from_mins(1);

/// Sends JSON and gives the answer.
///
/// # Errors
/// No answer, or one that says no.
pub fn post(what: &str, url: &str, body: String) -> Result<String, DrillError> {
    send(what, url, Some(body))
}

/// Asks.
///
/// # Errors
/// As [`post`].
pub fn get(what: &str, url: &str) -> Result<String, DrillError> {
    send(what, url, None)
}

fn send(what: &str, url: &str, body: Option<String>) -> Result<String, DrillError> {
    let failed = |why: String| DrillError::failed(what, why);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(error.to_string()))?;
    runtime.block_on(async {
        // reqwest wants one even where there is no TLS. An error only says that somebody was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(WITHIN).build();
        let client = client.map_err(|error| failed(error.to_string()))?;
        let request = match body {
            Some(body) => client.post(url).header("content-type", "application/json").body(body),
            None => client.get(url),
        };
        let answer = request.send().await.map_err(|error| failed(error.to_string()))?;
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        if status.is_success() { Ok(text) } else { Err(failed(format!("{status}: {}", text.trim()))) }
    })
}
