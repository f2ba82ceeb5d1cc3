//! `aws s3 cp` and `mv`.

use std::time::Duration;

use super::super::super::process::{Chunk, Process, Ran, Stream};
use super::super::super::tree::{Kind, Node};
use super::super::local;
use super::super::objects::{self, Address};
use super::super::transfer::Options;
use super::{failed, no_bucket, said};

/// Bytes a second.
const SPEED: u64 = 50_000_000;

pub fn not_there(process: &mut Process<'_>, path: &str) -> Ran {
    process.fail(255, format!("\nThe user-provided path {path} does not exist."))
}

pub fn copy(process: &mut Process<'_>, options: &Options, from: &str, to: &str, moves: bool) -> Ran {
    match (Address::parse(from), Address::parse(to)) {
        (None, None) => {
            let verb = if moves { "mv" } else { "cp" };
            let words = format!("usage: aws s3 {verb} <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>");
            process.fail(252, format!("\n{words}\nError: Invalid argument type"))
        }
        (None, Some(to)) => upload(process, options, from, &to, moves),
        (Some(from), None) => download(process, options, &from, to, moves),
        (Some(from), Some(to)) => within(process, options, &from, &to, moves),
    }
}

/// One file goes up; true: it went.
pub fn send(process: &mut Process<'_>, options: &Options, shown: &str, node: &Node, to: &Address, moves: bool) -> bool {
    let verb = if moves { "move" } else { "upload" };
    if options.dry {
        said(process, options, &format!("{verb}: {shown} to {to}"));
        return true;
    }
    process.world.pass(Duration::from_millis(node.size() * 1_000 / SPEED));
    let object = Node { modified: process.world.now(), ..node.clone() };
    if !objects::put(process.world, to, object, options.upload.clone()) {
        failed(process, options, &format!("{verb} failed: {shown} to {to} {}", no_bucket("PutObject")));
        return false;
    }
    said(process, options, &format!("{verb}: {shown} to {to}"));
    true
}

fn upload(process: &mut Process<'_>, options: &Options, from: &str, to: &Address, moves: bool) -> Ran {
    if from == "-" {
        let now = process.world.now();
        let node = match std::mem::take(&mut process.stdin).0.as_slice() {
            [Chunk::Blob(blob)] => Node { kind: Kind::Blob(blob.clone()), ..Node::text("", now) },
            chunks => Node::text(Stream(chunks.to_vec()).to_text(), now),
        };
        // What comes through a pipe is not said.
        let mut options = options.clone();
        options.errors_only = true;
        return Ok(i32::from(!send(process, &options, "-", &node, to, false)));
    }
    let path = process.path(from);
    let Ok(node) = process.world.node(&process.place, &path).cloned() else { return not_there(process, from) };
    if options.recursive {
        let base = to.key.trim_end_matches('/').to_owned();
        let mut exit = 0;
        for (below, node) in local::files(process.world, &process.place, &path, options.links) {
            if !options.takes(&below) {
                continue;
            }
            let key = if base.is_empty() { below.clone() } else { format!("{base}/{below}") };
            let shown = local::shown(&process.cwd, &format!("{path}/{below}"));
            let sent = send(process, options, &shown, &node, &to.with(&key), moves);
            exit |= i32::from(!sent);
            if sent && moves && !options.dry {
                let _ = process.world.remove(&process.place, &format!("{path}/{below}"));
            }
        }
        return Ok(exit);
    }
    if node.is_directory() {
        failed(process, options, &format!("upload failed: {from}/ to {to} [Errno 21] Is a directory: '{path}/'"));
        return Ok(1);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let key = if to.key.is_empty() || to.key.ends_with('/') { format!("{}{name}", to.key) } else { to.key.clone() };
    let shown = local::shown(&process.cwd, &path);
    let sent = send(process, options, &shown, &node, &to.with(&key), moves);
    if sent && moves && !options.dry {
        let _ = process.world.remove(&process.place, &path);
    }
    Ok(i32::from(!sent))
}

/// One object comes down; true: it came.
pub fn receive(
    process: &mut Process<'_>,
    options: &Options,
    from: &Address,
    node: &Node,
    path: &str,
    moves: bool,
) -> bool {
    let verb = if moves { "move" } else { "download" };
    let shown = local::shown(&process.cwd, path);
    if options.dry {
        said(process, options, &format!("{verb}: {from} to {shown}"));
        return true;
    }
    process.world.pass(Duration::from_millis(node.size() * 1_000 / SPEED));
    let place = process.place.clone();
    let dir = path.rsplit_once('/').map_or("/", |(dir, _)| dir);
    let written = process.world.make_dirs(&place, dir).and_then(|()| process.world.put(&place, path, node.clone()));
    if let Err(error) = written {
        failed(process, options, &format!("{verb} failed: {from} to {shown} [Errno 30] {error}: '{path}'"));
        return false;
    }
    said(process, options, &format!("{verb}: {from} to {shown}"));
    true
}

fn download(process: &mut Process<'_>, options: &Options, from: &Address, to: &str, moves: bool) -> Ran {
    if options.recursive {
        let path = process.path(to);
        let Some(found) = objects::list(process.world, from) else {
            return process.fail(1, format!("fatal error: {}", no_bucket("ListObjectsV2")));
        };
        let mut exit = 0;
        for (key, node) in found {
            let below = key[from.key.len()..].trim_start_matches('/').to_owned();
            if !options.takes(&below) {
                continue;
            }
            let one = from.with(&key);
            let came = receive(process, options, &one, &node, &format!("{path}/{below}"), moves);
            exit |= i32::from(!came);
            if came && moves && !options.dry {
                objects::remove(process.world, &one);
            }
        }
        return Ok(exit);
    }
    let Some(node) = objects::get(process.world, from).cloned() else {
        let words = "An error occurred (404) when calling the HeadObject operation";
        return if to == "-" {
            process.fail(1, format!("download failed: {from} to - {words}: Not Found"))
        } else {
            process.fail(1, format!("fatal error: {words}: Key \"{}\" does not exist", from.key))
        };
    };
    if to == "-" {
        process.world.pass(Duration::from_millis(node.size() * 1_000 / SPEED));
        process.stdout.extend(Stream::of(&node));
        return Ok(0);
    }
    let mut path = process.path(to);
    if to.ends_with('/') || process.world.node(&process.place, &path).is_ok_and(Node::is_directory) {
        path = format!("{path}/{}", from.key.rsplit('/').next().unwrap_or_default());
    }
    let came = receive(process, options, from, &node, &path, moves);
    if came && moves && !options.dry {
        objects::remove(process.world, from);
    }
    Ok(i32::from(!came))
}

/// From one place of S3 to another.
fn within(process: &mut Process<'_>, options: &Options, from: &Address, to: &Address, moves: bool) -> Ran {
    let verb = if moves { "move" } else { "copy" };
    let pairs: Vec<(Address, Node, Address)> = if options.recursive {
        let Some(found) = objects::list(process.world, from) else {
            return process.fail(1, format!("fatal error: {}", no_bucket("ListObjectsV2")));
        };
        let below = |key: &str| key[from.key.len()..].trim_start_matches('/').to_owned();
        let base = to.key.trim_end_matches('/');
        let target = |key: &str| if base.is_empty() { below(key) } else { format!("{base}/{}", below(key)) };
        found
            .into_iter()
            .filter(|(key, _)| options.takes(&below(key)))
            .map(|(key, node)| (from.with(&key), node, to.with(&target(&key))))
            .collect()
    } else {
        let Some(node) = objects::get(process.world, from).cloned() else {
            let words = "An error occurred (404) when calling the HeadObject operation";
            return process.fail(1, format!("fatal error: {words}: Key \"{}\" does not exist", from.key));
        };
        let name = from.key.rsplit('/').next().unwrap_or_default();
        let key = if to.key.is_empty() || to.key.ends_with('/') { format!("{}{name}", to.key) } else { to.key.clone() };
        vec![(from.clone(), node, to.with(&key))]
    };
    let mut exit = 0;
    for (from, node, to) in pairs {
        if options.dry {
            said(process, options, &format!("{verb}: {from} to {to}"));
            continue;
        }
        let object = Node { modified: process.world.now(), ..node };
        if objects::put(process.world, &to, object, options.upload.clone()) {
            if moves {
                objects::remove(process.world, &from);
            }
            said(process, options, &format!("{verb}: {from} to {to}"));
        } else {
            failed(process, options, &format!("{verb} failed: {from} to {to} {}", no_bucket("CopyObject")));
            exit = 1;
        }
    }
    Ok(exit)
}
