//! `tar t` and `tar x`.

use super::super::super::process::{Process, Unsimulated};
use super::super::super::tree::{Kind, Map, Node, split};
use super::super::list::mode_text;
use super::super::{Done, Halt, clock};
use super::{Mode, Open, Told, members};

pub(super) fn extract(process: &mut Process<'_>, told: &Told, mode: Mode, archive: &Open) -> Done {
    let all = members(&archive.tree);
    if mode == Mode::Extract && !all.is_empty() && !process.node(&told.dir).is_ok_and(Node::is_directory) {
        process.complain(format!("tar: {}: Cannot open: No such file or directory", told.dir));
        process.complain("tar: Error is not recoverable: exiting now");
        return Ok(2);
    }
    let readable = if archive.cut { all.len() / 2 } else { all.len() };
    let wanted: Vec<&str> = told.members.iter().map(|(_, name)| name.as_str()).collect();
    let (mut found, mut failed) = (vec![false; wanted.len()], false);
    for (name, node) in all.into_iter().take(readable) {
        if !wanted.is_empty() && !select(&wanted, &name, &mut found) {
            continue;
        }
        let trimmed = name.trim_end_matches('/');
        let ends = trimmed.match_indices('/').map(|(at, _)| &trimmed[at + 1..]);
        if std::iter::once(trimmed).chain(ends).any(|end| told.excludes.iter().any(|pattern| pattern.matches(end))) {
            continue;
        }
        match mode {
            Mode::List => {
                let line = if told.verbose { long(process, &name, node) } else { name };
                process.say(line);
            }
            Mode::Create | Mode::Extract => failed |= !one(process, told, &name, node)?,
        }
    }
    if archive.cut {
        process.complain("tar: Unexpected EOF in archive");
        process.complain("tar: Error is not recoverable: exiting now");
        return Ok(2);
    }
    for (name, _) in wanted.iter().zip(&found).filter(|(_, found)| !**found) {
        process.complain(format!("tar: {name}: Not found in archive"));
        failed = true;
    }
    if failed {
        process.complain("tar: Exiting with failure status due to previous errors");
        return Ok(2);
    }
    Ok(0)
}

/// The member, or a directory above it, was named.
fn select(wanted: &[&str], name: &str, found: &mut [bool]) -> bool {
    let name = name.trim_end_matches('/');
    let mut selected = false;
    for (wanted, found) in wanted.iter().zip(found) {
        let wanted = wanted.trim_end_matches('/');
        if name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            (*found, selected) = (true, true);
        }
    }
    selected
}

fn long(process: &Process<'_>, name: &str, node: &Node) -> String {
    let owner = process.user_name(node.uid).unwrap_or_else(|| node.uid.to_string());
    let group = process.group_name(node.gid).unwrap_or_else(|| node.gid.to_string());
    let people = format!("{owner}/{group}");
    let size = if node.is_file() { node.size() } else { 0 };
    let width = 19_usize.saturating_sub(people.len() + 1).max(size.to_string().len());
    let time = clock::format(node.modified, "%F %H:%M").unwrap_or_default();
    let leads = match &node.kind {
        Kind::Link(to) => format!(" -> {to}"),
        _ => String::new(),
    };
    format!("{} {people} {size:>width$} {time} {name}{leads}", mode_text(node))
}

/// Extracts one member; false: it could not be, which has been said.
fn one(process: &mut Process<'_>, told: &Told, name: &str, node: &Node) -> Result<bool, Halt> {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        process.complain(format!("tar: {name}: Member name contains '..'"));
        return Ok(false);
    }
    // `.` counts as a part of the name.
    let all = name.split('/').filter(|part| !part.is_empty()).count();
    let dropped = told.strip.saturating_sub(all - parts.len());
    if told.strip > 0 && all <= told.strip {
        return Ok(true);
    }
    let rest = parts.get(dropped..).unwrap_or_default().join("/");
    if told.to_stdout {
        if node.is_file() {
            let content = match &node.kind {
                Kind::Text(text) => super::super::super::process::Stream::text(&**text),
                Kind::Blob(blob) => super::super::super::process::Stream::blob(std::sync::Arc::clone(blob)),
                _ => return Err(Unsimulated("`tar -O` of this member".to_owned()).into()),
            };
            process.stdout.extend(content);
        }
        return Ok(true);
    }
    if told.verbose {
        process.say(name);
    }
    let place = process.place.clone();
    let base = process.path(&told.dir);
    let target = if rest.is_empty() { base.clone() } else { format!("{}/{rest}", base.trim_end_matches('/')) };
    let mut made = node.clone();
    if !process.is_root() {
        (made.uid, made.gid) = (process.uid(), process.gid());
        made.mode &= !process.umask;
    }
    if made.is_directory() {
        made.kind = Kind::Directory(Map::new_sync());
    }
    let dir = split(&target).0;
    if !dir.is_empty()
        && let Err(error) = super::super::make::directories(process, dir)
    {
        process.complain(format!("tar: {rest}: Cannot mkdir: {error}"));
        return Ok(false);
    }
    let there = process.world.link_node(&place, &target).map(Node::is_directory);
    let put = match there {
        Ok(true) if made.is_directory() => process.world.node_mut(&place, &target).map(|there| {
            (there.mode, there.uid, there.gid) = (made.mode, made.uid, made.gid);
            there.modified = made.modified;
        }),
        Ok(false) if told.keep => {
            process.complain(format!("tar: {rest}: Cannot open: File exists"));
            return Ok(false);
        }
        Ok(false) => process.world.remove(&place, &target).and_then(|_| process.world.put(&place, &target, made)),
        Ok(true) | Err(_) => process.world.put(&place, &target, made),
    };
    if let Err(error) = put {
        process.complain(format!("tar: {rest}: Cannot open: {error}"));
        return Ok(false);
    }
    Ok(true)
}
