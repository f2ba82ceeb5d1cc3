//! `docker container inspect`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::super::super::world::{Container, HealthCheck, Life, Mount, MountSource, Status, World};
use super::super::engine::{asked, check_of};
use super::super::human::json_time;
use super::host_config::HostConfig;
use super::settings::NetworkSettings;

/// Where the Engine keeps its files.
pub const ROOT: &str = "/var/lib/docker";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerDocument<'a> {
    id: &'a str,
    created: String,
    path: &'a str,
    args: &'a [String],
    state: StateDocument,
    image: &'a str,
    resolv_conf_path: String,
    hostname_path: String,
    hosts_path: String,
    log_path: String,
    name: String,
    restart_count: u32,
    driver: &'static str,
    platform: &'static str,
    mount_label: &'static str,
    process_label: &'static str,
    app_armor_profile: &'static str,
    #[serde(rename = "ExecIDs")]
    exec_ids: Option<()>,
    host_config: HostConfig<'a>,
    graph_driver: GraphDriver,
    mounts: Vec<MountDocument<'a>>,
    config: Config<'a>,
    network_settings: NetworkSettings<'a>,
}

/// `.State`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "the daemon's document")]
pub struct StateDocument {
    pub status: &'static str,
    running: bool,
    paused: bool,
    restarting: bool,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    dead: bool,
    pid: u32,
    exit_code: i32,
    error: String,
    started_at: String,
    finished_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<HealthDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HealthDocument {
    status: &'static str,
    failing_streak: u32,
    log: Vec<Answer>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    start: String,
    end: String,
    exit_code: i32,
    output: &'static str,
}

/// Where the layers are.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GraphDriver {
    data: BTreeMap<&'static str, String>,
    name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MountDocument<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    source: String,
    destination: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver: Option<&'static str>,
    mode: &'static str,
    #[serde(rename = "RW")]
    writable: bool,
    propagation: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "the daemon's document")]
struct Config<'a> {
    hostname: String,
    domainname: &'static str,
    user: &'a str,
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    #[serde(skip_serializing_if = "Keys::is_empty")]
    exposed_ports: Keys<'a>,
    tty: bool,
    open_stdin: bool,
    stdin_once: bool,
    env: Vec<String>,
    cmd: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<Healthcheck<'a>>,
    image: &'a str,
    volumes: Option<Keys<'a>>,
    working_dir: &'a str,
    entrypoint: Option<&'a [String]>,
    on_build: Option<()>,
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_timeout: Option<u32>,
}

/// Names that stand in a document as keys of `{}`.
pub struct Keys<'a>(pub Vec<&'a str>);

impl Keys<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let empty = serde_json::Map::new();
        serializer.collect_map(self.0.iter().map(|key| (key, &empty)))
    }
}

/// `.Config.Healthcheck`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Healthcheck<'a> {
    test: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_period: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u32>,
}

impl<'a> Healthcheck<'a> {
    pub fn of(check: &'a HealthCheck) -> Self {
        let nanos = |span: Option<std::time::Duration>| span.and_then(|span| u64::try_from(span.as_nanos()).ok());
        Self {
            test: &check.test,
            interval: nanos(check.interval),
            timeout: nanos(check.timeout),
            start_period: nanos(check.start_period),
            retries: check.retries,
        }
    }
}

/// The process id of a container's first process: the same as long as it runs.
pub fn pid(container: &Container) -> u32 {
    let digits = container.id.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    2000 + digits.unwrap_or_default() + container.restarts
}

/// Digits that belong to a container and mean nothing: turned round by so many.
pub fn turned(id: &str, by: usize) -> String {
    let by = by.min(id.len());
    match (id.get(by..), id.get(..by)) {
        (Some(rest), Some(first)) => format!("{rest}{first}"),
        _ => id.to_owned(),
    }
}

/// Where the layers of an image or a container are.
pub fn graph_driver(id: &str, image: Option<&str>) -> GraphDriver {
    let own = format!("{ROOT}/overlay2/{}", turned(id, 7));
    let mut data = BTreeMap::new();
    if let Some(image) = image {
        let below = turned(image.trim_start_matches("sha256:"), 7);
        data.insert("LowerDir", format!("{own}-init/diff:{ROOT}/overlay2/{below}/diff"));
    }
    data.insert("MergedDir", format!("{own}/merged"));
    data.insert("UpperDir", format!("{own}/diff"));
    data.insert("WorkDir", format!("{own}/work"));
    GraphDriver { data, name: "overlay2" }
}

impl StateDocument {
    /// As it is at the world's moment.
    pub fn of(world: &World, machine: &str, container: &Container) -> Self {
        let seen = container.at(world.now());
        let alive = matches!(seen.status, Status::Running | Status::Paused);
        let health = asked(world, machine, container).map(|asked| HealthDocument {
            status: asked.status,
            failing_streak: asked.streak,
            log: asked
                .log
                .iter()
                .map(|(start, end, exit_code)| Answer {
                    start: json_time(Some(*start)),
                    end: json_time(Some(*end)),
                    exit_code: *exit_code,
                    output: "",
                })
                .collect(),
        });
        Self {
            status: seen.status.as_str(),
            running: alive || seen.status == Status::Restarting,
            paused: seen.status == Status::Paused,
            restarting: seen.status == Status::Restarting,
            oom_killed: seen.oom,
            dead: false,
            pid: if alive { pid(container) } else { 0 },
            exit_code: seen.code,
            error: container.past.error.clone(),
            started_at: json_time(seen.started),
            finished_at: json_time(seen.finished),
            health,
        }
    }
}

impl<'a> ContainerDocument<'a> {
    /// As it is at the world's moment.
    pub fn of(world: &'a World, machine: &str, container: &'a Container) -> Self {
        let id = container.id.as_str();
        let started = container.life != Life::Created;
        let file = |name: &str| if started { format!("{ROOT}/containers/{id}/{name}") } else { String::new() };
        let log = if started { format!("{ROOT}/containers/{id}/{id}-json.log") } else { String::new() };
        let (path, args) =
            container.command.split_first().map_or(("", [].as_slice()), |(path, args)| (path.as_str(), args));
        Self {
            id,
            created: json_time(Some(container.created)),
            path,
            args,
            state: StateDocument::of(world, machine, container),
            image: &container.image,
            resolv_conf_path: file("resolv.conf"),
            hostname_path: file("hostname"),
            hosts_path: file("hosts"),
            log_path: log,
            name: format!("/{}", container.name),
            restart_count: container.at(world.now()).restarts,
            driver: "overlay2",
            platform: "linux",
            mount_label: "",
            process_label: "",
            app_armor_profile: "",
            exec_ids: None,
            host_config: HostConfig(container),
            graph_driver: graph_driver(id, Some(&container.image)),
            mounts: container.mounts.iter().filter_map(|mount| MountDocument::of(container, mount)).collect(),
            config: Config::of(world, machine, container),
            network_settings: NetworkSettings::of(world, machine, container),
        }
    }

    /// With what the client's own structure has and the daemon does not send; only these fields, where they are named.
    pub fn typed(&self, only: Option<&[&str]>) -> Value {
        let mut value = only.and_then(|only| self.parts(only)).unwrap_or_else(|| super::value(self));
        super::typed_endpoints(&mut value);
        value
    }

    /// Some fields; none: one of them is not to be had alone.
    fn parts(&self, only: &[&str]) -> Option<Value> {
        let mut parts = serde_json::Map::new();
        for name in only {
            let part = match *name {
                "Id" => super::value(&self.id),
                "Created" => super::value(&self.created),
                "State" => super::value(&self.state),
                "Image" => super::value(&self.image),
                "Name" => super::value(&self.name),
                "RestartCount" => super::value(&self.restart_count),
                "HostConfig" => super::value(&self.host_config),
                "Mounts" => super::value(&self.mounts),
                "Config" => super::value(&self.config),
                "NetworkSettings" => super::value(&self.network_settings),
                _ => return None,
            };
            parts.insert((*name).to_owned(), part);
        }
        Some(Value::Object(parts))
    }
}

impl<'a> MountDocument<'a> {
    fn of(container: &'a Container, mount: &'a Mount) -> Option<Self> {
        let by_bind = container.spec.binds.iter().any(|bind| bind.split(':').nth(1) == Some(mount.target.as_str()));
        let (kind, name, source, driver, mode, propagation) = match &mount.source {
            MountSource::Bind(path) => {
                let mode = if by_bind && mount.read_only { "ro" } else { "" };
                ("bind", None, path.clone(), None, mode, "rprivate")
            }
            MountSource::Volume(name) => {
                let mode = match () {
                    () if super::super::engine::is_anonymous(name) => "",
                    () if by_bind && mount.read_only => "ro",
                    () => "z",
                };
                ("volume", Some(name.as_str()), format!("{ROOT}/volumes/{name}/_data"), Some("local"), mode, "")
            }
            MountSource::Memory if container.spec.tmpfs.contains(&mount.target) => return None,
            MountSource::Memory => ("tmpfs", None, String::new(), None, "", ""),
        };
        Some(Self {
            kind,
            name,
            source,
            destination: &mount.target,
            driver,
            mode,
            writable: !mount.read_only,
            propagation,
        })
    }
}

impl<'a> Config<'a> {
    fn of(world: &'a World, machine: &str, container: &'a Container) -> Self {
        let spec = &*container.spec;
        let image = world.engine(machine).and_then(|engine| engine.images.get(&container.image));
        let of_image =
            |name: &String| image.is_some_and(|image| image.config.env.iter().any(|(known, _)| known == name));
        // What was said comes first, then what the image says.
        let (own, others): (Vec<_>, Vec<_>) = container.env.iter().partition(|(name, _)| !of_image(name));
        let rest = container.command.get(spec.entrypoint.len()..).unwrap_or_default();
        let anonymous = container.mounts.iter().filter(|mount| match &mount.source {
            MountSource::Volume(name) => super::super::engine::is_anonymous(name),
            MountSource::Bind(_) | MountSource::Memory => false,
        });
        let volumes = Keys(anonymous.map(|mount| mount.target.as_str()).collect());
        let attached = spec.attached;
        Self {
            hostname: super::super::engine::hostname(container),
            domainname: "",
            user: &spec.user,
            attach_stdin: attached && spec.open_stdin,
            attach_stdout: attached,
            attach_stderr: attached,
            exposed_ports: Keys(spec.exposed.iter().map(String::as_str).collect()),
            tty: spec.tty,
            open_stdin: spec.open_stdin,
            stdin_once: attached && spec.open_stdin,
            env: own.into_iter().chain(others).map(|(name, value)| format!("{name}={value}")).collect(),
            cmd: Some(rest).filter(|rest| !rest.is_empty()),
            healthcheck: check_of(container).map(Healthcheck::of),
            image: &container.image_name,
            volumes: Some(volumes).filter(|volumes| !volumes.is_empty()),
            working_dir: &spec.working_dir,
            entrypoint: Some(spec.entrypoint.as_slice()).filter(|entrypoint| !entrypoint.is_empty()),
            on_build: None,
            labels: &container.labels,
            stop_signal: spec.stop_signal.as_deref(),
            stop_timeout: spec.stop_timeout,
        }
    }
}
