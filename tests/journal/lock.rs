//! One engine per system and environment on a machine.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Stdio;
use std::time::{Duration, Instant};

use runbook::journal::{FileJournal, FileLease, Holder, Journal, JournalError, Lock, LockDirectory, LockError};
use tempfile::TempDir;

use super::{at, holder, run_directory, run_started};

fn somebody() -> Holder {
    holder(&run_directory().1)
}

fn acquire(directory: &TempDir, environment: Option<&str>, holder: &Holder) -> Result<Lock, LockError> {
    Lock::acquire(directory.path(), "shop", environment, holder)
}

#[test]
fn the_second_run_is_told_who_has_the_environment() {
    let directory = TempDir::new().unwrap();
    let me = somebody();
    let lock = acquire(&directory, Some("prod"), &me).unwrap();
    let Err(LockError::Held(Some(by))) = acquire(&directory, Some("prod"), &me) else { panic!() };
    assert_eq!(*by, me);
    assert_eq!(Lock::holder(directory.path(), "shop", Some("prod")).unwrap(), Some(me.clone()));
    // Another environment, and none, are others.
    let _staging = acquire(&directory, Some("staging"), &me).unwrap();
    let _none = acquire(&directory, None, &me).unwrap();
    drop(lock);
    assert_eq!(Lock::holder(directory.path(), "shop", Some("prod")).unwrap(), None);
    drop(acquire(&directory, Some("prod"), &me).unwrap());
}

#[test]
fn names_are_encoded() {
    let directory = TempDir::new().unwrap();
    let _lock = Lock::acquire(directory.path(), "../shop", Some("a@b/ü"), &somebody()).unwrap();
    let uid = nix::unistd::geteuid();
    let mut names: Vec<String> =
        fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, [format!("..%2Fshop@a%40b%2F%C3%BC.{uid}.json"), "..%2Fshop@a%40b%2F%C3%BC.lock".to_owned()]);
}

/// Not a test of its own: another process that holds the lock until it is killed.
#[test]
#[ignore = "the other process of a_killed_holder_is_succeeded_at_once"]
fn hold_a_lock() {
    let Some(directory) = std::env::var_os("HOLD_A_LOCK_IN") else { return };
    let _lock = Lock::acquire(directory.as_ref(), "shop", None, &somebody()).unwrap();
    std::io::Write::write_all(&mut std::io::stdout(), b"held\n").unwrap();
    std::thread::sleep(Duration::from_mins(1));
}

#[test]
fn a_killed_holder_is_succeeded_at_once() {
    let directory = TempDir::new().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own other process")]
    let mut other = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "journal::lock::hold_a_lock"])
        .env("HOLD_A_LOCK_IN", directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("held")));
    assert!(matches!(acquire(&directory, None, &somebody()), Err(LockError::Held(Some(_)))));
    other.kill().unwrap();
    other.wait().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it is measured")]
    let begun = Instant::now();
    let _lock = acquire(&directory, None, &somebody()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn the_files_of_another_user_are_no_obstacle_and_no_link_is_followed() {
    let directory = TempDir::new().unwrap();
    let (lock, holder) = (directory.path().join("shop@.lock"), directory.path().join("shop@.12345.json"));
    fs::write(&lock, "").unwrap();
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o444)).unwrap();
    let mut other = somebody();
    other.operator = "gone@here".into();
    fs::write(&holder, serde_json::to_vec(&other).unwrap()).unwrap();
    if nix::unistd::geteuid().is_root() {
        chown(&lock, Some(12345), None).unwrap();
        chown(&holder, Some(12345), None).unwrap();
    }
    let lock_held = acquire(&directory, None, &somebody()).unwrap();
    drop(lock_held);
    fs::remove_file(&lock).unwrap();
    symlink(directory.path().join("elsewhere"), &lock).unwrap();
    let error = acquire(&directory, None, &somebody()).unwrap_err().to_string();
    assert!(error.contains("symbolic link") && error.contains("shop@.lock"), "{error}");
    assert!(!directory.path().join("elsewhere").exists());
    fs::remove_file(&lock).unwrap();
    nix::unistd::mkfifo(&lock, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(acquire(&directory, None, &somebody()).unwrap_err().to_string().contains("not a regular file"));
}

#[test]
fn a_user_cannot_say_that_another_holds_a_lock() {
    let directory = TempDir::new().unwrap();
    let mut claimed = somebody();
    claimed.operator = "somebody else".into();
    claimed.since += chrono::TimeDelta::days(1);
    // Written by us, named after another user.
    fs::write(directory.path().join("shop@.12345.json"), serde_json::to_vec(&claimed).unwrap()).unwrap();
    let me = somebody();
    let _lock = acquire(&directory, None, &me).unwrap();
    assert_eq!(Lock::holder(directory.path(), "shop", None).unwrap(), Some(me));
}

#[test]
fn a_frozen_holder_is_broken_with_its_run() {
    let directory = TempDir::new().unwrap();
    let (_keep, run) = run_directory();
    let me = holder(&run);
    let frozen = acquire(&directory, None, &me).unwrap();
    let lease = FileLease::acquire(&run, &me).unwrap();
    let mut journal = FileJournal::new(run.create_journal().unwrap()).leased(lease);

    let other = runbook::model::id::RunId("01OTHER".into());
    assert!(matches!(Lock::break_held(directory.path(), "shop", None, &other), Err(LockError::Held(Some(_)))));
    FileLease::break_held(&run, &me).unwrap();
    assert_eq!(Lock::break_held(directory.path(), "shop", None, &me.run).unwrap(), Some(me.clone()));
    assert_eq!(Lock::break_held(directory.path(), "shop", None, &me.run).unwrap(), None);

    let _next = acquire(&directory, None, &me).unwrap();
    assert!(matches!(journal.append(0, at(), vec![run_started()]), Err(JournalError::Fenced { .. })));
    // It wakes up and ends: the lock of its successor stays.
    drop(frozen);
    assert!(matches!(acquire(&directory, None, &me), Err(LockError::Held(Some(_)))));
}

#[test]
fn the_directory_is_what_was_asked_for_else_shared_else_private() {
    let directory = TempDir::new().unwrap();
    let asked = directory.path().join("a/locks");
    let chosen = LockDirectory::choose(|name| (name == "RUNBOOK_LOCKS").then(|| asked.clone().into())).unwrap();
    assert_eq!(chosen, LockDirectory { path: asked.clone(), shared: true });
    assert!(asked.is_dir());
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = LockDirectory::choose(|name| (name == "RUNBOOK_LOCKS").then(|| file.clone().into()));
    assert!(refused.unwrap_err().to_string().contains("$RUNBOOK_LOCKS"));
    let home = |name: &str| (name == "HOME").then(|| OsString::from(directory.path()));
    let chosen = LockDirectory::choose(home).unwrap();
    let mode = fs::metadata(&chosen.path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, if chosen.shared { 0o1777 } else { 0o700 }, "{}", chosen.path.display());
}
