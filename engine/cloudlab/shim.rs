//! The stand-in for the client, `runbook cloudlab gcloud -- ARGS…`: it asks the lab's server, and shows what that says. It never talks to
//! Google.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::gcloud::{Asked, Said};

/// Where the server is: the lab's own variable, or the one that leads the real client there.
const SERVER: [&str; 2] = ["RUNBOOK_CLOUDLAB", "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"];

/// Why the server did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// Nobody says where it is.
    #[error("find the cloud lab: neither {} nor {} is set; `runbook cloudlab serve` prints its address", SERVER[0], SERVER[1])]
    NoServer,
    /// It cannot be asked.
    #[error("ask the cloud lab at {server}: {why}; is `runbook cloudlab serve` running?")]
    Asking {
        /// Its address.
        server: String,
        /// As the network says.
        why: String,
    },
}

/// Asks the server of the environment.
///
/// # Errors
/// See [`ShimError`].
pub async fn ask(asked: &Asked, env: impl Fn(&str) -> Option<String>) -> Result<Said, ShimError> {
    let given = SERVER.iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
    let server = origin(&given.ok_or(ShimError::NoServer)?);
    let failed = |why: String| ShimError::Asking { server: server.clone(), why };
    let (status, body) = post(&server, asked).await.map_err(failed)?;
    if status != 200 {
        return Err(failed(format!("{status}: {}", body["error"]["message"].as_str().unwrap_or_default())));
    }
    serde_json::from_value(body).map_err(|error| failed(error.to_string()))
}

/// `http://HOST:PORT` of an address.
fn origin(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    address[..end].to_owned()
}

/// Plain HTTP: the server is on this machine.
async fn post(server: &str, asked: &Asked) -> Result<(u16, Value), String> {
    let host = server.strip_prefix("http://").ok_or("its address is no `http://HOST:PORT`")?;
    let body = serde_json::to_vec(asked).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect(host).await.map_err(|error| error.to_string())?;
    let hands = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = hands.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let request = hyper::Request::post("/_lab/gcloud").header(hyper::header::HOST, host);
    let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    let body = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok((status, body))
}
