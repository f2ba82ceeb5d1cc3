//! What a plan was made of, so that it can be made again elsewhere and later: what the command line said, and the text of every
//! file that was read. `resume` and `run plan.json` plan anew from it, and say what is different now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::args::PlanArgs;
use super::failure::Failure;
use super::load::{self, Loaded};
use super::params;
use crate::document::{self, Documents};
use crate::journal::Runs;
use crate::plan::{self, Given, Inputs, Plan, RunIdentity};
use crate::template::value;

/// What a plan was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// What `run.*` was.
    pub run: RunIdentity,
    /// What the command line said.
    pub inputs: SavedInputs,
    /// Every document that was read, in that order, then every file of parameters.
    pub sources: Vec<Source>,
    /// Digest of documents, parameters, environment and names of secrets.
    pub source_digest: String,
    /// Digest of the sealed plan.
    pub plan_digest: String,
}

/// What the command line said. Paths are as they were given, relative to `directory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedInputs {
    /// Where the program was started: absolute. Steps without a `working_dir` run there.
    pub directory: PathBuf,
    /// The runbook.
    pub runbook: PathBuf,
    /// `--system`.
    pub system: Option<PathBuf>,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--params`.
    pub params: Vec<PathBuf>,
    /// `--set`, and what those files held: later wins. Used where a file is not there any more.
    pub given: Vec<SavedParam>,
    /// `--set` as typed.
    pub set: Vec<String>,
    /// Every parameter of the runbook with its value in the plan.
    pub values: Map<String, Value>,
    /// `--only`.
    pub only: Vec<String>,
    /// `--skip`.
    pub skip: Vec<String>,
    /// `--from`.
    pub from: Option<String>,
}

/// One parameter as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedParam {
    /// Its name.
    pub name: String,
    /// Its texts; a list has several.
    pub values: Vec<String>,
    /// Where it came from.
    pub origin: String,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// As it was given, relative to the inputs' directory.
    pub path: PathBuf,
    /// SHA-256.
    pub digest: String,
    /// All of it.
    pub text: String,
}

impl Saved {
    /// What this plan was made of.
    ///
    /// # Errors
    /// A file of parameters that is gone by now; no working directory.
    pub fn new(args: &PlanArgs, loaded: &Loaded) -> Result<Self, Failure> {
        let directory = std::env::current_dir()
            .map_err(|error| Failure::Internal(format!("find the working directory: {error}")))?;
        let given = params::given(&args.params, &args.set, &loaded.documents)?;
        let mut sources = documents(&loaded.documents);
        for path in &args.params {
            sources.push(source(path, &read(path)?));
        }
        let inputs = SavedInputs {
            directory,
            runbook: args.file.clone(),
            system: args.system.clone(),
            environment: args.environment.clone(),
            params: args.params.clone(),
            given: given
                .into_iter()
                .map(|(name, given)| SavedParam { name, values: given.values, origin: given.origin })
                .collect(),
            set: args.set.clone(),
            values: values(&loaded.plan),
            only: args.only.clone(),
            skip: args.skip.clone(),
            from: args.from.clone(),
        };
        Ok(Self {
            run: loaded.plan.run.clone(),
            inputs,
            sources,
            source_digest: loaded.plan.source_digest.clone(),
            plan_digest: loaded.plan.plan_digest.clone(),
        })
    }

    /// Goes to the directory where the plan was made: paths and steps are relative to it. Whatever the command line of this
    /// program names must be absolute before.
    ///
    /// # Errors
    /// The directory is not there.
    pub fn enter(&self) -> Result<(), Failure> {
        std::env::set_current_dir(&self.inputs.directory).map_err(|error| {
            Failure::Refused(format!(
                "the plan was made in {}, and nobody can go there: {error}; nothing was changed",
                self.inputs.directory.display()
            ))
        })
    }

    /// Plans anew from the files as they are now, for this run. `amended` are parameters that a person changed since, as typed.
    /// To be called in the plan's directory, see [`Saved::enter`].
    ///
    /// # Errors
    /// Every mistake in the documents.
    pub fn plan(&self, run: RunIdentity, amended: &[(String, String)], runs: &Runs) -> Result<Loaded, Failure> {
        let documents = document::load(&self.inputs.runbook, self.inputs.system.as_deref())
            .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })?;
        let mut given = if self.inputs.params.iter().all(|path| path.exists()) {
            params::given(&self.inputs.params, &self.inputs.set, &documents)?
        } else {
            self.inputs.given.iter().map(SavedParam::given).collect()
        };
        for (name, value) in amended {
            let flag = format!("{name}={value}");
            given.retain(|(known, _)| known != name);
            given.extend(params::given(&[], &[flag], &documents)?);
        }
        let inputs = Inputs {
            params: given,
            environment: self.inputs.environment.clone(),
            only: self.inputs.only.clone(),
            skip: self.inputs.skip.clone(),
            from: self.inputs.from.clone(),
            history: load::history(&documents, runs, self.inputs.environment.as_deref()),
            run,
        };
        match plan::plan(&documents, &inputs) {
            Ok(plan) => Ok(Loaded { documents, plan }),
            Err(diagnostics) => Err(Failure::Invalid { sources: documents.sources, diagnostics }),
        }
    }

    /// What is different now, a line each; empty when nothing is. To be called in the plan's directory.
    #[must_use]
    pub fn differences(&self, now: &Loaded) -> Vec<String> {
        let mut lines = Vec::new();
        let mut current: BTreeMap<PathBuf, String> =
            documents(&now.documents).into_iter().map(|source| (source.path, source.text)).collect();
        for path in &self.inputs.params {
            if let Ok(text) = std::fs::read_to_string(path) {
                current.insert(path.clone(), text);
            }
        }
        let mut known = BTreeSet::new();
        for source in &self.sources {
            known.insert(source.path.clone());
            match current.get(&source.path) {
                Some(text) if *text == source.text => {}
                Some(text) => lines.extend(changed_lines(&source.path, &source.text, text)),
                None if self.inputs.params.contains(&source.path) => {
                    lines.push(format!("{}: is not there any more", source.path.display()));
                }
                None => lines.push(format!("{}: takes no part any more", source.path.display())),
            }
        }
        lines.extend(
            current.keys().filter(|path| !known.contains(*path)).map(|path| format!("{}: is new", path.display())),
        );
        let values = values(&now.plan);
        for (name, before) in &self.inputs.values {
            match values.get(name) {
                Some(value) if value == before => {}
                Some(value) => lines.push(format!("parameter `{name}`: {before} before, {value} now")),
                None => lines.push(format!("parameter `{name}`: {before} before, not there now")),
            }
        }
        for (name, value) in values.iter().filter(|(name, _)| !self.inputs.values.contains_key(*name)) {
            lines.push(format!("parameter `{name}`: new, {value}"));
        }
        if lines.is_empty() && self.source_digest != now.plan.source_digest {
            lines.push("the environment or the names of secrets are different".to_owned());
        }
        if lines.is_empty() && self.plan_digest != now.plan.plan_digest {
            lines.push("the same documents and inputs give another plan: another version of this program?".to_owned());
        }
        lines
    }
}

impl SavedParam {
    fn given(&self) -> (String, Given) {
        (self.name.clone(), Given { values: self.values.clone(), origin: self.origin.clone() })
    }
}

fn documents(documents: &Documents) -> Vec<Source> {
    documents.sources.files().iter().map(|file| source(&file.path, &file.text)).collect()
}

fn source(path: &Path, text: &str) -> Source {
    Source { path: path.to_path_buf(), digest: plan::digest_of_text(text), text: text.to_owned() }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("read {}: {error}", path.display())))
}

pub(super) fn values(plan: &Plan) -> Map<String, Value> {
    plan.frame(plan.root).params.iter().map(|(name, it)| (name.clone(), value::to_json(it))).collect()
}

/// The lines that are gone and those that are new, at most a few: the whole difference is between two files that people have.
fn changed_lines(path: &Path, before: &str, now: &str) -> Vec<String> {
    const SHOWN: usize = 3;
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    let place = format!("{}:{}", path.display(), same + 1);
    if gone.is_empty() && come.is_empty() {
        return vec![format!("{}: its line ends changed", path.display())];
    }
    let mut lines = vec![format!("{place}: changed")];
    for (mark, part) in [('-', gone), ('+', come)] {
        lines.extend(part.iter().take(SHOWN).map(|line| format!("  {mark} {line}")));
        if part.len() > SHOWN {
            lines.push(format!("  {mark} … and {} more", part.len() - SHOWN));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_its_place_and_its_lines() {
        let lines = changed_lines(Path::new("a.yaml"), "a\nb\nc\nd\n", "a\nB\nd\n");
        assert_eq!(lines, ["a.yaml:2: changed", "  - b", "  - c", "  + B"]);
        assert_eq!(changed_lines(Path::new("a"), "x\n", "x"), ["a: its line ends changed"]);
    }
}
