//! From what was taken in to what holds. Pure: nothing is read here.

use super::chains;
use super::finding::Finding;
use super::gather::{Gathered, Part};
use super::head::Kept;
use super::signatures::Signatures;
use super::{approvals, files};
use crate::model::hex;

/// What a judgement goes by besides the evidence itself.
pub struct Given<'a> {
    /// Heads that were kept elsewhere.
    pub heads: &'a [Kept],
    /// Whoever can check signatures.
    pub signatures: &'a dyn Signatures,
    /// What the directory of the run or drill is called, where that says whose it is.
    pub directory: Option<&'a str>,
    /// A manifest holds the digests of every file.
    pub is_bundle: bool,
}

/// Everything that can be said of this evidence, in the order in which it is looked at.
#[must_use]
pub fn judge(gathered: &Gathered, given: &Given<'_>) -> Vec<Finding> {
    let Some((name, main)) = gathered.main() else {
        return vec![Finding::broken("journal.jsonl", "is not there: nothing says what happened")];
    };
    let runs = || gathered.parts.iter().filter(|(name, _)| name.contains('/'));
    // A bare hash is the drill's or its run's; which, only the chains can say.
    let of_a_run = |head: &Kept| runs().any(|(_, part)| has(part, head));
    let heads = |part: &Part, is_main: bool| -> Vec<&Kept> {
        let id = part.facts.of.as_ref().map_or("", |(_, id)| id);
        let is_its = |head: &&Kept| match head {
            Kept::Line(head) => head.id == id,
            Kept::Hash(_) if is_main => has(part, head) || !of_a_run(head),
            Kept::Hash(_) => has(part, head),
        };
        given.heads.iter().filter(is_its).collect()
    };
    let mut findings = chains::chain(name, main, given.directory, &heads(main, true), false);
    findings.extend(others(name, main));
    for (name, part) in runs() {
        let is_kept = in_drill(name, main, gathered);
        findings.extend(chains::chain(name, part, None, &heads(part, false), is_kept));
        findings.extend(others(name, part));
    }
    findings.extend(files::run_of_drill(gathered, name, main));
    findings.extend(files::written(gathered, main, given.is_bundle));
    for (name, part) in &gathered.parts {
        findings.extend(approvals::approvals(name, part, given.signatures));
    }
    findings
}

fn has(part: &Part, head: &Kept) -> bool {
    let (Kept::Hash(hash), Some(journal)) = (head, &part.journal) else { return false };
    hex::bytes::<32>(hash).is_some_and(|hash| journal.hashes.contains(&hash))
}

/// True where the drill's own chain holds the digest of its run's journal.
fn in_drill(name: &str, drill: &Part, gathered: &Gathered) -> bool {
    let path = format!("{name}/journal.jsonl");
    let kept = drill.facts.kept.iter().flatten().find(|file| file.path == path);
    kept.is_some() && kept == gathered.files.get(&path)
}

/// The plan, and records that nobody here understands.
fn others(name: &str, part: &Part) -> Vec<Finding> {
    let mut findings = Vec::from_iter(files::plan(name, part));
    if part.facts.unknown > 0 {
        let text = format!("{} of a kind of a later program: what they say is not looked at", part.facts.unknown);
        findings.push(Finding::not_provable(format!("{name}/journal.jsonl"), text));
    }
    findings
}
