//! HTTP requests. Redirects only where asked, and then nothing secret crosses to another origin; the addresses that machines use
//! for their own metadata are denied after resolution; proxies only where the step's environment declares one.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response, StatusCode, Url};
use tokio::time::timeout;

use crate::model::work::{Completion, End, Piece, Rendered, Target, Task, Work};

use super::address;
use super::attempt::sink;
use super::clients::{over_socket, proxy_of};
use super::launch::expose;
use super::local::Shared;
use super::pump::CAPTURE;
use super::remote::Forward;

/// Redirects followed at most.
const HOPS: usize = 10;

/// A request with its secrets in it.
struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    /// Headers that do not go to another origin.
    private: Vec<HeaderName>,
    body: Option<String>,
    /// The body holds a secret.
    private_body: bool,
}

/// An answer, and the way it comes by: open until it is read.
struct Asked {
    response: Response,
    _way: Option<Forward>,
}

/// Carries out [`Task::Http`].
pub(super) async fn request(shared: &Shared, work: &Work, began: Duration) -> Completion {
    let left = work.timeout.saturating_sub(super::boot::now().saturating_sub(began));
    match timeout(left, exchange(shared, work)).await {
        Ok(completion) => completion,
        Err(_) => Completion::of(End::TimedOut),
    }
}

async fn exchange(shared: &Shared, work: &Work) -> Completion {
    let Task::Http { follow, insecure, .. } = &work.task else {
        return Completion::of(End::NotStarted { why: "this is not an HTTP request".to_owned() });
    };
    let mut request = match prepare(shared, work) {
        Ok(request) => request,
        Err(why) => return Completion::of(End::NotStarted { why: shared.masker.mask(&why) }),
    };
    for _ in 0..=HOPS {
        let asked = match ask(shared, work, &request, *insecure).await {
            Ok(asked) => asked,
            Err(end) => return Completion::of(end),
        };
        match next_hop(&request, &asked.response).filter(|_| *follow) {
            Some(url) => request = request.redirected(url, asked.response.status()),
            None => return answered(shared, work, &request.method, asked.response).await,
        }
    }
    Completion::of(End::Unreachable {
        why: format!("more than {HOPS} redirects"),
        may_have_run: !is_safe(&request.method),
    })
}

fn prepare(shared: &Shared, work: &Work) -> Result<Request, String> {
    let Task::Http { method, url, headers, body, .. } = &work.task else {
        return Err("not an HTTP request".to_owned());
    };
    let secrets = &shared.secrets;
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is not an HTTP method"))?;
    let text = expose(url, secrets)?;
    let url = Url::parse(&text).map_err(|error| format!("`{}` is not a URL: {error}", url.redacted()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("a URL begins with http:// or https://, not `{}:`", url.scheme()));
    }
    let mut sent = HeaderMap::new();
    let mut private =
        vec![reqwest::header::AUTHORIZATION, reqwest::header::COOKIE, reqwest::header::PROXY_AUTHORIZATION];
    for (name, value) in headers {
        let key: HeaderName = name.parse().map_err(|_| format!("`{name}` is not the name of a header"))?;
        let mut held = HeaderValue::from_str(&expose(value, secrets)?)
            .map_err(|_| format!("header `{name}`: a value is one line of visible characters"))?;
        if has_secret(value) {
            held.set_sensitive(true);
            private.push(key.clone());
        }
        sent.append(key, held);
    }
    let private_body = body.as_ref().is_some_and(has_secret);
    let body = body.as_ref().map(|body| expose(body, secrets)).transpose()?;
    Ok(Request { method, url, headers: sent, private, body, private_body })
}

async fn ask(shared: &Shared, work: &Work, request: &Request, insecure: bool) -> Result<Asked, End> {
    if let Some(why) = address::denied_url(&request.url) {
        return Err(End::NotStarted { why });
    }
    // Plain HTTP needs no certificates: they are read when the first HTTPS is asked for.
    let verify = request.url.scheme() == "https" && !insecure;
    let forward = match &work.target {
        Target::Local => None,
        Target::Ssh { .. } | Target::Gcloud { .. } => Some(Forward::open(shared, work, &request.url).await?),
        Target::Container { .. } => {
            return Err(End::NotStarted { why: "an HTTP request from inside a container is not supported".to_owned() });
        }
    };
    let client: Result<Client, String> = match &forward {
        Some(forward) => over_socket(verify, &forward.socket()),
        None => shared.clients.get(verify, proxy_of(&work.env, &request.url, &shared.secrets).as_deref()),
    };
    let client = client.map_err(|why| End::NotStarted { why: shared.masker.mask(&why) })?;
    let mut builder = client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    }
    let error = match builder.send().await {
        Ok(response) => return Ok(Asked { response, _way: forward }),
        Err(error) => error,
    };
    if let Some(forward) = forward
        && let Some(why) = forward.refused().await
    {
        return Err(End::Unreachable { why: shared.masker.mask(&why), may_have_run: false });
    }
    Err(failed(shared, request, &error))
}

fn failed(shared: &Shared, request: &Request, error: &reqwest::Error) -> End {
    let why = shared.masker.mask(&causes(error));
    if why.contains(address::DENIED) {
        return End::NotStarted { why };
    }
    if error.is_builder() {
        return End::NotStarted { why };
    }
    // Before the connection stood nobody can have done anything; after it, whoever changes something may have.
    End::Unreachable { why, may_have_run: !error.is_connect() && !is_safe(&request.method) }
}

/// An error with its causes; the URL stays out, it may hold a secret.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(found) = cause {
        let text = found.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        cause = found.source();
    }
    if texts.is_empty() { "the request failed".to_owned() } else { texts.join(": ") }
}

fn next_hop(request: &Request, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let place = response.headers().get(reqwest::header::LOCATION)?.to_str().ok()?;
    let url = request.url.join(place).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let keeps_body = matches!(response.status().as_u16(), 307 | 308);
    // A secret in the body stays with the host it was meant for: the redirect itself is the answer.
    (!(keeps_body && request.private_body && url.origin() != request.url.origin())).then_some(url)
}

impl Request {
    fn redirected(mut self, url: Url, status: StatusCode) -> Self {
        if !matches!(status.as_u16(), 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD) {
            self.method = Method::GET;
            self.body = None;
            self.headers.remove(reqwest::header::CONTENT_TYPE);
        }
        if url.origin() != self.url.origin() {
            for name in &self.private {
                self.headers.remove(name);
            }
        }
        self.url = url;
        self
    }
}

async fn answered(shared: &Shared, work: &Work, method: &Method, mut response: Response) -> Completion {
    let status = response.status().as_u16();
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    let sink = sink(shared, &work.attempt, work.capture);
    let mut size = 0;
    let broken = loop {
        match response.chunk().await {
            Ok(None) => break None,
            Ok(Some(chunk)) => {
                sink.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(false, &chunk);
                size += chunk.len();
                if size > CAPTURE {
                    break None;
                }
            }
            Err(error) => break Some(error),
        }
    };
    let mut sink = sink.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    sink.finish(false);
    let output = sink.take();
    let end = match broken {
        None => End::Responded { status, headers },
        Some(error) => End::Unreachable {
            why: format!("the answer ({status}) broke off: {}", shared.masker.mask(&causes(&error))),
            may_have_run: !is_safe(method),
        },
    };
    Completion { stdout: output.stdout, truncated: output.truncated, ..Completion::of(end) }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn has_secret(text: &Rendered) -> bool {
    text.0.iter().any(|piece| matches!(piece, Piece::Secret(_)))
}
