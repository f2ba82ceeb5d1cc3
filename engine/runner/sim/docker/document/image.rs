//! `docker image inspect`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::super::world::{Engine, Image, hexadecimal};
use super::super::human::json_time;
use super::container::{GraphDriver, Healthcheck, Keys, graph_driver};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageDocument<'a> {
    id: &'a str,
    repo_tags: Vec<&'a str>,
    repo_digests: Vec<String>,
    parent: &'static str,
    comment: &'a str,
    created: String,
    container: &'static str,
    container_config: Value,
    docker_version: &'static str,
    author: &'static str,
    config: Config<'a>,
    architecture: &'static str,
    os: &'static str,
    size: u64,
    virtual_size: u64,
    graph_driver: GraphDriver,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "the daemon's document")]
struct Config<'a> {
    hostname: &'static str,
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
    image: &'static str,
    volumes: Option<Keys<'a>>,
    working_dir: &'a str,
    entrypoint: Option<&'a [String]>,
    on_build: Option<()>,
    labels: Option<&'a BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RootFs {
    #[serde(rename = "Type")]
    kind: &'static str,
    layers: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    last_tag_time: String,
}

/// What an image was made from, which nobody knows of an imported one.
fn made_from() -> Value {
    json!({
        "Hostname": "", "Domainname": "", "User": "",
        "AttachStdin": false, "AttachStdout": false, "AttachStderr": false,
        "Tty": false, "OpenStdin": false, "StdinOnce": false,
        "Env": null, "Cmd": null, "Image": "", "Volumes": null, "WorkingDir": "",
        "Entrypoint": null, "OnBuild": null, "Labels": null,
    })
}

/// The layer of an image.
pub fn layer(image: &Image) -> String {
    format!("sha256:{}", hexadecimal(&format!("layer of {}", image.id)))
}

impl<'a> ImageDocument<'a> {
    pub fn of(engine: &'a Engine, image: &'a Image) -> Self {
        let config = &*image.config;
        let tags = engine.tags.iter().filter(|(_, id)| **id == image.id).map(|(tag, _)| tag.as_str());
        Self {
            id: &image.id,
            repo_tags: tags.filter(|tag| !tag.contains('@')).collect(),
            repo_digests: digests(engine, image),
            parent: "",
            comment: &config.comment,
            created: json_time(Some(image.created)),
            container: "",
            container_config: made_from(),
            docker_version: "20.10.24+dfsg1",
            author: "",
            config: Config {
                hostname: "",
                domainname: "",
                user: &config.user,
                attach_stdin: false,
                attach_stdout: false,
                attach_stderr: false,
                exposed_ports: Keys(config.exposed.iter().map(String::as_str).collect()),
                tty: false,
                open_stdin: false,
                stdin_once: false,
                env: config.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
                cmd: Some(image.command.as_slice()).filter(|command| !command.is_empty()),
                healthcheck: config.health.as_ref().map(Healthcheck::of),
                image: "",
                volumes: Some(Keys(config.volumes.iter().map(String::as_str).collect()))
                    .filter(|keys| !keys.is_empty()),
                working_dir: &config.working_dir,
                entrypoint: Some(config.entrypoint.as_slice()).filter(|entrypoint| !entrypoint.is_empty()),
                on_build: None,
                labels: Some(&image.labels).filter(|labels| !labels.is_empty()),
            },
            architecture: "amd64",
            os: "linux",
            size: image.size,
            virtual_size: image.size,
            graph_driver: graph_driver(image.id.trim_start_matches("sha256:"), None),
            root_fs: RootFs { kind: "layers", layers: vec![layer(image)] },
            metadata: Metadata { last_tag_time: json_time(Some(image.created)) },
        }
    }

    /// With what the client's own structure leaves out.
    pub fn typed(&self) -> Value {
        let mut value = super::value(self);
        if let Some(config) = value.get_mut("Config").and_then(Value::as_object_mut) {
            config.retain(|_, value| match value {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                _ => true,
            });
        }
        value
    }
}

/// Digests by which registries know an image: those that have it under one of its names.
pub fn digests(engine: &Engine, image: &Image) -> Vec<String> {
    let named = engine.tags.iter().filter(|(_, id)| **id == image.id);
    let known = named.filter(|(tag, _)| engine.registry.get(*tag).is_some_and(|there| there.id == image.id));
    let mut digests: Vec<String> = known
        .map(|(tag, _)| {
            let repository = tag.rsplit_once(':').map_or(tag.as_str(), |(repository, _)| repository);
            format!("{repository}@{}", digest(image))
        })
        .collect();
    digests.dedup();
    digests
}

/// The digest under which a registry has an image.
pub fn digest(image: &Image) -> String {
    format!("sha256:{}", hexadecimal(&format!("manifest of {}", image.id)))
}
