//! `docker network create`, `ls`, `rm`, `connect`, `disconnect`.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::super::world::{Network, OWN_NETWORKS, Status};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::{driver, members};
use super::super::fault::{Done, Fault, unsimulated};
use super::super::listing::{Line, Listing};
use super::filter::{Filters, matches};
use super::ps::cut;
use super::volume::label;

const NETWORKS: Listing = Listing {
    of_type: "*network.networkContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["ID", "Name", "Driver", "Scope"],
    headings: &[
        ("ID", "NETWORK ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("IPv4", "IPV4"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("CreatedAt", "CREATED AT"),
    ],
    quiet: "ID",
};

pub fn create(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["attachable", "driver", "label", "subnet"])?;
    if let Some(driver) = given.text("driver").filter(|driver| *driver != "bridge") {
        return unsimulated(format!("`docker network create --driver {driver}`"));
    }
    client.take(15);
    let Some(name) = given.operands.first() else { return Ok(1) };
    let labels = given.all("label").map(label).collect();
    client.engine()?;
    let id = client.create_network(name, labels, given.text("subnet"))?;
    client.say(id);
    Ok(0)
}

impl Client<'_, '_> {
    /// Makes a network; its id.
    ///
    /// # Errors
    /// There is one with this name.
    pub fn create_network(
        &mut self,
        name: &str,
        labels: BTreeMap<String, String>,
        subnet: Option<&str>,
    ) -> Done<String> {
        if self.engine()?.networks.contains_key(name) {
            return Err(Fault::daemon(format!("network with name {name} already exists")));
        }
        self.take(65);
        let id = self.process.world.dice.hex(64);
        let created = self.process.world.now();
        let engine = self.engine_mut()?;
        let subnet = subnet.map_or_else(|| engine.free_subnet(), str::to_owned);
        engine.networks.insert_mut(name.to_owned(), Network { id: id.clone(), created, subnet, labels });
        Ok(id)
    }

    /// Takes a network away.
    ///
    /// # Errors
    /// There is none, it is the Engine's own, or a container is in it.
    pub fn remove_network(&mut self, name: &str) -> Done {
        let none = || Fault::daemon(format!("network {name} not found"));
        let (known, network) = self.engine()?.network(name).ok_or_else(none)?;
        let (known, id) = (known.clone(), network.id.clone());
        if OWN_NETWORKS.contains(&known.as_str()) {
            return Err(Fault::daemon(format!("{known} is a pre-defined network and cannot be removed")));
        }
        if members(self.process.world, &self.machine, &known).next().is_some() {
            let what = format!("network {name} id {id} has active endpoints");
            return Err(Fault::daemon(format!("error while removing network: {what}")));
        }
        self.take(150);
        self.engine_mut()?.networks.remove_mut(&known);
        Ok(())
    }
}

pub fn ls(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["filter", "format", "no-trunc", "quiet"])?;
    client.take(12);
    let filters = Filters::of(given, &["driver", "id", "label", "name"], &["dangling", "scope", "type"])?;
    let short = !given.has("no-trunc");
    let engine = client.engine()?;
    let mut lines = Vec::new();
    for (name, network) in &engine.networks {
        let wanted = filters.labels(&network.labels)
            && filters.any("name", |pattern| matches(pattern, name))
            && filters.any("id", |id| network.id.starts_with(id))
            && filters.any("driver", |wanted| wanted == driver(name));
        if !wanted {
            continue;
        }
        let labels: Vec<String> = network.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let fields = json!({
            "CreatedAt": network.created.format("%Y-%m-%d %H:%M:%S%.f +0000 UTC").to_string(),
            "Driver": driver(name),
            "ID": cut(&network.id, short),
            "IPv4": "false",
            "IPv6": "false",
            "Internal": "false",
            "Labels": labels.join(","),
            "Name": name,
            "Scope": "local",
        });
        lines.push(Line::new(fields, network.labels.clone()));
    }
    NETWORKS.print(client, given.text("format"), given.has("quiet"), &lines)
}

pub fn remove(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force"])?;
    client.take(12);
    let mut failed = false;
    for name in &given.operands {
        match client.remove_network(name) {
            Ok(()) => client.say(name),
            Err(Fault::Daemon(why)) if given.has("force") && why.ends_with("not found") => {}
            Err(fault) => {
                failed = true;
                let text = fault.told()?.1;
                client.process.complain(text);
            }
        }
    }
    if failed {
        client.process.complain("exit status 1");
    }
    Ok(i32::from(failed))
}

pub fn connect(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["alias"])?;
    client.take(15);
    let [network, name] = given.operands.as_slice() else { return Ok(1) };
    let now = client.process.world.now();
    let none = || Fault::daemon(format!("network {network} not found"));
    let known = client.engine()?.network(network).map(|(known, _)| known.clone());
    let container = client.container(name)?;
    let (id, own, runs) = (
        container.id.clone(),
        container.name.clone(),
        !matches!(container.at(now).status, Status::Created | Status::Exited),
    );
    let known = known.ok_or_else(none)?;
    if client.container(&id)?.networks.contains_key(&known) {
        return Err(Fault::daemon(format!("endpoint with name {own} already exists in network {known}")));
    }
    let address = if runs { client.engine()?.free_address(&known) } else { String::new() };
    client.container_mut(&id)?.networks.insert_mut(known.clone(), address);
    let aliases: Vec<String> = given.all("alias").map(str::to_owned).collect();
    client.respecify(&id, |spec| drop(spec.aliases.insert(known, aliases)))?;
    client.take(60);
    Ok(0)
}

pub fn disconnect(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force"])?;
    client.take(15);
    let [network, name] = given.operands.as_slice() else { return Ok(1) };
    let none = || Fault::daemon(format!("network {network} not found"));
    let known = client.engine()?.network(network).map(|(known, _)| known.clone()).ok_or_else(none)?;
    let container = client.container_mut(name)?;
    if !container.networks.contains_key(&known) {
        let id = container.id.clone();
        return Err(Fault::daemon(format!("container {id} is not connected to network {known}")));
    }
    container.networks.remove_mut(&known);
    client.take(40);
    Ok(0)
}
