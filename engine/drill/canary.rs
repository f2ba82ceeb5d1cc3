//! The canary: numbered, timed writes from outside the system, each acknowledged or not. Every write goes to a file as it ends, so
//! that what was promised is known whatever happens to this process.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::DrillError;
use super::lab::Station;
use crate::execute::BootClock;
use crate::model::drill::CanaryWrites;
use crate::model::port::Clock;
use crate::runner::boot;

/// For one URL; whoever waits longer would not be a client any more.
const PATIENCE: Duration = Duration::from_secs(1);

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// From 1.
    pub number: u64,
    /// Just before it was sent.
    pub sent: DateTime<Utc>,
    /// When it was acknowledged; none: it was not.
    pub acked: Option<DateTime<Utc>>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A canary that writes. Dropped, it stops.
#[derive(Debug)]
pub struct Canary {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stops: AtomicBool,
    writes: Mutex<Vec<Write>>,
    /// What the file did not take.
    lost_record: Mutex<Option<String>>,
}

impl Canary {
    /// Begins to write. `log` takes each write, a JSON object a line.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn start(urls: Vec<String>, every: Duration, station: &Station, log: &Path) -> Result<Self, DrillError> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.map_err(|error| DrillError::file("make the canary's record", log, &error))?;
        let shared = Arc::new(Shared::default());
        let hosts = station.hosts();
        let writer = Writer { urls, every, hosts, file, shared: Arc::clone(&shared), first: 0 };
        let thread = thread::Builder::new().name("canary".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|error| DrillError::failed("start the canary", error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Everything written so far.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.shared.writes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many of the last writes, in a row, were acknowledged (positive) or not (negative), counting those that were sent at
    /// `since` or later.
    #[must_use]
    pub fn streak(&self, since: DateTime<Utc>) -> i64 {
        let writes = self.shared.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last = writes.iter().rev().take_while(|write| write.sent >= since).map(|write| write.acked.is_some());
        let Some(first) = last.next() else { return 0 };
        let same = 1 + i64::try_from(last.take_while(|is| *is == first).count()).unwrap_or(i64::MAX - 1);
        if first { same } else { -same }
    }

    /// Stops and gives everything written.
    ///
    /// # Errors
    /// The record of the writes is not whole.
    pub fn stop(mut self) -> Result<Vec<Write>, DrillError> {
        self.end();
        let lost = self.shared.lost_record.lock().unwrap_or_else(PoisonError::into_inner).take();
        match lost {
            Some(why) => Err(DrillError::Storage(format!("the canary's record: {why}"))),
            None => Ok(self.writes()),
        }
    }

    fn end(&mut self) {
        self.shared.stops.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.end();
    }
}

/// The writes as a journal has them.
#[must_use]
pub fn record(writes: &[Write], every: Duration) -> CanaryWrites {
    let began = writes.first().map_or(DateTime::UNIX_EPOCH, |write| write.sent);
    let since = |at: DateTime<Utc>, from: DateTime<Utc>| u64::try_from((at - from).num_milliseconds()).unwrap_or(0);
    let compact =
        |write: &Write| (write.number, since(write.sent, began), write.acked.map(|acked| since(acked, write.sent)));
    CanaryWrites { began, every_ms: super::record::ms(every), writes: writes.iter().map(compact).collect() }
}

struct Writer {
    urls: Vec<String>,
    every: Duration,
    hosts: PathBuf,
    file: File,
    shared: Arc<Shared>,
    /// The URL that worked last.
    first: usize,
}

impl Writer {
    fn run(mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = client(&self.hosts);
        let (runtime, client) = match (runtime, client) {
            (Ok(runtime), Ok(client)) => (runtime, client),
            (Err(error), _) => return self.cannot(&error.to_string()),
            (_, Err(why)) => return self.cannot(&why),
        };
        let clock = BootClock::start();
        let mut due = boot::now();
        let mut number = 0;
        while !self.shared.stops.load(Ordering::Relaxed) {
            number += 1;
            let sent = clock.now().wall;
            let body = json!({ "number": number, "at": sent.to_rfc3339_opts(SecondsFormat::Micros, true) }).to_string();
            let said = runtime.block_on(self.write(&client, &body));
            let (acked, error) = match said {
                Ok(()) => (Some(clock.now().wall), None),
                Err(why) => (None, Some(why)),
            };
            self.keep(Write { number, sent, acked, error });
            due += self.every;
            let now = boot::now();
            // Behind: the next one goes at once, and numbers are not skipped.
            due = due.max(now);
            while boot::now() < due && !self.shared.stops.load(Ordering::Relaxed) {
                thread::sleep(due.saturating_sub(boot::now()).min(Duration::from_millis(20)));
            }
        }
    }

    /// Tries every URL, from the one that worked last.
    async fn write(&mut self, client: &reqwest::Client, body: &str) -> Result<(), String> {
        let mut why = "there is no URL".to_owned();
        for offset in 0..self.urls.len() {
            let at = (self.first + offset) % self.urls.len();
            let request = client.post(&self.urls[at]).header(CONTENT_TYPE, "application/json").body(body.to_owned());
            match request.send().await {
                Ok(response) if response.status().is_success() => {
                    self.first = at;
                    return Ok(());
                }
                Ok(response) => why = response.status().to_string(),
                Err(error) => why = causes(&error),
            }
        }
        Err(why)
    }

    fn keep(&mut self, write: Write) {
        let line = serde_json::to_string(&write).unwrap_or_default() + "\n";
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            *self.shared.lost_record.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
        self.shared.writes.lock().unwrap_or_else(PoisonError::into_inner).push(write);
    }

    fn cannot(&self, why: &str) {
        *self.shared.lost_record.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(format!("it cannot write: {why}"));
    }
}

fn client(hosts: &Path) -> Result<reqwest::Client, String> {
    // reqwest wants one even where there is no TLS. An error only says that somebody was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("runbook-canary/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .timeout(PATIENCE)
        // A kept connection would lead to where the name led before.
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(Hosts(hosts.to_path_buf())));
    builder.build().map_err(|error| causes(&error))
}

/// An error with what is behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Names are those of the lab's hosts file, read at each write: DNS may have moved.
struct Hosts(PathBuf);

impl Resolve for Hosts {
    fn resolve(&self, name: Name) -> Resolving {
        let found = fs::read_to_string(&self.0).ok().and_then(|file| super::lab::lookup(&file, name.as_str()));
        Box::pin(async move {
            let address = found.ok_or_else(|| format!("{} is no name of the lab", name.as_str()))?;
            let addresses: Addrs = Box::new(std::iter::once(std::net::SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
