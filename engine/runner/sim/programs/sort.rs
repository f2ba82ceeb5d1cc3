//! `sort` and `uniq`.

use std::cmp::Ordering;

use super::super::process::{Process, Stream, Unsimulated};
use super::cat::all_text;
use super::flags::Spec;
use super::{Done, Halt};

const SORT: Spec = Spec {
    program: "sort",
    options: &[
        "r,reverse",
        "n,numeric-sort",
        "u,unique",
        "k,key=",
        "t,field-separator=",
        "h,human-numeric-sort",
        "V,version-sort",
        "f,ignore-case",
        "b,ignore-leading-blanks",
        "o,output=",
        "s,stable",
        "!c,check",
        "!C",
        "!d",
        "!g",
        "!i",
        "!m",
        "!M",
        "!R",
        "!z",
        "!S=",
        "!T=",
    ],
    usage: 2,
    stops: false,
};

/// How two keys are compared.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a letter of the option")]
struct How {
    numeric: bool,
    human: bool,
    version: bool,
    folded: bool,
    blanks: bool,
    reverse: bool,
}

impl How {
    fn is_plain(self) -> bool {
        !(self.numeric || self.human || self.version || self.folded || self.blanks || self.reverse)
    }

    fn switch(&mut self, letter: char) -> bool {
        match letter {
            'n' => self.numeric = true,
            'h' => self.human = true,
            'V' => self.version = true,
            'f' => self.folded = true,
            'b' => self.blanks = true,
            'r' => self.reverse = true,
            _ => return false,
        }
        true
    }

    fn compare(self, left: &str, right: &str) -> Ordering {
        let (left, right) = if self.blanks { (left.trim_start(), right.trim_start()) } else { (left, right) };
        let order = if self.numeric {
            number(left).total_cmp(&number(right))
        } else if self.human {
            human(left).total_cmp(&human(right))
        } else if self.version {
            versions(left, right)
        } else if self.folded {
            left.to_uppercase().cmp(&right.to_uppercase())
        } else {
            left.cmp(right)
        };
        if self.reverse { order.reverse() } else { order }
    }
}

/// `-k 2,3n`
struct Key {
    from: usize,
    to: Option<usize>,
    how: How,
}

/// `sort`
pub fn sort(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = SORT.read(process, arguments)?;
    let mut how = How::default();
    for letter in ['n', 'h', 'V', 'f', 'b', 'r'].into_iter().filter(|letter| told.has(letter.encode_utf8(&mut [0; 4])))
    {
        how.switch(letter);
    }
    let mut keys = Vec::new();
    for text in told.values("k") {
        keys.push(key(&text, how)?);
    }
    let separator = told.value("t").map(str::to_owned);
    let (text, status) = all_text(process, "sort", &told.operands)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let compare = |left: &&str, right: &&str| {
        for key in &keys {
            let order = key.how.compare(key.part(left, separator.as_deref()), key.part(right, separator.as_deref()));
            if order != Ordering::Equal {
                return order;
            }
        }
        if keys.is_empty() { how.compare(left, right) } else { Ordering::Equal }
    };
    let is_total = !told.has("u") && !told.has("s");
    lines.sort_by(|left, right| {
        compare(left, right).then_with(|| match (is_total, how.reverse) {
            (true, true) => right.cmp(left),
            (true, false) => left.cmp(right),
            (false, _) => Ordering::Equal,
        })
    });
    if told.has("u") {
        lines.dedup_by(|right, left| compare(left, right) == Ordering::Equal);
    }
    let mut sorted = lines.join("\n");
    if !lines.is_empty() {
        sorted.push('\n');
    }
    match told.value("o") {
        None => process.stdout.push(&sorted),
        Some(file) => {
            let file = file.to_owned();
            if let Err(error) = process.write(&file, &Stream::text(sorted), false)? {
                process.complain(format!("sort: open failed: {file}: {error}"));
                return Ok(2);
            }
        }
    }
    Ok(if status == 0 { 0 } else { 2 })
}

fn key(text: &str, general: How) -> Result<Key, Halt> {
    let unknown = || Halt::from(Unsimulated(format!("`sort -k {text}`")));
    let mut how = How::default();
    let mut field = |part: &str| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let is_known = part[digits..].chars().all(|letter| how.switch(letter));
        part[..digits].parse::<usize>().ok().filter(|field| is_known && *field > 0).ok_or_else(unknown)
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (field(from)?, Some(field(to)?)),
        None => (field(text)?, None),
    };
    Ok(Key { from, to, how: if how.is_plain() { general } else { how } })
}

impl Key {
    /// The part of a line that it compares.
    fn part<'l>(&self, line: &'l str, separator: Option<&str>) -> &'l str {
        let mut bounds = Vec::new();
        if let Some(separator) = separator {
            let mut at = 0;
            for field in line.split(separator) {
                bounds.push((at, at + field.len()));
                at += field.len() + separator.len();
            }
        } else {
            // A field begins with the blanks before it.
            let mut at = 0;
            while at < line.len() {
                let rest = &line[at..];
                let text = rest.find(|c| c != ' ' && c != '\t').unwrap_or(rest.len());
                let length = rest[text..].find([' ', '\t']).map_or(rest.len(), |end| text + end);
                bounds.push((at, at + length));
                at += length;
            }
        }
        let from = bounds.get(self.from - 1).map_or(line.len(), |(from, _)| *from);
        let to = self.to.and_then(|to| bounds.get(to - 1)).map_or(line.len(), |(_, to)| *to);
        line.get(from..to).unwrap_or_default()
    }
}

/// The number at the beginning; 0: there is none.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    text[..text.len() - digits.len() + length].parse().unwrap_or(0.0)
}

/// A number with a unit behind it.
fn human(text: &str) -> f64 {
    let unit = text.trim().chars().find(|c| !c.is_ascii_digit() && !matches!(c, '.' | '-')).unwrap_or(' ');
    let power = " KMGTPE".find(unit.to_ascii_uppercase()).unwrap_or(0);
    number(text) * 1024_f64.powi(i32::try_from(power).unwrap_or(0))
}

/// Digits count as numbers, the rest as text.
fn versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    while !left.is_empty() || !right.is_empty() {
        let is_digit = |c: char| c.is_ascii_digit();
        let text = |side: &str| side.find(is_digit).unwrap_or(side.len());
        let (l, r) = (text(left), text(right));
        let order = left[..l].cmp(&right[..r]);
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (&left[l..], &right[r..]);
        let digits = |side: &str| side.find(|c: char| !is_digit(c)).unwrap_or(side.len());
        let (l, r) = (digits(left), digits(right));
        let (ln, rn) = (left[..l].trim_start_matches('0'), right[..r].trim_start_matches('0'));
        let order = ln.len().cmp(&rn.len()).then_with(|| ln.cmp(rn));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (&left[l..], &right[r..]);
    }
    Ordering::Equal
}

const UNIQ: Spec = Spec {
    program: "uniq",
    options: &["c,count", "d,repeated", "u,unique", "i,ignore-case", "!D", "!f=", "!s=", "!w=", "!z"],
    usage: 1,
    stops: false,
};

/// `uniq`
pub fn uniq(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = UNIQ.read(process, arguments)?;
    if told.operands.len() > 1 {
        return Err(Unsimulated("`uniq` with an output file".to_owned()).into());
    }
    let (text, status) = all_text(process, "uniq", &told.operands)?;
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut() {
            Some((last, count)) if *last == line || (told.has("i") && last.eq_ignore_ascii_case(line)) => *count += 1,
            _ => groups.push((line, 1)),
        }
    }
    for (line, count) in groups {
        if (told.has("d") && count == 1) || (told.has("u") && count > 1) {
            continue;
        }
        if told.has("c") { process.say(format!("{count:7} {line}")) } else { process.say(line) }
    }
    Ok(status)
}
