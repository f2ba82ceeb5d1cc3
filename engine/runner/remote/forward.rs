//! A way for an HTTP request through another machine: the client listens on a socket of its own in a private directory, and what is
//! said there goes on from over there.

use std::fs::{self, DirBuilder};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::time::sleep;

use super::client::{Client, Leash, TAIL, VARIABLE};
use super::script::safe;
use crate::model::work::{End, Work};
use crate::runner::local::Shared;
use crate::runner::process::{self, Launch};
use crate::runner::{family, program, transport};

/// Between two looks for the socket.
const LOOK: Duration = Duration::from_millis(20);
/// An address of a Unix socket has 108 bytes.
const LONGEST: usize = 100;

/// Open until dropped.
pub(in crate::runner) struct Forward {
    directory: PathBuf,
    heard: Arc<Mutex<Vec<u8>>>,
    _leash: Leash,
    child: tokio::process::Child,
    _kin: family::Child,
}

impl Forward {
    /// Connects, as far as the machine; nobody is asked yet.
    ///
    /// # Errors
    /// How the attempt ends when there is no way.
    pub async fn open(shared: &Shared, work: &Work, url: &Url) -> Result<Self, End> {
        let not_started = |why: String| End::NotStarted { why: shared.masker.mask(&why) };
        let host = url.host_str().ok_or_else(|| not_started("the URL has no host".to_owned()))?;
        let port = url.port_or_known_default().ok_or_else(|| not_started("the URL has no port".to_owned()))?;
        if shared.masker.mask(host) != host {
            // It would stand in the client's argument vector.
            return Err(not_started("a secret cannot be the host of a request from another machine".to_owned()));
        }
        let directory = private_directory().map_err(not_started)?;
        let far = format!("{}:{host}:{port}", directory.join("s").display());
        let client = Client::forwarding(&work.target, shared.settings.ssh_config.as_deref(), &far);
        let client = client.map_err(not_started)?;
        let launch = Launch {
            program: shared
                .programs
                .resolve(client.name, shared.settings.client_path.as_deref(), None)
                .map_err(not_started)?,
            name: client.name.to_owned(),
            arguments: client.arguments,
            env: client_env(shared, &safe(&work.attempt.token.0)),
            directory: None,
            stdin: false,
        };
        let spawned = process::spawn(&launch).map_err(|error| not_started(program::not_started(&launch, &error)))?;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let pid = spawned.child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or(0);
        let mut forward =
            Self { directory, heard: Arc::clone(&heard), _leash: Leash(pid), child: spawned.child, _kin: spawned.kin };
        let mut errors = Receiver::from_owned_fd(OwnedFd::from(spawned.stderr))
            .map_err(|error| not_started(format!("hear the client: {error}")))?;
        let listening = tokio::spawn(async move {
            let mut buffer = Vec::with_capacity(TAIL);
            while let Ok(1..) = errors.read_buf(&mut buffer).await {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.append(&mut buffer);
                let surplus = heard.len().saturating_sub(TAIL);
                heard.drain(..surplus);
            }
        });
        // The request's own timeout ends this.
        while !forward.socket().exists() {
            if let Ok(Some(_)) = forward.child.try_wait() {
                let _ = listening.await;
                let why = transport::ssh(&forward.words()).why;
                return Err(End::Unreachable { why, may_have_run: false });
            }
            sleep(LOOK).await;
        }
        Ok(forward)
    }

    /// Where the request goes.
    pub fn socket(&self) -> PathBuf {
        self.directory.join("s")
    }

    /// Why nobody over there took the connection; then nobody was asked.
    pub async fn refused(&self) -> Option<String> {
        // What the client says may come a little later than what it does.
        sleep(LOOK).await;
        self.words().lines().map(str::trim).rfind(|line| line.contains("open failed")).map(str::to_owned)
    }

    fn words(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// What a client gets over the engine's environment.
pub(super) fn client_env(shared: &Shared, token: &str) -> Vec<(String, String)> {
    let path = shared.settings.client_path.iter().map(|path| ("PATH".to_owned(), path.clone()));
    std::iter::once((VARIABLE.to_owned(), token.to_owned())).chain(path).collect()
}

/// Made by us, for us; if the name is taken, another.
fn private_directory() -> Result<PathBuf, String> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut base = std::env::temp_dir();
    if base.as_os_str().len() > LONGEST - 40 {
        base = Path::new("/tmp").to_path_buf();
    }
    let mut why = String::new();
    for _ in 0..100 {
        let name = format!("runbook-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = base.join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) => why = format!("make {}: {error}", path.display()),
        }
    }
    Err(why)
}
