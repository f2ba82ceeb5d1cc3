//! `chmod`, `chown`, `chgrp`.

use super::super::process::Process;
use super::super::tree::{FileError, Kind, Node};
use super::flags::Spec;
use super::mode::Mode;
use super::{Done, Halt};

/// Owner and group; none: it stays as it is.
pub type Owner = (Option<u32>, Option<u32>);

/// Reads `USER:GROUP`.
///
/// # Errors
/// There is no such user or group; the text is what is wrong.
pub fn owner(process: &Process<'_>, text: &str) -> Result<Owner, String> {
    let (user, group) = match text.split_once([':', '.']) {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    };
    let uid = match user {
        "" => None,
        user => Some(
            user.parse().ok().or_else(|| process.user_number(user)).ok_or_else(|| format!("invalid user: '{text}'"))?,
        ),
    };
    let gid = match group {
        None => None,
        // `USER:` means the group of that user.
        Some("") => uid,
        Some(group) => Some(
            group
                .parse()
                .ok()
                .or_else(|| process.group_number(group))
                .ok_or_else(|| format!("invalid group: '{text}'"))?,
        ),
    };
    Ok((uid, gid))
}

/// Changes a file and, when it is asked for, everything below it.
fn change(
    process: &mut Process<'_>,
    path: &str,
    recursive: bool,
    follow: bool,
    how: &dyn Fn(&mut Node),
) -> Result<(), FileError> {
    let (place, whole) = (process.place.clone(), process.path(path));
    process.link_node(path)?;
    if recursive {
        let tree = process.tree(path, follow)?;
        let points: Vec<String> = tree
            .walk()
            .into_iter()
            .map(|(below, _)| super::super::tree::absolute(&whole, &below))
            .filter(|below| *below != whole && process.world.is_mount_point(&place, below))
            .collect();
        for point in points {
            change(process, &point, true, true, how)?;
        }
    }
    let spot = process.world.spot(&place, &whole, follow)?;
    if spot.read_only {
        return Err(FileError::ReadOnly);
    }
    let node =
        process.world.root_mut(&spot.root).and_then(|root| root.get_mut(&spot.path)).ok_or(FileError::NotFound)?;
    if recursive {
        everywhere(node, how);
    } else {
        how(node);
    }
    Ok(())
}

/// A change of a node and all below it.
pub fn everywhere(node: &mut Node, how: &dyn Fn(&mut Node)) {
    how(node);
    if let Kind::Directory(entries) = &mut node.kind {
        let names: Vec<String> = entries.keys().cloned().collect();
        for name in names {
            if let Some(below) = entries.get_mut(&name) {
                everywhere(below, how);
            }
        }
    }
}

/// `chown`
pub fn chown(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const CHOWN: Spec = Spec {
        program: "chown",
        options: &[
            "R,recursive",
            "h,no-dereference",
            "f,silent,quiet",
            "v,verbose",
            "c,changes",
            "dereference",
            "!from=",
            "!reference=",
            "!H",
            "!L",
            "!P",
        ],
        usage: 1,
        stops: false,
    };
    let told = CHOWN.read(process, arguments)?;
    let Some((text, files)) = told.operands.split_first() else { return Err(CHOWN.missing_operand(process)) };
    let wanted = match owner(process, text) {
        Ok(wanted) => wanted,
        Err(message) => {
            process.complain(format!("chown: {message}"));
            return Ok(1);
        }
    };
    own(process, "chown", files, wanted, (told.has("R"), told.has("h"), told.has("f")))
}

/// `chgrp`
pub fn chgrp(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const CHGRP: Spec = Spec {
        program: "chgrp",
        options: &["R,recursive", "h,no-dereference", "f,silent,quiet", "v,verbose", "c,changes", "!reference="],
        usage: 1,
        stops: false,
    };
    let told = CHGRP.read(process, arguments)?;
    let Some((text, files)) = told.operands.split_first() else { return Err(CHGRP.missing_operand(process)) };
    let Some(gid) = text.parse().ok().or_else(|| process.group_number(text)) else {
        process.complain(format!("chgrp: invalid group: '{text}'"));
        return Ok(1);
    };
    own(process, "chgrp", files, (None, Some(gid)), (told.has("R"), told.has("h"), told.has("f")))
}

fn own(
    process: &mut Process<'_>,
    program: &str,
    files: &[String],
    (uid, gid): Owner,
    (recursive, links, silent): (bool, bool, bool),
) -> Done {
    if files.is_empty() {
        process.complain(format!("{program}: missing operand"));
        process.complain(format!("Try '{program} --help' for more information."));
        return Err(Halt::Exit(1));
    }
    if !process.is_root() {
        for file in files {
            process.complain(format!("{program}: changing ownership of '{file}': Operation not permitted"));
        }
        return Ok(1);
    }
    let how = move |node: &mut Node| {
        node.uid = uid.unwrap_or(node.uid);
        node.gid = gid.unwrap_or(node.gid);
    };
    let mut status = 0;
    for file in files {
        if let Err(error) = change(process, file, recursive, !links && !recursive, &how) {
            status = 1;
            if !silent {
                process.complain(match error {
                    FileError::ReadOnly => format!("{program}: changing ownership of '{file}': {error}"),
                    error => format!("{program}: cannot access '{file}': {error}"),
                });
            }
        }
    }
    Ok(status)
}

/// `chmod`
pub fn chmod(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const CHMOD: Spec = Spec {
        program: "chmod",
        options: &["R,recursive", "f,silent,quiet", "v,verbose", "c,changes", "!reference="],
        usage: 1,
        stops: false,
    };
    // `-x` and the like are modes, no options.
    let is_mode =
        |word: &&String| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(['r', 'w', 'x', 'X', 's', 't']));
    let negative = arguments.iter().find(is_mode);
    let rest: Vec<String> = arguments.iter().filter(|word| Some(*word) != negative).cloned().collect();
    let mut told = CHMOD.read(process, &rest)?;
    if let Some(negative) = negative {
        told.operands.insert(0, negative.clone());
    }
    let Some((text, files)) = told.operands.split_first() else { return Err(CHMOD.missing_operand(process)) };
    let Some(mode) = Mode::new(text) else {
        process.complain(format!("chmod: invalid mode: '{text}'"));
        process.complain("Try 'chmod --help' for more information.");
        return Ok(1);
    };
    if files.is_empty() {
        process.complain(format!("chmod: missing operand after '{text}'"));
        process.complain("Try 'chmod --help' for more information.");
        return Ok(1);
    }
    let umask = process.umask;
    let how = move |node: &mut Node| {
        if !matches!(node.kind, Kind::Link(_)) {
            node.mode = mode.apply(node.mode, node.is_directory(), umask);
        }
    };
    let mut status = 0;
    for file in files {
        if let Err(error) = change(process, file, told.has("R"), true, &how) {
            status = 1;
            if !told.has("f") {
                process.complain(match error {
                    FileError::ReadOnly => format!("chmod: changing permissions of '{file}': {error}"),
                    error => format!("chmod: cannot access '{file}': {error}"),
                });
            }
        }
    }
    Ok(status)
}
