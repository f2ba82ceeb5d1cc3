//! `tar`: creates, lists and extracts archives, compressed by `gzip` or not.

mod create;
mod extract;

use std::sync::Arc;

use super::super::blob::{Blob, Holds};
use super::super::process::{Process, Stream, Unsimulated};
use super::super::tree::Node;
use super::gzip::{prove, unwrapped};
use super::{Done, Halt};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Create,
    List,
    Extract,
}

/// What it was told.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
struct Told {
    mode: Option<Mode>,
    gzip: bool,
    verbose: bool,
    /// `-`: standard input or output.
    file: Option<String>,
    /// Members, each with the directory it is seen from.
    members: Vec<(String, String)>,
    /// The last `-C`.
    dir: String,
    strip: usize,
    keep: bool,
    absolute: bool,
    /// `-O`
    to_stdout: bool,
    excludes: Vec<super::super::shell::Pattern>,
    ignores_failed: bool,
}

/// A directory that no member stands for, but only members below it.
const IMPLIED: u32 = 1 << 31;

/// Megabytes a second.
const SPEED: u64 = 250;

/// `tar`
pub fn tar(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = read(process, arguments)?;
    match told.mode {
        Some(Mode::Create) => create::create(process, &told),
        Some(mode) => {
            let Some(archive) = open(process, &told)? else { return Ok(2) };
            extract::extract(process, &told, mode, &archive)
        }
        None => {
            process.complain("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
            process.complain("Try 'tar --help' or 'tar --usage' for more information.");
            Ok(2)
        }
    }
}

fn read(process: &mut Process<'_>, arguments: &[String]) -> Result<Told, Halt> {
    let mut told = Told { dir: ".".to_owned(), ..Told::default() };
    let mut rest = arguments.iter().cloned().collect::<std::collections::VecDeque<_>>();
    let mut first = true;
    while let Some(argument) = rest.pop_front() {
        let bundle = first && !argument.starts_with('-');
        first = false;
        if let Some(long) = argument.strip_prefix("--") {
            long_option(&mut told, long, &mut rest)?;
        } else if bundle || (argument.len() > 1 && argument.starts_with('-')) {
            letters(process, &mut told, argument.trim_start_matches('-'), &mut rest, bundle)?;
        } else {
            told.members.push((told.dir.clone(), argument));
        }
    }
    Ok(told)
}

type Rest = std::collections::VecDeque<String>;

fn letters(
    process: &mut Process<'_>,
    told: &mut Told,
    letters: &str,
    rest: &mut Rest,
    bundle: bool,
) -> Result<(), Halt> {
    for (at, letter) in letters.char_indices() {
        let behind = &letters[at + letter.len_utf8()..];
        match letter {
            'c' => told.mode = Some(Mode::Create),
            't' => told.mode = Some(Mode::List),
            'x' => told.mode = Some(Mode::Extract),
            'z' => told.gzip = true,
            'v' => told.verbose = true,
            'k' => told.keep = true,
            'P' => told.absolute = true,
            'O' => told.to_stdout = true,
            // What is kept anyway, or cannot be seen.
            'p' | 'S' | 'a' | 'm' | 'o' | 'B' | 's' => {}
            'f' | 'C' => {
                let inside = !bundle && !behind.is_empty();
                let value = if inside { Some(behind.to_owned()) } else { rest.pop_front() };
                let Some(value) = value else {
                    process.complain(format!("tar: option requires an argument -- '{letter}'"));
                    process.complain("Try 'tar --help' or 'tar --usage' for more information.");
                    return Err(Halt::Exit(64));
                };
                if letter == 'f' {
                    told.file = Some(value);
                } else {
                    change_dir(told, &value);
                }
                if inside {
                    return Ok(());
                }
            }
            'A' | 'd' | 'r' | 'u' | 'j' | 'J' | 'Z' | 'h' | 'w' | 'T' | 'X' | 'b' | 'g' | 'i' | 'l' | 'L' | 'M'
            | 'n' | 'N' | 'R' | 'U' | 'V' | 'W' | 'G' | 'H' | 'I' | 'K' | 'F' => {
                return Err(Unsimulated(format!("`tar -{letter}`")).into());
            }
            letter => {
                process.complain(format!("tar: invalid option -- '{letter}'"));
                process.complain("Try 'tar --help' or 'tar --usage' for more information.");
                return Err(Halt::Exit(64));
            }
        }
    }
    Ok(())
}

fn change_dir(told: &mut Told, dir: &str) {
    told.dir = if dir.starts_with('/') || told.dir == "." { dir.to_owned() } else { format!("{}/{dir}", told.dir) };
}

fn long_option(told: &mut Told, long: &str, rest: &mut Rest) -> Result<(), Halt> {
    let (name, given) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
    let mut value = || given.clone().or_else(|| rest.pop_front()).unwrap_or_default();
    match name {
        "create" => told.mode = Some(Mode::Create),
        "list" => told.mode = Some(Mode::List),
        "extract" | "get" => told.mode = Some(Mode::Extract),
        "gzip" | "gunzip" => told.gzip = true,
        "verbose" => told.verbose = true,
        "file" => told.file = Some(value()),
        "directory" => {
            let dir = value();
            change_dir(told, &dir);
        }
        "strip-components" => {
            let count = value();
            told.strip = count.parse().map_err(|_| Unsimulated(format!("`tar --strip-components={count}`")))?;
        }
        "exclude" => {
            let pattern = value();
            told.excludes.push(super::super::shell::Pattern::new(&pattern));
        }
        "keep-old-files" => told.keep = true,
        "absolute-names" => told.absolute = true,
        "to-stdout" => told.to_stdout = true,
        "ignore-failed-read" => told.ignores_failed = true,
        "numeric-owner"
        | "same-owner"
        | "preserve-permissions"
        | "same-permissions"
        | "sparse"
        | "xattrs"
        | "acls"
        | "selinux"
        | "one-file-system"
        | "auto-compress"
        | "warning"
        | "format"
        | "no-same-owner"
        | "overwrite"
        | "sort" => {
            if matches!(name, "no-same-owner" | "overwrite") {
                return Err(Unsimulated(format!("`tar --{name}`")).into());
            }
        }
        name => return Err(Unsimulated(format!("`tar --{name}`")).into()),
    }
    Ok(())
}

/// An archive that can be read.
struct Open {
    tree: Arc<Node>,
    /// Its end is not there.
    cut: bool,
}

/// Reads the archive; none: it is not one, which has been said.
fn open(process: &mut Process<'_>, told: &Told) -> Result<Option<Open>, Halt> {
    let file = told.file.as_deref().unwrap_or("-").to_owned();
    let content = if file == "-" {
        std::mem::take(&mut process.stdin)
    } else {
        match process.read(&file)? {
            Ok(content) => content,
            Err(error) => {
                process.complain(format!("tar: {file}: Cannot open: {error}"));
                process.complain("tar: Error is not recoverable: exiting now");
                return Ok(None);
            }
        }
    };
    if content.is_empty() {
        return Ok(Some(Open { tree: Arc::new(Node::directory(process.world.now())), cut: false }));
    }
    let Some(mut blob) = content.as_blob().map(Arc::clone) else {
        if content.has_blob() {
            return Err(Unsimulated("several archives in one".to_owned()).into());
        }
        no_archive(process, told.gzip);
        return Ok(None);
    };
    process.transfer(blob.bytes, SPEED);
    let mut cut = !blob.whole;
    let whole = Arc::clone(&blob);
    if let Holds::Gzip(of) = &whole.holds {
        if file == "-" && !told.gzip {
            process.complain("tar: Archive is compressed. Use -z option");
            process.complain("tar: Error is not recoverable: exiting now");
            return Ok(None);
        }
        blob = Arc::clone(of);
        if cut {
            process.complain("\ngzip: stdin: unexpected end of file");
        }
        cut |= !blob.whole;
    } else if told.gzip {
        no_archive(process, true);
        return Ok(None);
    }
    let Holds::Archive(tree) = &blob.holds else {
        no_archive(process, false);
        return Ok(None);
    };
    if !cut {
        prove(process, &whole);
    }
    Ok(Some(Open { tree: Arc::clone(tree), cut }))
}

fn no_archive(process: &mut Process<'_>, gzip: bool) {
    if gzip {
        process.complain("\ngzip: stdin: not in gzip format");
        process.complain("tar: Child returned status 1");
        process.complain("tar: Error is not recoverable: exiting now");
    } else {
        process.complain("tar: This does not look like a tar archive");
        process.complain("tar: Exiting with failure status due to previous errors");
    }
}

/// Members in order: names as they are listed, and what they are.
fn members(tree: &Node) -> Vec<(String, &Node)> {
    let mut found = tree.walk();
    found.remove(0);
    found.retain(|(_, node)| node.mode & IMPLIED == 0);
    for (name, node) in &mut found {
        if node.is_directory() {
            name.push('/');
        }
    }
    found
}

/// Bytes that an archive takes.
fn size(tree: &Node) -> u64 {
    let members = members(tree);
    let sizes =
        members.iter().map(|(_, node)| if node.is_file() { 512 + node.size().next_multiple_of(512) } else { 512 });
    (sizes.sum::<u64>() + 1024).next_multiple_of(10_240)
}

/// A new archive as a stream.
fn pack(process: &mut Process<'_>, tree: Node, gzip: bool) -> Stream {
    let bytes = size(&tree);
    let id = process.world.dice.roll();
    let archive = Arc::new(Blob { id, bytes, whole: true, holds: Holds::Archive(Arc::new(tree)) });
    process.transfer(bytes, if gzip { 40 } else { SPEED });
    if !gzip {
        return unwrapped(&archive);
    }
    let id = process.world.dice.roll();
    Stream::blob(Arc::new(Blob { id, bytes: bytes / 4 + 30, whole: true, holds: Holds::Gzip(archive) }))
}
