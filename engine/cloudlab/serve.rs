//! The server: HTTP/1.1 on one address, until somebody asks it to end or a signal comes. It cleans nothing up.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::answer::{Answer, Request};
use super::batch;
use super::lab::Lab;

/// Bytes of a request, at most.
const LARGEST: usize = 16 << 20;

/// Why the server is not there.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody can be heard there.
    #[error(
        "listen on {address}: {source}; `listen` of the configuration names another ADDRESS:PORT, port 0 takes any"
    )]
    Listen {
        /// Where.
        address: String,
        /// As the machine says.
        source: std::io::Error,
    },
    /// Signals cannot be heard.
    #[error("hear signals: {0}")]
    Signals(std::io::Error),
}

/// Serves until the end. `ready` hears the address once it listens.
///
/// # Errors
/// See [`ServeError`].
pub async fn serve(lab: Arc<Lab>, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = lab.config.listen.clone();
    let failed = |source| ServeError::Listen { address: address.clone(), source };
    let listener = TcpListener::bind(&address).await.map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    ready(listener.local_addr().map_err(failed)?);
    let end = Arc::new(Notify::new());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // One client less, not the end of the lab.
                Err(_) => continue,
            },
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = end.notified() => return Ok(()),
        };
        let (lab, end) = (Arc::clone(&lab), Arc::clone(&end));
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let (lab, end) = (Arc::clone(&lab), Arc::clone(&end));
                async move { Ok::<_, Infallible>(respond(lab, end, request).await) }
            });
            // A client that goes away in the middle is its own affair.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(lab: Arc<Lab>, end: Arc<Notify>, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let bytes = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return write(&Answer::error(400, "badRequest", &error.to_string())),
    };
    let address = head.uri.path_and_query().map_or("", |both| both.as_str());
    let delay = lab.delay();
    if !address.starts_with("/_lab/") && !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if address == "/_lab/stop" && head.method == hyper::Method::POST {
        end.notify_one();
        return write(&Answer::ok(json!({"stopped": true})));
    }
    // Making a machine takes its time, and waiting for an operation too.
    if address.starts_with("/batch/") {
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let done = tokio::task::spawn_blocking(move || batch::answer(&lab, &kind, &text)).await;
        return match done {
            Ok(Ok(text)) => response(200, batch::CONTENT_TYPE, text),
            Ok(Err(why)) => write(&Answer::error(400, "badRequest", &why)),
            Err(_) => write(&bug()),
        };
    }
    match read_request(head.method.as_str(), address, &bytes) {
        Err(why) => write(&Answer::error(400, "badRequest", &why)),
        Ok(request) => {
            let done = tokio::task::spawn_blocking(move || super::answer(&lab, &request)).await;
            write(&done.unwrap_or_else(|_| bug()))
        }
    }
}

fn bug() -> Answer {
    Answer::error(500, "backendError", "cloudlab has a bug: a request panicked; see its standard error")
}

/// A request of its parts: its path with the query, and JSON.
pub fn read_request(method: &str, address: &str, bytes: &[u8]) -> Result<Request, String> {
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(bytes).map_err(|error| format!("Parse Error: {error}"))?
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query: BTreeMap<String, String> = query.split('&').filter_map(pair).collect();
    Ok(Request { method: method.to_owned(), path: decoded(path), query, body })
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((decoded(&name.replace('+', " ")), decoded(&value.replace('+', " "))))
}

/// `%2F` as `/`; what is no such code stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = code.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| bytes[at] == b'%') {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn write(answer: &Answer) -> hyper::Response<Full<Bytes>> {
    response(answer.status, "application/json; charset=UTF-8", answer.body.to_string())
}

fn response(status: u16, kind: &'static str, body: String) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
