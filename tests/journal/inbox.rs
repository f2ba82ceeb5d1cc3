//! Letters to a run: who sent them is the file's owner, bad ones keep nobody away, and waiting for them costs nothing.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use runbook::journal::inbox::{LARGEST, Letter, LetterKind, Watch, post, take};
use runbook::journal::{RunDirectory, user_at_host};
use runbook::model::id::StepId;

use super::run_directory;

fn pause(why: &str) -> Letter {
    LetterKind::Pause { why: why.to_owned() }.into()
}

fn put(directory: &RunDirectory, number: u32, text: &str) {
    fs::write(directory.inbox().join(format!("{number:026}.json")), text).unwrap();
}

fn is_readable(watch: &Watch) -> bool {
    poll(&mut [PollFd::new(watch.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO).unwrap() == 1
}

#[test]
fn every_kind_of_letter_arrives() {
    let (step, digest, reason) = (StepId("a/b".into()), "d".repeat(64), "seen".to_owned());
    let signature = Some("-----BEGIN SSH SIGNATURE-----".to_owned());
    let kinds = [
        LetterKind::Approve { step: step.clone(), digest: digest.clone(), reason: reason.clone(), signature },
        LetterKind::Reject { step, digest, reason, signature: None },
        LetterKind::Pause { why: "p".into() },
        LetterKind::Cancel { why: "c".into() },
        LetterKind::Rollback { why: "r".into() },
    ];
    let (_keep, directory) = run_directory();
    for kind in kinds {
        let letter = Letter::from(kind);
        let path = post(&directory, &letter).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut received = take(&directory).unwrap();
        assert_eq!(received.len(), 1);
        let received = received.remove(0);
        assert_eq!(received.letter, Ok(letter));
        assert_eq!(received.by, user_at_host(nix::unistd::geteuid().as_raw()));
        assert_eq!(received.path, directory.inbox().join("taken").join(path.file_name().unwrap()));
        assert!(received.path.is_file() && !path.exists());
        assert!(take(&directory).unwrap().is_empty(), "a letter is taken once");
    }
}

#[test]
fn letters_are_taken_in_the_order_of_their_names_and_bad_ones_are_put_aside() {
    let (_keep, directory) = run_directory();
    put(&directory, 3, r#"{"v":1,"kind":"pause","why":"third"}"#);
    put(&directory, 1, r#"{"v":1,"kind":"cancel","why":"first"}"#);
    put(&directory, 2, "no letter");
    put(&directory, 4, r#"{"v":1,"kind":"dance","why":""}"#);
    put(&directory, 5, r#"{"v":2,"kind":"pause","why":""}"#);
    put(&directory, 6, &format!(r#"{{"v":1,"kind":"pause","why":"{}"}}"#, "x".repeat(64 * 1024)));
    put(&directory, 7, &format!(r#"{{"v":1,"kind":"pause","why":"{}ÿ"}}"#, "[".repeat(60_000)));
    fs::write(directory.inbox().join("notes.txt"), "hello").unwrap();
    fs::write(directory.inbox().join(".half-written"), "{").unwrap();
    let received = take(&directory).unwrap();
    let said: Vec<String> = received
        .iter()
        .map(|received| match &received.letter {
            Ok(Letter { kind: LetterKind::Pause { why } | LetterKind::Cancel { why }, .. }) => {
                format!("ok {}", &why[..why.len().min(8)])
            }
            Ok(other) => format!("{other:?}"),
            Err(why) => why.clone(),
        })
        .collect();
    assert_eq!(said.len(), 8, "{said:#?}");
    assert_eq!((said[0].as_str(), said[2].as_str(), said[6].as_str()), ("ok first", "ok third", "ok [[[[[[[["));
    assert!(said[1].contains("expected") && said[3].contains("unknown variant `dance`"), "{said:#?}");
    assert!(said[4].contains("format 2") && said[5].contains("at most 65536"), "{said:#?}");
    assert!(said[7].contains("not that of a letter"), "{said:#?}");
    for received in &received {
        let place = received.path.parent().unwrap().file_name().unwrap();
        assert_eq!(place, if received.letter.is_ok() { "taken" } else { "refused" });
    }
    assert!(take(&directory).unwrap().is_empty());
    assert!(directory.inbox().join(".half-written").exists());
}

#[test]
fn links_pipes_and_second_names_are_refused() {
    let (_keep, directory) = run_directory();
    let elsewhere = directory.path().join("letter");
    fs::write(&elsewhere, r#"{"v":1,"kind":"cancel","why":"not mine"}"#).unwrap();
    let name = |number: u32| directory.inbox().join(format!("{number:026}.json"));
    symlink(&elsewhere, name(1)).unwrap();
    fs::hard_link(&elsewhere, name(2)).unwrap();
    nix::unistd::mkfifo(&name(3), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(name(4)).unwrap();
    let why: Vec<String> = take(&directory).unwrap().into_iter().map(|received| received.letter.unwrap_err()).collect();
    assert_eq!(
        why,
        ["it is a symbolic link", "its file has other names", "it is not a regular file", "it is not a regular file"]
    );
    assert!(elsewhere.exists());
}

#[test]
fn a_planted_link_in_the_place_of_taken_is_not_followed() {
    let (_keep, directory) = run_directory();
    let elsewhere = directory.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, directory.inbox().join("taken")).unwrap();
    post(&directory, &pause("now")).unwrap();
    let received = take(&directory).unwrap();
    assert!(received[0].letter.as_ref().unwrap_err().contains("not a directory"), "{received:?}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn the_sender_is_the_owner_of_the_file_whatever_the_letter_claims() {
    if !nix::unistd::geteuid().is_root() {
        crate::journal::say!("skipped: only root can give a file to another user");
        return;
    }
    let (_keep, directory) = run_directory();
    put(&directory, 1, r#"{"v":1,"kind":"pause","why":"","by":"root@moon"}"#);
    put(&directory, 2, r#"{"v":1,"kind":"pause","why":""}"#);
    let file = |number: u32| directory.inbox().join(format!("{number:026}.json"));
    chown(file(1), Some(54321), None).unwrap();
    chown(file(2), Some(1), None).unwrap();
    let received = take(&directory).unwrap();
    assert!(received.iter().all(|received| received.letter.is_ok()));
    assert_eq!(received[0].by, user_at_host(54321));
    assert!(received[0].by.starts_with("54321@"), "a user without a name is a number: {}", received[0].by);
    assert!(received[1].by.starts_with("daemon@") || received[1].by.starts_with("bin@"), "{}", received[1].by);
}

#[test]
fn a_letter_that_is_too_large_is_not_posted() {
    let (_keep, directory) = run_directory();
    let size = usize::try_from(LARGEST).unwrap();
    assert!(post(&directory, &pause(&"x".repeat(size))).is_err());
    assert!(fs::read_dir(directory.inbox()).unwrap().next().is_none());
}

#[test]
fn a_watch_wakes_once_a_letter_is_whole_and_never_else() {
    let (_keep, directory) = run_directory();
    let watch = Watch::new(&directory).unwrap();
    assert!(!is_readable(&watch) && !watch.drain().unwrap());
    fs::write(directory.inbox().join(".being-written"), "{").unwrap();
    assert!(!is_readable(&watch), "what is being written is no letter");
    post(&directory, &pause("one")).unwrap();
    post(&directory, &pause("two")).unwrap();
    assert!(is_readable(&watch) && watch.drain().unwrap() && !is_readable(&watch));
    assert_eq!(take(&directory).unwrap().len(), 2);
    assert!(!is_readable(&watch), "taking does not wake");
    assert!(!directory.inbox().join("taken").is_symlink());
}

#[test]
fn an_inbox_behind_a_link_is_not_watched() {
    let (_keep, directory) = run_directory();
    fs::rename(directory.inbox(), directory.path().join("elsewhere")).unwrap();
    symlink(directory.path().join("elsewhere"), directory.inbox()).unwrap();
    assert!(Watch::new(&directory).is_err());
    assert!(post(&directory, &pause("one")).is_err() && take(&directory).is_err());
    assert!(is_empty(&directory.path().join("elsewhere")));
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}
