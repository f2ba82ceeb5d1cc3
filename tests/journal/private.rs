//! What lies in a run's directory is its owner's alone, no planted link is followed, and every file is durable when it is said to be.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use runbook::journal::inbox::{self, LetterKind};
use runbook::journal::{FileJournal, FileLease, Journal, RunDirectory, Runs};
use runbook::model::id::RunId;

use super::{at, holder, run_directory, run_started, step_started};

const RUN: &str = "01J9ZQ6V5T0000000000000001";

/// Everything that this layer does to a run's directory, with a mark in the directory's name space between the parts.
fn one_life(runs: &Path) -> RunDirectory {
    let mark = |name: &str| drop(fs::symlink_metadata(runs.join(format!("mark {name}"))));
    let directory = Runs::new(runs).create(&RunId(RUN.into())).unwrap();
    mark("lease");
    let lease = FileLease::acquire(&directory, &holder(&directory)).unwrap();
    mark("plan");
    directory.write_plan(b"{}").unwrap();
    mark("journal");
    let mut journal = FileJournal::new(directory.create_journal().unwrap()).leased(lease);
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    journal.append(2, at(), vec![step_started()]).unwrap();
    mark("letter");
    inbox::post(&directory, &LetterKind::Pause { why: "p".into() }.into()).unwrap();
    inbox::take(&directory).unwrap();
    mark("reopen");
    drop(journal);
    drop(directory.reopen_journal().unwrap());
    directory
}

#[test]
fn files_and_directories_of_a_run_are_its_owners_alone() {
    let keep = tempfile::TempDir::new().unwrap();
    let mut open = vec![one_life(&keep.path().join("runs")).path().to_path_buf()];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        if found.is_dir() {
            assert_eq!(found.mode() & 0o7777, 0o700, "{}", path.display());
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            assert_eq!(found.mode() & 0o7777, 0o600, "{}", path.display());
            files.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    files.sort();
    assert_eq!(files.len(), 5, "{files:?}");
    assert_eq!(files[1..], ["journal.jsonl", "lease", "lock", "plan.json"]);
}

#[test]
fn planted_links_are_not_followed() {
    for name in ["journal.jsonl", "plan.json", "lock", "lease"] {
        for target_is_there in [false, true] {
            let (keep, directory) = run_directory();
            let target = keep.path().join("target");
            if target_is_there {
                fs::write(&target, "untouched").unwrap();
            }
            symlink(&target, directory.path().join(name)).unwrap();
            let refused = match name {
                "journal.jsonl" => directory.create_journal().is_err() && directory.reopen_journal().is_err(),
                "plan.json" => directory.write_plan(b"{}").is_err(),
                _ => FileLease::acquire(&directory, &holder(&directory)).is_err(),
            };
            assert!(refused, "{name}");
            assert_eq!(fs::read_to_string(&target).ok().as_deref(), target_is_there.then_some("untouched"));
        }
    }
}

/// Not a test of its own: what the next one watches.
#[test]
#[ignore = "the other process of every_file_is_durable_before_it_counts"]
fn one_life_in_another_process() {
    if let Some(runs) = std::env::var_os("ONE_LIFE_IN") {
        one_life(runs.as_ref());
    }
}

#[test]
fn every_file_is_durable_before_it_counts() {
    let keep = tempfile::TempDir::new().unwrap();
    let (runs, trace) = (keep.path().join("runs"), keep.path().join("trace"));
    #[expect(clippy::disallowed_methods, reason = "the test's own other process")]
    let traced = std::process::Command::new("strace")
        .args(["-f", "-y", "-e", "trace=write,fsync,fdatasync,rename,ftruncate,/.*stat.*", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "journal::private::one_life_in_another_process"])
        .env("ONE_LIFE_IN", &runs)
        .output();
    let Some(output) = traced.ok().filter(|output| output.status.success()) else {
        say!("skipped: strace is not here, or may not trace");
        return;
    };
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    let text = fs::read_to_string(&trace).unwrap();
    let calls: Vec<String> = text.lines().filter_map(|line| call(line, &runs.display().to_string())).collect();
    insta::assert_snapshot!(calls.join("\n"));
}

/// `fsync <run>/lease` of a line of the trace; none: it is not about the run's directory.
fn call(line: &str, runs: &str) -> Option<String> {
    let (_, line) = line.split_once(' ')?;
    let (name, rest) = line.trim_start().split_once('(')?;
    if let Some((_, mark)) = rest.split_once("/mark ") {
        return Some(format!("-- {}", mark.split('"').next()?));
    }
    if name.contains("stat") {
        return None;
    }
    let mut paths = rest.match_indices(runs).map(|(at, _)| {
        let path = rest[at + runs.len()..].split(['>', '"']).next().unwrap_or_default();
        let path = path.replace(RUN, "RUN");
        path.split('/').map(plain).collect::<Vec<_>>().join("/")
    });
    let first = paths.next()?;
    Some(match paths.next() {
        Some(second) => format!("{name} runs{first} -> runs{second}"),
        None => format!("{name} runs{first}"),
    })
}

/// Names that differ from run to run, without what differs.
fn plain(name: &str) -> String {
    let is_ulid = |text: &str| ulid::Ulid::from_string(text).is_ok();
    let parts: Vec<&str> = name.split('.').map(|part| if is_ulid(part) { "ULID" } else { part }).collect();
    parts.join(".")
}
