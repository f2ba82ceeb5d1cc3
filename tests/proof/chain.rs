//! Everything that can be done to the lines of a journal: found and placed, or named as not provable.

use runbook::report::evidence::Status;

use super::{broken, entries, findings, head, journal, lines};

/// The one broken thing, at this record, with these words.
#[track_caller]
fn breaks(bytes: &[u8], record: usize, words: &str) {
    let found = findings(bytes, &[]);
    let broken = broken(&found);
    let [finding] = broken[..] else { panic!("one thing is broken: {found:#?}") };
    let place = finding.place.as_ref().unwrap_or_else(|| panic!("no place: {finding:#?}"));
    assert_eq!(place.record, record as u64, "{finding:#?}");
    assert!(finding.text.contains(words), "no `{words}` in {finding:#?}");
    // The last good one before it is named, too.
    let before = record.checked_sub(1).map(|before| before as u64);
    assert_eq!(place.last_good.as_ref().map(|last| last.record), before, "{finding:#?}");
}

/// Nothing is broken, and what cannot be told is said.
#[track_caller]
fn is_not_provable(bytes: &[u8], words: &str) {
    let found = findings(bytes, &[]);
    assert!(broken(&found).is_empty(), "{found:#?}");
    let open: Vec<_> = found.iter().filter(|finding| finding.status == Status::NotProvable).collect();
    assert!(open.iter().any(|finding| finding.text.contains(words)), "no `{words}` in {found:#?}");
}

#[test]
fn what_was_recorded_holds() {
    let whole = journal(entries());
    is_not_provable(&whole, "whether records behind number 5 were cut off");
    is_not_provable(&whole, "or the whole journal was replaced by another that is consistent");
    let found = findings(&whole, &[]);
    assert!(
        found[0].text.contains("6 records in one chain; the last is run_finished of 2026-11-20 03:00:05"),
        "{found:#?}"
    );
}

#[test]
fn one_byte_changed_anywhere_is_found_at_its_record() {
    let whole = journal(entries());
    let mut record = 0;
    for at in 0..whole.len() {
        for flip in [0x01, 0x20, 0x80, whole[at] ^ b'\n', whole[at]] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            if changed != whole {
                let words = if at + 1 == whole.len() { "is cut off" } else { "" };
                breaks(&changed, record, words);
            }
        }
        record += usize::from(whole[at] == b'\n');
    }
}

#[test]
fn the_kind_and_the_byte_are_named() {
    let whole = journal(entries());
    let lines = lines(&whole);
    let at: usize = lines[..2].iter().map(Vec::len).sum();
    let text = String::from_utf8(whole).unwrap().replacen(r#""elapsed_ms":1000"#, r#""elapsed_ms":1001"#, 1);
    breaks(text.as_bytes(), 2, &format!("record 2 (step_finished, byte {at}) was changed"));
    breaks(text.as_bytes(), 2, "the last good one is record 1 (step_started) of 2026-11-20 03:00:01");
}

#[test]
fn a_removed_record_is_missed() {
    let lines = lines(&journal(entries()));
    for gone in 0..lines.len() {
        let mut rest = lines.clone();
        rest.remove(gone);
        if gone + 1 < lines.len() {
            breaks(&rest.concat(), gone, &format!("is missing; record {} stands in its place", gone + 1));
        } else {
            // At its end a shorter journal looks like one that is not over yet.
            is_not_provable(&rest.concat(), "it has no end");
            is_not_provable(&rest.concat(), "whether records behind number 4 were cut off");
        }
    }
    for (first, behind) in [(0, 2), (1, 4), (2, 5)] {
        let mut rest = lines.clone();
        rest.drain(first..behind);
        let words = format!("is missing, and so are those up to {}", behind - 1);
        breaks(&rest.concat(), first, &words);
    }
}

#[test]
fn an_added_record_is_found() {
    let lines = lines(&journal(entries()));
    let mut other = entries();
    other.truncate(3);
    other.push(super::step_started("evil", "true"));
    let forged = super::lines(&journal(other)).pop().unwrap();
    for at in 0..=lines.len() {
        for (copied, line) in lines.iter().enumerate() {
            let mut more = lines.clone();
            more.insert(at, line.clone());
            // A record twice in a row is first where it belongs.
            let place = if copied == at { at + 1 } else { at };
            breaks(&more.concat(), place, "");
        }
        let mut more = lines.clone();
        more.insert(at, forged.clone());
        // This one follows record 2, with a right hash: then two have number 3.
        breaks(&more.concat(), if at == 3 { 4 } else { at }, if at == 3 { "which stands above already" } else { "" });
        let mut more = lines.clone();
        more.insert(at, b"a line\n".to_vec());
        breaks(&more.concat(), at, "is no record");
    }
}

#[test]
fn swapped_records_are_found() {
    let lines = lines(&journal(entries()));
    for one in 0..lines.len() {
        for other in one + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(one, other);
            breaks(&swapped.concat(), one, "records were swapped");
        }
    }
}

#[test]
fn cut_at_every_byte() {
    let whole = journal(entries());
    let kept = head(&whole);
    for length in 0..whole.len() {
        let cut = &whole[..length];
        let records = cut.split(|byte| *byte == b'\n').count() - 1;
        if length == 0 {
            let found = findings(cut, &[]);
            assert!(broken(&found)[0].text.contains("holds no record"), "{found:#?}");
        } else if cut.ends_with(b"\n") {
            is_not_provable(cut, "it has no end");
            // With the head that was kept elsewhere it is found, and placed.
            let found = findings(cut, std::slice::from_ref(&kept));
            let place = broken(&found)[0].place.clone().unwrap();
            assert_eq!((place.record, place.byte), (records as u64, None));
            assert!(broken(&found)[0].text.contains("was cut off"), "{found:#?}");
        } else {
            breaks(cut, records, "is cut off");
        }
    }
}

#[test]
fn a_rewritten_record_with_a_right_hash_does_not_fit() {
    // Whoever can make hashes rewrites one record, and not those behind it.
    let lines = lines(&journal(entries()));
    for at in 0..lines.len() {
        let mut forged = entries();
        forged[at] = match at {
            0 => super::run_started("01KB7Q00000000000000000002"),
            5 => super::run_finished(runbook::model::outcome::RunOutcome::Failed, 1),
            _ => super::step_started("evil", "true"),
        };
        let mut mixed = lines.clone();
        mixed[at] = super::lines(&journal(forged))[at].clone();
        let bytes = mixed.concat();
        if at == 0 {
            let found = findings(&bytes, &[]);
            assert!(broken(&found).iter().any(|one| one.text.contains("record 0 was rewritten")), "{found:#?}");
            assert!(broken(&found).iter().any(|one| one.text.contains("it was put here in place of another")));
        } else if at < 5 {
            breaks(&bytes, at + 1, &format!("record {at} was rewritten"));
        } else {
            is_not_provable(&bytes, "replaced by another that is consistent");
        }
    }
}

#[test]
fn bytes_of_zero_and_a_later_format_are_named() {
    let whole = journal(entries());
    let lines = lines(&whole);
    let at: usize = lines[..3].iter().map(Vec::len).sum();
    let mut zeros = whole.clone();
    zeros[at + 300..at + 320].fill(0);
    breaks(&zeros, 3, "has bytes of zero");
    let changed = String::from_utf8(whole).unwrap().replacen(r#"{"v":1,"seq":1,"#, r#"{"v":2,"seq":1,"#, 1);
    breaks(changed.as_bytes(), 1, "was changed");
}
