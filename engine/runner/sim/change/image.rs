//! An image that does something else, on every machine and in the registry. Containers go on with the image that they run.

use crate::model::change::ImageState;

use super::super::world::{Image, World, tagged};
use super::Changed;

pub(super) fn change(world: &mut World, name: &str, is: ImageState) -> Changed {
    if name.is_empty() {
        return Err("an image needs a name".to_owned());
    }
    let name = tagged(name);
    let image = match is {
        ImageState::Works | ImageState::Pullable => Some(world.image_named(&name, "")),
        ImageState::Crashes => {
            let crashes = Some((1, "ERROR: cannot start".to_owned()));
            Some(Image { crashes, ..world.image_named(&name, "crashes") })
        }
        ImageState::Unhealthy => Some(Image { unhealthy: true, ..world.image_named(&name, "unhealthy") }),
        ImageState::Absent => None,
    };
    let machines: Vec<String> = world.machines.keys().cloned().collect();
    for machine in machines {
        let Some(engine) = world.engine_mut(&machine) else { continue };
        match &image {
            Some(image) => engine.registry.insert_mut(name.clone(), image.clone()),
            None => {
                engine.registry.remove_mut(&name);
            }
        }
        // Where nothing runs, nothing was pulled.
        let in_use = !engine.tags.is_empty();
        match &image {
            Some(image) if is != ImageState::Pullable => {
                if in_use {
                    engine.tags.insert_mut(name.clone(), image.id.clone());
                    engine.images.insert_mut(image.id.clone(), image.clone());
                }
            }
            _ => {
                let Some(id) = engine.tags.get(&name).cloned() else { continue };
                engine.tags.remove_mut(&name);
                let used = engine.tags.values().any(|known| *known == id)
                    || engine.containers.values().any(|container| container.image == id);
                if !used {
                    engine.images.remove_mut(&id);
                }
            }
        }
    }
    Ok(())
}
