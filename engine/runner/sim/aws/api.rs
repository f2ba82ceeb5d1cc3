//! `aws s3api`: single calls, answered as JSON.

use serde_json::{Map, Value, json};

use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::Node;
use super::super::world::Upload;
use super::objects::{self, Address};
use super::wrong;

/// What is wanted.
#[derive(Default)]
struct Options {
    bucket: Option<String>,
    key: Option<String>,
    prefix: Option<String>,
    body: Option<String>,
    status: Option<String>,
    encryption: Option<String>,
    class: Option<String>,
    /// A file that an object goes to.
    file: Option<String>,
}

pub fn run(process: &mut Process<'_>, verb: &str, words: &[&str]) -> Ran {
    let options = read(verb, words)?;
    if verb == "list-buckets" {
        let buckets: Vec<Value> = process
            .world
            .buckets
            .iter()
            .map(|(name, node)| json!({ "Name": name, "CreationDate": moment(node) }))
            .collect();
        return print(process, &json!({ "Buckets": buckets }));
    }
    let Some(bucket) = options.bucket.clone() else {
        return wrong(process, "the following arguments are required: --bucket");
    };
    let address = Address { bucket, key: options.key.clone().unwrap_or_default() };
    let there = process.world.buckets.contains_key(&address.bucket);
    if matches!(verb, "head-object" | "get-object" | "put-object" | "delete-object") && options.key.is_none() {
        return wrong(process, "the following arguments are required: --key");
    }
    match verb {
        "head-bucket" if there => print(process, &json!({ "BucketRegion": "us-east-1" })),
        "head-bucket" => refused(process, "404", "HeadBucket", "Not Found"),
        "head-object" => match objects::get(process.world, &address).cloned() {
            Some(node) => {
                let head = head(process, &address, &node);
                print(process, &head)
            }
            None => refused(process, "404", "HeadObject", "Not Found"),
        },
        _ if !there => {
            let operation = operation(verb)?;
            refused(process, "NoSuchBucket", operation, "The specified bucket does not exist")
        }
        "list-objects-v2" | "list-objects" => list(process, &address, options.prefix.as_deref().unwrap_or_default()),
        "get-bucket-versioning" => {
            // A bucket that never had it says nothing.
            if process.world.unversioned.contains_key(&address.bucket) {
                return Ok(0);
            }
            print(process, &json!({ "Status": "Enabled" }))
        }
        "put-bucket-versioning" => {
            match options.status.as_deref() {
                Some("Enabled") => drop(process.world.unversioned.remove_mut(&address.bucket)),
                _ => return Err(Unsimulated("`aws s3api put-bucket-versioning` to that".to_owned())),
            }
            Ok(0)
        }
        "get-object" => get(process, &address, options.file.as_deref()),
        "put-object" => put(process, &address, &options),
        "delete-object" => {
            objects::remove(process.world, &address);
            Ok(0)
        }
        _ => Err(Unsimulated(format!("`aws s3api {verb}`"))),
    }
}

fn operation(verb: &str) -> Result<&'static str, Unsimulated> {
    Ok(match verb {
        "list-objects-v2" => "ListObjectsV2",
        "list-objects" => "ListObjects",
        "get-bucket-versioning" => "GetBucketVersioning",
        "put-bucket-versioning" => "PutBucketVersioning",
        "get-object" => "GetObject",
        "put-object" => "PutObject",
        "delete-object" => "DeleteObject",
        _ => return Err(Unsimulated(format!("`aws s3api {verb}`"))),
    })
}

fn refused(process: &mut Process<'_>, code: &str, operation: &str, words: &str) -> Ran {
    process.fail(254, format!("\nAn error occurred ({code}) when calling the {operation} operation: {words}"))
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a program")]
fn print(process: &mut Process<'_>, value: &Value) -> Ran {
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut text, format);
    if serde::Serialize::serialize(value, &mut writer).is_ok() {
        process.say(String::from_utf8_lossy(&text));
    }
    Ok(0)
}

fn moment(node: &Node) -> String {
    node.modified.format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

fn head(process: &Process<'_>, address: &Address, node: &Node) -> Value {
    let Upload { encryption, class } = objects::upload(process.world, address);
    let mut head = Map::new();
    head.insert("AcceptRanges".to_owned(), json!("bytes"));
    head.insert("LastModified".to_owned(), json!(moment(node)));
    head.insert("ContentLength".to_owned(), json!(node.size()));
    head.insert("ETag".to_owned(), json!(objects::tag(node)));
    head.insert("ContentType".to_owned(), json!("binary/octet-stream"));
    if let Some(encryption) = encryption {
        head.insert("ServerSideEncryption".to_owned(), json!(encryption));
    }
    head.insert("Metadata".to_owned(), json!({}));
    if let Some(class) = class {
        head.insert("StorageClass".to_owned(), json!(class));
    }
    Value::Object(head)
}

fn list(process: &mut Process<'_>, address: &Address, prefix: &str) -> Ran {
    let found = objects::list(process.world, &address.with(prefix)).unwrap_or_default();
    let mut answer = Map::new();
    if !found.is_empty() {
        let contents: Vec<Value> = found
            .iter()
            .map(|(key, node)| {
                let class = objects::upload(process.world, &address.with(key)).class;
                json!({
                    "Key": key,
                    "LastModified": moment(node),
                    "ETag": objects::tag(node),
                    "Size": node.size(),
                    "StorageClass": class.unwrap_or_else(|| "STANDARD".to_owned()),
                })
            })
            .collect();
        answer.insert("Contents".to_owned(), Value::Array(contents));
    }
    answer.insert("RequestCharged".to_owned(), Value::Null);
    if !prefix.is_empty() {
        answer.insert("Prefix".to_owned(), json!(prefix));
    }
    print(process, &Value::Object(answer))
}

fn get(process: &mut Process<'_>, address: &Address, file: Option<&str>) -> Ran {
    let Some(file) = file else { return wrong(process, "the following arguments are required: outfile") };
    let Some(node) = objects::get(process.world, address).cloned() else {
        return refused(process, "NoSuchKey", "GetObject", "The specified key does not exist.");
    };
    let path = process.path(file);
    let place = process.place.clone();
    let copy = Node { modified: process.world.now(), ..node.clone() };
    if let Err(error) = process.world.put(&place, &path, copy) {
        return process.fail(255, format!("\n[Errno 2] {error}: '{file}'"));
    }
    let head = head(process, address, &node);
    print(process, &head)
}

fn put(process: &mut Process<'_>, address: &Address, options: &Options) -> Ran {
    let now = process.world.now();
    let node = match &options.body {
        None => Node::text("", now),
        Some(file) => {
            let path = process.path(file);
            match process.world.node(&process.place, &path) {
                Ok(node) if node.is_file() => Node { modified: now, ..node.clone() },
                _ => {
                    let words = format!(
                        "Error parsing parameter '--body': Blob values must be a path to a file. [Errno 2] No such file or directory: '{file}'"
                    );
                    return process.fail(252, format!("\n{words}"));
                }
            }
        }
    };
    let tag = objects::tag(&node);
    let upload = Upload { encryption: options.encryption.clone(), class: options.class.clone() };
    objects::put(process.world, address, node, upload);
    print(process, &json!({ "ETag": tag, "ServerSideEncryption": options.encryption.as_deref().unwrap_or("AES256") }))
}

fn read(verb: &str, words: &[&str]) -> Result<Options, Unsimulated> {
    let mut options = Options::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (*word, None),
        };
        let mut value = || glued.clone().or_else(|| rest.next().map(|value| (*value).to_owned()));
        match name {
            "--bucket" => options.bucket = value(),
            "--key" => options.key = value(),
            "--prefix" => options.prefix = value(),
            "--body" => options.body = value(),
            "--server-side-encryption" => options.encryption = value(),
            "--storage-class" => options.class = value().filter(|class| class != "STANDARD"),
            "--versioning-configuration" => {
                options.status = value().and_then(|value| value.strip_prefix("Status=").map(str::to_owned));
            }
            flag if flag.starts_with("--") => return Err(Unsimulated(format!("`aws s3api {verb} {flag}`"))),
            file => options.file = Some(file.to_owned()),
        }
    }
    Ok(options)
}
