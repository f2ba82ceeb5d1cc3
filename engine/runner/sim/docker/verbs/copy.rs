//! `docker cp`.

use super::super::super::place::Place;
use super::super::super::process::{Stream, Unsimulated};
use super::super::super::tree::{FileError, Node, absolute, split};
use super::super::super::world::World;
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};

/// One end of a copy.
#[derive(Clone, Debug)]
struct End {
    place: Place,
    /// As it was named.
    container: Option<String>,
    /// Absolute, without a slash at its end.
    path: String,
    /// It ended in a slash, or in `/.`.
    as_directory: bool,
    /// It ended in `/.`: what is in it.
    content: bool,
    given: String,
}

/// `CONTAINER:PATH`, or a path.
fn parts(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((name, path)) if !name.is_empty() && !name.starts_with(['/', '.']) => (Some(name), path),
        _ => (None, text),
    }
}

pub fn copy(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["archive", "follow-link", "quiet"])?;
    let [from, to] = given.operands.as_slice() else { return Ok(1) };
    client.copy(from, to)
}

impl Client<'_, '_> {
    /// Copies between a container and the client's machine.
    ///
    /// # Errors
    /// An end is not there, or cannot be written.
    pub fn copy(&mut self, from: &str, to: &str) -> Done<i32> {
        match (parts(from).0, parts(to).0) {
            (Some(_), Some(_)) => return Err(Fault::said(1, "copying between containers is not supported")),
            (None, None) => return Err(Fault::said(1, "must specify at least one container source")),
            _ => {}
        }
        self.take(15);
        if from == "-" {
            return unsimulated("`docker cp -`");
        }
        if to == "-" {
            return self.stream(from);
        }
        let outward = parts(from).0.is_some();
        // The client looks at its own end first.
        if !outward {
            let end = self.local(from);
            if self.process.world.link_node(&end.place, &end.path).is_err() {
                return Err(Fault::said(1, format!("lstat {}: no such file or directory", end.path)));
            }
        } else if !to.ends_with('/') {
            let end = self.local(to);
            let dir = absolute("/", split(&end.path).0);
            if self.process.world.node(&end.place, &dir).is_err() {
                return Err(Fault::said(1, format!("invalid output path: directory {dir:?} does not exist")));
            }
        }
        let (source, target) = if outward {
            (self.remote(from, false)?, self.local(to))
        } else {
            (self.local(from), self.remote(to, true)?)
        };
        let node = self.process.world.node(&source.place, &source.path).cloned().map_err(|_| not_found(&source))?;
        self.take(40);
        put(self.process.world, &source, &target, node)?;
        Ok(0)
    }

    fn local(&self, path: &str) -> End {
        let base = &self.process.cwd;
        End {
            place: self.process.place.clone(),
            container: None,
            path: absolute(base, path),
            as_directory: path.ends_with('/') || path.ends_with("/."),
            content: path.ends_with("/.") || path == ".",
            given: path.to_owned(),
        }
    }

    fn remote(&mut self, text: &str, is_target: bool) -> Done<End> {
        let (name, path) = parts(text);
        let name = name.unwrap_or_default();
        let id = match self.container(name) {
            Ok(container) => container.id.clone(),
            // The client asks for the directory first, and takes any answer for its absence.
            Err(Fault::Daemon(_)) if is_target && path.ends_with('/') => {
                return Err(Fault::said(1, "no such directory"));
            }
            Err(fault) => return Err(fault),
        };
        Ok(End {
            place: self.inside(&id),
            container: Some(name.to_owned()),
            path: absolute("/", path),
            as_directory: path.ends_with('/') || path.ends_with("/."),
            content: path.ends_with("/."),
            given: path.to_owned(),
        })
    }

    /// A tar archive on a stream.
    fn stream(&mut self, from: &str) -> Done<i32> {
        let source = self.remote(from, false)?;
        let node = self.process.world.node(&source.place, &source.path).cloned().map_err(|_| not_found(&source))?;
        let name = split(&source.path).1.to_owned();
        let now = self.process.world.now();
        let blob = super::archive::archive(self.process.world, &name, node, now);
        self.process.stdout.extend(Stream::blob(blob));
        Ok(0)
    }
}

fn not_found(source: &End) -> Fault {
    match &source.container {
        Some(name) => Fault::daemon(format!("Could not find the file {} in container {name}", source.given)),
        None => Fault::said(1, format!("lstat {}: no such file or directory", source.given)),
    }
}

/// Puts a node where `cp` puts it: into a directory that is there, or under the name of the target.
fn put(world: &mut World, source: &End, target: &End, mut node: Node) -> Done {
    let there = world.node(&target.place, &target.path).map(Node::is_directory);
    let name = split(&source.path).1;
    let refused = |why: &str| Fault::said(1, why.to_owned());
    let path = match there {
        Ok(true) if node.is_directory() && source.content => return merge(world, target, &node),
        Ok(true) => format!("{}/{name}", target.path.trim_end_matches('/')),
        Ok(false) if node.is_directory() => return Err(refused("cannot copy directory")),
        Err(_) if target.as_directory && !node.is_directory() => return Err(refused("no such directory")),
        Ok(false) | Err(_) => target.path.clone(),
    };
    let dir = absolute("/", split(&path).0);
    if !world.node(&target.place, &dir).is_ok_and(Node::is_directory) {
        return Err(match &target.container {
            Some(name) => Fault::daemon(format!("Could not find the file {dir} in container {name}")),
            None => refused("no such directory"),
        });
    }
    node.modified = node.modified.max(world.now());
    write(world, target, &path, node)
}

/// What is in a directory goes into another one.
fn merge(world: &mut World, target: &End, from: &Node) -> Done {
    let entries: Vec<(String, Node)> = from.entries().map(|(name, node)| (name.clone(), node.clone())).collect();
    for (name, node) in entries {
        let path = format!("{}/{name}", target.path.trim_end_matches('/'));
        let there = world.node(&target.place, &path).is_ok_and(Node::is_directory);
        if there && node.is_directory() {
            merge(world, &End { path, ..target.clone() }, &node)?;
        } else {
            write(world, target, &path, node)?;
        }
    }
    Ok(())
}

fn write(world: &mut World, target: &End, path: &str, node: Node) -> Done {
    let there = world.node(&target.place, path).is_ok_and(Node::is_directory);
    if there && node.is_directory() {
        return merge(world, &End { path: path.to_owned(), ..target.clone() }, &node);
    }
    world.put(&target.place, path, node).map_err(|error| match (error, &target.container) {
        (FileError::ReadOnly, Some(_)) => Fault::daemon("mounted volume is marked read-only"),
        (error, None) => Fault::said(1, format!("open {path}: {}", error.to_string().to_lowercase())),
        (error, Some(_)) => Unsimulated(format!("`docker cp` where the container says: {error}")).into(),
    })
}
