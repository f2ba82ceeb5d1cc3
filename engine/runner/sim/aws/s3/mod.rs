//! `aws s3`: lists, buckets, and what is taken away.

mod copy;
mod sync;

use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::Node;
use super::objects::{self, Address};
use super::transfer::{Options, Wrong};
use super::wrong;

pub fn run(process: &mut Process<'_>, verb: &str, words: &[&str]) -> Ran {
    if verb == "ls" {
        return ls(process, words);
    }
    let options = match Options::read(words) {
        Ok(options) => options,
        Err(Wrong::Unknown(option)) => return process.fail(252, format!("\nUnknown options: {option}")),
        Err(Wrong::Unsimulated(what)) => return Err(what),
    };
    let paths: Vec<&str> = options.paths.iter().map(String::as_str).collect();
    match (verb, paths.as_slice()) {
        ("mb", [bucket]) => make(process, bucket),
        ("rb", [bucket]) => remove_bucket(process, bucket),
        ("rm", [path]) => remove(process, &options, path),
        ("cp" | "mv", [from, to]) => copy::copy(process, &options, from, to, verb == "mv"),
        ("sync", [from, to]) => sync::sync(process, &options, from, to),
        ("mb" | "rb" | "rm" | "cp" | "mv" | "sync", _) => wrong(process, "the following arguments are required: paths"),
        ("presign" | "website", _) => Err(Unsimulated(format!("`aws s3 {verb}`"))),
        _ => wrong(
            process,
            "argument subcommand: Invalid choice, valid choices are:\n\nls | website | cp | mv | rm | sync | mb | rb | presign",
        ),
    }
}

/// The words of the service.
fn no_bucket(operation: &str) -> String {
    format!(
        "An error occurred (NoSuchBucket) when calling the {operation} operation: The specified bucket does not exist"
    )
}

fn ls(process: &mut Process<'_>, words: &[&str]) -> Ran {
    let (mut recursive, mut summary, mut path) = (false, false, None);
    for word in words {
        match *word {
            "--recursive" => recursive = true,
            "--summarize" => summary = true,
            "--human-readable" => return Err(Unsimulated("`aws s3 ls --human-readable`".to_owned())),
            option if option.starts_with("--") => return process.fail(252, format!("\nUnknown options: {option}")),
            word => path = Some(word.to_owned()),
        }
    }
    let Some(path) = path else {
        let buckets = process.world.buckets.iter().map(|(name, node)| format!("{} {name}", date(node)));
        for line in buckets.collect::<Vec<_>>() {
            process.say(line);
        }
        return Ok(0);
    };
    let text = if path.starts_with("s3://") { path } else { format!("s3://{path}") };
    let Some(address) = Address::parse(&text) else { return Ok(255) };
    let Some(found) = objects::list(process.world, &address) else {
        return process.fail(254, format!("\n{}", no_bucket("ListObjectsV2")));
    };
    let base = address.key.rfind('/').map_or(0, |slash| slash + 1);
    let (mut prefixes, mut lines, mut bytes): (Vec<String>, Vec<String>, u64) = (Vec::new(), Vec::new(), 0);
    for (key, node) in &found {
        bytes += node.size();
        let shown = if recursive { key.as_str() } else { &key[base..] };
        match shown.split_once('/').filter(|_| !recursive) {
            Some((dir, _)) => {
                let line = format!("{:>30} {dir}/", "PRE");
                if !prefixes.contains(&line) {
                    prefixes.push(line);
                }
            }
            None => lines.push(format!("{} {:>10} {shown}", date(node), node.size())),
        }
    }
    for line in prefixes.iter().chain(&lines) {
        process.say(line);
    }
    if summary {
        process.say(format!("\nTotal Objects: {}\n   Total Size: {bytes}", found.len()));
    }
    Ok(i32::from(found.is_empty() && !address.key.is_empty()))
}

fn date(node: &Node) -> String {
    node.modified.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn make(process: &mut Process<'_>, bucket: &str) -> Ran {
    let Some(address) = Address::parse(bucket) else {
        return process.fail(252, "\n<S3Uri>\nError: Invalid argument type");
    };
    let name = address.bucket;
    if process.world.buckets.contains_key(&name) {
        let words = "An error occurred (BucketAlreadyOwnedByYou) when calling the CreateBucket operation: Your previous \
                     request to create the named bucket succeeded and you already own it.";
        return process.fail(1, format!("make_bucket failed: s3://{name} {words}"));
    }
    if name.len() < 3 {
        let words = "An error occurred (InvalidBucketName) when calling the CreateBucket operation: The specified bucket is not valid.";
        return process.fail(1, format!("make_bucket failed: s3://{name} {words}"));
    }
    let now = process.world.now();
    process.world.buckets.insert_mut(name.clone(), Node::directory(now));
    process.world.unversioned.insert_mut(name.clone(), ());
    process.say(format!("make_bucket: {name}"));
    Ok(0)
}

fn remove_bucket(process: &mut Process<'_>, bucket: &str) -> Ran {
    let Some(address) = Address::parse(bucket) else {
        return process.fail(252, "\n<S3Uri>\nError: Invalid argument type");
    };
    let name = address.bucket.clone();
    match objects::list(process.world, &address.with("")) {
        None => process.fail(1, format!("remove_bucket failed: s3://{name} {}", no_bucket("DeleteBucket"))),
        Some(found) if !found.is_empty() => {
            let words = "An error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty";
            process.fail(1, format!("remove_bucket failed: s3://{name} {words}"))
        }
        Some(_) => {
            process.world.buckets.remove_mut(&name);
            process.say(format!("remove_bucket: {name}"));
            Ok(0)
        }
    }
}

/// Says what was done, as far as it is to be said. Without a terminal too the client says how far it is; that is left out.
fn said(process: &mut Process<'_>, options: &Options, line: &str) {
    if !options.quiet && !options.errors_only {
        process.say(if options.dry { format!("(dryrun) {line}") } else { line.to_owned() });
    }
}

fn failed(process: &mut Process<'_>, options: &Options, line: &str) {
    if !options.quiet {
        process.complain(line);
    }
}

fn remove(process: &mut Process<'_>, options: &Options, path: &str) -> Ran {
    let Some(address) = Address::parse(path) else {
        return process.fail(252, "\nusage: aws s3 rm <S3Uri>\nError: Invalid argument type");
    };
    if !options.recursive {
        if !process.world.buckets.contains_key(&address.bucket) {
            failed(process, options, &format!("delete failed: {address} {}", no_bucket("DeleteObject")));
            return Ok(1);
        }
        if !options.dry {
            objects::remove(process.world, &address);
        }
        said(process, options, &format!("delete: {address}"));
        return Ok(0);
    }
    let Some(found) = objects::list(process.world, &address) else {
        return process.fail(1, format!("fatal error: {}", no_bucket("ListObjectsV2")));
    };
    for (key, _) in found {
        let below = key[address.key.len()..].trim_start_matches('/');
        if options.takes(below) {
            let one = address.with(&key);
            if !options.dry {
                objects::remove(process.world, &one);
            }
            said(process, options, &format!("delete: {one}"));
        }
    }
    Ok(0)
}
