//! `mount`, `umount`, `mountpoint`, `findmnt` is not simulated. What is mounted is a disk of the cloud, on a machine.

use std::time::Duration;

use super::super::process::{Process, Unsimulated};
use super::super::tree::{Kind, Node};
use super::Done;
use super::flags::Spec;

/// What attaching a file system takes.
const MOUNT_TIME: Duration = Duration::from_millis(60);

/// The disk behind a path, if a device is there.
pub fn device(process: &Process<'_>, path: &str) -> Option<String> {
    match &process.node(path).ok()?.kind {
        Kind::Device(key) => Some(key.clone()),
        _ => None,
    }
}

/// Where a disk is mounted on this machine.
pub fn target(process: &Process<'_>, key: &str) -> Option<String> {
    let machine = process.world.machine(&process.place.machine)?;
    machine.mounts.iter().find(|(_, mounted)| *mounted == key).map(|(dir, _)| dir.clone())
}

/// Only machines have disks.
fn on_machine(process: &Process<'_>, program: &str) -> Result<(), Unsimulated> {
    match process.place.container {
        None => Ok(()),
        Some(_) => Err(Unsimulated(format!("`{program}` in a container"))),
    }
}

const MOUNT: Spec = Spec {
    program: "mount",
    options: &[
        "t,types=",
        "o,options=",
        "a,all",
        "v,verbose",
        "r,read-only",
        "w,rw,read-write",
        "!B,bind",
        "!R,rbind",
        "!M,move",
        "!L=",
        "!U=",
        "!l",
        "!n,no-mtab",
        "!f,fake",
        "!T=",
        "!O=",
        "!source=",
        "!target=",
        "!m,mkdir=?",
    ],
    usage: 1,
    stops: false,
};

/// `mount`
pub fn mount(process: &mut Process<'_>, arguments: &[String]) -> Done {
    on_machine(process, "mount")?;
    let told = MOUNT.read(process, arguments)?;
    let read_only =
        told.has("r") || told.value("o").is_some_and(|options| options.split(',').any(|option| option == "ro"));
    if read_only {
        return Err(Unsimulated("mounting read-only".to_owned()).into());
    }
    if let Some(option) = told
        .value("o")
        .and_then(|options| options.split(',').find(|option| matches!(*option, "bind" | "remount" | "loop")))
    {
        return Err(Unsimulated(format!("`mount -o {option}`")).into());
    }
    if told.has("a") {
        return all(process);
    }
    match told.operands.as_slice() {
        [] => {
            let mounts = process.world.machine(&process.place.machine).map(|machine| machine.mounts.clone());
            process.say("/dev/sda1 on / type ext4 (rw,relatime)");
            for (at, dir) in mounts.iter().flat_map(super::super::tree::Map::keys).enumerate() {
                let letter = char::from(b'b' + u8::try_from(at % 24).unwrap_or(0));
                process.say(format!("/dev/sd{letter} on {dir} type ext4 (rw,relatime,discard)"));
            }
            Ok(0)
        }
        _ if !process.is_root() => {
            let what = told.operands.last().cloned().unwrap_or_default();
            process.complain(format!("mount: {what}: must be superuser to use mount."));
            process.complain("       dmesg(1) may have more information after failed mount system call.");
            Ok(32)
        }
        [one] => {
            let whole = process.path(one);
            if let Some((source, dir)) = fstab(process).into_iter().find(|(source, dir)| *dir == whole || source == one)
            {
                attach(process, &source, &dir)
            } else {
                process.complain(format!("mount: {one}: can't find in /etc/fstab."));
                Ok(1)
            }
        }
        [source, dir] => attach(process, source, dir),
        _ => {
            process.complain("mount: bad usage");
            process.complain("Try 'mount --help' for more information.");
            Ok(1)
        }
    }
}

/// Sources and directories of `/etc/fstab`.
fn fstab(process: &Process<'_>) -> Vec<(String, String)> {
    let Ok(Kind::Text(text)) = process.node("/etc/fstab").map(|node| &node.kind) else { return Vec::new() };
    let entry = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    text.lines().filter_map(entry).collect()
}

fn all(process: &mut Process<'_>) -> Done {
    let mut status = 0;
    for (source, dir) in fstab(process) {
        let is_disk = source.starts_with("/dev/");
        let mounted =
            process.world.machine(&process.place.machine).is_some_and(|machine| machine.mounts.contains_key(&dir));
        if is_disk && !mounted && dir != "/" {
            status |= attach(process, &source, &dir)?;
        }
    }
    Ok(status)
}

fn attach(process: &mut Process<'_>, source: &str, dir: &str) -> Done {
    let whole = process.real_path(dir).unwrap_or_else(|_| process.path(dir));
    if !process.node(&whole).is_ok_and(Node::is_directory) {
        process.complain(match process.node(&whole) {
            Ok(_) => format!("mount: {dir}: mount point is not a directory."),
            Err(_) => format!("mount: {dir}: mount point does not exist."),
        });
        process.complain("       dmesg(1) may have more information after failed mount system call.");
        return Ok(32);
    }
    let Some(key) = device(process, source) else {
        if process.node(source).is_ok() {
            return Err(Unsimulated(format!("mounting `{source}`, which is no disk")).into());
        }
        if !source.starts_with("/dev/") {
            return Err(Unsimulated(format!("mounting `{source}`")).into());
        }
        process.complain(format!("mount: {dir}: special device {source} does not exist."));
        process.complain("       dmesg(1) may have more information after failed mount system call.");
        return Ok(32);
    };
    if let Some(there) = target(process, &key) {
        process.complain(format!("mount: {dir}: {source} already mounted on {there}."));
        process.complain("       dmesg(1) may have more information after failed mount system call.");
        return Ok(32);
    }
    if process.world.disk(&key).is_none_or(|disk| disk.files.is_none()) {
        process.complain(format!("mount: {dir}: wrong fs type, bad option, bad superblock on {source}, missing codepage or helper program, or other error."));
        process.complain("       dmesg(1) may have more information after failed mount system call.");
        return Ok(32);
    }
    process.world.take(MOUNT_TIME);
    let machine = process.place.machine.clone();
    if let Some(machine) = process.world.machine_mut(&machine) {
        machine.mounts.insert_mut(whole, key);
    }
    Ok(0)
}

/// `umount`
pub fn umount(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const UMOUNT: Spec = Spec {
        program: "umount",
        options: &[
            "f,force",
            "v,verbose",
            "q,quiet",
            "!l,lazy",
            "!a,all",
            "!R,recursive",
            "!t=",
            "!d",
            "!r",
            "!n",
            "!A",
            "!O=",
        ],
        usage: 1,
        stops: false,
    };
    on_machine(process, "umount")?;
    let told = UMOUNT.read(process, arguments)?;
    if told.operands.is_empty() {
        process.complain("umount: bad usage");
        process.complain("Try 'umount --help' for more information.");
        return Ok(1);
    }
    let mut status = 0;
    for operand in &told.operands {
        let whole = process.real_path(operand).unwrap_or_else(|_| process.path(operand));
        let by_device = device(process, operand).and_then(|key| target(process, &key));
        let dir = by_device.unwrap_or(whole);
        let machine = process.place.machine.clone();
        let mounted = process.world.machine(&machine).is_some_and(|machine| machine.mounts.contains_key(&dir));
        if !mounted {
            let there = process.node(operand).is_ok();
            process.complain(if there {
                format!("umount: {operand}: not mounted.")
            } else {
                format!("umount: {operand}: no mount point specified.")
            });
            status = 32;
            continue;
        }
        if !process.is_root() {
            process.complain(format!("umount: {operand}: must be superuser to unmount."));
            status = 32;
            continue;
        }
        if is_busy(process, &dir) {
            process.complain(format!("umount: {dir}: target is busy."));
            status = 32;
            continue;
        }
        process.world.take(MOUNT_TIME);
        if let Some(machine) = process.world.machine_mut(&machine) {
            machine.mounts.remove_mut(&dir);
        }
    }
    Ok(status)
}

/// A container that runs has something there open, or this process stands there.
fn is_busy(process: &Process<'_>, dir: &str) -> bool {
    use super::super::world::MountSource;
    let inside = |path: &str| path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let now = process.world.now();
    let machine = process.world.machine(&process.place.machine);
    let containers = machine.and_then(|machine| machine.engine.as_ref()).map(|engine| &engine.containers);
    let uses = |container: &super::super::world::Container| {
        let binds =
            container.mounts.iter().any(|mount| matches!(&mount.source, MountSource::Bind(path) if inside(path)));
        binds && (container.runs(now) || container.paused)
    };
    let nested = machine.is_some_and(|machine| machine.mounts.keys().any(|other| other != dir && inside(other)));
    nested || inside(&process.cwd) || containers.is_some_and(|containers| containers.values().any(uses))
}

/// `mountpoint`
pub fn mountpoint(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const MOUNTPOINT: Spec = Spec {
        program: "mountpoint",
        options: &["q,quiet", "nofollow", "!d,fs-devno", "!x,devno"],
        usage: 1,
        stops: false,
    };
    let told = MOUNTPOINT.read(process, arguments)?;
    let [path] = told.operands.as_slice() else {
        process.complain("mountpoint: bad usage");
        process.complain("Try 'mountpoint --help' for more information.");
        return Ok(1);
    };
    let Ok(node) = process.node(path) else {
        if !told.has("q") {
            process.complain(format!("mountpoint: {path}: No such file or directory"));
        }
        return Ok(1);
    };
    let is_directory = node.is_directory();
    let whole = process.real_path(path).unwrap_or_else(|_| process.path(path));
    let is_one = is_directory && process.world.is_mount_point(&process.place, &whole);
    if !told.has("q") {
        process.say(format!("{path} is {}a mountpoint", if is_one { "" } else { "not " }));
    }
    Ok(if is_one { 0 } else { 32 })
}
