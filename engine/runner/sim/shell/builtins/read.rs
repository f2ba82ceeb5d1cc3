//! `read`: one line of standard input into variables.

use super::super::state::{Shell, Step};
use super::unsimulated;

/// `read`
pub fn read(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (mut raw, mut rest) = (false, arguments);
    while let [first, behind @ ..] = rest {
        rest = match (first.as_str(), behind) {
            ("--", behind) => {
                rest = behind;
                break;
            }
            ("-r", behind) => {
                raw = true;
                behind
            }
            ("-s", behind) => behind,
            ("-p" | "-t" | "-rp", [_, behind @ ..]) => {
                raw |= first == "-rp";
                behind
            }
            (option, _) if option.starts_with('-') => return unsimulated(format!("`read {option}`")),
            _ => break,
        };
    }
    let taken = shell.take_line()?;
    let status = i32::from(!matches!(taken, Some((_, true))));
    let line = taken.map(|(line, _)| line).unwrap_or_default();
    if !raw && line.contains('\\') {
        return unsimulated("`read` without -r of a line with a backslash".to_owned());
    }
    if rest.is_empty() {
        shell.set("REPLY", line);
        return Ok(status);
    }
    let separators = shell.variable("IFS").unwrap_or_default();
    for (name, value) in rest.iter().zip(split(&line, &separators, rest.len())) {
        shell.set(name, value);
    }
    Ok(status)
}

/// So many fields; the last is the rest of the line.
fn split(line: &str, separators: &str, count: usize) -> Vec<String> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n') && separators.contains(c);
    let mut rest = line.trim_start_matches(blank);
    let mut fields = Vec::with_capacity(count);
    while fields.len() + 1 < count {
        let length = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
        fields.push(rest[..length].to_owned());
        rest = rest[length..].trim_start_matches(blank);
        if let Some(separator) = rest.chars().next().filter(|c| length < line.len() && separators.contains(*c)) {
            rest = rest[separator.len_utf8()..].trim_start_matches(blank);
        }
    }
    let last = rest.trim_end_matches(blank);
    // One separator at the very end closes the last field and is no part of it.
    let closed = last.strip_suffix(|c: char| separators.contains(c) && !blank(c));
    let last = closed.filter(|inner| !inner.contains(|c| separators.contains(c))).unwrap_or(last);
    fields.push(last.to_owned());
    fields
}
