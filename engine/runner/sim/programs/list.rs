//! `ls` and `stat`, and how modes are written.

use super::super::process::{Process, Unsimulated};
use super::super::tree::{Kind, Node};
use super::clock;
use super::flags::{Spec, Told};
use super::{Done, Halt};

/// `-rw-r--r--`
pub fn mode_text(node: &Node) -> String {
    let kind = match node.kind {
        Kind::Directory(_) => 'd',
        Kind::Text(_) | Kind::Blob(_) => '-',
        Kind::Link(_) => 'l',
        Kind::Device(_) => 'b',
    };
    let mut text = String::from(kind);
    for (shift, special, sign) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = node.mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (bits & 1 != 0, node.mode & special != 0) {
            (true, true) => sign,
            (false, true) => sign.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

const LS: Spec = Spec {
    program: "ls",
    options: &[
        "a,all",
        "A,almost-all",
        "1",
        "l",
        "d,directory",
        "t",
        "r,reverse",
        "S",
        "n,numeric-uid-gid",
        "h,human-readable",
        "L,dereference",
        "p",
        "U",
        "f",
        "v",
        "color=?",
        "time-style=",
        "full-time",
        "!R,recursive",
        "!F,classify=?",
        "!i,inode",
        "!s,size",
        "!g",
        "!o",
        "!G",
        "!x",
        "!C",
        "!m",
        "!c",
        "!u",
        "!k",
        "!q",
        "!b",
        "!Q",
        "!N",
        "!X",
        "!Z",
        "!w=",
        "!T=",
        "!I=",
        "!sort=",
        "!time=",
        "!format=",
    ],
    usage: 2,
    stops: false,
};

/// `ls`
pub fn ls(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = LS.read(process, arguments)?;
    if let Some(key) = ["f", "v", "full-time", "time-style"].into_iter().find(|key| told.has(key)) {
        return Err(Unsimulated(format!("`ls -{key}`")).into());
    }
    let here = [".".to_owned()];
    let operands = if told.operands.is_empty() { &here } else { told.operands.as_slice() };
    let (mut files, mut directories, mut status) = (Vec::new(), Vec::new(), 0);
    for operand in operands {
        match process.tree(operand, !told.has("d") && (!told.has("l") || told.has("L"))) {
            Ok(node) if node.is_directory() && !told.has("d") => directories.push((operand.clone(), node)),
            Ok(node) => files.push((operand.clone(), node)),
            Err(error) => {
                process.complain(format!("ls: cannot access '{operand}': {error}"));
                status = 2;
            }
        }
    }
    print(process, &told, files.clone(), false);
    let titles = operands.len() > 1;
    directories.sort_by(|left, right| left.0.cmp(&right.0));
    for (at, (name, node)) in directories.into_iter().enumerate() {
        if titles {
            let gap = if at > 0 || !files.is_empty() { "\n" } else { "" };
            process.say(format!("{gap}{name}:"));
        }
        let mut entries = Vec::new();
        if told.has("a") {
            entries.push((".".to_owned(), node.clone()));
            let above = process.tree(&format!("{name}/.."), true).unwrap_or_else(|_| node.clone());
            entries.push(("..".to_owned(), above));
        }
        let shows = |name: &str| told.has("a") || told.has("A") || !name.starts_with('.');
        entries.extend(node.entries().filter(|(name, _)| shows(name)).map(|(name, node)| (name.clone(), node.clone())));
        print(process, &told, entries, true);
    }
    Ok(status)
}

fn print(process: &mut Process<'_>, told: &Told, mut entries: Vec<(String, Node)>, is_directory: bool) {
    if told.has("t") {
        entries.sort_by(|left, right| right.1.modified.cmp(&left.1.modified).then_with(|| left.0.cmp(&right.0)));
    } else if told.has("S") {
        entries.sort_by(|left, right| right.1.size().cmp(&left.1.size()).then_with(|| left.0.cmp(&right.0)));
    } else {
        entries.sort_by(|left, right| left.0.cmp(&right.0));
    }
    if told.has("r") {
        entries.reverse();
    }
    if !told.has("l") && !told.has("n") {
        for (name, node) in entries {
            let slash = if told.has("p") && node.is_directory() { "/" } else { "" };
            process.say(format!("{name}{slash}"));
        }
        return;
    }
    if is_directory {
        let blocks: u64 = entries.iter().map(|(_, node)| super::usage::blocks(node)).sum();
        process.say(format!("total {}", size(blocks * 1024, told.has("h"))));
    }
    let rows: Vec<[String; 7]> = entries.iter().map(|(name, node)| row(process, told, name, node)).collect();
    let widths: [usize; 4] = [1, 2, 3, 4].map(|at| rows.iter().map(|row| row[at].len()).max().unwrap_or(0));
    for [mode, links, owner, group, size, time, name] in rows {
        let [w1, w2, w3, w4] = widths;
        process.say(format!("{mode} {links:>w1$} {owner:<w2$} {group:<w3$} {size:>w4$} {time} {name}"));
    }
}

fn row(process: &Process<'_>, told: &Told, name: &str, node: &Node) -> [String; 7] {
    let numeric = told.has("n");
    let owner = process.user_name(node.uid).filter(|_| !numeric).unwrap_or_else(|| node.uid.to_string());
    let group = process.group_name(node.gid).filter(|_| !numeric).unwrap_or_else(|| node.gid.to_string());
    let links = 1 + usize::from(node.is_directory()) + node.entries().filter(|(_, below)| below.is_directory()).count();
    let age = process.world.now().signed_duration_since(node.modified);
    let recent = age.num_days() < 182 && age.num_seconds() >= 0;
    let time = clock::format(node.modified, if recent { "%b %e %H:%M" } else { "%b %e  %Y" }).unwrap_or_default();
    let name = match &node.kind {
        Kind::Link(to) => format!("{name} -> {to}"),
        _ => name.to_owned(),
    };
    [mode_text(node), links.to_string(), owner, group, size(node.size(), told.has("h")), time, name]
}

/// Bytes, or with `human` as `4.0K`.
pub fn size(bytes: u64, human: bool) -> String {
    if !human || bytes < 1024 {
        return bytes.to_string();
    }
    let (mut unit, mut scale) = (0, 1024_u64);
    while bytes.div_ceil(scale) >= 1024 && unit < 5 {
        unit += 1;
        scale *= 1024;
    }
    let letter = ["K", "M", "G", "T", "P", "E"][unit];
    let tenths = u128::from(bytes) * 10;
    let tenths = tenths.div_ceil(u128::from(scale));
    if tenths < 100 {
        format!("{}.{}{letter}", tenths / 10, tenths % 10)
    } else {
        format!("{}{letter}", bytes.div_ceil(scale))
    }
}

const STAT: Spec = Spec {
    program: "stat",
    options: &["c,format=", "printf=", "L,dereference", "!f,file-system", "!t,terse", "!cached="],
    usage: 1,
    stops: false,
};

/// `stat`
pub fn stat(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = STAT.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(STAT.missing_operand(process));
    }
    let (format, newline) = match (told.value("c"), told.value("printf")) {
        (Some(format), _) => (format.to_owned(), true),
        (None, Some(format)) => (super::text::unescape(format, false)?.0, false),
        (None, None) => (String::new(), true),
    };
    let mut status = 0;
    for operand in &told.operands {
        let found = if told.has("L") { process.node(operand) } else { process.link_node(operand) };
        match found.cloned() {
            Ok(_) if format.is_empty() => return Err(Unsimulated("`stat` without a format".to_owned()).into()),
            Ok(node) => {
                let text = describe(process, &format, operand, &node)?;
                process.stdout.push(&text);
                if newline {
                    process.stdout.push("\n");
                }
            }
            Err(error) => {
                process.complain(format!("stat: cannot statx '{operand}': {error}"));
                status = 1;
            }
        }
    }
    Ok(status)
}

fn describe(process: &Process<'_>, format: &str, name: &str, node: &Node) -> Result<String, Halt> {
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let seconds = node.modified.timestamp();
        let value = match chars.next() {
            Some('%') | None => "%".to_owned(),
            Some('n') => name.to_owned(),
            Some('s') => node.size().to_string(),
            Some('a') => format!("{:o}", node.mode),
            Some('A') => mode_text(node),
            Some('u') => node.uid.to_string(),
            Some('g') => node.gid.to_string(),
            Some('U') => process.user_name(node.uid).unwrap_or_else(|| "UNKNOWN".to_owned()),
            Some('G') => process.group_name(node.gid).unwrap_or_else(|| "UNKNOWN".to_owned()),
            Some('X' | 'Y' | 'Z') => seconds.to_string(),
            Some('x' | 'y' | 'z') => clock::format(node.modified, "%F %T.%N %z").unwrap_or_default(),
            Some('F') => match &node.kind {
                Kind::Directory(_) => "directory",
                Kind::Link(_) => "symbolic link",
                Kind::Device(_) => "block special file",
                Kind::Text(_) | Kind::Blob(_) if node.size() == 0 => "regular empty file",
                Kind::Text(_) | Kind::Blob(_) => "regular file",
            }
            .to_owned(),
            Some('N') => match &node.kind {
                Kind::Link(to) => format!("'{name}' -> '{to}'"),
                _ => format!("'{name}'"),
            },
            Some(other) => return Err(Unsimulated(format!("`stat -c %{other}`")).into()),
        };
        text.push_str(&value);
    }
    Ok(text)
}
