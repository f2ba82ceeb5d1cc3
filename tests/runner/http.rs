//! HTTP against a small server: answers, redirects that keep secrets, denied addresses, what may have run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use runbook::model::system::ChannelKind;
use runbook::model::work::{End, Piece, Rendered, Task, Work};
use runbook::secret::SecretStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Bench, work};

/// Answers by path and closes; keeps every request.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut text = String::new();
                    let mut buffer = [0; 4096];
                    loop {
                        let read = stream.read(&mut buffer).await.unwrap_or(0);
                        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                        let length = text
                            .to_lowercase()
                            .split("content-length: ")
                            .nth(1)
                            .map_or(0, |rest| rest.lines().next().unwrap().trim().parse().unwrap());
                        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
                        if read == 0 || body.is_some_and(|body| body >= length) {
                            break;
                        }
                    }
                    let path = text.split(' ').nth(1).unwrap_or("").to_owned();
                    kept.lock().unwrap().push(text);
                    let _ = stream.write_all(answer(&path).as_bytes()).await;
                });
            }
        });
        Self { port, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn redirect(status: u16, to: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

pub fn http(method: &str, url: &str) -> Work {
    work(Task::Http {
        method: method.into(),
        url: Rendered::text(url),
        headers: Vec::new(),
        body: None,
        follow: false,
        insecure: false,
    })
}

fn with(mut work: Work, headers: Vec<(String, Rendered)>, body: Option<Rendered>, follow: bool) -> Work {
    if let Task::Http { headers: h, body: b, follow: f, .. } = &mut work.task {
        *h = headers;
        *b = body;
        *f = follow;
    }
    work
}

fn status(end: &End) -> u16 {
    match end {
        End::Responded { status, .. } => *status,
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_back_whatever_its_status() {
    let server = Server::start(|path| match path {
        "/missing" => "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone".into(),
        _ => ok("{\"a\":1}"),
    })
    .await;
    let mut bench = Bench::new();
    let done = bench.run(http("GET", &server.url("/"))).await;
    let End::Responded { status: 200, headers } = &done.end else { panic!("{:?}", done.end) };
    assert_eq!(headers["x-a"], "1, 2");
    assert_eq!(done.stdout.as_deref(), Some("{\"a\":1}"));
    assert_eq!(status(&bench.run(http("GET", &server.url("/missing"))).await.end), 404);
}

#[tokio::test]
async fn redirects_are_answers_unless_followed() {
    let server = Server::start(|path| if path == "/old" { redirect(302, "/new") } else { ok("new") }).await;
    let mut bench = Bench::new();
    assert_eq!(status(&bench.run(http("GET", &server.url("/old"))).await.end), 302);
    let done = bench.run(with(http("POST", &server.url("/old")), Vec::new(), Some(Rendered::text("x")), true)).await;
    assert_eq!((status(&done.end), done.stdout.as_deref()), (200, Some("new")));
    assert!(server.seen().last().unwrap().starts_with("GET /new "));
    let round = Server::start(|_| redirect(302, "/again")).await;
    let done = bench.run(with(http("GET", &round.url("/")), Vec::new(), None, true)).await;
    assert!(matches!(done.end, End::Unreachable { .. }));
}

#[tokio::test]
async fn nothing_secret_crosses_to_another_origin() {
    let other = Server::start(|_| ok("other")).await;
    let target = other.url("/");
    let server = Server::start(move |path| redirect(if path == "/keep" { 307 } else { 302 }, &target)).await;
    let mut secrets = SecretStore::default();
    secrets.insert("key", "hunter22");
    let mut bench = Bench::with(secrets, |_| {});
    let secret = || Rendered(vec![Piece::Secret("key".into())]);
    let headers = || {
        vec![
            ("Authorization".to_owned(), Rendered::text("Bearer plain")),
            ("X-Key".to_owned(), secret()),
            ("X-Plain".to_owned(), Rendered::text("stays")),
        ]
    };
    let done = bench.run(with(http("GET", &server.url("/")), headers(), None, true)).await;
    assert_eq!(status(&done.end), 200);
    assert!(server.seen()[0].contains("hunter22"));
    let crossed = other.seen()[0].to_lowercase();
    assert!(
        !crossed.contains("hunter22") && !crossed.contains("authorization") && crossed.contains("stays"),
        "{crossed}"
    );
    let kept = bench.run(with(http("POST", &server.url("/keep")), Vec::new(), Some(secret()), true)).await;
    assert_eq!(status(&kept.end), 307, "a secret in the body stays");
    assert_eq!(other.seen().len(), 1);
}

#[tokio::test]
async fn metadata_addresses_are_denied_also_by_redirect() {
    let server = Server::start(|_| redirect(302, "http://169.254.169.254/latest/")).await;
    let mut bench = Bench::new();
    for work in [
        http("GET", "http://169.254.169.254/"),
        http("GET", "http://metadata.google.internal/"),
        with(http("GET", &server.url("/")), Vec::new(), None, true),
    ] {
        let done = bench.run(work).await;
        assert!(matches!(&done.end, End::NotStarted { why } if why.contains("denied")), "{:?}", done.end);
    }
}

#[tokio::test]
async fn whether_it_may_have_run_depends_on_where_it_broke() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut bench = Bench::new();
    let refused = bench.run(http("POST", &format!("http://127.0.0.1:{closed}/"))).await;
    assert!(matches!(refused.end, End::Unreachable { may_have_run: false, .. }), "{:?}", refused.end);
    let silent = Server::start(|_| String::new()).await;
    let broken = bench.run(http("POST", &silent.url("/"))).await;
    assert!(matches!(broken.end, End::Unreachable { may_have_run: true, .. }), "{:?}", broken.end);
    let read = bench.run(http("GET", &silent.url("/"))).await;
    assert!(matches!(read.end, End::Unreachable { may_have_run: false, .. }), "{:?}", read.end);
    let cut = Server::start(|_| "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf".into()).await;
    let half = bench.run(http("PUT", &cut.url("/"))).await;
    assert!(matches!(half.end, End::Unreachable { may_have_run: true, .. }), "{:?}", half.end);
}

#[tokio::test]
async fn a_server_that_never_answers_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut bench = Bench::new();
    let mut request = http("GET", &format!("http://{}/", listener.local_addr().unwrap()));
    request.timeout = Duration::from_millis(100);
    assert_eq!(bench.run(request).await.end, End::TimedOut);
}

#[tokio::test]
async fn a_large_body_is_cut_and_says_so() {
    let server = Server::start(|_| ok(&"x".repeat(3 * 1024 * 1024))).await;
    let mut bench = Bench::new();
    let done = bench.run(http("GET", &server.url("/"))).await;
    assert!(done.truncated && done.stdout.unwrap().len() == 1024 * 1024);
}

#[tokio::test]
async fn proxies_come_from_the_step_only() {
    let proxy = Server::start(|_| ok("by proxy")).await;
    let mut bench = Bench::new();
    let mut asked = http("GET", "http://service.invalid/x");
    asked.env = vec![super::env("HTTP_PROXY", &proxy.url(""))];
    assert_eq!(bench.run(asked.clone()).await.stdout.as_deref(), Some("by proxy"));
    asked.env.push(super::env("no_proxy", ".invalid"));
    assert!(matches!(bench.run(asked).await.end, End::Unreachable { may_have_run: false, .. }));
}

#[tokio::test]
async fn a_url_or_header_that_is_none_does_not_start() {
    let mut bench = Bench::new();
    for work in [
        http("GET", "nonsense"),
        http("GET", "file:///etc/passwd"),
        http("G E T", "http://127.0.0.1/"),
        with(http("GET", "http://127.0.0.1/"), vec![("X".into(), Rendered::text("a\r\nB: c"))], None, false),
    ] {
        let done = bench.run(work).await;
        assert!(matches!(done.end, End::NotStarted { .. }), "{:?}", done.end);
    }
}

#[tokio::test]
async fn a_message_goes_to_every_channel_and_failures_only_warn() {
    let server =
        Server::start(
            |path| {
                if path == "/no" { "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".into() } else { ok("") }
            },
        )
        .await;
    let mut bench = Bench::with(SecretStore::default(), |settings| settings.runbook = "scenario_a".into());
    let channels = |paths: &[(ChannelKind, &str)]| Task::Notify {
        channels: paths.iter().map(|(kind, path)| (*kind, Rendered::text(server.url(path)))).collect(),
        text: "db is back".into(),
    };
    let done = bench.run(work(channels(&[(ChannelKind::Slack, "/s"), (ChannelKind::Webhook, "/w")]))).await;
    assert_eq!(done.end, End::Done { warning: None });
    assert!(server.seen()[0].ends_with("\r\n\r\n{\"text\":\"db is back\"}"));
    assert!(server.seen()[1].contains("\"runbook\":\"scenario_a\"") && server.seen()[1].contains("\"run\":\"01RUN\""));
    let done = bench.run(work(channels(&[(ChannelKind::Webhook, "/no"), (ChannelKind::Slack, "/s")]))).await;
    let End::Done { warning: Some(warning) } = done.end else { panic!() };
    assert_eq!(warning, "channel 1 (webhook): it answered 500 Internal Server Error");
    assert_eq!(server.seen().len(), 4);
}
