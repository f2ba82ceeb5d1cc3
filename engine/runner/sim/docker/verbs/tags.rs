//! `docker tag` and `docker rmi`.

use super::super::super::world::{Status, tagged};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::layer;
use super::super::fault::{Done, Fault};
use super::ps::cut;

pub fn tag(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(10);
    let [from, to] = given.operands.as_slice() else { return Ok(1) };
    let repository = super::images::named(to).0;
    if repository.chars().any(char::is_uppercase) {
        let full = if repository.contains('/') { repository } else { format!("library/{repository}") };
        let why = format!("invalid reference format: repository name ({full}) must be lowercase");
        return Err(Fault::said(1, format!("Error parsing reference: {to:?} is not a valid repository/tag: {why}")));
    }
    let id = client.image(from)?.id.clone();
    client.engine_mut()?.tags.insert_mut(tagged(to), id);
    Ok(0)
}

pub fn remove(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["force"])?;
    client.take(10);
    let force = given.has("force");
    let mut faults = Vec::new();
    let mut failed = false;
    for name in &given.operands {
        match client.remove_image(name, force) {
            Ok(lines) => lines.into_iter().for_each(|line| client.say(line)),
            Err(fault) => {
                failed |= !(force && matches!(&fault, Fault::Daemon(why) if why.starts_with("No such image")));
                faults.push(fault.told()?.1);
            }
        }
    }
    for fault in faults {
        client.process.complain(fault);
    }
    Ok(i32::from(failed))
}

impl Client<'_, '_> {
    /// Takes a name from an image, and the image away with its last one; what the daemon says to it.
    ///
    /// # Errors
    /// It is not here, or a container needs it.
    pub fn remove_image(&mut self, name: &str, force: bool) -> Done<Vec<String>> {
        let now = self.process.world.now();
        let image = self.image(name)?.clone();
        let engine = self.engine()?;
        let names: Vec<String> =
            engine.tags.iter().filter(|(_, id)| **id == image.id).map(|(name, _)| name.clone()).collect();
        let by_name = engine.tags.get(&tagged(name)).is_some_and(|id| *id == image.id);
        let short = cut(&image.id, true);
        let user = engine.containers.values().find(|container| container.image == image.id);
        let user = user.map(|container| {
            (cut(&container.id, true), !matches!(container.at(now).status, Status::Created | Status::Exited))
        });
        if by_name && names.len() > 1 {
            self.engine_mut()?.tags.remove_mut(&tagged(name));
            return Ok(vec![format!("Untagged: {}", tagged(name))]);
        }
        if !by_name && names.len() > 1 && !force {
            let why = "image is referenced in multiple repositories";
            return Err(Fault::daemon(format!("conflict: unable to delete {short} (must be forced) - {why}")));
        }
        match &user {
            Some((container, true)) if by_name && force => {
                // The name goes, the image stays for the container that runs.
                let _ = container;
                self.engine_mut()?.tags.remove_mut(&tagged(name));
                return Ok(vec![format!("Untagged: {}", tagged(name))]);
            }
            Some((container, true)) if force => {
                let why = format!("image is being used by running container {container}");
                return Err(Fault::daemon(format!("conflict: unable to delete {short} (cannot be forced) - {why}")));
            }
            Some((container, _)) if by_name && !force => {
                return Err(Fault::daemon(format!(
                    "conflict: unable to remove repository reference \"{name}\" (must force) - container {container} is using its \
                     referenced image {short}"
                )));
            }
            Some((container, runs)) if !force => {
                let (how, what) = if *runs { ("cannot be forced", "running") } else { ("must be forced", "stopped") };
                let why = format!("image is being used by {what} container {container}");
                return Err(Fault::daemon(format!("conflict: unable to delete {short} ({how}) - {why}")));
            }
            _ => {}
        }
        let mut said: Vec<String> = names.iter().map(|name| format!("Untagged: {name}")).collect();
        let engine = self.engine_mut()?;
        for name in &names {
            engine.tags.remove_mut(name);
        }
        engine.images.remove_mut(&image.id);
        said.push(format!("Deleted: {}", image.id));
        // A layer that others have stays.
        if user.is_none() && !engine.images.values().any(|other| layer(other) == layer(&image)) {
            said.push(format!("Deleted: {}", layer(&image)));
        }
        Ok(said)
    }
}
