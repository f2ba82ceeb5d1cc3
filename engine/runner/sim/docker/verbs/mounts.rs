//! `--volume`, `--mount` and `--tmpfs`.

use super::super::super::tree::absolute;
use super::super::super::world::{Mount, MountSource};
use super::super::client::Client;
use super::super::command::Given;
use super::super::engine::Place;
use super::super::fault::{Done, Fault, unsimulated};

/// Modes of `--volume` that change nothing here.
const MODES: [&str; 10] =
    ["rw", "z", "Z", "cached", "delegated", "consistent", "rprivate", "private", "rslave", "nocopy"];

/// What is to be mounted, and `--volume` as the daemon keeps it.
///
/// # Errors
/// A text that is no mount.
pub fn places(client: &mut Client<'_, '_>, given: &Given) -> Done<(Vec<Place>, Vec<String>)> {
    let mut places = Vec::new();
    let mut binds = Vec::new();
    for text in given.all("volume") {
        let (place, bind) = volume(&client.process.cwd, text)?;
        places.push(place);
        binds.extend(bind);
    }
    for text in given.all("mount") {
        places.push(mount(given, text)?);
    }
    for text in given.all("tmpfs") {
        let target = text.split(':').next().unwrap_or(text).to_owned();
        let mount = Mount { target, source: MountSource::Memory, read_only: false };
        places.push(Place { mount, creates: false });
    }
    Ok((places, binds))
}

/// `A:B[:ro]`, or a directory of the container alone.
///
/// # Errors
/// It is none.
pub fn volume(cwd: &str, text: &str) -> Done<(Place, Option<String>)> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, mode) = match parts.as_slice() {
        [target] => ("", *target, ""),
        [source, target] => (*source, *target, ""),
        [source, target, mode] => (*source, *target, *mode),
        _ => return Err(Fault::daemon(format!("invalid volume specification: '{text}'"))),
    };
    let read_only = mode.split(',').any(|word| word == "ro");
    if let Some(wrong) = mode.split(',').find(|word| !word.is_empty() && *word != "ro" && !MODES.contains(word)) {
        return Err(Fault::daemon(format!("invalid mode: {wrong}")));
    }
    let is_path = source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
    let invalid = |why: &str| {
        let kind = if is_path { "bind" } else { "volume" };
        Fault::daemon(format!(
            "invalid volume specification: '{text}': invalid mount config for type \"{kind}\": {why}"
        ))
    };
    if !target.starts_with('/') {
        return Err(invalid(&format!("invalid mount path: '{target}' mount path must be absolute")));
    }
    if target == "/" {
        return Err(invalid("invalid specification: destination can't be '/'"));
    }
    let target = target.trim_end_matches('/').to_owned();
    let (source, bind) = match source {
        "" => (MountSource::Volume(String::new()), None),
        path if is_path => {
            let path = absolute(cwd, path);
            let mode = if mode.is_empty() { String::new() } else { format!(":{mode}") };
            (MountSource::Bind(path.clone()), Some(format!("{path}:{target}{mode}")))
        }
        name => {
            super::volume_name(name, name)?;
            (MountSource::Volume(name.to_owned()), Some(text.to_owned()))
        }
    };
    Ok((Place { mount: Mount { target, source, read_only }, creates: true }, bind))
}

/// `type=bind,source=/a,target=/b,readonly`.
fn mount(given: &Given, text: &str) -> Done<Place> {
    let wrong = |why: &str| given.wrong("mount", text, why);
    let (mut kind, mut source, mut target, mut read_only) = ("volume", "", "", false);
    for field in text.split(',') {
        let (key, value) = match field.split_once('=') {
            Some(pair) => pair,
            None if ["readonly", "ro"].contains(&field) => (field, "true"),
            None => return Err(wrong(&format!("invalid field '{field}' must be a key=value pair"))),
        };
        match key.to_lowercase().as_str() {
            "type" => kind = value,
            "source" | "src" => source = value,
            "target" | "dst" | "destination" => target = value,
            "readonly" | "ro" => read_only = !["false", "0"].contains(&value),
            "bind-propagation" | "consistency" => {}
            known if known.starts_with("volume-") || known.starts_with("tmpfs-") || known.starts_with("bind-") => {
                return unsimulated(format!("`--mount …,{field}`"));
            }
            key => return Err(wrong(&format!("unexpected key '{key}' in '{field}'"))),
        }
    }
    if target.is_empty() {
        return Err(wrong("target is required"));
    }
    let source = match kind {
        "bind" => MountSource::Bind(source.to_owned()),
        "volume" => MountSource::Volume(source.to_owned()),
        "tmpfs" => MountSource::Memory,
        "npipe" | "cluster" | "image" => return unsimulated(format!("`--mount type={kind}`")),
        _ => return Err(Fault::daemon(format!("invalid mount config for type \"{kind}\": mount type unknown"))),
    };
    Ok(Place { mount: Mount { target: target.to_owned(), source, read_only }, creates: false })
}
