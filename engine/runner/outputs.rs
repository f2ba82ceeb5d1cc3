//! `$RUNBOOK_OUTPUT`: lines `key=value`, and `key<<END` … `END` for several lines. Read once, after the program has ended.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

/// One value.
const VALUE: usize = 64 * 1024;
/// All of them, as text.
const FILE: u64 = 1024 * 1024;

/// Reads and removes the file. No file: no values.
///
/// # Errors
/// What is wrong with it, by line.
pub(super) fn collect(path: &Path) -> Result<BTreeMap<String, String>, String> {
    // Whatever a program put there: a link is not followed, a pipe does not hold us.
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let Ok(file) = OpenOptions::new().read(true).custom_flags(flags).open(path) else { return Ok(BTreeMap::new()) };
    let mut bytes = Vec::new();
    let read = file.take(FILE + 1).read_to_end(&mut bytes);
    let _ = fs::remove_file(path);
    read.map_err(|error| format!("read RUNBOOK_OUTPUT: {error}"))?;
    values(bytes)
}

/// The values in what the file holds.
///
/// # Errors
/// What is wrong with it, by line.
pub(super) fn values(bytes: Vec<u8>) -> Result<BTreeMap<String, String>, String> {
    if bytes.len() as u64 > FILE {
        return Err("RUNBOOK_OUTPUT is longer than 1 MiB".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "RUNBOOK_OUTPUT is not UTF-8".to_owned())?;
    parse(&text)
}

fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let at = index + 1;
        if line.trim().is_empty() {
            continue;
        }
        let (key, value) = match (line.find('='), line.find("<<")) {
            (Some(equals), block) if block.is_none_or(|block| equals < block) => {
                (&line[..equals], line[equals + 1..].to_owned())
            }
            (_, Some(block)) => {
                let end = &line[block + 2..];
                let mut held = Vec::new();
                loop {
                    match lines.next() {
                        Some((_, line)) if line == end => break,
                        Some((_, line)) => held.push(line),
                        None => return Err(format!("RUNBOOK_OUTPUT line {at}: no line `{end}` ends this value")),
                    }
                }
                (&line[..block], held.join("\n"))
            }
            _ => return Err(format!("RUNBOOK_OUTPUT line {at}: expected `key=value` or `key<<END`")),
        };
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(format!("RUNBOOK_OUTPUT line {at}: `{key}` is not a name (letters, digits, `_`)"));
        }
        if value.len() > VALUE {
            return Err(format!("RUNBOOK_OUTPUT line {at}: `{key}` is longer than 64 KiB"));
        }
        values.insert(key.to_owned(), value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_blocks() {
        let values = parse("a=1\n\nb=x=y<<z\nc<<EOF\none\n\ntwo=2\nEOF\nd=\n").unwrap();
        assert_eq!(values["a"], "1");
        assert_eq!(values["b"], "x=y<<z");
        assert_eq!(values["c"], "one\n\ntwo=2");
        assert_eq!(values["d"], "");
    }

    #[test]
    fn mistakes_have_lines() {
        assert!(parse("a=1\nnonsense\n").unwrap_err().contains("line 2"));
        assert!(parse("a<<EOF\nnever\n").unwrap_err().contains("`EOF`"));
        assert!(parse("a b=1\n").unwrap_err().contains("`a b`"));
        assert!(parse(&format!("a={}\n", "x".repeat(VALUE + 1))).unwrap_err().contains("64 KiB"));
    }
}
