//! `cmp` and `diff`.

use super::super::process::{Process, Stream, Unsimulated};
use super::super::tree::{Kind, Node};
use super::flags::Spec;
use super::{Done, Halt};

/// Two contents are the same.
fn same(left: &Stream, right: &Stream) -> bool {
    match (left.as_blob(), right.as_blob()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

const CMP: Spec = Spec {
    program: "cmp",
    options: &["s,quiet,silent", "!b,print-bytes", "!i,ignore-initial=", "!l,verbose", "!n,bytes="],
    usage: 2,
    stops: false,
};

/// `cmp`
pub fn cmp(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = CMP.read(process, arguments)?;
    let (left, right) = match told.operands.as_slice() {
        [left] => (left.clone(), "-".to_owned()),
        [left, right] => (left.clone(), right.clone()),
        _ => return Err(Unsimulated("`cmp` of other than two files".to_owned()).into()),
    };
    let mut contents = Vec::new();
    for file in [&left, &right] {
        if file == "-" {
            contents.push(std::mem::take(&mut process.stdin));
            continue;
        }
        match process.read(file)? {
            Ok(content) => contents.push(content),
            Err(error) => {
                if !told.has("s") {
                    process.complain(format!("cmp: {file}: {error}"));
                }
                return Ok(2);
            }
        }
    }
    process.transfer(contents[0].bytes().saturating_mul(2), 400);
    if same(&contents[0], &contents[1]) {
        return Ok(0);
    }
    if told.has("s") {
        return Ok(1);
    }
    let (one, other) = (&contents[0], &contents[1]);
    if one.has_blob() || other.has_blob() {
        // Where the first difference is, nobody knows.
        process.say(format!("{left} {right} differ: char 1, line 1"));
        return Ok(1);
    }
    let (one, other) = (one.to_text(), other.to_text());
    if let Some(at) = one.bytes().zip(other.bytes()).position(|(a, b)| a != b) {
        let line = String::from_utf8_lossy(&one.as_bytes()[..at]).matches('\n').count() + 1;
        process.say(format!("{left} {right} differ: char {}, line {line}", at + 1));
    } else {
        let (short, text) = if one.len() < other.len() { (&left, &one) } else { (&right, &other) };
        let place = match (text.is_empty(), text.matches('\n').count()) {
            (true, _) => "which is empty".to_owned(),
            (false, lines) if text.ends_with('\n') => format!("after byte {}, line {lines}", text.len()),
            (false, lines) => format!("after byte {}, in line {}", text.len(), lines + 1),
        };
        process.complain(format!("cmp: EOF on {short} {place}"));
    }
    Ok(1)
}

const DIFF: Spec = Spec {
    program: "diff",
    options: &[
        "q,brief",
        "r,recursive",
        "s,report-identical-files",
        "N,new-file",
        "no-dereference",
        "!x,exclude=",
        "!w",
        "!b",
        "!B",
        "!i",
        "!y",
        "u,unified=?",
        "!U=",
        "!c",
        "!C=",
    ],
    usage: 2,
    stops: false,
};

/// `diff`
pub fn diff(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = DIFF.read(process, arguments)?;
    let [left, right] = told.operands.as_slice() else {
        return Err(Unsimulated("`diff` of other than two files".to_owned()).into());
    };
    let mut trees = Vec::new();
    for file in [left, right] {
        if file == "-" {
            let content = std::mem::take(&mut process.stdin);
            trees.push(process.owned(super::content::as_kind(&content)?));
            continue;
        }
        match process.tree(file, true) {
            Ok(tree) => trees.push(tree),
            Err(error) => {
                process.complain(format!("diff: {file}: {error}"));
                return Ok(2);
            }
        }
    }
    process.transfer(trees[0].total().saturating_mul(2), 300);
    if trees[0].is_directory() != trees[1].is_directory() {
        return Err(Unsimulated("`diff` of a file and a directory".to_owned()).into());
    }
    let how = (told.has("q"), told.has("r"), told.has("N"));
    let mut found = Vec::new();
    let differs = compare((left, &trees[0]), (right, &trees[1]), how, &mut found)?;
    for line in found {
        process.say(line);
    }
    Ok(i32::from(differs))
}

fn compare(
    (left, one): (&str, &Node),
    (right, other): (&str, &Node),
    how: (bool, bool, bool),
    found: &mut Vec<String>,
) -> Result<bool, Halt> {
    let (brief, recursive, new) = how;
    if !one.is_directory() || !other.is_directory() {
        let same = match (&one.kind, &other.kind) {
            (Kind::Blob(one), Kind::Blob(other)) => one == other,
            (one, other) => one == other,
        };
        if same {
            return Ok(false);
        }
        if !brief {
            return Err(Unsimulated("`diff` of files that differ, without -q".to_owned()).into());
        }
        found.push(format!("Files {left} and {right} differ"));
        return Ok(true);
    }
    let mut differs = false;
    let mut names: Vec<&String> = one.entries().chain(other.entries()).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    for name in names {
        match (one.child(name), other.child(name)) {
            (Some(a), Some(b)) if a.is_directory() && b.is_directory() && !recursive => {
                found.push(format!("Common subdirectories: {left}/{name} and {right}/{name}"));
            }
            (Some(a), Some(b)) => {
                let below = (format!("{left}/{name}"), format!("{right}/{name}"));
                differs |= compare((&below.0, a), (&below.1, b), how, found)?;
            }
            (Some(_), None) | (None, Some(_)) if new => return Err(Unsimulated("`diff -N`".to_owned()).into()),
            (Some(_), None) => {
                found.push(format!("Only in {left}: {name}"));
                differs = true;
            }
            (None, _) => {
                found.push(format!("Only in {right}: {name}"));
                differs = true;
            }
        }
    }
    Ok(differs)
}
