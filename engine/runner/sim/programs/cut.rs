//! `cut`, `tr`, `paste -s`-like joining is not simulated.

use super::super::process::{Process, Unsimulated};
use super::cat::all_text;
use super::content::as_text;
use super::flags::Spec;
use super::{Done, Halt};

const CUT: Spec = Spec {
    program: "cut",
    options: &[
        "d,delimiter=",
        "f,fields=",
        "c,characters=",
        "b,bytes=",
        "s,only-delimited",
        "output-delimiter=",
        "!complement",
        "!n",
        "!z",
    ],
    usage: 1,
    stops: false,
};

/// `cut`
pub fn cut(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = CUT.read(process, arguments)?;
    let Some(kind) = told.last(&["f", "c", "b"]) else {
        process.complain("cut: you must specify a list of bytes, characters, or fields");
        process.complain("Try 'cut --help' for more information.");
        return Ok(1);
    };
    let list = told.value(kind).unwrap_or_default();
    let Some(ranges) = ranges(list) else {
        process.complain(format!("cut: invalid field value '{list}'"));
        return Ok(1);
    };
    let delimiter = told.value("d").unwrap_or("\t").to_owned();
    if delimiter.chars().count() != 1 {
        process.complain("cut: the delimiter must be a single character");
        return Ok(1);
    }
    let is_in = |at: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&(at + 1)));
    let (text, status) = all_text(process, "cut", &told.operands)?;
    for line in text.lines() {
        if kind != "f" {
            if kind == "b" && !line.is_ascii() {
                return Err(Unsimulated("`cut -b` of bytes that are no ASCII".to_owned()).into());
            }
            let kept: String = line.chars().enumerate().filter(|(at, _)| is_in(*at)).map(|(_, c)| c).collect();
            process.say(kept);
        } else if line.contains(&delimiter) {
            let kept: Vec<&str> =
                line.split(&delimiter).enumerate().filter(|(at, _)| is_in(*at)).map(|(_, field)| field).collect();
            process.say(kept.join(told.value("output-delimiter").unwrap_or(&delimiter)));
        } else if !told.has("s") {
            process.say(line);
        }
    }
    Ok(status)
}

/// `1,3-5,7-`
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let number = |text: &str, otherwise: usize| {
        if text.is_empty() { Some(otherwise) } else { text.parse().ok().filter(|n| *n > 0) }
    };
    list.split(',')
        .map(|part| match part.split_once('-') {
            Some(("", "")) => None,
            Some((from, to)) => Some((number(from, 1)?, number(to, usize::MAX)?)),
            None => number(part, 0).filter(|n| *n > 0).map(|n| (n, n)),
        })
        .collect()
}

const TR: Spec = Spec {
    program: "tr",
    options: &["d,delete", "s,squeeze-repeats", "c,C,complement", "!t,truncate-set1"],
    usage: 1,
    stops: true,
};

/// `tr`
pub fn tr(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = TR.read(process, arguments)?;
    let content = std::mem::take(&mut process.stdin);
    let text = as_text("tr", &content)?;
    let (deletes, squeezes, complements) = (told.has("d"), told.has("s"), told.has("c"));
    let first = match told.operands.first() {
        Some(first) => set(first)?,
        None => return Err(TR.missing_operand(process)),
    };
    let second = told.operands.get(1).map(|second| set(second)).transpose()?;
    if second.is_none() && !deletes && !squeezes {
        process.complain(format!("tr: missing operand after '{}'", told.operands[0]));
        process.complain("Two strings must be given when translating.");
        return Ok(1);
    }
    let is_in = |c: char| first.contains(&c) != complements;
    let mut found = String::with_capacity(text.len());
    let last = second.as_ref().filter(|_| squeezes);
    for c in text.chars() {
        let turned = match &second {
            _ if deletes && is_in(c) => continue,
            Some(second) if !deletes && is_in(c) => translated(c, &first, second, complements),
            _ => c,
        };
        let repeats = squeezes && found.ends_with(turned);
        let counts = last.map_or_else(|| is_in(turned), |set| set.contains(&turned));
        if !(repeats && counts) {
            found.push(turned);
        }
    }
    process.stdout.push(&found);
    Ok(0)
}

fn translated(c: char, first: &[char], second: &[char], complements: bool) -> char {
    let Some(&last) = second.last() else { return c };
    if complements {
        return last;
    }
    let at = first.iter().rposition(|known| *known == c).unwrap_or(0);
    second.get(at).copied().unwrap_or(last)
}

/// All characters of a set, in order.
fn set(text: &str) -> Result<Vec<char>, Halt> {
    let unknown = || Halt::from(Unsimulated(format!("`tr` with the set `{text}`")));
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        if chars[at] == '[' && chars.get(at + 1) == Some(&':') {
            let end = chars[at..].windows(2).position(|two| two == [':', ']']).ok_or_else(unknown)?;
            let name: String = chars[at + 2..at + end].iter().collect();
            found.extend(class(&name).ok_or_else(unknown)?);
            at += end + 2;
            continue;
        }
        if chars[at] == '[' && matches!(chars.get(at + 1), Some('=')) {
            return Err(unknown());
        }
        let (from, behind) = one(&chars, at).ok_or_else(unknown)?;
        at = behind;
        if chars.get(at) == Some(&'-') && at + 1 < chars.len() {
            let (to, behind) = one(&chars, at + 1).ok_or_else(unknown)?;
            at = behind;
            if from > to {
                return Err(unknown());
            }
            found.extend(from..=to);
        } else {
            found.push(from);
        }
    }
    Ok(found)
}

fn one(chars: &[char], at: usize) -> Option<(char, usize)> {
    if chars[at] != '\\' {
        return Some((chars[at], at + 1));
    }
    let c = match chars.get(at + 1)? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => {
            let digits = chars[at + 1..].iter().take(3).take_while(|c| c.is_digit(8)).count();
            let code: String = chars[at + 1..=at + digits].iter().collect();
            return Some((char::from_u32(u32::from_str_radix(&code, 8).ok()?)?, at + 1 + digits));
        }
        c if c.is_alphanumeric() => return None,
        c => *c,
    };
    Some((c, at + 2))
}

fn class(name: &str) -> Option<Vec<char>> {
    let holds: fn(&char) -> bool = match name {
        "upper" => char::is_ascii_uppercase,
        "lower" => char::is_ascii_lowercase,
        "digit" => char::is_ascii_digit,
        "alpha" => char::is_ascii_alphabetic,
        "alnum" => char::is_ascii_alphanumeric,
        "punct" => char::is_ascii_punctuation,
        "space" => |c| c.is_ascii_whitespace() || *c == '\u{b}',
        "blank" => |c| matches!(c, ' ' | '\t'),
        "cntrl" => char::is_ascii_control,
        "xdigit" => char::is_ascii_hexdigit,
        _ => return None,
    };
    Some(('\0'..='\u{7f}').filter(holds).collect())
}
