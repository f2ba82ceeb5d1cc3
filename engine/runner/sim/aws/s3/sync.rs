//! `aws s3 sync`.

use super::super::super::process::{Process, Ran, Unsimulated};
use super::super::super::tree::Node;
use super::super::local;
use super::super::objects::{self, Address};
use super::super::transfer::Options;
use super::copy::{not_there, receive, send};
use super::{no_bucket, said};

pub fn sync(process: &mut Process<'_>, options: &Options, from: &str, to: &str) -> Ran {
    match (Address::parse(from), Address::parse(to)) {
        (None, Some(to)) => sync_up(process, options, from, &to),
        (Some(from), None) => sync_down(process, options, &from, to),
        (Some(_), Some(_)) => Err(Unsimulated("`aws s3 sync` from bucket to bucket".to_owned())),
        (None, None) => {
            let words = "usage: aws s3 sync <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>";
            process.fail(252, format!("\n{words}\nError: Invalid argument type"))
        }
    }
}

/// A file is copied that is not there, or has another size, or is newer.
fn differs(options: &Options, source: &Node, target: Option<&Node>) -> bool {
    target.is_none_or(|target| {
        source.size() != target.size() || (!options.size_only && source.modified > target.modified)
    })
}

fn sync_up(process: &mut Process<'_>, options: &Options, from: &str, to: &Address) -> Ran {
    let path = process.path(from);
    if process.world.node(&process.place, &path).is_err() {
        return not_there(process, from);
    }
    let base = to.key.trim_end_matches('/');
    let prefix = if base.is_empty() { String::new() } else { format!("{base}/") };
    let Some(there) = objects::list(process.world, &to.with(&prefix)) else {
        return process.fail(1, format!("fatal error: {}", no_bucket("ListObjectsV2")));
    };
    let here = local::files(process.world, &process.place, &path, options.links);
    let mut exit = 0;
    for (below, node) in here.iter().filter(|(below, _)| options.takes(below)) {
        let key = format!("{prefix}{below}");
        let known = there.iter().find(|(known, _)| *known == key).map(|(_, node)| node);
        if differs(options, node, known) {
            let shown = local::shown(&process.cwd, &format!("{path}/{below}"));
            exit |= i32::from(!send(process, options, &shown, node, &to.with(&key), false));
        }
    }
    if options.delete {
        for (key, _) in &there {
            let below = &key[prefix.len()..];
            if options.takes(below) && !here.iter().any(|(known, _)| known == below) {
                let one = to.with(key);
                if !options.dry {
                    objects::remove(process.world, &one);
                }
                said(process, options, &format!("delete: {one}"));
            }
        }
    }
    Ok(exit)
}

fn sync_down(process: &mut Process<'_>, options: &Options, from: &Address, to: &str) -> Ran {
    let path = process.path(to);
    let base = from.key.trim_end_matches('/');
    let prefix = if base.is_empty() { String::new() } else { format!("{base}/") };
    let Some(there) = objects::list(process.world, &from.with(&prefix)) else {
        return process.fail(1, format!("fatal error: {}", no_bucket("ListObjectsV2")));
    };
    let here = local::files(process.world, &process.place, &path, options.links);
    let mut exit = 0;
    for (key, node) in &there {
        let below = &key[prefix.len()..];
        let known = here.iter().find(|(known, _)| known == below).map(|(_, node)| node);
        if options.takes(below) && differs(options, node, known) {
            exit |= i32::from(!receive(process, options, &from.with(key), node, &format!("{path}/{below}"), false));
        }
    }
    if options.delete {
        for (below, _) in here.iter().filter(|(below, _)| options.takes(below)) {
            if !there.iter().any(|(key, _)| key[prefix.len()..] == **below) {
                let file = format!("{path}/{below}");
                if !options.dry {
                    let _ = process.world.remove(&process.place, &file);
                }
                let shown = local::shown(&process.cwd, &file);
                said(process, options, &format!("delete: {shown}"));
            }
        }
    }
    Ok(exit)
}
