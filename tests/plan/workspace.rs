//! Documents in a directory of their own, planned or checked.

use std::path::PathBuf;

use chrono::DateTime;
use runbook::document;
use runbook::model::diagnostic::Diagnostic;
use runbook::model::id::{RunId, StepId};
use runbook::model::source::SourceMap;
use runbook::plan::test::Case;
use runbook::plan::{self, Given, Inputs, Node, Plan, RunIdentity, Timing};
use tempfile::TempDir;

/// A directory with documents and what the command line says.
#[must_use]
pub struct Workspace {
    dir: TempDir,
    root: PathBuf,
    inputs: Inputs,
}

impl Workspace {
    /// A runbook by its steps and whatever else stands at its top level.
    pub fn new(body: &str) -> Self {
        Self::empty().runbook("main", body)
    }

    fn empty() -> Self {
        let dir = tempfile::tempdir().expect("a directory for the test");
        let run = RunIdentity {
            id: RunId("01TEST".to_owned()),
            stamp: "20261121-050301".to_owned(),
            started: DateTime::UNIX_EPOCH,
            operator: "ops@host".to_owned(),
        };
        let inputs = Inputs::new(run);
        Self { root: dir.path().join("main.yaml"), dir, inputs }
    }

    /// A file of the repository, in place.
    pub fn file(path: &str) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
        Self { root, ..Self::empty() }
    }

    /// A further runbook, `NAME.yaml`.
    pub fn runbook(self, name: &str, body: &str) -> Self {
        self.with(name, &format!("kind: runbook/v1\nname: {name}\n{body}"))
    }

    /// The system, `system.yaml`, which runbooks name by `system: system.yaml`.
    pub fn system(self, body: &str) -> Self {
        self.with("system", &format!("kind: system/v1\nname: shop\n{body}"))
    }

    fn with(self, name: &str, text: &str) -> Self {
        std::fs::write(self.dir.path().join(format!("{name}.yaml")), text).expect("a file for the test");
        self
    }

    /// `--set NAME=VALUE`.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let given = Given { values: vec![value.to_owned()], origin: format!("--set {name}={value}") };
        self.inputs.params.push((name.to_owned(), given));
        self
    }

    /// `--environment`.
    pub fn environment(mut self, name: &str) -> Self {
        self.inputs.environment = Some(name.to_owned());
        self
    }

    /// `--only`.
    pub fn only(mut self, id: &str) -> Self {
        self.inputs.only.push(id.to_owned());
        self
    }

    /// `--from`.
    pub fn starting_at(mut self, id: &str) -> Self {
        self.inputs.from = Some(id.to_owned());
        self
    }

    /// What earlier runs took.
    pub fn history(mut self, step: &str, seconds: [u64; 2], runs: u32) -> Self {
        let [p50, p90] = seconds.map(std::time::Duration::from_secs);
        self.inputs.history.insert(StepId(step.to_owned()), Timing { p50, p90, runs });
        self
    }

    /// `--skip`.
    pub fn skip(mut self, id: &str) -> Self {
        self.inputs.skip.push(id.to_owned());
        self
    }

    fn load(&self) -> document::Documents {
        document::load(&self.root, None).unwrap_or_else(|invalid| {
            panic!("the documents are valid: {:#?}", shown(&invalid.diagnostics, &invalid.sources))
        })
    }

    /// The plan.
    pub fn plan(&self) -> Plan {
        let documents = self.load();
        plan::plan(&documents, &self.inputs)
            .unwrap_or_else(|found| panic!("there is a plan: {:#?}", shown(&found, &documents.sources)))
    }

    /// What keeps it from being planned: `code line:column message (help)`.
    pub fn refused(&self) -> Vec<String> {
        let documents = self.load();
        match plan::plan(&documents, &self.inputs) {
            Ok(_) => Vec::new(),
            Err(found) => shown(&found, &documents.sources),
        }
    }

    /// Every case of a test of the runbook, or what is wrong with it.
    pub fn cases(self, body: &str) -> Vec<Result<(Plan, Case), Vec<String>>> {
        let workspace = self.with("main_test", &format!("kind: test/v1\n{body}"));
        let document =
            document::load_test(&workspace.root.with_file_name("main_test.yaml")).unwrap_or_else(|invalid| {
                panic!("the test is valid: {:#?}", shown(&invalid.diagnostics, &invalid.sources))
            });
        let compiled = |case| plan::test::compile(&document, case, &workspace.inputs.run);
        let cases = document.test.cases.iter().map(compiled);
        cases.map(|case| case.map_err(|found| shown(&found, &document.documents.sources))).collect()
    }

    /// What `check` says.
    pub fn check(&self) -> Vec<String> {
        let documents = self.load();
        shown(&plan::check(&documents), &documents.sources)
    }
}

fn shown(found: &[Diagnostic], sources: &SourceMap) -> Vec<String> {
    let one = |found: &Diagnostic| {
        let place = found.span.map_or_else(String::new, |span| {
            let position = sources.position(span);
            format!(" {}:{}", position.line, position.column)
        });
        let help = found.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}{place} {}{help}", found.code, found.message)
    };
    found.iter().map(one).collect()
}

/// A step by its id.
pub fn step<'a>(plan: &'a Plan, id: &str) -> &'a Node {
    let ids = || plan.nodes.iter().map(|node| node.id.0.as_str()).collect::<Vec<_>>();
    plan.nodes.iter().find(|node| node.id.0 == id).unwrap_or_else(|| panic!("there is a step {id} among {:?}", ids()))
}

/// The names of what a step waits for.
pub fn needs(plan: &Plan, id: &str) -> Vec<String> {
    let mut names: Vec<String> = step(plan, id).needs.iter().map(|ix| plan.node(*ix).name.clone()).collect();
    names.sort();
    names
}

/// Waves as ids.
pub fn waves(plan: &Plan) -> Vec<Vec<&str>> {
    plan.budget.waves.iter().map(|wave| wave.iter().map(|id| id.0.as_str()).collect()).collect()
}
