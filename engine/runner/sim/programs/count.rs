//! `wc` and `seq`.

use super::super::process::{Process, Stream};
use super::content::as_text;
use super::flags::Spec;
use super::{Done, Halt};

const WC: Spec = Spec {
    program: "wc",
    options: &["l,lines", "w,words", "c,bytes", "m,chars", "!L,max-line-length", "!files0-from="],
    usage: 1,
    stops: false,
};

/// `wc`
pub fn wc(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = WC.read(process, arguments)?;
    let mut wanted: Vec<&str> = ["l", "w", "m", "c"].into_iter().filter(|key| told.has(key)).collect();
    if wanted.is_empty() {
        wanted = vec!["l", "w", "c"];
    }
    let (inputs, status) = process.inputs("wc", &told.operands)?;
    let mut rows = Vec::new();
    for (name, content) in &inputs {
        process.transfer(content.bytes(), 400);
        let name = if told.operands.is_empty() { String::new() } else { format!(" {name}") };
        rows.push((counts(content, &wanted)?, name));
    }
    if told.operands.len() > 1 {
        let sums = (0..wanted.len()).map(|at| rows.iter().map(|(counts, _)| counts[at]).sum()).collect();
        rows.push((sums, " total".to_owned()));
    }
    let from_stdin = inputs.iter().any(|(name, _)| name == "-");
    let bytes: u64 = inputs.iter().map(|(_, content)| content.bytes()).sum();
    let width = match (wanted.len() * rows.len(), from_stdin) {
        (0 | 1, _) => 1,
        (_, true) => 7,
        _ => bytes.to_string().len(),
    };
    for (counts, name) in rows {
        let counts: Vec<String> = counts.iter().map(|count| format!("{count:width$}")).collect();
        process.say(format!("{}{name}", counts.join(" ")));
    }
    Ok(status)
}

fn counts(content: &Stream, wanted: &[&str]) -> Result<Vec<u64>, Halt> {
    if wanted == ["c"] {
        return Ok(vec![content.bytes()]);
    }
    let text = as_text("wc", content)?;
    let count = |key: &&str| match *key {
        "l" => text.matches('\n').count() as u64,
        "w" => text.split_ascii_whitespace().count() as u64,
        "m" => text.chars().count() as u64,
        _ => text.len() as u64,
    };
    Ok(wanted.iter().map(count).collect())
}

/// Numbers, at most.
const MOST: i64 = 1_000_000;

/// `seq`
pub fn seq(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const SEQ: Spec =
        Spec { program: "seq", options: &["s,separator=", "w,equal-width", "!f,format="], usage: 1, stops: true };
    // A negative number is no option.
    let first = arguments.iter().position(|argument| argument.parse::<f64>().is_ok()).unwrap_or(arguments.len());
    let mut told = SEQ.read(process, &arguments[..first])?;
    told.operands.extend(arguments[first..].iter().cloned());
    let mut numbers = Vec::new();
    for operand in &told.operands {
        match operand.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) if operand.parse::<f64>().is_ok() => {
                return Err(super::Unsimulated("`seq` of fractions".to_owned()).into());
            }
            Err(_) => {
                process.complain(format!("seq: invalid floating point argument: '{operand}'"));
                return Ok(1);
            }
        }
    }
    let (from, by, to) = match numbers[..] {
        [to] => (1, 1, to),
        [from, to] => (from, 1, to),
        [from, by, to] => (from, by, to),
        _ => return Err(SEQ.missing_operand(process)),
    };
    if by == 0 {
        process.complain("seq: invalid Zero increment value: '0'");
        return Ok(1);
    }
    if to.saturating_sub(from).saturating_div(by) > MOST {
        return Err(super::Unsimulated("`seq` of so many numbers".to_owned()).into());
    }
    let mut found = Vec::new();
    let mut at = from;
    while if by > 0 { at <= to } else { at >= to } {
        found.push(at);
        let Some(next) = at.checked_add(by) else { break };
        at = next;
    }
    let width = if told.has("w") { found.iter().map(|n| n.to_string().len()).max().unwrap_or(0) } else { 0 };
    let texts: Vec<String> = found.iter().map(|n| format!("{n:0width$}")).collect();
    if !texts.is_empty() {
        process.say(texts.join(told.value("s").unwrap_or("\n")));
    }
    Ok(0)
}
