//! Programs that make things: `mkdir`, `rmdir`, `touch`, `ln`, `install`, `mktemp`, `truncate`.

use super::super::process::{Process, Stream, Unsimulated};
use super::super::tree::{FileError, Kind, Map, Node, parts, split};
use super::flags::Spec;
use super::mode::Mode;
use super::{Done, clock, copy};

/// `mkdir`
pub fn mkdir(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const MKDIR: Spec = Spec {
        program: "mkdir",
        options: &["p,parents", "m,mode=", "v,verbose", "!Z,context=?"],
        usage: 1,
        stops: false,
    };
    let told = MKDIR.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(MKDIR.missing_operand(process));
    }
    let mode = match told.value("m").map(Mode::new) {
        None => None,
        Some(Some(mode)) => Some(mode.apply(0o777, true, process.umask)),
        Some(None) => {
            let text = told.value("m").unwrap_or_default().to_owned();
            process.complain(format!("mkdir: invalid mode '{text}'"));
            return Ok(1);
        }
    };
    let mut status = 0;
    for path in &told.operands {
        let outcome = if told.has("p") { directories(process, path) } else { directory(process, path) };
        match outcome {
            Ok(is_new) => {
                if let (true, Some(bits)) = (is_new, mode) {
                    let (place, whole) = (process.place.clone(), process.path(path));
                    if let Ok(node) = process.world.node_mut(&place, &whole) {
                        node.mode = bits;
                    }
                }
                if is_new && told.has("v") {
                    process.say(format!("mkdir: created directory '{path}'"));
                }
            }
            Err(error) => {
                process.complain(format!("mkdir: cannot create directory '{path}': {error}"));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// Makes one directory.
fn directory(process: &mut Process<'_>, path: &str) -> Result<bool, FileError> {
    if path.is_empty() {
        return Err(FileError::NotFound);
    }
    if process.link_node(path.trim_end_matches('/')).is_ok() || process.path(path) == "/" {
        return Err(FileError::Exists);
    }
    let node = process.owned(Kind::Directory(Map::new_sync()));
    let (place, whole) = (process.place.clone(), process.path(path));
    process.world.put(&place, &whole, node).map(|()| true)
}

/// Makes a directory and those above it; true: it was not there.
pub fn directories(process: &mut Process<'_>, path: &str) -> Result<bool, FileError> {
    if path.is_empty() {
        return Err(FileError::NotFound);
    }
    let whole = process.path(path);
    let (place, mut at, mut made) = (process.place.clone(), String::new(), false);
    for part in parts(&whole) {
        at = format!("{at}/{part}");
        match process.world.node(&place, &at) {
            Ok(node) if node.is_directory() => {}
            Ok(_) if at == whole => return Err(FileError::Exists),
            Ok(_) => return Err(FileError::NotADirectory),
            Err(FileError::NotFound) => {
                // A link that leads nowhere is in the way.
                if process.world.link_node(&place, &at).is_ok() {
                    return Err(FileError::Exists);
                }
                let node = process.owned(Kind::Directory(Map::new_sync()));
                process.world.put(&place, &at, node)?;
                made = true;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

/// `rmdir`
pub fn rmdir(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const RMDIR: Spec = Spec {
        program: "rmdir",
        options: &["p,parents", "v,verbose", "ignore-fail-on-non-empty"],
        usage: 1,
        stops: false,
    };
    let told = RMDIR.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(RMDIR.missing_operand(process));
    }
    let mut status = 0;
    for operand in &told.operands {
        let mut path = operand.trim_end_matches('/');
        loop {
            let removed = match process.link_node(path) {
                Ok(node) if !node.is_directory() => Err(FileError::NotADirectory),
                Ok(node) if node.entries().next().is_some() => Err(FileError::NotEmpty),
                Ok(_) => {
                    let (place, whole) = (process.place.clone(), process.path(path));
                    process.world.remove(&place, &whole).map(drop)
                }
                Err(error) => Err(error),
            };
            match removed {
                Ok(()) => {}
                Err(FileError::NotEmpty) if told.has("ignore-fail-on-non-empty") => break,
                Err(error) => {
                    process.complain(format!("rmdir: failed to remove '{path}': {error}"));
                    status = 1;
                    break;
                }
            }
            match split(path) {
                (dir, _) if told.has("p") && !dir.is_empty() => path = dir,
                _ => break,
            }
        }
    }
    Ok(status)
}

/// `touch`
pub fn touch(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const TOUCH: Spec = Spec {
        program: "touch",
        options: &["c,no-create", "d,date=", "r,reference=", "m", "a", "t=", "h,no-dereference", "!time="],
        usage: 1,
        stops: false,
    };
    let told = TOUCH.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(TOUCH.missing_operand(process));
    }
    let now = process.world.now();
    let at = if let Some(reference) = told.value("r") {
        match process.node(reference) {
            Ok(node) => node.modified,
            Err(error) => {
                let message = format!("touch: failed to get attributes of '{reference}': {error}");
                process.complain(message);
                return Ok(1);
            }
        }
    } else if let Some(text) = told.value("d") {
        clock::moment(now, text).ok_or_else(|| Unsimulated(format!("`touch -d '{text}'`")))?
    } else if let Some(text) = told.value("t") {
        stamp(text).ok_or_else(|| Unsimulated(format!("`touch -t {text}`")))?
    } else {
        now
    };
    let mut status = 0;
    for file in &told.operands {
        let exists = process.node(file).is_ok();
        if !exists && told.has("c") {
            continue;
        }
        let made = if exists { Ok(()) } else { process.write(file, &Stream::default(), true)? };
        if let Err(error) = made {
            process.complain(format!("touch: cannot touch '{file}': {error}"));
            status = 1;
            continue;
        }
        let (place, whole) = (process.place.clone(), process.path(file));
        let touched = process.world.node_mut(&place, &whole).map(|node| node.modified = at);
        if let Err(error) = touched {
            process.complain(format!("touch: cannot touch '{file}': {error}"));
            status = 1;
        }
    }
    Ok(status)
}

/// `[[CC]YY]MMDDhhmm[.ss]`, with its year.
fn stamp(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let text = if text.len() == 12 || text.len() == 15 { text.to_owned() } else { format!("20{text}") };
    let form = if text.contains('.') { "%Y%m%d%H%M.%S" } else { "%Y%m%d%H%M" };
    chrono::NaiveDateTime::parse_from_str(&text, form).ok().map(|time| time.and_utc())
}

/// `ln`
pub fn ln(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const LN: Spec = Spec {
        program: "ln",
        options: &[
            "s,symbolic",
            "f,force",
            "n,no-dereference",
            "T,no-target-directory",
            "t,target-directory=",
            "v,verbose",
            "!r,relative",
            "!b",
            "!i",
            "!L",
            "!P",
            "!S=",
        ],
        usage: 1,
        stops: false,
    };
    let told = LN.read(process, arguments)?;
    if !told.has("s") {
        return Err(Unsimulated("hard links (`ln` without -s)".to_owned()).into());
    }
    let into = |dir: &str, target: &str| format!("{}/{}", dir.trim_end_matches('/'), split(target).1);
    let pairs: Vec<(String, String)> = match (told.value("t"), told.operands.as_slice()) {
        (Some(dir), targets) => targets.iter().map(|target| (target.clone(), into(dir, target))).collect(),
        (None, []) => return Err(LN.missing_operand(process)),
        (None, [target]) => vec![(target.clone(), split(target).1.to_owned())],
        (None, [target, name]) => {
            let found = if told.has("n") { process.link_node(name) } else { process.node(name) };
            let is_dir = !told.has("T") && found.is_ok_and(Node::is_directory);
            vec![(target.clone(), if is_dir { into(name, target) } else { name.clone() })]
        }
        (None, [targets @ .., dir]) => targets.iter().map(|target| (target.clone(), into(dir, target))).collect(),
    };
    let mut status = 0;
    for (target, name) in pairs {
        let (place, whole) = (process.place.clone(), process.path(&name));
        let made = match process.world.link_node(&place, &whole).map(Node::is_directory) {
            Ok(true) => Err(FileError::Exists),
            Ok(false) if !told.has("f") => Err(FileError::Exists),
            Ok(false) => process.world.remove(&place, &whole).map(drop),
            Err(_) => Ok(()),
        };
        let node = Node { mode: 0o777, ..process.owned(Kind::Link(target.clone())) };
        if let Err(error) = made.and_then(|()| process.world.put(&place, &whole, node)) {
            process.complain(format!("ln: failed to create symbolic link '{name}': {error}"));
            status = 1;
        } else if told.has("v") {
            process.say(format!("'{name}' -> '{target}'"));
        }
    }
    Ok(status)
}

/// `install`
pub fn install(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const INSTALL: Spec = Spec {
        program: "install",
        options: &[
            "d,directory",
            "o,owner=",
            "g,group=",
            "m,mode=",
            "D",
            "T,no-target-directory",
            "t,target-directory=",
            "v,verbose",
            "p,preserve-timestamps",
            "c",
            "!b",
            "!C,compare",
            "!s,strip",
            "!S=",
        ],
        usage: 1,
        stops: false,
    };
    let told = INSTALL.read(process, arguments)?;
    let uid = told.value("o").map(|name| name.parse().ok().or_else(|| process.user_number(name)));
    let gid = told.value("g").map(|name| name.parse().ok().or_else(|| process.group_number(name)));
    for (number, key, what) in [(uid, "o", "user"), (gid, "g", "group")] {
        if number == Some(None) {
            process.complain(format!("install: invalid {what} '{}'", told.value(key).unwrap_or_default()));
            return Ok(1);
        }
    }
    let (uid, gid) = (uid.flatten(), gid.flatten());
    let Some(mode) = Mode::new(told.value("m").unwrap_or("755")) else {
        process.complain(format!("install: invalid mode '{}'", told.value("m").unwrap_or_default()));
        return Ok(1);
    };
    let mode = mode.apply(0, told.has("d"), 0);
    let own = |process: &mut Process<'_>, path: &str| {
        let (place, whole) = (process.place.clone(), process.path(path));
        if let Ok(node) = process.world.node_mut(&place, &whole) {
            node.mode = mode;
            node.uid = uid.unwrap_or(node.uid);
            node.gid = gid.unwrap_or(node.gid);
        }
    };
    if told.operands.is_empty() {
        process.complain("install: missing file operand");
        process.complain("Try 'install --help' for more information.");
        return Ok(1);
    }
    let mut status = 0;
    if told.has("d") {
        for path in &told.operands {
            match directories(process, path) {
                Ok(_) => own(process, path),
                Err(error) => {
                    process.complain(format!("install: cannot create directory '{path}': {error}"));
                    status = 1;
                }
            }
        }
        return Ok(status);
    }
    let Some((pairs, _)) = copy::pairs(process, "install", &told)? else { return Ok(1) };
    for (from, to) in pairs {
        if told.has("D") {
            let dir = split(&process.path(&to)).0.to_owned();
            let _ = directories(process, if dir.is_empty() { "/" } else { &dir });
        }
        let written = match process.read(&from)? {
            Ok(content) => process.write(&to, &content, false)?,
            Err(error) => {
                process.complain(format!("install: cannot stat '{from}': {error}"));
                status = 1;
                continue;
            }
        };
        match written {
            Ok(()) => own(process, &to),
            Err(error) => {
                process.complain(format!("install: cannot create regular file '{to}': {error}"));
                status = 1;
            }
        }
    }
    Ok(status)
}

/// `mktemp`
pub fn mktemp(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const MKTEMP: Spec = Spec {
        program: "mktemp",
        options: &["d,directory", "p,tmpdir=?", "t", "q,quiet", "u,dry-run", "!suffix="],
        usage: 1,
        stops: false,
    };
    // `-p DIR` takes the next word, `--tmpdir` does not.
    let mut words: Vec<String> = arguments.to_vec();
    if let Some(at) = words.iter().position(|word| word == "-p")
        && at + 1 < words.len()
    {
        let dir = words.remove(at + 1);
        words[at] = format!("--tmpdir={dir}");
    }
    let told = MKTEMP.read(process, &words)?;
    let template = told.operands.first().cloned();
    let in_tmp = template.is_none() || told.has("p") || told.has("t");
    let template = template.unwrap_or_else(|| "tmp.XXXXXXXXXX".to_owned());
    let stem = template.trim_end_matches('X');
    let missing = template.len() - stem.len();
    if missing < 3 {
        process.complain(format!("mktemp: too few X's in template '{template}'"));
        return Ok(1);
    }
    let name = format!("{stem}{}", process.world.dice.hex(missing));
    let tmp = process.env.get("TMPDIR").cloned().unwrap_or_else(|| "/tmp".to_owned());
    let path = if in_tmp { format!("{}/{name}", told.value("p").unwrap_or(&tmp)) } else { name };
    let mut node = if told.has("d") {
        process.owned(Kind::Directory(Map::new_sync()))
    } else {
        process.owned(Kind::Text("".into()))
    };
    node.mode = if told.has("d") { 0o700 } else { 0o600 };
    let (place, whole) = (process.place.clone(), process.path(&path));
    if !told.has("u")
        && let Err(error) = process.world.put(&place, &whole, node)
    {
        let what = if told.has("d") { "directory" } else { "file" };
        process.complain(format!("mktemp: failed to create {what} via template '{template}': {error}"));
        return Ok(1);
    }
    process.say(path);
    Ok(0)
}

/// `truncate`
pub fn truncate(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const TRUNCATE: Spec = Spec {
        program: "truncate",
        options: &["s,size=", "c,no-create", "!r,reference=", "!o"],
        usage: 1,
        stops: false,
    };
    let told = TRUNCATE.read(process, arguments)?;
    if told.value("s") != Some("0") {
        return Err(Unsimulated("`truncate` to another size than 0".to_owned()).into());
    }
    let mut status = 0;
    for file in &told.operands {
        if told.has("c") && process.node(file).is_err() {
            continue;
        }
        if let Err(error) = process.write(file, &Stream::default(), false)? {
            process.complain(format!("truncate: cannot open '{file}' for writing: {error}"));
            status = 1;
        }
    }
    Ok(status)
}
