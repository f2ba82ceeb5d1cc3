//! A file as text, or a named reason why not.

use std::io::Read as _;
use std::path::Path;

use super::limits;

/// Why a file is not text.
pub(super) struct Unreadable {
    pub code: &'static str,
    /// Completes "cannot read PATH: …".
    pub reason: String,
    pub help: &'static str,
    /// The text before the first byte that is wrong, when there is one: the place to point at is its end.
    pub before: Option<String>,
}

/// Text and whether a byte-order mark was taken off.
pub(super) struct Readable {
    pub text: String,
    pub had_mark: bool,
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Readable, Unreadable> {
    if path.is_dir() {
        return Err(plain("document::directory", "it is a directory", "name a file in it"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| from_io(&error))?;
    let most = u64::try_from(limits::BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(|error| from_io(&error))?;
    decode(bytes)
}

fn plain(code: &'static str, reason: impl Into<String>, help: &'static str) -> Unreadable {
    Unreadable { code, reason: reason.into(), help, before: None }
}

fn from_io(error: &std::io::Error) -> Unreadable {
    match error.kind() {
        std::io::ErrorKind::NotFound => plain(
            "document::missing_file",
            "there is no such file",
            "check the path; in a file it is relative to that file",
        ),
        std::io::ErrorKind::PermissionDenied => {
            plain("document::unreadable_file", "permission denied", "make it readable for the user who runs this")
        }
        _ => plain("document::unreadable_file", error.to_string(), "check the path and the file system"),
    }
}

/// Bytes as text: UTF-8, no NUL, within the budget.
pub(super) fn decode(bytes: Vec<u8>) -> Result<Readable, Unreadable> {
    if bytes.len() > limits::BYTES {
        let reason = format!("it is larger than {} MiB", limits::BYTES / 1024 / 1024);
        return Err(plain("document::too_large", reason, "split it into files and `include:` them"));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Unreadable {
            before: Some(String::new()),
            ..plain("document::not_utf8", "it is UTF-16", "save it as UTF-8")
        });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        let nul = bytes[..valid].contains(&0);
        bytes.truncate(valid);
        let before = String::from_utf8(bytes).unwrap_or_default();
        if nul {
            binary(&before)
        } else {
            Unreadable {
                before: Some(before),
                ..plain("document::not_utf8", "it is not UTF-8 text", "save it as UTF-8")
            }
        }
    })?;
    if text.contains('\0') {
        return Err(binary(&text));
    }
    let had_mark = text.starts_with('\u{feff}');
    if had_mark {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(Readable { text, had_mark })
}

fn binary(text: &str) -> Unreadable {
    let before = text.split('\0').next().unwrap_or_default().to_owned();
    Unreadable {
        before: Some(before),
        ..plain("document::binary_file", "it holds a NUL byte, so it is not text", "name a YAML file")
    }
}
