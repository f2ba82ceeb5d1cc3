//! Saved plans: `run --dry-run --out plan.json` writes one, `run plan.json` runs exactly that, or refuses and says every difference. The
//! plan itself is made again from the documents: the file cannot smuggle in a step that they do not have.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::RunArgs;
use super::exit::Exit;
use super::facts::{self, Facts};
use super::failure::Failure;
use super::identity;
use super::load::Loaded;
use super::saved::Saved;
use crate::execute::preview::Preview;
use crate::plan::{History, Plan};
use crate::report::preview as shown;

/// What the file says it is.
const KIND: &str = "runbook plan";
/// What `plan.json` in a run's directory says it is.
pub const KIND_OF_A_RUN: &str = "plan of a run";
/// The format.
const VERSION: u32 = 1;

/// The file.
#[derive(Serialize, Deserialize)]
struct SavedPlan {
    v: u32,
    kind: String,
    /// The program that wrote it.
    engine: String,
    saved: Saved,
    facts: Facts,
    /// What the dry run said, for people; not read back.
    preview: Value,
}

/// Writes a plan: sorted keys, whole numbers, 0600. A file that is there is replaced.
pub fn write(path: &Path, plan: &Plan, saved: Saved, preview: &Preview) -> Result<(), Failure> {
    let file = SavedPlan {
        v: VERSION,
        kind: KIND.to_owned(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        facts: facts::of(plan, preview),
        preview: shown::json(plan, preview),
        saved,
    };
    let mut value =
        serde_json::to_value(&file).map_err(|error| Failure::Internal(format!("write the plan: {error}")))?;
    value.sort_all_objects();
    whole_numbers(&mut value);
    let text = format!("{value:#}\n");
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(|error| Failure::Storage(format!("write {}: {error}", path.display())))
}

/// A fraction as text: its shortest form is the same everywhere.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// True for a file that says it is a plan, of either kind; a runbook never does.
pub fn is_one(path: &Path) -> bool {
    kind(path).is_some_and(|kind| kind == KIND || kind == KIND_OF_A_RUN)
}

fn kind(path: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let bytes = std::fs::read(path).ok()?;
    let kind: Kind = serde_json::from_slice(&bytes).ok()?;
    Some(kind.kind)
}

/// The plan of a file, made again. Goes to the directory where it was made.
///
/// # Errors
/// Anything that differs from when it was saved: refused, with every difference.
pub fn load(args: &RunArgs) -> Result<(Loaded, Saved), Failure> {
    let path = &args.plan.file;
    let unusable = |why: String| Failure::usage(format!("use the saved plan {}: {why}", path.display()));
    if kind(path).as_deref() == Some(KIND_OF_A_RUN) {
        let help = "runbook resume goes on with that run; a plan to run is saved with --dry-run --out";
        return Err(unusable("it is the plan of a run that began already".to_owned()).help(help));
    }
    refuse_inputs(args)?;
    let bytes = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let file: SavedPlan = serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?;
    if file.v != VERSION {
        return Err(unusable(format!("it has format {}, this program reads format {VERSION}", file.v)));
    }
    file.saved.enter()?;
    let loaded = match file.saved.plan(identity::new(), &[], History::new()) {
        Ok(loaded) => loaded,
        Err(failure @ Failure::Invalid { .. }) => {
            let message = format!("the documents give no plan any more: {}; nothing was changed", failure.message());
            return Err(Failure::advised(Exit::Refused, message, "runbook check names every mistake"));
        }
        Err(failure) => return Err(failure),
    };
    let own = loaded.plan.environment.as_ref().map(|environment| environment.name.as_str());
    if let Some(named) = args.plan.environment.as_deref().filter(|named| own != Some(named)) {
        return Err(unusable(format!("its environment is {}, not `{named}`", own.unwrap_or("none"))));
    }
    let mut differences = file.saved.differences(&loaded);
    differences.extend(facts::differences(&loaded.plan, &file.facts));
    if differences.is_empty() {
        let run = loaded.plan.run.clone();
        return Ok((loaded, Saved { run, ..file.saved }));
    }
    let message = format!(
        "this is not what was saved in {}; nothing was changed\n  {}",
        path.display(),
        differences.join("\n  ")
    );
    let help = "look at the differences, then save the plan anew: runbook run FILE --dry-run --out PLAN";
    Err(Failure::advised(Exit::Refused, message, help))
}

/// The file says what is run: nothing can be added to it.
fn refuse_inputs(args: &RunArgs) -> Result<(), Failure> {
    let plan = &args.plan;
    let flags = [
        ("--system", plan.system.is_some()),
        ("--set", !plan.set.is_empty()),
        ("--params", !plan.params.is_empty()),
        ("--only", !plan.only.is_empty()),
        ("--skip", !plan.skip.is_empty()),
        ("--from", plan.from.is_some()),
        ("--out", args.out.is_some()),
    ];
    match flags.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::usage(format!("a saved plan is run as it is: {flag} cannot change it"))
            .help("save another one: runbook run FILE --dry-run --out PLAN")),
        None => Ok(()),
    }
}
