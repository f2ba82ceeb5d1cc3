//! `rm` and `sync`.

use super::super::process::Process;
use super::super::tree::{FileError, split};
use super::Done;
use super::flags::Spec;

const RM: Spec = Spec {
    program: "rm",
    options: &[
        "r,R,recursive",
        "f,force",
        "v,verbose",
        "d,dir",
        "one-file-system",
        "preserve-root=?",
        "no-preserve-root",
        "!i",
        "!I",
        "!interactive=?",
    ],
    usage: 1,
    stops: false,
};

/// `rm`
pub fn rm(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = RM.read(process, arguments)?;
    if told.operands.is_empty() {
        return if told.has("f") { Ok(0) } else { Err(RM.missing_operand(process)) };
    }
    let mut status = 0;
    for file in &told.operands {
        if let "." | ".." = split(file).1 {
            process.complain(format!("rm: refusing to remove '.' or '..' directory: skipping '{file}'"));
            status = 1;
            continue;
        }
        let whole = process.path(file);
        if whole == "/" && told.has("r") {
            process.complain("rm: it is dangerous to operate recursively on '/'");
            process.complain("rm: use --no-preserve-root to override this failsafe");
            status = 1;
            continue;
        }
        let found = process.link_node(file.trim_end_matches('/'));
        let found = found.map(|node| (node.is_directory(), node.entries().next().is_some()));
        let removed = match found {
            Err(FileError::NotFound | FileError::NotADirectory) if told.has("f") => continue,
            Err(error) => Err(error),
            Ok((false, _)) if file.ends_with('/') => Err(FileError::NotADirectory),
            Ok((true, _)) if !told.has("r") && !told.has("d") => Err(FileError::IsADirectory),
            Ok((true, true)) if !told.has("r") => Err(FileError::NotEmpty),
            Ok(_) => remove(process, &whole),
        };
        match removed {
            Ok(()) if told.has("v") => process.say(format!("removed '{file}'")),
            Ok(()) => {}
            Err(error) => {
                process.complain(format!("rm: cannot remove '{file}': {error}"));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// Removes a tree; of a place where something is mounted only the content goes.
fn remove(process: &mut Process<'_>, whole: &str) -> Result<(), FileError> {
    let place = process.place.clone();
    match process.world.remove(&place, whole) {
        Err(FileError::Busy) => {
            let names: Vec<String> =
                process.world.tree(&place, whole, false)?.entries().map(|(name, _)| name.clone()).collect();
            let mut failed = Ok(());
            for name in names {
                failed = failed.and(remove(process, &format!("{}/{name}", whole.trim_end_matches('/'))));
            }
            failed.and(Err(FileError::Busy))
        }
        removed => removed.map(drop),
    }
}

/// `sync`: everything is on its disk already.
pub fn sync(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const SYNC: Spec = Spec { program: "sync", options: &["d,data", "f,file-system"], usage: 1, stops: false };
    let told = SYNC.read(process, arguments)?;
    let mut status = 0;
    for file in &told.operands {
        if let Err(error) = process.node(file) {
            let message = format!("sync: error opening '{file}': {error}");
            process.complain(message);
            status = 1;
        }
    }
    Ok(status)
}
