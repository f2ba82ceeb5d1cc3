//! `tar c`.

use super::super::super::process::Process;
use super::super::super::tree::{Kind, Map, Node};
use super::super::Done;
use super::{IMPLIED, Told, members, pack};

pub(super) fn create(process: &mut Process<'_>, told: &Told) -> Done {
    if told.members.is_empty() {
        process.complain("tar: Cowardly refusing to create an empty archive");
        process.complain("Try 'tar --help' or 'tar --usage' for more information.");
        return Ok(2);
    }
    let now = process.world.now();
    let mut archive = Node::directory(now);
    let mut failed = false;
    for (dir, name) in &told.members {
        if !process.node(dir).is_ok_and(Node::is_directory) {
            process.complain(format!("tar: {dir}: Cannot open: No such file or directory"));
            process.complain("tar: Error is not recoverable: exiting now");
            return Ok(2);
        }
        let path = if name.starts_with('/') { name.clone() } else { format!("{dir}/{name}") };
        let mut tree = match process.tree(&path, false) {
            Ok(tree) => tree,
            Err(error) => {
                process.complain(format!("tar: {name}: Cannot stat: {error}"));
                failed |= !told.ignores_failed;
                continue;
            }
        };
        if name.starts_with('/') && !told.absolute {
            process.complain("tar: Removing leading `/' from member names");
        }
        let mut parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            parts.push(".");
        }
        if !told.excludes.is_empty() {
            exclude(told, &mut tree, &parts.join("/"));
        }
        insert(&mut archive, &parts, tree);
    }
    let file = told.file.as_deref().unwrap_or("-").to_owned();
    if told.verbose {
        for (name, _) in members(&archive) {
            if file == "-" { process.complain(name) } else { process.say(name) }
        }
    }
    let packed = pack(process, archive, told.gzip);
    if file == "-" {
        process.stdout.extend(packed);
    } else if let Err(error) = process.write(&file, &packed, false)? {
        process.complain(format!("tar: {file}: Cannot open: {error}"));
        process.complain("tar: Error is not recoverable: exiting now");
        return Ok(2);
    }
    if failed {
        process.complain("tar: Exiting with failure status due to previous errors");
        return Ok(2);
    }
    Ok(0)
}

/// Puts a member at its name; directories on the way that are no members themselves are marked.
fn insert(archive: &mut Node, parts: &[&str], tree: Node) {
    let Kind::Directory(entries) = &mut archive.kind else { return };
    match parts {
        [] => {}
        [name] => entries.insert_mut((*name).to_owned(), tree),
        [name, rest @ ..] => {
            if !entries.contains_key(*name) {
                let implied = Node { kind: Kind::Directory(Map::new_sync()), mode: IMPLIED | 0o755, ..tree.clone() };
                entries.insert_mut((*name).to_owned(), implied);
            }
            if let Some(below) = entries.get_mut(*name) {
                insert(below, rest, tree);
            }
        }
    }
}

/// Takes out what is excluded.
fn exclude(told: &Told, node: &mut Node, path: &str) {
    let Kind::Directory(entries) = &mut node.kind else { return };
    let names: Vec<String> = entries.keys().cloned().collect();
    for name in names {
        let below = format!("{path}/{name}");
        // A pattern fits the whole name, or any part of it that begins behind a slash.
        let ends = below.match_indices('/').map(|(at, _)| &below[at + 1..]);
        let mut ends = std::iter::once(below.as_str()).chain(ends);
        if ends.any(|end| told.excludes.iter().any(|pattern| pattern.matches(end))) {
            entries.remove_mut(&name);
        } else if let Some(node) = entries.get_mut(&name) {
            exclude(told, node, &below);
        }
    }
}
