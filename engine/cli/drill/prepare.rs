//! Everything that can be wrong with a drill is found before anything is made: the lab, the runbook, the plan, the fault, the
//! environment. The rehearsal of the same fault says what to expect.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::SubsecRound as _;

use super::{earlier, lab};
use crate::cli::args::{DrillRunArgs, PlanArgs};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::load::{self, Loaded};
use crate::document::{self, LabDocument};
use crate::drill::lab::Scene;
use crate::drill::{self, Known};
use crate::journal::Runs;
use crate::model::drill::Prediction;
use crate::model::lab::DrillDecl;
use crate::model::system::EnvironmentClass;
use crate::plan::Plan;
use crate::rehearse::{self, Broken, Setup};

/// An address that is nobody's, for what is only known once the lab stands.
const NOBODY: &str = "192.0.2.1";

/// What a drill is made of.
pub struct Prepared {
    /// The lab.
    pub document: LabDocument,
    /// Its file.
    pub lab: PathBuf,
    /// The system's file.
    pub system: PathBuf,
    /// What will be broken.
    pub fault: String,
    /// The runbook's name and title.
    pub runbook: (String, String),
    /// RTO and RPO, ms.
    pub objectives: (Option<u64>, Option<u64>),
    /// What to expect.
    pub predicted: Prediction,
    /// What is known of its steps.
    pub known: Known,
}

/// Reads and checks everything.
pub fn prepare(args: &DrillRunArgs, drills: &Path) -> Result<Prepared, Failure> {
    let name = runbook_name(&args.file)?;
    let file = lab::find(&name, args.lab.as_deref())?;
    let document = crate::cli::lab::load(&file)?;
    let decl = document.lab.drills.iter().find(|(runbook, _)| runbook.value == name).map(|(_, decl)| decl);
    let fault = fault(args, &document, decl, &name)?;
    let system = args.system.clone().unwrap_or_else(|| document.system_path.clone());
    let Loaded { plan, .. } = load::for_rehearsal(&plan_args(args, &document, decl, &system)?, true)?;
    refuse(&plan, &document)?;
    let runs = Runs::new(drills);
    let earlier = earlier::of(&runs, &document.lab.name.value, &name, &fault);
    let estimates = plan.nodes.iter().filter_map(|node| Some((node.id.clone(), millis(node.estimate?)))).collect();
    let ms = |time: Option<std::time::Duration>| time.map(millis);
    let objectives = (ms(plan.objectives.rto), ms(plan.objectives.rpo));
    let runbook = (name, plan.title.clone());
    let predicted = drill::predict(rehearsed(plan, &fault), earlier.recoveries);
    let known = Known { estimates, p50: earlier.p50 };
    Ok(Prepared { document, lab: file, system, fault, runbook, objectives, predicted, known })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The runbook's own name, by which a lab says how it is drilled.
fn runbook_name(file: &Path) -> Result<String, Failure> {
    let documents = document::load(file, None)
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })?;
    let name = documents.runbooks.get(&documents.root).map(|runbook| runbook.name.value.clone());
    name.ok_or_else(|| Failure::usage(format!("{} is no runbook", file.display())))
}

fn fault(
    args: &DrillRunArgs,
    document: &LabDocument,
    decl: Option<&DrillDecl>,
    runbook: &str,
) -> Result<String, Failure> {
    let known: Vec<&str> = document.lab.faults.iter().map(|(name, _)| name.value.as_str()).collect();
    let list = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    match (&args.fault, decl) {
        (Some(fault), _) if known.contains(&fault.as_str()) => Ok(fault.clone()),
        (Some(fault), _) => {
            Err(Failure::usage(format!("lab `{}` has no fault `{fault}`", document.lab.name.value)).help(list))
        }
        (None, Some(decl)) => Ok(decl.fault.value.clone()),
        (None, None) => {
            Err(Failure::usage(format!("lab `{}` does not say how `{runbook}` is drilled", document.lab.name.value))
                .help(format!("say what is broken with --fault, or add the runbook under `drills:`; {list}")))
        }
    }
}

/// The plan as the drill's engine will make it; what is only known later is nobody's address and now.
fn plan_args(
    args: &DrillRunArgs,
    document: &LabDocument,
    decl: Option<&DrillDecl>,
    system: &Path,
) -> Result<PlanArgs, Failure> {
    let lab = &document.lab;
    let scene = Scene {
        name: lab.name.value.clone(),
        addresses: lab.machine_names().map(|name| (name.value.clone(), NOBODY.to_owned())).collect(),
        fault_at: Some(crate::cli::identity::wall()),
    };
    let mut set = Vec::new();
    for (name, texts) in decl.iter().flat_map(|decl| &decl.set) {
        let values = texts.iter().map(|text| scene.text(text)).collect::<Result<Vec<_>, _>>();
        set.push(format!("{}={}", name.value, values.map_err(crate::cli::lab::failure)?.join(",")));
    }
    set.extend(args.set.iter().cloned());
    Ok(PlanArgs {
        file: args.file.clone(),
        system: Some(system.to_path_buf()),
        environment: Some(lab.environment.value.clone()),
        set,
        params: Vec::new(),
        only: Vec::new(),
        skip: Vec::new(),
        from: None,
    })
}

/// What does not say of itself that it is a lab, and cannot prove it, is not drilled.
fn refuse(plan: &Plan, document: &LabDocument) -> Result<(), Failure> {
    let environment = &document.lab.environment.value;
    let help = "a drill breaks things for real: its environment has `class: lab` and an `identity:` probe that passes in the lab only";
    let Some(chosen) = &plan.environment else {
        return Err(Failure::advised(
            Exit::Refused,
            format!("the system has no environment `{environment}`; nothing was made"),
            help,
        ));
    };
    if chosen.class != EnvironmentClass::Lab {
        return Err(Failure::advised(
            Exit::Refused,
            format!("environment `{environment}` is no lab; nothing was made"),
            help,
        ));
    }
    if chosen.identity.is_none() {
        let why = format!("environment `{environment}` has no identity probe; nothing was made");
        return Err(Failure::advised(Exit::Refused, why, help));
    }
    Ok(())
}

/// What the rehearsal of the same fault takes; the runbook's first where it does not know this one. None: it cannot be rehearsed.
fn rehearsed(plan: Plan, fault: &str) -> Option<u64> {
    let plan = Arc::new(plan);
    let broken = if plan.faults.iter().any(|known| known.name == fault) {
        Broken::Named(fault.to_owned())
    } else {
        Broken::Default
    };
    let setup = Setup {
        broken,
        world: Vec::new(),
        began: plan.run.started.trunc_subsecs(0),
        seed: 1,
        answers: BTreeMap::new(),
    };
    let (stage, name) = rehearse::stage(&plan, &setup).ok()?;
    let rehearsed = rehearse::rehearse(&stage, &rehearse::options(&plan, None), &[], name);
    rehearsed.end.claims_success().then_some(rehearsed.end.elapsed_ms)
}
