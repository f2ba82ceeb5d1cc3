//! Input that is too much, too little, or no text at all: a named finding, quickly, and never a panic.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::rendered::{Found, check, render};

fn write(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x.yaml");
    std::fs::write(&path, content).expect("written");
    (directory, path)
}

fn found(content: impl AsRef<[u8]>) -> Found {
    let (_directory, path) = write(content);
    check(&path)
}

fn codes(content: impl AsRef<[u8]>) -> Vec<&'static str> {
    found(content).codes()
}

#[expect(clippy::disallowed_methods, reason = "a test measures itself")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

#[test]
fn files_that_are_no_text_are_named() {
    assert_eq!(codes(""), ["document::empty_file"]);
    assert_eq!(codes("# nothing but a comment\n"), ["document::empty_file"]);
    assert_eq!(codes("---\n"), ["document::not_a_mapping"]);
    assert_eq!(codes(b"kind: runbook/v1\nname: \xff\n"), ["document::not_utf8"]);
    assert_eq!(codes(b"\xff\xfek\0i\0"), ["document::not_utf8"]);
    assert_eq!(codes(b"\x7fELF\0\0\0\xff"), ["document::binary_file"]);
    assert_eq!(codes("kind: a\0b\n"), ["document::binary_file"]);
    assert_eq!(codes("just words\n"), ["document::not_a_mapping"]);
    assert_eq!(codes("- hosts: all\n  tasks: []\n"), ["document::not_a_mapping"]);
}

#[test]
fn the_first_bad_byte_has_its_place() {
    let found = found(b"kind: runbook/v1\nname: \xff\n");
    assert!(render(&found).contains("x.yaml:2:7 error document::not_utf8"), "{}", render(&found));
}

#[test]
fn a_byte_order_mark_is_read_over_with_a_warning() {
    let found = found("\u{feff}kind: runbook/v1\nname: x\nsteps:\n  - id: a\n    exec: 'true'\n");
    assert_eq!(found.codes(), ["document::byte_order_mark"]);
    assert_eq!(found.errors(), 0);
}

#[test]
fn directories_and_missing_files_are_named() {
    let directory = tempfile::tempdir().expect("a directory");
    assert_eq!(check(directory.path()).codes(), ["document::directory"]);
    assert_eq!(check(&directory.path().join("none.yaml")).codes(), ["document::missing_file"]);
}

#[test]
fn an_alias_bomb_is_refused_at_once() {
    let mut bomb = String::from("kind: runbook/v1\nname: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{items}]");
    }
    let (codes, time) = timed(|| codes(&bomb));
    assert_eq!(codes, ["document::alias"]);
    assert!(time < Duration::from_millis(100), "{time:?}");
}

#[test]
fn aliases_within_reason_repeat_what_they_name() {
    let text =
        "kind: runbook/v1\nname: x\nsteps:\n  - id: a\n    exec: &words [echo, hello]\n  - id: b\n    exec: *words\n";
    assert_eq!(codes(text), [""; 0]);
    assert_eq!(codes("kind: &k [*k]\n"), ["document::alias"]);
}

#[test]
fn depth_is_bounded() {
    let flow = format!("kind: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let block: String = (0..5_000).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level));
        text
    });
    for text in [flow, block] {
        let (codes, time) = timed(|| codes(&text));
        assert_eq!(codes, ["document::too_deep"]);
        assert!(time < Duration::from_millis(500), "{time:?}");
    }
}

#[test]
fn ten_megabytes_give_a_good_answer() {
    let mut valid = String::from("kind: runbook/v1\nname: big\nsteps:\n  - id: big\n    shell: |\n");
    while valid.len() < 10_000_000 {
        valid.push_str("      echo a line of a very long script that somebody pasted here\n");
    }
    assert_eq!(codes(&valid), [""; 0]);
    for garbage in
        ["x".repeat(10_000_000), "[".repeat(10_000_000), "a: b: c\n".repeat(1_200_000), "\u{1}".repeat(10_000_000)]
    {
        let (found, time) = timed(|| found(&garbage));
        assert!(found.errors() > 0, "accepted: {}…", &garbage[..10]);
        assert!(time < Duration::from_secs(5), "{time:?} for {}…", &garbage[..10]);
    }
    let (codes, _) = timed(|| codes(vec![b'#'; 33 * 1024 * 1024]));
    assert_eq!(codes, ["document::too_large"]);
}

#[test]
fn ten_thousand_steps_are_read() {
    let mut text = String::from("kind: runbook/v1\nname: many\nsteps:\n");
    for step in 0..10_000 {
        let _ = writeln!(text, "  - id: s{step}\n    exec: echo {step}\n    timeout: 5m\n    expect: exit == 0");
    }
    assert_eq!(codes(&text), [""; 0]);
}

#[test]
fn findings_are_capped_and_counted() {
    let mut text = String::from("kind: runbook/v1\nname: many\nsteps:\n");
    for step in 0..1_000 {
        let _ = writeln!(text, "  - id: s{step}\n    exec: echo\n    nonsense: {step}");
    }
    let found = found(&text);
    assert_eq!(found.findings.len(), 101);
    let last = found.findings.last().expect("a count");
    assert_eq!((last.code, last.message.as_str()), ("document::more", "900 more findings are not shown"));
}
