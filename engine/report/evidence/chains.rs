//! Whether a journal's chain holds, whether it is whose it says, and what a head that was kept elsewhere proves of it.

use super::finding::{Finding, LastGood, Place, when};
use super::gather::Part;
use super::head::{Head, Kept};
use crate::journal::Inspection;
use crate::model::hex::hex;
use crate::report::phrase::count;

/// How to have a head the next time.
const KEEP: &str = "`runbook head` prints a line to keep elsewhere, --head takes it";

/// Findings about one journal. `directory` is what its directory is called, where that says whose it is; `is_kept`: another chain
/// holds all of it.
pub fn chain(name: &str, part: &Part, directory: Option<&str>, heads: &[&Kept], is_kept: bool) -> Vec<Finding> {
    let about = format!("{name}/journal.jsonl");
    let Some(journal) = &part.journal else {
        return vec![Finding::broken(about, "is not there: nothing says what happened")];
    };
    let mut findings = Vec::new();
    match (&journal.damage, &journal.last) {
        (Some(damage), _) => findings.push(Finding::damaged(&about, damage)),
        (None, None) => {
            findings.push(Finding::broken(&about, "holds no record: nothing began, or all of it was cut off"));
        }
        (None, Some(last)) => findings.push(Finding::holds(
            &about,
            format!(
                "{} in one chain; the last is {} of {}, head {}",
                count(hashes(journal), "record"),
                last.kind,
                when(last.at),
                journal.head()
            ),
        )),
    }
    findings.extend(whose(&about, name, part, directory));
    let mut proved = 0;
    for head in heads {
        let (records, finding) = against(&about, journal, head);
        proved = proved.max(records);
        findings.push(finding);
    }
    if journal.last.is_some() && !is_kept {
        findings.extend(tail(&about, part, journal, proved));
    }
    findings
}

fn hashes(journal: &Inspection) -> usize {
    journal.hashes.len()
}

/// Whether it is the journal that its place says.
fn whose(about: &str, name: &str, part: &Part, directory: Option<&str>) -> Option<Finding> {
    let journal = part.journal.as_ref()?;
    journal.last.as_ref()?;
    let Some((of, id)) = &part.facts.of else {
        return Some(Finding::broken(about, "does not begin with the start of a run or a drill"));
    };
    let place = match name.strip_prefix("runs/") {
        Some(run) => Some(run),
        None => directory,
    };
    let is_other = place.is_some_and(|place| place != id);
    is_other.then(|| Finding::broken(about, format!("is that of {of} {id}: it was put here in place of another")))
}

/// What a head proves of a journal: up to how many records, and the finding.
fn against(about: &str, journal: &Inspection, kept: &Kept) -> (u64, Finding) {
    let hash = match kept {
        Kept::Line(head) => &head.head,
        Kept::Hash(hash) => hash,
    };
    let at = journal.hashes.iter().position(|known| hex(known) == *hash).map(|at| at as u64);
    let expected = match kept {
        Kept::Line(head) => Some(head.records - 1),
        Kept::Hash(_) => None,
    };
    if let Some(at) = at.filter(|at| expected.is_none_or(|expected| expected == *at)) {
        let behind = journal.records() - 1 - at;
        let behind = match behind {
            0 => String::new(),
            behind => format!("; {} came later", count(usize::try_from(behind).unwrap_or(usize::MAX), "record")),
        };
        let text = format!(
            "record {at} has the hash that was kept elsewhere: up to it nothing was changed, added, removed or cut off{behind}"
        );
        return (at + 1, Finding::holds(about, text));
    }
    let finding = match kept {
        Kept::Line(head) => missed(about, journal, head),
        Kept::Hash(hash) => Finding::broken(
            about,
            format!(
                "has no record of the hash {hash} that was kept elsewhere: it was cut off, or rewritten; where, the whole line of \
                 `runbook head` would tell"
            ),
        ),
    };
    (0, finding)
}

/// A head that the journal does not have.
fn missed(about: &str, journal: &Inspection, head: &Head) -> Finding {
    let last = journal.last.as_ref();
    let (record, text) = if head.records > journal.records() {
        let gone = usize::try_from(head.records - journal.records()).unwrap_or(usize::MAX);
        let text = format!(
            "was cut off: the head kept elsewhere is of record {} ({}), {} from number {} on are gone",
            head.records - 1,
            when(head.at),
            count(gone, "record"),
            journal.records()
        );
        (journal.records(), text)
    } else {
        let at = head.records - 1;
        let have =
            usize::try_from(at).ok().and_then(|at| journal.hashes.get(at)).map(|hash| hex(hash)).unwrap_or_default();
        let text = format!(
            "is not the one whose head was kept elsewhere: record {at} has the hash {have} here and had {}; it, or records before it, were rewritten",
            head.head
        );
        (at, text)
    };
    let mut finding = Finding::broken(about, text);
    finding.place = Some(Place { record, byte: None, kind: None, last_good: last.map(LastGood::of) });
    finding
}

/// What the chain alone cannot say about its end.
fn tail(about: &str, part: &Part, journal: &Inspection, proved: u64) -> Option<Finding> {
    let all = journal.records();
    let last = all - 1;
    if proved == all && part.facts.ended {
        return None;
    }
    let end = if part.facts.ended { "" } else { "it has no end: the engine goes on, died, or its end was cut off; " };
    let text = if proved == all {
        format!("{end}whether there were records behind number {last} when its head was kept")
    } else if proved > 0 {
        format!("{end}whether records behind number {last} were cut off, and those from number {proved} on rewritten")
    } else {
        format!(
            "{end}whether records behind number {last} were cut off, or the whole journal was replaced by another that is consistent; {KEEP}"
        )
    };
    (journal.damage.is_none()).then(|| Finding::not_provable(about, text))
}
