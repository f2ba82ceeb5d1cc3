//! The control plane must not live in what it recovers: this process in a container of the system, or its runs in the system's data,
//! would be gone with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Check;
use crate::journal::Runs;
use crate::model::source::Text;
use crate::model::system::{Runtime, System};
use crate::runner::capture::capture;

const NAME: &str = "outside the system";
const WITHIN: Duration = Duration::from_secs(10);
/// An id of Docker in full, and as a host name.
const FULL: usize = 64;
const SHORT: usize = 12;

/// Where this process and its runs are, against the system's containers and data.
pub fn checks(system: &System, directory: &Path, runs: &Runs) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(in_data(system, directory, runs));
    checks.extend(in_container(system));
    if checks.is_empty() {
        checks.push(Check::ok(NAME, "neither this process nor its runs are part of the system"));
    }
    checks
}

/// Runs (and this program) below a path or in a volume of the system's data.
fn in_data(system: &System, directory: &Path, runs: &Runs) -> Vec<Check> {
    let mut places: Vec<(String, PathBuf)> = Vec::new();
    for (id, data) in &system.data {
        let own = data.path.iter().filter_map(literal).map(|path| directory.join(path));
        places.extend(own.map(|path| (id.value.clone(), path)));
        let volume = data.volume.as_ref().and_then(literal).and_then(|name| mountpoint(&name));
        places.extend(volume.map(|path| (id.value.clone(), path)));
    }
    let ours = [("the runs", Some(runs.path().to_path_buf())), ("this program", std::env::current_exe().ok())];
    let mut checks = Vec::new();
    for (what, path) in ours.into_iter().filter_map(|(what, path)| Some((what, real(&path?)))) {
        for (data, place) in &places {
            let place = real(place);
            if place != Path::new("/") && path.starts_with(&place) {
                let found = format!("{what} ({}) lie in the data `{data}` ({})", path.display(), place.display());
                checks.push(Check::fail(NAME, found, "keep them where the recovery does not reach: --runs-dir"));
            }
        }
    }
    checks
}

/// This process in one of the system's containers.
fn in_container(system: &System) -> Option<Check> {
    let own = own_container()?;
    for (id, service) in &system.services {
        let name = match &service.runtime {
            Runtime::Container(name) | Runtime::Compose { container: Some(name), .. } => literal(name),
            Runtime::Compose { .. } | Runtime::Unit(_) => None,
        };
        let is_ours = name.as_deref().and_then(container_id).is_some_and(|found| found.starts_with(&own))
            || composed(&own).is_some_and(|service_of| is_service(system, &id.value, &service_of));
        if is_ours {
            let found = format!("this process runs in the container of `{}`", id.value);
            return Some(Check::fail(
                NAME,
                found,
                "run it on the host, or in a container that is no part of the system",
            ));
        }
    }
    None
}

/// Compose's own words for a container: `project/service`.
fn composed(id: &str) -> Option<String> {
    let format = "{{index .Config.Labels \"com.docker.compose.project\"}}/{{index .Config.Labels \"com.docker.compose.service\"}}";
    docker(&["inspect", "--format", format, "--", id])
}

fn is_service(system: &System, id: &str, composed: &str) -> bool {
    let Some((project, service)) = composed.split_once('/') else { return false };
    let own = system.compose.as_ref().and_then(|compose| compose.project.as_ref()).and_then(literal);
    let name = system.services.iter().find(|(known, _)| known.value == id).and_then(|(_, it)| match &it.runtime {
        Runtime::Compose { service, .. } => literal(service),
        Runtime::Container(_) | Runtime::Unit(_) => None,
    });
    name.as_deref() == Some(service) && own.is_none_or(|own| own == project)
}

/// The id of the container this process is in, as far as the kernel and the host name tell.
fn own_container() -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let named = |text: &str, before: &str| {
        let at = text.find(before)? + before.len();
        let id: String = text[at..].chars().take_while(char::is_ascii_hexdigit).collect();
        (id.len() == FULL).then_some(id)
    };
    named(&mounts, "/docker/containers/")
        .or_else(|| named(&groups, "/docker/"))
        .or_else(|| named(&groups, "/docker-"))
        .or_else(|| {
            let host = nix::unistd::gethostname().ok()?.into_string().ok()?;
            let is_id = host.len() == SHORT && host.chars().all(|c| c.is_ascii_hexdigit());
            (is_id && Path::new("/.dockerenv").exists()).then_some(host)
        })
}

fn container_id(name: &str) -> Option<String> {
    docker(&["inspect", "--type", "container", "--format", "{{.Id}}", "--", name])
}

fn mountpoint(volume: &str) -> Option<PathBuf> {
    docker(&["volume", "inspect", "--format", "{{.Mountpoint}}", "--", volume]).map(PathBuf::from)
}

fn docker(arguments: &[&str]) -> Option<String> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let said = capture("docker", &arguments, WITHIN).ok().filter(|said| said.exit == Some(0))?;
    let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// A text that holds no expression.
fn literal(text: &Text) -> Option<String> {
    let text = &text.0.source;
    (!text.contains("${{")).then(|| text.clone())
}

/// With links followed as far as it is there.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for above in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return found.join(rest);
        }
    }
    path
}
