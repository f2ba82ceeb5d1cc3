//! `cp` and `mv`.

use super::super::process::{Process, Unsimulated};
use super::super::tree::{FileError, Kind, Map, Node, split};
use super::flags::{Spec, Told};
use super::{Done, Halt};

/// Megabytes a second, from one place of a disk to another.
pub const SPEED: u64 = 200;

/// Sources and where each goes, and whether that is below a directory; none: the program has said what is wrong.
pub type Pairs = Option<(Vec<(String, String)>, bool)>;

/// Finds out what goes where: `SOURCE DEST`, `SOURCE… DIR`, `-t DIR SOURCE…`, `-T SOURCE DEST`.
pub fn pairs(process: &mut Process<'_>, program: &str, told: &Told) -> Result<Pairs, Halt> {
    let complain = |process: &mut Process<'_>, what: String| {
        process.complain(format!("{program}: {what}"));
        process.complain(format!("Try '{program} --help' for more information."));
        Ok(None)
    };
    let into = |dir: &str, source: &str| {
        let trimmed = source.trim_end_matches('/');
        let name = split(trimmed).1;
        // `a/.` is the content of `a`.
        if name == "." {
            format!("{}/.", dir.trim_end_matches('/'))
        } else {
            format!("{}/{name}", dir.trim_end_matches('/'))
        }
    };
    let (sources, dir) = match (told.value("t"), told.operands.as_slice()) {
        (Some(dir), sources) => {
            if !process.node(dir).is_ok_and(Node::is_directory) {
                process.complain(format!("{program}: target directory '{dir}': No such file or directory"));
                return Ok(None);
            }
            (sources, dir.to_owned())
        }
        (None, []) => return complain(process, "missing file operand".to_owned()),
        (None, [only]) => return complain(process, format!("missing destination file operand after '{only}'")),
        (None, [source, dest]) => {
            let is_dir = !told.has("T") && process.node(dest).is_ok_and(Node::is_directory);
            let dest = if is_dir { into(dest, source) } else { dest.clone() };
            return Ok(Some((vec![(source.clone(), dest)], is_dir)));
        }
        (None, [.., extra]) if told.has("T") => return complain(process, format!("extra operand '{extra}'")),
        (None, [sources @ .., dir]) => {
            match process.node(dir).map(Node::is_directory) {
                Ok(true) => {}
                Ok(false) => {
                    process.complain(format!("{program}: target '{dir}': Not a directory"));
                    return Ok(None);
                }
                Err(error) => {
                    process.complain(format!("{program}: target '{dir}': {error}"));
                    return Ok(None);
                }
            }
            (sources, dir.clone())
        }
    };
    if sources.is_empty() {
        return complain(process, "missing file operand".to_owned());
    }
    Ok(Some((sources.iter().map(|source| (source.clone(), into(&dir, source))).collect(), true)))
}

const CP: Spec = Spec {
    program: "cp",
    options: &[
        "a,archive",
        "r,R,recursive",
        "p",
        "n,no-clobber",
        "f,force",
        "T,no-target-directory",
        "t,target-directory=",
        "L,dereference",
        "P,no-dereference",
        "d",
        "u,update",
        "v,verbose",
        "x,one-file-system",
        "reflink=?",
        "sparse=",
        "preserve=?",
        "no-preserve=",
        "H",
        "!i,interactive",
        "!l,link",
        "!s,symbolic-link",
        "!b",
        "!backup=?",
        "!parents",
        "!S=",
        "!Z",
        "!remove-destination",
    ],
    usage: 1,
    stops: false,
};

/// How copies are made.
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct How {
    recursive: bool,
    /// Owner, mode and time stay.
    owner: bool,
    mode: bool,
    time: bool,
    /// Links are followed.
    follow: bool,
    keep: bool,
    update: bool,
    verbose: bool,
}

/// A copy that keeps everything, links among them.
pub const EVERYTHING: How = How {
    recursive: true,
    owner: true,
    mode: true,
    time: true,
    follow: false,
    keep: false,
    update: false,
    verbose: false,
};

/// `cp`
pub fn cp(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = CP.read(process, arguments)?;
    let archive = told.has("a");
    let preserve = told.value("preserve").map(str::to_owned);
    let all = archive || told.has("p") || (told.has("preserve") && preserve.is_none());
    let keeps = |what: &str| {
        all || preserve.as_ref().is_some_and(|kept| kept.split(',').any(|kept| kept == what || kept == "all"))
    };
    let recursive = archive || told.has("r");
    if told.has("no-preserve") && archive {
        return Err(Unsimulated("`cp --no-preserve`".to_owned()).into());
    }
    let how = How {
        recursive,
        owner: keeps("ownership"),
        mode: keeps("mode"),
        time: keeps("timestamps"),
        follow: told.has("L") || (!recursive && !told.has("P") && !told.has("d")),
        keep: told.has("n"),
        update: told.has("u"),
        verbose: told.has("v"),
    };
    let Some((pairs, _)) = pairs(process, "cp", &told)? else { return Ok(1) };
    let mut status = 0;
    for (from, to) in pairs {
        status |= one(process, &how, &from, &to)?;
    }
    Ok(status)
}

fn one(process: &mut Process<'_>, how: &How, from: &str, to: &str) -> Done {
    if let "/dev/null" | "/proc/meminfo" | "/dev/stdin" = process.path(from).as_str() {
        return special(process, from, to);
    }
    let mut source = match process.tree(from, how.follow) {
        Ok(source) => source,
        Err(error) => {
            process.complain(format!("cp: cannot stat '{from}': {error}"));
            return Ok(1);
        }
    };
    if source.is_directory() && !how.recursive {
        process.complain(format!("cp: -r not specified; omitting directory '{from}'"));
        return Ok(1);
    }
    if to.ends_with('/') && !source.is_directory() && process.node(to).is_err() {
        process.complain(format!("cp: cannot create regular file '{to}': Not a directory"));
        return Ok(1);
    }
    let (source_spot, target_spot) = (process.spot(from).ok(), process.spot(to).ok());
    if source_spot.is_some() && source_spot == target_spot && process.node(to).is_ok() {
        process.complain(format!("cp: '{from}' and '{to}' are the same file"));
        return Ok(1);
    }
    let (whole, target) = (process.path(from), process.path(to));
    if source.is_directory() && format!("{target}/").starts_with(&format!("{whole}/")) && target != whole {
        process.complain(format!("cp: cannot copy a directory, '{from}', into itself, '{to}'"));
        return Ok(1);
    }
    if how.follow && how.recursive {
        source = followed(process, &whole, source, 0)?;
    }
    process.transfer(source.total(), SPEED);
    adapt(process, how, &mut source);
    let mut status = 0;
    merge(process, how, &source, (from, to), &mut status);
    Ok(status)
}

/// What is no file of the world.
fn special(process: &mut Process<'_>, from: &str, to: &str) -> Done {
    let content = if from == "/dev/stdin" { Ok(std::mem::take(&mut process.stdin)) } else { process.read(from)? };
    let written = match content {
        Ok(content) => process.write(to, &content, false)?,
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        process.complain(format!("cp: cannot create regular file '{to}': {error}"));
        return Ok(1);
    }
    Ok(0)
}

/// A tree with what its links lead to in their places.
fn followed(process: &Process<'_>, path: &str, node: Node, depth: u8) -> Result<Node, Halt> {
    if depth > 40 {
        return Err(Unsimulated("`cp -L` of links without an end".to_owned()).into());
    }
    match node.kind {
        Kind::Link(_) => match process.tree(path, true) {
            Ok(found) => followed(process, path, found, depth + 1),
            Err(_) => Err(Unsimulated("`cp -L` of a link that leads nowhere".to_owned()).into()),
        },
        Kind::Directory(entries) => {
            let mut found = Map::new_sync();
            for (name, below) in &entries {
                let below = followed(process, &format!("{path}/{name}"), below.clone(), depth + 1)?;
                found.insert_mut(name.clone(), below);
            }
            Ok(Node { kind: Kind::Directory(found), ..node })
        }
        kind => Ok(Node { kind, ..node }),
    }
}

/// Gives a copy the attributes that a new file gets, except those that are kept.
fn adapt(process: &Process<'_>, how: &How, node: &mut Node) {
    if how.owner && how.mode && how.time {
        return;
    }
    let (uid, gid, now, umask) = (process.uid(), process.gid(), process.world.now(), process.umask);
    let (owner, mode, time) = (how.owner, how.mode, how.time);
    super::owner::everywhere(node, &|node| {
        if !owner {
            (node.uid, node.gid) = (uid, gid);
        }
        if !time {
            node.modified = now;
        }
        if !mode && !matches!(node.kind, Kind::Link(_)) {
            node.mode &= 0o777 & !umask;
        }
    });
}

/// Puts a tree where it belongs; directories that are there are filled up.
pub fn merge(process: &mut Process<'_>, how: &How, source: &Node, (from, to): (&str, &str), status: &mut i32) {
    let (place, target) = (&process.place.clone(), &process.path(to));
    let there = process.world.node(place, target).or_else(|_| process.world.link_node(place, target)).cloned();
    let put = match (&there, source.is_directory()) {
        (Ok(there), true) if there.is_directory() => {
            for (name, node) in source.entries() {
                let from = format!("{}/{name}", from.trim_end_matches('/'));
                merge(process, how, node, (&from, &format!("{}/{name}", to.trim_end_matches('/'))), status);
            }
            if how.owner || how.mode || how.time {
                keep_attributes(process, how, place, source, target);
            }
            return;
        }
        (Ok(_), true) => {
            process.complain(format!("cp: cannot overwrite non-directory '{to}' with directory '{from}'"));
            *status = 1;
            return;
        }
        (Ok(there), false) if there.is_directory() => {
            process.complain(format!("cp: cannot overwrite directory '{to}' with non-directory '{from}'"));
            *status = 1;
            return;
        }
        (Ok(_), false) if how.keep => return,
        (Ok(there), false) if how.update && there.modified >= source.modified => return,
        (Ok(there), false) if matches!(source.kind, Kind::Link(_)) || matches!(there.kind, Kind::Link(_)) => {
            process.world.remove(place, target).and_then(|_| process.world.put(place, target, source.clone()))
        }
        (Ok(there), false) => {
            // The file stays the same; its content changes.
            let mut node = source.clone();
            if !how.mode {
                node.mode = there.mode;
            }
            if !how.owner {
                (node.uid, node.gid) = (there.uid, there.gid);
            }
            process.world.put(place, target, node)
        }
        (Err(_), _) => process.world.put(place, target, source.clone()),
    };
    match put {
        Ok(()) if how.verbose => process.say(format!("'{from}' -> '{to}'")),
        Ok(()) => {}
        Err(error) => {
            let what = if source.is_directory() { "directory" } else { "regular file" };
            process.complain(format!("cp: cannot create {what} '{to}': {error}"));
            *status = 1;
        }
    }
}

fn keep_attributes(
    process: &mut Process<'_>,
    how: &How,
    place: &super::super::place::Place,
    source: &Node,
    target: &str,
) {
    if let Ok(node) = process.world.node_mut(place, target) {
        if how.owner {
            (node.uid, node.gid) = (source.uid, source.gid);
        }
        if how.mode {
            node.mode = source.mode;
        }
        if how.time {
            node.modified = source.modified;
        }
    }
}

const MV: Spec = Spec {
    program: "mv",
    options: &[
        "f,force",
        "n,no-clobber",
        "T,no-target-directory",
        "t,target-directory=",
        "v,verbose",
        "!u,update",
        "!i,interactive",
        "!b",
        "!backup=?",
        "!S=",
        "!Z",
        "!strip-trailing-slashes",
    ],
    usage: 1,
    stops: false,
};

/// `mv`
pub fn mv(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = MV.read(process, arguments)?;
    let Some((pairs, _)) = pairs(process, "mv", &told)? else { return Ok(1) };
    let mut status = 0;
    for (from, to) in pairs {
        let Ok(source) = process.tree(&from, false) else {
            process.complain(format!("mv: cannot stat '{from}': No such file or directory"));
            status = 1;
            continue;
        };
        if told.has("n") && process.link_node(&to).is_ok() {
            continue;
        }
        match shift(process, &from, &to, source) {
            Ok(()) if told.has("v") => process.say(format!("renamed '{from}' -> '{to}'")),
            Ok(()) => {}
            Err(message) => {
                process.complain(format!("mv: {message}"));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// Moves one file or directory; across file systems it is copied and removed.
fn shift(process: &mut Process<'_>, from: &str, to: &str, source: Node) -> Result<(), String> {
    let place = process.place.clone();
    let (whole, target) = (process.path(from), process.path(to));
    if whole == target {
        return Err(format!("'{from}' and '{to}' are the same file"));
    }
    if source.is_directory() && target.starts_with(&format!("{whole}/")) {
        return Err(format!("cannot move '{from}' to a subdirectory of itself, '{to}'"));
    }
    if to.ends_with('/') && !source.is_directory() && process.node(to).is_err() {
        return Err(format!("cannot move '{from}' to '{to}': Not a directory"));
    }
    let there = process.world.link_node(&place, &target).map(Node::is_directory);
    match (there, source.is_directory()) {
        (Ok(true), false) => return Err(format!("cannot overwrite directory '{to}' with non-directory")),
        (Ok(false), true) => return Err(format!("cannot overwrite non-directory '{to}' with directory '{from}'")),
        _ => {}
    }
    match process.world.rename(&place, &whole, &target) {
        Ok(()) => Ok(()),
        Err(FileError::CrossDevice) => {
            process.transfer(source.total(), SPEED);
            let is_full = process.world.node(&place, &target).is_ok_and(|node| node.entries().next().is_some());
            if is_full {
                return Err(format!(
                    "inter-device move failed: '{from}' to '{to}'; unable to remove target: Directory not empty"
                ));
            }
            let moved = process.world.put(&place, &target, source).and_then(|()| process.world.remove(&place, &whole));
            moved.map(drop).map_err(|error| format!("cannot move '{from}' to '{to}': {error}"))
        }
        Err(error) => Err(format!("cannot move '{from}' to '{to}': {error}")),
    }
}
