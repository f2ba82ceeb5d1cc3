//! `docker compose down`.

use super::super::command::Given;
use super::super::document::members;
use super::super::fault::{Done, Fault, unsimulated};
use super::control::{backwards, timeout};
use super::converge::orphans;
use super::{Compose, LABEL, by_labels};

pub fn down(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["remove-orphans", "timeout", "volumes"])?;
    let known = compose.known(&given.operands)?;
    let name = known.name.clone();
    let by_file = known.project.is_some();
    let mut containers = compose.chosen(&name, &given.operands, true)?;
    let project = known.project.unwrap_or_else(|| by_labels(&name, &containers));
    if project.from_facts && by_file && given.has("volumes") {
        return unsimulated("`docker compose down --volumes` of a project whose file is not in the world");
    }
    if !given.has("remove-orphans") && by_file {
        let strangers: Vec<String> =
            orphans(&project, &containers).iter().map(|container| container.id.clone()).collect();
        containers.retain(|container| !strangers.contains(&container.id));
        containers
            .retain(|container| container.labels.get("com.docker.compose.oneoff").is_none_or(|once| once != "True"));
    }
    let containers = backwards(&project, containers);
    let any = !containers.is_empty();
    compose.take_down(&containers, timeout(given), true)?;
    let networks = compose.labelled(&name, true)?;
    if !any && !by_file && networks.is_empty() {
        compose.client.process.complain(format!("Warning: No resource found to remove for project {name:?}."));
        return Ok(0);
    }
    if given.has("volumes") {
        let volumes: Vec<String> = if by_file {
            project.volumes.values().filter(|volume| !volume.external).map(|volume| volume.name.clone()).collect()
        } else {
            compose.labelled(&name, false)?
        };
        for volume in volumes {
            compose.remove_volume(&volume)?;
        }
    }
    for network in networks {
        compose.remove_network(&network)?;
    }
    Ok(0)
}

impl Compose<'_, '_, '_> {
    /// Networks, or volumes, that carry the project's label.
    fn labelled(&mut self, project: &str, networks: bool) -> Done<Vec<String>> {
        let key = format!("{LABEL}.project");
        let engine = self.client.engine()?;
        Ok(if networks {
            let own =
                engine.networks.iter().filter(|(_, network)| network.labels.get(&key).is_some_and(|of| of == project));
            own.map(|(name, _)| name.clone()).collect()
        } else {
            let own =
                engine.volumes.iter().filter(|(_, volume)| volume.labels.get(&key).is_some_and(|of| of == project));
            own.map(|(name, _)| name.clone()).collect()
        })
    }

    fn remove_volume(&mut self, name: &str) -> Done {
        let what = format!("Volume {name}");
        self.tell(&what, "Removing");
        match self.client.remove_volume(name) {
            Err(Fault::Daemon(why)) if why.contains("in use") => self.tell(&what, "Resource is still in use"),
            Err(Fault::Daemon(_)) | Ok(()) => self.tell(&what, "Removed"),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn remove_network(&mut self, name: &str) -> Done {
        let what = format!("Network {name}");
        self.tell(&what, "Removing");
        if members(self.client.process.world, &self.client.machine, name).next().is_some() {
            self.tell(&what, "Resource is still in use");
            return Ok(());
        }
        self.client.remove_network(name)?;
        self.tell(&what, "Removed");
        Ok(())
    }
}
