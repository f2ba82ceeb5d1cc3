//! Going on with a journal that is there.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use runbook::journal::{FileJournal, FileLease, Journal, Known, ReadError, RunDirectory, load};

use super::{at, holder, run_directory, run_started, small, step_finished, step_started};

fn with(bytes: &[u8]) -> (tempfile::TempDir, RunDirectory) {
    let (keep, directory) = run_directory();
    fs::write(directory.journal(), bytes).unwrap();
    fs::set_permissions(directory.journal(), fs::Permissions::from_mode(0o600)).unwrap();
    (keep, directory)
}

#[test]
fn positions_and_chain_continue() {
    let (_keep, directory) = run_directory();
    let mut first = FileJournal::new(directory.create_journal().unwrap());
    first.append(0, at(), vec![run_started(), step_started()]).unwrap();
    let head = first.head().to_owned();
    drop(first);
    let (storage, loaded) = directory.reopen_journal().unwrap();
    let mut second = FileJournal::resume(storage, &loaded);
    assert_eq!((second.position(), second.head(), &loaded.torn), (2, head.as_str(), &None));
    second.append(2, at(), vec![step_finished("ok")]).unwrap();
    let read = load(&directory.journal()).unwrap();
    assert_eq!((read.records.len(), read.head.as_str()), (3, second.head()));
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_off_and_the_journal_goes_on() {
    let bytes = small();
    for length in (0..bytes.len()).step_by(41) {
        let (_keep, directory) = with(&bytes[..length]);
        let (storage, loaded) = directory.reopen_journal().unwrap();
        assert_eq!(fs::metadata(directory.journal()).unwrap().len(), loaded.length);
        let mut journal = FileJournal::resume(storage, &loaded);
        journal.append(loaded.position(), at(), vec![step_finished("again")]).unwrap();
        let read = load(&directory.journal()).unwrap();
        assert_eq!((read.records.len(), read.torn), (loaded.records.len() + 1, None), "cut at {length}");
    }
}

#[test]
fn what_was_verified_stands_only_while_the_bytes_are_the_same() {
    let (_keep, directory) = with(&small());
    let known = Known::load(&directory.journal()).unwrap();
    let records = known.loaded.records.len();
    let (storage, other) = directory.reopen_known(&known).unwrap();
    assert_eq!(other, None);
    let mut journal = FileJournal::resume(storage, &known.loaded);
    journal.append(known.loaded.position(), at(), vec![step_finished("more")]).unwrap();
    let (_, other) = directory.reopen_known(&known).unwrap();
    assert_eq!(other.unwrap().records.len(), records + 1);
    let known = known.again(&directory.journal()).unwrap();
    assert_eq!(known.loaded.records.len(), records + 1);
    // Of the same length, but damaged.
    let mut bytes = fs::read(directory.journal()).unwrap();
    bytes[300] ^= 1;
    fs::write(directory.journal(), &bytes).unwrap();
    assert!(matches!(directory.reopen_known(&known), Err(ReadError::Damaged { .. })));
    assert!(matches!(known.again(&directory.journal()), Err(ReadError::Damaged { .. })));
}

#[test]
fn who_has_the_old_file_open_writes_where_nobody_reads() {
    let (_keep, directory) = run_directory();
    let mut first = FileJournal::new(directory.create_journal().unwrap());
    first.append(0, at(), vec![run_started()]).unwrap();
    let (storage, loaded) = directory.reopen_journal().unwrap();
    first.append(1, at(), vec![step_started()]).unwrap();
    let mut second = FileJournal::resume(storage, &loaded);
    second.append(1, at(), vec![step_finished("second")]).unwrap();
    let read = load(&directory.journal()).unwrap();
    assert_eq!(read.records[1].entry, step_finished("second"));
}

#[test]
fn root_leaves_a_users_run_to_the_user() {
    if !nix::unistd::geteuid().is_root() {
        say!("skipped: only root can resume a run of another user");
        return;
    }
    let (_keep, directory) = with(&small());
    drop(FileLease::acquire(&directory, &holder(&directory)).unwrap());
    let files = [directory.journal(), directory.lease()];
    for file in &files {
        chown(file, Some(54321), Some(54321)).unwrap();
    }
    drop(FileLease::acquire(&directory, &holder(&directory)).unwrap());
    drop(directory.reopen_journal().unwrap());
    for file in &files {
        let found = fs::metadata(file).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o777), (54321, 0o600), "{}", file.display());
    }
}

#[test]
fn damage_in_the_middle_is_refused_with_its_place_and_left_as_it_is() {
    let mut bytes = small();
    bytes[40] ^= 1;
    let (_keep, directory) = with(&bytes);
    assert!(matches!(directory.reopen_journal(), Err(ReadError::Damaged { offset: 0, seq: 0, .. })));
    assert_eq!(fs::read(directory.journal()).unwrap(), bytes);
}

#[test]
fn a_link_a_pipe_and_a_file_that_others_may_write_are_refused() {
    let (_keep, directory) = with(&small());
    fs::set_permissions(directory.journal(), fs::Permissions::from_mode(0o620)).unwrap();
    let error = directory.reopen_journal().unwrap_err().to_string();
    assert!(error.contains("others may write it (mode 0620)"), "{error}");
    let elsewhere = directory.path().join("elsewhere");
    fs::rename(directory.journal(), &elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&elsewhere, directory.journal()).unwrap();
    for error in [directory.reopen_journal().unwrap_err(), load(&directory.journal()).unwrap_err()] {
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }
    fs::remove_file(directory.journal()).unwrap();
    nix::unistd::mkfifo(&directory.journal(), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for error in [directory.reopen_journal().unwrap_err(), load(&directory.journal()).unwrap_err()] {
        assert!(error.to_string().contains("not a regular file"), "{error}");
    }
}
