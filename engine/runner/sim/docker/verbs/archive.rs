//! `docker save`, `docker load`, `docker import`: images as archives.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::super::blob::{Blob, Holds};
use super::super::super::process::Stream;
use super::super::super::tree::{FileError, Kind, Node, split};
use super::super::super::world::{Image, ImageConfig, Program, World, tagged};
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};

/// The file of an archive that names its images, one a line: id and name.
const MANIFEST: &str = "manifest.json";

/// A tar archive with one thing in it.
pub fn archive(world: &mut World, name: &str, node: Node, now: DateTime<Utc>) -> Arc<Blob> {
    let mut root = Node::directory(now);
    let bytes = 1024 + node.walk().iter().map(|(_, node)| node.size() + 512).sum::<u64>();
    // The directory is new, and the name has no slash.
    let _ = root.put(name, node);
    Arc::new(Blob { id: world.dice.roll(), bytes, whole: true, holds: Holds::Archive(Arc::new(root)) })
}

pub fn save(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["output"])?;
    client.take(20);
    let now = client.process.world.now();
    let (place, output) = (client.process.place.clone(), given.text("output").map(|path| client.process.path(path)));
    if let Some(path) = &output {
        let dir = split(path).0;
        if client.process.world.node(&place, if dir.is_empty() { "/" } else { dir }).is_err() {
            let why = format!("failed to save image: invalid output path: stat {dir}: no such file or directory");
            return Err(Fault::said(1, why));
        }
    }
    let mut manifest = String::new();
    let mut bytes = 0;
    for name in &given.operands {
        let image = client.engine()?.image(name).ok_or_else(|| Fault::daemon(format!("No such image: {name}")))?;
        manifest.extend([image.id.as_str(), " ", &tagged(name), "\n"]);
        bytes += image.size;
    }
    client.take(20 + bytes / 200_000);
    let blob = archive(client.process.world, MANIFEST, Node::text(manifest, now), now);
    let blob = Arc::new(Blob { bytes: blob.bytes + bytes, ..(*blob).clone() });
    match output {
        None => client.process.stdout.push_blob(blob),
        Some(path) => {
            let node = Node { mode: 0o600, ..Node::blob((*blob).clone(), now) };
            let put = client.process.world.put(&place, &path, node);
            put.map_err(|error| Fault::said(1, format!("open {path}: {}", error.to_string().to_lowercase())))?;
        }
    }
    Ok(0)
}

pub fn load(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["input", "quiet"])?;
    client.take(20);
    let broken = || Fault::said(1, "Error processing tar file(exit status 1): unexpected EOF");
    let stream = source(client, given.text("input"))?;
    client.engine()?;
    let blob = stream.as_blob().filter(|blob| blob.whole).ok_or_else(broken)?.clone();
    let Holds::Archive(root) = &blob.holds else { return Err(broken()) };
    let Some(Kind::Text(manifest)) = root.get(MANIFEST).map(|node| &node.kind) else { return Err(broken()) };
    client.take(50 + blob.bytes / 100_000);
    let mut said = Vec::new();
    for (id, name) in manifest.lines().filter_map(|line| line.split_once(' ')) {
        let engine = client.engine()?;
        let known = engine.images.get(id).or_else(|| engine.registry.values().find(|image| image.id == id)).cloned();
        let known = known.or_else(|| elsewhere(client.process.world, id));
        let Some(image) = known else { return unsimulated("`docker load` of an image that is nowhere any more") };
        let engine = client.engine_mut()?;
        engine.images.insert_mut(id.to_owned(), image);
        engine.tags.insert_mut(name.to_owned(), id.to_owned());
        said.push(format!("Loaded image: {name}"));
    }
    client.process.world.prove(blob.id);
    for line in said {
        client.say(line);
    }
    Ok(0)
}

/// An image of another machine's Engine.
fn elsewhere(world: &World, id: &str) -> Option<Image> {
    world.machines.values().find_map(|machine| machine.engine.as_ref()?.images.get(id).cloned())
}

/// A file of the client's machine, or standard input.
fn source(client: &mut Client<'_, '_>, path: Option<&str>) -> Done<Stream> {
    let Some(path) = path.filter(|path| *path != "-") else { return Ok(std::mem::take(&mut client.process.stdin)) };
    let (place, full) = (client.process.place.clone(), client.process.path(path));
    match client.process.world.node(&place, &full).map(|node| &node.kind) {
        Ok(Kind::Text(text)) => Ok(Stream::text(text.to_string())),
        Ok(Kind::Blob(blob)) => Ok(Stream::blob(blob.clone())),
        Ok(_) => Err(Fault::said(1, format!("read {path}: is a directory"))),
        Err(error @ FileError::NotFound) => {
            Err(Fault::said(1, format!("open {path}: {}", error.to_string().to_lowercase())))
        }
        Err(error) => unsimulated(format!("reading `{path}`: {error}")),
    }
}

pub fn import(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["change", "message"])?;
    client.take(30);
    let (file, name) = match given.operands.as_slice() {
        [file] => (file, None),
        [file, name, ..] => (file, Some(name)),
        [] => return Ok(1),
    };
    let stream = source(client, Some(file))?;
    client.engine()?;
    let mut made = Made::default();
    for change in given.all("change") {
        made.change(change)?;
    }
    let broken = || Fault::daemon("Error processing tar file(exit status 1): unexpected EOF");
    let (files, bytes) = match stream.as_blob().map(|blob| (&blob.holds, blob.bytes, blob.whole)) {
        None if stream.is_empty() => (None, 0),
        Some((Holds::Archive(root), bytes, true)) => (Some((**root).clone()), bytes),
        _ => return Err(broken()),
    };
    made.config.files = files;
    made.config.comment = given.text("message").map_or_else(|| format!("Imported from {file}"), str::to_owned);
    client.take(40);
    let id = format!("sha256:{}", client.process.world.dice.hex(64));
    let image = Image {
        id: id.clone(),
        created: client.process.world.now(),
        size: bytes,
        labels: made.labels,
        command: made.command,
        program: Program::Tools,
        crashes: None,
        unhealthy: false,
        config: Arc::new(made.config),
    };
    let engine = client.engine_mut()?;
    engine.images.insert_mut(id.clone(), image);
    if let Some(name) = name {
        engine.tags.insert_mut(tagged(name), id.clone());
    }
    client.say(id);
    Ok(0)
}

/// What `--change` makes of an image.
#[derive(Default)]
struct Made {
    labels: BTreeMap<String, String>,
    command: Vec<String>,
    config: ImageConfig,
}

impl Made {
    fn change(&mut self, text: &str) -> Done {
        let (word, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let list = || {
            serde_json::from_str(rest).unwrap_or_else(|_| vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.to_owned()])
        };
        let pair = || {
            let (name, value) = rest.split_once(['=', ' ']).unwrap_or((rest, ""));
            (name.to_owned(), value.trim_matches('"').to_owned())
        };
        match word.to_uppercase().as_str() {
            "CMD" => self.command = list(),
            "ENTRYPOINT" => self.config.entrypoint = list(),
            "ENV" => self.config.env.push(pair()),
            "LABEL" => self.labels.extend([pair()]),
            "WORKDIR" => rest.clone_into(&mut self.config.working_dir),
            "USER" => rest.clone_into(&mut self.config.user),
            "EXPOSE" => {
                let port = if rest.contains('/') { rest.to_owned() } else { format!("{rest}/tcp") };
                self.config.exposed.push(port);
            }
            "VOLUME" => self.config.volumes.push(rest.to_owned()),
            other @ ("HEALTHCHECK" | "ONBUILD" | "STOPSIGNAL") => return unsimulated(format!("`--change {other}`")),
            _ => return Err(Fault::daemon(format!("{} is not a valid change command", word.to_lowercase()))),
        }
        Ok(())
    }
}
