//! The stand-in of a lab's cloud: a server of this program ([`crate::cloudlab`]) on the gateway of the lab's network.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::hosts;
use super::state::{LabDirectory, LabState, VARIABLE};
use super::texts::{Scene, beside};
use super::up::Wanted;
use crate::drill::error::DrillError;
use crate::drill::request;
use crate::drill::tool::{self, words};
use crate::model::lab::{CloudDecl, Lab};
use crate::runner::boot;
use crate::runner::foreground::Foreground;

/// Which client speaks to the cloud's stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gcloud {
    /// The real one where this machine has it, else the shim.
    Found,
    /// The shim, wherever.
    Shim,
}

impl Gcloud {
    /// Whether the real client is used.
    #[must_use]
    pub fn is_real(self) -> bool {
        self == Self::Found && which::which("gcloud").is_ok()
    }
}

/// How long the server has until it listens: machines of the start are made first.
const BEGIN: Duration = Duration::from_mins(2);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// The variables by which both clients find the server, and nothing else.
pub fn variables(origin: &str, directory: &LabDirectory) -> Vec<(String, String)> {
    let place = |name: &str| directory.at(name).display().to_string();
    let variable = |name: &str, value: String| (format!("CLOUDSDK_{name}"), value);
    vec![
        variable("CONFIG", place("gcloud")),
        variable("AUTH_ACCESS_TOKEN_FILE", place("gcloud/token")),
        variable("CORE_ACCOUNT", "drill@example.com".to_owned()),
        variable("CORE_DISABLE_USAGE_REPORTING", "1".to_owned()),
        variable("COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1".to_owned()),
        variable("CORE_DISABLE_PROMPTS", "1".to_owned()),
        variable("API_ENDPOINT_OVERRIDES_COMPUTE", format!("{origin}/compute/v1/")),
        variable("API_ENDPOINT_OVERRIDES_DNS", format!("{origin}/")),
        variable("API_ENDPOINT_OVERRIDES_SQL", format!("{origin}/")),
        variable("API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER", format!("{origin}/")),
        ("RUNBOOK_CLOUDLAB".to_owned(), origin.to_owned()),
    ]
}

/// Starts the server, with what the lab's file says is there, and gives where it listens.
///
/// # Errors
/// It does not listen; the end of its log stands in the error.
pub fn start(
    lab: &Lab,
    cloud: &CloudDecl,
    state: &LabState,
    directory: &LabDirectory,
    wanted: &Wanted,
    public: &str,
) -> Result<String, DrillError> {
    let network = &state.networks[&cloud.network.value];
    let format = "{{(index .IPAM.Config 0).Gateway}}";
    let gateway = tool::docker(
        "find the gateway of the cloud's network",
        &words(["network", "inspect", "--format", format, network]),
    )?;
    let config = config(lab, cloud, state, directory, &gateway, public)?;
    let path = directory.write("cloud.json", &config.to_string(), 0o600)?;
    directory.write("gcloud/token", "lab\n", 0o600)?;
    if !wanted.gcloud.is_real() {
        let shim = format!("#!/bin/sh\nexec {} cloudlab gcloud -- \"$@\"\n", wanted.engine.display());
        directory.write("bin/gcloud", &shim, 0o755)?;
    }
    let log = directory.at("cloud.log");
    let home = directory.at("home").display().to_string();
    let server = Foreground {
        program: wanted.engine.clone(),
        arguments: words(["cloudlab", "serve", "--config", &path.display().to_string()]),
        // It is part of the lab, and it speaks to this machine's Docker.
        env: [("PATH", wanted.path.clone()), ("HOME", home), (VARIABLE, state.name.clone())]
            .into_iter()
            .chain(std::env::var("DOCKER_HOST").ok().map(|host| ("DOCKER_HOST", host)))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        directory: directory.path().to_path_buf(),
    };
    let what = "start the cloud's stand-in";
    let mut child = server.start(Some(&log)).map_err(|error| DrillError::failed(what, error.to_string()))?;
    let began = boot::now();
    loop {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let ready = text
            .lines()
            .find_map(|line| serde_json::from_str::<Value>(line).ok()?["ready"].as_str().map(str::to_owned));
        if let Some(origin) = ready {
            return Ok(origin);
        }
        let is_over = child.try_wait().ok().flatten().is_some();
        if is_over || boot::now().saturating_sub(began) > BEGIN {
            let tail: Vec<&str> = text.lines().rev().take(5).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            return Err(DrillError::failed(what, tail.join("\n  ")));
        }
        thread::sleep(LOOK);
    }
}

/// Takes the snapshots that the lab's file wants, called after the disk and `when`, and waits until they can be used.
///
/// # Errors
/// The server says no, or they are not ready in time.
pub fn snapshots(cloud: &CloudDecl, origin: &str, when: &str) -> Result<(), DrillError> {
    let project = format!("{origin}/compute/v1/projects/{}", cloud.project.value);
    for disk in cloud.machines.iter().flat_map(|(_, vm)| &vm.snapshots) {
        let what = format!("take a snapshot of {}", disk.value);
        let name = format!("{}-{when}", disk.value);
        let url = format!("{project}/zones/{}/disks/{}/createSnapshot", cloud.zone.value, disk.value);
        request::post(&what, &url, json!({ "name": name }).to_string())?;
        let began = boot::now();
        loop {
            let said = request::get(&what, &format!("{project}/global/snapshots/{name}")).unwrap_or_default();
            if serde_json::from_str::<Value>(&said).is_ok_and(|snapshot| snapshot["status"] == "READY") {
                break;
            }
            if boot::now().saturating_sub(began) > BEGIN {
                return Err(DrillError::failed(what, "it is not ready"));
            }
            thread::sleep(LOOK);
        }
    }
    Ok(())
}

/// Whether it makes virtual machines for real; where it has none, it keeps names only.
pub fn has_machines(cloud: &CloudDecl) -> bool {
    cloud.image.is_some()
}

/// What the server is told.
fn config(
    lab: &Lab,
    cloud: &CloudDecl,
    state: &LabState,
    directory: &LabDirectory,
    gateway: &str,
    public: &str,
) -> Result<Value, DrillError> {
    let image = cloud.image.as_ref().filter(|_| has_machines(cloud));
    let scene = Scene { name: state.name.clone(), addresses: state.addresses.clone(), fault_at: None };
    let setup = |argv: Option<&crate::model::operation::Argv>| argv.map_or(Ok(Vec::new()), |argv| scene.words(argv));
    let records = |zone: &str| -> Vec<Value> {
        let inside = lab.hosts.iter().filter(|(name, _)| hosts::zone(lab, &name.value) == Some(zone));
        inside
            .map(|(name, machine)| {
                let address = state.addresses.get(&machine.value);
                // A virtual machine goes by its name: its address is not known yet.
                let data = address.unwrap_or(&machine.value);
                json!({ "name": format!("{}.", name.value), "type": "A", "ttl": 300, "rrdatas": [data] })
            })
            .collect()
    };
    let dns: Vec<Value> = cloud
        .dns
        .iter()
        .map(|(zone, domain)| json!({ "zone": zone.value, "dns_name": domain.value, "records": records(&zone.value) }))
        .collect();
    let mut instances = Vec::new();
    for (name, vm) in &cloud.machines {
        let disks: Vec<Value> = vm
            .disks
            .iter()
            .map(|(disk, gb)| json!({ "name": disk.value, "device_name": disk.value, "size_gb": gb }))
            .collect();
        instances.push(json!({ "name": name.value, "machine_type": "e2-medium", "disks": disks }));
    }
    let labels: serde_json::Map<String, Value> =
        cloud.labels.iter().map(|(name, value)| (name.value.clone(), json!(value.value))).collect();
    let files = cloud.files.as_ref().map(|files| beside(Path::new(&state.file), &files.value));
    Ok(json!({
        "lab": state.name,
        "state_dir": directory.at("cloud"),
        "listen": format!("{gateway}:0"),
        "project": cloud.project.value,
        "project_labels": labels,
        "region": cloud.region.value,
        "zone": cloud.zone.value,
        "network": state.networks[&cloud.network.value],
        "machine_image": image.map(|image| image.value.clone()),
        "images": cloud.images.iter().map(|image| image.value.clone()).collect::<Vec<_>>(),
        "files": files,
        "setup": setup(cloud.setup.as_ref())?,
        "authorized_key": public.trim(),
        "ssh_key": directory.at("key"),
        "hosts_file": directory.at("hosts"),
        "hosts_base": fs::read_to_string(directory.at("hosts.base")).unwrap_or_default().lines().collect::<Vec<_>>(),
        "dns": dns,
        "quotas": {},
        "instances": instances,
    }))
}
