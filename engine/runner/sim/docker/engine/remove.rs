//! Removing containers and the volumes that nobody named.

use super::super::super::world::{Container, MountSource, Status};
use super::super::client::Client;
use super::super::fault::{Done, Fault};

/// A volume that got its name from the Engine.
pub fn is_anonymous(volume: &str) -> bool {
    volume.len() == 64 && volume.chars().all(|c| c.is_ascii_hexdigit())
}

/// The volumes of a container.
pub fn volumes(container: &Container) -> impl Iterator<Item = &String> {
    container.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Volume(name) => Some(name),
        MountSource::Bind(_) | MountSource::Memory => None,
    })
}

impl Client<'_, '_> {
    /// Removes a container.
    ///
    /// # Errors
    /// There is none, or it runs and is not to be killed.
    pub fn remove(&mut self, name: &str, force: bool, with_volumes: bool) -> Done {
        let now = self.process.world.now();
        let container = self.container(name)?;
        let (id, status) = (container.id.clone(), container.at(now).status);
        if matches!(status, Status::Running | Status::Paused | Status::Restarting) {
            if !force {
                let how = "top the container before attempting removal or force remove";
                let how = if status == Status::Paused { format!("Unpause and then s{how}") } else { format!("S{how}") };
                return Err(Fault::daemon(format!("You cannot remove a {} container {id}. {how}", status.as_str())));
            }
            self.take(80);
            self.finish(&id, 137, false)?;
        }
        self.take(15);
        self.forget(&id, with_volumes);
        Ok(())
    }

    /// Takes a container away; with the volumes that only it has and nobody named.
    pub fn forget(&mut self, id: &str, with_volumes: bool) {
        let now = self.process.world.now();
        let Some(engine) = self.process.world.engine_mut(&self.machine) else { return };
        let Some(container) = engine.containers.get(id).cloned() else { return };
        engine.tell(now, "destroy", &container, &[]);
        engine.containers.remove_mut(id);
        if !with_volumes {
            return;
        }
        for volume in volumes(&container).filter(|volume| is_anonymous(volume)) {
            if !engine.containers.values().any(|other| volumes(other).any(|known| known == volume)) {
                engine.volumes.remove_mut(volume);
            }
        }
    }
}
