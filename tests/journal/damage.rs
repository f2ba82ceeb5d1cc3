//! A journal that was cut, changed, reordered or written by a later program.

use runbook::journal::{FileJournal, Journal, ReadError, load, read};
use runbook::model::entry::Entry;

use super::{at, run_finished, run_started, small, step_finished, step_started};

fn expected() -> Vec<Entry> {
    vec![run_started(), step_started(), step_finished("ok"), run_finished()]
}

/// True when everything accepted is what was written, in order, from the beginning.
fn only_what_was_written(bytes: &[u8]) -> bool {
    match read(bytes) {
        Ok(loaded) => {
            let entries: Vec<Entry> = loaded.records.into_iter().map(|record| record.entry).collect();
            expected().starts_with(&entries)
        }
        Err(_) => true,
    }
}

#[test]
fn a_whole_journal_comes_back() {
    let bytes = small();
    assert!(bytes.len() < 4096);
    let loaded = read(&bytes).unwrap();
    assert!(loaded.torn.is_none() && loaded.foreign.is_empty());
    assert_eq!(loaded.records.iter().map(|record| record.entry.clone()).collect::<Vec<_>>(), expected());
    assert!(loaded.records.iter().enumerate().all(|(index, record)| record.seq == index as u64));
    assert_eq!(loaded.records[0].at, super::at());
}

#[test]
fn every_line_is_json_with_the_frame_in_front() {
    let text = String::from_utf8(small()).unwrap();
    for line in text.lines() {
        let value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let names: Vec<&str> = value.keys().take(7).map(String::as_str).filter(|name| *name != "batch").collect();
        assert_eq!(names[..6], ["v", "seq", "prev", "hash", "at", "kind"]);
        // The second record was appended together with the first.
        assert_eq!(value.get("batch"), (value["seq"] == 1).then_some(&0.into()));
    }
    assert!(text.contains(r#""at":"2026-11-21T03:04:05.678901Z","batch":0,"kind":"step_started","step":"start/db""#));
}

#[test]
fn cut_at_every_byte() {
    let bytes = small();
    let ends: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1).collect();
    for length in 0..bytes.len() {
        let loaded = read(&bytes[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(loaded.records.len(), whole, "cut at {length}");
        let last = ends[..whole].last().copied().unwrap_or(0);
        let torn = loaded.torn.map(|torn| (torn.offset, torn.bytes));
        assert_eq!(torn, (length > last).then_some((last as u64, (length - last) as u64)));
        assert!(only_what_was_written(&bytes[..length]));
    }
}

#[test]
fn every_bit_flipped() {
    let bytes = small();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << bit;
            assert!(only_what_was_written(&changed), "bit {bit} of byte {index}");
            let noticed = match read(&changed) {
                Ok(loaded) => loaded.torn.is_some() || loaded.records.len() < 4,
                Err(_) => true,
            };
            assert!(noticed, "bit {bit} of byte {index} went unnoticed");
        }
    }
}

#[test]
fn a_tail_of_zeros_is_torn_and_zeros_in_the_middle_are_damage() {
    let bytes = small();
    let mut tail = bytes.clone();
    tail.extend([0; 512]);
    assert_eq!(read(&tail).unwrap().records.len(), 4);
    let end = bytes.len();
    let mut late = bytes.clone();
    late[end - 100..end - 50].fill(0);
    assert_eq!(read(&late).unwrap().records.len(), 3);
    let mut middle = bytes;
    middle[10..60].fill(0);
    assert!(matches!(read(&middle), Err(ReadError::Damaged { offset: 0, seq: 0, .. })));
}

#[test]
fn zeros_are_torn_in_the_last_batch_only() {
    let memory = super::Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, super::at(), vec![run_started(), step_started()]).unwrap();
    let first = memory.bytes.lock().unwrap().len();
    journal.append(2, super::at(), vec![step_finished("ok"), run_finished()]).unwrap();
    let bytes = memory.bytes.lock().unwrap().clone();
    // A block in the middle of the last write is missing, and the one behind it is there.
    let mut last = bytes.clone();
    last[first + 20..first + 60].fill(0);
    let loaded = read(&last).unwrap();
    assert_eq!((loaded.records.len(), loaded.length), (2, first as u64));
    assert_eq!(loaded.torn.unwrap().bytes, (bytes.len() - first) as u64);
    // The same in the write before it: that one had been acknowledged.
    for at in [20, first - 60] {
        let mut earlier = bytes.clone();
        earlier[at..at + 40].fill(0);
        assert!(matches!(read(&earlier), Err(ReadError::Damaged { .. })));
    }
}

#[test]
fn damage_names_its_place() {
    let bytes = small();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let second = lines[0].len() as u64;
    let removed = [lines[0], lines[2], lines[3]].concat();
    let Err(ReadError::Damaged { offset, seq: 1, what }) = read(&removed) else { panic!() };
    assert!(offset == second && what.contains("missing"));
    let swapped = [lines[0], lines[2], lines[1], lines[3]].concat();
    assert!(matches!(read(&swapped), Err(ReadError::Damaged { seq: 1, .. })));
    let doubled = [lines[0], lines[1], lines[1]].concat();
    assert!(matches!(read(&doubled), Err(ReadError::Damaged { seq: 2, .. })));
    let mut edited = bytes.clone();
    let at = bytes.windows(9).position(|part| part == b"succeeded").unwrap();
    edited[at..at + 9].copy_from_slice(b"succeedes");
    let error = read(&edited).unwrap_err().to_string();
    assert!(error.contains("(record 2): its hash does not match"), "{error}");
}

#[test]
fn any_bytes_are_an_error_and_not_a_panic() {
    for bytes in [
        &b"\n"[..],
        b"{}\n",
        b"\xff\xfe\n",
        b"{\"v\":1,\"seq\":0,\"prev\":\"\n",
        "{\"v\":1,\"seq\":0,\"prev\":\"ä\n".as_bytes(),
    ] {
        assert!(read(bytes).is_err());
    }
    assert!(read(b"").unwrap().records.is_empty());
    assert!(matches!(read(b"{\"v\":2,\"seq\":0}\n"), Err(ReadError::Version { offset: 0, found: 2 })));
    assert!(load(std::path::Path::new("/no/such/journal")).unwrap_err().to_string().starts_with("read /no/such"));
}

#[test]
fn a_kind_of_a_later_version_is_kept() {
    use sha2::{Digest, Sha256};
    let head = format!(r#"{{"v":1,"seq":0,"prev":"{}","#, "0".repeat(64));
    let rest = r#""at":"2026-11-21T03:04:05.000000Z","kind":"teleported","to":{"moon":1}}"#;
    let digest = Sha256::digest(format!("{head}{rest}"));
    let hash = digest.iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
    let loaded = read(format!("{head}\"hash\":\"{hash}\",{rest}\n").as_bytes()).unwrap();
    assert_eq!(loaded.records[0].entry, Entry::Unknown);
    assert_eq!(loaded.foreign[0].members["to"]["moon"], 1);
    assert_eq!(loaded.head, hash);
}

/// The line with something else in it, and the hash that it should have then.
fn forged(line: &str, from: &str, to: &str) -> String {
    use sha2::{Digest, Sha256};
    assert!(line.contains(from), "{line}");
    let line = line.replacen(from, to, 1);
    let (head, rest) = line.split_once("\"hash\":\"").unwrap();
    let rest = &rest[64 + "\",".len()..];
    let hash = Sha256::new().chain_update(head).chain_update(rest).finalize();
    let hash = hash.iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
    format!("{head}\"hash\":\"{hash}\",{rest}")
}

#[test]
fn a_record_that_claims_another_batch_is_damage_though_its_hash_is_right() {
    let memory = super::Memory::default();
    let mut journal = FileJournal::new(memory.clone());
    journal.append(0, at(), vec![run_started(), step_started()]).unwrap();
    journal.append(2, at(), vec![step_finished("ok"), run_finished()]).unwrap();
    let text = String::from_utf8(memory.bytes.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // Its own number, one that is not reached yet, and that of an earlier batch.
    for (line, batch, forged_batch) in [(1, "0", "1"), (1, "0", "7"), (3, "2", "0")] {
        let record = forged(lines[line], &format!("\"batch\":{batch},"), &format!("\"batch\":{forged_batch},"));
        let bytes = [&lines[..line], &[record.as_str()]].concat().join("\n") + "\n";
        assert!(
            matches!(read(bytes.as_bytes()), Err(ReadError::Damaged { seq, .. }) if seq == line as u64),
            "record {line} says batch {forged_batch}"
        );
    }
    // The same without a lie is whole.
    let same = forged(lines[1], "\"batch\":0,", "\"batch\":0,");
    assert_eq!(same, lines[1]);
}
