//! `docker volume create`, `ls`, `rm`.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::super::tree::Node;
use super::super::super::world::{Engine, Volume};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::mountpoint;
use super::super::engine::volumes;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::listing::{Line, Listing};
use super::filter::{Filters, matches};

const VOLUMES: Listing = Listing {
    of_type: "*formatter.volumeContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["Driver", "Name"],
    headings: &[
        ("Name", "VOLUME NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("Mountpoint", "MOUNTPOINT"),
        ("Labels", "LABELS"),
        ("Links", "LINKS"),
        ("Size", "SIZE"),
        ("Availability", "AVAILABILITY"),
        ("Group", "GROUP"),
        ("Status", "STATUS"),
    ],
    quiet: "Name",
};

/// A volume can have this name; `asked` is how it was asked for.
///
/// # Errors
/// It cannot.
pub fn volume_name(name: &str, asked: &str) -> Done {
    let of = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(of) {
        return Ok(());
    }
    if name.len() == 1 {
        return Err(Fault::daemon(format!(
            "create {asked}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    Err(Fault::daemon(format!(
        "create {asked}: {name:?} includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. \
         If you intended to pass a host directory, use absolute path"
    )))
}

/// `name=value`.
pub fn label(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.to_owned(), value.to_owned())
}

/// Ids of the containers that have a volume.
pub fn users(engine: &Engine, volume: &str) -> Vec<String> {
    let mut found: Vec<_> =
        engine.containers.values().filter(|container| volumes(container).any(|name| name == volume)).collect();
    found.sort_by_key(|container| std::cmp::Reverse(container.created));
    found.into_iter().map(|container| container.id.clone()).collect()
}

pub fn create(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["driver", "label", "name"])?;
    if let Some(driver) = given.text("driver").filter(|driver| *driver != "local") {
        return unsimulated(format!("`docker volume create --driver {driver}`"));
    }
    client.take(18);
    let now = client.process.world.now();
    client.engine()?;
    let name = match given.operands.first().map(String::as_str).or(given.text("name")) {
        Some(name) => {
            volume_name(name, name)?;
            name.to_owned()
        }
        None => client.process.world.dice.hex(64),
    };
    let labels: BTreeMap<String, String> = given.all("label").map(label).collect();
    let engine = client.engine_mut()?;
    if !engine.volumes.contains_key(&name) {
        engine.volumes.insert_mut(name.clone(), Volume { files: Node::directory(now), created: now, labels });
    }
    client.say(name);
    Ok(0)
}

pub fn ls(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["filter", "format", "quiet"])?;
    client.take(15);
    let filters = Filters::of(given, &["dangling", "driver", "label", "name"], &[])?;
    let engine = client.engine()?;
    let mut lines = Vec::new();
    for (name, volume) in &engine.volumes {
        let dangling = users(engine, name).is_empty();
        let wanted = filters.labels(&volume.labels)
            && filters.any("name", |pattern| matches(pattern, name))
            && filters.any("driver", |driver| driver == "local")
            && filters.any("dangling", |value| (value == "true" || value == "1") == dangling);
        if wanted {
            lines.push(line(name, volume));
        }
    }
    VOLUMES.print(client, given.text("format"), given.has("quiet"), &lines)
}

fn line(name: &str, volume: &Volume) -> Line {
    let labels: Vec<String> = volume.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let fields = json!({
        "Availability": "N/A",
        "Driver": "local",
        "Group": "N/A",
        "Labels": labels.join(","),
        "Links": "N/A",
        "Mountpoint": mountpoint(name),
        "Name": name,
        "Scope": "local",
        "Size": "N/A",
        "Status": "N/A",
    });
    Line::new(fields, volume.labels.clone())
}

pub fn remove(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force"])?;
    client.take(12);
    let force = given.has("force");
    client.each(&given.operands, |client, name| match client.remove_volume(name) {
        Err(Fault::Daemon(why)) if force && why.ends_with("no such volume") => Ok(()),
        done => done,
    })
}

impl Client<'_, '_> {
    /// Takes a volume away.
    ///
    /// # Errors
    /// There is none, or a container has it.
    pub fn remove_volume(&mut self, name: &str) -> Done {
        let engine = self.engine_mut()?;
        if !engine.volumes.contains_key(name) {
            return Err(Fault::daemon(format!("get {name}: no such volume")));
        }
        let users = users(engine, name);
        if !users.is_empty() {
            return Err(Fault::daemon(format!("remove {name}: volume is in use - [{}]", users.join(", "))));
        }
        engine.volumes.remove_mut(name);
        Ok(())
    }
}
