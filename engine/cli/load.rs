//! From the command line to a plan, the same way for `run`, its dry run, and `graph`.

use crate::document::{self, Documents};
use crate::journal::Runs;
use crate::model::diagnostic::Diagnostic;
use crate::plan::{self, History, Inputs, Plan};
use crate::report::earlier;

use super::args::PlanArgs;
use super::failure::Failure;
use super::{diagnostics, identity, params};

/// Said where no environment is chosen although there is a choice: a matter of runs alone.
pub const NO_ENVIRONMENT: &str = "plan::no_environment";

/// A plan with the sources that its places need.
pub struct Loaded {
    /// What was read.
    pub documents: Documents,
    /// What will be done.
    pub plan: Plan,
}

/// Reads the documents and plans. Warnings are shown on standard error unless `silent`.
pub fn load(args: &PlanArgs, runs: &Runs, silent: bool) -> Result<Loaded, Failure> {
    let documents = read(args)?;
    let history = history(&documents, runs, args.environment.as_deref());
    let loaded = plan_of(documents, args, history)?;
    if !silent {
        loaded.show_warnings();
    }
    Ok(loaded)
}

/// The same for a rehearsal: only the documents count, not what happened on this machine before.
pub fn for_rehearsal(args: &PlanArgs, silent: bool) -> Result<Loaded, Failure> {
    let mut loaded = plan_of(read(args)?, args, History::new())?;
    // Nothing is proved by its identity here: that none is chosen is a matter of a run.
    loaded.plan.warnings.retain(|one| one.code != NO_ENVIRONMENT);
    if !silent {
        loaded.show_warnings();
    }
    Ok(loaded)
}

impl Loaded {
    fn show_warnings(&self) {
        let all: Vec<Diagnostic> = self.documents.warnings.iter().chain(&self.plan.warnings).cloned().collect();
        diagnostics::show(&[(&self.documents.sources, &all)], false);
    }
}

fn read(args: &PlanArgs) -> Result<Documents, Failure> {
    document::load(&args.file, args.system.as_deref())
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })
}

fn plan_of(documents: Documents, args: &PlanArgs, history: History) -> Result<Loaded, Failure> {
    let given = params::given(&args.params, &args.set, &documents)?;
    let inputs = Inputs {
        params: given,
        environment: args.environment.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        from: args.from.clone(),
        history,
        ..Inputs::new(identity::new())
    };
    match plan::plan(&documents, &inputs) {
        Ok(plan) => Ok(Loaded { documents, plan }),
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
    earlier::of(runs, &runbook.name.value, system.map(|system| system.name.value.as_str()), environment)
}
