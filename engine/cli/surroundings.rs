//! Where and with what a run is driven, for its record. A recovery does not wait for it: programs that do not say their version at once
//! are written down without, and what they said is kept for the next run.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::saved::Saved;
use crate::model::surroundings::{DocumentDigest, Program, Surroundings};
use crate::plan::Plan;
use crate::runner::boot;
use crate::runner::capture;

/// All programs together have this long.
const PATIENCE: Duration = Duration::from_millis(300);
/// What a program says of itself is not longer.
const LONGEST: usize = 200;

/// What is known of programs: path, size and time of change, and the version they said.
#[derive(Default, Serialize, Deserialize)]
struct Versions(BTreeMap<PathBuf, Said>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    size: u64,
    changed_ns: i128,
    version: Option<String>,
}

/// What one of those who were asked says.
enum Answer {
    Commit(Option<String>),
    Version(PathBuf, Said),
}

/// Everything that can be had at once.
pub fn of(plan: &Plan, saved: &Saved) -> Surroundings {
    let cache = cache();
    let mut known = cache.as_deref().map(Versions::read).unwrap_or_default();
    let places: Vec<(String, Option<PathBuf>)> =
        plan.tools.keys().map(|name| (name.clone(), which::which(name).ok())).collect();
    let (say, hear) = mpsc::channel();
    let mut open = 0;
    let directory = saved.inputs.directory.join(&saved.inputs.runbook);
    if let Some(directory) = directory.parent().filter(|directory| is_in_repository(directory)) {
        let (say, directory) = (say.clone(), directory.to_path_buf());
        thread::spawn(move || say.send(Answer::Commit(commit(&directory))));
        open += 1;
    }
    for path in places.iter().filter_map(|(_, path)| path.clone()) {
        let Some(now) = Said::stamp(&path) else { continue };
        if known.0.get(&path).is_some_and(|said| said.is_of(&now)) {
            continue;
        }
        let (say, cache) = (say.clone(), cache.clone());
        open += 1;
        thread::spawn(move || {
            let said = Said { version: version(&path), ..now };
            if let (Err(sent), Some(cache)) = (say.send(Answer::Version(path, said)), cache) {
                // Too late for this run.
                if let Answer::Version(path, said) = sent.0 {
                    let mut known = Versions::read(&cache);
                    known.0.insert(path, said);
                    known.write(&cache);
                }
            }
        });
    }
    drop(say);
    let until = boot::now() + PATIENCE;
    let (mut commit, mut is_new) = (None, false);
    while open > 0 {
        match hear.recv_timeout(until.saturating_sub(boot::now())) {
            Ok(Answer::Commit(found)) => commit = found,
            Ok(Answer::Version(path, said)) => {
                known.0.insert(path, said);
                is_new = true;
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
        open -= 1;
    }
    drop(hear);
    if let Some(cache) = cache.filter(|_| is_new) {
        known.write(&cache);
    }
    let programs = places.into_iter().map(|(name, path)| {
        let now = path.as_deref().and_then(Said::stamp);
        let said = path.as_ref().and_then(|path| known.0.get(path));
        let version = said.zip(now).filter(|(said, now)| said.is_of(now)).and_then(|(said, _)| said.version.clone());
        Program { name, path: path.map(|path| path.display().to_string()), version }
    });
    Surroundings {
        machine: machine(),
        programs: programs.collect(),
        commit,
        params: saved.inputs.values.clone(),
        documents: saved
            .sources
            .iter()
            .map(|source| DocumentDigest { path: source.path.display().to_string(), sha256: source.digest.clone() })
            .collect(),
    }
}

impl Said {
    fn stamp(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let changed_ns = i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec());
        Some(Self { size: found.size(), changed_ns, version: None })
    }

    fn is_of(&self, now: &Self) -> bool {
        (self.size, self.changed_ns) == (now.size, now.changed_ns)
    }
}

impl Versions {
    /// A file that cannot be read knows nothing.
    fn read(path: &Path) -> Self {
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Best effort: without it the programs are asked again.
    fn write(&self, path: &Path) {
        let Ok(bytes) = serde_json::to_vec(self) else { return };
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let directory = path.parent().unwrap_or(Path::new("/"));
        let done = std::fs::create_dir_all(directory)
            .and_then(|()| std::fs::write(&fresh, bytes))
            .and_then(|()| std::fs::rename(&fresh, path));
        if done.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
    }
}

fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("runbook/versions.json"))
}

fn version(program: &Path) -> Option<String> {
    let said = capture::version(program.to_str()?)?;
    Some(said.chars().take(LONGEST).collect())
}

fn is_in_repository(directory: &Path) -> bool {
    std::path::absolute(directory).is_ok_and(|path| path.ancestors().any(|above| above.join(".git").exists()))
}

/// As git names it; none without git, or where it does not trust the repository.
fn commit(directory: &Path) -> Option<String> {
    let words = ["-C", directory.to_str()?, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
    let said = capture::capture("git", &words.map(str::to_owned), Duration::from_secs(5)).ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    (said.exit == Some(0)).then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `Debian GNU/Linux 12 (bookworm), Linux 6.1.0, x86_64`.
fn machine() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"'));
    let kernel = nix::sys::utsname::uname()
        .ok()
        .map(|it| [it.sysname(), it.release()].map(|text| text.to_string_lossy().into_owned()).join(" "));
    let parts = [name.map(str::to_owned), kernel, Some(std::env::consts::ARCH.to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
