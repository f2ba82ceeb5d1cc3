//! From the command line to a plan, the same way for `run`, its dry run, and `graph`.

use crate::document::{self, Documents};
use crate::model::diagnostic::Diagnostic;
use crate::plan::{self, Inputs, Plan};

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
pub fn load(args: &PlanArgs, silent: bool) -> Result<Loaded, Failure> {
    let documents = document::load(&args.file, args.system.as_deref())
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })?;
    let given = params::given(&args.params, &args.set, &documents)?;
    let inputs = Inputs {
        params: given,
        environment: args.environment.clone(),
        only: args.only.clone(),
        skip: args.skip.clone(),
        from: args.from.clone(),
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
