//! Power losses, crashes, full and failing disks, seeded: what was acknowledged is read back, nothing else than what was written is,
//! and the journal goes on. `RUNBOOK_SWEEP=full` runs 10,000 seeds, `RUNBOOK_SEED=N` one.

use std::fmt::Write as _;

use runbook::journal::{FileJournal, Journal, JournalError, recover};
use runbook::model::entry::Entry;

use super::power_disk::{Dice, Disk, Fate};
use super::{at, run_finished, run_started, step_finished, step_started};

/// As many as a debug build does in a few seconds.
const SHORT: u64 = 300;
const FULL: u64 = 10_000;

/// What a seed has met, so that a sweep in which nothing happened is noticed.
#[derive(Debug, Default)]
struct Met {
    lives: usize,
    appends: usize,
    power_losses: usize,
    torn: usize,
    unacknowledged_kept: usize,
    full: usize,
    failed_syncs: usize,
}

fn batch(dice: &mut Dice) -> Vec<Entry> {
    let most = if dice.one_in(4) { 6 } else { 2 };
    let entries = 1 + dice.below(most);
    (0..entries)
        .map(|_| match dice.below(4) {
            0 => step_started(),
            1 => run_started(),
            _ => {
                let longest = if dice.one_in(8) { 6000 } else { 300 };
                let mut text = String::new();
                // No two are alike: a record in the place of another is noticed.
                let _ = write!(text, "{:x} ", dice.next());
                text.extend(std::iter::repeat_n('x', dice.below(longest)));
                step_finished(&text)
            }
        })
        .collect()
}

/// What the test knows of the run.
#[derive(Default)]
struct Known {
    /// Synced, and said to be so.
    acknowledged: Vec<Entry>,
    /// What the last engine tried after that, in the order of places.
    in_flight: Vec<Entry>,
}

/// One engine's life. Gives what is wrong.
fn life(
    disk: &Disk,
    fate: Option<(usize, Fate)>,
    known: &mut Known,
    dice: &mut Dice,
    met: &mut Met,
) -> Result<(), String> {
    disk.begin(fate);
    met.lives += 1;
    let content = disk.content();
    let loaded = match recover(&mut disk.clone(), &content) {
        Ok(loaded) => loaded,
        Err(runbook::journal::ReadError::Storage { .. }) => return Ok(()),
        Err(error) => return Err(format!("the journal cannot be read: {error}")),
    };
    met.torn += usize::from(loaded.torn.is_some());
    let entries: Vec<Entry> = loaded.records.iter().map(|record| record.entry.clone()).collect();
    if !entries.starts_with(&known.acknowledged) {
        return Err(format!("{} of {} acknowledged records came back", entries.len(), known.acknowledged.len()));
    }
    let more = &entries[known.acknowledged.len()..];
    if !known.in_flight.starts_with(more) {
        return Err(format!("{} records were invented", more.len()));
    }
    met.unacknowledged_kept += more.len();
    *known = Known { acknowledged: entries, in_flight: Vec::new() };

    let mut journal = FileJournal::resume(disk.clone(), &loaded);
    for _ in 0..8 {
        let batch = batch(dice);
        known.in_flight.clone_from(&batch);
        match journal.append(known.acknowledged.len() as u64, at(), batch) {
            Ok(records) => {
                known.acknowledged.extend(records.into_iter().map(|record| record.entry));
                known.in_flight.clear();
                met.appends += 1;
            }
            Err(error) => {
                last_words(&error, &mut journal, disk, known, met);
                return Ok(());
            }
        }
    }
    Ok(())
}

fn last_words(error: &JournalError, journal: &mut FileJournal<Disk>, disk: &Disk, known: &mut Known, met: &mut Met) {
    met.failed_syncs += usize::from(disk.is_broken());
    if matches!(error, JournalError::Storage(error) if error.kind() == std::io::ErrorKind::StorageFull) {
        met.full += 1;
        let records = journal.close(at(), vec![run_finished()]).expect("the reserve takes it");
        known.acknowledged.extend(records.into_iter().map(|record| record.entry));
        known.in_flight.clear();
    }
}

fn seed(seed: u64, met: &mut Met) -> Result<(), String> {
    let mut dice = Dice(seed);
    let (disk, mut known) = (Disk::new(), Known::default());
    for _ in 0..2 + dice.below(4) {
        let what = if dice.one_in(4) { Fate::Refuse } else { Fate::Stop };
        life(&disk, Some((dice.below(24), what)), &mut known, &mut dice, met)?;
        // After a failed sync only a new start of the machine shows what the disk holds.
        if disk.is_broken() || !dice.one_in(4) {
            disk.lose_power(&mut dice);
            met.power_losses += 1;
        }
    }
    // The last one sees what is left, with nothing in its way.
    life(&disk, None, &mut known, &mut dice, met)
}

#[test]
fn what_was_acknowledged_survives_every_loss_of_power() {
    let seeds = match std::env::var("RUNBOOK_SEED") {
        Ok(one) => one.parse().map(|one: u64| one..one + 1).expect("a number"),
        Err(_) if std::env::var("RUNBOOK_SWEEP").is_ok_and(|sweep| sweep == "full") => 0..FULL,
        Err(_) => 0..SHORT,
    };
    let mut met = Met::default();
    let mut violations = 0;
    for number in seeds.clone() {
        if let Err(what) = seed(number, &mut met) {
            violations += 1;
            eprintln!("RUNBOOK_SEED={number}: {what}");
        }
    }
    eprintln!("{} seeds, {violations} violations; met {met:?}", seeds.end - seeds.start);
    assert_eq!(violations, 0);
    if seeds.end - seeds.start >= SHORT {
        let rare = [met.torn, met.unacknowledged_kept, met.full, met.failed_syncs, met.power_losses];
        assert!(rare.iter().all(|count| *count > 20), "the sweep has met too little: {met:?}");
    }
}
