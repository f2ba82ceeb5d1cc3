//! What else was written: the plan against the digests in the journal, and everything that a drill's journal has the digests of.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::gather::{Gathered, Part};
use crate::model::drill::KeptFile;
use crate::report::phrase::{self, count};

/// Whether the plan is the one that the run began with.
pub fn plan(name: &str, part: &Part) -> Option<Finding> {
    let about = format!("{name}/plan.json");
    let (sealed, source) = part.facts.plan.as_ref()?;
    let Some(plan) = &part.plan else {
        return Some(Finding::broken(about, "is not there, or is no plan: the journal has its digests"));
    };
    Some(match (&plan.source, &plan.plan) {
        (Some(have), _) if have != source => Finding::broken(
            about,
            "has documents, parameters, an environment or secrets that are not those of the journal's source digest",
        ),
        (_, Some(have)) if have != sealed => {
            Finding::broken(about, "has steps that are not those of the journal's plan digest")
        }
        (Some(_), Some(_)) => {
            Finding::holds(about, "documents, parameters, environment and steps are those that the run began with")
        }
        (Some(_), None) => Finding::not_provable(
            about,
            "documents and parameters are those that the run began with; whether the steps are, an earlier program did not record",
        ),
        (None, _) => Finding::not_provable(about, "does not hold what its digests were made of"),
    })
}

/// Whether the run of a drill is there.
pub fn run_of_drill(gathered: &Gathered, name: &str, drill: &Part) -> Option<Finding> {
    let (of, _) = drill.facts.of.as_ref()?;
    if *of != "drill" {
        return None;
    }
    match &drill.facts.run {
        Some(run) if gathered.parts.contains_key(&format!("runs/{run}")) => None,
        Some(run) => Some(Finding::broken(format!("runs/{run}"), "is not there: it is the run of this drill")),
        None => Some(Finding::not_provable(
            name,
            "its journal names no run: nothing was recovered, or the drill was killed",
        )),
    }
}

/// Everything but journals and plans: what steps, people and the canary wrote.
pub fn written(gathered: &Gathered, main: &Part, is_bundle: bool) -> Vec<Finding> {
    match &main.facts.kept {
        Some(kept) => against(gathered, kept),
        None => outside(gathered, is_bundle).into_iter().collect(),
    }
}

/// A drill's journal has the digests of all of it.
fn against(gathered: &Gathered, kept: &[KeptFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known: BTreeMap<&str, &KeptFile> = kept.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut same = 0;
    for (path, was) in &known {
        match gathered.files.get(*path) {
            Some(is) if is == *was => same += 1,
            Some(is) => findings.push(Finding::broken(*path, different(was, is))),
            None => findings.push(Finding::broken(*path, "is gone: the drill's journal has its digest")),
        }
    }
    let main = gathered.main().map(|(name, _)| format!("{name}/journal.jsonl"));
    for path in gathered.files.keys() {
        let is_own = !path.contains('/') || Some(path) == main.as_ref();
        if !is_own && !known.contains_key(path.as_str()) {
            findings.push(Finding::broken(path.as_str(), "was added after the drill: its journal does not know it"));
        }
    }
    let text = format!("{} as the drill's journal has them", count(same, "file"));
    findings.push(Finding::holds("what the drill and its run wrote", text));
    findings
}

/// How a file differs from what was recorded of it.
pub fn different(was: &KeptFile, is: &KeptFile) -> String {
    if was.bytes == is.bytes {
        return format!("was changed: {} as recorded, SHA-256 {} and was {}", bytes(is.bytes), is.sha256, was.sha256);
    }
    format!("was changed: it has {}, and had {}", bytes(is.bytes), bytes(was.bytes))
}

fn bytes(bytes: u64) -> String {
    phrase::count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
}

/// The chain of a run has no digests of what its steps wrote: that would cost a pass over all of it during a recovery.
fn outside(gathered: &Gathered, is_bundle: bool) -> Option<Finding> {
    let is_outside =
        |path: &&String| path.contains('/') && !path.ends_with("/journal.jsonl") && !path.ends_with("/plan.json");
    let files = gathered.files.keys().filter(is_outside).count();
    if files == 0 {
        return None;
    }
    let held = if is_bundle {
        "the bundle's manifest alone has their digests"
    } else {
        "a bundle has their digests in its manifest"
    };
    let text = format!("{} that steps and people wrote are outside the chain: {held}", count(files, "file"));
    Some(Finding::not_provable("outputs of steps", text))
}
