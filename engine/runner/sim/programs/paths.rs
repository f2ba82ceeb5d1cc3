//! Programs about names: `basename`, `dirname`, `realpath`, `readlink`, `pwd`.

use super::super::process::Process;
use super::super::tree::{Kind, split};
use super::Done;
use super::flags::Spec;

/// `basename`
pub fn basename(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const BASENAME: Spec =
        Spec { program: "basename", options: &["a,multiple", "s,suffix=", "!z,zero"], usage: 1, stops: true };
    let told = BASENAME.read(process, arguments)?;
    let many = told.has("a") || told.has("s");
    let (names, suffix) = match (told.operands.as_slice(), many) {
        ([], _) => return Err(BASENAME.missing_operand(process)),
        (names, true) => (names, told.value("s").unwrap_or_default().to_owned()),
        ([name], false) => (std::slice::from_ref(name), String::new()),
        ([name, suffix], false) => (std::slice::from_ref(name), suffix.clone()),
        ([_, _, extra, ..], false) => {
            process.complain(format!("basename: extra operand '{extra}'"));
            process.complain("Try 'basename --help' for more information.");
            return Ok(1);
        }
    };
    for name in names {
        let trimmed = name.trim_end_matches('/');
        let last =
            if trimmed.is_empty() && !name.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) };
        let without = last.strip_suffix(suffix.as_str()).filter(|rest| !rest.is_empty());
        process.say(without.unwrap_or(last));
    }
    Ok(0)
}

/// `dirname`
pub fn dirname(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const DIRNAME: Spec = Spec { program: "dirname", options: &["!z,zero"], usage: 1, stops: false };
    let told = DIRNAME.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(DIRNAME.missing_operand(process));
    }
    for name in &told.operands {
        let dir = match split(name) {
            ("", _) if name.starts_with('/') => "/",
            ("", _) => ".",
            (dir, _) => match dir.trim_end_matches('/') {
                "" => "/",
                dir => dir,
            },
        };
        process.say(dir);
    }
    Ok(0)
}

/// `realpath`
pub fn realpath(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const REALPATH: Spec = Spec {
        program: "realpath",
        options: &[
            "e,canonicalize-existing",
            "m,canonicalize-missing",
            "q,quiet",
            "s,strip,no-symlinks",
            "!L",
            "!P",
            "!z",
            "!relative-to=",
            "!relative-base=",
        ],
        usage: 1,
        stops: false,
    };
    let told = REALPATH.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(REALPATH.missing_operand(process));
    }
    let mut status = 0;
    for name in &told.operands {
        let found = if told.has("m") || told.has("s") {
            process.real_path(name).or_else(|_| Ok(process.path(name)))
        } else {
            canonical(process, name, told.has("e"))
        };
        match found {
            Ok(path) => process.say(path),
            Err(error) => {
                status = 1;
                if !told.has("q") {
                    process.complain(format!("realpath: {name}: {error}"));
                }
            }
        }
    }
    Ok(status)
}

/// The path without links; what stands before its last part has to be there, with `whole` that part too.
fn canonical(process: &Process<'_>, name: &str, whole: bool) -> Result<String, super::super::tree::FileError> {
    let path = process.real_path(name)?;
    let (dir, _) = split(&path);
    if !dir.is_empty() {
        process.node(dir)?;
    }
    if whole {
        process.node(&path)?;
    }
    Ok(path)
}

/// `readlink`
pub fn readlink(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const READLINK: Spec = Spec {
        program: "readlink",
        options: &[
            "f,canonicalize",
            "e,canonicalize-existing",
            "m,canonicalize-missing",
            "n,no-newline",
            "q,quiet",
            "s,silent",
            "v,verbose",
            "!z,zero",
        ],
        usage: 1,
        stops: false,
    };
    let told = READLINK.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(READLINK.missing_operand(process));
    }
    let mut status = 0;
    for name in &told.operands {
        let found = match told.last(&["f", "e", "m"]) {
            Some("m") => process.real_path(name).ok().or_else(|| Some(process.path(name))),
            Some(key) => canonical(process, name, key == "e").ok(),
            None => match process.link_node(name).map(|node| &node.kind) {
                Ok(Kind::Link(to)) => Some(to.clone()),
                _ => None,
            },
        };
        match found {
            Some(path) if told.has("n") => process.stdout.push(&path),
            Some(path) => process.say(path),
            None => status = 1,
        }
    }
    Ok(status)
}

/// `pwd`
#[expect(clippy::unnecessary_wraps, reason = "a program")]
pub fn pwd(process: &mut Process<'_>, _arguments: &[String]) -> Done {
    let path = process.real_path(".").unwrap_or_else(|_| process.cwd.clone());
    process.say(path);
    Ok(0)
}
