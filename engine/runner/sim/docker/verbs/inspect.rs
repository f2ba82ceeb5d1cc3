//! `docker inspect`, for every kind of thing.

use serde::Serialize;
use serde_json::Value;

use super::super::super::world::{World, tagged};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::{ContainerDocument, ImageDocument, NetworkDocument, VolumeDocument, indented, value};
use super::super::fault::{Done, Fault, unsimulated};
use super::super::template::{Bad, Subject, Template};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Container,
    Image,
    Network,
    Volume,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Document<'w> {
    Container(Box<ContainerDocument<'w>>),
    Image(Box<ImageDocument<'w>>),
    Network(Box<NetworkDocument<'w>>),
    Volume(VolumeDocument<'w>),
}

const KINDS: [Kind; 4] = [Kind::Container, Kind::Image, Kind::Network, Kind::Volume];
const TYPES: &str = r#"must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume""#;

pub fn anything(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format", "type"])?;
    let kinds = match given.text("type") {
        None | Some("") => return inspect(client, given, &KINDS),
        Some("container") => Kind::Container,
        Some("image") => Kind::Image,
        Some("network") => Kind::Network,
        Some("volume") => Kind::Volume,
        Some(kind @ ("config" | "node" | "plugin" | "secret" | "service" | "task")) => {
            return unsimulated(format!("`docker inspect --type {kind}`"));
        }
        Some(kind) => return Err(Fault::said(1, format!("unknown type: {kind:?}: {TYPES}"))),
    };
    inspect(client, given, &[kinds])
}

pub fn container(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    inspect(client, given, &[Kind::Container])
}

pub fn image(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    inspect(client, given, &[Kind::Image])
}

pub fn volume(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    inspect(client, given, &[Kind::Volume])
}

pub fn network(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    inspect(client, given, &[Kind::Network])
}

fn inspect(client: &mut Client<'_, '_>, given: &Given, kinds: &[Kind]) -> Done<i32> {
    let format = given.text("format").unwrap_or_default();
    let template = match format {
        "" | "json" => None,
        _ => Some(Template::parse(format, "").map_err(unreadable)?),
    };
    client.take(12);
    if let Err(fault) = client.reach() {
        client.say(if template.is_some() { "" } else { "[]" });
        return Err(fault);
    }
    let world = &*client.process.world;
    let mut complaints = Vec::new();
    let mut documents = Vec::new();
    let mut text = String::new();
    for name in &given.operands {
        let Some(document) = kinds.iter().find_map(|kind| find(world, &client.machine, *kind, name)) else {
            complaints.push(missing(kinds, name).told()?.1);
            continue;
        };
        let Some(template) = &template else {
            documents.push(document);
            continue;
        };
        match laid_over(template, &document) {
            Ok(line) => text.push_str(&(line + "\n")),
            Err(Bad::Unsimulated(what)) => return Err(what.into()),
            Err(Bad::Syntax(why) | Bad::Failed(_, why)) => complaints.push(format!("template parsing error: {why}")),
        }
    }
    if template.is_none() {
        text = match format {
            "json" => serde_json::to_string(&documents).unwrap_or_default(),
            _ => indented(&documents),
        };
        text.push('\n');
    } else if text.is_empty() {
        text.push('\n');
    }
    client.process.stdout.push(&text);
    let exit = i32::from(!complaints.is_empty());
    for complaint in complaints {
        client.process.complain(complaint);
    }
    Ok(exit)
}

/// A template that is none ends the command before it began.
fn unreadable(bad: Bad) -> Fault {
    match bad {
        Bad::Syntax(why) | Bad::Failed(_, why) => Fault::said(64, format!("template parsing error: {why}")),
        Bad::Unsimulated(what) => what.into(),
    }
}

/// The client's own structures first, then the document as the daemon sent it: they differ in a few fields.
fn laid_over(template: &Template, document: &Document<'_>) -> Result<String, Bad> {
    let typed = match document {
        Document::Container(document) => document.typed(template.roots().as_deref()),
        Document::Image(document) => document.typed(),
        Document::Network(document) => value(document),
        Document::Volume(document) => {
            let (value, of_type) = (value(document), Some("volume.Volume"));
            return template.execute(Subject { value: &value, of_type, labels: None });
        }
    };
    match template.execute(Subject::document(&typed)) {
        Err(Bad::Failed(..)) => {
            let raw: Value = value(document);
            template.execute(Subject::document(&raw))
        }
        done => done,
    }
}

fn find<'w>(world: &'w World, machine: &str, kind: Kind, name: &str) -> Option<Document<'w>> {
    let engine = world.engine(machine)?;
    Some(match kind {
        Kind::Container => {
            Document::Container(Box::new(ContainerDocument::of(world, machine, engine.container(name)?)))
        }
        Kind::Image => Document::Image(Box::new(ImageDocument::of(engine, engine.image(name)?))),
        Kind::Network => {
            let (name, network) = engine.network(name)?;
            Document::Network(Box::new(NetworkDocument::of(world, machine, name, network)))
        }
        Kind::Volume => {
            let (name, volume) = engine.volumes.get_key_value(name)?;
            Document::Volume(VolumeDocument::of(name, volume))
        }
    })
}

fn missing(kinds: &[Kind], name: &str) -> Fault {
    match kinds {
        [Kind::Container] => Fault::daemon(format!("No such container: {name}")),
        [Kind::Image] => Fault::daemon(format!("no such image: {name}: No such image: {}", tagged(name))),
        [Kind::Network] => Fault::daemon(format!("network {name} not found")),
        [Kind::Volume] => Fault::daemon(format!("get {name}: no such volume")),
        _ => Fault::said(1, format!("Error: No such object: {name}")),
    }
}
