//! Disks that are not mounted: `fsck`, `e2fsck`, `mkfs.ext4`, `blkid`, `lsblk`.

use std::time::Duration;

use super::super::process::{Process, Unsimulated};
use super::super::tree::Node;
use super::flags::Spec;
use super::mount::{device, target};
use super::{Done, Halt};

const FSCK: Spec = Spec {
    program: "fsck",
    options: &[
        "p", "a", "y", "f", "n", "!t=", "!A", "!C=?", "!M", "!N", "!R", "!T", "!V", "!r", "!s", "!l", "!c", "!b=",
        "!v", "!D", "!E=",
    ],
    usage: 8,
    stops: false,
};

/// `fsck`, `e2fsck`: a file system that was not taken off cleanly has its journal replayed.
pub fn fsck(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = FSCK.read(process, arguments)?;
    let [path] = told.operands.as_slice() else {
        return Err(Unsimulated("`fsck` of other than one device".to_owned()).into());
    };
    process.say("fsck from util-linux 2.38.1");
    let key = disk(process, path, "fsck.ext2", 8)?;
    if let Some(dir) = target(process, &key) {
        process.complain(format!("{path} is mounted on {dir}."));
        process.complain("e2fsck: Cannot continue, aborting.");
        return Ok(8);
    }
    let Some(disk) = process.world.disk(&key) else { return Ok(8) };
    let Some(files) = &disk.files else {
        process.complain(format!("fsck.ext2: Bad magic number in super-block while trying to open {path}"));
        return Ok(8);
    };
    let count = files.walk().len() + 10;
    let inodes = disk.size_gb * 65_536;
    let used = files.total() / 4096 + 100_000;
    let blocks = (disk.size_gb << 30) / 4096;
    let replays = disk.from.is_some();
    process.world.take(Duration::from_millis(if told.has("f") { 8_000 } else { 700 }));
    if replays {
        process.say(format!("{path}: recovering journal"));
    }
    process.say(format!("{path}: clean, {count}/{inodes} files, {used}/{blocks} blocks"));
    Ok(0)
}

/// The disk behind a device.
fn disk(process: &mut Process<'_>, path: &str, program: &str, exit: i32) -> Result<String, Halt> {
    if let Some(key) = device(process, path) {
        return Ok(key);
    }
    if process.node(path).is_ok() {
        return Err(Unsimulated(format!("`{program}` of `{path}`, which is no disk")).into());
    }
    process.complain(format!("{program}: No such file or directory while trying to open {path}"));
    Err(Halt::Exit(exit))
}

/// `mkfs.ext4`, `mkfs -t ext4`
pub fn mkfs(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const MKFS: Spec = Spec {
        program: "mkfs.ext4",
        options: &[
            "t,type=", "F", "q", "m=", "E=", "L=", "O=", "!b=", "!i=", "!I=", "!N=", "!U=", "!T=", "!n", "!c", "!v",
        ],
        usage: 1,
        stops: false,
    };
    let told = MKFS.read(process, arguments)?;
    if told.value("t").is_some_and(|kind| kind != "ext4") {
        return Err(Unsimulated("`mkfs` of another kind than ext4".to_owned()).into());
    }
    let [path] = told.operands.as_slice() else {
        return Err(Unsimulated("`mkfs.ext4` of other than one device".to_owned()).into());
    };
    let key = disk(process, path, "mkfs.ext4", 1)?;
    if let Some(dir) = target(process, &key) {
        process.complain(format!("{path} is mounted; will not make a filesystem here!"));
        process.complain(format!("({dir})"));
        return Ok(1);
    }
    process.world.take(Duration::from_secs(3));
    let now = process.world.now();
    let Some(disk) = process.world.disk_mut(&key) else { return Ok(1) };
    let mut files = Node::directory(now);
    // A new tree takes a directory.
    let _ = files.make_dirs("lost+found", now);
    disk.files = Some(files);
    Ok(0)
}

/// `blkid`
pub fn blkid(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const BLKID: Spec = Spec {
        program: "blkid",
        options: &["s,match-tag=", "o,output=", "p,probe", "!L=", "!U=", "!t=", "!c=", "!g", "!i", "!k", "!l"],
        usage: 4,
        stops: false,
    };
    let told = BLKID.read(process, arguments)?;
    let [path] = told.operands.as_slice() else {
        return Err(Unsimulated("`blkid` of other than one device".to_owned()).into());
    };
    let Some(key) = device(process, path) else { return Ok(2) };
    if process.world.disk(&key).is_none_or(|disk| disk.files.is_none()) {
        return Ok(2);
    }
    match (told.value("s"), told.value("o")) {
        (Some("TYPE"), Some("value")) => process.say("ext4"),
        (Some("TYPE"), None) => process.say(format!("{path}: TYPE=\"ext4\"")),
        _ => return Err(Unsimulated("`blkid` of more than the type".to_owned()).into()),
    }
    Ok(0)
}
