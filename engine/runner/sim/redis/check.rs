//! `redis-check-rdb` and `redis-check-aof`: whether files can be read to their end.

use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::Kind;

/// What a file is.
enum Found {
    Missing,
    /// Its size, and the id of its content.
    Whole(u64, Option<u64>),
    Cut,
}

/// `redis-check-rdb FILE`.
pub fn check_rdb(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let [file] = arguments else { return process.fail(1, "Usage: redis-check-rdb <rdb-file-name>") };
    let whole = rdb(process, file, file);
    Ok(i32::from(!whole))
}

fn look(process: &Process<'_>, file: &str) -> Found {
    let path = process.path(file);
    match process.world.node(&process.place, &path) {
        Err(_) => Found::Missing,
        Ok(node) => match &node.kind {
            Kind::Blob(blob) if blob.whole => Found::Whole(blob.bytes, Some(blob.id)),
            Kind::Text(text) if text.is_empty() => Found::Whole(0, None),
            _ => Found::Cut,
        },
    }
}

/// Reads an RDB file to its end; true: it is whole.
fn rdb(process: &mut Process<'_>, file: &str, shown: &str) -> bool {
    process.world.take(Duration::from_millis(150));
    process.say(format!("[offset 0] Checking RDB file {shown}"));
    match look(process, file) {
        Found::Missing => false,
        Found::Whole(size, id) if size > 0 => {
            process.say("[offset 27] AUX FIELD redis-ver = '7.0.15'");
            process.say(format!("[offset {size}] Checksum OK"));
            process.say(format!("[offset {size}] \\o/ RDB looks OK! \\o/"));
            if let Some(id) = id {
                process.world.prove(id);
            }
            true
        }
        Found::Whole(..) | Found::Cut => {
            process.say("--- RDB ERROR DETECTED ---");
            process.say("[offset 40] Unexpected EOF reading RDB file");
            process.say("[additional info] While doing: read-aux");
            process.say("[info] 0 keys read");
            false
        }
    }
}

/// `redis-check-aof MANIFEST`.
pub fn check_aof(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let manifest = match arguments {
        [file] if !file.starts_with('-') => file,
        [flag, ..] if flag.starts_with('-') => return Err(Unsimulated(format!("`redis-check-aof {flag}`"))),
        _ => {
            return process
                .fail(1, "Usage: redis-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>");
        }
    };
    let path = process.path(manifest);
    let text = match process.world.node(&process.place, &path).map(|node| &node.kind) {
        Ok(Kind::Text(text)) => text.clone(),
        Ok(_) => return Err(Unsimulated("`redis-check-aof` of a file without a manifest".to_owned())),
        Err(error) => return process.fail(1, format!("Cannot open file {manifest}: {error}")),
    };
    process.say("Start checking Multi Part AOF");
    let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, base) = match words.as_slice() {
            ["file", name, "seq", _, "type", "b"] => (*name, true),
            ["file", name, "seq", _, "type", _] => (*name, false),
            _ => return process.fail(1, "Invalid AOF manifest file format"),
        };
        let file = format!("{dir}/{name}");
        let whole = if base { rdb(process, &file, name) } else { matches!(look(process, &file), Found::Whole(..)) };
        if !whole {
            return process.fail(1, format!("AOF {name} is not valid"));
        }
        process.say(format!("{} AOF {name} is valid", if base { "BASE" } else { "INCR" }));
    }
    process.say("All AOF files and manifest are valid");
    Ok(0)
}
