//! A workspace with three secrets, and a nose for them: raw, in hex, in base64 at any alignment.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::support::{Ran, Runbook, Workspace};

/// Every secret begins with it.
const CORE: &str = "kAnArIe";
/// From the environment: everything that JSON, URLs, shells and messages quote.
pub const FROM_ENV: &str = "kAnArIe/env'\"$(x)&+ %é\\w1;<#>*";
/// From a file: several lines.
const FROM_FILE: &str = "kAnArIe-file-one/+==\nkAnArIe second line\n";
/// From a command: fits into a URL and a header.
const FROM_COMMAND: &str = "kAnArIe{cmd}:8271~/x";

/// Secrets of all sources, an environment that proves itself, channels, people.
const SYSTEM: &str = "\
kind: system/v1
name: nest
secrets:
  env: { env: NEST_SECRET }
  file: { file: nest.secret }
  cmd: { command: [cat, nest.command] }
roles:
  dba: [ben]
environments:
  blue:
    class: staging
    identity:
      shell: printf '%s' \"$S\" >&2; cat who.txt
      env: { S: \"${{ secrets.env }}\" }
      expect: stdout == 'blue'
channels:
  hook: { webhook: \"http://127.0.0.1:PORT/hook/${{ secrets.cmd }}\" }
";

/// The workspace.
pub struct Nest {
    pub workspace: Workspace,
}

impl Nest {
    /// With these steps (and whatever else follows them).
    pub fn new(runbook: &str) -> Self {
        let port = echo_server().to_string();
        let begin = "kind: runbook/v1\nname: nest\ntitle: A nest\nsystem: system.yaml\n";
        let workspace = Workspace::new()
            .file("system.yaml", SYSTEM.replace("PORT", &port))
            .file("nest.yaml", format!("{begin}{runbook}").replace("PORT", &port))
            .file("nest.secret", FROM_FILE)
            .file("nest.command", FROM_COMMAND)
            .file("who.txt", "blue");
        Self { workspace }
    }

    /// The program with the secrets where they belong.
    pub fn runbook(&self, args: &[&str]) -> Runbook {
        let locks = self.workspace.path("locks");
        self.workspace.runbook(args).env("NEST_SECRET", FROM_ENV).env("RUNBOOK_LOCKS", locks)
    }

    /// Runs it; nothing of a secret may be in what it says, nor in any file but those of the secrets.
    #[track_caller]
    pub fn quiet(&self, args: &[&str]) -> Ran {
        let ran = self.runbook(args).run();
        self.says_nothing(args, &ran);
        ran
    }

    /// Nothing of a secret in what it said, nor in any file.
    #[track_caller]
    pub fn says_nothing(&self, args: &[&str], ran: &Ran) {
        no_secret(&format!("{args:?} on stdout"), ran.stdout.as_bytes());
        no_secret(&format!("{args:?} on stderr"), ran.stderr.as_bytes());
        self.files_hold_nothing(&format!("after {args:?}"));
    }

    /// Every file of the workspace but those of the secrets.
    #[track_caller]
    pub fn files_hold_nothing(&self, when: &str) {
        for path in files(&self.workspace.path("")) {
            if !path.extension().is_some_and(|extension| extension == "secret" || extension == "command") {
                no_secret(&format!("{} {when}", path.display()), &fs::read(&path).unwrap_or_default());
                no_secret(&format!("the name {}", path.display()), path.as_os_str().as_encoded_bytes());
            }
        }
    }

    /// The id of the newest run.
    pub fn newest(&self) -> String {
        let mut names: Vec<String> = fs::read_dir(self.workspace.path("runs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names.pop().unwrap()
    }

    /// What the journals say: to see that a run did meet its secrets.
    pub fn journal(&self) -> String {
        self.workspace.read(&format!("runs/{}/journal.jsonl", self.newest()))
    }
}

/// Fails with the surroundings when any form of a secret is in there.
#[track_caller]
pub fn no_secret(place: &str, bytes: &[u8]) {
    for form in forms() {
        if let Some(at) = bytes.windows(form.len()).position(|window| window == form.as_bytes()) {
            let from = at.saturating_sub(160);
            let around = String::from_utf8_lossy(&bytes[from..bytes.len().min(at + 120)]).into_owned();
            panic!("a secret (as {form}) in {place}:\n…{around}…");
        }
    }
}

/// The core as it appears in any encoding of a text around it.
fn forms() -> Vec<String> {
    let hex: String = CORE.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let mut forms = vec![CORE.to_owned(), hex.to_uppercase(), hex];
    forms.extend((0..3).map(|shift| base64_core(CORE.as_bytes(), shift)));
    forms
}

/// Characters that depend on the core alone when it stands behind `shift` bytes, by the definition of base64.
fn base64_core(core: &[u8], shift: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = std::iter::repeat_n(&0, shift)
        .chain(core)
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let own = bits.chunks_exact(6).enumerate().filter(|(at, _)| at * 6 >= shift * 8);
    own.map(|(_, bits)| char::from(DIGITS[bits.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit))])).collect()
}

/// All regular files below.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

/// Sends back everything it is sent, as a failure unless the path says otherwise.
fn echo_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut seen = Vec::new();
                let mut buffer = [0; 4096];
                loop {
                    let read = stream.read(&mut buffer).unwrap_or(0);
                    seen.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&seen).to_lowercase();
                    let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
                    if read == 0 || text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= length) {
                        break;
                    }
                }
                let status = if seen.windows(3).any(|window| window == b"/ok") { 200 } else { 500 };
                let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", seen.len());
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&seen));
            });
        }
    });
    port
}

#[test]
fn the_nose_finds_every_form() {
    for text in ["kAnArIe", "x6b416e41724965", "6B416E41724965", "a0FuQXJJZQ==", "eGtBbkFySWU=", "eHlrQW5BckllCg=="] {
        assert!(std::panic::catch_unwind(|| no_secret("a text", text.as_bytes())).is_err(), "{text}");
    }
    no_secret("a text", b"***");
}
