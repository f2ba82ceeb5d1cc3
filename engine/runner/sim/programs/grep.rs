//! `grep`, `egrep`, `fgrep`.

use std::sync::Arc;

use regex::Regex;

use super::super::process::{Process, Stream, Unsimulated};
use super::super::tree::Node;
use super::content::as_text;
use super::flags::{Spec, Told};
use super::{Done, Halt};

const GREP: Spec = Spec {
    program: "grep",
    options: &[
        "E,extended-regexp",
        "F,fixed-strings",
        "G,basic-regexp",
        "e,regexp=",
        "i,ignore-case,y",
        "v,invert-match",
        "w,word-regexp",
        "x,line-regexp",
        "c,count",
        "l,files-with-matches",
        "L,files-without-match",
        "m,max-count=",
        "o,only-matching",
        "q,quiet,silent",
        "s,no-messages",
        "h,no-filename",
        "H,with-filename",
        "n,line-number",
        "r,recursive",
        "R,dereference-recursive",
        "a,text",
        "A,after-context=",
        "B,before-context=",
        "C,context=",
        "I",
        "color=?",
        "include=",
        "!P,perl-regexp",
        "!f,file=",
        "!z,null-data",
        "!Z,null",
        "!b",
        "!T",
        "!exclude=",
        "!exclude-dir=",
        "!d=",
        "!D=",
        "!U",
        "line-buffered",
    ],
    usage: 2,
    stops: false,
};

struct Search {
    expressions: Vec<Arc<Regex>>,
    invert: bool,
    whole_line: bool,
}

impl Search {
    fn new(told: &Told, patterns: &[String], extended: bool, fixed: bool) -> Result<Option<Self>, Halt> {
        let mut expressions = Vec::new();
        for pattern in patterns.iter().flat_map(|patterns| patterns.split('\n')) {
            let (pattern, extended) =
                if fixed { (regex::escape(pattern), true) } else { (pattern.to_owned(), extended) };
            let pattern = match (told.has("w"), extended) {
                (false, _) => pattern,
                (true, true) => format!("\\b({pattern})\\b"),
                (true, false) => format!("\\b\\({pattern}\\)\\b"),
            };
            match super::regular_expression(&pattern, extended, told.has("i"))? {
                Some(expression) => expressions.push(expression),
                None => return Ok(None),
            }
        }
        Ok(Some(Self { expressions, invert: told.has("v"), whole_line: told.has("x") }))
    }

    fn selects(&self, line: &str) -> bool {
        let found = self.expressions.iter().any(|expression| match (self.whole_line, expression.find(line)) {
            (_, None) => false,
            (false, Some(_)) => true,
            (true, Some(_)) => expression.find_iter(line).any(|found| found.len() == line.len()),
        });
        found != self.invert
    }

    /// The parts of a line that match, from left to right.
    fn parts<'l>(&self, line: &'l str) -> Vec<&'l str> {
        let (mut parts, mut at) = (Vec::new(), 0);
        while let Some(found) = self
            .expressions
            .iter()
            .filter_map(|expression| expression.find_at(line, at))
            .min_by_key(|found| (found.start(), usize::MAX - found.end()))
        {
            if found.is_empty() {
                let Some(next) = line[found.end()..].chars().next() else { break };
                at = found.end() + next.len_utf8();
            } else {
                parts.push(found.as_str());
                at = found.end();
            }
        }
        parts
    }
}

/// `grep`
pub fn grep(process: &mut Process<'_>, arguments: &[String]) -> Done {
    search(process, arguments, false, false)
}

/// `egrep`
pub fn egrep(process: &mut Process<'_>, arguments: &[String]) -> Done {
    search(process, arguments, true, false)
}

/// `fgrep`
pub fn fgrep(process: &mut Process<'_>, arguments: &[String]) -> Done {
    search(process, arguments, false, true)
}

fn search(process: &mut Process<'_>, arguments: &[String], extended: bool, fixed: bool) -> Done {
    let mut told = GREP.read(process, arguments)?;
    let mut patterns = told.values("e");
    if patterns.is_empty() {
        if told.operands.is_empty() {
            process.complain("Usage: grep [OPTION]... PATTERNS [FILE]...");
            process.complain("Try 'grep --help' for more information.");
            return Ok(2);
        }
        patterns.push(told.operands.remove(0));
    }
    let kind = told.last(&["E", "F", "G"]);
    let (extended, fixed) = match kind {
        Some("E") => (true, false),
        Some("F") => (false, true),
        Some(_) => (false, false),
        None => (extended, fixed),
    };
    let Some(search) = Search::new(&told, &patterns, extended, fixed)? else {
        process.complain("grep: invalid regular expression");
        return Ok(2);
    };
    let recursive = told.has("r") || told.has("R");
    let (inputs, errors) = if recursive { below(process, &told)? } else { named(process, &told)? };
    let titles = !told.has("h") && (told.has("H") || recursive || told.operands.len() > 1);
    let mut selected = false;
    for (name, content) in inputs {
        process.transfer(content.bytes(), 300);
        let title = if name == "-" { "(standard input)" } else { &name };
        selected |= one(process, &told, &search, titles.then_some(title), (title, &content))?;
        if selected && told.has("q") {
            return Ok(0);
        }
    }
    Ok(match (errors, selected) {
        (true, _) => 2,
        (false, true) => 0,
        (false, false) => 1,
    })
}

type Inputs = (Vec<(String, Stream)>, bool);

fn named(process: &mut Process<'_>, told: &Told) -> Result<Inputs, Halt> {
    let (mut found, mut errors) = (Vec::new(), false);
    let silent = told.has("s");
    let operands = if told.operands.is_empty() { vec!["-".to_owned()] } else { told.operands.clone() };
    for operand in operands {
        if operand == "-" {
            found.push((operand, std::mem::take(&mut process.stdin)));
            continue;
        }
        if process.node(&operand).is_ok_and(Node::is_directory) {
            process.complain(format!("grep: {operand}: Is a directory"));
            errors = true;
            continue;
        }
        match process.read(&operand)? {
            Ok(content) => found.push((operand, content)),
            Err(error) => {
                errors = true;
                if !silent {
                    process.complain(format!("grep: {operand}: {error}"));
                }
            }
        }
    }
    Ok((found, errors))
}

/// All files below the operands.
fn below(process: &mut Process<'_>, told: &Told) -> Result<Inputs, Halt> {
    let (mut found, mut errors) = (Vec::new(), false);
    let includes: Vec<_> =
        told.values("include").iter().map(|pattern| super::super::shell::Pattern::new(pattern)).collect();
    let is_wanted = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        includes.is_empty() || includes.iter().any(|pattern| pattern.matches(name))
    };
    let bare = told.operands.is_empty();
    for operand in if bare { vec![".".to_owned()] } else { told.operands.clone() } {
        let Ok(tree) = process.tree(&operand, true) else {
            process.complain(format!("grep: {operand}: No such file or directory"));
            errors = true;
            continue;
        };
        for (path, node) in tree.walk() {
            let whole = match (path.as_str(), bare) {
                ("", _) => operand.clone(),
                (path, true) => path.to_owned(),
                (path, false) => format!("{}/{path}", operand.trim_end_matches('/')),
            };
            if node.is_file()
                && is_wanted(&whole)
                && let Ok(content) = process.read(&whole)?
            {
                found.push((whole, content));
            }
        }
    }
    Ok((found, errors))
}

/// One file; whether something in it was selected.
fn one(
    process: &mut Process<'_>,
    told: &Told,
    search: &Search,
    title: Option<&str>,
    (name, content): (&str, &Stream),
) -> Result<bool, Halt> {
    let text = as_text("grep", content)?;
    let most = told.value("m").map_or(usize::MAX, |most| most.parse().unwrap_or(usize::MAX));
    let lines: Vec<&str> = text.lines().collect();
    let selected: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| search.selects(line)).map(|(at, _)| at).take(most).collect();
    let any = !selected.is_empty();
    let prefix = |sign: char| title.map_or_else(String::new, |title| format!("{title}{sign}"));
    if told.has("q") {
        return Ok(any);
    }
    if told.has("l") || told.has("L") {
        if any != told.has("L") {
            process.say(name);
        }
        return Ok(any);
    }
    if told.has("c") {
        process.say(format!("{}{}", prefix(':'), selected.len()));
        return Ok(any);
    }
    let number = |at: usize, sign: char| if told.has("n") { format!("{}{sign}", at + 1) } else { String::new() };
    if told.has("o") {
        for at in selected.iter().filter(|_| !search.invert) {
            for part in search.parts(lines[*at]) {
                process.say(format!("{}{}{part}", prefix(':'), number(*at, ':')));
            }
        }
        return Ok(any);
    }
    let lines_of = |key: &str| told.value(key).or_else(|| told.value("C")).and_then(|n| n.parse::<usize>().ok());
    let (above, after) = (lines_of("B"), lines_of("A"));
    let mut last: Option<usize> = None;
    for at in &selected {
        let from = at.saturating_sub(above.unwrap_or(0)).max(last.map_or(0, |last| last + 1));
        let to = at.saturating_add(after.unwrap_or(0)).min(lines.len() - 1);
        if last.is_some_and(|last| from > last + 1) && (above.is_some() || after.is_some()) {
            process.say("--");
        }
        for (line_at, line) in lines.iter().enumerate().take(to + 1).skip(from) {
            let sign = if selected.binary_search(&line_at).is_ok() { ':' } else { '-' };
            process.say(format!("{}{}{line}", prefix(sign), number(line_at, sign)));
        }
        last = Some(to.max(last.unwrap_or(0)));
    }
    if any && content.has_blob() {
        return Err(Unsimulated("`grep` of content that is no text".to_owned()).into());
    }
    Ok(any)
}
