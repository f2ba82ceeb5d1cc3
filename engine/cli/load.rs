//! From the command line to a plan, the same way for `run`, its dry run, and `graph`.

use crate::document::{self, Documents};
use crate::journal::Runs;
use crate::model::diagnostic::Diagnostic;
use crate::plan::{self, History, Inputs, Plan};
use crate::report::history;

use super::args::PlanArgs;
use super::failure::Failure;
use super::{diagnostics, identity, params};

/// A plan with the sources that its places need.
pub struct Loaded {
    /// What was read.
    pub documents: Documents,
    /// What will be done.
    pub plan: Plan,
}

/// Reads the documents and plans. Warnings are shown on standard error unless `silent`.
pub fn load(args: &PlanArgs, runs: &Runs, silent: bool) -> Result<Loaded, Failure> {
    let documents = document::load(&args.file, args.system.as_deref())
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })?;
    let given = params::given(&args.params, &args.set, &documents)?;
    let inputs = Inputs {
        params: given,
        environment: args.environment.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        from: args.from.clone(),
        history: history(&documents, runs, args.environment.as_deref()),
        ..Inputs::new(identity::new())
    };
    match plan::plan(&documents, &inputs) {
        Ok(plan) => {
            if !silent {
                let warnings: Vec<Diagnostic> = documents.warnings.iter().chain(&plan.warnings).cloned().collect();
                diagnostics::show(&[(&documents.sources, &warnings)], false);
            }
            Ok(Loaded { documents, plan })
        }
        Err(mut errors) => {
            errors.splice(0..0, documents.warnings);
            Err(Failure::Invalid { sources: documents.sources, diagnostics: errors })
        }
    }
}

/// How long the steps took in earlier runs of the same runbook, system and environment.
pub fn history(documents: &Documents, runs: &Runs, environment: Option<&str>) -> History {
    let Some(runbook) = documents.runbooks.get(&documents.root) else { return History::new() };
    let system = documents.system.as_ref();
    let environment = plan::chosen_environment(system, environment);
    history::of(runs, &runbook.name.value, system.map(|system| system.name.value.as_str()), environment)
}
