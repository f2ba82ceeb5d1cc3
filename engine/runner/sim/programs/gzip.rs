//! `gzip`, `gunzip`, `zcat`.

use std::sync::Arc;

use super::super::blob::{Blob, Holds};
use super::super::process::{Chunk, Process, Stream, Unsimulated};
use super::super::tree::{Kind, Node};
use super::flags::{Spec, Told};
use super::{Done, Halt};

/// Megabytes a second that are compressed, and that come out again.
const PACKS: u64 = 40;
const UNPACKS: u64 = 250;

const GZIP: Spec = Spec {
    program: "gzip",
    options: &[
        "d,decompress,uncompress",
        "c,stdout,to-stdout",
        "t,test",
        "k,keep",
        "f,force",
        "q,quiet",
        "v,verbose",
        "n,no-name",
        "N,name",
        "1,fast",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9,best",
        "!l,list",
        "!r,recursive",
        "!S,suffix=",
        "!rsyncable",
    ],
    usage: 1,
    stops: false,
};

/// `gzip`
pub fn gzip(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = GZIP.read(process, arguments)?;
    let unpacks = told.has("d");
    work(process, &told, unpacks, told.has("c"))
}

/// `gunzip`
pub fn gunzip(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = GZIP.read(process, arguments)?;
    work(process, &told, true, told.has("c"))
}

/// `zcat`
pub fn zcat(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = GZIP.read(process, arguments)?;
    work(process, &told, true, true)
}

fn work(process: &mut Process<'_>, told: &Told, unpacks: bool, to_stdout: bool) -> Done {
    let here = ["-".to_owned()];
    let operands = if told.operands.is_empty() { &here } else { told.operands.as_slice() };
    let mut status = 0;
    for operand in operands {
        let content = if operand == "-" {
            std::mem::take(&mut process.stdin)
        } else {
            match process.read(operand)? {
                Ok(content) => content,
                Err(super::super::tree::FileError::IsADirectory) => {
                    process.complain(format!("gzip: {operand} is a directory -- ignored"));
                    status = 2.max(status);
                    continue;
                }
                Err(error) => {
                    process.complain(format!("gzip: {operand}: {error}"));
                    status = 1;
                    continue;
                }
            }
        };
        let name = if operand == "-" { "stdin" } else { operand };
        if told.has("t") {
            status |= i32::from(unpack(process, name, &content)?.1 != 0);
            continue;
        }
        let in_place = operand != "-" && !to_stdout;
        let target = if in_place { renamed(process, operand, unpacks) } else { None };
        if in_place && target.is_none() {
            status = 2.max(status);
            continue;
        }
        let (result, code) = if unpacks { unpack(process, name, &content)? } else { (pack(process, &content)?, 0) };
        match target {
            None => {
                process.stdout.extend(result);
                status |= code;
            }
            Some(name) if code == 0 => status |= replace(process, told, operand, &name, &result)?,
            Some(_) => status |= code,
        }
    }
    Ok(status)
}

/// The name of the result; none: the file's own name says that there is nothing to do.
fn renamed(process: &mut Process<'_>, file: &str, unpacks: bool) -> Option<String> {
    match (unpacks, file.strip_suffix(".gz"), file.strip_suffix(".tgz")) {
        (false, None, None) => Some(format!("{file}.gz")),
        (false, ..) => {
            let suffix = if file.strip_suffix(".tgz").is_some() { ".tgz" } else { ".gz" };
            process.complain(format!("gzip: {file} already has {suffix} suffix -- unchanged"));
            None
        }
        (true, Some(name), _) => Some(name.to_owned()),
        (true, None, Some(name)) => Some(format!("{name}.tar")),
        (true, None, None) => {
            process.complain(format!("gzip: {file}: unknown suffix -- ignored"));
            None
        }
    }
}

/// Puts the result in the place of the file.
fn replace(process: &mut Process<'_>, told: &Told, file: &str, name: &str, result: &Stream) -> Done {
    if process.link_node(name).is_ok() && !told.has("f") {
        process.complain(format!("gzip: {name} already exists;\tnot overwritten"));
        return Ok(2);
    }
    let kind = super::content::as_kind(result)?;
    let (place, whole, from) = (process.place.clone(), process.path(name), process.path(file));
    let Ok(before) = process.world.node(&place, &from).cloned() else { return Ok(1) };
    if let Err(error) = process.world.put(&place, &whole, Node { kind, ..before }) {
        process.complain(format!("gzip: {name}: {error}"));
        return Ok(1);
    }
    if !told.has("k")
        && let Err(error) = process.world.remove(&place, &from)
    {
        process.complain(format!("gzip: {file}: {error}"));
        return Ok(1);
    }
    Ok(0)
}

/// What a stream is as one blob: text becomes one.
pub fn wrapped(process: &mut Process<'_>, content: &Stream) -> Result<Arc<Blob>, Unsimulated> {
    match content.0.as_slice() {
        [Chunk::Blob(blob)] => Ok(Arc::clone(blob)),
        _ if content.has_blob() => Err(Unsimulated("text and other content in one stream".to_owned())),
        _ => {
            let text = content.to_text();
            let id = process.world.dice.roll();
            Ok(Arc::new(Blob { id, bytes: text.len() as u64, whole: true, holds: Holds::Text(text.into()) }))
        }
    }
}

/// The content of a blob as a stream: text comes out again.
pub fn unwrapped(blob: &Arc<Blob>) -> Stream {
    match &blob.holds {
        Holds::Text(text) if blob.whole => Stream::text(&**text),
        Holds::Text(text) => {
            let mut half = text.len() / 2;
            while !text.is_char_boundary(half) {
                half -= 1;
            }
            Stream::text(&text[..half])
        }
        _ => Stream::blob(Arc::clone(blob)),
    }
}

fn pack(process: &mut Process<'_>, content: &Stream) -> Result<Stream, Halt> {
    process.transfer(content.bytes(), PACKS);
    let of = wrapped(process, content)?;
    let packed = matches!(of.holds, Holds::Gzip(_) | Holds::Encrypted { .. } | Holds::Dump(_));
    let bytes = if packed { of.bytes + of.bytes / 3_000 } else { of.bytes / 4 } + 30;
    let id = process.world.dice.roll();
    // What goes in cut off comes out as a whole: nothing shows it until the end of what is inside is looked for.
    Ok(Stream::blob(Arc::new(Blob { id, bytes, whole: true, holds: Holds::Gzip(of) })))
}

/// What is inside, as far as it can be read, and the code.
fn unpack(process: &mut Process<'_>, name: &str, content: &Stream) -> Result<(Stream, i32), Halt> {
    let blob = match content.0.as_slice() {
        [Chunk::Blob(blob)] => Arc::clone(blob),
        [] => {
            process.complain(format!("gzip: {name}: unexpected end of file"));
            return Ok((Stream::default(), 1));
        }
        _ if content.has_blob() => return Err(Unsimulated("several compressed files in one".to_owned()).into()),
        _ => {
            process.complain(format!("gzip: {name}: not in gzip format"));
            return Ok((Stream::default(), 1));
        }
    };
    let Holds::Gzip(of) = &blob.holds else {
        process.complain(format!("gzip: {name}: not in gzip format"));
        return Ok((Stream::default(), 1));
    };
    process.transfer(of.bytes, UNPACKS);
    if blob.whole {
        prove(process, &blob);
        return Ok((unwrapped(of), 0));
    }
    process.complain(format!("gzip: {name}: unexpected end of file"));
    Ok((unwrapped(&Arc::new(Blob { whole: false, ..(**of).clone() })), 1))
}

/// A blob, and everything in it, was read to its end. What was damaged before it was put there stays unproved.
pub fn prove(process: &mut Process<'_>, blob: &Blob) {
    if !blob.whole {
        return;
    }
    process.world.prove(blob.id);
    match &blob.holds {
        Holds::Gzip(of) => prove(process, of),
        Holds::Archive(tree) => {
            for (_, node) in tree.walk() {
                if let Kind::Blob(blob) = &node.kind {
                    prove(process, blob);
                }
            }
        }
        _ => {}
    }
}
