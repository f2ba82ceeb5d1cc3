//! What a run of one runbook would need.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Check, outside};
use crate::cli::args::{DoctorArgs, PlanArgs};
use crate::cli::dry_run::LocalProber;
use crate::cli::failure::Failure;
use crate::cli::{guard, load, masked, secrets, trust};
use crate::execute::BootClock;
use crate::execute::preview::{self, Verdict};
use crate::journal::lock::LockDirectory;
use crate::journal::{Lock, Runs};
use crate::model::port::Clock;
use crate::plan::Plan;
use crate::runner::capture;
use crate::runner::secrets::resolve;
use crate::secret::Masker;

/// Documents, programs, secrets, identity, locks, signers, and whether we stand outside.
pub fn checks(args: &DoctorArgs, file: &Path, runs: &Runs, checks: &mut Vec<Check>) -> Result<(), Failure> {
    let plan_args = PlanArgs {
        file: file.to_path_buf(),
        system: args.system.clone(),
        environment: args.environment.clone(),
        set: args.set.clone(),
        params: args.params.clone(),
        only: Vec::new(),
        skip: Vec::new(),
        from: None,
    };
    let loaded = load::load(&plan_args, runs, args.json)?;
    checks.push(documents(&loaded));
    programs(&loaded.plan, checks);
    for (name, declared) in &loaded.plan.secrets {
        let name = format!("secret {name}");
        checks.push(match resolve([(name.as_str(), declared)]) {
            Ok(_) => Check::ok(name, "can be read"),
            Err(errors) => {
                let why = errors.into_iter().next().map(|error| error.why).unwrap_or_default();
                Check::fail(name, why, "set it, or give it a `default:`")
            }
        });
    }
    checks.extend(lock(&loaded.plan));
    let directory = loaded.documents.system.as_ref().map(|system| {
        let file = &loaded.documents.sources.file(system.file).path;
        file.parent().unwrap_or(Path::new("")).to_path_buf()
    });
    checks.extend(signers(&loaded.plan, directory.as_deref()));
    if let (Some(system), Some(directory)) = (&loaded.documents.system, &directory) {
        checks.extend(outside::checks(system, directory, runs));
    }
    let secrets = secrets::available(&loaded, true);
    let masker = Masker::new(&secrets);
    let plan = Arc::new(loaded.plan);
    let mut prober = LocalProber::new(secrets, &plan.run.id.0)?;
    checks.extend(identity(&plan, &mut prober, &masker));
    Ok(())
}

fn documents(loaded: &load::Loaded) -> Check {
    let files = guard::what_is_run(loaded);
    match files.iter().find_map(|file| trust::writable_by_others(file)) {
        None => {
            Check::ok("documents", format!("{}: {} files", loaded.plan.name, loaded.documents.sources.files().len()))
        }
        Some(open) => {
            let next = format!("chmod go-w {}", open.path.display());
            let is_root = nix::unistd::geteuid().is_root();
            let check = if is_root { Check::fail } else { Check::warn };
            check("documents".to_owned(), open.to_string(), next)
        }
    }
}

fn programs(plan: &Plan, checks: &mut Vec<Check>) {
    let certain = plan.certain_tools();
    for (program, step) in &plan.tools {
        let name = format!("program {program}");
        if which::which(program).is_ok() {
            checks.push(Check::ok(name, capture::version(program).unwrap_or_else(|| "is there".to_owned())));
        } else if let Some(step) = certain.get(program) {
            checks.push(Check::fail(
                name,
                format!("is not there, and `{step}` needs it"),
                "install it, or correct PATH",
            ));
        } else {
            checks.push(Check::warn(
                name,
                format!("is not there, and `{step}` may need it"),
                "install it, or correct PATH",
            ));
        }
    }
}

fn lock(plan: &Plan) -> Option<Check> {
    let system = plan.system.as_ref()?;
    let environment = plan.environment.as_ref().map(|environment| environment.name.as_str());
    let name = format!("lock of {system}{}", environment.map(|it| format!("/{it}")).unwrap_or_default());
    let locks = LockDirectory::choose(|name| std::env::var_os(name)).ok()?;
    Some(match Lock::holder(&locks.path, system, environment) {
        Ok(None) => Check::ok(name, "free"),
        Ok(Some(holder)) => {
            let next = format!("wait for it: runbook status {}", holder.run);
            Check::fail(name, format!("held by {holder}"), next)
        }
        Err(error) => Check::fail(name, error.to_string(), "look at the directory of locks"),
    })
}

/// Approvals are only as good as the identity behind them.
fn signers(plan: &Plan, system: Option<&Path>) -> Option<Check> {
    plan.nodes.iter().find(|node| node.pruned.is_none() && node.approve.is_some())?;
    let named = std::env::var_os("RUNBOOK_ALLOWED_SIGNERS").filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = named.or_else(|| system.map(|directory| directory.join("allowed_signers")))?;
    let shown = path.display();
    let next = "without it approvals are shown as unverified; see `ssh-keygen -Y verify`";
    Some(match std::fs::read_to_string(&path) {
        Err(error) => Check::warn("allowed signers", format!("{shown}: {error}"), next),
        Ok(_) if which::which("ssh-keygen").is_err() => {
            Check::warn("allowed signers", "ssh-keygen is not there: no signature can be checked", "install OpenSSH")
        }
        Ok(_) => match trust::writable_by_others(&path) {
            Some(open) => {
                Check::fail("allowed signers", open.to_string(), format!("chmod go-w {}", open.path.display()))
            }
            None => Check::ok("allowed signers", shown.to_string()),
        },
    })
}

fn identity(plan: &Arc<Plan>, prober: &mut LocalProber, masker: &Masker) -> Option<Check> {
    let environment = plan.environment.as_ref()?;
    let name = format!("identity of {}", environment.name);
    let mut found = preview::identity(plan, BootClock::start().now(), prober);
    if let Some(found) = &mut found {
        masked::verdict(masker, found);
    }
    Some(match found {
        None => {
            Check::warn(name, "nothing proves it", "give the environment an `identity:`; --yes counts only with one")
        }
        Some(Verdict::ProbePassed) => Check::ok(name, "is proved"),
        Some(Verdict::ProbeFailed { why } | Verdict::Broken { why }) => {
            Check::fail(name, why, "this is another place, or it cannot be asked from here")
        }
        Some(other) => Check::fail(name, format!("{other:?}"), "it cannot be asked from here"),
    })
}
