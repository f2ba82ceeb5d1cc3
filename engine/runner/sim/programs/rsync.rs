//! `rsync -a` from directory to directory on one machine.

use super::super::process::{Process, Unsimulated};
use super::super::tree::{Node, split};
use super::Done;
use super::copy::{EVERYTHING, SPEED, merge};
use super::flags::Spec;

/// `rsync -a SOURCE… DEST` on one machine.
pub fn rsync(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const RSYNC: Spec = Spec {
        program: "rsync",
        options: &[
            "a,archive",
            "H,hard-links",
            "A,acls",
            "X,xattrs",
            "x,one-file-system",
            "S,sparse",
            "q,quiet",
            "delete",
            "W,whole-file",
            "numeric-ids",
            "inplace",
            "!v,verbose",
            "!r,recursive",
            "!n,dry-run",
            "!z,compress",
            "!e=",
            "!exclude=",
            "!include=",
            "!P",
            "!progress",
            "!stats",
            "!checksum",
            "!c",
            "!u,update",
            "!i",
            "!h",
        ],
        usage: 1,
        stops: false,
    };
    let told = RSYNC.read(process, arguments)?;
    let [sources @ .., dest] = told.operands.as_slice() else { return Err(RSYNC.missing_operand(process)) };
    if !told.has("a") || sources.is_empty() || told.operands.iter().any(|operand| operand.contains(':')) {
        return Err(Unsimulated("`rsync` other than `rsync -a DIR… DIR` on one machine".to_owned()).into());
    }
    let mut status = 0;
    for source in sources {
        let name = split(source).1.to_owned();
        let target =
            if source.ends_with('/') { dest.clone() } else { format!("{}/{name}", dest.trim_end_matches('/')) };
        let Ok(tree) = process.tree(source, false) else {
            process.complain(format!(
                "rsync: [sender] link_stat \"{}\" failed: No such file or directory (2)",
                process.path(source)
            ));
            process.complain("rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]");
            status = 23;
            continue;
        };
        process.transfer(tree.total(), SPEED);
        if let Err(error) = super::make::directories(process, dest) {
            process.complain(format!("rsync: [Receiver] mkdir \"{dest}\" failed: {error}"));
            return Ok(11);
        }
        if told.has("delete") {
            remove_others(process, &tree, &target);
        }
        merge(process, &EVERYTHING, &tree, (source, &target), &mut status);
    }
    Ok(if status == 1 { 23 } else { status })
}

/// Removes what the source has not.
fn remove_others(process: &mut Process<'_>, source: &Node, target: &str) {
    let Ok(there) = process.tree(target, true) else { return };
    for (name, node) in there.entries() {
        let below = format!("{}/{name}", target.trim_end_matches('/'));
        match source.child(name) {
            Some(kept) if kept.is_directory() && node.is_directory() => remove_others(process, kept, &below),
            Some(_) => {}
            None => {
                let (place, whole) = (process.place.clone(), process.path(&below));
                let _ = process.world.remove(&place, &whole);
            }
        }
    }
}
