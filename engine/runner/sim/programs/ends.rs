//! `head` and `tail`.

use super::super::blob::{Blob, Holds};
use super::super::process::{Process, Stream, Unsimulated};
use super::content::as_text;
use super::flags::{Spec, Told};
use super::{Done, Halt};

const HEAD: Spec = Spec {
    program: "head",
    options: &["n,lines=", "c,bytes=", "q,quiet,silent", "v,verbose", "!z,zero-terminated"],
    usage: 1,
    stops: false,
};

const TAIL: Spec = Spec {
    program: "tail",
    options: &[
        "n,lines=",
        "c,bytes=",
        "q,quiet,silent",
        "v,verbose",
        "!f,follow=?",
        "!F",
        "!s,sleep-interval=",
        "!pid=",
        "!z",
    ],
    usage: 1,
    stops: false,
};

/// `-5` is `-n 5`.
fn modern(arguments: &[String]) -> Vec<String> {
    let is_count = |argument: &str| argument.len() > 1 && argument[1..].chars().all(|c| c.is_ascii_digit());
    let mut found: Vec<String> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let is_value = found.last().is_some_and(|last| matches!(last.as_str(), "-n" | "-c" | "--lines" | "--bytes"));
        match argument.strip_prefix('-').filter(|_| is_count(argument) && !is_value) {
            Some(count) => found.extend(["-n".to_owned(), count.to_owned()]),
            None => found.push(argument.clone()),
        }
    }
    found
}

/// How many, and with which sign it was written.
struct Count {
    sign: Option<char>,
    number: usize,
    bytes: bool,
}

fn count(process: &mut Process<'_>, told: &Told, program: &str) -> Result<Count, Halt> {
    let bytes = told.last(&["n", "c"]) == Some("c");
    let text = told.value(if bytes { "c" } else { "n" }).unwrap_or("10");
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
    let digits = text.trim_start_matches(['+', '-']);
    let (digits, factor) = match digits.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1024),
        None => (digits.strip_suffix('M').unwrap_or(digits), if digits.ends_with('M') { 1 << 20 } else { 1 }),
    };
    if let Ok(number) = digits.parse::<usize>() {
        Ok(Count { sign, number: number.saturating_mul(factor), bytes })
    } else {
        let what = if bytes { "bytes" } else { "lines" };
        process.complain(format!("{program}: invalid number of {what}: '{text}'"));
        Err(Halt::Exit(1))
    }
}

/// `head`
pub fn head(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = HEAD.read(process, &modern(arguments))?;
    let count = count(process, &told, "head")?;
    each(process, &told, "head", |content| {
        if let (true, Some(blob)) = (count.bytes, content.as_blob()) {
            return beginning(blob, &count);
        }
        let text = as_text("head", content)?;
        let places = places(&text, count.bytes)?;
        let units = places.len() - 1;
        let end = if count.sign == Some('-') { units.saturating_sub(count.number) } else { count.number.min(units) };
        Ok(text[..places[end]].to_owned())
    })
}

/// `tail`
pub fn tail(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = TAIL.read(process, &modern(arguments))?;
    let count = count(process, &told, "tail")?;
    each(process, &told, "tail", |content| {
        let text = as_text("tail", content)?;
        let places = places(&text, count.bytes)?;
        let units = places.len() - 1;
        let from = match count.sign {
            Some('+') => count.number.saturating_sub(1).min(units),
            _ => units.saturating_sub(count.number),
        };
        Ok(text[places[from]..].to_owned())
    })
}

/// Where lines (or bytes) begin, and where the text ends.
fn places(text: &str, bytes: bool) -> Result<Vec<usize>, Unsimulated> {
    if bytes {
        if !text.is_ascii() {
            return Err(Unsimulated("a part of bytes that are no ASCII".to_owned()));
        }
        return Ok((0..=text.len()).collect());
    }
    let mut found = vec![0];
    for line in text.split_inclusive('\n') {
        found.push(found[found.len() - 1] + line.len());
    }
    Ok(found)
}

fn each(
    process: &mut Process<'_>,
    told: &Told,
    program: &str,
    part: impl Fn(&Stream) -> Result<String, Unsimulated>,
) -> Done {
    let said = process.stderr.len();
    let (inputs, status) = process.inputs(program, &told.operands)?;
    let titles = (told.operands.len() > 1 && !told.has("q")) || told.has("v");
    for (at, (name, content)) in inputs.iter().enumerate() {
        if titles {
            let name = if name == "-" { "standard input" } else { name };
            process.say(format!("{}==> {name} <==", if at > 0 { "\n" } else { "" }));
        }
        let text = part(content)?;
        process.stdout.push(&text);
    }
    // Their texts differ from those of `cat`.
    let texts: Vec<String> = process.stderr[said..].lines().map(|line| reworded(line, program)).collect();
    process.stderr.truncate(said);
    process.stderr.push_str(&texts.concat());
    Ok(status)
}

fn reworded(line: &str, program: &str) -> String {
    let rest = line.strip_prefix(program).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(line);
    match rest.rsplit_once(": ") {
        Some((file, "Is a directory")) => format!("{program}: error reading '{file}': Is a directory\n"),
        Some((file, error)) => format!("{program}: cannot open '{file}' for reading: {error}\n"),
        None => format!("{line}\n"),
    }
}

/// The first bytes of a file that is no text: what says what it is.
fn beginning(blob: &Blob, count: &Count) -> Result<String, Unsimulated> {
    let known = match &blob.holds {
        Holds::Dump(_) => "PGDMP",
        Holds::SqlDump(_) => "--\n-- PostgreSQL database ",
        _ => "",
    };
    match known.get(..count.number) {
        Some(text) if count.sign.is_none() && !known.is_empty() => Ok(text.to_owned()),
        _ => Err(Unsimulated("the bytes of content that is no text".to_owned())),
    }
}
