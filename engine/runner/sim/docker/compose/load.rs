//! Finding and reading the files of a project.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::super::process::Unsimulated;
use super::super::super::tree::{Kind, absolute, split};
use super::super::client::Client;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::json_second;
use super::Globals;
use super::interpolate::{Variables, Wrong, env_file};
use super::model::{Project, Resource, Service};
use super::read::{Around, pairs, scalar, service};
use super::schema::{Said, check};
use super::{facts, merge};

/// Files that are looked for, the best first, and what is laid over them.
const FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] =
    ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"];
/// Projects that were read before are kept: the same files are read again and again.
const KEPT: usize = 64;

/// A project that was read, and what was said about it.
type Read = (Arc<Project>, Vec<String>);

thread_local! {
    static READ: RefCell<BTreeMap<String, Read>> = const { RefCell::new(BTreeMap::new()) };
}

/// What was read from the same files with the same values.
fn known(key: &str) -> Option<Read> {
    READ.with_borrow(|read| read.get(key).cloned())
}

fn keep(key: String, read: Read) {
    READ.with_borrow_mut(|all| {
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(key, read);
    });
}

/// YAML as a document.
fn parse(text: &str) -> Result<Value, Said> {
    let wrong = |error: serde_yaml::Error| {
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or(&text);
        let line = error.location().map_or(1, |place| place.line().saturating_sub(1).max(1));
        Said::Wrong(format!("yaml: line {line}: {what}"))
    };
    let mut document: serde_yaml::Value = serde_yaml::from_str(text).map_err(wrong)?;
    document.apply_merge().map_err(wrong)?;
    if text.contains("!reset") || text.contains("!override") {
        return Err(Said::Unknown("`!reset` in a Compose file".to_owned()));
    }
    serde_json::to_value(document).map_err(|_| Said::Unknown("a key of a Compose file that is no text".to_owned()))
}

impl Said {
    /// As the client fails.
    pub fn fault(self, what: impl FnOnce(String) -> String) -> Fault {
        match self {
            Self::Wrong(text) => Fault::said(15, what(text)),
            Self::Unknown(text) => Unsimulated(text).into(),
        }
    }
}

/// The files of a project: path, as labels name it, and text.
struct File {
    path: String,
    text: String,
}

/// A file that stands for one whose content nobody has put into the world, as `git clone` leaves it.
fn says_nothing(text: &str) -> bool {
    text.lines().all(|line| line.is_empty() || line.starts_with('#'))
}

impl Client<'_, '_> {
    fn text_file(&self, path: &str) -> Option<String> {
        match &self.process.world.node(&self.process.place, path).ok()?.kind {
            Kind::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Files that were named, or those that are found in a directory or above it.
    fn files(&mut self, globals: &Globals, dir: &str) -> Done<Vec<File>> {
        let mut files = Vec::new();
        for name in &globals.files {
            if name == "-" {
                let text = self.process.stdin.to_text();
                files.push(File { path: "-".to_owned(), text });
                continue;
            }
            let path = absolute(&self.process.cwd, name);
            match self.text_file(&path).filter(|text| !says_nothing(text)) {
                Some(text) => files.push(File { path, text }),
                None if facts::has_files(self, globals, dir) => {}
                None => return Err(Fault::said(14, format!("open {path}: no such file or directory"))),
            }
        }
        if !globals.files.is_empty() {
            return Ok(files);
        }
        let mut at = dir.to_owned();
        loop {
            let here = |names: [&str; 4]| {
                names
                    .into_iter()
                    .map(|name| absolute(&at, name))
                    .find(|path| self.text_file(path).is_some_and(|text| !says_nothing(&text)))
            };
            if let Some(path) = here(FILES) {
                let paths = [Some(path), here(OVERRIDES)];
                return Ok(paths
                    .into_iter()
                    .flatten()
                    .filter_map(|path| Some(File { text: self.text_file(&path)?, path }))
                    .collect());
            }
            if at == "/" {
                return Ok(Vec::new());
            }
            at = absolute("/", split(&at).0);
        }
    }

    /// The project that the flags mean.
    ///
    /// # Errors
    /// There is none, or its files are wrong.
    pub fn load(&mut self, globals: &Globals) -> Done<Project> {
        let first = globals.files.iter().find(|name| *name != "-").map(|name| absolute(&self.process.cwd, name));
        let dir = match (&globals.directory, &first) {
            (Some(dir), _) => absolute(&self.process.cwd, dir),
            (None, Some(file)) => absolute("/", split(file).0),
            (None, None) => self.process.cwd.clone(),
        };
        self.env_files(globals, &dir)?;
        let files = self.files(globals, &dir)?;
        let is_named = files.iter().any(|file| file.path != "-");
        let base = if is_named { None } else { facts::document(self, globals, &dir) };
        if files.is_empty() && base.is_none() {
            return Err(Fault::said(14, "no configuration file provided: not found"));
        }
        let dir = match (&globals.directory, files.first()) {
            (None, Some(file)) if file.path != "-" => absolute("/", split(&file.path).0),
            _ => dir,
        };
        let own = self.process.env.clone();
        let more = self.env_files(globals, &dir)?;
        let from_facts = base.is_some();
        let mut key = format!("{dir} {:?} {:?} {own:?} {more:?}", globals.name, globals.profiles);
        key.extend(files.iter().flat_map(|file| ["\0", &file.path, "\0", &file.text]));
        if let Some((project, warnings)) = known(&key).filter(|_| !from_facts) {
            for warning in &warnings {
                self.warn(warning);
            }
            return Ok((*project).clone());
        }
        let mut variables = Variables { own: &own, more, unset: BTreeSet::new() };
        let mut warnings = Vec::new();
        let mut document = base.unwrap_or_else(|| json!({}));
        let mut named = None;
        for file in &files {
            let mut layer = layer(file, &mut variables, &mut warnings)?;
            if let Some(name) = layer.get("name").and_then(scalar) {
                named = Some(name);
            }
            merge::merge(&mut document, layer.take());
        }
        let unset = variables.unset.iter();
        warnings
            .extend(unset.map(|name| format!("The \\\"{name}\\\" variable is not set. Defaulting to a blank string.")));
        let more = std::mem::take(&mut variables.more);
        let name = project_name(globals, named.as_deref(), &dir)?;
        let labels: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        for warning in &warnings {
            self.warn(warning);
        }
        let env = |name: &str| own.get(name).or_else(|| more.get(name)).cloned();
        let file = |path: &str| self.text_file(path);
        let around = Around { dir: &dir, env: &env, file: &file };
        let project = Project { name, dir: dir.clone(), files: labels.join(","), from_facts, ..Project::default() };
        let mut project = complete(project, &document, &around, &globals.profiles)?;
        if from_facts {
            facts::fill(self, &mut project);
        } else if !files.iter().any(|file| file.text.contains("env_file")) {
            keep(key, (Arc::new(project.clone()), warnings));
        }
        Ok(project)
    }

    /// A warning of the client.
    pub fn warn(&mut self, text: &str) {
        let at = json_second(self.process.world.now());
        self.process.complain(format!("time=\"{at}\" level=warning msg=\"{text}\""));
    }

    /// Variables of `--env-file`, or of `.env`.
    fn env_files(&mut self, globals: &Globals, dir: &str) -> Done<BTreeMap<String, String>> {
        if globals.env_files.is_empty() {
            return Ok(self.text_file(&absolute(dir, ".env")).map(|text| env_file(&text)).unwrap_or_default());
        }
        let mut found = BTreeMap::new();
        for name in &globals.env_files {
            let path = absolute(&self.process.cwd, name);
            let text =
                self.text_file(&path).ok_or_else(|| Fault::said(1, format!("Couldn't find env file: {path}")))?;
            found.extend(env_file(&text));
        }
        Ok(found)
    }
}

/// A file with its variables in place.
fn layer(file: &File, variables: &mut Variables<'_>, warnings: &mut Vec<String>) -> Done<Value> {
    let path = &file.path;
    if file.text.trim().is_empty() {
        return Err(Fault::said(15, "empty compose file"));
    }
    let mut layer = parse(&file.text).map_err(|said| said.fault(|text| text))?;
    check(&layer).map_err(|said| said.fault(|text| format!("validating {path}: {text}")))?;
    if layer.get("version").is_some() {
        let why = "it will be ignored, please remove it to avoid potential confusion";
        warnings.push(format!("{path}: the attribute `version` is obsolete, {why}"));
    }
    match variables.document(&mut layer, "") {
        Ok(()) => Ok(layer),
        Err((place, Wrong::Missing(why))) => Err(Fault::said(15, format!("error while interpolating {place}: {why}"))),
        Err((place, Wrong::Form)) => unsimulated(format!("`$` in `{place}` of a Compose file")),
    }
}

/// The name of a project.
fn project_name(globals: &Globals, named: Option<&str>, dir: &str) -> Done<String> {
    if let Some(name) = globals.name.as_deref().or(named) {
        return Ok(name.to_owned());
    }
    let last = split(dir).1.to_lowercase();
    let name: String =
        last.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(*c)).collect();
    let name = name.trim_start_matches(['-', '_']).to_owned();
    if name.is_empty() { Err(Fault::said(14, "project name must not be empty")) } else { Ok(name) }
}

/// Everything of a project, from its merged document.
fn complete(mut project: Project, document: &Value, around: &Around<'_>, profiles: &[String]) -> Done<Project> {
    let whole = |text: String| Fault::said(15, format!("{text}: invalid compose project"));
    let raw = document.get("services").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in &raw {
        let service = service(name, value, around).map_err(|said| said.fault(|text| text))?;
        if service.image.is_empty() && !service.builds {
            return Err(whole(format!("service \"{name}\" has neither an image nor a build context specified")));
        }
        let on = service.profiles.is_empty()
            || service.profiles.iter().any(|of| profiles.contains(of) || profiles.contains(&"*".to_owned()));
        let list = if on { &mut project.services } else { &mut project.disabled };
        list.insert(name.clone(), service);
    }
    project.networks = resources(document, "networks", &project.name);
    project.volumes = resources(document, "volumes", &project.name);
    let uses_default = project.services.values().any(|service| service.networks.contains_key("default"));
    if uses_default && !project.networks.contains_key("default") {
        let name = format!("{}_default", project.name);
        project.networks.insert("default".to_owned(), Resource { name, ..Resource::default() });
    }
    refers(&project).map_err(whole)?;
    for service in project.services.values_mut().chain(project.disabled.values_mut()) {
        if service.image.is_empty() {
            service.image = format!("{}-{}", project.name, service.name);
        }
    }
    project.document = Arc::new(shown(&project, document));
    Ok(project)
}

fn resources(document: &Value, key: &str, project: &str) -> BTreeMap<String, Resource> {
    let map = document.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let of = |(name, value): (&String, &Value)| {
        let external = value.get("external").and_then(scalar).as_deref() == Some("true");
        let own = value.get("name").and_then(scalar);
        let full = own.unwrap_or_else(|| if external { name.clone() } else { format!("{project}_{name}") });
        let labels = pairs(value.get("labels")).into_iter().map(|(name, value)| (name, value.unwrap_or_default()));
        (name.clone(), Resource { name: full, external, labels: labels.collect() })
    };
    map.iter().map(of).collect()
}

/// What services refer to is there, and nobody waits for himself.
fn refers(project: &Project) -> Result<(), String> {
    for service in project.services.values() {
        let name = &service.name;
        for (need, _) in &service.depends_on {
            if !project.services.contains_key(need) && !project.disabled.contains_key(need) {
                return Err(format!("service {name:?} depends on undefined service {need:?}"));
            }
        }
        for network in service.networks.keys() {
            if !project.networks.contains_key(network) {
                return Err(format!("service {name:?} refers to undefined network {network}"));
            }
        }
        for volume in named_volumes(service) {
            if !project.volumes.contains_key(volume) {
                return Err(format!("service {name:?} refers to undefined volume {volume}"));
            }
        }
    }
    Ok(())
}

/// Keys of the volumes that a service mounts.
pub fn named_volumes(service: &Service) -> impl Iterator<Item = &String> {
    service.mounts.iter().filter_map(|used| match &used.mount.source {
        super::super::super::world::MountSource::Volume(name) if !name.is_empty() => Some(name),
        _ => None,
    })
}

/// The canonical form of a project: what its services use.
fn shown(project: &Project, document: &Value) -> Value {
    let mut shown = Map::new();
    shown.insert("name".to_owned(), project.name.clone().into());
    let services = project.services.iter().map(|(name, service)| (name.clone(), (*service.document).clone()));
    shown.insert("services".to_owned(), Value::Object(services.collect()));
    let used = |key: &str, name: &str| match key {
        "networks" => project.services.values().any(|service| service.networks.contains_key(name)),
        _ => project.services.values().any(|service| named_volumes(service).any(|volume| volume == name)),
    };
    for (key, resources) in [("networks", &project.networks), ("volumes", &project.volumes)] {
        let of = |(name, resource): (&String, &Resource)| {
            let mut value = json!({ "name": resource.name });
            let raw = document.get(key).and_then(|all| all.get(name)).and_then(Value::as_object);
            for (option, given) in raw
                .into_iter()
                .flatten()
                .filter(|(option, _)| !["name", "labels", "external"].contains(&option.as_str()))
            {
                value[option] = given.clone();
            }
            if resource.external {
                value["external"] = true.into();
            }
            if !resource.labels.is_empty() {
                value["labels"] = json!(resource.labels);
            }
            (name.clone(), value)
        };
        let map: Map<String, Value> = resources.iter().filter(|(name, _)| used(key, name)).map(of).collect();
        if !map.is_empty() {
            shown.insert(key.to_owned(), Value::Object(map));
        }
    }
    for (key, value) in document.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("x-")) {
        shown.insert(key.clone(), value.clone());
    }
    Value::Object(shown)
}
