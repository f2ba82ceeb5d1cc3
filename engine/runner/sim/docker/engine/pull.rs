//! Pulling an image.

use super::super::super::world::{Image, tagged};
use super::super::client::Client;
use super::super::fault::{Done, Fault};

/// An image that was pulled.
#[derive(Clone, Debug)]
pub struct Pulled {
    pub image: Image,
    /// It was not here like this.
    pub newer: bool,
}

/// What a machine without a network says.
const OFFLINE: &str =
    "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 192.0.2.53:53: no such host";
/// Bytes a millisecond.
const SPEED: u64 = 50_000;

/// The repository as Docker Hub knows it, and the tag.
pub fn parts(name: &str) -> (String, String) {
    let name = tagged(name);
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository.to_owned(), tag.to_owned()),
        _ => (name, String::new()),
    };
    let full = if repository.contains('/') { repository } else { format!("library/{repository}") };
    (full, tag)
}

/// `docker.io/library/postgres:15`.
pub fn full_name(name: &str) -> String {
    let (repository, tag) = parts(name);
    let first = repository.split('/').next().unwrap_or_default();
    let is_host = first.contains('.') || first.contains(':') || first == "localhost";
    if is_host { format!("{repository}:{tag}") } else { format!("docker.io/{repository}:{tag}") }
}

impl Client<'_, '_> {
    /// Pulls an image.
    ///
    /// # Errors
    /// No registry has it, or none is reached.
    pub fn pull(&mut self, name: &str) -> Done<Pulled> {
        let full = tagged(name);
        let engine = self.engine()?;
        let known = engine.tags.get(&full).cloned();
        let Some(image) = engine.registry.get(&full).cloned() else {
            let (repository, tag) = parts(name);
            let others = engine.registry.keys().any(|other| parts(other).0 == repository);
            let why = match () {
                () if engine.registry.is_empty() => OFFLINE.to_owned(),
                () if others => format!("manifest for {full} not found: manifest unknown: manifest unknown"),
                () => {
                    let short = repository.trim_start_matches("library/");
                    let tag =
                        if tag.is_empty() { "" } else { "repository does not exist or may require 'docker login'" };
                    format!("pull access denied for {short}, {tag}: denied: requested access to the resource is denied")
                }
            };
            self.take(if why == OFFLINE { 10 } else { 900 });
            return Err(Fault::daemon(why));
        };
        let newer = known.as_deref() != Some(image.id.as_str());
        let here = engine.images.contains_key(&image.id);
        self.take(if here { 900 } else { 1500 + image.size / SPEED });
        let engine = self.engine_mut()?;
        engine.images.insert_mut(image.id.clone(), image.clone());
        engine.tags.insert_mut(full, image.id.clone());
        Ok(Pulled { image, newer })
    }
}
